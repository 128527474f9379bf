# %% [markdown]
# ## By which rules do you fly?
#
# Halden, an invented mail-order shop, wants a model in place of the rules that pick offers today. Eight people, forty weeks, 2.2 million dollars; week 26 was
# promised. Nobody knows how good the model can become. Mira Kahn, who pays, asks:
#
# > **When do you launch, when do you change course, and when do you stop? I want the rules before week 1.**
#
# You will run such a program once or twice in a career. A simulator lets you run three hundred before lunch, and see which rules deserve her signature. It is a model for practising decisions, not a
# forecast: most of its numbers are assumptions, and `load_scenario("standard").table()` says which.
#
# ## A week

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from tpmkit.simulator import BASELINES, Program, cvar, debrief_figure, fly, load_scenario, references

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
pd.set_option("display.max_colwidth", 90)
program = Program("standard", seed=7)
now = program.obs
print({name: round(now[name], 2) for name in ("budget_left", "headcount", "trust", "quality", "bar", "platform")})

# %% [markdown]
# That is what you see (money in k\$): noisy reviews, and an offline `quality` far below the `bar`, which is what today's rules achieve. A live model earns by the distance above the bar. What the approach can reach at
# most is hidden. You answer with an *action*; what you leave out has a default:
#
# | key | values |
# |---|---|
# | `alloc` | weights for data, model, platform, governance, debt |
# | `hire`, `pace` | -1, 0, 1; `"normal"` or `"crunch"` |
# | `comms`, `mitigate` | 0, 1, 2: how much you tell stakeholders; one risk to watch |
# | `option` | `"continue"`, `"pivot"`, `"shadow"`, `"launch"`, `"rollback"`, `"kill"` |

# %%
plan = {"alloc": {"data": 4, "model": 3, "platform": 2, "governance": 2}, "comms": 0}
for week in range(12):
    obs, reward, ended, _, info = program.step(plan)
    for event in info["events"]:
        print(f"week {event['week']}: {event['event']} ({event['cause']})")
print(f"after 12 weeks: quality {obs['quality']:.2f}, trust {obs['trust']:.2f}, net {info['net']:,.0f} k$")

# %% [markdown]
# ## Read the trace
#
# Trust began at 0.60. Whose fault is the rest? The trace holds every rule that moved a state, in order, so that "trust is low" becomes a sum:

# %%
trace = program.trace()
trust = trace[trace["state"] == "trust"]
trust.groupby("rule")["change"].agg(["count", "sum"]).sort_values("sum").round(2)

# %% [markdown]
# Three things went wrong, and none of them touched trust: it fell because nobody told anybody anything (`comms` is 0). A status report says *trust is red*, and a meeting would have blamed the outages. The trace
# says *no news, {{ len(trust)}} times*, which names its own remedy. Before you explain a number, list what moved it.
#
# ## Long weeks

# %% [markdown] prompt="predict_crunch"
# **Predict first.** In the tutorial (same luck in every run, exact measurements) two teams work alike until week 4. Then one does long weeks, which give a quarter more output at first. In which week is it
# behind?
#
# <details><summary>Answer</summary>
#
# In week 8, after three weeks of gain. Fatigue, low morale and shortcuts take it back, somebody leaves, and the gap keeps growing.
#
# </details>

# %% alt="Output per week of two teams. From week 5 the team with long weeks rises from 5.4 to 6.4 person-weeks, falls below the other team in week 8 and to 3.6 in week 20; the other rises slowly to 5.9."
calm, long = Program("tutorial"), Program("tutorial")
for week in range(20):
    calm.step({})
    long.step({"pace": "crunch" if week >= 4 else "normal"})
fig, ax = plt.subplots(figsize=(8, 3))
_ = ax.plot(calm.history()["output"][1:], color="#005a87", label="normal weeks")
_ = ax.plot(long.history()["output"][1:], "--", color="#d95f02", label="long weeks from week 5")
_ = ax.set(xlabel="week", ylabel="person-weeks of work done", ylim=(0, 7), xticks=range(0, 21, 5))
_ = ax.set_title("Three weeks of gain, then a loss that stays", loc="left")
_ = ax.legend(frameon=False, loc="lower left")

# %%
output = pd.DataFrame({"normal": calm.history()["output"], "long": long.history()["output"]})
behind = output.index[(output["long"] < output["normal"])][0]
print(f"behind from week {behind}; all twenty weeks: {output['long'].sum() / output['normal'].sum() - 1:+.0%}")

# %% [markdown]
# **So what.** Long weeks are a loan for two or three weeks before a fixed date. Whoever plans eight of them has planned a slower team, and pays 15% more for it.
#
# ## One flight proves nothing
#
# Two ways to run Halden's program. *Date-driven*: launch in week 20 whatever the evidence, little governance. *Gated*: shadow and launch when quality and governance pass their gates, a pivot in week 12 and a
# stop in week 22 by rule. One flight each, on two seeds:

# %%
for seed in (11, 2):
    nets = {name: fly(BASELINES[name], "standard", [seed]).net[0] for name in ("date_driven", "gated")}
    print(f"seed {seed}:", {name: f"{net:+,.0f} k$" for name, net in nets.items()})

# %% [markdown] prompt="predict_luck"
# **Predict first.** Over 300 programs the standard deviation of the net is about 2,000 k\$ with gates. You compare the two policies twice: on 300 programs with *other* luck each, and on 300 with the *same* luck, pair by
# pair. How much smaller is the standard error of the difference the second time?
#
# <details><summary>Answer</summary>
#
# About half. What luck does to both, such as a poor ceiling or a sponsor who leaves, cancels. To halve it otherwise you would need four times as many programs.
#
# </details>

# %%
seeds = range(300)
flown = references("standard", seeds)  # date_driven, gated, expert
naive, gated = flown["date_driven"].net, flown["gated"].net
difference = gated - naive
errors = {
    "other luck": np.hypot(gated.std(ddof=1), naive.std(ddof=1)) / 300**0.5,
    "same luck": difference.std(ddof=1) / 300**0.5,
}
print(f"gated is {difference.mean():,.0f} k$ ahead, in {(difference > 0).mean():.0%} of the programs")
print({name: f"± {error:.0f}" for name, error in errors.items()})

# %% [markdown]
# Every seed fixes the luck before the first week, whatever you decide. So the two flights of a seed are *common random numbers*, and the difference is what the decisions made: {{ difference.mean():,.0f}} k\$, give or take
# {{ 2 * errors["same luck"]:.0f}} (two standard errors). And yet fixed dates make money in {{ (naive > 0).mean():.0%}} of the programs, and gates lose it in {{ (gated < 0).mean():.0%}}: one outcome says little about
# the decisions behind it.
#
# ## Mean and tail

# %%
rows = {}
for name in ("date_driven", "hire_when_late", "idle", "perfectionist", "kill_now", "gated"):
    net = fly(BASELINES[name], "standard", seeds).net
    rows[name] = [net.mean(), net.std(ddof=1) / 300**0.5, cvar(net), 100 * (net > 0).mean()]
rows["expert"] = [(e := flown["expert"].net).mean(), e.std(ddof=1) / 300**0.5, cvar(e), 100 * (e > 0).mean()]
table = pd.DataFrame(rows, index=["mean", "error", "worst tenth", "in profit, %"]).T.round(0)
table.sort_values("mean").astype(int)

# %% [markdown]
# - *Stopping in the first week* beats everything except gates and the tuned expert: a program that nobody knows how to run is worth {{ table.loc["kill_now", "mean"]:.0f}}.
# - *Hire when late* adds six people in six weeks from week 14. Newcomers learn for twelve weeks and take half of somebody's time. Brooks's law, in money: {{ table.loc["hire_when_late", "mean"]:,.0f}}.
# - *Perfectionist* waits for 0.9 and tells nobody. One program in {{ 100 / table.loc["perfectionist", "in profit, %"]:.0f}} makes money; sponsors cancel the others.
# - *Gated* is far ahead on average, and its worst tenth still loses {{ -table.loc["gated", "worst tenth"]:,.0f}}. A mean and a tail are two questions; Mira may have a line for each.
#
# The *expert* is a policy of the same kind whose thresholds were tuned on other seeds. It is {{ table.loc["expert", "mean"] - table.loc["gated", "mean"]:,.0f}} ahead of the doctrine. Where does the doctrine lose?
#
# ## What a gate costs
#
# The textbook's rules, with four numbers that can be turned:

# %%
def gates(gate=0.6, governance=0.7, pivot=(12, 0.36), team=8):
    def policy(obs, memory):
        week, stage, option = obs["week"], obs["stage"], "continue"
        quality = memory["q"] = 0.6 * memory.get("q", obs["quality"]) + 0.4 * obs["quality"]
        if stage == "build":
            work = (0.4, 0.25, 0.15, 0.15, 0.05) if week < 7 else (0.22, 0.36, 0.2, 0.17, 0.05)
            if week == pivot[0] and quality < pivot[1]:
                option = "pivot"
            elif week == 22 and quality < 0.46:
                option = "kill"
            elif week >= 11 and obs["platform"] > 0.5 and obs["governance"] > 0.55 and quality > gate:
                option = "shadow"
        elif stage == "shadow":
            work = (0.15, 0.35, 0.2, 0.2, 0.1)
            if week >= 30 and quality < gate - 0.04:
                option = "kill"
            elif obs["weeks_in_stage"] >= 2 and quality > gate and obs["governance"] > governance:
                option = "launch"
        else:
            work = (0.25, 0.3, 0.05, 0.15, 0.25)
        return {
            "alloc": work, "option": option, "comms": 2 if obs["trust"] < 0.55 else 1,
            "mitigate": "privacy_finding" if week < 12 else None,
            "hire": (obs["headcount"] < team) - (obs["headcount"] > team),
        }  # fmt: skip

    return policy

# %% [markdown] prompt="predict_gate"
# **Predict first.** The bar is 0.5, and a launch needs 0.6. One change at a time: a quality gate of 0.53; a governance gate of 0.55 instead of 0.7; the pivot in week 10 below 0.40 instead of week 12 below 0.36; ten people
# instead of eight. Which one pays most, and which one loses?
#
# <details><summary>Answer</summary>
#
# The earlier pivot pays most, ten people lose: they cost for forty weeks, newcomers slow the others down, and the money runs out before the product has earned it back.
#
# </details>

# %%
changes = {
    "quality gate 0.53": {"gate": 0.53},
    "governance gate 0.55": {"governance": 0.55},
    "pivot week 10 below 0.40": {"pivot": (10, 0.40)},
    "ten people": {"team": 10},
}
book = {name: fly(gates(), name, seeds) for name in ("standard", "regulated")}
rows = {}
for label, change in changes.items():
    for scenario, before in book.items():
        gain = fly(gates(**change), scenario, seeds).net - before.net
        rows.setdefault(label, []).extend([gain.mean(), gain.std(ddof=1) / 300**0.5])
columns = pd.MultiIndex.from_product([book, ["gain", "error"]])
worth = pd.DataFrame(rows, index=columns).T.round(0).astype(int)
worth

# %% [markdown]
# For *standard* two gates stand too high and the pivot comes too late. Each week of waiting for 0.6 costs a week's earnings, while a model at 0.53 already pays for its team and goes on improving while it is live. The governance gate of 0.7 costs
# {{ worth.loc["governance gate 0.55", ("standard", "gain")]}}. In *regulated*, where an incident costs three times as much and nothing launches below 0.7, the same change brings {{ worth.loc["governance gate 0.55", ("regulated", "gain")]}}: there the old gate is right.
#
# **So what.** A gate is a price, not a virtue. Set it from what a week of waiting costs and what a bad launch costs, and set it anew for each program. One warning: in this model shadow only measures. It finds no harm that
# offline tests miss. In yours it does, so do not read a shorter shadow out of this table.
#
# ## When to change course
#
# The pivot line deserves a closer look. Fly every program twice under the same luck, with a pivot in week 10 and without, and see for each line what it would have earned. Once for *standard*, once for
# *ambiguous_ceiling*, where the first approach is a dead end one time in three.

# %%
lines = np.arange(0.20, 0.65, 0.03)
never = gates(pivot=(10, -1))


def both_ways(scenario):
    readings = []

    def noting(obs, memory):
        action = never(obs, memory)
        if obs["week"] == 10:
            readings.append(memory["q"])
        return action

    stay, turn = fly(noting, scenario, seeds).net, fly(gates(pivot=(10, 2)), scenario, seeds).net
    return pd.DataFrame({"reading": readings, "gain": turn - stay})


pivots = {scenario: both_ways(scenario) for scenario in ("standard", "ambiguous_ceiling")}
gains = pd.DataFrame(
    {name: [p["gain"].where(p["reading"] < line, 0).mean() for line in lines] for name, p in pivots.items()},
    index=lines.round(2),
)

# %% alt="Mean gain over never pivoting by pivot line in week 10. Standard rises to about 900 thousand dollars at 0.41 and falls to 500 at 0.65. Ambiguous ceiling rises to 2,200 at 0.44 and stays there. The textbook's line of 0.36 lies left of both."
fig, ax = plt.subplots(figsize=(8, 3.2))
_ = ax.plot(gains["ambiguous_ceiling"], "s--", color="#d95f02", label="ambiguous ceiling")
_ = ax.plot(gains["standard"], "o-", color="#005a87", label="standard")
_ = ax.axvline(0.36, color="grey", linestyle=":", label="the textbook's line")
_ = ax.set(xlabel="pivot if smoothed quality in week 10 is below this", ylabel="mean gain, k$", ylim=(0, 2400))
_ = ax.set_title("The textbook's line is too low for both programs, and not equally", loc="left")
_ = ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 0.38))

# %%
seen = pivots["standard"].assign(reading=pd.cut(pivots["standard"]["reading"], [0, 0.3, 0.4, 0.5, 1]))
paid = seen.groupby("reading", observed=True)["gain"].agg(
    programs="size", paid=lambda gain: round((gain > 0).mean(), 2), gain=lambda gain: round(gain.mean())
)
paid

# %% [markdown]
# In *standard* the best line is near {{ gains["standard"].idxmax():.2f}}: below 0.4 a pivot pays in {{ (pivots["standard"].query("reading < 0.4")["gain"] > 0).mean():.0%}} of the programs, above 0.5 in {{ (pivots["standard"].query("reading > 0.5")["gain"] > 0).mean():.0%}}. In *ambiguous_ceiling* any line from 0.44 on will do,
# since the second approach is usually better: there, when in doubt, pivot. No line is right every time; it is where the bet turns.
#
# Week 10 leaves thirty weeks to earn. Whoever waits for proof in week 20 pivots into a program that is too short. Stopping works the same way: the money spent is spent whatever you decide, so only the weeks ahead count.
#
# ## Fly it yourself
#
# First a flight by the better rules, as the debrief shows it: one seed, against fifty other lives of the textbook.

# %% alt="Debrief of one flight: the net week by week among fifty grey runs of stage gates. This run pivots in week 10, launches and ends at a loss of 1.3 million dollars, while stage gates under the same luck, dashed, end far above. Beside it the events, below a scorecard of five dimensions and what the gap consists of."
policy, memory, program = gates(gate=0.53, pivot=(10, 0.40)), {}, Program("standard", seed=17)
while program.end is None:
    _ = program.step(policy(program.obs, memory))
figure = debrief_figure(program)

# %% [markdown]
# The pivot was right by the rule and wrong in this life: the first approach would have come good. Would you change the rule? The table above holds such programs, and the rule still pays; a meeting that sees only
# this figure would drop it. Nor is money all: the scorecard asks for delivery, people, foundations and stewardship too.
#
# Now you. The panel below flies *standard*; start with *tutorial* if you want to learn the controls. Every four weeks the journal asks what you believe and with what probability; at the end it scores you, because a good
# outcome may be luck and a calibrated belief is not.
#
# 1. Reach week 12 with trust above 0.6. What did it cost?
# 2. Write down your launch and pivot lines before week 1. Did you keep them?
# 3. Fly the same seed again with one decision changed. What was it worth?

# %%
from tpmkit.simulator.panel import panel

panel("standard", seed=8)

# %% [markdown]
# ## What a TPM does with this
#
# **The decision.** Ask for three rules before week 1: a launch gate, a pivot line with its week, a stop line with its week. Price each: what does a week of waiting cost, what does a bad launch cost, how many weeks would be left
# after a pivot? Judge a policy by many programs and the people in it by their rules and beliefs, never by one outcome.
#
# **The sentence to Mira.** "We go to shadow at 0.53, not 0.6, and launch after two clean weeks there with governance signed; if quality in week 10 is below 0.40, we change the approach, and you have signed that today. In three hundred simulated programs of
# the same luck the pivot rule alone was worth {{ worth.loc["pivot week 10 below 0.40", ("standard", "gain")]}} thousand dollars on average, give or take {{ 2 * worth.loc["pivot week 10 below 0.40", ("standard", "error")]}}. One program in ten still loses money badly. Hiring to catch up is not among my options."
#
# ## Recap
#
# - **Trace:** before you explain a number, list the rules that moved it.
# - **Compare** under common luck, pair by pair, with a standard error; one flight proves nothing.
# - **Choose** by mean *and* tail; say when the difference does not decide.
# - **Gates are prices:** from what waiting costs and what a bad launch costs.
# - **Pivot and stop** early, by a line and a week that were signed before.
#
# Next: the [practice](17_simulator_practice.ipynb), where your own policy flies programs it has never seen.
#
# ## Sources
#
# - Halden is invented; every program and sum here is simulated. `load_scenario(...).table()` names the source of each constant, or "assumption".
# - F. P. Brooks, *The Mythical Man-Month*, 1975: adding people to a late project makes it later.
# - J. Pencavel, "The Productivity of Working Hours", 2014: output grows less than hours.
# - A. Duke, *Quit: The Power of Knowing When to Walk Away*, 2022: kill criteria as a state and a date.

# %% [markdown]
# ## How much do you set aside?
#
# Fennick, an invented maker of parcel sorters, puts a camera and a model on its machines, to read the torn labels that people now
# read by hand. The program is called *ReadAll*. Eva Stern, who answers for its money, has seen your list of three reds and five ambers and
# writes:
#
# > **How much reserve do you need, which of your counter-measures do I pay for, and when do we stop?**
#
# Colours answer none of the three. What does?
#
# ## A risk that can be priced
#
# Two lines of last month's list, put into the fields of the engine's register:

# %%
from io import StringIO

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from tpmkit import planning

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
pd.set_option("display.max_colwidth", 100)
LIST = """
risk_id,title,cause,event,effect,category,owner,date_raised,probability,response,trigger,status
X1,Integration,,integration is risky,,technical,platform team,2027-01-18,0.7,accept,if it gets worse,open
X2,Hardware,one supplier,boards come late,work waits,vendor,Ada Lund,2027-01-18,1.4,accept,boards_in_stock < 40,open
"""
planning.validate_register(pd.read_csv(StringIO(LIST)))

# %% [markdown]
# Each row names a question that nobody asked. A risk is a sentence in three parts: **because of** a *cause* (a fact), an *event* **may
# happen** (uncertain), **which would lead to** an *effect* on money, time or people. "Integration is risky" has no event, so it can neither happen nor be
# prevented. Beside the sentence stand: one person who answers for it, a chance, a range of loss, a *trigger* (the sign that it begins) and a
# response: accepted, or with an action, a name, a date and a price.
#
# Fennick's register, rewritten. All figures are invented: P5 and P95 of what it costs *if it happens*, in dollars and in working days.

# %%
WORDS = """
risk_id;title;cause;event;effect;category;owner
R1;boards;one distributor has our camera boards;it delivers after week 14;installation waits;vendor;Ada Lund
R2;rare labels;torn labels are rare in old images;the model misses its target;a second labelling round;data;Ben Osei
R3;site light;every hall is lit differently;recall falls at new sites;engineers travel to halls;technical;Ben Osei
R4;one expert;one engineer knows the camera firmware;she leaves;others learn it anew;people;Caro Diaz
R5;addresses;labels show names and addresses;a customer forbids stored images;a new pipeline;legal;Dev Rao
R6;rival;a rival shows the same function;our largest customer renegotiates;margin is lost;business;Eva Stern
R7;misrouting;contracts make us pay for lost parcels;a faulty update misroutes for days;damages;business;Eva Stern
R8;test rig;the test rig is worn out;it stands still for days;tests are repeated;technical;Ben Osei
O1;sensor price;a second maker enters the market;sensor prices fall;cheaper hardware;business;Ada Lund
"""
NUMBERS = """
risk_id;probability;impact_cost_p5;impact_cost_p95;impact_days_p5;impact_days_p95;trigger
R1;0.35;10000;60000;5;40;boards_in_stock < 40
R2;0.45;20000;120000;5;20;recall < 0.88
R3;0.60;15000;90000;2;10;recall_new_site < 0.85
R4;0.15;20000;80000;15;50;firmware_reviewers < 2
R5;0.12;50000;500000;10;50;open_privacy_findings >= 1
R6;0.20;100000;500000;;;renewal_probability < 0.7
R7;0.04;500000;3000000;;;misrouted_share > 0.2%
R8;0.75;8000;30000;1;3;rig_uptime < 95%
O1;0.30;40000;120000;;;sensor_price < 80
"""
RESPONSES = """
risk_id;response;action;action_owner;due;cost_of_response;residual_probability;residual_impact
R1;reduce;second distributor;Ada Lund;2027-02-05;45000;0.10;0.6
R2;reduce;collect torn labels in three pilot halls;Ben Osei;2027-02-19;30000;0.25;0.7
R3;reduce;calibration kit;Ben Osei;2027-03-05;40000;0.30;0.5
R4;reduce;pair a second engineer;Caro Diaz;2027-02-26;25000;0.15;0.3
R5;avoid;blur addresses on the device;Dev Rao;2027-03-12;50000;0.02;0.5
R6;accept;;;;;;
R7;transfer;insure and cap liability;Eva Stern;2027-02-12;70000;0.04;0.15
R8;reduce;second test rig;Ben Osei;2027-03-01;60000;0.20;1
O1;exploit;supply contract that follows the price;Ada Lund;2027-02-26;8000;0.55;1
"""
words, numbers, responses = (pd.read_csv(StringIO(t), sep=";") for t in (WORDS, NUMBERS, RESPONSES))
table = words.merge(numbers).merge(responses).assign(date_raised="2027-01-18", status="open")
print(f"{len(planning.validate_register(table))} problems found")
register = planning.read_register(table)
DELAY = 9_000  # dollars that each working day of delay costs

# %% [markdown]
# One table, three parts: what may happen, what it weighs, what we do. It holds more than model trouble: a person who may leave, a
# rival, a contract, a law, and one *opportunity*, since prices may also fall. `residual_probability` is the chance that is left once the
# response is carried out (for the opportunity it rises), `residual_impact` the share of the loss that is left. The program's owner reads
# the same table as the engineers do.
#
# A trigger is a condition on something measured, so a machine can watch it every Monday:

# %%
monday = {"boards_in_stock": 52, "recall": 0.84, "firmware_reviewers": 1, "rig_uptime": 0.97}
for id, text in register.table["trigger"].items():
    trigger = planning.Condition.parse(text)
    if trigger.metric in monday and trigger.holds(monday[trigger.metric]):
        print(f"{id}: {text}, measured {monday[trigger.metric]}. Call {register.table.owner[id]}.")

# %% [markdown] prompt="predict_matrix"
# ## What the coloured matrix hides
#
# **Predict first.** R7: a chance of {{ 0.04:.0%}} to lose about \$1.2 million. R8: a chance of {{ 0.75:.0%}} to lose about
# \$31,000. A usual five-by-five matrix multiplies a likelihood from 1 to 5 by an impact from 1 to 5, here of
# the median loss if it happens (`ppf(0.5)` below). Which of the two does it put first?
#
# <details><summary>Answer</summary>
#
# Neither: 1 × 5 and 5 × 1 are both 5, the lowest score in the register. One of them can cost more than a million.
#
# </details>

# %%
likelihood = np.digitize(table["probability"], [0.1, 0.3, 0.5, 0.7]) + 1
if_it_happens = [
    (e.cost.ppf(0.5) if e.cost else 0) + DELAY * (e.days.ppf(0.5) if e.days else 0)
    for e in register.events()
]
severity = np.digitize(if_it_happens, [50_000, 150_000, 400_000, 1_000_000]) + 1
score = pd.Series(likelihood * severity, register.table.index).drop("O1")
score.sort_values(ascending=False, kind="stable").to_frame("score").T

# %% [markdown]
# Now let the register happen 20,000 times. In each run every risk strikes or not, with its chance, and costs something from its range.
# `simulate_losses` adds up; days count \$9,000 each. From the same seed, a risk simulated alone has the same luck as
# among the others: that shows its part.

# %%
def losses_of(events, seed=10, runs=20_000):
    rng = np.random.default_rng(seed)
    return planning.simulate_losses(events, rng=rng, runs=runs, cost_of_delay=DELAY)


parts = pd.DataFrame({event.id: losses_of([event]) for event in register.events()})
before = losses_of(register.events())
worst = parts[before >= np.quantile(before, 0.95)].mean()
weight = pd.DataFrame({"score": score, "expected loss": parts.mean().round(-2)}).drop("O1")
weight["in the worst 5% of runs"] = worst.round(-2)
weight.astype(int).sort_values("score", ascending=False, kind="stable")

# %% [markdown]
# The score falls from {{ score.max()}} to {{ score.min()}}; the expected loss does not follow it. R2 has the largest, behind two
# others; R7, last, comes third and makes {{ worst["R7"] / worst.sum():.0%}} of the loss in the worst runs,
# {{ worst["R7"] / worst["R8"]:.0f}} times R8's part. Louis Anthony Cox showed it in 2008: a matrix gives the same rating to very different risks ("range
# compression"), and where rare risks are large and frequent ones small, as here, it can be "worse than useless". Hubbard and Evans
# (2010) found a lack of good evidence in favour of scoring methods.
#
# **So what.** Keep the matrix as a picture if your company loves it. Do not rank, add or spend by it.
#
# ## From a list to a reserve

# %% [markdown] prompt="predict_reserve"
# **Predict first.** The expected losses, less the \${{ -parts["O1"].mean() / 1000:.0f}},000 that O1 brings on average, add up to about
# \${{ before.mean() / 1000:.0f}},000. Set exactly that aside. In what share of the runs does it suffice?
#
# <details><summary>Answer</summary>
#
# {{ (before <= before.mean()).mean():.0%}}. More than half, because few runs with large losses pull the mean up; but in more than one run
# of three you come back for more money.
#
# </details>

# %% alt="Loss exceedance curve without responses: the chance to lose more falls from 95 percent at zero to 50 percent near 290,000 dollars and 20 percent near 580,000, with a long tail beyond 2 million. At the tolerance of 900,000 dollars it is 8 percent."
TOLERANCE = 900_000
ax = planning.loss_exceedance_figure({"without responses": before}, tolerance=TOLERANCE)

# %%
for p in (50, 80, 95):
    print(f"P{p} reserve: ${planning.contingency(before, p):,.0f}")
each = parts.drop(columns="O1").quantile(0.95).sum()
print(f"all P95s added up: ${each:,.0f}, which suffices in {(before <= each).mean():.1%} of the runs")

# %% [markdown]
# A *loss exceedance curve* answers: how likely is it to lose more than this? Read it upwards from a sum, or sideways from a chance: P80, the
# reserve that suffices in four of five runs, is \${{ planning.contingency(before, 80) / 1000:.0f}},000. Adding up each risk's
# bad case sets far too much aside, since they hardly ever strike together, and still forgets R7: it strikes in 4 runs of 100, so its
# own P95 is {{ parts["R7"].quantile(0.95):.0f}}.
#
# Eva's bank becomes nervous at \$900,000. That is the *tolerance*: a loss that must stay unlikely. Her rule is 5%; without responses it is
# {{ (before > TOLERANCE).mean():.0%}}.
#
# ## Which responses are worth their price?
#
# A response costs money in *every* run and saves some in a few. Measure what it saves as nobody can test a drug: on the same patients,
# with and without. Here the patients are runs: twenty times 2,000, with and without the second test rig (R8), once under another seed and
# once under the same.

# %%
none, rig = register.events(), register.events(["R8"])
pairs = {"other luck": 100, "same luck": 0}
saved = pd.DataFrame(
    {
        name: [(losses_of(none, n, 2000) - losses_of(rig, n + off, 2000)).mean() for n in range(20)]
        for name, off in pairs.items()
    }
)
saved.agg(["min", "mean", "max"]).round(-2).astype(int)

# %% [markdown]
# A second test rig saves about \${{ saved["same luck"].mean() / 1000:.0f}},000. Compared under other luck, the answer lies anywhere from
# \${{ saved["other luck"].min() / 1000:.0f}},000 to \${{ saved["other luck"].max() / 1000:.0f}},000: you would be reading noise. *Common random numbers* leave the
# difference that the response makes. `response_returns` does this for each response alone:

# %%
returns = planning.response_returns(
    register, rng=np.random.default_rng(10), runs=20_000, cost_of_delay=DELAY, p=95
)
money = ["cost_of_response", "saved", "saved_p95"]
returns.round({name: -2 for name in money} | {"return_on_response": 2}).astype(dict.fromkeys(money, int))

# %% [markdown]
# Read two columns. `return_on_response` is what a dollar brings *on average*, beyond itself: four responses earn more than they cost, R3 breaks even. The
# rig is worn, visible and annoying, and a second one saves {{ 100 * returns.saved["R8"] / 60_000:.0f}} cents per dollar. `saved_p95` tells what it does to a bad
# year. The insurance costs more than it saves on average, as insurance does, and takes \${{ returns.saved_p95["R7"] / 1000:.0f}},000 off the
# P95. There are two honest reasons to pay: it *earns*, or it *protects a limit*. "It is red" is neither.

# %% alt="Loss explorer with four responses switched on: the dashed curve without responses and the solid one with them. At 900,000 dollars the chance to lose more falls from 8 to 6 percent; the P80 reserve is about 470,000 dollars."
from tpmkit.explore.losses import losses

earning = list(returns.index[returns["return_on_response"] > 0])
explorer = losses(
    register, TOLERANCE, rng=np.random.default_rng(10), responses=earning, cost_of_delay=DELAY, unit="$"
)
explorer.picture()

# %%
explorer

# %% [markdown]
# The four that earn are switched on, and their cost is part of the solid curve. (The explorer has its own luck: sums differ by a per cent
# or two. Its P80 includes that cost, too.) With mouse, or Tab and Space:
#
# 1. Bring the chance to lose more than \$900,000 below 5%. Which single box does it most cheaply?
# 2. Switch on everything. What happens on the left, in the good runs?
# 3. Set the tolerance to \$300,000. Do responses still help?
#
# <details><summary>What you should find</summary>
#
# 1. R5 or R7 does; R5 is cheaper. With both it is near 1%.
# 2. The solid curve moves right: \${{ register.cost_of("all"):,.0f}} is paid for certain. The mean is worse than doing nothing.
# 3. The four still do. Everything does harm: most of the \$300,000 is spent before anything happens. Which response is right depends on
#    the loss you cannot bear.
#
# </details>

# %%
sets = {
    "nothing": [],
    "the four that earn": earning,
    "the four and blurred addresses": [*earning, "R5"],
    "the four and insurance": [*earning, "R7"],
    "the four and both": [*earning, "R5", "R7"],
    "everything": list(returns.index),
}
rows = {}
for name, chosen in sets.items():
    paid = register.cost_of(chosen)
    total = losses_of(register.events(chosen)) + paid
    rows[name] = [paid, total.mean(), planning.contingency(total, 80), (total > TOLERANCE).mean()]
options = pd.DataFrame(rows, index=["paid now", "mean in all", "P80 in all", "over 900,000"]).T
options = options.round({"mean in all": -3, "P80 in all": -3, "over 900,000": 3})
options.astype(dict.fromkeys(options.columns[:3], int))

# %% [markdown]
# "In all" includes what is paid now. Four responses and blurred addresses keep Eva's rule for \$158,000, and the P80 in all is the
# lowest of the six. Insurance beside them would cut the tail to {{ options.loc["the four and both", "over 900,000"]:.1%}} for \$70,000 more: her choice,
# and now a priced one.
#
# **So what.** The reserve (*contingency*) is the P80 in all less what is paid now: \${{ (options.iloc[2, 2] - options.iloc[2, 0]) / 1000:.0f}},000, held for the
# register and not for wishes. It shrinks when a risk is closed. Beyond it stands a second one, up to P95, that only Eva can open: the
# *management reserve*.
#
# ## What the table does not know
#
# Risks fire independently here. Reality has common causes: a trade dispute would delay boards *and* keep sensor prices up. Write such
# a cause as a scenario and compute each:

# %%
scenarios = {
    "as estimated": {},
    "trade dispute": {"R1": 2.5, "O1": 0},
    "the rival is early, and hires": {"R6": 3, "R4": 2},
}
chances = ["probability", "residual_probability"]
for name, times in scenarios.items():
    factor = table["risk_id"].map(times).fillna(1)
    then = planning.read_register(table.assign(**table[chances].mul(factor, axis=0)))
    reserve = planning.contingency(losses_of(then.events([*earning, "R5"])), 80)
    print(f"{name}: P80 of the losses ${reserve:,.0f}")

# %% [markdown]
# The second and third are futures, not forecasts. Say before they happen which of them the reserve is meant to survive. And ask of every
# response what it brings along (*secondary risks*): a second distributor means a second board revision to test.
#
# ## When do we stop?
#
# Some risks are not to be reduced but to be answered by another plan. In the meeting where it hurts, nobody is good at this: the money is spent, the demo is next
# week. So decide it beforehand. Annie Duke (2022): a good *kill criterion* is a state and a date. Add the action, and who signs. Three sentences from
# the steering committee, as the engine reads them:

# %%
vague = [
    {"metric": "recall", "op": "<", "threshold": "good enough", "by_week": 10, "action": "pivot"},
    {"metric": "recall", "op": "<", "threshold": 0.80, "by_week": None, "action": "stop"},
    {"metric": "cost_per_parcel", "op": ">", "threshold": 0.09, "by_week": 12, "action": ""},
]
try:
    planning.read_criteria(vague)
except planning.PlanError as error:
    print(error)

# %% [markdown]
# "Good enough" can be argued for ever, "stop if below 80%" is never due, and without an action a missed target is a discussion. Repaired:

# %%
criteria = planning.read_criteria(
    [
        {"metric": "recall", "op": "<", "threshold": 0.88, "by_week": 10, "grace": 2,
         "action": "pivot: read printed labels only"},
        {"metric": "recall", "op": "<", "threshold": 0.80, "by_week": 12,
         "action": "kill: hand sorting stays"},
        {"metric": "cost_per_parcel", "op": ">", "threshold": 0.09, "by_week": 12,
         "action": "pivot: cameras at large halls only"},
    ]
)  # fmt: skip
for criterion in criteria:
    print(criterion)

# %% [markdown] prompt="predict_week12"
# **Predict first.** Week 10: recall is 0.85, up by 0.01 in three weeks, and the team says "one more month". What do you do in week
# 10, and what in week 12, if recall is then 0.86?
#
# <details><summary>Answer</summary>
#
# Week 10: nothing stops, the two weeks of grace begin, and you prepare the pivot. Week 12: you pivot. There is no vote, it was taken in week 1. Whoever
# thinks 0.88 is wrong can have it changed, by the sponsor, in writing, *before* the date.
#
# </details>

# %% alt="Recall by week rises steeply to 0.82 in week 5 and flattens at 0.86 in week 12. It stays below the pivot line of 0.88, judged from week 10 to 12, and above the kill line of 0.80, judged in week 12."
recall = [0.71, 0.75, 0.78, 0.80, 0.82, 0.83, 0.84, 0.84, 0.84, 0.85, 0.85, 0.86]  # invented
cost = [None, None, 0.14, 0.13, 0.12, 0.11, 0.10, 0.10, 0.09, 0.09, None, 0.08]
history = pd.DataFrame({"week": range(1, 13), "recall": recall, "cost_per_parcel": cost})
fig, ax = plt.subplots(figsize=(8, 3))
_ = ax.plot(history["week"], history["recall"], "o-", color="#005a87")
_ = ax.plot([10, 12], [0.88, 0.88], color="#d95f02", linewidth=3, label="pivot below this, week 10 to 12")
_ = ax.plot([11.9, 12.1], [0.80, 0.80], color="black", linewidth=6, label="kill below this, week 12")
_ = ax.set(xlabel="week", ylabel="recall", ylim=(0.68, 0.92))
_ = ax.set_title("Better every month, and not in time", loc="left")
_ = ax.legend(frameon=False, loc="lower right")

# %%
judged = planning.evaluate_criteria(history, criteria)
states = judged.pivot(index="week", columns="criterion", values="state").loc[9:]
states.columns = [name.split(":")[0] for name in states]
states

# %% [markdown]
# In week 12 one criterion has triggered: *pivot: read printed labels only*. The kill line is cleared, and so is cost. That is the point of
# three actions instead of two: **persevere**, **pivot** and **kill** are all decided by what was written in week 1.
#
# A criterion is a classifier, and it has false alarms. Recall is measured on some number of torn labels:

# %%
from scipy.stats import binom

for labels in (200, 1000):
    missed_line = np.ceil(0.88 * labels) - 1  # the largest count below 0.88
    wrong_pivot, missed_pivot = binom.cdf(missed_line, labels, 0.90), binom.sf(missed_line, labels, 0.86)
    print(f"{labels} labels: recall truly 0.90 fails in {wrong_pivot:.0%}, truly 0.86 passes in {missed_pivot:.0%}")

# %% [markdown]
# With 200 labels a good model fails in {{ binom.cdf(175, 200, 0.90):.0%}} of cases. Buy the 800 labels before the date, or write the criterion for a measurement
# that can carry it.
#
# ## What a TPM does with this
#
# **The decision.** Write risks as cause, event, effect with a range and a name. Pay for responses that earn or that protect a named limit. Ask for a reserve at a
# stated level. Have three criteria signed by the person who would have to stop.
#
# **The sentence to Eva.** "Please release \$158,000 for five responses and hold \${{ (options.iloc[2, 2] - options.iloc[2, 0]) / 1000:.0f}},000 in reserve. That suffices in
# four cases of five; together it is less than the \${{ options.iloc[0, 2] / 1000:.0f}},000 that we would need without responses, and a loss above \$900,000 becomes a matter of {{ options.iloc[2, 3]:.0%}} instead of {{ options.iloc[0, 3]:.0%}}. I advise against the second test
# rig. If recall is still below 0.88 in week 12, we read printed labels only; you signed that in week 1, and I will not ask for another month."
#
# ## Recap
#
# - **Write:** because of a cause, an event may happen, which leads to an effect; one owner, a range, a trigger.
# - **Weigh:** scores compress; chances times ranges, simulated, give a curve.
# - **Reserve:** expected loss is no reserve; name the level, and who may open the rest.
# - **Respond:** compare under common random numbers; it earns, or it protects a limit.
# - **Stop:** state, date, action, signature; measured well enough to be fair.
#
# Next: the [practice](10_risk_practice.ipynb).
#
# ## Sources
#
# - Fennick, its register, prices and weekly measurements are invented; every loss and reserve is simulated.
# - L. A. Cox, "What's Wrong with Risk Matrices?", *Risk Analysis* 28(2), 2008, pp. 497-512.
# - D. Hubbard and D. Evans, "Problems with scoring methods and ordinal scales in risk assessment", *IBM Journal of Research and Development*,
#   2010.
# - A. Duke, *Quit: The Power of Knowing When to Walk Away*, 2022.

# %% [markdown]
# ## What do you promise?
#
# Quillmark, an invented company, sells *Inbox*, which reads supplier invoices. Ardent, an invented maker of bookkeeping
# software, wants Inbox inside its own product, and its director writes:
#
# > **We print the launch date into our dealers' contracts. Which date?**
#
# The plan starts on 7 June 2027 and says week 20. A date in a contract is a promise, and a plan is only a plan. What do you
# write back?

# %%
from io import StringIO

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from tpmkit import data, planning

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
TABLE = """
id;name;predecessors;low;mode;high
contract;sign the data contract;;10;15;40
feed;connect Ardent's data;contract;15;20;50
labels;label 5,000 invoices;feed;10;15;30
model;model reaches its target;labels;15;20;50
screen;build the screen;contract;40;50;80
security;security review;contract;50;60;90
integration;integrate;model,screen;10;15;30
pilot;pilot with three dealers;integration,security;10;15;25
"""
plan = planning.read_plan(pd.read_csv(StringIO(TABLE), sep=";"))
path = planning.critical_path(plan)
print(f"at most likely durations: day {path.finish:.0f}, week {path.finish / 5:.0f}")

# %% [markdown]
# Each row now has three numbers of working days: if all goes well, most likely, if much goes wrong. "Week 20" is what comes
# out if *every* activity takes its most likely time.
#
# ## Ask for ranges, not for numbers
#
# Ask for the ends before the middle, or the middle will anchor them: "In which time would you be done only once in ten
# times? Which would you exceed only once in ten?" (P10 and P90). Then: "What happened in the bad case?" The answer often belongs in the risk
# list. Three points become a distribution, here beta-PERT:

# %%
estimate = planning.Pert(2, 4, 12)  # weeks: low, most likely, high
p80 = estimate.ppf(0.8)
print(f"most likely 4, mean {estimate.mean:.1f}, sd {estimate.sd:.3f}, P80 {p80:.3f} weeks")
interview = planning.Lognormal(p10=3, p90=9)
print(f"P10 3 and P90 9 weeks: median {interview.point:.1f}, mean {interview.mean:.1f} weeks")

# %% [markdown]
# Work can run late by more than it can run early, so the mean lies right of the most likely value, and *a plan of most likely
# values is too short before anybody has made a mistake*. The mean is (2 + 4·4 + 12) / 6. The textbook sd (12 - 2) / 6 = 1.667 is only a rule
# of thumb; the exact value is {{ estimate.sd:.3f}}.

# %% [markdown] prompt="predict_week20"
# **Predict first.** The eight ranges are honest and independent. How likely is it that the program is finished by week 20?
#
# <details><summary>Answer</summary>
#
# {{ planning.simulate(plan, rng=np.random.default_rng(9), runs=20_000).p_on_time(100):.0%}}. Six activities in a row would have to come out
# no worse than their most likely values taken together, while each of them leans to the late side.
#
# </details>

# %% alt="S-curve of the finish: the chance to be finished rises from nearly 0 in early October 2027 to 1 in early January 2028. The promised date, 22 October, cuts the curve near its foot, at 4 percent; P50 and P80 lie in the second half of November, P95 in mid-December."
calendar = planning.Calendar("2027-06-07")
simple = planning.simulate(plan, rng=np.random.default_rng(9), runs=20_000, calendar=calendar)
ax = planning.s_curve_figure(simple, promised=100)

# %% [markdown]
# Read an *S-curve* upwards from a date: how many of 20,000 simulated programs were finished by then? Or sideways from a
# chance: P80, "four in five", is {{ simple.date(80):%d %B}}. P50 is a coin flip;
# a promise to somebody who pays for your lateness belongs at P80 or later.
#
# ## Waiting for several: merge bias
#
# Integration starts when model *and* screen are ready: at the later of the two. Give each parallel track the estimate from
# above, mean 5 weeks.

# %%
last = {}
for tracks in (1, 2, 5):
    several = planning.Plan([planning.Activity(f"t{n}", (2, 4, 12)) for n in range(tracks)])
    runs = planning.simulate(several, rng=np.random.default_rng(9), runs=200_000)
    last[tracks] = runs.finish.mean()
    print(f"{tracks} in parallel: the last is done after {last[tracks]:.2f} weeks on average")

# %% [markdown]
# Nobody got slower. But the last of two comes after {{ last[2]:.2f}} weeks, the last of five after {{ last[5]:.2f}}: where paths meet, a plan
# loses time that no status report shows. Turn the dial:

# %% alt="Finish explorer with five tracks: the dashed S-curve of one track and, far to its right, that of all five. At the promised 6.5 weeks each track is done with 80 percent, all of them with 33 percent; the P80 of all is 8.3 weeks."
from tpmkit.explore.finish import finish, merge

explorer = finish((2, 4, 12), tracks=5, unit="weeks")
explorer.picture()

# %%
explorer

# %% [markdown]
# Three things to try, with mouse or arrow keys:
#
# 1. Every team names its own P80, 6.5 weeks. With how many teams does that date become a coin flip?
# 2. Five teams: which date has 80%?
# 3. Raise the correlation to 1. What happens to merge bias?
#
# <details><summary>What you should find</summary>
#
# 1. Three: {{ merge((2, 4, 12), 3).chance(6.5)[1]:.0%}}. Three green lights make an amber one.
# 2. {{ merge((2, 4, 12), 5).p(80):.1f}} weeks.
# 3. It vanishes: tracks that move as one are one track. Their common lateness remains.
#
# </details>

# %% [markdown] prompt="predict_correlation"
# **Predict first.** So far the activities are independent. In truth the same people estimated all of them, and one slow
# partner slows several. Let durations correlate 0.4. Does the *median* finish move much? Does the *P95*?
#
# <details><summary>Answer</summary>
#
# The median hardly moves. The P95 moves weeks to the right, and the chance of a lucky week 20 rises too. Independence lets good
# and bad luck cancel out; correlation takes that comfort away.
#
# </details>

# %%
risks = [
    planning.RiskEvent("second_legal_round", 0.3, days=(10, 15, 30), activities="contract"),
    planning.RiskEvent("retraining", 0.4, days=(10, 15, 30), activities="model"),
]
rows = {}
for name, related, events in [
    ("ranges only", 0, []), ("correlated 0.4", 0.4, []), ("and two risks", 0.4, risks)
]:
    rng = np.random.default_rng(9)
    sim = planning.simulate(
        plan, rng=rng, runs=20_000, correlation=related, risks=events, calendar=calendar
    )
    rows[name] = [sim.p_on_time(100), *(sim.p(p) / 5 for p in (50, 80, 95))]
levels = pd.DataFrame(rows, index=["chance of week 20", "P50 week", "P80 week", "P95 week"]).T
levels.round({"chance of week 20": 2, "P50 week": 1, "P80 week": 1, "P95 week": 1})

# %% [markdown]
# The last row adds two *risk events*: things that either happen or not. In {{ 0.3:.0%}} of the runs lawyers want a second round; in {{ 0.4:.0%}}
# the model misses its target and is trained again. An estimate spreads; an event jumps. Asking an estimator to
# "include" it in a range hides it from the person who could prevent it.
#
# **So what.** With all of this, week 20 holds in {{ levels.iloc[2, 0]:.0%}} of the runs, and P80 is week {{ levels.iloc[2, 2]:.0f}}. The
# correlation of 0.4 is an assumption; say so. Leaving it at 0 is one as well.

# %% alt="Gantt chart of the eight activities with whiskers from P10 to P90 of each finish. Contract, feed, labels, model, integration and pilot are hatched as mostly critical; screen and security are not. Whiskers widen towards the pilot, which ends between late October 2027 and mid-January 2028 in four of five runs."
ax = planning.gantt_figure(sim)

# %% [markdown]
# Whiskers grow to the right as lateness is handed down. The hatched bars have a *criticality index* of at least 50%: in that
# share of runs they lie on the longest path. It says where lateness *comes through*, not how much an activity moves the
# date. A *tornado* says that: each row is held at its P10, then at its P90 (or the risk kept away, then made to happen), while all else
# varies with the same random numbers.

# %% alt="Tornado of the P80: second legal round and retraining move it most, about 17 working days each, then feed and model with about 15, contract 13; integration and labels about 9, pilot 7; screen and security next to nothing."
swings = planning.tornado(plan, rng=np.random.default_rng(9), risks=risks, correlation=0.4)
ax = planning.tornado_figure(swings)

# %% [markdown]
# The longest activity, the security review, moves nothing; two risks that no bar shows move most. Now price the remedies.
# The same seed gives the same luck to each variant, so differences are due to the remedy alone:

# %%
rarer = planning.RiskEvent("second_legal_round", 0.05, (10, 15, 30), activities="contract")
early_terms = [rarer, risks[1]]
remedies = {
    "agree the contract terms first": (plan, early_terms),
    "second labelling team": (plan.replace("labels", duration=(5, 8, 15)), risks),
    "both of these": (plan.replace("labels", duration=(5, 8, 15)), early_terms),
    "three more for the screen": (plan.replace("screen", duration=(30, 35, 60)), risks),
}
bought = {}
for name, (changed, events) in remedies.items():
    then = planning.simulate(
        changed, rng=np.random.default_rng(9), runs=20_000, correlation=0.4, risks=events
    )
    bought[name] = sim.p80 - then.p80
pd.Series(bought, name="P80 earlier by, working days").round(1).to_frame()

# %% [markdown]
# Agreed terms buy a week, the second labelling team more than one and a half, three developers on the screen nothing. The first two
# together buy {{ bought["both of these"] / 5:.1f}} weeks.
#
# ## How good are those who estimate?
#
# All this is as honest as the ranges. Judge an estimator as you would a weather forecaster, on what came true. Here is a
# forecaster with a long public record: each US budget forecasts its balance for years ahead, and later ones say
# what it became.

# %% alt="US federal budget balance 1980 to 2009 as a thick black line, and each budget's forecasts as thin orange lines starting on it. Nearly all thin lines bend upwards, away from the outcome, except in the late 1990s when the outcome rose above them."
budgets = data.load("budget_forecasts")
horizon = budgets["target_year"] - budgets["budget_year"]
outcome = budgets[horizon == -1].set_index("target_year")["balance"]
fig, ax = plt.subplots(figsize=(8, 3.4))
for _, told in budgets[horizon <= 5].groupby("budget_year"):
    _ = ax.plot(told["target_year"], told["balance"], color="#d95f02", linewidth=1)
_ = ax.plot(outcome, "k", linewidth=2.5, label="outcome")
_ = ax.set(xlabel="year", ylabel="balance, trillion 2010 dollars")
_ = ax.set_title("Forecasts rise towards balance; the balance seldom does")
_ = ax.legend(frameon=False)

# %%
budgets["error"] = budgets["balance"] - budgets["target_year"].map(outcome)
known = budgets[horizon.between(1, 5)].dropna().assign(horizon=horizon)
bias = known.groupby("horizon")["error"].agg(["size", "mean", lambda e: (e > 0).mean()])
bias.columns = ["forecasts", "mean error", "too optimistic"]
bias.round(2)

# %% [markdown]
# The error is forecast minus outcome: five years ahead the forecast was too rosy {{ bias.iloc[4, 2]:.0%}} of the time, by
# {{ bias.iloc[4, 1]:.2f}} trillion on average. Forecasts of neighbouring years share a recession, so {{ bias.iloc[4, 0]:.0f}} are far from that many
# independent trials. (Laws passed later are not a forecaster's fault either.) Three scores tell more:

# %%
old, new = known[known["target_year"] <= 1995], known[known["budget_year"] >= 1996]
edges = old.groupby("horizon")["error"].quantile([0.1, 0.9]).unstack().loc[new["horizon"]].to_numpy()
actual = (new["balance"] - new["error"]).to_numpy()
low, high = new["balance"].to_numpy() - edges[:, 1], new["balance"].to_numpy() - edges[:, 0]
held = planning.interval_coverage(low, high, actual)
print(f"80% intervals from errors to 1995 hold {held:.0%} from 1996 on")
said, came = known["balance"] > 0, known["balance"] > known["error"]
print(f"a surplus was forecast {said.sum()} times and came {(said & came).sum()} times")
share = came.mean()
always = planning.brier_score(share, came)
print(f"Brier {planning.brier_score(said, came):.2f}; always saying {share:.0%}: {always:.2f}")

# %% [markdown]
# *Coverage* asks whether an 80% range holds 80% of the outcomes. These held {{ held:.0%}}:
# there were few past errors, and they are a guide only while the world stays the same. *Brier* is the mean squared distance between the
# chance that was given (here 1 for "surplus", else 0) and what happened; 0 is perfect. The third, *pinball loss*, judges a P80, and comes below.
#
# **So what.** Keep a log: activity, P10, P90, actual. After twenty entries you know whether your teams' 80% means 80%.
#
# ## The outside view
#
# Before asking how *your* work will go, ask how such work went. 32 nuclear plants, permits of 1967 to 1971:

# %%
months = data.load("nuclear_plants")["build_months"]
rng = np.random.default_rng(9)
again = [np.quantile(rng.choice(months, len(months)), 0.8) for _ in range(2000)]
ends = np.quantile(again, [0.05, 0.95]).round()
print(f"{len(months)} plants: median {months.median():.1f}, P80 {months.quantile(0.8):.0f} months")
print(f"the P80 itself is known only to {ends[0]:.0f}-{ends[1]:.0f} months (90% interval)")
ratios = [0.9, 1.0, 1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.6, 2.1]  # actual / planned, invented
uplift = planning.reference_class_uplift(ratios, 80)
print(f"ten earlier projects (invented): add {uplift:.0%}, week 20 becomes week {20 * (1 + uplift):.0f}")

# %% [markdown]
# A *reference class* needs no model and cannot forget a risk. With few cases its interval dominates: 32 plants leave {{ ends[1] - ends[0]:.0f}}
# months of doubt about the P80, ten projects far more. Use it as a check: here it says week {{ 20 * (1 + uplift):.0f}}, the simulation
# week {{ sim.p80 / 5:.0f}}. Had they differed by ten weeks, the plan would lack something.
#
# ## "Our tool predicts durations with AI"
#
# Test such a tool on jobs whose duration is known: {{ len(data.load("build_times")):,}} real automatic checks of R packages, and a
# model that predicts each from what was known before it ran.

# %%
from sklearn.linear_model import LinearRegression

builds = data.load("build_times")
known_before = np.log1p(builds.drop(columns=["package", "check_time", "completed"]).astype(float))
part = np.random.default_rng(9).choice(["fit", "tune", "test"], len(builds), p=[0.5, 0.2, 0.3])
done, seconds = builds["completed"], builds["check_time"]
fit, tune, test = ((part == name) & done for name in ("fit", "tune", "test"))
model = LinearRegression().fit(known_before[fit], np.log(seconds[fit]))
told = pd.Series(np.exp(model.predict(known_before)), builds.index)
p10, p80, p90 = np.quantile(seconds[tune] / told[tune], [0.1, 0.8, 0.9])

# %% [markdown]
# {{ (~done).sum()}} checks were aborted. Their times are *censored*: the job would have taken at least that long. We fit on completed
# ones and say so. (Tickets still open are censored too. Average the closed ones, and the slow ones are missing.) The last
# line takes the interval from the model's errors on jobs it had not seen.

# %% [markdown] prompt="predict_ai"
# **Predict first.** The model's typical error is little more than half that of "always the median". Of the test jobs that in truth
# took over 300 seconds, what share does it predict above 300?
#
# <details><summary>Answer</summary>
#
# {{ (told[test & (seconds > 300)] > 300).mean():.0%}}. Models pull towards the middle: rare long jobs look ordinary beforehand. And those long
# jobs are what breaks a date.
#
# </details>

# %%
truth, usual = seconds[test], seconds[fit].median()
bands = pd.cut(told[test], [0, 120, 300, np.inf], labels=["up to 120 s", "120-300 s", "over 300 s"])
kept = (truth >= p10 * told[test]) & (truth <= p90 * told[test])
for name, forecast in [("always the median", usual), ("model", told[test])]:
    print(f"{name}: median error {((forecast - truth).abs() / truth).median():.0%}")
overall = seconds[fit].quantile(0.8)
for name, forecast in [("P80 of all jobs", overall), ("model's P80", p80 * told[test])]:
    print(f"{name}: pinball loss {planning.pinball_loss(forecast, truth, 80):.1f} s")
total = told[test].sum() / truth.sum()
print(f"all test jobs together: the model says {total:.0%} of what they took")
held_by_band = kept.groupby(bands, observed=True).mean()
trust = pd.DataFrame({"jobs": bands.value_counts(), "80% interval held": held_by_band})
trust.round(2)

# %% [markdown]
# Average coverage is right, {{ kept.mean():.0%}}, because short jobs get more than they need. Where the model says "long", its 80% interval holds only
# {{ trust.iloc[2, 1]:.0%}} of the time.
#
# **So what: trust by use.** *Sum of many jobs* (capacity): use the model, and correct the sum: it says
# {{ total:.0%}} of the truth, since it predicts typical times, not means. *One ordinary job*: use its interval. *One long job on your critical path*:
# a hint at most; ask a person. For your own tool, demand coverage by size of prediction, on your jobs.
#
# ## No estimates at all: throughput
#
# For many similar items count instead of estimating: draw past weeks at random until the backlog is empty.

# %%
import warnings

weekly = [310, 420, 380, 290, 450, 400, 360, 240, 210, 190, 230, 200]  # invoices labelled, invented
for name, history in [("all 12 weeks", weekly), ("last 5 weeks", weekly[-5:])]:
    rng = np.random.default_rng(9)
    with warnings.catch_warnings(record=True) as doubts:
        by = np.percentile(planning.when_done(history, 5000, rng=rng), 85)
        many = np.percentile(planning.how_many(history, 10, rng=rng), 15)
    print(f"{name}: 85% sure of 5,000 by week {by:.0f}, and of {many:,.0f} in ten weeks")
    print(f"  {doubts[0].message}")

# %% [markdown]
# The method assumes that the future resembles the weeks you draw from. Here it does not: five weeks ago something broke.
# **First plot the weeks, then forecast**; with a drop, find its cause or forecast from after it. Five weeks are few: the engine warns
# of both, and so should you.
#
# ## What a TPM does with this
#
# **The decision.** Print the P80 into contracts, steer the team by the P50, show the sponsor the P95. Never promise the sum of most likely values, and
# never the P50 to someone who pays for lateness.
#
# **The sentence to Ardent.** "Your week 20 would hold in about one case in {{ 1 / levels.iloc[2, 0]:.0f}}. Print {{ sim.date(80):%d %B %Y}}, which we keep in
# four cases of five; we aim for {{ sim.date(50):%d %B}}. Agree the contract terms with us in June and pay for a second labelling team, and
# both come about {{ bought["both of these"]:.0f}} working days earlier. What we will not promise is October, or
# a model that passes at the first attempt."
#
# ## Recap
#
# - **Ranges:** ask P10 and P90 before the middle; the mean lies right of the most likely.
# - **S-curve:** chance by date; say P50, P80, P95 and commit at a named level.
# - **Merge bias and correlation:** parallel tracks push the date out; common causes fatten the tail.
# - **Drivers:** criticality shows where lateness comes through, the tornado how much it moves; test remedies with the same seed.
# - **Calibration and outside view:** coverage, Brier, pinball; few cases, wide intervals. Trust predictions by use.
#
# Next: the [practice](09_uncertainty_practice.ipynb).
#
# ## Sources
#
# - Quillmark, Ardent, their plan, ratios and weekly counts are invented; every finish date is simulated.
# - Budgets: US Office of Management and Budget, 1980-2010, as packed in vega-datasets 3.2.1 (US Government data).
# - Plants: D. R. Cox and E. J. Snell, *Applied Statistics*, 1981, as packed in R's boot 1.3-28.1.
# - Checks: CRAN, 20 January 2019, collected by Max Kuhn, as packed in R's modeldata 1.1.0 (MIT).

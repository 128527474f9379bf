# %% [markdown]
# **How to work here.** Take the exercises in any order; none needs the answer of another. Write in the answer cell, run
# it, then run the check cell below it. A failing check costs its own points only, and says what it saw and where to look.
#
# **The setting.** You are the TPM at Quillmark, an invented company. You bring dates to people who will act on them.
# Weeks are working weeks of five days. `planning` is the engine of the lesson; use it wherever it helps.

# %% readonly="setup"
import math

import numpy as np
import pandas as pd
from tpmkit import planning
from tpmkit.checks import Checks

# %% [markdown]
# ## 1 · Read the distribution (2 points)
#
# A simulation gave one finish for each run. Sales wants to hear two things: how safe is the date on the slide, and which date
# is safe enough? Write `commit(finishes, promised, level)`.
#
# - `finishes`: a list of finishing weeks, one per run, in **no particular order**.
# - `promised`: the week on the slide. A run that finishes exactly then is on time.
# - `level`: a whole number from 1 to 100, in percent.
# - Result: a pair `(chance, week)`. `chance` is the share of runs, from 0 to 1, that are on time. `week` is the earliest of the listed finishes
#   by which **at least** `level` percent of the runs are finished; no value between two runs.
#
# **By hand.** Ten runs: 25, 18, 34, 20, 22, 19, 28, 20, 23, 21. By week 20 four are finished (18, 19, 20, 20): 0.4. Sorted, the eighth
# is 25: eight of ten are finished by then, so at level 80 the answer is `(0.4, 25)`.
#
# <details><summary>Hint</summary>
#
# Sort. With n runs you need the first place k (counted from 1) for which `100 * k >= level * n`.
# `numpy.percentile` invents values between two runs unless you ask for `method="inverted_cdf"`.
#
# </details>


# %% solution="commit"
def commit(finishes, promised, level):
    """Chance of a promised week, and the week that is safe at a level.

    Parameters
    ----------
    finishes : list of float
        Finishing week of each run, in any order.
    promised : float
        The week on the slide.
    level : int
        Percent of the runs that have to be finished, 1 to 100.

    Returns
    -------
    tuple
        Share of runs on time, and the earliest finish that enough runs keep.
    """
    ### BEGIN SOLUTION
    ordered = sorted(finishes)
    on_time = sum(1 for week in ordered if week <= promised)
    place = -(-level * len(ordered) // 100)
    return on_time / len(ordered), ordered[place - 1]
    ### END SOLUTION


# %% test="commit"
check = Checks(2)
with check(1, "the ten runs above give 0.4 and week 25", hint="sort, then count from the front") as see:
    ten = [25, 18, 34, 20, 22, 19, 28, 20, 23, 21]
    chance, week = see(commit(ten, 20, 80))
    assert math.isclose(chance, 0.4) and week == 25
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
many = [26.0, *np.round(20 + rng.gamma(3, 2, 399), 1).tolist()]
with check(
    0.5, "right on 400 other runs, at any level", hint="at least `level` percent, and no value in between"
) as see:
    for level in (1, 50, 80, 95, 100):
        chance, week = see(commit(many, 26.0, level))
        assert math.isclose(chance, np.mean(np.array(many) <= 26.0))
        assert math.isclose(week, np.percentile(many, level, method="inverted_cdf"))
with check(0.5, "a surer date is never an earlier one; order does not matter", hint="sort first") as see:
    weeks = [see(commit(many[::-1], 26.0, level))[1] for level in (10, 50, 80, 95)]
    assert np.allclose(weeks, np.percentile(many, [10, 50, 80, 95], method="inverted_cdf"))
### END HIDDEN TESTS
check

# %% [markdown]
# ## 2 · Where paths meet (3 points)
#
# Several teams work in parallel on equal parts, and integration waits for the last. Each team says "5.8 weeks on average",
# so the plan says 5.8. Write `last_team(weeks, chances, teams)`: after how many weeks, on average, is the *last* team done?
#
# - `weeks`, `chances`: two lists of equal length: possible durations, all different, in **no particular order**, and how likely each is. The chances add up to 1.
# - `teams`: how many teams, 1 or more. They are independent, and all have this distribution.
# - Result: the exact mean, as a number. (Simulated values scatter too much to pass.)
#
# **By hand.** 4 weeks with chance 0.5, 6 with 0.3, 10 with 0.2; mean 5.8. Two teams:
#
# | week | one team done by then | both done by then | the last one in just this week |
# |---|---|---|---|
# | 4 | 0.5 | 0.5 × 0.5 = 0.25 | 0.25 |
# | 6 | 0.8 | 0.8 × 0.8 = 0.64 | 0.64 - 0.25 = 0.39 |
# | 10 | 1.0 | 1.00 | 0.36 |
#
# On average 4 × 0.25 + 6 × 0.39 + 10 × 0.36 = 6.94 weeks. The plan loses 1.14 weeks, and nobody was late.
#
# <details><summary>Hint</summary>
#
# Sort the pairs by weeks. Add up the chances as you go: "done by then". All teams: that sum to the power of `teams`. What
# is new compared with the row above is the chance that the last team finishes in just this week.
#
# </details>


# %% solution="last_team"
def last_team(weeks, chances, teams):
    """Mean time until the last of several independent teams is done.

    Parameters
    ----------
    weeks, chances : list of float
        Possible durations of a team, in any order, and their probabilities.
    teams : int
        Number of teams, 1 or more.

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    mean = done = before = 0.0
    for week, chance in sorted(zip(weeks, chances)):
        done += chance
        mean += week * (done**teams - before)
        before = done**teams
    return mean
    ### END SOLUTION


# %% test="last_team"
check = Checks(3)
with check(1, "two teams of the worked example need 6.94 weeks", hint="multiply 'done by then'") as see:
    assert math.isclose(see(last_team([4, 6, 10], [0.5, 0.3, 0.2], 2)), 6.94)
### BEGIN HIDDEN TESTS
from itertools import product

weeks, chances = [9, 3, 14, 5], [0.25, 0.4, 0.05, 0.3]
exact = {
    teams: sum(
        max(weeks[i] for i in which) * math.prod(chances[i] for i in which)
        for which in product(range(4), repeat=teams)
    )
    for teams in (1, 2, 3, 5)
}
with check(
    1, "right for three and for five teams, with durations in another order", hint="sort by weeks first"
) as see:
    assert math.isclose(see(last_team(weeks, chances, 3)), exact[3])
    assert math.isclose(see(last_team(weeks, chances, 5)), exact[5])
with check(0.5, "one team: its own mean; each team more makes it later", hint="teams=1 is no special case") as see:
    means = [see(last_team(weeks, chances, teams)) for teams in (1, 2, 3)]
    assert np.allclose(means, [exact[1], exact[2], exact[3]])
with check(0.5, "teams that never vary lose nothing", hint="a single possible duration") as see:
    assert math.isclose(see(last_team([7], [1.0], 6)), 7)
### END HIDDEN TESTS
check

# %% [markdown]
# ## 3 · Do their ranges hold? (3 points)
#
# Teams gave a P10 and a P90 before they started; an honest 80% range holds 80% of what comes. Some activities are still open, and the easy
# way, to leave them out, drops exactly the late ones. Write `coverage(log)`.
#
# - `log`: a DataFrame, one row per activity, with columns `team`, `p10`, `p90`, `days` (working days taken so far) and `done` (True or False).
# - A finished activity is *inside* if `p10 <= days <= p90`, both ends included, otherwise *outside*.
# - An open activity whose `days` are already above its `p90` is *outside*: however it ends, it missed the range. Any other open one
#   is unknown and is **not counted**.
# - Result: a dictionary from each team in the log to its share of inside among the counted, from 0 to 1; `float("nan")` for a team with
#   nothing counted.
#
# **By hand.**
#
# | team | p10 | p90 | days | done | |
# |---|---|---|---|---|---|
# | data | 5 | 12 | 12 | yes | inside |
# | data | 4 | 8 | 11 | yes | outside |
# | data | 6 | 15 | 9 | no | unknown |
# | data | 3 | 9 | 14 | no | outside |
# | screen | 10 | 20 | 13 | yes | inside |
#
# `{"data": 1 / 3, "screen": 1.0}`. Finished work alone would give data 1 / 2.
#
# <details><summary>Hint</summary>
#
# Make two columns: `inside` (done and within the ends) and `counted` (done, or above `p90`). Sum both by team and divide; a
# team with `counted` 0 has no figure. `float(...)` turns numpy numbers into plain ones, if you need them.
#
# </details>


# %% solution="coverage"
def coverage(log):
    """Share of each team's P10-P90 ranges that held, as far as is known.

    Parameters
    ----------
    log : pandas.DataFrame
        Columns "team", "p10", "p90", "days" and "done".

    Returns
    -------
    dict
        From team to a share, or `nan` if nothing is known.
    """
    ### BEGIN SOLUTION
    result = {}
    for team, rows in log.groupby("team"):
        inside = (rows["done"] & rows["days"].between(rows["p10"], rows["p90"])).sum()
        counted = (rows["done"] | (rows["days"] > rows["p90"])).sum()
        result[team] = float(inside / counted) if counted else float("nan")
    return result
    ### END SOLUTION


# %% test="coverage"
check = Checks(3)
columns = ["team", "p10", "p90", "days", "done"]
with check(1, "the five activities above", hint="which rows count, and which are inside?") as see:
    rows = [
        ("data", 5, 12, 12, True),
        ("data", 4, 8, 11, True),
        ("data", 6, 15, 9, False),
        ("data", 3, 9, 14, False),
        ("screen", 10, 20, 13, True),
    ]
    answer = see(coverage(pd.DataFrame(rows, columns=columns)))
    assert sorted(answer) == ["data", "screen"]
    assert math.isclose(answer["data"], 1 / 3) and math.isclose(answer["screen"], 1)
### BEGIN HIDDEN TESTS
rows = [
    ("model", 10, 30, 10, True),
    ("model", 10, 30, 30, True),
    ("model", 10, 30, 9, True),
    ("model", 10, 30, 45, True),
    ("ops", 2, 6, 6, False),
    ("ops", 2, 6, 7, False),
    ("ops", 2, 6, 1, True),
    ("ops", 2, 6, 4, True),
    ("ops", 2, 6, 5, True),
]
with check(
    1, "right for two other teams: too early is outside too", hint="both ends belong to the range"
) as see:
    answer = see(coverage(pd.DataFrame(rows, columns=columns)))
    assert math.isclose(answer["model"], 0.5) and math.isclose(answer["ops"], 0.5)
with check(0.5, "once an open one passes its P90 the share can only fall", hint="open and late is outside") as see:
    shares = []
    for days in (3, 6, 8):
        later = [*rows[:4], ("model", 2, 6, days, False)]
        shares.append(see(coverage(pd.DataFrame(later, columns=columns)))["model"])
    assert np.allclose(shares, [0.5, 0.5, 0.4])
with check(0.5, "nothing known: no figure", hint="an open activity within its range") as see:
    answer = see(coverage(pd.DataFrame([("legal", 5, 20, 8, False)], columns=columns)))
    assert list(answer) == ["legal"] and math.isnan(answer["legal"])
### END HIDDEN TESTS
check

# %% [markdown]
# ## 4 · Does she know more than the average? (2 points)
#
# A project lead says for each milestone how likely it is to be met. Is that worth more than knowing how many are met
# in general? Write `brier_pair(said, met)`.
#
# - `said`: a list of chances, from 0 to 1. `met`: a list of equal length, 1 if the milestone was met, else 0.
# - Result: a pair: the Brier score of what she said (mean of the squared differences), and the Brier score of somebody who says the
#   share of `met` each time.
#
# **By hand.** Said 0.9, 0.8, 0.7, 0.6, 0.5; met 1, 1, 0, 0, 1. Her squares: 0.01, 0.04, 0.49, 0.36, 0.25; their mean is 0.23. Three of five were met; saying
# 0.6 each time gives 0.16 three times and 0.36 twice: 0.24. She is barely better than the average.
#
# <details><summary>Hint</summary>
#
# The second is the first with another list of chances. `planning.brier_score` is there for you, and so is a line of your own.
#
# </details>


# %% solution="brier"
def brier_pair(said, met):
    """Brier score of a forecaster, and of always saying the share that was met.

    Parameters
    ----------
    said : list of float
        Chances from 0 to 1.
    met : list of int
        1 if the milestone was met, else 0.

    Returns
    -------
    tuple of float
    """
    ### BEGIN SOLUTION
    share = sum(met) / len(met)
    own = planning.brier_score(said, met)
    return own, planning.brier_score([share] * len(met), met)
    ### END SOLUTION


# %% test="brier"
check = Checks(2)
with check(1, "the five milestones give 0.23 and 0.24", hint="square, then take the mean") as see:
    own, average = see(brier_pair([0.9, 0.8, 0.7, 0.6, 0.5], [1, 1, 0, 0, 1]))
    assert math.isclose(own, 0.23) and math.isclose(average, 0.24)
### BEGIN HIDDEN TESTS
with check(0.5, "right for a lead whose milestones are mostly missed", hint="which share is met here?") as see:
    said, met = [0.9, 0.7, 0.9, 0.8, 0.6, 0.9, 0.3, 0.5], [0, 0, 1, 0, 0, 1, 0, 0]
    own, average = see(brier_pair(said, met))
    assert math.isclose(own, np.mean((np.array(said) - np.array(met)) ** 2))
    assert math.isclose(average, 0.25 * 0.75)
with check(0.5, "a perfect and a perfectly wrong lead", hint="chances of 0 and 1 are allowed") as see:
    assert np.allclose(see(brier_pair([1, 0, 1, 0], [1, 0, 1, 0])), [0, 0.25])
    assert np.allclose(see(brier_pair([0, 1, 0, 1], [1, 0, 1, 0])), [1, 0.25])
### END HIDDEN TESTS
check

# %% [markdown]
# ## 5 · What does the money buy? (3 points)
#
# Three remedies are on the table, each makes one activity shorter. Before anybody pays, write
# `days_bought(table, remedies, level, seed)`: how many working days earlier does each bring the date?
#
# - `table`: a plan as `planning.read_plan` takes it, with columns `id`, `predecessors`, `low`, `mode`, `high`.
# - `remedies`: a dictionary from a remedy's name to `[id, low, mode, high]`: which activity gets which new estimate.
# - `level`: the P-level of the finish to look at, in percent.
# - Simulate with `planning.simulate(plan, rng=..., runs=4000)` and nothing else. The plan as it is and each remedy are simulated with a
#   **new** `np.random.default_rng(seed)` each: same luck, so that a difference is due to the remedy.
# - Result: a dictionary from name to P-level as it is minus P-level with the remedy alone, in working days (positive: earlier, negative: later),
#   right to 0.1 days.
#
# **By hand**, for estimates that never vary: data 10 days, then model 20; screen 24 days beside them; 30 days in all. Model in 12 days
# instead of 20 gives 24 because the screen still takes that long: 6 days bought, not 8. A faster screen buys 0.
#
# <details><summary>Hint</summary>
#
# `plan.replace(id, duration=(low, mode, high))` gives the changed plan; `planning.simulate(...).p(level)` the P-level. Where do you have
# to write `np.random.default_rng(seed)` so that every simulation starts afresh?
#
# </details>


# %% solution="buy"
def days_bought(table, remedies, level, seed):
    """Working days by which each remedy brings a P-level of the finish forward.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns "id", "predecessors", "low", "mode" and "high".
    remedies : dict
        From name to [id, low, mode, high].
    level : float
        P-level of the finish, in percent.
    seed : int
        For a new generator for every simulation.

    Returns
    -------
    dict
        From name to working days, positive if earlier.
    """
    ### BEGIN SOLUTION
    def finish(plan):
        return planning.simulate(plan, rng=np.random.default_rng(seed), runs=4000).p(level)

    plan = planning.read_plan(table)
    now = finish(plan)
    return {
        name: now - finish(plan.replace(id, duration=tuple(estimate)))
        for name, (id, *estimate) in remedies.items()
    }
    ### END SOLUTION


# %% test="buy"
check = Checks(3)
columns = ["id", "predecessors", "low", "mode", "high"]
with check(1, "the plan that never varies: 6 days and 0", hint="a shorter activity helps only until another path is longest") as see:
    fixed = pd.DataFrame(
        [("data", "", 10, 10, 10), ("model", "data", 20, 20, 20), ("screen", "", 24, 24, 24)],
        columns=columns,
    )
    answer = see(
        days_bought(fixed, {"gpus": ["model", 12, 12, 12], "designer": ["screen", 9, 9, 9]}, 80, 1)
    )
    assert sorted(answer) == ["designer", "gpus"]
    assert math.isclose(answer["gpus"], 6) and math.isclose(answer["designer"], 0, abs_tol=1e-9)
### BEGIN HIDDEN TESTS
table = pd.DataFrame(
    [
        ("data", "", 10, 15, 40),
        ("labels", "data", 5, 10, 20),
        ("model", "labels", 10, 20, 50),
        ("screen", "", 30, 40, 60),
        ("pilot", "model;screen", 10, 15, 25),
    ],
    columns=columns,
)
remedies = {
    "contract": ["data", 10, 12, 20],
    "vendor": ["labels", 3, 5, 9],
    "designer": ["screen", 20, 25, 40],
}


def expected(level, seed, named):
    plan = planning.read_plan(table)
    ends = []
    for changed in (plan, plan.replace(named[0], duration=tuple(named[1:]))):
        rng = np.random.default_rng(seed)
        ends.append(planning.simulate(changed, rng=rng, runs=4000).p(level))
    return ends[0] - ends[1]


with check(
    1, "right for three remedies in a plan that varies", hint="a new generator for every simulation, 4,000 runs"
) as see:
    answer = see(days_bought(table, remedies, 80, 5))
    assert sorted(answer) == sorted(remedies)
    for name, named in remedies.items():
        assert math.isclose(answer[name], expected(80, 5, named), abs_tol=0.1)
with check(0.5, "the level matters: P50 and P95 are asked too", hint="do not fix 80") as see:
    for level in (50, 95):
        answer = see(days_bought(table, {"vendor": remedies["vendor"]}, level, 6))
        assert math.isclose(answer["vendor"], expected(level, 6, remedies["vendor"]), abs_tol=0.1)
with check(0.5, "a remedy that changes nothing buys nothing, one that slows costs", hint="same luck on both sides") as see:
    same, slower = ["data", 10, 15, 40], ["model", 20, 24, 70]
    answer = see(days_bought(table, {"same": same, "slower": slower}, 80, 7))
    assert math.isclose(answer["same"], 0, abs_tol=1e-9)
    assert math.isclose(answer["slower"], expected(80, 7, slower), abs_tol=0.1)
### END HIDDEN TESTS
check

# %% [markdown]
# ## 6 · Those that never arrived (2 points)
#
# A reference class holds what happened to projects like yours. In many companies it holds only those that finished. Write
# `outside_view(planned, history, level)`.
#
# - `planned`: weeks that your plan says, above 0. `level`: a whole number from 1 to 100, in percent.
# - `history`: a list of pairs `[planned weeks, actual weeks]` of earlier projects; the actual is `None` if the project was cancelled. At least one pair.
# - The ratio of a project is actual divided by planned. A cancelled one never arrived: it counts as a project, with a ratio above every other.
# - Result: `planned` times the smallest ratio within which **at least** `level` percent of *all* projects stayed; no value between two
#   projects. If that many did not finish at all, return `float("inf")`: no date of this kind can be supported.
#
# **By hand.** Plan 20 weeks, level 80. Five projects: [10, 11], [20, 20], [8, 12], [12, 15.6], [30, cancelled]: ratios 1.0, 1.1, 1.3, 1.5, cancelled. The
# fourth of five makes 80%: 1.5, so 30 weeks. Without the cancelled one 1.5 would still be it, but at level 75 it would be 1.3 instead of 1.5.
#
# <details><summary>Hint</summary>
#
# Let a cancelled project have the ratio `float("inf")` and sort. You need the first place k (from 1) with `100 * k >= level * n`.
#
# </details>


# %% solution="outside"
def outside_view(planned, history, level):
    """Weeks that `level` percent of comparable projects would have stayed within.

    Parameters
    ----------
    planned : float
        Weeks of the plan.
    history : list of [float, float or None]
        Planned and actual weeks of earlier projects; None if cancelled.
    level : int
        Percent, 1 to 100.

    Returns
    -------
    float
        Weeks; `inf` if too few projects finished.
    """
    ### BEGIN SOLUTION
    ratios = sorted(
        float("inf") if actual is None else actual / plan for plan, actual in history
    )
    place = -(-level * len(ratios) // 100)
    return planned * ratios[place - 1]
    ### END SOLUTION


# %% test="outside"
check = Checks(2)
five = [[10, 11], [20, 20], [8, 12], [12, 15.6], [30, None]]
with check(1, "the five projects give 30 weeks at level 80 and at 75", hint="the cancelled one counts") as see:
    assert math.isclose(see(outside_view(20, five, 80)), 30)
    assert math.isclose(see(outside_view(20, five, 75)), 30)
### BEGIN HIDDEN TESTS
eight = [[10, 9], [12, 18], [6, 6], [20, None], [15, 21], [9, 9.9], [16, 20], [25, None]]
with check(0.5, "right for eight projects; a surer date is never earlier", hint="sort the ratios") as see:
    weeks = [see(outside_view(10, eight, level)) for level in (10, 50, 60, 75)]
    assert np.allclose(weeks, [9, 12.5, 14, 15])
with check(0.5, "a level that too few projects reached has no date", hint="what is the last ratio?") as see:
    assert math.isinf(see(outside_view(10, eight, 80)))
    assert math.isinf(see(outside_view(10, [[4, None]], 1)))
### END HIDDEN TESTS
check

# %% [markdown]
# ## 7 · What is wrong in this report? (3 points)
#
# A status report to the steering committee says five things. One holds. For each of the others, name what is wrong.
#
# - **A.** "Three independent teams are each 80% sure to be ready for integration in week 12. So we are 80% sure that integration starts in
#   week 12."
# - **B.** "The simulation puts the P80 in week 27. If it is right, we have one chance in five to finish later than that."
# - **C.** "The legal sign-off lies on the critical path in 95% of the runs, so it is the first thing to shorten." Its estimate is 4 to 5 days; holding it
#   at either end moves the P80 by one day.
# - **D.** "Six activities follow one another, independent of each other. We added up their six P80s; that sum is the P80 of the whole."
# - **E.** "The data team's P10 to P90 ranges held 11 of its last 25 results. A range cannot hold everything, so we keep its ranges."
#
# | word | meaning |
# |---|---|
# | `"holds"` | nothing is wrong |
# | `"merge_bias"` | all have to be on time, not each |
# | `"where_not_how_much"` | being on the longest path is not the same as moving the date |
# | `"levels_added"` | bad luck of all at once is rarer than bad luck of each |
# | `"too_narrow"` | the ranges promise more than they keep |
# | `"survivors"` | those that did not finish were left out |
# | `"past_is_no_guide"` | the past is used although something changed |
#
# Set `verdicts` to a dictionary from letter to word. `"holds"` is used once, no word twice; two words are left over. One point is for keeping to that;
# each letter earns 0.4 more. The form, with answers that are not right:
#
# ```python
# verdicts = {
#     "A": "survivors",
#     "B": ...,
# }
# ```
#
# <details><summary>Hint</summary>
#
# A: what is 0.8 × 0.8 × 0.8? D: what would have to happen in one and the same run? E: how many of 25 should an 80% range hold?
#
# </details>

# %% solution="report"
verdicts = ...
### BEGIN SOLUTION
verdicts = {
    "A": "merge_bias",
    "B": "holds",
    "C": "where_not_how_much",
    "D": "levels_added",
    "E": "too_narrow",
}
### END SOLUTION

# %% test="report"
check = Checks(3)
with check(1, "five letters, five different words of the table, one of them holds", hint="every letter once") as see:
    assert sorted(see(verdicts)) == ["A", "B", "C", "D", "E"]
    words = {
        "holds", "merge_bias", "where_not_how_much", "levels_added", "too_narrow",
        "survivors", "past_is_no_guide",
    }  # fmt: skip
    assert len(set(verdicts.values())) == 5
    assert set(verdicts.values()) <= words and "holds" in verdicts.values()
### BEGIN HIDDEN TESTS
with check(0.4, "A: three teams and one date", hint="what has to be true for integration to start?") as see:
    assert see(verdicts)["A"] == "merge_bias"
with check(0.4, "B: what a P80 says", hint="four in five on one side") as see:
    assert see(verdicts)["B"] == "holds"
with check(0.4, "C: the sign-off", hint="compare the two figures") as see:
    assert see(verdicts)["C"] == "where_not_how_much"
with check(0.4, "D: six activities in a row", hint="good luck in one makes up for bad luck in another") as see:
    assert see(verdicts)["D"] == "levels_added"
with check(0.4, "E: 11 of 25", hint="what does P10 to P90 claim?") as see:
    assert see(verdicts)["E"] == "too_narrow"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 8 · When will the backlog be empty? (2 points)
#
# For many similar items you forecast from weekly counts; but only from weeks that still say something about the next ones. Write
# `done_by(history, items, recent, seed)`.
#
# - `history`: items finished in each past week, oldest first; a week with 0 is a week. `items`: how many are left, above 0.
# - `recent`: how many of the last weeks to compare with the ones before them; both groups have at least one week.
# - *Changed* is True if the mean of the recent weeks is **less than 0.75 times** the mean of the earlier ones, or **more than 1.25 times**; exactly on a limit is not changed.
# - Draw with `planning.when_done(weeks, items, rng=np.random.default_rng(seed), runs=4000)`, where `weeks` is the whole history, or only the
#   recent weeks if it changed.
# - Result: a pair `(week, changed)`. `week` is the smallest whole number of weeks within which at least 85 percent of the runs are done; `changed` is True or False.
#
# **By hand.** 40, 40, 40, 20, 20, 20 and 100 items left, `recent` 3: 20 is less than 0.75 × 40, so it changed; at 20 a week it takes 5 weeks in every run: `(5, True)`.
# For 20, 20, 20, 20 and `recent` 2 the answer is `(5, False)`.
#
# <details><summary>Hint</summary>
#
# `history[-recent:]` are the recent weeks, `history[:-recent]` the earlier ones. `np.percentile(runs, 85, method="inverted_cdf")` stays on
# whole weeks.
#
# </details>


# %% solution="throughput"
def done_by(history, items, recent, seed):
    """Weeks until a backlog is empty with a chance of 85 percent, and whether the pace changed.

    Parameters
    ----------
    history : list of int
        Items finished in each past week, oldest first.
    items : int
        Items left.
    recent : int
        How many of the last weeks to compare with the earlier ones.
    seed : int
        For a new generator.

    Returns
    -------
    tuple
        A whole number of weeks, and True or False.
    """
    ### BEGIN SOLUTION
    pace, before = np.mean(history[-recent:]), np.mean(history[:-recent])
    changed = bool(pace < 0.75 * before or pace > 1.25 * before)
    weeks = history[-recent:] if changed else history
    runs = planning.when_done(weeks, items, rng=np.random.default_rng(seed), runs=4000)
    return int(np.percentile(runs, 85, method="inverted_cdf")), changed
    ### END SOLUTION


# %% test="throughput"
check = Checks(2)
with check(1, "the two histories above", hint="compare the two means, then draw from the right weeks") as see:
    assert tuple(see(done_by([40, 40, 40, 20, 20, 20], 100, 3, 1))) == (5, True)
    assert tuple(see(done_by([20, 20, 20, 20], 100, 2, 1))) == (5, False)
### BEGIN HIDDEN TESTS
def expected(weeks, items, seed):
    runs = planning.when_done(weeks, items, rng=np.random.default_rng(seed), runs=4000)
    return int(np.percentile(runs, 85, method="inverted_cdf"))


steady = [12, 0, 9, 15, 0, 11, 8, 14]
with check(0.5, "a steady history with quiet weeks; more items never take less", hint="a week with 0 counts") as see:
    answers = [tuple(see(done_by(steady, items, 4, 3))) for items in (40, 90, 200)]
    assert answers == [(expected(steady, items, 3), False) for items in (40, 90, 200)]
with check(0.5, "slower and faster both count as changed, the limits themselves do not", hint="less than, more than") as see:
    slower, faster = [30, 34, 26, 10, 14], [10, 12, 8, 30, 24]
    assert tuple(see(done_by(slower, 120, 2, 4))) == (expected([10, 14], 120, 4), True)
    assert tuple(see(done_by(faster, 120, 2, 4))) == (expected([30, 24], 120, 4), True)
    assert tuple(see(done_by([20, 20, 15, 15], 70, 2, 4))) == (expected([20, 20, 15, 15], 70, 4), False)
    assert tuple(see(done_by([20, 20, 25, 25], 90, 2, 4))) == (expected([20, 20, 25, 25], 90, 4), False)
### END HIDDEN TESTS
check

# %% [markdown]
# ## 9 · Memo: the date (10 points)
#
# Belmar Bank (invented) wants Quillmark to read its loan applications. The cell below simulates the plan with correlated durations and two
# risks, and prices four remedies. Everything in it is simulated.

# %% readonly="evidence"
from io import StringIO

TABLE = """
id;predecessors;low;mode;high
security_terms;;10;15;45
sample_data;security_terms;10;15;35
labels;sample_data;10;15;30
model;labels;15;25;60
screen;security_terms;30;40;70
bank_audit;model,screen;15;20;40
rollout;bank_audit;5;10;20
"""
plan = planning.read_plan(pd.read_csv(StringIO(TABLE), sep=";"))
risks = [
    planning.RiskEvent("auditor_unavailable", 0.35, days=(10, 15, 30), activities="bank_audit"),
    planning.RiskEvent("retraining", 0.4, days=(10, 15, 30), activities="model"),
]
rarer = planning.RiskEvent("auditor_unavailable", 0.05, days=(10, 15, 30), activities="bank_audit")
booked = [rarer, risks[1]]
standard = plan.replace("security_terms", duration=(5, 8, 15))
more_labellers = plan.replace("labels", duration=(6, 9, 18))
more_developers = plan.replace("screen", duration=(20, 28, 50))


def simulated(plan, risks):
    rng = np.random.default_rng(19)
    return planning.simulate(plan, rng=rng, runs=20_000, correlation=0.4, risks=risks)


sim = simulated(plan, risks)
remedies = {
    "book the bank's auditor in advance": (plan, booked, 20_000),
    "use the bank's standard security terms": (standard, risks, 35_000),
    "second labelling team": (more_labellers, risks, 40_000),
    "two more developers for the screen": (more_developers, risks, 90_000),
}
rows = {}
for name, (changed, events, cost) in remedies.items():
    rows[name] = [cost, (sim.p80 - simulated(changed, events).p80) / 5]
priced = pd.DataFrame(rows, index=["cost, $", "P80 earlier, weeks"]).T.round(1)
priced["cost, $"] = priced["cost, $"].astype(int)
planned = planning.critical_path(plan).finish
print(f"most likely durations: week {planned / 5:.0f}, which {sim.p_on_time(planned):.0%} of the runs keep")
print(f"P50 week {sim.p50 / 5:.1f}, P80 week {sim.p80 / 5:.1f}, P95 week {sim.p95 / 5:.1f}")
print(f"on the longest path: screen {sim.criticality['screen']:.0%}, model {sim.criticality['model']:.0%}")
swings = planning.tornado(plan, rng=np.random.default_rng(19), risks=risks, correlation=0.4)
moved = [f"{id} {days / 5:.1f}" for id, days in swings["swing"].head(5).items()]
print("moves the P80, in weeks:", ", ".join(moved))
priced

# %% [markdown] task="memo_date"
# **The bank's head of lending writes:** "Our board meets on Monday. In which week do you go live? The plan you showed us says week
# {{ planned / 5:.0f}}. And what would it take to be two weeks faster?"
#
# Answer in **at most 200 words**, for a reader who knows lending and not simulation. Give P50, P80 and P95 in words that can be
# read to a board, and the week you commit to; what drives the date; what buys two weeks and at which price; how sure all this is; and what you will not promise. Which
# level to commit to and which remedy to take is up to you.
#
# === BEGIN MARK SCHEME ===
# **Figures**: week {{ planned / 5:.0f}} holds in {{ sim.p_on_time(planned):.0%}} of the runs; P50 {{ sim.p50 / 5:.0f}}, P80 {{ sim.p80 / 5:.0f}}, P95 {{ sim.p95 / 5:.0f}}. Accept
# any sensible rounding. Earlier by, in weeks: auditor {{ priced.iloc[0, 1]}}, terms {{ priced.iloc[1, 1]}}, labelling {{ priced.iloc[2, 1]}}, screen
# {{ priced.iloc[3, 1]}}. Two weeks come from the terms alone or from a pair of the first three; adding gains of single remedies is
# an approximation, and a memo that says so earns credit. Committing to P80 or P95 is defensible, to P50 only with a reason. Over 200 words:
# *commitment* at most level 2.
#
# **Level 4** is the sample in the answer cell.
#
# **Level 3.** "Week {{ planned / 5:.0f}} holds only if everything goes well: {{ sim.p_on_time(planned):.0%}}. We commit to week {{ sim.p80 / 5:.0f}}, which we keep in four cases of
# five. Half of the time we are done by week {{ sim.p50 / 5:.0f}}; in one case of twenty it is later than week {{ sim.p95 / 5:.0f}}. The agreement on security terms, the
# training of the model and the auditor's calendar drive the date. Taking your standard terms costs us \$35,000 and buys {{ priced.iloc[1, 1]}} weeks; more
# developers for the screen would buy nothing. We do not promise this week if the terms are signed later than
# week 8." (Right, decided, drivers and price; the assumptions
# behind it are not named, nothing says when the date is confirmed.)
#
# **Level 2.** "P50 is {{ sim.p50 / 5:.1f}}, P80 {{ sim.p80 / 5:.1f}} and P95 {{ sim.p95 / 5:.1f}}. The critical path is the model. We could add people to be two weeks
# faster. We recommend week {{ sim.p80 / 5:.0f}}, but there are uncertainties." (Numbers without meaning to a board; no price; 'uncertainties' without a name.)
#
# **Level 1.** "The plan says week {{ planned / 5:.0f}} and we are confident to make it. With two more developers we could make it two weeks
# earlier." (A plan of most likely values as a promise; the remedy that buys nothing.)
# === END MARK SCHEME ===

# %% [markdown] written="memo_date"
# **We commit to week {{ math.ceil(sim.p80 / 5)}}: four chances in five. Please do not announce week {{ planned / 5:.0f}}.**
#
# Week {{ planned / 5:.0f}} assumes that every step takes its most likely time; we would keep it in about one case in
# {{ 1 / sim.p_on_time(planned):.0f}}. We steer towards week {{ sim.p50 / 5:.0f}}, an even chance. In one case in twenty we are later than week {{ sim.p95 / 5:.0f}}.
#
# Agreeing on security terms, training the model (it may need a second round) and your auditor's calendar move the date most.
#
# **Two weeks faster:** if we accept your standard security terms now, all dates come {{ priced.iloc[1, 1]}} weeks earlier. That costs us \$35,000 in
# legal and engineering work. Booking your auditor today (\$20,000) buys about {{ priced.iloc[0, 1]}} more; we have simulated each alone, so take the sum as rough. More developers for the
# screen buy nothing: the screen is almost never what we wait for.
#
# **How sure?** The ranges are our teams' own and are assumed to run late together; we have not yet checked them against earlier
# projects. We repeat the forecast when the terms are signed and when the model meets its target, and confirm or move the week then.
#
# **What we do not promise:** week {{ planned / 5:.0f}}; a model that passes on the first attempt; and, should the terms not be signed by week 8, this date.

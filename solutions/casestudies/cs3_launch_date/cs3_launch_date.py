# %% [markdown]
# *Lumenfold and its people are invented, and so are the plan and the risk register. The milestone log is **simulated**. The budget
# forecasts, the power stations and the machine times are real.*
#
# Read first, in this order:
#
# - the [brief](brief.md): company, decision, deadline, premises;
# - the inbox, nine messages: [1 Elena](inbox/01_ceo.md), [2 Camille](inbox/02_marketing.md),
#   [3 Noor](inbox/03_security.md), [4 Kofi](inbox/04_model.md), [5 Tomas](inbox/05_platform.md),
#   [6 Yusuf](inbox/06_cfo.md), [7 Ines](inbox/07_legal.md), [8 Robert](inbox/08_board.md), [9 Hannah](inbox/09_chief_of_staff.md);
# - the role cards: [CEO](roles/ceo.md), [Marketing](roles/marketing.md), [Security](roles/security.md),
#   [model](roles/model_lead.md), [platform](roles/platform_lead.md), [CFO](roles/cfo.md).
#
# The CEO has told the press "June". On Thursday the management board decides what will be launched, when, and where
# \$120,000 go. You bring one date, with its probability.
#
# | part | what you do | who is answered |
# |---|---|---|
# | 1 | read the plan on the wall, and check what is claimed about it | Tomas, Robert, Kofi |
# | 2 | put the people into it | Kofi |
# | 3 | forecast, with correlation and risk events; see what four tracks at 80 % are worth | Elena, Camille |
# | 4 | find what moves the date | everybody |
# | 5 | spend the money on the set of responses that buys most | Yusuf |
# | 6 | give each decision one owner | Noor, Camille |
# | 7 | commit, so that every number agrees | the board |
# | 8 | write the date memo, settle the conflict, repair the register | the board |
#
# **How to work here.** Each exercise stands alone: take them in any order. Write in the answer cell, run it, run the check
# cell below. A failing check costs its own points only and says what it saw. Your functions may call each other. All days
# are working days from the start of the program.

# %% readonly="setup"
import math
from contextlib import suppress
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from tpmkit import data, planning
from tpmkit.checks import Checks

# %% [markdown]
# ## 0 · The plan, the register, the premises
#
# Two plans lie in this folder. `full` is the plan on the wall: all customers, three languages, dashboard. `core` is the smallest thing
# worth launching: English, one ticket system, no billing, the six design customers by invitation. `register` holds
# eight risks, each with a response that could be paid for.

# %% readonly="plan"
full = pd.read_csv("plan_full.csv")
core = pd.read_csv("plan_core.csv")
register = pd.read_csv("register.csv")
print(f"{len(full)} activities in full, {len(core)} in core, {len(register)} risks")
full[["id", "predecessors", "low", "mode", "high", "resources"]]

# %% readonly="register"
columns = ["risk_id", "title", "probability", "impact_days_p5", "impact_days_p95", "activities", "cost_of_response"]
register[columns]

# %% [markdown]
# **The premises** of the brief, as names you may use:

# %% readonly="premises"
HOLIDAYS = ("2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07", "2026-11-26")
calendar = planning.Calendar("2026-01-12", holidays=HOLIDAYS)
JUNE = calendar.days_until("2026-06-30")  # what the press was told, in working days
CAPACITY = {
    "ml_engineer": 2, "developer": 4, "security_engineer": 1,
    "designer": 1, "marketer": 2, "data_engineer": 1,
}  # fmt: skip
CORRELATION = 0.4  # of all durations, as in the last three launches
BUDGET = 120_000  # dollars for responses and a hire together
HIRES = {"none": 0, "security_engineer": 45_000, "ml_engineer": 60_000, "developer": 50_000}
print(f"30 June is working day {JUNE}")

# %% [markdown]
# **The wall chart**, simulated as it hangs there: as if everybody were free whenever needed, and without the risks of the register.

# %% readonly="figure_wall" alt="Gantt chart of the 26 activities of the full plan with whiskers from P10 to P90 of each finish. Data clauses, labels, model, integration, penetration test, fixes, sign-off and rollout are hatched as critical in half of the runs or more; languages, pilot, campaign and the agent workspace run close beside them."
wall = planning.simulate(
    planning.read_plan(full),
    rng=np.random.default_rng(3),
    runs=10_000,
    correlation=CORRELATION,
    calendar=calendar,
)
ax = planning.gantt_figure(wall)

# %% [markdown]
# Bars run from median start to median finish of the runs, so the last one ends on {{ calendar.date_of(wall.p50):%-d %B}}, later than the 26 May of message 1.
#
# What happened to others before, for part 1: Lumenfold's log of milestones (**simulated**), by project; the budget forecasts
# of the US government against what came; the months it took to build 32 nuclear power stations; and the seconds a machine took to check each of some 13,500 R packages.

# %% readonly="outside"
log = data.load("milestones").groupby("project")[["planned_days", "actual_days"]].sum()
log["ratio"] = log["actual_days"] / log["planned_days"]
official = data.load("budget_forecasts")
official["years_ahead"] = official["target_year"] - official["budget_year"]
came = official[official["years_ahead"] == -1].set_index("target_year")["balance"]
official["too_optimistic"] = official["balance"] > official["target_year"].map(came)
official = official[(official["years_ahead"] >= 1) & official["target_year"].isin(came.index)]
plants = data.load("nuclear_plants")["build_months"]
machine = data.load("build_times").query("completed")["check_time"]
print(f"{len(log)} projects, {len(official)} forecasts, {len(plants)} power stations, {len(machine):,} package checks")

# %% [markdown]
# ## 1 · The plan on the wall
#
# ### 1a · What is claimed, and what the plan says (4 points)
#
# Fill in `audit`. Nothing is rounded; days are working days. "Most likely" is the column `mode`.
#
# | key | what to compute | whose claim |
# |---|---|---|
# | `wall_days` | finish of `full` at most likely durations, as if everybody were free | Elena, message 1 |
# | `mean_days` | the same at mean durations (PERT means) | Elena, 1 |
# | `float_workspace` | total float of `workspace` in `full`, at most likely durations | Tomas, 5 |
# | `float_campaign` | the same of `campaign` | Camille, 2 |
# | `ratio_p80` | the P80 of `log["ratio"]`: the smallest ratio within which at least 80 percent of the projects stayed | Robert, 8 |
# | `official_5` | share of `too_optimistic` among the `official` forecasts five years ahead, 0 to 1 | Robert, 8 |
# | `plants_spread` | P90 of `plants` divided by its P10; `np.percentile` as it comes | Robert, 8 |
# | `machine_tail` | P90 of `machine` divided by its median; the same | Kofi, 4 |
#
# <details><summary>Hint</summary>
#
# `planning.critical_path(planning.read_plan(full))` has a `.finish` and a `.table`; its second argument can be `"mean"`. For `ratio_p80`,
# `np.percentile(..., method="inverted_cdf")` takes a value that occurred. `calendar.date_of(...)` turns a day into a date, to hold against the message.
#
# </details>

# %% solution="audit"
audit = {
    "wall_days": ...,
    "mean_days": ...,
    "float_workspace": ...,
    "float_campaign": ...,
    "ratio_p80": ...,
    "official_5": ...,
    "plants_spread": ...,
    "machine_tail": ...,
}
### BEGIN SOLUTION
path = planning.critical_path(planning.read_plan(full))
audit = {
    "wall_days": path.finish,
    "mean_days": planning.critical_path(planning.read_plan(full), "mean").finish,
    "float_workspace": path.table.loc["workspace", "total_float"],
    "float_campaign": path.table.loc["campaign", "total_float"],
    "ratio_p80": np.percentile(log["ratio"], 80, method="inverted_cdf"),
    "official_5": official.loc[official["years_ahead"] == 5, "too_optimistic"].mean(),
    "plants_spread": np.percentile(plants, 90) / np.percentile(plants, 10),
    "machine_tail": np.percentile(machine, 90) / np.percentile(machine, 50),
}
### END SOLUTION

# %% test="audit"
check = Checks(4)
with check(1, "wall_days and mean_days", hint="the same network, two sets of durations") as see:
    network = planning.read_plan(full)
    assert math.isclose(see(audit["wall_days"]), planning.critical_path(network).finish)
    assert math.isclose(see(audit["mean_days"]), planning.critical_path(network, "mean").finish)
with check(1, "float_workspace and float_campaign", hint="the column total_float") as see:
    slack = planning.critical_path(planning.read_plan(full)).table["total_float"]
    assert math.isclose(see(audit["float_workspace"]), slack["workspace"], abs_tol=1e-6)
    assert math.isclose(see(audit["float_campaign"]), slack["campaign"], abs_tol=1e-6)
### BEGIN HIDDEN TESTS
with check(1, "ratio_p80: four of five projects", hint="whole projects, and no value in between") as see:
    ratio = np.percentile(log["ratio"], 80, method="inverted_cdf")
    assert math.isclose(see(audit["ratio_p80"]), ratio, abs_tol=1e-6)
with check(
    1, "official_5, plants_spread and machine_tail", hint="five years ahead only; divide, do not subtract"
) as see:
    share = official["too_optimistic"][official["years_ahead"] == 5].mean()
    assert math.isclose(see(audit["official_5"]), share, abs_tol=1e-6)
    spread = np.percentile(plants, 90) / np.percentile(plants, 10)
    assert math.isclose(see(audit["plants_spread"]), spread, abs_tol=1e-6)
    tail = np.percentile(machine, 90) / np.percentile(machine, 50)
    assert math.isclose(see(audit["machine_tail"]), tail, abs_tol=1e-6)
### END HIDDEN TESTS
check

# %% [markdown]
# ### 1b · "That is inside the float" (4 points)
#
# Several activities slip at once, and each team says that it has float. Write `slip(table, late)`: by how many days does the
# **finish** move?
#
# - `table`: a plan as `planning.read_plan` takes it. Durations are the most likely ones, everybody is free.
# - `late`: a dictionary from id to the days that this activity takes longer (or, below 0, shorter). Others stay.
# - Result: new finish minus old finish, in days, as a number; below 0 if it comes earlier. If an id is not in the plan, raise a `ValueError`.
#
# **By hand.** design 4 days; then build 6 and, beside it, docs 3; ship 2 after both: 12 days. docs has 3 days of float, build none.
#
# | late | docs ready | build ready | finish | slip |
# |---|---|---|---|---|
# | docs +2 | 9 | 10 | 12 | 0 |
# | docs +5 | 12 | 10 | 14 | 2 |
# | docs +5, build +1 | 12 | 11 | 14 | 2 |
# | build -5 | 7 | 5 | 9 | -3 |
#
# <details><summary>Hint</summary>
#
# `plan.durations()` gives a dictionary that you may change, and `planning.critical_path(plan, days)` takes it.
#
# </details>


# %% solution="slip"
def slip(table, late):
    """Days by which the finish moves when activities take longer or shorter.

    Parameters
    ----------
    table : pandas.DataFrame
        A plan.
    late : dict
        From id to additional days.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an id is not in the plan.
    """
    ### BEGIN SOLUTION
    plan = planning.read_plan(table)
    days = plan.durations()
    for id, more in late.items():
        if id not in days:
            raise ValueError(f"no activity {id!r}")
        days[id] += more
    return planning.critical_path(plan, days).finish - planning.critical_path(plan).finish
    ### END SOLUTION


# %% test="slip"
check = Checks(4)
small = pd.DataFrame(
    [("design", "", 4), ("build", "design", 6), ("docs", "design", 3), ("ship", "build; docs", 2)],
    columns=["id", "predecessors", "duration"],
)
with check(1, "by hand: docs +2 moves nothing, docs +5 moves 2", hint="what does ship wait for?") as see:
    assert math.isclose(see(slip(small, {"docs": 2})), 0, abs_tol=1e-9)
    assert math.isclose(see(slip(small, {"docs": 5})), 2)
with check(1, "by hand: docs +5 and build +1 move 2", hint="together, not one by one") as see:
    assert math.isclose(see(slip(small, {"docs": 5, "build": 1})), 2)
### BEGIN HIDDEN TESTS
with check(1, "right on the wall chart, several at once, later and earlier", hint="use the network") as see:
    network = planning.read_plan(full)
    before = planning.critical_path(network).finish
    for late in [
        {"workspace": 14, "connectors": 10},
        {"material": 60, "tenants": 8, "languages": 9},
        {"model": -9, "labels": -6},
        {},
    ]:
        after = {id: days + late.get(id, 0) for id, days in network.durations().items()}
        expected = planning.critical_path(network, after).finish - before
        assert math.isclose(see(slip(full, late)), expected, abs_tol=1e-9)
with check(1, "an id that is not in the plan: ValueError", hint="refuse it before computing") as see:
    refused = 0
    try:
        see(slip(small, {"docs": 1, "legal": 3}))
    except ValueError:
        refused = 1
    assert see(refused) == 1
### END HIDDEN TESTS
check

# %% [markdown]
# **On the plan.** Tomas reports the workspace 14 days late and the connectors 10; the rest as planned.

# %%
slip(full, {"workspace": 14, "connectors": 10})

# %% [markdown]
# <details><summary>Figure to expect</summary>
#
# {{ slip(full, {"workspace": 14, "connectors": 10}):g}} days, not 24 and not 0.
#
# </details>

# %% [markdown]
# ## 2 · The people (7 points)
#
# Kofi wants a third ML engineer. Before you pay, write `hire_gains(table, capacity)`: how many days does **one more** unit of each resource buy?
#
# - `capacity`: a dictionary from resource to the units there are. Schedules are those of `planning.level(plan, capacity)`, with nothing else
#   set: most likely durations, its best rule.
# - Result: a dictionary with the keys of `capacity`. Each value is the finish with `capacity` as it is, minus the finish with one more
#   unit of this resource **alone**, in days.
# - `capacity` itself must not be changed.
#
# **By hand.** Two tests, a and b, of 10 days each need the only tester; c, 5 days of the only developer, follows a. With one tester: a to day 10,
# then b to day 20 and beside it c to day 15; 20 days. With two testers: both to day 10, c to day 15: 5 days bought. A second developer buys 0.
#
# <details><summary>Hint</summary>
#
# `capacity | {"tester": capacity["tester"] + 1}` is a new dictionary with one more tester; the old one stays as it was.
#
# </details>


# %% solution="hire_gains"
def hire_gains(table, capacity):
    """Days bought by one more unit of each resource, one resource at a time.

    Parameters
    ----------
    table : pandas.DataFrame
        A plan with resources.
    capacity : dict
        Units there are of each resource.

    Returns
    -------
    dict
        From resource to days.
    """
    ### BEGIN SOLUTION
    plan = planning.read_plan(table)
    now = planning.level(plan, capacity).finish
    return {
        name: now - planning.level(plan, capacity | {name: units + 1}).finish
        for name, units in capacity.items()
    }
    ### END SOLUTION


# %% test="hire_gains"
check = Checks(7)
tests = pd.DataFrame(
    [("a", "", 10, "tester"), ("b", "", 10, "tester"), ("c", "a", 5, "developer")],
    columns=["id", "predecessors", "duration", "resources"],
)
with check(2, "by hand: a tester buys 5 days", hint="finish as it is, minus finish with one more") as see:
    assert math.isclose(see(hire_gains(tests, {"tester": 1, "developer": 1}))["tester"], 5)
with check(1, "by hand: a developer buys none", hint="nobody waits for a developer") as see:
    gains = see(hire_gains(tests, {"tester": 1, "developer": 1}))
    assert sorted(gains) == ["developer", "tester"]
    assert math.isclose(gains["developer"], 0, abs_tol=1e-9)
### BEGIN HIDDEN TESTS
queue = pd.DataFrame(
    [
        ("p", "", 2, 6, 9, "lab"), ("q", "", 3, 8, 20, "lab; guard"), ("r", "p", 4, 7, 11, "guard"),
        ("s", "", 5, 9, 30, "lab"), ("t", "q; s", 2, 4, 8, "guard:2"), ("u", "r", 1, 5, 6, ""),
        ("v", "", 4, 10, 12, "lab"), ("w", "", 3, 7, 15, "lab"),
    ],
    columns=["id", "predecessors", "low", "mode", "high", "resources"],
)  # fmt: skip
with check(2, "right for another plan, at most likely durations", hint="one resource at a time") as see:
    there = {"lab": 1, "guard": 2}
    network = planning.read_plan(queue)
    now = planning.level(network, there).finish
    gains = see(hire_gains(queue, dict(there)))
    for name in there:
        more = planning.level(network, there | {name: there[name] + 1}).finish
        assert math.isclose(gains[name], now - more, abs_tol=1e-6)
with check(1, "right for the wall chart", hint="all six resources of CAPACITY") as see:
    network = planning.read_plan(full)
    now = planning.level(network, CAPACITY).finish
    gains = see(hire_gains(full, dict(CAPACITY)))
    assert sorted(gains) == sorted(CAPACITY)
    for name, units in CAPACITY.items():
        more = planning.level(network, CAPACITY | {name: units + 1}).finish
        assert math.isclose(gains[name], now - more, abs_tol=1e-6)
with check(1, "where nobody waits, nobody helps", hint="more than enough of everything") as see:
    gains = see(hire_gains(tests, {"tester": 9, "developer": 9}))
    assert np.allclose([gains["tester"], gains["developer"]], [0, 0])
### END HIDDEN TESTS
check

# %% [markdown]
# **On the plan.** Ask for `core` too before you hire anybody.

# %%
hire_gains(full, CAPACITY)

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# With the people there are, `full` takes {{ planning.level(planning.read_plan(full), CAPACITY).finish:g}} days instead of
# {{ planning.critical_path(planning.read_plan(full)).finish:g}}. One role buys {{ max(hire_gains(full, CAPACITY).values()):g}} days, the five
# others nothing.
#
# </details>

# %% [markdown]
# ## 3 · The forecast
#
# ### 3a · One function for every option (7 points)
#
# Write `forecast(table, risks, capacity, carried_out, correlation, by, rng)`. Everything after this can use it.
#
# 1. Put the people in: `planning.level(plan, capacity).as_plan()` is the plan in which nobody works in two places, in any run.
# 2. The risks: `planning.read_register(risks).events(carried_out)`, where `carried_out` is a list of the ids whose response is paid for.
# 3. `planning.simulate` with this plan, these risks, `correlation`, `rng` and 10,000 runs.
# 4. Return a dict: `"p50"`, `"p80"`, `"p95"` of the finish in days, and `"chance"`, the share of the runs that are finished by day `by`, 0 to 1.
#
# Checks allow 3 percent for P-levels and 0.03 for chances.
#
# **By hand.** The three activities of part 2, one tester, one developer: 20 days in every run, so all P-levels are 20 and the chance to be finished by day 20 is 1.
# Add a risk that is sure to happen (probability 1) and delays b by exactly 4 days: b ends on day 24, all P-levels are 24, the chance by day 20 is 0. If its response is
# carried out and leaves a residual probability of 0: 20 again.
#
# <details><summary>Hint</summary>
#
# Four lines. `simulation.p80` and `simulation.p_on_time(by)` do the reading.
#
# </details>


# %% solution="forecast"
def forecast(table, risks, capacity, carried_out, correlation, by, rng):
    """P-levels of the finish, and the chance of a day, with people, risks and correlation.

    Parameters
    ----------
    table : pandas.DataFrame
        A plan.
    risks : pandas.DataFrame
        A risk register.
    capacity : dict
        Units there are of each resource.
    carried_out : list of str
        Ids of the risks whose response is paid for.
    correlation : float
        Of all durations, 0 to 1.
    by : float
        Working day.
    rng : numpy.random.Generator

    Returns
    -------
    dict
        `p50`, `p80`, `p95`, `chance`.
    """
    ### BEGIN SOLUTION
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    events = planning.read_register(risks).events(carried_out)
    simulation = planning.simulate(
        plan, rng=rng, runs=10_000, risks=events, correlation=correlation
    )
    return {
        "p50": simulation.p50,
        "p80": simulation.p80,
        "p95": simulation.p95,
        "chance": simulation.p_on_time(by),
    }
    ### END SOLUTION


# %% test="forecast"
check = Checks(7)
tests = pd.DataFrame(
    [("a", "", 10, "tester"), ("b", "", 10, "tester"), ("c", "a", 5, "developer")],
    columns=["id", "predecessors", "duration", "resources"],
)
one = {"tester": 1, "developer": 1}
sure = register.head(1).assign(
    probability=1.0, impact_days_p5=4, impact_days_p95=4, activities="b", residual_probability=0.0
)
never = sure.assign(probability=0.0)
with check(1, "by hand: one tester, no risk: 20 days, sure by day 20", hint="the people first") as see:
    found = see(forecast(tests, never, dict(one), [], 0.4, 20, np.random.default_rng(1)))
    assert np.allclose([found["p50"], found["p80"], found["p95"], found["chance"]], [20, 20, 20, 1])
with check(
    1.5, "by hand: a risk that is sure to come: 24 days; with its response 20", hint="events(carried_out)"
) as see:
    found = see(forecast(tests, sure, dict(one), [], 0.4, 20, np.random.default_rng(1)))
    assert np.allclose([found["p50"], found["p80"], found["p95"], found["chance"]], [24, 24, 24, 0])
    found = see(forecast(tests, sure, dict(one), ["R1"], 0.4, 20, np.random.default_rng(1)))
    assert np.allclose([found["p50"], found["p80"], found["p95"], found["chance"]], [20, 20, 20, 1])
### BEGIN HIDDEN TESTS
def expected(table, capacity, carried_out, correlation, by):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    simulation = planning.simulate(
        plan,
        rng=np.random.default_rng(9),
        runs=10_000,
        risks=planning.read_register(register).events(carried_out),
        correlation=correlation,
    )
    return simulation.p50, simulation.p80, simulation.p95, simulation.p_on_time(by)


with check(
    2, "right for the wall chart with its people and risks", hint="correlation goes into simulate; so do the risks"
) as see:
    found = see(forecast(full, register, dict(CAPACITY), [], 0.4, 118, np.random.default_rng(9)))
    *levels, chance = expected(full, CAPACITY, [], 0.4, 118)
    assert np.allclose([found["p50"], found["p80"], found["p95"]], levels, rtol=0.03)
    assert math.isclose(found["chance"], chance, abs_tol=0.03)
with check(1, "right for core with two responses", hint="only the responses in the list") as see:
    found = see(
        forecast(core, register, dict(CAPACITY), ["R3", "R5"], 0.4, 130, np.random.default_rng(9))
    )
    *levels, chance = expected(core, CAPACITY, ["R3", "R5"], 0.4, 130)
    assert np.allclose([found["p50"], found["p80"], found["p95"]], levels, rtol=0.03)
    assert math.isclose(found["chance"], chance, abs_tol=0.03)
with check(
    1.5, "without correlation the P95 is near, with much of it far", hint="take the correlation that is passed"
) as see:
    for correlation in (0.0, 0.9):
        found = see(
            forecast(full, register, dict(CAPACITY), "all", correlation, 130, np.random.default_rng(9))
        )
        *levels, chance = expected(full, CAPACITY, "all", correlation, 130)
        assert np.allclose([found["p50"], found["p80"], found["p95"]], levels, rtol=0.03)
        assert math.isclose(found["chance"], chance, abs_tol=0.03)
### END HIDDEN TESTS
check

# %% [markdown]
# **On the plan.** The date that the press was told, with the people and the risks of today and no money spent. For a picture, keep the
# simulation instead of the dict and call `planning.s_curve_figure(simulation, promised=JUNE)`; `calendar.date_of(...)` turns days into dates.

# %%
forecast(full, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))

# %%
forecast(core, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# June holds in {{ forecast(full, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))["chance"]:.0%}} of the runs of `full` and in
# {{ forecast(core, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))["chance"]:.0%}} of `core`; the P80 of `full` is
# {{ calendar.date_of(forecast(full, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))["p80"]):%d %B}}. With correlation 0 it would be
# {{ calendar.date_of(forecast(full, register, CAPACITY, [], 0, JUNE, np.random.default_rng(0))["p80"]):%d %B}}.
#
# </details>

# %% [markdown]
# ### 3b · Four tracks at 80 percent (5 points)
#
# Camille writes: four tracks lead to the integration, each about 80 % sure of its date, so the integration is. Write `tracks(finishes, promised)`.
#
# - `finishes`: a DataFrame, one column a track, one row a run of the simulation: the day on which the track was ready in this run.
# - `promised`: a dictionary from track to its day; ready on that day is in time. It has the same tracks, perhaps in another order.
# - Return a dict:
#     - `"each"`: a dictionary from track to the share of the runs in which it was in time;
#     - `"all"`: the share of the runs in which **all** tracks were in time;
#     - `"independent"`: what `"all"` would be if the tracks had nothing in common: the product of the shares;
#     - `"mean_loss"`: mean of the last track's day over the runs, minus the largest of the tracks' mean days: what waiting for the last costs on average (merge bias).
#
# **By hand.** Five runs; model promised for day 100, security for day 101:
#
# | run | 1 | 2 | 3 | 4 | 5 | mean |
# |---|---|---|---|---|---|---|
# | model | 90 | 100 | 95 | 110 | 92 | 97.4 |
# | security | 93 | 99 | 120 | 101 | 97 | 102 |
# | last | 93 | 100 | 120 | 110 | 97 | 104 |
#
# In time: model in 4 of 5 runs, security in 4 of 5, both in 3 of 5 (runs 1, 2, 5); 0.8 × 0.8 = 0.64; 104 - 102 = 2 days.
#
# <details><summary>Hint</summary>
#
# `finishes <= pd.Series(promised)` compares column by column, by name, if the columns stand in the same order: `finishes[list(promised)]`. `.mean()` gives a share
# per column, `.all(axis=1)` looks along a run, `finishes.max(axis=1)` is the last track's day.
#
# </details>


# %% solution="tracks"
def tracks(finishes, promised):
    """How often parallel tracks are in time, each and together.

    Parameters
    ----------
    finishes : pandas.DataFrame
        A column for each track, a row for each run: day on which it was ready.
    promised : dict
        From track to day.

    Returns
    -------
    dict
        `each` (dict), `all`, `independent`, `mean_loss`.
    """
    ### BEGIN SOLUTION
    in_time = finishes[list(promised)] <= pd.Series(promised)
    each = in_time.mean()
    return {
        "each": each.to_dict(),
        "all": float(in_time.all(axis=1).mean()),
        "independent": float(each.prod()),
        "mean_loss": float(finishes.max(axis=1).mean() - finishes.mean().max()),
    }
    ### END SOLUTION


# %% test="tracks"
check = Checks(5)
five = pd.DataFrame({"model": [90, 100, 95, 110, 92], "security": [93, 99, 120, 101, 97]})
dates = {"model": 100, "security": 101}
with check(1, "by hand: each in 4 of 5 runs", hint="on the promised day is in time") as see:
    each = see(tracks(five, dates))["each"]
    assert sorted(each) == ["model", "security"]
    assert math.isclose(each["model"], 0.8) and math.isclose(each["security"], 0.8)
with check(1, "by hand: together 3 of 5, independent 0.64", hint="look run by run") as see:
    found = see(tracks(five, dates))
    assert math.isclose(found["all"], 0.6) and math.isclose(found["independent"], 0.64)
with check(0.5, "by hand: 2 days lost to waiting", hint="the last of each run, then the mean") as see:
    assert math.isclose(see(tracks(five, dates))["mean_loss"], 2)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(14)
common = rng.normal(0, 6, 300)
three = pd.DataFrame({name: 80 + common + rng.normal(0, 5, 300) for name in ["ui", "legal", "press"]})
due = {"press": 84, "ui": 86, "legal": 83}
shares = pd.Series({name: (three[name] <= day).mean() for name, day in due.items()})
with check(1, "together, for three tracks with a common cause", hint="all(axis=1), not a product") as see:
    together = np.all([three[name] <= day for name, day in due.items()], axis=0).mean()
    assert math.isclose(see(tracks(three, due))["all"], together, abs_tol=1e-9)
with check(1, "each, independent and the loss for the same tracks", hint="compare by name, not by place") as see:
    found = see(tracks(three, due))
    assert np.allclose([found["each"][name] for name in due], shares)
    assert math.isclose(found["independent"], float(shares.prod()))
    assert math.isclose(found["mean_loss"], three.max(axis=1).mean() - three.mean().max())
with check(0.5, "tracks that always finish together lose nothing", hint="every run the same day") as see:
    found = see(tracks(pd.DataFrame({"x": [5, 9, 7, 8], "y": [5, 9, 7, 8]}), {"x": 8, "y": 8}))
    assert math.isclose(found["all"], 0.75) and math.isclose(found["mean_loss"], 0, abs_tol=1e-9)
    assert math.isclose(found["independent"], 0.5625)
### END HIDDEN TESTS
check

# %% [markdown]
# **On the plan.** The dates that the four tracks gave Camille, against the wall chart of part 0 (without people and risks):

# %%
promised = {"model": 79, "workspace": 64, "connectors": 67, "serving": 54}
tracks(wall.finishes[list(promised)], promised)

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# Each alone {{ min(tracks(wall.finishes[list(promised)], promised)["each"].values()):.0%}} to
# {{ max(tracks(wall.finishes[list(promised)], promised)["each"].values()):.0%}}, all four
# {{ tracks(wall.finishes[list(promised)], promised)["all"]:.0%}}; independent tracks
# {{ tracks(wall.finishes[list(promised)], promised)["independent"]:.0%}}.
#
# </details>

# %% [markdown]
# ## 4 · What moves the date (8 points)
#
# Everybody asks for help. Write `drivers(table, risks, capacity, correlation, seed)`, which says what deserves it.
#
# - The plan with its people and all risks as in 3a, no response carried out. *Swings*: `planning.tornado(...)` of the P80 of the finish with
#   `rng=np.random.default_rng(seed)` and `runs=4000`. *Criticality*: `planning.simulate(...).criticality` with a **new** `np.random.default_rng(seed)` and
#   `runs=4000`. Both with the same risks and correlation.
# - Return a dict of three lists:
#     - `"top"`: the ids of the five largest swings, largest first (all of them if the tornado has fewer than five rows);
#     - `"hidden"`: those of `"top"`, in this order, that the wall chart does not show: risks, and activities that are **not** on the critical path of `table`
#       at most likely durations, with everybody free;
#     - `"harmless"`: ids of activities, in alphabetical order, that are critical in at least half of the runs, but move the P80 by **less than 3 days**
#       (or have no row in the tornado, because nothing about them is uncertain).
#
# **By hand.** legal, 5 days; then build, P10 10 and P90 20 days; then review, P10 2 and P90 2.4 days; beside them idle, 3 days. A risk, R1, may delay build by exactly 4 days.
# One path decides, so swings are 10 (build), 4 (R1) and 0.4 (review). `top` is build, R1, review; `hidden` is R1; `harmless` is legal, review. idle is never critical.
#
# <details><summary>Hint</summary>
#
# `planning.critical_path(...).critical` holds the ids on the critical path. `planning.tornado` returns a table by id, largest swing first, with a column `swing`. For `harmless`, `swings["swing"].get(id, 0.0)` is 0 where there is no row.
#
# </details>


# %% solution="drivers"
def drivers(table, risks, capacity, correlation, seed):
    """What moves the P80, what of it the wall chart hides, and what only looks critical.

    Parameters
    ----------
    table, risks, capacity, correlation
        As in `forecast`.
    seed : int
        For two new generators.

    Returns
    -------
    dict
        `top`, `hidden`, `harmless`: lists of ids.
    """
    ### BEGIN SOLUTION
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    model = {
        "risks": planning.read_register(risks).events(),
        "correlation": correlation,
        "runs": 4000,
    }
    swing = planning.tornado(plan, rng=np.random.default_rng(seed), **model)["swing"]
    critical = planning.simulate(plan, rng=np.random.default_rng(seed), **model).criticality
    on_the_wall = planning.critical_path(planning.read_plan(table)).critical
    top = swing.index[:5].tolist()
    return {
        "top": top,
        "hidden": [id for id in top if id not in on_the_wall],
        "harmless": sorted(id for id in plan.ids if critical[id] >= 0.5 and swing.get(id, 0.0) < 3),
    }
    ### END SOLUTION


# %% test="drivers"
check = Checks(8)
line = pd.DataFrame(
    [
        ("legal", "", 5, None, None), ("build", "legal", None, 10, 20),
        ("review", "build", None, 2, 2.4), ("idle", "", 3, None, None),
    ],
    columns=["id", "predecessors", "duration", "p10", "p90"],
)  # fmt: skip
maybe = register.head(1).assign(
    probability=0.5, impact_days_p5=4, impact_days_p95=4, activities="build", residual_probability=0.0
)
with check(1.5, "by hand: build, R1, review", hint="the tornado is sorted already") as see:
    assert list(see(drivers(line, maybe, {}, 0.4, 1))["top"]) == ["build", "R1", "review"]
with check(1.5, "by hand: R1 is hidden; legal and review are harmless", hint="less than 3 days, but critical") as see:
    found = see(drivers(line, maybe, {}, 0.4, 1))
    assert list(found["hidden"]) == ["R1"]
    assert list(found["harmless"]) == ["legal", "review"]
### BEGIN HIDDEN TESTS
beside = pd.DataFrame(
    [("a", "", 20, None, None), ("b", "", None, 9, 34), ("c", "a; b", None, 4, 6)],
    columns=["id", "predecessors", "duration", "p10", "p90"],
)
on_a = maybe.assign(activities="a")


def expected(table, capacity, correlation, seed, risks=register):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    events = planning.read_register(risks).events()
    swing = planning.tornado(
        plan, rng=np.random.default_rng(seed), runs=4000, risks=events, correlation=correlation
    )["swing"]
    critical = planning.simulate(
        plan, rng=np.random.default_rng(seed), runs=4000, risks=events, correlation=correlation
    ).criticality
    chart = planning.critical_path(planning.read_plan(table)).critical
    top = list(swing.index[:5])
    hidden = [id for id in top if id not in chart]
    harmless = sorted(id for id in plan.ids if critical[id] >= 0.5 and swing.get(id, 0.0) < 3)
    return top, hidden, harmless


with check(2, "the five largest on the wall chart with its people", hint="risks belong into the tornado, correlation too") as see:
    found = see(drivers(full, register, dict(CAPACITY), 0.4, 12))
    assert list(found["top"]) == expected(full, CAPACITY, 0.4, 12)[0]
with check(1.5, "the five largest in core, with more correlation", hint="the seed starts both generators afresh") as see:
    found = see(drivers(core, register, dict(CAPACITY), 0.7, 13))
    assert list(found["top"]) == expected(core, CAPACITY, 0.7, 13)[0]
with check(
    1.5, "hidden and harmless on the wall chart, and in a plan with a second path",
    hint="the wall chart knows neither people nor risks, and only most likely durations",
) as see:
    found = see(drivers(full, register, dict(CAPACITY), 0.4, 12))
    _, hidden, harmless = expected(full, CAPACITY, 0.4, 12)
    assert list(found["hidden"]) == hidden and list(found["harmless"]) == harmless
    found = see(drivers(beside, on_a, {}, 0.4, 12))
    _, hidden, harmless = expected(beside, {}, 0.4, 12, on_a)
    assert list(found["hidden"]) == hidden and list(found["harmless"]) == harmless
### END HIDDEN TESTS
check

# %% [markdown]
# **On the plan.** For the picture: `planning.tornado_figure(...)` of the tornado.

# %%
drivers(full, register, CAPACITY, CORRELATION, 1)

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# {{ len(drivers(full, register, CAPACITY, CORRELATION, 1)["hidden"]) }} of the five are not on the wall chart.
#
# </details>

# %% [markdown]
# ## 5 · Where the money goes (10 points)
#
# Yusuf ranks responses by their own return and pays from the top. But days do not add up: where two paths meet, shortening one buys nothing until the other
# is short too. Write `best_set(table, risks, capacity, budget, correlation, seed)`.
#
# - Each risk of the register has a response with a price, `cost_of_response`. Among **all** sets of responses that together cost at most `budget` (the empty set included),
#   find the one with the smallest P80 of the finish. If several come within 0.05 days of the smallest, take the cheapest of them.
# - Plan with its people as in 3a. For **each** set: `planning.simulate(...)` with a new `np.random.default_rng(seed)`, `runs=1000`, the correlation, and the events with
#   this set carried out.
# - Return a dict: `"responses"` (ids, in alphabetical order), `"cost"` and `"p80"` of this set.
#
# **By hand.** model 20 days and screen 20 days side by side, then pilot 5. Three risks that are sure to come: R1 delays model by 10 (its response costs 15,000), R2 delays screen
# by 8 (15,000), R3 delays pilot by 3 (10,000); each response removes its delay entirely.
#
# | carried out | model | screen | pilot | finish |
# |---|---|---|---|---|
# | none | 30 | 28 | 8 | 38 |
# | R1 | 20 | 28 | 8 | 36 |
# | R2 | 30 | 20 | 8 | 38 |
# | R3 | 30 | 28 | 5 | 35 |
# | R1, R3 | 20 | 28 | 5 | 33 |
# | R1, R2 | 20 | 20 | 8 | **28** |
#
# Alone, R3 is the best and R2 is worth nothing. With 30,000 the best set is R1 and R2; with 25,000 it is R1 and R3, with 10,000 R3, with 5,000 none.
#
# <details><summary>Hint</summary>
#
# `combinations(ids, size)` for each size from 0 up gives all sets; eight risks have 256. Make the plan with its people once, before the loop. Collect `(p80, cost, ids)`.
#
# </details>


# %% solution="best_set"
def best_set(table, risks, capacity, budget, correlation, seed):
    """The affordable set of responses with the earliest P80.

    Parameters
    ----------
    table, risks, capacity, correlation
        As in `forecast`.
    budget : float
        Dollars.
    seed : int
        For a new generator for every set.

    Returns
    -------
    dict
        `responses` (list of ids), `cost`, `p80`.
    """
    ### BEGIN SOLUTION
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)
    found = []
    for size in range(len(known) + 1):
        for ids in combinations(sorted(known.table.index), size):
            cost = known.cost_of(ids)
            if cost <= budget:
                simulation = planning.simulate(
                    plan,
                    rng=np.random.default_rng(seed),
                    runs=1000,
                    risks=known.events(ids),
                    correlation=correlation,
                )
                found.append((simulation.p80, cost, list(ids)))
    earliest = min(found)[0]
    p80, cost, ids = min((row for row in found if row[0] <= earliest + 0.05), key=lambda row: row[1])
    return {"responses": ids, "cost": cost, "p80": p80}
    ### END SOLUTION


# %% test="best_set"
check = Checks(10)
meet = pd.DataFrame(
    [("model", "", 20), ("screen", "", 20), ("pilot", "model; screen", 5)],
    columns=["id", "predecessors", "duration"],
)
three = register.head(3).assign(
    probability=1.0,
    impact_days_p5=[10, 8, 3],
    impact_days_p95=[10, 8, 3],
    activities=["model", "screen", "pilot"],
    cost_of_response=[15_000, 15_000, 10_000],
    residual_probability=0.0,
    residual_impact=1.0,
)
with check(2, "by hand: with 30,000, R1 and R2: day 28", hint="sets, not single responses") as see:
    found = see(best_set(meet, three, {}, 30_000, 0.0, 1))
    assert list(found["responses"]) == ["R1", "R2"]
    assert math.isclose(found["p80"], 28) and math.isclose(found["cost"], 30_000)
with check(1.5, "by hand: 25,000 buys R1 and R3, 10,000 R3, 5,000 none", hint="at most the budget; none is a set") as see:
    for budget, ids in [(25_000, ["R1", "R3"]), (10_000, ["R3"]), (5_000, [])]:
        assert list(see(best_set(meet, three, {}, budget, 0.0, 1))["responses"]) == ids
### BEGIN HIDDEN TESTS
def expected(table, risks, capacity, budget, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)
    rows = []
    for size in range(len(known) + 1):
        for ids in combinations(sorted(known.table.index), size):
            if known.cost_of(ids) <= budget:
                p80 = planning.simulate(
                    plan,
                    rng=np.random.default_rng(seed),
                    runs=1000,
                    risks=known.events(ids),
                    correlation=correlation,
                ).p80
                rows.append((known.cost_of(ids), p80, list(ids)))
    first = min(row[1] for row in rows)
    return min(row for row in rows if row[1] <= first + 0.05)


some = register[register["risk_id"].isin(["R1", "R4", "R5", "R7", "R8"])]
meeting = pd.DataFrame(
    [("model", "", 15, 20, 35), ("screen", "", 16, 20, 34), ("pilot", "model; screen", 3, 5, 9)],
    columns=["id", "predecessors", "low", "mode", "high"],
)
likely = three.assign(probability=0.9, impact_days_p5=[8, 8, 3], impact_days_p95=[12, 12, 5])
with check(
    0.5, "the wall chart, five of its risks, 75,000: what buys no day is not bought",
    hint="within 0.05 days of the smallest the cheapest",
) as see:
    cost, _, ids = expected(full, some, CAPACITY, 75_000, 0.4, 4)
    found = see(best_set(full, some, dict(CAPACITY), 75_000, 0.4, 4))
    assert list(found["responses"]) == ids and math.isclose(found["cost"], cost)
with check(
    4, "the P80 of the wall chart, of core with more correlation, and of two paths that vary",
    hint="people, correlation and a new generator for every set",
) as see:
    for table, risks, there, budget, correlation in [
        (full, some, CAPACITY, 60_000, 0.4),
        (core, some, CAPACITY, 60_000, 0.8),
        (meeting, likely, {}, 30_000, 0.3),
    ]:
        _, p80, _ = expected(table, risks, there, budget, correlation, 4)
        found = see(best_set(table, risks, dict(there), budget, correlation, 4))
        assert math.isclose(found["p80"], p80, abs_tol=0.1)
with check(2, "more money is never later", hint="every set that was affordable still is") as see:
    p80s = [
        see(best_set(core, some, dict(CAPACITY), budget, 0.4, 5))["p80"]
        for budget in (0, 20_000, 50_000)
    ]
    right = [expected(core, some, CAPACITY, budget, 0.4, 5)[1] for budget in (0, 20_000, 50_000)]
    assert np.allclose(p80s, right, atol=0.1) and p80s[0] > p80s[1] > p80s[2]
### END HIDDEN TESTS
check

# %% [markdown]
# **On the plan.** 256 sets take a few seconds. Before you decide, ask again with a hire (`CAPACITY | {"security_engineer": 2}`, and its price off the budget), and for `core`.

# %%
best_set(full, register, CAPACITY, BUDGET, CORRELATION, 1)

# %%
best_set(core, register, CAPACITY, BUDGET, CORRELATION, 1)

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# Without a hire the best P80 is day {{ best_set(full, register, CAPACITY, BUDGET, CORRELATION, 1)["p80"]:.0f}} for `full` and day
# {{ best_set(core, register, CAPACITY, BUDGET, CORRELATION, 1)["p80"]:.0f}} for `core`. With a second security engineer `full` comes to day
# {{ best_set(full, register, CAPACITY | {"security_engineer": 2}, BUDGET - HIRES["security_engineer"], CORRELATION, 1)["p80"]:.0f}}; other simulations
# of the same set differ by a day or so.
#
# </details>

# %% [markdown]
# ## 6 · One owner for each decision (5 points)
#
# For the security sign-off alone Hannah has heard three names. Fill in `dri`: for each of the seven open decisions, the **one** person who makes it (the directly responsible individual).

# %% readonly="people"
people = pd.DataFrame(
    [
        ("Elena Voss", "", "product; money"),
        ("Yusuf Demir", "", "money"),
        ("Hannah Weiss", "", "product"),
        ("Kofi Mensah", "model", "technical"),
        ("Tomas Berg", "platform", "technical; product"),
        ("Noor Haddad", "security", "security; technical"),
        ("Camille Roy", "marketing", "product; money"),
        ("Ines Duarte", "legal", "legal"),
    ],
    columns=["name", "leads", "may_sign"],
)
decisions = pd.DataFrame(
    [
        ("launch_date", "product", ""),
        ("scope", "product", ""),
        ("data_clauses", "legal", ""),
        ("model_quality", "technical", "model"),
        ("security_signoff", "security", "model; platform"),
        ("campaign_booking", "money", "marketing"),
        ("go", "product", "model; platform; security; marketing"),
    ],
    columns=["decision", "needs", "judges"],
)
decisions

# %%
people

# %% [markdown]
# The rules:
#
# 1. Each decision has exactly one person, written as in `people`. Two names, a list, a committee or a name that is not there break this rule, and then **nothing** else can be
#    judged: the exercise earns 0.
# 2. The person may sign what the decision `needs` (it is among their `may_sign`).
# 3. Nobody judges their own work: the track that the person `leads` is not among those that the decision `judges`.
# 4. Nobody has more than two of the seven.
#
# There is more than one right answer. **An example of rule 3:** Kofi leads the model, so he cannot make `model_quality`, although he may sign what is technical.

# %% solution="dri"
dri = {
    "launch_date": ...,
    "scope": ...,
    "data_clauses": ...,
    "model_quality": ...,
    "security_signoff": ...,
    "campaign_booking": ...,
    "go": ...,
}
### BEGIN SOLUTION
dri = {
    "launch_date": "Elena Voss",
    "scope": "Tomas Berg",
    "data_clauses": "Ines Duarte",
    "model_quality": "Tomas Berg",
    "security_signoff": "Noor Haddad",
    "campaign_booking": "Yusuf Demir",
    "go": "Hannah Weiss",
}
### END SOLUTION

# %% test="dri"
check = Checks(5)


def owners():
    names = people["name"].tolist()
    assert sorted(dri) == sorted(decisions["decision"]), "the seven decisions, no other"
    for decision in decisions["decision"]:
        assert dri[decision] in names, f"{decision}: you wrote {dri[decision]!r}, not one person"
    return [str(dri[decision]) for decision in decisions["decision"]]


with check(2, "seven decisions, one person each", hint="a name as in people, alone") as see:
    assert see(len(owners())) == 7 and see(dri["go"])
### BEGIN HIDDEN TESTS
with check(1, "everybody may sign what they decide", hint="compare needs with may_sign") as see:
    see(dri["go"])
    signs = people.set_index("name")["may_sign"]
    for name, row in zip(owners(), decisions.itertuples(), strict=True):
        assert row.needs in signs[name].split("; "), f"{row.decision}: {name} may not sign it"
with check(1, "nobody judges their own work", hint="compare leads with judges") as see:
    see(dri["go"])
    leads = people.set_index("name")["leads"]
    for name, row in zip(owners(), decisions.itertuples(), strict=True):
        assert leads[name] not in [part for part in row.judges.split("; ") if part], (
            f"{row.decision}: {name} leads what it judges"
        )
with check(1, "nobody has more than two", hint="count each name") as see:
    see(dri["go"])
    counts = pd.Series(owners()).value_counts()
    assert counts.max() <= 2, f"{counts.index[0]} has {counts.max()}"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 7 · The decision (5 points)
#
# Now choose. More than one choice is good, and no check prefers one. What is checked is that it is possible, and that its numbers are *its own*.
#
# | field | what to enter |
# |---|---|
# | `scope` | `"full"` or `"core"` |
# | `hire` | one of `HIRES`: one more of this resource for the whole program, or `"none"` |
# | `responses` | list of the ids whose response is paid for; may be empty |
# | `spend` | dollars: price of the hire and of the responses; at most {{ BUDGET:,}} |
# | `date` | the date you commit to, as `"2026-06-30"`; a working day of the calendar |
# | `chance` | the chance that your choice is finished by then, 0 to 1 |
# | `p80` | the working day of the P80 of your choice, as a number |
# | `reserve` | the contingency in dollars that covers the money lost to risks in 80 percent of the runs: `planning.contingency(losses, 80)`, where `losses` are `planning.simulate_losses` of the events that are left, 10,000 runs; days have no price here |
# | `confirm_by` | the date on which you repeat the forecast, and confirm or withdraw; a working day |
# | `withdraw_below` | the chance below which you withdraw the date on that day |
#
# Judgements, and their ditches:
#
# - A date below an even chance is no promise: `chance` must be at least 0.5. Between 0.5 and 0.8 you may commit, but say so in 8a.
# - Press space is booked 30 working days ahead: `confirm_by` is a working day after 15 January 2026 and **at least 30 working days before** `date` (their `calendar.days_until` differ by 30 or more).
# - `withdraw_below` is at least 0.3 and at least 0.1 below `chance`: at the chance itself, every second plan that runs as expected would be withdrawn.
#
# Scoring, a point each: possible (scope, hire, responses, spend, date); `chance`; `p80`; `reserve` (within 5 percent); the judgements. `chance` counts as right within 0.03 and `p80` within
# 3 percent of a forecast with `CORRELATION`, `CAPACITY` plus the hire, and the risks left after the responses; they may follow from your own `forecast` instead. **If `chance` is not that of your own choice and date, the
# whole decision earns 0:** a date without its plan is no decision.
#
# You may type the numbers or compute them in the cell; typed ones agree only as long as nothing changes.
#
# <details><summary>Hint</summary>
#
# With a hire the capacity is `CAPACITY | {hire: CAPACITY[hire] + 1}`. `forecast(table, register, capacity, responses, CORRELATION, calendar.days_until(date), rng)` gives `chance` and `p80`;
# the events that are left are `planning.read_register(register).events(responses)`.
#
# </details>

# %% solution="decision"
decision = {
    "scope": ...,
    "hire": ...,
    "responses": ...,
    "spend": ...,
    "date": ...,
    "chance": ...,
    "p80": ...,
    "reserve": ...,
    "confirm_by": ...,
    "withdraw_below": ...,
}
### BEGIN SOLUTION
bought = ["R1", "R3", "R4", "R5", "R8"]
events_left = planning.read_register(register).events(bought)
found = forecast(core, register, CAPACITY, bought, CORRELATION, JUNE, np.random.default_rng(0))
losses = planning.simulate_losses(events_left, rng=np.random.default_rng(0), runs=10_000)
decision = {
    "scope": "core",
    "hire": "none",
    "responses": bought,
    "spend": register.set_index("risk_id").loc[bought, "cost_of_response"].sum(),
    "date": "2026-06-30",
    "chance": found["chance"],
    "p80": found["p80"],
    "reserve": planning.contingency(losses, 80),
    "confirm_by": "2026-05-08",
    "withdraw_below": 0.4,
}
### END SOLUTION

# %% test="decision"
check = Checks(5)


def capacity_of():
    if decision["hire"] == "none":
        return dict(CAPACITY)
    return CAPACITY | {decision["hire"]: CAPACITY[decision["hire"]] + 1}


def chosen():
    """What `forecast` needs to know of the choice."""
    assert decision["scope"] in ["full", "core"], f"scope: you wrote {decision['scope']!r}"
    assert decision["hire"] in HIRES, f"hire: you wrote {decision['hire']!r}"
    assert set(decision["responses"]) <= set(register["risk_id"]), "responses: ids of the register"
    table = {"full": full, "core": core}[decision["scope"]]
    by = calendar.days_until(str(decision["date"])[:10])
    return table, register, capacity_of(), list(decision["responses"]), CORRELATION, by


def forecasts():
    """Chance and P80 of the choice; here your own forecast, at grading also one of the judge."""
    own = forecast(*chosen(), np.random.default_rng(31))
    assert own, "write forecast (3a) first; the graded check has one of its own too"
    return [(float(own["chance"]), float(own["p80"]))]


### BEGIN HIDDEN TESTS
def forecasts():
    table, risks, there, carried_out, correlation, by = chosen()
    plan = planning.level(planning.read_plan(table), there).as_plan()
    simulation = planning.simulate(
        plan,
        rng=np.random.default_rng(31),
        runs=20_000,
        risks=planning.read_register(risks).events(carried_out),
        correlation=correlation,
    )
    found = [(simulation.p_on_time(by), simulation.p80)]
    with suppress(Exception):
        own = forecast(*chosen(), np.random.default_rng(31))
        found.append((float(own["chance"]), float(own["p80"])))
    return found


### END HIDDEN TESTS


def agreed():
    said = decision["chance"]
    found = forecasts()
    assert any(abs(said - chance) <= 0.03 for chance, _ in found), (
        f"chance: you wrote {said}; a forecast of this scope, money and date says something else"
    )
    return found


with check(1, "complete and possible", hint="known ids, the sum of the prices, a working day") as see:
    see(decision["scope"])
    agreed()
    prices = register.set_index("risk_id")["cost_of_response"]
    cost = HIRES[decision["hire"]] + sum(float(prices[id]) for id in set(decision["responses"]))
    assert math.isclose(see(decision["spend"]), cost, abs_tol=0.5), (
        f"spend: you wrote {decision['spend']}; the hire and the responses cost something else"
    )
    assert cost <= BUDGET, f"spend: {cost:,.0f} is more than the budget"
    day = str(see(decision["date"]))[:10]
    assert str(calendar.date_of(calendar.days_until(day))) == day, f"date: {day} is no working day"
with check(1, "chance is that of this choice and this date", hint="forecast again what you chose") as see:
    see(decision["chance"])
    assert see(len(agreed())) >= 1
### BEGIN HIDDEN TESTS
with check(1, "p80 is that of this choice", hint="a working day, from the same forecast") as see:
    said = see(decision["p80"])
    assert any(abs(said / p80 - 1) <= 0.03 for _, p80 in agreed()), f"p80: you wrote {said}"
with check(1, "reserve covers the risks that are left", hint="losses of the events after your responses") as see:
    said = see(decision["reserve"])
    agreed()
    left = planning.read_register(register).events(list(decision["responses"]))
    losses = planning.simulate_losses(left, rng=np.random.default_rng(32), runs=20_000)
    right = planning.contingency(losses, 80)
    assert abs(said / right - 1) <= 0.05, f"reserve: you wrote {said}"
with check(1, "the date can be promised, confirmed in time, and withdrawn", hint="see the three ditches above") as see:
    agreed()
    assert see(decision["chance"]) >= 0.5, f"chance: {decision['chance']} is below an even chance"
    day = str(see(decision["confirm_by"]))[:10]
    there = calendar.days_until(day)
    assert str(calendar.date_of(there)) == day, f"confirm_by: {day} is no working day"
    assert there > calendar.days_until("2026-01-15"), f"confirm_by: {day} is not after the meeting"
    lead = calendar.days_until(str(decision["date"])[:10]) - there
    assert lead >= 30, f"confirm_by: {lead} working days before the date"
    low = see(decision["withdraw_below"])
    assert 0.3 <= low <= decision["chance"] - 0.1 + 1e-9, f"withdraw_below: you wrote {low}"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 8 · The papers for Thursday
#
# Write to the board, not to your course instructor. Numbers must be those of your `decision`. Where a claim of the inbox is wrong, correct it
# without making its author lose face.

# %% [markdown] task="memo_date"
# ### 8a · The date, on one page (15 points)
#
# At most 350 words and one table, whose words do not count, to Elena and the board. The commitment comes first: scope, date, its chance in words that can be read aloud, and what Elena tells the press about
# "June". If you commit below P80, say so and why. Then P50, P80 and P95 of your choice; at least two alternatives, among them the plan on the wall as it is, each with its date, chance and price; what moves
# the date; what the money buys and what it does not; one outside view (log, forecasts or power stations) held against your forecast; when the date is confirmed or withdrawn, and what you do not promise.
#
# === BEGIN MARK SCHEME ===
# Any choice that the checks accept can earn full marks: core on 30 June at about 70 %; core in mid-July at over 80 %; full with a second security engineer in the first days of August at 80 %; core by invitation in June and
# full later, both dated. What cannot: "June" for everybody, a P50 that is not called one, a number that contradicts `decision`.
#
# Facts: on the wall day {{ audit["wall_days"]:g}} (26 May), PERT means day {{ audit["mean_days"]:.0f}} (18 June), with people day
# {{ planning.level(planning.read_plan(full), CAPACITY).finish:g}} (5 June) at most likely durations; June holds for `full` in
# {{ forecast(full, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))["chance"]:.0%}}, for `core` without money in
# {{ forecast(core, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))["chance"]:.0%}}. A second security engineer buys 8 days of `full` and none of `core`; a third ML engineer buys nothing in
# either. R7 buys no day; R8 buys none either, but cuts the reserve by about \$40,000 for \$12,000. Outside view: four of five projects in the log stayed within {{ audit["ratio_p80"]:.2f}} times
# their plan ({{ audit["ratio_p80"] * planning.level(planning.read_plan(full), CAPACITY).finish:.0f}} days for `full`); the log is simulated, and a memo that says so earns credit.
#
# Level 1: "We can make June if everybody pulls together; the plan ends on 26 May, so there are five weeks of buffer." Level 2: "I recommend core on 30 June. Chance 70 %, P80 day 125. We spend 114,000. The
# alternative is full scope in August." (Right, but no table, no word for the press, no confirmation.) Level 3: "We commit to core for six invited customers on 30 June: seven chances in ten, less than our usual eight.
# P50 12 June, P80 10 July, P95 6 August. Full scope as planned has two chances in ten for June; with a second security engineer four in five by 4 August, for 105,000. Model, second training round and data clauses
# move the date. On 8 May I repeat the forecast; below 40 % we withdraw. Our log says 1.35 times the plan." (All there; nothing about what the ranges rest on, no sentence for Elena, R8 unexplained.) Level 4 stands at the end.
# A P50 that is committed without saying so: *decision* at most level 2.
# === END MARK SCHEME ===

# %% [markdown] written="memo_date"
# **Elena, for Thursday. We commit to 30 June for our six design customers, by invitation: seven chances in ten.** That is below the eight in ten at which we usually commit; I recommend it because six customers who know the odds can
# live with July, and the market cannot. Everybody else gets no date before {{ calendar.date_of(calendar.days_until(decision["confirm_by"])):%-d %B}}.
#
# For the press: *"We plan to start with our first customers in June, by invitation; everybody else follows in the second half of the year."* True today, and still true if June becomes July.
#
# | choice | price | June | even chance | four in five | 19 in 20 |
# |---|---|---|---|---|---|
# | full, as on the wall (nothing bought) | 0 | {{ forecast(full, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))["chance"]:.0%}} | {{ calendar.date_of(forecast(full, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))["p50"]):%-d %b}} | {{ calendar.date_of(forecast(full, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))["p80"]):%-d %b}} | {{ calendar.date_of(forecast(full, register, CAPACITY, [], CORRELATION, JUNE, np.random.default_rng(0))["p95"]):%-d %b}} |
# | full, second security engineer, R1 R4 R5 | \$105,000 | {{ forecast(full, register, CAPACITY | {"security_engineer": 2}, ["R1", "R4", "R5"], CORRELATION, JUNE, np.random.default_rng(0))["chance"]:.0%}} | {{ calendar.date_of(forecast(full, register, CAPACITY | {"security_engineer": 2}, ["R1", "R4", "R5"], CORRELATION, JUNE, np.random.default_rng(0))["p50"]):%-d %b}} | {{ calendar.date_of(forecast(full, register, CAPACITY | {"security_engineer": 2}, ["R1", "R4", "R5"], CORRELATION, JUNE, np.random.default_rng(0))["p80"]):%-d %b}} | {{ calendar.date_of(forecast(full, register, CAPACITY | {"security_engineer": 2}, ["R1", "R4", "R5"], CORRELATION, JUNE, np.random.default_rng(0))["p95"]):%-d %b}} |
# | **core, R1 R3 R4 R5 R8** | **\${{ decision["spend"]:,}}** | **{{ decision["chance"]:.0%}}** | **{{ calendar.date_of(found["p50"]):%-d %b}}** | **{{ calendar.date_of(decision["p80"]):%-d %b}}** | **{{ calendar.date_of(found["p95"]):%-d %b}}** |
#
# **Why the wall chart misleads.** It ends on {{ calendar.date_of(audit["wall_days"]):%-d %B}} if every activity takes its most likely time, everybody is free at once and nothing goes wrong. At average times it is {{ calendar.date_of(audit["mean_days"]):%-d %B}}.
#
# **What moves the date:** training the model, a second round of it, and the data clauses. Three of the five largest are not on the chart. **What the money buys:** the four responses that, together, bring the date forward most, and the movable
# press slot, which buys no day but cuts the reserve to \${{ round(decision["reserve"], -3):,.0f}}. A third ML engineer buys nothing; a second security engineer buys {{ hire_gains(full, CAPACITY)["security_engineer"]:g}} days of *full* and none of *core*, so hire before the second release.
#
# **Outside view.** In our (simulated) log four of five projects stayed within {{ audit["ratio_p80"]:.2f}} times their plan: day {{ audit["ratio_p80"] * planning.level(planning.read_plan(core), CAPACITY).finish:.0f}} for core; my P80 is day {{ decision["p80"]:.0f}}, later, because the log knows neither
# works councils nor a new log-in. Neither is generous.
#
# **How sure?** The ranges are the teams' own, none checked against their past. One assumption counts most: that delays share causes. Without it June would look like
# {{ forecast(core, register, CAPACITY, decision["responses"], 0, JUNE, np.random.default_rng(0))["chance"]:.0%}}.
#
# **{{ calendar.date_of(calendar.days_until(decision["confirm_by"])):%-d %B}}:** I repeat the forecast, before press space is paid. Below {{ decision["withdraw_below"]:.0%}} Elena withdraws June that day. **Not promised:** German, French, billing, the dashboard, or June if two of six customers have not signed their data clauses by 13 March.

# %% [markdown] task="memo_conflict"
# ### 8b · Noor and Camille (15 points)
#
# Camille wants the pilot to start early, because the campaign needs quotes; Noor wants no customer in the product before the sign-off. The plan of record lies between: `pilot` follows `integrate`, the campaign
# may start 5 days after the pilot. At most 300 words, to both of them together: what each needs (not only demands), what **each** position does to the date, a proposal that says what each gets and gives up, who decides what if you do not agree, by
# when, and by which observable sign the arrangement ends.
#
# Price the positions with your forecast: in your table, change the `predecessors` of `pilot` to `"integrate; signoff"` (Noor) and to `"integrate SS+5"`, 5 days after integration *starts* (Camille), for example with
# `core.assign(predecessors=core["predecessors"].where(core["id"] != "pilot", "integrate; signoff"))`. Further variants are yours.
#
# === BEGIN MARK SCHEME ===
# For `core` with R1 R3 R4 R5 (R8): as planned {{ calendar.date_of(decision["p80"]):%-d %B}}; Noor's rule moves the P80 by about 18 days and June to about 39 %; Camille's earlier pilot buys nothing, because security and not the pilot decides the go;
# a pilot after the penetration test costs about 3 days, after the fixes about 14. With `full` and a second security engineer: 22 days, nothing, 6 days. Other choices have other figures: recompute or accept what agrees with the learner's `decision`.
#
# Good arrangements: pilot on consented or synthetic tickets from integration on, live tickets after the test has found nothing critical; campaign with quotes from the synthetic pilot; the slot booked with a right to move (R8). Noor keeps a veto
# over live data, Camille over what is printed; neither decides the date.
#
# Level 1: "Security and marketing must work together; I will set up a meeting." Level 2: "Noor's rule costs 18 days, so the pilot stays as planned. Camille can start earlier if possible." (One price; a verdict, not an arrangement.) Level 3: "Noor, you need that no customer data
# leaks from untested code; Camille, you need two quotes by mid-May. Sign-off first costs 18 days; an earlier pilot buys none. Proposal: pilot on consented tickets after the penetration test, 3 days; Camille's quotes from two of the six. Noor decides on live data,
# Yusuf on the booking, by 30 January." (No sign at which it ends; needs are guessed right.) Level 4 stands at the end. A proposal without both prices: *evidence* at most level 2.
# === END MARK SCHEME ===

# %% [markdown] written="memo_conflict"
# Noor, Camille: you want the same launch to survive its first week. Noor, you need that no customer's ticket passes through code nobody has tried to break. Camille, you need two quotable customers before the campaign, and a date on which press space
# is not lost. Neither of you needs a particular day for the pilot.
#
# | pilot starts | four in five | June |
# |---|---|---|
# | as planned, after integration | {{ calendar.date_of(decision["p80"]):%-d %B}} | {{ decision["chance"]:.0%}} |
# | Noor: after the sign-off | {{ calendar.date_of(forecast(core.assign(predecessors=core["predecessors"].where(core["id"] != "pilot", "integrate; signoff")), register, CAPACITY, decision["responses"], CORRELATION, JUNE, np.random.default_rng(0))["p80"]):%-d %B}} | {{ forecast(core.assign(predecessors=core["predecessors"].where(core["id"] != "pilot", "integrate; signoff")), register, CAPACITY, decision["responses"], CORRELATION, JUNE, np.random.default_rng(0))["chance"]:.0%}} |
# | Camille: while we integrate | {{ calendar.date_of(forecast(core.assign(predecessors=core["predecessors"].where(core["id"] != "pilot", "integrate SS+5")), register, CAPACITY, decision["responses"], CORRELATION, JUNE, np.random.default_rng(0))["p80"]):%-d %B}} | {{ forecast(core.assign(predecessors=core["predecessors"].where(core["id"] != "pilot", "integrate SS+5")), register, CAPACITY, decision["responses"], CORRELATION, JUNE, np.random.default_rng(0))["chance"]:.0%}} |
# | live tickets after the penetration test | {{ calendar.date_of(forecast(core.assign(predecessors=core["predecessors"].where(core["id"] != "pilot", "integrate; pentest")), register, CAPACITY, decision["responses"], CORRELATION, JUNE, np.random.default_rng(0))["p80"]):%-d %B}} | {{ forecast(core.assign(predecessors=core["predecessors"].where(core["id"] != "pilot", "integrate; pentest")), register, CAPACITY, decision["responses"], CORRELATION, JUNE, np.random.default_rng(0))["chance"]:.0%}} |
#
# Camille, starting earlier buys you no day: the sign-off, not the pilot, decides when we go. Noor, your rule costs about three and a half weeks.
#
# **Proposal.** The pilot starts when integration ends, with tickets that its customers have released in writing, in a separate environment. If the penetration test finds something critical, the pilot stops until it is fixed. Live tickets only after the sign-off.
# *Noor* gets: no live data before sign-off, and outside review in April (R4, paid). She gives up: an empty product until then. *Camille* gets: quotes from released tickets from the second week on, and a slot that can be moved (R8, paid). She gives up: quotes about live use, and any booking before the forecast of
# {{ calendar.date_of(calendar.days_until(decision["confirm_by"])):%-d %B}}.
#
# **Who decides if we disagree.** Whether the pilot runs: Noor, alone. The money for the slot: Yusuf. What is printed about customers: Camille. The date: Elena. I ask for your yes or your change by **Friday, 23 January**; on Monday, 26 January, it goes to Elena as it is.
#
# **It ends** on the day of the sign-off; earlier, if one critical finding stays open for more than ten working days: then both of you meet Elena, with the June date on the table.

# %% [markdown] task="memo_register"
# ### 8c · The register, repaired (15 points)
#
# At most 400 words, tables included. The register computes, but it does not hold what the inbox shows. (1) Add **three** risks that the inbox or the role cards show and the register lacks, at least one of them not technical: a row each with cause, event, effect; probability; days and dollars as ranges (P5 to P95);
# which activities it delays; response with price and residual probability; trigger (metric, comparison, threshold); one owner. (2) Name **one** existing row whose numbers you do not believe, say why, and by which evidence you would change them. (3) Write one criterion that stops or changes the *program*: metric, threshold, date, owner, action.
#
# === BEGIN MARK SCHEME ===
# The inbox holds, among others: a competitor announces on 16 June (Camille); the platform's second senior is away from 1 May (Tomas); half of the refund tickets come from one design customer in merger talks (Kofi); a works council meets only once a quarter, next on 24 March (Ines); Elena's "June" itself: an interview that customers
# quote (reputation); one security engineer, on whom four activities depend (Noor). R1 has a probability of 0.30 although two of six customers have works councils and the last negotiation took 40 days; R6's 0.12 is nobody's measurement; R8's probability contradicts the forecast: the launch moves after booking far more often or
# more rarely, depending on when it is booked. Any of these is fine if argued. Opportunities count as risks.
#
# Level 1: "Risk: delays in development. Response: monitor closely. Owner: team." Level 2: "The second senior goes on leave, so the workspace is late; probability 0.3; 5 to 15 days; Tomas hires a freelancer." (Cause and event, but neither trigger nor residual; ranges without a reason.) Level 3: three rows with all columns, one of them legal or business; R1 doubted
# because two of six have works councils; "if fewer than four clauses are signed by 31 March, Elena moves the date". Level 4 stands at the end.
# === END MARK SCHEME ===

# %% [markdown] written="memo_register"
# | | R9 | R10 | R11 |
# |---|---|---|---|
# | cause (fact) | Half of our refund tickets come from one design customer, which is in merger talks | One works council meets once a quarter, next on 24 March | The platform's second senior is away from 1 May |
# | event (may happen) | it withdraws its tickets | it does not decide in March | Tomas is ill or overloaded in the weeks after integration |
# | effect | training set too thin, labels start again | that customer has no data clause until summer: five pilot customers, less data | fixes wait for the one who knows the log-in |
# | probability | 0.15: Kofi's guess, no count | 0.4: new item, crowded agenda | 0.25 |
# | days, P5 to P95 | 5 to 25, `labels` | 8 to 30, `data_rights` | 4 to 15, `fixes` |
# | dollars, P5 to P95 | 5,000 to 30,000 | 2,000 to 15,000 | 5,000 to 25,000 |
# | response, price | reduce: buy 2,000 invented refund tickets now, \$6,000 | avoid: ask for a written procedure by February; start without this customer if needed, 0 | reduce: hand over the log-in in April, four days of each, 0 |
# | residual probability | 0.15, with 0.4 of the impact | 0.2 | 0.1 |
# | trigger | `refund_tickets < 1500` | `agenda_confirmed < 1` on 10 March | `people_who_can_release < 2` |
# | owner | Kofi Mensah | Ines Duarte | Tomas Berg |
#
# R10 is legal and the largest: it can strike before anything of R1 is visible, and its answer costs nothing. R9 and the second training round (R3) share a cause, so bad days come together: the simulation, which fires risks independently, is too kind here.
#
# **Not believed: R1, probability 0.30.** Two of six customers have a works council, and the last clause took 40 working days, which is the worst case of the estimate. I would put 0.5 until evidence arrives: each clause signed unchanged by 13 February lowers it, each refusal raises it. R1 and R10 hit the same activity;
# Ines answers for both.
#
# **Criterion for the program.** If on **31 March** fewer than four of six data clauses are signed (metric: signed clauses, counted by Ines), **Elena** changes the launch the same day: core with released tickets only, three customers, and no public date until the forecast says 50 % again. She agrees to this sentence on Thursday, or changes it.

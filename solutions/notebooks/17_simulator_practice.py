# %% [markdown]
# **How to work here.** Take the exercises in any order; none needs the answer of another. Write in the answer cell, run
# it, then run the check cell below it. A failing check costs its own points only, and says what it saw and where to look.
#
# **The setting.** You run programs in the flight simulator of the lesson. Money is in k\$ (thousands of dollars). Everything is simulated.

# %% readonly="setup"
import math

import numpy as np
import pandas as pd
from tpmkit.checks import Checks
from tpmkit.simulator import BASELINES, OBSERVATION, Program, fly, fly_policy, references

pd.set_option("display.max_colwidth", 100)

# %% [markdown]
# ## 1 · What moved it? (2 points)
#
# A sponsor asks why trust is low. The trace knows: each row says which rule moved which state in which week. Write `movers(trace, state, first, last)`.
#
# - `trace`: a DataFrame with the columns `week`, `rule`, `state`, `before`, `after`, `change`.
# - Use the rows of this `state` in the weeks from `first` to `last`, **both included**.
# - Result: a dictionary from rule to the sum of its changes, **the largest loss first**, the largest gain last. A rule without such rows is left out. No two sums are equal.
#
# **By hand.** `movers(trace, "trust", 3, 4)` of these rows is `{"incident": -0.08, "no_news": -0.05, "communication": 0.03}`:
#
# | week | rule | state | before | after | change |
# |---|---|---|---|---|---|
# | 2 | no_news | trust | 0.63 | 0.60 | -0.03 |
# | 3 | incident | trust | 0.60 | 0.52 | -0.08 |
# | 3 | no_news | trust | 0.52 | 0.50 | -0.02 |
# | 3 | debt | health | 0.70 | 0.71 | 0.01 |
# | 4 | no_news | trust | 0.50 | 0.47 | -0.03 |
# | 4 | communication | trust | 0.47 | 0.50 | 0.03 |
#
# <details><summary>Hint</summary>
#
# Filter, `groupby("rule")["change"].sum()`, `sort_values()`. A Series becomes a dictionary with `to_dict()`.
#
# </details>


# %% solution="movers"
def movers(trace, state, first, last):
    """What each rule did to a state in some weeks.

    Parameters
    ----------
    trace : pandas.DataFrame
        Columns week, rule, state, before, after, change.
    state : str
    first, last : int
        Weeks, both included.

    Returns
    -------
    dict
        Rule -> sum of its changes, the largest loss first.
    """
    ### BEGIN SOLUTION
    rows = trace[(trace["state"] == state) & trace["week"].between(first, last)]
    return rows.groupby("rule")["change"].sum().sort_values().to_dict()
    ### END SOLUTION


# %% test="movers"
check = Checks(2)
COLUMNS = ["week", "rule", "state", "before", "after", "change"]
small = pd.DataFrame(
    [
        (2, "no_news", "trust", 0.63, 0.60, -0.03),
        (3, "incident", "trust", 0.60, 0.52, -0.08),
        (3, "no_news", "trust", 0.52, 0.50, -0.02),
        (3, "debt", "health", 0.70, 0.71, 0.01),
        (4, "no_news", "trust", 0.50, 0.47, -0.03),
        (4, "communication", "trust", 0.47, 0.50, 0.03),
    ],
    columns=COLUMNS,
)
with check(0.75, "the rows above", hint="three rules, summed over weeks 3 and 4") as see:
    found = see(movers(small, "trust", 3, 4))
    expected = {"incident": -0.08, "no_news": -0.05, "communication": 0.03}
    assert set(found) == set(expected) and all(math.isclose(found[r], x) for r, x in expected.items())
### BEGIN HIDDEN TESTS
flown = fly(BASELINES["date_driven"], "standard", [41], trace=True)
long = flown.fleet.trace(0)


def sums(state, first, last):
    made = {}
    for row in long.itertuples():
        if row.state == state and first <= row.week <= last:
            made[row.rule] = made.get(row.rule, 0) + row.change
    return made


with check(0.75, "a real trace: other states, other weeks", hint="both weeks are included; other states are left out") as see:
    for wanted in (("morale", 0, 39), ("health", 14, 19), ("trust", 20, 20)):
        found, right = see(movers(long, *wanted)), sums(*wanted)
        assert set(found) == set(right) and all(math.isclose(found[r], x) for r, x in right.items())
with check(0.5, "the largest loss comes first", hint="the order of the dictionary") as see:
    assert list(see(movers(small, "trust", 3, 4))) == ["incident", "no_news", "communication"]
    right = sums("health", 0, 39)
    assert list(see(movers(long, "health", 0, 39))) == sorted(right, key=right.get)
### END HIDDEN TESTS
check

# %% [markdown]
# ## 2 · How sure is the difference? (2 points)
#
# Two policies were flown over the same seeds, so each pair of programs had the same luck. Write `paired(own, other)`.
#
# - `own`, `other`: lists of net values, two or more, in the same order of seeds.
# - Result: a pair `(mean, error)`: the mean of own minus other, and its standard error: the standard deviation of the **differences** (dividing by `n - 1`), divided by the square root of `n`.
#
# **By hand.** `own = [5, 1, 4, 2]`, `other = [3, 2, 1, 2]`. Differences 2, -1, 3, 0; mean 1. Squared distances from it 1, 4, 4, 1; their sum 10 divided by 3 is 3.333, its root 1.826, half of that
# 0.913. Result: `(1, 0.913)`.
#
# <details><summary>Hint</summary>
#
# Subtract first, then take one standard deviation. numpy's `std` divides by `n` unless told otherwise.
#
# </details>


# %% solution="paired"
def paired(own, other):
    """Mean difference of paired values, and its standard error.

    Parameters
    ----------
    own, other : list of float
        In the same order.

    Returns
    -------
    tuple of float
    """
    ### BEGIN SOLUTION
    difference = np.subtract(own, other)
    return float(difference.mean()), float(difference.std(ddof=1) / len(difference) ** 0.5)
    ### END SOLUTION


# %% test="paired"
check = Checks(2)
with check(0.75, "the four pairs above", hint="the mean is 1, the error 0.913") as see:
    mean, error = see(paired([5, 1, 4, 2], [3, 2, 1, 2]))
    assert math.isclose(mean, 1) and math.isclose(error, (10 / 3) ** 0.5 / 2)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(17)
luck = rng.normal(0, 2000, 60)
one, two = (luck + rng.normal(300, 500, 60)).tolist(), (luck + rng.normal(0, 500, 60)).tolist()
gaps = [a - b for a, b in zip(one, two)]
centre = sum(gaps) / 60
spread = (sum((gap - centre) ** 2 for gap in gaps) / 59 / 60) ** 0.5
with check(0.5, "the mean difference of sixty other pairs, with its sign", hint="own minus other") as see:
    assert math.isclose(see(paired(one, two))[0], centre, rel_tol=1e-6)
    assert math.isclose(see(paired(two, one))[0], -centre, rel_tol=1e-6)
with check(0.5, "its standard error", hint="of the differences, not of the two policies apart") as see:
    assert math.isclose(see(paired(one, two))[1], spread, rel_tol=1e-6)
with check(0.25, "luck that both share does not matter", hint="it is gone when you subtract") as see:
    mean, error = see(paired([5 + 100, 1 - 70, 4, 2], [3 + 100, 2 - 70, 1, 2]))
    assert math.isclose(mean, 1) and math.isclose(error, (10 / 3) ** 0.5 / 2)
### END HIDDEN TESTS
check

# %% [markdown]
# ## 3 · Mean, tail, and is it clear? (2 points)
#
# Choose between policies the way a sponsor can accept: nobody who ruins the company in a bad year, then the best on average, and only if the lead is real. Write `choose(nets, floor)`.
#
# - `nets`: a dictionary from a policy's name to its list of net values; all lists have the same length, at least 2, in the same order of seeds.
# - The *tail* of a policy is the mean of its worst tenth: the `n / 10` smallest values, that number **rounded up**. A policy is *bearable* if its tail is **at least** `floor`.
# - None bearable: the result is `"none"`. One: its name.
# - More: take the bearable policies with the highest and the second highest mean (no two means are equal). If the mean of their paired differences is **less than two** of its standard errors
#   (as in exercise 2), the result is `"undecided"`, else the name of the highest.
#
# **By hand**, five seeds, so that the worst tenth is the one worst value:
#
# | | | | | | | mean | tail |
# |---|---|---|---|---|---|---|---|
# | A | 9 | 8 | 9 | 8 | -6 | 5.6 | -6 |
# | B | 4 | 3 | 5 | 3 | -3 | 2.4 | -3 |
# | C | 2 | 0 | 3 | 1 | -2 | 0.8 | -2 |
#
# With `floor = -4`, A is best and not bearable. B minus C: 2, 3, 2, 2, -1; mean 1.6, standard error 0.678, more than two errors: `"B"`. With `floor = -2` only C is bearable: `"C"`. With `floor = -1` it is `"none"`.
#
# <details><summary>Hint</summary>
#
# `math.ceil(n / 10)`; `sorted(values)[:k]`; compare `mean` with `2 * error`.
#
# </details>


# %% solution="choose"
def choose(nets, floor):
    """The policy to fly: bearable, best on average, and clearly so.

    Parameters
    ----------
    nets : dict of list of float
        Net values by policy, paired by seed.
    floor : float
        The least that the worst tenth may come to on average.

    Returns
    -------
    str
        A name, "undecided" or "none".
    """
    ### BEGIN SOLUTION
    table = pd.DataFrame(nets)
    worst = math.ceil(len(table) / 10)
    bearable = [name for name in table if table[name].nsmallest(worst).mean() >= floor]
    ranked = table[bearable].mean().sort_values(ascending=False).index
    if len(ranked) < 2:
        return ranked[0] if len(ranked) else "none"
    lead = table[ranked[0]] - table[ranked[1]]
    return "undecided" if lead.mean() < 2 * lead.sem() else ranked[0]
    ### END SOLUTION


# %% test="choose"
check = Checks(2)
three = {"A": [9, 8, 9, 8, -6], "B": [4, 3, 5, 3, -3], "C": [2, 0, 3, 1, -2]}
with check(0.75, "the three policies above, with three floors", hint="B, C, none") as see:
    assert [see(choose(three, floor)) for floor in (-4, -2, -1)] == ["B", "C", "none"]
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(7)
base = rng.normal(500, 800, 40).round().tolist()
near = [x - 40 + y for x, y in zip(base, rng.normal(0, 900, 40).round().tolist())]
steady = [x / 4 for x in base]
with check(0.5, "a lead that may be luck is undecided", hint="two standard errors of the paired differences") as see:
    assert see(choose({"near": near, "base": base}, -9999)) == "undecided"
    assert see(choose({"less": [x - 5 for x in base], "base": base}, -9999)) == "base"
with check(0.5, "the tail: rounded up, and exactly the floor is bearable", hint="11 values: the 2 worst") as see:
    eleven = {"A": [10.0] * 9 + [-6, -2], "B": [1.0 + n / 10 for n in range(11)]}
    assert see(choose(eleven, -4)) == "A"
    assert see(choose(eleven, -3.9)) == "B"
with check(0.25, "a steady policy wins where the floor is high; names may come in any order", hint="first bearable, then best") as see:
    tail = sum(sorted(steady)[:4]) / 4
    assert see(choose({"base": base, "steady": steady}, tail)) == "steady"
    assert see(choose({"steady": steady, "base": base}, tail)) == "steady"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 4 · What the flight did wrong (2 points)
#
# A colleague's program ended badly, and the meeting blames the launch. You have the recorded actions. Fly them again with **one thing repaired at a time**, under the same luck: the difference is what that one decision cost.
# Write `blame(scenario, seed, actions, repairs)`.
#
# - `actions`: a list of action dictionaries, one a week from week 0.
# - `repairs`: a dictionary from a name to `[first, last, change]`: in the weeks from `first` to `last`, **both included**, the entries of the dictionary `change` replace those of the recorded action, and the
#   others stay. Each repair is tried alone.
# - Fly `Program(scenario, seed)` with the actions, until the program ends or the actions do. `program.end` is `None` while it runs; `program.net` is what it came to.
# - Result: a dictionary from each name to the net with this repair minus the net without any.
#
# **A small one**, in the tutorial: 3 weeks of `{"comms": 2, "pace": "crunch"}`. Repair `"calm"`: `[0, 1, {"pace": "normal"}]`. A long week costs 15% more for 8 people at 6 k\$, which is 7.2 k\$; nothing is earned yet. Result: `{"calm": 14.4}`.
#
# <details><summary>Hint</summary>
#
# An inner function that flies a list of actions and returns the net; `action | change` gives a new dictionary. Do not change `actions` itself: the next repair needs it as it was.
#
# </details>


# %% solution="blame"
def blame(scenario, seed, actions, repairs):
    """What each repair alone would have earned, under the same luck.

    Parameters
    ----------
    scenario : str
    seed : int
    actions : list of dict
        One a week.
    repairs : dict of list
        Name -> first week, last week, entries that change.

    Returns
    -------
    dict
        Name -> net with the repair less net without, in k$.
    """
    ### BEGIN SOLUTION
    def net(flown):
        program = Program(scenario, seed)
        for action in flown:
            if program.end is None:
                program.step(action)
        return program.net

    without = net(actions)
    gained = {}
    for name, (first, last, change) in repairs.items():
        repaired = [a | change if first <= week <= last else a for week, a in enumerate(actions)]
        gained[name] = net(repaired) - without
    return gained
    ### END SOLUTION


# %% test="blame"
check = Checks(2)
with check(0.75, "three weeks of the tutorial", hint="two weeks are repaired") as see:
    found = see(blame("tutorial", 0, [{"comms": 2, "pace": "crunch"}] * 3, {"calm": [0, 1, {"pace": "normal"}]}))
    assert list(found) == ["calm"] and math.isclose(found["calm"], 14.4, abs_tol=0.01)
### BEGIN HIDDEN TESTS
work = {"data": 2, "model": 4, "platform": 2, "governance": 1}
recorded = [
    {"alloc": work, "hire": 1 if week in (6, 7, 8, 9) else 0, "pace": "crunch" if 10 <= week < 18 else "normal",
     "option": "launch" if week == 18 else "continue"}
    for week in range(30)
]  # fmt: skip
tries = {
    "no launch": [18, 18, {"option": "continue"}],
    "no hiring": [6, 9, {"hire": 0}],
    "normal weeks": [10, 17, {"pace": "normal"}],
}


def reflown(actions):
    program = Program("standard", 4)
    for action in actions:
        if program.end:
            break
        program.step(action)
    return program.net


def gains(actions):
    return {
        name: reflown([a | change if first <= n <= last else a for n, a in enumerate(actions)]) - reflown(actions)
        for name, (first, last, change) in tries.items()
    }  # fmt: skip


def agree(found, right):
    return set(found) == set(right) and all(math.isclose(found[k], x, abs_tol=0.01) for k, x in right.items())


with check(0.75, "another flight and three repairs, each alone", hint="both weeks are included; the rest stays as recorded") as see:
    assert agree(see(blame("standard", 4, recorded, tries)), gains(recorded))
with check(0.25, "the order of the repairs does not matter", hint="does a repair stay in the actions for the next?") as see:
    assert agree(see(blame("standard", 4, recorded, dict(reversed(tries.items())))), gains(recorded))
with check(0.25, "a program that ends before its actions do", hint="program.end") as see:
    stopped = recorded[:12] + [{"option": "kill"}] + recorded[13:]
    assert agree(see(blame("standard", 4, stopped, tries)), gains(stopped))
### END HIDDEN TESTS
check

# %% [markdown]
# ## 5 · Where the pivot line lies (2 points)
#
# In week 10 you read a quality and either stay or pivot. You flew past programs both ways under the same luck, so you know what each came to. Write `trigger(readings, stay, turn, lines)`.
#
# - `readings`: the quality seen in each program. `stay`, `turn`: its net without and with the pivot. Lists in the same order.
# - `lines`: candidates for the pivot line, in **no particular order**. With a line, every program whose reading is **below** it pivots, the others stay.
# - Result: a pair `(line, gain)`: the line with the highest mean net over all programs, and how much more that mean is than if nobody pivots (negative if every line loses). Of equal means (closer than 0.000001) the **lowest** line.
#
# **By hand**, lines 0.4, 0.3, 0.5:
#
# | reading | stay | turn |
# |---|---|---|
# | 0.25 | -1000 | 400 |
# | 0.35 | -200 | 100 |
# | 0.42 | 500 | 300 |
# | 0.60 | 2000 | 900 |
#
# Nobody pivots: mean 325. Below 0.3, one does: 675. Below 0.4, two: 750. Below 0.5, three: 700. Result: `(0.4, 425)`.
#
# <details><summary>Hint</summary>
#
# For one line: `np.where(readings < line, turn, stay).mean()`. Sort the lines first; then a strict "better than the best so far" keeps the lowest.
#
# </details>


# %% solution="trigger"
def trigger(readings, stay, turn, lines):
    """The pivot line that pays most, and what it pays.

    Parameters
    ----------
    readings, stay, turn : list of float
        Quality seen, net without and with the pivot, by program.
    lines : list of float

    Returns
    -------
    tuple of float
        The line, and the mean gained over never pivoting.
    """
    ### BEGIN SOLUTION
    readings, stay, turn = map(np.asarray, (readings, stay, turn))
    gain = {line: np.where(readings < line, turn - stay, 0).mean() for line in sorted(lines)}
    best = max(gain.values())
    line = next(line for line in gain if gain[line] > best - 1e-6)
    return float(line), float(gain[line])
    ### END SOLUTION


# %% test="trigger"
check = Checks(2)
with check(0.75, "the four programs above", hint="0.4 and 425") as see:
    four = [[0.25, 0.35, 0.42, 0.60], [-1000, -200, 500, 2000], [400, 100, 300, 900]]
    line, gain = see(trigger(*four, [0.4, 0.3, 0.5]))
    assert math.isclose(line, 0.4) and math.isclose(gain, 425)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
seen = (rng.integers(15, 65, 80) / 100 + 0.005).tolist()
kept = [round(float(6000 * (q - 0.45) + e)) for q, e in zip(seen, rng.normal(0, 900, 80))]
rare = [4000 if n % 3 == 0 else -400 for n in range(80)]  # between 0.35 and 0.5: seldom, but much
turned = [k + (700 if q < 0.35 else x if q < 0.5 else -900) for q, k, x in zip(seen, kept, rare)]
offered = [0.5, 0.2, 0.35, 0.6, 0.45, 0.3, 0.55, 0.4, 0.25]


def worth(line, stay=kept, turn=turned):
    return sum(t if q < line else s for q, s, t in zip(seen, stay, turn)) / 80 - sum(stay) / 80


with check(0.75, "eighty other programs, nine lines", hint="the mean over all programs, also those that stay") as see:
    right = max(offered, key=worth)
    line, gain = see(trigger(seen, kept, turned, offered))
    assert math.isclose(line, right) and math.isclose(gain, worth(right), abs_tol=1e-6)
with check(0.25, "exactly on the line stays; of equal lines the lowest", hint="below; and 0.5 adds nobody") as see:
    assert list(see(trigger([0.4, 0.6], [5, 5], [9, 1], [0.55, 0.41, 0.4, 0.5]))) == [0.41, 2]
with check(0.25, "a line is named even where pivoting never pays", hint="the gain is then below 0") as see:
    line, gain = see(trigger(seen, kept, [x - 100 for x in kept], [0.6, 0.3]))
    assert math.isclose(line, 0.3) and math.isclose(gain, -100 * sum(q < 0.3 for q in seen) / 80)
### END HIDDEN TESTS
check

# %% [markdown]
# ## 6 · A policy of your own (7 points)
#
# Write `policy(obs, memory)`: it sees the week and returns the action, for any program of the scenario *standard*.
#
# - `obs`: a dictionary; the table below names its keys. `obs["events"]` holds last week's events by name, such as `"incident"` or `"launch_refused"`.
# - `memory`: a dictionary of this program's own, empty in week 0. What you put there (numbers, texts, lists, dictionaries) is there next week. Keep nothing elsewhere: no global variables, no dice without a seed.
# - The result is a dictionary; every key may be left out:
#
# | key | values | if left out |
# |---|---|---|
# | `alloc` | weights from 0 for `data`, `model`, `platform`, `governance`, `debt`; only their ratio counts | equal |
# | `hire` | -1 let one go, 0, 1 hire one | 0 |
# | `pace` | `"normal"`, `"crunch"` | normal |
# | `comms` | 0, 1, 2: how much you tell sponsor and stakeholders | 1 |
# | `mitigate` | `None` or one risk: `"label_delay"`, `"vendor_outage"`, `"privacy_finding"`, `"security_finding"`, `"scope_creep"`, `"compute_shortage"`, `"sponsor_change"`, `"regulator_query"`, `"competitor_launch"`, `"key_person"` | `None` |
# | `option` | `"continue"`, `"pivot"` (once, in build), `"shadow"`, `"launch"`, `"rollback"`, `"kill"` | continue |

# %% readonly="observation"
pd.DataFrame(OBSERVATION, index=["unit", "meaning"]).T.rename_axis("key of obs")

# %% [markdown]
# **A worked example**, with much left to gain:
#
# ```python
# def policy(obs, memory):
#     quality = 0.5 * memory.get("quality", obs["quality"]) + 0.5 * obs["quality"]
#     memory["quality"] = quality                                    # smoother than one noisy reading
#     if obs["stage"] == "live":
#         return {"alloc": {"data": 2, "model": 2, "debt": 1}}       # upkeep against drift
#     ready = quality > obs["bar"] + 0.1 and obs["platform"] > 0.5
#     return {"comms": 2, "option": "launch" if ready else "continue"}
# ```
#
# **How it is graded.** It is flown over ten and fifty practice programs (seeds 0 to 9, 0 to 49), and over 100 hidden ones whose seeds nobody knows. Its *share* is 0 if its mean net is that of `date_driven` or less, 1 if it is that of the
# tuned `expert` of *standard*, on the same luck, and at most 1.1. If the mean of its worst tenth is below that of `date_driven`, a fifth of this shortfall comes off, measured in the distance from `date_driven` to the expert (at most 0.2). Stopping in week 0 earns about 0.3,
# stage gates as in the lesson about 0.6. Full points need 0.7.
#
# | | points |
# |---|---|
# | flies the ten without failing, and decides the same when they are flown again | 1.5 |
# | `tutorial_net`: the net of your policy in *tutorial*, to 1 k\$ | 1 |
# | share on the fifty of at least 0.2 | 0.5 |
# | flies the hidden programs without failing | 0.5 |
# | share on the hidden programs of at least 0.2; 0.5; 0.7 | 0.5; 1.5; 1.5 |
#
# - A call that raises or returns something malformed is a failure: that program flies on unattended (`{}` each week) to its end.
# - A call may take 5 milliseconds (an ordinary one takes a hundredth). If even the quickest of five rounds of calls takes longer, the flight is given up and its share is 0.
# - A flight that comes out exactly like that of `gated` or `expert` is not yours: its share is 0.
#
# Try it: `fly(policy, "standard", range(50))` gives a flight with `.net`, an array; `references("standard", range(50))` the course's flights; `fly_policy(policy, "standard", range(50))` what the grader sees: `.share` and `.problem`.
#
# <details><summary>Hint</summary>
#
# Start from the stage gates of the lesson and its table of single changes: which changes pay, and do they add up? Governance below 0.5 makes incidents dear; a live model needs upkeep; trust needs news. A pivot that comes in week 22 cannot pay any more.
#
# </details>


# %% solution="fly"
tutorial_net = ...  # a number, once the policy stands; it may also be set below the function


def policy(obs, memory):
    """Decide a week of a program.

    Parameters
    ----------
    obs : dict
        What is seen; see the table.
    memory : dict
        This program's own; empty in week 0.

    Returns
    -------
    dict
        The action.
    """
    ### BEGIN SOLUTION
    week, stage = obs["week"], obs["stage"]
    quality = memory["quality"] = 0.6 * memory.get("quality", obs["quality"]) + 0.4 * obs["quality"]
    margin = quality - obs["bar"]
    option = "continue"
    if stage == "build":
        work = {"data": 8, "model": 5, "platform": 3, "governance": 3, "debt": 1}
        if week >= 9:
            work |= {"data": 6, "model": 8}
        if week == 10 and quality < 0.4:
            option = "pivot"
        elif week == 20 and quality < 0.4:
            option = "kill"
        elif margin > 0.03 and obs["governance"] > 0.5 and obs["platform"] > 0.4:
            option = "shadow"
    elif stage == "shadow":
        work = {"data": 5, "model": 7, "platform": 3, "governance": 4, "debt": 1}
        if week >= 30 and margin < 0:
            option = "kill"
        elif margin > 0.03 and obs["governance"] > 0.55 and obs["platform"] > 0.5:
            option = "launch"
    else:
        work = {"data": 8, "model": 5, "governance": 1, "debt": 6}
    return {
        "alloc": work,
        "comms": 2 if obs["trust"] < 0.6 else 1,
        "mitigate": "privacy_finding" if week < 8 else None,
        "option": option,
    }


tutorial_net = round(float(fly(policy, "tutorial", [0]).net[0]), 1)
### END SOLUTION

# %% test="fly"
check = Checks(7)
with check(1.5, "flies ten programs without failing, and decides the same when they are flown again", hint="keep everything in memory; dice need a seed") as see:
    see(policy(Program("standard", 0).obs, {}) and "an action")
    ten, again = (fly_policy(policy, "standard", range(10)) for _ in range(2))
    assert see(ten.failed) == 0, ten.problem
    assert all(ten.flight.actions(n) == again.flight.actions(n) for n in range(10)), "the second time it decided otherwise"
with check(1, "tutorial_net is what the policy earns in the tutorial", hint="fly it over one seed of tutorial; has it changed since?") as see:
    tutorial = fly_policy(policy, "tutorial", [0])
    assert abs(float(see(tutorial_net)) - tutorial.flight.net[0]) <= 1
with check(0.5, "practice programs: a share of at least 0.2", hint="0.2 of the way from date_driven to the expert") as see:
    see(policy(Program("standard", 0).obs, {}) and "an action")
    fifty = fly_policy(policy, "standard", range(50))
    assert see(round(min(fifty.share, 0.2), 2)) >= 0.2, fifty.problem
### BEGIN HIDDEN TESTS
from tpmkit.simulator import hidden_seeds

with check(0.5, "hidden programs: none fails", hint="rare cases: an event, a team of three, a live model in week 39") as see:
    hidden = fly_policy(policy, "standard", hidden_seeds("standard", 100))
    assert see(hidden.failed) == 0, hidden.problem or None
with check(0.5, "hidden programs: a share of at least 0.2", hint="does it launch, and does what it launches earn?") as see:
    assert see(round(min(hidden.share, 0.2), 2)) >= 0.2, hidden.problem
with check(1.5, "hidden programs: a share of at least 0.5", hint="clearly better than stopping in week 0") as see:
    assert see(round(min(hidden.share, 0.5), 2)) >= 0.5, hidden.problem
with check(1.5, "hidden programs: a share of at least 0.7", hint="better than stage gates as they stand: which thresholds cost more than they save?") as see:
    assert see(round(min(hidden.share, 0.7), 2)) >= 0.7, hidden.problem
### END HIDDEN TESTS
check

# %% [markdown]
# ## 7 · Another kind of program (3 points)
#
# Take a scenario with other rules, and say which:
#
# - `chosen = "ambiguous_ceiling"`: the first approach is a dead end in about one program of three, and pivoting matters;
# - `chosen = "regulated"`: no launch is accepted below a governance of 0.7, a refused launch is remembered, and incidents cost three times as much.
#
# Write `chosen_policy(obs, memory)` for it, by the rules of exercise 6. It is flown over ten practice programs and 80 hidden ones; the share is measured against `date_driven` and the `expert` of this scenario.
#
# | | points |
# |---|---|
# | one of the two is chosen, and the policy flies its ten practice programs without failing | 1 |
# | share on the hidden programs of at least 0.25; 0.6 | 0.5; 1.5 |
#
# <details><summary>Hint</summary>
#
# *ambiguous_ceiling*: exercise 5 tells how to find the pivot line, and the lesson in which week. *regulated*: reviews of governance are noisy by 0.03; a launch at a reading of exactly 0.7 is refused every second time.
#
# </details>


# %% solution="elsewhere"
chosen = ...


def chosen_policy(obs, memory):
    """Decide a week of a program of the chosen scenario.

    Parameters
    ----------
    obs, memory : dict

    Returns
    -------
    dict
        The action.
    """
    ### BEGIN SOLUTION
    week, stage = obs["week"], obs["stage"]
    quality = memory["quality"] = 0.6 * memory.get("quality", obs["quality"]) + 0.4 * obs["quality"]
    option = "continue"
    if stage == "build":
        work = {"data": 8, "model": 5, "platform": 3, "governance": 3, "debt": 1}
        if week >= 9:
            work |= {"data": 6, "model": 8}
        if week == 10 and quality < 0.4:
            option = "pivot"
        elif quality > 0.53 and obs["governance"] > 0.5 and obs["platform"] > 0.4:
            option = "shadow"
    elif stage == "shadow":
        work = {"data": 5, "model": 7, "platform": 3, "governance": 4, "debt": 1}
        if week >= 30 and quality < 0.5:
            option = "kill"
        elif quality > 0.53 and obs["governance"] > 0.55 and obs["platform"] > 0.5:
            option = "launch"
    else:
        work = {"data": 8, "model": 5, "governance": 1, "debt": 6}
    return {"alloc": work, "comms": 2 if obs["trust"] < 0.6 else 1, "option": option}


chosen = "ambiguous_ceiling"
### END SOLUTION


# %% test="elsewhere"
check = Checks(3)
with check(1, "one of the two scenarios, and its ten practice programs without failing", hint="the two names stand above") as see:
    assert see(chosen) in ("ambiguous_ceiling", "regulated")
    see(chosen_policy(Program(chosen, 0).obs, {}) and "an action")
    ten = fly_policy(chosen_policy, chosen, range(10))
    assert see(ten.failed) == 0, ten.problem
### BEGIN HIDDEN TESTS
from tpmkit.simulator import hidden_seeds

with check(0.5, "hidden programs: a share of at least 0.25", hint="does anything go live?") as see:
    assert see(chosen) in ("ambiguous_ceiling", "regulated")
    unseen = fly_policy(chosen_policy, chosen, hidden_seeds(chosen, 80))
    assert see(round(min(unseen.share, 0.25), 2)) >= 0.25, unseen.problem
with check(1.5, "hidden programs: a share of at least 0.6", hint="what is different in this scenario?") as see:
    assert see(round(min(unseen.share, 0.6), 2)) >= 0.6, unseen.problem
### END HIDDEN TESTS
check

# %% [markdown]
# ## 8 · Memo: by which rules do we fly? (10 points)
#
# Ostara, an invented travel shop, is about to start a program like *standard*. Its rule book is `gated`: shadow and launch from a quality of 0.6, governance of 0.7 for launch, a pivot in week 12 below 0.36. Two changes are proposed: *earlier line*, a pivot in
# week 10 below 0.4; *lower gate*, shadow and launch from 0.53 with a governance of 0.55. Below: 300 programs of the same luck each, k\$.
#
# Ostara's finance director: "A year at less than minus 1,700 on average in the worst tenth closes a country for us." Its head of privacy: "The simulator knows no harm that only shadow finds."

# %% readonly="evidence"
def rules(gate=0.6, governance=0.7, pivot=(12, 0.36)):
    def stage_gates(obs, memory):
        week, stage = obs["week"], obs["stage"]
        quality = memory["q"] = 0.6 * memory.get("q", obs["quality"]) + 0.4 * obs["quality"]
        option = "continue"
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
        comms = 2 if obs["trust"] < 0.55 else 1
        mitigate = "privacy_finding" if week < 12 else None
        return {"alloc": work, "comms": comms, "mitigate": mitigate, "option": option}

    return stage_gates


def flights(scenario):
    return {
        "rule book": fly(rules(), scenario, range(300)),
        "earlier line": fly(rules(pivot=(10, 0.4)), scenario, range(300)),
        "lower gate": fly(rules(gate=0.53, governance=0.55), scenario, range(300)),
        "both": fly(rules(0.53, 0.55, (10, 0.4)), scenario, range(300)),
    }


def compared(scenario):
    flown = flights(scenario)
    rows = {}
    for name, flight in flown.items():
        ahead = flight.net - flown["rule book"].net
        error = ahead.std(ddof=1) / 300**0.5
        worst = np.sort(flight.net)[:30].mean()
        rows[name] = [flight.net.mean(), ahead.mean(), error, worst, 100 * (flight.net < 0).mean()]
        rows[name] += [100 * (ahead < 0).mean(), flight.outcomes["incidents"].mean()]
    columns = ["mean", "ahead", "error", "worst tenth", "below 0, %", "behind rule book, %", "incidents"]
    return pd.DataFrame(rows, index=columns).T.round({"incidents": 2} | dict.fromkeys(columns[:-1], 0))


standard = compared("standard")
standard.astype(dict.fromkeys(standard.columns[:-1], int))

# %% readonly="elsewhere_evidence"
regulated = compared("regulated")
regulated.loc[["rule book", "earlier line"]].astype(dict.fromkeys(regulated.columns[:-1], int))

# %% [markdown] task="memo_rules"
# **Ostara's sponsor writes:** "Which of the two changes do I sign, what does it do to a bad year, and when will you come to me to stop?"
#
# Answer in **at most 220 words**, for a reader who has not seen a simulation. Give what each change is worth and how sure that is; your decision, with the finance director's line in view; the pivot and stop rules you want signed (measure, line, week, who signs); one belief about
# *this* program that will be settled by a week you name, with its probability; and what the simulation does not know. Whether to lower the gate is up to you.
#
# === BEGIN MARK SCHEME ===
# **Figures** (accept any sensible rounding, k\$): rule book mean {{ standard.loc["rule book", "mean"]:,.0f}}, worst tenth {{ standard.loc["rule book", "worst tenth"]:,.0f}}. Earlier line: ahead {{ standard.loc["earlier line", "ahead"]:.0f}} ± {{ standard.loc["earlier line", "error"]:.0f}}, worst tenth {{ standard.loc["earlier line", "worst tenth"]:,.0f}}; behind the rule book in {{ standard.loc["earlier line", "behind rule book, %"]:.0f}}% of programs.
# Lower gate: ahead {{ standard.loc["lower gate", "ahead"]:.0f}} ± {{ standard.loc["lower gate", "error"]:.0f}}, worst tenth {{ standard.loc["lower gate", "worst tenth"]:,.0f}}, incidents {{ standard.loc["lower gate", "incidents"]:.2f}} instead of {{ standard.loc["rule book", "incidents"]:.2f}}. Both: mean {{ standard.loc["both", "mean"]:,.0f}}, ahead {{ standard.loc["both", "ahead"]:.0f}} ± {{ standard.loc["both", "error"]:.0f}}, worst tenth {{ standard.loc["both", "worst tenth"]:,.0f}}.
# The rule book alone misses the finance director's line; each change keeps it. Signing both, the earlier line alone, or both with the old governance gate is defensible; signing none is not without saying that the line is then missed. An error read as the range in which a program lands: *figures* at most level 2. A probability without a week: *rules* at most level 2. Over 220 words: *limits* at most level 2.
#
# **Level 4** is the sample in the answer cell.
#
# **Level 3.** "Sign both. Over 300 simulated programs of the same luck the earlier pivot line brings {{ standard.loc["earlier line", "ahead"]:.0f}} thousand dollars a program, give or take {{ 2 * standard.loc["earlier line", "error"]:.0f}}, the lower gate {{ standard.loc["lower gate", "ahead"]:.0f}}. The worst tenth comes to {{ standard.loc["both", "worst tenth"]:,.0f}} instead of {{ standard.loc["rule book", "worst tenth"]:,.0f}}, inside finance's line. In week 10 we pivot below 0.4; in week 22 we stop below 0.46. I believe with 70% that quality is above 0.4 in week 10. Harm that only shadow finds is not simulated." (Right, decided, rules with line and week; nobody signs, one limit.)
#
# **Level 2.** "Both changes are significantly better, so we take both. We expect about {{ standard.loc["both", "mean"]:,.0f}}. If quality is too low we will pivot early. Simulations are only models." (No tail, no line or week for the rules, a limit that fits anything.)
#
# **Level 1.** "Gates are best practice and we should keep them. We will monitor progress and pivot if needed." (No figure, no decision that could be checked.)
# === END MARK SCHEME ===

# %% [markdown] written="memo_rules"
# **Please sign the earlier pivot line now, and the lower gate with one condition: two weeks of shadow stay, whatever the date.**
#
# In 300 simulated programs with the same luck, the earlier line is worth {{ standard.loc["earlier line", "ahead"]:.0f}} thousand dollars a program on average (very likely between {{ standard.loc["earlier line", "ahead"] - 2 * standard.loc["earlier line", "error"]:.0f}} and
# {{ standard.loc["earlier line", "ahead"] + 2 * standard.loc["earlier line", "error"]:.0f}}), the lower gate {{ standard.loc["lower gate", "ahead"]:.0f}}. A bad year improves too: the worst tenth comes to {{ standard.loc["both", "worst tenth"]:,.0f}} instead of {{ standard.loc["rule book", "worst tenth"]:,.0f}}. Today's rule book misses finance's line of
# -1,700; both changes together keep it. Averages only: in {{ standard.loc["earlier line", "behind rule book, %"]:.0f}}% of programs the earlier line does worse than the old one.
#
# **Rules to sign.** Week 10: smoothed offline quality below 0.4, we pivot. Week 22: below 0.46, we stop. Week 30 in shadow: below 0.49, we stop. You sign the first, finance the others, before week 1; changes only in writing before their week.
#
# **My belief:** 70% that quality is above 0.4 in week 10. Ask me then.
#
# **What the simulation does not know:** harm that only shadow finds, and privacy law; that is why shadow stays and privacy signs the gate of 0.55. Most of its numbers are assumptions. Prices of incidents are ours to estimate: where they are three times as high, the earlier line still pays, {{ regulated.loc["earlier line", "ahead"]:.0f}}.

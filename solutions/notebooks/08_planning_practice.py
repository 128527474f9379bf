# %% [markdown]
# **How to work here.** Take the exercises in any order; none needs the answer of another. Write in the answer cell, run
# it, then run the check cell below it. A failing check costs its own points only, and says what it saw and where to look.
#
# **The setting.** Quillmark, the invented company of the lesson, plans its second product: *Receipts*, which reads the
# receipts that travellers photograph. Durations are working days. The engine of the lesson is there for you:
#
# ```python
# plan = planning.read_plan(table)          # a DataFrame with columns id, predecessors ("A; B") and duration
# path = planning.critical_path(plan)       # path.finish, path.critical, path.table (earliest_start, total_float ...)
# plan["B"].duration.point                  # days of activity B
# plan["B"].predecessors                    # what B waits for
# plan.replace("B", duration=4)             # the same plan with one activity changed
# plan.replace("B", predecessors="A; C")    # also a list, ["A", "C"]
# ```

# %% readonly="setup"
import math

import numpy as np
import pandas as pd
from tpmkit import planning
from tpmkit.checks import Checks

# %% [markdown]
# ## 1 · Is it all of the work? (3 points)
#
# Six teams have filled in a work breakdown structure, and you hold it against the 100% rule: the parts of a thing
# together are the whole thing. Write `audit_wbs(table)`.
#
# - `table`: a DataFrame, rows in **no particular order**, with columns `code` (text), `name` and `days` (whole numbers).
#   Codes are numbers separated by dots: the parts of `"1"` are `"1.1"`, `"1.2"`, ..., `"1.10"`; the parts of `"1.1"` are
#   `"1.1.1"`, `"1.1.2"`, ... So `"1.10"` is a part of `"1"`, not of `"1.1"`.
# - Result: a dictionary with two entries.
#   - `"gaps"`: a dictionary from code to gap, for every row that has parts and whose parts do not add up to it. The gap is
#     the row's own days **minus** the sum of its parts (direct ones only; parts of parts are not counted again). Positive:
#     work is missing below. Negative: somebody put in work that nobody promised.
#   - `"orphans"`: a list, in any order, of the codes whose whole is not in the table. A code without a dot is never an orphan.
# - Rows without parts have no gap.
#
# **By hand.**
#
# | code | name | days | its parts | |
# |---|---|---|---|---|
# | 1 | Receipts | 60 | 30 + 20 = 50 | gap 10 |
# | 1.1 | model | 30 | 12 + 10 + 8 = 30 | adds up |
# | 1.1.1 | collect | 12 | | |
# | 1.1.2 | train | 10 | | |
# | 1.1.3 | evaluate | 8 | | |
# | 1.2 | screen | 20 | 5 + 11 = 16 | gap 4 |
# | 1.2.1 | design | 5 | | |
# | 1.2.2 | build | 11 | | |
# | 1.4.1 | price | 6 | | there is no 1.4: orphan |
#
# The answer is `{"gaps": {"1": 10, "1.2": 4}, "orphans": ["1.4.1"]}`. The orphan tells where the ten days went: the line
# for marketing is gone.
#
# <details><summary>Hint</summary>
#
# The whole of a code is the code without its last part: `code.rpartition(".")[0]` (an empty text if there is no dot). Sum
# the days of all rows by that, then compare.
#
# </details>


# %% solution="wbs"
def audit_wbs(table):
    """Hold a work breakdown structure against the 100% rule.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns "code", "name" and "days"; rows in any order.

    Returns
    -------
    dict
        "gaps": own days minus the sum of the direct parts, by code, where that is not 0;
        "orphans": list of the codes whose whole is missing.
    """
    ### BEGIN SOLUTION
    days = dict(zip(table["code"], table["days"]))
    sums, orphans = {}, []
    for code, own in days.items():
        whole = code.rpartition(".")[0]
        if whole and whole not in days:
            orphans.append(code)
        sums[whole] = sums.get(whole, 0) + own
    gaps = {code: int(days[code] - sums[code]) for code in days if code in sums}
    return {"gaps": {code: gap for code, gap in gaps.items() if gap}, "orphans": orphans}
    ### END SOLUTION


# %% test="wbs"
check = Checks(3)
with check(1, "the worked table", hint="compare with the table above, row by row") as see:
    codes = ["1", "1.1", "1.1.1", "1.1.2", "1.1.3", "1.2", "1.2.1", "1.2.2", "1.4.1"]
    days = [60, 30, 12, 10, 8, 20, 5, 11, 6]
    worked = pd.DataFrame({"code": codes, "name": codes, "days": days})
    assert see(audit_wbs(worked)) == {"gaps": {"1": 10, "1.2": 4}, "orphans": ["1.4.1"]}
### BEGIN HIDDEN TESTS
codes = ["1.10.2", "1.2", "1.1.2", "1", "1.10", "1.1", "1.10.1", "1.1.1", "1.2.1", "1.1.1.1"]
days = [4, 5, 6, 30, 10, 12, 6, 6, 9, 5]
shuffled = pd.DataFrame({"code": codes, "name": codes, "days": days})
with check(
    1,
    "the gaps of another table, with ten parts and with work that nobody promised, in any order",
    hint="direct parts only; a gap may be negative; 1.10 is no part of 1.1",
) as see:
    expected = {"1": 3, "1.2": -4, "1.1.1": 1}
    assert see(audit_wbs(shuffled))["gaps"] == expected
    assert see(audit_wbs(shuffled[::-1]))["gaps"] == expected
with check(0.5, "a table that keeps the rule has no gap and no orphan", hint="report faults only") as see:
    sound = worked[worked["code"] != "1.4.1"].assign(days=[58, 30, 12, 10, 8, 28, 12, 16])
    assert see(audit_wbs(sound)) == {"gaps": {}, "orphans": []}
with check(0.5, "orphans at two levels, and none at the top", hint="is the whole in the table?") as see:
    codes = ["2", "3.1", "1.1.2", "1", "2.7", "4"]
    lost = pd.DataFrame({"code": codes, "name": codes, "days": [3, 2, 4, 8, 3, 1]})
    assert sorted(see(audit_wbs(lost))["orphans"]) == ["1.1.2", "3.1"]
### END HIDDEN TESTS
check

# %% [markdown]
# ## 2 · Repair the plan (3 points)
#
# The engine refuses the plan below, and not everything that is wrong with it can be seen by an engine. These are the notes
# of the kick-off:
#
# - *Noor (data science):* We tune the thresholds once the model is trained. Training waits for the receipts and for nothing else.
# - *Noor:* What we evaluate is the tuned model, of course.
# - *Sam (platform):* Before model and screen are connected, privacy must have agreed. That line used to be called Q; privacy
#   has renumbered since.
# - *Ines (legal):* Opening to all without signed customer terms is out of the question.
#
# Set `repaired` to a dictionary with the rows that you change, and only those: from id to the complete list of ids that the
# row waits for. A row that waits for nothing gets `[]`. A row need not repeat what its predecessors wait for already; it does no
# harm if it does. Change nothing that the notes do not call for. The form, with a change that is not right:
#
# ```python
# repaired = {"E": ["A"]}
# ```

# %% readonly="broken"
broken = pd.DataFrame(
    [
        ("A", "sign the data agreement", "", 5),
        ("B", "collect receipts", "A", 12),
        ("C", "train the model", "B; G", 10),
        ("D", "evaluate on unseen shops", "B", 6),
        ("E", "build the upload screen", "", 14),
        ("F", "connect model and screen", "D; E; Q", 5),
        ("G", "tune the thresholds", "C", 4),
        ("H", "pilot", "F", 10),
        ("I", "privacy assessment", "A", 8),
        ("J", "open to all", "H", 2),
        ("K", "sign customer terms", "", 15),
    ],
    columns=["id", "name", "predecessors", "duration"],
)
try:
    planning.read_plan(broken)
except planning.PlanError as error:
    print(error)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The engine reports one kind of fault at a time: once no id is unknown, it looks for circles. Then read the notes for arrows
# that are *missing*: an activity whose result is used by somebody who does not wait for it. The repaired plan finishes on
# day 54.
#
# </details>

# %% solution="repair"
repaired = ...
### BEGIN SOLUTION
repaired = {
    "C": ["B"],
    "D": ["G"],
    "F": ["D", "E", "I"],
    "J": ["H", "K"],
}
### END SOLUTION

# %% test="repair"
check = Checks(3)
with check(1, "the engine accepts the repaired plan", hint="one kind of fault at a time") as see:
    as_given = dict(zip(broken["id"], broken["predecessors"].str.split("; ").map(set) - {""}))
    waits = as_given | {id: set(before) for id, before in see(repaired).items()}
    activities = [planning.Activity(id, 1, "; ".join(sorted(waits[id]))) for id in waits]
    try:
        outcome = see(len(planning.Plan(activities)))
    except planning.PlanError as error:
        outcome = see(str(error))
    assert outcome == 11
### BEGIN HIDDEN TESTS
with check(0.4, "the circle is cut where the notes say", hint="Noor's first sentence") as see:
    assert {"B"} <= set(see(repaired).get("C", ["B", "G"])) <= {"A", "B"}
    assert {"C"} <= set(repaired.get("G", ["C"])) <= {"A", "B", "C"}
with check(0.4, "what is evaluated exists by then", hint="Noor's second sentence") as see:
    assert {"G"} <= set(see(repaired).get("D", ["B"])) <= {"A", "B", "C", "G"}
with check(0.4, "the unknown id is resolved, not dropped", hint="Sam's sentence: who is Q now?") as see:
    assert {"D", "E", "I"} <= set(see(repaired).get("F", [])) <= set("ABCDEGI")
with check(0.4, "nothing opens without what legal asks for", hint="what waits for K?") as see:
    assert {"H", "K"} <= set(see(repaired).get("J", ["H"])) <= set("ABCDEFGHIK")
with check(0.4, "other rows are as they were", hint="which rows do the notes speak of?") as see:
    assert len(see(repaired)) > 0
    untouched = {"A": "", "B": "A", "E": "", "H": "F", "I": "A", "K": ""}
    assert all(set(repaired.get(id, before)) == set(before) for id, before in untouched.items())
### END HIDDEN TESTS
check

# %% [markdown]
# ## 3 · Read a network (3 points)
#
# Take a pencil. (You may check yourself with the engine; in a meeting you will not have it.)
#
# | activity | days | waits for |
# |---|---|---|
# | A collect | 4 | |
# | B negotiate | 6 | |
# | C label | 7 | A |
# | D build the pipeline | 3 | A, B |
# | E train | 5 | C |
# | F build the screen | 9 | D |
# | G integrate | 2 | E, F |
#
# Set `reading` to a dictionary with six entries:
#
# - `"finish"`: the day on which the plan finishes (it starts on day 0);
# - `"critical"`: a list of the critical activities, in any order;
# - `"float"`: a dictionary with the **total float** of each of the seven, in days: how far it can slip, alone, before the
#   plan finishes later;
# - `"late_B"`: the finish if B takes 1 day more than planned;
# - `"late_A_and_C"`: the finish if A *and* C each take 2 days more (and everything else is as planned);
# - `"helped_F"`: the finish if help cuts F to 5 days (and everything else is as planned).
#
# <details><summary>Hint</summary>
#
# Forward: the earliest finish of each, the latest of its predecessors plus its days. Backward from the finish: the latest
# finish of each, the smallest latest *start* of its successors. Float is latest minus earliest finish. For the last three
# questions walk forward again: a float that two activities share can be used only once.
#
# </details>

# %% solution="read_network"
reading = ...
### BEGIN SOLUTION
reading = {
    "finish": 20,
    "critical": ["B", "D", "F", "G"],
    "float": {"A": 2, "B": 0, "C": 2, "D": 0, "E": 2, "F": 0, "G": 0},
    "late_B": 21,
    "late_A_and_C": 22,
    "helped_F": 18,
}
### END SOLUTION

# %% test="read_network"
check = Checks(3)
with check(
    1,
    "all six are there and agree: zero float means critical, critical days add up to the finish",
    hint="work runs in parallel: which chain fills every day from 0 to the finish?",
) as see:
    days = {"A": 4, "B": 6, "C": 7, "D": 3, "E": 5, "F": 9, "G": 2}
    said = see(reading)
    assert set(said) >= {"finish", "critical", "float", "late_B", "late_A_and_C", "helped_F"}
    assert sorted(said["float"]) == sorted(days)
    assert {id for id in days if said["float"][id] == 0} == set(said["critical"])
    assert sum(days[id] for id in said["critical"]) == said["finish"] < sum(days.values())
### BEGIN HIDDEN TESTS
with check(0.5, "finish and critical activities", hint="compare every chain that ends in G") as see:
    assert see(reading["finish"]) == 20
    assert sorted(see(reading["critical"])) == ["B", "D", "F", "G"]
with check(0.5, "the total float of all seven", hint="until the plan is late, not the successor") as see:
    expected = {"A": 2, "B": 0, "C": 2, "D": 0, "E": 2, "F": 0, "G": 0}
    assert see(reading["float"]) == expected
with check(0.5, "B late", hint="is there float to absorb it?") as see:
    assert see(reading["late_B"]) == 21
with check(0.25, "A and C late together", hint="can both use the same float?") as see:
    assert see(reading["late_A_and_C"]) == 22
with check(0.25, "help for F", hint="which chain decides when F is short?") as see:
    assert see(reading["helped_F"]) == 18
### END HIDDEN TESTS
check

# %% [markdown]
# ## 4 · Where does help buy most? (3 points)
#
# Another team offers some days of help for **one** activity. Write `best_help(table, days)`, which says for which one, and what
# the plan gains.
#
# - `table`: a DataFrame with columns `id`, `predecessors` and `duration` (whole numbers) as `planning.read_plan` reads it.
# - `days`: a whole number above 0. The helped activity takes `days` fewer, but never less than 1 day. Activities of 1 day or 0
#   days cannot be helped.
# - Result: a tuple `(id, gain)`: the activity whose help brings the finish forward most, and by how many days.
# - If several gain the same: the one with the smallest **earliest start** in the plan as given (help that comes early leaves
#   time for surprises), then the alphabetically first.
# - If no help brings the finish forward, `(None, 0)`.
#
# **By hand**, with 5 days of help:
#
# | activity | days | waits for | helped | finish 21 becomes | gain |
# |---|---|---|---|---|---|
# | A | 6 | | 1 | 1 + 10 + 5 = 16 | 5 |
# | B | 10 | A | 5 | C decides: 6 + 9 + 5 = 20 | 1 |
# | C | 9 | A | 4 | B decides: 21 | 0 |
# | D | 5 | B, C | 1, not 0 | 6 + 10 + 1 = 17 | 4 |
#
# The answer is `("A", 5)`, not the longest activity.
#
# <details><summary>Hint</summary>
#
# For each id of `plan.ids` make the helped plan with `plan.replace(id, duration=...)` and ask `planning.critical_path` for its
# finish. Collect `(-gain, earliest start, id)` for each; `min` of such tuples knows the tie rules.
#
# </details>


# %% solution="best_help"
def best_help(table, days):
    """The activity for which `days` of help bring the finish forward most.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns "id", "predecessors" and "duration".
    days : int
        Days by which the helped activity gets shorter, down to 1 day.

    Returns
    -------
    tuple
        (id, days gained), or (None, 0) if no help brings the finish forward.
    """
    ### BEGIN SOLUTION
    plan = planning.read_plan(table)
    path = planning.critical_path(plan)
    found = []
    for id, now in plan.durations().items():
        helped = plan.replace(id, duration=min(now, max(now - days, 1)))
        gain = path.finish - planning.critical_path(helped).finish
        found.append((-gain, path.table.at[id, "earliest_start"], id))
    loss, _, id = min(found)
    return (id, -loss) if loss < 0 else (None, 0)
    ### END SOLUTION


# %% test="best_help"
check = Checks(3)
columns = ["id", "predecessors", "duration"]
with check(1, "the worked plan gives A, 5 days", hint="compare with the table above") as see:
    rows = [("A", "", 6), ("B", "A", 10), ("C", "A", 9), ("D", "B; C", 5)]
    id, gain = see(best_help(pd.DataFrame(rows, columns=columns), 5))
    assert id == "A" and math.isclose(gain, 5)
### BEGIN HIDDEN TESTS
rows = [("P", "", 8), ("V", "", 6), ("Q", "P; V", 14), ("R", "P; V", 12), ("S", "Q; R", 6), ("T", "S", 4)]
wide = pd.DataFrame(rows, columns=columns)
with check(
    1,
    "right where the longest critical activity is not the best, and more help never gains less",
    hint="after the help another chain may decide; compute the finish again for each activity",
) as see:
    answers = [see(best_help(wide, days)) for days in (1, 2, 3, 4, 5)]
    assert [id for id, _ in answers] == ["P", "P", "S", "S", "S"]
    assert np.allclose([gain for _, gain in answers], [1, 2, 3, 4, 5])
with check(
    0.5,
    "never below one day; of equal gains the one that starts earlier, then the alphabet",
    hint="in the plan as given, which of the two starts first?",
) as see:
    rows = [("Z", "", 4), ("Y", "Z", 4), ("X", "Y", 9), ("W", "", 11)]
    id, gain = see(best_help(pd.DataFrame(rows, columns=columns), 3))
    assert id == "Z" and math.isclose(gain, 3)
    rows = [("M", "", 2), ("L", "", 2), ("K", "L; M", 1), ("J", "K", 3)]
    id, gain = see(best_help(pd.DataFrame(rows, columns=columns), 9))
    assert id == "J" and math.isclose(gain, 2)
with check(0.5, "no help for one activity moves two equal chains", hint="all gains 0?") as see:
    rows = [("A", "", 6), ("B", "", 6), ("GO", "A; B", 0)]
    assert list(see(best_help(pd.DataFrame(rows, columns=columns), 2))) == [None, 0]
### END HIDDEN TESTS
check

# %% [markdown]
# ## 5 · Who waits? (3 points)
#
# Two activities need the same specialist, and there is only one. Somebody says: "The critical one goes first, it has no
# float." Check it before you agree. Write `who_waits(table, a, b)`.
#
# - `table`: a DataFrame with columns `id`, `predecessors` and `duration` as `planning.read_plan` reads it.
# - `a` and `b`: the ids of the two. Whichever goes second starts when the first has finished, or later if it waits for others too.
# - Result: a dictionary with three entries:
#   - `"a_first"`: the finish of the whole plan if `a` goes first, a number;
#   - `"b_first"`: the finish if `b` goes first;
#   - `"waits"`: the **id** of the activity that should wait, so that the plan finishes earlier. If both orders finish on
#     the same day, `b` waits.
# - If one of the two already has to wait for the other, directly or through others, the reverse order is impossible: the plan
#   would be a circle, and the engine raises `planning.PlanError`. Its finish is then `None`, and the other order counts.
#
# **By hand.** X and Y both need the security engineer.
#
# | activity | days | waits for | no limits | X first | Y first |
# |---|---|---|---|---|---|
# | P | 4 | | 0 to 4 | 0 to 4 | 0 to 4 |
# | X | 6 | P | 4 to 10 | 4 to 10 | 5 to 11 |
# | Z | 3 | X | 10 to 13 | 10 to 13 | 11 to 14 |
# | Y | 5 | | 0 to 5 | 10 to 15 | 0 to 5 |
# | W | 7 | Y | 5 to 12 | 15 to 22 | 5 to 12 |
#
# X is critical and Y has float, and still X should wait: `who_waits(table, "X", "Y")` is
# `{"a_first": 22, "b_first": 14, "waits": "X"}`.
#
# <details><summary>Hint</summary>
#
# "`a` goes first" is one more dependency: `plan.replace(b, predecessors=[*plan[b].predecessors, a])`. Put the line between
# `try:` and `except planning.PlanError:`.
#
# </details>


# %% solution="who_waits"
def who_waits(table, a, b):
    """Which of two activities that need the same specialist should wait.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns "id", "predecessors" and "duration".
    a, b : str
        Ids of the two activities.

    Returns
    -------
    dict
        "a_first" and "b_first": finish of the plan in that order, None where impossible;
        "waits": id of the activity that should wait (`b` if both orders are equal).
    """
    ### BEGIN SOLUTION
    plan = planning.read_plan(table)

    def finish(first, second):
        try:
            ordered = plan.replace(second, predecessors=[*plan[second].predecessors, first])
        except planning.PlanError:
            return None
        return planning.critical_path(ordered).finish

    a_first, b_first = finish(a, b), finish(b, a)
    if a_first is None or (b_first is not None and b_first < a_first):
        waits = a
    else:
        waits = b
    return {"a_first": a_first, "b_first": b_first, "waits": waits}
    ### END SOLUTION


# %% test="who_waits"
check = Checks(3)
rows = [("P", "", 4), ("X", "P", 6), ("Z", "X", 3), ("Y", "", 5), ("W", "Y", 7)]
worked = pd.DataFrame(rows, columns=["id", "predecessors", "duration"])
with check(0.5, "both finishes of the worked plan", hint="the last two columns of the table") as see:
    said = see(who_waits(worked, "X", "Y"))
    assert (said["a_first"], said["b_first"]) == (22, 14)
with check(0.5, "who waits in the worked plan", hint="the id of the one that goes second") as see:
    assert see(who_waits(worked, "X", "Y"))["waits"] == "X"
### BEGIN HIDDEN TESTS
rows = [("A", "", 5), ("B", "A", 8), ("C", "", 9), ("D", "B; C", 6), ("E", "C", 3), ("F", "A", 2)]
other = pd.DataFrame(rows, columns=["id", "predecessors", "duration"])
with check(
    0.5,
    "the finishes for other pairs, whichever is named first",
    hint="one more dependency beside those there are, then the whole network again",
) as see:
    said = [see(who_waits(other, *pair)) for pair in ("BC", "CB", "BE", "AC", "ED")]
    assert [answer["a_first"] for answer in said] == [28, 23, 19, 20, 19]
    assert [answer["b_first"] for answer in said] == [23, 28, 26, 28, 22]
with check(0.5, "who waits for other pairs", hint="the order with the earlier finish") as see:
    said = [see(who_waits(other, *pair))["waits"] for pair in ("BC", "CB", "BE", "AC", "ED")]
    assert said == ["B", "B", "E", "C", "D"]
with check(0.5, "an order that would close a circle has no finish", hint="who waits already?") as see:
    assert see(who_waits(other, "A", "D")) == {"a_first": 19, "b_first": None, "waits": "D"}
    assert see(who_waits(other, "D", "A")) == {"a_first": None, "b_first": 19, "waits": "D"}
with check(0.5, "if both orders finish on the same day, b waits", hint="an exact tie") as see:
    assert see(who_waits(other, "F", "E")) == {"a_first": 19, "b_first": 19, "waits": "E"}
    assert see(who_waits(other, "E", "F")) == {"a_first": 19, "b_first": 19, "waits": "F"}
### END HIDDEN TESTS
check

# %% [markdown]
# ## 6 · What does this milestone decide? (3 points)
#
# A milestone earns its place on a roadmap if, on its **date**, a named person or body (the **owner**) takes a **decision**
# on **evidence** that a stranger could test. Eight milestones were sent in for *Receipts*:
#
# - **A.** On 4 June the steering committee opens Receipts to all customers if no fault of severity 1 is open in the pilot;
#   otherwise it waits for the next release.
# - **B.** On 12 March the training of the model is finished and the data scientists have written up their results.
# - **C.** On 12 March the head of product decides whether the model is good enough for the pilot.
# - **D.** On 3 May the pilot starts if 95 of 100 receipts from unseen shops are read without a correction; otherwise it starts
#   with typing by hand.
# - **E.** On 20 April the security officer admits customer data if the penetration test leaves no finding of grade "high" open;
#   otherwise the pilot runs on invented receipts.
# - **F.** By 30 April the campaign's site and its three videos are online.
# - **G.** On 14 May the finance director approves the price or sends it back, once the business case looks convincing.
# - **H.** On 1 April another 20,000 labelled receipts are bought if the share of fields read right rose by at least 2 points
#   from 10,000 to 20,000 receipts; otherwise the buying stops.
#
# Set `milestones` to a dictionary from letter to the **first** of these four that is true:
#
# 1. `"no decision"`: it reports that work is done; nothing depends on it.
# 2. `"no owner"`: something is decided, but it does not say by whom.
# 3. `"no evidence"`: somebody decides, but on nothing that a stranger could test.
# 4. `"complete"`.
#
# Each of the four is right for two letters. One point is for keeping to that; each letter earns 0.25 more.
#
# <details><summary>Hint</summary>
#
# Ask of each, in this order: what will be different afterwards, depending on the answer? Whom do I call if it is not decided?
# Would you and I, with the same figures in hand, come to the same answer?
#
# </details>

# %% solution="milestones"
milestones = ...
### BEGIN SOLUTION
milestones = {
    "A": "complete",
    "B": "no decision",
    "C": "no evidence",
    "D": "no owner",
    "E": "complete",
    "F": "no decision",
    "G": "no evidence",
    "H": "no owner",
}
### END SOLUTION

# %% test="milestones"
check = Checks(3)
with check(1, "eight letters, each of the four twice", hint="two letters for each of the four") as see:
    assert sorted(see(milestones)) == list("ABCDEFGH")
    assert sorted(milestones.values()) == sorted(
        2 * ["complete", "no decision", "no evidence", "no owner"]
    )
### BEGIN HIDDEN TESTS
with check(0.25, "A: opening to all", hint="date, owner, decision, evidence?") as see:
    assert see(milestones)["A"] == "complete"
with check(0.25, "B: training", hint="what is different afterwards?") as see:
    assert see(milestones)["B"] == "no decision"
with check(0.25, "C: the model in the pilot", hint="would a stranger come to the same answer?") as see:
    assert see(milestones)["C"] == "no evidence"
with check(0.25, "D: the start of the pilot", hint="whom do you call?") as see:
    assert see(milestones)["D"] == "no owner"
with check(0.25, "E: customer data", hint="date, owner, decision, evidence?") as see:
    assert see(milestones)["E"] == "complete"
with check(0.25, "F: the campaign", hint="what is different afterwards?") as see:
    assert see(milestones)["F"] == "no decision"
with check(0.25, "G: the price", hint="would a stranger come to the same answer?") as see:
    assert see(milestones)["G"] == "no evidence"
with check(0.25, "H: more labels", hint="whom do you call?") as see:
    assert see(milestones)["H"] == "no owner"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 7 · Twelve open tickets (2 points)
#
# The screen team's board says when each ticket was started and finished. Before you promise anything, write
# `flow(log, today)`.
#
# - `log`: a DataFrame, rows in any order, with columns `started` and `finished`: the working day, counted from 1. `finished` is
#   missing (`nan`) while a ticket is open. Nothing happened after `today`.
# - `today`: the present day, a whole number. The team has worked on `today` days.
# - A ticket that was started and finished on the same day took **1** day, and so on.
# - Result: a dictionary:
#   - `"p85"`: the smallest number of days that at least 85% of the finished tickets took at most. It is always the time of
#     one of the tickets, never a value between two;
#   - `"wip"`: how many tickets are open;
#   - `"oldest"`: for how many days the oldest open ticket has been open, today included; 0 if none is open;
#   - `"average_ahead"`: how long the open tickets will take on average, by Little's law: open tickets divided by tickets
#     finished per day.
# - If no ticket is finished, `"p85"` and `"average_ahead"` are `float("nan")`.
#
# **By hand**, on day 10:
#
# | ticket | 1 | 2 | 3 | 4 | 5 | 6 |
# |---|---|---|---|---|---|---|
# | started | 1 | 1 | 2 | 4 | 5 | 9 |
# | finished | 2 | 8 | 4 | 4 | | |
# | took | 2 | 8 | 3 | 1 | | |
#
# In order the times are 1, 2, 3, 8. Three of four are 75%, not enough: P85 is 8. Two tickets are open, the older since day 5: 6
# days. The team finishes 4 / 10 = 0.4 a day, so 2 / 0.4 = 5 days. The answer is
# `{"p85": 8, "wip": 2, "oldest": 6, "average_ahead": 5.0}`.
#
# <details><summary>Hint</summary>
#
# With the times sorted, P85 is the one at position `math.ceil(0.85 * n)`, counted from 1. `log["finished"].isna()` tells the open
# tickets.
#
# </details>


# %% solution="flow"
def flow(log, today):
    """What a board promises for the next ticket.

    Parameters
    ----------
    log : pandas.DataFrame
        Columns "started" and "finished" (nan while open), in working days from 1.
    today : int
        The present day.

    Returns
    -------
    dict
        "p85", "wip", "oldest" and "average_ahead".
    """
    ### BEGIN SOLUTION
    still_open = log["finished"].isna()
    times = sorted((log["finished"] - log["started"] + 1)[~still_open])
    wip, done = int(still_open.sum()), len(times)
    return {
        "p85": times[math.ceil(0.85 * done) - 1] if done else float("nan"),
        "wip": wip,
        "oldest": today - log.loc[still_open, "started"].min() + 1 if wip else 0,
        "average_ahead": wip / (done / today) if done else float("nan"),
    }
    ### END SOLUTION


# %% test="flow"
check = Checks(2)
with check(1, "the worked board", hint="compare with the sentences under the table") as see:
    board = pd.DataFrame({"started": [1, 1, 2, 4, 5, 9], "finished": [2, 8, 4, 4, np.nan, np.nan]})
    said = see(flow(board, 10))
    assert said["p85"] == 8 and said["wip"] == 2 and said["oldest"] == 6
    assert math.isclose(said["average_ahead"], 5)
### BEGIN HIDDEN TESTS
with check(0.5, "another board, in any order", hint="85% of the finished tickets, not of all") as see:
    started = [7, 3, 20, 9, 1, 14, 2, 16, 4, 11, 18, 6, 25, 12]
    took = [3, 1, 6, 12, 5, 2, 9, 4, 2, 7, None, None, None, None]
    finished = [s + t - 1 if t else np.nan for s, t in zip(started, took)]
    board = pd.DataFrame({"started": started, "finished": finished})
    for given in (board, board[::-1]):
        said = see(flow(given, 30))
        assert said["p85"] == 9 and said["wip"] == 4 and said["oldest"] == 25
        assert math.isclose(said["average_ahead"], 12)
with check(0.5, "nothing open, nothing finished", hint="two edge cases of the text") as see:
    idle = see(flow(pd.DataFrame({"started": [2, 5], "finished": [4.0, 5.0]}), 8))
    assert idle["wip"] == 0 and idle["oldest"] == 0 and idle["average_ahead"] == 0
    fresh = see(flow(pd.DataFrame({"started": [2, 5], "finished": [np.nan, np.nan]}), 8))
    assert math.isnan(fresh["p85"]) and math.isnan(fresh["average_ahead"]) and fresh["oldest"] == 7
### END HIDDEN TESTS
check

# %% [markdown]
# ## 8 · Memo: one roadmap for the steering committee (10 points)
#
# The plan of *Receipts* (invented, like the company), starting on 1 February 2027. The second table compares the network alone
# with the team that there is: one data scientist, one data engineer and one app developer.

# %% readonly="evidence"
receipts = pd.DataFrame(
    [
        ("R1", "agreement with three chains", "", 8, ""),
        ("R2", "collect and label receipts", "R1", 18, "data_engineer"),
        ("R3", "train the model", "R2", 12, "data_scientist"),
        ("R4", "evaluate on unseen shops", "R3", 6, "data_scientist"),
        ("R5", "rules against duplicates", "R1", 10, "data_scientist"),
        ("A1", "upload screen", "", 22, "app_developer"),
        ("A2", "connect model and screen", "R4; A1", 6, "app_developer"),
        ("C1", "privacy assessment", "R1", 12, ""),
        ("C2", "security test", "A2", 7, ""),
        ("C3", "fix what security found", "C2", 4, "data_scientist"),
        ("K1", "price and customer terms", "", 10, ""),
        ("K2", "announce to customers", "K1; A1", 8, ""),
        ("P1", "pilot with two chains", "A2; R5; C1", 12, "data_scientist"),
        ("GO", "go or no go", "P1; C3; K2", 0, ""),
        ("OP", "open to all", "GO", 2, ""),
    ],
    columns=["id", "name", "predecessors", "duration", "resources"],
)
calendar = planning.Calendar("2027-02-01")
plan = planning.read_plan(receipts)
network = planning.critical_path(plan)
team = {"data_scientist": 1, "data_engineer": 1, "app_developer": 1}
staffed = planning.level(plan, team)
helped = planning.level(plan, {**team, "data_scientist": 2})
for name, result in [("network", network), ("team", staffed), ("two data scientists", helped)]:
    print(f"{name:20} day {result.finish:.0f}, {calendar.date_of(result.finish):%d %B %Y}")
roadmap = receipts[["id", "name", "predecessors", "duration"]].set_index("id")
roadmap["float"] = network.table["total_float"]
for name, days in [("ends, network", network.table["earliest_finish"]), ("ends, team", staffed.table["finish"])]:
    roadmap[name] = [f"{calendar.date_of(day):%d %b}" for day in days]
roadmap

# %% [markdown] task="memo_roadmap"
# **The steering committee writes:** "The chains have heard 30 April. Send us the roadmap we can hold you to, on one page."
#
# Answer in **at most 300 words**. Use short lists or a small table; the reader has two minutes. Your page needs
#
# - the **date** you stand for, and what 30 April would take;
# - the **dependencies** between teams that carry it (three or four), and one delay that would not matter;
# - **three milestones**, each with date, owner, decision and evidence (you may invent owners and thresholds; dates follow the
#   table);
# - the **buffer**: how many days, where, and who may spend it;
# - the **assumptions** that would change the date if they failed, each with who watches it.
#
# === BEGIN MARK SCHEME ===
# **Figures.** The network alone finishes on {{ calendar.date_of(network.finish):%d %B}}
# (day {{ network.finish:.0f}}), one day before 30 April; the team there is finishes on {{ f"{calendar.date_of(staffed.finish):%d %B}".lstrip("0") }} (day
# {{ staffed.finish:.0f}}), because pilot (P1) and fixes (C3) need the same data scientist after
# {{ calendar.date_of(network.table.at["C2", "earliest_finish"]):%d %B}}. A second one for the four days of C3 restores
# {{ calendar.date_of(helped.finish):%d %B}}, with one day to spare. The path is {{ " > ".join(network.paths()[0]) }}. C2 and C3
# have {{ network.table.at["C2", "total_float"]:.0f}} day of float, the screen (A1) {{ network.table.at["A1", "total_float"]:.0f}}, announcing (K2)
# {{ network.table.at["K2", "total_float"]:.0f}}, privacy (C1) {{ network.table.at["C1", "total_float"]:.0f}}.
#
# Defensible: a date after {{ f"{calendar.date_of(staffed.finish):%d %B}".lstrip("0") }} with a buffer; 30 April with the second data scientist *and* an
# honest word about one day of slack; a smaller scope on 30 April (the pilot chains only, for instance). Not defensible: 30 April with
# the present team. Any size of buffer with a reason will do. Over 300 words: *readable* at most level 2.
#
# **Level 3.** "We open on {{ calendar.date_of(staffed.finish + 7):%d %B}}. The network says 29 April, but after the connection our one data scientist has both the pilot and the
# security fixes, so our team needs until 5 May; seven working days are buffer before the go decision. 30 April would take a
# second data scientist for four days. Dependencies: labels (data) before training; evaluation before connection (app); connection before
# the security test; the screen has 22 days of float, its delay need not worry you. Milestones: 1 April, head of product lets the model into
# connection if 95 of 100 receipts from unseen shops are right; 12 April, security officer admits customer data if privacy has no open point;
# 12 May, steering committee opens if no severity-1 fault is open. Assumption: the chains sign by 10 February (legal watches)."
# (Right, decides, a buffer with a place but nobody who may spend it; a single assumption.)
#
# **Level 4** stands at the end.
#
# **Level 2.** "Opening: 5 May. Critical path R1, R2, R3, R4, A2, P1. Milestones: model trained 24 March, screen connected 9 April, pilot
# finished 27 April. We include some buffer and assume that all teams deliver on time." (The team's date, unexplained; milestones report
# work; a buffer without size, an assumption that assumes success.)
#
# **Level 1.** "We can make 30 April: the plan ends on 29 April and everyone is committed. All teams must work hard and communicate." (The
# network's date taken for the team's; no milestone, no buffer.)
# === END MARK SCHEME ===

# %% [markdown] written="memo_roadmap"
# **Please tell the chains {{ calendar.date_of(staffed.finish + 7):%d %B}}. 30 April needs one more data scientist, and luck.**
#
# The dependencies alone end on {{ calendar.date_of(network.finish):%d %B}}. But pilot and security fixes need our one data scientist in the same
# days: with our team it is {{ f"{calendar.date_of(staffed.finish):%d %B}".lstrip("0") }}. Borrowing a second one for four days from
# {{ calendar.date_of(network.table.at["C2", "earliest_finish"] + 1):%d %B}} brings back {{ calendar.date_of(helped.finish):%d %B}}, one day before 30 April, after
# {{ helped.finish:.0f}} days of work. I would not promise that.
#
# **What carries the date**
#
# - Legal's agreement starts labelling: {{ roadmap.at["R1", "ends, team"]}}.
# - The data team's labels start training: {{ roadmap.at["R2", "ends, team"]}}.
# - Data science's evaluated model goes to the app team: {{ roadmap.at["R4", "ends, team"]}}.
# - Their connected screen starts pilot and security test: {{ roadmap.at["A2", "ends, team"]}}.
#
# The upload screen may slip {{ network.table.at["A1", "total_float"]:.0f}} days; please do not chase it. The security test may slip one.
#
# **Milestones**
#
# - **{{ roadmap.at["R4", "ends, team"]}}, head of product:** the model goes to connection if 95 of 100 receipts from unseen shops need no correction; else the pilot
#   starts with typing by hand.
# - **{{ roadmap.at["A2", "ends, team"]}}, security officer:** customer data are admitted if privacy has no open point; else the pilot uses invented receipts.
# - **{{ calendar.date_of(staffed.finish + 5):%d %B}}, this committee:** opens if no severity-1 fault is open; else names a new date.
#
# **Buffer:** seven working days, all before the last milestone, spent by me alone and reported weekly. If more than four are gone on {{ roadmap.at["A2", "ends, team"]}}, I come
# back to you.
#
# **Assumptions, and who watches**
#
# - The chains sign by {{ roadmap.at["R1", "ends, team"]}} (legal): a day late is a day late.
# - Half of the receipts are labelled by {{ calendar.date_of(17):%d %B}} (data lead).
# - The data scientist is ours alone from {{ calendar.date_of(27):%d %B}} (head of data science).

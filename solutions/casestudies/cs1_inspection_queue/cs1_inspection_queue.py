# %% [markdown]
# *Plover Air and its people are fictional; the strike reports are real (FAA Wildlife Strike Database, 1990-2001).*
#
# Read first, in this order:
#
# - the [brief](brief.md): company, decision, deadline, premises;
# - the inbox, nine messages: [1 Dana](inbox/01_vp_operations.md), [2 Ruth](inbox/02_safety.md),
#   [3 Martin](inbox/03_cfo.md), [4 Luis](inbox/04_maintenance.md), [5 Priya](inbox/05_data_science.md),
#   [6 Tom](inbox/06_regional_stations.md), [7 Ana](inbox/07_line_engineer.md), [8 Dana](inbox/08_vp_operations.md),
#   [9 Ellen](inbox/09_chief_of_staff.md);
# - the role cards: [VP Operations](roles/vp_operations.md), [Safety](roles/safety.md), [CFO](roles/cfo.md),
#   [maintenance lead](roles/maintenance_lead.md), [data scientist](roles/data_scientist.md).
#
# On Friday at noon three people who disagree will sign one policy with one set of numbers: yours.
#
# | part | what you do | who is answered |
# |---|---|---|
# | 1 | show what "95 % accurate" is worth | VP Operations |
# | 2 | check the numbers of the inbox, and count | everybody |
# | 3 | fit the queue to the crews | maintenance |
# | 4 | put a price on each line, and shake the price | CFO |
# | 5 | say how sure you are, overall and group by group | Safety |
# | 6 | decide, so that every number agrees | the committee |
# | 7 | write the memo, the KPI, the risks and the kill line | the committee |
#
# **How to work here.** Each exercise stands alone: take them in any order. Write in the answer cell, run it, run the
# check cell below. A failing check costs its own points only and says what it saw. Your functions may call each other.
# Wherever a text says *two columns*, expect lists, numpy arrays or pandas columns of equal length, one entry per report,
# in the same order; `np.asarray(x)` makes them alike.

# %% readonly="setup"
import math
from contextlib import suppress

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tpmkit import data
from tpmkit.checks import Checks

# %% [markdown]
# ## 0 · The log, the two scores, the premises
#
# **The log.** Airline reports up to the end of 2001. `damaged` is 1 if any damage was reported. The word `None` in
# `damage` means "no damage".

# %% readonly="log"
reports = data.load("bird_strikes")
reports = reports[reports["flight_date"] < "2002-01-01"]
others = ["MILITARY", "BUSINESS", "GOVERNMENT", "PRIVATELY OWNED"]
reports = reports[~reports["operator"].isin(others)].copy()
reports["damaged"] = (reports["damage"] != "None").astype(int)

wide = ("A-300", "A-310", "B-747", "B-767", "B-777", "DC-8", "DC-10", "MD-11", "L-1011")
narrow = ("A-319", "A-320", "B-717", "B-727", "B-737", "B-757", "DC-9", "FOKKER", "MD-8", "MD-9")
reports["aircraft_class"] = "regional"
reports.loc[reports["aircraft"].str.startswith(narrow), "aircraft_class"] = "narrow-body"
reports.loc[reports["aircraft"].str.startswith(wide), "aircraft_class"] = "wide-body"
print(f"{len(reports):,} reports, {reports['damaged'].mean():.1%} with damage")

# %% [markdown]
# **The two scores.** The size rule (Luis's card, column `rule`) needs no training. The model (column `model`) learns from 1990-1999 and is given; nothing in this case
# asks you to improve it. Both score the reports of 2000 and 2001, which the model has not seen: these are the **judged**
# reports, and every number of your decision is counted on them.

# %% readonly="scores"
size_points = reports["wildlife_size"].map({"Large": 4, "Medium": 2, "Small": 0})
reports["rule"] = size_points + reports["phase"].isin(["Climb", "Take-off run"])

categories = ["wildlife_size", "phase", "time_of_day", "aircraft"]
inputs = [*categories, "speed_knots"]
model = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"), categories),
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["speed_knots"]),
    ),
    LogisticRegression(solver="newton-cholesky", tol=1e-8),
)
past = reports[reports["flight_date"] < "2000-01-01"]
judged = reports[reports["flight_date"] >= "2000-01-01"].reset_index(drop=True)
model.fit(past[inputs], past["damaged"])
judged["model"] = model.predict_proba(judged[inputs])[:, 1].round(4)

for score in ["rule", "model"]:
    print(f"{score:5}  area under the ROC curve {roc_auc_score(judged['damaged'], judged[score]):.3f}")
columns = ["flight_date", "aircraft_class", "wildlife_size", "phase", "damaged", "rule", "model"]
judged[columns].head()

# %% [markdown]
# `judged` holds {{ len(judged):,}} reports of two years, {{ judged["damaged"].sum() }} with damage. An aircraft is
# **flagged** (inspected before its next departure) when its score is *at or above* the threshold, the line you draw. By
# area under the curve the card and the model are the same. By what they allow you to do, they are not:

# %% readonly="figure_found" alt="Line chart of damaged aircraft found against aircraft inspected. The six points of the size rule lie on the curve of the model, and both are well above the straight line of first come, first served. The 650 inspections of the budget fall between two points of the rule."
fig, ax = plt.subplots(figsize=(7, 4))
for score, style in [("model", "-"), ("rule", "s")]:
    steps = judged.groupby(score)["damaged"].agg(["size", "sum"]).iloc[::-1].cumsum()
    _ = ax.plot(steps["size"], steps["sum"], style, label=score)
_ = ax.plot([0, len(judged)], [0, judged["damaged"].sum()], ":k", label="first come, first served")
_ = ax.axvline(650, color="grey", linewidth=1)
_ = ax.text(660, 5, "budget: 650")
_ = ax.set_title("The card finds as much as the model, but has only six settings")
_ = ax.set_xlabel("aircraft inspected in two years")
_ = ax.set_ylabel("damaged aircraft found")
_ = ax.legend()

# %% [markdown]
# **The premises** of the brief, as names you may use:

# %% readonly="premises"
CAPACITY = 650  # budgeted inspections in the two judged years
EXTRA_LIMIT = 250  # further inspections that may be bought
SLOTS_PER_DAY = 2  # inspections on any one day
COST_INSPECT = 1_000  # dollars
COST_MISS = 10_000  # dollars of damage found late, on top of the repair

# %% [markdown]
# ## 1 · "95 % accurate" (5 points)
#
# Dana has promised 95 % accuracy. Before you argue, give her the best accuracy that *any* threshold can reach, and what
# it would mean for the damaged aircraft. Write `best_accuracy(damaged, score)` for two columns: `damaged` (0 or 1) and
# `score` (numbers, higher is more suspicious). At least one report is damaged.
#
# - Try every distinct score as a threshold, and `math.inf`, which flags nobody. Flagged means `score >= threshold`.
# - Accuracy: the share of reports where flagged and damaged agree.
# - Take the threshold with the highest accuracy. If several share it, the highest of them.
# - Return a dict: `"threshold"`, `"accuracy"`, `"recall"` (the share of the damaged reports flagged at it) and
#   `"accuracy_nobody"` (the accuracy of flagging nobody).
#
# **By hand.** Five reports, damaged `[1, 0, 1, 0, 0]`, score `[9, 7, 5, 3, 1]`:
#
# | threshold | flagged | right on | accuracy |
# |---|---|---|---|
# | inf | none | 3 undamaged | 0.6 |
# | 9 | first | 1 damaged, 3 undamaged | **0.8** |
# | 7 | first two | 1 damaged, 2 undamaged | 0.6 |
# | 5 | first three | 2 damaged, 2 undamaged | **0.8** |
# | 3 | first four | 2 damaged, 1 undamaged | 0.6 |
# | 1 | all | 2 damaged | 0.4 |
#
# 9 and 5 tie, the higher one counts: threshold 9, accuracy 0.8, recall 1/2, and 0.6 for flagging nobody.
#
# <details><summary>Hint</summary>
#
# A list cannot be compared with a number: begin with `score = np.asarray(score)`, and the same for `damaged`. Loop over
# `[math.inf, *sorted(set(score.tolist()), reverse=True)]` and keep the best so far; replace it only when the new accuracy
# is *greater*.
#
# </details>


# %% solution="best_accuracy"
def best_accuracy(damaged, score):
    """The most accurate threshold, and how much damage it finds.

    Parameters
    ----------
    damaged : sequence of int
        0 or 1 per report; at least one 1.
    score : sequence of float
        Higher is more suspicious.

    Returns
    -------
    dict
        `threshold`, `accuracy`, `recall`, `accuracy_nobody`.
    """
    ### BEGIN SOLUTION
    damaged, score = np.asarray(damaged), np.asarray(score)
    best = {"threshold": math.inf, "accuracy": -1.0}
    for threshold in [math.inf, *sorted(set(score.tolist()), reverse=True)]:
        flagged = score >= threshold
        accuracy = float((flagged == damaged).mean())
        if accuracy > best["accuracy"]:
            recall = float(flagged[damaged == 1].mean())
            best = {"threshold": threshold, "accuracy": accuracy, "recall": recall}
    return best | {"accuracy_nobody": float((damaged == 0).mean())}
    ### END SOLUTION


# %% test="best_accuracy"
check = Checks(5)
with check(1, "by hand: threshold 9, accuracy 0.8, recall 0.5", hint="see the table above") as see:
    best = see(best_accuracy([1, 0, 1, 0, 0], [9, 7, 5, 3, 1]))
    assert best["threshold"] == 9
    assert math.isclose(best["accuracy"], 0.8) and math.isclose(best["recall"], 0.5)
with check(1, "by hand: flagging nobody is right on 0.6", hint="the share of undamaged") as see:
    best = see(best_accuracy([1, 0, 1, 0, 0], [9, 7, 5, 3, 1]))
    assert math.isclose(best["accuracy_nobody"], 0.6)
### BEGIN HIDDEN TESTS
with check(
    1,
    "right on 150 other reports with equal scores",
    hint="flagged means score >= threshold; try each distinct score and inf",
) as see:
    rng = np.random.default_rng(1)
    y = (rng.random(150) < 0.3).astype(int)
    s = np.clip(rng.integers(0, 7, 150) + 3 * y, 0, 9)
    tried = [(float(((s >= t) == y).mean()), t) for t in [*np.unique(s).tolist(), math.inf]]
    top, at = max(tried)
    best = see(best_accuracy(y.tolist(), s.tolist()))
    assert math.isclose(best["accuracy"], top) and best["threshold"] == at
    assert math.isclose(best["recall"], (y * (s >= at)).sum() / y.sum())
with check(
    1,
    "where no line is more accurate than flagging nobody, nobody is flagged",
    hint="inf is a threshold too, and of equal accuracies the highest threshold counts",
) as see:
    best = see(best_accuracy([1, 0, 0, 0], [0.5, 0.9, 0.2, 0.1]))
    assert best["threshold"] == math.inf and best["recall"] == 0
    assert math.isclose(best["accuracy"], 0.75)
with check(
    1,
    "the order of the reports does not matter",
    hint="the reports may arrive in any order, also with the lowest score first",
) as see:
    best = see(best_accuracy([0, 0, 1, 0, 1], [1, 3, 5, 7, 9]))
    assert best["threshold"] == 9 and math.isclose(best["accuracy"], 0.8)
    assert math.isclose(best["recall"], 0.5) and math.isclose(best["accuracy_nobody"], 0.6)
### END HIDDEN TESTS
check

# %% [markdown]
# **On the log.** What will you tell Dana about the 95?

# %%
best_accuracy(judged["damaged"], judged["model"])

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# The best accuracy is {{ best_accuracy(judged["damaged"], judged["model"])["accuracy"]:.1%}}; flagging nobody gives
# {{ best_accuracy(judged["damaged"], judged["model"])["accuracy_nobody"]:.1%}}.
#
# </details>

# %% [markdown]
# ## 2 · What the inbox claims, and what the log says
#
# ### 2a · The audit (5 points)
#
# The messages carry numbers. Some hold, some are right but mean something else, some are wrong. Compute what the log
# says and fill in `audit`. All shares run from 0 to 1; nothing is rounded. *judged* and *reports* are the tables above.
#
# | key | what to compute | whose claim |
# |---|---|---|
# | `accuracy_nobody` | share of the judged reports without damage | Dana, message 1 |
# | `busiest_day` | largest number of judged reports on one `flight_date` | Luis, 4 |
# | `found_by_half` | share of the damaged judged reports with a `model` score of 0.065 or more | Ruth, 2 |
# | `large_share_of_damage` | share of the damaged judged reports whose `wildlife_size` is Large | Martin, 3 |
# | `bill_share` | of the damaged aircraft in `reports`, the share with `cost_total` above 0 | Martin, 3 |
# | `median_bill` | the median `cost_total` of those with one above 0, in dollars | Martin, 3 |
# | `damage_jan_mar` | share with damage among the judged reports of January, February, March | Luis, 4 |
# | `damage_sep_oct` | the same for September and October | Luis, 4 |
#
# <details><summary>Hint</summary>
#
# The mean of a 0/1 column is a share: `judged["damaged"].mean()`. Select rows first: `judged[judged["damaged"] == 1]`.
# The month is `judged["flight_date"].dt.month`, and `.isin([1, 2, 3])` selects several. Count by day with
# `judged.groupby("flight_date").size()`.
#
# </details>

# %% solution="audit"
audit = {
    "accuracy_nobody": ...,
    "busiest_day": ...,
    "found_by_half": ...,
    "large_share_of_damage": ...,
    "bill_share": ...,
    "median_bill": ...,
    "damage_jan_mar": ...,
    "damage_sep_oct": ...,
}
### BEGIN SOLUTION
hit = judged[judged["damaged"] == 1]
bills = reports.loc[reports["damaged"] == 1, "cost_total"]
month = judged["flight_date"].dt.month
audit = {
    "accuracy_nobody": 1 - judged["damaged"].mean(),
    "busiest_day": judged.groupby("flight_date").size().max(),
    "found_by_half": (hit["model"] >= 0.065).mean(),
    "large_share_of_damage": (hit["wildlife_size"] == "Large").mean(),
    "bill_share": (bills > 0).mean(),
    "median_bill": bills[bills > 0].median(),
    "damage_jan_mar": judged.loc[month.isin([1, 2, 3]), "damaged"].mean(),
    "damage_sep_oct": judged.loc[month.isin([9, 10]), "damaged"].mean(),
}
### END SOLUTION

# %% test="audit"
check = Checks(5)
with check(1, "accuracy_nobody: Dana's 89 %", hint="1 minus the share of damage") as see:
    assert math.isclose(see(audit["accuracy_nobody"]), 1 - judged["damaged"].mean(), abs_tol=1e-6)
with check(1, "busiest_day: Luis's 11 reports", hint="count the reports of each date") as see:
    assert see(audit["busiest_day"]) == 11
### BEGIN HIDDEN TESTS
with check(
    1,
    "found_by_half and large_share_of_damage",
    hint="both divide by the damaged judged reports; 0.065 itself counts",
) as see:
    hit_rows = judged[judged["damaged"] == 1]
    found = see(audit["found_by_half"])
    large = see(audit["large_share_of_damage"])
    assert math.isclose(found, (hit_rows["model"] >= 0.065).mean(), abs_tol=1e-6)
    assert math.isclose(large, (hit_rows["wildlife_size"] == "Large").mean(), abs_tol=1e-6)
with check(
    1,
    "bill_share and median_bill",
    hint="all damaged aircraft in reports; a zero is a missing bill, not a bill of zero",
) as see:
    costs = reports.loc[reports["damaged"] == 1, "cost_total"]
    share = see(audit["bill_share"])
    middle = see(audit["median_bill"])
    assert math.isclose(share, (costs > 0).mean(), abs_tol=1e-6)
    assert math.isclose(middle, costs[costs > 0].median(), abs_tol=0.5)
with check(
    1,
    "damage_jan_mar and damage_sep_oct",
    hint="choose the reports by month first, then take the share with damage among them",
) as see:
    months = judged["flight_date"].dt.month
    winter = see(audit["damage_jan_mar"])
    autumn = see(audit["damage_sep_oct"])
    assert math.isclose(winter, judged["damaged"][months <= 3].mean(), abs_tol=1e-6)
    assert math.isclose(autumn, judged["damaged"][months.isin([9, 10])].mean(), abs_tol=1e-6)
### END HIDDEN TESTS
check

# %% [markdown]
# ### 2b · One definition of each metric (5 points)
#
# Dana takes an area under the curve of 0.75 for 75 % of the damage found; Ruth counts misses, Luis inspections. Before
# anybody signs, fix the definitions. Write
# `queue_metrics(damaged, flagged)` for two columns of 0 and 1 (or `False` and `True`). Return a dict:
#
# | key | definition |
# |---|---|
# | `tp`, `fp`, `fn`, `tn` | damaged and flagged; undamaged and flagged; damaged and not flagged; neither |
# | `accuracy` | (tp + tn) / all reports |
# | `inspected_share` | (tp + fp) / all reports: the workload |
# | `recall` | tp / damaged reports: what the queue finds |
# | `precision` | tp / flagged reports: how often an inspection finds something |
# | `lift` | precision / share of damage among all reports: how much better than drawing lots |
#
# - Where a definition divides by zero, the value is `math.nan` ("no figure"): recall if nothing is damaged, precision if
#   nothing is flagged, lift in either case.
# - If the columns are empty or differ in length, raise a `ValueError`.
#
# **By hand.** Ten reports, damaged `[1,1,1,0,0,0,0,0,0,0]`, flagged `[1,1,0,1,1,0,0,0,0,0]`: tp 2, fp 2, fn 1, tn 5;
# accuracy 0.7, inspected_share 0.4, recall 2/3, precision 0.5; 30 % are damaged, so lift 0.5 / 0.3 = 1.667.
#
# <details><summary>Hint</summary>
#
# With `d = np.asarray(damaged).astype(bool)` and the same for `f`, the four counts are `(d & f).sum()`, `(~d & f).sum()`,
# `(d & ~f).sum()`, `(~d & ~f).sum()`. Check the lengths before you count.
#
# </details>


# %% solution="queue_metrics"
def queue_metrics(damaged, flagged):
    """Counts and rates of a queue.

    Parameters
    ----------
    damaged, flagged : sequence of int or bool
        One entry per report, same order.

    Returns
    -------
    dict
        `tp`, `fp`, `fn`, `tn`, `accuracy`, `inspected_share`, `recall`, `precision`, `lift`.

    Raises
    ------
    ValueError
        If the columns are empty or differ in length.
    """
    ### BEGIN SOLUTION
    d, f = np.asarray(damaged).astype(bool), np.asarray(flagged).astype(bool)
    if len(d) != len(f) or len(d) == 0:
        raise ValueError(f"expected two columns of equal length, got {len(d)} and {len(f)}")
    tp, fp = int((d & f).sum()), int((~d & f).sum())
    fn, tn = int((d & ~f).sum()), int((~d & ~f).sum())
    recall = tp / (tp + fn) if tp + fn else math.nan
    precision = tp / (tp + fp) if tp + fp else math.nan
    return {
        "tp": tp,
        "fp": fp,
        "fn": fn,
        "tn": tn,
        "accuracy": (tp + tn) / len(d),
        "inspected_share": (tp + fp) / len(d),
        "recall": recall,
        "precision": precision,
        "lift": precision / ((tp + fn) / len(d)) if tp + fn else math.nan,
    }
    ### END SOLUTION


# %% test="queue_metrics"
check = Checks(5)
with check(1, "by hand: the four counts 2, 2, 1, 5", hint="fp: flagged but undamaged") as see:
    m = see(queue_metrics([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 1, 1, 0, 0, 0, 0, 0]))
    assert [m["tp"], m["fp"], m["fn"], m["tn"]] == [2, 2, 1, 5]
with check(1, "by hand: the five rates", hint="recall divides by damaged, precision by flagged") as see:
    m = see(queue_metrics([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 1, 1, 0, 0, 0, 0, 0]))
    rates = [m["accuracy"], m["inspected_share"], m["recall"], m["precision"]]
    assert np.allclose(rates, [0.7, 0.4, 2 / 3, 0.5])
    assert np.isclose(see(m["lift"]), 5 / 3), f"lift: {m['lift']:.4g}; see its definition"
### BEGIN HIDDEN TESTS
with check(1, "right on 300 other reports", hint="count again on a table of your own") as see:
    rng = np.random.default_rng(2)
    y = rng.random(300) < 0.2
    f = rng.random(300) < 0.25 + 0.4 * y
    m = see(queue_metrics(y, f))
    tp, flags, hits = int((y & f).sum()), int(f.sum()), int(y.sum())
    assert [m["tp"], m["fp"], m["fn"], m["tn"]] == [
        tp, flags - tp, hits - tp, 300 - flags - hits + tp,
    ]  # fmt: skip
    rates = [m["accuracy"], m["inspected_share"], m["recall"], m["precision"], m["lift"]]
    agree = float((y == f).mean())
    assert np.allclose(rates, [agree, flags / 300, tp / hits, tp / flags, tp * 300 / flags / hits])
with check(
    1, "no damage or no flag: no figure (nan)", hint="recall, precision and lift may have none"
) as see:
    m = see(queue_metrics([0, 0, 0], [1, 0, 0]))
    assert math.isnan(m["recall"]) and math.isnan(m["lift"]) and m["precision"] == 0
    m = see(queue_metrics([1, 0, 0], [0, 0, 0]))
    assert math.isnan(m["precision"]) and math.isnan(m["lift"]) and m["recall"] == 0
with check(
    1, "columns of different length or no reports: ValueError", hint="refuse before counting"
) as see:
    refused = 0
    for d, f in [([1, 0, 1], [1, 0]), ([], []), ([1], [0, 1, 1])]:
        try:
            see(queue_metrics(d, f))
        except ValueError:
            refused += 1
    assert see(refused) == 3
### END HIDDEN TESTS
check

# %% [markdown]
# ## 3 · What the crews can do
#
# ### 3a · The line that fits the budget (6 points)
#
# Luis has {{ CAPACITY }} inspections for two years. Write `threshold_at_capacity(score, capacity)`: the lowest threshold
# that flags at most `capacity` of the reports.
#
# - `score`: one column of numbers. Candidates are the distinct scores; flagged means `score >= threshold`.
# - Reports with equal scores are flagged together or not at all: never more than `capacity`, even if that leaves
#   inspections unused.
# - If even the highest score flags more than `capacity` (or `capacity` is 0), return `math.inf`: nobody.
# - If `capacity` is negative, raise a `ValueError`.
#
# **By hand.** Scores `[5, 4, 4, 3, 2]`. Capacity 3: threshold 4 flags three. Capacity 2: threshold 4 would flag three,
# so 5, and one inspection stays unused. Capacity 9: threshold 2, everybody. Capacity 0: inf.
#
# <details><summary>Hint</summary>
#
# Count the flagged reports for each distinct score, keep the scores where the count fits, take the smallest. Do not take
# the score of the report on place `capacity`: its equals come with it.
#
# </details>


# %% solution="threshold_at_capacity"
def threshold_at_capacity(score, capacity):
    """The lowest threshold that flags at most `capacity` reports.

    Parameters
    ----------
    score : sequence of float
        Higher is more suspicious.
    capacity : int
        Inspections there are; not negative.

    Returns
    -------
    float
        One of the scores, or `math.inf` if none fits.

    Raises
    ------
    ValueError
        If `capacity` is negative.
    """
    ### BEGIN SOLUTION
    if capacity < 0:
        raise ValueError(f"capacity must not be negative, got {capacity}")
    score = np.asarray(score)
    fitting = [t for t in set(score.tolist()) if (score >= t).sum() <= capacity]
    return min(fitting, default=math.inf)
    ### END SOLUTION


# %% test="threshold_at_capacity"
check = Checks(6)
with check(1, "by hand: capacity 3 gives 4, capacity 9 gives 2", hint="the lowest that fits") as see:
    assert see(threshold_at_capacity([5, 4, 4, 3, 2], 3)) == 4
    assert see(threshold_at_capacity([5, 4, 4, 3, 2], 9)) == 2
with check(1, "by hand: capacity 2 gives 5", hint="equal scores go together or not at all") as see:
    assert see(threshold_at_capacity([5, 4, 4, 3, 2], 2)) == 5
### BEGIN HIDDEN TESTS
with check(
    2,
    "on 400 other reports: never more than the capacity, and the next line would be too low",
    hint="count with >= what your threshold flags, then what the next lower score would flag",
) as see:
    rng = np.random.default_rng(4)
    s = rng.integers(0, 40, 400) / 40
    for capacity in [399, 250, int((s >= 0.5).sum()), 37]:
        expected = min(t for t in set(s.tolist()) if (s >= t).sum() <= capacity)
        assert math.isclose(see(threshold_at_capacity(s.tolist(), capacity)), expected)
with check(
    1, "nobody fits: inf", hint="what if the highest score alone is shared by too many reports?"
) as see:
    assert see(threshold_at_capacity([3, 3, 3, 1], 2)) == math.inf
    assert see(threshold_at_capacity([3, 2, 1], 0)) == math.inf
with check(1, "a negative capacity: ValueError", hint="refuse it before counting") as see:
    refused = 0
    try:
        see(threshold_at_capacity([3, 2, 1], -1))
    except ValueError:
        refused = 1
    assert see(refused) == 1
### END HIDDEN TESTS
check

# %% [markdown]
# **On the log.** The same budget, two scores:

# %%
[threshold_at_capacity(judged[score], CAPACITY) for score in ["rule", "model"]]

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# {{ threshold_at_capacity(judged["rule"], CAPACITY) }} for the rule, which inspects
# {{ (judged["rule"] >= threshold_at_capacity(judged["rule"], CAPACITY)).sum() }} aircraft and leaves the rest of the
# budget unused, and {{ threshold_at_capacity(judged["model"], CAPACITY) }} for the model, which inspects
# {{ (judged["model"] >= threshold_at_capacity(judged["model"], CAPACITY)).sum() }}.
#
# </details>

# %% [markdown]
# ### 3b · The third aircraft of the day (4 points)
#
# A yearly budget hides the days. Two crews inspect two aircraft a day; on a busy day the third flagged aircraft departs
# without its inspection. Write `waiting_reports(dates, flagged, slots)`: how many flagged reports, summed over all days,
# exceed the slots of their own day. Slots of a quiet day cannot be saved for a busy one.
#
# - `dates` and `flagged`: two columns; dates may come in any order and are compared for equality only. `slots`: a whole
#   number, 0 or more.
# - Result: a whole number.
#
# **By hand.** Dates `["Mon", "Tue", "Mon", "Mon", "Mon", "Wed", "Thu"]`, flagged `[1, 1, 1, 0, 1, 1, 0]`, two slots: on
# Monday three are flagged, one waits; Tuesday and Wednesday have one each, Thursday none. Result 1. With one slot: 2.
#
# <details><summary>Hint</summary>
#
# Count the flagged reports of each date, subtract the slots, drop what is negative, sum. `groupby` does the first step,
# `.clip(lower=0)` the third; a dictionary does it as well.
#
# </details>


# %% solution="waiting_reports"
def waiting_reports(dates, flagged, slots):
    """Flagged reports beyond the slots of their own day, over all days.

    Parameters
    ----------
    dates : sequence
        The day of each report.
    flagged : sequence of int or bool
        1 where an inspection is asked for.
    slots : int
        Inspections possible on one day.

    Returns
    -------
    int
    """
    ### BEGIN SOLUTION
    table = pd.DataFrame({"day": list(dates), "flagged": np.asarray(flagged).astype(int)})
    return int((table.groupby("day")["flagged"].sum() - slots).clip(lower=0).sum())
    ### END SOLUTION


# %% test="waiting_reports"
check = Checks(4)
week = ["Mon", "Tue", "Mon", "Mon", "Mon", "Wed", "Thu"]
with check(1, "by hand: two slots, one waits", hint="only flagged reports need a slot") as see:
    assert see(waiting_reports(week, [1, 1, 1, 0, 1, 1, 0], 2)) == 1
with check(1, "by hand: one slot, two wait", hint="count each day for itself") as see:
    assert see(waiting_reports(week, [1, 1, 1, 0, 1, 1, 0], 1)) == 2
### BEGIN HIDDEN TESTS
with check(1, "right on 300 other reports in any order", hint="dates may come unsorted") as see:
    rng = np.random.default_rng(5)
    days = rng.integers(0, 60, 300)
    f = (rng.random(300) < 0.7).astype(int)
    per_day = [int(f[days == day].sum()) for day in range(60)]
    names = [f"2001-03-{day:03d}" for day in days.tolist()]
    for slots in [4, 2]:
        expected = sum(max(0, count - slots) for count in per_day)
        assert see(waiting_reports(names, f.tolist(), slots)) == expected
with check(
    1, "no slots: every flagged report waits; many slots: none", hint="both ends are allowed"
) as see:
    assert see(waiting_reports(week, [1, 1, 1, 0, 1, 1, 0], 0)) == 5
    assert see(waiting_reports(week, [1, 1, 1, 0, 1, 1, 0], 6)) == 0
### END HIDDEN TESTS
check

# %% [markdown]
# **On the log.** The model at its line for {{ CAPACITY }} inspections, with two slots a day:

# %%
waiting_reports(judged["flight_date"], judged["model"] >= 0.1008, SLOTS_PER_DAY)

# %% [markdown]
# <details><summary>Figure to expect</summary>
#
# {{ waiting_reports(judged["flight_date"], judged["model"] >= 0.1008, SLOTS_PER_DAY) }} of the flagged aircraft would
# have departed uninspected. The budget was kept; the days were not.
#
# </details>

# %% [markdown]
# ## 4 · What each line costs
#
# ### 4a · The cost curve (5 points)
#
# Martin wants one figure per option. Every inspection costs \${{ COST_INSPECT:,}}, and every damaged aircraft that
# was not flagged costs \${{ COST_MISS:,}} more than it would have, because its damage is found late. (The repair
# itself is paid either way, so it belongs to neither.) Write `cost_curve(damaged, score, cost_inspect, cost_miss)`.
#
# - Return a DataFrame with the columns `threshold`, `inspected`, `missed`, `cost`.
# - One row for `math.inf` (nobody) and one for each distinct score, from the highest threshold down, index 0, 1, 2 ...
# - `inspected`: reports with `score >= threshold`; `missed`: damaged reports below it;
#   `cost = inspected * cost_inspect + missed * cost_miss`.
#
# **By hand.** damaged `[1, 0, 1, 0]`, score `[0.8, 0.6, 0.4, 0.2]`, an inspection costs 1, a miss 3:
#
# | threshold | inspected | missed | cost |
# |---|---|---|---|
# | inf | 0 | 2 | 6 |
# | 0.8 | 1 | 1 | 4 |
# | 0.6 | 2 | 1 | 5 |
# | 0.4 | 3 | 0 | **3** |
# | 0.2 | 4 | 0 | 4 |
#
# <details><summary>Hint</summary>
#
# Build a list of rows in a loop over the thresholds, then `pd.DataFrame(rows)`.
#
# </details>


# %% solution="cost_curve"
def cost_curve(damaged, score, cost_inspect, cost_miss):
    """What each threshold costs.

    Parameters
    ----------
    damaged : sequence of int
        0 or 1 per report.
    score : sequence of float
        Higher is more suspicious.
    cost_inspect, cost_miss : float
        Dollars per inspection and per damaged aircraft that was not flagged.

    Returns
    -------
    pandas.DataFrame
        Columns `threshold`, `inspected`, `missed`, `cost`; highest threshold (inf) first.
    """
    ### BEGIN SOLUTION
    damaged, score = np.asarray(damaged), np.asarray(score)
    rows = []
    for threshold in [math.inf, *sorted(set(score.tolist()), reverse=True)]:
        inspected = int((score >= threshold).sum())
        missed = int(damaged[score < threshold].sum())
        cost = inspected * cost_inspect + missed * cost_miss
        rows.append({"threshold": threshold, "inspected": inspected, "missed": missed, "cost": cost})
    return pd.DataFrame(rows)
    ### END SOLUTION


# %% test="cost_curve"
check = Checks(5)
with check(1, "by hand: thresholds, highest first", hint="inf, then each distinct score") as see:
    curve = see(cost_curve([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2], 1, 3))
    assert np.allclose(see(curve["threshold"].tolist()), [math.inf, 0.8, 0.6, 0.4, 0.2])
with check(1, "by hand: inspected, missed and cost", hint="see the table above") as see:
    curve = see(cost_curve([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2], 1, 3))
    assert curve["inspected"].tolist() == [0, 1, 2, 3, 4]
    assert curve["missed"].tolist() == [2, 1, 1, 0, 0]
    assert np.allclose(see(curve["cost"].tolist()), [6, 4, 5, 3, 4])
### BEGIN HIDDEN TESTS
with check(
    2,
    "right on 120 other reports with equal scores, in any order",
    hint="one row for each distinct score; inspected counts score >= threshold",
) as see:
    rng = np.random.default_rng(6)
    y = (rng.random(120) < 0.25).astype(int)
    s = (rng.integers(0, 8, 120) + 2 * y) / 10
    lines = [math.inf, *sorted(set(s.tolist()), reverse=True)]
    curve = see(cost_curve(y.tolist(), s.tolist(), 700, 9000))
    inspected = [int((s >= t).sum()) for t in lines]
    missed = [int(y[s < t].sum()) for t in lines]
    assert np.allclose(curve["threshold"].tolist(), lines)
    assert curve["inspected"].tolist() == inspected and curve["missed"].tolist() == missed
    assert np.allclose(curve["cost"], 700 * np.array(inspected) + 9000 * np.array(missed))
with check(
    1,
    "both ends: nobody costs all misses, everybody costs all inspections",
    hint="the first row flags nobody, the last row everybody",
) as see:
    curve = see(cost_curve([0, 1, 1], [2, 2, 1], 10, 100))
    assert see(curve["cost"].tolist())[0] == 200 and curve["cost"].tolist()[-1] == 30
    assert curve["missed"].tolist() == [2, 1, 0]
### END HIDDEN TESTS
check

# %% [markdown]
# **On the log.** To see the curve as well, run `cost_curve(...).plot(x="inspected", y="cost")` in a cell of your own: it
# is flat around its lowest point, and that is worth a sentence to Martin.

# %%
cost_curve(judged["damaged"], judged["rule"], COST_INSPECT, COST_MISS)

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# The lowest cost of the rule is \${{ cost_curve(judged["damaged"], judged["rule"], COST_INSPECT, COST_MISS)["cost"].min():,}},
# of the model \${{ cost_curve(judged["damaged"], judged["model"], COST_INSPECT, COST_MISS)["cost"].min():,}}. *First
# come, first served* with {{ CAPACITY }} inspections finds {{ CAPACITY / len(judged):.0%}} of the damage, as lots would,
# and costs about
# \${{ (CAPACITY * COST_INSPECT + (1 - CAPACITY / len(judged)) * judged["damaged"].sum() * COST_MISS) / 1e6:.2f}} million.
#
# </details>

# %% [markdown]
# ### 4b · If the price is wrong by half (5 points)
#
# Nobody has measured the \$10,000; finance says "give or take half". Does the decision survive? Write
# `cost_sensitivity(damaged, score, cost_inspect, cost_miss)`, which returns a DataFrame with three rows, for a miss that
# costs 0.5, 1.0 and 1.5 times `cost_miss`, in this order, and the columns
#
# - `scale`: 0.5, 1.0, 1.5;
# - `threshold`: the one with the lowest cost at that price. Candidates are `math.inf` and the distinct scores; if several
#   cost the same, the highest of them;
# - `cost`: what it costs at that price;
# - `regret`: what you lose at that price by having stayed with the threshold that is best at scale 1.0: its cost at that
#   price, minus `cost`. In the row of 1.0 it is 0.
#
# **By hand.** Seven reports, damaged `[1, 0, 1, 0, 0, 0, 1]`, score `[0.9, 0.8, 0.7, 0.5, 0.4, 0.3, 0.2]`, an inspection
# 1, a miss 3:
#
# | threshold | inf | 0.9 | 0.8 | 0.7 | 0.5 | 0.4 | 0.3 | 0.2 |
# |---|---|---|---|---|---|---|---|---|
# | inspected | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
# | missed | 3 | 2 | 2 | 1 | 1 | 1 | 1 | 0 |
# | cost, a miss at 1.5 | 4.5 | **4** | 5 | 4.5 | 5.5 | 6.5 | 7.5 | 7 |
# | cost, a miss at 3 | 9 | 7 | 8 | **6** | 7 | 8 | 9 | 7 |
# | cost, a miss at 4.5 | 13.5 | 10 | 11 | 7.5 | 8.5 | 9.5 | 10.5 | **7** |
#
# At 3 the best is 0.7. If a miss costs 1.5, staying with 0.7 costs 4.5 where 0.9 costs 4: regret 0.5. If it costs 4.5,
# staying costs 7.5 where 0.2 costs 7: regret 0.5.
#
# <details><summary>Hint</summary>
#
# Compute the counts once; only the price changes. First find the best threshold at scale 1.0.
#
# </details>


# %% solution="cost_sensitivity"
def cost_sensitivity(damaged, score, cost_inspect, cost_miss):
    """The best threshold if a miss costs half, as, or one and a half times what was assumed.

    Parameters
    ----------
    damaged, score, cost_inspect, cost_miss
        As in `cost_curve`.

    Returns
    -------
    pandas.DataFrame
        Columns `scale`, `threshold`, `cost`, `regret`; rows for 0.5, 1.0 and 1.5.
    """
    ### BEGIN SOLUTION
    damaged, score = np.asarray(damaged), np.asarray(score)
    thresholds = np.array([math.inf, *sorted(set(score.tolist()), reverse=True)])
    inspected = np.array([(score >= t).sum() for t in thresholds])
    missed = np.array([damaged[score < t].sum() for t in thresholds])
    planned = np.argmin(inspected * cost_inspect + missed * cost_miss)
    rows = []
    for scale in [0.5, 1.0, 1.5]:
        costs = inspected * cost_inspect + missed * cost_miss * scale
        best = np.argmin(costs)
        rows.append((scale, thresholds[best], costs[best], costs[planned] - costs[best]))
    return pd.DataFrame(rows, columns=["scale", "threshold", "cost", "regret"])
    ### END SOLUTION


# %% test="cost_sensitivity"
check = Checks(5)
seven_damaged = [1, 0, 1, 0, 0, 0, 1]
seven_scores = [0.9, 0.8, 0.7, 0.5, 0.4, 0.3, 0.2]
with check(1, "by hand: thresholds 0.9, 0.7, 0.2", hint="one row for 0.5, 1.0 and 1.5") as see:
    rows = see(cost_sensitivity(seven_damaged, seven_scores, 1, 3))
    assert np.allclose(see(rows["scale"].tolist()), [0.5, 1.0, 1.5])
    assert np.allclose(see(rows["threshold"].tolist()), [0.9, 0.7, 0.2])
with check(
    1,
    "by hand: costs 4, 6, 7 and regrets 0.5, 0, 0.5",
    hint="both costs of a regret are paid at the price of its own row",
) as see:
    rows = see(cost_sensitivity(seven_damaged, seven_scores, 1, 3))
    assert np.allclose(see(rows["cost"].tolist()), [4, 6, 7])
    assert np.allclose(see(rows["regret"].tolist()), [0.5, 0, 0.5])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(11)
y = (rng.random(150) < 0.2).astype(int)
s = (rng.integers(0, 14, 150) + 4 * y) / 20
lines = np.array([math.inf, *sorted(set(s.tolist()), reverse=True)])
price = {
    scale: np.array([100 * (s >= t).sum() + 600 * scale * y[s < t].sum() for t in lines])
    for scale in [0.5, 1.0, 1.5]
}
with check(
    1, "thresholds and costs right on 150 other reports", hint="scale the price of a miss only"
) as see:
    rows = see(cost_sensitivity(y.tolist(), s.tolist(), 100, 600))
    assert np.allclose(rows["cost"].tolist(), [price[k].min() for k in price])
    assert np.allclose(rows["threshold"].tolist(), [lines[price[k].argmin()] for k in price])
with check(
    1,
    "regret right on the same reports",
    hint="the line that is best at 1.0, paid at the other price, minus the best at that price",
) as see:
    rows = see(cost_sensitivity(y.tolist(), s.tolist(), 100, 600))
    stay = price[1.0].argmin()
    regrets = [price[k][stay] - price[k].min() for k in price]
    assert np.allclose(see(rows["regret"].tolist()), regrets)
with check(1, "of equal costs the highest threshold", hint="fewer inspections at the same price") as see:
    rows = see(cost_sensitivity([1, 0, 1, 0], [3, 2, 2, 1], 2, 4))
    assert rows["threshold"].tolist() == [math.inf, 3, 2]
    assert np.allclose(rows["cost"].tolist(), [4, 6, 6])
### END HIDDEN TESTS
check

# %% [markdown]
# **On the log.** Where does your line move, and what does it cost you if finance was wrong?

# %%
cost_sensitivity(judged["damaged"], judged["model"], COST_INSPECT, COST_MISS)

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# The best lines of the model are
# {{ ", ".join(f"{t:g}" for t in cost_sensitivity(judged["damaged"], judged["model"], COST_INSPECT, COST_MISS)["threshold"]) }}.
# Where scores are honest probabilities, the best line lies near the price of an inspection divided by the price of a
# miss: 0.2, 0.1 and 0.067 here.
#
# </details>

# %% [markdown]
# ## 5 · How sure are we?
#
# ### 5a · Intervals for recall and lift (10 points)
#
# Two years hold {{ judged["damaged"].sum() }} damaged aircraft. Another two years would have given other numbers, and
# Ruth will ask how different. Resample the reports and see. Write `recall_lift_intervals(damaged, flagged, n_boot, rng)`
# for two columns of 0 and 1:
#
# 1. Draw as many reports as there are, *with replacement*, keeping each report's `damaged` and `flagged` together.
# 2. On the drawn reports compute recall and lift, as in 2b. If no drawn report is damaged, or none is flagged, leave
#    this resample out.
# 3. Repeat `n_boot` times. For each of the two, the interval runs from the 2.5th to the 97.5th percentile
#    (`np.quantile(values, [0.025, 0.975])`).
#
# Return `{"recall": (low, high), "lift": (low, high)}`. All randomness comes from `rng`, a `numpy.random.Generator`:
# the same state gives the same intervals. If the reports themselves hold no damaged or no flagged one, raise a
# `ValueError`. Checks allow for the randomness of different right ways to draw.
#
# **By hand.** 1,000 reports, 100 damaged, 300 flagged, 70 both: recall 0.70. The textbook error of a share is
# `sqrt(0.7 * 0.3 / 100)` = 0.046, and 0.70 plus or minus 1.96 times that gives 0.61 to 0.79. The bootstrap must come out
# within 0.03 of that. The lift is (70 / 300) / (100 / 1,000) = 2.33, and its interval holds that. Where every damaged report is flagged, every resample has recall 1: the interval is (1, 1).
#
# <details><summary>Hint</summary>
#
# `rows = rng.integers(0, n, n)` draws row numbers with replacement; `d[rows]` and `f[rows]` keep the pairs together.
#
# </details>


# %% solution="recall_lift_intervals"
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    """95 % bootstrap intervals of recall and lift.

    Parameters
    ----------
    damaged, flagged : sequence of int or bool
        One entry per report, same order.
    n_boot : int
        Number of resamples.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    dict
        `recall` and `lift`, each a pair (low, high).

    Raises
    ------
    ValueError
        If no report is damaged or none is flagged.
    """
    ### BEGIN SOLUTION
    d, f = np.asarray(damaged).astype(bool), np.asarray(flagged).astype(bool)
    if not d.any() or not f.any():
        raise ValueError("intervals need at least one damaged and one flagged report")
    recalls, lifts = [], []
    for _ in range(n_boot):
        rows = rng.integers(0, len(d), len(d))
        hits, flags, both = d[rows].sum(), f[rows].sum(), (d & f)[rows].sum()
        if hits and flags:
            recalls.append(both / hits)
            lifts.append((both / flags) / (hits / len(d)))
    return {
        "recall": tuple(np.quantile(recalls, [0.025, 0.975]).tolist()),
        "lift": tuple(np.quantile(lifts, [0.025, 0.975]).tolist()),
    }
    ### END SOLUTION


# %% test="recall_lift_intervals"
check = Checks(10)
thousand_damaged = [1] * 100 + [0] * 900
thousand_flagged = [1] * 70 + [0] * 30 + [1] * 230 + [0] * 670
with check(2, "by hand: recall from about 0.61 to 0.79", hint="draw n of n, with replacement") as see:
    out = recall_lift_intervals(thousand_damaged, thousand_flagged, 1000, np.random.default_rng(1))
    low, high = see(out)["recall"]
    assert abs(low - 0.61) < 0.03 and abs(high - 0.79) < 0.03
with check(1, "by hand: the lift's interval holds 2.33", hint="lift is that of 2b") as see:
    out = recall_lift_intervals(thousand_damaged, thousand_flagged, 200, np.random.default_rng(9))
    low, high = see(out)["lift"]
    assert low < 2.33 < high
with check(
    1,
    "every damaged report flagged: recall (1, 1)",
    hint="keep the pairs together, and leave out resamples without damage",
) as see:
    out = recall_lift_intervals([1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0], 200, np.random.default_rng(2))
    low, high = see(out)["recall"]
    assert low == 1 and high == 1
### BEGIN HIDDEN TESTS
d120 = np.array([1] * 31 + [0] * 89)
f120 = np.array([1] * 20 + [0] * 11 + [1] * 22 + [0] * 67)
# how many of 120 draws are both, damaged only, flagged only, neither
drawn = np.random.default_rng(99).multinomial(120, np.array([20, 11, 22, 67]) / 120, 20000)
both, hits, flags = drawn[:, 0], drawn[:, [0, 1]].sum(1), drawn[:, [0, 2]].sum(1)
with check(
    2,
    "recall and lift on 120 other reports agree with 20,000 resamples",
    hint="95 % means the percentiles 2.5 and 97.5; lift divides by the share of damage drawn",
) as see:
    out = recall_lift_intervals(d120.tolist(), f120.tolist(), 4000, np.random.default_rng(3))
    assert np.allclose(see(out)["recall"], np.quantile(both / hits, [0.025, 0.975]), atol=0.03)
    lift = both * 120 / flags / hits
    assert np.allclose(see(out)["lift"], np.quantile(lift, [0.025, 0.975]), atol=0.07)
with check(
    1,
    "a tenth of the reports: an interval about three times as wide",
    hint="fewer reports, less certainty: draw as many reports as there are",
) as see:
    few = recall_lift_intervals(
        thousand_damaged[::10], thousand_flagged[::10], 1000, np.random.default_rng(4)
    )
    low, high = see(few)["recall"]
    assert 0.4 < high - low < 0.75
with check(
    1,
    "the same rng state gives the same intervals, another state others",
    hint="take every random number from the rng that was passed in",
) as see:
    first, again, other = [
        recall_lift_intervals(d120.tolist(), f120.tolist(), 50, np.random.default_rng(seed))
        for seed in [5, 5, 6]
    ]
    numbers = [[*see(out)["recall"], *out["lift"]] for out in [first, again, other]]
    assert np.allclose(numbers[0], numbers[1], atol=1e-12)
    assert not np.allclose(numbers[0], numbers[2], atol=1e-12)
with check(
    1,
    "resamples without damage or without a flag are left out",
    hint="with one damaged report in four, about a third of the resamples hold none",
) as see:
    out = recall_lift_intervals([1, 0, 0, 0], [1, 0, 0, 0], 400, np.random.default_rng(7))
    assert np.allclose(see(out)["recall"], [1, 1])
    assert 1 <= out["lift"][0] <= out["lift"][1] <= 4
with check(1, "no damage or no flag at all: ValueError", hint="refuse before drawing") as see:
    refused = 0
    for d, f in [([0, 0, 0], [1, 0, 0]), ([1, 0, 0], [0, 0, 0])]:
        try:
            see(recall_lift_intervals(d, f, 20, np.random.default_rng(8)))
        except ValueError:
            refused += 1
    assert see(refused) == 2
### END HIDDEN TESTS
check

# %% [markdown]
# **On the log.** The model at its line for {{ CAPACITY }} inspections:

# %%
recall_lift_intervals(judged["damaged"], judged["model"] >= 0.1008, 1000, np.random.default_rng(0))

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# Recall from about
# {{ " to ".join(f"{x:.2f}" for x in recall_lift_intervals(judged["damaged"], judged["model"] >= 0.1008, 1000, np.random.default_rng(0))["recall"]) }},
# lift from about
# {{ " to ".join(f"{x:.1f}" for x in recall_lift_intervals(judged["damaged"], judged["model"] >= 0.1008, 1000, np.random.default_rng(0))["lift"]) }}.
# Lots would have a lift of 1.
#
# </details>

# %% [markdown]
# ### 5b · Group by group (5 points)
#
# Tom wants the regionals first, Ana worries about small birds. An overall recall says nothing about either. Write
# `slice_table(table, by, min_damaged=30)`, where `table` is a DataFrame with the columns `damaged` and `flagged` (0 or 1)
# and the column named by `by`. Return a DataFrame, one row for each value of that column in ascending order, with
#
# - `slice`: the value; `reports`, `damaged`, `found`: how many reports, how many damaged, how many damaged and flagged;
# - `recall`: found / damaged;
# - `low`, `high`: the 95 % Wilson interval of the recall, with *n* = damaged, *p* = recall, *z* = 1.96:
#
# ```
# middle = p + z**2 / (2 * n)
# half = z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
# low, high = (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
# ```
#
# With *p* = 0 or 1, rounding may leave a low of -1e-17 or a high just above 1; that counts as 0 or 1.
# - `insufficient`: `True` where fewer than `min_damaged` were damaged: too few to compare groups.
#
# A slice without damage has recall `math.nan`, low 0, high 1, and is insufficient whatever `min_damaged` is.
#
# **By hand.** Ten damaged, eight found: *p* = 0.8, `z**2 / n` = 0.384; middle 0.8 + 0.192 = 0.992; half
# 1.96 `sqrt(0.016 + 0.0096)` = 0.314; divided by 1.384: from **0.490** to **0.943**. The wide interval is the message.
#
# <details><summary>Hint</summary>
#
# `for value, group in table.groupby(by)` walks through the slices in ascending order. Collect one dict a slice, then
# `pd.DataFrame(rows)`.
#
# </details>


# %% solution="slice_table"
def slice_table(table, by, min_damaged=30):
    """Recall slice by slice, with Wilson intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `damaged`, `flagged` (0 or 1) and the one to slice by.
    by : str
        Name of the column to slice by.
    min_damaged : int
        With fewer damaged reports a slice is insufficient.

    Returns
    -------
    pandas.DataFrame
        Columns `slice`, `reports`, `damaged`, `found`, `recall`, `low`, `high`, `insufficient`.
    """
    ### BEGIN SOLUTION
    z2 = 1.96**2
    rows = []
    for value, group in table.groupby(by):
        n = int(group["damaged"].sum())
        found = int((group["damaged"] * group["flagged"]).sum())
        row = {"slice": value, "reports": len(group), "damaged": n, "found": found}
        if n == 0:
            row |= {"recall": math.nan, "low": 0.0, "high": 1.0}
        else:
            p = found / n
            half = 1.96 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
            middle = p + z2 / (2 * n)
            row |= {"recall": p, "low": (middle - half) / (1 + z2 / n)}
            row |= {"high": (middle + half) / (1 + z2 / n)}
        rows.append(row | {"insufficient": n == 0 or n < min_damaged})
    return pd.DataFrame(rows)
    ### END SOLUTION


# %% test="slice_table"
check = Checks(5)
small = pd.DataFrame(
    {
        "size": ["b"] * 12 + ["a"] * 40 + ["c"] * 3,
        "damaged": [1] * 10 + [0] * 2 + [1] * 30 + [0] * 10 + [0] * 3,
        "flagged": [1] * 8 + [0] * 4 + [1] * 35 + [0] * 5 + [1, 0, 0],
    }
)
with check(1, "slices in order, with their counts", hint="found: damaged and flagged") as see:
    rows = see(slice_table(small, "size"))
    assert rows["slice"].tolist() == ["a", "b", "c"]
    assert rows["reports"].tolist() == [40, 12, 3] and rows["damaged"].tolist() == [30, 10, 0]
    assert see(rows["found"].tolist()) == [30, 8, 0]
with check(1, "by hand: eight of ten gives 0.490 to 0.943", hint="Wilson, with z = 1.96") as see:
    rows = see(slice_table(small, "size"))
    found = [rows["recall"].tolist()[1], rows["low"].tolist()[1], rows["high"].tolist()[1]]
    assert np.allclose(see(found), [0.8, 0.490, 0.943], atol=0.001)
### BEGIN HIDDEN TESTS
with check(
    2, "intervals right on other reports, also where nothing is found", hint="n counts the damaged"
) as see:
    rng = np.random.default_rng(12)
    other = pd.DataFrame({"phase": rng.choice(["Climb", "Descent", "Taxi"], 500, p=[0.6, 0.3, 0.1])})
    other["damaged"] = (rng.random(500) < 0.2).astype(int)
    other["flagged"] = np.where(other["phase"] == "Taxi", 0, (rng.random(500) < 0.6).astype(int))
    rows = see(slice_table(other, "phase"))
    n = other.groupby("phase")["damaged"].sum().to_numpy()
    k = other[other["flagged"] == 1].groupby("phase")["damaged"].sum().reindex(rows["slice"]).fillna(0)
    p = k.to_numpy() / n
    z = 1.96
    half = z * np.sqrt(p * (1 - p) / n + z * z / 4 / n**2)
    assert np.allclose(rows["recall"].tolist(), p)
    assert np.allclose(rows["low"].tolist(), (p + z * z / 2 / n - half) / (1 + z * z / n), atol=1e-3)
    assert np.allclose(rows["high"].tolist(), (p + z * z / 2 / n + half) / (1 + z * z / n), atol=1e-3)
with check(
    1,
    "insufficient: fewer than min_damaged, and every slice without damage",
    hint="exactly min_damaged is enough; and what is 0 of 0?",
) as see:
    for least, expected in [(30, [0, 1, 1]), (10, [0, 0, 1]), (31, [1, 1, 1]), (0, [0, 0, 1])]:
        rows = see(slice_table(small, "size", least))
        assert [int(flag) for flag in rows["insufficient"].tolist()] == expected
    assert math.isnan(rows["recall"].tolist()[2])
    assert np.allclose([rows["low"].tolist()[2], rows["high"].tolist()[2]], [0, 1])
### END HIDDEN TESTS
check

# %% [markdown]
# **On the log.** Replace `"model"` and 0.1008 by `"rule"` and 2, and Ana's message becomes a number.

# %%
slice_table(judged.assign(flagged=(judged["model"] >= 0.1008).astype(int)), "aircraft_class")

# %%
slice_table(judged.assign(flagged=(judged["model"] >= 0.1008).astype(int)), "wildlife_size")

# %% [markdown]
# <details><summary>Figures to expect</summary>
#
# The model at 0.1008 finds
# {{ slice_table(judged.assign(flagged=(judged["model"] >= 0.1008).astype(int)), "wildlife_size")["found"].tolist()[2] }} of
# {{ slice_table(judged.assign(flagged=(judged["model"] >= 0.1008).astype(int)), "wildlife_size")["damaged"].tolist()[2] }}
# aircraft damaged by small birds. One of the three aircraft classes is insufficient.
#
# </details>

# %% [markdown]
# ## 6 · The decision (5 points)
#
# Now choose. There is more than one good answer, and no check prefers one. What is checked is that the policy is
# possible and that its numbers are *its own*: counted on `judged`, at your score and your threshold. All of them are for
# all stations over the two judged years, also if you choose a pilot. `missed`, `recall` and `cost` count every flagged
# aircraft as inspected; the waiting ones make the truth worse. Say in 7a by how much at most.
#
# | field | what to enter |
# |---|---|
# | `score` | `"rule"` or `"model"` |
# | `threshold` | a number; an aircraft is inspected when its score is at or above it |
# | `rollout` | `"pilot"` (one hub first) or `"all_stations"` |
# | `inspected` | judged reports flagged, over the two years; at most {{ CAPACITY }} + {{ EXTRA_LIMIT }} |
# | `missed` | damaged judged reports that are not flagged |
# | `recall` | share of the damaged judged reports that are flagged |
# | `cost` | dollars over the two years: \${{ COST_INSPECT:,}} per inspection, \${{ COST_MISS:,}} per miss |
# | `extra_inspections` | inspections to buy beyond the {{ CAPACITY }}; 0 if the budget is enough |
# | `waiting` | flagged judged reports beyond two on their day, as in 3b |
# | `kill_recall` | the recall below which the new queue is stopped |
# | `review_after` | the number of new reports after which recall is first held against `kill_recall` |
#
# The last two are judgements, and each must keep out of two ditches:
#
# - `kill_recall` must be **above** `inspected` / all judged reports (drawing lots finds that much: below it the queue is
#   useless) and **not above** the lower end of your recall's 95 % interval. That interval rests on
#   {{ judged["damaged"].sum() }} damaged aircraft; at the review you will have about 30, so chance moves the figure much
#   more: leave a margin or review later, and say in 7c how often a good queue would be stopped. The check allows 0.02 for
#   the randomness of your bootstrap.
# - `review_after` must be large enough that at the damage rate of the judged reports at least 30 damaged aircraft are
#   expected among them: with fewer, a recall is noise.
#
# Scoring: 1 point for a complete and possible policy; 2 for `inspected`, `missed` and `recall` (exact counts, recall within
# 0.001; they may follow from your own `queue_metrics`); 1 for `cost`, `extra_inspections` and `waiting` (exact); 1 for
# `kill_recall` and `review_after`.
#
# You may type the numbers or compute them in the cell. Typed numbers agree with your memo only as long as nothing
# changes.
#
# <details><summary>Hint</summary>
#
# `flagged = judged["model"] >= 0.1008` (or your own line), then the functions of 2b, 3b and 5a. Half of the points are
# lost by people who move the threshold at the end and forget one number.
#
# </details>

# %% solution="decision"
decision = {
    "score": ...,
    "threshold": ...,
    "rollout": ...,
    "inspected": ...,
    "missed": ...,
    "recall": ...,
    "cost": ...,
    "extra_inspections": ...,
    "waiting": ...,
    "kill_recall": ...,
    "review_after": ...,
}
### BEGIN SOLUTION
chosen = judged[judged["model"] >= 0.1008]
n_missed = judged["damaged"].sum() - chosen["damaged"].sum()
decision = {
    "score": "model",
    "threshold": 0.1008,
    "rollout": "pilot",
    "inspected": len(chosen),
    "missed": n_missed,
    "recall": chosen["damaged"].sum() / judged["damaged"].sum(),
    "cost": len(chosen) * COST_INSPECT + n_missed * COST_MISS,
    "extra_inspections": max(0, len(chosen) - CAPACITY),
    "waiting": (chosen.groupby("flight_date").size() - SLOTS_PER_DAY).clip(lower=0).sum(),
    "kill_recall": 0.5,
    "review_after": 300,
}
### END SOLUTION

# %% test="decision"
check = Checks(5)
with check(1, "complete and possible", hint="check score, rollout, and at most 900 inspections") as see:
    name, place = see(decision["score"]), see(decision["rollout"])
    assert name in ["rule", "model"], f"score: you wrote {name!r}"
    assert place in ["pilot", "all_stations"], f"rollout: you wrote {place!r}"
    fields = ["threshold", "inspected", "missed", "recall", "cost", "extra_inspections", "waiting"]
    for field in [*fields, "kill_recall", "review_after"]:
        assert math.isfinite(see(decision[field])), f"{field}: you wrote {decision[field]}"
    line = judged[name] >= decision["threshold"]
    assert 1 <= line.sum() <= CAPACITY + EXTRA_LIMIT, (
        f"threshold: you wrote {decision['threshold']}; it flags nobody, or more than "
        f"{CAPACITY + EXTRA_LIMIT}"
    )
with check(
    2,
    "inspected, missed and recall are those of this score and threshold",
    hint="count again on judged, with this score and this threshold, and compare all three",
) as see:
    line = judged[see(decision["score"])] >= see(decision["threshold"])
    hits = judged["damaged"].sum()
    found = judged["damaged"][line].sum()
    sources = [(line.sum(), hits - found, found / hits)]
    with suppress(Exception):
        own = queue_metrics(judged["damaged"].tolist(), line.astype(int).tolist())
        sources.append((float(own["tp"] + own["fp"]), float(own["fn"]), float(own["recall"])))
    given = {field: see(decision[field]) for field in ["inspected", "missed", "recall"]}
    slack = [0, 0, 0.001]
    wrong = min(
        (
            [
                field
                for field, counted, most in zip(given, source, slack, strict=True)
                if not abs(given[field] - counted) <= most
            ]
            for source in sources
        ),
        key=len,
    )
    assert not wrong, "; ".join(
        f"{field}: you wrote {given[field]}; your own queue_metrics, or a count on judged, differs"
        for field in wrong
    )
### BEGIN HIDDEN TESTS
with check(
    1,
    "cost, extra inspections and waiting are those of this score and threshold",
    hint="1,000 per inspection and 10,000 per miss; beyond 650; beyond two on their day",
) as see:
    line = judged[see(decision["score"])] >= see(decision["threshold"])
    cost = COST_INSPECT * line.sum() + COST_MISS * judged["damaged"][~line].sum()
    per_day = judged["flight_date"][line].value_counts()
    counted = {
        "cost": cost,
        "extra_inspections": max(0, line.sum() - CAPACITY),
        "waiting": (per_day - SLOTS_PER_DAY).clip(lower=0).sum(),
    }
    wrong = [
        field
        for field, value in counted.items()
        if not abs(see(decision[field]) - value) <= (0.5 if field == "cost" else 0)
    ]
    assert not wrong, "; ".join(
        f"{field}: you wrote {decision[field]}; counted at this score and threshold it differs"
        for field in wrong
    )
with check(
    1,
    "the kill line is better than lots, below the interval, and read with 30 damaged",
    hint="see the two ditches above",
) as see:
    line = (judged[see(decision["score"])] >= see(decision["threshold"])).to_numpy()
    hit = judged["damaged"].to_numpy() == 1
    draws = np.random.default_rng(21).integers(0, len(hit), (2000, len(hit)))
    low = np.quantile((hit & line)[draws].sum(1) / hit[draws].sum(1), 0.025)
    kill, after = see(decision["kill_recall"]), see(decision["review_after"])
    assert kill > line.mean(), f"kill_recall: you wrote {kill}; drawing lots finds as much"
    assert kill <= low + 0.02, f"kill_recall: you wrote {kill}; above the lower end of the interval"
    assert after * hit.mean() >= 30, f"review_after: you wrote {after}; too few to hold 30 damaged"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 7 · The papers for Friday
#
# Write to the three of them, not to your course instructor. Numbers must be those of your `decision`. Where a claim of
# the inbox is wrong, correct it without making its author lose face.

# %% [markdown] task="memo_decision"
# ### 7a · One page for Dana, Martin and Ruth (20 points)
#
# At most 400 words and one table, whose words do not count, to all three together. The recommendation comes first: score, threshold, roll-out,
# from when. Then the alternatives you rejected, among them today's queue, with what each costs and finds; what each of
# the three gets and does not get; how sure you are, and whether the choice survives a price of a miss that is wrong by
# half; what you need from them on Friday. Say what becomes of the 95 %.
#
# === BEGIN MARK SCHEME ===
# Any feasible policy can earn full marks: model at 650, at the cost optimum or with bought inspections; rule from 2 with
# 202 bought; rule from 3 with the freed inspections used as a random sample; also "keep today's queue until ..." if it is
# priced. What cannot: a policy above 900 inspections, a number that contradicts `decision`, accuracy as the headline.
#
# Facts that a good memo can use: 89.2 % accuracy by inspecting nobody, 89.7 % at best (29 of 211 found); lots find a third;
# from 0.065 on 39 damaged aircraft are still missed; large birds are 29 % of the damage; a bill exists for 11 % of the
# damaged aircraft and is not the price of a miss anyway; January to March 22 % damaged, September and October 8 %; the
# difference between card and model at the same workload (852 inspections: 165 and 160 found) is inside the noise;
# the waiting aircraft add at most 24 misses (model from 0.1008), 28 (from 0.0956) or 44 (card from 2); the simpler bound,
# one miss for each that waits (60, 72, 129), earns the same.
#
# Sample, level 1: "The model is 90 % accurate, close to our target. I recommend to roll it out and to improve it to 95 %
# in the next quarter."
#
# Sample, level 2: "I recommend the model with threshold 0.1008. It finds 67 % of the damage and needs 650 inspections.
# Safety should accept this, since 100 % is not possible. Finance saves money." (Right numbers, no alternatives priced, no
# interval, nobody is told what they do not get.)
#
# Sample, level 3: "From 4 February inspect from a model score of 0.1008 at the hub. 650 inspections find 141 of 211
# damaged aircraft (67 %, between 60 and 73); today's queue finds about 70 for the same money. The rule from 2 finds 165,
# but needs 202 more inspections. Ruth: 70 aircraft will still fly on with damage until the overnight check. Martin:
# \$1.35M against \$2.06M. Dana: 95 % accuracy is out; report the share of damage found. I need your signatures on Friday."
# (All there, but no sensitivity, and the blind spot for small birds is not named.)
#
# Level 4 stands at the end.
# === END MARK SCHEME ===

# %% [markdown] written="memo_decision"
# **To:** Dana Whitfield, Martin Hale, Ruth Okafor · **For decision:** Friday, 11 January, 12:00
#
# **Recommendation.** From 4 February, at the hub, inspect before the next departure every aircraft whose model score is
# {{ decision["threshold"] }} or more. Luis runs it. After {{ decision["review_after"] }} hub reports, about
# {{ decision["review_after"] / (len(judged) / 104 / 2):.0f}} weeks, we extend, change or stop it by the line in the annex:
# they hold some {{ decision["review_after"] * judged["damaged"].mean():.0f}} damaged aircraft, and with fewer nobody can
# judge. It keeps the budget of {{ CAPACITY }}. If the scores fail, Luis's card from 3 is on paper from day one.
#
# | two years, 2000-2001 | inspected | damage found | missed | cost |
# |---|---|---|---|---|
# | today: first come, first served | {{ CAPACITY }} | {{ CAPACITY / len(judged):.0%}} (as lots) | {{ (1 - CAPACITY / len(judged)) * judged["damaged"].sum():.0f}} | \${{ (CAPACITY * COST_INSPECT + (1 - CAPACITY / len(judged)) * judged["damaged"].sum() * COST_MISS) / 1e6:.2f}}M |
# | card from 3 points | {{ (judged["rule"] >= 3).sum() }} | {{ judged.loc[judged["rule"] >= 3, "damaged"].sum() / judged["damaged"].sum():.0%}} | {{ judged.loc[judged["rule"] < 3, "damaged"].sum() }} | \${{ ((judged["rule"] >= 3).sum() * COST_INSPECT + judged.loc[judged["rule"] < 3, "damaged"].sum() * COST_MISS) / 1e6:.2f}}M |
# | card from 2 points | {{ (judged["rule"] >= 2).sum() }} | {{ judged.loc[judged["rule"] >= 2, "damaged"].sum() / judged["damaged"].sum():.0%}} | {{ judged.loc[judged["rule"] < 2, "damaged"].sum() }} | \${{ ((judged["rule"] >= 2).sum() * COST_INSPECT + judged.loc[judged["rule"] < 2, "damaged"].sum() * COST_MISS) / 1e6:.2f}}M |
# | **model from {{ decision["threshold"] }}** | **{{ decision["inspected"] }}** | **{{ decision["recall"]:.0%}}** | **{{ decision["missed"] }}** | **\${{ decision["cost"] / 1e6:.2f}}M** |
#
# Why not the cheapest line, the card from 2? It needs {{ (judged["rule"] >= 2).sum() - CAPACITY }} bought inspections,
# lets {{ waiting_reports(judged["flight_date"], judged["rule"] >= 2, SLOTS_PER_DAY) }} flagged aircraft wait instead of
# {{ decision["waiting"] }}, and its advantage hangs on one unmeasured price: if a miss costs \$5,000 it is
# \${{ ((judged["rule"] >= 2).sum() - decision["inspected"]) * COST_INSPECT - (decision["missed"] - judged.loc[judged["rule"] < 2, "damaged"].sum()) * COST_MISS // 2:,}}
# dearer than the model, at \$15,000 it is cheaper. It finds more, and I give that up for a queue the crews can run. The
# two cost the same if a miss costs
# \${{ ((judged["rule"] >= 2).sum() - decision["inspected"]) * COST_INSPECT / (decision["missed"] - judged.loc[judged["rule"] < 2, "damaged"].sum()):,.0f}};
# if the pilot measures more, I will propose the card. Every line here beats today's queue at all three prices.
#
# **Dana.** 95 % accuracy cannot be had: inspecting nobody scores {{ 1 - judged["damaged"].mean():.1%}}, and no threshold
# passes {{ best_accuracy(judged["damaged"], judged["model"])["accuracy"]:.1%}}. For the board: *we will find two of three
# damaged aircraft before departure, against one of three today.* The price is a pilot until autumn.
#
# **Ruth.** {{ decision["missed"] }} damaged aircraft in two years would still depart before anybody looked: half of today's.
# On days
# with more than two flagged, Luis inspects by score; at worst that lets
# {{ judged[judged["model"] >= decision["threshold"]].groupby("flight_date")["damaged"].agg(lambda d: min(d.sum(), max(0, len(d) - SLOTS_PER_DAY))).sum() }}
# more damaged aircraft depart. The honest range of what we flag is
# {{ "{:.0%} to {:.0%}".format(*recall_lift_intervals(judged["damaged"], judged["model"] >= decision["threshold"], 1000, np.random.default_rng(0))["recall"]) }}.
# Zero means inspecting all {{ len(judged):,}}; your line of 0.065 would miss {{ judged.loc[judged["model"] < 0.065, "damaged"].sum() }}
# and exceed the crews. Small birds are a blind spot of both scores (the model finds
# {{ judged.loc[(judged["wildlife_size"] == "Small") & (judged["model"] >= decision["threshold"]), "damaged"].sum() }} of
# {{ judged.loc[judged["wildlife_size"] == "Small", "damaged"].sum() }}, the card none): a random sample guards it.
#
# **Martin.** The log has bills for {{ (reports.loc[reports["damaged"] == 1, "cost_total"] > 0).mean():.0%}} of the damaged
# aircraft; the mean counts the empty cells as zeros, and the repair is paid either way. The price of *finding late* is
# your analysts' \$10,000. We will measure it in the pilot.
#
# **On Friday I need:** Dana's date, Ruth's agreement to the kill line, Martin's to {{ CAPACITY }} inspections as planned.

# %% [markdown] task="kpi_guardrails"
# ### 7b · The number for the dashboard, and what guards it (10 points)
#
# At most 250 words; a table is welcome. One KPI: definition (numerator, denominator, window), its value today and its
# target with an interval, where the labels come from and when. Two to four guardrails for what the KPI does not see, each
# with a limit. For each: an owner by name and a rhythm. Say how you learn about damage in aircraft that nobody inspected.
#
# === BEGIN MARK SCHEME ===
# Look for: the KPI is the share of damage found before departure (or misses per month), not accuracy, AUC or inspections
# done. The label delay of ten days is built into the window. Unflagged aircraft are opened at the overnight check: that is
# the label source, and a random sample of unflagged aircraft tests it. Guardrails that matter here: flagged aircraft that
# waited, precision or workload per month, recall for small birds and regionals (few cases: counts, not rates), share of
# reports scored, delay minutes. About nine damaged aircraft a month: a monthly recall swings by chance.
#
# Level 1: "KPI: accuracy above 95 %, reported weekly." Level 2: "KPI: recall above 67 %, monthly. Guardrail: costs." Level 3:
# "KPI: damaged aircraft found before departure / all damaged aircraft, per quarter, target 67 % (60 to 73), owner Luis.
# Guardrails: waiting aircraft at most 3 a month (Luis), at most 30 inspections a month (Martin)." Level 4: at the end.
# === END MARK SCHEME ===

# %% [markdown] written="kpi_guardrails"
# **KPI: damage found before departure** = damaged aircraft that were inspected before their next departure / all damaged
# aircraft, over the last {{ decision["review_after"] }} reports whose label is in (ten days after the report): about
# {{ decision["review_after"] * judged["damaged"].mean():.0f}} damaged aircraft. Owner: Luis. Read monthly as a running figure; a single month holds about {{ judged["damaged"].sum() / 24:.0f}} damaged aircraft, so
# nobody acts on a month.
#
# | | today | target | limit | owner, rhythm |
# |---|---|---|---|---|
# | damage found before departure | {{ CAPACITY / len(judged):.0%}} (as lots) | {{ decision["recall"]:.0%}} ({{ " to ".join(f"{100 * x:.0f}" for x in recall_lift_intervals(judged["damaged"], judged["model"] >= decision["threshold"], 1000, np.random.default_rng(0))["recall"]) }}) | kill line {{ decision["kill_recall"]:.0%}} | Luis, monthly |
# | guardrail: flagged aircraft that departed uninspected | - | {{ decision["waiting"] / 24:.1f}} a month | 5 in a month | Luis, weekly |
# | guardrail: inspections, all stations | {{ CAPACITY / 24:.0f}} a month | {{ decision["inspected"] / 24:.0f}} a month | 35 in a month | Martin, monthly |
# | guardrail: damage in the random sample of unflagged aircraft | unknown | {{ judged.loc[judged["model"] < decision["threshold"], "damaged"].mean():.0%}} of the sample | 3 in a quarter | Ruth, quarterly |
# | guardrail: small birds and regionals, counted | - | list every miss | each one discussed | Ruth, monthly |
#
# **Labels.** Inspected aircraft: the same day. All others: the overnight check, in the log within ten days, by a mechanic
# who does not see the score. Because that check may be less thorough, four unflagged aircraft a month, drawn by lot,
# get the full inspection; they are part of the 35, not of the KPI's numerator. Priya publishes the draw before the month
# starts. Reports that were never scored count as unflagged and are listed.

# %% [markdown] task="risks_kill"
# ### 7c · Risks, and the line at which we stop (15 points)
#
# At most 350 words. Four to six risks as *cause, event, effect*, each with a size (how likely, how much, from your numbers
# where you have them), a trigger that somebody can observe, a response and one owner. Then the kill line: the number, the
# evidence needed to read it, how often chance would stop a good queue, the date, who stops it, what happens to the queue the next morning, and what would make you
# widen the roll-out instead.
#
# === BEGIN MARK SCHEME ===
# Look for risks of *this* queue: labels of uninspected aircraft are weaker (the measured recall flatters the queue); days
# with more than two flagged; change of season (winter reports show damage nearly three times as often) and of the damage rate;
# wrong price of a miss; small birds never seen; species arriving late tempts somebody to a leaking model; one person (Priya)
# can run the scores; crews game the size entry. A kill line without a date, an owner or a fallback is level 2 at best. The
# line must be readable: 30 damaged aircraft are 277 reports, 15 weeks at all stations, 30 at the hub.
#
# Level 1: "Risk: the model could be wrong. We will monitor it closely and stop if necessary." Level 2: "Risk: too many
# inspections. Response: raise the threshold. We stop if recall is below 60 %." (One month of noise would kill it; nobody is
# named.) Level 3: "If recall is below 50 % after 300 reports, Ruth stops the pilot and we return to first come, first
# served." with three sized risks. Level 4: at the end.
# === END MARK SCHEME ===

# %% [markdown] written="risks_kill"
# | cause, event, effect | size | trigger | response | owner |
# |---|---|---|---|---|
# | Nobody opens unflagged aircraft before departure, so damage stays unlabelled and recall looks better than it is | {{ decision["missed"] / 2:.0f}} misses a year are expected; fewer than 20 found would be a warning, not a success | damage in the random sample above 3 a quarter | widen the sample to all unflagged of one week | Ruth |
# | Reports cluster in autumn, more than two aircraft are flagged on a day, the third departs uninspected | {{ decision["waiting"] / 2:.0f}} a year, {{ decision["waiting"] / decision["inspected"]:.0%}} of the flagged | 5 in a month | rank the day by score; buy a third crew for September and October | Luis |
# | Winter reports show damage nearly three times as often ({{ audit["damage_jan_mar"]:.0%}} against {{ audit["damage_sep_oct"]:.0%}}), the pilot starts in February, its first months mislead | recall may look better by chance of season | damage rate of the pilot above 16 % | judge only after {{ decision["review_after"] }} reports, through summer | Priya |
# | Finance's \$10,000 was never measured, a miss costs half, we inspect too much | \${{ cost_sensitivity(judged["damaged"], judged["model"], COST_INSPECT, COST_MISS)["regret"].tolist()[0]:,.0f}} at the cost-optimal line | first 15 late finds priced | move the threshold, same policy | Martin |
# | Only Priya can run the scores, she is away, reports go unscored | each unscored week about {{ len(judged) / 104:.0f}} reports | two days without scores | Luis's card from 3, on paper | Luis |
#
# The first risk hides all the others: without the sample, nobody would see the queue fail. It is drawn from day one.
#
# **Kill line.** If, after {{ decision["review_after"] }} hub reports (about
# {{ decision["review_after"] / (len(judged) / 104 / 2):.0f}} weeks, so mid-September; about
# {{ decision["review_after"] * judged["damaged"].mean():.0f}} damaged aircraft), the share of damage found is below
# {{ decision["kill_recall"]:.0%}}, **Ruth stops the pilot the same day**. Lots would find
# {{ decision["inspected"] / len(judged):.0%}}; a queue that works as planned falls below the line in about one of forty
# such pilots by chance. The next morning the hub runs the card from 3; no station changes anything. Earlier stop: one
# unflagged aircraft with damage that Ruth classes as a hazard to flight.
#
# **Wider:** {{ decision["recall"] - 0.07:.0%}} or more found and no guardrail broken: all stations from October.

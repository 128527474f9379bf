# %% [markdown]
# **How to work here.** Take the exercises in any order; none needs the answer of another. Write in the answer cell, run
# it, then run the check cell below it. A failing check costs its own points only, and says what it saw and where to look.
#
# **The setting** is the lesson's. Maintenance control at Northgate Air, an invented airline, receives bird-strike
# reports. *Damaged* means that the inspection found damage; *flagged* means that the model asked for an inspection:
#
# | | not flagged | flagged |
# |---|---|---|
# | **damaged** | miss | hit |
# | **undamaged** | quiet | false alarm |

# %% readonly="setup"
import math

import numpy as np
import pandas as pd
from tpmkit.checks import Checks

# %% [markdown]
# ## 1 · How much of the damage was found? (2 points)
#
# The safety department asks one thing of the model: of the aircraft that really were damaged, which share did it
# flag? Write `recall(damaged, flagged)`.
#
# - `damaged` and `flagged`: two lists of equal length, one 0 or 1 per report, in the same order.
# - Result: a number from 0 to 1.
# - If no aircraft was damaged there was nothing to find. Then return `float("nan")` ("no figure"), not 0 and not 1.
#
# **By hand.** Ten reports:
#
# | report | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
# |---|---|---|---|---|---|---|---|---|---|---|
# | damaged | 1 | 1 | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0 |
# | flagged | 1 | 1 | 1 | 0 | 1 | 1 | 0 | 0 | 0 | 0 |
#
# Four aircraft were damaged (1-4); three of them were flagged (1-3). Recall is 3 / 4 = 0.75. The false alarms on
# reports 5 and 6 cost inspections, but they do not change what was found.
#
# <details><summary>Hint</summary>
#
# Count two things: the reports that are damaged *and* flagged, and the reports that are damaged. Divide. Ask first
# whether the second count is zero. `zip(damaged, flagged)` walks through both lists together.
#
# </details>


# %% solution="recall"
def recall(damaged, flagged):
    """Share of the damaged aircraft that were flagged.

    Parameters
    ----------
    damaged, flagged : list of int
        One 0 or 1 per report, same length, same order.

    Returns
    -------
    float
        From 0 to 1; `nan` if no aircraft was damaged.
    """
    ### BEGIN SOLUTION
    n_damaged = sum(damaged)
    if n_damaged == 0:
        return float("nan")
    hits = sum(1 for d, f in zip(damaged, flagged) if d and f)
    return hits / n_damaged
    ### END SOLUTION


# %% test="recall"
check = Checks(2)
with check(1, "the ten reports above give 0.75", hint="a share of which reports?") as see:
    damaged = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    flagged = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0]
    assert math.isclose(see(recall(damaged, flagged)), 0.75)
### BEGIN HIDDEN TESTS
with check(
    0.5,
    "right on 200 other reports, and more false alarms do not change it",
    hint="only damaged aircraft count, above and below the line",
) as see:
    rng = np.random.default_rng(3)
    damaged = (rng.random(200) < 0.3).astype(int)
    flagged = (rng.random(200) < 0.2 + 0.5 * damaged).astype(int)
    found = int((damaged * flagged).sum())
    expected = found / int(damaged.sum())
    assert math.isclose(see(recall(damaged.tolist(), flagged.tolist())), expected)
    all_undamaged_too = np.where(damaged == 1, flagged, 1)
    assert math.isclose(see(recall(damaged.tolist(), all_undamaged_too.tolist())), expected)
with check(0.5, "no damaged aircraft: no figure", hint="what should a share of nothing be?") as see:
    assert math.isnan(see(recall([0, 0, 0], [1, 0, 0])))
### END HIDDEN TESTS
check

# %% [markdown]
# ## 2 · Audit a colleague's report (3 points)
#
# A colleague summarises a shadow run in five figures, and some of them are wrong. Before the slide goes out, write
# `audit(counts, claims)`, which names the figures that the counts do not support.
#
# - `counts`: a dictionary with four whole numbers, `"hits"`, `"misses"`, `"false_alarms"`, `"quiet"`.
# - `claims`: a dictionary from the name of a figure to the claimed value, a share from 0 to 1 rounded to two decimals.
#   It may hold any of these five names, and no others:
#
# | name | what it is |
# |---|---|
# | `"accuracy"` | reports the model got right, of all reports |
# | `"do_nothing"` | what accuracy would be if nothing were ever flagged |
# | `"precision"` | damaged aircraft, of all that were flagged |
# | `"recall"` | flagged aircraft, of all that were damaged |
# | `"false_alarm_rate"` | flagged aircraft, of all that were not damaged |
#
# - Result: a list of the names whose claim is more than 0.01 away from the figure the counts give, in any order. An
#   empty list if every claim holds.
# - If the counts give no figure because its divisor is zero (precision when nothing was flagged, say), any claim about
#   it is wrong: name it.
#
# **By hand.** 120 hits, 80 misses, 360 false alarms and 1,440 quiet reports make 2,000 reports, 200 of them damaged.
#
# | figure | from the counts | claimed | |
# |---|---|---|---|
# | accuracy | (120 + 1,440) / 2,000 = 0.78 | 0.78 | holds |
# | do nothing | (360 + 1,440) / 2,000 = 0.90 | 0.50 | wrong |
# | precision | 120 / (120 + 360) = 0.25 | 0.60 | wrong |
# | recall | 120 / (120 + 80) = 0.60 | 0.25 | wrong |
# | false-alarm rate | 360 / (360 + 1,440) = 0.20 | 0.20 | holds |
#
# So the answer is `["do_nothing", "precision", "recall"]`. This model is *less* accurate than no model, and it may still
# be worth having: accuracy counts a miss and a false alarm as the same thing.
#
# <details><summary>Hint</summary>
#
# Make a dictionary that gives each name its pair (upper number, divisor). Then go through `claims.items()` and keep a
# name if its divisor is zero or `abs(claimed - upper / divisor) > 0.01`.
#
# </details>


# %% solution="audit"
def audit(counts, claims):
    """Name the claimed figures that the counts do not support.

    Parameters
    ----------
    counts : dict
        Whole numbers under "hits", "misses", "false_alarms" and "quiet".
    claims : dict
        Claimed value by name of the figure.

    Returns
    -------
    list of str
        The names that are off by more than 0.01, or that have no value at all.
    """
    ### BEGIN SOLUTION
    hits, misses = counts["hits"], counts["misses"]
    false_alarms, quiet = counts["false_alarms"], counts["quiet"]
    total = hits + misses + false_alarms + quiet
    figures = {
        "accuracy": (hits + quiet, total),
        "do_nothing": (false_alarms + quiet, total),
        "precision": (hits, hits + false_alarms),
        "recall": (hits, hits + misses),
        "false_alarm_rate": (false_alarms, false_alarms + quiet),
    }
    wrong = []
    for name, claimed in claims.items():
        part, whole = figures[name]
        if whole == 0 or abs(claimed - part / whole) > 0.01:
            wrong.append(name)
    return wrong
    ### END SOLUTION


# %% test="audit"
check = Checks(3)
with check(1, "the worked report has three wrong figures", hint="compare with the table above") as see:
    counts = {"hits": 120, "misses": 80, "false_alarms": 360, "quiet": 1440}
    claims = {
        "accuracy": 0.78,
        "do_nothing": 0.50,
        "precision": 0.60,
        "recall": 0.25,
        "false_alarm_rate": 0.20,
    }
    assert sorted(see(audit(counts, claims))) == ["do_nothing", "precision", "recall"]
### BEGIN HIDDEN TESTS
with check(
    1,
    "finds what is wrong in another report, also when all its counts are ten times larger",
    hint="work each of the five figures out by hand for a small matrix of your own",
) as see:
    small = {"hits": 30, "misses": 15, "false_alarms": 60, "quiet": 45}
    large = {name: 10 * count for name, count in small.items()}
    slide = {
        "accuracy": 0.70,  # flatly wrong
        "do_nothing": 0.30,  # the share damaged
        "precision": 0.33,  # right, rounded
        "recall": 0.67,  # right, rounded
        "false_alarm_rate": 0.67,  # of the flagged, not of the undamaged
    }
    expected = ["accuracy", "do_nothing", "false_alarm_rate"]
    assert sorted(see(audit(small, slide))) == expected
    assert sorted(see(audit(large, slide))) == expected
with check(0.5, "a right report has nothing wrong", hint="rounding is not a fault") as see:
    honest = {"accuracy": 0.82, "do_nothing": 0.93, "false_alarm_rate": 0.16}
    assert see(audit({"hits": 3, "misses": 4, "false_alarms": 15, "quiet": 81}, honest)) == []
with check(0.5, "a figure without a divisor cannot be claimed", hint="what if nothing is flagged?") as see:
    silent = {"hits": 0, "misses": 12, "false_alarms": 0, "quiet": 188}
    claims = {"recall": 0.0, "precision": 0.0, "do_nothing": 0.94}
    assert see(audit(silent, claims)) == ["precision"]
### END HIDDEN TESTS
check

# %% [markdown]
# ## 3 · Set the dial (3 points)
#
# The safety department wants a promise: at least this share of the damaged aircraft will be flagged. Maintenance wants
# a limit: no more than so many inspections a month. Last month's shadow run shows what each threshold would have done.
# Write `choose_threshold(table, damaged, min_recall, capacity)`.
#
# - `table`: a DataFrame, one row per threshold, in **no particular order**, with columns `threshold` (a float; an
#   aircraft is flagged if its score is at or above it), `flagged` (aircraft flagged) and `caught` (damaged aircraft
#   among the flagged).
# - `damaged`: how many aircraft were damaged that month, a whole number above zero.
# - `min_recall`: the promise, a share from 0 to 1. Exactly this share keeps the promise.
# - `capacity`: the limit, a whole number of inspections. Exactly this number keeps the limit.
# - Result: the threshold, as a number, of the row that keeps promise and limit with the fewest inspections. If two such
#   rows flag equally many aircraft, the higher threshold.
# - If no row keeps both promise and limit, raise `ValueError`: two departments have to talk before a dial is set.
#
# **By hand.** 50 aircraft were damaged; the promise is 0.70; the limit is 200 inspections.
#
# | threshold | flagged | caught | recall | promise | limit |
# |---|---|---|---|---|---|
# | 0.05 | 260 | 45 | 45 / 50 = 0.90 | kept | broken |
# | 0.10 | 150 | 36 | 36 / 50 = 0.72 | kept | kept |
# | 0.20 | 80 | 26 | 26 / 50 = 0.52 | broken | kept |
# | 0.30 | 45 | 19 | 19 / 50 = 0.38 | broken | kept |
#
# The answer is 0.10. With a limit of 100 inspections no row would do.
#
# <details><summary>Hint</summary>
#
# Keep the rows with `table[(table["caught"] / damaged >= min_recall) & (table["flagged"] <= capacity)]`. If none is left
# (`.empty`), `raise ValueError("...")`. A higher threshold never flags more aircraft: what does that say about the row
# you are looking for?
#
# </details>


# %% solution="threshold"
def choose_threshold(table, damaged, min_recall, capacity):
    """Threshold that keeps the promise within the limit, with the fewest inspections.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns "threshold", "flagged" and "caught"; rows in any order.
    damaged : int
        Damaged aircraft in the period, above zero.
    min_recall : float
        Smallest share of the damaged aircraft that must be flagged.
    capacity : int
        Largest number of aircraft that may be flagged.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If no row keeps both the promise and the limit.
    """
    ### BEGIN SOLUTION
    keeps_promise = table["caught"] / damaged >= min_recall
    keeps_limit = table["flagged"] <= capacity
    possible = table[keeps_promise & keeps_limit]
    if possible.empty:
        raise ValueError("no threshold keeps both the promise and the limit")
    best = possible.sort_values(["flagged", "threshold"], ascending=[True, False])
    return float(best["threshold"].iloc[0])
    ### END SOLUTION


# %% test="threshold"
check = Checks(3)
with check(1, "the worked month gives 0.10", hint="which rows keep both? of those, fewest flagged") as see:
    month = pd.DataFrame(
        {
            "threshold": [0.05, 0.10, 0.20, 0.30],
            "flagged": [260, 150, 80, 45],
            "caught": [45, 36, 26, 19],
        }
    )
    assert math.isclose(see(choose_threshold(month, 50, 0.70, 200)), 0.10)
### BEGIN HIDDEN TESTS
shuffled = pd.DataFrame(
    {
        "threshold": [0.30, 0.05, 0.20, 0.60, 0.15, 0.40],
        "flagged": [90, 400, 160, 20, 240, 90],
        "caught": [24, 38, 28, 9, 32, 24],
    }
)
with check(
    1,
    "right on another month with its rows in another order, on the very edge of promise and limit",
    hint="'at least' and 'no more than' include the number itself; do not trust the order of rows",
) as see:
    assert math.isclose(see(choose_threshold(shuffled, 40, 0.70, 160)), 0.20)
    assert math.isclose(see(choose_threshold(shuffled, 40, 0.69, 400)), 0.20)
    assert math.isclose(see(choose_threshold(shuffled, 40, 0.72, 300)), 0.15)
with check(
    0.5,
    "a stricter promise never needs fewer inspections; of two equal rows the higher threshold",
    hint="sort by flagged, then by threshold",
) as see:
    promises = [0.10, 0.22, 0.50, 0.62, 0.75, 0.90]
    dials = [see(choose_threshold(shuffled, 40, promise, 500)) for promise in promises]
    assert np.allclose(dials, [0.60, 0.60, 0.40, 0.20, 0.15, 0.05])
with check(
    0.5, "a ValueError if promise and limit exclude each other, only then", hint="no row left?"
) as see:
    see(choose_threshold(shuffled, 40, 0.20, 30))
    try:
        outcome = see(choose_threshold(shuffled, 40, 0.70, 159))
    except ValueError:
        outcome = "ValueError"
    assert outcome == "ValueError"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 4 · Move to another fleet (3 points)
#
# The vendor reports recall and false-alarm rate from a carrier where one strike in ten does damage. At your carrier it
# may be one in fifty. Write `precision_at(recall, false_alarm_rate, prevalence)`: which share of the flagged aircraft
# will be damaged there, if recall and false-alarm rate stay what they are?
#
# - All three are shares from 0 to 1. *Prevalence* is the share of all reports that are damaged.
# - Result: the precision, a share from 0 to 1.
# - If nothing would ever be flagged, return `float("nan")`.
# - If any of the three lies below 0 or above 1, raise `ValueError`. (Somebody will type 70 for 70%.)
#
# **By hand.** Recall 0.70, false-alarm rate 0.30, prevalence 0.10. Imagine 1,000 reports: 100 are damaged and 900 are
# not. The model flags 0.70 × 100 = 70 damaged and 0.30 × 900 = 270 undamaged aircraft. Precision is 70 / 340 = 0.206.
#
# Before you compute it, guess the precision at a prevalence of 0.02.
#
# <details><summary>Hint</summary>
#
# First the arguments: `if not 0 <= recall <= 1: raise ValueError("...")`, and so on. Then, you do not need 1,000 reports:
# the shares will do. Damaged and flagged are `recall * prevalence` of all reports. Which
# share of all reports are false alarms? At a prevalence of 0.02 you should get 0.0455: 22 inspections for each
# damaged aircraft found, instead of 5.
#
# </details>


# %% solution="prevalence"
def precision_at(recall, false_alarm_rate, prevalence):
    """Precision to expect where a share `prevalence` of the reports is damaged.

    Parameters
    ----------
    recall, false_alarm_rate, prevalence : float
        Shares from 0 to 1.

    Returns
    -------
    float
        From 0 to 1; `nan` if nothing would be flagged.

    Raises
    ------
    ValueError
        If an argument is not a share from 0 to 1.
    """
    ### BEGIN SOLUTION
    for share in (recall, false_alarm_rate, prevalence):
        if not 0 <= share <= 1:
            raise ValueError(f"expected a share from 0 to 1, not {share}")
    hits = recall * prevalence
    false_alarms = false_alarm_rate * (1 - prevalence)
    if hits + false_alarms == 0:
        return float("nan")
    return hits / (hits + false_alarms)
    ### END SOLUTION


# %% test="prevalence"
check = Checks(3)
with check(1, "the worked example gives 70 / 340", hint="count hits and false alarms in 1,000") as see:
    assert math.isclose(see(precision_at(0.70, 0.30, 0.10)), 70 / 340)
### BEGIN HIDDEN TESTS
with check(
    1,
    "right at other carriers: the rarer the damage, the lower the precision",
    hint="the two groups of aircraft are not equally large",
) as see:
    prevalences = [0, 0.02, 0.25, 0.5, 1]
    expected = [0, 16 / 114, 8 / 11, 8 / 9, 1]  # per 1,000 reports, recall 0.8, false alarms 0.1
    assert np.allclose([see(precision_at(0.8, 0.1, share)) for share in prevalences], expected)
with check(0.5, "a model that flags nothing has no precision", hint="divisor zero") as see:
    assert math.isnan(see(precision_at(0.0, 0.0, 0.3)))
    assert math.isnan(see(precision_at(0.9, 0.0, 0.0)))
with check(
    0.5, "a ValueError for what is not a share, only then", hint="look at all three arguments first"
) as see:
    see(precision_at(1.0, 1.0, 1.0))
    for wrong in [(70, 0.3, 0.1), (0.7, 30, 0.1), (0.7, 0.3, 10), (0.7, 0.3, -0.1)]:
        try:
            outcome = see(precision_at(*wrong))
        except ValueError:
            outcome = "ValueError"
        assert outcome == "ValueError"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 5 · Red, amber, green (3 points)
#
# A rival vendor gives no scores, only risk bands. To compare it with a model that has an AUC, write
# `auc_from_bands(damaged, undamaged)`: draw one damaged and one undamaged aircraft at random; how likely is it that the
# damaged one sits in the higher band? If both sit in the **same** band, count **half**.
#
# - `damaged` and `undamaged`: two lists of equal length with the number of damaged and of undamaged aircraft in each band,
#   ordered from the **lowest** risk to the **highest**. Any number of bands; counts are whole numbers, zero included.
# - Result: a number from 0 to 1.
# - If there is no damaged or no undamaged aircraft at all, there is no pair to draw: return `float("nan")`.
#
# **By hand.**
#
# | band | green | amber | red |
# |---|---|---|---|
# | damaged | 1 | 1 | 2 |
# | undamaged | 6 | 3 | 1 |
#
# There are 4 × 10 = 40 pairs.
#
# - Each of the 2 damaged in red beats the 6 undamaged in green and the 3 in amber, and ties with 1: 9 + ½ = 9.5 pairs each, 19.
# - The damaged one in amber beats 6 and ties with 3: 6 + 1.5 = 7.5.
# - The damaged one in green beats none and ties with 6: 3.
#
# Together 29.5 of 40 pairs: 0.7375.
#
# <details><summary>Hint</summary>
#
# Go through the bands from green to red and keep the number of undamaged aircraft seen so far: those are beaten by the
# damaged ones of the present band. Add half of the undamaged ones in the band itself. At the end divide by
# `sum(damaged) * sum(undamaged)`.
#
# </details>


# %% solution="bands"
def auc_from_bands(damaged, undamaged):
    """Chance that a random damaged aircraft sits in a higher band than a random undamaged one.

    Parameters
    ----------
    damaged, undamaged : list of int
        Aircraft per band, from the lowest to the highest risk, same length.

    Returns
    -------
    float
        From 0 to 1, a tie counting half; `nan` if either group is empty.
    """
    ### BEGIN SOLUTION
    pairs = sum(damaged) * sum(undamaged)
    if pairs == 0:
        return float("nan")
    won = beaten = 0
    for n_damaged, n_undamaged in zip(damaged, undamaged):
        won += n_damaged * (beaten + n_undamaged / 2)
        beaten += n_undamaged
    return won / pairs
    ### END SOLUTION


# %% test="bands"
check = Checks(3)
with check(1, "the three bands above give 0.7375", hint="count the pairs band by band, ties half") as see:
    assert math.isclose(see(auc_from_bands([1, 1, 2], [6, 3, 1])), 0.7375)
### BEGIN HIDDEN TESTS
from sklearn.metrics import roc_auc_score

damaged, undamaged = [4, 0, 9, 7, 12], [210, 65, 80, 0, 18]
band = list(range(5))
as_sklearn = roc_auc_score([1] * 5 + [0] * 5, band + band, sample_weight=damaged + undamaged)
with check(1, "right on five bands, some of them empty on one side", hint="any number of bands") as see:
    assert math.isclose(see(auc_from_bands(damaged, undamaged)), as_sklearn)
    assert math.isclose(see(auc_from_bands([3], [8])), 0.5)
with check(
    0.5,
    "ten times as many undamaged aircraft change nothing; the groups swapped mirror it at one half",
    hint="divide by the number of pairs",
) as see:
    assert math.isclose(see(auc_from_bands(damaged, [10 * n for n in undamaged])), as_sklearn)
    assert math.isclose(see(auc_from_bands(undamaged, damaged)), 1 - as_sklearn)
with check(0.5, "no pair, no figure", hint="either list may sum to zero") as see:
    assert math.isnan(see(auc_from_bands([0, 0, 0], [5, 2, 1])))
    assert math.isnan(see(auc_from_bands([1, 2, 4], [0, 0, 0])))
### END HIDDEN TESTS
check

# %% [markdown]
# ## 6 · Which figure answers the question? (3 points)
#
# Five people ask for "the metric". For each, choose the one figure to put in the contract or on the slide, and the
# reason that makes it the right one.
#
# - **A. Safety board.** A visual check takes an engineer on site three minutes, so false alarms hardly matter. The board
#   will sign if at most one damaged aircraft in ten goes without a check.
# - **B. Finance.** Every flag flies in a specialist team at $4,000. The director pays only if at least one call-out in
#   three finds damage.
# - **C. Airport security.** A scanner pulls bags aside. Nearly all bags are harmless, and the contract caps the share of
#   harmless bags that are pulled aside.
# - **D. Engine shop.** Two teams offer two rankings of the same 10,000 reports, of which 1% are damaged. Engineers will
#   work down the list from the top until the budget ends; nobody knows yet where.
# - **E. Procurement.** Vendor 1 was tested at a carrier with 11% damage, vendor 2 at one with 4%. Neither names a
#   threshold. Procurement wants one figure per vendor that the two damage rates do not distort.
#
# | figures | reasons |
# |---|---|
# | `"accuracy"` | `"missed_cases"`: what hurts is a case that nobody is told about |
# | `"precision"` | `"wasted_checks"`: each flag is dear, so flags must be right often enough |
# | `"recall"` | `"disturbed_majority"`: what hurts is trouble for the many who are fine |
# | `"false_alarm_rate"` | `"even_and_equal"`: both classes are common and both errors cost the same |
# | `"roc_auc"` | `"rare_and_ranked"`: cases are rare and the top of a list is what gets used |
# | `"average_precision"` | `"rates_differ"`: rankings are compared across different shares of cases |
#
# Set `choices` to a dictionary from letter to (figure, reason). No figure and no reason is used twice; one of each is
# left over. One point is for keeping to that and for answering the two questions about a ranking with the two figures that
# need no threshold; each letter earns 0.4 more if both its entries are right. The form, with answers that are not right:
#
# ```python
# choices = {
#     "A": ("accuracy", "even_and_equal"),
#     "B": ...,
# }
# ```
#
# <details><summary>Hint</summary>
#
# Ask of each figure: "of all ..., which share ...?" Then look for the person whose sentence has the same *of all*. Where no
# threshold has been chosen, nothing is flagged yet, and no share of flagged cases can answer.
#
# </details>

# %% solution="choices"
choices = ...
### BEGIN SOLUTION
choices = {
    "A": ("recall", "missed_cases"),
    "B": ("precision", "wasted_checks"),
    "C": ("false_alarm_rate", "disturbed_majority"),
    "D": ("average_precision", "rare_and_ranked"),
    "E": ("roc_auc", "rates_differ"),
}
### END SOLUTION

# %% test="choices"
check = Checks(3)
with check(
    1,
    "five figures and five reasons; A, B and C ask about flags, D and E about a ranking",
    hint="every letter once, nothing twice; which figures exist before a threshold is chosen?",
) as see:
    assert sorted(see(choices)) == ["A", "B", "C", "D", "E"]
    figures, reasons = zip(*choices.values())
    assert len(set(figures)) == len(set(reasons)) == 5
    of_a_ranking = {"roc_auc", "average_precision"}
    assert {choices["D"][0], choices["E"][0]} == of_a_ranking
### BEGIN HIDDEN TESTS
with check(0.4, "A: what the safety board caps", hint="a share of which aircraft?") as see:
    assert tuple(see(choices)["A"]) == ("recall", "missed_cases")
with check(0.4, "B: what finance pays for", hint="a share of what?") as see:
    assert tuple(see(choices)["B"]) == ("precision", "wasted_checks")
with check(0.4, "C: what the security contract caps", hint="a share of which bags?") as see:
    assert tuple(see(choices)["C"]) == ("false_alarm_rate", "disturbed_majority")
with check(0.4, "D: what separates the two lists", hint="what does the top of the list hold?") as see:
    assert tuple(see(choices)["D"]) == ("average_precision", "rare_and_ranked")
with check(0.4, "E: what two damage rates leave alone", hint="which figures never mix the groups?") as see:
    assert tuple(see(choices)["E"]) == ("roc_auc", "rates_differ")
### END HIDDEN TESTS
check

# %% [markdown]
# ## 7 · May we promise it? (3 points)
#
# A pilot found 45 of 60 damaged aircraft, a recall of 0.75, and the contract is to say "at least 0.70". Sixty aircraft
# are few: write `verdict(hits, damaged, floor)`, which says whether the evidence carries the promise.
#
# - `hits`: damaged aircraft that were flagged; `damaged`: all damaged aircraft; both whole numbers.
# - `floor`: the promised recall, a share from 0 to 1.
# - Take the 95% Wilson interval of the recall. SciPy has it, with the ends `.low` and `.high`:
#
# ```python
# from scipy.stats import binomtest
#
# interval = binomtest(hits, damaged).proportion_ci(confidence_level=0.95, method="wilson")
# ```
#
# - Result, one of three strings: `"promise"` if the whole interval is at or above the floor; `"refuse"` if the whole
#   interval is below it; `"cannot tell"` otherwise.
# - No damaged aircraft at all is no evidence: `"cannot tell"`.
#
# **By hand.** 45 of 60 gives an interval from 0.63 to 0.84. The floor of 0.70 lies inside: `"cannot tell"`. With ten
# times the evidence, 450 of 600, the interval is 0.71 to 0.78: `"promise"`.
#
# <details><summary>Hint</summary>
#
# Which end of the interval must clear the floor for a promise? Which end must fail it for a refusal? Deal with
# `damaged == 0` first.
#
# </details>


# %% solution="verdict"
def verdict(hits, damaged, floor):
    """Say whether `hits` of `damaged` is enough evidence to promise a recall of `floor`.

    Parameters
    ----------
    hits, damaged : int
        Damaged aircraft that were flagged, and all damaged aircraft.
    floor : float
        The promised recall, from 0 to 1.

    Returns
    -------
    str
        "promise", "refuse" or "cannot tell".
    """
    ### BEGIN SOLUTION
    from scipy.stats import binomtest

    if damaged == 0:
        return "cannot tell"
    interval = binomtest(hits, damaged).proportion_ci(confidence_level=0.95, method="wilson")
    if interval.low >= floor:
        return "promise"
    if interval.high < floor:
        return "refuse"
    return "cannot tell"
    ### END SOLUTION


# %% test="verdict"
check = Checks(3)
with check(1, "the two pilots above, 60 and 600 damaged aircraft", hint="compare both ends") as see:
    assert see(verdict(45, 60, 0.70)) == "cannot tell"
    assert see(verdict(450, 600, 0.70)) == "promise"
### BEGIN HIDDEN TESTS
with check(
    1,
    "right on other pilots, also where every aircraft or none was found",
    hint="print the interval: even 10 of 10 does not prove 1.0",
) as see:
    assert see(verdict(180, 400, 0.60)) == "refuse"
    assert see(verdict(52, 90, 0.60)) == "cannot tell"
    assert see(verdict(10, 10, 0.80)) == "cannot tell"
    assert see(verdict(0, 4, 0.40)) == "cannot tell"
with check(0.5, "at the same recall, more evidence only sharpens the verdict", hint="which end?") as see:
    pilots = [(8, 10), (40, 50), (160, 200), (800, 1000)]
    outcomes = [see(verdict(hits, damaged, 0.70)) for hits, damaged in pilots]
    assert outcomes == ["cannot tell", "cannot tell", "promise", "promise"]
with check(0.5, "nothing to find is no evidence", hint="damaged may be zero") as see:
    assert see(verdict(0, 0, 0.70)) == "cannot tell"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 8 · Memo: what the CFO gets for the money (10 points)
#
# The cell below trains the lesson's model on the strikes of 1990-1997 and reads it on those of 1998-2002. Like the lesson, it
# keeps the bird's species, often named days later, because the vendor did: take the figures as they are.

# %% readonly="evidence"
from scipy.stats import binomtest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tpmkit import data

reports = data.load("bird_strikes")
is_damaged = reports["damage"] != "None"
early = reports["flight_date"].dt.year <= 1997
words = ["aircraft", "operator", "state", "phase", "wildlife_size", "wildlife_species", "time_of_day"]
model = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"), words),
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), ["speed_knots"]),
    ),
    LogisticRegression(max_iter=1000),
)
model.fit(reports[early], is_damaged[early])
scores = model.predict_proba(reports[~early])[:, 1]
truth = is_damaged[~early].to_numpy()

rows = []
for threshold in (0.05, 0.10, 0.50):
    flags = scores >= threshold
    found = int((flags & truth).sum())
    interval = binomtest(found, int(truth.sum())).proportion_ci(0.95, "wilson")
    rows.append(
        {
            "threshold": threshold,
            "flagged, of all": flags.mean(),
            "precision": truth[flags].mean(),
            "recall": found / truth.sum(),
            "recall, low": interval.low,
            "recall, high": interval.high,
            "accuracy": (flags == truth).mean(),
        }
    )
evidence = pd.DataFrame(rows).set_index("threshold").round(3)
print(f"{len(truth):,} reports, {truth.mean():.1%} damaged")
evidence

# %% [markdown] task="memo_cfo"
# **Your CFO writes:** "The vendor says the model is {{ evidence.loc[0.50, "accuracy"]:.0%}} accurate and wants $120,000 a
# year. What do I get for it, and do I sign?"
#
# Answer in **at most 150 words**, for a reader who knows money and not machine learning. Northgate (invented, like its
# prices) files 400 strike reports a year. Today a team inspects every one of them, at $900 each; with the model it would
# inspect the flagged ones only. Assume that Northgate's strikes are like those in the table above, and take the threshold
# of 0.05 or of 0.10. Which of them, and what to recommend, is up to you.
#
# Say what happens in a year in inspections, dollars and damaged aircraft; what "accurate" hides; how sure you are; what
# you recommend, and what would change your mind. No price of a miss is given; you may say at what price your answer turns.
#
# === BEGIN MARK SCHEME ===
# **Figures for 400 reports a year** ({{ 400 * truth.mean():.0f}} damaged), rounded; accept any sensible rounding.
#
# | threshold | inspections | saved at \$900, less \$120,000 | damaged found | damaged missed (95% range) |
# |---|---|---|---|---|
# | 0.05 | {{ 400 * evidence.loc[0.05, "flagged, of all"]:.0f}} | \${{ 900 * 400 * (1 - evidence.loc[0.05, "flagged, of all"]) - 120_000:,.0f}} | {{ 400 * truth.mean() * evidence.loc[0.05, "recall"]:.0f}} | {{ 400 * truth.mean() * (1 - evidence.loc[0.05, "recall"]):.0f}} ({{ 400 * truth.mean() * (1 - evidence.loc[0.05, "recall, high"]):.0f}} to {{ 400 * truth.mean() * (1 - evidence.loc[0.05, "recall, low"]):.0f}}) |
# | 0.10 | {{ 400 * evidence.loc[0.10, "flagged, of all"]:.0f}} | \${{ 900 * 400 * (1 - evidence.loc[0.10, "flagged, of all"]) - 120_000:,.0f}} | {{ 400 * truth.mean() * evidence.loc[0.10, "recall"]:.0f}} | {{ 400 * truth.mean() * (1 - evidence.loc[0.10, "recall"]):.0f}} ({{ 400 * truth.mean() * (1 - evidence.loc[0.10, "recall, high"]):.0f}} to {{ 400 * truth.mean() * (1 - evidence.loc[0.10, "recall, low"]):.0f}}) |
#
# The range is that of the recall; a single year scatters more, since it has only some {{ 400 * truth.mean():.0f}} damaged
# aircraft. Never flagging is right in {{ 1 - truth.mean():.1%}} of the reports. Signing, refusing and a paid trial are all
# defensible: mark the argument. Over 150 words: *plain* at most level 2.
#
# **Level 4** stands at the end.
#
# **Level 3.** "Inspecting only what the model flags (setting 0.10) cuts inspections from 400 to about
# {{ 400 * evidence.loc[0.10, "flagged, of all"]:.0f}} a year. After the fee that saves about
# ${{ 900 * 400 * (1 - evidence.loc[0.10, "flagged, of all"]) / 1000 - 120:.0f}},000. The price is damage we do not look for: of
# {{ 400 * truth.mean():.0f}} damaged aircraft a year, about {{ 400 * truth.mean() * (1 - evidence.loc[0.10, "recall"]):.0f}} would
# fly on, give or take two. Ignore the accuracy: a model that never flags scores almost the same. I recommend a
# three-month trial beside today's inspections before we sign." (Right, plain, decided, a range; nothing would change
# its mind.)
#
# **Level 2.** "At 0.10 the recall is {{ evidence.loc[0.10, "recall"]:.0%}} and the precision {{ evidence.loc[0.10, "precision"]:.0%}}, so
# we inspect about a third of the aircraft and save money. Accuracy is misleading because of class imbalance. I think we
# should sign, but be careful." (Numbers of the table, not of the year; jargon; no dollars, no range.)
#
# **Level 1.** "The model is {{ evidence.loc[0.50, "accuracy"]:.0%}} accurate, which is high, so it will find nine in ten damaged aircraft.
# We should sign." (Accuracy read as recall.)
# === END MARK SCHEME ===

# %% [markdown] written="memo_cfo"
# **Do not sign yet; trial it for six months at the cautious setting (0.05).**
#
# Of 400 reports a year we would inspect about {{ 400 * evidence.loc[0.05, "flagged, of all"]:.0f}} instead of all. That saves
# \${{ 900 * 400 * (1 - evidence.loc[0.05, "flagged, of all"]) / 1000:.0f}},000; after the fee, only
# \${{ 900 * 400 * (1 - evidence.loc[0.05, "flagged, of all"]) / 1000 - 120:.0f}},000 is left. Some
# {{ 400 * truth.mean() * (1 - evidence.loc[0.05, "recall"]):.0f}} of our {{ 400 * truth.mean():.0f}} damaged aircraft would fly on
# uninspected, {{ 400 * truth.mean() * (1 - evidence.loc[0.05, "recall, high"]):.0f}} to
# {{ 400 * truth.mean() * (1 - evidence.loc[0.05, "recall, low"]):.0f}} in an average year. The bolder setting (0.10) leaves
# \${{ 900 * 400 * (1 - evidence.loc[0.10, "flagged, of all"]) / 1000 - 120:.0f}},000, but
# {{ 400 * truth.mean() * (1 - evidence.loc[0.10, "recall"]):.0f}} fly on.
#
# Ignore "{{ evidence.loc[0.50, "accuracy"]:.0%}} accurate": never inspecting anything would be right
# {{ 1 - truth.mean():.0%}} of the time, because most strikes do no damage.
#
# During the trial we still inspect everything, so we see what the model would have missed. I would sign below \$60,000 a
# year if it misses no more than one damaged aircraft in ten. At today's fee, each damaged aircraft that we overlook saves
# us about \${{ (900 * (1 - evidence.loc[0.05, "flagged, of all"]) - 300) / truth.mean() / (1 - evidence.loc[0.05, "recall"]):,.0f}}; safety must say whether that
# is a price we accept.

# %% [markdown]
# **How to work here.** Each exercise stands alone: answer them in any order. Write in the answer cell, run it, then run
# the check cell below it. A check that fails costs its own points only, and says what it saw and where to look.
# More checks run when your work is graded; they test nothing that the text does not state.
#
# The setting is the lesson's: an airline's maintenance control gets reports of bird strikes. For each reported strike,
# `1` in *damaged* means the inspection found damage, and `1` in *flagged* means the model asked for an inspection.

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
with check(1, "the ten reports above give 0.75", hint="divide by all that were damaged") as see:
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

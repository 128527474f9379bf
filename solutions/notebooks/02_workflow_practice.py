# %% [markdown]
# **How to work here.** Take the exercises in any order; none needs the answer of another. Write in the answer cell, run
# it, then run the check cell below it. A failing check costs its own points only, and says what it saw and where to look.
#
# **The setting** is the lesson's. Kestrel Diagnostics, an invented laboratory, reads the digits that clinics write by
# hand on sample forms, and runs a few other programs like it.

# %% readonly="setup"
import math

import numpy as np
import pandas as pd
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, KFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tpmkit.checks import Checks

# %% [markdown]
# ## 1 · Which phase are we really in? (3 points)
#
# The status page says "Deployment, 80% done". The gate list says what was proved. A program is in the *earliest* phase
# whose exit it cannot show, whatever it is busy with. Write `current_phase(gates)`, which names that phase.
#
# The six phases of CRISP-ML(Q), here in alphabetical order; put them in theirs:
#
# | phase | what it produces |
# |---|---|
# | `"business and data understanding"` | a success criterion, and evidence that the data can carry it |
# | `"data preparation"` | the table that models learn from, rebuilt by one command |
# | `"deployment"` | a model that real users reach, with a way back |
# | `"evaluation"` | a go or no-go against the success criterion |
# | `"modelling"` | a model that beats the baseline |
# | `"monitoring and maintenance"` | alarms, and people who answer them |
#
# - `gates`: a DataFrame with one row per exit criterion, in any order: `phase` (one of the six strings above),
#   `criterion` (text) and `met` (`True` or `False`).
# - A phase can show its exit if the table has at least one criterion for it and **all** its criteria are met. A phase
#   with no criterion in the table cannot show its exit: nobody wrote down when it ends.
# - Monitoring and maintenance has no exit. A program that can show the exits of the other five phases is in it, whatever
#   the table says about its own rows.
# - Result: the phase, as one of the six strings.
#
# **By hand.**
#
# | phase | criterion | met |
# |---|---|---|
# | deployment | the way back was rehearsed | True |
# | business and data understanding | success criterion signed by the sponsor | True |
# | evaluation | 96% on people the model never saw | False |
# | modelling | beats the old software | True |
# | data preparation | one command rebuilds the table | True |
# | modelling | a second run gives the same figure | False |
#
# Understanding and preparation can show their exits. Modelling has two criteria and meets one: the program is in
# `"modelling"`, though a later phase has its rehearsal done. Were the second modelling row met, the answer would be
# `"evaluation"`. Were the *data preparation* row missing, it would be `"data preparation"`.
#
# <details><summary>Hint</summary>
#
# Write the first five phases in a list, in order: nothing can be prepared before it is understood, nothing evaluated
# before it is modelled. Go through the list; for each phase take its rows, `gates.loc[gates["phase"] == phase, "met"]`.
# Return the phase if there are no rows (`len(...) == 0`) or not all are true. Note that `.all()` of nothing is `True`.
#
# </details>


# %% solution="current_phase"
def current_phase(gates):
    """The earliest phase whose exit the program cannot show.

    Parameters
    ----------
    gates : pandas.DataFrame
        One row per exit criterion: `phase`, `criterion` and `met`; rows in any order.

    Returns
    -------
    str
        One of the six phases.
    """
    ### BEGIN SOLUTION
    order = [
        "business and data understanding",
        "data preparation",
        "modelling",
        "evaluation",
        "deployment",
    ]
    for phase in order:
        met = gates.loc[gates["phase"] == phase, "met"]
        if len(met) == 0 or not met.all():
            return phase
    return "monitoring and maintenance"
    ### END SOLUTION


# %% test="current_phase"
check = Checks(3)
with check(1, "the gate list above is in modelling", hint="all criteria of a phase must be met") as see:
    gates = pd.DataFrame(
        [
            ("deployment", "the way back was rehearsed", True),
            ("business and data understanding", "success criterion signed by the sponsor", True),
            ("evaluation", "96% on people the model never saw", False),
            ("modelling", "beats the old software", True),
            ("data preparation", "one command rebuilds the table", True),
            ("modelling", "a second run gives the same figure", False),
        ],
        columns=["phase", "criterion", "met"],
    )
    assert see(current_phase(gates)) == "modelling"
### BEGIN HIDDEN TESTS
with check(
    1,
    "on other gate lists, in any order of rows, the earliest phase with something unmet",
    hint="is your list of phases in the order of the work?",
) as see:
    phases = [
        "business and data understanding",
        "data preparation",
        "modelling",
        "evaluation",
        "deployment",
        "monitoring and maintenance",
    ]
    rng = np.random.default_rng(21)
    for stuck in [3, 0, 4, 1, 2]:
        rows = [(phase, f"criterion {i}", True) for phase in phases for i in range(3)]
        later = rng.integers(3 * stuck, 3 * len(phases), size=4)
        for i in [3 * stuck + 1, *later]:
            rows[i] = (*rows[i][:2], False)
        gates = pd.DataFrame(rows, columns=["phase", "criterion", "met"])
        assert see(current_phase(gates)) == phases[stuck]
        shuffled = gates.sample(frac=1, random_state=stuck)
        assert current_phase(shuffled) == phases[stuck]
with check(
    0.5, "a phase for which nobody wrote a criterion", hint="what does it take to show an exit?"
) as see:
    for missing in [1, 4, 0, 3]:
        rows = [(phase, "agreed", True) for i, phase in enumerate(phases) if i != missing]
        gates = pd.DataFrame(rows, columns=["phase", "criterion", "met"])
        assert see(current_phase(gates)) == phases[missing]
with check(0.5, "five exits shown, whatever the sixth says", hint="which phase has no exit?") as see:
    rows = [(phase, "agreed", phase != phases[5]) for phase in phases]
    gates = pd.DataFrame(rows, columns=["phase", "criterion", "met"])
    assert see(current_phase(gates)) == phases[5]
    assert current_phase(gates[gates["phase"] != phases[5]]) == phases[5]
    assert current_phase(gates.assign(met=True)) == phases[5]
### END HIDDEN TESTS
check

# %% [markdown]
# ## 2 · What feedback is there? (3 points)
#
# Five sponsors want "machine learning". What kind of learning is possible follows from the feedback, and so does the first
# thing you must plan for. All five are invented. The lesson's rule:
#
# - *Supervised*: a right answer exists for each past case, whether it is on record, in an expert's head, or comes later.
# - *Unsupervised*: there is no right answer.
# - *Reinforcement*: the system acts, and learns from the rewards of its own actions.
#
# - **A. Parcel carrier.** Four years of parcels, each with the hour it was picked up and the hour it arrived. Wanted: the
#   arrival hour, at pick-up.
# - **B. Hospital.** 60,000 X-ray images in the archive; nobody has marked which show a fracture. Wanted: a flag for
#   fractures.
# - **C. Bank.** A loan launched in August; repayment takes two years. Wanted in November: the risk that a customer will
#   not have repaid at the end of the term.
# - **D. Museum.** 200,000 photographs without titles. Wanted: groups of photographs that belong together; nobody has a
#   list of groups.
# - **E. Data centre.** A controller that changes the cooling every five minutes and learns from the energy use and the
#   temperatures that its own changes bring about.
#
# | type | what to plan for first |
# |---|---|
# | `"supervised"` | `"join_records"`: the answers stand in our own records; get access and join them |
# | `"unsupervised"` | `"buy_labels"`: people must give the answers; budget them, measure whether they agree |
# | `"reinforcement"` | `"wait_for_outcomes"`: the answers do not exist yet; agree on a stand-in, or wait |
# | | `"agree_what_is_useful"`: there is no right answer; agree who judges the result, and how |
# | | `"limit_the_trials"`: the system learns by acting; set limits, try it in a simulation first |
# | | `"rent_more_compute"`: the model does not fit on one machine |
#
# Set `feedback` to a dictionary from letter to (type, what to plan for first). Each plan is used once; one is left over.
# A type may be used more than once; each of the three is used. For example, the form, with answers that are not right:
#
# ```python
# feedback = {
#     "A": ("reinforcement", "rent_more_compute"),
#     "B": ...,
# }
# ```
#
# <details><summary>Hint</summary>
#
# For each sponsor ask: for one past case, could somebody tell the right answer? If yes, it is supervised; then ask where
# that answer is now: on record, in somebody's head, or in the future. If no, ask whether the system's own actions produce
# the data it learns from.
#
# </details>

# %% solution="feedback"
feedback = ...
### BEGIN SOLUTION
feedback = {
    "A": ("supervised", "join_records"),
    "B": ("supervised", "buy_labels"),
    "C": ("supervised", "wait_for_outcomes"),
    "D": ("unsupervised", "agree_what_is_useful"),
    "E": ("reinforcement", "limit_the_trials"),
}
### END SOLUTION

# %% test="feedback"
check = Checks(3)
with check(
    1,
    "five letters, three types, five different plans, each plan with a type that needs it",
    hint="right answers exist only in supervised learning; only reinforcement learns from its own actions",
) as see:
    fits = {
        "join_records": "supervised",
        "buy_labels": "supervised",
        "wait_for_outcomes": "supervised",
        "agree_what_is_useful": "unsupervised",
        "limit_the_trials": "reinforcement",
    }
    assert sorted(see(feedback)) == ["A", "B", "C", "D", "E"]
    assert sorted(plan for kind, plan in feedback.values()) == sorted(fits)
    assert all(fits[plan] == kind for kind, plan in feedback.values())
### BEGIN HIDDEN TESTS
with check(0.4, "A: the parcel carrier", hint="where is the arrival hour of last year's parcels?") as see:
    assert list(see(feedback)["A"]) == ["supervised", "join_records"]
with check(0.4, "B: the hospital", hint="who could say what an archived image shows?") as see:
    assert list(see(feedback)["B"]) == ["supervised", "buy_labels"]
with check(0.4, "C: the bank", hint="when is the first loan's outcome known?") as see:
    assert list(see(feedback)["C"]) == ["supervised", "wait_for_outcomes"]
with check(0.4, "D: the museum", hint="could two good answers differ?") as see:
    assert list(see(feedback)["D"]) == ["unsupervised", "agree_what_is_useful"]
with check(0.4, "E: the data centre", hint="where does tomorrow's data come from?") as see:
    assert list(see(feedback)["E"]) == ["reinforcement", "limit_the_trials"]
### END HIDDEN TESTS
check

# %% [markdown]
# ## 3 · What is known when it counts? (2 points)
#
# Northgate Air, an invented airline, decides half an hour after a bird strike whether to send an inspector. The training
# table also holds what was found out later. Write `usable(catalogue, decision)`, which keeps the features a model may use.
#
# - `catalogue`: a DataFrame with one row per feature: `feature` (its name), `known_at` (hours after the strike at which
#   the value is first known; negative means before; missing, `NaN`, means that nobody could say) and `rewritten` (`True`
#   if the value in the table may have been corrected afterwards).
# - `decision`: the hours after the strike at which the model must answer.
# - Usable is a feature that is known **at or before** the decision and is **not rewritten**: the table must show what the
#   model would have seen. If nobody could say when it is known, it is not usable.
# - Result: a list of names, in the order of the catalogue. It may be empty.
#
# **By hand.** With `decision = 0.5` (the hours are invented):
#
# | feature | known_at | rewritten | usable? |
# |---|---|---|---|
# | phase | 0 | False | yes |
# | wildlife_size | 0.4 | True | no: a laboratory corrects it |
# | speed_knots | 0.5 | False | yes: known just in time |
# | wildlife_species | 240 | False | no: known ten days later |
# | cost_repair | 700 | False | no |
# | crew_note | NaN | False | no: nobody could say |
#
# The answer is `["phase", "speed_knots"]`.
#
# <details><summary>Hint</summary>
#
# Two conditions joined by `&`, each in brackets: `(catalogue["known_at"] <= decision) & (~catalogue["rewritten"])`. A
# comparison with `NaN` is `False`. `.tolist()` turns a column into a list.
#
# </details>


# %% solution="usable"
def usable(catalogue, decision):
    """Names of the features that a model may use at the time of the decision.

    Parameters
    ----------
    catalogue : pandas.DataFrame
        One row per feature: `feature`, `known_at` (hours, may be `NaN`) and `rewritten`.
    decision : float
        When the model must answer, in the same hours.

    Returns
    -------
    list of str
        In the order of the catalogue; may be empty.
    """
    ### BEGIN SOLUTION
    in_time = catalogue["known_at"] <= decision
    return catalogue.loc[in_time & ~catalogue["rewritten"], "feature"].tolist()
    ### END SOLUTION


# %% test="usable"
check = Checks(2)
with check(1, "of the six features above, two", hint="at or before the decision, and not rewritten") as see:
    catalogue = pd.DataFrame(
        {
            "feature": [
                "phase", "wildlife_size", "speed_knots", "wildlife_species", "cost_repair", "crew_note"
            ],
            "known_at": [0, 0.4, 0.5, 240, 700, math.nan],
            "rewritten": [False, True, False, False, False, False],
        }
    )
    assert list(see(usable(catalogue, 0.5))) == ["phase", "speed_knots"]
### BEGIN HIDDEN TESTS
with check(0.5, "other features, in the order of their catalogue", hint="neither sorted nor rewritten") as see:
    rng = np.random.default_rng(31)
    names = [f"f{i}" for i in rng.permutation(40)]
    hours = rng.integers(-24, 24, size=40).astype(float)
    hours[rng.choice(40, size=6, replace=False)] = math.nan
    changed = rng.random(40) < 0.3
    catalogue = pd.DataFrame({"feature": names, "known_at": hours, "rewritten": changed})
    for decision in [-5, 3, 10]:
        expected = [n for n, h, c in zip(names, hours, changed) if h <= decision and not c]
        assert list(see(usable(catalogue, decision))) == expected
with check(
    0.5,
    "deciding later never takes a feature away, and before the first there is none",
    hint="what is known stays known",
) as see:
    kept = set()
    for decision in [-100, -24, -1, 0, 6, 24]:
        now = see(usable(catalogue, decision))
        assert kept <= set(now)
        assert len(now) == sum(h <= decision and not c for h, c in zip(hours, changed))
        kept = set(now)
### END HIDDEN TESTS
check

# %% [markdown]
# ## 4 · How much of the test has been seen? (3 points)
#
# "Train and test are separate files", says the team. Separate files can hold the same patient. Write
# `share_seen(train, test, keys)`: the share of the test's rows whose key also stands in train.
#
# - `train`, `test`: two DataFrames. Their indexes mean nothing; do not compare them.
# - `keys`: a list of one or more column names, present in both. A row's key is the **combination** of its values in these
#   columns. There are no missing values in them.
# - Result: rows of `test` whose key occurs in `train`, divided by all rows of `test`; a number from 0 to 1. A test row
#   counts once, however often its key occurs in train. Two test rows with the same key both count.
# - If `test` has no rows, raise a `ValueError`: an empty test proves nothing. If only `train` has no rows, the share is 0.
#
# **By hand.** With `keys = ["clinic", "sample"]`:
#
# | `train`: clinic, sample |
# |---|
# | A, 1 |
# | A, 2 |
# | A, 1 |
# | B, 2 |
#
# | `test`: clinic, sample | seen in train? |
# |---|---|
# | A, 1 | yes |
# | B, 1 | no: both values occur in train, but never together |
# | C, 3 | no |
# | A, 1 | yes, and it counts again |
#
# The share is 2 / 4 = 0.5. With `keys = ["clinic"]` it is 3 / 4 = 0.75: the question decides the key. A model for new
# samples may meet a known clinic, a model for new clinics may not.
#
# <details><summary>Hint</summary>
#
# One way: `test.merge(train[keys].drop_duplicates(), on=keys)` keeps the test rows that match; count them. (Without
# `drop_duplicates` a test row would appear once per match.) Another: a set of tuples,
# `set(train[keys].itertuples(index=False, name=None))`.
#
# </details>


# %% solution="share_seen"
def share_seen(train, test, keys):
    """Share of the test rows whose key also occurs in train.

    Parameters
    ----------
    train, test : pandas.DataFrame
        Both hold the columns in `keys`.
    keys : list of str
        The columns that, taken together, say what one case is.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If `test` has no rows.
    """
    ### BEGIN SOLUTION
    if len(test) == 0:
        raise ValueError("test has no rows, so it proves nothing")
    matched = test.merge(train[keys].drop_duplicates(), on=keys)
    return len(matched) / len(test)
    ### END SOLUTION


# %% test="share_seen"
check = Checks(3)
with check(1, "the rows above: half by clinic and sample", hint="a key is a combination of values") as see:
    train = pd.DataFrame({"clinic": ["A", "A", "A", "B"], "sample": [1, 2, 1, 2]})
    test = pd.DataFrame({"clinic": ["A", "B", "C", "A"], "sample": [1, 1, 3, 1]})
    assert math.isclose(see(share_seen(train, test, ["clinic", "sample"])), 0.5)
### BEGIN HIDDEN TESTS
with check(
    1,
    "right for one, two and three keys on other tables, in any order of rows",
    hint="count test rows, each once; the index says nothing",
) as see:
    rng = np.random.default_rng(41)
    cases = pd.DataFrame(rng.integers(0, 6, size=(90, 4)), columns=["a", "b", "c", "value"])
    train, test = cases.iloc[:60], cases.iloc[60:].reset_index(drop=True)
    for keys in [["a", "b", "c"], ["c", "a"], ["b"]]:
        known = set(train[keys].itertuples(index=False, name=None))
        expected = sum(k in known for k in test[keys].itertuples(index=False, name=None)) / len(test)
        assert math.isclose(see(share_seen(train, test, keys)), expected)
        mixed = share_seen(train.sample(frac=1, random_state=1), test.sample(frac=1, random_state=2), keys)
        assert math.isclose(mixed, expected)
with check(0.5, "it is a share of the test, not of train", hint="whose rows stand below the line?") as see:
    train = pd.DataFrame({"patient": range(100)})
    test = pd.DataFrame({"patient": [5, 500]})
    assert math.isclose(see(share_seen(train, test, ["patient"])), 0.5)
    assert math.isclose(share_seen(train.iloc[:0], test, ["patient"]), 0)
with check(0.5, "an empty test is refused", hint="look for the error the text asks for") as see:
    try:
        see(share_seen(train, test.iloc[:0], ["patient"]))
        refused = False
    except ValueError:
        refused = see(True)
    assert refused, "an empty test came back with a figure"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 5 · Split as it will be used (3 points)
#
# A test is worth what it imitates. Kestrel will use one model in three ways: on more forms of clinics it knows, on
# clinics it has never seen, and on the days to come. Write `split(forms, used_on, rng)`, which cuts the table to match.
#
# - `forms`: a DataFrame, one row per form, with `clinic` (text), `day` (text such as `"2026-03-02"`, so that sorting
#   sorts by date) and other columns. Its index has no repeats.
# - `used_on` says what is kept apart. **A quarter of the units, rounded up, goes to the test:**
#
# | `used_on` | unit | which units are tested |
# |---|---|---|
# | `"known clinics"` | a form (a row) | drawn at random |
# | `"new clinics"` | a clinic, with all its rows | drawn at random |
# | `"later days"` | a day, with all its rows | the latest; no chance in it |
#
# - `rng`: a `numpy.random.Generator`, the only source of chance. The same `rng` state gives the same split, another state
#   (nearly always) another one. scikit-learn takes `random_state=int(rng.integers(2**31))`.
# - Result: a pair `(train, test)` of DataFrames. Each row of `forms` is in exactly one of them, with its index and its
#   values; the order of rows does not matter.
# - Any other `used_on`: raise a `ValueError`.
#
# **By hand.** Six forms of three clinics on five days:
#
# | index | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | clinic | A | A | B | B | C | C |
# | day | 03-02 | 03-03 | 03-04 | 03-06 | 03-05 | 03-06 |
#
# A quarter of six forms is 1.5: two forms tested. A quarter of three clinics is 0.75: one clinic, so two rows. A quarter
# of five days is 1.25: the two latest days, 03-05 and 03-06, so rows 3, 4 and 5.
#
# <details><summary>Hint</summary>
#
# `train_test_split(forms, test_size=0.25, random_state=...)` returns the pair at once, and rounds as asked.
# `GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=...)` counts clinics;
# `next(splitter.split(forms, groups=forms["clinic"]))` gives row positions for `forms.iloc`. For days, sort the unique
# days, take the last `math.ceil(len(days) / 4)`, and ask `forms["day"].isin(...)`.
#
# </details>


# %% solution="split"
def split(forms, used_on, rng):
    """Cut a table into train and test the way the model will be used.

    Parameters
    ----------
    forms : pandas.DataFrame
        One row per form, with `clinic` and `day` (text that sorts by date).
    used_on : {"known clinics", "new clinics", "later days"}
        What the test imitates.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    tuple of pandas.DataFrame
        `(train, test)`.

    Raises
    ------
    ValueError
        If `used_on` is none of the three.
    """
    ### BEGIN SOLUTION
    seed = int(rng.integers(2**31))
    if used_on == "known clinics":
        train, test = train_test_split(forms, test_size=0.25, random_state=seed)
    elif used_on == "new clinics":
        splitter = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=seed)
        train_rows, test_rows = next(splitter.split(forms, groups=forms["clinic"]))
        train, test = forms.iloc[train_rows], forms.iloc[test_rows]
    elif used_on == "later days":
        days = sorted(forms["day"].unique())
        late = forms["day"].isin(days[-math.ceil(len(days) / 4) :])
        train, test = forms[~late], forms[late]
    else:
        raise ValueError(f"used_on is {used_on!r}; expected known clinics, new clinics or later days")
    return train, test
    ### END SOLUTION


# %% test="split"
check = Checks(3)
with check(
    1,
    "the six forms above, cut in all three ways",
    hint="which unit is counted, and which is never cut in two?",
) as see:
    forms = pd.DataFrame(
        {
            "clinic": ["A", "A", "B", "B", "C", "C"],
            "day": ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-06", "2026-03-05", "2026-03-06"],
            "pages": [1, 2, 1, 1, 3, 2],
        }
    )
    train, test = see(split(forms, "later days", np.random.default_rng(1)))
    assert sorted(test.index) == [3, 4, 5] and sorted(train.index) == [0, 1, 2]
    train, test = see(split(forms, "new clinics", np.random.default_rng(1)))
    assert test["clinic"].nunique() == 1 and train["clinic"].nunique() == 2
    assert sorted([*train.index, *test.index]) == [0, 1, 2, 3, 4, 5]
    train, test = see(split(forms, "known clinics", np.random.default_rng(1)))
    assert len(test) == 2 and sorted([*train.index, *test.index]) == [0, 1, 2, 3, 4, 5]
### BEGIN HIDDEN TESTS
with check(
    0.5,
    "new clinics: 60 forms of nine clinics, no clinic on both sides, three of them tested",
    hint="a quarter of the clinics, not of the rows",
) as see:
    rng = np.random.default_rng(51)
    forms = pd.DataFrame(
        {
            "clinic": [f"clinic {i}" for i in [*range(9), *rng.choice(9, p=[0.6, *[0.05] * 8], size=51)]],
            "day": [f"2026-05-{d:02d}" for d in rng.integers(1, 11, size=60)],
            "pages": rng.integers(1, 4, size=60),
        },
        index=rng.permutation(60) + 1000,
    )
    for seed in range(4):
        train, test = see(split(forms, "new clinics", np.random.default_rng(seed)))
        assert set(train["clinic"]).isdisjoint(test["clinic"])
        assert test["clinic"].nunique() == 3
        assert pd.concat([train, test]).sort_index().equals(forms.sort_index())
with check(
    0.5, "later days: every trained day before every tested one", hint="days stay whole; count days, not rows"
) as see:
    train, test = see(split(forms, "later days", np.random.default_rng(5)))
    assert max(train["day"]) < min(test["day"])
    assert test["day"].nunique() == math.ceil(forms["day"].nunique() / 4)
    assert pd.concat([train, test]).sort_index().equals(forms.sort_index())
with check(
    0.5, "chance comes from rng alone: same state, same split; other states, other splits", hint="pass rng on"
) as see:
    for used_on in ["known clinics", "new clinics"]:
        tests = [see(split(forms, used_on, np.random.default_rng(seed)))[1] for seed in [7, 7, 8, 9, 10]]
        drawn = [tuple(sorted(test.index)) for test in tests]
        assert drawn[0] == drawn[1]
        assert len(set(drawn)) > 1
with check(0.5, "anything else is refused", hint="look for the error the text asks for") as see:
    try:
        see(split(forms, "all clinics", np.random.default_rng(1)))
        refused = False
    except ValueError:
        refused = see(True)
    assert refused, "an unknown use came back with a split"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 6 · Repair a colleague's evaluation (3 points)
#
# A colleague predicts a diagnosis from blood panels: several visits per patient, hundreds of measurements per visit. The
# report says 91%. The code below made that figure. The test leaks into it in two places.

# %% readonly="colleague"
def colleague_score(X, y, patient):
    X = SelectKBest(k=20).fit_transform(X, y)  # keep the 20 measurements that go best with y
    X = StandardScaler().fit_transform(X)
    folds = KFold(5, shuffle=True, random_state=0)
    return cross_val_score(LogisticRegression(), X, y, cv=folds).mean()


def blood_panels(rng, patients, visits, measurements, effect):
    """SIMULATED: half the patients are ill; illness moves the first ten measurements by `effect`."""
    ill = np.arange(patients) % 2
    person = rng.normal(size=(patients, measurements))
    person[:, :10] += effect * ill[:, None]
    patient = np.repeat(np.arange(patients), visits)
    X = person[patient] + 0.5 * rng.normal(size=(patients * visits, measurements))
    return X, ill[patient], patient


reported = colleague_score(*blood_panels(np.random.default_rng(0), 40, 3, 400, effect=0))
print(f"The report: {reported:.0%}. The illness moves no measurement at all (effect=0).")

# %% [markdown]
# With `effect=0` nothing in the data says who is ill, so an honest figure must be near a coin's 50%. Write
# `honest_score(X, y, patient)`, which judges **the same three steps** (the 20 best measurements, scaling, logistic
# regression) and lets nothing through:
#
# - In each fold, **every** step is fitted on that fold's training rows only.
# - No patient has rows on both sides: use the folds of `GroupKFold(n_splits=5)`, as it is, without shuffling.
# - `X`: a two-dimensional array, at least 20 columns; `y`: an array of 0 and 1; `patient`: an array with the patient of
#   each row. All three have one entry per row.
# - Result: the mean accuracy over the five folds, from 0 to 1.
#
# **To compare with.** On `blood_panels(np.random.default_rng(2), 60, 4, 20, effect=0.5)`, 60 patients with four visits and
# 20 measurements each, the 20 best of 20 are all of them, so only the patients matter: the colleague gets 0.80, an honest
# score is 0.70.
#
# <details><summary>Hint</summary>
#
# `make_pipeline(SelectKBest(k=20), StandardScaler(), LogisticRegression())` is one model that fits its steps in order.
# Given to `cross_val_score` with `cv=GroupKFold(n_splits=5)` and `groups=patient`, it is fitted anew in each fold.
#
# </details>


# %% solution="honest_score"
def honest_score(X, y, patient):
    """Mean accuracy on patients that no step of the model has seen.

    Parameters
    ----------
    X : numpy.ndarray
        One row per visit, at least 20 columns.
    y, patient : numpy.ndarray
        The diagnosis (0 or 1) and the patient of each row.

    Returns
    -------
    float
        The mean over the five folds of `GroupKFold`.
    """
    ### BEGIN SOLUTION
    model = make_pipeline(SelectKBest(k=20), StandardScaler(), LogisticRegression())
    return cross_val_score(model, X, y, cv=GroupKFold(n_splits=5), groups=patient).mean()
    ### END SOLUTION


# %% test="honest_score"
check = Checks(3)
with check(
    1, "60 patients with four visits each: 0.70, not 0.80", hint="on which side are a patient's other visits?"
) as see:
    X, y, patient = blood_panels(np.random.default_rng(2), 60, 4, 20, effect=0.5)
    assert abs(see(honest_score(X, y, patient)) - 0.70) < 0.01
### BEGIN HIDDEN TESTS
with check(
    1,
    "200 patients with one visit each, 300 measurements: choosing columns must not see the tested rows",
    hint="which rows did the choice of 20 measurements look at?",
) as see:
    X, y, patient = blood_panels(np.random.default_rng(15), 200, 1, 300, effect=0.5)
    model = make_pipeline(SelectKBest(k=20), StandardScaler(), LogisticRegression())
    expected = cross_val_score(model, X, y, cv=GroupKFold(n_splits=5), groups=patient).mean()
    assert abs(see(honest_score(X, y, patient)) - expected) < 0.05
with check(
    1,
    "where there is nothing to learn, about one half, whatever the patients are called",
    hint="both leaks at once",
) as see:
    scores = []
    for seed in [61, 62, 63]:
        X, y, patient = blood_panels(np.random.default_rng(seed), 40, 3, 400, effect=0)
        scores.append(see(honest_score(X, y, patient)))
        assert math.isclose(honest_score(X, y, patient + 1000), scores[-1], abs_tol=1e-6)
    assert 0.3 < sum(scores) / 3 < 0.65
### END HIDDEN TESTS
check

# %% [markdown]
# ## 7 · What should the next month buy? (3 points)
#
# The sponsor offers one month of budget: more data, better features, a bigger model, or stop. Kestrel has agreed on rules
# for reading a learning curve, so that the loudest voice does not choose. Write `next_investment(curve, target)`.
#
# - `curve`: a DataFrame with `size` (training rows, whole numbers, all different), `train` and `val` (scores from 0 to 1
#   on the training rows and on held-out rows). At least two rows, in any order.
# - `target`: the validation score the program needs, from 0 to 1.
# - Take `train` and `val` **at the largest size**, and the **slope**: what `val` gained per doubling of the data between
#   the two largest sizes, `(val_last - val_before) / log2(size_last / size_before)`, rounded to four decimals.
# - Result: the first rule that applies.
#
# | | rule | answer | because |
# |---|---|---|---|
# | 1 | `val` is at least the target | `"stop"` | the goal is met; more is polish |
# | 2 | `train` is below the target | `"bigger_model"` | it cannot even fit what it was shown |
# | 3 | the slope is at least 0.01 | `"more_data"` | data still pays a point per doubling |
# | 4 | none of these | `"better_features"` | it fits what it saw and does not carry over; more of the same will not help |
#
# **By hand.** Target 0.95:
#
# | size | train | val |
# |---|---|---|
# | 500 | 0.99 | 0.88 |
# | 1,000 | 0.99 | 0.90 |
# | 2,000 | 0.98 | 0.92 |
#
# `val` is 0.92, below 0.95. `train` is 0.98, not below. From 1,000 to 2,000 is one doubling, and `val` gained 0.02: the
# slope is 0.02, so `"more_data"`. Had the last size been 4,000, the same 0.02 would be spread over two doublings: slope
# 0.01, still `"more_data"`; at 8,000, three doublings, slope 0.0067: `"better_features"`.
#
# <details><summary>Hint</summary>
#
# `curve.sort_values("size")` puts the rows in order; `.iloc[-1]` and `.iloc[-2]` are the last two. Then four `if`s in the
# order of the table. `math.log2(2000 / 1000)` is 1.
#
# </details>


# %% solution="next_investment"
def next_investment(curve, target):
    """What to fund next, by the agreed reading of a learning curve.

    Parameters
    ----------
    curve : pandas.DataFrame
        `size`, `train` and `val`; at least two rows, in any order.
    target : float
        The validation score that is needed.

    Returns
    -------
    {"stop", "bigger_model", "more_data", "better_features"}
        The first rule that applies.
    """
    ### BEGIN SOLUTION
    before, last = curve.sort_values("size").iloc[-2], curve.sort_values("size").iloc[-1]
    slope = (last["val"] - before["val"]) / math.log2(last["size"] / before["size"])
    if last["val"] >= target:
        return "stop"
    if last["train"] < target:
        return "bigger_model"
    if round(slope, 4) >= 0.01:
        return "more_data"
    return "better_features"
    ### END SOLUTION


# %% test="next_investment"
check = Checks(3)
with check(1, "the curve above asks for more data", hint="go through the rules in their order") as see:
    curve = pd.DataFrame({"size": [500, 1000, 2000], "train": [0.99, 0.99, 0.98], "val": [0.88, 0.90, 0.92]})
    assert see(next_investment(curve, 0.95)) == "more_data"
### BEGIN HIDDEN TESTS
with check(1, "other curves: each rule where it comes first", hint="the target, the training score, then the slope") as see:
    curve = pd.DataFrame({"size": [400, 800, 1600], "train": [0.97, 0.96, 0.95], "val": [0.80, 0.85, 0.88]})
    assert see(next_investment(curve, 0.88)) == "stop"
    assert see(next_investment(curve, 0.97)) == "bigger_model"
    assert see(next_investment(curve, 0.95)) == "more_data"
    flat = curve.assign(val=[0.80, 0.875, 0.88])
    assert see(next_investment(flat, 0.95)) == "better_features"
    assert see(next_investment(flat, 0.96)) == "bigger_model"
with check(0.5, "sizes that are not doublings", hint="how many doublings lie between the two largest sizes?") as see:
    curve = pd.DataFrame({"size": [1000, 10_000], "train": [0.99, 0.99], "val": [0.80, 0.83]})
    assert see(next_investment(curve, 0.95)) == "better_features"
    curve = pd.DataFrame({"size": [100, 10_000, 12_000], "train": [0.99] * 3, "val": [0.79, 0.800, 0.804]})
    assert see(next_investment(curve, 0.95)) == "more_data"
    curve = pd.DataFrame({"size": [1000, 4000], "train": [0.99, 0.98], "val": [0.90, 0.92]})
    assert see(next_investment(curve, 0.95)) == "more_data"
with check(0.5, "the order of the rows does not matter", hint="sort by size first") as see:
    curve = pd.DataFrame(
        {"size": [800, 200, 1600, 400], "train": [0.98, 1, 0.97, 0.99], "val": [0.915, 0.80, 0.92, 0.86]}
    )
    assert see(next_investment(curve, 0.95)) == "better_features"
    for seed in range(4):
        assert see(next_investment(curve.sample(frac=1, random_state=seed), 0.95)) == "better_features"
### END HIDDEN TESTS
check

# %% [markdown] task="memo_workflow"
# ## Memo: a workflow on one page (10 points)
#
# Harbor Foods, an invented chain of 210 supermarkets, wants to bake the right amount of
# bread. You are its TPM. What you know:
#
# - The order goes to the bakery at 14:00 for the next morning. Today a store orders what it sold on the same weekday last
#   week.
# - Waste is 9% of the bread, $4.1 million a year. On 12% of store-days the shelf is empty before 17:00.
# - Sales by store and day since January 2023 are in the warehouse. Waste is counted by hand, in 60 stores only.
#   Promotions are known two weeks ahead. A weather forecast can be bought.
# - The team: two data scientists, one data engineer, a category manager for half a day a week. The bakers are not asked.
# - The sponsor wants all stores in 14 weeks. The team has a first model, "94% accurate", tested on randomly drawn
#   store-days of last year.
#
# Write the program's workflow on **one page** (at most 450 words; a table is welcome, and its words do not count). People
# are those named in the case, or a role you say you need:
#
# 1. The six phases in order. For each: what must be true to enter it, and an exit criterion that a stranger could test
#    (what is measured, on which data, against which figure).
# 2. Who decides at each exit, and who does the work.
# 3. Weeks per phase, with time for feature work and for the trials that will fail.
# 4. One feedback loop by which this model could spoil its own data, and how you break it.
# 5. Which phase the program is in today, whatever the team says.
#
# === BEGIN MARK SCHEME ===
# **What is in the case.** The 94% says nothing: accuracy of what, and store-days drawn at random let the model see the
# neighbouring day; the test must be later weeks, and new stores if the launch goes beyond the trained ones. The baseline
# is last week's weekday. Success needs both waste and empty shelves, since either alone is easily had by baking less or
# more. Waste is counted in 60 stores only: the success criterion cannot be measured in the other 150. **Feedback loop:**
# where the shelf is empty, sales are not demand; a model trained on sales orders less and sees less. Breaks: mark sold-out
# days and leave them out or correct them; keep some stores or days on a generous order; log order, model version and the
# hour of the last loaf. Another accepted loop: store managers override orders, and the overrides become the training data.
# **Phase today:** business and data understanding (no agreed measure of success, waste measured in 60 stores), or
# modelling with no valid evaluation if argued; not deployment. All stores in 14 weeks is not a plan; a pilot is.
#
# **Level 4** stands at the end.
#
# **Level 3.** Six phases in order, each with an exit such as "on the last eight weeks of 60 stores, waste at most 7% with
# empty shelves no worse than 12%", owner by role, weeks that add up to the 14, three weeks of feature work with the
# category manager, sold-out days named as the loop and left out of training; phase today named with its reason.
#
# **Level 2.** Phases in order, but exits such as "data quality is good" or "model accuracy above 95%", owners "the team",
# feature work inside "modelling, 6 weeks", a loop named only as "model drift".
#
# **Level 1.** A description of CRISP-ML(Q) that would fit any company; a date per phase; no figure, no owner.
#
# More than 450 words outside tables: *testable* at most level 3.
# === END MARK SCHEME ===

# %% [markdown] written="memo_workflow"
# **We are in phase 1.** "94%" is measured on random store-days, so the model had seen the day before and after; and no one
# has agreed what success is. I propose a pilot of 20 stores in week 14, not 210.
#
# | phase (weeks) | enter when | exit when (tested how) | decides / does |
# |---|---|---|---|
# | 1 Understanding (1-2) | sponsor named | Signed: waste at most 7% *and* shelves empty before 17:00 on at most 12% of store-days, together. Baseline (same weekday last week) computed on the last 8 weeks of the 60 counted stores | COO / TPM, category manager |
# | 2 Data preparation (3-5) | phase 1 signed | One command rebuilds the table twice with the same hash; every row has store, day and hour of last sale; every feature known before 14:00 the day before; sold-out days marked | data engineer's lead / data engineer |
# | 3 Modelling (6-10) | table frozen | Beats the baseline's waste by 1 point on weeks held out in time, rerun to the same figure | lead data scientist / both |
# | 4 Evaluation (11) | model frozen | Phase 1's two figures on the last 8 weeks *and* on 15 stores never trained on; no store type worse than today; sponsor signs go, pilot or stop | COO / TPM |
# | 5 Deployment (12-14) | go, way back rehearsed | Two weeks in shadow beside today's orders in 20 pilot stores, then live; order reaches the bakery by 14:00 on all 14 shadow days; one switch returns to last week's weekday | head of stores / data engineer |
# | 6 Monitoring (from 14) | pilot live | Never. Weekly: waste, empty shelves, overrides, by store type; alarm if waste is above 8% two weeks running, answered within a day | category manager / on-call scientist |
#
# **Feature work: three of the five modelling weeks**, with two mornings of bakers and the category manager, whose half day a
# week is the bottleneck: I ask for a full day in weeks 6-10. We plan six trials and expect four to fail. If week 9 shows no
# gain on the baseline, we stop and keep today's rule.
#
# **The loop.** An empty shelf ends the sales, so the model learns that less was wanted, orders less, and empties it again.
# We leave sold-out days out of training, and in five pilot stores order one day a week 15% above the model, chosen by lot:
# what sells then is demand nobody capped. We log order, version and hour of the last loaf, so that the loop can be seen.
#
# **What would change this:** if waste cannot be counted outside the 60 stores, the roll-out stops there.

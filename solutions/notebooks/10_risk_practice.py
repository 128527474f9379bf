# %% [markdown]
# **How to work here.** Take the exercises in any order; none needs the answer of another. Write in the answer cell, run
# it, then run the check cell below it. A failing check costs its own points only, and says what it saw and where to look.
#
# **The setting.** Larkfield, an invented group of clinics, builds *Letterbox*: a model that drafts the letter a patient takes home. You are its TPM.
# All figures are invented, all losses simulated. `planning` is the engine of the lesson; use it wherever it helps.

# %% readonly="setup"
import math

import numpy as np
import pandas as pd
from tpmkit import planning
from tpmkit.checks import Checks

pd.set_option("display.max_colwidth", 100)

# %% [markdown]
# ## 1 · Repair the register (3 points)
#
# A colleague's register, as the engine sees it. Repair it from these notes, and invent nothing:
#
# - "For the old letters ask Ines Roy; her team helps her." (Ana)
# - "Every Friday we compute `kappa`, how far two annotators agree. Below 0.7 we worry." (Ines)
# - "A stolen laptop would cost us from twenty to ninety thousand dollars; outside that range in one case of ten." (legal)
# - "The vendor fails one year in four." (purchasing)
# - "D6: we do not avoid it, but with the tests its chance falls from 0.3 to 0.1. Paul Ott does it by the end of April 2027." (Paul)

# %% readonly="draft"
COLUMNS = [
    "risk_id", "title", "owner", "probability", "impact_cost_p5", "impact_cost_p95", "response", "action",
    "action_owner", "due", "cost_of_response", "residual_probability", "trigger",
]  # fmt: skip
act = ("Ana Kern", "2027-04-16", 9000)
draft = pd.DataFrame(
    [
        ("D1", "templates", "Ana Kern", 0.4, 4000, 20000, "accept", "", "", "", "", "", "open_templates > 3"),
        ("D2", "old letters", "data team", 0.2, 9000, 40000, "reduce", "clean", *act, 0.1, "duplicates > 5%"),
        ("D3", "annotators", "Ines Roy", 0.3, 5000, 30000, "reduce", "train them", *act, 0.1, "when they quarrel"),
        ("D4", "laptop", "Ana Kern", 0.1, 90000, 20000, "transfer", "insure", *act, 0.1, "lost_devices >= 1"),
        ("D5", "vendor", "Ana Kern", 25, 8000, 60000, "reduce", "second vendor", *act, 0.1, "vendor_uptime < 98%"),
        ("D6", "interface", "Paul Ott", 0.3, 6000, 50000, "mitigate", "tests", "Paul Ott", "soon", 7000, 0.5, "errors > 2%"),
    ],
    columns=COLUMNS,
)  # fmt: skip
draft = draft.assign(cause="a fact", event="may happen", effect="a loss", category="data")
draft = draft.assign(date_raised="2027-03-01", status="open")
planning.validate_register(draft)

# %% [markdown]
# Set `repaired` to a dictionary with the rows that you change, and only those: from `risk_id` to a dictionary from column to new value. Change nothing that the notes
# do not call for. A date is text, as `"2027-04-16"`. The form, with changes that are not right:
#
# ```python
# repaired = {"D1": {"owner": "Paul Ott", "probability": 0.5}}
# ```
#
# <details><summary>Hint</summary>
#
# One row for each note. A chance is from 0 to 1. The engine's responses are avoid, reduce, transfer, accept, escalate (and three
# for opportunities). `draft.T` shows every row as a column. Try your changes on a copy: `copy = draft.set_index("risk_id")`, `copy.loc["D2", "owner"] = ...`, then
# `planning.validate_register(copy)`.
#
# </details>

# %% solution="repair"
repaired = ...
### BEGIN SOLUTION
repaired = {
    "D2": {"owner": "Ines Roy"},
    "D3": {"trigger": "kappa < 0.7"},
    "D4": {"impact_cost_p5": 20_000, "impact_cost_p95": 90_000},
    "D5": {"probability": 0.25},
    "D6": {"response": "reduce", "residual_probability": 0.1, "due": "2027-04-30"},
}
### END SOLUTION

# %% test="repair"
check = Checks(3)
given = {row["risk_id"]: row for row in draft.to_dict("records")}
with check(1, "the engine accepts every row, and D1 is as it was", hint="one problem for each line of its table") as see:
    rows = [row | dict(see(repaired).get(id, {})) for id, row in given.items()]
    left = planning.validate_register(pd.DataFrame(rows))
    assert see([f"{p.risk_id} {p.field}" for p in left.itertuples()]) == []
    assert rows[0] == given["D1"] and set(repaired) <= set(given)
### BEGIN HIDDEN TESTS


def changes(id):
    return repaired.get(id, {}) if hasattr(repaired, "get") else repaired


with check(0.4, "one person answers for the old letters", hint="the first note; nothing else in D2") as see:
    assert given["D2"] | dict(see(changes("D2"))) == given["D2"] | {"owner": "Ines Roy"}
with check(0.4, "the trigger is what is measured on Fridays", hint="metric, comparison, number; it holds when Ines worries") as see:
    row = given["D3"] | dict(see(changes("D3")))
    sign = planning.Condition.parse(str(row["trigger"]))
    assert (sign.metric, sign.op) == ("kappa", "<") and math.isclose(sign.threshold, 0.7)
    assert row | {"trigger": ""} == given["D3"] | {"trigger": ""}
with check(0.4, "a range runs from low to high", hint="the third note") as see:
    expected = given["D4"] | {"impact_cost_p5": 20_000, "impact_cost_p95": 90_000}
    assert given["D4"] | dict(see(changes("D4"))) == expected
with check(0.4, "the vendor's chance", hint="one year in four, from 0 to 1") as see:
    assert given["D5"] | dict(see(changes("D5"))) == given["D5"] | {"probability": 0.25}
with check(0.4, "D6: what is done, by when, and what is left", hint="three columns change; which chance falls?") as see:
    expected = given["D6"] | {"response": "reduce", "residual_probability": 0.1, "due": "2027-04-30"}
    assert given["D6"] | dict(see(changes("D6"))) == expected
### END HIDDEN TESTS
check

# %% [markdown]
# ## 2 · What the matrix gets wrong (3 points)
#
# Before you argue against a coloured matrix, count. Write `misranked(risks, factor)`.
#
# - `risks`: a list of `[likelihood, impact, chance, loss]`: two scores from 1 to 5, the chance from 0 to 1 and the loss in dollars, both above 0.
# - A risk's *score* is likelihood × impact; its *expected loss* is chance × loss.
# - Count pairs; each pair of two different entries of the list counts once. A pair is **wrong** if the risk with the higher score has the smaller
#   expected loss. It is **hidden** if both scores are equal and one expected loss is at least `factor` times the other. `factor` is above 1.
# - Result: a pair of whole numbers, `(wrong, hidden)`.
#
# **By hand**, with `factor` 2:
#
# | | likelihood | impact | chance | loss | score | expected |
# |---|---|---|---|---|---|---|
# | A | 1 | 5 | 0.04 | 1,000,000 | 5 | 40,000 |
# | B | 5 | 1 | 0.8 | 20,000 | 5 | 16,000 |
# | C | 2 | 3 | 0.2 | 150,000 | 6 | 30,000 |
# | D | 3 | 3 | 0.4 | 140,000 | 9 | 56,000 |
#
# A and C: C scores higher and weighs less, wrong. A and B: equal scores, and 40,000 is 2.5 times 16,000, hidden. The other four pairs are in order:
# `(1, 1)`.
#
# <details><summary>Hint</summary>
#
# `itertools.combinations(risks, 2)` gives every pair once. Equal expected losses are never wrong.
#
# </details>


# %% solution="matrix"
def misranked(risks, factor):
    """Pairs of risks that a matrix orders wrongly, and pairs whose difference it hides.

    Parameters
    ----------
    risks : list of list
        Likelihood score, impact score, chance and loss of each risk.
    factor : float
        From which ratio of expected losses on equal scores hide something.

    Returns
    -------
    tuple of int
        Wrong pairs and hidden pairs.
    """
    ### BEGIN SOLUTION
    wrong = hidden = 0
    rated = [(likelihood * impact, chance * loss) for likelihood, impact, chance, loss in risks]
    for place, (score, weight) in enumerate(rated):
        for other_score, other_weight in rated[:place]:
            if score == other_score:
                hidden += max(weight, other_weight) >= factor * min(weight, other_weight)
            else:
                wrong += (score - other_score) * (weight - other_weight) < 0
    return wrong, hidden
    ### END SOLUTION


# %% test="matrix"
check = Checks(3)
four = [[1, 5, 0.04, 1_000_000], [5, 1, 0.8, 20_000], [2, 3, 0.2, 150_000], [3, 3, 0.4, 140_000]]
with check(1, "the four risks above give (1, 1)", hint="two tests for each pair") as see:
    assert tuple(see(misranked(four, 2))) == (1, 1)
### BEGIN HIDDEN TESTS
from itertools import combinations

rng = np.random.default_rng(3)
many = [
    [int(a), int(b), int(p) / 16, int(x) * 1000]
    for a, b, p, x in zip(*rng.integers(1, 6, (2, 25)), rng.integers(1, 16, 25), rng.integers(1, 400, 25))
]
pairs = [((a[0] * a[1], a[2] * a[3]), (b[0] * b[1], b[2] * b[3])) for a, b in combinations(many, 2)]
wrong_pairs = sum((s > t and v < w) or (s < t and v > w) for (s, v), (t, w) in pairs)
hidden_pairs = {f: sum(s == t and max(v, w) >= f * min(v, w) for (s, v), (t, w) in pairs) for f in (2, 5)}
with check(1, "right for 25 other risks, and for another factor", hint="each pair once") as see:
    assert tuple(see(misranked(many, 2))) == (wrong_pairs, hidden_pairs[2])
    assert tuple(see(misranked(many, 5))) == (wrong_pairs, hidden_pairs[5])
with check(0.5, "the order of the list does not matter", hint="a pair has no first risk") as see:
    assert tuple(see(misranked(many[::-1], 2))) == (wrong_pairs, hidden_pairs[2])
with check(0.5, "equal expected losses, and exactly the factor", hint="smaller; at least") as see:
    assert tuple(see(misranked([[1, 2, 0.5, 8000], [3, 3, 0.25, 16000]], 2))) == (0, 0)
    assert tuple(see(misranked([[2, 3, 0.5, 8000], [3, 2, 0.5, 16000]], 2))) == (0, 1)
### END HIDDEN TESTS
check

# %% [markdown]
# ## 3 · A reserve without a simulation (3 points)
#
# For a handful of risks you can compute the reserve exactly, and see why neither the expected loss nor the sum of everything is one. Write
# `reserve(risks, level)`.
#
# - `risks`: a list of up to ten `[chance, loss]`, losses whole and positive, in **no particular order**. Each happens or not, independently of the others, and then costs
#   exactly its loss.
# - `level`: a whole number from 1 to 99, in percent.
# - Result: a pair `(expected, reserve)`: the expected total loss, and the **smallest possible total** (0 among them) that is not exceeded with a chance of at least
#   `level` percent. A chance that misses the level by less than 0.000000001 reaches it. (Simulated values scatter too much to pass.)
#
# **By hand.** A: 0.5 of 100. B: 0.2 of 300. Expected: 50 + 60 = 110.
#
# | total | chance | not exceeded with |
# |---|---|---|
# | 0 | 0.5 × 0.8 = 0.4 | 0.4 |
# | 100 (A) | 0.5 × 0.8 = 0.4 | 0.8 |
# | 300 (B) | 0.5 × 0.2 = 0.1 | 0.9 |
# | 400 (both) | 0.5 × 0.2 = 0.1 | 1.0 |
#
# At level 80 the answer is `(110, 100)`: less than the expected loss. At 90 it is `(110, 300)`, at 95 `(110, 400)`.
#
# <details><summary>Hint</summary>
#
# Start with `{0: 1.0}`, a dictionary from total to chance. Each risk turns every total into two: as it is with chance `1 - chance`, and `loss` more with `chance`.
# Then add up the chances from the smallest total on.
#
# </details>


# %% solution="reserve"
def reserve(risks, level):
    """Expected loss and exact reserve for independent risks.

    Parameters
    ----------
    risks : list of list
        Chance and loss of each.
    level : int
        Percent of the cases in which the reserve has to suffice, 1 to 99.

    Returns
    -------
    tuple of float
    """
    ### BEGIN SOLUTION
    totals = {0: 1.0}
    for chance, loss in risks:
        then = {}
        for total, known in totals.items():
            then[total] = then.get(total, 0) + known * (1 - chance)
            then[total + loss] = then.get(total + loss, 0) + known * chance
        totals = then
    covered = 0.0
    for total in sorted(totals):
        covered += totals[total]
        if covered >= level / 100 - 1e-9:
            break
    return sum(chance * loss for chance, loss in risks), total
    ### END SOLUTION


# %% test="reserve"
check = Checks(3)
with check(1, "A and B give 100 at level 80, 300 at 90 and 400 at 95", hint="four possible totals") as see:
    two = [[0.5, 100], [0.2, 300]]
    for level, enough in ((80, 100), (90, 300), (95, 400)):
        expected, reserved = see(reserve(two, level))
        assert math.isclose(expected, 110) and math.isclose(reserved, enough)
### BEGIN HIDDEN TESTS
from itertools import product


def exact(risks, level):
    cases = sorted(
        (
            sum(loss for on, (_, loss) in zip(which, risks) if on),
            math.prod(chance if on else 1 - chance for on, (chance, _) in zip(which, risks)),
        )
        for which in product((False, True), repeat=len(risks))
    )
    totals, chances = zip(*cases)
    return totals[int(np.argmax(np.cumsum(chances) >= level / 100 - 1e-9))]


seven = [[0.3, 40], [0.04, 900], [0.6, 25], [0.2, 120], [0.45, 60], [0.1, 300], [0.75, 10]]
mean = sum(chance * loss for chance, loss in seven)
with check(1, "right for seven risks at five levels", hint="equal totals belong together; sort them") as see:
    for level in (10, 50, 80, 95, 99):
        expected, reserved = see(reserve(seven, level))
        assert math.isclose(expected, mean) and math.isclose(reserved, exact(seven, level))
with check(0.5, "a surer reserve is never smaller, and the order of the risks does not matter", hint="sort the totals") as see:
    answers = [see(reserve(seven[::-1], level))[1] for level in (20, 60, 90)]
    assert np.allclose(answers, [exact(seven, level) for level in (20, 60, 90)])
with check(0.5, "one rare risk: nothing at 95, all of it at 99", hint="0 is a possible total") as see:
    assert np.allclose(see(reserve([[0.04, 5000]], 95)), [200, 0])
    assert np.allclose(see(reserve([[0.04, 5000]], 99)), [200, 5000])
### END HIDDEN TESTS
check

# %% [markdown]
# ## 4 · Weigh a response (3 points)
#
# A response was simulated with the same luck: run by run, what is lost without it and with it. Write `weigh(before, after, price, tolerance)`.
#
# - `before`, `after`: two lists of equal length. The same place is the same run. `after` does **not** yet contain what the response costs.
# - `price`: what it costs, in every run. `tolerance`: the loss that can be borne.
# - Result: a dictionary with four numbers:
#   - `"saved"`: what it saves on average, its price not deducted;
#   - `"over_before"`: the share of runs that lose **more than** the tolerance without it;
#   - `"over_after"`: the same with it, **its price included**;
#   - `"regretted"`: the share of runs in which you would have lost **less** without it: `after` and price together exceed `before`.
#
# **By hand.** `price` 25, `tolerance` 100:
#
# | run | before | after | after, price included | regretted |
# |---|---|---|---|---|
# | 1 | 0 | 0 | 25 | yes |
# | 2 | 40 | 10 | 35 | |
# | 3 | 300 | 60 | 85 | |
# | 4 | 0 | 0 | 25 | yes |
# | 5 | 120 | 100 | 125 | yes |
#
# Saved 0, 30, 240, 0, 20: on average 58. Over 100: two of five before (0.4), one of five after (0.2). Regretted: 0.6. It earns twice its price *and* is
# regretted more often than not: say so beforehand.
#
# <details><summary>Hint</summary>
#
# Make arrays of both lists; a comparison of arrays gives True and False, and their mean is a share. Keep the runs in their places.
#
# </details>


# %% solution="weigh"
def weigh(before, after, price, tolerance):
    """What a response does, from paired runs.

    Parameters
    ----------
    before, after : list of float
        Loss of each run without and with the response, its price not included.
    price : float
    tolerance : float

    Returns
    -------
    dict
        "saved", "over_before", "over_after" and "regretted".
    """
    ### BEGIN SOLUTION
    before, paid = np.array(before), np.array(after) + price
    return {
        "saved": float((before - paid).mean() + price),
        "over_before": float((before > tolerance).mean()),
        "over_after": float((paid > tolerance).mean()),
        "regretted": float((paid > before).mean()),
    }
    ### END SOLUTION


# %% test="weigh"
check = Checks(3)
KEYS = ["over_after", "over_before", "regretted", "saved"]
with check(1, "the five runs above", hint="where does the price belong?") as see:
    answer = see(weigh([0, 40, 300, 0, 120], [0, 10, 60, 0, 100], 25, 100))
    assert sorted(answer) == KEYS
    assert np.allclose([answer[key] for key in KEYS], [0.2, 0.4, 0.6, 58])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
lost = np.round(np.where(rng.random(300) < 0.4, rng.lognormal(4, 1, 300), 0)).tolist()
left = [round(loss * share) for loss, share in zip(lost, rng.choice([0, 0.3, 0.8], 300))]
with check(0.5, "saved and both shares on 300 other runs", hint="more than the tolerance; price included after") as see:
    answer = see(weigh(lost, left, 12, 40))
    total = np.array(left) + 12
    assert math.isclose(answer["saved"], np.mean(lost) - np.mean(left))
    assert math.isclose(answer["over_before"], np.mean(np.array(lost) > 40))
    assert math.isclose(answer["over_after"], np.mean(total > 40))
with check(0.5, "regretted on the same runs", hint="run by run, not sorted") as see:
    assert math.isclose(see(weigh(lost, left, 12, 40)["regretted"]), np.mean(total > np.array(lost)))
with check(0.5, "exactly the tolerance is borne, and exactly the price is not regretted", hint="more than; exceed") as see:
    answer = see(weigh([50, 80], [30, 30], 20, 50))
    assert np.allclose([answer[key] for key in KEYS], [0, 0.5, 0, 35])
with check(0.5, "a dearer response saves the same and is regretted no less often", hint="price enters two of the four") as see:
    answers = [see(weigh(lost, left, price, 40)) for price in (0, 30, 10_000)]
    assert np.allclose([a["saved"] for a in answers], np.mean(lost) - np.mean(left))
    assert np.allclose([a["regretted"] for a in answers], [0, np.mean(np.array(left) + 30 > np.array(lost)), 1])
### END HIDDEN TESTS
check

# %% [markdown]
# ## 5 · Spend a budget (3 points)
#
# Purchasing gives you a sum for responses, and asks which ones. Mean losses of different risks add up, so gains of several responses do too. Write
# `purchase(table, budget, seed)`.
#
# - `table`: a register as `planning.read_register` takes it, with at most six risks.
# - Price the responses with `planning.response_returns(register, rng=np.random.default_rng(seed), runs=2000)` and nothing else. A response *earns*
#   `saved` minus `cost_of_response`.
# - Result: the list of the risk ids whose responses earn most **together** and cost no more than `budget` **together**, sorted; `[]` if no
#   response both earns and can be paid. (No two sets earn the same.)

# %% readonly="small_register"
def a_register(rows):
    """A register of the numbers that count here; the other columns are filled in."""
    names = "risk_id probability impact_cost_p5 impact_cost_p95 cost_of_response residual_probability"
    table = pd.DataFrame(rows, columns=names.split())
    table = table.assign(title="a risk", cause="a fact", event="may happen", effect="a loss", category="data")
    table = table.assign(owner="Ana Kern", date_raised="2027-03-01", response="reduce", action="act", status="open")
    return table.assign(action_owner="Ana Kern", due="2027-04-30", trigger="errors > 1%")


small = a_register(
    [
        ("A", 0.5, 20_000, 90_000, 10_000, 0.1),
        ("B", 0.6, 50_000, 250_000, 40_000, 0.05),
        ("C", 0.5, 80_000, 300_000, 45_000, 0.05),
        ("D", 0.4, 10_000, 40_000, 12_000, 0.2),
    ]
)
priced = planning.response_returns(planning.read_register(small), rng=np.random.default_rng(2), runs=2000)
priced["earns"] = priced["saved"] - priced["cost_of_response"]
priced.drop(columns=["action", "saved_p80"]).round(2)

# %% [markdown]
# **By hand**, for this register and seed 2. A has the best return, {{ 100 * priced.return_on_response["A"]:.0f}} cents per dollar. With 85,000 dollars, A first and then B
# leaves too little for C: they earn {{ priced.earns["A"]:,.0f}} + {{ priced.earns["B"]:,.0f}} = {{ priced.earns[["A", "B"]].sum():,.0f}}. B and C cost just 85,000 and earn
# {{ priced.earns[["B", "C"]].sum():,.0f}}: `["B", "C"]`. With 60,000: `["A", "C"]`. With a million: `["A", "B", "C"]`; D does not earn.
#
# <details><summary>Hint</summary>
#
# Six responses make 64 sets: try all of them. `itertools.combinations(ids, size)` gives the sets of one size. Best return first is a good habit and not
# always the answer.
#
# </details>


# %% solution="purchase"
def purchase(table, budget, seed):
    """Risks whose responses earn most together within a budget.

    Parameters
    ----------
    table : pandas.DataFrame
        A register.
    budget : float
    seed : int
        For a new generator.

    Returns
    -------
    list of str
    """
    ### BEGIN SOLUTION
    from itertools import combinations

    register = planning.read_register(table)
    returns = planning.response_returns(register, rng=np.random.default_rng(seed), runs=2000)
    earns = returns["saved"] - returns["cost_of_response"]
    best, most = [], 0.0
    for size in range(1, len(returns) + 1):
        for ids in map(list, combinations(returns.index, size)):
            if returns.loc[ids, "cost_of_response"].sum() <= budget and earns[ids].sum() > most:
                best, most = sorted(ids), earns[ids].sum()
    return best
    ### END SOLUTION


# %% test="purchase"
check = Checks(3)
with check(1, "the register above with 85,000 and with 60,000", hint="compare sets, not single responses") as see:
    assert list(see(purchase(small, 85_000, 2))) == ["B", "C"]
    assert list(see(purchase(small, 60_000, 2))) == ["A", "C"]
### BEGIN HIDDEN TESTS
from itertools import combinations

larger = a_register(
    [
        ("P", 0.3, 100_000, 600_000, 60_000, 0.1),
        ("Q", 0.7, 20_000, 80_000, 15_000, 0.2),
        ("R", 0.2, 50_000, 900_000, 50_000, 0.02),
        ("S", 0.5, 10_000, 30_000, 20_000, 0.1),
        ("T", 0.6, 30_000, 120_000, 25_000, 0.2),
        ("U", 0.1, 200_000, 2_000_000, 30_000, 0.05),
    ]
)


def expected(table, budget, seed):
    register = planning.read_register(table)
    returns = planning.response_returns(register, rng=np.random.default_rng(seed), runs=2000)
    sets = [list(ids) for size in range(7) for ids in combinations(returns.index, size)]
    paid = {tuple(sorted(ids)): returns.loc[ids, "cost_of_response"].sum() for ids in sets}
    earned = {tuple(sorted(ids)): returns.loc[ids, "saved"].sum() for ids in sets}
    return list(max((ids for ids in paid if paid[ids] <= budget), key=lambda ids: earned[ids] - paid[ids]))


with check(1, "right for six responses, and for the four with another seed", hint="earns: saved minus cost") as see:
    assert list(see(purchase(larger, 80_000, 4))) == expected(larger, 80_000, 4)
    assert list(see(purchase(small, 85_000, 3))) == expected(small, 85_000, 3)
with check(0.5, "money left over buys nothing that does not earn", hint="a budget is no duty") as see:
    assert list(see(purchase(larger, 1_000_000, 4))) == expected(larger, 1_000_000, 4)
with check(0.5, "too little money buys nothing", hint="the empty list") as see:
    assert list(see(purchase(small, 9_000, 3))) == []
### END HIDDEN TESTS
check

# %% [markdown]
# ## 6 · Criteria that will stop you (3 points)
#
# The steering committee agreed on three sentences. Write them down so that `planning.evaluate_criteria` can judge them without you.
#
# 1. "If in week 8 doctors keep fewer than 60% of the drafts, we stop."
# 2. "In week 12 the share of letters with an error must be no more than 2%. If it is higher, the team has three weeks to cure it; else we write short
#    letters only."
# 3. "A letter may cost 40 cents in week 10, but not more, or we stop."
#
# Set `criteria` to a list of three dictionaries, in any order, each with `metric`, `op`, `threshold`, `by_week`, `action` and, if needed, `grace` (weeks). The
# condition is the one under which the program does **not** go on as it is.
#
# | metric | unit | | action | |
# |---|---|---|---|---|
# | `kept_share` | 0 to 1 | | `"kill"` | stop |
# | `error_share` | 0 to 1 | | `"pivot"` | short letters only |
# | `cost_per_letter` | dollars | | | |
#
# <details><summary>Hint</summary>
#
# "Must be no more than" is how it should be; the criterion says how it should *not* be. `planning.read_criteria(criteria)` tells
# you whether anything is missing.
#
# </details>

# %% solution="criteria"
criteria = ...
### BEGIN SOLUTION
criteria = [
    {"metric": "kept_share", "op": "<", "threshold": 0.6, "by_week": 8, "action": "kill"},
    {"metric": "error_share", "op": ">", "threshold": 0.02, "by_week": 12, "action": "pivot", "grace": 3},
    {"metric": "cost_per_letter", "op": ">", "threshold": 0.4, "by_week": 10, "action": "kill"},
]
### END SOLUTION

# %% test="criteria"
check = Checks(3)
with check(1, "three criteria that the engine can judge, one for each metric", hint="every part, in the table's words") as see:
    judges = planning.read_criteria(see(criteria))
    assert sorted(c.metric for c in judges) == ["cost_per_letter", "error_share", "kept_share"]
    assert {c.action for c in judges} == {"kill", "pivot"}
### BEGIN HIDDEN TESTS
def judged(metric, weeks):
    """What the learner's criterion for a metric says of a history, as "state action", by week."""
    if not hasattr(criteria, "__len__"):
        return criteria
    chosen = [c for c in planning.read_criteria(criteria) if c.metric == metric]
    table = planning.evaluate_criteria(pd.DataFrame({"week": list(weeks), metric: weeks.values()}), chosen)
    return [f"{state} {action}".strip() for state, action in zip(table["state"], table["action"])]


with check(0.6, "drafts that are not kept", hint="when, and what about exactly 60%?") as see:
    assert see(judged("kept_share", {7: 0.5, 8: 0.59})) == ["not due", "triggered kill"]
    assert judged("kept_share", {7: 0.5, 8: 0.6, 9: 0.5}) == ["not due", "cleared", "cleared"]
with check(0.8, "errors, with time to cure them", hint="weeks 12 to 15; above, not below") as see:
    ill = {11: 0.05, 12: 0.03, 14: 0.03, 15: 0.021}
    assert see(judged("error_share", ill)) == ["not due", "warning", "warning", "triggered pivot"]
    assert judged("error_share", {12: 0.03, 13: 0.02, 15: 0.03}) == ["warning", "cleared", "cleared"]
with check(0.6, "what a letter may cost", hint="40 cents are allowed") as see:
    assert see(judged("cost_per_letter", {9: 0.9, 10: 0.41})) == ["not due", "triggered kill"]
    assert judged("cost_per_letter", {10: 0.4}) == ["cleared"]
### END HIDDEN TESTS
check

# %% [markdown]
# ## 7 · Review a risk review (2 points)
#
# Five sentences from a risk review. One holds. For each of the others, name what is wrong.
#
# - **A.** "The expected losses add up to \$230,000. With a reserve of \$230,000 we are on the safe side."
# - **B.** "The insurance costs \$60,000 and saves \$37,000 on average. We take it all the same: a loss above \$700,000 would close a clinic, and
#   the insurance brings its chance from 5% to under 1%; our limit is 2%."
# - **C.** "L1 and L6 both have a score of 5, so they get equal attention." L1 may cost a million, L6 thirty thousand.
# - **D.** "Simulated on Monday with the response: a mean loss of \$205,000. Simulated today without it, with a new seed: \$212,000. The response saves \$7,000."
# - **E.** "In week 12 recall was below the line that we all signed. But it is rising, so let us look again in a month."
#
# | word | meaning |
# |---|---|
# | `"holds"` | nothing is wrong |
# | `"mean_is_no_reserve"` | on average is not most of the time |
# | `"levels_added"` | bad luck of all at once is rarer than bad luck of each |
# | `"scores_compress"` | equal scores do not mean equal losses |
# | `"other_luck"` | two differences are mixed, and one of them is chance |
# | `"line_moved"` | the criterion is changed when it strikes |
# | `"no_owner"` | nobody is named who would act |
#
# Set `verdicts` to a dictionary from letter to word. `"holds"` is used once, no word twice; two words are left over. Keeping to that earns 0.75; each letter
# earns 0.25 more. The form, with answers that are not right:
#
# ```python
# verdicts = {
#     "A": "no_owner",
#     "B": ...,
# }
# ```
#
# <details><summary>Hint</summary>
#
# B: there are two honest reasons to pay for a response. D: what would the difference be between two simulations *without* the response?
#
# </details>

# %% solution="review"
verdicts = ...
### BEGIN SOLUTION
verdicts = {
    "A": "mean_is_no_reserve",
    "B": "holds",
    "C": "scores_compress",
    "D": "other_luck",
    "E": "line_moved",
}
### END SOLUTION

# %% test="review"
check = Checks(2)
with check(0.75, "five letters, five different words of the table, one of them holds", hint="every letter once") as see:
    assert sorted(see(verdicts)) == ["A", "B", "C", "D", "E"]
    words = {
        "holds", "mean_is_no_reserve", "levels_added", "scores_compress", "other_luck", "line_moved", "no_owner",
    }  # fmt: skip
    assert len(set(verdicts.values())) == 5
    assert set(verdicts.values()) <= words and "holds" in verdicts.values()
### BEGIN HIDDEN TESTS
with check(0.25, "A: the reserve", hint="in what share of the runs would it suffice?") as see:
    assert see(verdicts)["A"] == "mean_is_no_reserve"
with check(0.25, "B: the insurance", hint="what is it bought for?") as see:
    assert see(verdicts)["B"] == "holds"
with check(0.25, "C: equal attention", hint="what is multiplied in a score?") as see:
    assert see(verdicts)["C"] == "scores_compress"
with check(0.25, "D: Monday and today", hint="what differs between the two simulations?") as see:
    assert see(verdicts)["D"] == "other_luck"
with check(0.25, "E: another month", hint="who may change a criterion, and when?") as see:
    assert see(verdicts)["E"] == "line_moved"
### END HIDDEN TESTS
check

# %% [markdown]
# ## 8 · Memo: reserve, responses, and when to stop (10 points)
#
# Letterbox has six risks. The cell below prices them: a working day of delay costs \$6,000, and the board wants a loss above \$700,000 to have a chance of at
# most 2%. "In all" includes what is paid for the responses. Everything in it is invented or simulated.

# %% readonly="evidence"
from io import StringIO

WORDS = """
risk_id;title;cause;event;effect;category;owner
L1;dropped medicine;letters must name every medicine;the model drops one;a patient is harmed;quality;Nia Bell
L2;records;clinics use two record systems;one changes its interface;the connection is rebuilt;technical;Tom Reyes
L3;consent;letters hold health data;training on them is forbidden;notes are collected anew;legal;Ana Kern
L4;doctors;doctors are paid per patient seen;they leave the drafts unread;nothing is saved;people;Nia Bell
L5;only expert;one engineer knows both systems;he leaves;others learn them;people;Tom Reyes
L6;model price;the model is rented by the letter;its price rises;each letter costs more;vendor;Ana Kern
"""
NUMBERS = """
risk_id;probability;impact_cost_p5;impact_cost_p95;impact_days_p5;impact_days_p95;trigger
L1;0.05;200000;2000000;;;dropped_medicines >= 1
L2;0.40;15000;70000;5;25;failed_transfers > 1%
L3;0.15;40000;200000;15;60;open_privacy_findings >= 1
L4;0.35;60000;250000;;;kept_share < 0.6
L5;0.20;20000;60000;15;45;people_who_know < 2
L6;0.50;10000;60000;;;price_per_letter > 0.05
"""
RESPONSES = """
risk_id;response;action;action_owner;due;cost_of_response;residual_probability;residual_impact
L1;reduce;a pharmacist reads a daily sample;Nia Bell;2027-05-03;60000;0.01;0.5
L2;reduce;weekly test of the new interface;Tom Reyes;2027-04-12;25000;0.15;0.7
L3;avoid;consent before training;Ana Kern;2027-04-05;35000;0.03;0.6
L4;reduce;design the draft with six doctors;Nia Bell;2027-04-19;30000;0.15;0.8
L5;reduce;pair a second engineer;Tom Reyes;2027-04-26;20000;0.20;0.3
L6;transfer;fix the price for two years;Ana Kern;2027-05-10;40000;0.05;1
"""
words, numbers, responses = (pd.read_csv(StringIO(t), sep=";") for t in (WORDS, NUMBERS, RESPONSES))
table = words.merge(numbers).merge(responses).assign(date_raised="2027-03-01", status="open")
register = planning.read_register(table)
earning = ["L2", "L3", "L4", "L5"]


def losses_of(chosen):
    rng = np.random.default_rng(12)
    return planning.simulate_losses(register.events(chosen), rng=rng, runs=20_000, cost_of_delay=6000)


rows = {}
for name, chosen in {
    "no response": [],
    "the four that earn": earning,
    "the four and the pharmacist": [*earning, "L1"],
    "all six": list(register.table.index),
}.items():
    paid = register.cost_of(chosen)
    total = losses_of(chosen) + paid
    rows[name] = [paid, total.mean(), *(planning.contingency(total, p) for p in (80, 95)), (total > 700_000).mean()]
options = pd.DataFrame(rows, index=["paid now", "mean in all", "P80 in all", "P95 in all", "over 700,000"]).T
options = options.round(dict.fromkeys(options.columns[:4], -3) | {"over 700,000": 3})
nothing = losses_of([])
mean_suffices = (nothing <= nothing.mean()).mean()
print(f"a reserve of the mean suffices in {mean_suffices:.0%} of the runs without responses")
print("pilot, week 8 of 24: kept_share 0.63 of 120 letters; dropped medicines 0; signed criteria: none")
options.astype(dict.fromkeys(options.columns[:4], int))

# %% readonly="returns"
returns = planning.response_returns(
    register, rng=np.random.default_rng(12), runs=20_000, cost_of_delay=6000, p=95
)
returns.round({"saved": -2, "saved_p95": -2, "return_on_response": 2})

# %% [markdown] task="memo_risk"
# **Larkfield's finance director writes:** "How much do I set aside for Letterbox, which of your six responses do I pay for, and who tells us to stop,
# and when?"
#
# Answer in **at most 220 words**, for a reader who knows money and not simulation. Give the reserve, at a level you name in words, and what is paid
# now; which responses you want, which not, and why; two criteria to pivot or stop (measure, line, week, action, and who signs); and what your figures do not know. Whether the pharmacist is
# worth it is up to you.
#
# === BEGIN MARK SCHEME ===
# **Figures** (accept any sensible rounding): without responses mean \${{ options.iloc[0, 1]:,.0f}}, P80 \${{ options.iloc[0, 2]:,.0f}}, over \$700,000 in
# {{ options.iloc[0, 4]:.1%}}. The four that earn: paid \$110,000, P80 in all \${{ options.iloc[1, 2]:,.0f}}, so the reserve proper is \${{ options.iloc[1, 2] - 110_000:,.0f}};
# over \$700,000 in {{ options.iloc[1, 4]:.1%}}. With the pharmacist: paid \$170,000, P80 in all \${{ options.iloc[2, 2]:,.0f}}, reserve
# \${{ options.iloc[2, 2] - 170_000:,.0f}}; over \$700,000 in {{ options.iloc[2, 4]:.1%}}. Only sets with L1 keep the board's 2%. Without L1 is defensible only if the memo
# says that the rule is then broken and proposes who decides. Counting what is paid twice (reserve "in all" plus price) or leaving it out without a word: *correct* at most level 2. A memo that treats
# harm to a patient as more than money earns credit under *responses*. Over 220 words: *criteria* at most level 2.
#
# **Level 4** is the sample in the answer cell.
#
# **Level 3.** "Please release \$170,000 for five responses and hold \${{ options.iloc[2, 2] - 170_000:,.0f}}, which suffices in four cases of five. Four responses save more than they cost. The
# pharmacist costs more than she saves on average, but brings a loss above \$700,000 from {{ options.iloc[1, 4]:.0%}} to under 1%, below the board's 2%. We do not fix the model price. We stop if
# kept drafts are below 60% in week 12, and go back to templates if one medicine is dropped by week 16. The chances are our teams' own estimates."
# (Right, reasoned, criteria with state, date and action; nobody signs, and only one limit is named.)
#
# **Level 2.** "Our expected loss is \${{ options.iloc[0, 1]:,.0f}}, so set that aside. We buy the responses with the best return. If quality is not good enough we will
# pivot. There are uncertainties." (The mean as a reserve; no prices; a vague criterion.)
#
# **Level 1.** "We have one red and three amber risks and are managing them closely. We need all six responses and a buffer of 20%." (No figure from the evidence, no
# criterion.)
# === END MARK SCHEME ===

# %% [markdown] written="memo_risk"
# **Please pay \$170,000 for five responses now and hold \${{ options.iloc[2, 2] - 170_000:,.0f}} in reserve.** Together that suffices in four cases of five. The mean loss
# would be no reserve: without responses it suffices in only {{ mean_suffices:.0%}} of cases.
#
# **Pay for:** consent before training, interface tests, a second engineer, and doctors in the design. Each saves more than it costs, the last one barely. The pharmacist
# (\$60,000) does not pay for herself: she saves about \${{ returns.saved["L1"] / 1000:.0f}},000 on average. I want her because a dropped medicine harms a patient, and because only with
# her does a loss above \$700,000 stay within the board's 2%: {{ options.iloc[2, 4]:.1%}} instead of {{ options.iloc[1, 4]:.1%}}. **Not:** fixing the model price; it saves a third of its
# cost.
#
# **When we stop.** Kept drafts below 60% in week 12, measured on 500 letters: we go back to templates. A dropped medicine in the pharmacist's sample by week 16, not cured within two weeks: short
# letters without medicines. You sign the first, the medical director the second, this week; either changes only in writing, before its date.
#
# **What the figures do not know.** The chances are our teams' estimates, the risks are taken as independent, and the pilot's 63% rests on 120
# letters. I repeat this when the pilot ends; closed risks give their reserve back.

# %% exercise="repair" mutant="the chance is raised until the engine is content" score=2.6
repaired = {
    "D2": {"owner": "Ines Roy"},
    "D3": {"trigger": "kappa < 0.7"},
    "D4": {"impact_cost_p5": 20_000, "impact_cost_p95": 90_000},
    "D5": {"probability": 0.25},
    "D6": {"response": "reduce", "probability": 0.5, "due": "2027-04-30"},
}


# %% exercise="repair" mutant="names and signs made up" score=2.2
repaired = {
    "D2": {"owner": "Ana Kern"},
    "D3": {"trigger": "quarrels >= 1"},
    "D4": {"impact_cost_p5": 20_000, "impact_cost_p95": 90_000},
    "D5": {"probability": 0.25},
    "D6": {"response": "reduce", "residual_probability": 0.1, "due": "2027-04-30"},
}


# %% exercise="repair" mutant="the agreement that is wanted, not the one that worries" score=2.6
repaired = {
    "D2": {"owner": "Ines Roy"},
    "D3": {"trigger": "kappa > 0.7"},
    "D4": {"impact_cost_p5": 20_000, "impact_cost_p95": 90_000},
    "D5": {"probability": 0.25},
    "D6": {"response": "reduce", "residual_probability": 0.1, "due": "2027-04-30"},
}


# %% exercise="repair" mutant="one year in four taken for one in eight, and the laptop's low end left at its high one" score=2.2
repaired = {
    "D2": {"owner": "Ines Roy"},
    "D3": {"trigger": "kappa < 0.7"},
    "D4": {"impact_cost_p95": 90_000},
    "D5": {"probability": 0.125},
    "D6": {"response": "reduce", "residual_probability": 0.1, "due": "2027-04-30"},
}


# %% exercise="repair" mutant="half of the notes read" score=0.8
repaired = {"D2": {"owner": "Ines Roy"}, "D5": {"probability": 0.25}}


# %% exercise="repair" mutant="a row without a problem is changed too" score=2
repaired = {
    "D1": {"response": "reduce"},
    "D2": {"owner": "Ines Roy"},
    "D3": {"trigger": "kappa < 0.7"},
    "D4": {"impact_cost_p5": 20_000, "impact_cost_p95": 90_000},
    "D5": {"probability": 0.25},
    "D6": {"response": "reduce", "residual_probability": 0.1, "due": "2027-04-30"},
}


# %% exercise="repair" equivalent="numpy numbers, and a condition in other words"
repaired = {
    "D2": {"owner": "Ines Roy"},
    "D3": {"trigger": "kappa<70%"},
    "D4": dict(zip(["impact_cost_p5", "impact_cost_p95"], np.array([20_000, 90_000]))),
    "D5": {"probability": np.float64(0.25)},
    "D6": {"response": "reduce", "residual_probability": 0.1, "due": "2027-04-30"},
}


# %% exercise="repair" equivalent="whole rows, read off a repaired table"
mended = draft.set_index("risk_id")
mended.loc["D2", "owner"] = "Ines Roy"
mended.loc["D3", "trigger"] = "kappa < 0.70"
mended.loc["D4", ["impact_cost_p5", "impact_cost_p95"]] = [20000, 90000]
mended.loc["D5", "probability"] = 1 / 4
mended.loc["D6", ["response", "residual_probability", "due"]] = ["reduce", 0.1, "2027-04-30"]
repaired = {id: row.to_dict() for id, row in mended.drop("D1").iterrows()}


# %% exercise="matrix" mutant="every pair counted twice" score=0
def misranked(risks, factor):
    wrong = hidden = 0
    for a in risks:
        for b in risks:
            (s, v), (t, w) = ((x[0] * x[1], x[2] * x[3]) for x in (a, b))
            wrong += (s - t) * (v - w) < 0
            hidden += a is not b and s == t and max(v, w) >= factor * min(v, w)
    return wrong, hidden


# %% exercise="matrix" mutant="only neighbours in the list are compared" score=0.5
def misranked(risks, factor):
    wrong = hidden = 0
    for a, b in zip(risks, risks[1:]):
        (s, v), (t, w) = ((x[0] * x[1], x[2] * x[3]) for x in (a, b))
        wrong += (s - t) * (v - w) < 0
        hidden += s == t and max(v, w) >= factor * min(v, w)
    return wrong, hidden


# %% exercise="matrix" mutant="likelihood and impact added" score=0.5
def misranked(risks, factor):
    from itertools import combinations

    wrong = hidden = 0
    for (s, v), (t, w) in combinations([(a + b, p * x) for a, b, p, x in risks], 2):
        wrong += (s - t) * (v - w) < 0
        hidden += s == t and max(v, w) >= factor * min(v, w)
    return wrong, hidden


# %% exercise="matrix" mutant="the loss instead of the expected loss" score=0.5
def misranked(risks, factor):
    from itertools import combinations

    wrong = hidden = 0
    for (s, v), (t, w) in combinations([(a * b, x) for a, b, p, x in risks], 2):
        wrong += (s - t) * (v - w) < 0
        hidden += s == t and max(v, w) >= factor * min(v, w)
    return wrong, hidden


# %% exercise="matrix" mutant="equal expected losses are wrong, exactly the factor is not hidden" score=2.5
def misranked(risks, factor):
    from itertools import combinations

    wrong = hidden = 0
    for (s, v), (t, w) in combinations([(a * b, p * x) for a, b, p, x in risks], 2):
        wrong += s != t and (s - t) * (v - w) <= 0
        hidden += s == t and max(v, w) > factor * min(v, w)
    return wrong, hidden


# %% exercise="matrix" mutant="hidden only if the first one is larger" score=1
def misranked(risks, factor):
    from itertools import combinations

    wrong = hidden = 0
    for (s, v), (t, w) in combinations([(a * b, p * x) for a, b, p, x in risks], 2):
        wrong += (s - t) * (v - w) < 0
        hidden += s == t and v >= factor * w
    return wrong, hidden


# %% exercise="matrix" mutant="a factor of two always" score=2
def misranked(risks, factor):
    from itertools import combinations

    wrong = hidden = 0
    for (s, v), (t, w) in combinations([(a * b, p * x) for a, b, p, x in risks], 2):
        wrong += (s - t) * (v - w) < 0
        hidden += s == t and max(v, w) >= 2 * min(v, w)
    return wrong, hidden


# %% exercise="matrix" mutant="the worked example typed in" score=1
def misranked(risks, factor):
    return 1, 1


# %% exercise="matrix" equivalent="numpy, all pairs at once"
def misranked(risks, factor):
    a, b, p, x = np.array(risks, dtype=float).T
    score, weight = a * b, p * x
    i, j = np.triu_indices(len(risks), 1)
    equal = score[i] == score[j]
    high, low = np.maximum(weight[i], weight[j]), np.minimum(weight[i], weight[j])
    wrong = (np.sign(score[i] - score[j]) * np.sign(weight[i] - weight[j]) < 0).sum()
    return wrong, (equal & (high >= factor * low)).sum()


# %% exercise="matrix" equivalent="combinations, a list as the result"
from itertools import combinations


def misranked(risks, factor):
    found = [0, 0]
    for one, other in combinations(risks, 2):
        low, high = sorted((one, other), key=lambda r: r[0] * r[1])
        light, heavy = low[2] * low[3], high[2] * high[3]
        if low[0] * low[1] < high[0] * high[1]:
            found[0] += heavy < light
        else:
            found[1] += max(light, heavy) / min(light, heavy) >= factor
    return found


# %% exercise="matrix" equivalent="pandas, every pair twice and halved"
def misranked(risks, factor):
    table = pd.DataFrame(risks, columns=["a", "b", "p", "x"])
    table = pd.DataFrame({"score": table.a * table.b, "weight": table.p * table.x}).reset_index()
    pairs = table.merge(table, how="cross")
    pairs = pairs[pairs["index_x"] != pairs["index_y"]]
    wrong = ((pairs.score_x > pairs.score_y) & (pairs.weight_x < pairs.weight_y)).sum()
    hidden = ((pairs.score_x == pairs.score_y) & (pairs.weight_x >= factor * pairs.weight_y)).sum()
    return int(wrong), int(hidden)


# %% exercise="reserve" mutant="the expected loss is the reserve" score=0
def reserve(risks, level):
    expected = sum(p * x for p, x in risks)
    return expected, expected


# %% exercise="reserve" mutant="each risk's own level, added up" score=0.5
def reserve(risks, level):
    expected = sum(p * x for p, x in risks)
    return expected, sum(x for p, x in risks if p > 1 - level / 100)


# %% exercise="reserve" mutant="everything at once" score=0
def reserve(risks, level):
    return sum(p * x for p, x in risks), sum(x for p, x in risks)


# %% exercise="reserve" mutant="simulated, and interpolated" score=0.5
def reserve(risks, level):
    rng = np.random.default_rng(0)
    p, x = np.array(risks, dtype=float).T
    totals = (rng.random((20_000, len(p))) < p) @ x
    return totals.mean(), np.percentile(totals, level)


# %% exercise="reserve" mutant="more than the level, not at least" score=2
def reserve(risks, level):
    from itertools import product

    cases = sorted(
        (
            sum(x for on, (p, x) in zip(which, risks) if on),
            math.prod(p if on else 1 - p for on, (p, x) in zip(which, risks)),
        )
        for which in product((0, 1), repeat=len(risks))
    )
    covered = 0
    for total, chance in cases:
        covered += chance
        if covered > level / 100 + 1e-9:
            break
    return sum(p * x for p, x in risks), total


# %% exercise="reserve" mutant="totals in the order in which they arise" score=1.5
def reserve(risks, level):
    totals = {0: 1.0}
    for p, x in risks:
        for total, known in list(totals.items()):
            totals[total] = totals[total] - known * p
            totals[total + x] = totals.get(total + x, 0) + known * p
    covered = 0
    for total, chance in totals.items():
        covered += chance
        if covered >= level / 100 - 1e-9:
            break
    return sum(p * x for p, x in risks), total


# %% exercise="reserve" mutant="level 80 always" score=0
def reserve(risks, level):
    from itertools import product

    cases = sorted(
        (
            sum(x for on, (p, x) in zip(which, risks) if on),
            math.prod(p if on else 1 - p for on, (p, x) in zip(which, risks)),
        )
        for which in product((0, 1), repeat=len(risks))
    )
    covered = np.cumsum([chance for _, chance in cases])
    return sum(p * x for p, x in risks), cases[int(np.argmax(covered >= 0.8 - 1e-9))][0]


# %% exercise="reserve" equivalent="every combination"
from itertools import product


def reserve(risks, level):
    cases = []
    for which in product((False, True), repeat=len(risks)):
        chance, total = 1.0, 0
        for on, (p, x) in zip(which, risks):
            chance *= p if on else 1 - p
            total += x * on
        cases.append((total, chance))
    covered = 0
    for total, chance in sorted(cases):
        covered += chance
        if round(covered, 9) >= level / 100:
            return sum(p * x for p, x in risks), total


# %% exercise="reserve" equivalent="numpy, a convolution over all dollars"
def reserve(risks, level):
    chance = np.ones(1)
    for p, x in risks:
        one = np.zeros(int(x) + 1)
        one[0], one[-1] = 1 - p, p
        chance = np.convolve(chance, one)
    covered = np.round(np.cumsum(chance), 9)
    possible = np.flatnonzero(chance > 0)
    enough = possible[np.searchsorted(covered[possible], level / 100)]
    return [np.dot(np.arange(len(chance)), chance), enough]


# %% exercise="weigh" mutant="the price forgotten after" score=1.5
def weigh(before, after, price, tolerance):
    before, after = np.array(before), np.array(after)
    return {
        "saved": (before - after).mean(),
        "over_before": (before > tolerance).mean(),
        "over_after": (after > tolerance).mean(),
        "regretted": (after + price > before).mean(),
    }


# %% exercise="weigh" mutant="the price deducted from what is saved" score=0.5
def weigh(before, after, price, tolerance):
    before, paid = np.array(before), np.array(after) + price
    return {
        "saved": (before - paid).mean(),
        "over_before": (before > tolerance).mean(),
        "over_after": (paid > tolerance).mean(),
        "regretted": (paid > before).mean(),
    }


# %% exercise="weigh" mutant="exactly the tolerance is too much" score=2
def weigh(before, after, price, tolerance):
    before, paid = np.array(before), np.array(after) + price
    return {
        "saved": (before - paid).mean() + price,
        "over_before": (before >= tolerance).mean(),
        "over_after": (paid >= tolerance).mean(),
        "regretted": (paid > before).mean(),
    }


# %% exercise="weigh" mutant="runs sorted before they are compared" score=1
def weigh(before, after, price, tolerance):
    before, paid = np.sort(before), np.sort(after) + price
    return {
        "saved": (before - paid).mean() + price,
        "over_before": (before > tolerance).mean(),
        "over_after": (paid > tolerance).mean(),
        "regretted": (paid > before).mean(),
    }


# %% exercise="weigh" mutant="not gained counts as regretted" score=1.5
def weigh(before, after, price, tolerance):
    before, paid = np.array(before), np.array(after) + price
    return {
        "saved": (before - paid).mean() + price,
        "over_before": (before > tolerance).mean(),
        "over_after": (paid > tolerance).mean(),
        "regretted": (paid >= before).mean(),
    }


# %% exercise="weigh" mutant="counts instead of shares" score=0
def weigh(before, after, price, tolerance):
    before, paid = np.array(before), np.array(after) + price
    return {
        "saved": (before - paid).mean() + price,
        "over_before": (before > tolerance).sum(),
        "over_after": (paid > tolerance).sum(),
        "regretted": (paid > before).sum(),
    }


# %% exercise="weigh" mutant="the worked example typed in" score=1
def weigh(before, after, price, tolerance):
    return {"saved": 58, "over_before": 0.4, "over_after": 0.2, "regretted": 0.6}


# %% exercise="weigh" equivalent="pure Python"
def weigh(before, after, price, tolerance):
    n = len(before)
    return {
        "saved": sum(b - a for b, a in zip(before, after)) / n,
        "over_before": sum(b > tolerance for b in before) / n,
        "over_after": sum(a + price > tolerance for a in after) / n,
        "regretted": sum(a + price > b for b, a in zip(before, after)) / n,
    }


# %% exercise="weigh" equivalent="pandas"
def weigh(before, after, price, tolerance):
    runs = pd.DataFrame({"before": before, "after": after}).assign(paid=lambda r: r["after"] + price)
    over = runs[["before", "paid"]].gt(tolerance).mean()
    return {
        "saved": runs["before"].mean() - runs["after"].mean(),
        "over_before": over["before"],
        "over_after": over["paid"],
        "regretted": runs.eval("paid > before").mean(),
    }


# %% exercise="weigh" equivalent="with the engine's exceedance"
def weigh(before, after, price, tolerance):
    paid = [loss + price for loss in after]
    over = [planning.loss_exceedance(x, tolerance)["probability"].iloc[0] for x in (before, paid)]
    gain = np.subtract(before, paid)
    return {
        "saved": float(np.mean(gain)) + price,
        "over_before": over[0],
        "over_after": over[1],
        "regretted": float(np.mean(gain < 0)),
    }


# %% exercise="purchase" mutant="best return first" score=1
def purchase(table, budget, seed):
    returns = planning.response_returns(
        planning.read_register(table), rng=np.random.default_rng(seed), runs=2000
    )
    chosen = []
    for id, row in returns[returns["return_on_response"] > 0].iterrows():
        if row["cost_of_response"] <= budget:
            chosen.append(id)
            budget -= row["cost_of_response"]
    return sorted(chosen)


# %% exercise="purchase" mutant="all that earn, whatever the budget" score=0.5
def purchase(table, budget, seed):
    returns = planning.response_returns(
        planning.read_register(table), rng=np.random.default_rng(seed), runs=2000
    )
    return sorted(returns.index[returns["return_on_response"] > 0])


# %% exercise="purchase" mutant="most saved, its price forgotten" score=1.5
def purchase(table, budget, seed):
    from itertools import combinations

    returns = planning.response_returns(
        planning.read_register(table), rng=np.random.default_rng(seed), runs=2000
    )
    sets = [list(ids) for k in range(len(returns) + 1) for ids in combinations(returns.index, k)]
    paid = [ids for ids in sets if returns.loc[ids, "cost_of_response"].sum() <= budget]
    return sorted(max(paid, key=lambda ids: returns.loc[ids, "saved"].sum()))


# %% exercise="purchase" mutant="the single best response" score=0.5
def purchase(table, budget, seed):
    returns = planning.response_returns(
        planning.read_register(table), rng=np.random.default_rng(seed), runs=2000
    )
    earns = returns["saved"] - returns["cost_of_response"]
    earns = earns[(returns["cost_of_response"] <= budget) & (earns > 0)]
    return [earns.idxmax()] if len(earns) else []


# %% exercise="purchase" mutant="the worked example typed in" score=1
def purchase(table, budget, seed):
    return ["B", "C"] if budget == 85_000 else ["A", "C"]


# %% exercise="purchase" equivalent="bits"
def purchase(table, budget, seed):
    register = planning.read_register(table)
    returns = planning.response_returns(register, rng=np.random.default_rng(seed), runs=2000)
    cost, earns = returns["cost_of_response"].to_numpy(), (returns["saved"] - returns["cost_of_response"]).to_numpy()
    bits = (np.arange(2 ** len(cost))[:, None] >> np.arange(len(cost))) & 1
    total = np.where(bits @ cost <= budget, bits @ earns, -np.inf)
    return sorted(returns.index[bits[total.argmax()] == 1].tolist())


# %% exercise="purchase" equivalent="an integer program"
from scipy.optimize import Bounds, LinearConstraint, milp


def purchase(table, budget, seed):
    returns = planning.response_returns(
        planning.read_register(table), rng=np.random.default_rng(seed), runs=2000
    )
    earns = returns["saved"] - returns["cost_of_response"]
    limit = LinearConstraint(returns[["cost_of_response"]].T.to_numpy(), -np.inf, budget)
    n = len(returns)
    found = milp(-earns.to_numpy(), constraints=limit, integrality=np.ones(n), bounds=Bounds(0, 1))
    return sorted(id for id, x in zip(returns.index, found.x) if x > 0.5)


# %% exercise="purchase" equivalent="take it or leave it, a tuple as the result"
def purchase(table, budget, seed):
    register = planning.read_register(table)
    returns = planning.response_returns(register, rng=np.random.default_rng(seed), runs=2000)
    offers = [(id, r.cost_of_response, r.saved - r.cost_of_response) for id, r in returns.iterrows()]

    def best(offers, left):
        if not offers:
            return 0.0, ()
        (id, cost, earns), rest = offers[0], offers[1:]
        without = best(rest, left)
        if cost > left:
            return without
        gain, ids = best(rest, left - cost)
        return max(without, (gain + earns, (id, *ids)))

    return tuple(sorted(best(offers, budget)[1]))


# %% exercise="criteria" mutant="the conditions of success" score=1
criteria = [
    {"metric": "kept_share", "op": ">=", "threshold": 0.6, "by_week": 8, "action": "kill"},
    {"metric": "error_share", "op": "<=", "threshold": 0.02, "by_week": 12, "action": "pivot", "grace": 3},
    {"metric": "cost_per_letter", "op": "<=", "threshold": 0.4, "by_week": 10, "action": "kill"},
]


# %% exercise="criteria" mutant="the line itself stops the program" score=1
criteria = [
    {"metric": "kept_share", "op": "<=", "threshold": 0.6, "by_week": 8, "action": "kill"},
    {"metric": "error_share", "op": ">=", "threshold": 0.02, "by_week": 12, "action": "pivot", "grace": 3},
    {"metric": "cost_per_letter", "op": ">=", "threshold": 0.4, "by_week": 10, "action": "kill"},
]


# %% exercise="criteria" mutant="no time to cure" score=2.2
criteria = [
    {"metric": "kept_share", "op": "<", "threshold": 0.6, "by_week": 8, "action": "kill"},
    {"metric": "error_share", "op": ">", "threshold": 0.02, "by_week": 12, "action": "pivot"},
    {"metric": "cost_per_letter", "op": ">", "threshold": 0.4, "by_week": 10, "action": "kill"},
]


# %% exercise="criteria" mutant="judged only when the grace is over" score=2.2
criteria = [
    {"metric": "kept_share", "op": "<", "threshold": 0.6, "by_week": 8, "action": "kill"},
    {"metric": "error_share", "op": ">", "threshold": 0.02, "by_week": 15, "action": "pivot"},
    {"metric": "cost_per_letter", "op": ">", "threshold": 0.4, "by_week": 10, "action": "kill"},
]


# %% exercise="criteria" mutant="percent and cents as they are spoken" score=1
criteria = [
    {"metric": "kept_share", "op": "<", "threshold": 60, "by_week": 8, "action": "kill"},
    {"metric": "error_share", "op": ">", "threshold": 2, "by_week": 12, "action": "pivot", "grace": 3},
    {"metric": "cost_per_letter", "op": ">", "threshold": 40, "by_week": 10, "action": "kill"},
]


# %% exercise="criteria" mutant="no dates" score=0
criteria = [
    {"metric": "kept_share", "op": "<", "threshold": 0.6, "action": "kill"},
    {"metric": "error_share", "op": ">", "threshold": 0.02, "action": "pivot", "grace": 3},
    {"metric": "cost_per_letter", "op": ">", "threshold": 0.4, "action": "kill"},
]


# %% exercise="criteria" equivalent="another order, grace spelled out, numpy numbers"
criteria = [
    {"metric": "cost_per_letter", "op": ">", "threshold": np.float64(0.40), "by_week": 10, "action": "kill", "grace": 0},
    {"metric": "kept_share", "op": "<", "threshold": 60 / 100, "by_week": np.int64(8), "action": "kill", "grace": 0},
    {"metric": "error_share", "op": ">", "threshold": 2 / 100, "by_week": 12, "action": "pivot", "grace": 3},
]


# %% exercise="criteria" equivalent="a table turned into dictionaries"
criteria = pd.DataFrame(
    [
        ("kept_share", "<", 0.6, 8, "kill", None),
        ("error_share", ">", 0.02, 12, "pivot", 3),
        ("cost_per_letter", ">", 0.4, 10, "kill", None),
    ],
    columns=["metric", "op", "threshold", "by_week", "action", "grace"],
).to_dict("records")


# %% exercise="review" mutant="the insurance is rejected because it does not earn" score=1.25
verdicts = {
    "A": "holds",
    "B": "mean_is_no_reserve",
    "C": "scores_compress",
    "D": "no_owner",
    "E": "line_moved",
}


# %% exercise="review" mutant="everything holds" score=0.25
verdicts = dict.fromkeys("ABCDE", "holds")


# %% exercise="review" mutant="levels added for the mean" score=1.75
verdicts = {
    "A": "levels_added",
    "B": "holds",
    "C": "scores_compress",
    "D": "other_luck",
    "E": "line_moved",
}


# %% exercise="review" mutant="words of one's own" score=0
verdicts = {"A": "wrong", "B": "right", "C": "matrix", "D": "seed", "E": "sunk cost"}


# %% exercise="review" mutant="one letter left out" score=1
verdicts = {
    "A": "mean_is_no_reserve",
    "B": "holds",
    "C": "scores_compress",
    "D": "other_luck",
}


# %% exercise="review" equivalent="built from two lists"
verdicts = dict(
    zip("EDCBA", ["line_moved", "other_luck", "scores_compress", "holds", "mean_is_no_reserve"])
)


# %% exercise="review" equivalent="a pandas Series turned into a dictionary"
verdicts = pd.Series(
    ["mean_is_no_reserve", "holds", "scores_compress", "other_luck", "line_moved"], list("ABCDE")
).to_dict()

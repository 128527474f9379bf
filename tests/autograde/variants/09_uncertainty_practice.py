# %% exercise="commit" mutant="interpolated percentile" score=0
def commit(finishes, promised, level):
    runs = np.array(finishes)
    return float(np.mean(runs <= promised)), float(np.percentile(runs, level))


# %% exercise="commit" mutant="the promised week itself is late" score=0.5
def commit(finishes, promised, level):
    runs = np.array(finishes)
    return np.mean(runs < promised), np.percentile(runs, level, method="inverted_cdf")


# %% exercise="commit" mutant="chance to be late" score=0
def commit(finishes, promised, level):
    runs = np.array(finishes)
    return np.mean(runs > promised), np.percentile(runs, 100 - level, method="inverted_cdf")


# %% exercise="commit" mutant="80 fixed" score=1
def commit(finishes, promised, level):
    runs = np.array(finishes)
    return np.mean(runs <= promised), np.percentile(runs, 80, method="inverted_cdf")


# %% exercise="commit" mutant="the worked example typed in" score=1
def commit(finishes, promised, level):
    return 0.4, 25


# %% exercise="commit" equivalent="numpy"
def commit(finishes, promised, level):
    runs = np.array(finishes)
    return np.mean(runs <= promised), np.percentile(runs, level, method="inverted_cdf")


# %% exercise="commit" equivalent="pure Python, a list as the result"
def commit(finishes, promised, level):
    n = len(finishes)
    for week in sorted(set(finishes)):
        if 100 * sum(f <= week for f in finishes) >= level * n:
            return [sum(f <= promised for f in finishes) / n, week]


# %% exercise="commit" equivalent="pandas"
def commit(finishes, promised, level):
    runs = pd.Series(finishes).sort_values(ignore_index=True)
    place = math.ceil(level * len(runs) / 100)
    return (runs <= promised).mean(), runs[place - 1]


# %% exercise="last_team" mutant="the mean of one team" score=0.5
def last_team(weeks, chances, teams):
    return sum(w * c for w, c in zip(weeks, chances))


# %% exercise="last_team" mutant="the longest possible duration" score=0.5
def last_team(weeks, chances, teams):
    return max(weeks)


# %% exercise="last_team" mutant="single chances to the power, not the sums" score=0.5
def last_team(weeks, chances, teams):
    return sum(w * c**teams for w, c in zip(weeks, chances))


# %% exercise="last_team" mutant="trusts the order of the durations" score=1.5
def last_team(weeks, chances, teams):
    mean = done = before = 0
    for week, chance in zip(weeks, chances):
        done += chance
        mean += week * (done**teams - before)
        before = done**teams
    return mean


# %% exercise="last_team" mutant="two teams always" score=1.5
def last_team(weeks, chances, teams):
    pairs = list(zip(weeks, chances))
    return sum(max(a, b) * p * q for a, p in pairs for b, q in pairs)


# %% exercise="last_team" mutant="simulated" score=0.5
def last_team(weeks, chances, teams):
    rng = np.random.default_rng(0)
    return rng.choice(weeks, (20_000, teams), p=chances).max(axis=1).mean()


# %% exercise="last_team" equivalent="numpy"
def last_team(weeks, chances, teams):
    order = np.argsort(weeks)
    done = np.cumsum(np.array(chances)[order]) ** teams
    return float(np.diff(done, prepend=0) @ np.array(weeks)[order])


# %% exercise="last_team" equivalent="every combination"
from itertools import product


def last_team(weeks, chances, teams):
    mean = 0
    for outcome in product(zip(weeks, chances), repeat=teams):
        mean += max(w for w, _ in outcome) * math.prod(c for _, c in outcome)
    return mean


# %% exercise="coverage" mutant="open activities dropped" score=0.5
def coverage(log):
    result = {}
    for team, rows in log.groupby("team"):
        rows = rows[rows["done"]]
        inside = rows["days"].between(rows["p10"], rows["p90"])
        result[team] = float(inside.mean()) if len(rows) else float("nan")
    return result


# %% exercise="coverage" mutant="open activities taken as finished" score=0
def coverage(log):
    inside = log["days"].between(log["p10"], log["p90"])
    return {team: float(part.mean()) for team, part in inside.groupby(log["team"])}


# %% exercise="coverage" mutant="ends do not belong to the range" score=0.5
def coverage(log):
    result = {}
    for team, rows in log.groupby("team"):
        within = (rows["days"] > rows["p10"]) & (rows["days"] < rows["p90"])
        counted = (rows["done"] | (rows["days"] > rows["p90"])).sum()
        result[team] = float((rows["done"] & within).sum() / counted) if counted else float("nan")
    return result


# %% exercise="coverage" mutant="too early counts as inside" score=1.5
def coverage(log):
    result = {}
    for team, rows in log.groupby("team"):
        counted = (rows["done"] | (rows["days"] > rows["p90"])).sum()
        inside = (rows["done"] & (rows["days"] <= rows["p90"])).sum()
        result[team] = float(inside / counted) if counted else float("nan")
    return result


# %% exercise="coverage" mutant="nothing known counts as 0" score=2.5
def coverage(log):
    result = {}
    for team, rows in log.groupby("team"):
        inside = (rows["done"] & rows["days"].between(rows["p10"], rows["p90"])).sum()
        counted = (rows["done"] | (rows["days"] > rows["p90"])).sum()
        result[team] = float(inside / max(counted, 1))
    return result


# %% exercise="coverage" equivalent="a loop"
def coverage(log):
    inside, counted = {}, {}
    for row in log.to_dict("records"):
        team = row["team"]
        inside.setdefault(team, 0)
        counted.setdefault(team, 0)
        if row["done"]:
            counted[team] += 1
            inside[team] += row["p10"] <= row["days"] <= row["p90"]
        elif row["days"] > row["p90"]:
            counted[team] += 1
    return {t: inside[t] / counted[t] if counted[t] else float("nan") for t in counted}


# %% exercise="coverage" equivalent="the mean of a column with gaps"
def coverage(log):
    inside = log["days"].between(log["p10"], log["p90"]).astype(float)
    known = log["done"] | (log["days"] > log["p90"])
    return inside.where(known).groupby(log["team"]).mean().to_dict()


# %% exercise="brier" mutant="absolute differences" score=0
def brier_pair(said, met):
    said, met = np.array(said), np.array(met)
    return np.abs(said - met).mean(), np.abs(met.mean() - met).mean()


# %% exercise="brier" mutant="always saying one half" score=0.5
def brier_pair(said, met):
    return planning.brier_score(said, met), planning.brier_score([0.5] * len(met), met)


# %% exercise="brier" mutant="sum instead of mean" score=0
def brier_pair(said, met):
    share = sum(met) / len(met)
    own = sum((s - m) ** 2 for s, m in zip(said, met))
    return own, sum((share - m) ** 2 for m in met)


# %% exercise="brier" mutant="always saying her own mean" score=0.5
def brier_pair(said, met):
    mean = sum(said) / len(said)
    return planning.brier_score(said, met), planning.brier_score([mean] * len(met), met)


# %% exercise="brier" equivalent="pure Python"
def brier_pair(said, met):
    n = len(met)
    share = sum(met) / n
    return sum((s - m) ** 2 for s, m in zip(said, met)) / n, share * (1 - share)


# %% exercise="brier" equivalent="scikit-learn, an array as the result"
from sklearn.metrics import brier_score_loss


def brier_pair(said, met):
    share = np.full(len(met), np.mean(met))
    return np.array([brier_score_loss(met, said), brier_score_loss(met, share)])


# %% exercise="buy" mutant="one generator for all simulations" score=1
def days_bought(table, remedies, level, seed):
    rng = np.random.default_rng(seed)
    plan = planning.read_plan(table)
    now = planning.simulate(plan, rng=rng, runs=4000).p(level)
    bought = {}
    for name, (id, *estimate) in remedies.items():
        changed = plan.replace(id, duration=tuple(estimate))
        bought[name] = now - planning.simulate(changed, rng=rng, runs=4000).p(level)
    return bought


# %% exercise="buy" mutant="most likely durations, nothing simulated" score=1
def days_bought(table, remedies, level, seed):
    plan = planning.read_plan(table)
    now = planning.critical_path(plan).finish
    return {
        name: now - planning.critical_path(plan.replace(id, duration=tuple(e))).finish
        for name, (id, *e) in remedies.items()
    }


# %% exercise="buy" mutant="the activity's own saving" score=0
def days_bought(table, remedies, level, seed):
    mode = table.set_index("id")["mode"]
    return {name: float(mode[id] - m) for name, (id, _, m, _) in remedies.items()}


# %% exercise="buy" mutant="P80 whatever the level" score=2.5
def days_bought(table, remedies, level, seed):
    def finish(plan):
        return planning.simulate(plan, rng=np.random.default_rng(seed), runs=4000).p80

    plan = planning.read_plan(table)
    return {
        name: finish(plan) - finish(plan.replace(id, duration=tuple(e)))
        for name, (id, *e) in remedies.items()
    }


# %% exercise="buy" mutant="sign turned round" score=0
def days_bought(table, remedies, level, seed):
    def finish(plan):
        return planning.simulate(plan, rng=np.random.default_rng(seed), runs=4000).p(level)

    plan = planning.read_plan(table)
    return {
        name: finish(plan.replace(id, duration=tuple(e))) - finish(plan)
        for name, (id, *e) in remedies.items()
    }


# %% exercise="buy" mutant="remedies pile up" score=1
def days_bought(table, remedies, level, seed):
    def finish(plan):
        return planning.simulate(plan, rng=np.random.default_rng(seed), runs=4000).p(level)

    plan = planning.read_plan(table)
    now = finish(plan)
    bought = {}
    for name, (id, *estimate) in remedies.items():
        plan = plan.replace(id, duration=tuple(estimate))
        bought[name] = now - finish(plan)
    return bought


# %% exercise="buy" equivalent="edits the table"
def days_bought(table, remedies, level, seed):
    def finish(rows):
        plan = planning.read_plan(rows)
        runs = planning.simulate(plan, rng=np.random.default_rng(seed), runs=4000).finish
        return np.percentile(runs, level)

    bought = {}
    for name, (id, low, mode, high) in remedies.items():
        changed = table.copy()
        changed.loc[changed["id"] == id, ["low", "mode", "high"]] = low, mode, high
        bought[name] = float(finish(table) - finish(changed))
    return bought


# %% exercise="buy" equivalent="a loop with Pert estimates"
def days_bought(table, remedies, level, seed):
    plan = planning.read_plan(table)
    before = planning.simulate(plan, rng=np.random.default_rng(seed), runs=4000)
    bought = {}
    for name, (id, low, mode, high) in remedies.items():
        changed = plan.replace(id, duration=planning.Pert(low, mode, high))
        after = planning.simulate(changed, rng=np.random.default_rng(seed), runs=4000)
        bought[name] = before.p(level) - after.p(level)
    return bought


# %% exercise="outside" mutant="cancelled projects dropped" score=0
def outside_view(planned, history, level):
    ratios = [actual / plan for plan, actual in history if actual is not None]
    return planned * float(np.percentile(ratios, level, method="inverted_cdf"))


# %% exercise="outside" mutant="planned divided by actual" score=0.5
def outside_view(planned, history, level):
    ratios = sorted(math.inf if a is None else p / a for p, a in history)
    return planned * ratios[-(-level * len(ratios) // 100) - 1]


# %% exercise="outside" mutant="cancelled ones arrived as planned" score=0
def outside_view(planned, history, level):
    ratios = sorted(1.0 if a is None else a / p for p, a in history)
    return planned * ratios[-(-level * len(ratios) // 100) - 1]


# %% exercise="outside" mutant="cancelled ones count as three times the plan" score=1.5
def outside_view(planned, history, level):
    ratios = sorted(3.0 if a is None else a / p for p, a in history)
    return planned * ratios[-(-level * len(ratios) // 100) - 1]


# %% exercise="outside" mutant="weeks of overrun added instead of ratios" score=0.5
def outside_view(planned, history, level):
    overruns = sorted(math.inf if a is None else a - p for p, a in history)
    return planned + overruns[-(-level * len(overruns) // 100) - 1]


# %% exercise="outside" equivalent="numpy"
def outside_view(planned, history, level):
    table = np.array([[p, np.inf if a is None else a] for p, a in history], float)
    return planned * np.percentile(table[:, 1] / table[:, 0], level, method="inverted_cdf")


# %% exercise="outside" equivalent="counting"
def outside_view(planned, history, level):
    finished = sorted(actual / plan for plan, actual in history if actual is not None)
    for kept, ratio in enumerate(finished, start=1):
        if 100 * kept >= level * len(history):
            return planned * ratio
    return float("inf")


# %% exercise="report" mutant="a green team is a green program" score=1.8
verdicts = {
    "A": "holds",
    "B": "merge_bias",
    "C": "where_not_how_much",
    "D": "levels_added",
    "E": "survivors",
}

# %% exercise="report" mutant="everything wrong" score=1.6
verdicts = {
    "A": "merge_bias",
    "B": "survivors",
    "C": "where_not_how_much",
    "D": "levels_added",
    "E": "too_narrow",
}

# %% exercise="report" mutant="criticality taken for swing" score=2.2
verdicts = {
    "A": "merge_bias",
    "B": "past_is_no_guide",
    "C": "holds",
    "D": "levels_added",
    "E": "too_narrow",
}

# %% exercise="report" mutant="narrow ranges taken for survivors" score=2.6
verdicts = {
    "A": "merge_bias",
    "B": "holds",
    "C": "where_not_how_much",
    "D": "levels_added",
    "E": "survivors",
}

# %% exercise="report" equivalent="built letter by letter"
verdicts = dict(zip("AB", ["merge_bias", "holds"]))
verdicts["C"] = "where_not_how_much"
verdicts["D"], verdicts["E"] = "levels_added", "too_narrow"

# %% exercise="report" equivalent="in another order"
verdicts = {
    "E": "too_narrow",
    "D": "levels_added",
    "B": "holds",
    "C": "where_not_how_much",
    "A": "merge_bias",
}

# %% exercise="throughput" mutant="the whole history, whatever happened" score=0.5
def done_by(history, items, recent, seed):
    runs = planning.when_done(history, items, rng=np.random.default_rng(seed), runs=4000)
    return int(np.percentile(runs, 85, method="inverted_cdf")), False


# %% exercise="throughput" mutant="only the recent weeks, always" score=1
def done_by(history, items, recent, seed):
    pace, before = np.mean(history[-recent:]), np.mean(history[:-recent])
    changed = bool(pace < 0.75 * before or pace > 1.25 * before)
    runs = planning.when_done(
        history[-recent:], items, rng=np.random.default_rng(seed), runs=4000
    )
    return int(np.percentile(runs, 85, method="inverted_cdf")), changed


# %% exercise="throughput" mutant="quiet weeks left out" score=1.5
def done_by(history, items, recent, seed):
    history = [n for n in history if n > 0]
    pace, before = np.mean(history[-recent:]), np.mean(history[:-recent])
    changed = bool(pace < 0.75 * before or pace > 1.25 * before)
    weeks = history[-recent:] if changed else history
    runs = planning.when_done(weeks, items, rng=np.random.default_rng(seed), runs=4000)
    return int(np.percentile(runs, 85, method="inverted_cdf")), changed


# %% exercise="throughput" mutant="only a slower pace is a change" score=1.5
def done_by(history, items, recent, seed):
    changed = bool(np.mean(history[-recent:]) < 0.75 * np.mean(history[:-recent]))
    weeks = history[-recent:] if changed else history
    runs = planning.when_done(weeks, items, rng=np.random.default_rng(seed), runs=4000)
    return int(np.percentile(runs, 85, method="inverted_cdf")), changed


# %% exercise="throughput" mutant="the 15th percentile" score=1
def done_by(history, items, recent, seed):
    pace, before = np.mean(history[-recent:]), np.mean(history[:-recent])
    changed = bool(pace < 0.75 * before or pace > 1.25 * before)
    weeks = history[-recent:] if changed else history
    runs = planning.when_done(weeks, items, rng=np.random.default_rng(seed), runs=4000)
    return int(np.percentile(runs, 15, method="inverted_cdf")), changed


# %% exercise="throughput" equivalent="pure Python"
def done_by(history, items, recent, seed):
    later, earlier = history[-recent:], history[:-recent]
    ratio = (sum(later) / len(later)) / (sum(earlier) / len(earlier))
    changed = not 0.75 <= ratio <= 1.25
    rng = np.random.default_rng(seed)
    runs = sorted(planning.when_done(later if changed else history, items, rng=rng, runs=4000))
    return int(runs[math.ceil(0.85 * len(runs)) - 1]), changed


# %% exercise="throughput" equivalent="pandas, numpy numbers"
def done_by(history, items, recent, seed):
    weeks = pd.Series(history)
    before, pace = weeks.iloc[:-recent].mean(), weeks.iloc[-recent:].mean()
    changed = (pace < 0.75 * before) | (pace > 1.25 * before)
    if changed:
        weeks = weeks.tail(recent)
    runs = planning.when_done(weeks, items, rng=np.random.default_rng(seed), runs=4000)
    return np.quantile(runs, 0.85, method="inverted_cdf"), np.bool_(changed)

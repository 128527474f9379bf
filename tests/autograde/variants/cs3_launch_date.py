# %% exercise="audit" mutant="mean ratio, all forecast years" score=2
steps = planning.critical_path(planning.read_plan(full))
audit = {
    "wall_days": steps.finish,
    "mean_days": planning.critical_path(planning.read_plan(full), "mean").finish,
    "float_workspace": steps.table.total_float["workspace"],
    "float_campaign": steps.table.total_float["campaign"],
    "ratio_p80": log["ratio"].mean(),
    "official_5": official["too_optimistic"].mean(),
    "plants_spread": np.percentile(plants, 90) / np.percentile(plants, 10),
    "machine_tail": np.percentile(machine, 90) / np.percentile(machine, 50),
}

# %% exercise="audit" mutant="free float in place of total float" score=3
steps = planning.critical_path(planning.read_plan(full))
audit = {
    "wall_days": steps.finish,
    "mean_days": planning.critical_path(planning.read_plan(full), "mean").finish,
    "float_workspace": steps.table.free_float["workspace"],
    "float_campaign": steps.table.free_float["campaign"],
    "ratio_p80": np.percentile(log["ratio"], 80, method="inverted_cdf"),
    "official_5": official.loc[official["years_ahead"] == 5, "too_optimistic"].mean(),
    "plants_spread": np.percentile(plants, 90) / np.percentile(plants, 10),
    "machine_tail": np.percentile(machine, 90) / np.percentile(machine, 50),
}

# %% exercise="audit" mutant="with the people, milestones in place of projects" score=2
staffed = planning.level(planning.read_plan(full), CAPACITY)
steps = planning.critical_path(planning.read_plan(full))
stones = data.load("milestones")
audit = {
    "wall_days": staffed.finish,
    "mean_days": planning.level(planning.read_plan(full), CAPACITY, durations="mean").finish,
    "float_workspace": steps.table.total_float["workspace"],
    "float_campaign": steps.table.total_float["campaign"],
    "ratio_p80": np.percentile(stones["actual_days"] / stones["planned_days"], 80),
    "official_5": official.loc[official["years_ahead"] == 5, "too_optimistic"].mean(),
    "plants_spread": np.percentile(plants, 90) / np.percentile(plants, 10),
    "machine_tail": np.percentile(machine, 90) / np.percentile(machine, 50),
}

# %% exercise="audit" mutant="half filled in" score=2
audit = {
    "wall_days": 94,
    "mean_days": planning.critical_path(planning.read_plan(full), "mean").finish,
    "float_workspace": 6,
    "float_campaign": 1,
}

# %% exercise="audit" equivalent="typed days, sorted ratios"
late_first = sorted(log["ratio"])
audit = {
    "wall_days": 94,
    "mean_days": 331 / 3,
    "float_workspace": 6,
    "float_campaign": 1,
    "ratio_p80": late_first[math.ceil(0.8 * len(late_first)) - 1],
    "official_5": 15 / 19,
    "plants_spread": plants.quantile(0.9) / plants.quantile(0.1),
    "machine_tail": machine.quantile(0.9) / machine.median(),
}

# %% exercise="audit" equivalent="floats from latest and earliest starts"
rows = planning.critical_path(planning.read_plan(full)).table
five = official.query("years_ahead == 5")["too_optimistic"]
audit = dict(
    wall_days=rows["earliest_finish"].max(),
    mean_days=planning.critical_path(planning.read_plan(full), durations="mean").finish,
    float_workspace=rows["latest_start"]["workspace"] - rows["earliest_start"]["workspace"],
    float_campaign=rows["latest_start"]["campaign"] - rows["earliest_start"]["campaign"],
    ratio_p80=float(np.quantile(log.ratio, 0.8, method="inverted_cdf")),
    official_5=sum(five) / len(five),
    plants_spread=float(np.quantile(plants, 0.9) / np.quantile(plants, 0.1)),
    machine_tail=float(np.quantile(machine, 0.9) / np.median(machine)),
)


# %% exercise="slip" mutant="all lateness added up" score=1
def slip(table, late):
    if not set(late) <= set(table["id"]):
        raise ValueError("unknown")
    return sum(late.values())


# %% exercise="slip" mutant="each slip on its own, added up" score=1
def slip(table, late):
    plan = planning.read_plan(table)
    now = planning.critical_path(plan).finish
    total = 0
    for id, more in late.items():
        days = plan.durations()
        days[id] += more
        total += planning.critical_path(plan, days).finish - now
    return total


# %% exercise="slip" mutant="lateness beyond the own float, the largest" score=2
def slip(table, late):
    spare = planning.critical_path(planning.read_plan(table)).table["total_float"]
    return max([max(0, more - spare[id]) for id, more in late.items()], default=0)


# %% exercise="slip" mutant="only what is critical counts" score=0
def slip(table, late):
    path = planning.critical_path(planning.read_plan(table)).critical
    return sum(more for id, more in late.items() if id in path)


# %% exercise="slip" mutant="unknown ids ignored" score=3
def slip(table, late):
    plan = planning.read_plan(table)
    days = {id: d + late.get(id, 0) for id, d in plan.durations().items()}
    return planning.critical_path(plan, days).finish - planning.critical_path(plan).finish


# %% exercise="slip" equivalent="a changed plan"
def slip(table, late):
    before = after = planning.read_plan(table)
    for id, more in late.items():
        if id not in before.ids:
            raise ValueError(id)
        after = after.replace(id, duration=before[id].duration.point + more)
    return planning.critical_path(after).finish - planning.critical_path(before).finish


# %% exercise="slip" equivalent="the network walked by hand, a numpy result"
def slip(table, late):
    plan = planning.read_plan(table)
    unknown = [id for id in late if id not in plan.ids]
    if unknown:
        raise ValueError(f"not in the plan: {unknown}")

    def finish(days):
        start, end = {}, {}
        for id in plan.order:
            bounds = [0.0]
            for d in plan[id].predecessors:
                when = (start if d.kind[0] == "S" else end)[d.predecessor] + d.lag
                bounds.append(when - (days[id] if d.kind[1] == "F" else 0))
            start[id] = max(bounds)
            end[id] = start[id] + days[id]
        return np.max(list(end.values()))

    days = plan.durations()
    return finish({id: d + late.get(id, 0) for id, d in days.items()}) - finish(days)


# %% exercise="hire_gains" mutant="critical path, people ignored" score=2
def hire_gains(table, capacity):
    return {name: 0 for name in capacity}


# %% exercise="hire_gains" mutant="capacity raised for good" score=3
def hire_gains(table, capacity):
    plan = planning.read_plan(table)
    now = planning.level(plan, capacity).finish
    gains = {}
    for name in capacity:
        capacity[name] += 1
        gains[name] = now - planning.level(plan, capacity).finish
    return gains


# %% exercise="hire_gains" mutant="sign turned around" score=2
def hire_gains(table, capacity):
    plan = planning.read_plan(table)
    now = planning.level(plan, capacity).finish
    return {r: planning.level(plan, {**capacity, r: capacity[r] + 1}).finish - now for r in capacity}


# %% exercise="hire_gains" mutant="at mean durations" score=4
def hire_gains(table, capacity):
    plan = planning.read_plan(table)

    def finish(there):
        return planning.level(plan, there, durations="mean").finish

    return {r: finish(capacity) - finish({**capacity, r: capacity[r] + 1}) for r in capacity}


# %% exercise="hire_gains" mutant="against unlimited people" score=5
def hire_gains(table, capacity):
    plan = planning.read_plan(table)
    now = planning.level(plan, capacity).finish
    return {r: now - planning.level(plan, {**capacity, r: 99}).finish for r in capacity}


# %% exercise="hire_gains" equivalent="a copied dictionary"
def hire_gains(table, capacity):
    plan = planning.read_plan(table)
    out = {}
    for name in capacity:
        more = dict(capacity)
        more[name] += 1
        out[name] = planning.level(plan, capacity).finish - planning.level(plan, more).finish
    return out


# %% exercise="hire_gains" equivalent="the last finish of the table, as a Series"
def hire_gains(table, capacity):
    plan = planning.read_plan(table)
    last = [planning.level(plan, capacity).table["finish"].max()]
    for name in capacity:
        there = {n: u + (n == name) for n, u in capacity.items()}
        last.append(planning.level(plan, there, rule="best").table["finish"].max())
    return dict(pd.Series(last[0] - np.array(last[1:]), index=list(capacity)))


# %% exercise="forecast" mutant="deterministic PERT sum" score=1 band="deterministic"
def forecast(table, risks, capacity, carried_out, correlation, by, rng):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    path = planning.critical_path(plan, "mean")
    sd = math.sqrt(sum(plan[id].duration.sd ** 2 for id in path.critical))
    chance = 1.0 if path.finish <= by else 0.0
    return {
        "p50": path.finish, "p80": path.finish + 0.84 * sd, "p95": path.finish + 1.645 * sd,
        "chance": chance,
    }  # fmt: skip


# %% exercise="forecast" mutant="correlation left out" score=2.5 band="independent"
def forecast(table, risks, capacity, carried_out, correlation, by, rng):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    events = planning.read_register(risks).events(carried_out)
    s = planning.simulate(plan, rng=rng, runs=10_000, risks=events)
    return {"p50": s.p50, "p80": s.p80, "p95": s.p95, "chance": s.p_on_time(by)}


# %% exercise="forecast" mutant="risk events left out" score=1
def forecast(table, risks, capacity, carried_out, correlation, by, rng):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    s = planning.simulate(plan, rng=rng, runs=10_000, correlation=correlation)
    return {"p50": s.p50, "p80": s.p80, "p95": s.p95, "chance": s.p_on_time(by)}


# %% exercise="forecast" mutant="people left out" score=1
def forecast(table, risks, capacity, carried_out, correlation, by, rng):
    events = planning.read_register(risks).events(carried_out)
    s = planning.simulate(
        planning.read_plan(table), rng=rng, runs=10_000, risks=events, correlation=correlation
    )
    return {"p50": s.p50, "p80": s.p80, "p95": s.p95, "chance": s.p_on_time(by)}


# %% exercise="forecast" mutant="every response carried out" score=2.5
def forecast(table, risks, capacity, carried_out, correlation, by, rng):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    events = planning.read_register(risks).events("all")
    s = planning.simulate(plan, rng=rng, runs=10_000, risks=events, correlation=correlation)
    return {"p50": s.p50, "p80": s.p80, "p95": s.p95, "chance": s.p_on_time(by)}


# %% exercise="forecast" mutant="chance to be late" score=0
def forecast(table, risks, capacity, carried_out, correlation, by, rng):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    events = planning.read_register(risks).events(carried_out)
    s = planning.simulate(plan, rng=rng, runs=10_000, risks=events, correlation=correlation)
    return {"p50": s.p50, "p80": s.p80, "p95": s.p95, "chance": 1 - s.p_on_time(by)}


# %% exercise="forecast" equivalent="percentiles of the runs"
def forecast(table, risks, capacity, carried_out, correlation, by, rng):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    runs = planning.simulate(
        plan,
        rng=rng,
        runs=10_000,
        risks=planning.read_register(risks).events(carried_out),
        correlation=correlation,
    ).finish
    p50, p80, p95 = np.percentile(runs, [50, 80, 95])
    return {"p50": p50, "p80": p80, "p95": p95, "chance": (runs <= by).mean()}


# %% exercise="forecast" equivalent="30,000 runs and a seed of its own"
def forecast(table, risks, capacity, carried_out, correlation, by, rng):
    people = planning.level(planning.read_plan(table), capacity)
    s = planning.simulate(
        people.as_plan(),
        rng=np.random.default_rng(2026),
        runs=30_000,
        risks=planning.read_register(risks).events(carried_out),
        correlation=correlation,
    )
    return dict(zip(["p50", "p80", "p95"], map(s.p, [50, 80, 95]))) | {"chance": s.p_on_time(by)}


# %% exercise="tracks" mutant="a date against the mean" score=0 band="deterministic"
def tracks(finishes, promised):
    each = {name: float(finishes[name].mean() <= day) for name, day in promised.items()}
    good = float(all(each.values()))
    return {"each": each, "all": good, "independent": good, "mean_loss": 0.0}


# %% exercise="tracks" mutant="the product for all" score=2.5 band="independent"
def tracks(finishes, promised):
    each = {name: (finishes[name] <= day).mean() for name, day in promised.items()}
    product = math.prod(each.values())
    loss = finishes.max(axis=1).mean() - finishes.mean().max()
    return {"each": each, "all": product, "independent": product, "mean_loss": loss}


# %% exercise="tracks" mutant="the worst track for all" score=3
def tracks(finishes, promised):
    each = {name: (finishes[name] <= day).mean() for name, day in promised.items()}
    return {
        "each": each,
        "all": min(each.values()),
        "independent": math.prod(each.values()),
        "mean_loss": finishes.max(axis=1).mean() - finishes.mean().max(),
    }


# %% exercise="tracks" mutant="the promised day itself is late" score=2.5
def tracks(finishes, promised):
    good = finishes[list(promised)] < pd.Series(promised)
    return {
        "each": good.mean().to_dict(),
        "all": good.all(axis=1).mean(),
        "independent": good.mean().prod(),
        "mean_loss": finishes.max(axis=1).mean() - finishes.mean().max(),
    }


# %% exercise="tracks" mutant="columns compared by place" score=3
def tracks(finishes, promised):
    good = finishes.to_numpy() <= np.array(list(promised.values()))
    each = dict(zip(finishes.columns, good.mean(axis=0)))
    return {
        "each": each,
        "all": good.all(axis=1).mean(),
        "independent": math.prod(each.values()),
        "mean_loss": finishes.max(axis=1).mean() - finishes.mean().max(),
    }


# %% exercise="tracks" mutant="loss against the mean of the means" score=3.5
def tracks(finishes, promised):
    good = finishes[list(promised)] <= pd.Series(promised)
    return {
        "each": good.mean().to_dict(),
        "all": good.all(axis=1).mean(),
        "independent": good.mean().prod(),
        "mean_loss": finishes.max(axis=1).mean() - finishes.mean().mean(),
    }


# %% exercise="tracks" equivalent="numpy"
def tracks(finishes, promised):
    names = list(finishes.columns)
    days = finishes.to_numpy(dtype=float)
    good = days <= np.array([promised[name] for name in names])
    shares = good.mean(axis=0)
    return {
        "each": dict(zip(names, shares)),
        "all": good.all(axis=1).mean(),
        "independent": shares.prod(),
        "mean_loss": days.max(axis=1).mean() - days.mean(axis=0).max(),
    }


# %% exercise="tracks" equivalent="plain Python"
def tracks(finishes, promised):
    runs = finishes.to_dict("records")
    n = len(runs)
    each = {t: sum(r[t] <= d for r in runs) / n for t, d in promised.items()}
    together = sum(all(r[t] <= d for t, d in promised.items()) for r in runs) / n
    product = 1
    for share in each.values():
        product *= share
    last = sum(max(r.values()) for r in runs) / n
    return {
        "each": each,
        "all": together,
        "independent": product,
        "mean_loss": last - max(sum(r[t] for r in runs) / n for t in promised),
    }


# %% exercise="drivers" mutant="the longest of the critical path" score=0 band="deterministic"
def drivers(table, risks, capacity, correlation, seed):
    steps = planning.critical_path(planning.read_plan(table), "mean")
    path = steps.table[steps.table["critical"]].sort_values("duration", ascending=False)
    return {"top": list(path.index[:5]), "hidden": [], "harmless": sorted(path.index[5:])}


# %% exercise="drivers" mutant="correlation left out" score=3 band="independent"
def drivers(table, risks, capacity, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    events = planning.read_register(risks).events()
    swing = planning.tornado(plan, rng=np.random.default_rng(seed), runs=4000, risks=events)["swing"]
    often = planning.simulate(
        plan, rng=np.random.default_rng(seed), runs=4000, risks=events
    ).criticality
    chart = planning.critical_path(planning.read_plan(table)).critical
    top = list(swing.index[:5])
    return {
        "top": top,
        "hidden": [id for id in top if id not in chart],
        "harmless": sorted(id for id in plan.ids if often[id] >= 0.5 and swing.get(id, 0) < 3),
    }


# %% exercise="drivers" mutant="ranked by how often it is critical" score=0
def drivers(table, risks, capacity, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    events = planning.read_register(risks).events()
    often = planning.simulate(
        plan, rng=np.random.default_rng(seed), runs=4000, risks=events, correlation=correlation
    ).criticality.sort_values(ascending=False)
    return {"top": list(often.index[:5]), "hidden": [], "harmless": []}


# %% exercise="drivers" mutant="risk events left out" score=0
def drivers(table, risks, capacity, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    swing = planning.tornado(
        plan, rng=np.random.default_rng(seed), runs=4000, correlation=correlation
    )["swing"]
    often = planning.simulate(
        plan, rng=np.random.default_rng(seed), runs=4000, correlation=correlation
    ).criticality
    chart = planning.critical_path(planning.read_plan(table)).critical
    top = list(swing.index[:5])
    return {
        "top": top,
        "hidden": [id for id in top if id not in chart],
        "harmless": sorted(id for id in plan.ids if often[id] >= 0.5 and swing.get(id, 0) < 3),
    }


# %% exercise="drivers" mutant="without a row there is no harmless" score=5
def drivers(table, risks, capacity, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    events = planning.read_register(risks).events()
    swing = planning.tornado(
        plan, rng=np.random.default_rng(seed), runs=4000, risks=events, correlation=correlation
    )["swing"]
    often = planning.simulate(
        plan, rng=np.random.default_rng(seed), runs=4000, risks=events, correlation=correlation
    ).criticality
    chart = planning.critical_path(planning.read_plan(table)).critical
    top = list(swing.index[:5])
    return {
        "top": top,
        "hidden": [id for id in top if id not in chart],
        "harmless": sorted(id for id in swing.index if often.get(id, 0) >= 0.5 and swing[id] < 3),
    }


# %% exercise="drivers" mutant="only risks are hidden" score=6.5
def drivers(table, risks, capacity, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    events = planning.read_register(risks).events()
    rows = planning.tornado(
        plan, rng=np.random.default_rng(seed), runs=4000, risks=events, correlation=correlation
    )
    often = planning.simulate(
        plan, rng=np.random.default_rng(seed), runs=4000, risks=events, correlation=correlation
    ).criticality
    top = list(rows.index[:5])
    return {
        "top": top,
        "hidden": [id for id in top if rows["kind"][id] == "risk"],
        "harmless": sorted(id for id in plan.ids if often[id] >= 0.5 and rows["swing"].get(id, 0) < 3),
    }


# %% exercise="drivers" equivalent="pandas"
def drivers(table, risks, capacity, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    shared = dict(
        runs=4000, risks=planning.read_register(risks).events(), correlation=correlation
    )
    rows = planning.tornado(plan, rng=np.random.default_rng(seed), p=80, **shared)
    run = planning.simulate(plan, rng=np.random.default_rng(seed), **shared)
    chart = planning.critical_path(planning.read_plan(table)).table["critical"]
    head = rows.head(5)
    off = head.index[~head.index.isin(chart[chart].index)]
    look = pd.DataFrame({"often": run.criticality, "swing": rows["swing"]}).loc[run.criticality.index]
    quiet = look[(look["often"] >= 0.5) & (look["swing"].fillna(0) < 3)]
    return {
        "top": head.index.tolist(),
        "hidden": off.tolist(),
        "harmless": quiet.sort_index().index.tolist(),
    }


# %% exercise="drivers" equivalent="plain loops"
def drivers(table, risks, capacity, correlation, seed):
    wall_plan = planning.read_plan(table)
    plan = planning.level(wall_plan, capacity).as_plan()
    events = planning.read_register(risks).events([])
    swing = dict(
        planning.tornado(
            plan,
            rng=np.random.default_rng(seed),
            runs=4000,
            risks=events,
            correlation=correlation,
        )["swing"]
    )
    often = dict(
        planning.simulate(
            plan,
            rng=np.random.default_rng(seed),
            runs=4000,
            risks=events,
            correlation=correlation,
        ).criticality
    )
    path = planning.critical_path(wall_plan).critical
    top = tuple(sorted(swing, key=swing.get, reverse=True)[:5])
    hidden = tuple(id for id in top if id not in path)
    harmless = []
    for id in sorted(often):
        if often[id] >= 0.5 and (id not in swing or swing[id] < 3):
            harmless.append(id)
    return {"top": top, "hidden": hidden, "harmless": harmless}


# %% exercise="best_set" mutant="one by one, most days first" score=3.5
def best_set(table, risks, capacity, budget, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)

    def p80(ids):
        return planning.simulate(
            plan,
            rng=np.random.default_rng(seed),
            runs=1000,
            risks=known.events(ids),
            correlation=correlation,
        ).p80

    now = p80([])
    gains = {id: now - p80([id]) for id in known.table.index}
    chosen, spent = [], 0
    for id in sorted(gains, key=gains.get, reverse=True):
        cost = known.cost_of([id])
        if spent + cost <= budget:
            chosen.append(id)
            spent += cost
    return {"responses": sorted(chosen), "cost": spent, "p80": p80(chosen)}


# %% exercise="best_set" mutant="expected days, no simulation" score=4 band="deterministic"
def best_set(table, risks, capacity, budget, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)
    found = []
    for size in range(len(known) + 1):
        for ids in combinations(sorted(known.table.index), size):
            if known.cost_of(ids) <= budget:
                days = plan.durations("mean")
                for event in known.events(ids):
                    for id in event.activities:
                        days[id] += event.expected("days")
                finish = planning.critical_path(plan, days).finish
                found.append((round(finish, 2), known.cost_of(ids), list(ids)))
    p80, cost, ids = min(found)
    return {"responses": ids, "cost": cost, "p80": p80}


# %% exercise="best_set" mutant="correlation left out" score=4 band="independent"
def best_set(table, risks, capacity, budget, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)
    found = []
    for size in range(len(known) + 1):
        for ids in combinations(sorted(known.table.index), size):
            if known.cost_of(ids) <= budget:
                s = planning.simulate(
                    plan, rng=np.random.default_rng(seed), runs=1000, risks=known.events(ids)
                )
                found.append((known.cost_of(ids), s.p80, list(ids)))
    first = min(p for _, p, _ in found)
    cost, p80, ids = min(row for row in found if row[1] <= first + 0.05)
    return {"responses": ids, "cost": cost, "p80": p80}


# %% exercise="best_set" mutant="ranked by money saved per dollar" score=0
def best_set(table, risks, capacity, budget, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)
    order = planning.response_returns(
        known, rng=np.random.default_rng(seed), plan=plan, runs=1000, correlation=correlation
    )
    chosen, spent = [], 0
    for id, cost in order["cost_of_response"].items():
        if spent + cost <= budget:
            chosen.append(id)
            spent += cost
    s = planning.simulate(
        plan,
        rng=np.random.default_rng(seed),
        runs=1000,
        risks=known.events(chosen),
        correlation=correlation,
    )
    return {"responses": sorted(chosen), "cost": spent, "p80": s.p80}


# %% exercise="best_set" mutant="one generator for all sets" score=4
def best_set(table, risks, capacity, budget, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)
    rng = np.random.default_rng(seed)
    found = []
    for size in range(len(known) + 1):
        for ids in combinations(sorted(known.table.index), size):
            if known.cost_of(ids) <= budget:
                s = planning.simulate(
                    plan, rng=rng, runs=1000, risks=known.events(ids), correlation=correlation
                )
                found.append((known.cost_of(ids), s.p80, list(ids)))
    first = min(p for _, p, _ in found)
    cost, p80, ids = min(row for row in found if row[1] <= first + 0.05)
    return {"responses": ids, "cost": cost, "p80": p80}


# %% exercise="best_set" mutant="the whole budget spent, whatever it buys" score=9.5
def best_set(table, risks, capacity, budget, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)
    found = []
    for size in range(len(known) + 1):
        for ids in combinations(sorted(known.table.index), size):
            if known.cost_of(ids) <= budget:
                s = planning.simulate(
                    plan,
                    rng=np.random.default_rng(seed),
                    runs=1000,
                    risks=known.events(ids),
                    correlation=correlation,
                )
                found.append((known.cost_of(ids), s.p80, list(ids)))
    first = min(p for _, p, _ in found)
    cost, p80, ids = max(row for row in found if row[1] <= first + 0.05)
    return {"responses": ids, "cost": cost, "p80": p80}


# %% exercise="best_set" equivalent="sets as binary numbers"
def best_set(table, risks, capacity, budget, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)
    price = risks.set_index("risk_id")["cost_of_response"]
    ids, rows = sorted(price.index), []
    for number in range(2 ** len(ids)):
        chosen = [id for bit, id in enumerate(ids) if number >> bit & 1]
        if sum(price[chosen]) > budget:
            continue
        runs = planning.simulate(
            plan,
            rng=np.random.default_rng(seed),
            runs=1000,
            risks=known.events(chosen),
            correlation=correlation,
        )
        rows.append({"responses": chosen, "cost": sum(price[chosen]), "p80": runs.p(80)})
    near = [row for row in rows if row["p80"] - min(r["p80"] for r in rows) <= 0.05]
    return sorted(near, key=lambda row: row["cost"])[0]


# %% exercise="best_set" equivalent="a table of all sets"
def best_set(table, risks, capacity, budget, correlation, seed):
    plan = planning.level(planning.read_plan(table), capacity).as_plan()
    known = planning.read_register(risks)
    sets = [c for k in range(len(risks) + 1) for c in combinations(risks["risk_id"], k)]
    frame = pd.DataFrame({"responses": [sorted(c) for c in sets]})
    frame["cost"] = [known.cost_of(c) for c in sets]
    frame = frame[frame["cost"] <= budget].copy()
    frame["p80"] = [
        planning.simulate(
            plan,
            rng=np.random.default_rng(seed),
            runs=1000,
            risks=known.events(c),
            correlation=correlation,
        ).p80
        for c in frame["responses"]
    ]
    near = frame[frame["p80"] <= frame["p80"].min() + 0.05]
    return near.sort_values("cost", kind="stable").iloc[0].to_dict()


# %% exercise="dri" mutant="two owners for one decision" score=0
dri = {
    "launch_date": "Elena Voss",
    "scope": "Tomas Berg",
    "data_clauses": "Ines Duarte",
    "model_quality": "Tomas Berg",
    "security_signoff": "Noor Haddad and Camille Roy",
    "campaign_booking": "Yusuf Demir",
    "go": "Hannah Weiss",
}

# %% exercise="dri" mutant="a list of owners" score=0
dri = {
    "launch_date": ["Elena Voss", "Hannah Weiss"],
    "scope": "Tomas Berg",
    "data_clauses": "Ines Duarte",
    "model_quality": "Tomas Berg",
    "security_signoff": "Noor Haddad",
    "campaign_booking": "Yusuf Demir",
    "go": "Hannah Weiss",
}

# %% exercise="dri" mutant="each lead decides on their own track" score=4
dri = {
    "launch_date": "Elena Voss",
    "scope": "Tomas Berg",
    "data_clauses": "Ines Duarte",
    "model_quality": "Kofi Mensah",
    "security_signoff": "Noor Haddad",
    "campaign_booking": "Camille Roy",
    "go": "Hannah Weiss",
}

# %% exercise="dri" mutant="the CEO decides everything" score=3
dri = {
    "launch_date": "Elena Voss",
    "scope": "Elena Voss",
    "data_clauses": "Elena Voss",
    "model_quality": "Elena Voss",
    "security_signoff": "Elena Voss",
    "campaign_booking": "Elena Voss",
    "go": "Elena Voss",
}

# %% exercise="dri" mutant="counsel signs for security" score=4
dri = {
    "launch_date": "Elena Voss",
    "scope": "Hannah Weiss",
    "data_clauses": "Ines Duarte",
    "model_quality": "Noor Haddad",
    "security_signoff": "Ines Duarte",
    "campaign_booking": "Yusuf Demir",
    "go": "Hannah Weiss",
}

# %% exercise="dri" equivalent="Noor judges the model, Elena the go"
dri = {
    "launch_date": "Hannah Weiss",
    "scope": "Camille Roy",
    "data_clauses": "Ines Duarte",
    "model_quality": "Noor Haddad",
    "security_signoff": "Noor Haddad",
    "campaign_booking": "Elena Voss",
    "go": "Elena Voss",
}

# %% exercise="dri" equivalent="built from pairs"
dri = dict(
    zip(
        decisions["decision"],
        "Elena Voss,Hannah Weiss,Ines Duarte,Tomas Berg,Noor Haddad,Yusuf Demir,Hannah Weiss".split(","),
    )
)

# %% exercise="decision" mutant="the date copied, the numbers of another plan" score=0
decision = {
    "scope": "full",
    "hire": "none",
    "responses": ["R1", "R3", "R4", "R5", "R8"],
    "spend": 114_000,
    "date": "2026-06-30",
    "chance": 0.70,
    "p80": 124.9,
    "reserve": 50_000,
    "confirm_by": "2026-05-08",
    "withdraw_below": 0.4,
}

# %% exercise="decision" mutant="the PERT sum is certain" score=0 band="deterministic"
decision = {
    "scope": "full",
    "hire": "none",
    "responses": [],
    "spend": 0,
    "date": "2026-06-30",
    "chance": 1.0,
    "p80": 110.3,
    "reserve": 0,
    "confirm_by": "2026-05-08",
    "withdraw_below": 0.5,
}

# %% exercise="decision" mutant="June for everybody, an honest fifth" score=4
decision = {
    "scope": "full",
    "hire": "none",
    "responses": [],
    "spend": 0,
    "date": "2026-06-30",
    "chance": 0.20,
    "p80": 160,
    "reserve": 109_000,
    "confirm_by": "2026-05-08",
    "withdraw_below": 0.1,
}

# %% exercise="decision" mutant="more money than there is" score=4
decision = {
    "scope": "core",
    "hire": "none",
    "responses": [f"R{n}" for n in range(1, 9)],
    "spend": 196_000,
    "date": "2026-06-30",
    "chance": 0.745,
    "p80": 121.8,
    "reserve": 27_800,
    "confirm_by": "2026-05-08",
    "withdraw_below": 0.5,
}

# %% exercise="decision" mutant="P50 in place of P80, reserve before the responses" score=3
decision = {
    "scope": "core",
    "hire": "none",
    "responses": ["R1", "R3", "R4", "R5"],
    "spend": 102_000,
    "date": "2026-06-30",
    "chance": 0.70,
    "p80": 106.7,
    "reserve": 109_000,
    "confirm_by": "2026-05-08",
    "withdraw_below": 0.4,
}

# %% exercise="decision" mutant="the hire not paid for, confirmed after press space" score=3
decision = {
    "scope": "full",
    "hire": "security_engineer",
    "responses": ["R1", "R4", "R5"],
    "spend": 60_000,
    "date": "2026-08-04",
    "chance": 0.815,
    "p80": 140.5,
    "reserve": 98_300,
    "confirm_by": "2026-07-01",
    "withdraw_below": 0.5,
}

# %% exercise="decision" equivalent="full in August at four in five, a second security engineer"
decision = {
    "scope": "full",
    "hire": "security_engineer",
    "responses": ["R1", "R4", "R5", "R8"],
    "spend": 117_000,
    "date": "2026-08-04",
    "chance": 0.815,
    "p80": 140.5,
    "reserve": 59_700,
    "confirm_by": "2026-06-12",
    "withdraw_below": 0.6,
}

# %% exercise="decision" equivalent="core in mid-July above four in five"
kept = ("R5", "R4", "R3", "R1")
ahead = forecast(core, register, CAPACITY, list(kept), 0.4, 128, np.random.default_rng(77))
decision = {
    "scope": "core",
    "hire": "none",
    "responses": kept,
    "spend": 102_000.0,
    "date": "2026-07-15",
    "chance": round(ahead["chance"], 2),
    "p80": round(ahead["p80"]),
    "reserve": 90_000,
    "confirm_by": "2026-05-29",
    "withdraw_below": 0.6,
}

# %% exercise="decision" equivalent="core at an even chance, nothing spent"
decision = {
    "scope": "core",
    "hire": "none",
    "responses": [],
    "spend": 0,
    "date": "2026-06-30",
    "chance": 0.511,
    "p80": 138,
    "reserve": 109_400,
    "confirm_by": "2026-04-30",
    "withdraw_below": 0.35,
}

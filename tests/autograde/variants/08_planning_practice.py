# %% exercise="wbs" mutant="parts of parts counted again" score=0.5
def audit_wbs(table):
    days = dict(zip(table["code"], table["days"]))
    gaps = {}
    for code, own in days.items():
        below = sum(d for other, d in days.items() if other.startswith(code + "."))
        if below and below != own:
            gaps[code] = own - below
    orphans = [c for c in days if "." in c and c.rpartition(".")[0] not in days]
    return {"gaps": gaps, "orphans": orphans}


# %% exercise="wbs" mutant="1.10 taken for a part of 1.1" score=2
def audit_wbs(table):
    days = dict(zip(table["code"], table["days"]))
    gaps = {}
    for code, own in days.items():
        parts = [
            d
            for other, d in days.items()
            if other != code and other.startswith(code) and other.count(".") <= code.count(".") + 1
        ]
        if parts and sum(parts) != own:
            gaps[code] = own - sum(parts)
    orphans = [c for c in days if "." in c and c.rpartition(".")[0] not in days]
    return {"gaps": gaps, "orphans": orphans}


# %% exercise="wbs" mutant="parts minus whole" score=1
def audit_wbs(table):
    days = dict(zip(table["code"], table["days"]))
    sums = {}
    for code, own in days.items():
        sums[code.rpartition(".")[0]] = sums.get(code.rpartition(".")[0], 0) + own
    gaps = {c: sums[c] - days[c] for c in days if c in sums and sums[c] != days[c]}
    orphans = [c for c in days if "." in c and c.rpartition(".")[0] not in days]
    return {"gaps": gaps, "orphans": orphans}


# %% exercise="wbs" mutant="only missing work reported" score=2
def audit_wbs(table):
    days = dict(zip(table["code"], table["days"]))
    sums = {}
    for code, own in days.items():
        sums[code.rpartition(".")[0]] = sums.get(code.rpartition(".")[0], 0) + own
    gaps = {c: days[c] - sums[c] for c in days if c in sums and sums[c] < days[c]}
    orphans = [c for c in days if "." in c and c.rpartition(".")[0] not in days]
    return {"gaps": gaps, "orphans": orphans}


# %% exercise="wbs" mutant="orphans not looked for" score=1.5
def audit_wbs(table):
    days = dict(zip(table["code"], table["days"]))
    sums = {}
    for code, own in days.items():
        sums[code.rpartition(".")[0]] = sums.get(code.rpartition(".")[0], 0) + own
    gaps = {c: days[c] - sums[c] for c in days if c in sums and sums[c] != days[c]}
    return {"gaps": gaps, "orphans": []}


# %% exercise="wbs" mutant="every top line an orphan" score=1
def audit_wbs(table):
    days = dict(zip(table["code"], table["days"]))
    sums = {}
    for code, own in days.items():
        sums[code.rpartition(".")[0]] = sums.get(code.rpartition(".")[0], 0) + own
    gaps = {c: days[c] - sums[c] for c in days if c in sums and sums[c] != days[c]}
    return {"gaps": gaps, "orphans": [c for c in days if c.rpartition(".")[0] not in days]}


# %% exercise="wbs" mutant="a whole without parts taken for a gap" score=0.5
def audit_wbs(table):
    days = dict(zip(table["code"], table["days"]))
    sums = {}
    for code, own in days.items():
        sums[code.rpartition(".")[0]] = sums.get(code.rpartition(".")[0], 0) + own
    gaps = {c: days[c] - sums.get(c, 0) for c in days if sums.get(c, 0) != days[c]}
    orphans = [c for c in days if "." in c and c.rpartition(".")[0] not in days]
    return {"gaps": gaps, "orphans": orphans}


# %% exercise="wbs" equivalent="pandas"
def audit_wbs(table):
    table = table.assign(whole=table["code"].str.rpartition(".")[0])
    own = table.set_index("code")["days"]
    parts = table[table["whole"] != ""].groupby("whole")["days"].sum()
    known = parts.index.intersection(own.index)
    gaps = own[known] - parts[known]
    lost = ~table["whole"].isin(own.index) & (table["whole"] != "")
    return {"gaps": gaps[gaps != 0].to_dict(), "orphans": table.loc[lost, "code"].to_list()}


# %% exercise="wbs" equivalent="lists of parts, numpy integers, a tuple of orphans"
def audit_wbs(table):
    rows = list(table.itertuples())
    codes = {row.code for row in rows}
    gaps = {}
    for row in rows:
        depth = len(row.code.split("."))
        parts = [
            np.int64(other.days)
            for other in rows
            if other.code.split(".")[:-1] == row.code.split(".")
            and len(other.code.split(".")) > depth
        ]
        if parts and np.sum(parts) != row.days:
            gaps[row.code] = np.int64(row.days) - np.sum(parts)
    wholes = {code: ".".join(code.split(".")[:-1]) for code in codes}
    return {
        "gaps": gaps,
        "orphans": [c for c, whole in wholes.items() if whole and whole not in codes],
    }


# %% exercise="repair" mutant="the circle cut at its other end" score=2.6
repaired = {"C": ["B", "G"], "G": [], "D": ["G"], "F": ["D", "E", "I"], "J": ["H", "K"]}

# %% exercise="repair" mutant="the unknown id dropped" score=2.6
repaired = {"C": ["B"], "D": ["G"], "F": ["D", "E"], "J": ["H", "K"]}

# %% exercise="repair" mutant="only what the engine complains of" score=2.2
repaired = {"C": ["B"], "F": ["D", "E", "I"]}

# %% exercise="repair" mutant="the circle left in" score=1.6
repaired = {"D": ["G"], "F": ["D", "E", "I"], "J": ["H", "K"]}

# %% exercise="repair" mutant="the untuned model evaluated" score=2.6
repaired = {"C": ["B"], "D": ["C"], "F": ["D", "E", "I"], "J": ["H", "K"]}

# %% exercise="repair" mutant="only additions given, not the complete list" score=2.2
repaired = {"C": ["B"], "D": ["G"], "F": ["I"], "J": ["K"]}

# %% exercise="repair" mutant="a row changed that no note speaks of" score=2.6
repaired = {"C": ["B"], "D": ["G"], "F": ["D", "E", "I"], "J": ["H", "K"], "E": ["A"]}

# %% exercise="repair" equivalent="another order, tuples"
repaired = {"J": ("K", "H"), "F": ("I", "E", "D"), "D": ("G",), "C": ("B",)}

# %% exercise="repair" equivalent="repeats what predecessors wait for"
repaired = {"C": ["A", "B"], "D": ["B", "G"], "F": ["D", "E", "G", "I"], "J": ["F", "H", "K"]}

# %% exercise="repair" equivalent="an unchanged row given too"
repaired = {"C": {"B"}, "G": {"C"}, "D": {"G"}, "F": {"D", "E", "I"}, "J": {"H", "K"}}

# %% exercise="read_network" mutant="free float for total float" score=1
reading = {
    "finish": 20,
    "critical": ["A", "B", "C", "D", "F", "G"],
    "float": {"A": 0, "B": 0, "C": 0, "D": 0, "E": 2, "F": 0, "G": 0},
    "late_B": 21,
    "late_A_and_C": 22,
    "helped_F": 18,
}

# %% exercise="read_network" mutant="the chain through A taken for the longest" score=1.5
reading = {
    "finish": 18,
    "critical": ["A", "C", "E", "G"],
    "float": {"A": 0, "B": 2, "C": 0, "D": 2, "E": 0, "F": 2, "G": 0},
    "late_B": 18,
    "late_A_and_C": 22,
    "helped_F": 18,
}

# %% exercise="read_network" mutant="shared float used twice" score=2.75
reading = {
    "finish": 20,
    "critical": ["B", "D", "F", "G"],
    "float": {"A": 2, "B": 0, "C": 2, "D": 0, "E": 2, "F": 0, "G": 0},
    "late_B": 21,
    "late_A_and_C": 20,
    "helped_F": 18,
}

# %% exercise="read_network" mutant="delays and help count in full" score=2.5
reading = {
    "finish": 20,
    "critical": ["B", "D", "F", "G"],
    "float": {"A": 2, "B": 0, "C": 2, "D": 0, "E": 2, "F": 0, "G": 0},
    "late_B": 21,
    "late_A_and_C": 24,
    "helped_F": 16,
}

# %% exercise="read_network" mutant="days added up" score=0
reading = {
    "finish": 36,
    "critical": ["A", "B", "C", "D", "E", "F", "G"],
    "float": {"A": 0, "B": 0, "C": 0, "D": 0, "E": 0, "F": 0, "G": 0},
    "late_B": 37,
    "late_A_and_C": 40,
    "helped_F": 32,
}

# %% exercise="read_network" equivalent="asked of the engine"
table = pd.DataFrame(
    [
        ("A", "", 4),
        ("B", "", 6),
        ("C", "A", 7),
        ("D", "A; B", 3),
        ("E", "C", 5),
        ("F", "D", 9),
        ("G", "E; F", 2),
    ],
    columns=["id", "predecessors", "duration"],
)
network = planning.read_plan(table)
way = planning.critical_path(network)
days = network.durations()
reading = {
    "finish": way.finish,
    "critical": way.critical,
    "float": way.table["total_float"].to_dict(),
    "late_B": planning.critical_path(network, {**days, "B": 7}).finish,
    "late_A_and_C": planning.critical_path(network, {**days, "A": 6, "C": 9}).finish,
    "helped_F": planning.critical_path(network, {**days, "F": 5}).finish,
}

# %% exercise="read_network" equivalent="another order, numpy numbers"
reading = {
    "helped_F": np.int64(18),
    "late_A_and_C": np.float64(22),
    "late_B": 21.0,
    "float": dict(zip("GFEDCBA", np.array([0, 0, 2, 0, 2, 0, 2]))),
    "critical": ("G", "F", "D", "B"),
    "finish": np.int64(20),
}


# %% exercise="best_help" mutant="the longest critical activity" score=0
def best_help(table, days):
    plan = planning.read_plan(table)
    path = planning.critical_path(plan)
    id = max(path.critical, key=lambda id: path.table.at[id, "duration"])
    return id, days


# %% exercise="best_help" mutant="a day on the path gains a day, whatever runs beside it" score=1.5
def best_help(table, days):
    path = planning.critical_path(planning.read_plan(table))
    found = []
    for id in path.critical:
        now = path.table.at[id, "duration"]
        found.append((-min(days, max(now - 1, 0)), path.table.at[id, "earliest_start"], id))
    gain, _, id = min(found)
    return (id, -gain) if gain < 0 else (None, 0)


# %% exercise="best_help" mutant="helped down to nothing" score=2.5
def best_help(table, days):
    plan = planning.read_plan(table)
    path = planning.critical_path(plan)
    found = []
    for id, now in plan.durations().items():
        after = planning.critical_path(plan.replace(id, duration=max(now - days, 0)))
        found.append((after.finish - path.finish, path.table.at[id, "earliest_start"], id))
    gain, _, id = min(found)
    return (id, -gain) if gain < 0 else (None, 0)


# %% exercise="best_help" mutant="of equal gains the alphabetically first" score=2.5
def best_help(table, days):
    plan = planning.read_plan(table)
    path = planning.critical_path(plan)
    found = []
    for id, now in plan.durations().items():
        helped = plan.replace(id, duration=min(now, max(now - days, 1)))
        found.append((planning.critical_path(helped).finish - path.finish, id))
    gain, id = min(found)
    return (id, -gain) if gain < 0 else (None, 0)


# %% exercise="best_help" mutant="names an activity although nothing is gained" score=2.5
def best_help(table, days):
    plan = planning.read_plan(table)
    path = planning.critical_path(plan)
    found = []
    for id, now in plan.durations().items():
        helped = plan.replace(id, duration=min(now, max(now - days, 1)))
        gain = path.finish - planning.critical_path(helped).finish
        found.append((-gain, path.table.at[id, "earliest_start"], id))
    gain, _, id = min(found)
    return id, -gain


# %% exercise="best_help" mutant="the worked example typed in" score=1
def best_help(table, days):
    return "A", 5


# %% exercise="best_help" equivalent="durations as a mapping, numpy gain"
def best_help(table, days):
    plan = planning.read_plan(table)
    now = plan.durations()
    starts = planning.critical_path(plan).table["earliest_start"]
    best, gained = None, np.float64(0)
    for id in sorted(plan.ids, key=lambda id: (starts[id], id)):
        shorter = {**now, id: max(1.0, now[id] - days) if now[id] > 1 else now[id]}
        gain = planning.critical_path(plan).finish - planning.critical_path(plan, shorter).finish
        if gain > gained:
            best, gained = id, np.float64(gain)
    return best, gained


# %% exercise="best_help" equivalent="pandas, a list for the tuple"
def best_help(table, days):
    base = planning.critical_path(planning.read_plan(table))
    found = base.table[["earliest_start"]].copy()
    for place, row in enumerate(table.itertuples()):
        shorter = table.copy()
        if row.duration > 1:
            shorter.loc[shorter.index[place], "duration"] = max(row.duration - days, 1)
        after = planning.critical_path(planning.read_plan(shorter)).finish
        found.loc[row.id, "gain"] = base.finish - after
    found = found.reset_index().sort_values(
        ["gain", "earliest_start", "id"], ascending=[False, True, True]
    )
    first = found.iloc[0]
    return [first["id"], float(first["gain"])] if first["gain"] > 0 else [None, 0]


# %% exercise="who_waits" mutant="the one with more float waits" score=1
def who_waits(table, a, b):
    plan = planning.read_plan(table)
    room = planning.critical_path(plan).table["total_float"]

    def finish(first, second):
        try:
            ordered = plan.replace(second, predecessors=[*plan[second].predecessors, first])
        except planning.PlanError:
            return None
        return planning.critical_path(ordered).finish

    waits = a if room[a] > room[b] else b
    return {"a_first": finish(a, b), "b_first": finish(b, a), "waits": waits}


# %% exercise="who_waits" mutant="names who goes first" score=1
def who_waits(table, a, b):
    plan = planning.read_plan(table)

    def finish(first, second):
        try:
            ordered = plan.replace(second, predecessors=[*plan[second].predecessors, first])
        except planning.PlanError:
            return None
        return planning.critical_path(ordered).finish

    a_first, b_first = finish(a, b), finish(b, a)
    first = b if a_first is None or (b_first is not None and b_first < a_first) else a
    return {"a_first": a_first, "b_first": b_first, "waits": first}


# %% exercise="who_waits" mutant="circles not thought of" score=2.5
def who_waits(table, a, b):
    plan = planning.read_plan(table)

    def finish(first, second):
        ordered = plan.replace(second, predecessors=[*plan[second].predecessors, first])
        return planning.critical_path(ordered).finish

    a_first, b_first = finish(a, b), finish(b, a)
    return {"a_first": a_first, "b_first": b_first, "waits": a if b_first < a_first else b}


# %% exercise="who_waits" mutant="forgets what the second waited for before" score=2
def who_waits(table, a, b):
    plan = planning.read_plan(table)

    def finish(first, second):
        try:
            ordered = plan.replace(second, predecessors=first)
        except planning.PlanError:
            return None
        return planning.critical_path(ordered).finish

    a_first, b_first = finish(a, b), finish(b, a)
    waits = a if a_first is None or (b_first is not None and b_first < a_first) else b
    return {"a_first": a_first, "b_first": b_first, "waits": waits}


# %% exercise="who_waits" mutant="a waits in a tie" score=2.5
def who_waits(table, a, b):
    plan = planning.read_plan(table)

    def finish(first, second):
        try:
            ordered = plan.replace(second, predecessors=[*plan[second].predecessors, first])
        except planning.PlanError:
            return None
        return planning.critical_path(ordered).finish

    a_first, b_first = finish(a, b), finish(b, a)
    waits = b if b_first is None or (a_first is not None and a_first < b_first) else a
    return {"a_first": a_first, "b_first": b_first, "waits": waits}


# %% exercise="who_waits" mutant="the worked example typed in" score=1
def who_waits(table, a, b):
    return {"a_first": 22, "b_first": 14, "waits": "X"}


# %% exercise="who_waits" equivalent="dependencies as text in the table"
def who_waits(table, a, b):
    found = {}
    for order, (first, second) in {"a_first": (a, b), "b_first": (b, a)}.items():
        changed = table.copy()
        row = changed["id"] == second
        before = changed.loc[row, "predecessors"].item()
        changed.loc[row, "predecessors"] = f"{before}; {first}" if before else first
        try:
            found[order] = planning.critical_path(planning.read_plan(changed)).finish
        except planning.PlanError:
            found[order] = None
    finishes = [np.inf if f is None else f for f in found.values()]
    return {**found, "waits": a if finishes[1] < finishes[0] else b}


# %% exercise="who_waits" equivalent="the engine's dependencies, ValueError, numpy"
def who_waits(table, a, b):
    plan = planning.read_plan(table)
    finishes = []
    for first, second in ((a, b), (b, a)):
        waiting = (*plan[second].predecessors, planning.Dependency(first))
        try:
            ordered = plan.replace(second, predecessors=waiting)
            finishes.append(np.float64(planning.critical_path(ordered).finish))
        except ValueError:
            finishes.append(None)
    a_first, b_first = finishes
    if b_first is None:
        waits = b
    elif a_first is None:
        waits = a
    else:
        waits = [b, a][int(b_first < a_first)]
    return dict(a_first=a_first, b_first=b_first, waits=waits)


# %% exercise="milestones" mutant="every dated line is complete" score=0.5
milestones = dict.fromkeys("ABCDEFGH", "complete")

# %% exercise="milestones" mutant="a passive voice passes for an owner" score=1.5
milestones = {
    "A": "complete",
    "B": "no decision",
    "C": "no evidence",
    "D": "complete",
    "E": "complete",
    "F": "no decision",
    "G": "no evidence",
    "H": "complete",
}

# %% exercise="milestones" mutant="good enough taken for evidence" score=2.5
milestones = {
    "A": "complete",
    "B": "no decision",
    "C": "complete",
    "D": "no owner",
    "E": "no evidence",
    "F": "no decision",
    "G": "no evidence",
    "H": "no owner",
}

# %% exercise="milestones" mutant="work done read as evidence" score=2
milestones = {
    "A": "complete",
    "B": "no owner",
    "C": "no evidence",
    "D": "no decision",
    "E": "complete",
    "F": "no owner",
    "G": "no evidence",
    "H": "no decision",
}

# %% exercise="milestones" equivalent="in another order"
milestones = {
    "H": "no owner",
    "G": "no evidence",
    "F": "no decision",
    "E": "complete",
    "D": "no owner",
    "C": "no evidence",
    "B": "no decision",
    "A": "complete",
}

# %% exercise="milestones" equivalent="by kind"
kinds = {"complete": "AE", "no decision": "BF", "no evidence": "CG", "no owner": "DH"}
milestones = {letter: kind for kind, letters in kinds.items() for letter in letters}


# %% exercise="flow" mutant="first day not counted" score=0
def flow(log, today):
    done = log.dropna()
    times = sorted(done["finished"] - done["started"])
    still_open = log[log["finished"].isna()]
    if not len(times):
        return {
            "p85": math.nan,
            "wip": len(still_open),
            "oldest": today - still_open["started"].min() if len(still_open) else 0,
            "average_ahead": math.nan,
        }
    return {
        "p85": times[math.ceil(0.85 * len(times)) - 1],
        "wip": len(still_open),
        "oldest": today - still_open["started"].min() if len(still_open) else 0,
        "average_ahead": len(still_open) / (len(times) / today),
    }


# %% exercise="flow" mutant="a value between two tickets" score=0.5
def flow(log, today):
    done = log.dropna()
    times = done["finished"] - done["started"] + 1
    still_open = log[log["finished"].isna()]
    return {
        "p85": np.percentile(times, 85) if len(times) else math.nan,
        "wip": len(still_open),
        "oldest": today - still_open["started"].min() + 1 if len(still_open) else 0,
        "average_ahead": len(still_open) / (len(times) / today) if len(times) else math.nan,
    }


# %% exercise="flow" mutant="the mean for P85" score=0.5
def flow(log, today):
    done = log.dropna()
    times = done["finished"] - done["started"] + 1
    still_open = log[log["finished"].isna()]
    return {
        "p85": times.mean() if len(times) else math.nan,
        "wip": len(still_open),
        "oldest": today - still_open["started"].min() + 1 if len(still_open) else 0,
        "average_ahead": len(still_open) / (len(times) / today) if len(times) else math.nan,
    }


# %% exercise="flow" mutant="an empty board not thought of" score=1.5
def flow(log, today):
    done = log.dropna()
    times = sorted(done["finished"] - done["started"] + 1)
    still_open = log[log["finished"].isna()]
    return {
        "p85": times[math.ceil(0.85 * len(times)) - 1],
        "wip": len(still_open),
        "oldest": today - still_open["started"].min() + 1,
        "average_ahead": len(still_open) / (len(times) / today),
    }


# %% exercise="flow" mutant="finished tickets counted as work in progress" score=0
def flow(log, today):
    done = log.dropna()
    times = sorted(done["finished"] - done["started"] + 1)
    still_open = log[log["finished"].isna()]
    return {
        "p85": times[math.ceil(0.85 * len(times)) - 1] if times else math.nan,
        "wip": len(log),
        "oldest": today - still_open["started"].min() + 1 if len(still_open) else 0,
        "average_ahead": len(log) / (len(times) / today) if times else math.nan,
    }


# %% exercise="flow" mutant="the oldest ticket of all" score=0.5
def flow(log, today):
    done = log.dropna()
    times = sorted(done["finished"] - done["started"] + 1)
    still_open = log[log["finished"].isna()]
    return {
        "p85": times[math.ceil(0.85 * len(times)) - 1] if times else math.nan,
        "wip": len(still_open),
        "oldest": today - log["started"].min() + 1 if len(still_open) else 0,
        "average_ahead": len(still_open) / (len(times) / today) if times else math.nan,
    }


# %% exercise="flow" equivalent="numpy"
def flow(log, today):
    started, finished = log["started"].to_numpy(float), log["finished"].to_numpy(float)
    closed = ~np.isnan(finished)
    times = (finished - started + 1)[closed]
    n = closed.sum()
    nan = float("nan")
    return {
        "p85": np.percentile(times, 85, method="inverted_cdf") if n else nan,
        "wip": np.int64((~closed).sum()),
        "oldest": (today - started[~closed] + 1).max(initial=0),
        "average_ahead": (~closed).sum() * today / n if n else nan,
    }


# %% exercise="flow" equivalent="pure Python"
def flow(log, today):
    times, ages = [], [0]
    for start, end in zip(log["started"], log["finished"]):
        if math.isnan(end):
            ages.append(today - start + 1)
        else:
            times.append(end - start + 1)
    wip = len(ages) - 1
    enough = [t for t in times if 100 * sum(u <= t for u in times) >= 85 * len(times)]
    ahead = wip / len(times) * today if times else float("nan")
    return {
        "p85": min(enough) if enough else float("nan"),
        "wip": wip,
        "oldest": max(ages),
        "average_ahead": ahead,
    }

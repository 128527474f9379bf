# %% exercise="best_accuracy" mutant="flagging nobody is not tried" score=4
def best_accuracy(damaged, score):
    damaged, score = np.asarray(damaged), np.asarray(score)
    tried = [(float(((score >= t) == damaged).mean()), t) for t in set(score.tolist())]
    accuracy, threshold = max(tried)
    recall = damaged[score >= threshold].sum() / damaged.sum()
    nobody = float((damaged == 0).mean())
    return {
        "threshold": threshold,
        "accuracy": accuracy,
        "recall": recall,
        "accuracy_nobody": nobody,
    }


# %% exercise="best_accuracy" mutant="strictly above the threshold" score=2
def best_accuracy(damaged, score):
    damaged, score = np.asarray(damaged), np.asarray(score)
    tried = [(float(((score > t) == damaged).mean()), t) for t in [*set(score.tolist()), math.inf]]
    accuracy, threshold = max(tried)
    recall = damaged[score > threshold].sum() / damaged.sum()
    nobody = float((damaged == 0).mean())
    return {
        "threshold": threshold,
        "accuracy": accuracy,
        "recall": recall,
        "accuracy_nobody": nobody,
    }


# %% exercise="best_accuracy" mutant="of equal accuracies the lowest threshold" score=2
def best_accuracy(damaged, score):
    damaged, score = np.asarray(damaged), np.asarray(score)
    best = {"accuracy": -1}
    for threshold in [math.inf, *sorted(set(score.tolist()), reverse=True)]:
        accuracy = float(((score >= threshold) == damaged).mean())
        if accuracy >= best["accuracy"]:
            recall = damaged[score >= threshold].sum() / damaged.sum()
            best = {"threshold": threshold, "accuracy": accuracy, "recall": recall}
    return best | {"accuracy_nobody": float((damaged == 0).mean())}


# %% exercise="best_accuracy" mutant="precision in place of recall" score=1
def best_accuracy(damaged, score):
    damaged, score = np.asarray(damaged), np.asarray(score)
    tried = [(float(((score >= t) == damaged).mean()), t) for t in [*set(score.tolist()), math.inf]]
    accuracy, threshold = max(tried)
    flags = (score >= threshold).sum()
    recall = damaged[score >= threshold].sum() / flags if flags else math.nan
    nobody = float((damaged == 0).mean())
    return {
        "threshold": threshold,
        "accuracy": accuracy,
        "recall": recall,
        "accuracy_nobody": nobody,
    }


# %% exercise="best_accuracy" mutant="the worked example typed in" score=3
def best_accuracy(damaged, score):
    return {"threshold": 9, "accuracy": 0.8, "recall": 0.5, "accuracy_nobody": 0.6}


# %% exercise="best_accuracy" equivalent="scikit-learn"
from sklearn.metrics import accuracy_score, recall_score


def best_accuracy(damaged, score):
    score = np.array(score)
    candidates = sorted({*score.tolist(), math.inf})
    quality = [accuracy_score(damaged, score >= t) for t in candidates]
    at = max(range(len(candidates)), key=lambda i: (quality[i], candidates[i]))
    return {
        "threshold": candidates[at],
        "accuracy": quality[at],
        "recall": recall_score(damaged, score >= candidates[at]),
        "accuracy_nobody": accuracy_score(damaged, [0] * len(score)),
    }


# %% exercise="best_accuracy" equivalent="plain loops"
def best_accuracy(damaged, score):
    damaged, score = list(damaged), list(score)
    best = None
    for threshold in [float("inf")] + sorted(set(score))[::-1]:
        right = sum((s >= threshold) == (d == 1) for d, s in zip(damaged, score))
        if best is None or right > best[0]:
            best = (right, threshold)
    found = sum(1 for d, s in zip(damaged, score) if d == 1 and s >= best[1])
    return {
        "threshold": best[1],
        "accuracy": best[0] / len(damaged),
        "recall": found / sum(damaged),
        "accuracy_nobody": damaged.count(0) / len(damaged),
    }


# %% exercise="audit" mutant="empty bills counted as zero, as the CFO does" score=4
hit = judged[judged["damaged"] == 1]
bills = reports.loc[reports["damaged"] == 1, "cost_total"]
month = judged["flight_date"].dt.month
audit = {
    "accuracy_nobody": 1 - judged["damaged"].mean(),
    "busiest_day": judged.groupby("flight_date").size().max(),
    "found_by_half": (hit["model"] >= 0.065).mean(),
    "large_share_of_damage": (hit["wildlife_size"] == "Large").mean(),
    "bill_share": (bills >= 0).mean(),
    "median_bill": bills.median(),
    "damage_jan_mar": judged.loc[month.isin([1, 2, 3]), "damaged"].mean(),
    "damage_sep_oct": judged.loc[month.isin([9, 10]), "damaged"].mean(),
}

# %% exercise="audit" mutant="shares of all reports in place of shares of the damage" score=4
hit = judged["damaged"] == 1
bills = reports.loc[reports["damaged"] == 1, "cost_total"]
month = judged["flight_date"].dt.month
audit = {
    "accuracy_nobody": 1 - judged["damaged"].mean(),
    "busiest_day": judged["flight_date"].value_counts().iloc[0],
    "found_by_half": (hit & (judged["model"] >= 0.065)).mean(),
    "large_share_of_damage": (judged["wildlife_size"] == "Large").mean(),
    "bill_share": (bills > 0).mean(),
    "median_bill": bills[bills > 0].median(),
    "damage_jan_mar": judged.loc[month <= 3, "damaged"].mean(),
    "damage_sep_oct": judged.loc[month.isin([9, 10]), "damaged"].mean(),
}

# %% exercise="audit" mutant="share of the damage that falls in a season" score=4
hit = judged[judged["damaged"] == 1]
bills = reports.loc[reports["damaged"] == 1, "cost_total"]
audit = {
    "accuracy_nobody": 1 - judged["damaged"].mean(),
    "busiest_day": judged.groupby("flight_date").size().max(),
    "found_by_half": (hit["model"] >= 0.065).mean(),
    "large_share_of_damage": (hit["wildlife_size"] == "Large").mean(),
    "bill_share": (bills > 0).mean(),
    "median_bill": bills[bills > 0].median(),
    "damage_jan_mar": (hit["flight_date"].dt.month <= 3).mean(),
    "damage_sep_oct": hit["flight_date"].dt.month.isin([9, 10]).mean(),
}

# %% exercise="audit" mutant="the numbers of the inbox copied" score=1
audit = {
    "accuracy_nobody": 0.89,
    "busiest_day": 11,
    "found_by_half": 1.0,
    "large_share_of_damage": 0.95,
    "bill_share": 1.0,
    "median_bill": 38_000,
    "damage_jan_mar": 0.0,
    "damage_sep_oct": 0.13,
}

# %% exercise="audit" mutant="two keys forgotten" score=3
audit = {
    "accuracy_nobody": (judged["damaged"] == 0).mean(),
    "busiest_day": judged["flight_date"].value_counts().max(),
    "found_by_half": judged.loc[judged["damaged"] == 1, "model"].ge(0.065).mean(),
    "damage_jan_mar": judged.loc[judged["flight_date"].dt.month < 4, "damaged"].mean(),
    "damage_sep_oct": judged.loc[judged["flight_date"].dt.month.isin([9, 10]), "damaged"].mean(),
    "bill_share": (reports.loc[reports["damaged"] == 1, "cost_total"] > 0).mean(),
}

# %% exercise="audit" equivalent="query and value_counts"
hurt = judged.query("damaged == 1")
billed = reports.query("damaged == 1 and cost_total > 0")
season = judged.groupby(judged["flight_date"].dt.month)["damaged"].agg(["sum", "size"])
audit = dict(
    accuracy_nobody=judged["damaged"].value_counts(normalize=True)[0],
    busiest_day=int(judged["flight_date"].value_counts().max()),
    found_by_half=len(hurt.query("model >= 0.065")) / len(hurt),
    large_share_of_damage=hurt["wildlife_size"].value_counts(normalize=True)["Large"],
    bill_share=len(billed) / reports["damaged"].sum(),
    median_bill=int(billed["cost_total"].median()),
    damage_jan_mar=season["sum"][[1, 2, 3]].sum() / season["size"][[1, 2, 3]].sum(),
    damage_sep_oct=season["sum"][[9, 10]].sum() / season["size"][[9, 10]].sum(),
)

# %% exercise="audit" equivalent="plain Python"
from collections import Counter
from statistics import median

rows = judged.to_dict("records")
hurt = [row for row in rows if row["damaged"]]
paid = [cost for cost, bad in zip(reports["cost_total"], reports["damaged"]) if bad]


def rate(months):
    chosen = [row["damaged"] for row in rows if row["flight_date"].month in months]
    return sum(chosen) / len(chosen)


audit = {
    "accuracy_nobody": sum(not row["damaged"] for row in rows) / len(rows),
    "busiest_day": max(Counter(row["flight_date"] for row in rows).values()),
    "found_by_half": sum(row["model"] >= 0.065 for row in hurt) / len(hurt),
    "large_share_of_damage": sum(row["wildlife_size"] == "Large" for row in hurt) / len(hurt),
    "bill_share": sum(cost > 0 for cost in paid) / len(paid),
    "median_bill": median(cost for cost in paid if cost > 0),
    "damage_jan_mar": rate({1, 2, 3}),
    "damage_sep_oct": rate({9, 10}),
}


# %% exercise="queue_metrics" mutant="recall and precision swapped" score=2
def queue_metrics(damaged, flagged):
    d, f = np.asarray(damaged).astype(bool), np.asarray(flagged).astype(bool)
    if len(d) != len(f) or len(d) == 0:
        raise ValueError("columns of equal length expected")
    tp, fp, fn, tn = [int(x.sum()) for x in (d & f, ~d & f, d & ~f, ~d & ~f)]
    precision = tp / (tp + fn) if tp + fn else math.nan
    recall = tp / (tp + fp) if tp + fp else math.nan
    out = {"tp": tp, "fp": fp, "fn": fn, "tn": tn, "recall": recall, "precision": precision}
    out["accuracy"] = (tp + tn) / len(d)
    out["inspected_share"] = (tp + fp) / len(d)
    out["lift"] = precision / d.mean() if d.any() else math.nan
    return out


# %% exercise="queue_metrics" mutant="false alarms and misses swapped" score=1
def queue_metrics(damaged, flagged):
    d, f = np.asarray(damaged).astype(bool), np.asarray(flagged).astype(bool)
    if len(d) != len(f) or len(d) == 0:
        raise ValueError("columns of equal length expected")
    tp, fn, fp, tn = [int(x.sum()) for x in (d & f, ~d & f, d & ~f, ~d & ~f)]
    out = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    out["recall"] = tp / (tp + fn) if tp + fn else math.nan
    out["precision"] = tp / (tp + fp) if tp + fp else math.nan
    out["accuracy"] = (tp + tn) / len(d)
    out["inspected_share"] = (tp + fp) / len(d)
    out["lift"] = out["precision"] / d.mean() if d.any() else math.nan
    return out


# %% exercise="queue_metrics" mutant="zero where there is no figure" score=4
def queue_metrics(damaged, flagged):
    d, f = np.asarray(damaged).astype(bool), np.asarray(flagged).astype(bool)
    if len(d) != len(f) or len(d) == 0:
        raise ValueError("columns of equal length expected")
    tp, fp, fn, tn = [int(x.sum()) for x in (d & f, ~d & f, d & ~f, ~d & ~f)]
    out = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    out["recall"] = tp / (tp + fn) if tp + fn else 0
    out["precision"] = tp / (tp + fp) if tp + fp else 0
    out["accuracy"] = (tp + tn) / len(d)
    out["inspected_share"] = (tp + fp) / len(d)
    out["lift"] = out["precision"] / d.mean() if d.any() else 0
    return out


# %% exercise="queue_metrics" mutant="lengths not compared, nothing refused" score=4
def queue_metrics(damaged, flagged):
    pairs = [(bool(d), bool(f)) for d, f in zip(damaged, flagged)]
    tp, fp = pairs.count((True, True)), pairs.count((False, True))
    fn, tn = pairs.count((True, False)), pairs.count((False, False))
    n = max(1, len(pairs))
    recall = tp / (tp + fn) if tp + fn else math.nan
    precision = tp / (tp + fp) if tp + fp else math.nan
    return {
        "tp": tp, "fp": fp, "fn": fn, "tn": tn,
        "accuracy": (tp + tn) / n, "inspected_share": (tp + fp) / n,
        "recall": recall, "precision": precision,
        "lift": recall / ((tp + fp) / n) if tp + fp else math.nan,
    }  # fmt: skip


# %% exercise="queue_metrics" mutant="lift over the workload of the flagged, not the base rate" score=3
def queue_metrics(damaged, flagged):
    d, f = np.asarray(damaged).astype(bool), np.asarray(flagged).astype(bool)
    if len(d) != len(f) or len(d) == 0:
        raise ValueError("columns of equal length expected")
    tp, fp, fn, tn = [int(x.sum()) for x in (d & f, ~d & f, d & ~f, ~d & ~f)]
    out = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    out["recall"] = tp / (tp + fn) if tp + fn else math.nan
    out["precision"] = tp / (tp + fp) if tp + fp else math.nan
    out["accuracy"] = (tp + tn) / len(d)
    out["inspected_share"] = (tp + fp) / len(d)
    out["lift"] = out["precision"] / f.mean() if d.any() and f.any() else math.nan
    return out


# %% exercise="queue_metrics" equivalent="scikit-learn"
from sklearn.metrics import confusion_matrix, precision_score, recall_score


def queue_metrics(damaged, flagged):
    d, f = np.array(damaged, dtype=int), np.array(flagged, dtype=int)
    if d.size != f.size or not d.size:
        raise ValueError("two columns of equal length, please")
    tn, fp, fn, tp = confusion_matrix(d, f, labels=[0, 1]).ravel()
    precision = precision_score(d, f, zero_division=np.nan)
    return {
        "tp": tp, "fp": fp, "fn": fn, "tn": tn,
        "accuracy": (d == f).mean(), "inspected_share": f.mean(),
        "recall": recall_score(d, f, zero_division=np.nan), "precision": precision,
        "lift": precision / d.mean() if d.any() else np.nan,
    }  # fmt: skip


# %% exercise="queue_metrics" equivalent="plain Python, lift as recall over workload"
def queue_metrics(damaged, flagged):
    damaged, flagged = list(damaged), list(flagged)
    if not damaged or len(damaged) != len(flagged):
        raise ValueError(f"lengths {len(damaged)} and {len(flagged)}")
    out = dict.fromkeys(["tp", "fp", "fn", "tn"], 0)
    for d, f in zip(damaged, flagged):
        out[("t" if bool(d) == bool(f) else "f") + ("p" if f else "n")] += 1
    hits, flags, n = out["tp"] + out["fn"], out["tp"] + out["fp"], len(damaged)
    nan = float("nan")
    out["accuracy"] = (out["tp"] + out["tn"]) / n
    out["inspected_share"] = flags / n
    out["recall"] = out["tp"] / hits if hits else nan
    out["precision"] = out["tp"] / flags if flags else nan
    out["lift"] = out["recall"] / out["inspected_share"] if flags else nan
    return out


# %% exercise="threshold_at_capacity" mutant="score of the report that takes the last slot" score=2
def threshold_at_capacity(score, capacity):
    if capacity < 0:
        raise ValueError("capacity must not be negative")
    if capacity == 0:
        return math.inf
    ranked = sorted(score, reverse=True)
    return ranked[min(capacity, len(ranked)) - 1]


# %% exercise="threshold_at_capacity" mutant="off by one: stops one report early" score=3
def threshold_at_capacity(score, capacity):
    if capacity < 0:
        raise ValueError("capacity must not be negative")
    score = np.asarray(score)
    return min((t for t in set(score.tolist()) if (score >= t).sum() < capacity), default=math.inf)


# %% exercise="threshold_at_capacity" mutant="counts strictly above" score=1
def threshold_at_capacity(score, capacity):
    if capacity < 0:
        raise ValueError("capacity must not be negative")
    score = np.asarray(score)
    return min((t for t in set(score.tolist()) if (score > t).sum() <= capacity), default=math.inf)


# %% exercise="threshold_at_capacity" mutant="quantile of the scores" score=1
def threshold_at_capacity(score, capacity):
    if capacity < 0:
        raise ValueError("capacity must not be negative")
    return np.quantile(score, max(0, 1 - capacity / len(score)))


# %% exercise="threshold_at_capacity" mutant="ends not thought of" score=5
def threshold_at_capacity(score, capacity):
    score = np.asarray(score)
    return min(t for t in score.tolist() if (score >= t).sum() <= capacity)


# %% exercise="threshold_at_capacity" equivalent="value_counts"
def threshold_at_capacity(score, capacity):
    if capacity < 0:
        raise ValueError(capacity)
    flagged = pd.Series(score).value_counts().sort_index(ascending=False).cumsum()
    fits = flagged[flagged <= capacity]
    return fits.index[-1] if len(fits) else np.inf


# %% exercise="threshold_at_capacity" equivalent="walk down the sorted list"
def threshold_at_capacity(score, capacity):
    if capacity < 0:
        raise ValueError("no negative budgets")
    ranked = sorted(score, reverse=True)
    if capacity >= len(ranked):
        return ranked[-1]
    above = [s for s in ranked[:capacity] if s > ranked[capacity]]
    return above[-1] if above else float("inf")


# %% exercise="waiting_reports" mutant="all reports counted, flagged or not" score=0
def waiting_reports(dates, flagged, slots):
    return int((pd.Series(list(dates)).value_counts() - slots).clip(lower=0).sum())


# %% exercise="waiting_reports" mutant="days that overflow, not aircraft that wait" score=1
def waiting_reports(dates, flagged, slots):
    per_day = pd.Series(list(flagged)).groupby(list(dates)).sum()
    return int((per_day > slots).sum())


# %% exercise="waiting_reports" mutant="quiet days lend their slots" score=1
def waiting_reports(dates, flagged, slots):
    return max(0, int(np.sum(flagged)) - slots * len(set(dates)))


# %% exercise="waiting_reports" mutant="dates taken as sorted" score=1
from itertools import groupby


def waiting_reports(dates, flagged, slots):
    runs = groupby(zip(dates, flagged), key=lambda pair: pair[0])
    return sum(max(0, sum(f for _, f in run) - slots) for _, run in runs)


# %% exercise="waiting_reports" equivalent="Counter"
from collections import Counter


def waiting_reports(dates, flagged, slots):
    count = Counter(day for day, f in zip(dates, flagged) if f)
    return sum(n - slots for n in count.values() if n > slots)


# %% exercise="waiting_reports" equivalent="numpy"
def waiting_reports(dates, flagged, slots):
    days, position = np.unique(np.asarray(dates), return_inverse=True)
    per_day = np.bincount(position, weights=np.asarray(flagged, dtype=float))
    return np.maximum(per_day - slots, 0).sum()


# %% exercise="cost_curve" mutant="misses counted among the flagged" score=1
def cost_curve(damaged, score, cost_inspect, cost_miss):
    damaged, score = np.asarray(damaged), np.asarray(score)
    lines = [math.inf, *sorted(set(score.tolist()), reverse=True)]
    curve = pd.DataFrame({"threshold": lines})
    curve["inspected"] = [(score >= t).sum() for t in lines]
    curve["missed"] = [damaged[score >= t].sum() for t in lines]
    curve["cost"] = curve["inspected"] * cost_inspect + curve["missed"] * cost_miss
    return curve


# %% exercise="cost_curve" mutant="prices swapped" score=1
def cost_curve(damaged, score, cost_inspect, cost_miss):
    damaged, score = np.asarray(damaged), np.asarray(score)
    lines = [math.inf, *sorted(set(score.tolist()), reverse=True)]
    curve = pd.DataFrame({"threshold": lines})
    curve["inspected"] = [(score >= t).sum() for t in lines]
    curve["missed"] = [damaged[score < t].sum() for t in lines]
    curve["cost"] = curve["inspected"] * cost_miss + curve["missed"] * cost_inspect
    return curve


# %% exercise="cost_curve" mutant="nobody left out" score=0
def cost_curve(damaged, score, cost_inspect, cost_miss):
    damaged, score = np.asarray(damaged), np.asarray(score)
    lines = sorted(set(score.tolist()), reverse=True)
    curve = pd.DataFrame({"threshold": lines})
    curve["inspected"] = [(score >= t).sum() for t in lines]
    curve["missed"] = [damaged[score < t].sum() for t in lines]
    curve["cost"] = curve["inspected"] * cost_inspect + curve["missed"] * cost_miss
    return curve


# %% exercise="cost_curve" mutant="one row a report, equal scores not merged" score=2
def cost_curve(damaged, score, cost_inspect, cost_miss):
    table = pd.DataFrame({"threshold": list(score), "damaged": list(damaged)})
    table = table.sort_values("threshold", ascending=False, ignore_index=True)
    table["inspected"] = range(1, len(table) + 1)
    table["missed"] = table["damaged"].sum() - table["damaged"].cumsum()
    nobody = {"threshold": [math.inf], "inspected": [0], "missed": [table["damaged"].sum()]}
    curve = pd.concat([pd.DataFrame(nobody), table], ignore_index=True)
    curve["cost"] = curve["inspected"] * cost_inspect + curve["missed"] * cost_miss
    return curve


# %% exercise="cost_curve" mutant="only false alarms cost an inspection" score=1
def cost_curve(damaged, score, cost_inspect, cost_miss):
    damaged, score = np.asarray(damaged), np.asarray(score)
    lines = [math.inf, *sorted(set(score.tolist()), reverse=True)]
    curve = pd.DataFrame({"threshold": lines})
    curve["inspected"] = [(score >= t).sum() for t in lines]
    curve["missed"] = [damaged[score < t].sum() for t in lines]
    false_alarms = [(1 - damaged)[score >= t].sum() for t in lines]
    curve["cost"] = np.array(false_alarms) * cost_inspect + curve["missed"] * cost_miss
    return curve


# %% exercise="cost_curve" equivalent="groupby and cumsum"
def cost_curve(damaged, score, cost_inspect, cost_miss):
    table = pd.DataFrame({"damaged": np.asarray(damaged), "threshold": np.asarray(score, float)})
    steps = table.groupby("threshold")["damaged"].agg(["size", "sum"]).iloc[::-1].cumsum()
    steps.loc[math.inf] = [0, 0]
    steps = steps.sort_index(ascending=False).reset_index()
    steps["inspected"] = steps["size"]
    steps["missed"] = table["damaged"].sum() - steps["sum"]
    steps["cost"] = steps["inspected"] * cost_inspect + steps["missed"] * cost_miss
    return steps


# %% exercise="cost_curve" equivalent="plain Python"
def cost_curve(damaged, score, cost_inspect, cost_miss):
    pairs = list(zip(score, damaged))
    out = {"threshold": [], "inspected": [], "missed": [], "cost": []}
    for t in sorted({float("inf"), *score})[::-1]:
        n = len([s for s, _ in pairs if s >= t])
        m = sum(d for s, d in pairs if s < t)
        for name, value in zip(out, [t, n, m, float(n * cost_inspect + m * cost_miss)]):
            out[name].append(value)
    return pd.DataFrame(out)


# %% exercise="cost_sensitivity" mutant="both prices scaled" score=0
def cost_sensitivity(damaged, score, cost_inspect, cost_miss):
    damaged, score = np.asarray(damaged), np.asarray(score)
    lines = [math.inf, *sorted(set(score.tolist()), reverse=True)]
    n = np.array([(score >= t).sum() for t in lines])
    m = np.array([damaged[score < t].sum() for t in lines])
    base = np.argmin(n * cost_inspect + m * cost_miss)
    rows = []
    for scale in [0.5, 1.0, 1.5]:
        costs = (n * cost_inspect + m * cost_miss) * scale
        rows.append((scale, lines[costs.argmin()], costs.min(), costs[base] - costs.min()))
    return pd.DataFrame(rows, columns=["scale", "threshold", "cost", "regret"])


# %% exercise="cost_sensitivity" mutant="regret against the cost at scale 1" score=3
def cost_sensitivity(damaged, score, cost_inspect, cost_miss):
    damaged, score = np.asarray(damaged), np.asarray(score)
    lines = [math.inf, *sorted(set(score.tolist()), reverse=True)]
    n = np.array([(score >= t).sum() for t in lines])
    m = np.array([damaged[score < t].sum() for t in lines])
    planned = (n * cost_inspect + m * cost_miss).min()
    rows = []
    for scale in [0.5, 1.0, 1.5]:
        costs = n * cost_inspect + m * cost_miss * scale
        rows.append((scale, lines[costs.argmin()], costs.min(), abs(planned - costs.min())))
    return pd.DataFrame(rows, columns=["scale", "threshold", "cost", "regret"])


# %% exercise="cost_sensitivity" mutant="of equal costs the lowest threshold" score=4
def cost_sensitivity(damaged, score, cost_inspect, cost_miss):
    damaged, score = np.asarray(damaged), np.asarray(score)
    lines = sorted({*score.tolist(), math.inf})
    n = np.array([(score >= t).sum() for t in lines])
    m = np.array([damaged[score < t].sum() for t in lines])
    base = np.argmin(n * cost_inspect + m * cost_miss)
    rows = []
    for scale in [0.5, 1.0, 1.5]:
        costs = n * cost_inspect + m * cost_miss * scale
        rows.append((scale, lines[costs.argmin()], costs.min(), costs[base] - costs.min()))
    return pd.DataFrame(rows, columns=["scale", "threshold", "cost", "regret"])


# %% exercise="cost_sensitivity" mutant="the threshold is not chosen again" score=0
def cost_sensitivity(damaged, score, cost_inspect, cost_miss):
    damaged, score = np.asarray(damaged), np.asarray(score)
    lines = [math.inf, *sorted(set(score.tolist()), reverse=True)]
    n = np.array([(score >= t).sum() for t in lines])
    m = np.array([damaged[score < t].sum() for t in lines])
    base = np.argmin(n * cost_inspect + m * cost_miss)
    scale = np.array([0.5, 1.0, 1.5])
    cost = n[base] * cost_inspect + m[base] * cost_miss * scale
    return pd.DataFrame({"scale": scale, "threshold": lines[base], "cost": cost, "regret": 0.0})


# %% exercise="cost_sensitivity" mutant="flagging nobody is not tried" score=4
def cost_sensitivity(damaged, score, cost_inspect, cost_miss):
    damaged, score = np.asarray(damaged), np.asarray(score)
    lines = sorted(set(score.tolist()), reverse=True)
    n = np.array([(score >= t).sum() for t in lines])
    m = np.array([damaged[score < t].sum() for t in lines])
    base = np.argmin(n * cost_inspect + m * cost_miss)
    rows = []
    for scale in [0.5, 1.0, 1.5]:
        costs = n * cost_inspect + m * cost_miss * scale
        rows.append((scale, lines[costs.argmin()], costs.min(), costs[base] - costs.min()))
    return pd.DataFrame(rows, columns=["scale", "threshold", "cost", "regret"])


# %% exercise="cost_sensitivity" equivalent="sorted tuples"
def cost_sensitivity(damaged, score, cost_inspect, cost_miss):
    pairs = list(zip(score, damaged))

    def cost(line, scale):
        flagged = sum(s >= line for s, _ in pairs)
        late = sum(d for s, d in pairs if s < line)
        return flagged * cost_inspect + late * cost_miss * scale

    def best(scale):
        return min((cost(line, scale), -line) for line in {*score, math.inf})

    kept = -best(1.0)[1]
    rows = []
    for scale in (0.5, 1.0, 1.5):
        lowest, line = best(scale)
        regret = cost(kept, scale) - lowest
        rows.append({"scale": scale, "threshold": -line, "cost": lowest, "regret": regret})
    return pd.DataFrame(rows)


# %% exercise="cost_sensitivity" equivalent="one table, a column for each scale"
def cost_sensitivity(damaged, score, cost_inspect, cost_miss):
    damaged, score = pd.Series(list(damaged)), pd.Series(list(score))
    lines = pd.Index([np.inf, *score.drop_duplicates().sort_values(ascending=False)])
    table = pd.DataFrame(
        {
            k: [
                cost_inspect * (score >= t).sum() + k * cost_miss * damaged[score < t].sum()
                for t in lines
            ]
            for k in [0.5, 1.0, 1.5]
        },
        index=lines,
    )
    out = pd.DataFrame({"threshold": table.idxmin(), "cost": table.min()})
    out["regret"] = table.loc[table[1.0].idxmin()] - out["cost"]
    return out.rename_axis("scale").reset_index()


# %% exercise="recall_lift_intervals" mutant="the two columns drawn separately" score=3
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    d, f = np.asarray(damaged), np.asarray(flagged)
    if not d.any() or not f.any():
        raise ValueError("nothing to estimate")
    recalls, lifts = [], []
    for _ in range(n_boot):
        a, b = rng.choice(d, len(d)), rng.choice(f, len(f))
        if a.any() and b.any():
            recalls.append(a[b == 1].sum() / a.sum())
            lifts.append(a[b == 1].mean() / a.mean())
    q = [0.025, 0.975]
    return {"recall": tuple(np.quantile(recalls, q)), "lift": tuple(np.quantile(lifts, q))}


# %% exercise="recall_lift_intervals" mutant="half of the reports drawn" score=5
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    d, f = np.asarray(damaged), np.asarray(flagged)
    if not d.any() or not f.any():
        raise ValueError("nothing to estimate")
    recalls, lifts = [], []
    for _ in range(n_boot):
        rows = rng.integers(0, len(d), len(d) // 2)
        a, b = d[rows], f[rows]
        if a.any() and b.any():
            recalls.append(a[b == 1].sum() / a.sum())
            lifts.append(a[b == 1].mean() / a.mean())
    q = [0.025, 0.975]
    return {"recall": tuple(np.quantile(recalls, q)), "lift": tuple(np.quantile(lifts, q))}


# %% exercise="recall_lift_intervals" mutant="drawn without replacement" score=3
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    d, f = np.asarray(damaged), np.asarray(flagged)
    if not d.any() or not f.any():
        raise ValueError("nothing to estimate")
    recalls, lifts = [], []
    for _ in range(n_boot):
        rows = rng.permutation(len(d))
        a, b = d[rows], f[rows]
        recalls.append(a[b == 1].sum() / a.sum())
        lifts.append(a[b == 1].mean() / a.mean())
    q = [0.025, 0.975]
    return {"recall": tuple(np.quantile(recalls, q)), "lift": tuple(np.quantile(lifts, q))}


# %% exercise="recall_lift_intervals" mutant="90 % in place of 95 %" score=8
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    d, f = np.asarray(damaged), np.asarray(flagged)
    if not d.any() or not f.any():
        raise ValueError("nothing to estimate")
    recalls, lifts = [], []
    for _ in range(n_boot):
        rows = rng.integers(0, len(d), len(d))
        a, b = d[rows], f[rows]
        if a.any() and b.any():
            recalls.append(a[b == 1].sum() / a.sum())
            lifts.append(a[b == 1].mean() / a.mean())
    q = [0.05, 0.95]
    return {"recall": tuple(np.quantile(recalls, q)), "lift": tuple(np.quantile(lifts, q))}


# %% exercise="recall_lift_intervals" mutant="own seed in place of rng" score=9
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    rng = np.random.default_rng(42)
    d, f = np.asarray(damaged), np.asarray(flagged)
    if not d.any() or not f.any():
        raise ValueError("nothing to estimate")
    recalls, lifts = [], []
    for _ in range(n_boot):
        rows = rng.integers(0, len(d), len(d))
        a, b = d[rows], f[rows]
        if a.any() and b.any():
            recalls.append(a[b == 1].sum() / a.sum())
            lifts.append(a[b == 1].mean() / a.mean())
    q = [0.025, 0.975]
    return {"recall": tuple(np.quantile(recalls, q)), "lift": tuple(np.quantile(lifts, q))}


# %% exercise="recall_lift_intervals" mutant="resamples without a figure kept, nothing refused" score=7
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    d, f = np.asarray(damaged), np.asarray(flagged)
    recalls, lifts = [], []
    with np.errstate(all="ignore"):
        for _ in range(n_boot):
            rows = rng.integers(0, len(d), len(d))
            a, b = d[rows], f[rows]
            recalls.append((a * b).sum() / a.sum())
            lifts.append((a * b).sum() / b.sum() / a.mean())
        q = [0.025, 0.975]
        return {"recall": tuple(np.quantile(recalls, q)), "lift": tuple(np.quantile(lifts, q))}


# %% exercise="recall_lift_intervals" mutant="precision in place of lift" score=7
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    d, f = np.asarray(damaged), np.asarray(flagged)
    if not d.any() or not f.any():
        raise ValueError("nothing to estimate")
    recalls, precisions = [], []
    for _ in range(n_boot):
        rows = rng.integers(0, len(d), len(d))
        a, b = d[rows], f[rows]
        if a.any() and b.any():
            recalls.append(a[b == 1].sum() / a.sum())
            precisions.append(a[b == 1].mean())
    q = [0.025, 0.975]
    return {"recall": tuple(np.quantile(recalls, q)), "lift": tuple(np.quantile(precisions, q))}


# %% exercise="recall_lift_intervals" mutant="textbook formula, no resampling" score=7
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    d, f = np.asarray(damaged), np.asarray(flagged)
    if not d.any() or not f.any():
        raise ValueError("nothing to estimate")
    r, p = (d * f).sum() / d.sum(), (d * f).sum() / f.sum()
    er, ep = 1.96 * math.sqrt(r * (1 - r) / d.sum()), 1.96 * math.sqrt(p * (1 - p) / f.sum())
    b = d.mean()
    return {"recall": (r - er, r + er), "lift": ((p - ep) / b, (p + ep) / b)}


# %% exercise="recall_lift_intervals" equivalent="multinomial counts of the four kinds of report"
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    d, f = np.array(damaged, bool), np.array(flagged, bool)
    if not (d.any() and f.any()):
        raise ValueError("no damage or no flag")
    kinds = np.array([(d & f).sum(), (d & ~f).sum(), (~d & f).sum(), (~d & ~f).sum()])
    tp, fn, fp, _ = rng.multinomial(len(d), kinds / len(d), size=n_boot).T
    ok = (tp + fn > 0) & (tp + fp > 0)
    tp, fn, fp = tp[ok], fn[ok], fp[ok]
    recall = np.percentile(tp / (tp + fn), [2.5, 97.5])
    lift = np.percentile(tp / (tp + fp) * len(d) / (tp + fn), [2.5, 97.5])
    return {"recall": recall.tolist(), "lift": lift.tolist()}


# %% exercise="recall_lift_intervals" equivalent="pandas sample"
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    table = pd.DataFrame({"d": np.asarray(damaged, int), "f": np.asarray(flagged, int)})
    if table["d"].sum() == 0 or table["f"].sum() == 0:
        raise ValueError("no damage or no flag")
    rows = []
    for _ in range(n_boot):
        drawn = table.sample(len(table), replace=True, random_state=rng).to_numpy()
        hits, flags = drawn.sum(axis=0)
        if hits and flags:
            both = drawn.prod(axis=1).sum()
            rows.append((both / hits, both / flags / (hits / len(drawn))))
    low, high = pd.DataFrame(rows).quantile([0.025, 0.975]).to_numpy()
    return {"recall": (low[0], high[0]), "lift": (low[1], high[1])}


# %% exercise="recall_lift_intervals" equivalent="plain Python, nearest rank"
def recall_lift_intervals(damaged, flagged, n_boot, rng):
    pairs = [(int(d), int(f)) for d, f in zip(damaged, flagged)]
    n = len(pairs)
    if not any(d for d, _ in pairs) or not any(f for _, f in pairs):
        raise ValueError("no damage or no flag")
    found = {"recall": [], "lift": []}
    for _ in range(n_boot):
        drawn = [pairs[i] for i in rng.choice(n, size=n).tolist()]
        hits, flags = sum(d for d, _ in drawn), sum(f for _, f in drawn)
        both = sum(d * f for d, f in drawn)
        if hits and flags:
            found["recall"].append(both / hits)
            found["lift"].append(both * n / flags / hits)
    out = {}
    for name, values in found.items():
        values.sort()
        last = len(values) - 1
        out[name] = (values[round(0.025 * last)], values[round(0.975 * last)])
    return out


# %% exercise="slice_table" mutant="interval over all reports of the slice, not the damaged" score=2
def slice_table(table, by, min_damaged=30):
    rows = []
    for value, group in table.groupby(by):
        k, m = int(group["damaged"].sum()), int((group["damaged"] & group["flagged"]).sum())
        n, p = len(group), (m / k if k else math.nan)
        low, high = 0.0, 1.0
        if k:
            c, h = p + 1.9208 / n, 1.96 * math.sqrt(p * (1 - p) / n + 0.9604 / n**2)
            low, high = (c - h) / (1 + 3.8416 / n), (c + h) / (1 + 3.8416 / n)
        rows.append((value, n, k, m, p, low, high, k == 0 or k < min_damaged))
    names = ["slice", "reports", "damaged", "found", "recall", "low", "high", "insufficient"]
    return pd.DataFrame(rows, columns=names)


# %% exercise="slice_table" mutant="plus or minus 1.96 standard errors" score=2
def slice_table(table, by, min_damaged=30):
    rows = []
    for value, group in table.groupby(by):
        k, m = int(group["damaged"].sum()), int((group["damaged"] & group["flagged"]).sum())
        p, low, high = math.nan, 0.0, 1.0
        if k:
            p = m / k
            low, high = [p + s * 1.96 * math.sqrt(p * (1 - p) / k) for s in (-1, 1)]
        rows.append((value, len(group), k, m, p, low, high, k == 0 or k < min_damaged))
    names = ["slice", "reports", "damaged", "found", "recall", "low", "high", "insufficient"]
    return pd.DataFrame(rows, columns=names)


# %% exercise="slice_table" mutant="insufficient up to and including min_damaged" score=4
def slice_table(table, by, min_damaged=30):
    rows = []
    for value, group in table.groupby(by):
        k, m = int(group["damaged"].sum()), int((group["damaged"] & group["flagged"]).sum())
        p, low, high = math.nan, 0.0, 1.0
        if k:
            p = m / k
            c, h = p + 1.9208 / k, 1.96 * math.sqrt(p * (1 - p) / k + 0.9604 / k**2)
            low, high = (c - h) / (1 + 3.8416 / k), (c + h) / (1 + 3.8416 / k)
        rows.append((value, len(group), k, m, p, low, high, k <= min_damaged))
    names = ["slice", "reports", "damaged", "found", "recall", "low", "high", "insufficient"]
    return pd.DataFrame(rows, columns=names)


# %% exercise="slice_table" mutant="slices without damage dropped, flag by reports" score=3
def slice_table(table, by, min_damaged=30):
    rows = []
    for value, group in table.groupby(by):
        k, m = int(group["damaged"].sum()), int((group["damaged"] & group["flagged"]).sum())
        if k == 0:
            continue
        p = m / k
        c, h = p + 1.9208 / k, 1.96 * math.sqrt(p * (1 - p) / k + 0.9604 / k**2)
        low, high = (c - h) / (1 + 3.8416 / k), (c + h) / (1 + 3.8416 / k)
        rows.append((value, len(group), k, m, p, low, high, len(group) < min_damaged))
    names = ["slice", "reports", "damaged", "found", "recall", "low", "high", "insufficient"]
    return pd.DataFrame(rows, columns=names)


# %% exercise="slice_table" mutant="precision in place of recall" score=2
def slice_table(table, by, min_damaged=30):
    rows = []
    for value, group in table.groupby(by):
        k, m = int(group["damaged"].sum()), int((group["damaged"] & group["flagged"]).sum())
        n, p, low, high = int(group["flagged"].sum()), math.nan, 0.0, 1.0
        if n and k:
            p = m / n
            c, h = p + 1.9208 / n, 1.96 * math.sqrt(p * (1 - p) / n + 0.9604 / n**2)
            low, high = (c - h) / (1 + 3.8416 / n), (c + h) / (1 + 3.8416 / n)
        rows.append((value, len(group), k, m, p, low, high, k == 0 or k < min_damaged))
    names = ["slice", "reports", "damaged", "found", "recall", "low", "high", "insufficient"]
    return pd.DataFrame(rows, columns=names)


# %% exercise="slice_table" equivalent="whole columns at once"
def slice_table(table, by, min_damaged=30):
    found = table["damaged"] * table["flagged"]
    out = (
        table.assign(found=found)
        .groupby(by)
        .agg(reports=("damaged", "size"), damaged=("damaged", "sum"), found=("found", "sum"))
    )
    n, z = out["damaged"].where(out["damaged"] > 0), 1.96
    out["recall"] = p = out["found"] / n
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    out["low"] = ((p + z**2 / (2 * n) - half) / (1 + z**2 / n)).fillna(0)
    out["high"] = ((p + z**2 / (2 * n) + half) / (1 + z**2 / n)).fillna(1)
    out["insufficient"] = (out["damaged"] < min_damaged) | (out["damaged"] == 0)
    return out.rename_axis("slice").reset_index()


# %% exercise="slice_table" equivalent="plain Python, interval by scipy"
from scipy.stats import binomtest


def slice_table(table, by, min_damaged=30):
    out = []
    for name in sorted(set(table[by])):
        part = [
            (d, f)
            for value, d, f in zip(table[by], table["damaged"], table["flagged"])
            if value == name
        ]
        k = sum(d for d, _ in part)
        m = sum(1 for d, f in part if d and f)
        low, high = binomtest(m, k).proportion_ci(method="wilson") if k else (0, 1)
        out.append(
            {
                "slice": name, "reports": len(part), "damaged": k, "found": m,
                "recall": m / k if k else np.nan, "low": low, "high": high,
                "insufficient": int(k < max(1, min_damaged)),
            }
        )  # fmt: skip
    return pd.DataFrame(out)


# %% exercise="decision" mutant="numbers of the model, name of the rule" score=2
decision = {
    "score": "rule",
    "threshold": 2,
    "rollout": "pilot",
    "inspected": 650,
    "missed": 70,
    "recall": 141 / 211,
    "cost": 1_350_000,
    "extra_inspections": 0,
    "waiting": 60,
    "kill_recall": 0.6,
    "review_after": 300,
}

# %% exercise="decision" mutant="threshold moved at the end, one number forgotten" score=3
decision = {
    "score": "model",
    "threshold": 0.0956,
    "rollout": "pilot",
    "inspected": 702,
    "missed": 70,
    "recall": 149 / 211,
    "cost": 702_000 + 620_000,
    "extra_inspections": 52,
    "waiting": 72,
    "kill_recall": 0.5,
    "review_after": 300,
}

# %% exercise="decision" mutant="inspects half, beyond what the crews can do" score=4
decision = {
    "score": "model",
    "threshold": 0.065,
    "rollout": "all_stations",
    "inspected": 970,
    "missed": 39,
    "recall": 172 / 211,
    "cost": 970_000 + 390_000,
    "extra_inspections": 320,
    "waiting": 183,
    "kill_recall": 0.6,
    "review_after": 400,
}

# %% exercise="decision" mutant="kill line at the promise itself" score=4
decision = {
    "score": "model",
    "threshold": 0.1008,
    "rollout": "pilot",
    "inspected": 650,
    "missed": 70,
    "recall": 0.668,
    "cost": 1_350_000,
    "extra_inspections": 0,
    "waiting": 60,
    "kill_recall": 0.668,
    "review_after": 300,
}

# %% exercise="decision" mutant="kill line worse than lots, read after a month" score=4
decision = {
    "score": "rule",
    "threshold": 3,
    "rollout": "all_stations",
    "inspected": 413,
    "missed": 96,
    "recall": 0.545,
    "cost": 1_373_000,
    "extra_inspections": 0,
    "waiting": 20,
    "kill_recall": 0.2,
    "review_after": 80,
}

# %% exercise="decision" mutant="cost without the misses" score=4
decision = {
    "score": "rule",
    "threshold": 2,
    "rollout": "all_stations",
    "inspected": 852,
    "missed": 46,
    "recall": 0.782,
    "cost": 852_000,
    "extra_inspections": 202,
    "waiting": 129,
    "kill_recall": 0.6,
    "review_after": 300,
}

# %% exercise="decision" mutant="half filled in" score=0
decision = {"score": "model", "threshold": 0.1008, "rollout": "pilot"}

# %% exercise="decision" equivalent="the card from 2 at all stations, 202 inspections bought"
decision = {
    "score": "rule",
    "threshold": 2,
    "rollout": "all_stations",
    "inspected": 852,
    "missed": 46,
    "recall": 0.782,
    "cost": 1_312_000,
    "extra_inspections": 202,
    "waiting": 129,
    "kill_recall": 0.6,
    "review_after": 300,
}

# %% exercise="decision" equivalent="the card from 3, the rest of the budget for a random sample"
line = judged["rule"] >= 3
late = int(judged.loc[~line, "damaged"].sum())
decision = {
    "score": "rule",
    "threshold": 2.5,
    "rollout": "all_stations",
    "inspected": int(line.sum()),
    "missed": late,
    "recall": 1 - late / judged["damaged"].sum(),
    "cost": 1000 * int(line.sum()) + 10_000 * late,
    "extra_inspections": 0,
    "waiting": sum(max(0, n - 2) for n in judged.loc[line, "flight_date"].value_counts()),
    "kill_recall": 0.4,
    "review_after": 500,
}

# %% exercise="decision" equivalent="the model at its lowest cost, 52 inspections bought"
decision = {
    "score": "model",
    "threshold": 0.0956,
    "rollout": "pilot",
    "inspected": 702,
    "missed": 62,
    "recall": 149 / 211,
    "cost": 1_322_000.0,
    "extra_inspections": 52,
    "waiting": 72,
    "kill_recall": 0.55,
    "review_after": 277,
}

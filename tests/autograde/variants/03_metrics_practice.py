# %% exercise="recall" mutant="accuracy" score=0
def recall(damaged, flagged):
    return sum(d == f for d, f in zip(damaged, flagged)) / len(damaged)


# %% exercise="recall" mutant="precision" score=0
def recall(damaged, flagged):
    if sum(flagged) == 0:
        return float("nan")
    return sum(d and f for d, f in zip(damaged, flagged)) / sum(flagged)


# %% exercise="recall" mutant="zero where nothing was damaged" score=1.5
from sklearn.metrics import recall_score


def recall(damaged, flagged):
    return recall_score(damaged, flagged, zero_division=0)


# %% exercise="recall" mutant="division by zero not thought of" score=1.5
def recall(damaged, flagged):
    return sum(d and f for d, f in zip(damaged, flagged)) / sum(damaged)


# %% exercise="recall" mutant="the worked example typed in" score=1
def recall(damaged, flagged):
    return 0.75


# %% exercise="recall" mutant="classes swapped: share of the undamaged left alone" score=0
def recall(damaged, flagged):
    undamaged = damaged.count(0)
    return sum(not d and not f for d, f in zip(damaged, flagged)) / undamaged


# %% exercise="recall" equivalent="scikit-learn"
from sklearn.metrics import recall_score


def recall(damaged, flagged):
    return recall_score(damaged, flagged, zero_division=np.nan)


# %% exercise="recall" equivalent="pandas"
def recall(damaged, flagged):
    reports = pd.DataFrame({"damaged": damaged, "flagged": flagged})
    return reports.loc[reports["damaged"] == 1, "flagged"].mean()


# %% exercise="recall" equivalent="numpy"
def recall(damaged, flagged):
    damaged, flagged = np.array(damaged, bool), np.array(flagged, bool)
    return np.float64((damaged & flagged).sum() / damaged.sum()) if damaged.any() else np.nan


# %% exercise="audit" mutant="precision and recall swapped" score=0.5
def audit(counts, claims):
    tp, fn = counts["hits"], counts["misses"]
    fp, tn = counts["false_alarms"], counts["quiet"]
    n = tp + fn + fp + tn
    figures = {
        "accuracy": (tp + tn, n),
        "do_nothing": (fp + tn, n),
        "precision": (tp, tp + fn),
        "recall": (tp, tp + fp),
        "false_alarm_rate": (fp, fp + tn),
    }
    return [
        name
        for name, claimed in claims.items()
        if figures[name][1] == 0 or abs(claimed - figures[name][0] / figures[name][1]) > 0.01
    ]


# %% exercise="audit" mutant="false alarms counted among the flagged" score=0.5
def audit(counts, claims):
    tp, fn = counts["hits"], counts["misses"]
    fp, tn = counts["false_alarms"], counts["quiet"]
    n = tp + fn + fp + tn
    figures = {
        "accuracy": (tp + tn, n),
        "do_nothing": (fp + tn, n),
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "false_alarm_rate": (fp, tp + fp),
    }
    return [
        name
        for name, claimed in claims.items()
        if figures[name][1] == 0 or abs(claimed - figures[name][0] / figures[name][1]) > 0.01
    ]


# %% exercise="audit" mutant="do nothing taken for the share damaged" score=1
def audit(counts, claims):
    tp, fn = counts["hits"], counts["misses"]
    fp, tn = counts["false_alarms"], counts["quiet"]
    n = tp + fn + fp + tn
    figures = {
        "accuracy": (tp + tn, n),
        "do_nothing": (tp + fn, n),
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "false_alarm_rate": (fp, fp + tn),
    }
    return [
        name
        for name, claimed in claims.items()
        if figures[name][1] == 0 or abs(claimed - figures[name][0] / figures[name][1]) > 0.01
    ]


# %% exercise="audit" mutant="rounding taken for a fault" score=1.5
def audit(counts, claims):
    tp, fn = counts["hits"], counts["misses"]
    fp, tn = counts["false_alarms"], counts["quiet"]
    n = tp + fn + fp + tn
    figures = {
        "accuracy": (tp + tn, n),
        "do_nothing": (fp + tn, n),
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "false_alarm_rate": (fp, fp + tn),
    }
    return [
        name
        for name, claimed in claims.items()
        if figures[name][1] == 0 or claimed != figures[name][0] / figures[name][1]
    ]


# %% exercise="audit" mutant="division by zero not thought of" score=2.5
def audit(counts, claims):
    tp, fn = counts["hits"], counts["misses"]
    fp, tn = counts["false_alarms"], counts["quiet"]
    n = tp + fn + fp + tn
    figures = {
        "accuracy": (tp + tn) / n,
        "do_nothing": (fp + tn) / n,
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "false_alarm_rate": fp / (fp + tn),
    }
    return [name for name, claimed in claims.items() if abs(claimed - figures[name]) > 0.01]


# %% exercise="audit" mutant="no figure read as zero" score=2.5
def audit(counts, claims):
    tp, fn = counts["hits"], counts["misses"]
    fp, tn = counts["false_alarms"], counts["quiet"]
    n = tp + fn + fp + tn
    figures = {
        "accuracy": (tp + tn) / n,
        "do_nothing": (fp + tn) / n,
        "precision": tp / max(tp + fp, 1),
        "recall": tp / max(tp + fn, 1),
        "false_alarm_rate": fp / max(fp + tn, 1),
    }
    return [name for name, claimed in claims.items() if abs(claimed - figures[name]) > 0.01]


# %% exercise="audit" mutant="the worked example typed in" score=1
def audit(counts, claims):
    return ["do_nothing", "precision", "recall"]


# %% exercise="audit" equivalent="scikit-learn on the reports behind the counts"
from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score


def audit(counts, claims):
    names = ["hits", "misses", "false_alarms", "quiet"]
    n = [counts[name] for name in names]
    truth = np.repeat([1, 1, 0, 0], n)
    flags = np.repeat([1, 0, 1, 0], n)
    _, fp, _, _ = confusion_matrix(truth, flags, labels=[0, 1]).ravel()
    negatives = (truth == 0).sum()
    figures = {
        "accuracy": accuracy_score(truth, flags),
        "do_nothing": accuracy_score(truth, np.zeros_like(truth)),
        "precision": precision_score(truth, flags, zero_division=np.nan),
        "recall": recall_score(truth, flags, zero_division=np.nan),
        "false_alarm_rate": fp / negatives if negatives else np.nan,
    }
    return [name for name in claims if not abs(claims[name] - figures[name]) <= 0.01]


# %% exercise="audit" equivalent="pandas"
def audit(counts, claims):
    c = pd.Series(counts, dtype=float)
    figures = pd.Series(
        {
            "accuracy": (c.hits + c.quiet) / c.sum(),
            "do_nothing": 1 - (c.hits + c.misses) / c.sum(),
            "precision": np.divide(c.hits, c.hits + c.false_alarms),
            "recall": np.divide(c.hits, c.hits + c.misses),
            "false_alarm_rate": np.divide(c.false_alarms, c.false_alarms + c.quiet),
        }
    )
    off = (pd.Series(claims) - figures[list(claims)]).abs()
    return off.index[off.isna() | (off > 0.01)].tolist()


# %% exercise="audit" equivalent="pure Python, alphabetical, with try"
def audit(counts, claims):
    tp, fn, fp, tn = (counts[k] for k in ("hits", "misses", "false_alarms", "quiet"))
    formulas = {
        "accuracy": lambda: (tp + tn) / (tp + fn + fp + tn),
        "do_nothing": lambda: (fp + tn) / (tp + fn + fp + tn),
        "precision": lambda: tp / (tp + fp),
        "recall": lambda: tp / (tp + fn),
        "false_alarm_rate": lambda: fp / (fp + tn),
    }
    wrong = set()
    for name in claims:
        try:
            if abs(formulas[name]() - claims[name]) > 0.01:
                wrong.add(name)
        except ZeroDivisionError:
            wrong.add(name)
    return sorted(wrong)


# %% exercise="threshold" mutant="precision read as recall" score=0.5
def choose_threshold(table, damaged, min_recall, capacity):
    rows = table[
        (table["caught"] / table["flagged"] >= min_recall) & (table["flagged"] <= capacity)
    ]
    if rows.empty:
        raise ValueError("none")
    return rows.sort_values("flagged")["threshold"].iloc[0]


# %% exercise="threshold" mutant="as many as the limit allows" score=1.5
def choose_threshold(table, damaged, min_recall, capacity):
    rows = table[(table["caught"] / damaged >= min_recall) & (table["flagged"] <= capacity)]
    if rows.empty:
        raise ValueError("none")
    return rows["threshold"].min()


# %% exercise="threshold" mutant="more than, not at least" score=2
def choose_threshold(table, damaged, min_recall, capacity):
    rows = table[(table["caught"] / damaged > min_recall) & (table["flagged"] < capacity)]
    if rows.empty:
        raise ValueError("none")
    return rows["threshold"].max()


# %% exercise="threshold" mutant="the row nearest to the promise" score=1
def choose_threshold(table, damaged, min_recall, capacity):
    distance = (table["caught"] / damaged - min_recall).abs()
    return table.loc[distance.idxmin(), "threshold"]


# %% exercise="threshold" mutant="trusts the order of the rows" score=1.5
def choose_threshold(table, damaged, min_recall, capacity):
    rows = table[(table["caught"] / damaged >= min_recall) & (table["flagged"] <= capacity)]
    if rows.empty:
        raise ValueError("none")
    return rows["threshold"].iloc[-1]


# %% exercise="threshold" mutant="of two equals the lower threshold" score=2.5
def choose_threshold(table, damaged, min_recall, capacity):
    rows = table[(table["caught"] / damaged >= min_recall) & (table["flagged"] <= capacity)]
    if rows.empty:
        raise ValueError("none")
    return rows.sort_values(["flagged", "threshold"])["threshold"].iloc[0]


# %% exercise="threshold" mutant="breaks the limit in silence" score=2.5
def choose_threshold(table, damaged, min_recall, capacity):
    rows = table[table["caught"] / damaged >= min_recall]
    return rows["threshold"].max()


# %% exercise="threshold" mutant="no figure instead of an error" score=2.5
def choose_threshold(table, damaged, min_recall, capacity):
    rows = table[(table["caught"] / damaged >= min_recall) & (table["flagged"] <= capacity)]
    return float(rows["threshold"].max()) if len(rows) else float("nan")


# %% exercise="threshold" equivalent="pandas query, highest threshold"
def choose_threshold(table, damaged, min_recall, capacity):
    table = table.assign(recall=table["caught"] / damaged)
    possible = table.query("recall >= @min_recall and flagged <= @capacity")
    if possible.empty:
        raise ValueError("promise and limit exclude each other")
    return possible["threshold"].max()


# %% exercise="threshold" equivalent="pure Python; max of nothing raises by itself"
def choose_threshold(table, damaged, min_recall, capacity):
    return max(
        row.threshold
        for row in table.itertuples()
        if row.caught >= min_recall * damaged - 1e-9 and row.flagged <= capacity
    )


# %% exercise="threshold" equivalent="numpy"
def choose_threshold(table, damaged, min_recall, capacity):
    threshold, flagged, caught = table[["threshold", "flagged", "caught"]].to_numpy().T
    possible = (caught / damaged >= min_recall) & (flagged <= capacity)
    if not possible.any():
        raise ValueError("no row")
    order = np.lexsort((-threshold[possible], flagged[possible]))
    return threshold[possible][order[0]]


# %% exercise="prevalence" mutant="as if the groups were equally large" score=0.5
def precision_at(recall, false_alarm_rate, prevalence):
    for share in (recall, false_alarm_rate, prevalence):
        if not 0 <= share <= 1:
            raise ValueError(share)
    return recall / (recall + false_alarm_rate)


# %% exercise="prevalence" mutant="false-alarm rate taken for its complement" score=0.5
def precision_at(recall, false_alarm_rate, prevalence):
    for share in (recall, false_alarm_rate, prevalence):
        if not 0 <= share <= 1:
            raise ValueError(share)
    hits = recall * prevalence
    false_alarms = (1 - false_alarm_rate) * (1 - prevalence)
    return hits / (hits + false_alarms) if hits + false_alarms else float("nan")


# %% exercise="prevalence" mutant="false alarms as a share of all reports" score=1
def precision_at(recall, false_alarm_rate, prevalence):
    for share in (recall, false_alarm_rate, prevalence):
        if not 0 <= share <= 1:
            raise ValueError(share)
    hits = recall * prevalence
    return hits / (hits + false_alarm_rate) if hits + false_alarm_rate else float("nan")


# %% exercise="prevalence" mutant="zero where nothing is flagged" score=2.5
def precision_at(recall, false_alarm_rate, prevalence):
    for share in (recall, false_alarm_rate, prevalence):
        if not 0 <= share <= 1:
            raise ValueError(share)
    hits = recall * prevalence
    false_alarms = false_alarm_rate * (1 - prevalence)
    return hits / (hits + false_alarms) if hits + false_alarms else 0.0


# %% exercise="prevalence" mutant="percentages accepted in silence" score=2.5
def precision_at(recall, false_alarm_rate, prevalence):
    hits = recall * prevalence
    false_alarms = false_alarm_rate * (1 - prevalence)
    return hits / (hits + false_alarms) if hits + false_alarms else float("nan")


# %% exercise="prevalence" mutant="only the prevalence is checked" score=2.5
def precision_at(recall, false_alarm_rate, prevalence):
    if not 0 <= prevalence <= 1:
        raise ValueError(prevalence)
    hits = recall * prevalence
    false_alarms = false_alarm_rate * (1 - prevalence)
    return hits / (hits + false_alarms) if hits + false_alarms else float("nan")


# %% exercise="prevalence" mutant="always the prevalence of the worked example" score=1.5
def precision_at(recall, false_alarm_rate, prevalence):
    if min(recall, false_alarm_rate, prevalence) < 0 or max(recall, false_alarm_rate, prevalence) > 1:
        raise ValueError("not a share")
    flagged = recall * 100 + false_alarm_rate * 900
    return recall * 100 / flagged if flagged else float("nan")


# %% exercise="prevalence" equivalent="odds"
def precision_at(recall, false_alarm_rate, prevalence):
    if any(share < 0 or share > 1 for share in (recall, false_alarm_rate, prevalence)):
        raise ValueError("shares go from 0 to 1")
    right, wrong = recall * prevalence, false_alarm_rate * (1 - prevalence)
    if wrong == 0:
        return 1 if right else math.nan
    odds = right / wrong
    return odds / (1 + odds)


# %% exercise="prevalence" equivalent="a million reports, numpy"
def precision_at(recall, false_alarm_rate, prevalence):
    shares = np.array([recall, false_alarm_rate, prevalence])
    if ((shares < 0) | (shares > 1)).any():
        raise ValueError(f"not shares: {shares}")
    damaged = 1e6 * prevalence
    hits, false_alarms = recall * damaged, false_alarm_rate * (1e6 - damaged)
    return np.float64(hits) / (hits + false_alarms) if hits + false_alarms else np.nan


# %% exercise="prevalence" equivalent="assertion style with its own ValueError, pandas"
def precision_at(recall, false_alarm_rate, prevalence):
    groups = pd.DataFrame(
        {"size": [prevalence, 1 - prevalence], "flag rate": [recall, false_alarm_rate]}
    )
    if not groups.stack().between(0, 1).all():
        raise ValueError("expected shares")
    flagged = groups.prod(axis=1)
    return flagged[0] / flagged.sum()


# %% exercise="bands" mutant="ties count nothing" score=0.5
def auc_from_bands(damaged, undamaged):
    pairs = sum(damaged) * sum(undamaged)
    if pairs == 0:
        return float("nan")
    return sum(d * sum(undamaged[:band]) for band, d in enumerate(damaged)) / pairs


# %% exercise="bands" mutant="ties count fully" score=0.5
def auc_from_bands(damaged, undamaged):
    pairs = sum(damaged) * sum(undamaged)
    if pairs == 0:
        return float("nan")
    return sum(d * sum(undamaged[: band + 1]) for band, d in enumerate(damaged)) / pairs


# %% exercise="bands" mutant="tied pairs left out" score=0
def auc_from_bands(damaged, undamaged):
    won = sum(d * sum(undamaged[:band]) for band, d in enumerate(damaged))
    lost = sum(d * sum(undamaged[band + 1 :]) for band, d in enumerate(damaged))
    return won / (won + lost)


# %% exercise="bands" mutant="highest band first" score=0.5
def auc_from_bands(damaged, undamaged):
    pairs = sum(damaged) * sum(undamaged)
    if pairs == 0:
        return float("nan")
    won = below = 0
    for d, f in zip(damaged[::-1], undamaged[::-1]):
        won += d * (below + f / 2)
        below += f
    return won / pairs


# %% exercise="bands" mutant="no pair not thought of" score=2.5
def auc_from_bands(damaged, undamaged):
    won = below = 0
    for d, f in zip(damaged, undamaged):
        won += d * (below + f / 2)
        below += f
    return won / (sum(damaged) * sum(undamaged))


# %% exercise="bands" mutant="three bands only" score=1.5
def auc_from_bands(damaged, undamaged):
    pairs = sum(damaged) * sum(undamaged)
    if pairs == 0:
        return float("nan")
    green, amber, red = undamaged
    won = damaged[0] * green / 2 + damaged[1] * (green + amber / 2)
    return (won + damaged[2] * (green + amber + red / 2)) / pairs


# %% exercise="bands" mutant="share of the damaged in the top band" score=0
def auc_from_bands(damaged, undamaged):
    return damaged[-1] / sum(damaged) if sum(damaged) else float("nan")


# %% exercise="bands" equivalent="scikit-learn with weights"
from sklearn.metrics import roc_auc_score


def auc_from_bands(damaged, undamaged):
    if not sum(damaged) or not sum(undamaged):
        return float("nan")
    bands = list(range(len(damaged)))
    labels = [1] * len(bands) + [0] * len(bands)
    return roc_auc_score(labels, bands + bands, sample_weight=damaged + undamaged)


# %% exercise="bands" equivalent="numpy outer product"
def auc_from_bands(damaged, undamaged):
    pairs = np.outer(damaged, undamaged)
    won = np.tril(pairs, -1).sum() + np.trace(pairs) / 2
    return won / pairs.sum() if pairs.sum() else np.nan


# %% exercise="bands" equivalent="scipy on single aircraft"
from scipy.stats import mannwhitneyu


def auc_from_bands(damaged, undamaged):
    bands = np.arange(len(damaged))
    a, b = np.repeat(bands, damaged), np.repeat(bands, undamaged)
    if a.size == 0 or b.size == 0:
        return math.nan
    return mannwhitneyu(a, b).statistic / (a.size * b.size)


# %% exercise="bands" equivalent="pandas"
def auc_from_bands(damaged, undamaged):
    table = pd.DataFrame({"damaged": damaged, "undamaged": undamaged})
    beaten = table["undamaged"].cumsum() - table["undamaged"] / 2
    return (table["damaged"] * beaten).sum() / (table["damaged"].sum() * table["undamaged"].sum())


# %% exercise="choices" mutant="precision and recall swapped with their reasons" score=2.2
choices = {
    "A": ("precision", "wasted_checks"),
    "B": ("recall", "missed_cases"),
    "C": ("false_alarm_rate", "disturbed_majority"),
    "D": ("average_precision", "rare_and_ranked"),
    "E": ("roc_auc", "rates_differ"),
}

# %% exercise="choices" mutant="precision and recall swapped, right reasons" score=2.2
choices = {
    "A": ("precision", "missed_cases"),
    "B": ("recall", "wasted_checks"),
    "C": ("false_alarm_rate", "disturbed_majority"),
    "D": ("average_precision", "rare_and_ranked"),
    "E": ("roc_auc", "rates_differ"),
}

# %% exercise="choices" mutant="ROC under imbalance, PR across rates" score=2.2
choices = {
    "A": ("recall", "missed_cases"),
    "B": ("precision", "wasted_checks"),
    "C": ("false_alarm_rate", "disturbed_majority"),
    "D": ("roc_auc", "rates_differ"),
    "E": ("average_precision", "rare_and_ranked"),
}

# %% exercise="choices" mutant="accuracy where most are harmless" score=2.6
choices = {
    "A": ("recall", "missed_cases"),
    "B": ("precision", "wasted_checks"),
    "C": ("accuracy", "even_and_equal"),
    "D": ("average_precision", "rare_and_ranked"),
    "E": ("roc_auc", "rates_differ"),
}

# %% exercise="choices" mutant="accuracy everywhere" score=0
choices = {letter: ("accuracy", "even_and_equal") for letter in "ABCDE"}

# %% exercise="choices" mutant="two letters not answered" score=1.2
choices = {
    "A": ("recall", "missed_cases"),
    "B": ("precision", "wasted_checks"),
    "C": ("false_alarm_rate", "disturbed_majority"),
}

# %% exercise="choices" mutant="right figures, reasons mixed up" score=2.2
choices = {
    "A": ("recall", "wasted_checks"),
    "B": ("precision", "missed_cases"),
    "C": ("false_alarm_rate", "disturbed_majority"),
    "D": ("average_precision", "rare_and_ranked"),
    "E": ("roc_auc", "rates_differ"),
}

# %% exercise="choices" mutant="a threshold figure for a ranking" score=1.2
choices = {
    "A": ("recall", "missed_cases"),
    "B": ("precision", "wasted_checks"),
    "C": ("false_alarm_rate", "disturbed_majority"),
    "D": ("accuracy", "rare_and_ranked"),
    "E": ("average_precision", "rates_differ"),
}

# %% exercise="choices" equivalent="lists in another order"
choices = {
    "E": ["roc_auc", "rates_differ"],
    "D": ["average_precision", "rare_and_ranked"],
    "C": ["false_alarm_rate", "disturbed_majority"],
    "B": ["precision", "wasted_checks"],
    "A": ["recall", "missed_cases"],
}

# %% exercise="choices" equivalent="built by zip"
figures = ["recall", "precision", "false_alarm_rate", "average_precision", "roc_auc"]
reasons = ["missed_cases", "wasted_checks", "disturbed_majority", "rare_and_ranked", "rates_differ"]
choices = dict(zip("ABCDE", zip(figures, reasons)))


# %% exercise="verdict" mutant="the point estimate decides" score=0.5
def verdict(hits, damaged, floor):
    if damaged == 0:
        return "cannot tell"
    return "promise" if hits / damaged >= floor else "refuse"


# %% exercise="verdict" mutant="the normal interval, blind at 0 and 1" score=2
def verdict(hits, damaged, floor):
    if damaged == 0:
        return "cannot tell"
    recall = hits / damaged
    margin = 1.96 * math.sqrt(recall * (1 - recall) / damaged)
    if recall - margin >= floor:
        return "promise"
    return "refuse" if recall + margin < floor else "cannot tell"


# %% exercise="verdict" mutant="the hopeful end decides" score=0.5
from scipy.stats import binomtest


def verdict(hits, damaged, floor):
    if damaged == 0:
        return "cannot tell"
    interval = binomtest(hits, damaged).proportion_ci(0.95, method="wilson")
    if interval.high >= floor:
        return "promise"
    return "refuse"


# %% exercise="verdict" mutant="never refuses" score=2
from scipy.stats import binomtest


def verdict(hits, damaged, floor):
    if damaged == 0:
        return "cannot tell"
    interval = binomtest(hits, damaged).proportion_ci(0.95, method="wilson")
    return "promise" if interval.low >= floor else "cannot tell"


# %% exercise="verdict" mutant="refuses whatever it cannot promise" score=0.5
from scipy.stats import binomtest


def verdict(hits, damaged, floor):
    if damaged == 0:
        return "cannot tell"
    interval = binomtest(hits, damaged).proportion_ci(0.95, method="wilson")
    return "promise" if interval.low >= floor else "refuse"


# %% exercise="verdict" mutant="nothing to find not thought of" score=2.5
from scipy.stats import binomtest


def verdict(hits, damaged, floor):
    interval = binomtest(hits, damaged).proportion_ci(0.95, method="wilson")
    if interval.low >= floor:
        return "promise"
    return "refuse" if interval.high < floor else "cannot tell"


# %% exercise="verdict" mutant="always undecided" score=0.5
def verdict(hits, damaged, floor):
    return "cannot tell"


# %% exercise="verdict" equivalent="Wilson's formula in pure Python"
def verdict(hits, damaged, floor):
    if not damaged:
        return "cannot tell"
    z, recall = 1.959964, hits / damaged
    centre = (recall + z * z / (2 * damaged)) / (1 + z * z / damaged)
    half = (z / (1 + z * z / damaged)) * math.sqrt(
        recall * (1 - recall) / damaged + z * z / (4 * damaged**2)
    )
    if centre - half >= floor:
        return "promise"
    return "refuse" if centre + half < floor else "cannot tell"


# %% exercise="verdict" equivalent="score test turned round"
from scipy.stats import norm


def verdict(hits, damaged, floor):
    if damaged == 0 or floor in (0, 1):
        return "promise" if damaged and floor == 0 else "cannot tell"
    z = (hits / damaged - floor) / np.sqrt(floor * (1 - floor) / damaged)
    if z >= norm.ppf(0.975):
        return "promise"
    return "refuse" if z < norm.ppf(0.025) else "cannot tell"


# %% exercise="verdict" equivalent="numpy select"
from scipy.stats import binomtest


def verdict(hits, damaged, floor):
    low, high = (0, 1) if damaged == 0 else binomtest(hits, damaged).proportion_ci(0.95, "wilson")
    if damaged == 0:
        return "cannot tell"
    return str(np.select([low >= floor, high < floor], ["promise", "refuse"], "cannot tell"))

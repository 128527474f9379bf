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

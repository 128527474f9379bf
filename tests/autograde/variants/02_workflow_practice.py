# %% exercise="current_phase" mutant="the alphabet for the order of the work" score=0
def current_phase(gates):
    for phase in sorted(gates["phase"].unique()):
        if not gates.loc[gates["phase"] == phase, "met"].all():
            return phase
    return "deployment"


# %% exercise="current_phase" mutant="one criterion met is enough" score=1
def current_phase(gates):
    for phase in [
        "business and data understanding",
        "data preparation",
        "modelling",
        "evaluation",
        "deployment",
    ]:
        if not gates.loc[gates["phase"] == phase, "met"].any():
            return phase
    return "monitoring and maintenance"


# %% exercise="current_phase" mutant="a phase without a criterion counts as passed" score=2.5
def current_phase(gates):
    for phase in [
        "business and data understanding",
        "data preparation",
        "modelling",
        "evaluation",
        "deployment",
    ]:
        if not gates.loc[gates["phase"] == phase, "met"].all():
            return phase
    return "monitoring and maintenance"


# %% exercise="current_phase" mutant="the furthest phase with something done" score=0
def current_phase(gates):
    order = [
        "business and data understanding",
        "data preparation",
        "modelling",
        "evaluation",
        "deployment",
        "monitoring and maintenance",
    ]
    done = set(gates.loc[gates["met"], "phase"])
    return [phase for phase in order if phase in done][-1]


# %% exercise="current_phase" mutant="the worked example typed in" score=1
def current_phase(gates):
    return "modelling"


# %% exercise="current_phase" mutant="asks the sixth phase for an exit too" score=2.5
def current_phase(gates):
    for phase in [
        "business and data understanding",
        "data preparation",
        "modelling",
        "evaluation",
        "deployment",
        "monitoring and maintenance",
    ]:
        met = gates.loc[gates["phase"] == phase, "met"]
        if len(met) == 0 or not met.all():
            return phase
    return "done"


# %% exercise="current_phase" mutant="the first unmet row of the table" score=0
def current_phase(gates):
    unmet = gates[~gates["met"]]
    return unmet["phase"].iloc[0]


# %% exercise="current_phase" equivalent="plain Python"
def current_phase(gates):
    found = {}
    for phase, met in zip(gates["phase"], gates["met"]):
        found.setdefault(phase, []).append(bool(met))
    for phase in [
        "business and data understanding",
        "data preparation",
        "modelling",
        "evaluation",
        "deployment",
    ]:
        if phase not in found or False in found[phase]:
            return phase
    return "monitoring and maintenance"


# %% exercise="current_phase" equivalent="groupby and reindex"
PHASES = [
    "business and data understanding",
    "data preparation",
    "modelling",
    "evaluation",
    "deployment",
]


def current_phase(gates):
    shown = gates.groupby("phase")["met"].all().reindex(PHASES, fill_value=False)
    stuck = shown.index[~shown.to_numpy()]
    return stuck[0] if len(stuck) else "monitoring and maintenance"


# %% exercise="feedback" mutant="everything is supervised" score=1.2
feedback = {
    "A": ("supervised", "join_records"),
    "B": ("supervised", "buy_labels"),
    "C": ("supervised", "wait_for_outcomes"),
    "D": ("supervised", "agree_what_is_useful"),
    "E": ("supervised", "limit_the_trials"),
}

# %% exercise="feedback" mutant="no labels yet, so unsupervised" score=1.6
feedback = {
    "A": ("supervised", "join_records"),
    "B": ("unsupervised", "buy_labels"),
    "C": ("supervised", "wait_for_outcomes"),
    "D": ("unsupervised", "agree_what_is_useful"),
    "E": ("reinforcement", "limit_the_trials"),
}

# %% exercise="feedback" mutant="labels to buy and outcomes to wait for swapped" score=2.2
feedback = {
    "A": ("supervised", "join_records"),
    "B": ("supervised", "wait_for_outcomes"),
    "C": ("supervised", "buy_labels"),
    "D": ("unsupervised", "agree_what_is_useful"),
    "E": ("reinforcement", "limit_the_trials"),
}

# %% exercise="feedback" mutant="one left unanswered" score=1.6
feedback = {
    "A": ("supervised", "join_records"),
    "B": ("supervised", "buy_labels"),
    "C": ("supervised", "wait_for_outcomes"),
    "D": ("unsupervised", "agree_what_is_useful"),
    "E": ...,
}

# %% exercise="feedback" mutant="the form of the text, filled" score=0
feedback = {
    "A": ("reinforcement", "rent_more_compute"),
    "B": ("reinforcement", "rent_more_compute"),
    "C": ("reinforcement", "rent_more_compute"),
    "D": ("reinforcement", "rent_more_compute"),
    "E": ("reinforcement", "rent_more_compute"),
}

# %% exercise="feedback" equivalent="lists, in another order"
feedback = {
    "E": ["reinforcement", "limit_the_trials"],
    "D": ["unsupervised", "agree_what_is_useful"],
    "C": ["supervised", "wait_for_outcomes"],
    "B": ["supervised", "buy_labels"],
    "A": ["supervised", "join_records"],
}

# %% exercise="feedback" equivalent="built from two columns"
feedback = dict(
    zip(
        "ABCDE",
        zip(
            ["supervised"] * 3 + ["unsupervised", "reinforcement"],
            ["join_records", "buy_labels", "wait_for_outcomes", "agree_what_is_useful", "limit_the_trials"],
        ),
    )
)


# %% exercise="usable" mutant="before the decision, not at it" score=0
def usable(catalogue, decision):
    known = catalogue[catalogue["known_at"] < decision]
    return known.loc[~known["rewritten"], "feature"].tolist()


# %% exercise="usable" mutant="unknown taken for early" score=0
def usable(catalogue, decision):
    known = catalogue["known_at"].fillna(0) <= decision
    return catalogue.loc[known & ~catalogue["rewritten"], "feature"].tolist()


# %% exercise="usable" mutant="rewritten values kept" score=0
def usable(catalogue, decision):
    return catalogue.loc[catalogue["known_at"] <= decision, "feature"].tolist()


# %% exercise="usable" mutant="sorted by name" score=1.5
def usable(catalogue, decision):
    known = (catalogue["known_at"] <= decision) & ~catalogue["rewritten"]
    return sorted(catalogue.loc[known, "feature"])


# %% exercise="usable" mutant="the worked example typed in" score=1
def usable(catalogue, decision):
    return ["phase", "speed_knots"]


# %% exercise="usable" mutant="what is not usable" score=0
def usable(catalogue, decision):
    known = (catalogue["known_at"] <= decision) & ~catalogue["rewritten"]
    return catalogue.loc[~known, "feature"].tolist()


# %% exercise="usable" equivalent="query"
def usable(catalogue, decision):
    return list(catalogue.query("known_at <= @decision and not rewritten")["feature"])


# %% exercise="usable" equivalent="plain Python"
def usable(catalogue, decision):
    names = []
    for _, row in catalogue.iterrows():
        if not pd.isna(row["known_at"]) and row["known_at"] <= decision and not row["rewritten"]:
            names.append(row["feature"])
    return names


# %% exercise="usable" equivalent="numpy array of names"
def usable(catalogue, decision):
    hours = catalogue["known_at"].to_numpy()
    keep = np.isfinite(hours) & (hours <= decision) & ~catalogue["rewritten"].to_numpy(dtype=bool)
    return catalogue["feature"].to_numpy()[keep].tolist()


# %% exercise="share_seen" mutant="each column on its own" score=1
def share_seen(train, test, keys):
    if len(test) == 0:
        raise ValueError("empty test")
    seen = pd.Series(True, index=test.index)
    for key in keys:
        seen &= test[key].isin(train[key])
    return seen.mean()


# %% exercise="share_seen" mutant="a test row counted once per match" score=1
def share_seen(train, test, keys):
    if len(test) == 0:
        raise ValueError("empty test")
    return len(test.merge(train[keys], on=keys)) / len(test)


# %% exercise="share_seen" mutant="the index compared" score=0.5
def share_seen(train, test, keys):
    if len(test) == 0:
        raise ValueError("empty test")
    return float(test.index.isin(train.index).mean())


# %% exercise="share_seen" mutant="share of train" score=1.5
def share_seen(train, test, keys):
    if len(test) == 0:
        raise ValueError("empty test")
    known = set(test[keys].itertuples(index=False, name=None))
    return sum(k in known for k in train[keys].itertuples(index=False, name=None)) / len(train)


# %% exercise="share_seen" mutant="distinct keys instead of rows" score=1
def share_seen(train, test, keys):
    if len(test) == 0:
        raise ValueError("empty test")
    known = set(train[keys].itertuples(index=False, name=None))
    asked = set(test[keys].itertuples(index=False, name=None))
    return len(asked & known) / len(asked)


# %% exercise="share_seen" mutant="an empty test called clean" score=2.5
def share_seen(train, test, keys):
    if len(test) == 0:
        return 0.0
    known = set(train[keys].itertuples(index=False, name=None))
    return sum(k in known for k in test[keys].itertuples(index=False, name=None)) / len(test)


# %% exercise="share_seen" mutant="says whether, not how much" score=0.5
def share_seen(train, test, keys):
    if len(test) == 0:
        raise ValueError("empty test")
    return float(len(test.merge(train[keys], on=keys)) > 0)


# %% exercise="share_seen" equivalent="set of tuples"
def share_seen(train, test, keys):
    if len(test) == 0:
        raise ValueError("empty test")
    known = set(map(tuple, train[keys].to_numpy().tolist()))
    return sum(tuple(row) in known for row in test[keys].to_numpy().tolist()) / len(test)


# %% exercise="share_seen" equivalent="multi-index"
def share_seen(train, test, keys):
    if test.empty:
        raise ValueError("empty test")
    return np.mean(
        pd.MultiIndex.from_frame(test[keys]).isin(pd.MultiIndex.from_frame(train[keys]))
        if len(train)
        else np.zeros(len(test))
    )


# %% exercise="share_seen" equivalent="left merge with indicator"
def share_seen(train, test, keys):
    if not len(test):
        raise ValueError("empty test")
    merged = test[keys].merge(train[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    return (merged["_merge"] == "both").sum() / len(merged)


# %% exercise="split" mutant="rows at random, whatever the use" score=1
def split(forms, used_on, rng):
    if used_on not in ("known clinics", "new clinics", "later days"):
        raise ValueError(used_on)
    return train_test_split(forms, test_size=0.25, random_state=int(rng.integers(2**31)))


# %% exercise="split" mutant="train and test in the wrong order" score=1
def split(forms, used_on, rng):
    seed = int(rng.integers(2**31))
    if used_on == "known clinics":
        train, test = train_test_split(forms, test_size=0.25, random_state=seed)
    elif used_on == "new clinics":
        cut = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=seed)
        a, b = next(cut.split(forms, groups=forms["clinic"]))
        train, test = forms.iloc[a], forms.iloc[b]
    elif used_on == "later days":
        days = sorted(forms["day"].unique())
        late = forms["day"].isin(days[-math.ceil(len(days) / 4) :])
        train, test = forms[~late], forms[late]
    else:
        raise ValueError(used_on)
    return test, train


# %% exercise="split" mutant="a quarter rounded down" score=1
def split(forms, used_on, rng):
    unit = {"known clinics": None, "new clinics": "clinic", "later days": "day"}
    if used_on not in unit:
        raise ValueError(used_on)
    values = forms.index.to_series() if unit[used_on] is None else forms[unit[used_on]]
    units = sorted(values.unique())
    if used_on != "later days":
        units = list(rng.permutation(units))
    tested = values.isin(units[len(units) - len(units) // 4 :])
    return forms[~tested], forms[tested]


# %% exercise="split" mutant="a fixed seed" score=2.5
def split(forms, used_on, rng):
    if used_on == "known clinics":
        return train_test_split(forms, test_size=0.25, random_state=0)
    if used_on == "new clinics":
        cut = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=0)
        a, b = next(cut.split(forms, groups=forms["clinic"]))
        return forms.iloc[a], forms.iloc[b]
    if used_on == "later days":
        days = sorted(forms["day"].unique())
        late = forms["day"].isin(days[-math.ceil(len(days) / 4) :])
        return forms[~late], forms[late]
    raise ValueError(used_on)


# %% exercise="split" mutant="the latest rows instead of the latest days" score=1.5
def split(forms, used_on, rng):
    seed = int(rng.integers(2**31))
    if used_on == "known clinics":
        return train_test_split(forms, test_size=0.25, random_state=seed)
    if used_on == "new clinics":
        cut = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=seed)
        a, b = next(cut.split(forms, groups=forms["clinic"]))
        return forms.iloc[a], forms.iloc[b]
    if used_on == "later days":
        ordered = forms.sort_values("day", kind="stable")
        n = math.ceil(len(forms) / 4)
        return ordered.iloc[:-n], ordered.iloc[-n:]
    raise ValueError(used_on)


# %% exercise="split" mutant="any other use treated as random" score=2.5
def split(forms, used_on, rng):
    seed = int(rng.integers(2**31))
    if used_on == "new clinics":
        cut = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=seed)
        a, b = next(cut.split(forms, groups=forms["clinic"]))
        return forms.iloc[a], forms.iloc[b]
    if used_on == "later days":
        days = sorted(forms["day"].unique())
        late = forms["day"].isin(days[-math.ceil(len(days) / 4) :])
        return forms[~late], forms[late]
    return train_test_split(forms, test_size=0.25, random_state=seed)


# %% exercise="split" equivalent="numpy permutations, one rule for all units"
def split(forms, used_on, rng):
    if used_on == "known clinics":
        values = forms.index.to_numpy()
    elif used_on == "new clinics":
        values = forms["clinic"].to_numpy()
    elif used_on == "later days":
        values = forms["day"].to_numpy()
    else:
        raise ValueError(f"unknown use: {used_on}")
    units = np.array(sorted(set(values)), dtype=object)
    if used_on != "later days":
        units = rng.permutation(units)
    tested = set(units[-int(np.ceil(len(units) / 4)) :])
    mask = np.array([value in tested for value in values])
    return forms[~mask], forms[mask]


# %% exercise="split" equivalent="pandas sample"
def split(forms, used_on, rng):
    if used_on == "known clinics":
        test = forms.sample(n=math.ceil(len(forms) / 4), random_state=rng)
    elif used_on == "new clinics":
        clinics = forms["clinic"].drop_duplicates()
        drawn = clinics.sample(n=-(-len(clinics) // 4), random_state=rng)
        test = forms[forms["clinic"].isin(drawn)]
    elif used_on == "later days":
        rank = forms["day"].rank(method="dense")
        test = forms[rank > rank.max() - math.ceil(rank.max() / 4)]
    else:
        raise ValueError("known clinics, new clinics or later days")
    return forms.drop(test.index), test


# %% exercise="honest_score" mutant="the colleague's code" score=0
def honest_score(X, y, patient):
    X = SelectKBest(k=20).fit_transform(X, y)
    X = StandardScaler().fit_transform(X)
    folds = KFold(5, shuffle=True, random_state=0)
    return cross_val_score(LogisticRegression(), X, y, cv=folds).mean()


# %% exercise="honest_score" mutant="steps in the folds, patients on both sides" score=1
def honest_score(X, y, patient):
    model = make_pipeline(SelectKBest(k=20), StandardScaler(), LogisticRegression())
    folds = KFold(5, shuffle=True, random_state=0)
    return cross_val_score(model, X, y, cv=folds).mean()


# %% exercise="honest_score" mutant="patients apart, columns chosen on all rows" score=1
def honest_score(X, y, patient):
    X = SelectKBest(k=20).fit_transform(X, y)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return cross_val_score(model, X, y, cv=GroupKFold(n_splits=5), groups=patient).mean()


# %% exercise="honest_score" mutant="score on the training rows" score=0
def honest_score(X, y, patient):
    model = make_pipeline(SelectKBest(k=20), StandardScaler(), LogisticRegression())
    return model.fit(X, y).score(X, y)


# %% exercise="honest_score" mutant="a coin's half, whatever the data" score=1
def honest_score(X, y, patient):
    return 0.5


# %% exercise="honest_score" equivalent="a loop over the folds"
def honest_score(X, y, patient):
    scores = []
    for train, test in GroupKFold(n_splits=5).split(X, y, groups=patient):
        choose = SelectKBest(k=20).fit(X[train], y[train])
        scale = StandardScaler().fit(choose.transform(X[train]))
        model = LogisticRegression().fit(scale.transform(choose.transform(X[train])), y[train])
        right = model.predict(scale.transform(choose.transform(X[test]))) == y[test]
        scores.append(right.mean())
    return float(np.mean(scores))


# %% exercise="honest_score" equivalent="scaling first, cross_validate"
from sklearn.model_selection import cross_validate
from sklearn.pipeline import Pipeline


def honest_score(X, y, patient):
    steps = [("scale", StandardScaler()), ("choose", SelectKBest(k=20)), ("model", LogisticRegression())]
    result = cross_validate(Pipeline(steps), X, y, groups=patient, cv=GroupKFold(n_splits=5), scoring="accuracy")
    return np.mean(result["test_score"])


# %% exercise="next_investment" mutant="the gap decides" score=1
def next_investment(curve, target):
    last = curve.sort_values("size").iloc[-1]
    if last["val"] >= target:
        return "stop"
    if last["train"] - last["val"] > 0.05:
        return "more_data"
    return "bigger_model"


# %% exercise="next_investment" mutant="more data, always" score=1
def next_investment(curve, target):
    return "more_data"


# %% exercise="next_investment" mutant="gain not divided by doublings" score=2.5
def next_investment(curve, target):
    ordered = curve.sort_values("size")
    before, last = ordered.iloc[-2], ordered.iloc[-1]
    if last["val"] >= target:
        return "stop"
    if last["train"] < target:
        return "bigger_model"
    return "more_data" if round(last["val"] - before["val"], 4) >= 0.01 else "better_features"


# %% exercise="next_investment" mutant="rows taken as they come" score=2.5
def next_investment(curve, target):
    before, last = curve.iloc[-2], curve.iloc[-1]
    slope = (last["val"] - before["val"]) / math.log2(last["size"] / before["size"])
    if last["val"] >= target:
        return "stop"
    if last["train"] < target:
        return "bigger_model"
    return "more_data" if round(slope, 4) >= 0.01 else "better_features"


# %% exercise="next_investment" mutant="slope from the first to the last size" score=1
def next_investment(curve, target):
    ordered = curve.sort_values("size")
    first, last = ordered.iloc[0], ordered.iloc[-1]
    slope = (last["val"] - first["val"]) / math.log2(last["size"] / first["size"])
    if last["val"] >= target:
        return "stop"
    if last["train"] < target:
        return "bigger_model"
    return "more_data" if round(slope, 4) >= 0.01 else "better_features"


# %% exercise="next_investment" mutant="slope asked before the training score" score=2
def next_investment(curve, target):
    ordered = curve.sort_values("size")
    before, last = ordered.iloc[-2], ordered.iloc[-1]
    slope = (last["val"] - before["val"]) / math.log2(last["size"] / before["size"])
    if last["val"] >= target:
        return "stop"
    if round(slope, 4) >= 0.01:
        return "more_data"
    return "bigger_model" if last["train"] < target else "better_features"


# %% exercise="next_investment" equivalent="numpy"
def next_investment(curve, target):
    order = np.argsort(curve["size"].to_numpy())
    size, train, val = (curve[name].to_numpy()[order] for name in ["size", "train", "val"])
    if val[-1] >= target:
        return "stop"
    if train[-1] < target:
        return "bigger_model"
    slope = np.diff(val)[-1] / np.diff(np.log2(size))[-1]
    return "more_data" if np.round(slope, 4) >= 0.01 else "better_features"


# %% exercise="next_investment" equivalent="plain Python"
def next_investment(curve, target):
    rows = sorted(zip(curve["size"].tolist(), curve["train"].tolist(), curve["val"].tolist()))
    (n0, _, v0), (n1, t1, v1) = rows[-2:]
    slope = round((v1 - v0) / (math.log(n1 / n0) / math.log(2)), 4)
    rules = [(v1 >= target, "stop"), (t1 < target, "bigger_model"), (slope >= 0.01, "more_data")]
    return next((answer for holds, answer in rules if holds), "better_features")


# %% exercise="next_investment" equivalent="nlargest"
def next_investment(curve, target):
    last, before = [row for _, row in curve.nlargest(2, "size").iterrows()]
    if last.val >= target:
        return "stop"
    elif last.train < target:
        return "bigger_model"
    doublings = np.log2(last["size"]) - np.log2(before["size"])
    return "more_data" if round((last.val - before.val) / doublings, 4) >= 0.01 else "better_features"

# %% [markdown]
# ## Sign, or not?
#
# Northgate Air, an invented airline, sends a team to inspect every aircraft that reports a bird strike. Most teams find
# nothing. A vendor offers a model that reads the report and says which aircraft to inspect. The slide says:
#
# > **90% accurate, measured on thousands of real strikes.**
#
# Maintenance control wants to sign on Friday and asks you, the TPM, whether 90% is good. The strikes are public, so we can
# check: build such a model and see what the claim is worth.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from tpmkit import data

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
strikes = data.load("bird_strikes")
damaged = strikes["damage"] != "None"
strikes[["flight_date", "aircraft", "phase", "wildlife_size", "damage"]].head(4)

# %% [markdown]
# Each row is a strike that somebody reported to the US aviation authority, the FAA: {{ len(strikes):,}} of them, from
# {{ strikes["flight_date"].min():%Y}} to {{ strikes["flight_date"].max():%Y}}. {{ damaged.mean():.1%}} did damage. Reporting was
# voluntary, so this is the rate among *reports*, not among all strikes.
#
# ## Reproduce the claim
#
# A model must be judged on later strikes than it learned from, as it will be used: we train on 1990-1997 and score
# 1998-2002. The bird's size is known only after the strike: fine for deciding about an inspection, cheating for
# preventing strikes. Its species is often named days later; for a decision before the next departure it must go (module 02,
# and the first case study). We keep it here because the vendor did; ask when each column is known. The model is a logistic
# regression; nothing below depends on that.

# %%
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

words = ["aircraft", "operator", "state", "phase"]
words += ["wildlife_size", "wildlife_species", "time_of_day"]
speed = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
model = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"), words),
        (speed, ["speed_knots"]),
    ),
    LogisticRegression(max_iter=1000),
)

# %%
early = strikes["flight_date"].dt.year <= 1997
model.fit(strikes[early], damaged[early])
scores = model.predict_proba(strikes[~early])[:, 1]
truth = damaged[~early].to_numpy()
flags = scores >= 0.5
print(f"{len(truth):,} strikes scored, accuracy {(flags == truth).mean():.1%}")

# %% [markdown]
# For each strike the model gives a *score* between 0 and 1, and it *flags* the aircraft if the score reaches 0.5. It is
# right about {{ (flags == truth).mean():.1%}} of the strikes. The number on the slide is honest.

# %% [markdown] prompt="predict_nothing"
# **Predict first.** {{ truth.mean():.1%}} of the later strikes did damage. How accurate is a "model" that never flags
# anything?
#
# <details><summary>Answer</summary>
#
# {{ 1 - truth.mean():.1%}}: it is right about every aircraft that was not damaged, and most were not. Of
# {{ len(truth):,}} answers the model gets {{ (flags == truth).sum() - (~truth).sum()}} more right than no model at all.
#
# </details>

# %%
accuracy = {"the model": (flags == truth).mean(), "never flag": (~truth).mean()}
pd.DataFrame({"accuracy": accuracy}).round(3)

# %% [markdown]
# **So what.** Accuracy counts every strike as one vote, and nine votes in ten come from undamaged aircraft. Where the case
# you care about is rare, accuracy mostly measures how rare it is. Never read an accuracy without the accuracy of doing
# nothing beside it.
#
# ## Where is it wrong?
#
# Right and wrong come in two forms each. Count all four.

# %%
from sklearn.metrics import confusion_matrix

(quiet, false_alarms), (misses, hits) = confusion_matrix(truth, flags)
pd.DataFrame(
    [[misses, hits], [quiet, false_alarms]],
    index=["damaged", "undamaged"],
    columns=["not flagged", "flagged"],
)

# %% [markdown]
# This is the *confusion matrix*. In words:
#
# - **{{ hits}} hits**: damaged, and a team was sent.
# - **{{ misses}} misses**: damaged, and no team was sent. Safety pays.
# - **{{ false_alarms}} false alarms**: a team was sent for nothing. Maintenance pays.
# - **{{ quiet:,}} quiet**: fine, and left alone. This is where the saving is.
#
# Accuracy adds hits and quiet and forgets who pays. Three ratios remember:

# %%
recall = hits / (hits + misses)
precision = hits / (hits + false_alarms)
false_alarm_rate = false_alarms / (false_alarms + quiet)
print(f"recall {recall:.1%}, precision {precision:.1%}, false-alarm rate {false_alarm_rate:.1%}")

# %% [markdown]
# | figure | of all ... | ... the share that | here | who asks |
# |---|---|---|---|---|
# | **recall** | damaged aircraft | was flagged | {{ recall:.0%}} | safety: what slips through? |
# | **precision** | flagged aircraft | was damaged | {{ precision:.0%}} | the team: is the trip worth it? |
# | **false-alarm rate** | undamaged aircraft | was flagged | {{ false_alarm_rate:.0%}} | operations: how often is a sound aircraft held? |
#
# Statisticians say *sensitivity* for recall, *positive predictive value* for precision and *false-positive rate* for the
# false-alarm rate.
#
# **So what.** The "90% accurate" model lets {{ misses}} of {{ hits + misses}} damaged aircraft go without an inspection. Nobody
# in the room would sign for that, and nothing on the slide was false.
#
# ## Who chose 0.5?
#
# Nobody did: it is scikit-learn's default. The model supplies scores; where to cut them is a business decision.

# %% [markdown] prompt="predict_dial"
# **Predict first.** We lower the threshold from 0.5 to 0.1. What happens to recall, to precision and to accuracy?
#
# <details><summary>Answer</summary>
#
# More aircraft are flagged, so recall can only rise: from {{ recall:.0%}} to {{ truth[scores >= 0.1].sum() / truth.sum():.0%}}. The
# newly flagged are the less suspicious ones, so precision falls, from {{ precision:.0%}} to {{ truth[scores >= 0.1].mean():.0%}}.
# Accuracy falls below that of doing nothing, to {{ ((scores >= 0.1) == truth).mean():.0%}}, while the model becomes far more
# useful.
#
# </details>

# %%
rows = []
for threshold in (0.5, 0.3, 0.2, 0.1, 0.05):
    flags = scores >= threshold
    found = (flags & truth).sum()
    shares = [found / truth.sum(), truth[flags].mean(), (flags == truth).mean()]
    rows.append([threshold, flags.sum(), truth.sum() - found, *shares])
columns = ["threshold", "flagged", "missed", "recall", "precision", "accuracy"]
dial = pd.DataFrame(rows, columns=columns).set_index("threshold").round(2)
dial

# %% [markdown]
# At 0.1 the team inspects {{ dial.loc[0.1, "flagged"]:,.0f}} aircraft instead of {{ len(truth):,}} and misses
# {{ dial.loc[0.1, "missed"]:.0f}} of {{ truth.sum()}} damaged ones. At 0.05 it misses {{ dial.loc[0.05, "missed"]:.0f}}, for
# {{ dial.loc[0.05, "flagged"] - dial.loc[0.1, "flagged"]:,.0f}} more inspections. All rows are the same model.

# %% alt="Recall and precision against the threshold. As the threshold rises from 0.02 to 0.6, recall falls from nearly 1 to about 0.1 and precision climbs from the base rate to about 0.6; they cross near 0.3."
cuts = np.linspace(0.02, 0.6, 59)
found = [(truth & (scores >= cut)).sum() / truth.sum() for cut in cuts]
useful = [truth[scores >= cut].mean() for cut in cuts]
fig, ax = plt.subplots(figsize=(7, 3.6))
_ = ax.plot(cuts, found, "k", label="recall: share of the damaged that is flagged")
_ = ax.plot(cuts, useful, "k--", label="precision: share of the flagged that is damaged")
_ = ax.set(xlabel="threshold", ylabel="share", ylim=(0, 1))
_ = ax.set_title("One dial: less missed damage means more wasted inspections")
_ = ax.legend(frameon=False)

# %% [markdown]
# No setting is good at both. **So what:** "improve recall" is not yet an order: turning the dial does that. The order is:
# *better recall for the same number of inspections*.
#
# ## Play: turn the dial yourself
#
# Top: the scores and their matrix (*found*, *missed*, *left alone* are our hits, misses, quiet). Bottom: two curves over
# every threshold, the present one a dot, and the cost if a miss is worth so many false alarms. *Base rate* is the
# prevalence: the share damaged.

# %% alt="Thresholds explorer at 0.10: histograms of the scores of damaged and undamaged aircraft, the confusion matrix, the ROC curve, the precision-recall curve and the cost of every threshold, each with the operating point marked."
from tpmkit.explore.thresholds import thresholds

explorer = thresholds(
    truth, scores, threshold=0.1, actor="teams inspect", flagged="inspected", cost_miss=20
)
explorer.picture()

# %%
explorer

# %% [markdown]
# Three things to try (arrow keys work):
#
# 1. Find the highest threshold that misses no more than one damaged aircraft in ten. How many inspections is that?
# 2. Let a miss be worth 5 false alarms, then 50. Where does the cheapest threshold go?
# 3. Watch the dot on the left curve and on the middle one. Which curve would you show to the team that drives out?
#
# <details><summary>What you should find</summary>
#
# 1. {{ (careful := max(t for t in np.arange(100) / 100 if (truth & (scores < t)).sum() <= truth.sum() / 10)):.2f}}, for
#    {{ (scores >= careful).sum():,}} inspections: finding the last ones is dear.
# 2. Down: the dearer a miss, the more false alarms are worth bearing. The first case study prices a threshold.
# 3. The middle one. Its height is the share of trips that find something.
#
# </details>
#
# ## One number for the whole dial
#
# The left curve is the *ROC curve*: recall against false-alarm rate. The area under it, *AUC*, judges the scores before
# anybody has chosen a threshold, and it has a meaning that you can act out. Draw a damaged and an undamaged aircraft at
# random. Which has the higher score?

# %%
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(0)
of_damaged = rng.choice(scores[truth], 20_000)
of_undamaged = rng.choice(scores[~truth], 20_000)
won = (of_damaged > of_undamaged).mean() + (of_damaged == of_undamaged).mean() / 2
auc = roc_auc_score(truth, scores)
print(f"the damaged aircraft scores higher in {won:.1%} of 20,000 pairs; AUC = {auc:.3f}")

# %% [markdown]
# AUC *is* this probability, a tie counting half: 0.5 for a coin, 1 for a perfect ranking. So "AUC {{ auc:.2f}}" means: asked
# which of two aircraft to inspect first, exactly one of them damaged, the model is right about {{ auc * 10:.0f}} times in 10.
#
# It does not mean that {{ auc:.0%}} of the flags are right. It says nothing about any threshold, nor about whether a score
# of 0.3 means 30%: halve all scores, and it stays.
#
# ## Why the middle curve belongs on the slide
#
# Recall looks only at damaged aircraft, the false-alarm rate only at undamaged ones. So the ROC curve cannot see how many
# there are of each. Precision mixes both groups, and it can. We reweight the same strikes as if only 2% did damage.

# %%
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_curve

base = truth.mean()
as_if_rare = np.where(truth, 0.02 / base, 0.98 / (1 - base))
rows = {}
for name, weight in [("as reported", None), ("as if 2% did damage", as_if_rare)]:
    area = roc_auc_score(truth, scores, sample_weight=weight)
    rows[name] = [area, average_precision_score(truth, scores, sample_weight=weight)]
areas = pd.DataFrame(rows, index=["AUC", "average precision"]).T.round(3)
areas

# %% alt="Two panels. Left, ROC: the curve as reported and the curve as if 2 percent did damage lie on each other. Right, precision-recall: as reported the curve runs from about 0.7 down to 0.11; with rare damage it lies far below, mostly under 0.2."
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for name, style, weight in [("as reported", "k-", None), ("as if 2% did damage", "C1--", as_if_rare)]:
    alarm_rates, recalls, _ = roc_curve(truth, scores, sample_weight=weight)
    _ = left.plot(alarm_rates, recalls, style, label=name)
    precisions, recalls, _ = precision_recall_curve(truth, scores, sample_weight=weight)
    shown = recalls > 0.02  # with fewer flags than that, precision is noise
    _ = right.plot(recalls[shown], precisions[shown], style, label=name)
_ = left.set(xlabel="false-alarm rate", ylabel="recall", title="ROC does not notice rare damage ...")
_ = right.set(xlabel="recall", ylabel="precision", ylim=(0, 1), title="... precision does")
_ = right.legend(frameon=False)

# %% [markdown]
# The left curve and its area stay exactly where they were. The area under the right one, *average precision*, drops from
# {{ areas.iloc[0, 1]:.2f}} to {{ areas.iloc[1, 1]:.2f}}. Its floor is the share of damage itself ({{ base:.2f}}, and 0.02): that is what
# random flags would earn. Saito and Rehmsmeier (2015) warn that the look of a ROC plot "can be deceptive" where cases
# are rare.
#
# **So what.** To compare rankings across fleets, use AUC. To know what your team will live through, ask for precision and
# recall *at your own damage rate*.

# %% [markdown] prompt="predict_fleet"
# **Predict first.** At threshold 0.1 the model finds {{ truth[scores >= 0.1].sum() / truth.sum():.0%}} of the damaged and flags
# {{ (scores[~truth] >= 0.1).mean():.0%}} of the undamaged aircraft. A regional carrier, with damage in 2% of its reports, buys it
# with the same settings. Of 100 inspections, how many find damage?
#
# <details><summary>Answer</summary>
#
# About {{ 100 * truth[scores >= 0.1].sum() / truth.sum() * 0.02 / (truth[scores >= 0.1].sum() / truth.sum() * 0.02 + (scores[~truth] >= 0.1).mean() * 0.98):.0f}},
# instead of {{ 100 * truth[scores >= 0.1].mean():.0f}}. The next cell counts it out.
#
# </details>

# %%
recall = truth[scores >= 0.1].sum() / truth.sum()
false_alarm_rate = (scores[~truth] >= 0.1).mean()
for prevalence in (base, 0.05, 0.02):
    hits = 1000 * prevalence * recall
    false_alarms = 1000 * (1 - prevalence) * false_alarm_rate
    counts = f"{hits:2.0f} hits, {false_alarms:.0f} false alarms"
    print(f"damage in {prevalence:5.1%}: {counts}, precision {hits / (hits + false_alarms):.0%}")

# %% [markdown]
# Per 1,000 reports the false alarms hardly change while the hits melt away. This is Bayes' rule with whole aircraft. It
# assumes that recall and false-alarm rate travel unchanged, which a pilot must check: another fleet meets other birds.
#
# ## How sure are we?
#
# All this rests on {{ truth.sum()}} damaged aircraft. A metric is a measurement, and measurements scatter. Below, recall
# at threshold 0.1 for each year with its 95% *Wilson interval*, made for shares of few cases.

# %% alt="Recall at threshold 0.1 for each year from 1998 to 2002, as dots with horizontal 95 percent intervals. All dots lie near the dotted line at 0.72, the recall of all years together; the intervals reach about 8 to 13 points to either side, widest in 2002 with 47 damaged aircraft."
from scipy.stats import binomtest

year = strikes.loc[~early, "flight_date"].dt.year.to_numpy()
fig, ax = plt.subplots(figsize=(7, 3.4))
for y in range(1998, 2003):
    n, found = truth[year == y].sum(), (scores[truth & (year == y)] >= 0.1).sum()
    low, high = binomtest(int(found), int(n)).proportion_ci(0.95, method="wilson")
    _ = ax.plot([low, found / n, high], [y, y, y], "k-o", markevery=[1])
    _ = ax.text(high + 0.01, y, f"{found} of {n}", va="center")
_ = ax.axvline(recall, linestyle=":", color="black")
_ = ax.set(xlim=(0.5, 1), ylim=(2002.5, 1997.5), ylabel="year")
_ = ax.set_xlabel("recall at threshold 0.1, with its 95% interval")
_ = ax.set_title("Five years agree, but each one alone leaves a wide range")

# %% [markdown]
# The dots hardly move: over these years the model aged well. But after any one of them you would have known only its
# interval. For figures without a formula, such as AUC, use the *bootstrap*: draw the strikes again with replacement, many
# times, and watch the figure move. Here as if the pilot had been 2002 alone (to {{ strikes["flight_date"].max():%B}}):

# %%
pilot = np.flatnonzero(year == 2002)
rng = np.random.default_rng(0)
draws = []
for _ in range(1000):
    again = rng.choice(pilot, len(pilot))
    draws.append(roc_auc_score(truth[again], scores[again]))
low, high = np.percentile(draws, [2.5, 97.5])
print(f"{len(pilot)} strikes, {truth[pilot].sum()} of them damaged")
print(f"AUC {roc_auc_score(truth[pilot], scores[pilot]):.2f}, 95% range {low:.2f} to {high:.2f}")

# %% [markdown]
# **So what.** An ML program does not end in "it works" or "it fails", but in "it finds about so many, give or take". Put
# the range into the plan: accept on the *lower* end of the interval, and size the pilot by the number of *damaged* aircraft
# it will see, not by the number of reports. On a pilot as small as this one, a rival's lead of 0.02 in AUC may well be luck.
#
# At the cautious setting:

# %%
found = int((truth & (scores >= 0.05)).sum())
cautious = binomtest(found, int(truth.sum())).proportion_ci(0.95, method="wilson")
least, most = 100 * (1 - cautious.high), 100 * (1 - cautious.low)
print(f"at 0.05, {truth.sum() - found} of {truth.sum()} damaged aircraft are overlooked")
print(f"of 100: {least:.0f} to {most:.0f} (95% interval)")

# %% [markdown]
# ## What a TPM does with this
#
# **The decision.** Do not sign on Friday. Offer a paid shadow run: the model scores every report, the team still inspects all
# of them, so misses are seen. Agree before it starts on three numbers: the recall that safety needs, the inspections that
# maintenance can make, and the number of damaged aircraft after which the intervals are read.
#
# **Five questions for any metric on a slide.**
#
# 1. What does doing nothing score?
# 2. May I see the four counts?
# 3. At which threshold, and who chose it?
# 4. At which rate of cases, and what is ours?
# 5. On how many *cases* does it rest, so how wide is the range?
#
# **The sentence to the head of maintenance.** "Inspecting nobody would be {{ 1 - base:.0%}} accurate too, so the slide tells us nothing.
# Set cautiously, at 0.05, the model would spare us {{ 1 - dial.loc[0.05, "flagged"] / len(truth):.0%}} of the inspections and overlook
# {{ least:.0f}} to {{ most:.0f}} of every 100 damaged aircraft; before we accept that, I want six months in which we inspect
# everybody and count what it would have missed."
#
# ## Recap
#
# - **From four counts:** recall divides by the damaged, precision by the flagged, the false-alarm rate by the undamaged,
#   accuracy by everybody. In a report look for precision and recall swapped, and for an accuracy without do-nothing.
# - **The threshold** is yours: take the highest that keeps the promise to safety, and check that the inspections fit.
# - **Rarer damage** leaves recall, false-alarm rate and AUC alone and pulls precision down.
# - **AUC** is the chance that a damaged aircraft outranks an undamaged one. Where cases are rare, average precision shows
#   what the top of the list is worth.
# - **To a stakeholder:** counts, money and a range, then a recommendation and what would change it.
#
# Next: the [practice](03_metrics_practice.ipynb).
#
# ## Sources
#
# - Strikes: FAA Wildlife Strike Database, 1990-2002, as packed in vega-datasets 3.2.1 (US Government data). Northgate Air and
#   the vendor are invented.
# - Voluntary reporting: R. A. Dolbeer, *Trends in Wildlife Strike Reporting, Part 1: Voluntary System 1990-2008*,
#   DOT/FAA/AR-09/65, December 2009.
# - T. Saito and M. Rehmsmeier, "The Precision-Recall Plot Is More Informative than the ROC Plot When Evaluating Binary
#   Classifiers on Imbalanced Datasets", *PLOS ONE*, 4 March 2015, doi:10.1371/journal.pone.0118432.
# - J. A. Hanley and B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
#   *Radiology* 143, 1982.
# - E. B. Wilson, "Probable inference, the law of succession, and statistical inference", *JASA* 22, 1927.
# - scikit-learn user guide, "Metrics and scoring", read November 2026.

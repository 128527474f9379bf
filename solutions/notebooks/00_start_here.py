# %% [markdown]
# An airline gets thousands of reports of birds hitting its aircraft. Most do no harm; some crack a fan blade. You lead
# the program that shall decide which aircraft an engineer looks at before the next departure. The data is real (US
# Federal Aviation Administration, 1990-2002); the decision will be yours. First, ten minutes with the tools.
#
# ## 1 · Run a cell
#
# A notebook is made of *cells*: text like this one, and code. Click the cell below and press **Shift + Enter**. It
# runs, shows its last line, and moves on. That is how you read every lesson: run a cell, read the result, go on.

# %%
from tpmkit.data import load

strikes = load("bird_strikes")
strikes[["flight_date", "aircraft", "phase", "wildlife_size", "damage"]].head()

# %% [markdown]
# Each row is one reported strike. A cell can be changed and run again, as often as you like: write `strikes.tail()` in
# a new cell (the **+** above) and run it. Nothing you do here can break the course; your copy is yours.
#
# ## 2 · Read a result
#
# The first question of any such program: how often does the bad thing happen?

# %%
damaged = strikes["damage"] != "None"
print(f"{damaged.sum():,} of {len(strikes):,} reported strikes did damage: {damaged.mean():.1%}")

# %% [markdown]
# So a model that always answers "no damage" would be right for {{ 1 - damaged.mean():.0%}} of the reports and would
# find no cracked blade. Remember that the next time somebody offers you a model that is "{{ 1 - damaged.mean():.0%}}
# accurate". Numbers in the text, like these, are computed when the notebook is made; they cannot disagree with the code.
#
# ## 3 · Move a slider
#
# Suppose we score each new report by how often strikes like it (same size of bird, same phase of flight) did damage in
# earlier years, and inspect those that score above a *threshold*. Where should the threshold be?

# %% alt="Bar chart: the share of strikes that do damage rises steeply from small to medium to large birds."
import matplotlib.pyplot as plt

early = strikes[strikes["flight_date"] < "1996"].assign(damaged=damaged)
by_size = early.groupby("wildlife_size")["damaged"].mean().reindex(["Small", "Medium", "Large"])
fig, ax = plt.subplots(figsize=(6, 2.2))
_ = ax.barh(by_size.index, by_size, color="#005a87")
_ = ax.bar_label(ax.containers[0], fmt="{:.0%}", padding=4)
_ = ax.set(title="The bigger the bird, the more often it does damage", xlim=(0, 1))
_ = ax.set_xlabel("share of strikes with damage, 1990-1995")

# %% [markdown]
# The next cell shows the later years. Run it, then drag the slider, or click it and use the arrow keys. Watch two
# numbers fight each other: how many aircraft the engineers must open, and how much of the damage they find.

# %%
from tpmkit.explore.thresholds import thresholds

late = strikes[strikes["flight_date"] >= "1996"].assign(damaged=damaged)
rate = early.groupby(["wildlife_size", "phase"])["damaged"].mean().rename("score")
late = late.join(rate, on=["wildlife_size", "phase"]).fillna({"score": 0})
thresholds(late["damaged"], late["score"])

# %% [markdown] prompt="first_check"
# No position of the slider is right by itself. It depends on what a missed crack and a needless inspection cost, and on
# how many engineers there are: that is what module 03 and the first case study are about.
#
# ## 4 · Answer an exercise
#
# Exercises have an *answer cell* and a *check cell*. Checks say what they saw and where to look; a check that fails
# costs only its own points. Here a colleague has answered. Run both cells: the check fails.
#
# > What share of the reported strikes did damage?

# %%
share_damaged = 1061 / 8939  # reports with damage / reports without

# %%
from tpmkit.checks import Checks

check = Checks(1)
with check(1, "the share of all reported strikes", hint="what should stand below the line?") as see:
    assert abs(see(share_damaged) - damaged.mean()) < 0.0005
check

# %% [markdown]
# Your turn: correct the answer cell, run it, run the check cell again, and see ✓. (The colleague divided by the wrong
# group: a mix-up you will meet in many status reports.)
#
# <details><summary>Show the answer</summary>
#
# Divide by all reports, damaged or not: `share_damaged = 1061 / 10000`.
#
# </details>
#
# In a practice or a case study, some checks stand below the exercise and others run only when your work is graded.
# They use other data, and test nothing that the text does not state. Written answers, *memos*, are read by a person
# against a rubric that you see beforehand.
#
# ## 5 · Hand in
#
# Save with **Ctrl + S** (**⌘ + S** on a Mac). Open a terminal (File → New → Terminal) and type:
#
# ```
# tpmkit submit 03_metrics_practice
# ```
#
# The first time it asks for the id your instructor knows you by (or write it yourself: `--learner ada`). It packs the notebook of that name and tells you what it packed and where the file lies; upload that file where your
# instructor collects work. Nobody teaches you this course? Then skip this step: the checks below each exercise work
# without it.
#
# ## What is here
#
# Read in order, or go where your next decision is. Files open from the panel on the left.

# %% [markdown]
# <!-- course map -->

# %% [markdown]
# Everything runs on this machine; nothing you type leaves it. Next: [02_workflow](02_workflow.ipynb).

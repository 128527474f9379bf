# %% [markdown]
# ## May sales announce the date?
#
# Quillmark, an invented company, builds *Inbox*: software as a service that reads supplier invoices. Model, platform,
# screen, security and marketing work in parallel from 11 January 2027. A trade fair ends on 21 May. Sales asks:
#
# > **May we announce on the stand that everybody can buy it, from that day on?**
#
# The steering committee meets on Thursday, and you, the TPM, bring the date. Every team has given you its own. What you need is
# the one that follows from all of them together.

# %%
from io import StringIO

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from tpmkit import data, planning

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
calendar = planning.Calendar("2027-01-11")
fair = calendar.days_until("2027-05-21")
print(f"the fair ends on working day {fair}")

# %% [markdown]
# Plans count working days; a calendar turns them into dates, and knows holidays if you name them (we name none). This is the
# whole plan, a table such as any spreadsheet or issue tracker exports. `predecessors` are the activities that must be
# finished first.

# %%
TABLE = """
id;name;predecessors;duration;resources
M1;sign data contracts;;10;
M2;collect and label invoices;M1;25;data_engineer
M3;rule-based baseline;M1;8;ml_engineer
M4;features, training, tuning;M2;15;ml_engineer
M5;evaluate against the criteria;M3,M4;8;ml_engineer
MR;DECISION: release the model;M5;0;
P1;tenant isolation in the cloud;;10;data_engineer
P2;serving interface;P1;15;ml_engineer
P3;connect the model;P2,MR;8;ml_engineer
P4;load test;P3;6;ml_engineer
U1;interview pilot customers;;10;designer
U2;design the review screen;U1;10;designer
U3;build the review screen;U2;20;
U4;connect the screen;U3,P2;7;
U5;usability test;U4;5;designer
S1;threat model;;6;security_engineer
S2;privacy assessment;S1,M1;10;security_engineer
S3;penetration test;P3,U4;10;security_engineer
S4;harden the model service;S3;8;ml_engineer
K1;positioning and price;;15;
K2;site and demo video;K1,U3;12;designer
K3;brief press and analysts;K2;10;
L1;pilot with three customers;P4,U5,S2;15;ml_engineer
GO;DECISION: go or no go;L1,S4,K3;0;
L2;open to all customers;GO;3;
"""
plan = planning.read_plan(pd.read_csv(StringIO(TABLE), sep=";"))
print(f"{len(plan)} activities, {sum(plan.durations().values()):.0f} days of work")

# %% [markdown]
# ## Is it all of the work?
#
# No date is better than its list. A *work breakdown structure* splits what was promised into parts, and the **100% rule**
# tests it: the parts together are the whole, nothing missing and nothing extra. So start from the promises, not from the list.

# %%
promised = {
    "reads invoices": "M",
    "runs in the customer's own tenant": "P",
    "a screen to review them": "U",
    "passed security and privacy": "S",
    "a campaign": "K",
    "a pilot, then opening": "LG",
    "a support desk that answers within a day": "O",
}
work = {p: [id for id in plan.ids if id[0] in letters] for p, letters in promised.items()}
pd.Series({p: len(ids) for p, ids in work.items()}, name="activities").to_frame()

# %% [markdown]
# The contract promises a support desk, and nobody planned one. Such a gap is no estimate that was too low; it is an estimate
# of zero. We add the work *and* what waits for it: an activity on which nothing depends can never delay anything, on paper.

# %%
support = planning.Activity("O1", 10, "U4", name="train the support desk")
plan = planning.Plan((*plan.activities, support))
plan = plan.replace("GO", predecessors="L1; S4; K3; O1")

# %% [markdown]
# The engine refuses what cannot be. Suppose that the builders want the demo video's storyboard (K2) before they start:

# %%
try:
    plan.replace("U3", predecessors="U2; K2")
except planning.PlanError as error:
    print(error)

# %% [markdown]
# Each team's wish is sensible, together they wait for ever. It takes a person to say which arrow is wrong, and only a
# person notices one that is missing.
#
# ## What decides the date?

# %% [markdown] prompt="predict_path"
# **Predict first.** Building the screen (U3) and labelling (M2) are the longest activities. Security is tested last.
# Which track decides the date: model, screen or security?
#
# <details><summary>Answer</summary>
#
# Model: the longest *chain* counts, not the longest activity. M1, M2, M4, M5, P3, P4, L1, L2:
# 10 + 25 + 15 + 8 + 8 + 6 + 15 + 3 = {{ planning.critical_path(plan).finish:.0f}} days.
#
# </details>

# %%
path = planning.critical_path(plan)
print(f"day {path.finish:.0f}, {calendar.date_of(path.finish):%d %B %Y}")
print(" > ".join(path.paths()[0]))
columns = ["earliest_start", "earliest_finish", "latest_finish", "total_float"]
path.table.loc[["M4", "S3", "U3", "K3"], columns].astype(int)

# %% [markdown]
# Two walks through the network give this table. *Forward*: an activity starts when its last predecessor has finished.
# *Backward*: it must be finished before its first successor has to start. The difference is its **total float**: how far it
# can slip before the end does. Where it is zero, the activity is *critical*; the critical ones form the path.
#
# **So what.** Of {{ len(plan)}} lines, {{ len(path.critical)}} carry the date. On paper the launch is {{ fair - path.finish:.0f}} days
# ahead of the fair.

# %% [markdown] prompt="predict_late"
# **Predict first.** Monday's reports: the screen (U3) is three weeks late, and everybody is alarmed. Labelling (M2) is one day
# late, in a footnote. What does each do to the date?
#
# <details><summary>Answer</summary>
#
# The screen has {{ path.table.at["U3", "total_float"]:.0f}} days of float: nothing moves. Labelling has none: the launch moves by
# the day.
#
# </details>

# %%
for id, late in {"U3": 15, "M2": 1, "S3": 5}.items():
    slipped = plan.replace(id, duration=plan[id].duration.point + late)
    after = planning.critical_path(slipped).finish
    print(f"{plan[id].name}, {late} days late: launch moves {after - path.finish:.0f}")

# %% [markdown]
# The penetration test is the one to watch: {{ path.table.at["S3", "total_float"]:.0f}} days of float, so a week late costs
# {{ 5 - path.table.at["S3", "total_float"]:.0f}}. Nearly critical is where surprises come from.
#
# Float belongs to a chain, not to a team. U1 to U4 share the same {{ path.table.at["U3", "total_float"]:.0f}} days: what the
# designers use, the builders no longer have.
#
# ## Play: stretch an activity
#
# Hatched bars are critical, the line behind a bar is its float. First the picture, then the same thing alive.

# %% alt="The plan as bars from day 0 to 90. Hatched critical bars run from signing data contracts through labelling, training, evaluation, connection, load test and pilot to the opening. The other bars have lines of float behind them, shortest for penetration test and hardening. The finish on day 90 lies before the promised day 95."
from tpmkit.explore.schedule import schedule

explorer = schedule(plan, "U3", promised="2027-05-21", calendar=calendar)
explorer.picture()

# %%
explorer

# %% [markdown]
# 1. Stretch *build the review screen* until the path jumps. After how many days, and what is on the path then?
# 2. Put all back, and shorten *pilot with three customers*. From where on does it buy nothing?
# 3. Find the longest activity whose doubling changes nothing.
#
# <details><summary>What you should find</summary>
#
# 1. {{ path.table.at["U3", "total_float"]:.0f}} more: both paths are critical. One more day, and the screen alone decides.
# 2. Below {{ 15 - path.table.at["S4", "total_float"]:.0f}} days: then hardening (S4) decides.
# 3. *Build the review screen*: at 40 days it has just used its float.
#
# </details>
#
# ## Where does a week of help buy most?
#
# A neighbouring team offers one week. Give every activity five days off, one at a time, and see what the launch gains.

# %%
gains = {}
for id, days in plan.durations().items():
    helped = plan.replace(id, duration=max(days - 5, 1)) if days > 5 else plan
    gains[id] = path.finish - planning.critical_path(helped).finish
gains = pd.Series(gains).astype(int)
gains[gains > 0].to_frame("days gained").T

# %% [markdown]
# Help off the path buys nothing. Help *on* it buys a day a day only until another chain takes over: late in the plan
# (P4, L1) five days of help gain {{ gains["L1"]}}. **So what:** send help early on the path.
#
# ## Milestones are decisions, and they catch trains
#
# The plan has two milestones, MR and GO, each of zero days. "Model trained" would only report that work happened. A
# milestone earns its place if somebody decides something on evidence:
#
# > **MR, {{ calendar.date_of(path.table.at["MR", "earliest_finish"]):%d %B}}.** The head of product releases the model for the pilot if at least 95% of the fields of 500 invoices from unseen
# > suppliers are right; otherwise the pilot starts on the rule-based baseline.
#
# And releases must meet. Quillmark's product ships every 15 working days, and the pilot can only use what is on a train.
# Suppose that training takes some days longer:

# %%
rows = []
for late in range(6):
    slipped = plan.replace("M4", duration=15 + late)
    ready = planning.critical_path(slipped).table.at["P4", "earliest_finish"]
    train = -(-ready // 15) * 15  # the next multiple of 15
    launch = planning.critical_path(slipped.replace("L1", not_before=train)).finish
    rows.append([late, ready, train, launch])
trains = pd.DataFrame(rows, columns=["days late", "model ready", "train", "launch"]).astype(int)
trains.set_index("days late").T

# %% [markdown]
# Waiting for the train costs {{ trains["launch"][0] - path.finish:.0f}} days even if all goes well, and three late days cost nothing more. The
# fourth costs {{ trains["launch"][4] - trains["launch"][3]}}. Teams that plan apart find this out in the week it happens.
# **So what:** put the train into the plan, or let the model ship without it.

# %%
plan = plan.replace("L1", not_before=75)
print(f"with the train of day 75: day {planning.critical_path(plan).finish:.0f}")

# %% [markdown]
# ## Who is doing all this?

# %% [markdown] prompt="predict_people"
# **Predict first.** So far everybody was free whenever wanted. Quillmark has one ML engineer; a second position is open. No
# duration changes. What happens to the date?
#
# <details><summary>Answer</summary>
#
# After connecting the model on day 66, three jobs need that person: load test, pilot and hardening, 6 + 15 + 8 days. One after
# another, with the pilot waiting for its train, they end on day
# {{ planning.level(plan, {"ml_engineer": 1, "data_engineer": 1, "designer": 1, "security_engineer": 1}).table.at["GO", "finish"]:.0f}}.
#
# </details>

# %%
team = {"ml_engineer": 1, "data_engineer": 1, "designer": 1, "security_engineer": 1}
paper = planning.critical_path(plan)
real = planning.level(plan, team)
helped = planning.level(plan, {**team, "ml_engineer": 2})
for name, day in {"no limits": paper, "as staffed": real, "two ML engineers": helped}.items():
    print(f"{name:17} day {day.finish:.0f}, {calendar.date_of(day.finish):%d %B}")

# %% alt="Bars for four activities, on paper and with one ML engineer. On paper the pilot, day 75 to 90, and hardening, day 76 to 84, overlap. With one engineer hardening waits until the pilot has ended and runs from day 90 to 98. A dotted line marks the fair on day 95."
fig, ax = plt.subplots(figsize=(8, 3), layout="constrained")
shown = ["P3", "P4", "L1", "S4"]
days = paper.table.loc[shown, "duration"]
rows = np.arange(4)
_ = ax.barh(rows - 0.2, days, 0.38, paper.table.loc[shown, "earliest_start"], color="#9ecae1", label="on paper")
style = {"color": "#d95f02", "hatch": "///", "edgecolor": "white"}
_ = ax.barh(rows + 0.2, days, 0.38, real.table.loc[shown, "start"], label="with one ML engineer", **style)
_ = ax.axvline(fair, linestyle=":", color="black", label="the fair")
_ = ax.set_yticks(rows, [plan[id].name for id in shown])
_ = ax.set(ylim=(3.6, -0.6), xlabel="working days from the start")
_ = ax.set_title("Nobody can run the pilot and harden the service at the same time", loc="left")
_ = ax.legend(frameon=False, loc="lower left")

# %% [markdown]
# One person moves the launch by {{ real.finish - paper.finish:.0f}} days, to after the fair, and the network shows none of it. Other clashes cost
# nothing: the serving interface (P2) waits {{ real.table.at["P2", "delay"]:.0f}} days and has the float for it.
#
# Which of two jobs waits is a decision too. Hardening first would let the pilot start on day {{ paper.table.at["S4", "earliest_finish"]:.0f}} and end on
# {{ paper.table.at["S4", "earliest_finish"] + 15:.0f}}: one day worse than the pilot first. `level` tries several rules of thumb; it finds good schedules, not always the best.
#
# **So what.** Ask for the scarce people by name and by week. "We need a second ML engineer" is a wish; "eight days from
# {{ calendar.date_of(77):%d %B}}, for hardening, or the launch moves by {{ real.finish - paper.finish:.0f}}" can be decided.
#
# ## What is such a date worth?
#
# Each bar is still a single number. A history shows how such numbers fare: `milestones` holds
# {{ len(data.load("milestones")):,}} **SIMULATED** milestones of ML projects with planned and actual days (the recipe is in its datasheet).

# %%
history = data.load("milestones")
ratio = history["actual_days"] / history["planned_days"]
waits_for = history["dependencies"].clip(upper=3)
late = (ratio > 1.2).groupby(waits_for).mean()
print(f"actual / planned: median {ratio.median():.2f}, P80 {ratio.quantile(0.8):.2f}")
late.rename("more than 20% late").rename(index={3: "3 or more"}).round(2).to_frame().T

# %% [markdown]
# In this invented world, work that waits for three or more other teams is late {{ late[3]:.0%}} of the time, against {{ late[0]:.0%}} for work
# that waits for none. Now let our activities fare as those did: each draws its own ratio, 10,000 times, with two ML
# engineers and generous trains (from day 75, one every day).

# %% alt="Gantt chart of the plan with two ML engineers: bars from median start to median finish, whiskers from the 10th to the 90th percentile of the finish, which widen from about a week in the first month to several weeks at the end. Nearly all runs finish after the fair of 21 May."
outside = helped.as_plan().with_reference_class(ratio)
runs = planning.simulate(outside, rng=np.random.default_rng(8), runs=10_000, calendar=calendar)
_ = planning.gantt_figure(runs)

# %%
print(f"open by the fair: {runs.p_on_time('2027-05-21'):.0%} of the runs")
for p in (50, 80):
    print(f"P{p}: {runs.date(p):%d %B %Y}")

# %% [markdown]
# A plan of most likely days is an optimist's plan: any of several chains can be the late one. How to build such ranges
# honestly is the next module.
#
# ## Following the work
#
# Inside an activity a team may work in sprints or from a board; the plan needs only its hand-overs. Tickets need no estimates:
# count. These are the screen team's last 20, finished within 40 days, in days from start to end:

# %%
cycle = [2, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 7, 7, 8, 9, 10, 12, 14, 19, 31]
open_tickets, per_day = 12, len(cycle) / 40
print(f"median {np.median(cycle):.0f}, mean {np.mean(cycle):.1f}, P85 {np.percentile(cycle, 85):.0f} days")
print(f"12 open at {per_day} a day: {open_tickets / per_day:.0f} days each, on average")

# %% [markdown]
# "A ticket takes about a week" is the median. Promise the **P85**, which 85% of the tickets kept. **Little's law** says that average time equals work in progress
# over throughput, as long as the two stay steady. With 12 open it gives {{ open_tickets / per_day:.0f}} days, three times the past mean: the team has
# started more than it finishes. Stop starting.
#
# *Earned value* asks how much of the planned work is done, in money: earned over planned is SPI, earned over spent is CPI. Ten days into
# training, at $1,000 a day:

# %%
planned_value, earned_value, actual_cost = 10_000, 10 / 15 * 15_000, 10_000
print(f"SPI {earned_value / planned_value:.2f}, CPI {earned_value / actual_cost:.2f}")
print("fields right: 86% on day 4, 86% on day 10; needed 95%")

# %% [markdown]
# All green, and no nearer to the criterion. For work of known content the two ratios warn early. For exploration, "two thirds
# of the experiments" is no two thirds of a result: report the distance to the criterion, and the date on which you
# decide.
#
# ## What a TPM does with this
#
# **The decision.** Do not announce the opening on the stand. Show the pilot there; announce the opening when the go decision
# is taken.
#
# **Five questions for any plan.**
#
# 1. Which promise has no activity?
# 2. What is on the path, and what is nearly on it?
# 3. Who is needed twice at the same time?
# 4. At which milestones does somebody decide, on what evidence?
# 5. Which trains must we catch?
#
# **The sentence to the steering committee.** "The dependencies alone give {{ calendar.date_of(path.finish):%d %B}}; with the release train and our one ML
# engineer it is {{ calendar.date_of(real.finish):%d %B}}, after the fair. A second one for eight days from {{ calendar.date_of(77):%d %B}} brings back
# {{ calendar.date_of(helped.finish):%d %B}} if nothing slips, which I would not bet on: let sales show the pilot, and decide by
# {{ calendar.date_of(58):%d %B}}, when the model is released, whether to pay for the second engineer."
#
# ## Recap
#
# - **All the work:** hold the list against what was promised. Work that nothing waits for is not connected yet.
# - **Path and float:** the longest chain is the date. A delay costs what exceeds the float; help buys until another chain takes over.
# - **People:** the network knows no limits. Level it, and name who waits.
# - **Milestones:** owner, decision, evidence, date, and the release they must catch.
# - **Flow:** P85 for promises, Little's law for queues; earned value only where content is known.
#
# Next: the [practice](08_planning_practice.ipynb).
#
# ## Sources
#
# - Quillmark, its plan and its tickets are invented. `milestones` is SIMULATED.
# - 100% rule: Project Management Institute, *Practice Standard for Work Breakdown Structures*, second edition, 2006.
# - Critical path: J. E. Kelley and M. R. Walker, "Critical-path planning and scheduling", *Eastern Joint Computer Conference*, 1959.
# - What auditors ask of a schedule (all work, resources, a valid path, reasonable float): US Government Accountability
#   Office, *Schedule Assessment Guide*, GAO-16-89G, December 2015.
# - J. D. C. Little, "A Proof for the Queuing Formula: L = λW", *Operations Research* 9(3), 1961.

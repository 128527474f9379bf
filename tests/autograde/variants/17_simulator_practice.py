# ruff: noqa
# Other answers to the exercises of 17_simulator_practice, and what each must score.


# %% exercise="movers" mutant="the last week left out" score=0
def movers(trace, state, first, last):
    rows = trace[(trace["state"] == state) & (trace["week"] >= first) & (trace["week"] < last)]
    return rows.groupby("rule")["change"].sum().sort_values().to_dict()


# %% exercise="movers" mutant="the largest gain first" score=1.5
def movers(trace, state, first, last):
    rows = trace[(trace["state"] == state) & trace["week"].between(first, last)]
    return rows.groupby("rule")["change"].sum().sort_values(ascending=False).to_dict()


# %% exercise="movers" mutant="every state" score=0
def movers(trace, state, first, last):
    rows = trace[trace["week"].between(first, last)]
    return rows.groupby("rule")["change"].sum().sort_values().to_dict()


# %% exercise="movers" mutant="the last change instead of the sum" score=0
def movers(trace, state, first, last):
    rows = trace[(trace["state"] == state) & trace["week"].between(first, last)]
    return rows.groupby("rule")["change"].last().sort_values().to_dict()


# %% exercise="movers" mutant="the rows above typed in" score=0.75
def movers(trace, state, first, last):
    return {"incident": -0.08, "no_news": -0.05, "communication": 0.03}


# %% exercise="movers" equivalent="pure Python, from before and after"
def movers(trace, state, first, last):
    total = {}
    for row in trace.to_dict("records"):
        if row["state"] == state and first <= row["week"] <= last:
            total[row["rule"]] = total.get(row["rule"], 0) + row["after"] - row["before"]
    return dict(sorted(total.items(), key=lambda item: item[1]))


# %% exercise="movers" equivalent="a pivot table, returned as a Series"
def movers(trace, state, first, last):
    rows = trace.query("state == @state and @first <= week <= @last")
    table = rows.pivot_table(index="rule", values="change", aggfunc="sum")
    return {rule: table.loc[rule, "change"] for rule in table["change"].sort_values().index}


# %% exercise="paired" mutant="the errors of two separate samples" score=0.5
def paired(own, other):
    n = len(own)
    error = (np.var(own, ddof=1) / n + np.var(other, ddof=1) / n) ** 0.5
    return np.mean(own) - np.mean(other), error


# %% exercise="paired" mutant="divided by n" score=0.5
def paired(own, other):
    gap = np.subtract(own, other)
    return gap.mean(), gap.std() / len(gap) ** 0.5


# %% exercise="paired" mutant="the standard deviation, not the error" score=0.5
def paired(own, other):
    gap = np.subtract(own, other)
    return gap.mean(), gap.std(ddof=1)


# %% exercise="paired" mutant="other minus own" score=0.5
def paired(own, other):
    gap = np.subtract(other, own)
    return gap.mean(), gap.std(ddof=1) / len(gap) ** 0.5


# %% exercise="paired" mutant="differences without their sign" score=0
def paired(own, other):
    gap = np.abs(np.subtract(own, other))
    return gap.mean(), gap.std(ddof=1) / len(gap) ** 0.5


# %% exercise="paired" equivalent="pure Python"
def paired(own, other):
    gaps = [a - b for a, b in zip(own, other)]
    n = len(gaps)
    mean = sum(gaps) / n
    return mean, math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / (n - 1) / n)


# %% exercise="paired" equivalent="pandas sem, a list as the result"
def paired(own, other):
    gap = pd.Series(own) - pd.Series(other)
    return [gap.mean(), gap.sem()]


# %% exercise="choose" mutant="the highest mean, whatever the tail" score=0
def choose(nets, floor):
    return max(nets, key=lambda name: np.mean(nets[name]))


# %% exercise="choose" mutant="the best tail" score=0.25
def choose(nets, floor):
    def tail(values):
        return np.mean(sorted(values)[: math.ceil(len(values) / 10)])

    best = max(nets, key=lambda name: tail(nets[name]))
    return best if tail(nets[best]) >= floor else "none"


# %% exercise="choose" mutant="never undecided" score=1.5
def choose(nets, floor):
    table = pd.DataFrame(nets)
    worst = math.ceil(len(table) / 10)
    bearable = [name for name in table if table[name].nsmallest(worst).mean() >= floor]
    return max(bearable, key=lambda name: table[name].mean()) if bearable else "none"


# %% exercise="choose" mutant="the worst tenth rounded down" score=1.5
def choose(nets, floor):
    table = pd.DataFrame(nets)
    worst = max(len(table) // 10, 1)
    bearable = [name for name in table if table[name].nsmallest(worst).mean() >= floor]
    ranked = table[bearable].mean().sort_values(ascending=False).index
    if len(ranked) < 2:
        return ranked[0] if len(ranked) else "none"
    lead = table[ranked[0]] - table[ranked[1]]
    return "undecided" if lead.mean() < 2 * lead.sem() else ranked[0]


# %% exercise="choose" mutant="errors of separate samples" score=0.75
def choose(nets, floor):
    table = pd.DataFrame(nets)
    worst = math.ceil(len(table) / 10)
    bearable = [name for name in table if table[name].nsmallest(worst).mean() >= floor]
    ranked = table[bearable].mean().sort_values(ascending=False).index
    if len(ranked) < 2:
        return ranked[0] if len(ranked) else "none"
    lead = table[ranked[0]].mean() - table[ranked[1]].mean()
    error = (table[ranked[0]].sem() ** 2 + table[ranked[1]].sem() ** 2) ** 0.5
    return "undecided" if lead < 2 * error else ranked[0]


# %% exercise="choose" equivalent="pure Python"
def choose(nets, floor):
    n = len(next(iter(nets.values())))
    worst = -(-n // 10)
    fine = [name for name, values in nets.items() if sum(sorted(values)[:worst]) / worst >= floor]
    fine.sort(key=lambda name: sum(nets[name]), reverse=True)
    if not fine:
        return "none"
    if len(fine) == 1:
        return fine[0]
    gaps = [a - b for a, b in zip(nets[fine[0]], nets[fine[1]])]
    mean = sum(gaps) / n
    error = (sum((gap - mean) ** 2 for gap in gaps) / (n - 1) / n) ** 0.5
    return fine[0] if mean >= 2 * error else "undecided"


# %% exercise="choose" equivalent="the simulator's cvar, and numpy"
from tpmkit.simulator import cvar


def choose(nets, floor):
    means = {name: np.mean(values) for name, values in nets.items() if cvar(values) >= floor}
    if not means:
        return "none"
    first, *others = sorted(means, key=means.get)[::-1]
    if not others:
        return first
    lead = np.array(nets[first]) - np.array(nets[others[0]])
    return "undecided" if lead.mean() < 2 * lead.std(ddof=1) / np.sqrt(lead.size) else first


# %% exercise="blame" mutant="repairs pile up" score=0.75
def blame(scenario, seed, actions, repairs):
    def net(flown):
        program = Program(scenario, seed)
        for action in flown:
            if program.end is None:
                program.step(action)
        return program.net

    without, gained = net(actions), {}
    for name, (first, last, change) in repairs.items():
        actions = [a | change if first <= n <= last else a for n, a in enumerate(actions)]
        gained[name] = net(actions) - without
    return gained


# %% exercise="blame" mutant="the last week is not repaired" score=0
def blame(scenario, seed, actions, repairs):
    def net(flown):
        program = Program(scenario, seed)
        for action in flown:
            if program.end is None:
                program.step(action)
        return program.net

    return {
        name: net([a | change if first <= n < last else a for n, a in enumerate(actions)]) - net(actions)
        for name, (first, last, change) in repairs.items()
    }


# %% exercise="blame" mutant="the whole action replaced" score=0
def blame(scenario, seed, actions, repairs):
    def net(flown):
        program = Program(scenario, seed)
        for action in flown:
            if program.end is None:
                program.step(action)
        return program.net

    return {
        name: net([change if first <= n <= last else a for n, a in enumerate(actions)]) - net(actions)
        for name, (first, last, change) in repairs.items()
    }


# %% exercise="blame" mutant="does not stop when the program has ended" score=1.75
def blame(scenario, seed, actions, repairs):
    def net(flown):
        program = Program(scenario, seed)
        for action in flown:
            program.step(action)
        return program.net

    return {
        name: net([a | change if first <= n <= last else a for n, a in enumerate(actions)]) - net(actions)
        for name, (first, last, change) in repairs.items()
    }


# %% exercise="blame" mutant="another seed" score=1
def blame(scenario, seed, actions, repairs):
    def net(flown):
        program = Program(scenario, seed + 1)
        for action in flown:
            if program.end is None:
                program.step(action)
        return program.net

    return {
        name: net([a | change if first <= n <= last else a for n, a in enumerate(actions)]) - net(actions)
        for name, (first, last, change) in repairs.items()
    }


# %% exercise="blame" equivalent="as policies, flown by fly"
def blame(scenario, seed, actions, repairs):
    def net(repair=None):
        def policy(obs, memory):
            week = obs["week"]
            if week >= len(actions):
                return {"option": "kill"}
            action = dict(actions[week])
            if repair and repair[0] <= week <= repair[1]:
                action.update(repair[2])
            return action

        return fly(policy, scenario, [seed]).curve[len(actions), 0]

    return {name: net(repair) - net() for name, repair in repairs.items()}


# %% exercise="blame" equivalent="a while loop and copies"
import copy


def blame(scenario, seed, actions, repairs):
    result = {}
    for name, (first, last, change) in {"": (0, -1, {}), **repairs}.items():
        program, week = Program(scenario, seed), 0
        while not program.end and week < len(actions):
            action = copy.deepcopy(actions[week])
            if week in range(first, last + 1):
                action |= change
            _, _, over, _, info = program.step(action)
            week += 1
        result[name] = info["net"]
    return {name: result[name] - result[""] for name in repairs}


# %% exercise="trigger" mutant="on the line pivots, too" score=1.75
def trigger(readings, stay, turn, lines):
    readings, stay, turn = map(np.array, (readings, stay, turn))
    gain = {line: np.where(readings <= line, turn - stay, 0).mean() for line in sorted(lines)}
    best = max(gain, key=gain.get)
    return best, gain[best]


# %% exercise="trigger" mutant="the mean over those that pivot only" score=0
def trigger(readings, stay, turn, lines):
    readings, stay, turn = map(np.array, (readings, stay, turn))
    gain = {}
    for line in sorted(lines):
        low = readings < line
        gain[line] = (turn - stay)[low].mean() if low.any() else 0
    best = max(gain, key=gain.get)
    return best, gain[best]


# %% exercise="trigger" mutant="counts right decisions instead of money" score=1.25
def trigger(readings, stay, turn, lines):
    readings, stay, turn = map(np.array, (readings, stay, turn))
    right = {line: ((readings < line) == (turn > stay)).mean() for line in sorted(lines)}
    best = max(right, key=right.get)
    return best, np.where(readings < best, turn - stay, 0).mean()


# %% exercise="trigger" mutant="the highest of equal lines" score=1.75
def trigger(readings, stay, turn, lines):
    readings, stay, turn = map(np.array, (readings, stay, turn))
    gain = {line: np.where(readings < line, turn - stay, 0).mean() for line in sorted(lines)[::-1]}
    best = max(gain, key=gain.get)
    return best, gain[best]


# %% exercise="trigger" mutant="the mean net instead of the gain" score=0
def trigger(readings, stay, turn, lines):
    readings, stay, turn = map(np.array, (readings, stay, turn))
    net = {line: np.where(readings < line, turn, stay).mean() for line in sorted(lines)}
    best = max(net, key=net.get)
    return best, net[best]


# %% exercise="trigger" equivalent="pure Python"
def trigger(readings, stay, turn, lines):
    best = None
    for line in sorted(lines):
        gain = sum(t - s for q, s, t in zip(readings, stay, turn) if q < line) / len(stay)
        if best is None or gain > best[1] + 1e-6:
            best = (line, gain)
    return best


# %% exercise="trigger" equivalent="all lines at once"
def trigger(readings, stay, turn, lines):
    lines = np.sort(lines)
    below = np.array(readings)[:, None] < lines
    gain = (below * np.subtract(turn, stay)[:, None]).mean(axis=0).round(9)
    return lines[gain.argmax()], gain.max()


# %% exercise="fly" mutant="date-driven" score=3
def policy(obs, memory):
    week = obs["week"]
    return {
        "alloc": {"data": 0.18, "model": 0.5, "platform": 0.25, "governance": 0.05, "debt": 0.02},
        "pace": "crunch" if 14 <= week < 20 else "normal",
        "option": "launch" if week >= 20 and obs["stage"] != "live" else "continue",
    }


tutorial_net = fly(policy, "tutorial", [0]).net[0]


# %% exercise="fly" mutant="crunch always, then ship" score=3
def policy(obs, memory):
    ready = obs["week"] >= 18 and obs["stage"] != "live"
    return {"pace": "crunch", "option": "launch" if ready else "continue"}


tutorial_net = fly(policy, "tutorial", [0]).net[0]


# %% exercise="fly" mutant="never launches" score=3
def policy(obs, memory):
    return {"alloc": {"data": 3, "model": 4, "platform": 2, "governance": 2, "debt": 1}, "comms": 2}


tutorial_net = fly(policy, "tutorial", [0]).net[0]


# %% exercise="fly" mutant="launches without governance, whatever the quality" score=3
def policy(obs, memory):
    ready = obs["platform"] > 0.5 and obs["stage"] != "live"
    return {"alloc": {"data": 4, "model": 5, "platform": 3}, "option": "launch" if ready else "continue"}


tutorial_net = fly(policy, "tutorial", [0]).net[0]


# %% exercise="fly" mutant="hire when late" score=3
def policy(obs, memory):
    week = obs["week"]
    ready = week >= 24 and obs["quality"] > 0.6 and obs["stage"] != "live"
    return {
        "alloc": {"data": 0.25, "model": 0.4, "platform": 0.2, "governance": 0.1, "debt": 0.05},
        "hire": 1 if 14 <= week < 20 else 0,
        "option": "launch" if ready else "continue",
    }


tutorial_net = fly(policy, "tutorial", [0]).net[0]


# %% exercise="fly" mutant="stops in the first week" score=4
def policy(obs, memory):
    return {"option": "kill"}


tutorial_net = -50


# %% exercise="fly" mutant="the course's gates, called" score=3
def policy(obs, memory):
    return BASELINES["gated"](obs, memory)


tutorial_net = fly(policy, "tutorial", [0]).net[0]


# %% exercise="fly" mutant="the course's expert, called" score=3
from tpmkit.simulator import expert


def policy(obs, memory):
    return expert("standard")(obs, memory)


tutorial_net = fly(policy, "tutorial", [0]).net[0]


# %% exercise="fly" mutant="crashes in week 5" score=0
def policy(obs, memory):
    memory.setdefault("qualities", []).append(obs["quality"])
    trend = memory["qualities"][-1] - memory["qualities"][-6]
    return {"option": "launch" if trend < 0.01 else "continue"}


tutorial_net = fly(policy, "tutorial", [0]).net[0]


# %% exercise="fly" mutant="malformed: shipping is not an option" score=0
def policy(obs, memory):
    ready = obs["quality"] > 0.5 and obs["platform"] > 0.5
    return {"comms": 3 if obs["trust"] < 0.5 else 1, "option": "ship" if ready else "continue"}


# %% exercise="fly" mutant="slow" score=0
import time


def policy(obs, memory):
    time.sleep(0.03)
    return {"option": "launch" if obs["quality"] > 0.53 and obs["platform"] > 0.5 else "continue"}


# %% exercise="fly" mutant="dice without a seed" score=0.5
import random


def policy(obs, memory):
    return {
        "alloc": [random.random() + 0.01 for _ in range(5)],
        "hire": random.choice([-1, 0, 0, 1]),
        "pace": random.choice(["normal", "crunch"]),
        "option": random.choice(["continue"] * 30 + ["launch"]),
    }


tutorial_net = 5000


# %% exercise="fly" mutant="another policy's tutorial" score=6
def policy(obs, memory):
    week, stage, option = obs["week"], obs["stage"], "continue"
    quality = memory["q"] = 0.6 * memory.get("q", obs["quality"]) + 0.4 * obs["quality"]
    work = {"data": 6, "model": 8, "platform": 3, "governance": 3, "debt": 1}
    if stage == "live":
        work = {"data": 8, "model": 5, "governance": 1, "debt": 6}
    elif week == 10 and quality < 0.4:
        option = "pivot"
    elif quality > 0.53 and obs["governance"] > 0.55 and obs["platform"] > 0.5:
        option = "launch"
    return {"alloc": work, "comms": 2 if obs["trust"] < 0.6 else 1, "option": option}


tutorial_net = round(fly(BASELINES["gated"], "tutorial", [0]).net[0])


# %% exercise="fly" equivalent="gates as numbers in a class, memory as a list"
class Rules:
    pivot_week, pivot_line, gate = 10, 0.40, 0.53
    early, late = [8, 5, 3, 3, 1], [6, 8, 3, 3, 1]
    upkeep = [8, 5, 0, 1, 6]


def policy(obs, memory):
    memory.setdefault("seen", []).append(obs["quality"])
    smooth = float(np.average(memory["seen"][-4:], weights=range(1, len(memory["seen"][-4:]) + 1)))
    signed = obs["governance"] >= 0.55 and obs["platform"] >= 0.5
    action = {"alloc": Rules.early if obs["week"] < 9 else Rules.late, "comms": 1 + (obs["trust"] < 0.6)}
    if obs["stage"] == "live":
        action["alloc"] = np.array(Rules.upkeep)
    elif obs["week"] == Rules.pivot_week and smooth < Rules.pivot_line:
        action["option"] = "pivot"
    elif smooth >= Rules.gate and signed:
        action["option"] = "launch" if obs["stage"] == "shadow" else "shadow"
    return action


tutorial_net = fly(policy, "tutorial", [3]).net.item()


# %% exercise="fly" equivalent="a table of rules, first match wins"
RULES = [
    (lambda o, q: o["stage"] == "live", "continue"),
    (lambda o, q: o["week"] in (9, 10) and o["approach"] == 1 and q < 0.38, "pivot"),
    (lambda o, q: o["week"] >= 24 and q < 0.42, "kill"),
    (lambda o, q: o["stage"] == "shadow" and q > 0.54 and o["governance"] > 0.55, "launch"),
    (lambda o, q: o["stage"] == "build" and q > 0.52 and o["platform"] > 0.5, "shadow"),
]


def policy(obs, memory):
    q = memory["q"] = (memory.get("q", obs["quality"]) + obs["quality"]) / 2
    option = next((name for test, name in RULES if test(obs, q)), "continue")
    alloc = dict(data=4, model=4, platform=2, governance=2)
    if obs["stage"] == "live":
        alloc = {"data": 4, "model": 3, "debt": 3}
    return {"alloc": alloc, "option": option, "comms": 2 if obs["trust"] < 0.6 else 1}


tutorial_net = int(round(fly(policy, "tutorial", [0]).net[0]))


# %% exercise="elsewhere" mutant="a scenario that is not offered" score=0
chosen = "standard"


def chosen_policy(obs, memory):
    return {"option": "launch" if obs["quality"] > 0.53 and obs["platform"] > 0.5 else "continue"}


# %% exercise="elsewhere" mutant="date-driven" score=1
chosen = "ambiguous_ceiling"


def chosen_policy(obs, memory):
    week = obs["week"]
    return {
        "alloc": {"data": 0.18, "model": 0.5, "platform": 0.25, "governance": 0.05, "debt": 0.02},
        "pace": "crunch" if 14 <= week < 20 else "normal",
        "option": "launch" if week >= 20 and obs["stage"] != "live" else "continue",
    }


# %% exercise="elsewhere" mutant="regulated with the governance of a hurry" score=1
chosen = "regulated"


def chosen_policy(obs, memory):
    ready = obs["quality"] > 0.53 and obs["platform"] > 0.5 and obs["stage"] != "live"
    work = {"data": 5, "model": 7, "platform": 3, "governance": 1, "debt": 1}
    return {"alloc": work, "option": "launch" if ready else "continue"}


# %% exercise="elsewhere" mutant="stops in the first week" score=1.5
chosen = "regulated"


def chosen_policy(obs, memory):
    return {"option": "kill"}


# %% exercise="elsewhere" mutant="the expert, called" score=1
from tpmkit.simulator import expert

chosen = "ambiguous_ceiling"
chosen_policy = expert(chosen)


# %% exercise="elsewhere" equivalent="regulated, governance early and a margin on its gate"
chosen = "regulated"


def chosen_policy(obs, memory):
    week, stage, option = obs["week"], obs["stage"], "continue"
    q = memory["q"] = 0.6 * memory.get("q", obs["quality"]) + 0.4 * obs["quality"]
    g = memory["g"] = 0.6 * memory.get("g", obs["governance"]) + 0.4 * obs["governance"]
    work = {"data": 8, "model": 5, "platform": 3, "governance": 4, "debt": 1}
    if week >= 9:
        work |= {"data": 6, "model": 8}
    if stage == "live":
        work = {"data": 8, "model": 5, "governance": 1, "debt": 6}
    elif week == 10 and q < 0.4:
        option = "pivot"
    elif stage == "build" and q > 0.53 and obs["platform"] > 0.4:
        option = "shadow"
    elif stage == "shadow" and q > 0.53 and g > 0.71 and obs["platform"] > 0.5:
        option = "launch"
    return {"alloc": work, "comms": 2 if obs["trust"] < 0.6 else 1, "option": option}


# %% exercise="elsewhere" equivalent="ambiguous ceiling, in doubt pivot, a lambda for each part"
chosen = "ambiguous_ceiling"

WORK = {"build": (8, 7, 3, 3, 1), "shadow": (5, 7, 3, 4, 1), "live": (8, 5, 0, 1, 6)}
option_of = {
    "live": lambda o, q: "continue",
    "shadow": lambda o, q: "launch" if q > o["bar"] + 0.03 and o["governance"] > 0.55 and o["platform"] > 0.5 else "continue",
    "build": lambda o, q: "pivot"
    if o["week"] == 10 and q < 0.45
    else "shadow"
    if q > o["bar"] + 0.03 and o["platform"] > 0.4
    else "continue",
}


def chosen_policy(obs, memory):
    memory["q"] = (1.2 * memory.get("q", obs["quality"]) + 0.8 * obs["quality"]) / 2
    return dict(alloc=WORK[obs["stage"]], option=option_of[obs["stage"]](obs, memory["q"]), comms=2)

"""What policies are worth in each scenario, how fragile that order is, and how fast it is found.

    python tests/bench/simulator.py [--quick] [--write] [--sensitivity SCENARIO ...]

Seeds from 0 are for evaluation; the experts were tuned on others. ``--write`` puts the tables into
docs/simulator.md. Times are process times, medians of interleaved repeats; nothing asserts one.
"""

from __future__ import annotations

import argparse
import gc
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from tpmkit.simulator import (
    BASELINES,
    Flight,
    Program,
    Scenario,
    ScenarioError,
    cvar,
    expert,
    fly,
    fly_arrays,
    load_scenario,
    policy_score,
    scenarios,
)

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
NAIVE = ("kill_now", "idle", "random", "date_driven", "perfectionist", "hire_when_late")
EPISODES, QUICK_EPISODES = 300, 100
SHIFT, SHIFT_EPISODES, QUICK_SHIFT_EPISODES = 0.1, 200, 40
CLEAR = 3  # standard errors


def policies(scenario: str) -> dict[str, Callable]:
    return {**BASELINES, "expert": expert(scenario)}


def ahead(better: Flight, worse: Flight) -> tuple[float, float]:
    """Mean paired difference and its standard error."""
    difference = better.net - worse.net
    return difference.mean(), difference.std(ddof=1) / difference.size**0.5


# --- what policies are worth ----------------------------------------------------------------------


def worth(name: str, episodes: int) -> str:
    """A scenario's table: best first."""
    if load_scenario(name).fixed_seed is not None:
        return _worth_of_one(name)
    flights = {p: fly(policy, name, range(episodes)) for p, policy in policies(name).items()}
    naive, best = flights["date_driven"], flights["expert"]
    rows = []
    for policy, flight in sorted(flights.items(), key=lambda item: -item[1].net.mean()):
        outcomes, score = flight.outcomes, policy_score(flight, naive, best)
        launched = outcomes["launch_week"] >= 0
        p10, p50, p90 = np.percentile(flight.net, (10, 50, 90))
        rows.append(
            {
                "policy": policy,
                "net (k$)": f"{flight.net.mean():,.0f} ± {score.standard_error:,.0f}",
                "P10": f"{p10:,.0f}",
                "P50": f"{p50:,.0f}",
                "P90": f"{p90:,.0f}",
                "worst tenth": f"{cvar(flight.net):,.0f}",
                "net > 0": f"{(flight.net > 0).mean():.0%}",
                "launched": f"{launched.mean():.0%}",
                "in week": f"{outcomes['launch_week'][launched].mean():.0f}"
                if any(launched)
                else "",
                "incidents": f"{outcomes['incidents'].mean():.1f}",
                "trust": f"{outcomes['trust'].mean():.2f}",
                "health": f"{outcomes['health'].mean():.2f}",
                "ahead of date_driven": f"{score.ahead:+,.0f} ± {score.ahead_error:,.0f}",
                "score": f"{score.score:.2f}",
                "less for the tail": f"{score.tail_penalty:.2f}",
            }
        )
    version = load_scenario(name).version
    head = f"**{name}** ({version}), {episodes} programs each; ± is one standard error.\n\n"
    return head + markdown(pd.DataFrame(rows))


def _worth_of_one(name: str) -> str:
    """A scenario in which every seed has the same luck: one program a policy."""
    flights = {p: fly(policy, name, [0]) for p, policy in policies(name).items()}
    rows = [
        {
            "policy": policy,
            "net (k$)": f"{flight.net[0]:,.1f}",
            "launched in week": f"{flight.outcomes['launch_week'][0]:.0f}".replace("-1", "never"),
            "ended": flight.outcomes["ended"][0],
        }
        for policy, flight in sorted(flights.items(), key=lambda item: -item[1].net[0])
    ]
    version = load_scenario(name).version
    return f"**{name}** ({version}): one program, the same for every seed.\n\n" + markdown(
        pd.DataFrame(rows)
    )


def doctrine(episodes: int) -> str:
    """What stage gates leave: one change of the doctrine at a time, paired."""
    gated = BASELINES["gated"]

    def with_option(change: Callable) -> Callable:
        def policy(obs: dict, memory: dict) -> dict:
            action = gated(obs, memory)
            return action | change(obs, memory, action)

        return policy

    def earlier_gates(obs: dict, memory: dict, action: dict) -> dict:
        if action["option"] in ("pivot", "kill") or memory["quality"] < obs["bar"] + 0.03:
            return {}
        ready = obs["platform"] > 0.5 and obs["governance"] > 0.55
        if obs["stage"] == "build" and obs["week"] >= 11 and ready:
            return {"option": "shadow"}
        if obs["stage"] == "shadow" and obs["weeks_in_stage"] >= 2 and ready:
            return {"option": "launch"}
        return {}

    def bolder_pivot(obs: dict, memory: dict, action: dict) -> dict:
        pivot = obs["stage"] == "build" and obs["week"] == 12 and memory["quality"] < 0.45
        return {"option": "pivot"} if pivot else {}

    def no_pivot(obs: dict, memory: dict, action: dict) -> dict:
        return {"option": action["option"].replace("pivot", "continue")}

    def no_kill(obs: dict, memory: dict, action: dict) -> dict:
        return {"option": action["option"].replace("kill", "continue")}

    def no_shadow(obs: dict, memory: dict, action: dict) -> dict:
        return {"option": action["option"].replace("shadow", "launch")}

    changes = {
        "gates 0.03 above the bar instead of 0.1, governance 0.55 instead of 0.7": earlier_gates,
        "pivot below 0.45 instead of 0.36": bolder_pivot,
        "never pivot": no_pivot,
        "never kill": no_kill,
        "no shadow: launch at the first gate": no_shadow,
        "always talk (communication 2)": lambda o, m, a: {"comms": 2},
        "no mitigation": lambda o, m, a: {"mitigate": None},
    }
    names = [n for n in scenarios() if load_scenario(n).fixed_seed is None]
    rows = []
    base = {name: fly(gated, name, range(episodes)) for name in names}
    for what, change in changes.items():
        row = {"one change to stage gates": what}
        for name in names:
            mean, error = ahead(fly(with_option(change), name, range(episodes)), base[name])
            row[name] = f"{mean:+,.0f} ± {error:,.0f}"
        rows.append(row)
    return (
        f"Net of the changed policy less that of `gated`, k$, paired over {episodes} programs.\n\n"
        + markdown(pd.DataFrame(rows))
    )


# --- how fragile that is --------------------------------------------------------------------------


def sensitivity(name: str, episodes: int) -> str:
    """Every constant and hazard 10 % lower and higher: which orders hold?"""
    scenario = load_scenario(name)
    flown = {p: fly(policy, name, range(episodes)) for p, policy in policies(name).items()}
    order = sorted(flown, key=lambda p: -flown[p].net.mean())
    naive = [p for p in order if p in NAIVE]
    claims = [("expert", "gated"), *(("gated", p) for p in naive)]
    claims += [
        pair
        for pair in zip(naive, naive[1:], strict=False)
        if ahead(flown[pair[0]], flown[pair[1]])[0]
        > CLEAR * ahead(flown[pair[0]], flown[pair[1]])[1]
    ]
    base = {p: flight.net.mean() for p, flight in flown.items()}
    lead = {pair: base[pair[0]] - base[pair[1]] for pair in claims}
    least, broken, moved = dict.fromkeys(claims, (np.inf, "")), [], {}
    shifts = list(shifted(scenario))
    for label, changed in shifts:
        net = {
            p: fly(policy, changed, range(episodes)).net.mean()
            for p, policy in policies(name).items()
        }
        moved[label] = net["gated"] - base["gated"]
        for better, worse in claims:
            least[better, worse] = min(least[better, worse], (net[better] - net[worse], label))
            if net[better] <= net[worse]:
                broken.append((better, worse, label, net[better] - net[worse]))
    rows = [
        {
            "claim": f"{better} > {worse}",
            "lead (k$)": f"{lead[better, worse]:,.0f}",
            "least lead": f"{least[better, worse][0]:,.0f}",
            "with": least[better, worse][1],
            "broken by": sum((b, w) == (better, worse) for b, w, *_ in broken),
        }
        for better, worse in claims
    ]
    largest = sorted(moved.items(), key=lambda item: -abs(item[1]))[:8]
    text = (
        f"**{name}**, {len(shifts)} changes of one constant by 10 %, {episodes} programs each. "
        f"Orders claimed: those of `expert`, `gated` and every naive policy, and those between "
        f"naive neighbours that are at least {CLEAR} standard errors apart.\n\n"
    )
    text += markdown(pd.DataFrame(rows)) + "\n\nWhat moves `gated` most: "
    return text + "; ".join(f"{label} {change:+,.0f}" for label, change in largest) + "."


def shifted(scenario: Scenario):
    """The scenario with one number changed at a time, wherever that makes sense."""
    numbers = dict(scenario.constants) | {
        f"hazard_{risk.name}": risk.hazard
        for risk in scenario.risks
        if not isinstance(risk.hazard, str)
    }
    for name, value in numbers.items():
        for factor in (1 - SHIFT, 1 + SHIFT):
            new = value * factor
            if isinstance(value, int):
                new = value + (1 if factor > 1 else -1) * max(1, round(SHIFT * value))
            if new == value:
                continue
            try:
                yield f"{name} {value:g} → {new:g}", scenario.replace(**{name: new})
            except ScenarioError:
                continue


# --- how fast -------------------------------------------------------------------------------------


def speed(repeat: int) -> str:
    def action(obs: dict, memory: dict) -> dict:
        late = obs["week"] >= 20 and obs["stage"] != "live"
        return {"alloc": (2, 5, 2, 1, 1), "option": "launch" if late else "continue"}

    def arrays(obs: dict, memory: dict) -> dict:
        late = (obs["week"] >= 20) & (obs["stage"] != "live")
        return {"alloc": (2, 5, 2, 1, 1), "option": np.where(late, "launch", "continue")}

    def one_by_one() -> None:
        for seed in range(20):
            program = Program("standard", seed)
            while not program.end:
                program.step(action(program.obs, {}))

    ready = {"alloc": (2, 5, 2, 1, 1)}
    jobs = {
        "one by one": (one_by_one, 20),
        "batch 300": (lambda: fly_arrays(arrays, "standard", range(300)), 300),
        "batch 3,000": (lambda: fly_arrays(arrays, "standard", range(3000)), 3000),
        "batch 30,000": (lambda: fly_arrays(arrays, "standard", range(30000)), 30000),
        "python policy, 300": (lambda: fly(lambda o, m: ready, "standard", range(300)), 300),
        "python policy, 1,200": (lambda: fly(lambda o, m: ready, "standard", range(1200)), 1200),
    }
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(repeat):
        for name, (job, _) in jobs.items():
            gc.collect()
            before = time.process_time()
            job()
            seconds[name].append(time.process_time() - before)
    middle = {name: statistics.median(found) for name, found in seconds.items()}
    rows = [
        {
            "what": name,
            "seconds": f"{middle[name]:.3f}",
            "ms per program": f"{middle[name] / count * 1000:.3f}",
        }
        for name, (_, count) in jobs.items()
    ]
    ratio = (middle["one by one"] / 20) / (middle["batch 300"] / 300)
    return (
        markdown(pd.DataFrame(rows))
        + f"\n\nA batch of 300 is {ratio:.0f} times as fast per program as one by one. With a "
        f"Python policy that does nothing, 300 programs take {middle['python policy, 300']:.2f} s: "
        "the simulator's own share."
    )


def markdown(table: pd.DataFrame) -> str:
    head = f"| {' | '.join(table.columns)} |\n|{'---|' * len(table.columns)}"
    body = (f"| {' | '.join(map(str, row))} |" for row in table.itertuples(index=False))
    return "\n".join([head, *body])


def constants() -> str:
    """Every number of the common table, and what the scenarios change."""
    table = load_scenario("standard").table().drop(columns="because").reset_index()
    table["value"] = [f"{v:g}" if not isinstance(v, str) else v for v in table["value"]]
    parts = [markdown(table)]
    for name in scenarios():
        ours = load_scenario(name).table()
        ours = ours[ours["because"] != ""].reset_index()[["name", "value", "because"]]
        if len(ours):
            ours["value"] = [f"{v:g}" for v in ours["value"]]
            parts.append(f"**{name}** changes:\n\n{markdown(ours)}")
    return "\n\n".join(parts)


def written(page: str, blocks: dict[str, str]) -> str:
    """The page with the text between each pair of markers replaced."""
    for name, text in blocks.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.S)
        page, found = pattern.subn(lambda m, text=text: m[1] + text + m[2], page)
        assert found == 1, f"{PAGE.name} needs the markers of {name} once"
    return page


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer programs, about a minute")
    parser.add_argument(
        "--write", action="store_true", help="put the tables into docs/simulator.md"
    )
    parser.add_argument("--sensitivity", nargs="*", default=["standard"], metavar="SCENARIO")
    options = parser.parse_args()
    episodes = QUICK_EPISODES if options.quick else EPISODES
    shift_episodes = QUICK_SHIFT_EPISODES if options.quick else SHIFT_EPISODES
    blocks = {
        "worth": "\n\n".join(worth(name, episodes) for name in scenarios()),
        "doctrine": doctrine(episodes),
        "speed": speed(3 if options.quick else 7),
        "fragile": "\n\n".join(sensitivity(name, shift_episodes) for name in options.sensitivity),
        "constants": constants(),
    }
    for name in ("worth", "doctrine", "fragile", "speed"):
        print(f"\n## {name}\n\n{blocks[name]}")
    if options.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), blocks), encoding="utf-8")


if __name__ == "__main__":
    main()

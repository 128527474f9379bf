"""How fast plans are simulated: against the random numbers alone, plain Python and peers.

    python tests/bench/planning.py [--runs 100000] [--repeat 9] [--peer-python PATH]

Peers are measured if they are installed, here or for the Python given by ``--peer-python`` (a
virtual environment of its own keeps them away from the course):

    pip install pmcontrols==0.2.1 trueppm-scheduler==0.4.0rc2

Times are process times: medians of interleaved repeats, so that other work on the machine
disturbs all rows alike. Nothing here asserts a time.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

ACTIVITIES, RISKS, CORRELATION = 30, 8, 0.3
PLAIN_RUNS = 1_000
LARGE = 1_000_000


def rows(activities: int) -> list[dict]:
    """A network like a launch program's: 30 activities, 46 dependencies, three-point estimates."""
    rng = np.random.default_rng(3)
    found = []
    for n in range(activities):
        before = sorted({int(k) for k in rng.integers(max(0, n - 6), n, 2)}) if n > 2 else []
        found.append({"id": f"A{n:04d}", "a": 3, "m": 5 + n % 4, "b": 14 + n % 5, "before": before})
    return found


# --- what the engine does -------------------------------------------------------------------------


def program(activities: int = ACTIVITIES):
    """The plan of `rows`, with the three kinds of estimates mixed, costs and risks."""
    from tpmkit.planning import Activity, Lognormal, Pert, Plan, RiskEvent, Triangular

    plan = Plan(
        [
            Activity(
                row["id"],
                [
                    Pert(row["a"], row["m"], row["b"]),
                    Lognormal(row["a"], row["b"]),
                    Triangular(row["a"], row["m"], row["b"]),
                ][max(0, n % 5 - 2)],
                "; ".join(f"A{k:04d}" for k in row["before"]),
                cost_per_day=800,
                fixed_cost=100,
            )
            for n, row in enumerate(rows(activities))
        ],
        overhead_per_day=2000,
    )
    risks = [
        RiskEvent(f"R{n}", 0.1 + 0.03 * n, (3, 20), (1e4, 8e4), f"A{3 * n:04d}")
        for n in range(RISKS)
    ]
    return plan, risks


def engine(runs: int, activities: int = ACTIVITIES, seed: int = 1):
    """Correlated durations, risks, finish, cost and criticality."""
    from tpmkit.planning import simulate

    plan, risks = program(activities)
    return lambda: simulate(
        plan, rng=np.random.default_rng(seed), runs=runs, risks=risks, correlation=CORRELATION
    )


def floor(runs: int, bits: type[np.random.BitGenerator], activities: int = ACTIVITIES):
    """The random numbers alone, as many as the engine draws, into a buffer that stays in cache."""
    rng = np.random.Generator(bits(1))

    def draw() -> None:
        buffer = np.empty(8192)
        for start in range(0, runs, buffer.size):
            part = buffer[: min(buffer.size, runs - start)]
            for _ in range(activities + 1):
                rng.standard_normal(out=part)
            for _ in range(2 * RISKS):
                rng.random(out=part)

    return draw


def three_point(runs: int):
    """The engine on what peers can do as well: beta-PERT, finish-to-start, criticality."""
    from tpmkit.planning import Activity, Pert, Plan, simulate

    plan = Plan(
        [
            Activity(r["id"], Pert(r["a"], r["m"], r["b"]), [f"A{k:04d}" for k in r["before"]])
            for r in rows(ACTIVITIES)
        ]
    )
    return lambda: simulate(plan, rng=np.random.default_rng(1), runs=runs)


def plain_python(runs: int):
    """The same model run by run, as one writes it first; quantiles from ready-made tables."""
    plan, risks = program()
    grid = [k / 100 for k in range(-850, 851)]
    ordered = [plan[id] for id in plan.order]
    place = {activity.id: n for n, activity in enumerate(ordered)}
    tables = [activity.duration.at_scores(np.array(grid)).tolist() for activity in ordered]
    waits = [[place[d.predecessor] for d in activity.predecessors] for activity in ordered]
    followers = [[n for n, w in enumerate(waits) if k in w] for k in range(len(waits))]
    shared, own = math.sqrt(CORRELATION), math.sqrt(1 - CORRELATION)

    def loop() -> tuple[list[float], list[float], list[int]]:
        rng = random.Random(1)
        ends, costs, critical = [], [], [0] * len(ordered)
        for _ in range(runs):
            factor = shared * rng.gauss(0, 1)
            days = []
            for table in tables:
                step = (factor + own * rng.gauss(0, 1)) * 100 + 850
                cell = int(step)
                days.append(table[cell] + (table[cell + 1] - table[cell]) * (step - cell))
            cost = 100.0 * len(days)
            for risk in risks:
                if rng.random() < risk.probability:
                    score = rng.gauss(0, 1)
                    days[place[risk.activities[0]]] += math.exp(
                        risk.days.mu + risk.days.sigma * score
                    )
                    cost += math.exp(risk.cost.mu + risk.cost.sigma * score)
            finishes: list[float] = []
            starts: list[float] = []
            for duration, before in zip(days, waits, strict=True):
                starts.append(max([finishes[k] for k in before], default=0.0))
                finishes.append(starts[-1] + duration)
            end = max(finishes)
            on_path = [False] * len(days)
            for n in reversed(range(len(days))):
                on_path[n] = finishes[n] == end or any(
                    on_path[k] and starts[k] == finishes[n] for k in followers[n]
                )
                critical[n] += on_path[n]
            ends.append(end)
            costs.append(cost + 800 * sum(days) + 2000 * end)
        return ends, costs, critical

    return loop


# --- peers, in a Python that need not have tpmkit -------------------------------------------------


def pmcontrols(runs: int) -> tuple[Callable[[], object], Callable[[object], float], str]:
    import pmcontrols as peer

    activities = [
        {**row, "predecessors": [f"A{k:04d}" for k in row["before"]]} for row in rows(ACTIVITIES)
    ]
    return (
        lambda: peer.pert(activities, n_sim=runs, seed=1),
        lambda result: result.stats["mc_p80"],
        peer.__version__,
    )


def trueppm(runs: int) -> tuple[Callable[[], object], Callable[[object], float], str]:
    from datetime import date, timedelta
    from importlib.metadata import version

    import trueppm_scheduler as peer

    start = date(2026, 1, 5)
    project = peer.Project(
        id="p",
        name="p",
        start_date=start,
        tasks=[
            peer.Task(
                id=row["id"],
                name=row["id"],
                duration=timedelta(days=row["a"]),
                optimistic_duration=timedelta(days=row["a"]),
                most_likely_duration=timedelta(days=row["m"]),
                pessimistic_duration=timedelta(days=row["b"]),
            )
            for row in rows(ACTIVITIES)
        ],
        dependencies=[
            peer.Dependency(predecessor_id=f"A{k:04d}", successor_id=row["id"])
            for row in rows(ACTIVITIES)
            for k in row["before"]
        ],
        calendar=peer.Calendar(),
    )
    return (
        lambda: peer.monte_carlo(project, runs=runs, seed=1),
        lambda result: float(np.busday_count(start, result.p80) + 1),
        version("trueppm-scheduler"),
    )


PEERS = {"pmcontrols": pmcontrols, "trueppm-scheduler": trueppm}


def measure_peer(name: str, runs: int, repeat: int) -> dict:
    """One peer's median, P80 and version, or why it could not be measured."""
    try:
        run, p80, version = PEERS[name](runs)
    except ImportError:
        return {"missing": "not installed"}
    seconds = medians({name: run}, repeat)[name]
    return {"seconds": seconds, "p80": p80(run()), "version": version}


# --- measuring ------------------------------------------------------------------------------------


def clocked(run: Callable[[], object]) -> float:
    gc.collect()
    before = time.process_time()
    run()
    return time.process_time() - before


def medians(runs: dict[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """Median process seconds, after one warm-up each, the rows taking turns."""
    for run in runs.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeat):
        for name, run in runs.items():
            seconds[name].append(clocked(run))
    return {name: statistics.median(found) for name, found in seconds.items()}


def peak_mebibytes() -> float:
    """Largest resident memory of this process (getrusage would count the parent's, too)."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(title: str, head: list[str], body: list[list[str]]) -> None:
    print(f"\n{title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for cells in body:
        print(f"| {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        print(json.dumps(measure_peer(options.peer, options.runs, options.repeat)))
        return
    if options.memory:
        engine(options.memory)()
        print(peak_mebibytes())
        return

    runs, repeat = options.runs, options.repeat
    plan, _ = program()
    edges = sum(len(activity.predecessors) for activity in plan.activities)
    cold = clocked(engine(runs))
    found = medians(
        {
            "floor": floor(runs, np.random.PCG64),
            "own floor": floor(runs, np.random.SFC64),
            "engine": engine(runs),
            "three-point": three_point(runs),
        },
        repeat,
    )
    plain = statistics.median(clocked(plain_python(PLAIN_RUNS)) for _ in range(3))
    plain *= runs / PLAIN_RUNS
    table(
        f"{runs:,} runs of {len(plan)} activities, {edges} dependencies, {RISKS} risks, "
        f"correlation {CORRELATION}; finish, cost and criticality (medians of {repeat})",
        ["what", "seconds", "times the floor"],
        [
            [name, f"{seconds:.3f}", f"{seconds / found['floor']:.2f}"]
            for name, seconds in (
                ("the random numbers alone, numpy's default generator", found["floor"]),
                ("the random numbers alone, the engine's generator (SFC64)", found["own floor"]),
                ("tpmkit.planning", found["engine"]),
                ("tpmkit.planning, first call", cold),
                (f"plain Python loop (measured on {PLAIN_RUNS:,} runs)", plain),
            )
        ],
    )
    print(f"\nThe plain loop takes {plain / found['engine']:.0f} times as long as the engine.")

    body = [
        ["tpmkit.planning", f"{found['three-point']:.3f}", "1.0", f"{three_point(runs)().p80:.1f}"]
    ]
    for name in PEERS:
        answer = json.loads(
            subprocess.run(
                [
                    options.peer_python,
                    __file__,
                    "--peer",
                    name,
                    "--runs",
                    str(runs),
                    "--repeat",
                    str(min(repeat, 5)),
                ],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        if "missing" in answer:
            body.append([name, answer["missing"], "", ""])
        else:
            body.append(
                [
                    f"{name} {answer['version']}",
                    f"{answer['seconds']:.3f}",
                    f"{answer['seconds'] / found['three-point']:.1f}",
                    f"{answer['p80']:.1f}",
                ]
            )
    table(
        f"Peers on what they can do as well: the same network, {runs:,} runs, beta-PERT durations, "
        "no risks, no correlation, no cost",
        ["what", "seconds", "times tpmkit", "P80 (days)"],
        body,
    )

    body = []
    for activities, many in ((30, runs), (30, 2 * runs), (30, 4 * runs), (120, runs), (480, runs)):
        seconds = medians({"run": engine(many, activities)}, 3)["run"]
        parts = activities + sum(len(row["before"]) for row in rows(activities))
        body.append(
            [
                str(activities),
                str(parts),
                f"{many:,}",
                f"{seconds:.3f}",
                f"{seconds / many / parts * 1e9:.1f}",
            ]
        )
    table(
        "Growth",
        ["activities", "activities + dependencies", "runs", "seconds", "ns per run and part"],
        body,
    )

    mebibytes = {
        many: float(
            subprocess.run(
                [sys.executable, __file__, "--memory", str(many)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for many in (1_000, LARGE)
    }
    table(
        "Peak memory of the process",
        ["runs", "MiB"],
        [[f"{many:,}", f"{used:.0f}"] for many, used in mebibytes.items()],
    )


if __name__ == "__main__":
    main()

"""How good a run, and how good a policy."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tpmkit.simulator.errors import ScenarioError
from tpmkit.simulator.flights import Flight, fly
from tpmkit.simulator.policies import Policy, date_driven, expert, gated
from tpmkit.simulator.program import Program
from tpmkit.simulator.rules import STAGES
from tpmkit.simulator.scenario import Scenario

__all__ = ["PolicyScore", "cvar", "ghosts", "policy_score", "references", "regret", "scorecard"]

BEST, TAIL, TAIL_WEIGHT = 1.1, 0.1, 0.2
VALIDATED = 2
GHOST_SEEDS = 5_000_000


def cvar(net: Any, tail: float = TAIL) -> float:
    """What the worst cases come to on average (conditional value at risk).

    Parameters
    ----------
    net : array-like
    tail : float, optional
        The share of cases that counts as the worst, at least one case.
    """
    worst = np.sort(np.asarray(net, dtype=float))
    if not worst.size or not 0 < tail <= 1:
        raise ScenarioError(
            f"cvar needs values and a tail from 0 to 1; got {worst.size}, {tail!r}."
        )
    return float(worst[: math.ceil(round(tail * worst.size, 9))].mean())


@dataclass(frozen=True)
class PolicyScore:
    """A policy held against the naive one and the expert, on the same luck.

    Attributes
    ----------
    score : float
        0 as good as naive, 1 as good as the expert; from 0 to 1.1.
    tail_penalty : float
        Taken off where the worst tenth is worse than that of the naive policy: a fifth of how much
        worse, in units of the gap between naive and expert, at most 0.2.
    points_share : float
        Score less penalty, not below 0.
    mean, standard_error, tail : float
        Of the policy's net, in k$; `tail` is the mean of the worst tenth.
    ahead, ahead_error : float
        Mean of net less the naive policy's, pair by pair, and its standard error.
    naive, expert, naive_tail : float
        Means of the two, and the naive policy's tail.
    """

    score: float
    tail_penalty: float
    points_share: float
    mean: float
    standard_error: float
    tail: float
    ahead: float
    ahead_error: float
    naive: float
    expert: float
    naive_tail: float


def policy_score(flight: Flight, naive: Flight, expert: Flight) -> PolicyScore:
    """Score a policy's flight; all three flights are of the same scenario and seeds."""
    for other in (naive, expert):
        same = other.scenario.version == flight.scenario.version and other.seeds == flight.seeds
        if not same:
            raise ScenarioError("Only flights of the same scenario and seeds can be compared.")
    gap = float((expert.net - naive.net).mean())
    if gap <= 0:
        raise ScenarioError(
            f"The expert must beat the naive policy for a score; on these seeds it is {gap:.0f} k$ "
            "behind. Use more seeds."
        )
    ahead = flight.net - naive.net
    score = float(np.clip(ahead.mean() / gap, 0, BEST))
    tail, naive_tail = cvar(flight.net), cvar(naive.net)
    penalty = TAIL_WEIGHT * float(np.clip((naive_tail - tail) / gap, 0, 1))
    return PolicyScore(
        score=score,
        tail_penalty=penalty,
        points_share=max(0.0, score - penalty),
        mean=float(flight.net.mean()),
        standard_error=_standard_error(flight.net),
        tail=tail,
        ahead=float(ahead.mean()),
        ahead_error=_standard_error(ahead),
        naive=float(naive.net.mean()),
        expert=float(expert.net.mean()),
        naive_tail=naive_tail,
    )


def _standard_error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / values.size**0.5) if values.size > 1 else math.nan


def references(scenario: Scenario | str, seeds: Iterable[int]) -> dict[str, Flight]:
    """The policies one is compared with, flown: date_driven (naive), gated and expert."""
    seeds = list(seeds)
    policies: dict[str, Policy] = {
        "date_driven": date_driven,
        "gated": gated,
        "expert": expert(scenario),
    }
    return {name: fly(policy, scenario, seeds) for name, policy in policies.items()}


def regret(program: Program) -> float:
    """What stage gates would have earned more with the same luck, in k$; negative if less."""
    return float(fly(gated, program.scenario, [program.seed]).net[0]) - program.net


def ghosts(scenario: Scenario | str, runs: int = 50, policy: Policy = gated) -> np.ndarray:
    """Runs of a baseline under other luck, to see one's own among them.

    Returns
    -------
    numpy.ndarray
        Shape (weeks + 1, runs): net so far, in k$.
    """
    return fly(policy, scenario, range(GHOST_SEEDS, GHOST_SEEDS + runs)).curve


def scorecard(run: Program | Flight, episode: int = 0) -> pd.DataFrame:
    """A run on five dimensions, so that money is not all.

    - value: 0 for the whole budget lost, 100 for twice the budget earned;
    - delivery: 100 for a launch by the promised week after two weeks in shadow, 5 less for each
      week later, half without shadow, 0 without a launch;
    - people: morale as a share of its resting level, less 10 for everybody who left, 5 for
      everybody who was let go;
    - foundations: the mean of health, data and platform;
    - stewardship: the mean of governance and trust, less 15 for each incident.

    Returns
    -------
    pandas.DataFrame
        By dimension: score from 0 to 100, and the evidence.
    """
    k = run.scenario.k
    s = run.fleet.outcomes().iloc[episode]
    launched = s["launch_week"] >= 0
    validated = s["shadow_weeks"] >= VALIDATED
    late = max(0.0, s["launch_week"] - k.promised_week)
    delivery = (100 - 5 * late) * (1.0 if validated else 0.5) if launched else 0.0
    people = 100 * s["morale"] / k.morale_rest - 10 * s["left"] - 5 * s["released"]
    rows = {
        "value": (
            100 * (s["net"] + k.budget) / (3 * k.budget),
            f"net {s['net']:+,.0f} k$: {s['value']:,.0f} earned, {s['loss']:,.0f} lost in "
            f"incidents, {s['spent']:,.0f} spent",
        ),
        "delivery": (
            delivery,
            f"launched in week {s['launch_week']:.0f} (promised {k.promised_week}), "
            f"{s['shadow_weeks']:.0f} weeks in shadow before"
            if launched
            else f"never launched; {STAGES.index(s['stage'])} of 2 stages passed",
        ),
        "people": (
            people,
            f"morale {s['morale']:.2f}; {s['left']:.0f} left, {s['released']:.0f} let go",
        ),
        "foundations": (
            100 * (s["health"] + s["data"] + s["platform"]) / 3,
            f"health {s['health']:.2f}, data {s['data']:.2f}, platform {s['platform']:.2f}",
        ),
        "stewardship": (
            50 * (s["governance"] + s["trust"]) - 15 * s["incidents"],
            f"governance {s['governance']:.2f}, trust {s['trust']:.2f}, "
            f"incidents: {s['incidents']:.0f}",
        ),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["score", "evidence"])
    return table.assign(score=table["score"].clip(0, 100).round(1)).rename_axis("dimension")

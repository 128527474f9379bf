"""Policies to compare with: seven ways people run programs, and one that was tuned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import yaml

from tpmkit.simulator.actions import OPTIONS, WORKSTREAMS
from tpmkit.simulator.scenario import FOLDER, Scenario, as_scenario

__all__ = ["BASELINES", "EXPERT", "expert", "experts", "staged"]

Observation = dict[str, Any]
Memory = dict[str, Any]
Action = dict[str, Any]
Policy = Callable[[Observation, Memory], Action]


def kill_now(obs: Observation, memory: Memory) -> Action:
    """Stop in the first week: the least a program can lose."""
    return {"option": "kill"}


def idle(obs: Observation, memory: Memory) -> Action:
    """Spread the work evenly, tell nobody, decide nothing."""
    return {"comms": 0}


def random(obs: Observation, memory: Memory) -> Action:
    """Decide by dice, new dice every week."""
    if "rng" not in memory:
        memory["rng"] = np.random.default_rng(int(obs["morale"] * 1e12))
    rng = memory["rng"]
    return {
        "alloc": rng.random(5),
        "hire": int(rng.integers(-1, 2)) if rng.random() < 0.1 else 0,
        "pace": "crunch" if rng.random() < 0.5 else "normal",
        "comms": int(rng.integers(3)),
        "option": OPTIONS[rng.choice(len(OPTIONS), p=[0.93, 0.01, 0.02, 0.02, 0.01, 0.01])],
    }


def date_driven(obs: Observation, memory: Memory) -> Action:
    """Ship in week 20 whatever the evidence: features first, long weeks before the date."""
    week = obs["week"]
    return {
        "alloc": {"data": 0.18, "model": 0.5, "platform": 0.25, "governance": 0.05, "debt": 0.02},
        "pace": "crunch" if 14 <= week < 20 else "normal",
        "option": "launch" if week >= 20 and obs["stage"] != "live" else "continue",
    }


def perfectionist(obs: Observation, memory: Memory) -> Action:
    """Never launch below 0.9 offline, and talk to nobody until then."""
    ready = obs["quality"] > 0.9 and obs["stage"] != "live"
    return {
        "alloc": {"data": 0.3, "model": 0.4, "platform": 0.1, "governance": 0.1, "debt": 0.1},
        "comms": 0,
        "option": "launch" if ready else "continue",
    }


def hire_when_late(obs: Observation, memory: Memory) -> Action:
    """Notice in week 14 that it is late, and hire six people in six weeks."""
    week = obs["week"]
    ready = week >= 24 and obs["quality"] > 0.6 and obs["stage"] != "live"
    return {
        "alloc": {"data": 0.25, "model": 0.4, "platform": 0.2, "governance": 0.1, "debt": 0.05},
        "hire": 1 if 14 <= week < 20 else 0,
        "option": "launch" if ready else "continue",
    }


def gated(obs: Observation, memory: Memory) -> Action:
    """Stage gates: evidence before each step, governance early, pivot and kill by rule."""
    week, stage = obs["week"], obs["stage"]
    quality = memory["quality"] = 0.6 * memory.get("quality", obs["quality"]) + 0.4 * obs["quality"]
    option = "continue"
    if stage == "build":
        work = (0.4, 0.25, 0.15, 0.15, 0.05) if week < 7 else (0.22, 0.36, 0.2, 0.17, 0.05)
        if week == 12 and quality < 0.36:
            option = "pivot"
        elif week == 22 and quality < 0.46:
            option = "kill"
        elif week >= 11 and obs["platform"] > 0.5 and obs["governance"] > 0.55 and quality > 0.6:
            option = "shadow"
    elif stage == "shadow":
        work = (0.15, 0.35, 0.2, 0.2, 0.1)
        if week >= 30 and quality < 0.56:
            option = "kill"
        elif obs["weeks_in_stage"] >= 2 and quality > 0.6 and obs["governance"] > 0.7:
            option = "launch"
    else:
        work = (0.25, 0.3, 0.05, 0.15, 0.25)
    return {
        "alloc": work,
        "comms": 2 if obs["trust"] < 0.55 else 1,
        "mitigate": "privacy_finding" if week < 12 else None,
        "option": option,
    }


BASELINES: dict[str, Policy] = {
    policy.__name__: policy
    for policy in (kill_now, idle, random, date_driven, perfectionist, hire_when_late, gated)
}


EXPERT = {  # name: (low, high, where tuning starts): what `expert` decides by
    "switch_week": (3, 15, 7),
    **{
        f"{phase}_{name}": (0, 1, weight)
        for phase, weights in (
            ("early", (0.4, 0.25, 0.15, 0.15, 0.05)),
            ("late", (0.22, 0.36, 0.2, 0.17, 0.05)),
            ("shadow", (0.15, 0.35, 0.2, 0.2, 0.1)),
            ("live", (0.25, 0.3, 0.05, 0.15, 0.25)),
        )
        for name, weight in zip(WORKSTREAMS, weights, strict=True)
    },
    "memory_weight": (0, 0.9, 0.6),
    "ramp_weeks": (1, 30, 12),
    "pivot_week": (4, 20, 12),
    "pivot_quality": (0, 0.8, 0.36),
    "kill_week": (8, 36, 22),
    "kill_quality": (0, 0.8, 0.46),
    "shadow_from_margin": (-0.2, 0.3, 0.1),
    "shadow_from_governance": (0, 1, 0.55),
    "launch_from_margin": (-0.2, 0.3, 0.1),
    "launch_from_governance": (0, 1, 0.7),
    "launch_from_platform": (0, 1, 0.5),
    "launch_after_weeks": (0, 6, 2),
    "stop_margin": (-0.3, 0.2, -0.1),
    "team_build": (3, 14, 8),
    "team_live": (3, 14, 8),
    "wind_down_weeks": (0, 12, 3),
    "talk_below": (0, 1, 0.55),
    "quiet_above": (0, 1, 0.9),
    "mitigate_until": (0, 20, 12),
    "crunch_weeks": (0, 8, 0),
}


def staged(p: Mapping[str, float]) -> Policy:
    """The expert for any parameters: gates, pivot and kill by rule, a team for each stage.

    Parameters
    ----------
    p : mapping
        A value for each name in `EXPERT`. Margins are quality above the bar; ``pivot_quality`` and
        ``kill_quality`` are held against what the quality seen so far promises once the model has
        had ``ramp_weeks``.
    """

    def policy(obs: Observation, memory: Memory) -> Action:
        week, stage = obs["week"], obs["stage"]
        weight = p["memory_weight"] if memory.get("stage") == stage else 0.0
        quality = weight * memory.get("quality", 0.0) + (1 - weight) * obs["quality"]
        memory["quality"], memory["stage"] = quality, stage
        if "pivot" in obs["events"]:
            memory["pivot"] = week
        promise = quality / min(1.0, (week - memory.get("pivot", 0) + 1) / p["ramp_weeks"])
        margin = quality - obs["bar"]
        phase = stage
        option, team = "continue", p["team_build"]
        if stage == "build":
            phase = "early" if week < p["switch_week"] else "late"
            if week >= p["kill_week"] and promise < p["kill_quality"]:
                option = "kill"
            elif (
                p["pivot_week"] <= week < p["pivot_week"] + 4
                and obs["approach"] == 1
                and promise < p["pivot_quality"]
            ):
                option = "pivot"
            elif (
                margin > p["shadow_from_margin"] and obs["governance"] > p["shadow_from_governance"]
            ):
                option = "shadow"
        elif stage == "shadow":
            if week >= p["kill_week"] and promise < p["kill_quality"]:
                option = "kill"
            elif (
                margin > p["launch_from_margin"]
                and obs["governance"] > p["launch_from_governance"]
                and obs["platform"] > p["launch_from_platform"]
                and obs["weeks_in_stage"] >= p["launch_after_weeks"]
            ):
                option = "launch"
        else:
            team = p["team_live"]
            if margin < p["stop_margin"]:
                option = "kill"
        work = {name: p[f"{phase}_{name}"] for name in WORKSTREAMS}
        if stage == "live" and obs["weeks_left"] <= p["wind_down_weeks"]:
            work = {"debt": 1.0}
        comms = 2 if obs["trust"] < p["talk_below"] else 0 if obs["trust"] > p["quiet_above"] else 1
        return {
            "alloc": work if any(work.values()) else {"debt": 1.0},
            "hire": (obs["headcount"] < round(team)) - (obs["headcount"] > round(team)),
            "pace": "crunch" if week < round(p["crunch_weeks"]) else "normal",
            "comms": comms,
            "mitigate": "privacy_finding" if week < p["mitigate_until"] else None,
            "option": option,
        }

    return policy


@cache
def experts() -> dict[str, dict[str, Any]]:
    """By scenario: the parameters of the expert and the version of the scenario they belong to."""
    text = (FOLDER / "experts.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def expert(scenario: Scenario | str) -> Policy:
    """The tuned policy of a scenario.

    Its parameters were found by search on seeds of their own and are frozen with the scenario.
    """
    return staged(experts()[as_scenario(scenario).name]["parameters"])

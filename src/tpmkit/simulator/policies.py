"""Policies to compare with: seven ways people run programs, and one that was tuned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tpmkit.simulator.actions import OPTIONS

__all__ = ["BASELINES"]

Observation = dict[str, Any]
Memory = dict[str, Any]
Action = dict[str, Any]


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


BASELINES: dict[str, Callable[[Observation, Memory], Action]] = {
    policy.__name__: policy
    for policy in (kill_now, idle, random, date_driven, perfectionist, hire_when_late, gated)
}

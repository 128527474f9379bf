"""A learner's policy, flown and held against the course's, wherever the policy lives.

The programs run here; the policy is only asked what it would do. It sees copies of what is
observed, so there is nothing it could change, and a policy in the sandbox is asked for many
programs in one journey.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tpmkit import data
from tpmkit.calls import many
from tpmkit.errors import TpmkitError
from tpmkit.simulator.actions import parse_action
from tpmkit.simulator.errors import ActionError, ScenarioError
from tpmkit.simulator.flights import Action, Flight, Observation, fly_asking
from tpmkit.simulator.scenario import load_scenario
from tpmkit.simulator.scores import policy_score, references

__all__ = ["Flown", "fly_policy", "hidden_seeds"]

ROUND = 20  # programs asked in one journey
ROUNDS = 5  # the quickest of so many in a row is what counts: a busy machine is nobody's fault
MILLISECONDS = 5.0


class TooSlow(Exception):
    """A policy that is not waited for any longer."""


@dataclass(frozen=True, eq=False)
class Flown:
    """How a policy fared.

    Attributes
    ----------
    flight : Flight or None
        None if it was given up.
    failed : int
        Programs whose policy failed; all of them if it was given up.
    problem : str
        What went wrong, in a sentence about the first case, or whose policy it is; else empty.
    share : float
        0 as good as the date-driven policy, 1 as good as the expert, on the same luck, less the
        penalty for a bad tail. 0 for a flight that was given up or repeats a course policy.
    """

    flight: Flight | None
    failed: int
    problem: str
    share: float


def fly_policy(
    policy: Callable[..., Any],
    scenario: str,
    seeds: Iterable[int],
    clock: Callable[[], float] = time.perf_counter,
) -> Flown:
    """Fly a policy that may crash, answer nonsense or take for ever.

    A program whose policy fails flies on unattended: nothing more is decided. A policy is given up
    when even the quickest of five rounds of calls takes more than five milliseconds a call.

    Parameters
    ----------
    policy : callable
        ``policy(obs, memory) -> action``, here or in the sandbox.
    scenario : str
    seeds : iterable of int
    clock : callable, optional
        Seconds.
    """
    seeds = tuple(seeds)
    risks = tuple(risk.name for risk in load_scenario(scenario).risks)
    memories: list[Any] = [{} for _ in seeds]
    failed: dict[int, str] = {}
    pace: list[float] = []

    def round_of(asked: list[tuple[int, Observation]]) -> list[Action]:
        began = clock()
        answers = many(policy, [(obs, memories[episode]) for episode, obs in asked])
        pace.append(1000 * (clock() - began) / len(asked))
        if len(pace) >= ROUNDS and min(pace[-ROUNDS:]) > MILLISECONDS:
            raise TooSlow
        actions = []
        for (episode, obs), answer in zip(asked, answers, strict=True):
            memories[episode] = answer.args[1]
            error: Exception | SystemExit | None = answer.error
            if error is None:
                try:
                    parse_action(answer.value, risks)
                except ActionError as refused:
                    error = refused
            if error is not None:
                said = f"{error}" if isinstance(error, ActionError) else f"it raised {error!r}."
                failed[episode] = f"week {obs['week']} of program {episode + 1}: {said}"
            actions.append({} if error is not None else answer.value)
        return actions

    def ask(episodes: list[int], observations: list[Observation]) -> list[Action]:
        pairs = zip(episodes, observations, strict=True)
        attended = [(e, obs) for e, obs in pairs if e not in failed]
        actions = dict.fromkeys(episodes, {})
        for start in range(0, len(attended), ROUND):
            asked = attended[start : start + ROUND]
            actions |= dict(zip((e for e, _ in asked), round_of(asked), strict=True))
        return [actions[e] for e in episodes]

    try:
        flight = fly_asking(ask, scenario, seeds)
    except TooSlow:
        return Flown(None, len(seeds), f"given up: more than {MILLISECONDS:g} ms a call", 0.0)
    except (TimeoutError, RuntimeError) as error:
        return Flown(None, len(seeds), f"given up: {error}", 0.0)
    problem = ""
    if failed:
        first = next(iter(failed.values()))
        problem = f"{len(failed)} of {len(seeds)} programs flew on unattended; {first}"
    course = _course(scenario, seeds)
    for name in ("gated", "expert"):
        if np.array_equal(flight.curve, course[name].curve):
            problem = problem or f"it is the course's own policy {name!r}"
            return Flown(flight, len(failed), problem, 0.0)
    score = policy_score(flight, course["date_driven"], course["expert"])
    return Flown(flight, len(failed), problem, score.points_share)


@cache
def _course(scenario: str, seeds: tuple[int, ...]) -> dict[str, Flight]:
    return references(scenario, seeds)


def hidden_seeds(purpose: str, count: int) -> list[int]:
    """Seeds that nobody knows who does not have the salt.

    The salt is ``$TPMKIT_SALT``, else the file ``grading/.salt`` of the course, which is made when
    it is first needed. There is none in the sandbox.

    Parameters
    ----------
    purpose : str
        Other purposes have other seeds.
    count : int

    Raises
    ------
    ScenarioError
        If there is no salt and no place to keep one.
    """
    salt = os.environ.get("TPMKIT_SALT") or _kept_salt()
    digests = (hashlib.sha256(f"{salt}/{purpose}/{n}".encode()).digest() for n in range(count))
    return [int.from_bytes(digest[:7]) for digest in digests]


def _kept_salt() -> str:
    try:
        folder = data.folder().parent / "grading"
        path = folder / ".salt"
        if not path.is_file():
            # whole before it is seen, and the first one stays: two may be grading at once
            with tempfile.NamedTemporaryFile("w", dir=folder) as made:
                made.write(secrets.token_hex(16))
                made.flush()
                with contextlib.suppress(FileExistsError):
                    os.link(made.name, path)
        return path.read_text(encoding="utf-8").strip()
    except (OSError, TpmkitError) as error:
        raise ScenarioError(
            f"Hidden programs need a salt, and grading/.salt cannot be had ({error}). Set "
            "TPMKIT_SALT to any text that learners do not know."
        ) from None

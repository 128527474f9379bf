"""Policies flown over many episodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tpmkit.simulator.actions import Decisions, parse_action
from tpmkit.simulator.errors import ActionError
from tpmkit.simulator.fleet import Fleet
from tpmkit.simulator.replay import Replay
from tpmkit.simulator.scenario import Scenario

__all__ = ["Flight", "Policy", "fly", "fly_arrays", "fly_asking"]

Observation = dict[str, Any]
Action = dict[str, Any]
Policy = Callable[[Observation, dict[str, Any]], Action]
Ask = Callable[[list[int], list[Observation]], list[Action]]
ArrayPolicy = Callable[[dict[str, np.ndarray], dict[str, Any]], dict[str, Any]]

IDLE = parse_action({}, ())


@dataclass(frozen=True, eq=False)
class Flight:
    """A policy's episodes, flown to their ends.

    Attributes
    ----------
    scenario : Scenario
    seeds : list of int
    net : numpy.ndarray
        Value less losses and money spent of each episode, in k$.
    curve : numpy.ndarray
        Shape (weeks + 1, episodes): net so far, from week 0; flat after an episode's end.
    outcomes : pandas.DataFrame
        A row an episode: how it ended, with the true states.
    decisions : list of Decisions
        Week by week.
    fleet : Fleet
        For events and, if it was asked for, the trace.
    """

    fleet: Fleet
    curve: np.ndarray
    decisions: list[Decisions]

    @property
    def scenario(self) -> Scenario:
        return self.fleet.scenario

    @property
    def seeds(self) -> list[int]:
        return self.fleet.seeds

    @property
    def net(self) -> np.ndarray:
        return self.fleet.net

    @property
    def outcomes(self) -> pd.DataFrame:
        return self.fleet.outcomes()

    def actions(self, episode: int) -> list[Action]:
        """What was decided in an episode, week by week, until its end."""
        last = int(self.fleet.ended_after[episode])
        return [d.action(self.fleet.risks, episode) for d in self.decisions[:last]]

    def replay(self, episode: int) -> Replay:
        """An episode as a file that reproduces it."""
        return Replay.of(self.fleet, episode, self.actions(episode))


def fly(
    policy: Policy, scenario: Scenario | str, seeds: Iterable[int], *, trace: bool = False
) -> Flight:
    """Fly a policy over episodes.

    Parameters
    ----------
    policy : callable
        ``policy(obs, memory) -> action``; `memory` is a dict of the episode's own, empty at first.
    scenario : Scenario or str
    seeds : iterable of int
        An episode each. Policies flown over the same seeds share their luck: compare them pairwise.
    trace : bool, optional
        Keep what every rule changed.

    Returns
    -------
    Flight
    """
    seeds = list(seeds)
    memories: list[dict[str, Any]] = [{} for _ in seeds]

    def ask(episodes: list[int], observations: list[Observation]) -> list[Action]:
        return [policy(o, memories[e]) for e, o in zip(episodes, observations, strict=True)]

    return fly_asking(ask, scenario, seeds, trace=trace)


def fly_asking(
    ask: Ask, scenario: Scenario | str, seeds: Sequence[int], *, trace: bool = False
) -> Flight:
    """Fly episodes by asking for all their actions at once, week by week.

    Parameters
    ----------
    ask : callable
        ``ask(episodes, observations) -> actions``: lists in the same order. `episodes` are the
        places in `seeds` of the episodes that still run.
    scenario, seeds, trace
        As for `fly`.
    """
    fleet = Fleet(scenario, seeds, trace=trace)

    def decide() -> Decisions:
        episodes = fleet.live()
        actions = ask(episodes, fleet.observations(episodes))
        if not isinstance(actions, list | tuple) or len(actions) != len(episodes):
            seen = len(actions) if isinstance(actions, list | tuple) else type(actions).__name__
            raise ActionError(f"A list of {len(episodes)} actions was expected; got {seen}.")
        parsed = [IDLE] * len(fleet)
        for episode, action in zip(episodes, actions, strict=True):
            try:
                parsed[episode] = parse_action(action, fleet.risks)
            except ActionError as error:
                where = f"Week {fleet.week} of seed {fleet.seeds[episode]}"
                raise ActionError(f"{where}: {error}") from None
        return Decisions.gather(parsed)

    return _fly(fleet, decide)


def fly_arrays(
    policy: ArrayPolicy, scenario: Scenario | str, seeds: Iterable[int], *, trace: bool = False
) -> Flight:
    """Fly a policy that sees and decides for all episodes in arrays: the fastest form.

    Parameters
    ----------
    policy : callable
        ``policy(obs, memory) -> action`` where each value of `obs` is an array over all episodes
        (ended ones, too) and each value of the action is one, or one value for all; ``alloc`` has
        shape (n, 5) or (5,). There is one `memory`.
    scenario, seeds, trace
        As for `fly`.
    """
    fleet = Fleet(scenario, list(seeds), trace=trace)
    memory: dict[str, Any] = {}

    def decide() -> Decisions:
        try:
            return Decisions.from_arrays(policy(fleet.arrays(), memory), fleet.risks, len(fleet))
        except ActionError as error:
            raise ActionError(f"Week {fleet.week}: {error}") from None

    return _fly(fleet, decide)


def _fly(fleet: Fleet, decide: Callable[[], Decisions]) -> Flight:
    curve, decisions = [fleet.net], []
    while fleet.running.any():
        decisions.append(decide())
        fleet.step(decisions[-1])
        curve.append(fleet.net)
    curve += [fleet.net] * (fleet.scenario.weeks + 1 - len(curve))
    return Flight(fleet, np.array(curve), decisions)

"""One program, flown by hand or by code, week by week."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tpmkit.simulator.actions import Decisions, parse_action
from tpmkit.simulator.errors import ActionError
from tpmkit.simulator.fleet import Fleet
from tpmkit.simulator.replay import Replay
from tpmkit.simulator.rules import ENDS, STATES
from tpmkit.simulator.scenario import Scenario, as_scenario

__all__ = ["Program"]


class Program:
    """A program of one scenario: a batch of one, in Gymnasium's shape.

    Parameters
    ----------
    scenario : Scenario or str, optional
    seed : int, optional
        Decides all luck, whatever is done.

    Attributes
    ----------
    obs : dict
        What is seen now.
    net : float
        Value less losses and money spent, so far, in k$.
    curve : list of float
        `net` after each week, from week 0.
    actions : list of dict
        What was decided, week by week.

    Examples
    --------
    >>> program = Program("standard", seed=7)
    >>> obs, info = program.reset()
    >>> obs, reward, terminated, truncated, info = program.step({"option": "kill"})
    >>> terminated, info["end"]
    (True, 'killed')
    """

    def __init__(self, scenario: Scenario | str = "standard", seed: int = 0) -> None:
        self.scenario = as_scenario(scenario)
        self._begin(Fleet(self.scenario, [seed], trace=True))

    def _begin(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.actions: list[dict[str, Any]] = []
        self.curve = [0.0]
        self._states = [self._snapshot()]

    @property
    def seed(self) -> int:
        return self.fleet.seeds[0]

    @property
    def week(self) -> int:
        """Weeks that are over."""
        return self.fleet.week

    @property
    def obs(self) -> dict[str, Any]:
        return self.fleet.observations([0])[0]

    @property
    def net(self) -> float:
        return float(self.fleet.net[0])

    @property
    def end(self) -> str | None:
        """How it ended; None while it runs."""
        end = int(self.fleet.states.ended[0])
        return ENDS[end] if end else None

    def reset(
        self, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Start again, with the same luck unless another seed is given.

        Returns
        -------
        obs, info : dict
        """
        self._begin(Fleet(self.scenario, [self.seed if seed is None else seed], trace=True))
        return self.obs, self._info()

    def step(
        self, action: Mapping[str, Any]
    ) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Decide a week and live through it.

        Parameters
        ----------
        action : mapping
            See `parse_action`. What is missing has its default; what is wrong raises
            `ActionError` and changes nothing.

        Returns
        -------
        obs : dict
        reward : float
            What the week added to `net`.
        terminated : bool
            Whether the program has ended.
        truncated : bool
            Always False: the last week is part of the program, not a limit of the simulation.
        info : dict
            ``net``, ``end`` (how it ended, or None) and ``events``: the week's, with causes.
        """
        if self.end:
            raise ActionError(
                f"The program ended in week {self.week}: {self.end}. Call reset() to start again."
            )
        decisions = Decisions.gather([parse_action(action, self.fleet.risks)])
        reward = float(self.fleet.step(decisions)[0])
        self.actions.append(decisions.action(self.fleet.risks, 0))
        self.curve.append(self.net)
        self._states.append(self._snapshot())
        return self.obs, reward, self.end is not None, False, self._info()

    def _info(self) -> dict[str, Any]:
        latest = [e for e in self.events() if e["week"] == self.week - 1]
        return {"net": self.net, "end": self.end, "events": latest}

    def _snapshot(self) -> dict[str, float]:
        states = self.fleet.states
        return {name: float(getattr(states, name)[0]) for name in STATES}

    def events(self) -> list[dict[str, Any]]:
        """Everything that happened so far: dicts with week, event and cause."""
        return self.fleet.events_of(0)

    def trace(self) -> pd.DataFrame:
        """Which rule moved which state by how much: week, rule, state, before, after, change."""
        return self.fleet.trace(0)

    def history(self) -> pd.DataFrame:
        """The true states, a row for each week that is over, from week 0."""
        table = pd.DataFrame(self._states, index=pd.RangeIndex(len(self._states), name="week"))
        return table.assign(net=np.array(self.curve))

    def replay(self) -> Replay:
        """The run so far, as a file that brings it back."""
        return Replay.of(self.fleet, 0, self.actions)

    @classmethod
    def resume(
        cls, replay: Replay | str | Path | Mapping[str, Any], scenario: Scenario | None = None
    ) -> Program:
        """Go on where a replay ends."""
        replay = replay if isinstance(replay, Replay) else Replay.read(replay)
        replay.fly(scenario, trace=False)
        program = cls(scenario or replay.scenario, replay.seed)
        for action in replay.actions:
            program.step(action)
        return program

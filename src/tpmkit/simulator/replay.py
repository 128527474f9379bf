"""A run as a small file: scenario, seed and actions, which bring it back exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tpmkit.simulator.actions import Decisions, parse_action
from tpmkit.simulator.errors import ReplayError
from tpmkit.simulator.fleet import Fleet, as_seed
from tpmkit.simulator.scenario import Scenario, load_scenario

__all__ = ["SCHEMA_VERSION", "Replay"]

SCHEMA_VERSION = 1
FIELDS = {"schema_version", "scenario", "scenario_version", "seed", "actions", "net"}


@dataclass(frozen=True)
class Replay:
    """What brings a run back.

    Attributes
    ----------
    scenario, scenario_version : str
        The scenario and the hash of its constants.
    seed : int
    actions : tuple of dict
        One for each week that was flown; the run need not have ended.
    net : float
        What the run came to: checked when it is flown again.
    """

    scenario: str
    scenario_version: str
    seed: int
    actions: tuple[Mapping[str, Any], ...]
    net: float

    @classmethod
    def of(cls, fleet: Fleet, episode: int, actions: Sequence[Mapping[str, Any]]) -> Replay:
        """The replay of a fleet's episode."""
        scenario = fleet.scenario
        return cls(
            scenario.name,
            scenario.version,
            fleet.seeds[episode],
            tuple(actions),
            float(fleet.net[episode]),
        )

    def to_json(self) -> str:
        """As text; the same run always gives the same text."""
        return json.dumps({"schema_version": SCHEMA_VERSION, **vars(self)}, indent=1) + "\n"

    def save(self, path: str | Path) -> Path:
        """Write it to a file."""
        path = Path(path)
        path.write_text(self.to_json(), encoding="utf-8")
        return path

    @classmethod
    def read(cls, source: str | Path | Mapping[str, Any]) -> Replay:
        """From a file, from its text or from the dict in it."""
        content = dict(source) if isinstance(source, Mapping) else _parsed(source)
        version = content.pop("schema_version", None)
        if version != SCHEMA_VERSION:
            raise ReplayError(
                f"This replay has schema_version {version!r}; this version of tpmkit reads "
                f"{SCHEMA_VERSION}. Fly the run again."
            )
        if set(content) != FIELDS - {"schema_version"}:
            raise ReplayError(
                f"A replay has {', '.join(sorted(FIELDS))}; got {', '.join(sorted(content))}."
            )
        if not isinstance(content["actions"], list | tuple):
            raise ReplayError(f"A replay's actions are a list; got {content['actions']!r}.")
        as_seed(content["seed"])
        return cls(**{**content, "actions": tuple(content["actions"])})

    def fly(self, scenario: Scenario | None = None, *, trace: bool = True) -> Fleet:
        """Fly the run again.

        Parameters
        ----------
        scenario : Scenario, optional
            For runs of a scenario with changed constants.
        trace : bool, optional

        Returns
        -------
        Fleet
            Of one episode, in the state after the last action.
        """
        scenario = scenario or load_scenario(self.scenario)
        if scenario.version != self.scenario_version:
            raise ReplayError(
                f"This run was flown in {self.scenario!r} with constants {self.scenario_version}; "
                f"they are {scenario.version} now. Use the version of tpmkit it was flown with, or "
                "fly the run again."
            )
        fleet = Fleet(scenario, [self.seed], trace=trace)
        for action in self.actions:
            if not fleet.running.any():
                raise ReplayError(f"This run ends after {fleet.week} weeks; more actions follow.")
            fleet.step(Decisions.gather([parse_action(action, fleet.risks)]))
        if float(fleet.net[0]) != self.net:
            raise ReplayError(
                f"This run came to {self.net!r} k$ and now comes to {float(fleet.net[0])!r}; the "
                "file was changed, or numpy draws other numbers here."
            )
        return fleet


def _parsed(source: str | Path) -> dict[str, Any]:
    if isinstance(source, Path) or not source.lstrip().startswith("{"):
        try:
            source = Path(source).read_text(encoding="utf-8")
        except OSError as error:
            raise ReplayError(f"The replay {source} cannot be read: {error.strerror}.") from None
    try:
        content = json.loads(source)
    except ValueError as error:
        raise ReplayError(f"This replay is not JSON: {error}.") from None
    if not isinstance(content, dict):
        raise ReplayError("A replay is a JSON object.")
    return content

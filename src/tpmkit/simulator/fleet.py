"""Many programs flown in lockstep: one array operation moves a state of all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from tpmkit.simulator.actions import WORKSTREAMS, Decisions
from tpmkit.simulator.errors import ScenarioError
from tpmkit.simulator.rules import ENDS, STAGES, STATES, Week, model_quality, rules
from tpmkit.simulator.scenario import Scenario, as_scenario

__all__ = ["OBSERVATION", "Fleet", "Luck"]

OBSERVATION = {  # name: (unit, meaning)
    "week": ("count", "weeks that are over; 0 at the start"),
    "weeks_left": ("count", "weeks to go"),
    "budget_left": ("k$", "money to go"),
    "spent": ("k$", "so far"),
    "value": ("k$", "earned so far"),
    "loss": ("k$", "by incidents so far"),
    "incidents": ("count", "so far"),
    "headcount": ("people", "everybody who is paid"),
    "rookies": ("people", "of those, newcomers who still learn the program"),
    "morale": ("0 to 1", "of the team, as surveyed"),
    "trust": ("0 to 1", "of sponsor and stakeholders, as they say"),
    "scope": ("times the plan", "what is asked for"),
    "data": ("0 to 1", "readiness of data, as reviewed"),
    "platform": ("0 to 1", "readiness of the platform, as reviewed"),
    "governance": ("0 to 1", "readiness of governance, as reviewed"),
    "health": ("0 to 1", "of code and pipelines, as reviewed; 1 is free of debt"),
    "quality": ("0 to 1", "of the model: offline (optimistic) in build, real in shadow and live"),
    "bar": ("quality", "quality above which a live model earns"),
    "stage": ("build, shadow, live", "where the model runs"),
    "weeks_in_stage": ("count", "since that began"),
    "approach": ("1 or 2", "the approach that is followed"),
    "blocked_weeks": ("count", "without modelling, still to come"),
    "events": ("list of names", "what happened last week"),
}
MEASURED = ("morale", "trust", "data", "platform", "governance", "health")
HIDDEN = ("ceiling_1", "ceiling_2", "learning_rate")


@dataclass(frozen=True)
class Luck:
    """Everything random about a run of episodes, drawn before the first week.

    Attributes
    ----------
    uniform : numpy.ndarray
        Shape (episodes, weeks, risks + 1): one draw per week for each risk and for incidents.
    normal : numpy.ndarray
        Shape (episodes, weeks + 1, 8): one draw per week for modelling and each measurement.
    ceiling_1, ceiling_2, learning_rate : numpy.ndarray
        What is hidden and stays: one value an episode.
    """

    uniform: np.ndarray
    normal: np.ndarray
    ceiling_1: np.ndarray
    ceiling_2: np.ndarray
    learning_rate: np.ndarray

    @classmethod
    def draw(cls, scenario: Scenario, seeds: Sequence[int]) -> Luck:
        """The luck of the seeds; it depends on nothing that is decided later."""
        weeks, k = scenario.weeks, scenario.k
        uniform = np.empty((len(seeds), weeks, len(scenario.risks) + 1))
        normal = np.empty((len(seeds), weeks + 1, 2 + len(MEASURED)))
        place, speed = np.empty((len(seeds), 2)), np.empty(len(seeds))
        for episode, seed in enumerate(seeds):
            rng = np.random.default_rng(
                seed if scenario.fixed_seed is None else scenario.fixed_seed
            )
            place[episode] = rng.random(2)
            speed[episode] = math.exp(k.model_rate_spread * rng.standard_normal())
            rng.random(out=uniform[episode])
            rng.standard_normal(out=normal[episode])
        return cls(
            uniform,
            normal,
            special.betaincinv(k.ceiling_1_alpha, k.ceiling_1_beta, place[:, 0]),
            special.betaincinv(k.ceiling_2_alpha, k.ceiling_2_beta, place[:, 1]),
            k.model_rate * speed,
        )


class Fleet:
    """Episodes of one scenario, one for each seed, that move week by week together.

    Parameters
    ----------
    scenario : Scenario or str
    seeds : sequence of int
        An episode each; the same seed has the same luck whatever is decided.
    trace : bool, optional
        Keep what every rule changed, for `trace`.

    Attributes
    ----------
    week : int
        Weeks that are over.
    running : numpy.ndarray
        Which episodes have not ended.
    ended_after : numpy.ndarray
        Weeks that an episode lasted; 0 while it runs.
    net : numpy.ndarray
        Value less losses and money spent, so far.
    """

    def __init__(
        self, scenario: Scenario | str, seeds: Sequence[int], *, trace: bool = False
    ) -> None:
        self.scenario = as_scenario(scenario)
        self.seeds = [as_seed(seed) for seed in seeds]
        if not self.seeds:
            raise ScenarioError("At least one seed is needed; got none.")
        self.risks = tuple(risk.name for risk in self.scenario.risks)
        self.week = 0
        self.running = np.ones(len(self.seeds), dtype=bool)
        self.ended_after = np.zeros(len(self.seeds), dtype=np.int64)
        self.events: list[tuple[int, str, np.ndarray, str, tuple[Any, ...]]] = []
        self._latest: list[list[str]] = [[] for _ in self.seeds]
        self._changes: list[tuple[int, str, str, np.ndarray, np.ndarray]] | None
        self._changes = [] if trace else None
        self._rules = rules(self.scenario)
        self._k = self.scenario.k
        self._luck = Luck.draw(self.scenario, self.seeds)
        self.states = self._start()
        self.net = np.zeros(len(self.seeds))
        self._observed = self._observe()

    def __len__(self) -> int:
        return len(self.seeds)

    def _start(self) -> SimpleNamespace:
        k, size = self._k, len(self.seeds)
        start = dict.fromkeys(STATES, 0.0)
        start |= {f"focus_{name}": 1 / len(WORKSTREAMS) for name in WORKSTREAMS}
        start |= {
            name: getattr(k, f"{name}_start")
            for name in (
                "headcount",
                "morale",
                "trust",
                "data",
                "model",
                "platform",
                "governance",
                "health",
            )
        }
        start |= {"scope": 1.0, "approach": 1.0, "bar": k.bar, "launch_week": -1.0}
        s = SimpleNamespace(**{name: np.full(size, float(x)) for name, x in start.items()})
        for name in HIDDEN:
            setattr(s, name, getattr(self._luck, name))
        s.quality = model_quality(s, k)
        return s

    def step(self, decisions: Decisions) -> np.ndarray:
        """Move the running episodes by one week.

        Returns
        -------
        numpy.ndarray
            What the week added to `net`; 0 for episodes that had ended.
        """
        if not self.running.any():
            raise ScenarioError("Every episode has ended; start new ones.")
        s = self.states
        draws = self._luck.uniform[:, self.week]
        luck = {name: draws[:, index] for index, name in enumerate((*self.risks, "incident"))}
        luck["model"] = self._luck.normal[:, self.week, 0]
        week = Week(self.week, s, decisions, _shares(decisions.alloc), self._k, luck)
        for name, rule in self._rules:
            for state, after in rule(week).items():
                before = getattr(s, state)
                after = np.where(self.running, after, before)
                setattr(s, state, after)
                if self._changes is not None:
                    self._changes.append((self.week, name, state, before, after))
        self._note(week.events)
        net = s.value - s.loss - s.spent
        reward, self.net = net - self.net, net
        self.week += 1
        self.ended_after[self.running & (s.ended != 0)] = self.week
        self.running = s.ended == 0
        self._observed = self._observe()
        return reward

    def _note(self, events: list) -> None:
        self._latest = [[] for _ in self.seeds]
        for name, where, cause, numbers in events:
            where = where & self.running
            if where.any():
                self.events.append((self.week, name, where, cause, numbers))
                for episode in np.flatnonzero(where).tolist():
                    self._latest[episode].append(name)

    def _observe(self) -> dict[str, np.ndarray]:
        s, k, size = self.states, self._k, len(self.seeds)
        noise = self._luck.normal[:, self.week, 1:].T
        seen = {
            "week": np.full(size, self.week),
            "weeks_left": np.full(size, self.scenario.weeks - self.week),
            "budget_left": k.budget - s.spent,
            **{name: getattr(s, name) for name in ("spent", "value", "loss")},
            "incidents": s.incidents.astype(np.int64),
            "headcount": s.headcount.astype(np.int64),
            "rookies": s.rookies,
        }
        measured = {"morale": k.morale_noise, "trust": k.trust_noise}
        for row, name in enumerate(MEASURED):
            error = measured.get(name, k.readiness_noise) * noise[row + 1]
            measured[name] = np.minimum(np.maximum(getattr(s, name) + error, 0.0), 1.0)
        spread = np.where(s.stage == 1, k.quality_noise_shadow, k.quality_noise_live)
        spread = np.where(s.stage == 0, k.quality_noise_build, spread)
        true = np.where(s.stage == 0, s.quality * (1 + k.offline_optimism), s.quality - s.drift)
        stage = s.stage.astype(np.int64)
        return seen | {
            "morale": measured["morale"],
            "trust": measured["trust"],
            "scope": s.scope,
            **{name: measured[name] for name in MEASURED[2:]},
            "quality": np.minimum(np.maximum(true + spread * noise[0], 0.0), 1.0),
            "bar": s.bar,
            "stage": np.array(STAGES)[stage],
            "weeks_in_stage": self.week - s.stage_since.astype(np.int64),
            "approach": s.approach.astype(np.int64),
            "blocked_weeks": s.blocked_weeks.astype(np.int64),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """What all episodes see now, an array each; without ``events``."""
        return {name: values.copy() for name, values in self._observed.items()}

    def observations(self, episodes: Sequence[int] | None = None) -> list[dict[str, Any]]:
        """What the episodes see now, a dict of plain values each; by default those running."""
        if episodes is None:
            episodes = self.live()
        names = (*self._observed, "events")
        columns = [values[episodes].tolist() for values in self._observed.values()]
        columns.append([list(self._latest[episode]) for episode in episodes])
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def live(self) -> list[int]:
        """The episodes that are still running."""
        return np.flatnonzero(self.running).tolist()

    def events_of(self, episode: int) -> list[dict[str, Any]]:
        """What happened in an episode: week, event and cause."""
        return [
            {"week": week, "event": name, "cause": _cause(cause, numbers, episode)}
            for week, name, where, cause, numbers in self.events
            if where[episode]
        ]

    def trace(self, episode: int = 0) -> pd.DataFrame:
        """What every rule changed in an episode.

        Returns
        -------
        pandas.DataFrame
            Columns week, rule, state, before, after, change, in the order in which they happened.
        """
        if self._changes is None:
            raise ScenarioError("These episodes were flown without a trace; ask for trace=True.")
        rows = [
            (week, rule, state, float(before[episode]), float(after[episode]))
            for week, rule, state, before, after in self._changes
            if before[episode] != after[episode]
        ]
        table = pd.DataFrame(rows, columns=["week", "rule", "state", "before", "after"])
        return table.assign(change=table["after"] - table["before"])

    def outcomes(self) -> pd.DataFrame:
        """How the episodes stand, a row each, with the true states."""
        s = self.states
        table = pd.DataFrame({name: getattr(s, name) for name in (*STATES, *HIDDEN)})
        table.insert(0, "seed", self.seeds)
        table.insert(1, "net", self.net)
        table.insert(2, "ended_after", self.ended_after)
        table["quality_live"] = s.quality - s.drift
        table["ended"] = [ENDS[int(end)] for end in s.ended]
        table["stage"] = [STAGES[int(stage)] for stage in s.stage]
        return table


def as_seed(seed: Any) -> int:
    """A seed, checked."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ScenarioError(f"A seed is a whole number from 0; got {seed!r}.")
    return int(seed)


def _shares(alloc: np.ndarray) -> dict[str, np.ndarray]:
    """Weights as shares; by the largest first, so that huge and tiny weights are harmless."""
    weights = alloc / np.maximum.reduce(alloc)
    total = weights[0] + weights[1] + weights[2] + weights[3] + weights[4]
    return dict(zip(WORKSTREAMS, weights / total, strict=True))


def _cause(cause: str, numbers: tuple[Any, ...], episode: int) -> str:
    values = (x if np.ndim(x) == 0 else x[episode] for x in numbers)
    return cause.format(*values)

"""Risk events: things that may happen, and what they then cost in days and money."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from tpmkit.planning.errors import PlanError
from tpmkit.planning.estimates import Estimate, as_estimate
from tpmkit.planning.levels import as_runs, p_level
from tpmkit.planning.streams import Streams

__all__ = ["RiskEvent", "contingency", "loss_exceedance", "simulate_losses"]

CHUNK = 65_536
SMALLEST = 2.0**-60


@dataclass(frozen=True)
class RiskEvent:
    """Something that happens in some runs and not in others.

    Parameters
    ----------
    id : str
    probability : float
        Chance that it happens during the program, 0 to 1.
    days : float, tuple or Estimate, optional
        Delay, in working days, if it happens.
    cost : float, tuple or Estimate, optional
        Money lost if it happens, beside what the delay costs.
    activities : str or sequence of str, optional
        Ids of the activities that take longer; none for a delay of the program's finish.
    opportunity : bool, optional
        Days and money are gained, not lost. No activity gets shorter than nothing.
    remaining : float, optional
        Share of days and money that still counts, for example after a response.

    Notes
    -----
    When a risk has both, days and money are drawn with one random number: a bad hit is bad in both.
    """

    id: str
    probability: float
    days: Any = None
    cost: Any = None
    activities: Any = ()
    opportunity: bool = False
    remaining: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.probability) and 0 <= self.probability <= 1):
            raise PlanError(
                f"Risk {self.id!r}: the probability is {self.probability}; it must be from 0 to 1."
            )
        if not (math.isfinite(self.remaining) and self.remaining >= 0):
            raise PlanError(
                f"Risk {self.id!r}: remaining is {self.remaining}; it must be 0 or more."
            )
        freeze = object.__setattr__
        for name in ("days", "cost"):
            if (value := getattr(self, name)) is not None:
                freeze(self, name, as_estimate(value))
        activities = self.activities
        if isinstance(activities, str):
            activities = [part.strip() for part in activities.replace(",", ";").split(";")]
        freeze(self, "activities", tuple(sorted(filter(None, activities))))

    @property
    def sign(self) -> float:
        """What an impact is multiplied with: its remaining share, negative for an opportunity."""
        return -self.remaining if self.opportunity else self.remaining

    def expected(self, what: str) -> float:
        """Probability times mean impact, of "days" or "cost"; negative for an opportunity."""
        estimate: Estimate | None = getattr(self, what)
        return self.probability * self.sign * estimate.mean if estimate else 0.0


@dataclass(frozen=True)
class RiskDraws:
    """One risk's random numbers for a run of runs."""

    risk: RiskEvent
    fire: np.ndarray
    impact: np.ndarray

    def hits(self, fires: bool | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Runs in which it happens, and the days and money there; `fires` overrules chance."""
        if fires is None:
            runs = np.flatnonzero(self.fire < self.risk.probability)
        else:
            runs = np.arange(self.fire.size if fires else 0)
        scores = special.ndtri(np.maximum(self.impact[runs], SMALLEST))
        days, cost = (
            estimate.at_scores(scores) * self.risk.sign if estimate else np.zeros(runs.size)
            for estimate in (self.risk.days, self.risk.cost)
        )
        return runs, days, cost


class RiskStreams:
    """The random streams of several risks, read piece by piece."""

    def __init__(self, risks: Iterable[RiskEvent], streams: Streams) -> None:
        risks = sorted(risks, key=lambda risk: risk.id)
        for risk, following in zip(risks, risks[1:], strict=False):
            if risk.id == following.id:
                raise PlanError(f"Risk {risk.id!r} is given twice.")
        self.risks = risks
        self._streams = [(streams("fire", r.id), streams("impact", r.id)) for r in risks]

    def draw(self, runs: int) -> list[RiskDraws]:
        """The next `runs` runs."""
        return [
            RiskDraws(risk, fire.random(runs), impact.random(runs))
            for risk, (fire, impact) in zip(self.risks, self._streams, strict=True)
        ]


def simulate_losses(
    risks: Iterable[RiskEvent],
    *,
    rng: np.random.Generator,
    runs: int = 10_000,
    cost_of_delay: float = 0.0,
) -> np.ndarray:
    """Total loss of each run, without a plan: delays only count as money, and simply add up.

    Parameters
    ----------
    risks : iterable of RiskEvent
        For example ``register.events()``.
    rng : numpy.random.Generator
        From the same seed, two lists of risks are compared under common random numbers.
    runs : int, optional
    cost_of_delay : float, optional
        Money for each day of delay.

    Returns
    -------
    numpy.ndarray
        Losses; a gain is negative.
    """
    losses = np.zeros(as_runs(runs))
    streams = RiskStreams(risks, Streams(rng))
    for start in range(0, losses.size, CHUNK):
        part = losses[start : start + CHUNK]
        for draws in streams.draw(part.size):
            hit, days, cost = draws.hits()
            part[hit] += cost + days * cost_of_delay
    return losses


def loss_exceedance(losses: Any, at: Any = None) -> pd.DataFrame:
    """How likely it is to lose more than a sum.

    Parameters
    ----------
    losses : array-like
        Simulated losses.
    at : array-like, optional
        Sums to ask about; else 101 from nothing (or the largest gain) to the largest loss.

    Returns
    -------
    pandas.DataFrame
        Columns ``loss`` and ``probability`` of losing more.
    """
    ordered = np.sort(np.asarray(losses, dtype=float))
    if at is None:
        at = np.linspace(min(0.0, ordered[0]), max(0.0, ordered[-1]), 101)
    at = np.atleast_1d(np.asarray(at, dtype=float))
    more = ordered.size - np.searchsorted(ordered, at, side="right")
    return pd.DataFrame({"loss": at, "probability": more / ordered.size})


def contingency(losses: Any, p: float = 80) -> float:
    """The reserve that suffices in `p` percent of the runs, never below nothing."""
    return max(0.0, p_level(losses, p))

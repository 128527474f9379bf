"""Forecasts from what happened before, and how good forecasts were."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from tpmkit.planning.errors import PlanError
from tpmkit.planning.levels import as_level, as_runs, p_level

__all__ = [
    "HistoryWarning",
    "brier_score",
    "how_many",
    "interval_coverage",
    "pinball_loss",
    "reference_class_uplift",
    "when_done",
]

LONGEST = 10_000
SHORTEST_HISTORY = 8
DRIFT = 1.96


class HistoryWarning(UserWarning):
    """A throughput history that is short, or that rises or falls: its forecast is weak."""


def how_many(
    throughput: Any, periods: int, *, rng: np.random.Generator, runs: int = 10_000
) -> np.ndarray:
    """How many items get done in a number of periods, if the future resembles the past.

    Parameters
    ----------
    throughput : array-like
        Items finished in each past period (week, say), quiet ones included as 0.
    periods : int
        Periods to look ahead.
    rng : numpy.random.Generator
    runs : int, optional

    Returns
    -------
    numpy.ndarray
        Items done, one value a run. "85 % sure of at least n" is the 15th percentile.

    Warns
    -----
    HistoryWarning
        If the history has fewer than 8 periods, or rises or falls: Mann and Kendall's test for a
        trend, |z| > 1.96, which also cries wolf in one steady history of twenty.
    """
    history = _history(throughput)
    if int(periods) != periods or periods < 0:
        raise PlanError(f"periods must be a whole number of 0 or more, got {periods!r}.")
    done = np.zeros(as_runs(runs))
    for _ in range(int(periods)):
        done += rng.choice(history, done.size)
    return done


def when_done(
    throughput: Any, items: float, *, rng: np.random.Generator, runs: int = 10_000
) -> np.ndarray:
    """How many periods it takes to get a number of items done.

    Parameters
    ----------
    throughput : array-like
        Items finished in each past period, quiet ones included as 0.
    items : float
        Items to be done.
    rng : numpy.random.Generator
        From the same seed, more items never take fewer periods in any run.
    runs : int, optional

    Returns
    -------
    numpy.ndarray
        Periods needed, one value a run. "85 % sure by" is the 85th percentile.

    Warns
    -----
    HistoryWarning
        As for `how_many`.
    """
    history = _history(throughput)
    if not (np.isfinite(items) and items >= 0):
        raise PlanError(f"items must be 0 or more, got {items!r}.")
    if items > LONGEST * history.mean():
        raise PlanError(
            f"{items:g} items at {history.mean():.3g} a period would take over {LONGEST:,} periods."
        )
    left = np.full(as_runs(runs), float(items))
    periods = np.zeros(left.size, dtype=np.int64)
    while (open_ := left > 0).any():
        periods += open_
        left -= rng.choice(history, left.size)
    return periods


def reference_class_uplift(ratios: Any, p: float = 80) -> float:
    """What to add to an estimate so that `p` percent of comparable work would have stayed within.

    Parameters
    ----------
    ratios : array-like
        Actual divided by estimate, of finished comparable work.
    p : float, optional
        Percent of it that should have stayed within the raised estimate.

    Returns
    -------
    float
        A share of the estimate: 0.4 for "add 40 %"; negative if estimates were generous.

    Examples
    --------
    >>> round(reference_class_uplift([0.9, 1.0, 1.2, 1.4, 2.5], p=75), 2)
    0.4
    """
    ratios = _numbers(ratios, "ratios")
    if (ratios <= 0).any():
        raise PlanError(f"Ratios of actual to estimate are above 0; got {ratios.min():g}.")
    return p_level(ratios, p) - 1


def brier_score(probability: Any, happened: Any) -> float:
    """Mean squared distance between what was said (0 to 1) and what happened (0 or 1).

    0 is perfect; always saying 0.5 gives 0.25.
    """
    probability, happened = _pair(probability, happened, "probabilities", "outcomes")
    if (probability < 0).any() or (probability > 1).any():
        raise PlanError("Probabilities are from 0 to 1.")
    if not np.isin(happened, (0, 1)).all():
        raise PlanError("Outcomes are 0 (did not happen) or 1 (happened).")
    return float(np.mean((probability - happened) ** 2))


def interval_coverage(low: Any, high: Any, actual: Any) -> float:
    """Share of actual values inside their interval, ends included: 0.8 for honest P10-P90."""
    low, actual = _pair(low, actual, "lower ends", "actual values")
    high, actual = _pair(high, actual, "upper ends", "actual values")
    if (low > high).any():
        place = int(np.argmax(low > high))
        raise PlanError(f"Interval {place} is upside down: {low[place]:g} to {high[place]:g}.")
    return float(np.mean((low <= actual) & (actual <= high)))


def pinball_loss(forecast: Any, actual: Any, p: float = 80) -> float:
    """Mean loss of P-level forecasts: smallest, in the long run, for those who tell their true P80.

    Parameters
    ----------
    forecast, actual : array-like
    p : float, optional
        The level that was forecast. At 80, a day too early costs 0.8 and a day too late 0.2.
    """
    level = as_level(p)
    forecast, actual = _pair(forecast, actual, "forecasts", "actual values")
    over = actual - forecast
    return float(np.mean(np.maximum(level * over, (level - 1) * over)))


def _history(throughput: Any) -> np.ndarray:
    history = _numbers(throughput, "throughput")
    if (history < 0).any():
        raise PlanError(f"Throughput is 0 or more in each period; got {history.min():g}.")
    for weakness in _weaknesses(history):
        warnings.warn(weakness, HistoryWarning, stacklevel=3)
    return history


def _weaknesses(history: np.ndarray) -> list[str]:
    """Why the next periods may not resemble these."""
    found = []
    if history.size < SHORTEST_HISTORY:
        found.append(
            f"The forecast rests on {history.size} periods, fewer than {SHORTEST_HISTORY}: what "
            "they did not see, it cannot see. Say so beside the forecast, or count longer."
        )
    z = _trend(history)
    if abs(z) > DRIFT:
        found.append(
            f"The throughput {'rises' if z > 0 else 'falls'} (Mann-Kendall z = {z:.1f}), and the "
            "forecast mixes early and late periods. Plot them; forecast from after the change."
        )
    return found


def _trend(history: np.ndarray) -> float:
    """Mann and Kendall's z: pairs of periods that rise minus pairs that fall, standardised."""
    n = history.size
    rising = sum(np.sign(history[i + 1 :] - history[i]).sum() for i in range(n - 1))
    ties = np.unique(history, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - np.sum(ties * (ties - 1) * (2 * ties + 5))) / 18
    if variance == 0:
        return 0.0
    return math.copysign(max(abs(rising) - 1, 0), rising) / math.sqrt(variance)


def _numbers(values: Any, what: str) -> np.ndarray:
    values = np.asarray(values, dtype=float).ravel()
    if values.size == 0 or not np.isfinite(values).all():
        raise PlanError(f"{what.capitalize()}: expected at least one number and nothing missing.")
    return values


def _pair(one: Any, other: Any, first: str, second: str) -> tuple[np.ndarray, np.ndarray]:
    other = _numbers(other, second)
    one = _numbers(one, first)
    if one.size == 1:
        one = np.full(other.size, one[0])
    if one.size != other.size:
        raise PlanError(f"There are {one.size} {first} for {other.size} {second}.")
    return one, other

"""Uncertain quantities: a number of working days, or a sum of money, that is not known yet.

Every estimate answers the same questions: its mean, its standard deviation, the single figure a
plan would show, any quantile, and its value at a standard-normal score. The last one is what makes
correlated simulation cheap: correlated normal scores go in, correlated days come out.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special
from scipy.interpolate import CubicSpline

from tpmkit.planning.errors import PlanError

__all__ = [
    "Empirical",
    "Estimate",
    "Fixed",
    "Lognormal",
    "Pert",
    "Quantiles",
    "Triangular",
    "as_estimate",
]

Z90, Z95 = special.ndtri([0.9, 0.95])

# Quantiles are read from tables over normal scores: 8.5 standard deviations, 4096 steps.
SCORE_LIMIT, SCORE_STEPS = 8.5, 4096
SCORES = np.linspace(-SCORE_LIMIT, SCORE_LIMIT, SCORE_STEPS + 1)
COARSE = slice(None, None, SCORE_STEPS // 128)


class Estimate:
    """What all estimates have in common."""

    @property
    def mean(self) -> float:
        """Expected value."""
        raise NotImplementedError

    @property
    def sd(self) -> float:
        """Standard deviation."""
        raise NotImplementedError

    @property
    def point(self) -> float:
        """The single figure a plan would show: the most likely value, else the median."""
        return float(self.ppf(0.5))

    def ppf(self, p: Any) -> Any:
        """Quantile at probability `p` (a number or an array, 0 to 1)."""
        raise NotImplementedError

    def at_scores(self, z: np.ndarray) -> np.ndarray:
        """Value at standard-normal scores: ``ppf(Phi(z))``, to about 1e-6 of the range."""
        values = np.array(z, dtype=float)
        self.fill(values, np.empty(values.shape), np.empty(values.shape, dtype=np.intp))
        return values

    def fill(self, scores: np.ndarray, spare: np.ndarray, cells: np.ndarray) -> None:
        """`at_scores` in place, without a new array: `spare` and `cells` are scratch space."""
        intercepts, slopes = self._lines
        scores *= SCORE_STEPS / (2 * SCORE_LIMIT)
        scores += SCORE_STEPS / 2
        np.copyto(cells, scores, casting="unsafe")
        scores *= slopes.take(cells, mode="clip", out=spare)
        scores += intercepts.take(cells, mode="clip", out=spare)

    def _table(self) -> np.ndarray:
        """Values at `SCORES`."""
        return self.ppf(special.ndtr(SCORES))

    @functools.cached_property
    def _lines(self) -> tuple[np.ndarray, np.ndarray]:
        """A line for each cell of the score table: value = intercept + slope * step."""
        values = self._table()
        slopes = np.append(np.diff(values), 0.0)
        slopes[0] = 0.0  # beyond the table, at either end, an estimate stays where it is
        return values - slopes * np.arange(SCORE_STEPS + 1), slopes


@dataclass(frozen=True)
class Fixed(Estimate):
    """A known value.

    Parameters
    ----------
    value : float
        Days or money, not negative.
    """

    value: float

    def __post_init__(self) -> None:
        _check(self, self.value)

    @property
    def mean(self) -> float:
        return self.value

    @property
    def sd(self) -> float:
        return 0.0

    def ppf(self, p: Any) -> Any:
        return np.full(np.shape(p), self.value)[()]

    def fill(self, scores: np.ndarray, spare: np.ndarray, cells: np.ndarray) -> None:
        scores[...] = self.value


@dataclass(frozen=True)
class _ThreePoint(Estimate):
    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _check(self, self.low, self.mode, self.high)

    @property
    def point(self) -> float:
        return self.mode

    @property
    def _peak(self) -> float:
        """Where the mode lies between low (0) and high (1)."""
        return (self.mode - self.low) / (self.high - self.low) if self.high > self.low else 0.5


@dataclass(frozen=True)
class Triangular(_ThreePoint):
    """A triangular distribution from three points.

    Parameters
    ----------
    low, mode, high : float
        Smallest, most likely and largest value; ``0 <= low <= mode <= high``.
    """

    @property
    def mean(self) -> float:
        return (self.low + self.mode + self.high) / 3

    @property
    def sd(self) -> float:
        return (self.high - self.low) * math.sqrt((1 - self._peak + self._peak**2) / 18)

    def ppf(self, p: Any) -> Any:
        p, peak = np.asarray(p, dtype=float), self._peak
        rising = np.sqrt(peak * p)
        falling = 1 - np.sqrt((1 - peak) * (1 - p))
        return (self.low + (self.high - self.low) * np.where(p < peak, rising, falling))[()]


@dataclass(frozen=True)
class Pert(_ThreePoint):
    """A beta-PERT distribution from three points.

    Parameters
    ----------
    low, mode, high : float
        Smallest, most likely and largest value; ``0 <= low <= mode <= high``.
    weight : float, optional
        How strongly the mode pulls the mean; 4 is the classic PERT.

    Notes
    -----
    The mean is ``(low + weight * mode + high) / (weight + 2)`` and the variance, exactly,
    ``(mean - low) * (high - mean) / (weight + 3)``. The rule of thumb ``(high - low) / 6`` for the
    standard deviation is only an approximation of it.

    Examples
    --------
    >>> estimate = Pert(2, 4, 12)
    >>> estimate.mean, round(estimate.sd, 3), round(float(estimate.ppf(0.8)), 3)
    (5.0, 1.732, 6.503)
    """

    weight: float = 4.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise PlanError(f"{self!r}: the weight must be above 0.")

    @property
    def mean(self) -> float:
        return (self.low + self.weight * self.mode + self.high) / (self.weight + 2)

    @property
    def sd(self) -> float:
        alpha, beta = self._shape
        share = math.sqrt(alpha * beta / (self.weight + 3)) / (self.weight + 2)
        return (self.high - self.low) * share

    @property
    def _shape(self) -> tuple[float, float]:
        return 1 + self.weight * self._peak, 1 + self.weight * (1 - self._peak)

    def ppf(self, p: Any) -> Any:
        return self.low + (self.high - self.low) * special.betaincinv(*self._shape, p)

    def _table(self) -> np.ndarray:
        # The inverse of the beta integral is dear: take it at every 32nd score, from the nearer
        # tail, and bridge with a spline. The quantile is smooth, the error is below 1e-6.
        alpha, beta = self._shape
        scores = SCORES[COARSE]
        lower = special.betaincinv(alpha, beta, special.ndtr(scores[scores < 0]))
        upper = 1 - special.betaincinv(beta, alpha, special.ndtr(-scores[scores >= 0]))
        unit = CubicSpline(scores, np.concatenate([lower, upper]))(SCORES)
        unit = np.maximum.accumulate(np.clip(unit, 0, 1))
        return self.low + (self.high - self.low) * unit


@dataclass(frozen=True)
class Lognormal(Estimate):
    """A lognormal distribution from its P10 and P90: never negative, with a long right tail.

    Parameters
    ----------
    p10, p90 : float
        One chance in ten to be below, one in ten to be above; ``0 < p10 <= p90``.

    Examples
    --------
    >>> round(Lognormal(10, 40).point, 3)
    20.0
    """

    p10: float
    p90: float

    def __post_init__(self) -> None:
        _check(self, self.p10, self.p90)
        if self.p10 <= 0:
            raise PlanError(f"{self!r}: the P10 of a lognormal must be above 0.")

    @classmethod
    def from_interval(cls, low: float, high: float, coverage: float = 90) -> Lognormal:
        """The lognormal whose central interval of `coverage` percent is `low` to `high`."""
        _check(f"Lognormal.from_interval({low!r}, {high!r})", low, high)
        if low <= 0 or not 0 < coverage < 100:
            raise PlanError(
                f"A lognormal needs 0 < low <= high and a coverage in percent; "
                f"got {low!r}, {high!r} and {coverage!r}."
            )
        mu, scale = (math.log(low) + math.log(high)) / 2, (math.log(high) - math.log(low)) / 2
        sigma = scale / special.ndtri(0.5 + coverage / 200)
        return cls(math.exp(mu - Z90 * sigma), math.exp(mu + Z90 * sigma))

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        return (math.log(self.p10) + math.log(self.p90)) / 2

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return (math.log(self.p90) - math.log(self.p10)) / (2 * Z90)

    @property
    def mean(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2)

    @property
    def sd(self) -> float:
        return self.mean * math.sqrt(math.expm1(self.sigma**2))

    def ppf(self, p: Any) -> Any:
        return np.exp(self.mu + self.sigma * special.ndtri(p))

    def fill(self, scores: np.ndarray, spare: np.ndarray, cells: np.ndarray) -> None:
        scores *= self.sigma
        scores += self.mu
        np.exp(scores, out=scores)


@dataclass(frozen=True)
class Quantiles(Estimate):
    """A distribution through P5, P50 and P95: lognormal on each side of the median.

    Parameters
    ----------
    p5, p50, p95 : float
        ``0 < p5 <= p50 <= p95``.
    """

    p5: float
    p50: float
    p95: float

    def __post_init__(self) -> None:
        _check(self, self.p5, self.p50, self.p95)
        if self.p5 <= 0:
            raise PlanError(f"{self!r}: the P5 must be above 0; for no impact leave all empty.")

    @property
    def _sigmas(self) -> tuple[float, float]:
        return math.log(self.p50 / self.p5) / Z95, math.log(self.p95 / self.p50) / Z95

    def _moment(self, k: int) -> float:
        below, above = (k * sigma for sigma in self._sigmas)
        lower = math.exp(below**2 / 2) * special.ndtr(-below)
        upper = math.exp(above**2 / 2) * special.ndtr(above)
        return self.p50**k * float(lower + upper)

    @property
    def mean(self) -> float:
        return self._moment(1)

    @property
    def sd(self) -> float:
        return math.sqrt(max(self._moment(2) - self._moment(1) ** 2, 0.0))

    def ppf(self, p: Any) -> Any:
        return self.at_scores(special.ndtri(p))[()]

    def fill(self, scores: np.ndarray, spare: np.ndarray, cells: np.ndarray) -> None:
        below, above = self._sigmas
        scores *= np.where(scores < 0, below, above)
        np.exp(scores, out=scores)
        scores *= self.p50


@dataclass(frozen=True)
class Empirical(Estimate):
    """What happened before: each observed value is as likely as the others.

    Parameters
    ----------
    values : sequence of float
        Observed days or sums, in any order.
    """

    values: tuple[float, ...]
    _edges: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = tuple(sorted(float(value) for value in self.values))
        if not values:
            raise PlanError("Empirical needs at least one observed value.")
        _check(f"Empirical of {len(values)} values", *values)
        object.__setattr__(self, "values", values)
        edges = special.ndtri(np.arange(1, len(values)) / len(values))
        object.__setattr__(self, "_edges", edges)

    @property
    def mean(self) -> float:
        return math.fsum(self.values) / len(self.values)

    @property
    def sd(self) -> float:
        return float(np.std(self.values))

    def ppf(self, p: Any) -> Any:
        return np.quantile(self.values, p, method="inverted_cdf")

    def fill(self, scores: np.ndarray, spare: np.ndarray, cells: np.ndarray) -> None:
        scores[...] = np.take(self.values, np.searchsorted(self._edges, scores))


def as_estimate(value: Any) -> Estimate:
    """An estimate from what people type in a cell.

    Parameters
    ----------
    value : float, (p10, p90), (low, mode, high) or Estimate
        One number is fixed, two are the P10 and P90 of a lognormal, three a beta-PERT.
    """
    if isinstance(value, Estimate):
        return value
    numbers = (
        tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
    )
    if len(numbers) > 3 or not all(isinstance(n, (int, float, np.number)) for n in numbers):
        raise PlanError(
            f"An estimate is one number, (p10, p90), (low, mode, high) or a distribution such as "
            f"Pert(2, 4, 12); got {value!r}."
        )
    return {1: Fixed, 2: Lognormal, 3: Pert}[len(numbers)](*map(float, numbers))


def _check(owner: Any, *ascending: float) -> None:
    """Refuse numbers that are not finite, negative or out of order."""
    for number in ascending:
        if not math.isfinite(number):
            raise PlanError(f"{owner}: {number} is not a number an estimate can hold.")
        if number < 0:
            raise PlanError(f"{owner}: {number:g} is negative.")
    for smaller, larger in zip(ascending, ascending[1:], strict=False):
        if smaller > larger:
            raise PlanError(f"{owner}: {smaller:g} is above {larger:g}; give them in rising order.")

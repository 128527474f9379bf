"""Ratings: what several raters together say, how well they agree, and what that says of a person.

Levels are 1 to 4. Nothing here is a talent score: estimates carry how many ratings they rest on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np
from scipy import stats

from tpmkit.interview.bank import SCALE, Bank, Question, WritingExercise
from tpmkit.interview.errors import InterviewError
from tpmkit.interview.history import Practice

__all__ = [
    "HIREABLE",
    "RATING_ERRORS",
    "Agreement",
    "Estimate",
    "Flag",
    "RoundResult",
    "Share",
    "bias",
    "calibration",
    "check_rating",
    "combine",
    "differing",
    "estimates",
    "kappa",
    "share",
]

HIREABLE = 3
DISPUTED = 2
CAP = 2
WINDOW, FEWEST, HALF_LIFE = 8, 3, 4
# Levels are rounded: the truth behind a 3 lies anywhere from 2.5 to 3.5.
ROUNDING = 1 / 12
TO_RATE_PEERS = 0.6
FEW_RATINGS = 24
RATING_ERRORS = {
    "Halo": "One strong moment colours every criterion. Rate each from its own notes.",
    "Leniency": "Everybody gets a 3. Read the anchor of 2 and of 4 before you choose.",
    "Contrast": "The last candidate was weak, so this one shines. Compare with the anchor only.",
    "Similar to me": "Liking somebody's path is no evidence. Quote what was said.",
    "First impression": "The first two minutes set the rating. Look at the notes of the last ten.",
}


def check_rating(item: Question | WritingExercise, criterion: str, level: int) -> None:
    """Raise `InterviewError` unless the item has this criterion and the scale this level."""
    known = [c.id for c in item.rubric]
    if criterion not in known:
        raise InterviewError(f"{item.id} has no criterion {criterion!r}, only {', '.join(known)}.")
    if level not in SCALE or isinstance(level, bool):
        raise InterviewError(f"{level!r} is not a level; choose 1, 2, 3 or 4.")


# --- one round, several raters --------------------------------------------------------------------


@dataclass(frozen=True)
class Flag:
    """A rater saw a red flag, and on which criterion it counts."""

    flag: int
    criterion: str


@dataclass(frozen=True)
class RoundResult:
    """What the raters of one round say together.

    Attributes
    ----------
    levels : dict of str to float
        By criterion: the consensus where there is one, else the raters' mean, capped where a red
        flag was confirmed.
    disputed : tuple of str
        Criteria on which ratings differ by two or more and consensus is missing.
    capped : tuple of str
        Criteria held at 2 at most because two raters saw the same red flag.
    """

    levels: dict[str, float]
    disputed: tuple[str, ...]
    capped: tuple[str, ...]

    @property
    def score(self) -> float | None:
        """Mean of the criteria, of equal weight; None while anything is disputed."""
        return None if self.disputed else fmean(self.levels.values())


def differing(ratings: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Criteria on which raters differ by two or more: only these are discussed."""
    criteria = next(iter(ratings.values()), {})
    return [
        criterion
        for criterion in criteria
        if np.ptp([levels[criterion] for levels in ratings.values()]) >= DISPUTED
    ]


def combine(
    ratings: Mapping[str, Mapping[str, int]],
    flags: Mapping[str, Iterable[Flag]] | None = None,
    consensus: Mapping[str, int] | None = None,
) -> RoundResult:
    """One result from independent ratings.

    Parameters
    ----------
    ratings : mapping of rater to mapping of criterion to level
        The interviewers' ratings, all of the same criteria.
    flags : mapping of rater to iterable of Flag, optional
        A red flag that two raters saw on the same criterion caps that criterion at 2.
    consensus : mapping of criterion to level, optional
        What the raters agreed on where they differed by two or more; ignored elsewhere.
    """
    consensus = consensus or {}
    discussed = differing(ratings)
    raised = [flag for seen in (flags or {}).values() for flag in set(seen)]
    confirmed = {flag.criterion for flag in raised if raised.count(flag) >= 2}
    levels, capped = {}, []
    for criterion in next(iter(ratings.values()), {}):
        level = fmean(given[criterion] for given in ratings.values())
        if criterion in discussed and criterion in consensus:
            level = float(consensus[criterion])
        if criterion in confirmed:
            capped.append(criterion)
            level = min(level, CAP)
        levels[criterion] = level
    open_ = tuple(criterion for criterion in discussed if criterion not in consensus)
    return RoundResult(levels, open_, tuple(capped))


# --- agreement ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """How well two raters agree beyond chance, near misses counting less than far ones.

    Attributes
    ----------
    kappa : float
        Quadratic-weighted; nan where both gave one and the same level throughout.
    low, high : float
        95 % interval from resampling the answers.
    n : int
        Ratings compared.
    exact : float
        Share of identical levels.
    mean_difference : float
        First rater minus second: above 0, the first is the more lenient.
    """

    kappa: float
    low: float
    high: float
    n: int
    exact: float
    mean_difference: float

    def advice(self) -> str:
        """What to do about it. Advice, not a gate: nobody is kept from rating."""
        if np.isnan(self.kappa):
            return (
                "All ratings are the same level, so agreement cannot be told from habit; rate "
                "answers of different levels."
            )
        found = f"kappa {self.kappa:.2f} ({self.low:.2f} to {self.high:.2f}, n = {self.n})"
        if self.n < FEW_RATINGS:
            return f"{found}: too few ratings to say much; rate a few more answers."
        lean = ""
        if abs(self.mean_difference) >= 0.25:
            direction = "above" if self.mean_difference > 0 else "below"
            lean = f" You rate {abs(self.mean_difference):.1f} levels {direction} the reference."
        if self.kappa >= TO_RATE_PEERS:
            return f"{found}: you read the anchors much as the reference does; rate peers.{lean}"
        return (
            f"{found}: below {TO_RATE_PEERS}.{lean} Compare the anchors you chose with the quoted "
            "ones, then rate the answers again before you rate peers."
        )


def kappa(first: Sequence[int], second: Sequence[int]) -> float:
    """Quadratic-weighted kappa of two raters on the levels 1 to 4; nan when chance explains all."""
    counts = np.zeros((len(SCALE), len(SCALE)))
    np.add.at(counts, (np.asarray(first, int) - 1, np.asarray(second, int) - 1), 1)
    return float(_kappas(counts[None])[0])


def agreement(
    first: Sequence[int],
    second: Sequence[int],
    rng: np.random.Generator,
    groups: Sequence[str] | None = None,
    resamples: int = 2000,
) -> Agreement:
    """Kappa with a percentile bootstrap interval.

    Parameters
    ----------
    first, second : sequence of int
        Levels of the same criteria by two raters.
    rng : numpy.random.Generator
    groups : sequence of str, optional
        The answer each rating belongs to: answers are resampled whole, because the ratings of one
        answer hang together. Default: every rating on its own.
    resamples : int, optional
    """
    a, b = np.asarray(first, int), np.asarray(second, int)
    if len(a) != len(b) or not len(a):
        raise InterviewError(f"Agreement needs pairs of ratings; there are {len(a)} and {len(b)}.")
    _, group = np.unique(np.arange(len(a)) if groups is None else groups, return_inverse=True)
    cells = np.zeros((group.max() + 1, len(SCALE), len(SCALE)))
    np.add.at(cells, (group, a - 1, b - 1), 1)
    weights = rng.multinomial(len(cells), np.full(len(cells), 1 / len(cells)), resamples)
    found = _kappas(np.tensordot(weights, cells, axes=1))
    found = found[~np.isnan(found)]
    low, high = np.quantile(found, [0.025, 0.975]) if len(found) else (np.nan, np.nan)
    return Agreement(
        kappa(a, b),
        float(low),
        float(high),
        len(a),
        float(np.mean(a == b)),
        float(np.mean(a - b)),
    )


def calibration(
    given: Mapping[str, Mapping[str, int]], bank: Bank, rng: np.random.Generator
) -> dict[str, Agreement]:
    """A rater against the pre-scored answers: for all criteria, and for each that came up twice.

    Parameters
    ----------
    given : mapping of scored answer's id to mapping of criterion to level
    bank : Bank
    rng : numpy.random.Generator
        For the intervals.

    Returns
    -------
    dict of str to Agreement
        ``"overall"``, then criteria by name.
    """
    rows = [
        (criterion, levels[criterion], bank.scored[id].levels[criterion], id)
        for id, levels in given.items()
        if id in bank.scored
        for criterion in bank.scored[id].levels
        if criterion in levels
    ]
    if not rows:
        raise InterviewError("No pre-scored answer was rated yet; rate one, then compare.")
    kinds: dict[str, list] = {"overall": rows}
    for row in rows:
        kinds.setdefault(row[0], []).append(row)
    found = {}
    for kind, chosen in kinds.items():
        _, mine, reference, answers = zip(*chosen, strict=True)
        if kind == "overall" or len(set(answers)) > 1:
            found[kind] = agreement(mine, reference, rng, answers)
    return found


def _kappas(counts: np.ndarray) -> np.ndarray:
    """Quadratic-weighted kappas of tables of counts, shape (tables, 4, 4)."""
    distance = np.subtract.outer(SCALE, SCALE) ** 2.0
    rows, columns = counts.sum(axis=2), counts.sum(axis=1)
    expected = np.einsum("ti,tj->tij", rows, columns) / rows.sum(axis=1)[:, None, None]
    seen, chance = ((distance * table).sum(axis=(1, 2)) for table in (counts, expected))
    return np.where(chance > 0, 1 - seen / np.where(chance > 0, chance, 1), np.nan)


# --- what ratings say of a person -----------------------------------------------------------------


@dataclass(frozen=True)
class Estimate:
    """A competency: a mean in which a rating four ratings back weighs half.

    Attributes
    ----------
    mean, low, high : float
        With a 95 % interval, within 1 to 4.
    n : int
        Ratings it rests on, at most eight, at least three.
    peers : int
        How many of them came from others than the learner.
    """

    mean: float
    low: float
    high: float
    n: int
    peers: int


@dataclass(frozen=True)
class Share:
    """A share with its Wilson interval of 95 %."""

    count: int
    n: int
    low: float = field(init=False)
    high: float = field(init=False)

    def __post_init__(self) -> None:
        interval = stats.binomtest(self.count, self.n).proportion_ci(method="wilson")
        object.__setattr__(self, "low", float(interval.low))
        object.__setattr__(self, "high", float(interval.high))


def estimates(practised: Sequence[Practice]) -> dict[str, Estimate]:
    """Every competency with at least three ratings, by its code.

    A practised question gives its score to each competency it trains; the ratings of its criteria
    hang together, so they count as one.
    """
    by_code: dict[str, list[Practice]] = {}
    for practice in practised:
        for code in practice.competencies:
            by_code.setdefault(code, []).append(practice)
    return {
        code: _estimate(practices[-WINDOW:])
        for code, practices in sorted(by_code.items())
        if len(practices) >= FEWEST
    }


def _estimate(practices: Sequence[Practice]) -> Estimate:
    scores = np.array([practice.score for practice in practices])
    weights = 0.5 ** (np.arange(len(scores))[::-1] / HALF_LIFE)
    weights /= weights.sum()
    mean = float(weights @ scores)
    effective = 1 / float(weights @ weights)
    variance = float(weights @ (scores - mean) ** 2) * effective / (effective - 1) + ROUNDING
    reach = float(stats.t.ppf(0.975, effective - 1)) * (variance / effective) ** 0.5
    return Estimate(
        mean,
        max(mean - reach, float(SCALE[0])),
        min(mean + reach, float(SCALE[-1])),
        len(scores),
        sum(bool(practice.peers) for practice in practices),
    )


def bias(practised: Iterable[Practice]) -> Estimate | None:
    """Self minus peers over the questions that both rated; None below three of them.

    Above 0, one rates oneself higher than others do.
    """
    gaps = [
        fmean(practice.own.values()) - fmean(practice.peers.values())
        for practice in practised
        if practice.own and practice.peers
    ]
    if len(gaps) < FEWEST:
        return None
    mean = fmean(gaps)
    spread = (float(np.var(gaps, ddof=1)) + 2 * ROUNDING) / len(gaps)
    reach = float(stats.t.ppf(0.975, len(gaps) - 1)) * spread**0.5
    return Estimate(mean, mean - reach, mean + reach, len(gaps), len(gaps))


def share(practised: Iterable[Practice], level: str) -> Share | None:
    """Questions at a level with a score of 3 or more; None where none was practised."""
    scores = [practice.score for practice in practised if practice.level == level]
    return Share(sum(score >= HIREABLE for score in scores), len(scores)) if scores else None

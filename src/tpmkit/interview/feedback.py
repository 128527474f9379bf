"""Formative feedback on an answer: what was possibly covered, and what stands in it. Never a grade.

Similarity of meaning alone credits an answer that says the opposite of every point, so a point
counts as possibly covered only where a sentence is close to an exemplar, closer than to any
contradiction, and negated exactly when the exemplar is. How often that is right is measured by
``tests/bench/feedback.py`` and stated in ``docs/interview.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np

from tpmkit.interview.bank import Point, Question
from tpmkit.interview.meaning import similarity
from tpmkit.interview.wording import (
    DATE,
    HEDGE,
    NEGATION,
    NOT_NEGATED,
    NOT_OWNERS,
    NUMBER,
    OWNER,
    SLOTS,
)


class Verdict(StrEnum):
    """What can be said of a point without reading the answer as a person would."""

    COVERED = "possibly covered"
    MISSING = "not found"
    POLARITY = "check polarity"


@dataclass(frozen=True)
class Match:
    """The verdict on one point, and the sentence of the answer that led to it."""

    verdict: Verdict
    sentence: str | None


@dataclass(frozen=True)
class Feedback:
    """What was found in an answer.

    Attributes
    ----------
    matches : dict of str to Match
        By point id, in the question's order.
    numbers, owners, dates, hedges : list of str
        As they stand in the answer, in its order, each once.
    words : int
        Length of the answer.
    slots : dict of str to bool
        Parts of the form the question asks for (STAR, executive update, pushback); empty where
        it asks for none.
    """

    matches: dict[str, Match]
    numbers: list[str]
    owners: list[str]
    dates: list[str]
    hedges: list[str]
    words: int
    slots: dict[str, bool]

    @property
    def coverage(self) -> dict[str, Verdict]:
        """The verdicts alone, by point id."""
        return {point: match.verdict for point, match in self.matches.items()}


SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+|\s*[;:]\s+|\s+[–—-]\s+")
CLAUSE = re.compile(r",\s+(?=(?:and|but|so|because|then|while|which|or)\b)", re.IGNORECASE)
SHORTEST = 4
SPOKEN = 140  # words a minute, an ordinary pace in an interview
FORMS = {
    "star": "a STAR answer",
    "executive_update": "an executive update",
    "pushback": "a pushback",
}
# Similarities from which a sentence may cover a point, and from which it is worth a second look;
# less is needed where a word of the point's lexicon stands in it. `tests/bench/feedback.py` chooses
# the first pair on labelled answers, so that hardly any contradiction is shown as covered.
CLOSE, CLOSE_WITH_WORD = 0.65, 0.38
LOOK, LOOK_WITH_WORD = 0.35, 0.22


def feedback(question: Question, answer: str) -> Feedback:
    """Read an answer for what a full answer to the question would touch.

    Parameters
    ----------
    question : Question
        Its points (exemplars, contradictions, lexicon) and the form it asks for.
    answer : str
        As spoken or written; any length, also empty.

    Returns
    -------
    Feedback
        Observations. It holds no score, and none can be computed from it in good faith.
    """
    return Feedback(
        matches=match_points(question.points, answer),
        numbers=found(NUMBER, answer),
        owners=[owner for owner in found(OWNER, answer) if owner not in NOT_OWNERS],
        dates=found(DATE, answer),
        hedges=found(HEDGE, answer),
        words=len(answer.split()),
        slots={
            name: any(re.search(rf"\b(?:{cue})", answer, re.IGNORECASE) for cue in cues)
            for name, cues in SLOTS.get(question.slots, {}).items()
        },
    )


def observations(question: Question, found: Feedback) -> list[str]:
    """What stands in an answer and what does not, one sentence each; no judgement."""
    minutes = found.words / SPOKEN
    lines = [
        f"{found.words} words: about {minutes:.1f} minutes spoken, of {question.time_min} planned."
    ]
    kinds = [
        (found.numbers, "Numbers", "No number. Which one would carry the answer?"),
        (found.owners, "Owners", "Nobody is named as the owner of an action."),
        (found.dates, "Dates", "No date or week. By when?"),
    ]
    for hits, kind, none in kinds:
        lines.append(f"{kind}: {', '.join(hits)}." if hits else none)
    if found.hedges:
        lines.append(f"Hedges, which you may not need: {', '.join(found.hedges)}.")
    if found.slots:
        there = [name for name, seen in found.slots.items() if seen]
        missing = [name for name, seen in found.slots.items() if not seen]
        form = FORMS[question.slots]
        if there:
            lines.append(f"Of the parts of {form}, words that open these: {', '.join(there)}.")
        if missing:
            lines.append(f"Of the parts of {form}, not noticed: {', '.join(missing)}.")
    return lines


def found(pattern: re.Pattern[str], text: str) -> list[str]:
    """What the pattern finds, trimmed, each once, in the order of the text."""
    hits: dict[str, str] = {}
    for match in pattern.finditer(text):
        hit = match.group().strip().rstrip(".,")
        hits.setdefault(hit.lower(), hit)
    return list(hits.values())


def negated(text: str) -> bool:
    """Whether a sentence negates: it holds an odd number of negations."""
    return len(NEGATION.findall(NOT_NEGATED.sub(" ", text))) % 2 == 1


def units(answer: str) -> list[str]:
    """The sentences of an answer and, where a sentence has several, their clauses."""
    parts = []
    for sentence in SENTENCE.split(answer):
        clauses = CLAUSE.split(sentence)
        parts += [sentence] if len(clauses) == 1 else [sentence, *clauses]
    return [part.strip() for part in parts if len(part.split()) >= SHORTEST]


def match_points(points: tuple[Point, ...], answer: str) -> dict[str, Match]:
    """The verdict on each point, by its id."""
    said = units(answer)
    if not said:
        return {point.id: Match(Verdict.MISSING, None) for point in points}
    polarity = np.array([negated(unit) for unit in said])
    return {point.id: match_point(point, said, polarity) for point in points}


def match_point(point: Point, said: list[str], polarity: np.ndarray) -> Match:
    """The verdict on one point, from units of the answer and whether each is negated."""
    to_exemplars = similarity(said, point.exemplars)
    against = similarity(said, point.contradictions).max(axis=1)
    lexical = np.array([mentions(unit, point.lexicon) for unit in said])
    exemplars_negated = np.array([negated(exemplar) for exemplar in point.exemplars])

    near = to_exemplars >= np.where(lexical, CLOSE_WITH_WORD, CLOSE)[:, None]
    agrees = (to_exemplars > against[:, None]) & (polarity[:, None] == exemplars_negated)
    sound = np.where(near & agrees, to_exemplars, -1).max(axis=1)
    closest = np.maximum(to_exemplars.max(axis=1), against)
    opposed = np.where(against >= to_exemplars.max(axis=1), against, -1)
    if sound.max() > max(opposed.max(), 0):
        return Match(Verdict.COVERED, said[int(sound.argmax())])
    if (closest >= np.where(lexical, LOOK_WITH_WORD, LOOK)).any():
        return Match(Verdict.POLARITY, said[int(closest.argmax())])
    return Match(Verdict.MISSING, None)


@cache
def spoken(word: str) -> re.Pattern[str]:
    """A word or phrase of a lexicon, with its plain inflections."""
    return re.compile(rf"\b{re.escape(word)}(?:s|es|d|ed|ing)?\b", re.IGNORECASE)


def mentions(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words or phrases stands in the text."""
    return any(spoken(word).search(text) for word in words)

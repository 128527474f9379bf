"""Which question comes next: what is due, then what is weak, then what is new."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from fsrs import Card, Rating, Scheduler

from tpmkit.interview.bank import Bank, Question
from tpmkit.interview.errors import InterviewError
from tpmkit.interview.history import Practice
from tpmkit.interview.ratings import HIREABLE, estimates

__all__ = ["Review", "calendar", "choose", "loop_plan", "reviews"]

REST = timedelta(days=3)
MOST = 5
# Minutes for probes, self-rating and feedback, beside a question's own.
AFTERWARDS = 4
REDO, DUE, WEAK, NEW, LATER = range(5)
SCHEDULER = Scheduler(
    desired_retention=0.9, enable_fuzzing=False, learning_steps=(), relearning_steps=()
)


@dataclass(frozen=True)
class Review:
    """When a question is to be practised again.

    Attributes
    ----------
    last, due : datetime.datetime
    redo : bool
        Offered again the day after, because the learner wanted it.
    """

    question: str
    last: datetime
    due: datetime
    redo: bool

    def rested(self, now: datetime) -> bool:
        """Whether it may be asked at all: the next day if that was wanted, else after three."""
        next_day = now.astimezone(self.last.tzinfo).date() > self.last.date()
        return now - self.last >= REST or (self.redo and next_day)


def reviews(practised: Iterable[Practice]) -> list[Review]:
    """What was practised, each question once, soonest due first."""
    by_question: dict[str, list[Practice]] = {}
    for practice in practised:
        by_question.setdefault(practice.question, []).append(practice)
    found = [_review(practices) for practices in by_question.values()]
    return sorted(found, key=lambda review: (review.due, review.question))


def _review(practices: Sequence[Practice]) -> Review:
    """The next review of one question, from how each practice of it went."""
    card = Card(card_id=0)
    for practice in practices:
        rating = Rating(math.floor(practice.score + 0.5))
        card, _ = SCHEDULER.review_card(card, rating, practice.at.astimezone(UTC))
    last = practices[-1]
    due = card.due.astimezone(last.at.tzinfo)
    if last.redo:
        due = min(due, last.at + timedelta(days=1))
    return Review(last.question, last.at, due, last.redo)


def choose(
    bank: Bank,
    practised: Sequence[Practice],
    level: str,
    minutes: int,
    now: datetime,
    rng: np.random.Generator,
) -> list[str]:
    """The questions of a solo session.

    First what is due (a wanted redo before the rest), then new questions on the weakest
    competencies, then other new ones, then what is due next. No question returns within three
    days, except a wanted redo on the next day. The same arguments give the same questions.

    Parameters
    ----------
    bank : Bank
    practised : sequence of Practice
        From `history`.
    level : str
        Only questions that suit it.
    minutes : int
        Questions with four minutes each for probes and rating fit into it; five at most.
    now : datetime.datetime
        With its time zone.
    rng : numpy.random.Generator
        Breaks ties.

    Returns
    -------
    list of str
        Question ids, at least one.

    Raises
    ------
    InterviewError
        If no question fits, saying what would.
    """
    suited = [question for question in bank.questions.values() if level in question.level]
    ranked = _ranked(suited, practised, now, rng)
    chosen: list[Question] = []
    left = minutes
    while len(chosen) < MOST:
        met = {question.category for question in chosen}
        fitting = [
            (rank, question.category in met, n, question)
            for n, (rank, question) in enumerate(ranked)
            if question not in chosen and question.time_min + AFTERWARDS <= left
        ]
        if not fitting:
            break
        chosen.append(min(fitting, key=lambda fit: fit[:3])[3])
        left -= chosen[-1].time_min + AFTERWARDS
    if chosen:
        return [question.id for question in chosen]
    if ranked:
        shortest = min(question.time_min + AFTERWARDS for _, question in ranked)
        raise InterviewError(
            f"No question at {level} fits into {minutes} minutes; the shortest takes {shortest}."
        )
    if not suited:
        raise InterviewError(f"The bank has no question at {level}; choose another level.")
    ids = {question.id for question in suited}
    back = min(review.last + REST for review in reviews(practised) if review.question in ids)
    raise InterviewError(
        f"You practised every question at {level} within three days; the next one returns on "
        f"{back:%d %B}. Choose another level, or review your report."
    )


def loop_plan(
    bank: Bank,
    practised: Sequence[Practice],
    level: str,
    now: datetime,
    rng: np.random.Generator,
    rounds: int = 5,
) -> list[str]:
    """A loop: questions of different categories, in the order of `choose`, and one exercise."""
    suited = [question for question in bank.questions.values() if level in question.level]
    by_category: dict[str, str] = {}
    for _, question in _ranked(suited, practised, now, rng):
        by_category.setdefault(question.category, question.id)
    written = {practice.question: practice.at for practice in practised}
    exercises = [e for e in bank.exercises.values() if level in e.level] or [
        *bank.exercises.values()
    ]
    if len(by_category) < rounds or not exercises:
        raise InterviewError(
            f"A loop at {level} needs questions of {rounds} categories and a writing exercise; "
            f"the bank has {len(by_category)} and {len(exercises)} that are rested. Choose "
            "another level, or wait three days."
        )
    never = datetime.min.replace(tzinfo=UTC)
    exercise = min(exercises, key=lambda e: written.get(e.id, never))
    return [*list(by_category.values())[:rounds], exercise.id]


def calendar(due: Sequence[Review], bank: Bank, now: datetime) -> str:
    """The reviews as an iCalendar file: one whole-day event for each day."""
    days: dict[date, list[str]] = {}
    for review in due:
        if review.question in bank:
            title = f"{review.question} {bank[review.question].title}"
            days.setdefault(max(review.due.date(), now.date()), []).append(title)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tpmkit//interview reviews//EN"]
    for day, titles in sorted(days.items()):
        many = "1 question" if len(titles) == 1 else f"{len(titles)} questions"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{day:%Y%m%d}-reviews@tpmkit",
            f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:Interview practice: {many} due",
            f"DESCRIPTION:{_escaped(chr(10).join(titles))}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _ranked(
    suited: Sequence[Question],
    practised: Sequence[Practice],
    now: datetime,
    rng: np.random.Generator,
) -> list[tuple[tuple[int, float], Question]]:
    """All rested questions with their rank, the one to ask first in front."""
    known = {review.question: review for review in reviews(practised)}
    weak = {
        code: estimate.mean
        for code, estimate in estimates(practised).items()
        if estimate.mean < HIREABLE
    }

    def rank(question: Question) -> tuple[int, float]:
        review = known.get(question.id)
        if review is not None:
            due = review.due.timestamp()
            if review.redo:
                return REDO, due
            return (DUE if review.due <= now else LATER), due
        weakest = [weak[code] for code in question.competencies if code in weak]
        return (WEAK, min(weakest)) if weakest else (NEW, 0.0)

    shuffled = (suited[n] for n in rng.permutation(len(suited)))
    rested = [q for q in shuffled if q.id not in known or known[q.id].rested(now)]
    return sorted(((rank(question), question) for question in rested), key=lambda pair: pair[0])


def _escaped(text: str) -> str:
    for plain in ("\\", ";", ","):
        text = text.replace(plain, f"\\{plain}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """A line in pieces of at most 75 bytes, as RFC 5545 wants it."""
    pieces, piece = [], ""
    for character in line:
        if len(f"{piece}{character}".encode()) > 75:
            pieces.append(piece)
            piece = " "
        piece += character
    return "\r\n".join([*pieces, piece])

"""Raters learn what the anchors mean: rate answers whose ratings are known, then compare."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np

from tpmkit.interview.bank import Bank, ScoredAnswer
from tpmkit.interview.errors import InterviewError
from tpmkit.interview.ratings import Agreement, calibration, check_rating
from tpmkit.interview.store import Log, Store, now

__all__ = ["Calibration"]

NAME = "mine"
SEED = 5


class Calibration:
    """One person's ratings of the pre-scored answers; stopping at any moment loses nothing.

    The reference ratings of an answer are shown only when all its criteria are rated, and its
    ratings are fixed then.
    """

    def __init__(self, log: Log, bank: Bank, clock: Callable[[], datetime] = now) -> None:
        self.log, self.bank, self.clock = log, bank, clock

    @classmethod
    def open(cls, store: Store, bank: Bank, clock: Callable[[], datetime] = now) -> Calibration:
        """Begin, or continue where one left."""
        id = f"calibration-{NAME}"
        if id in store.ids():
            return cls(store.open(id), bank, clock)
        first = {"do": "join", "at": clock().isoformat()}
        return cls(store.create("calibration", first, NAME), bank, clock)

    @property
    def shown(self) -> list[str]:
        """Answers whose reference ratings were shown, in that order."""
        return [event["answer"] for event in self.log.events if event["do"] == "show"]

    def ratings(self, answer: str) -> dict[str, int]:
        """One's ratings of an answer so far."""
        return {
            event["criterion"]: event["level"]
            for event in self.log.events
            if event["do"] == "rate" and event["answer"] == answer
        }

    def next(self) -> ScoredAnswer | None:
        """The next answer to rate, mixed in level but the same for everybody; None after the last.

        One half rated comes first.
        """
        order = np.random.default_rng(SEED).permutation(sorted(self.bank.scored))
        left = [str(id) for id in order if id not in self.shown]
        begun = [id for id in left if self.ratings(id)]
        return self.bank.scored[(begun or left)[0]] if left else None

    def rate(self, answer: str, criterion: str, level: int) -> None:
        """Rate one criterion of an answer; may be changed until `show`."""
        scored = self._scored(answer)
        if answer in self.shown:
            raise InterviewError(f"You have seen the reference for {answer}; rate the next answer.")
        check_rating(self.bank[scored.question], criterion, level)
        self._do("rate", answer=answer, criterion=criterion, level=level)

    def show(self, answer: str) -> ScoredAnswer:
        """The reference: levels, the anchors that say so and the words that show it."""
        scored = self._scored(answer)
        rated = self.ratings(answer)
        missing = [c.title for c in self.bank[scored.question].rubric if c.id not in rated]
        if missing:
            raise InterviewError(f"Rate these first, then compare: {'; '.join(missing)}.")
        if answer not in self.shown:
            self._do("show", answer=answer)
        return scored

    def result(self, rng: np.random.Generator) -> dict[str, Agreement]:
        """Agreement with the reference, overall and by criterion; see `ratings.calibration`."""
        given = {answer: self.ratings(answer) for answer in self.shown}
        return calibration(given, self.bank, rng)

    def _scored(self, answer: str) -> ScoredAnswer:
        if answer not in self.bank.scored:
            raise InterviewError(f"There is no pre-scored answer {answer!r} in this bank.")
        return self.bank.scored[answer]

    def _do(self, do: str, **more: object) -> None:
        at = self.clock().isoformat(timespec="milliseconds")
        self.log.append({"do": do, "at": at, **more})

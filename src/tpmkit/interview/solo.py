"""A solo session: every action is an event, so that stopping at any moment loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from tpmkit.interview.bank import LEVELS, Bank, Probe, Question
from tpmkit.interview.errors import InterviewError
from tpmkit.interview.feedback import Feedback, Verdict, feedback, mentions
from tpmkit.interview.history import history
from tpmkit.interview.meaning import similarity
from tpmkit.interview.ratings import check_rating
from tpmkit.interview.schedule import choose
from tpmkit.interview.state import FORMAT, PAUSE, check_legal, fold, step
from tpmkit.interview.store import Log, Store, now

__all__ = ["Session", "next_probe", "understood", "unfinished"]

# As close in meaning as a paraphrase usually is to what it paraphrases.
MEANT = 0.3


class Session:
    """A solo session that somebody sits in.

    Every action checks itself, stands on the disk when the method returns, and raises
    `InterviewError` with one sentence when it is not possible now.

    Parameters
    ----------
    log : Log
        From `Store.create` or `Store.open`; use `begin` or `resume`.
    bank : Bank
    clock : callable
        Returns this moment, with its time zone.

    Attributes
    ----------
    state : State
    """

    def __init__(self, log: Log, bank: Bank, clock: Callable[[], datetime] = now) -> None:
        self.log, self.bank, self.clock = log, bank, clock
        self.state = fold(log.events)

    @classmethod
    def begin(
        cls,
        store: Store,
        bank: Bank,
        level: str,
        minutes: int,
        rng: np.random.Generator,
        clock: Callable[[], datetime] = now,
    ) -> Session:
        """Start a session: the questions are chosen now and do not change on resuming."""
        if level not in LEVELS:
            raise InterviewError(f"There is no level {level!r}; choose of {', '.join(LEVELS)}.")
        at = clock()
        plan = choose(bank, history(store, bank), level, minutes, at, rng)
        first = {
            "do": "begin",
            "at": at.isoformat(),
            "format": FORMAT,
            "level": level,
            "minutes": minutes,
            "plan": plan,
        }
        return cls(store.create("solo", first), bank, clock)

    @classmethod
    def resume(
        cls, store: Store, bank: Bank, id: str, clock: Callable[[], datetime] = now
    ) -> Session:
        """Continue a session where it was left; the time in between does not count."""
        session = cls(store.open(id), bank, clock)
        if session.state.phase != "done":
            session._do("resume")
        return session

    @property
    def id(self) -> str:
        return self.log.id

    @property
    def question(self) -> Question | None:
        """The question at hand."""
        current = self.state.round
        return self.bank[current.question] if current else None

    @property
    def probe(self) -> Probe | None:
        """The follow-up that waits for a reply."""
        if self.state.phase != "probe":
            return None
        return next(p for p in self.question.probes if p.id == self.state.round.probe)

    @property
    def seconds(self) -> float:
        """Time spent on the question at hand and its probes, up to this moment."""
        current = self.state.round
        if current is None:
            return 0.0
        running = self.state.phase in ("answer", "probe")
        since = max(self.clock() - self.state.last, timedelta()) if running else timedelta()
        return current.seconds + min(since, PAUSE).total_seconds()

    @property
    def feedback(self) -> Feedback | None:
        """What was found in the answer and the replies; only after the self-rating."""
        if self.state.phase not in ("feedback", "model", "redo"):
            return None
        return feedback(self.question, self.state.round.said)

    def next(self) -> Question:
        """Show the next question; its clock starts."""
        check_legal(self.state, "next")
        question = self.bank[self.state.left[0]]
        self._do("next", question=question.id, version=question.version)
        return question

    def ask(self, words: str) -> str | None:
        """Ask the interviewer for a fact; None when the interviewer has none on that."""
        check_legal(self.state, "ask")
        if not words.strip():
            raise InterviewError("Ask in a few words what you need to know.")
        known = self.state.round.facts
        fact = understood(self.question, words, known)
        self._do("ask", words=words.strip(), fact=fact)
        return None if fact is None else self.question.clarifying_info[fact].answer

    def draft(self, text: str) -> None:
        """Keep what is typed so far; the same text again is not stored twice."""
        check_legal(self.state, "draft")
        if text != self.state.round.draft:
            self._do("draft", text=text)

    def answer(self, text: str) -> Probe | None:
        """Hand in the answer, typed or pasted; the first follow-up, if one applies."""
        check_legal(self.state, "answer")
        if not text.strip():
            raise InterviewError("The answer is empty; write or paste one, or skip the question.")
        self._do("answer", text=text, probe=self._next_probe(text, ()))
        return self.probe

    def reply(self, text: str) -> Probe | None:
        """Reply to the follow-up ("" passes); the next one, if one applies to all that was said."""
        check_legal(self.state, "reply")
        current = self.state.round
        asked = (*(probe for probe, _ in current.exchanges), current.probe)
        self._do("reply", text=text, probe=self._next_probe(f"{current.said}\n{text}", asked))
        return self.probe

    def rate(self, criterion: str, level: int) -> None:
        """Rate one's own answer against the anchors; may be changed until `reveal`."""
        check_legal(self.state, "rate")
        check_rating(self.question, criterion, level)
        self._do("rate", criterion=criterion, level=level)

    @property
    def unrated(self) -> tuple[str, ...]:
        """Criteria that have no self-rating yet."""
        current = self.state.round
        rated = current.ratings if current else {}
        return tuple(c.id for c in self.question.rubric if c.id not in rated) if current else ()

    def reveal(self) -> Feedback:
        """Fix the self-rating and show the feedback."""
        check_legal(self.state, "reveal")
        if self.unrated:
            missing = [c.title for c in self.question.rubric if c.id in self.unrated]
            raise InterviewError(
                f"Rate your answer first on: {'; '.join(missing)}. Feedback and model answer come "
                "after your own judgement."
            )
        found = feedback(self.question, self.state.round.said)
        self._do("reveal", coverage={id: str(verdict) for id, verdict in found.coverage.items()})
        return found

    def model(self) -> Question:
        """Show the model answer."""
        check_legal(self.state, "model")
        self._do("model")
        return self.question

    def change(self, text: str) -> None:
        """Write the one thing to change next time."""
        check_legal(self.state, "change")
        if not text.strip():
            raise InterviewError("Write one thing you will do differently; one sentence is enough.")
        self._do("change", text=text.strip())

    def redo(self, wanted: bool) -> None:
        """Say whether the question is offered again tomorrow; this ends the question."""
        check_legal(self.state, "redo")
        self._do("redo", wanted=bool(wanted))

    def skip(self) -> None:
        """Leave the question unanswered; it does not count."""
        check_legal(self.state, "skip")
        self._do("skip")

    def finish(self) -> None:
        """End the session before its last question."""
        check_legal(self.state, "finish")
        self._do("finish")

    def _next_probe(self, said: str, asked: tuple[str, ...]) -> str | None:
        found = feedback(self.question, said)
        probe = next_probe(self.question, self.state.level, said, found, asked)
        return probe.id if probe else None

    def _do(self, do: str, **more: Any) -> None:
        event = {"do": do, "at": self.clock().isoformat(timespec="milliseconds"), **more}
        after = step(self.state, event)
        self.log.append(event)
        self.state = after


def next_probe(
    question: Question, level: str, said: str, found: Feedback, asked: tuple[str, ...]
) -> Probe | None:
    """The first probe, in the question's order, not asked yet and called for by what was said."""
    for probe in question.probes:
        if probe.id not in asked and _applies(probe, level, said, found):
            return probe
    return None


def _applies(probe: Probe, level: str, said: str, found: Feedback) -> bool:
    covered = {id for id, verdict in found.coverage.items() if verdict == Verdict.COVERED}
    # "check polarity" counts as touched: asking again what was said annoys, and is often wrong
    touched = {id for id, verdict in found.coverage.items() if verdict != Verdict.MISSING}
    there = {"number": found.numbers, "owner": found.owners, "date": found.dates}
    return (
        touched.isdisjoint(probe.misses)
        and len(covered) >= probe.covers
        and (not probe.mentions or mentions(said, probe.mentions))
        and (not probe.lacks or not there[probe.lacks])
        and (not probe.level or level in probe.level)
    )


def understood(question: Question, words: str, known: tuple[int, ...]) -> int | None:
    """The clarifying fact, not among `known`, that these words ask for."""
    facts = [n for n in range(len(question.clarifying_info)) if n not in known]
    if not facts:
        return None
    meant = similarity([words], [question.clarifying_info[n].ask for n in facts])[0]
    best = int(meant.argmax())
    return facts[best] if meant[best] >= MEANT else None


def unfinished(store: Store) -> list[str]:
    """Solo sessions that can be resumed, newest first."""
    found = []
    for id, events in store.read(without=("draft",)):
        if not id.startswith("solo-") or not events or events[-1]["do"] == "finish":
            continue
        shown = sum(event["do"] == "next" for event in events)
        if events[-1]["do"] not in ("redo", "skip") or shown < len(events[0]["plan"]):
            found.append(id)
    return found[::-1]

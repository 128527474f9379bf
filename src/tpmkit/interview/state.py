"""Where a solo session stands: a fold over its events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tpmkit.interview.errors import InterviewError
from tpmkit.interview.store import Event

__all__ = ["FORMAT", "LEGAL", "PAUSE", "Round", "State", "check_legal", "fold", "step"]

FORMAT = 1
# What may be done in each phase, in the order a screen offers it.
LEGAL: dict[str, tuple[str, ...]] = {
    "ready": ("next", "finish"),
    "answer": ("ask", "draft", "answer", "skip", "finish"),
    "probe": ("draft", "reply"),
    "rate": ("rate", "reveal"),
    "feedback": ("model",),
    "model": ("draft", "change"),
    "redo": ("redo",),
    "done": (),
}
WORDS = {
    "ready": "the next question is not on the screen yet",
    "answer": "the question waits for your answer",
    "probe": "a follow-up waits for your reply",
    "rate": "rate every criterion of your own answer first",
    "feedback": "the feedback is on the screen",
    "model": "write the one thing you will change",
    "redo": "say whether to offer this question again tomorrow",
    "done": "this session is finished",
}
PAUSE = timedelta(minutes=30)


@dataclass(frozen=True)
class Round:
    """One question within a session, as far as it got.

    Attributes
    ----------
    question : str
        Its id.
    asked : tuple of (str, int or None)
        What was asked, and which clarifying fact that revealed.
    exchanges : tuple of (str, str)
        Probes by id, each with the reply.
    probe : str
        The probe on the screen, if one is.
    draft : str
        What was typed last and not handed in.
    ratings : dict of str to int
        The self-rating of each criterion.
    coverage : dict of str to str
        The feedback's verdicts, kept as they were shown.
    seconds : float
        Time on the question and its probes, without pauses.
    """

    question: str
    version: int
    shown: datetime
    asked: tuple[tuple[str, int | None], ...] = ()
    draft: str = ""
    answer: str | None = None
    probe: str = ""
    exchanges: tuple[tuple[str, str], ...] = ()
    ratings: dict[str, int] = field(default_factory=dict)
    coverage: dict[str, str] = field(default_factory=dict)
    change: str = ""
    redo: bool | None = None
    skipped: bool = False
    seconds: float = 0.0

    @property
    def said(self) -> str:
        """The answer and all replies."""
        return "\n".join([self.answer or "", *(reply for _, reply in self.exchanges)]).strip()

    @property
    def facts(self) -> tuple[int, ...]:
        """The clarifying facts revealed so far, in the order they were asked for."""
        return tuple(fact for _, fact in self.asked if fact is not None)


@dataclass(frozen=True)
class State:
    """Where a session stands; `fold` makes it from the events.

    Attributes
    ----------
    phase : {"ready", "answer", "probe", "rate", "feedback", "model", "redo", "done"}
    level : str
    minutes : int
    plan : tuple of str
        The question ids of this session, in order.
    rounds : tuple of Round
        The questions shown so far; the last is the present one unless the phase is ready or done.
    """

    phase: str
    level: str
    minutes: int
    plan: tuple[str, ...]
    rounds: tuple[Round, ...]
    started: datetime
    last: datetime

    @property
    def legal(self) -> tuple[str, ...]:
        """What may be done now."""
        return LEGAL[self.phase]

    @property
    def round(self) -> Round | None:
        """The question at hand."""
        return self.rounds[-1] if self.rounds and self.phase not in ("ready", "done") else None

    @property
    def left(self) -> tuple[str, ...]:
        """Questions not shown yet."""
        return self.plan[len(self.rounds) :]


def fold(events: list[Event]) -> State:
    """The state that events lead to."""
    first, *rest = events
    if first.get("do") != "begin" or first.get("format") != FORMAT:
        raise InterviewError(
            f"This session was written in format {first.get('format')!r}, this version reads "
            f"{FORMAT}; open it with the version that made it, or start a new session."
        )
    at = datetime.fromisoformat(first["at"])
    plan = tuple(first["plan"])
    state = State("ready", first["level"], first["minutes"], plan, (), at, at)
    for event in rest:
        state = step(state, event)
    return state


def check_legal(state: State, do: str) -> None:
    """Raise `InterviewError`, naming what is possible, unless `do` is."""
    if do not in state.legal:
        raise InterviewError(
            f"{do!r} is not possible now: {WORDS[state.phase]}. "
            f"Possible: {', '.join(state.legal) or 'a new session'}."
        )


def step(state: State, event: Event) -> State:
    """The state after one more event.

    Raises
    ------
    InterviewError
        If the event is not possible in this state.
    """
    at, do = datetime.fromisoformat(event["at"]), event["do"]
    gone = max(at - state.last, timedelta())
    # The clock stands still between `resume` and what was before it, and while nobody acts.
    spent = 0.0 if do == "resume" else min(gone, PAUSE).total_seconds()
    state = replace(state, last=max(at, state.last))
    if do == "resume":
        return state
    check_legal(state, do)
    if do == "next":
        shown = Round(event["question"], event["version"], at)
        return replace(state, phase="answer", rounds=(*state.rounds, shown))
    if do == "finish":
        return replace(state, phase="done")
    current = state.rounds[-1]
    if state.phase in ("answer", "probe"):
        current = replace(current, seconds=current.seconds + spent)
    phase, changes = _effect(state, current, event)
    if phase == "ready" and not state.left:
        phase = "done"
    return replace(state, phase=phase, rounds=(*state.rounds[:-1], replace(current, **changes)))


def _effect(state: State, current: Round, event: Event) -> tuple[str, dict[str, Any]]:
    """The phase after an event on the present question, and what changes in its round."""
    probe = event.get("probe") or ""
    match event["do"]:
        case "ask":
            return state.phase, {"asked": (*current.asked, (event["words"], event["fact"]))}
        case "draft":
            return state.phase, {"draft": event["text"]}
        case "answer":
            phase = "probe" if probe else "rate"
            return phase, {"answer": event["text"], "draft": "", "probe": probe}
        case "reply":
            exchanges = (*current.exchanges, (current.probe, event["text"]))
            phase = "probe" if probe else "rate"
            return phase, {"exchanges": exchanges, "draft": "", "probe": probe}
        case "rate":
            return "rate", {"ratings": current.ratings | {event["criterion"]: event["level"]}}
        case "reveal":
            return "feedback", {"coverage": event["coverage"]}
        case "model":
            return "model", {}
        case "change":
            return "redo", {"change": event["text"], "draft": ""}
        case "redo":
            return "ready", {"redo": event["wanted"]}
        case "skip":
            return "ready", {"skipped": True, "draft": ""}
    raise InterviewError(f"A session knows no {event['do']!r}; install the package again.")

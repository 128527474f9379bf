"""What a flyer believed week by week, at which probability, and how well that held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from tpmkit.errors import TpmkitError
from tpmkit.simulator.program import Program
from tpmkit.simulator.scores import regret

__all__ = ["EVERY", "GUESS", "Entry", "JournalError", "Statement", "ask", "brier", "scored"]

EVERY = 4
GUESS = 0.25  # the Brier score of always saying 50 %
ENOUGH_TRUST = 0.5


class JournalError(TpmkitError, ValueError):
    """An entry that the journal cannot take."""


@dataclass(frozen=True)
class Statement:
    """Something about a run that will turn out true or false.

    Attributes
    ----------
    kind : str
        One of `KINDS`, which knows how to tell.
    week : int
        When it was asked.
    due : int
        The week that decides.
    text : str
        As it was read.
    """

    kind: str
    week: int
    due: int
    text: str


@dataclass(frozen=True)
class Entry:
    """What was noted: a belief in words, and the probability of a statement."""

    statement: Statement
    belief: str
    probability: float

    def __post_init__(self) -> None:
        for name in ("week", "due"):
            if type(getattr(self.statement, name)) is not int:
                raise JournalError(
                    f"The {name} of a statement is a whole number; "
                    f"got {getattr(self.statement, name)!r}."
                )
        if self.statement.kind not in KINDS:
            raise JournalError(
                f"A statement is one of {', '.join(KINDS)}; got {self.statement.kind!r}."
            )
        if isinstance(self.probability, bool) or not 0 <= self.probability <= 1:
            raise JournalError(f"A probability is from 0 to 1; got {self.probability!r}.")


@dataclass(frozen=True)
class Kind:
    """How a kind of statement reads, when it can be asked, and whether it came true."""

    text: str
    weeks: int
    possible: Callable[[Program], bool]
    true: Callable[[Program, Statement], bool]


def _unlaunched(program: Program) -> bool:
    return bool(program.fleet.states.launch_week[0] < 0)


def _launched_in_time(program: Program, statement: Statement) -> bool:
    return bool(0 <= program.fleet.states.launch_week[0] <= statement.due)


def _beat_the_bar(program: Program, statement: Statement) -> bool:
    then = program.history().loc[statement.week]
    return bool(then["quality"] > then["bar"])


def _incident(program: Program, statement: Statement) -> bool:
    return _happened(program, statement, {"incident"})


def _struck(program: Program, statement: Statement) -> bool:
    return _happened(program, statement, {risk.name for risk in program.scenario.risks})


def _happened(program: Program, statement: Statement, names: set[str]) -> bool:
    return any(
        event["event"] in names and statement.week <= event["week"] <= statement.due
        for event in program.events()
    )


def _trusted(program: Program, statement: Statement) -> bool:
    trust = program.history()["trust"]
    return bool(trust.loc[min(statement.due + 1, program.week)] > ENOUGH_TRUST)


KINDS = {
    "live": Kind("The model is live in week {due} or earlier.", 8, _unlaunched, _launched_in_time),
    "honest": Kind(
        "Measured on real traffic today, the model's quality would be above the bar ({bar:.2f}).",
        0,
        lambda program: program.obs["stage"] == "build",
        _beat_the_bar,
    ),
    "net": Kind(
        "Net value is above 0 at the end.", 1000, lambda _: True, lambda program, _: program.net > 0
    ),
    "incident": Kind(
        "There is an incident in weeks {week} to {due}.",
        7,
        lambda program: program.obs["stage"] == "live",
        _incident,
    ),
    "risk": Kind("At least one risk strikes in weeks {week} to {due}.", 3, lambda _: True, _struck),
    "trust": Kind(
        f"Trust, as it really is, stands above {ENOUGH_TRUST:.2f} after week {{due}} "
        "(or at the end, if that comes first).",
        7,
        lambda _: True,
        _trusted,
    ),
    "ahead": Kind(
        "At the end I am ahead of stage gates under the same luck.",
        1000,
        lambda _: True,
        lambda program, _: regret(program) < 0,
    ),
}


def ask(program: Program, entries: Iterable[Entry]) -> Statement | None:
    """The statement to judge now: every four weeks one, of the kind that was asked least.

    Returns
    -------
    Statement or None
        None where nothing is due: before week 4, after an entry of the same four weeks, at the end.
    """
    entries = list(entries)
    week, last = program.week, program.scenario.weeks - 1
    asked = {entry.statement.week // EVERY for entry in entries}
    if program.end or week < EVERY or week // EVERY in asked:
        return None
    used = Counter(entry.statement.kind for entry in entries)
    kind = min((name for name in KINDS if KINDS[name].possible(program)), key=used.__getitem__)
    due = min(week + KINDS[kind].weeks, last)
    if kind == "live":
        due = min(max(due, int(program.scenario.k.promised_week)), last)
    text = KINDS[kind].text.format(week=week, due=due, bar=program.obs["bar"])
    return Statement(kind, week, due, text)


def brier(probabilities: Sequence[float], came_true: Sequence[bool]) -> float:
    """The mean squared distance of probabilities from what happened: 0 is perfect, 1 the worst.

    Examples
    --------
    >>> brier([0.9, 0.5], [True, False])
    0.13
    """
    if len(probabilities) != len(came_true) or not probabilities:
        raise JournalError(
            "A Brier score needs as many outcomes as probabilities, and one at least; "
            f"got {len(probabilities)} probabilities and {len(came_true)} outcomes."
        )
    distances = [(p - bool(o)) ** 2 for p, o in zip(probabilities, came_true, strict=True)]
    return round(sum(distances) / len(distances), 12)


def scored(entries: Iterable[Entry], program: Program) -> pd.DataFrame:
    """The journal of a run that has ended, with what came true.

    Returns
    -------
    pandas.DataFrame
        A row an entry: week, statement, probability, came_true, distance (squared), belief.
    """
    if not program.end:
        raise JournalError("The journal is scored when the program has ended; fly on.")
    rows = [
        (e.statement.week, e.statement.text, e.probability, true, (e.probability - true) ** 2)
        + (e.belief,)
        for e in entries
        for true in [bool(KINDS[e.statement.kind].true(program, e.statement))]
    ]
    columns = ["week", "statement", "probability", "came_true", "distance", "belief"]
    return pd.DataFrame(rows, columns=columns)

"""What was practised so far, from all sessions of a store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from tpmkit.interview.bank import Bank
from tpmkit.interview.store import Event, Store

__all__ = ["Practice", "history"]

# Long texts that no figure needs.
UNREAD = ("draft", "ask", "answer", "reply", "note")


@dataclass(frozen=True)
class Practice:
    """One question, answered and rated once.

    Attributes
    ----------
    question : str
        Its id; a writing exercise counts, too.
    at : datetime.datetime
        When the self-rating was fixed or the panel's ratings were revealed.
    competencies : tuple of str
    own, peers : dict of str to float
        Levels by criterion; `peers` is empty after a solo session.
    change : str
        The one thing to change.
    redo : bool
        Whether it is to be offered again the next day.
    """

    session: str
    question: str
    level: str
    at: datetime
    competencies: tuple[str, ...]
    own: dict[str, float] = field(default_factory=dict)
    peers: dict[str, float] = field(default_factory=dict)
    change: str = ""
    redo: bool = False

    @property
    def score(self) -> float:
        """Mean of the criteria, of equal weight: the peers' ratings, else one's own."""
        return fmean((self.peers or self.own).values())

    @property
    def kind(self) -> str:
        return self.session.partition("-")[0]


def history(store: Store, bank: Bank) -> list[Practice]:
    """Everything practised and rated, oldest first.

    Questions that a later version of the bank no longer has are left out.
    """
    found = []
    for id, events in store.read(without=UNREAD):
        if events:
            found += _solo(id, events, bank) if id.startswith("solo-") else _seat(id, events, bank)
    return sorted(found, key=lambda practice: practice.at)


def _solo(id: str, events: list[Event], bank: Bank) -> Iterator[Practice]:
    """The rounds whose self-rating is fixed."""
    level, question, ratings, revealed, change = events[0].get("level", ""), "", {}, "", ""

    def practice(redo: bool) -> Iterator[Practice]:
        if revealed and question in bank:
            yield Practice(
                id,
                question,
                level,
                datetime.fromisoformat(revealed),
                bank[question].competencies,
                ratings,
                change=change,
                redo=redo,
            )

    for event in events:
        match event["do"]:
            case "next":
                yield from practice(False)
                question, ratings, revealed, change = event["question"], {}, "", ""
            case "rate":
                ratings = ratings | {event["criterion"]: event["level"]}
            case "reveal":
                revealed = event["at"]
            case "change":
                change = event["text"]
            case "redo":
                yield from practice(event["wanted"])
                revealed = ""
    yield from practice(False)


def _seat(id: str, events: list[Event], bank: Bank) -> Iterator[Practice]:
    """What a panel told its candidate; of a round's results the last one counts."""
    last = {event["round"]: event for event in events if event["do"] == "result"}
    for event in last.values():
        if event["question"] in bank:
            yield Practice(
                id,
                event["question"],
                event["level"],
                datetime.fromisoformat(event["at"]),
                bank[event["question"]].competencies,
                event["own"],
                event["peers"],
            )

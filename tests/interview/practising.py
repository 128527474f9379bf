"""Practise without end and tell of each entry as soon as it is acknowledged; made to be killed.

    python tests/interview/practising.py BANK STORE EXCHANGE

For each seed that it reads, a process of its own continues what the one before left. It prints its
process id, then a line for each event: the session's id and the event. A line ``gone`` follows when
that process was killed.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np

from tpmkit.interview.bank import Bank, load_bank
from tpmkit.interview.meaning import encoder
from tpmkit.interview.panel import Seat
from tpmkit.interview.solo import Session, unfinished
from tpmkit.interview.store import Log, Store, now


def tell(log: Log, told: dict[str, int]) -> None:
    """Print what is new in a log."""
    for event in log.events[told.get(log.id, 0) :]:
        print(json.dumps([log.id, event]), flush=True)
    told[log.id] = len(log.events)


def words(rng: np.random.Generator) -> str:
    return " ".join(rng.choice("I would promise week 26 – Priya owns “labels”\n".split(" "), 40))


def act(session: Session, rng: np.random.Generator) -> None:
    """One action that is legal now."""
    match rng.choice(session.state.legal):
        case "ask":
            session.ask("penalty")
        case "draft":
            session.draft(words(rng))
        case "answer":
            session.answer(words(rng))
        case "reply":
            session.reply(words(rng))
        case "rate":
            session.rate(str(rng.choice([c.id for c in session.question.rubric])), 3)
        case "reveal" if not session.unrated:
            session.reveal()
        case "model":
            session.model()
        case "change":
            session.change(words(rng))
        case "redo":
            session.redo(True)
        case "next":
            session.next()


def main(bank: Bank, store: Store, exchange: Path, rng: np.random.Generator) -> None:
    days = 4 * len(store.ids())

    def clock():
        return now() + timedelta(days=days)

    told: dict[str, int] = {}
    seat = Seat.take(store, exchange, "Ben", bank)
    while True:
        left = unfinished(store)
        if left:
            session = Session.resume(store, bank, left[0], clock)
        else:
            days += 4
            session = Session.begin(store, bank, "L2", 30, rng, clock)
        tell(session.log, told)
        while session.state.phase != "done":
            act(session, rng)
            tell(session.log, told)
            if rng.random() < 0.3:
                seat.note("r1", words(rng))
                seat.rate("r1", "date", int(rng.integers(1, 5)))
                tell(seat.log, told)


if __name__ == "__main__":
    folder, mine, shared = map(Path, sys.argv[1:])
    bank = load_bank(folder)
    encoder()
    for seed in sys.stdin:
        # Forked, because imports and the encoder would take longer than what is tested.
        if os.fork() == 0:
            print(os.getpid(), flush=True)
            main(bank, Store(mine), shared, np.random.default_rng(int(seed)))
        os.wait()
        print("gone", flush=True)

"""A process that practises is killed at random moments: what was acknowledged is never lost."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import interviews
import numpy as np
import pytest

from tpmkit.interview.panel import Seat, convene
from tpmkit.interview.solo import Session, unfinished
from tpmkit.interview.state import fold
from tpmkit.interview.store import Store

CHILD = Path(__file__).with_name("practising.py")
LONGEST = 0.6  # seconds of practice before a kill


@pytest.fixture
def exchange(tmp_path):
    return tmp_path / "shared"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "mine")


@pytest.fixture
def bank(tmp_path):
    entries = [interviews.question(f"I{n:02d}") for n in range(1, 13)]
    return interviews.bank_of(tmp_path / "bank", *entries)


@pytest.fixture
def practising(tmp_path, bank, store, exchange):
    convene(exchange, bank, "pair", "L2", "Anna", [("I09-001", ["Ben"])])
    with subprocess.Popen(
        [sys.executable, CHILD, tmp_path / "bank", store.folder, exchange],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.long)])
def test_no_acknowledged_answer_note_or_rating_is_lost(practising, bank, store, exchange, kills):
    rng = np.random.default_rng(kills)
    acknowledged: dict[str, list] = {}
    before: dict[str, list] = {}
    for seed in range(kills):
        told = practise_until_killed(practising, seed, rng.uniform(0, LONGEST))
        stored = dict(store.read())
        for id, events in told.items():
            acknowledged[id] = max(acknowledged.get(id, []), events, key=len)
            # A note and its rating may be stored and not told yet, in each life: one that was
            # killed at once has not even told all that it found.
            assert len(stored[id]) <= max(len(events), len(before.get(id, []))) + 2
        for id, events in acknowledged.items():
            assert stored[id][: len(events)] == events
        before = stored

    kinds = {event["do"] for events in acknowledged.values() for event in events}
    assert {"answer", "draft", "note", "rate"} <= kinds
    for id, events in dict(store.read()).items():
        if id.startswith("solo-") and events:  # killed between the file and its first line
            fold(events)
    for id in unfinished(store):
        Session.resume(store, bank, id)
    seat = Seat.take(store, exchange, "Ben", bank)
    notes = [e["text"] for e in acknowledged[seat.log.id] if e["do"] == "note"]
    assert seat.notes("r1")[: len(notes)] == notes


def practise_until_killed(process, seed, seconds):
    """What a practising process told, by session, before it was killed `seconds` after its first
    event."""
    print(seed, file=process.stdin, flush=True)
    child = int(process.stdout.readline())
    lines = [process.stdout.readline()]
    timer = threading.Timer(seconds, os.kill, [child, signal.SIGKILL])
    timer.start()
    while not lines[-1].endswith("gone\n"):
        lines.append(process.stdout.readline())
        assert lines[-1], "the practising process ended by itself"
    timer.join()
    told = {}
    for line in lines:
        # The last line may have been cut off by the kill.
        if line.endswith("}]\n"):
            id, event = json.loads(line)
            told.setdefault(id, []).append(event)
    return told

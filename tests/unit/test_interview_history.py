"""What was practised, read from the files in one pass: the same as folding every session."""

from datetime import UTC, datetime, timedelta

import interviews
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tpmkit.interview.history import history
from tpmkit.interview.solo import Session, unfinished
from tpmkit.interview.state import fold
from tpmkit.interview.store import Store

START = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return interviews.bank_of(
        tmp_path_factory.mktemp("bank"), *(interviews.question(f"I{n:02d}") for n in range(1, 13))
    )


def walk(session, steps, rng):
    """So many legal actions, most of them forward."""
    for _ in range(steps):
        legal = [do for do in session.state.legal if do not in ("skip", "finish", "ask")]
        if rng.random() < 0.05:
            legal = list(session.state.legal)
        if not legal:
            return
        match rng.choice(legal):
            case "draft" | "answer" | "reply" | "change" | "ask" as do:
                getattr(session, do)("Week 26, and Priya owns the labels.")
            case "rate":
                for criterion in session.question.rubric:
                    session.rate(criterion.id, int(rng.integers(1, 5)))
            case "reveal" if session.unrated:
                pass
            case "redo":
                session.redo(bool(rng.integers(2)))
            case do:
                getattr(session, do)()


@given(st.integers(0, 10**6), st.lists(st.integers(0, 60), min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_one_pass_over_the_files_says_what_folding_them_says(bank, tmp_path_factory, seed, lengths):
    rng = np.random.default_rng(seed)
    store = Store(tmp_path_factory.mktemp("mine"))
    time = START
    for steps in lengths:
        time += timedelta(days=4)
        session = Session.begin(store, bank, "L2", 30, rng, lambda at=time: at)
        walk(session, steps, rng)

    states = {id: fold(events) for id, events in store.read()}
    expected = [
        (round.question, round.ratings, round.change, bool(round.redo), "L2")
        for state in states.values()
        for round in state.rounds
        if round.coverage
    ]
    found = history(store, bank)
    assert [(p.question, p.own, p.change, p.redo, p.level) for p in found] == expected
    assert all(practice.kind == "solo" and not practice.peers for practice in found)
    left = [id for id, state in states.items() if state.phase != "done"]
    assert unfinished(store) == left[::-1]


def test_a_question_that_the_bank_no_longer_has_is_left_out(bank, tmp_path):
    store = Store(tmp_path / "mine")
    session = Session.begin(store, bank, "L2", 15, np.random.default_rng(0), lambda: START)
    gone = session.next().id[:3]
    probe = session.answer("Week 26.")
    while probe:
        probe = session.reply("")
    for criterion in session.question.rubric:
        session.rate(criterion.id, 3)
    session.reveal()
    others = [interviews.question(f"I{n:02d}") for n in range(1, 13) if f"I{n:02d}" != gone]
    assert len(history(store, bank)) == 1
    assert history(store, interviews.bank_of(tmp_path / "b", *others)) == []

"""A solo session: what may be done when, in which order things are shown, and nothing is lost."""

import json
from datetime import UTC, datetime, timedelta

import interviews
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tpmkit.interview.errors import BankError, InterviewError
from tpmkit.interview.feedback import Feedback, Match, Verdict
from tpmkit.interview.history import history
from tpmkit.interview.solo import Session, next_probe, understood, unfinished
from tpmkit.interview.state import LEGAL, fold
from tpmkit.interview.store import Store

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
ANSWER = "I would commit to week 26 in writing. Priya owns the budget and decides on 12 May."


class Clock:
    """Time that moves only when told to."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def pass_(self, **time):
        self.now += timedelta(**time)


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return interviews.bank_of(
        tmp_path_factory.mktemp("bank"), *(interviews.question(f"I{n:02d}") for n in range(1, 13))
    )


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "mine")


def begin(store, bank, clock, level="L2", minutes=30):
    return Session.begin(store, bank, level, minutes, np.random.default_rng(1), clock)


def answered(session):
    """The session up to the self-rating of its first question."""
    session.next()
    probe = session.answer(ANSWER)
    while probe:
        probe = session.reply("Priya decides that.")
    return session


def rated(session, level=3):
    for criterion in answered(session).question.rubric:
        session.rate(criterion.id, level)
    return session


def test_a_session_from_the_first_question_to_the_offer_of_tomorrow(store, bank, clock):
    session = begin(store, bank, clock)
    assert session.state.phase == "ready" and len(session.state.plan) == 2
    question = session.next()
    assert session.ask("What drives the long runs?") == "Late labels in 71 % of them."
    session.draft("I would")
    assert session.answer(ANSWER).id == "p1"
    assert session.reply("Week 26, in these words.").id == "p2"
    assert session.reply("") is None
    assert session.state.phase == "rate" and session.feedback is None
    for criterion in question.rubric:
        session.rate(criterion.id, 2)
    session.rate("date", 3)
    found = session.reveal()
    assert found.owners and found.words == len(f"{ANSWER} Week 26, in these words.".split())
    assert session.model().model_answer.text
    session.change("Name the driver before the date.")
    session.redo(True)
    assert session.state.phase == "ready" and len(session.state.left) == 1
    round = session.state.rounds[0]
    assert round.exchanges == (("p1", "Week 26, in these words."), ("p2", ""))
    assert round.ratings == {"date": 3, "driver": 2, "stakeholder": 2}
    assert round.facts == (1,) and round.redo and round.draft == ""
    (practice,) = history(store, bank)
    assert practice.own == round.ratings and practice.redo
    assert practice.change == "Name the driver before the date."
    session.next()
    session.skip()
    assert session.state.phase == "done"
    assert [p.question for p in history(store, bank)] == [question.id]


def test_the_model_answer_and_the_feedback_come_after_the_self_rating(store, bank, clock):
    session = answered(begin(store, bank, clock))
    session.rate("date", 4)
    with pytest.raises(InterviewError, match="first on: Driver in .*; Stakeholder in "):
        session.reveal()
    with pytest.raises(InterviewError, match="'model' is not possible now: rate every criterion"):
        session.model()
    session.rate("driver", 1)
    session.rate("stakeholder", 2)
    session.reveal()
    with pytest.raises(InterviewError, match="'rate' is not possible now: the feedback is on the"):
        session.rate("date", 1)


ACTIONS = {
    "next": lambda s: s.next(),
    "ask": lambda s: s.ask("penalty"),
    "draft": lambda s: s.draft("some words"),
    "answer": lambda s: s.answer(ANSWER),
    "reply": lambda s: s.reply("Priya decides."),
    "rate": lambda s: s.rate("date", 2),
    "reveal": lambda s: s.reveal(),
    "model": lambda s: s.model(),
    "change": lambda s: s.change("Shorter."),
    "redo": lambda s: s.redo(False),
    "skip": lambda s: s.skip(),
    "finish": lambda s: s.finish(),
}


@given(st.lists(st.sampled_from([*ACTIONS, "rate all", "leave"]), max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_one_does_the_file_alone_gives_the_same_state(bank, tmp_path_factory, script):
    clock = Clock()
    store = Store(tmp_path_factory.mktemp("mine"))
    session = begin(store, bank, clock)
    for action in script:
        clock.pass_(seconds=7)
        before, events = session.state, len(session.log.events)
        if action == "leave":
            session = Session.resume(store, bank, session.id, clock)
            assert session.state.rounds == before.rounds and session.state.phase == before.phase
        elif action == "rate all" and session.state.phase == "rate":
            for criterion in session.question.rubric:
                session.rate(criterion.id, 3)
        elif action in ACTIONS:
            refused = action not in before.legal or (action == "reveal" and session.unrated)
            if refused:
                with pytest.raises(InterviewError):
                    ACTIONS[action](session)
                assert session.state == before and len(session.log.events) == events
            else:
                ACTIONS[action](session)
        assert session.state == fold(store.open(session.id).events)
    for n in range(1, len(session.log.events) + 1):
        fold(session.log.events[:n])


def test_every_phase_can_be_reached_and_names_its_actions(store, bank, clock):
    seen = set()
    session = begin(store, bank, clock)
    step = iter(["next", "answer", "reply", "reply", "rate all", "reveal", "model", "change"])
    for action in step:
        seen.add(session.state.phase)
        if action == "rate all":
            for criterion in session.question.rubric:
                session.rate(criterion.id, 3)
        else:
            ACTIONS[action](session)
    seen.add(session.state.phase)
    session.redo(False)
    session.finish()
    assert seen | {session.state.phase} == set(LEGAL)


def test_leaving_at_any_moment_keeps_draft_place_and_clock(store, bank, clock):
    session = begin(store, bank, clock)
    session.next()
    clock.pass_(minutes=3)
    session.draft("Half an ans")
    clock.pass_(hours=9)
    assert unfinished(store) == [session.id]
    again = Session.resume(store, bank, session.id, clock)
    assert again.state.round.draft == "Half an ans"
    assert again.seconds == 180
    clock.pass_(minutes=2)
    assert again.seconds == 300
    again.answer(ANSWER)
    assert again.state.rounds[0].seconds == 300


def test_the_clock_of_a_question_counts_answer_and_probes_not_the_self_rating(store, bank, clock):
    session = begin(store, bank, clock)
    clock.pass_(minutes=5)
    session.next()
    clock.pass_(minutes=4)
    session.answer(ANSWER)
    clock.pass_(minutes=1)
    session.reply("Week 26.")
    session.reply("Labels.")
    clock.pass_(minutes=10)
    session.rate("date", 3)
    assert session.seconds == 300
    assert session.state.round.seconds == 300


def test_a_machine_left_alone_counts_half_an_hour_at_most(store, bank, clock):
    session = begin(store, bank, clock)
    session.next()
    clock.pass_(hours=11)
    assert session.seconds == 1800
    session.answer(ANSWER)
    assert session.state.round.seconds == 1800


def test_a_clock_that_is_set_back_takes_no_time_away(store, bank, clock):
    session = begin(store, bank, clock)
    session.next()
    clock.pass_(minutes=2)
    session.draft("a")
    clock.pass_(hours=-1)
    session.answer(ANSWER)
    assert session.state.round.seconds == 120


def test_a_session_that_is_finished_is_not_offered_again(store, bank, clock):
    session = begin(store, bank, clock)
    session.finish()
    clock.pass_(minutes=1)
    assert unfinished(store) == []
    assert Session.resume(store, bank, session.id, clock).state.phase == "done"
    with pytest.raises(InterviewError, match="Possible: a new session"):
        session.next()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda s: s.answer("  \n"), "The answer is empty"),
        (lambda s: s.ask(" "), "Ask in a few words"),
        (lambda s: s.model(), "'model' is not possible now: the question waits for your answer"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(store, bank, clock, act, said):
    session = begin(store, bank, clock)
    session.next()
    with pytest.raises(InterviewError, match=said):
        act(session)


def test_ratings_are_of_the_questions_criteria_and_on_the_scale(store, bank, clock):
    session = answered(begin(store, bank, clock))
    with pytest.raises(InterviewError, match="has no criterion 'tone', only date, driver, stakeh"):
        session.rate("tone", 3)
    for level in (0, 5, 2.5, True, "3"):
        with pytest.raises(InterviewError, match="is not a level; choose 1, 2, 3 or 4"):
            session.rate("date", level)


def test_an_unknown_level_and_too_little_time_are_said_in_a_sentence(store, bank, clock):
    with pytest.raises(InterviewError, match="no level 'L9'; choose of L1, L2, L3, L4"):
        begin(store, bank, clock, level="L9")
    with pytest.raises(InterviewError, match="No question at L2 fits into 5 minutes"):
        begin(store, bank, clock, minutes=5)
    assert store.ids() == []


def test_the_same_draft_is_stored_once(store, bank, clock):
    session = begin(store, bank, clock)
    session.next()
    for text in ("a", "a", "ab", "ab"):
        session.draft(text)
    assert sum(event["do"] == "draft" for event in session.log.events) == 2


def test_a_question_that_a_new_bank_lacks_can_be_skipped(store, bank, clock, tmp_path):
    session = begin(store, bank, clock)
    shown = session.next().id
    others = [interviews.question(f"I{n:02d}") for n in range(1, 13) if f"I{n:02d}" != shown[:3]]
    session = Session.resume(store, interviews.bank_of(tmp_path / "b", *others), session.id, clock)
    with pytest.raises(BankError, match=f"There is no question '{shown}'"):
        session.answer(ANSWER)
    session.skip()
    assert session.state.rounds[0].skipped


def test_a_session_of_another_format_is_refused(store, bank):
    log = store.create("solo", {"do": "begin", "at": START.isoformat(), "format": 99})
    with pytest.raises(InterviewError, match="written in format 99, this version reads 1"):
        Session.resume(store, bank, log.id)


def test_events_are_readable_by_people(store, bank, clock):
    session = rated(begin(store, bank, clock))
    lines = session.log.path.read_text(encoding="utf-8").splitlines()
    assert list(json.loads(lines[-1])) == ["do", "at", "criterion", "level"]


# --- clarifying facts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        ("Is there a penalty in the contract?", 0),
        ("penalty", 0),
        ("does the contract punish us if we are late", 0),
        ("what drives the tail", 1),
        ("Which driver makes some runs so long?", 1),
        ("who is the chief executive", None),
        ("what colour is the logo", None),
    ],
)
def test_a_fact_is_given_to_those_who_ask_for_it_in_their_own_words(bank, words, fact):
    assert understood(bank["I09-001"], words, ()) == fact


def test_a_fact_is_given_once_and_none_is_given_unasked(store, bank, clock):
    session = begin(store, bank, clock)
    session.next()
    assert session.ask("who is the chief executive") is None
    assert session.state.round.facts == ()
    assert session.ask("penalty") == "None before week 28."
    assert session.ask("penalty") is None
    assert session.state.round.asked == (
        ("who is the chief executive", None),
        ("penalty", 0),
        ("penalty", None),
    )


# --- probes --------------------------------------------------------------------------------------


def found(covered=(), polarity=(), **lists):
    verdicts = {f"k{n}": Match(Verdict.MISSING, None) for n in range(1, 5)}
    verdicts |= {id: Match(Verdict.COVERED, "so") for id in covered}
    verdicts |= {id: Match(Verdict.POLARITY, "not so") for id in polarity}
    empty = {name: [] for name in ("numbers", "owners", "dates", "hedges")}
    return Feedback(verdicts, **empty | lists, words=9, slots={})


@pytest.mark.parametrize(
    ("when", "said", "feedback", "level", "asked"),
    [
        ("always", "", found(), "L2", True),
        ({"misses": ["k2"]}, "", found(["k1"]), "L2", True),
        ({"misses": ["k2"]}, "", found(["k2"]), "L2", False),
        ({"misses": ["k2"]}, "", found(polarity=["k2"]), "L2", False),
        ({"misses": ["k2", "k3"]}, "", found(["k3"]), "L2", False),
        ({"covers": 2}, "", found(["k1"]), "L2", False),
        ({"covers": 2}, "", found(["k1", "k4"]), "L2", True),
        ({"covers": 2}, "", found(["k1"], ["k4"]), "L2", False),
        ({"mentions": ["overtime", "week end"]}, "We work Overtime.", found(), "L2", True),
        ({"mentions": ["overtime", "week end"]}, "We work on time.", found(), "L2", False),
        ({"lacks": "number"}, "", found(numbers=["40 %"]), "L2", False),
        ({"lacks": "owner"}, "", found(numbers=["40 %"]), "L2", True),
        ({"lacks": "date"}, "", found(dates=["12 May"]), "L2", False),
        ({"level": ["L3"]}, "", found(), "L3", True),
        ({"level": ["L3"]}, "", found(), "L2", False),
        ({"covers": 1, "lacks": "date"}, "", found(["k1"]), "L2", True),
        ({"covers": 1, "lacks": "date"}, "", found(["k1"], dates=["May"]), "L2", False),
    ],
)
def test_a_probe_is_asked_when_all_its_conditions_hold(
    tmp_path, when, said, feedback, level, asked
):
    probes = [{"id": "p1", "when": when, "text": "What would make you change your mind?"}] + [
        {"id": f"p{n}", "when": "always", "text": "And then what would you do?"} for n in (2, 3)
    ]
    bank = interviews.bank_of(tmp_path, interviews.question(probes=probes))
    probe = next_probe(bank["I09-001"], level, said, feedback, ())
    assert probe.id == ("p1" if asked else "p2")


def test_every_probe_is_asked_once_and_one_at_a_time(bank):
    question = bank["I09-001"]
    asked = []
    while probe := next_probe(question, "L3", "", found(["k1", "k3", "k4"]), tuple(asked)):
        asked.append(probe.id)
    assert asked == ["p1", "p2", "p3", "p4"]


def test_a_reply_can_call_off_the_next_probe(store, bank, clock):
    session = begin(store, bank, clock)
    session.next()
    assert session.answer("We will see how it goes.").id == "p1"
    about = session.question.points[1].exemplars[0]
    assert session.reply(about).id == "p3"
    assert session.reply("Priya owns that decision.") is None

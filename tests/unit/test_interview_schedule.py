"""What is asked next: due first, then weak, then new, and nothing twice within three days."""

from datetime import UTC, datetime, timedelta, timezone

import interviews
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tpmkit.interview.errors import InterviewError
from tpmkit.interview.history import Practice
from tpmkit.interview.schedule import calendar, choose, loop_plan, reviews

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone(timedelta(hours=1)))
CODES = ("T1", "T2", "T3", "T4", "S1", "S2", "S3", "S4", "B1", "B2", "B3", "I1")


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return interviews.bank_of(
        tmp_path_factory.mktemp("bank"),
        *(
            interviews.question(
                f"I{n:02d}",
                number,
                competencies=[CODES[n - 1]],
                level=["L1", "L2"] if number == 1 else ["L2", "L3"],
                time_min=4 + n % 3,
            )
            for n in range(1, 13)
            for number in (1, 2)
        ),
        writing=[interviews.exercise(n) for n in (1, 2, 3)],
    )


def practice(question, days, score=3, redo=False, code="S3", level="L2"):
    """`days` before now."""
    at = NOW - timedelta(days=days)
    return Practice(f"solo-{days}", question, level, at, (code,), {"date": score}, redo=redo)


def rng(seed=0):
    return np.random.default_rng(seed)


PRACTISED = st.lists(
    st.builds(
        practice,
        st.sampled_from([f"I{n:02d}-00{k}" for n in range(1, 13) for k in (1, 2)]),
        st.floats(0, 60),
        st.integers(1, 4),
        st.booleans(),
        st.sampled_from(CODES),
    ),
    max_size=30,
).map(lambda rows: sorted(rows, key=lambda row: row.at))


@given(PRACTISED, st.sampled_from(["L1", "L2", "L3"]), st.integers(8, 90), st.integers(0, 9))
@settings(max_examples=150, deadline=None)
def test_a_plan_fits_level_and_time_rests_questions_and_is_always_the_same(
    bank, practised, level, minutes, seed
):
    last = {row.question: row for row in practised}

    def rested(id):
        row = last.get(id)
        if row is None or NOW - row.at >= timedelta(days=3):
            return True
        return row.redo and row.at.date() < NOW.date()

    able = [q for q in bank.questions.values() if level in q.level and rested(q.id)]
    if not any(question.time_min + 4 <= minutes for question in able):
        with pytest.raises(InterviewError):
            choose(bank, practised, level, minutes, NOW, rng(seed))
        return
    plan = choose(bank, practised, level, minutes, NOW, rng(seed))
    assert plan == choose(bank, practised, level, minutes, NOW, rng(seed))
    assert 1 <= len(plan) == len(set(plan)) <= 5
    assert all(level in bank[id].level and rested(id) for id in plan)
    used = sum(bank[id].time_min + 4 for id in plan)
    assert used <= minutes
    spare = [q.time_min + 4 for q in able if q.id not in plan]
    assert len(plan) == 5 or not spare or min(spare) > minutes - used


@given(PRACTISED, st.integers(0, 9))
@settings(deadline=None)
def test_with_time_enough_all_that_is_due_stands_in_front(bank, practised, seed):
    plan = choose(bank, practised, "L2", 200, NOW, rng(seed))
    due = [
        review.question
        for review in reviews(practised)
        if (review.due <= NOW or review.redo) and review.rested(NOW)
    ]
    assert {*plan[: len(due)]} <= {*due}
    known = {review.question for review in reviews(practised)}
    rest = [id in known for id in plan[len(due) :]]
    assert rest == sorted(rest)


def test_what_is_due_comes_first_and_a_wanted_redo_before_the_rest(bank):
    practised = [
        practice("I05-001", 30, 2),
        practice("I03-001", 9, 1),
        practice("I07-001", 1, 3, redo=True),
    ]
    assert choose(bank, practised, "L1", 50, NOW, rng())[:3] == ["I07-001", "I05-001", "I03-001"]


def test_then_the_weakest_competency_then_the_rest_that_is_new(bank):
    practised = [practice("I05-002", 2 - n / 9, 1.5, code="S4") for n in range(3)]
    practised += [practice("I04-002", 1 - n / 9, 2.5, code="B2") for n in range(3)]
    for seed in range(5):
        plan = choose(bank, practised, "L1", 50, NOW, rng(seed))
        assert plan[:2] == ["I08-001", "I10-001"]
        assert len({id[:3] for id in plan}) == len(plan)
    strong = [practice("I05-002", 2 - n / 9, 4, code="S4") for n in range(3)]
    assert {choose(bank, strong, "L1", 50, NOW, rng(seed))[0] for seed in range(9)} > {"I08-001"}


def test_new_questions_of_one_session_are_of_different_categories(bank):
    for seed in range(9):
        plan = choose(bank, [], "L2", 60, NOW, rng(seed))
        assert len({id[:3] for id in plan}) == len(plan) == 5


def test_what_is_not_due_yet_comes_last_and_soonest_due_first(bank):
    known = [f"I{n:02d}-001" for n in range(1, 13)]
    practised = [practice(id, 7.5 - n / 4, 4, code="T1") for n, id in enumerate(known)]
    soonest = [review.question for review in reviews(practised) if review.due > NOW]
    assert choose(bank, practised, "L1", 12, NOW, rng())[0] == soonest[0]


def test_a_redo_is_offered_the_next_day_and_not_the_same_evening(bank):
    evening = [Practice("s", "I07-001", "L1", NOW, ("S3",), {"date": 4}, redo=True)]
    for hours, first in ((2, False), (5.5, True), (14, True)):
        then = NOW + timedelta(hours=hours)
        assert (choose(bank, evening, "L1", 50, then, rng())[0] == "I07-001") == first
    unwanted = [Practice("s", "I07-001", "L1", NOW, ("S3",), {"date": 1})]
    for days, there in ((1, False), (2.9, False), (3, True)):
        plan = choose(bank, unwanted, "L1", 90, NOW + timedelta(days=days), rng())
        assert ("I07-001" in plan) == there


def test_a_redo_that_was_taken_is_not_offered_again(bank):
    practised = [practice("I07-001", 2, 4, redo=True), practice("I07-001", 1, 4)]
    assert "I07-001" not in choose(bank, practised, "L1", 90, NOW, rng())


def test_an_answer_that_went_well_returns_later(bank):
    due = [reviews([practice("I07-001", 0, score)])[0].due for score in (1, 2, 3, 4)]
    assert due == sorted(due) and due[0] < due[3]
    assert due[0] - NOW >= timedelta(days=1)
    twice = [practice("I07-001", 10, 3), practice("I07-001", 0, 3)]
    assert reviews(twice)[0].due > due[2]


@given(PRACTISED)
def test_reviews_hold_each_question_once_and_a_wanted_redo_within_a_day(practised):
    found = reviews(practised)
    assert [r.due for r in found] == sorted(r.due for r in found)
    assert {r.question for r in found} == {row.question for row in practised}
    for review in found:
        assert review.last < review.due
        assert not review.redo or review.due - review.last <= timedelta(days=1)


def test_when_nothing_fits_the_sentence_says_what_would(bank):
    with pytest.raises(InterviewError, match="No question at L1 fits into 6 minutes; .* takes 8"):
        choose(bank, [], "L1", 6, NOW, rng())
    with pytest.raises(InterviewError, match="The bank has no question at L4; choose another"):
        choose(bank, [], "L4", 30, NOW, rng())
    practised = [practice(f"I{n:02d}-001", 1) for n in range(1, 13)]
    with pytest.raises(InterviewError, match="within three days; the next one returns on 23 Nov"):
        choose(bank, practised, "L1", 30, NOW, rng())


def test_a_loop_has_five_categories_and_a_writing_exercise_not_written_yet(bank):
    practised = [practice("W-001", 5), practice("I03-001", 20, 1)]
    plan = loop_plan(bank, practised, "L2", NOW, rng())
    assert len(plan) == 6 and len({id[:3] for id in plan[:5]}) == 5
    assert plan[0] == "I03-001" and plan[5] in ("W-002", "W-003")
    with pytest.raises(InterviewError, match="A loop at L4 needs questions of 5 categories"):
        loop_plan(bank, practised, "L4", NOW, rng())


def test_the_calendar_has_a_day_for_each_day_and_is_in_the_form_calendars_read(bank):
    practised = [practice("I07-001", 30, 1), practice("I03-001", 30, 1), practice("I05-001", 0, 4)]
    due = reviews(practised)
    content = calendar(due, bank, NOW)
    assert content.startswith("BEGIN:VCALENDAR\r\n") and content.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in content.split("\r\n"))
    unfolded = content.replace("\r\n ", "")
    events = unfolded.split("BEGIN:VEVENT")[1:]
    assert len(events) == 2
    # What is overdue stands on today.
    assert "DTSTART;VALUE=DATE:20261121" in events[0] and "2 questions due" in events[0]
    title = bank["I07-001"].title.replace(",", "\\,")
    assert f"I07-001 {title}" in events[0]
    assert f"DTSTART;VALUE=DATE:{due[-1].due:%Y%m%d}" in events[1]
    assert NOW.astimezone(UTC).strftime("DTSTAMP:%Y%m%dT%H%M%SZ") in events[1]

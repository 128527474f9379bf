"""The schedule explorer draws and says what the critical path method finds."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tpmkit.explore.schedule import moved, schedule, sentence
from tpmkit.planning import Activity, Calendar, Plan, PlanError, critical_path

PLAN = Plan(
    [
        Activity("data", 10, name="collect data"),
        Activity("model", 15, "data", name="train"),
        Activity("screen", 18, name="build the screen"),
        Activity("go", 0, "model; screen", name="go or no go"),
        Activity("open", 3, "go", name="open to all"),
    ]
)
PLANNED = PLAN.durations()


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.canvas.image.value)))


def test_a_delay_within_the_float_moves_nothing_and_uses_it_up():
    after = moved(PLAN, PLANNED, "screen", 23)
    assert (after["finish"], after["delay"], after["float"]) == (28, 0, 2)
    assert after["critical"] == ("data", "model", "go", "open")


def test_a_delay_beyond_the_float_moves_the_finish_by_the_rest_and_takes_the_path_over():
    after = moved(PLAN, PLANNED, "screen", 27)
    assert (after["finish"], after["delay"], after["float"]) == (30, 2, 0)
    assert after["critical"] == ("screen", "go", "open")


@given(st.sampled_from(PLAN.ids), st.integers(0, 60))
def test_the_delay_is_what_exceeds_the_float(activity, extra):
    room = critical_path(PLAN).table.at[activity, "total_float"]
    after = moved(PLAN, PLANNED, activity, PLANNED[activity] + extra)
    assert after["delay"] == max(0, extra - room)


def test_the_sentence_says_float_finish_promise_and_path():
    calendar = Calendar("2027-01-11")
    said = sentence(PLAN, {**PLANNED, "screen": 27.0}, "screen", 29, calendar)
    assert said == (
        "Build the screen takes 27 days, 9 more than planned, and is critical: the plan finishes "
        "on day 30 (19 Feb 2027), 2 days later than planned, 1 day after the promised date. "
        "Critical: screen, go, open."
    )


def test_the_sentence_counts_what_else_was_changed():
    said = sentence(PLAN, {**PLANNED, "data": 8.0, "screen": 20.0}, "screen")
    assert "2 more than planned, and has 3 days of float. With 1 other change, the plan" in said
    assert "finishes on day 26, 2 days earlier than planned." in said


def test_nothing_changed_still_finishes_as_planned():
    said = sentence(PLAN, PLANNED, "data", 28)
    assert said.startswith("Collect data takes 10 days and is critical: the plan still finishes")
    assert "on the promised date" in said


def test_the_slider_moves_picture_and_sentence():
    explorer = schedule(PLAN, "screen", promised=30)
    before, said = pixels(explorer), explorer.sentence
    explorer.duration.value = 40
    assert explorer.durations["screen"] == 40
    assert (pixels(explorer) != before).any() and explorer.sentence != said
    assert "takes 40 days" in explorer.sentence


def test_choosing_another_activity_changes_no_duration():
    explorer = schedule(PLAN, "screen")
    explorer.duration.value = 40
    for id in PLAN.ids:
        explorer.activity.value = id
        assert explorer.duration.value == explorer.durations[id]
    assert explorer.durations == {**PLANNED, "screen": 40}


def test_a_duration_may_reach_beyond_the_picture_and_come_back():
    explorer = schedule(PLAN, "data")
    explorer.duration.value = explorer.duration.max
    explorer.activity.value = "model"
    explorer.duration.value = explorer.duration.max
    assert explorer._axes.get_xlim()[1] > critical_path(PLAN, explorer.durations).finish
    explorer.restore.click()
    assert explorer.durations == PLANNED and explorer.duration.value == 15


def test_a_step_shows_exactly_what_a_full_drawing_shows():
    stepped = schedule(PLAN, "data")
    stepped.duration.value = 4
    stepped.activity.value = "screen"
    stepped.restore.click()
    assert (pixels(stepped) == pixels(schedule(PLAN, "screen"))).all()


def test_a_durations_half_days_survive_being_looked_at():
    explorer = schedule(PLAN.replace("data", duration=9.5), "model")
    explorer.activity.value = "data"
    assert explorer.durations["data"] == 9.5


def test_critical_and_calm_bars_differ_in_grey_and_by_hatch():
    explorer = schedule(PLAN)
    hatched = {bar.get_hatch() for bar in explorer._bars}
    shades = {
        round(np.dot(bar.get_facecolor()[:3], [0.3, 0.59, 0.11]), 2) for bar in explorer._bars
    }
    assert hatched == {None, "////"} and max(shades) - min(shades) > 0.25


def test_a_date_is_promised_through_the_calendar():
    explorer = schedule(PLAN, promised="2027-02-19", calendar=Calendar("2027-01-11"))
    assert explorer.promised == 30
    with pytest.raises(ValueError, match="2027-02-19 needs a calendar"):
        schedule(PLAN, promised="2027-02-19")


def test_an_unknown_activity_is_refused_by_name():
    with pytest.raises(PlanError, match="no activity 'press'"):
        schedule(PLAN, "press")


def test_the_sentence_reaches_a_live_region():
    explorer = schedule(PLAN, "data")
    explorer.duration.value = 11
    (live,) = [w for w in explorer.children if 'role="status"' in str(getattr(w, "value", ""))]
    assert "takes 11 days" in live.value

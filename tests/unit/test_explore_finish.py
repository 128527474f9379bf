"""The finish explorer: a date that each track keeps is not a date that all of them keep."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tpmkit.explore.finish import finish, merge, sentence
from tpmkit.planning import Activity, Plan, simulate

TRACK = (2, 4, 12)
few = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize(("tracks", "mean"), [(1, 5.00), (2, 5.98), (5, 7.17)])
def test_the_mean_of_the_last_track_is_the_golden_one(tracks, mean):
    assert merge(TRACK, tracks).mean == pytest.approx(mean, abs=0.03)


@few
@given(st.integers(1, 10), st.floats(2.5, 11.5))
def test_independent_tracks_multiply(tracks, when):
    one, together = merge(TRACK, tracks).chance(when)
    assert together == pytest.approx(one**tracks, abs=1e-4)


@few
@given(st.integers(1, 9), st.floats(0, 0.9))
def test_one_more_track_never_helps(tracks, correlation):
    fewer, more = (merge(TRACK, n, correlation) for n in (tracks, tracks + 1))
    assert (more.all <= fewer.all + 1e-9).all()
    assert more.mean >= fewer.mean


@few
@given(st.integers(2, 10), st.floats(0, 0.8), st.floats(0.05, 0.2))
def test_tracks_that_move_together_are_late_less_often(tracks, correlation, step):
    loose, tight = (merge(TRACK, tracks, c) for c in (correlation, correlation + step))
    assert (tight.all >= loose.all - 1e-6).all()


def test_tracks_that_move_as_one_are_one():
    together = merge(TRACK, 7, 1.0)
    assert together.mean == pytest.approx(5, abs=1e-3)
    assert merge(TRACK, 7, 0.9).mean > 5.2


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8])
def test_agrees_with_the_simulation_of_the_engine(correlation):
    plan = Plan([Activity(f"track{n}", TRACK) for n in range(4)])
    drawn = simulate(
        plan, rng=np.random.default_rng(9), runs=60_000, correlation=correlation
    ).finish
    exact = merge(TRACK, 4, correlation)
    assert exact.mean == pytest.approx(drawn.mean(), abs=0.03)
    for level in (10, 50, 80, 95):
        assert exact.p(level) == pytest.approx(np.percentile(drawn, level), abs=0.06)


def test_the_sentence_says_each_all_and_what_to_promise():
    said = sentence(merge(TRACK, 2), 6.5, "weeks")
    assert said.startswith("Of 2 parallel tracks, each is done by 6.5 weeks in 80% of cases")
    assert "all of them in 64%" in said
    assert "to be 80% sure, promise 7.4" in said
    assert "A single track" in sentence(merge(TRACK, 1), 6.5)
    assert "that correlate 0.5" in sentence(merge(TRACK, 2, 0.5), 6.5)


def test_the_widget_follows_its_sliders():
    explorer = finish(TRACK, tracks=2, unit="weeks")
    assert explorer.promised.value == 6.5
    before, first = explorer.sentence, explorer.canvas.image.value
    explorer.tracks.value = 5
    assert explorer.sentence == sentence(explorer.merge, 6.5, "weeks") != before
    assert explorer.canvas.image.value != first
    explorer.correlation.value = 1.0
    assert explorer.merge.chance(6.5)[1] == pytest.approx(0.8, abs=0.01)
    explorer.promised.value = 9.0
    assert "by 9.0 weeks" in explorer.sentence
    assert 'role="status"' in explorer._live.value


def test_each_and_all_differ_in_grey():
    shown = Image.open(io.BytesIO(finish(TRACK, tracks=5).picture().data)).convert("L")
    assert shown.size == (1840, 800)
    assert len(np.unique(np.asarray(shown))) > 50


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tracks": 0}, "tracks must be"),
        ({"tracks": 1.5}, "whole number"),
        ({"tracks": 2, "correlation": 1.2}, "correlation must be from 0 to 1"),
    ],
)
def test_what_cannot_be_merged_is_named(wrong, says):
    with pytest.raises(ValueError, match=says):
        merge(TRACK, **wrong)


def test_what_cannot_be_explored_is_named():
    with pytest.raises(ValueError, match="never varies"):
        finish(5.0)
    with pytest.raises(ValueError, match="promised must lie"):
        finish(TRACK, 40)
    with pytest.raises(ValueError, match="from 1 to 10"):
        finish(TRACK, tracks=11)

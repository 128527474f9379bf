"""The threshold explorer counts as scikit-learn does, and shows and says what it counts."""

import io
import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from tpmkit.explore.canvas import png
from tpmkit.explore.thresholds import cheapest, cost_curve, operating_point, thresholds


@st.composite
def scored(draw):
    """Labels of both classes with scores that tie often."""
    n = draw(st.integers(2, 40))
    y = draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda v: 0 < sum(v) < n))
    grid = st.integers(-6, 6).map(lambda k: k / 4)
    return np.array(y), np.array(draw(st.lists(grid, min_size=n, max_size=n)))


COSTS = st.integers(0, 1000).map(float)


@given(scored(), st.floats(-2, 2))
def test_counts_are_those_of_scikit_learn(data, threshold):
    y, scores = data
    point = operating_point(y, scores, threshold)
    (tn, fp), (fn, tp) = confusion_matrix(y, scores >= threshold, labels=[False, True])
    assert (point.tn, point.fp, point.fn, point.tp) == (tn, fp, fn, tp)


@given(scored())
def test_every_point_of_the_roc_curve_is_an_operating_point(data):
    y, scores = data
    for rate, recall, at in zip(*roc_curve(y, scores, drop_intermediate=False), strict=True):
        point = operating_point(y, scores, at)
        assert point.false_alarm_rate == pytest.approx(rate)
        assert point.recall == pytest.approx(recall)


@given(scored())
def test_every_point_of_the_precision_recall_curve_is_an_operating_point(data):
    y, scores = data
    precision, recall, at = precision_recall_curve(y, scores)
    for p, r, t in zip(precision, recall, at, strict=False):
        point = operating_point(y, scores, t)
        assert point.precision == pytest.approx(p)
        assert point.recall == pytest.approx(r)


@given(scored(), st.floats(-2, 2), st.floats(0, 2))
def test_a_higher_threshold_never_flags_more(data, threshold, step):
    low = operating_point(*data, threshold)
    high = operating_point(*data, threshold + step)
    assert high.tp <= low.tp and high.fp <= low.fp


@given(scored(), st.floats(-2, 2), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(data, threshold, random):
    y, scores = data
    order = list(range(len(y)))
    random.shuffle(order)
    assert operating_point(y[order], scores[order], threshold) == operating_point(
        y, scores, threshold
    )


@given(scored(), COSTS, COSTS)
def test_the_cost_curve_is_the_cost_of_flagging_nothing_and_of_each_score(data, miss, alarm):
    ats, costs = cost_curve(*data, miss, alarm)
    assert ats.tolist() == [math.inf, *sorted(set(data[1]), reverse=True)]
    for at, cost in zip(ats, costs, strict=True):
        assert operating_point(*data, at, miss, alarm).cost == pytest.approx(cost)


@given(scored(), COSTS, COSTS, st.floats(-2, 2))
def test_no_threshold_is_cheaper_than_the_cheapest(data, miss, alarm, threshold):
    best = cheapest(*data, miss, alarm)
    assert best.cost <= operating_point(*data, threshold, miss, alarm).cost


def test_of_equally_cheap_thresholds_the_one_that_flags_fewest_is_named():
    assert cheapest([0, 1], [0.2, 0.2], 1, 1).flagged == 0


def test_a_score_at_the_threshold_is_flagged():
    assert operating_point([1, 0], [0.5, 0.4], 0.5).tp == 1


def test_nothing_flagged_has_no_precision_but_a_recall():
    point = operating_point([1, 0], [0.5, 0.4], math.inf)
    assert math.isnan(point.precision) and point.recall == 0 and point.accuracy == 0.5


@pytest.mark.parametrize(
    ("y", "scores", "message"),
    [
        ([0, 1, 1], [0.1, 0.2], r"same length, but their shapes are \(3,\) and \(2,\)"),
        ([[0, 1]], [[0.1, 0.2]], r"two lists .* \(1, 2\)"),
        ([0, 2], [0.1, 0.2], "0 and 1 only, but 2 is in it"),
        (["None", "Minor"], [0.1, 0.2], "0 and 1 only, but 'Minor' is in it"),
        ([0, math.nan], [0.1, 0.2], "0 and 1 only, but nan is in it"),
        ([1, 1], [0.1, 0.2], "both 0 and 1, but its 2 values are all the same"),
        ([], [], "both 0 and 1, but its 0 values"),
        ([0, 1], ["0.1", "0.2"], "scores must be numbers"),
        ([0, 1], [0.1, math.nan], "finite, but number 1 is nan"),
        ([0, 1], [math.inf, 0.1], "finite, but number 0 is inf"),
    ],
)
def test_wrong_input_is_turned_away_at_the_door(y, scores, message):
    for enter in (lambda: operating_point(y, scores, 0.5), lambda: thresholds(y, scores)):
        with pytest.raises(ValueError, match=message):
            enter()


def test_wrong_costs_and_thresholds_are_turned_away():
    with pytest.raises(ValueError, match="cost_miss .* not -1"):
        operating_point([0, 1], [0.1, 0.2], 0.5, cost_miss=-1)
    with pytest.raises(ValueError, match="cost_alarm must be above 0"):
        thresholds([0, 1], [0.1, 0.2], cost_alarm=0)
    with pytest.raises(ValueError, match="threshold must be a number"):
        operating_point([0, 1], [0.1, 0.2], math.nan)
    with pytest.raises(ValueError, match="threshold must lie in 0 to 1, not at 7"):
        thresholds([0, 1], [0.1, 0.2], threshold=7)


@pytest.fixture(scope="module")
def reports():
    rng = np.random.default_rng(7)
    y = rng.random(400) < 0.15
    return y, np.clip(rng.normal(0.2 + 0.25 * y, 0.12), 0, 1)


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.canvas.image.value)))


def part(image, left, top, width, height):
    """A part of the picture, in CSS pixels."""
    return image[2 * top : 2 * (top + height), 2 * left : 2 * (left + width), :3].astype(int)


PARTS = {
    "scores": (52, 30, 510, 235),
    "matrix": (630, 52, 200, 210),
    "rates": (753, 285, 160, 25),
    "roc": (52, 350, 235, 195),
    "precision-recall": (368, 350, 235, 195),
    "cost": (684, 350, 235, 195),
}


def test_moving_the_slider_moves_the_matrix_and_every_curve(reports):
    explorer = thresholds(*reports, threshold=0.3)
    before, counts = pixels(explorer), explorer.point
    explorer.threshold.value = 0.5
    after = pixels(explorer)
    assert explorer.point == operating_point(*reports, 0.5, 20, 1) != counts
    for name, place in PARTS.items():
        assert (part(before, *place) != part(after, *place)).any(), name


def test_a_step_shows_exactly_what_a_full_drawing_shows(reports):
    stepped = thresholds(*reports, threshold=0.1)
    stepped.threshold.value = 0.42
    assert (pixels(stepped) == pixels(thresholds(*reports, threshold=0.42))).all()


def test_the_dearer_a_miss_the_lower_the_cheapest_threshold(reports):
    explorer = thresholds(*reports)
    cheapest_at = []
    for explorer.ratio.value in (1, 10, 100):
        cheapest_at.append(explorer.best.threshold)
        assert explorer.point.cost == (explorer.point.fn * explorer.ratio.value + explorer.point.fp)
    assert cheapest_at == sorted(cheapest_at, reverse=True) and cheapest_at[0] > cheapest_at[-1]


def test_the_costs_given_are_used_as_given(reports):
    explorer = thresholds(*reports, cost_miss=23_325, cost_alarm=400, cost_unit="$")
    assert explorer.cost_miss == 23_325
    explorer.ratio.value = 50
    assert explorer.cost_miss == 20_000


def test_the_sentence_says_what_the_picture_shows():
    y = [1, 1, 1, 0, 0, 0, 0, 0]
    scores = [0.9, 0.6, 0.2, 0.7, 0.3, 0.2, 0.1, 0.1]
    explorer = thresholds(y, scores, cost_miss=5000, cost_alarm=400, cost_unit="$")
    assert explorer.sentence == (
        "At threshold 0.50 inspectors open 3 of 8 reports and find 2 of 3 damaged aircraft "
        "(recall 67%, precision 67%); 1 missed and 1 false alarm cost $5,400, "
        "the cheapest threshold, 0.20, costs $1,200."
    )
    explorer.threshold.value = 1
    assert "find 0 of 3 damaged aircraft (recall 0%); 3 missed" in explorer.sentence


def test_the_words_are_the_callers():
    explorer = thresholds(
        [1, 0], [2.5, -1.0], 0, actor="doctors biopsy", cases="tumours", positives="cancers"
    )
    assert "doctors biopsy 1 of 2 tumours and find 1 of 1 cancers" in explorer.sentence


def test_every_sentence_reaches_a_live_region_and_is_escaped(reports):
    explorer = thresholds(*reports, cases="<reports>")
    explorer.threshold.value = 0.25
    (live,) = [w for w in explorer.children if 'role="status"' in str(getattr(w, "value", ""))]
    assert 'aria-live="polite"' in live.value
    assert "At threshold 0.25" in live.value and "&lt;reports&gt;" in live.value


def test_scores_that_are_no_probabilities_get_a_slider_that_reaches_all_of_them():
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 40, 300)
    explorer = thresholds(scores + rng.normal(0, 40, 300) > 20, scores, threshold=0)
    explorer.threshold.value = explorer.threshold.min
    assert explorer.point.flagged == 300
    explorer.threshold.value = explorer.threshold.max
    assert explorer.point.flagged == 0


def test_one_score_for_all_is_shown_not_a_crash():
    assert thresholds([0, 1], [3.0, 3.0], threshold=3.0).point.flagged == 2


def test_the_four_colours_differ_in_grey(reports):
    image = Image.open(io.BytesIO(thresholds(*reports).canvas.image.value)).convert("L")
    cells = [(640, 62), (740, 62), (640, 167), (740, 167)]
    greys = sorted(image.getpixel((2 * x, 2 * y)) for x, y in cells)
    assert min(np.diff(greys)) > 30


def test_the_picture_does_not_depend_on_the_notebooks_style(reports):
    plain = pixels(thresholds(*reports))
    with plt.style.context(["dark_background", {"font.size": 20}]):
        assert (pixels(thresholds(*reports)) == plain).all()


def test_a_picture_is_a_static_copy(reports):
    explorer = thresholds(*reports)
    picture = explorer.picture()
    kept = picture.data
    explorer.threshold.value = 0.1
    assert picture.data == kept != explorer.picture().data


@given(
    npst.arrays(
        np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(4)), unique=False
    )
)
def test_the_encoder_loses_nothing(image):
    assert (np.asarray(Image.open(io.BytesIO(png(image)))) == image).all()

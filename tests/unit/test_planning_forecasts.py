"""Forecasts from history, and scores of forecasts, agree with arithmetic by hand."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tpmkit.planning import (
    HistoryWarning,
    Pert,
    PlanError,
    brier_score,
    how_many,
    interval_coverage,
    pinball_loss,
    reference_class_uplift,
    when_done,
)

pytestmark = pytest.mark.filterwarnings("ignore::tpmkit.planning.HistoryWarning")


def seeded(seed=7):
    return np.random.default_rng(seed)


def test_how_many_is_the_binomial_for_a_history_of_ones_and_zeros():
    done = how_many([0, 0, 0, 1], 12, rng=seeded(), runs=100_000)
    for n in range(7):
        assert np.mean(done == n) == pytest.approx(stats.binom(12, 0.25).pmf(n), abs=0.005)


def test_when_is_the_negative_binomial_for_a_history_of_ones_and_zeros():
    periods = when_done([0, 0, 0, 1], 3, rng=seeded(), runs=100_000)
    for n in range(3, 20):
        expected = stats.nbinom(3, 0.25).pmf(n - 3)
        assert np.mean(periods == n) == pytest.approx(expected, abs=0.005)


def test_a_steady_history_leaves_no_doubt():
    assert set(how_many([4] * 20, 5, rng=seeded())) == {20}
    assert set(when_done([4] * 20, 9, rng=seeded())) == {3}
    assert set(when_done([4, 4], 0, rng=seeded())) == {0}
    assert set(how_many([4, 5], 0, rng=seeded())) == {0}


HISTORY = st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(any)


@given(HISTORY, st.integers(1, 40), st.integers(0, 99))
def test_more_items_take_no_fewer_periods_and_more_periods_do_no_fewer(history, items, seed):
    fewer, more = (when_done(history, n, rng=seeded(seed), runs=50) for n in (items, items + 3))
    assert (fewer <= more).all() and (fewer >= items / max(history)).all()
    short, long = (how_many(history, n, rng=seeded(seed), runs=50) for n in (items, items + 3))
    assert (short <= long).all() and (short <= items * max(history)).all()


@given(HISTORY, st.integers(1, 30), st.integers(0, 99))
def test_what_is_done_by_then_was_done_by_then(history, items, seed):
    periods = when_done(history, items, rng=seeded(seed), runs=1)
    done = how_many(history, int(periods[0]), rng=seeded(seed), runs=1)
    assert done[0] >= items


def heard(history):
    """What a forecast from this history warns of, and where it says it comes from."""
    said = []
    for forecast in (how_many, when_done):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            forecast(history, 3, rng=seeded(), runs=1)
        assert {warning.category for warning in caught} <= {HistoryWarning}
        assert {warning.filename for warning in caught} <= {__file__}
        said.append([str(warning.message) for warning in caught])
    assert said[0] == said[1]
    return said[0]


def test_a_forecast_from_few_periods_says_how_few():
    assert heard([4, 6, 5, 4, 6, 5, 5, 4]) == []
    (said,) = heard([4, 6, 5, 4, 6, 5, 5])
    assert said.startswith("The forecast rests on 7 periods, fewer than 8")


def test_a_forecast_from_a_pace_that_broke_says_where_it_went():
    (said,) = heard([310, 420, 380, 290, 450, 400, 360, 240, 210, 190, 230, 200])
    assert "throughput falls" in said and "z = -2.5" in said
    for rising in ([1, 2, 2, 3, 3, 4, 6, 7], [0, 0, 0, 0, 0, 1, 1, 1]):
        (said,) = heard(rising)
        assert "throughput rises" in said
    assert len(heard([9, 8, 7, 6, 5, 4])) == 2


@pytest.mark.parametrize(
    "history", [[7] * 9, [3, 0, 9, 1, 6, 0, 8, 2, 5], [5, 5, 5, 5, 5, 5, 5, 9]]
)
def test_a_steady_or_merely_noisy_history_passes_without_a_word(history):
    assert heard(history) == []


@given(st.lists(st.integers(0, 6), min_size=8, max_size=30).filter(any))
def test_the_drift_test_is_that_of_mann_and_kendall(history):
    drifts = bool(heard(history))
    p = stats.kendalltau(range(len(history)), history, method="asymptotic").pvalue
    # scipy does not correct for continuity, so it sees a drift a little sooner.
    assert p < 0.05 if drifts else not p < 0.005


def test_one_steady_history_of_twenty_or_fewer_cries_wolf():
    rng = seeded()
    alarms = [bool(heard(rng.poisson(9, 20))) for _ in range(400)]
    assert np.mean(alarms) < 0.07


def test_reference_class_uplift_by_hand():
    ratios = [2.5, 1.0, 0.9, 1.4, 1.2]
    assert reference_class_uplift(ratios, 60) == pytest.approx(0.2)
    assert reference_class_uplift(ratios, 80) == pytest.approx(0.4)
    assert reference_class_uplift(ratios, 20) == pytest.approx(-0.1)
    assert reference_class_uplift(ratios, 81) == pytest.approx(1.5)


def test_brier_score_by_hand():
    assert brier_score([1, 0, 0.5], [1, 0, 1]) == pytest.approx(0.25 / 3)
    assert brier_score(0.5, [1, 0, 1]) == 0.25
    assert brier_score([0.8, 0.3], [True, False]) == pytest.approx((0.04 + 0.09) / 2)


def test_coverage_by_hand():
    assert interval_coverage([1, 2, 3, 4], [5, 5, 5, 5], [1, 5, 2, 9]) == 0.5
    assert interval_coverage(1, 5, [0, 1, 2, 3]) == 0.75


def test_pinball_by_hand():
    assert pinball_loss([10], [15], 80) == pytest.approx(4)
    assert pinball_loss([10], [5], 80) == pytest.approx(1)
    assert pinball_loss([10, 10], [15, 5], 50) == pytest.approx(2.5)


@pytest.mark.parametrize("p", [10, 50, 80, 95])
def test_the_true_level_has_the_smallest_pinball_loss(p):
    actual = Pert(2, 4, 12).at_scores(seeded().standard_normal(50_000))
    told = [pinball_loss(Pert(2, 4, 12).ppf(q / 100), actual, p) for q in range(1, 100)]
    assert abs(np.argmin(told) + 1 - p) <= 1


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: how_many([], 3, rng=seeded()), "at least one number"),
        (lambda: how_many([1, np.nan], 3, rng=seeded()), "nothing missing"),
        (lambda: how_many([1, -2], 3, rng=seeded()), "got -2"),
        (lambda: how_many([1, 2], 2.5, rng=seeded()), "got 2.5"),
        (lambda: how_many([1, 2], 2, rng=seeded(), runs=0), "got 0"),
        (lambda: when_done([0, 0], 3, rng=seeded()), "at 0 a period"),
        (lambda: when_done([0, 1], 9000, rng=seeded()), "over 10,000 periods"),
        (lambda: when_done([1], -3, rng=seeded()), "got -3"),
        (lambda: reference_class_uplift([1.2, 0], 80), "got 0"),
        (lambda: reference_class_uplift([1.2], 0.8), "did you mean 80"),
        (lambda: brier_score([0.5, 1.2], [0, 1]), "from 0 to 1"),
        (lambda: brier_score([0.5], [2]), "0 (did not happen)"),
        (lambda: brier_score([0.5, 0.5], [1, 0, 1]), "2 probabilities for 3 outcomes"),
        (lambda: interval_coverage([5], [1], [3]), "upside down: 5 to 1"),
        (lambda: pinball_loss([1], [1], 101), "got 101"),
    ],
)
def test_impossible_questions_are_refused_with_the_value_seen(ask, said):
    with pytest.raises(PlanError) as error:
        ask()
    assert said in str(error.value)

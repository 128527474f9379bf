"""Ratings: kappa is scikit-learn's, consensus only where it is due, figures carry their n."""

from datetime import UTC, datetime, timedelta

import interviews
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from tpmkit.interview.calibrate import Calibration
from tpmkit.interview.errors import InterviewError
from tpmkit.interview.history import Practice
from tpmkit.interview.ratings import (
    Flag,
    Share,
    agreement,
    bias,
    calibration,
    combine,
    differing,
    estimates,
    kappa,
    share,
)
from tpmkit.interview.store import Store

LEVEL = st.integers(1, 4)
PAIRS = st.lists(st.tuples(LEVEL, LEVEL), min_size=1, max_size=60)
AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


def practice(n, score, codes=("S3",), peers=None, level="L2"):
    return Practice(
        f"solo-{n}", "I09-001", level, AT + timedelta(days=n), codes, {"date": score}, peers or {}
    )


# --- agreement -----------------------------------------------------------------------------------


@given(PAIRS)
def test_kappa_is_that_of_scikit_learn(pairs):
    first, second = map(list, zip(*pairs, strict=True))
    assume(len({*first, *second}) > 1)
    expected = cohen_kappa_score(first, second, labels=[1, 2, 3, 4], weights="quadratic")
    assert kappa(first, second) == pytest.approx(expected, abs=1e-12)


@given(PAIRS)
def test_kappa_does_not_depend_on_who_is_first_or_on_the_order(pairs):
    first, second = map(list, zip(*pairs, strict=True))
    assume(len({*first, *second}) > 1)
    assert kappa(first, second) == pytest.approx(kappa(second, first), abs=1e-12)
    assert kappa(first[::-1], second[::-1]) == pytest.approx(kappa(first, second), abs=1e-12)


def test_full_agreement_is_one_and_one_level_throughout_says_nothing():
    assert kappa([1, 2, 4, 3], [1, 2, 4, 3]) == 1
    assert np.isnan(kappa([3, 3, 3], [3, 3, 3]))
    assert "cannot be told" in agreement([3, 3], [3, 3], np.random.default_rng(0)).advice()


@given(PAIRS, st.integers(0, 99))
def test_the_interval_is_ordered_and_the_same_for_the_same_generator(pairs, seed):
    first, second = map(list, zip(*pairs, strict=True))
    assume(len({*first, *second}) > 1)
    one, two = (
        agreement(first, second, np.random.default_rng(seed), resamples=100) for _ in range(2)
    )
    assert one == two or np.isnan(one.low)
    assert np.isnan(one.low) or -1 <= one.low <= one.high <= 1
    assert one.n == len(pairs)


def test_more_answers_narrow_the_interval_and_ratings_of_one_answer_hang_together():
    rng = np.random.default_rng(3)
    truth = rng.integers(1, 5, 400)
    mine = np.clip(truth + rng.choice([-1, 0, 0, 1], 400), 1, 4)

    def width(n, groups=None):
        found = agreement(mine[:n], truth[:n], np.random.default_rng(1), groups)
        assert found.low < found.kappa < found.high
        return found.high - found.low

    assert width(40) > width(400)
    # Four copies of ten answers are ten answers, not forty.
    copies = np.tile(np.arange(10), 4)
    clustered = agreement(mine[copies], truth[copies], np.random.default_rng(1), copies)
    assert clustered.high - clustered.low == pytest.approx(width(10), rel=0.1)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(8)
    truth = rng.integers(1, 5, 200_000)
    mine = np.clip(truth + rng.choice([-1, 0, 0, 0, 1], truth.size), 1, 4)
    population = kappa(mine, truth)
    inside = []
    for _ in range(200):
        some = rng.integers(0, truth.size, 80)
        found = agreement(mine[some], truth[some], rng, resamples=300)
        inside.append(found.low <= population <= found.high)
    assert np.mean(inside) > 0.88


def test_advice_says_what_was_found_and_bars_nobody():
    rng = np.random.default_rng(0)
    truth = [1, 2, 3, 4] * 8
    assert "rate peers" in agreement(truth, truth, rng).advice()
    lenient = agreement([4, 4, 4, 4] * 7 + [3, 4, 4, 3], truth, rng)
    assert lenient.mean_difference > 1
    assert "levels above the reference" in lenient.advice()
    kind = agreement([2, 2, 4, 4] * 8, truth, rng).advice()
    assert "rate peers. You rate 0.5 levels above" in kind
    assert "too few ratings" in agreement(truth[:8], truth[:8], rng).advice()


@pytest.fixture
def bank(tmp_path):
    scored = [interviews.scored(n, level=(n - 1) % 4 + 1) for n in range(1, 13)]
    return interviews.bank_of(tmp_path / "bank", interviews.question(), calibration=scored)


def test_a_rater_is_held_against_the_reference_overall_and_by_criterion(bank):
    given = {
        id: {c: min(level + (c == "date"), 4) for c, level in answer.levels.items()}
        for id, answer in bank.scored.items()
    }
    found = calibration(given, bank, np.random.default_rng(0))
    assert list(found) == ["overall", "date", "driver", "stakeholder"]
    assert found["overall"].n == 36 and found["date"].n == 12
    assert found["driver"].kappa == 1 > found["date"].kappa
    assert found["date"].mean_difference == 0.75
    with pytest.raises(InterviewError, match="No pre-scored answer was rated yet"):
        calibration({}, bank, np.random.default_rng(0))


def test_calibration_shows_the_reference_after_the_rating_and_survives_leaving(bank, tmp_path):
    store = Store(tmp_path / "mine")
    session = Calibration.open(store, bank)
    answer = session.next()
    with pytest.raises(InterviewError, match="Rate these first.*Date in .*; Driver in .*; Stak"):
        session.show(answer.id)
    session.rate(answer.id, "date", 1)
    session = Calibration.open(store, bank)
    assert session.next() == answer and session.ratings(answer.id) == {"date": 1}
    session.rate(answer.id, "driver", 2)
    session.rate(answer.id, "stakeholder", 2)
    assert session.show(answer.id).levels == answer.levels
    with pytest.raises(InterviewError, match="You have seen the reference"):
        session.rate(answer.id, "date", answer.overall)
    assert session.next() != answer
    assert session.result(np.random.default_rng(0))["overall"].n == 3
    while following := session.next():
        for criterion in following.levels:
            session.rate(following.id, criterion, following.overall)
        session.show(following.id)
    assert len(session.shown) == 12
    with pytest.raises(InterviewError, match="There is no pre-scored answer 'C-999'"):
        session.show("C-999")


# --- several raters ------------------------------------------------------------------------------


def levels(**given):
    return {"date": 3, "driver": 3} | given


def test_only_criteria_that_differ_by_two_or_more_are_discussed():
    ratings = {"Ben": levels(date=1), "Eva": levels(), "Jo": levels(driver=2)}
    assert differing(ratings) == ["date"]
    assert differing({"Ben": levels()}) == []
    result = combine(ratings)
    assert result.disputed == ("date",) and result.score is None
    agreed = combine(ratings, consensus={"date": 2, "driver": 4})
    assert agreed.levels == {"date": 2, "driver": pytest.approx(8 / 3)}
    assert agreed.score == pytest.approx((2 + 8 / 3) / 2)


def test_a_red_flag_caps_a_criterion_at_two_when_two_raters_saw_it():
    ratings = {"Ben": levels(date=4), "Eva": levels(date=4)}
    one = {"Ben": [Flag(0, "date"), Flag(0, "date")], "Eva": [Flag(1, "date"), Flag(0, "driver")]}
    assert combine(ratings, one).capped == ()
    both = {"Ben": [Flag(0, "date")], "Eva": [Flag(0, "date")]}
    assert combine(ratings, both).levels == {"date": 2, "driver": 3}
    assert combine(ratings, both).score == 2.5
    low = {"Ben": levels(date=1), "Eva": levels(date=2)}
    assert combine(low, both).levels["date"] == 1.5


@given(
    st.integers(1, 5).flatmap(
        lambda criteria: st.lists(
            st.lists(LEVEL, min_size=criteria, max_size=criteria), min_size=1, max_size=4
        )
    ),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 4)), max_size=8),
    st.dictionaries(st.integers(0, 4), LEVEL),
)
def test_a_result_lies_within_what_was_rated_or_agreed(given, flagged, agreed):
    names = [f"c{n}" for n in range(len(given[0]))]
    ratings = {f"r{n}": dict(zip(names, row, strict=True)) for n, row in enumerate(given)}
    flags = {f"r{n}": [Flag(f, f"c{c}") for m, f, c in flagged if m == n] for n in range(4)}
    consensus = {f"c{n}": level for n, level in agreed.items()}
    result = combine(ratings, flags, consensus)
    for criterion, level in result.levels.items():
        rated = [row[criterion] for row in ratings.values()]
        assert (
            min(*rated, consensus.get(criterion, 4), 2)
            <= level
            <= max(*rated, consensus.get(criterion, 1))
        )
        assert criterion not in result.capped or level <= 2
        if criterion not in differing(ratings) and criterion not in result.capped:
            assert level == pytest.approx(np.mean(rated))
    assert (result.score is None) == bool(set(differing(ratings)) - set(consensus))
    reordered = combine(dict(reversed(ratings.items())), flags, consensus)
    assert reordered.levels == pytest.approx(result.levels)


# --- what ratings say of a person ----------------------------------------------------------------


def test_a_competency_is_shown_from_three_ratings_on_and_over_the_last_eight():
    assert estimates([practice(n, 2) for n in range(2)]) == {}
    assert estimates([practice(n, 2) for n in range(3)])["S3"].n == 3
    many = [practice(n, 1) for n in range(20)] + [practice(n, 4) for n in range(20, 28)]
    found = estimates(many)["S3"]
    assert (found.mean, found.n) == (pytest.approx(4), 8)


def test_a_rating_four_back_weighs_half():
    scores = [1, 1, 1, 1, 4]
    found = estimates([practice(n, score) for n, score in enumerate(scores)])["S3"]
    weights = [0.5 ** (back / 4) for back in (4, 3, 2, 1, 0)]
    assert found.mean == pytest.approx(np.average(scores, weights=weights))


@given(st.lists(st.floats(1, 4), min_size=3, max_size=12))
def test_an_interval_contains_its_mean_and_stays_on_the_scale(scores):
    found = estimates([practice(n, score) for n, score in enumerate(scores)])["S3"]
    assert 1 <= found.low <= found.mean + 1e-9 and found.mean - 1e-9 <= found.high <= 4
    assert found.n == min(len(scores), 8)
    assert found.low < found.high or scores[0] in (1, 4)


def test_more_ratings_say_more_and_equal_ratings_are_not_certainty():
    few, many = (estimates([practice(n, 3) for n in range(k)])["S3"] for k in (3, 8))
    assert 0 < many.high - many.low < few.high - few.low


def test_a_question_counts_for_each_of_its_competencies_and_peers_go_before_oneself():
    rows = [practice(n, 4, ("S3", "I1"), {"date": 2, "driver": 3}) for n in range(3)]
    found = estimates(rows)
    assert found["S3"].mean == found["I1"].mean == 2.5
    assert found["S3"].peers == 3


def test_bias_is_oneself_minus_peers_where_both_rated():
    rows = [practice(n, 3) for n in range(9)]
    assert bias(rows) is None
    rows += [practice(n, 4, peers={"date": 2.0}) for n in range(3)]
    found = bias(rows)
    assert (found.mean, found.n) == (2, 3) and found.low < 2 < found.high


def test_a_share_carries_the_wilson_interval():
    rows = [practice(n, score) for n, score in enumerate([3, 4, 2.9, 1])]
    found = share(rows, "L2")
    assert (found.count, found.n) == (2, 4)
    # Agresti and Coull's worked form of Wilson's interval, z = 1.959964.
    z = 1.959964
    middle, reach = (
        (0.5 + z * z / 8) / (1 + z * z / 4),
        z * (0.25 / 4 + z * z / 64) ** 0.5 / (1 + z * z / 4),
    )
    assert (found.low, found.high) == pytest.approx((middle - reach, middle + reach), abs=1e-6)
    assert share(rows, "L4") is None
    assert Share(0, 5).low == 0 and Share(5, 5).high == 1

"""Estimates hold what their closed forms say, and refuse what cannot be an estimate."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from tpmkit.errors import TpmkitError
from tpmkit.planning import (
    Empirical,
    Fixed,
    Lognormal,
    Pert,
    PlanError,
    Quantiles,
    Triangular,
    as_estimate,
)

EXAMPLES = [
    Fixed(5),
    Triangular(2, 4, 12),
    Triangular(3, 3, 9),
    Pert(2, 4, 12),
    Pert(1, 1, 8),
    Pert(1, 8, 8),
    Pert(0, 1, 50, weight=10),
    Lognormal(5, 30),
    Quantiles(5, 8, 40),
    Quantiles(5, 30, 40),
    Empirical((3, 4, 4, 9)),
]


def test_the_golden_pert():
    estimate = Pert(2, 4, 12)
    assert estimate.mean == 5
    assert math.isclose(estimate.sd, math.sqrt(3))
    assert round(float(estimate.ppf(0.8)), 3) == 6.503
    assert estimate.point == 4


def test_pert_is_the_beta_distribution_of_the_textbook():
    beta = stats.beta(1.8, 4.2, loc=2, scale=10)
    levels = np.linspace(0.01, 0.99, 33)
    assert np.allclose(Pert(2, 4, 12).ppf(levels), beta.ppf(levels))
    assert math.isclose(Pert(2, 4, 12).sd, beta.std())


def test_lognormal_and_quantiles_pass_through_what_was_said():
    assert np.allclose(Lognormal(5, 30).ppf([0.1, 0.9]), [5, 30])
    assert np.allclose(Lognormal.from_interval(5, 30).ppf([0.05, 0.95]), [5, 30])
    assert np.allclose(Lognormal.from_interval(5, 30, coverage=50).ppf([0.25, 0.75]), [5, 30])
    assert np.allclose(Quantiles(5, 8, 40).ppf([0.05, 0.5, 0.95]), [5, 8, 40])
    reference = stats.lognorm(s=Lognormal(5, 30).sigma, scale=math.exp(Lognormal(5, 30).mu))
    assert math.isclose(Lognormal(5, 30).mean, reference.mean())
    assert math.isclose(Lognormal(5, 30).sd, reference.std())


def test_empirical_draws_only_what_was_seen():
    estimate = Empirical([9, 3, 4, 4])
    assert estimate.values == (3, 4, 4, 9)
    assert estimate.ppf([0.25, 0.26, 0.75, 0.76, 1]).tolist() == [3, 4, 4, 9, 9]
    drawn = estimate.at_scores(np.random.default_rng(1).standard_normal(40_000))
    shares = {value: float(np.mean(drawn == value)) for value in (3, 4, 9)}
    assert shares == pytest.approx({3: 0.25, 4: 0.5, 9: 0.25}, abs=0.01)
    assert set(np.unique(drawn)) == {3, 4, 9}


@pytest.mark.parametrize("estimate", EXAMPLES, ids=repr)
def test_mean_and_sd_are_the_moments_of_the_quantile_function(estimate):
    def moment(power):
        return integrate.quad(
            lambda p: (estimate.ppf(p) - estimate.mean) ** power, 0, 1, limit=400
        )[0]

    assert moment(1) == pytest.approx(0, abs=1e-3)
    assert math.sqrt(moment(2)) == pytest.approx(estimate.sd, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("estimate", EXAMPLES, ids=repr)
def test_scores_give_the_quantiles_they_stand_for(estimate):
    scores = np.random.default_rng(2).standard_normal(50_000)
    spread = float(estimate.ppf(0.999) - estimate.ppf(0.001)) or 1.0
    error = estimate.at_scores(scores.copy()) - estimate.ppf(special.ndtr(scores))
    assert np.abs(error).max() < 1e-6 * spread


@given(st.tuples(*[st.floats(0, 1e4)] * 3).map(sorted), st.sampled_from([Pert, Triangular]))
def test_three_points_bound_mean_and_quantiles_and_quantiles_rise(points, kind):
    low, mode, high = points
    estimate = kind(low, mode, high)
    slack = 1e-9 * max(1.0, high)
    assert low - slack <= estimate.mean <= high + slack
    assert 0 <= estimate.sd <= (high - low) / 2 + slack
    days = estimate.at_scores(np.linspace(-9, 9, 101))
    assert (np.diff(days) >= -slack).all()
    assert low - slack <= days.min() and days.max() <= high + slack


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Pert(5, 4, 12), "5 is above 4"),
        (lambda: Triangular(1, 9, 8), "9 is above 8"),
        (lambda: Lognormal(30, 5), "30 is above 5"),
        (lambda: Pert(-1, 4, 12), "-1 is negative"),
        (lambda: Fixed(math.nan), "nan is not a number"),
        (lambda: Lognormal(0, 5), "must be above 0"),
        (lambda: Quantiles(0, 5, 9), "leave all empty"),
        (lambda: Lognormal.from_interval(5, 9, coverage=0), "coverage in percent"),
        (lambda: Pert(1, 2, 3, weight=0), "weight"),
        (lambda: Empirical([]), "at least one"),
        (lambda: as_estimate((1, 2, 3, 4)), "got (1, 2, 3, 4)"),
        (lambda: as_estimate("five"), "got 'five'"),
    ],
)
def test_impossible_estimates_are_refused_with_the_value_seen(make, said):
    with pytest.raises(PlanError) as error:
        make()
    assert said in str(error.value)
    assert isinstance(error.value, TpmkitError) and isinstance(error.value, ValueError)


def test_numbers_typed_in_a_cell_become_estimates():
    assert as_estimate(5) == Fixed(5)
    assert as_estimate((5, 30)) == Lognormal(5, 30)
    assert as_estimate([2, 4, 12]) == Pert(2, 4, 12)
    assert as_estimate(Triangular(1, 2, 3)) == Triangular(1, 2, 3)

"""The simulation agrees with closed forms where there are any, and with itself."""

import datetime
import math
import pickle

import numpy as np
import pandas as pd
import pytest

from tpmkit.planning import (
    Activity,
    Calendar,
    Empirical,
    Lognormal,
    Pert,
    Plan,
    PlanError,
    RiskEvent,
    Triangular,
    critical_path,
    simulate,
    tornado,
)

GOLDEN = (2, 4, 12)


def seeded(seed=7):
    return np.random.default_rng(seed)


def parallel(n):
    return Plan([Activity(f"a{k}", GOLDEN) for k in range(n)])


DIAMOND = Plan(
    [
        Activity("scope", Pert(3, 5, 10), cost_per_day=900),
        Activity("data", Lognormal(8, 30), "scope", cost_per_day=1600, fixed_cost=5000),
        Activity("ui", Triangular(10, 15, 30), "scope", cost_per_day=1100),
        Activity("model", Empirical((9, 12, 15, 40)), "data; ui SS+4", cost_per_day=2400),
        Activity("review", 5, "model FF+2; ui"),
        Activity("launch", Pert(2, 3, 6), "review +1", not_before=30),
    ],
    overhead_per_day=700,
)
RISKS = [
    RiskEvent("quota", 0.3, days=(5, 25), cost=(1e4, 6e4), activities="model"),
    RiskEvent("legal", 0.2, days=12, activities="data; review"),
    RiskEvent("freeze", 0.1, days=10),
]


@pytest.mark.parametrize(("activities", "mean"), [(1, 5.0), (2, 5.98), (5, 7.17)])
def test_the_golden_merge_bias(activities, mean):
    simulation = simulate(parallel(activities), rng=seeded(), runs=200_000)
    assert simulation.finish.mean() == pytest.approx(mean, abs=0.02)
    assert simulation.merge_bias == pytest.approx(mean - 5, abs=0.02)


def test_parallel_work_follows_the_power_of_its_distribution():
    simulation = simulate(parallel(5), rng=seeded(), runs=200_000)
    for p in (20, 50, 80, 95):
        days = float(Pert(*GOLDEN).ppf((p / 100) ** 0.2))
        assert simulation.p_on_time(days) == pytest.approx(p / 100, abs=0.004)


def test_work_in_series_adds_means_and_variances():
    estimates = [Pert(2, 4, 12), Triangular(1, 5, 6), Lognormal(3, 9), Empirical((1, 2, 9))]
    plan = Plan(
        [
            Activity(f"a{k}", estimate, f"a{k - 1}" if k else "")
            for k, estimate in enumerate(estimates)
        ]
    )
    simulation = simulate(plan, rng=seeded(), runs=200_000)
    assert simulation.finish.mean() == pytest.approx(sum(e.mean for e in estimates), rel=0.003)
    variance = sum(e.sd**2 for e in estimates)
    assert simulation.finish.var() == pytest.approx(variance, rel=0.02)
    assert simulation.criticality.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("rho", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("how", ["factor", "table"])
def test_correlation_is_what_was_asked_and_leaves_each_activity_as_it_was(rho, how):
    first, second = Lognormal(5, 20), Lognormal(2, 30)
    plan = Plan([Activity("a", first), Activity("b", second, "a")])
    table = pd.DataFrame([[1, rho], [rho, 1]], index=["b", "a"], columns=["b", "a"])
    correlation = rho if how == "factor" else table
    simulation = simulate(plan, rng=seeded(), runs=200_000, detail=200_000, correlation=correlation)
    days = (simulation.finishes - simulation.starts).to_numpy()
    assert np.corrcoef(np.log(days.T))[0, 1] == pytest.approx(rho, abs=0.007)
    for column, estimate in enumerate((first, second)):
        levels = np.quantile(days[:, column], [0.1, 0.5, 0.9])
        assert np.allclose(levels, estimate.ppf([0.1, 0.5, 0.9]), rtol=0.02)
    covariance = first.mean * second.mean * math.expm1(rho * first.sigma * second.sigma)
    variance = first.sd**2 + second.sd**2 + 2 * covariance
    assert simulation.finish.std() == pytest.approx(math.sqrt(variance), rel=0.03)


def test_a_table_may_correlate_some_activities_and_leave_others_alone():
    plan = Plan([Activity(id, Lognormal(5, 20)) for id in "abcd"])
    values = [[1, 0.7, 0], [0.7, 1, -0.5], [0, -0.5, 1]]
    table = pd.DataFrame(values, index=list("dab"), columns=list("dab"))
    simulation = simulate(plan, rng=seeded(), runs=50_000, detail=50_000, correlation=table)
    found = np.log(simulation.finishes).corr()
    assert found.loc["a", "d"] == pytest.approx(0.7, abs=0.01)
    assert found.loc["a", "b"] == pytest.approx(-0.5, abs=0.01)
    assert found.loc["b", "d"] == pytest.approx(0, abs=0.015)
    assert found["c"].drop("c").abs().max() < 0.015


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pd.DataFrame([[1, 0.5], [0.4, 1]], index=list("ab"), columns=list("ab")), "symmetric"),
        (pd.DataFrame([[1.0]], index=["zz"], columns=["zz"]), "names zz"),
        (pd.DataFrame([[1, 0], [0, 1]], index=list("ab"), columns=list("ba")), "same ids"),
        (
            pd.DataFrame(
                [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]],
                index=list("abc"),
                columns=list("abc"),
            ),
            "cannot all hold",
        ),
        (
            pd.DataFrame(
                [[1, 1, 0], [1, 1, 0.5], [0, 0.5, 1]], index=list("abc"), columns=list("abc")
            ),
            "cannot all hold",
        ),
        (-0.2, "from 0 to 1"),
        (1.2, "from 0 to 1"),
    ],
)
def test_impossible_correlations_are_refused(table, said):
    plan = Plan([Activity(id, GOLDEN) for id in "abc"])
    with pytest.raises(PlanError, match=said):
        simulate(plan, rng=seeded(), correlation=table)


def test_a_risk_fires_as_often_as_its_probability_and_costs_days_and_money():
    plan = Plan([Activity("a", 10, cost_per_day=100), Activity("b", 5, "a")], overhead_per_day=10)
    risk = RiskEvent("r", 0.3, days=4, cost=1000, activities="a")
    simulation = simulate(plan, rng=seeded(), runs=100_000, risks=[risk])
    assert set(np.unique(simulation.finish)) == {15, 19}
    assert set(np.unique(simulation.cost)) == {1150, 2590}
    struck = simulation.finish == 19
    assert struck.mean() == pytest.approx(0.3, abs=0.005)
    assert ((simulation.cost == 2590) == struck).all()
    assert simulation.merge_bias == pytest.approx(0, abs=0.02)


def test_a_risk_off_the_critical_path_costs_no_day_and_one_without_activities_always_does():
    plan = Plan([Activity("long", 20), Activity("short", 5)])
    beside = RiskEvent("beside", 1, days=10, activities="short")
    assert set(simulate(plan, rng=seeded(), risks=[beside]).finish) == {20}
    whole = RiskEvent("whole", 1, days=10)
    assert set(simulate(plan, rng=seeded(), risks=[beside, whole]).finish) == {30}


def test_an_opportunity_gains_but_no_work_gets_shorter_than_nothing():
    plan = Plan([Activity("a", 10), Activity("b", 3, "a")])
    gift = RiskEvent("gift", 1, days=4, cost=100, activities="a; b", opportunity=True)
    simulation = simulate(plan, rng=seeded(), runs=10, risks=[gift])
    assert set(simulation.finish) == {6} and set(simulation.cost) == {-100}


def test_a_bad_hit_is_bad_in_days_and_in_money():
    plan = Plan([Activity("a", 10)])
    risk = RiskEvent("r", 1, days=Lognormal(2, 20), cost=Lognormal(1e4, 9e4), activities="a")
    simulation = simulate(plan, rng=seeded(), risks=[risk])
    assert (np.argsort(simulation.finish) == np.argsort(simulation.cost)).all()


def test_plans_from_the_same_seed_are_compared_under_common_random_numbers():
    longer = Plan([*DIAMOND.activities, Activity("extra", GOLDEN, "launch")])
    longer = longer.replace("ui", duration=Triangular(11, 16, 31))
    one = simulate(DIAMOND, rng=seeded(), risks=RISKS, runs=2000)
    two = simulate(longer, rng=seeded(), risks=RISKS[:2], runs=2000)
    days_one, days_two = one.finishes - one.starts, two.finishes - two.starts
    for id in ("scope", "data", "model", "launch"):
        assert np.allclose(days_one[id], days_two[id])
    assert np.allclose(days_one["ui"] + 1, days_two["ui"])
    assert (two.finish - one.finish).std() < simulate(DIAMOND, rng=seeded(8)).finish.std() / 2


def test_every_run_is_a_critical_path_calculation():
    simulation = simulate(DIAMOND, rng=seeded(), runs=300, risks=RISKS[:2])
    critical = dict.fromkeys(DIAMOND.ids, 0)
    for run in range(300):
        days = (simulation.finishes.loc[run] - simulation.starts.loc[run]).clip(lower=0)
        path = critical_path(DIAMOND, days)
        assert np.allclose(path.table["earliest_start"], simulation.starts.loc[run])
        assert path.finish == pytest.approx(simulation.finish[run])
        for id in path.critical:
            critical[id] += 1
    assert simulation.criticality.to_dict() == {id: n / 300 for id, n in critical.items()}


def test_cost_is_what_the_days_of_each_run_cost():
    simulation = simulate(DIAMOND, rng=seeded(), runs=500)
    days = simulation.finishes - simulation.starts
    rates = pd.Series({a.id: a.cost_per_day for a in DIAMOND.activities})
    assert np.allclose(simulation.cost, days @ rates + 5000 + 700 * simulation.finish)


@pytest.mark.parametrize("chunk", [1, 7, 100, 999, 1000, 5000])
def test_the_size_of_the_chunks_changes_nothing(chunk):
    table = pd.DataFrame([[1, 0.6], [0.6, 1]], index=["data", "ui"], columns=["data", "ui"])
    one, other = (
        simulate(DIAMOND, rng=seeded(), runs=1000, risks=RISKS, correlation=table, chunk=size)
        for size in (333, chunk)
    )
    assert (one.finish == other.finish).all() and (one.cost == other.cost).all()
    assert one.criticality.equals(other.criticality)
    assert one.starts.equals(other.starts) and one.finishes.equals(other.finishes)


def test_sorting_the_table_changes_not_even_the_last_digit():
    activities = [
        Activity(f"a{k}", (1, 2 + k / 7, 30), "a0" if k > 9 else "", cost_per_day=1 / (k + 3))
        for k in range(20)
    ]
    ids = ["a5", "a2", "a17"]
    table = pd.DataFrame(np.full((3, 3), 0.3) + 0.7 * np.eye(3), index=ids, columns=ids)
    one, other = (
        simulate(Plan(order), rng=seeded(), runs=200, correlation=table)
        for order in (activities, activities[::-1])
    )
    assert (one.finish == other.finish).all() and (one.cost == other.cost).all()


def test_more_runs_begin_with_the_same_runs():
    few = simulate(DIAMOND, rng=seeded(), runs=500, risks=RISKS, correlation=0.3)
    many = simulate(DIAMOND, rng=seeded(), runs=20_000, risks=RISKS, correlation=0.3)
    assert (few.finish == many.finish[:500]).all()
    assert few.starts.equals(many.starts.iloc[:500]) and len(many.starts) == 10_000


def test_a_simulation_can_be_sent_to_another_process_and_back():
    simulation = simulate(DIAMOND, rng=seeded(), runs=100, calendar=Calendar("2026-03-02"))
    again = pickle.loads(pickle.dumps(simulation))
    assert again.plan == DIAMOND and again.date(80) == simulation.date(80)
    assert simulate(again.plan, rng=seeded(), runs=100).p80 == simulation.p80


def test_questions_about_dates_and_money_agree_with_counting():
    calendar = Calendar("2026-03-02", holidays=["2026-04-03"])
    simulation = simulate(DIAMOND, rng=seeded(), risks=RISKS, calendar=calendar)
    when, budget = simulation.date(80), simulation.p(70, "cost")
    days = calendar.days_until(when)
    assert simulation.p_on_time(when) == np.mean(simulation.finish <= days)
    assert simulation.p_on_time(str(when)) == simulation.p_on_time(days) >= 0.8
    assert simulation.p_in_budget(budget) == pytest.approx(0.7, abs=1e-3)
    both = simulation.joint_confidence(when, budget)
    assert both == np.mean((simulation.finish <= days) & (simulation.cost <= budget))
    assert both <= min(simulation.p_on_time(when), simulation.p_in_budget(budget))
    table = simulation.percentiles([50, 80])
    assert table["finish"].tolist() == [simulation.p50, simulation.p80]
    assert table.loc["P80", "date"].date() == when
    assert "P80" in repr(simulation)


def test_questions_that_cannot_be_answered_are_refused():
    simulation = simulate(DIAMOND, rng=seeded(), runs=100)
    with pytest.raises(PlanError, match="did you mean 80"):
        simulation.p(0.8)
    with pytest.raises(PlanError, match="need a calendar"):
        simulation.date(80)
    with pytest.raises(PlanError, match="need a calendar"):
        simulation.p_on_time("2026-06-30")
    with pytest.raises(PlanError, match="'finish' or 'cost'"):
        simulation.p(80, "quality")
    with pytest.raises(PlanError, match="got 0"):
        simulate(DIAMOND, rng=seeded(), runs=0)
    with pytest.raises(TypeError, match="numpy Generator"):
        simulate(DIAMOND, rng=7)
    with pytest.raises(PlanError, match="'r' delays 'zz'"):
        simulate(DIAMOND, rng=seeded(), risks=[RiskEvent("r", 0.5, days=3, activities="zz")])
    with pytest.raises(PlanError, match="'r' is given twice"):
        simulate(DIAMOND, rng=seeded(), risks=[RiskEvent("r", 0.5, days=3)] * 2)
    with pytest.raises(PlanError, match="from 0 to 1"):
        RiskEvent("r", 30, days=3)


def test_the_activity_table_says_where_waiting_for_several_adds_days():
    plan = Plan([Activity("a", GOLDEN), Activity("b", GOLDEN), Activity("join", 1, "a; b")])
    table = simulate(plan, rng=seeded(), runs=50_000, detail=50_000).activities()
    assert table["merge_bias"].tolist() == pytest.approx([0, 0, 0.98], abs=0.03)
    assert table.loc["a", "finish_p90"] == pytest.approx(float(Pert(*GOLDEN).ppf(0.9)), rel=0.01)
    assert table["criticality"].tolist() == pytest.approx([0.5, 0.5, 1], abs=0.01)


def test_a_tornado_in_series_swings_by_the_p10_to_p90_range_and_the_impact_of_a_risk():
    plan = Plan([Activity("a", (1, 2, 30)), Activity("b", GOLDEN, "a"), Activity("c", 3, "b")])
    risks = [RiskEvent("r", 0.3, days=50, activities="b"), RiskEvent("m", 0.5, cost=10)]
    table = tornado(plan, rng=seeded(), runs=2000, risks=risks)
    assert table.index.tolist() == ["r", "a", "b", "m"]
    assert table.loc["r", "swing"] == pytest.approx(50)
    assert table.loc["a", "swing"] == pytest.approx(np.diff(Pert(1, 2, 30).ppf([0.1, 0.9]))[0])
    assert table.loc["m", "swing"] == 0
    simulation = simulate(plan, rng=seeded(), runs=2000, risks=risks)
    assert table.attrs["base"] == simulation.p80
    costs = tornado(plan, rng=seeded(), runs=2000, risks=risks, of="cost")
    assert costs.index[0] == "m" and costs.loc["m", "swing"] == 10


def test_a_date_is_the_day_on_whose_evening_the_work_is_done():
    calendar = Calendar("2026-03-07", holidays=["2026-03-13"])
    assert calendar.start == datetime.date(2026, 3, 9)
    assert calendar.date_of(0) == calendar.date_of(0.2) == calendar.date_of(1) == calendar.start
    assert calendar.date_of(4) == datetime.date(2026, 3, 12)
    assert calendar.date_of(4.1) == datetime.date(2026, 3, 16)
    assert calendar.date_of(4 + 1e-9) == datetime.date(2026, 3, 12)
    assert [calendar.days_until(calendar.date_of(d)) for d in range(1, 40)] == list(range(1, 40))
    assert calendar.days_until("2026-03-15") == 4
    assert Calendar("2026-03-08", weekmask="1111011").start == datetime.date(2026, 3, 8)
    with pytest.raises(PlanError, match="'30.06.2026' is not a date"):
        Calendar("30.06.2026")
    with pytest.raises(PlanError, match="'weekdays'"):
        Calendar("2026-03-07", weekmask="weekdays")

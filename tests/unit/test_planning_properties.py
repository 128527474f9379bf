"""What holds for every plan, tried on plans nobody thought of; networkx is the oracle."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tpmkit.planning import (
    Activity,
    Dependency,
    Fixed,
    Lognormal,
    Pert,
    Plan,
    RiskEvent,
    Triangular,
    critical_path,
    level,
    loss_exceedance,
    optimal_schedule,
    plan_table,
    read_plan,
    simulate,
    simulate_losses,
)

settings.register_profile("planning", max_examples=25, deadline=None)
settings.load_profile("planning")

ESTIMATES = st.one_of(
    st.integers(0, 9).map(lambda days: Fixed(float(days))),
    st.tuples(*[st.integers(0, 20)] * 3).map(lambda days: Pert(*map(float, sorted(days)))),
    st.tuples(*[st.integers(0, 20)] * 3).map(lambda days: Triangular(*map(float, sorted(days)))),
    st.tuples(*[st.integers(1, 20)] * 2).map(lambda days: Lognormal(*map(float, sorted(days)))),
)
RESOURCES = st.dictionaries(st.sampled_from(["gpu", "people"]), st.integers(1, 3), max_size=2)


@st.composite
def plans(draw, kinds=("FS", "SS", "FF", "SF"), lags=(-3, 3), durations=ESTIMATES, most=8):
    size = draw(st.integers(1, most))
    ids = draw(st.permutations([f"a{n}" for n in range(size)]))
    activities = []
    for n, id in enumerate(ids):
        before = draw(st.lists(st.sampled_from(ids[:n]), max_size=3, unique=True)) if n else []
        waits = [
            Dependency(other, draw(st.sampled_from(kinds)), draw(st.integers(*lags)))
            for other in before
        ]
        activities.append(
            Activity(
                id,
                draw(durations),
                waits,
                resources=draw(RESOURCES),
                cost_per_day=draw(st.integers(0, 3)),
                not_before=draw(st.sampled_from([0, 0, 0, 4])),
            )
        )
    return Plan(activities, overhead_per_day=draw(st.integers(0, 2)))


RISKS = st.lists(st.tuples(st.floats(0, 1), st.integers(1, 10), st.integers(0, 9)), max_size=3).map(
    lambda rows: [
        RiskEvent(f"r{n}", chance, days=(1, days + 1), cost=days * 10.0, activities=f"a{target}")
        for n, (chance, days, target) in enumerate(rows)
    ]
)
LOGIC = {"kinds": ("FS", "SS"), "lags": (0, 3)}
WHOLE = st.integers(0, 9).map(float).map(Fixed)


def fitting(risks, plan):
    return [risk for risk in risks if set(risk.activities) <= set(plan.ids)]


def events(plan, days):
    """The plan as networkx sees it: a start and a finish for each activity, a source and a sink."""
    graph = nx.DiGraph()

    def edge(one, other, weight):
        weight = max(weight, -graph[one][other]["weight"]) if graph.has_edge(one, other) else weight
        graph.add_edge(one, other, weight=-weight)

    for a in plan.activities:
        edge("source", ("S", a.id), a.not_before)
        edge(("S", a.id), ("F", a.id), days[a.id])
        edge(("F", a.id), "sink", 0)
        for d in a.predecessors:
            shift = days[a.id] if d.kind[1] == "F" else 0
            edge((d.kind[0], d.predecessor), ("S", a.id), d.lag - shift)
    return graph


@given(plans())
def test_dates_and_floats_are_longest_paths(plan):
    days = plan.durations()
    found = critical_path(plan)
    graph = events(plan, days)
    ahead = nx.single_source_bellman_ford_path_length(graph, "source")
    behind = nx.single_source_bellman_ford_path_length(graph.reverse(), "sink")
    assert np.isclose(found.finish, -ahead["sink"])
    for id, row in found.table.iterrows():
        assert np.isclose(row["earliest_start"], -ahead["S", id])
        assert np.isclose(row["latest_start"], found.finish + behind["S", id])
        assert row["critical"] == np.isclose(ahead["S", id] + behind["S", id], -found.finish)
        assert -1e-9 <= row["free_float"] <= row["total_float"] + 1e-9


@given(plans(kinds=("FS",), lags=(0, 0), durations=st.integers(1, 3).map(float).map(Fixed)))
def test_critical_paths_are_all_longest_paths(plan):
    plan = Plan([Activity(a.id, a.duration, a.predecessors) for a in plan.activities])
    days = plan.durations()
    graph = nx.DiGraph([(d.predecessor, a.id) for a in plan.activities for d in a.predecessors])
    graph.add_nodes_from(plan.ids)
    sources = [id for id in graph if not graph.in_degree(id)]
    sinks = [id for id in graph if not graph.out_degree(id)]
    paths = {(id,) for id in set(sources) & set(sinks)}
    for source, sink in itertools.product(sources, sinks):
        paths |= {tuple(path) for path in nx.all_simple_paths(graph, source, sink)}
    longest = max(sum(days[id] for id in path) for path in paths)
    expected = sorted(path for path in paths if sum(days[id] for id in path) == longest)
    assert critical_path(plan).finish == longest
    assert critical_path(plan).paths() == expected


@given(plans(), RISKS, st.integers(0, 99))
def test_no_run_finishes_before_its_longest_path(plan, risks, seed):
    simulation = simulate(
        plan, rng=np.random.default_rng(seed), runs=20, risks=fitting(risks, plan)
    )
    for run in range(20):
        days = (simulation.finishes.loc[run] - simulation.starts.loc[run]).clip(lower=0)
        graph = events(plan, days)
        longest = -nx.single_source_bellman_ford_path_length(graph, "source")["sink"]
        assert np.isclose(simulation.finish[run], longest)


@given(plans(), RISKS, st.floats(0, 1), st.integers(0, 99), st.data())
def test_sorting_seed_and_chunks_change_nothing(plan, risks, correlation, seed, data):
    risks = fitting(risks, plan)
    shuffled = Plan(data.draw(st.permutations(plan.activities)), plan.overhead_per_day)
    chunk = data.draw(st.integers(1, 60))
    one = simulate(
        plan, rng=np.random.default_rng(seed), runs=50, risks=risks, correlation=correlation
    )
    other = simulate(
        shuffled,
        rng=np.random.default_rng(seed),
        runs=50,
        risks=risks[::-1],
        correlation=correlation,
        chunk=chunk,
    )
    assert (one.finish == other.finish).all() and (one.cost == other.cost).all()
    assert one.criticality.equals(other.criticality[list(plan.ids)])


@given(plans(), RISKS, st.integers(0, 99))
def test_levels_rise_and_chances_agree_with_them(plan, risks, seed):
    simulation = simulate(
        plan, rng=np.random.default_rng(seed), runs=99, risks=fitting(risks, plan)
    )
    for of in ("finish", "cost"):
        levels = [simulation.p(p, of) for p in range(1, 100)]
        assert (np.diff(levels) >= 0).all()
    assert simulation.criticality.min() >= 0 and simulation.criticality.max() <= 1
    for p in (10, 50, 90):
        assert simulation.p_on_time(simulation.p(p)) >= p / 100


@given(plans(**LOGIC), RISKS, st.integers(0, 99), st.floats(1, 3))
def test_more_risk_is_never_earlier_and_never_cheaper_in_any_run(plan, risks, seed, worse):
    risks = fitting(risks, plan)

    def outcome(risks):
        return simulate(
            plan, rng=np.random.default_rng(seed), runs=60, risks=risks, correlation=0.4
        )

    without, some = outcome([]), outcome(risks)
    likelier = [
        RiskEvent(r.id, min(1, r.probability * worse), r.days, r.cost, r.activities) for r in risks
    ]
    heavier = [
        RiskEvent(r.id, r.probability, r.days, r.cost, r.activities, remaining=worse) for r in risks
    ]
    for less, more in ((without, some), (some, outcome(likelier)), (some, outcome(heavier))):
        assert (less.finish <= more.finish + 1e-9).all()
        assert (less.cost <= more.cost + 1e-6).all()
        assert less.p80 <= more.p80 + 1e-9


@given(plans(**LOGIC), st.integers(1, 9))
def test_longer_work_is_never_earlier_and_never_later_than_what_it_adds(plan, extra):
    id = plan.ids[0]
    days = plan.durations()
    before = critical_path(plan, days).finish
    after = critical_path(plan, days | {id: days[id] + extra}).finish
    assert before - 1e-9 <= after <= before + extra + 1e-9


@given(plans())
def test_a_plan_survives_the_table(plan):
    assert read_plan(plan_table(plan), overhead_per_day=plan.overhead_per_day) == plan


@given(
    plans(lags=(-2, 2)), st.integers(3, 5), st.integers(3, 5), st.sampled_from([None, "shortest"])
)
def test_a_levelled_schedule_keeps_every_dependency_and_never_exceeds_capacity(
    plan, gpu, people, rule
):
    capacity = {"gpu": gpu, "people": people}
    schedule = level(plan, capacity, rule=rule or "best")
    respects(plan, plan.durations(), schedule.table["start"], schedule.table["finish"])
    within(plan, schedule.table["start"], schedule.table["finish"], capacity)
    assert (schedule.usage() <= pd.Series(capacity) + 1e-9).all().all()
    assert schedule.finish >= critical_path(plan).finish - 1e-9
    assert (schedule.table["delay"] >= -1e-9).all()


@given(plans(**LOGIC), st.integers(3, 5), st.integers(0, 99))
def test_no_simulated_run_of_a_levelled_plan_exceeds_capacity(plan, units, seed):
    capacity = {"gpu": units, "people": units}
    levelled = level(plan, capacity).as_plan()
    simulation = simulate(levelled, rng=np.random.default_rng(seed), runs=15)
    for run in range(15):
        within(plan, simulation.starts.loc[run], simulation.finishes.loc[run], capacity)


@settings(max_examples=15)
@given(plans(durations=WHOLE, most=5, lags=(-2, 2)), st.integers(3, 4))
def test_the_exact_schedule_is_never_longer_and_is_feasible(plan, units):
    capacity = {"gpu": units, "people": units}
    exact, quick = optimal_schedule(plan, capacity), level(plan, capacity)
    assert critical_path(plan).finish <= exact.finish + 1e-6
    assert exact.finish <= quick.finish + 1e-6
    respects(plan, plan.durations(), exact.table["start"], exact.table["finish"])
    within(plan, exact.table["start"], exact.table["finish"], capacity)


@settings(max_examples=15)
@given(plans(kinds=("FS",), lags=(0, 2), durations=WHOLE, most=5), st.integers(3, 4))
def test_the_exact_schedule_is_the_best_of_all_orders(plan, units):
    """Serial schedules of all orders hold an optimum where nothing may overlap its predecessor."""
    capacity = {"gpu": units, "people": units}
    days = plan.durations()
    best = np.inf
    for order in itertools.permutations(plan.ids):
        starts, ends = {}, {}
        for id in order:
            waits = plan[id].predecessors
            if any(d.predecessor not in ends for d in waits):
                break
            day = max([plan[id].not_before, *(ends[d.predecessor] + d.lag for d in waits)])
            while overfull(plan, starts, ends, id, day, day + days[id], capacity):
                day += 1
            starts[id], ends[id] = day, day + days[id]
        else:
            best = min(best, max(ends.values()))
    assert np.isclose(optimal_schedule(plan, capacity).finish, best)


@given(RISKS, st.integers(0, 99), st.integers(1, 400))
def test_loss_exceedance_falls_and_counts_the_runs_above(risks, seed, runs):
    losses = simulate_losses(risks, rng=np.random.default_rng(seed), runs=runs)
    curve = loss_exceedance(losses)
    assert (curve["probability"].diff().dropna() <= 0).all()
    assert curve["probability"].iloc[-1] == 0
    middle = curve["loss"].iloc[40]
    assert curve["probability"].iloc[40] == np.mean(losses > middle)


def respects(plan, days, starts, finishes):
    for a in plan.activities:
        assert starts[a.id] >= a.not_before - 1e-6
        assert np.isclose(finishes[a.id] - starts[a.id], days[a.id])
        for d in a.predecessors:
            left = (starts if d.kind[0] == "S" else finishes)[d.predecessor]
            right = (starts if d.kind[1] == "S" else finishes)[a.id]
            assert right >= left + d.lag - 1e-6


def within(plan, starts, finishes, capacity):
    """Use only rises when something starts, so those are the moments to look at."""
    for moment in set(starts):
        for name, units in capacity.items():
            used = sum(
                plan[id].resources.get(name, 0)
                for id in plan.ids
                if starts[id] <= moment + 1e-7 and finishes[id] > moment + 1e-7
            )
            assert used <= units + 1e-9


def overfull(plan, starts, ends, id, start, end, capacity):
    return any(
        sum(
            plan[other].resources.get(name, 0)
            for other in starts
            if starts[other] <= day < ends[other]
        )
        + plan[id].resources.get(name, 0)
        > units
        for day in np.arange(start, end)
        for name, units in capacity.items()
    )

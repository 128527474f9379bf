"""Figures state in their titles what the numbers say, and draw those numbers."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from tpmkit.planning import (
    Activity,
    Calendar,
    Plan,
    PlanError,
    RiskEvent,
    critical_path,
    gantt_figure,
    level,
    loss_exceedance_figure,
    s_curve_figure,
    schedule_figure,
    simulate,
    tornado,
    tornado_figure,
)

PLAN = Plan(
    [
        Activity("data", (5, 8, 20), name="Collect data"),
        Activity("ui", (2, 3, 5), name="Build UI"),
        Activity("model", (10, 15, 40), "data", name="Train"),
        Activity("go", 0, "model; ui", name="Go decision"),
    ]
)
RISKS = [RiskEvent("quota", 0.3, days=(5, 30), activities="model")]
CALENDAR = Calendar("2026-01-12")


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    yield
    plt.close("all")


@pytest.fixture(params=[None, CALENDAR], ids=["days", "dates"])
def simulation(request):
    rng = np.random.default_rng(7)
    return simulate(PLAN, rng=rng, runs=4000, risks=RISKS, calendar=request.param)


def texts(ax):
    ax.figure.canvas.draw()
    written = [text.get_text() for text in [*ax.texts, *ax.get_yticklabels()]]
    return " | ".join([ax.get_title(loc="left"), *written])


def test_the_gantt_shows_medians_whiskers_and_milestones(simulation):
    ax = gantt_figure(simulation)
    table = simulation.activities()
    bars = sorted((bar.get_x(), bar.get_width()) for bar in ax.patches)
    medians = sorted(zip(table["start_p50"], table["finish_p50"] - table["start_p50"], strict=True))
    assert np.allclose(bars, medians)
    whiskers = ax.collections[0].get_segments()
    ends = sorted((segment[0][0], segment[1][0]) for segment in whiskers)
    assert np.allclose(ends, sorted(zip(table["finish_p10"], table["finish_p90"], strict=True)))
    for name in ("Collect data", "Build UI", "Train", "Go decision", "Four of five runs"):
        assert name in texts(ax)


def spans(bars):
    return sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars)


@pytest.mark.parametrize("calendar", [None, CALENDAR], ids=["days", "dates"])
def test_the_schedule_marks_what_cannot_slip_and_shows_how_far_the_rest_may(calendar):
    path = critical_path(PLAN)
    ax = schedule_figure(path, calendar)
    ends = path.table[["earliest_start", "earliest_finish"]]
    assert spans(ax.patches) == sorted(map(tuple, ends.to_numpy()))
    assert spans(bar for bar in ax.patches if bar.get_hatch()) == [(0, 8), (8, 23), (23, 23)]
    (float_line,) = ax.collections[0].get_segments()
    assert list(float_line[:, 0]) == [3, 23]
    assert list(ax.lines[0].get_xdata()) == [23]
    finished = "11 Feb 2026" if calendar else "day 23"
    assert f"Finished {finished}; 3 of 4 activities cannot slip" in texts(ax)
    assert "Collect data" in texts(ax)


def test_a_schedule_with_limited_people_counts_waiting_for_them():
    plan = Plan([Activity(id, days, resources="pm") for id, days in (("a", 2), ("b", 3))])
    alone, together = (level(plan, {"pm": units}) for units in (1, 2))
    assert spans(schedule_figure(alone).patches) == [(0, 2), (2, 5)]
    assert "day 5; 2 of 2 activities" in texts(schedule_figure(alone))
    assert "day 3; 1 of 2 activities" in texts(schedule_figure(together))


def test_the_s_curve_says_how_likely_the_promise_is(simulation):
    promised = "2026-02-13" if simulation.calendar else 25
    ax = s_curve_figure(simulation, promised)
    chance = f"{simulation.p_on_time(promised):.0%}"
    assert f"promised: {chance}" in texts(ax) and f"holds in {chance}" in texts(ax)
    assert ("13 Feb 2026" if simulation.calendar else "Day 25") in texts(ax)
    days, chances = ax.lines[0].get_data()
    assert (np.diff(days) >= 0).all() and (np.diff(chances) > 0).all()
    assert "Four in five" in texts(s_curve_figure(simulation))


@pytest.mark.parametrize("of", ["finish", "cost"])
def test_the_tornado_names_the_largest_driver(of):
    plan = PLAN.replace("model", cost_per_day=1000)
    table = tornado(plan, rng=np.random.default_rng(7), runs=500, risks=RISKS, of=of, p=90)
    ax = tornado_figure(table, top=2)
    assert texts(ax).count(f"{table.index[0]} moves the P90 most") == 1
    assert "quota (risk)" in texts(ax)
    ends = sorted([*table["low"].head(2), *table["high"].head(2)])
    drawn = sorted(bar.get_x() + bar.get_width() for bar in ax.patches)
    assert np.allclose(drawn, ends)


def test_a_plan_without_doubt_has_no_tornado():
    table = tornado(Plan([Activity("a", 3)]), rng=np.random.default_rng(7), runs=10)
    with pytest.raises(PlanError, match="nothing in this plan is uncertain"):
        tornado_figure(table)


def test_loss_exceedance_compares_before_and_after():
    losses = {"before": np.arange(100), "after": np.arange(100) / 2}
    assert "80% before, 60% after" not in texts(loss_exceedance_figure(losses))
    ax = loss_exceedance_figure(losses, tolerance=39)
    assert "lose more than 39: 60% before, 21% after" in texts(ax)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["before", "after", "can be borne: 39"]

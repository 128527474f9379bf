"""Schedules under limits agree with examples worked by hand."""

import pytest

from tpmkit.planning import RULES, Activity, Plan, PlanError, critical_path, level, optimal_schedule

# One crew: the order decides. Two jobs of 4 and 6 compete, and only the 6 has work behind it.
CREW = Plan(
    [
        Activity("short", 4, resources="crew"),
        Activity("long", 6, resources="crew"),
        Activity("test", 5, "long"),
    ]
)


def test_one_crew_worked_by_hand():
    assert critical_path(CREW).finish == 11
    urgent = level(CREW, {"crew": 1}, rule="latest_finish")
    assert urgent.table["start"].to_dict() == {"short": 6, "long": 0, "test": 6}
    assert urgent.finish == 11 and urgent.table["delay"].tolist() == [6, 0, 0]
    shortest = level(CREW, {"crew": 1}, rule="shortest")
    assert shortest.table["start"].to_dict() == {"short": 0, "long": 4, "test": 10}
    assert shortest.finish == 15
    assert level(CREW, {"crew": 1}).finish == optimal_schedule(CREW, {"crew": 1}).finish == 11
    assert level(CREW, {"crew": 2}).finish == 11


def test_use_is_counted_while_work_runs_and_not_after():
    usage = level(CREW, {"crew": 1}, rule="shortest").usage()
    assert usage["crew"].to_dict() == {0: 1, 4: 1, 10: 0, 15: 0}


def test_the_exact_schedule_finds_what_every_rule_misses():
    # By hand: c and d fill the cluster one after the other, 7 days; a beside b and then e, 7 more.
    jobs = {"a": (5, 2), "b": (4, 2), "c": (4, 3), "d": (3, 3), "e": (3, 2)}
    plan = Plan([Activity(id, days, resources=f"gpu:{gpus}") for id, (days, gpus) in jobs.items()])
    exact = optimal_schedule(plan, {"gpu": 4})
    assert exact.finish == 14 and exact.rule == "optimal"
    assert {level(plan, {"gpu": 4}, rule=rule).finish for rule in RULES} == {15, 16}


@pytest.mark.parametrize("lag", ["", " +2", " SS+1", " FF-1", " -2"])
def test_the_exact_schedule_keeps_lags_and_leads(lag):
    plan = Plan([Activity("a", 5), Activity("b", 3, f"a{lag}")])
    assert optimal_schedule(plan, {}).finish == critical_path(plan).finish


def test_a_levelled_plan_hands_resources_over_by_dependencies():
    levelled = level(CREW, {"crew": 1}).as_plan()
    assert [d.predecessor for d in levelled["short"].predecessors] == ["long"]
    assert critical_path(levelled).finish == 11
    assert critical_path(levelled, {"short": 4, "long": 20, "test": 5}).finish == 25


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: level(CREW, {"crew": 0}), "'short' needs 1 of 'crew', and there are 0"),
        (lambda: level(CREW, {}), "'long' needs 1 of 'crew', and there are 0"),
        (lambda: level(CREW, {"crew": 1}, rule="loudest"), "no rule 'loudest'"),
        (lambda: optimal_schedule(CREW.replace("long", duration=6.5), {"crew": 1}), "takes 6.5"),
    ],
)
def test_what_can_never_be_done_is_refused(ask, said):
    with pytest.raises(PlanError) as error:
        ask()
    assert said in str(error.value)

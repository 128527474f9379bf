"""The critical path method agrees with examples worked by hand."""

import pytest

from tpmkit.planning import Activity, Plan, PlanError, critical_path

# A(3) -> B(4), C(2); D(5) after B and C; E(1) after C +3; F(2) after D and E.
HAND = Plan(
    [
        Activity("A", 3),
        Activity("B", 4, "A"),
        Activity("C", 2, "A"),
        Activity("D", 5, "B; C"),
        Activity("E", 1, "C +3"),
        Activity("F", 2, "D; E"),
    ]
)


def test_the_example_worked_by_hand():
    found = critical_path(HAND)
    assert found.finish == 14
    columns = ["earliest_start", "earliest_finish", "latest_start", "latest_finish"]
    assert found.table[columns].to_numpy().tolist() == [
        [0, 3, 0, 3],
        [3, 7, 3, 7],
        [3, 5, 5, 7],
        [7, 12, 7, 12],
        [8, 9, 11, 12],
        [12, 14, 12, 14],
    ]
    assert found.table["total_float"].tolist() == [0, 0, 2, 0, 3, 0]
    assert found.table["free_float"].tolist() == [0, 0, 0, 0, 3, 0]
    assert found.critical == ("A", "B", "D", "F")
    assert found.paths() == [("A", "B", "D", "F")]


def test_every_critical_path_is_found_when_several_tie():
    tied = HAND.replace("C", duration=4)
    assert critical_path(tied).paths() == [("A", "B", "D", "F"), ("A", "C", "D", "F")]
    assert critical_path(tied.replace("E", duration=2)).paths() == [
        ("A", "B", "D", "F"),
        ("A", "C", "D", "F"),
        ("A", "C", "E", "F"),
    ]


@pytest.mark.parametrize(
    ("predecessors", "start", "finish"),
    [
        ("A", 10, 14),
        ("A +2", 12, 16),
        ("A -3", 7, 11),
        ("A SS", 0, 10),
        ("A SS+4", 4, 10),
        ("A FF", 6, 10),
        ("A FF+3", 9, 13),
        ("A SF+12", 8, 12),
        ("A FF-8", 0, 10),
    ],
)
def test_each_kind_of_dependency_with_its_lag(predecessors, start, finish):
    plan = Plan([Activity("A", 10), Activity("B", 4, predecessors)])
    found = critical_path(plan)
    assert found.table.at["B", "earliest_start"] == start
    assert found.finish == finish
    assert (found.table["total_float"] >= 0).all() and found.table["critical"].any()


def test_an_activity_whose_start_drives_another_is_critical_though_its_finish_is_not():
    plan = Plan([Activity("spec", 9), Activity("build", 20, "spec SS+5")])
    found = critical_path(plan)
    assert found.finish == 25 and found.paths() == [("spec", "build")]


def test_work_that_may_not_start_before_a_day_waits_for_it():
    plan = Plan([Activity("A", 2), Activity("B", 3, "A", not_before=6), Activity("C", 1, "A")])
    found = critical_path(plan)
    assert found.finish == 9
    assert found.table["total_float"].tolist() == [4, 0, 6]
    assert found.table["free_float"].tolist() == [0, 0, 6]
    assert found.paths() == [("B",)]


def test_thousands_of_critical_paths_are_not_listed_unasked():
    layers = [Activity("s", 1)]
    before = "s"
    for n in range(12):
        layers += [Activity(f"a{n}", 1, before), Activity(f"b{n}", 1, before)]
        before = f"a{n}; b{n}"
    found = critical_path(Plan(layers))
    with pytest.raises(PlanError, match="more than 1000 critical paths"):
        found.paths()
    assert len(found.paths(limit=5000)) == 2**12


def test_answers_read_well_in_a_cell():
    found = critical_path(HAND)
    assert "finish: 14 working days" in repr(found)
    assert "total_float" in found._repr_html_()

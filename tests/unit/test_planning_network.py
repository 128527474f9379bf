"""Plans are read from what people have, and whatever is wrong is named by row."""

from io import StringIO

import pandas as pd
import pytest

from tpmkit.planning import (
    Activity,
    Dependency,
    Empirical,
    Fixed,
    Lognormal,
    Pert,
    Plan,
    PlanError,
    Triangular,
    critical_path,
    plan_table,
    read_plan,
    read_tracker,
    write_plan,
)

CSV = """\
id,name,predecessors,distribution,duration,low,mode,high,p10,p90,values,resources,cost_per_day
scope,Scope,,,3,,,,,,,pm,900
data,Training data,scope,,,5,8,20,,,,data_engineer:2,1600
labels,Labels,scope +2,,,,,,10,30,,,
model,Model,data; labels SS+5,triangular,,10,15,40,,,,"ml_engineer:2; gpu",2400
review,Review,model FF-1.5,,,,,,,,4;5;5;9,,
"""


@pytest.fixture
def csv(tmp_path):
    def write(text):
        path = tmp_path / "plan.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_table_gives_estimates_dependencies_resources_and_costs(csv):
    plan = read_plan(csv(CSV), overhead_per_day=500)
    assert [a.duration for a in plan.activities] == [
        Fixed(3),
        Pert(5, 8, 20),
        Lognormal(10, 30),
        Triangular(10, 15, 40),
        Empirical((4, 5, 5, 9)),
    ]
    assert plan["model"].predecessors == (Dependency("data"), Dependency("labels", "SS", 5))
    assert plan["review"].predecessors == (Dependency("model", "FF", -1.5),)
    assert plan["model"].resources == {"gpu": 1, "ml_engineer": 2}
    assert plan["data"].name == "Training data"
    assert plan["data"].cost_per_day == 1600 and plan.overhead_per_day == 500


def test_a_written_plan_is_read_back_as_the_same_plan(csv, tmp_path):
    plan = read_plan(csv(CSV))
    write_plan(plan, tmp_path / "again.csv")
    assert read_plan(tmp_path / "again.csv") == plan
    assert read_plan(plan_table(plan)) == plan


@pytest.mark.parametrize("encode", ["utf-8-sig", "utf-8"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_spreadsheets_of_all_kinds_are_read(tmp_path, encode, separator):
    rows = ["id,duration,predecessors", "é1,2,", "b,3,é1", ",,"]
    path = tmp_path / "plan.csv"
    path.write_text("\r\n".join(r.replace(",", separator) for r in rows), encoding=encode)
    plan = read_plan(path)
    assert plan.ids == ("é1", "b") and critical_path(plan).finish == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,duration\na,1\na,2\n", ["row 3 ('a') has the same id as row 2 ('a')"]),
        ("id,duration,predecessors\na,1,\nb,2,zz\n", ["row 3 ('b') waits for 'zz'"]),
        (
            "id,duration,predecessors\nx,1,\nb,1,c\nc,1,d\nd,1,b\n",
            ["a circle", "row 3 ('b')", "row 4 ('c')", "row 5 ('d')"],
        ),
        ("id,duration,predecessors\na,1,a\n", ["a circle: a -> a (row 2 ('a'))"]),
        ("id,low,mode,high\na,1,2,3\nb,9,4,12\n", ["row 3 ('b'): low 9 is above mode 4"]),
        ("id,p10,p90\na,30,10\n", ["row 2 ('a'): p10 30 is above p90 10"]),
        ("id,duration\na,-2\n", ["row 2 ('a'): duration is -2; days cannot be negative"]),
        (
            "id,low,mode,high\na,-1,2,3\nb,x,4,12\n",
            ["row 2 ('a'): low is -1", "row 3 ('b'): low is 'x', not a number"],
        ),
        ("id,low,mode,high\na,1,,3\n", ["row 2 ('a')", "needs one estimate", "low, high"]),
        ("id,duration,p10,p90\na,1,2,3\n", ["row 2 ('a')", "needs one estimate"]),
        ("id,duration,low\na,1,2\n", ["row 2 ('a')", "also low"]),
        ("id,duration,distribution\na,1,gamma\n", ["'gamma' is no distribution"]),
        ("id,low,mode,distribution\na,1,2,pert\n", ["a pert estimate also needs high"]),
        ("id,duration\n,1\n", ["row 2 (''): it has no id"]),
        ("id,duration,resources\na,1,gpu:0\n", ["row 2 ('a')", "'gpu'", "above 0"]),
        ("id,duration,cost_per_day\na,1,-5\n", ["row 2 ('a')", "cost_per_day is -5.0"]),
        ("id,durations\na,1\n", ["not known: durations"]),
        ("name,duration\na,1\n", ["no column 'id'"]),
        ("id,duration\n", ["there is no activity in it"]),
        ("", ["not a CSV table"]),
    ],
)
def test_what_is_wrong_is_named_by_row_as_the_spreadsheet_counts(csv, text, said):
    with pytest.raises(PlanError) as error:
        read_plan(csv(text))
    for part in said:
        assert part in str(error.value)


def test_all_bad_rows_are_named_at_once_but_not_hundreds(csv):
    rows = "".join(f"a{n},-1\n" for n in range(40))
    with pytest.raises(PlanError) as error:
        read_plan(csv("id,duration\n" + rows))
    assert str(error.value).count("row ") == 8 and "and 32 more" in str(error.value)


def test_files_that_are_no_text_or_not_there_are_refused(tmp_path):
    (tmp_path / "plan.csv").write_bytes(b"id,duration\n\xff\xfe,1\n")
    with pytest.raises(PlanError, match="UTF-8"):
        read_plan(tmp_path / "plan.csv")
    with pytest.raises(PlanError, match="no file"):
        read_plan(tmp_path / "absent.csv")


def test_a_circle_in_code_names_the_same_path_however_the_plan_is_sorted():
    activities = [Activity("a", 1, "c"), Activity("b", 1, "a"), Activity("c", 1, "b")]
    said = set()
    for turn in range(3):
        with pytest.raises(PlanError) as error:
            Plan(activities[turn:] + activities[:turn])
        said.add(str(error.value))
    assert len(said) == 1 and "a -> " in said.pop()


TRACKER = """\
Issue key,Summary,Original estimate,Inward issue link (Blocks),Inward issue link (Blocks),Status
AI-10,Collect data,28800,,,Open
AI-12,Train,57600,AI-10,,Open
AI-13,Launch,14400,AI-12,AI-10,Open
"""
MAPPED = {
    "id": "Issue key",
    "name": "Summary",
    "duration": "Original estimate",
    "predecessors": "Inward issue link (Blocks)",
}


def test_an_issue_tracker_export_is_mapped_by_name(csv):
    plan = read_tracker(csv(TRACKER), MAPPED, unit="seconds")
    assert plan.ids == ("AI-10", "AI-12", "AI-13")
    assert [a.duration.value for a in plan.activities] == [1, 2, 0.5]
    assert [d.predecessor for d in plan["AI-13"].predecessors] == ["AI-10", "AI-12"]
    assert plan["AI-12"].name == "Train"


def test_links_out_of_the_export_are_named_or_left_out_when_asked(csv):
    path = csv(TRACKER.replace("AI-12,AI-10", "AI-12,OPS-7"))
    with pytest.raises(PlanError, match=r"row 4 \('AI-13'\) waits for 'OPS-7'"):
        read_tracker(path, MAPPED, unit="seconds")
    plan = read_tracker(path, MAPPED, unit="seconds", outside="ignore")
    assert [d.predecessor for d in plan["AI-13"].predecessors] == ["AI-12"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"columns": {"id": "Key"}}, "has no column 'Key'"),
        ({"columns": {"ident": "Issue key"}}, "not from ident"),
        ({"unit": "fortnights"}, "got 'fortnights'"),
        ({"outside": "maybe"}, "'maybe'"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(csv, change, said):
    with pytest.raises(PlanError) as error:
        read_tracker(**{"source": csv(TRACKER), "columns": MAPPED, **change})
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", Dependency("a")),
        (" a  SS ", Dependency("a", "SS")),
        ("AI-12", Dependency("AI-12")),
        ("AI-12 -2", Dependency("AI-12", "FS", -2)),
        ("AI-12 FF+1.5", Dependency("AI-12", "FF", 1.5)),
        ("single sign-on SF - 3", Dependency("single sign-on", "SF", -3)),
        ("login SSO", Dependency("login SSO")),
    ],
)
def test_dependencies_read_as_people_write_them_and_back(text, expected):
    assert Dependency.parse(text) == expected
    assert Dependency.parse(str(expected)) == expected


def test_a_plan_can_be_changed_into_another_without_touching_the_first():
    plan = Plan([Activity("a", (2, 4, 12)), Activity("go", 0, "a")])
    shorter = plan.replace("a", duration=3)
    assert critical_path(plan).finish == 4 and critical_path(shorter).finish == 3
    outside = plan.with_reference_class([0.5, 1, 3])
    assert outside["a"].duration == Empirical((2, 4, 12))
    assert outside["go"].duration == Fixed(0)
    with pytest.raises(PlanError, match="no activity 'zz'"):
        plan.replace("zz", duration=3)


def test_durations_are_points_means_levels_or_given():
    plan = Plan([Activity("a", (2, 4, 12)), Activity("b", 3)])
    assert plan.durations() == {"a": 4, "b": 3}
    assert plan.durations("mean") == {"a": 5, "b": 3}
    assert plan.durations(80)["a"] == pytest.approx(6.503, abs=5e-4)
    assert plan.durations({"a": 7, "b": 1}) == {"a": 7, "b": 1}
    for wrong, said in ((0.8, "mean 80"), ("median", "'median'"), ({"a": 1}, "for b")):
        with pytest.raises(PlanError, match=said):
            plan.durations(wrong)


def test_a_table_with_numbers_for_ids_is_a_plan():
    frame = pd.read_csv(StringIO("id,duration,predecessors\n1,2,\n2,3,1\n"))
    assert critical_path(read_plan(frame)).paths() == [("1", "2")]


def test_what_a_table_cannot_hold_is_not_written_as_something_else(tmp_path):
    with pytest.raises(PlanError, match="cannot hold Pert"):
        write_plan(Plan([Activity("a", Pert(1, 2, 3, weight=9))]), tmp_path / "plan.csv")

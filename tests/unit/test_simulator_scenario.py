"""Scenarios: every number has a unit and a source, and a wrong table says what is wrong."""

import copy

import pytest
import yaml

from tpmkit.simulator import ScenarioError, load_scenario, scenarios
from tpmkit.simulator.scenario import FOLDER, build_scenario

COMMON = yaml.safe_load((FOLDER / "common.yaml").read_text(encoding="utf-8"))
OVERLAY = {"extends": "common", "title": "T", "story": "S", "constants": {}, "risks": {}}


@pytest.mark.parametrize("name", scenarios())
def test_every_number_has_a_unit_a_meaning_and_a_source(name):
    table = load_scenario(name).table()
    for column in ("unit", "meaning", "source"):
        assert table[column].str.len().gt(1).all(), column
    assert table["source"].str.contains(r"assumption|[12]\d{3}|quoted in").all()


@pytest.mark.parametrize("name", scenarios())
def test_what_differs_from_the_common_table_says_why(name):
    ours, common = load_scenario(name).table(), load_scenario("standard").table()
    differs = ours["value"] != common["value"]
    assert (ours.loc[differs, "because"].str.len() > 3).all()
    assert (ours.loc[~differs, "because"] == "").all()
    assert differs.any() == (name != "standard")


def test_the_effects_the_course_teaches_rest_on_publications():
    source = load_scenario().table()["source"]
    for name, work in {
        "onboarding_weeks": "Zhou and Mockus",
        "coordination": "Brooks",
        "rework": "Boehm and Basili",
        "drift_rate": "Vela",
        "fatigue_cost": "Pencavel",
        "churn_cost": "Weinberg",
        "attrition": "LinkedIn",
        "morale_output": "Oswald",
    }.items():
        assert work in source[name]


def test_a_scenario_changes_its_version_with_any_number():
    scenario = load_scenario()
    assert len({load_scenario(name).version for name in scenarios()}) == len(scenarios())
    assert scenario.replace().version == scenario.version
    for change in ({"drift_rate": 0.011}, {"hazard_label_delay": 0.031}, {"weeks": 41}):
        assert scenario.replace(**change).version != scenario.version


def test_the_rules_count_into_the_version():
    later = build_scenario("x", {**COMMON, "version": 2}, OVERLAY)
    assert later.version != build_scenario("x", COMMON, OVERLAY).version


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"drift": 0.1}, "There is no constant 'drift'; did you mean"),
        ({"drift_rate": -0.1}, "drift_rate must be from 0 to 1; got -0.1."),
        ({"drift_rate": "high"}, "drift_rate must be from 0 to 1; got 'high'."),
        ({"weeks": 40.5}, "weeks must be a whole number; got 40.5."),
        ({"hazard_label_delay": 2}, "hazard_label_delay is 2; a chance is from 0 to 1."),
    ],
)
def test_a_wrong_constant_is_refused_by_name(change, says):
    with pytest.raises(ScenarioError) as raised:
        load_scenario().replace(**change)
    assert says in str(raised.value)


def test_an_unknown_scenario_names_the_nearest():
    with pytest.raises(ScenarioError, match="no scenario 'standart'; did you mean 'standard'"):
        load_scenario("standart")


def broken(where, value):
    """The two tables with one entry replaced, or taken out where value is None."""
    tables = {"common": copy.deepcopy(COMMON), "overlay": copy.deepcopy(OVERLAY)}
    *path, last = where.split("/")
    part = tables
    for key in path:
        part = part[key]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return tables["common"], tables["overlay"]


@pytest.mark.parametrize(
    ("where", "value", "says"),
    [
        ("common/constants/budget/source", None, "Constant budget needs exactly meaning, range"),
        ("common/constants/budget/value", "much", "budget must be a number; got 'much'."),
        ("common/constants/budget/value", 0.5, "budget must be from 1 to 100000; got 0.5."),
        ("common/constants/headcount_start/value", 2, "between headcount_min and headcount_max"),
        ("common/constants/bar/value", float("nan"), "bar must be a number; got nan."),
        ("common/risks/label_delay/hazard", 1.5, "a hazard is a chance from 0 to 1"),
        ("common/risks/label_delay/lowered_by", "luck", "no lowered_by of risk label_delay 'luck'"),
        ("common/risks/label_delay/effects", {"mood": 1}, "no effect of risk label_delay 'mood'"),
        ("common/risks/label_delay/effects", {"scope": -1}, "on scope cannot be below 0; got -1."),
        ("common/risks/label_delay/effects", {"data": "bad"}, "must be a number; got 'bad'."),
        ("common/risks/label_delay/title", None, "Risk label_delay needs exactly effects, hazard"),
        ("overlay/extends", "nothing", "x.yaml must say 'extends: common'."),
        ("overlay/title", None, "x.yaml needs a text 'title'."),
        ("overlay/fixed_seed", -1, "fixed_seed must be a whole number from 0; got -1."),
        ("overlay/constant", {}, "no entry of x.yaml 'constant'; did you mean 'constants'"),
        ("overlay/constants", {"bugdet": {}}, "no constant in x.yaml 'bugdet'; did you mean 'budg"),
        ("overlay/constants", {"budget": {"value": 9}}, "budget needs exactly value, because"),
        ("overlay/risks", {"label_dely": {}}, "no risk in x.yaml 'label_dely'; did you mean"),
        ("overlay/risks", {"label_delay": {"chance": 1}}, "no entry of risk label_delay 'chance'"),
    ],
)
def test_a_wrong_table_says_what_is_wrong(where, value, says):
    with pytest.raises(ScenarioError) as raised:
        build_scenario("x", *broken(where, value))
    assert says in str(raised.value)


def test_a_table_that_is_no_table_is_refused():
    with pytest.raises(ScenarioError, match="x.yaml must be a table; got None."):
        build_scenario("x", COMMON, None)

"""The loss explorer: responses cost money at once and save it in some runs only."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tpmkit.explore.losses import compare, losses, sentence
from tpmkit.planning import PlanError, contingency, read_register, response_returns

RISKS = pd.DataFrame(
    {
        "risk_id": ["R1", "R2", "R3", "R4"],
        "title": ["boards", "labels", "rival", "rig"],
        "cause": "one supplier",
        "event": "it delivers late",
        "effect": "work waits",
        "category": "vendor",
        "owner": "Ada Lund",
        "date_raised": "2027-01-18",
        "probability": [0.4, 0.1, 0.2, 0.5],
        "impact_cost_p5": [10_000, 100_000, 50_000, 1_000],
        "impact_cost_p95": [60_000, 900_000, 200_000, 9_000],
        "impact_days_p5": [5, None, None, 1],
        "impact_days_p95": [30, None, None, 4],
        "response": ["reduce", "transfer", "accept", "reduce"],
        "action": ["second supplier", "insure", None, "second rig"],
        "action_owner": ["Ada Lund", "Eva Stern", None, "Ben Osei"],
        "due": ["2027-02-05", "2027-02-05", None, "2027-02-05"],
        "cost_of_response": [20_000, 40_000, None, 30_000],
        "residual_probability": [0.1, 0.1, None, 0.2],
        "residual_impact": [0.5, 0.2, None, 1],
        "trigger": "stock < 40",
        "status": ["open", "open", "open", "closed"],
    }
)
REGISTER = read_register(RISKS)


def seeded(seed=10):
    return np.random.default_rng(seed)


def rounded(value):
    return f"${float(f'{value:.3g}'):,.0f}"


def compared(*responses, **more):
    return compare(REGISTER, responses, rng=seeded(), cost_of_delay=1000, **more)


def test_no_response_changes_nothing():
    found = compared()
    assert np.array_equal(found.before, found.after)
    assert found.cost == found.saved == 0


def test_the_same_luck_meets_both_so_that_no_run_loses_more_than_a_response_costs():
    found = compared("R1", "R2")
    assert found.cost == 60_000
    extra = found.after - found.before
    assert extra.max() == pytest.approx(60_000) and extra.min() < -400_000
    calm = found.before == 0
    assert calm.any() and np.allclose(found.after[calm], 60_000)


@pytest.mark.parametrize("id", ["R1", "R2"])
def test_what_a_response_saves_is_what_the_engine_says(id):
    returns = response_returns(REGISTER, rng=seeded(), cost_of_delay=1000).loc[id]
    found = compared(id)
    assert found.saved == pytest.approx(returns["saved"])
    before, after = found.reserves(80)
    assert before - after + found.cost == pytest.approx(returns["saved_p80"])


def test_chances_and_reserves_are_read_off_the_runs():
    found = compared("R1", "R2")
    assert found.chances(90_000) == (np.mean(found.before > 90_000), np.mean(found.after > 90_000))
    assert found.reserves(90) == (contingency(found.before, 90), contingency(found.after, 90))


def test_the_sentence_says_what_is_paid_what_is_saved_and_what_remains():
    said = sentence(compared(), 300_000, unit="$")
    assert said.startswith("Without responses the program loses more than $300,000 in ")
    assert said.count(".") == 1
    one = compared("R2")
    said = sentence(one, 300_000, 90, "$")
    assert f"1 response saves {rounded(one.saved)} on average for $40,000" in said
    assert f"in {one.chances(300_000)[1]:.0%} of the runs, and the P90 reserve is" in said
    assert f"{rounded(one.reserves(90)[1])}." in said
    assert "2 responses save $" in sentence(compared("R1", "R2"), 300_000, unit="$")


def test_the_widget_follows_its_boxes_and_sliders():
    explorer = losses(REGISTER, 300_000, rng=seeded(), cost_of_delay=1000, unit="$")
    assert repr(explorer).startswith("LossExplorer"), "a notebook can show it"
    assert list(explorer.responses) == ["R1", "R2"], "accepted and closed risks have no switch"
    assert explorer.responses["R2"].description == "R2: insure ($40,000)"
    before, first = explorer.sentence, explorer.canvas.image.value
    explorer.responses["R2"].value = True
    assert explorer.comparison.responses == ("R2",)
    assert explorer.sentence == sentence(explorer.comparison, 300_000, 80, "$") != before
    assert explorer.canvas.image.value != first
    explorer.tolerance.value = 100_000
    explorer.level.value = 90
    assert "more than $100,000" in explorer.sentence and "P90 reserve" in explorer.sentence
    explorer.responses["R2"].value = False
    explorer.tolerance.value, explorer.level.value = 300_000, 80
    assert explorer.sentence == before, "the same choice meets the same luck again"
    assert 'role="status"' in explorer._live.value


def test_before_and_after_differ_in_grey():
    explorer = losses(REGISTER, 300_000, rng=seeded(), responses=["R1", "R2"])
    shown = Image.open(io.BytesIO(explorer.picture().data)).convert("L")
    assert shown.size == (1840, 800)
    assert len(np.unique(np.asarray(shown))) > 50


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tolerance": -1}, "tolerance must be from 0"),
        ({"tolerance": 9e9}, "where losses lie"),
        ({"level": 99}, "level must be from 50 to 95"),
        ({"responses": ["R3"]}, "responses are among R1, R2, not 'R3'"),
    ],
)
def test_what_cannot_be_explored_is_named(wrong, says):
    with pytest.raises(ValueError, match=says):
        losses(**{"register": REGISTER, "tolerance": 300_000, "rng": seeded()} | wrong)


def test_a_register_without_responses_has_nothing_to_explore():
    bare = read_register(RISKS[RISKS["risk_id"] == "R3"])
    with pytest.raises(ValueError, match="no open risk"):
        losses(bare, 10_000, rng=seeded())


def test_an_unknown_response_is_named():
    with pytest.raises(PlanError, match="no R9"):
        compared("R9")

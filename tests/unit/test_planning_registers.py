"""Registers, losses and criteria: what is unclear is refused by name, the rest computes."""

import numpy as np
import pandas as pd
import pytest

from tpmkit.planning import (
    FIELDS,
    Activity,
    Condition,
    Criterion,
    Lognormal,
    Plan,
    PlanError,
    Quantiles,
    RiskEvent,
    contingency,
    evaluate_criteria,
    loss_exceedance,
    read_criteria,
    read_register,
    response_returns,
    simulate,
    simulate_losses,
    validate_register,
)

GOOD = {
    "risk_id": "R1",
    "title": "Labels late",
    "cause": "One supplier",
    "event": "the supplier misses volume",
    "effect": "training starts late",
    "category": "vendor",
    "owner": "Ana Ruiz",
    "date_raised": "2026-01-05",
    "probability": 0.4,
    "impact_cost_p5": 10_000,
    "impact_cost_p95": 90_000,
    "impact_days_p5": 5,
    "impact_days_p50": 8,
    "impact_days_p95": 30,
    "activities": "labels",
    "response": "reduce",
    "action": "Second supplier",
    "action_owner": "Bo Lind",
    "due": "2026-02-01",
    "cost_of_response": 4_000,
    "residual_probability": 0.1,
    "residual_impact": 0.5,
    "trigger": "labels_per_day < 800",
    "status": "open",
}
ACCEPTED = {
    key: value
    for key, value in GOOD.items()
    if key
    not in (
        "action",
        "action_owner",
        "due",
        "cost_of_response",
        "residual_probability",
        "activities",
    )
} | {"risk_id": "R2", "response": "accept", "residual_impact": None}


def seeded(seed=7):
    return np.random.default_rng(seed)


def register(*rows):
    return read_register(pd.DataFrame(rows))


def test_a_good_register_computes_its_expected_values():
    table = register(GOOD, ACCEPTED).table
    mean = Lognormal.from_interval(10_000, 90_000).mean
    assert table["inherent_emv"].tolist() == pytest.approx([0.4 * mean, 0.4 * mean])
    assert table["residual_emv"].tolist() == pytest.approx([0.1 * 0.5 * mean, 0.4 * mean])
    assert list(table.columns) == [*(f for f in FIELDS if f != "risk_id"), "residual_emv"]


def test_a_register_file_and_its_own_table_are_read_alike(tmp_path):
    pd.DataFrame([GOOD, ACCEPTED]).to_csv(tmp_path / "risks.csv", index=False)
    one = read_register(tmp_path / "risks.csv")
    assert one.events() == register(GOOD, ACCEPTED).events()
    assert read_register(one.table).events("all") == one.events("all")


def test_events_before_and_after_responses():
    found = register(GOOD, ACCEPTED, GOOD | {"risk_id": "R3", "status": "closed"})
    before = found.events()
    assert before == (
        RiskEvent(
            "R1", 0.4, Quantiles(5, 8, 30), Lognormal.from_interval(10_000, 90_000), "labels"
        ),
        RiskEvent("R2", 0.4, Quantiles(5, 8, 30), Lognormal.from_interval(10_000, 90_000)),
    )
    after = found.events({"R1"})
    assert (after[0].probability, after[0].remaining) == (0.1, 0.5)
    assert after[1] == before[1] and found.events("all")[0] == after[0]
    assert found.cost_of("all") == 8_000 and found.cost_of({"R1"}) == 4_000
    with pytest.raises(PlanError, match="no R9"):
        found.events({"R9"})


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"owner": None}, "owner", "is missing"),
        ({"owner": "  "}, "owner", "is missing"),
        ({"owner": "Ana and Bo"}, "owner", "not one person"),
        ({"owner": "Ana, Bo"}, "owner", "not one person"),
        ({"owner": "ML team"}, "owner", "not one person"),
        ({"action_owner": "TBD"}, "action_owner", "not one person"),
        ({"trigger": "things look bad"}, "trigger", "'recall < 0.8'"),
        ({"trigger": "recall < low"}, "trigger", "'low' is no number"),
        ({"trigger": None}, "trigger", "is missing"),
        ({"probability": 40}, "probability", "is 40, above 1"),
        ({"probability": "likely"}, "probability", "'likely', not a number"),
        ({"probability_p5": 0.5, "probability_p95": 0.9}, "probability", "rising order"),
        ({"impact_cost_p95": None}, "impact_cost", "needs P5 and P95"),
        ({"impact_cost_p5": 95_000}, "impact_cost", "rising order"),
        ({"impact_days_p50": 3}, "impact_days", "5, 3, 30 are not in rising order"),
        ({"impact_cost_p5": 0}, "impact_cost_p5", "must be above 0"),
        ({"impact_cost_p5": -1}, "impact_cost_p5", "below 0"),
        ({"response": "hope"}, "response", "'hope'; choose avoid"),
        ({"phase": "building"}, "phase", "choose business"),
        ({"due": None}, "due", "is missing, and the response is 'reduce'"),
        ({"due": "soon"}, "due", "'soon', not a date"),
        ({"residual_probability": 0.6}, "residual_probability", "above the probability 0.4"),
        ({"response": "enhance"}, "residual_probability", "less likely"),
        ({"residual_impact": 1.5}, "residual_impact", "above 1"),
        ({"secondary_risks": "R7"}, "secondary_risks", "names 'R7'"),
        ({"inherent_emv": 40_000}, "inherent_emv", "probability x mean cost is"),
    ],
)
def test_each_gap_is_named_by_row_and_field(change, field, said):
    found = validate_register(pd.DataFrame([ACCEPTED, GOOD | change]))
    assert found["row"].tolist() == [3] and found["risk_id"].tolist() == ["R1"]
    assert found["field"].tolist() == [field]
    assert said in found["problem"][0]
    with pytest.raises(PlanError) as error:
        register(ACCEPTED, GOOD | change)
    assert f"row 3 ('R1'), {field}" in str(error.value) and said in str(error.value)


def test_a_risk_without_any_impact_or_with_a_taken_id_is_refused():
    costless = {key: value for key, value in GOOD.items() if not key.startswith("impact")}
    assert "what does it cost" in validate_register(pd.DataFrame([costless]))["problem"][0]
    twice = validate_register(pd.DataFrame([GOOD, GOOD]))
    assert twice["row"].tolist() == [2, 3] and set(twice["field"]) == {"risk_id"}
    with pytest.raises(PlanError, match="no column owner"):
        read_register(pd.DataFrame([GOOD]).drop(columns="owner"))
    with pytest.raises(PlanError, match="columns colour"):
        read_register(pd.DataFrame([GOOD | {"colour": "red"}]))
    assert validate_register(pd.DataFrame([GOOD, ACCEPTED])).empty


def test_losses_have_the_mean_that_the_register_states():
    found = register(GOOD, ACCEPTED)
    losses = simulate_losses(found.events(), rng=seeded(), runs=400_000, cost_of_delay=1000)
    days = Quantiles(5, 8, 30).mean
    expected = found.table["inherent_emv"].sum() + 2 * 0.4 * days * 1000
    assert losses.mean() == pytest.approx(expected, rel=0.01)


def test_exceedance_and_contingency_by_hand():
    losses = [0, 0, 10, 20, 100]
    curve = loss_exceedance(losses, [0, 10, 15, 100])
    assert curve["probability"].tolist() == [0.6, 0.4, 0.4, 0]
    assert contingency(losses, 60) == 10 and contingency(losses, 80) == 20
    assert contingency(losses, 81) == 100 and contingency([-5, -3], 50) == 0


def test_a_sure_and_known_loss_is_paid_back_as_by_hand():
    # 0.4 x 10,000 before, 0.1 x half of it after, 4,000 for the response, and a day costs 100.
    row = GOOD | {"impact_cost_p5": 10_000, "impact_cost_p95": 10_000}
    row |= {"impact_days_p5": 5, "impact_days_p50": 5, "impact_days_p95": 5}
    table = response_returns(register(row, ACCEPTED), rng=seeded(), runs=200_000, cost_of_delay=100)
    assert table.index.tolist() == ["R1"]
    saved = 0.4 * 10_500 - 0.1 * 5_250
    assert table.loc["R1", "saved"] == pytest.approx(saved, rel=0.01)
    expected = (saved - 4_000) / 4_000
    assert table.loc["R1", "return_on_response"] == pytest.approx(expected, abs=0.01)


def test_with_a_plan_days_saved_off_the_critical_path_are_worth_nothing():
    plan = Plan([Activity("labels", 3), Activity("model", 100), Activity("ui", 100)])
    beside = register(GOOD | {"impact_days_p95": 40})
    table = response_returns(beside, rng=seeded(), plan=plan, cost_of_delay=1000)
    assert table.loc["R1", "days_p80"] == 0
    lone = response_returns(
        beside, rng=seeded(), plan=Plan([Activity("labels", 3)]), cost_of_delay=1000, p=90
    )
    assert lone.loc["R1", "days_p90"] > 5
    assert lone.loc["R1", "saved"] > table.loc["R1", "saved"]


def test_a_response_never_makes_any_run_worse_and_many_are_ranked():
    rows = [
        GOOD | {"risk_id": f"R{n}", "probability": 0.2 + n / 10, "cost_of_response": 1000 * n + 500}
        for n in range(4)
    ]
    found = register(*rows)
    before = simulate_losses(found.events(), rng=seeded())
    after = simulate_losses(found.events("all"), rng=seeded())
    assert (after <= before + 1e-9).all()
    table = response_returns(found, rng=seeded())
    assert table["return_on_response"].is_monotonic_decreasing
    assert (table["saved"] > 0).all()
    with pytest.raises(PlanError, match="No open risk"):
        response_returns(register(ACCEPTED), rng=seeded())


def test_an_opportunity_in_the_register_brings_the_finish_forward():
    gift = GOOD | {"response": "enhance", "residual_probability": 0.8, "residual_impact": 1}
    found = register(gift)
    assert found.table["inherent_emv"].iloc[0] < 0
    plan = Plan([Activity("labels", 60)])
    finish = [
        simulate(plan, rng=seeded(), risks=found.events(responses)).finish.mean()
        for responses in ((), "all")
    ]
    assert 60 > finish[0] > finish[1]


HISTORY = pd.DataFrame(
    {
        "week": [8, 10, 12, 13, 14, 15],
        "recall": [0.60, 0.85, 0.70, 0.75, 0.78, 0.90],
        "spend": [1.0, 1.1, None, 1.6, 1.2, 1.1],
    }
)


def states(criterion, history=HISTORY):
    table = evaluate_criteria(history, [criterion])
    return dict(zip(table["week"], table["state"], strict=True))


def test_a_criterion_is_judged_at_its_date_and_stays_judged():
    assert states(Criterion("recall", "<", 0.8, 12, "pivot")) == {
        8: "not due",
        10: "not due",
        12: "triggered",
        13: "triggered",
        14: "triggered",
        15: "triggered",
    }
    assert states(Criterion("recall", "<", 0.65, 12, "pivot"))[12] == "cleared"
    assert states(Criterion("recall", "<", 0.85, 10, "pivot"))[12] == "cleared"


def test_grace_lets_a_metric_recover_and_ends():
    recovers = states(Criterion("recall", "<", 0.8, 12, "kill", grace=3))
    assert list(recovers.values()) == ["not due", "not due", *["warning"] * 3, "cleared"]
    ends = states(Criterion("recall", "<", 0.8, 12, "kill", grace=2))
    assert list(ends.values())[-3:] == ["warning", "triggered", "triggered"]


def test_what_was_not_measured_clears_nothing():
    found = states(Criterion("spend", ">", 1.5, 12, "stop hiring"))
    assert [found[week] for week in (10, 12, 13, 15)] == [
        "not due",
        "no data",
        "triggered",
        "triggered",
    ]


def test_the_action_stands_only_where_it_is_due():
    criteria = read_criteria(
        [
            {"metric": "recall", "op": "<", "threshold": 0.8, "by_week": 12, "action": "pivot"},
            {"metric": "spend", "op": ">=", "threshold": "9", "by_week": "8", "action": "kill"},
        ]
    )
    table = evaluate_criteria(HISTORY.sample(frac=1, random_state=1), criteria)
    assert table["week"].is_monotonic_increasing and len(table) == 12
    assert set(table.loc[table["action"] != "", "week"]) == {12, 13, 14, 15}
    assert set(table["action"]) == {"", "pivot"}
    assert table["criterion"][0] == "recall < 0.8 in week 12: pivot"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"by_week": None}, "criterion 2: it lacks a date (by_week)"),
        ({"action": ""}, "it lacks what is done then (action)"),
        ({"threshold": None}, "it lacks a number to compare with"),
        ({"metric": " "}, "it lacks what is measured"),
        ({"op": None}, "it lacks a comparison"),
        ({"op": "=="}, "'==' is no comparison"),
        ({"threshold": "low"}, "threshold is 'low', not a number"),
        ({"by_week": "soon"}, "by_week is 'soon', not a number"),
        ({"by_week": 3.5}, "by_week is 3.5, not a number of weeks"),
        ({"grace": -1}, "grace is -1, not a number of weeks"),
    ],
)
def test_vague_criteria_are_refused_with_the_missing_part(change, said):
    good = {"metric": "recall", "op": "<", "threshold": 0.8, "by_week": 12, "action": "pivot"}
    for rows in ([good, good | change], pd.DataFrame([good, good | change])):
        with pytest.raises(PlanError) as error:
            read_criteria(rows)
        assert said in str(error.value)
    with pytest.raises(PlanError, match="too vague"):
        Criterion(**good | change)


def test_histories_that_cannot_be_judged_are_refused():
    criterion = Criterion("recall", "<", 0.8, 12, "pivot")
    for history, said in (
        (HISTORY.drop(columns="week"), "needs a column 'week'"),
        (HISTORY.drop(columns="recall"), "has no 'recall'"),
        (pd.concat([HISTORY, HISTORY.tail(1)]), "Week 15 is in the history twice"),
    ):
        with pytest.raises(PlanError, match=said):
            evaluate_criteria(history, [criterion])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("recall < 0.8", Condition("recall", "<", 0.8)),
        ("p95 latency>=300", Condition("p95 latency", ">=", 300)),
        ("error rate > 5%", Condition("error rate", ">", 0.05)),
        ("spend <= 1_200_000", Condition("spend", "<=", 1.2e6)),
    ],
)
def test_conditions_read_as_people_write_them(text, expected):
    assert Condition.parse(text) == expected
    assert Condition.parse(str(expected)) == expected


@pytest.mark.parametrize("text", ["recall", "< 0.8", "recall = 0.8", "recall < ", "0.7 < r < 0.8"])
def test_what_nobody_can_observe_is_no_condition(text):
    with pytest.raises(PlanError):
        Condition.parse(text)

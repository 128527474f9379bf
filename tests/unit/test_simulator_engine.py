"""The engine: one program or thousands, the same to the last bit, and always in range."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tpmkit.simulator import (
    BASELINES,
    OBSERVATION,
    OPTIONS,
    PACES,
    STATES,
    ActionError,
    Fleet,
    Program,
    ScenarioError,
    fly,
    fly_arrays,
    fly_asking,
    load_scenario,
    scenarios,
)
from tpmkit.simulator.rules import gain, lose

RISKS = tuple(risk.name for risk in load_scenario().risks)
SOFT = ("data", "model", "platform", "governance", "health", "morale", "trust")
RANDOM = BASELINES["random"]


def flown(policy, scenario, seed):
    program, memory = Program(scenario, seed), {}
    while not program.end:
        program.step(policy(program.obs, memory))
    return program


actions = st.fixed_dictionaries(
    {},
    optional={
        "alloc": st.lists(
            st.sampled_from([0, 1e-300, 0.2, 1, 1e300]), min_size=5, max_size=5
        ).filter(any),
        "hire": st.sampled_from([-1, 0, 1]),
        "pace": st.sampled_from(PACES),
        "comms": st.sampled_from([0, 1, 2]),
        "mitigate": st.sampled_from([None, *RISKS]),
        "option": st.sampled_from(OPTIONS),
    },
)


@given(
    st.sampled_from(scenarios()),
    st.integers(0, 10_000),
    st.lists(st.tuples(actions, st.integers(1, 12)), min_size=1, max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_decided_every_state_stays_in_range(scenario, seed, decisions):
    program = Program(scenario, seed)
    for action, weeks in decisions:
        for _ in range(weeks):
            if program.end:
                break
            obs, reward, terminated, truncated, info = program.step(action)
            assert math.isfinite(reward) and truncated is False
            assert terminated == (info["end"] is not None)
            assert set(obs) == set(OBSERVATION)
    history = program.history()
    for name, (_, low, high, _) in STATES.items():
        assert history[name].between(low, high).all(), name
    for name in SOFT:
        assert history[name].between(0, 1, inclusive="neither").all(), name
    assert history["net"].iloc[-1] == sum(
        (
            history[name].iloc[-1] * sign
            for name, sign in (("value", 1), ("loss", -1), ("spent", -1))
        )
    )


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0, 5))
def test_gains_and_losses_saturate_softly_and_undo_each_other_in_direction(x, amount):
    assert x <= gain(x, amount) < 1 and 0 < lose(x, amount) <= x


@pytest.mark.parametrize("scenario", scenarios())
def test_a_batch_and_single_runs_agree_to_the_last_bit(scenario):
    seeds = [5, 99, 7, 5, 123_456_789]
    batch = fly(RANDOM, scenario, seeds, trace=True)
    for episode, seed in enumerate(seeds):
        single = flown(RANDOM, scenario, seed)
        ours = batch.outcomes.iloc[[episode]].reset_index(drop=True)
        pd.testing.assert_frame_equal(ours, single.fleet.outcomes(), check_exact=True)
        trace = batch.fleet.trace(episode).query("week < @single.week")
        pd.testing.assert_frame_equal(trace, single.trace(), check_exact=True)
        assert batch.fleet.events_of(episode) == single.events()
        assert batch.curve[: single.week + 1, episode].tolist() == single.curve
        assert batch.actions(episode) == single.actions


def test_all_forms_of_a_policy_fly_the_same():
    seeds = range(20)

    def dates(obs, memory):
        launch = obs["week"] >= 20 and obs["stage"] != "live"
        return {"alloc": (1, 3, 2, 1, 1), "comms": 2, "option": "launch" if launch else "continue"}

    def in_arrays(obs, memory):
        launch = (obs["week"] >= 20) & (obs["stage"] != "live")
        option = np.where(launch, "launch", "continue")
        return {"alloc": (1, 3, 2, 1, 1), "comms": 2, "option": option}

    asked = []

    def ask(episodes, observations):
        asked.append(len(episodes))
        return [dates(obs, {}) for obs in observations]

    one = fly(dates, "standard", seeds)
    assert np.array_equal(one.curve, fly_arrays(in_arrays, "standard", seeds).curve)
    assert np.array_equal(one.curve, fly_asking(ask, "standard", seeds).curve)
    assert len(asked) <= 40 and asked[0] == 20


def test_only_running_episodes_are_asked():
    def ask(episodes, observations):
        return [{"option": "kill" if episode % 2 else "continue"} for episode in episodes]

    seen = []
    flight = fly_asking(lambda e, o: seen.append(e) or ask(e, o), "standard", range(6))
    assert seen[0] == [0, 1, 2, 3, 4, 5] and seen[1] == [0, 2, 4]
    assert flight.outcomes["ended"].tolist()[1::2] == ["killed"] * 3
    assert (flight.curve[1, 1::2] == flight.curve[-1, 1::2]).all()


def test_policies_share_their_luck():
    idle, hires = ({"comms": 1}, {"comms": 1, "hire": 1, "pace": "crunch"})
    first, second = (
        fly(lambda obs, memory, a=action: a, "standard", range(30)).fleet
        for action in (idle, hires)
    )
    for name in ("uniform", "normal", "ceiling_1", "ceiling_2", "learning_rate"):
        assert np.array_equal(getattr(first._luck, name), getattr(second._luck, name))
    struck = [
        [
            (e["week"], episode)
            for episode in range(30)
            for e in fleet.events_of(episode)
            if e["event"] == "competitor_launch" and e["week"] < 20
        ]
        for fleet in (first, second)
    ]
    assert struck[0] == struck[1] != []


def test_luck_differs_from_seed_to_seed_and_not_from_time_to_time():
    once, again = Fleet("standard", [1, 2])._luck, Fleet("standard", [2, 1])._luck
    assert np.array_equal(once.uniform, again.uniform[::-1])
    assert not np.array_equal(once.uniform[0], once.uniform[1])
    assert once.ceiling_1[0] != once.ceiling_1[1]


def test_the_tutorial_is_the_same_for_every_seed_and_measures_exactly():
    flight = fly(BASELINES["gated"], "tutorial", range(5))
    assert len(set(flight.net)) == 1
    program = Program("tutorial", 1)
    program.step({})
    assert program.obs["governance"] == program.history()["governance"].iloc[-1]


def test_the_trace_accounts_for_every_change_of_every_state():
    program = flown(RANDOM, "standard", 17)
    trace, history = program.trace(), program.history()
    assert (trace["after"] - trace["before"]).equals(trace["change"])
    for name in STATES:
        steps = trace[trace["state"] == name]
        chain = [history[name].iloc[0], *steps["after"]]
        assert chain[:-1] == steps["before"].tolist(), name
        assert chain[-1] == history[name].iloc[-1], name
        for week, by_week in steps.groupby("week"):
            assert by_week["after"].iloc[-1] == history[name].iloc[week + 1], (name, week)


def test_events_carry_the_numbers_that_caused_them():
    program = Program("standard", 4)
    program.step({"option": "launch"})
    event = program.events()[-1]
    assert event["event"] == "launch_refused" and event["week"] == 0
    assert event["cause"] == "platform readiness 0.05 is below 0.45"
    assert program.obs["events"] == [event["event"]]


def test_rewards_add_up_to_the_net():
    program, total = Program("standard", 8), 0.0
    while not program.end:
        total += program.step(BASELINES["gated"](program.obs, {}))[1]
    assert math.isclose(total, program.net) and program.curve[-1] == program.net


def test_an_ended_program_takes_no_more_actions_until_reset():
    program = Program("standard", 8)
    *_, terminated, _, info = program.step({"option": "kill"})
    assert terminated and info["end"] == "killed"
    with pytest.raises(ActionError, match="ended in week 1: killed. Call reset"):
        program.step({})
    obs, info = program.reset()
    assert obs["week"] == 0 and info == {"net": 0.0, "end": None, "events": []}


def test_reset_repeats_the_luck_and_takes_another_seed():
    program = Program("standard", 8)
    first = program.obs
    assert program.reset()[0] == first
    assert program.reset(seed=9)[0] != first and program.seed == 9


def test_a_changed_observation_changes_nothing():
    program = Program("standard", 8)
    obs = program.obs
    obs["events"].append("nonsense")
    obs["week"] = 99
    assert program.obs["week"] == 0 and program.obs["events"] == []


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7", None])
def test_a_wrong_seed_is_refused(seed):
    with pytest.raises(ScenarioError, match="whole number from 0; got"):
        Program("standard", seed)


def test_a_wrong_action_in_a_flight_says_where():
    with pytest.raises(ActionError, match="Week 2 of seed 11: hire must be -1, 0 or 1; got 5."):
        fly(lambda obs, memory: {"hire": 5 * (obs["week"] == 2)}, "standard", [11])


@pytest.mark.parametrize("answer", [None, {}, [], [{}, {}, {}]])
def test_as_many_answers_as_questions(answer):
    with pytest.raises(ActionError, match="A list of 2 actions was expected; got"):
        fly_asking(lambda episodes, observations: answer, "standard", [1, 2])


def test_newcomers_slow_the_team_before_they_speed_it_up():
    def team(hires):
        def policy(obs, memory):
            return {"hire": int(hires and 14 <= obs["week"] < 20)}

        flight = fly(policy, "standard", range(100), trace=True)
        output = {w: a for w, _, state, _, a in flight.fleet._changes if state == "output"}
        return np.array([output[week] for week in range(30)])

    difference = team(hires=True) - team(hires=False)
    assert np.allclose(difference[:14], 0)
    assert (difference[15:19].mean(axis=1) < 0).all()
    assert (difference[27:].mean(axis=1) > 0).all()


def test_changing_the_division_of_work_every_week_costs_output():
    def steady(obs, memory):
        return {"alloc": (1, 1, 1, 1, 1)}

    def churning(obs, memory):
        return {"alloc": [5 * (obs["week"] % 5 == i) for i in range(5)]}

    def output(policy):
        fleet = fly(policy, "standard", range(50), trace=True).fleet
        return np.mean([a for w, _, s, _, a in fleet._changes if s == "output" and w < 20])

    assert output(churning) < 0.8 * output(steady)


def test_long_weeks_help_at_first_and_then_do_not():
    def output(pace):
        fleet = fly(lambda o, m: {"pace": pace}, "standard", range(50), trace=True).fleet
        return np.array([a.mean() for w, _, s, _, a in fleet._changes if s == "output"][:20])

    gained = output("crunch") / output("normal")
    assert gained[0] > 1.1 and gained[12:].max() < 1


def test_governance_keeps_incidents_away_and_drift_needs_upkeep():
    def live(governance, upkeep):
        def policy(obs, memory):
            before = {"data": 2, "model": 3, "platform": 2, "governance": governance, "debt": 1}
            after = {"data": upkeep, "model": upkeep, "governance": governance, "debt": 1}
            launch = obs["week"] >= 15 and obs["stage"] != "live"
            return {
                "alloc": after if obs["stage"] == "live" else before,
                "option": "launch" if launch else "continue",
            }

        return fly(policy, "standard", range(60)).outcomes

    assert live(0, 1)["incidents"].mean() > 2 * live(3, 1)["incidents"].mean()
    assert live(1, 0)["drift"].mean() > 0.1 > live(1, 2)["drift"].mean()


def test_what_is_not_live_earns_nothing_and_harms_nobody():
    def never_live(obs, memory):
        return {"comms": 2, "option": "shadow" if obs["stage"] == "build" else "continue"}

    outcomes = fly(never_live, "standard", range(60)).outcomes
    assert (outcomes["stage"] == "shadow").any()
    assert not outcomes[["value", "loss", "incidents"]].to_numpy().any()


def test_the_regulator_refuses_a_launch_without_a_file():
    flight = fly(BASELINES["date_driven"], "regulated", range(40))
    assert (flight.outcomes["launch_week"] < 0).mean() > 0.9
    assert "launch_refused" in {e["event"] for e in flight.fleet.events_of(0)}

"""Replays: a run comes back to the last bit, or the file says why it cannot."""

import json

import numpy as np
import pytest

from tpmkit.simulator import (
    BASELINES,
    OPTIONS,
    Program,
    Replay,
    ReplayError,
    ScenarioError,
    fly,
    load_scenario,
    scenarios,
)


def changed(replay, **fields):
    return json.loads(replay.to_json()) | fields


def wild(obs, memory):
    """Decisions of every kind, launches and pivots among them."""
    rng = memory.setdefault("rng", np.random.default_rng(int(obs["trust"] * 1e12)))
    return {
        "alloc": rng.random(5) ** 3,
        "hire": int(rng.integers(-1, 2)),
        "pace": str(rng.choice(["normal", "crunch"])),
        "comms": int(rng.integers(3)),
        "mitigate": [None, "label_delay", "key_person"][rng.integers(3)],
        "option": OPTIONS[rng.choice(len(OPTIONS), p=[0.6, 0.08, 0.12, 0.12, 0.06, 0.02])],
    }


@pytest.mark.parametrize("scenario", scenarios())
def test_fifty_wild_runs_of_each_scenario_come_back_to_the_last_bit(scenario):
    flight = fly(wild, scenario, range(50), trace=True)
    for episode in range(50):
        text = flight.replay(episode).to_json()
        again = Replay.read(text).fly()
        ours = flight.outcomes.iloc[episode].drop("seed")
        theirs = again.outcomes().iloc[0].drop("seed")
        assert ours.equals(theirs)
        assert again.events_of(0) == flight.fleet.events_of(episode)
        assert again.trace().equals(flight.fleet.trace(episode).query("week < @again.week"))
        assert Replay.read(text).to_json() == text


def test_a_run_can_be_left_and_resumed(tmp_path):
    policy = BASELINES["hire_when_late"]
    whole, left = Program("standard", 5), Program("standard", 5)
    while not whole.end:
        whole.step(policy(whole.obs, {}))
    for action in whole.actions[:17]:
        left.step(action)
    resumed = Program.resume(left.replay().save(tmp_path / "run.json"))
    assert resumed.week == 17 and resumed.obs == left.obs and resumed.curve == left.curve
    while not resumed.end:
        resumed.step(policy(resumed.obs, {}))
    assert resumed.replay() == whole.replay()
    assert resumed.trace().equals(whole.trace()) and resumed.history().equals(whole.history())


def test_a_run_with_other_constants_is_resumed_with_them():
    scenario = load_scenario().replace(drift_rate=0.02)
    program = Program(scenario, 5)
    program.step({})
    with pytest.raises(ReplayError, match="flown in 'standard' with constants"):
        Program.resume(program.replay())
    assert Program.resume(program.replay(), scenario).obs == program.obs


@pytest.fixture(scope="module")
def replay():
    program = Program("standard", 5)
    for _ in range(3):
        program.step({"comms": 2})
    return program.replay()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"schema_version": 2}, "schema_version 2; this version of tpmkit reads 1"),
        ({"scenario_version": "000000000000"}, "they are"),
        ({"net": 1.0}, "This run came to 1.0 k$ and now comes to -"),
        ({"seed": 6, "net": 0.5}, "This run came to 0.5 k$"),
        ({"mood": 1}, "A replay has actions, net, scenario"),
        ({"actions": "many"}, "A replay's actions are a list; got 'many'."),
    ],
)
def test_a_replay_that_does_not_fit_says_why(replay, fields, says):
    with pytest.raises(ReplayError) as raised:
        Program.resume(changed(replay, **fields))
    assert says in str(raised.value)


def test_a_changed_action_is_noticed(replay):
    content = changed(replay)
    content["actions"][0]["comms"] = 0
    with pytest.raises(ReplayError, match="the file was changed"):
        Program.resume(content)


def test_actions_after_the_end_are_noticed():
    program = Program("standard", 5)
    program.step({"option": "kill"})
    content = changed(program.replay())
    content["actions"] *= 2
    with pytest.raises(ReplayError, match="ends after 1 weeks; more actions follow"):
        Program.resume(content)


def test_a_replay_of_nothing_is_the_start():
    assert Program.resume(Program("regulated", 9).replay()).obs == Program("regulated", 9).obs


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{broken", "not JSON"),
        ("no/such/file.json", "no/such/file.json cannot be read: No such file"),
        ("{}", "schema_version None"),
    ],
)
def test_a_file_that_is_no_replay_says_so(source, says):
    with pytest.raises(ReplayError, match=says):
        Replay.read(source)


def test_a_replay_of_an_unknown_scenario_or_seed_is_refused(replay):
    with pytest.raises(ScenarioError, match="no scenario 'mars'"):
        Program.resume(changed(replay, scenario="mars"))
    with pytest.raises(ScenarioError, match="whole number from 0; got -3"):
        Program.resume(changed(replay, seed=-3))

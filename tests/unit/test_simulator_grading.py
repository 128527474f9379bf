"""A learner's policy gets the flight, the sentence and the share it deserves."""

import random
import stat
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tpmkit import data
from tpmkit.calls import Called
from tpmkit.simulator import BASELINES, ScenarioError, expert, fly, fly_policy, hidden_seeds

SEEDS = range(40)


def after(weeks, then):
    """Gated for some weeks, and then something else."""

    def policy(obs, memory):
        return BASELINES["gated"](obs, memory) if obs["week"] < weeks else then(obs)

    return policy


def earlier(obs, memory):
    """Gated, at a lower gate."""
    return BASELINES["gated"](obs | {"quality": obs["quality"] + 0.07}, memory)


class Far:
    """A policy that is asked for many programs in one journey, as one in the sandbox is."""

    def __init__(self, policy, milliseconds=0.0):
        self.policy, self.milliseconds = policy, milliseconds
        self.now, self.journeys = 0.0, []

    def _tpmkit_many(self, rows):
        self.journeys.append(len(rows))
        self.now += self.milliseconds * len(rows) / 1000
        return [Called(self.policy(*row), row) for row in rows]


def test_it_flies_as_fly_does_and_shares_are_between_the_course_policies():
    flown = fly_policy(earlier, "standard", SEEDS)
    assert flown.problem == ""
    assert np.array_equal(flown.flight.curve, fly(earlier, "standard", SEEDS).curve)
    assert 0 < flown.share < 1
    assert fly_policy(BASELINES["date_driven"], "standard", SEEDS).share == 0


@pytest.mark.parametrize("name", ["gated", "expert"])
def test_a_course_policy_earns_nothing_and_is_recognised(name):
    policy = expert("standard") if name == "expert" else BASELINES[name]
    flown = fly_policy(policy, "standard", SEEDS)
    assert (flown.share, flown.problem) == (0, f"it is the course's own policy {name!r}")
    assert flown.failed == 0


def test_a_policy_far_away_is_asked_for_twenty_programs_at_a_time():
    far = Far(earlier)
    near = fly_policy(earlier, "standard", SEEDS)
    assert np.array_equal(fly_policy(far, "standard", SEEDS).flight.curve, near.flight.curve)
    assert max(far.journeys) == 20 and len(far.journeys) <= 80


def test_a_slow_policy_is_given_up_soon_and_a_single_slow_round_is_forgiven():
    slow = Far(earlier, milliseconds=6)
    flown = fly_policy(slow, "standard", SEEDS, clock=lambda: slow.now)
    assert flown.flight is None and flown.share == 0 and "5 ms" in flown.problem
    assert flown.failed == 40
    assert len(slow.journeys) == 5

    busy = Far(earlier, milliseconds=4)

    def hiccup():
        return busy.now + (len(busy.journeys) + 1) // 3

    assert fly_policy(busy, "standard", SEEDS, clock=hiccup).problem == ""


def test_after_a_crash_that_program_flies_on_unattended_and_the_first_is_told():
    def crash(obs):
        if obs["headcount"] > 7:
            raise KeyError("velocity")
        return {}

    flown = fly_policy(after(9, crash), "standard", SEEDS)
    unattended = fly(after(9, lambda obs: {}), "standard", SEEDS)
    assert np.array_equal(flown.flight.curve, unattended.curve)
    assert "programs flew on unattended; week 9 of program 1: it raised KeyError('velocity')" in (
        flown.problem
    )


def test_a_malformed_action_is_told_in_the_words_of_the_engine():
    flown = fly_policy(after(3, lambda obs: {"hire": 5}), "standard", SEEDS)
    assert "week 3 of program 1: hire must be -1, 0 or 1; got 5." in flown.problem
    assert flown.problem.startswith("40 of 40") and flown.failed == 40


def test_what_a_policy_does_to_its_observation_changes_nothing():
    def greedy(obs, memory):
        action = earlier(dict(obs), memory)
        obs["value"] = obs["quality"] = 1e9
        obs["events"].append("launch")
        return action

    assert fly_policy(greedy, "standard", SEEDS).share == (
        fly_policy(earlier, "standard", SEEDS).share
    )


def test_dice_without_a_seed_show_when_the_same_programs_are_flown_twice():
    def dice(obs, memory):
        return {"alloc": [random.random() + 0.01 for _ in range(5)]}

    first, again = (fly_policy(dice, "standard", SEEDS).flight for _ in range(2))
    assert first.actions(0) != again.actions(0)
    assert np.array_equal(first.curve, again.curve), "money alone would not show it"


def test_a_policy_whose_process_is_gone_is_given_up():
    class Gone:
        def _tpmkit_many(self, rows):
            raise RuntimeError("its process ended itself (exit code 3)")

    assert fly_policy(Gone(), "standard", SEEDS).problem == (
        "given up: its process ended itself (exit code 3)"
    )


def test_hidden_seeds_follow_from_salt_and_purpose_alone(monkeypatch):
    monkeypatch.setenv("TPMKIT_SALT", "one")
    seeds = hidden_seeds("standard", 200)
    assert hidden_seeds("standard", 300)[:200] == seeds
    assert len({*seeds, *hidden_seeds("regulated", 200)}) == 400
    monkeypatch.setenv("TPMKIT_SALT", "two")
    assert not set(seeds) & set(hidden_seeds("standard", 200))


def test_the_salt_is_made_once_whoever_asks_and_is_for_its_owner_alone(monkeypatch, tmp_path):
    (tmp_path / "grading").mkdir()
    monkeypatch.delenv("TPMKIT_SALT", raising=False)
    monkeypatch.setattr(data, "folder", lambda: tmp_path / "datasets")
    with ThreadPoolExecutor(8) as executor:
        found = list(executor.map(lambda n: tuple(hidden_seeds("standard", 5)), range(40)))
    assert len(set(found)) == 1
    assert [path.name for path in (tmp_path / "grading").iterdir()] == [".salt"]
    assert stat.S_IMODE((tmp_path / "grading" / ".salt").stat().st_mode) == 0o600


def test_without_a_place_for_a_salt_the_next_step_is_told(monkeypatch, tmp_path):
    monkeypatch.delenv("TPMKIT_SALT", raising=False)
    monkeypatch.setattr(data, "folder", lambda: tmp_path / "datasets")
    with pytest.raises(ScenarioError, match="Set TPMKIT_SALT"):
        hidden_seeds("standard", 5)

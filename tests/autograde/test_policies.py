"""A policy in the sandbox cannot reach the programs it flies, their luck, or its score."""

from __future__ import annotations

import os

import pytest
from autograde.classroom import ASSIGNMENTS, REPOSITORY, answered, reference, solved

from tpmkit.autograde import Grader
from tpmkit.simulator import hidden_seeds

(PRACTICE,) = (notebook for notebook in ASSIGNMENTS if notebook.name == "17_simulator_practice")

ATTACKS = {
    "raises what it sees": """
def policy(obs, memory):
    obs.update(value=9e9, quality=1.0, stage="live", budget_left=9e9)
    obs["events"].append("launch")
    memory.update(obs)
    return {}
""",
    "patches the simulator and its scores": """
import tpmkit.calls, tpmkit.checks, tpmkit.simulator as simulator

everything = type("Everything", (float,), {"__ge__": lambda *_: True, "__eq__": lambda *_: True})
for part in (simulator, simulator.grading, simulator.scores, simulator.flights):
    part.policy_score = lambda *_: simulator.PolicyScore(*[1.1] * 11)
    part.fly_policy = lambda *_: simulator.Flown(None, 0, "", 1.1)
simulator.fleet.Fleet.net = property(lambda self: 9e9)
simulator.grading.MILLISECONDS = 1e9
tpmkit.checks.Checks.score = property(lambda self: self.points)
share = everything(1.1)


def policy(obs, memory):
    return {}
""",
    "answers with things that are no actions": """
class Action(dict):
    share, net, failed = 1.1, 9e9, 0

    def get(self, *_):
        return "launch"


def policy(obs, memory):
    memory["flight"] = Action()
    return Action() if obs["week"] % 2 else {}
""",
    "flies the seeds it finds": """
import glob, os
import tpmkit
from tpmkit import data
from tpmkit.simulator import hidden_seeds

found = [f"{name}={value}" for name, value in os.environ.items()]
package = os.path.dirname(tpmkit.__file__)
roots = [data.folder().parent, package, os.path.dirname(package)]
below = (".", "grading", "../grading")
places = [f"{root}/{folder}/.salt" for root in roots for folder in below]
for path in places + glob.glob("/proc/*/environ"):
    try:
        found.append(open(path).read())
    except OSError:
        pass
try:
    found.append(str(hidden_seeds("standard", 100)))
except Exception as error:
    found.append(f"NO SEEDS: {error}")
print(*found)


def policy(obs, memory):
    return {}
""",
}


@pytest.fixture(scope="module")
def graded():
    notebook, answers = solved(PRACTICE), reference(PRACTICE)
    with Grader(data=REPOSITORY.root / "datasets") as grader:
        return {
            name: grader.judge(notebook, answered(PRACTICE, answers | {"fly": source}))
            for name, source in ATTACKS.items()
        }


def checks(graded, name):
    rows = graded[name].metadata.tpmkit.outcome.checks["test_fly"]
    return {row["name"]: row["passed"] for row in rows}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_share_is_gained(graded, name):
    bands = {check: passed for check, passed in checks(graded, name).items() if "share" in check}
    assert len(bands) == 4 and not any(bands.values())


@pytest.mark.parametrize("name", ATTACKS)
def test_the_other_exercises_keep_their_points(graded, name):
    earned = graded[name].metadata.tpmkit.outcome.points
    assert {earned[f"test_{item.id}"] for item in PRACTICE.exercises if item.id != "fly"} == {
        item.points for item in PRACTICE.exercises if item.id != "fly"
    }


def test_no_salt_is_found(graded):
    cells = graded["flies the seeds it finds"].cells
    text = "".join(str(cell.get("outputs", "")) for cell in cells)
    assert "NO SEEDS" in text
    assert os.environ["TPMKIT_SALT"] not in text
    assert str(hidden_seeds("standard", 1)[0]) not in text

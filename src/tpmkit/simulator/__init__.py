"""A program flight simulator: forty weeks of a machine-learning program, decided week by week.

``Program`` is flown by hand, ``fly`` flies a policy over many episodes; both see the same luck for
the same seed. ``docs/simulator.md`` describes the model.
"""

from tpmkit.simulator.actions import OPTIONS, PACES, WORKSTREAMS, Decisions, parse_action
from tpmkit.simulator.errors import ActionError, ReplayError, ScenarioError
from tpmkit.simulator.figures import debrief_figure
from tpmkit.simulator.fleet import OBSERVATION, Fleet
from tpmkit.simulator.flights import Flight, fly, fly_arrays, fly_asking
from tpmkit.simulator.grading import Flown, fly_policy, hidden_seeds
from tpmkit.simulator.policies import BASELINES, expert
from tpmkit.simulator.program import Program
from tpmkit.simulator.replay import Replay
from tpmkit.simulator.rules import STATES
from tpmkit.simulator.scenario import Risk, Scenario, load_scenario, scenarios
from tpmkit.simulator.scores import (
    PolicyScore,
    cvar,
    ghosts,
    policy_score,
    references,
    regret,
    scorecard,
)

__all__ = [
    "BASELINES",
    "OBSERVATION",
    "OPTIONS",
    "PACES",
    "STATES",
    "WORKSTREAMS",
    "ActionError",
    "Decisions",
    "Fleet",
    "Flight",
    "Flown",
    "PolicyScore",
    "Program",
    "Replay",
    "ReplayError",
    "Risk",
    "Scenario",
    "ScenarioError",
    "cvar",
    "debrief_figure",
    "expert",
    "fly",
    "fly_arrays",
    "fly_asking",
    "fly_policy",
    "ghosts",
    "hidden_seeds",
    "load_scenario",
    "parse_action",
    "policy_score",
    "references",
    "regret",
    "scenarios",
    "scorecard",
]

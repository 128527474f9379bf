"""What policies are worth, in which order, and how runs and policies are scored."""

import matplotlib
import numpy as np
import pytest

from tpmkit.simulator import (
    BASELINES,
    Program,
    ScenarioError,
    cvar,
    debrief_figure,
    expert,
    fly,
    ghosts,
    load_scenario,
    policy_score,
    references,
    regret,
    scenarios,
    scorecard,
)
from tpmkit.simulator.figures import headline, money
from tpmkit.simulator.policies import EXPERT, experts
from tpmkit.simulator.scores import TAIL_WEIGHT

matplotlib.use("Agg")
SEEDS = range(300)


@pytest.fixture(scope="module")
def standard():
    flights = {name: fly(policy, "standard", SEEDS) for name, policy in BASELINES.items()}
    return flights | {"expert": fly(expert("standard"), "standard", SEEDS)}


def ahead(better, worse):
    """Mean paired difference, in standard errors."""
    difference = better.net - worse.net
    return difference.mean() / (difference.std(ddof=1) / difference.size**0.5)


def flown(policy, scenario, seed):
    program, memory = Program(scenario, seed), {}
    while not program.end:
        program.step(policy(program.obs, memory))
    return program


def test_expert_beats_stage_gates_which_beat_every_naive_policy(standard):
    assert ahead(standard["expert"], standard["gated"]) > 4
    for name in set(BASELINES) - {"gated"}:
        assert ahead(standard["gated"], standard[name]) > 4, name


def test_dice_do_not_beat_hiring_late(standard):
    assert ahead(standard["hire_when_late"], standard["random"]) > 2


@pytest.mark.parametrize("scenario", [name for name in scenarios() if name != "tutorial"])
def test_the_expert_wins_everywhere_on_seeds_it_has_not_seen(scenario):
    found = references(scenario, range(150))
    assert ahead(found["expert"], found["gated"]) > 4
    assert ahead(found["gated"], found["date_driven"]) > 4


def test_the_expert_belongs_to_the_scenario_as_it_is():
    for name in scenarios():
        assert experts()[name]["scenario_version"] == load_scenario(name).version, (
            "constants changed: run tests/bench/tune_expert.py"
        )
        assert list(experts()[name]["parameters"]) == list(EXPERT)


def test_pivoting_matters_where_the_first_approach_may_be_a_dead_end():
    def stubborn(obs, memory):
        action = BASELINES["gated"](obs, memory)
        return action | {"option": action["option"].replace("pivot", "continue")}

    gated = fly(BASELINES["gated"], "ambiguous_ceiling", SEEDS)
    assert ahead(gated, fly(stubborn, "ambiguous_ceiling", SEEDS)) > 3


def test_baselines_do_what_they_are_called(standard):
    outcomes = {name: flight.outcomes for name, flight in standard.items()}
    assert (outcomes["kill_now"]["ended"] == "killed").all()
    assert (outcomes["idle"]["launch_week"] < 0).all()
    assert (outcomes["date_driven"]["launch_week"] == 20).all()
    assert (outcomes["perfectionist"]["launch_week"] < 0).mean() > 0.5
    assert outcomes["hire_when_late"]["spent"].mean() > outcomes["gated"]["spent"].mean() + 200


def test_baselines_repeat_themselves():
    for name, policy in BASELINES.items():
        once, again = (fly(policy, "standard", range(5)).curve for _ in range(2))
        assert np.array_equal(once, again), name


def test_the_tail_is_the_mean_of_the_worst_tenth():
    assert cvar([*range(1, 21)]) == 1.5
    assert cvar([5.0]) == 5.0
    assert cvar([3, 1, 2], tail=1) == 2
    with pytest.raises(ScenarioError):
        cvar([])
    with pytest.raises(ScenarioError):
        cvar([1], tail=0)


def test_naive_scores_nothing_and_the_expert_one(standard):
    naive, best = standard["date_driven"], standard["expert"]
    assert policy_score(naive, naive, best).score == 0
    assert policy_score(naive, naive, best).tail_penalty == 0
    assert policy_score(best, naive, best).score == 1
    gated = policy_score(standard["gated"], naive, best)
    assert 0.4 < gated.score < 0.9 and gated.ahead > 4 * gated.ahead_error
    assert gated.score == pytest.approx(
        (gated.mean - gated.naive) / (gated.expert - gated.naive), abs=1e-12
    )


def test_a_score_has_a_floor_and_a_little_room_above_the_expert(standard):
    naive, best = standard["date_driven"], standard["expert"]
    assert policy_score(standard["random"], naive, best).score == 0
    assert policy_score(best, naive, standard["gated"]).score == 1.1


def test_a_worse_tail_than_naive_costs_points(standard):
    naive, best = standard["idle"], standard["expert"]
    scored = policy_score(standard["gated"], naive, best)
    assert scored.tail < scored.naive_tail
    worse = (scored.naive_tail - scored.tail) / (scored.expert - scored.naive)
    assert scored.tail_penalty == pytest.approx(TAIL_WEIGHT * worse)
    assert scored.points_share == pytest.approx(scored.score - scored.tail_penalty)


def test_only_flights_on_the_same_luck_are_compared(standard):
    other = fly(BASELINES["gated"], "standard", range(10))
    with pytest.raises(ScenarioError, match="same scenario and seeds"):
        policy_score(other, standard["date_driven"], standard["expert"])
    with pytest.raises(ScenarioError, match="The expert must beat the naive policy"):
        policy_score(standard["idle"], standard["gated"], standard["idle"])


def test_regret_is_what_stage_gates_would_have_had_more():
    program = flown(BASELINES["idle"], "standard", 3)
    gated = flown(BASELINES["gated"], "standard", 3)
    assert regret(program) == gated.net - program.net and regret(gated) == 0


def test_ghosts_live_other_lives_from_the_same_start():
    curves = ghosts("standard")
    assert curves.shape == (41, 50) and (curves[0] == 0).all()
    assert len(set(curves[-1])) > 40


def test_the_scorecard_has_five_dimensions_from_nought_to_a_hundred():
    for policy in (*BASELINES.values(), expert("standard")):
        program = flown(policy, "standard", 12)
        card = scorecard(program)
        assert list(card.index) == ["value", "delivery", "people", "foundations", "stewardship"]
        assert card["score"].between(0, 100).all()
        assert card.equals(scorecard(fly(policy, "standard", [11, 12]), 1))


def test_each_dimension_sees_what_it_is_for():
    """Runs that differ in one respect: the dimension it belongs to is the one that moves most."""

    def base(obs, memory):
        option = "continue"
        if obs["stage"] == "build" and obs["week"] >= 18:
            option = "shadow"
        if obs["stage"] == "shadow" and obs["weeks_in_stage"] >= 2:
            option = "launch"
        return {"option": option, "comms": 2}

    def hasty(obs, memory):
        action = base(obs, memory)
        return action | {"option": "launch" if action["option"] == "shadow" else action["option"]}

    def driven(obs, memory):
        return base(obs, memory) | {"pace": "crunch"}

    def careless(obs, memory):
        return base(obs, memory) | {"alloc": (1, 1, 1, 0, 1), "comms": 0}

    def cards(policy):
        flight = fly(policy, "tutorial", [0])
        return scorecard(flight)["score"]

    for policy, dimension in ((hasty, "delivery"), (driven, "people"), (careless, "stewardship")):
        assert cards(policy)[dimension] < cards(base)[dimension] - 5, dimension


def test_the_headline_says_launch_end_money_and_comparison():
    gated = fly(BASELINES["gated"], "standard", [3])
    killed = flown(BASELINES["kill_now"], "standard", 3)
    gap = money(abs(killed.net - gated.net[0])).removeprefix("+")
    side = "behind" if gated.net[0] > killed.net else "ahead of"
    assert headline(killed, gated).split("\n") == [
        "Never launched, killed after week 1 at −$50k:",
        f"{gap} {side} stage gates under the same luck",
    ]
    assert money(1_234_000 / 1000) == "+$1.2M" and money(-999.4) == "−$999k"


@pytest.mark.parametrize("weeks", [0, 10, 40])
def test_the_debrief_shows_a_run_at_any_time(weeks):
    program, memory = Program("standard", 4), {}
    while program.week < weeks and not program.end:
        program.step(BASELINES["date_driven"](program.obs, memory))
    figure = debrief_figure(program)
    figure.canvas.draw()
    curve, events, card, why = figure.axes
    assert figure.get_suptitle() == headline(program, fly(BASELINES["gated"], "standard", [4]))
    own = next(line for line in curve.lines if line.get_label() == "this run")
    assert own.get_ydata().tolist() == program.curve
    bars = sum(bar.get_height() for bar in why.patches)
    assert bars == pytest.approx(-regret(program))
    assert card.get_title("left").startswith("Scorecard: weakest on")
    said = [text.get_text().split(maxsplit=3)[2:] for text in events.texts]
    risks = {risk.name: risk.title for risk in program.scenario.risks}
    named = dict.fromkeys(("launch", "incident"), None) | risks
    assert sorted(said) == sorted(
        [str(e["week"]), named[e["event"]] or e["event"]]
        for e in program.events()
        if e["event"] in named
    )
    numbers = [int(text.get_text()) for text in curve.texts]
    assert numbers == list(range(1, len({week for week, _ in said}) + 1))
    matplotlib.pyplot.close(figure)

"""The flight panel, driven without a browser: told, stored, undone, resumed, believed, reported."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpmkit.errors import TpmkitError
from tpmkit.simulator import (
    BASELINES,
    Program,
    fly,
    ghosts,
    load_scenario,
    regret,
    scenarios,
    telling,
)
from tpmkit.simulator import journal as diary
from tpmkit.simulator.journal import Entry, JournalError, Statement, brier, scored
from tpmkit.simulator.logbook import HandFlight, Logbook, LogbookError
from tpmkit.simulator.panel import Panel, PanelError, choices, panel


@pytest.fixture
def cockpit(tmp_path: Path) -> Panel:
    """A panel in a flight of the standard scenario, seed 7."""
    made = panel("standard", 7, tmp_path)
    made.click("start")
    return made


def flown(policy: str, scenario: str = "standard", seed: int = 7) -> Program:
    """A program flown to its end by a baseline."""
    program = Program(scenario, seed)
    for action in fly(BASELINES[policy], scenario, [seed]).actions(0):
        program.step(action)
    return program


def text_of(made: Panel) -> str:
    """Everything the panel shows as HTML."""
    return "".join(getattr(widget, "value", "") for widget in made.children)


# --- flying --------------------------------------------------------------------------------------


def test_a_whole_program_is_flown_by_pressing_week(cockpit: Panel) -> None:
    for week in range(40):
        assert cockpit.flight.program.week == week
        cockpit.click("week")
        assert cockpit.problem == ""
    assert cockpit.flight.program.end == "finished"
    assert "ran its forty weeks" in cockpit.sentence
    with pytest.raises(PanelError, match="no button 'week' now; there are: again, undo, leave"):
        cockpit.click("week")


def test_what_the_controls_say_is_what_the_program_is_told(cockpit: Panel) -> None:
    cockpit.weights["data"].value = 60
    cockpit.pace.value, cockpit.comms.value = "crunch", 2
    cockpit.mitigate.value, cockpit.hire.value = "vendor_outage", 1
    cockpit.click("week")
    assert cockpit.flight.program.actions == [
        {
            "alloc": {"data": 60, "model": 20, "platform": 20, "governance": 20, "debt": 20},
            "hire": 1,
            "pace": "crunch",
            "comms": 2,
            "mitigate": "vendor_outage",
            "option": "continue",
        }
    ]


def test_hiring_and_the_option_are_decided_for_one_week_only(cockpit: Panel) -> None:
    cockpit.hire.value, cockpit.option.value = 1, "pivot"
    cockpit.click("four_weeks")
    told = [(a["hire"], a["option"]) for a in cockpit.flight.program.actions]
    assert told == [(1, "pivot"), (0, "continue"), (0, "continue"), (0, "continue")]
    assert (cockpit.hire.value, cockpit.option.value) == (0, "continue")


def test_four_weeks_stop_early_where_one_wants_to_think_again(cockpit: Panel) -> None:
    cockpit.option.value = "launch"
    cockpit.click("four_weeks")
    assert cockpit.flight.program.week == 1
    assert cockpit.sentence.startswith("Week 0: the launch is refused")


def test_five_sliders_at_0_are_refused_in_a_sentence_and_nothing_is_flown(cockpit: Panel) -> None:
    for slider in cockpit.weights.values():
        slider.value = 0
    cockpit.click("week")
    assert cockpit.problem == "All five sliders stand at 0; give the team something to work on."
    assert cockpit.flight.program.week == 0
    cockpit.weights["data"].value = 5
    cockpit.click("week")
    assert (cockpit.problem, cockpit.flight.program.week) == ("", 1)


@given(st.lists(st.integers(0, 100), min_size=5, max_size=5))
def test_shares_are_parts_of_one_whole(weights: list[int]) -> None:
    shares = telling.shares(dict(zip("abcde", weights, strict=True)))
    assert math.isclose(sum(shares.values()), 1 if any(weights) else 0)
    assert all(share >= 0 for share in shares.values())


@pytest.mark.parametrize(
    ("stage", "approach", "offered"),
    [
        ("build", 1, {"continue", "pivot", "shadow", "launch", "kill"}),
        ("build", 2, {"continue", "shadow", "launch", "kill"}),
        ("shadow", 1, {"continue", "launch", "kill"}),
        ("live", 2, {"continue", "rollback", "kill"}),
    ],
)
def test_only_options_that_a_stage_has_are_offered(stage, approach, offered) -> None:
    assert {o for _, o in choices(load_scenario("standard"), stage, approach)} == offered


# --- undo, leave, resume -------------------------------------------------------------------------


def test_undo_takes_the_week_back_exactly_and_says_so_at_the_end(cockpit: Panel) -> None:
    cockpit.click("four_weeks")
    before, seen = cockpit.sentence, cockpit.flight.program.obs
    cockpit.option.value = "kill"
    cockpit.click("week")
    assert "was stopped by you after 5 weeks" in cockpit.sentence
    cockpit.click("undo")
    assert cockpit.flight.program.obs == seen
    assert cockpit.sentence.endswith(before.split("net value")[1])
    cockpit.option.value = "kill"
    cockpit.click("week")
    assert "You took a week back once, so part of this is hindsight." in text_of(cockpit)


def test_who_comes_back_finds_the_controls_as_they_were_left(cockpit, tmp_path) -> None:
    cockpit.weights["debt"].value, cockpit.weights["data"].value = 0, 75
    cockpit.comms.value, cockpit.mitigate.value, cockpit.hire.value = 2, "label_delay", 1
    cockpit.click("week")
    made = panel("standard", 7, tmp_path)
    made.click("resume 0")
    assert made.action == cockpit.action
    assert made.action["hire"] == 0


def test_there_is_nothing_to_undo_before_the_first_week(cockpit: Panel) -> None:
    with pytest.raises(PanelError, match="'undo' cannot be pressed now"):
        cockpit.click("undo")
    with pytest.raises(LogbookError, match="no week to undo"):
        cockpit.flight.undo()


@pytest.mark.parametrize("week", np.random.default_rng(6).integers(1, 39, 2).tolist())
def test_a_flight_left_in_any_week_goes_on_as_if_it_had_not_been(tmp_path: Path, week: int) -> None:
    flights = []
    for leaves in (False, True):
        made = panel("standard", 11, tmp_path / str(leaves))
        made.click("start")
        for number in range(40):
            if leaves and number == week:
                made = panel("standard", 11, tmp_path / str(leaves))
                made.click("resume 0")
            made.weights["model"].value = 100 - number
            if made.buttons["note"].disabled is False:
                made.probability.value = 100 - number - number % 5
                made.click("note")
            made.click("week")
        flights.append(made)
    straight, resumed = flights
    assert straight.flight.program.replay() == resumed.flight.program.replay()
    assert straight.flight.seen == resumed.flight.seen
    assert straight.flight.entries == resumed.flight.entries
    assert straight.sentence == resumed.sentence


def test_every_week_is_on_the_disk_before_the_next(cockpit: Panel, tmp_path: Path) -> None:
    for week in range(3):
        [file] = tmp_path.iterdir()
        stored = json.loads(file.read_text(encoding="utf-8"))
        assert len(stored["replay"]["actions"]) == week
        cockpit.click("week")


def test_a_finished_flight_opens_on_its_report(cockpit: Panel, tmp_path: Path) -> None:
    cockpit.option.value = "kill"
    cockpit.click("week")
    said = cockpit.sentence
    again = panel("standard", 7, tmp_path)
    again.click("resume 0")
    assert again.sentence == said


def test_the_same_luck_can_be_flown_again_beside_the_first_flight(cockpit, tmp_path) -> None:
    cockpit.option.value = "kill"
    cockpit.click("week")
    cockpit.click("again")
    assert (cockpit.flight.program.week, cockpit.flight.program.seed) == (0, 7)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-40],
        lambda text: "[]",
        lambda text: text.replace('"journal": []', '"journal": [3]'),
        lambda text: text.replace('"scenario": "standard"', '"scenario": ["standard"]'),
        lambda text: text.replace('"seed": 7', '"seed": -7'),
        lambda text: text.replace('"schema_version": 1', '"schema_version": 9'),
        lambda text: text.encode("utf-16"),
    ],
)
def test_a_damaged_file_is_set_aside_and_said_and_the_others_are_there(
    cockpit: Panel, tmp_path: Path, damage
) -> None:
    cockpit.click("week")
    [file] = tmp_path.iterdir()
    whole = file.read_text(encoding="utf-8")
    broken = damage(whole)
    (tmp_path / "other.json").write_bytes(broken if isinstance(broken, bytes) else broken.encode())
    made = panel("standard", 7, tmp_path)
    assert re.fullmatch(
        r"The flight other is damaged \(.+\); it is kept as other.json.damaged.", made.problem
    )
    assert list(made.buttons) == ["start", "resume 0"]
    assert {path.name for path in tmp_path.iterdir()} == {file.name, "other.json.damaged"}
    assert panel("standard", 7, tmp_path).problem == ""


def test_a_flight_whose_decisions_were_edited_is_set_aside_when_it_is_resumed(
    cockpit: Panel, tmp_path: Path
) -> None:
    cockpit.click("week")
    [file] = tmp_path.iterdir()
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"comms": 1', '"comms": 2'), encoding="utf-8")
    made = panel("standard", 7, tmp_path)
    made.click("resume 0")
    assert "is damaged (This run came to" in made.problem
    assert list(made.buttons) == ["start"]


def test_a_flight_of_another_version_is_left_alone(cockpit: Panel, tmp_path: Path) -> None:
    [file] = tmp_path.iterdir()
    version = load_scenario("standard").version
    file.write_text(file.read_text(encoding="utf-8").replace(version, "0" * 12), encoding="utf-8")
    made = panel("standard", 7, tmp_path)
    assert "another version of the scenario" in made.problem
    assert file.exists() and list(made.buttons) == ["start"]


def test_two_windows_do_not_overwrite_each_other(cockpit: Panel, tmp_path: Path) -> None:
    other = panel("standard", 7, tmp_path)
    other.click("resume 0")
    other.click("week")
    cockpit.click("week")
    assert "was continued in another window" in cockpit.problem
    cockpit.click("leave")
    cockpit.click("resume 0")
    assert cockpit.flight.program.week == 1


def test_a_folder_that_cannot_be_written_is_said_and_flying_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    made = panel("standard", 7, tmp_path / "file")
    made.click("start")
    assert "cannot be stored" in made.problem and "you can fly on" in made.problem
    made.click("week")
    assert made.flight.program.week == 1


# --- what is said --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", scenarios())
@pytest.mark.parametrize("policy", ["random", "hire_when_late", "gated", "date_driven"])
def test_every_week_of_every_kind_of_flight_has_words(name: str, policy: str) -> None:
    program = Program(name, 5)
    seen = [program.obs]
    for action in fly(BASELINES[policy], name, [5]).actions(0):
        seen.append(program.step(action)[0])
        said = telling.sentence(program, seen)
        assert said.startswith(f"Week {program.week - 1}: ") and "net value so far" in said
        assert "_" not in said
    assert "_" not in re.sub(r"<[^>]+>", "", telling.feed(program))


def test_the_primer_has_the_numbers_of_its_scenario() -> None:
    assert "$90k a week for each 0.10" in telling.primer(load_scenario("standard"))
    assert "and governance" not in telling.primer(load_scenario("standard"))
    assert "launch 0.45 and governance 0.70;" in telling.primer(load_scenario("regulated"))


def test_a_sentence_says_what_happened_why_and_what_it_cost() -> None:
    program = Program("standard", 7)
    seen = [program.obs, program.step({"option": "launch", "alloc": {"data": 1}, "comms": 0})[0]]
    said = telling.sentence(program, seen)
    assert "the launch is refused, in public (platform readiness 0.05 is below 0.45)" in said
    assert "Data readiness rose most (work on data)" in said
    assert "$48k spent" in said


def test_a_trend_is_told_in_words_over_four_weeks() -> None:
    seen = [{"trust": value, "stage": "build"} for value in (0.9, 0.5, 0.5, 0.5, 0.5, 0.6)]
    assert telling.trend("trust", seen[:1]) == ""
    assert telling.trend("trust", seen[:5]) == "↘ down 0.40"
    assert telling.trend("trust", seen) == "↗ up 0.10"
    assert telling.trend("trust", seen[1:5]) == "→ steady"


def test_a_trend_does_not_compare_offline_quality_with_real_quality() -> None:
    seen = [{"quality": 0.7, "stage": "build"}, {"quality": 0.5, "stage": "shadow"}]
    assert telling.trend("quality", seen) == ""


def test_the_curve_says_in_words_where_one_stands(cockpit: Panel) -> None:
    cockpit.click("four_weeks")
    program, others = cockpit.flight.program, ghosts("standard")
    ahead = int((others[4] < program.net).sum())
    caption = telling.curve_caption(program, others)
    assert f"ahead of {ahead} of 50 programs run by stage gates" in caption
    picture = telling.curve(program, others)
    assert picture.count("<polyline") == 51
    assert f"aria-label='{caption}'" in picture
    assert "nan" not in picture


def test_what_a_flyer_writes_cannot_act_as_markup(cockpit: Panel) -> None:
    cockpit.click("four_weeks")
    cockpit.belief.value = "<script>alert(1)</script>"
    cockpit.click("note")
    cockpit.option.value = "kill"
    cockpit.click("week")
    assert "<script>" not in text_of(cockpit)
    assert "&lt;script&gt;" in text_of(cockpit)


# --- the journal ---------------------------------------------------------------------------------


def test_the_journal_asks_every_four_weeks_and_blocks_nobody(cockpit: Panel) -> None:
    asked = []
    for _ in range(39):
        cockpit.click("week")
        if not cockpit.buttons["note"].disabled:
            asked.append(cockpit.flight.program.week)
            if not 12 <= cockpit.flight.program.week < 16:
                cockpit.click("note")
    assert asked == [4, 8, 12, 13, 14, 15, 16, 20, 24, 28, 32, 36]


def test_an_answer_is_stored_as_it_was_given(cockpit: Panel, tmp_path: Path) -> None:
    cockpit.click("four_weeks")
    cockpit.belief.value, cockpit.probability.value = "Labels\ncome first ✓", 65
    cockpit.click("note")
    assert (cockpit.belief.value, cockpit.probability.value) == ("", 50)
    [(path, _)] = Logbook(tmp_path).stored()
    [entry] = Logbook(tmp_path).open(path).entries
    assert (entry.belief, entry.probability) == ("Labels come first ✓", 0.65)
    assert entry.statement.text == "The model is live in week 26 or earlier."


def statement(kind: str, week: int, due: int) -> Statement:
    return Statement(kind, week, due, "")


def came_true(program: Program, kind: str, week: int, due: int) -> bool:
    [row] = scored([Entry(statement(kind, week, due), "", 0.5)], program).itertuples()
    return row.came_true


def test_statements_are_held_against_what_really_happened() -> None:
    program = flown("date_driven")
    assert program.end == "finished"
    history, launched = program.history(), 20
    assert not came_true(program, "live", 4, launched - 1)
    assert came_true(program, "live", 4, launched)
    for week in (8, 16, 24):
        true = history.loc[week, "quality"] > history.loc[week, "bar"]
        assert came_true(program, "honest", week, week) == true
    trusted = (history["trust"] > 0.5).tolist()
    assert True in trusted[1:] and False in trusted[1:]
    assert [came_true(program, "trust", 4, due) for due in range(40)] == trusted[1:]
    assert came_true(program, "net", 12, 39) == (program.net > 0)
    assert came_true(program, "ahead", 12, 39) == (regret(program) < 0)
    incidents = [event["week"] for event in program.events() if event["event"] == "incident"]
    first = incidents[0]
    assert came_true(program, "incident", first, first)
    assert not came_true(program, "incident", first - 1, first - 1)
    names = {risk.name for risk in program.scenario.risks}
    struck = {event["week"] for event in program.events() if event["event"] in names}
    for week in range(40):
        assert came_true(program, "risk", week, week) == (week in struck)


def test_a_program_that_ends_early_decides_every_statement() -> None:
    program = Program("standard", 7)
    program.step({"option": "kill"})
    for kind in diary.KINDS:
        assert came_true(program, kind, 0, 39) in (True, False)


def test_a_journal_of_a_running_program_is_not_scored() -> None:
    with pytest.raises(JournalError, match="when the program has ended"):
        scored([], Program("standard", 7))


def test_no_statement_is_asked_that_is_already_decided() -> None:
    for seed in range(8):
        flight = HandFlight("standard", seed)
        for action in fly(BASELINES["date_driven"], "standard", [seed]).actions(0):
            question = flight.question
            if question is not None:
                live = flight.program.obs["stage"] == "live"
                assert not (live and question.kind in ("live", "honest"))
                assert live or question.kind != "incident"
                assert flight.program.week <= question.due < flight.program.scenario.weeks
                flight.note("", 0.5)
            flight.fly(action)
        assert len({entry.statement.kind for entry in flight.entries}) >= 5


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=20))
def test_brier_is_0_for_certainty_that_was_right_and_never_above_1(answers) -> None:
    probabilities, outcomes = zip(*answers, strict=True)
    assert 0 <= brier(probabilities, outcomes) <= 1
    assert brier([float(outcome) for outcome in outcomes], outcomes) == 0
    assert brier([0.5] * len(outcomes), outcomes) == diary.GUESS


def test_brier_of_an_example_worked_by_hand() -> None:
    assert math.isclose(brier([0.9, 0.2, 0.5], [True, True, False]), (0.01 + 0.64 + 0.25) / 3)


@pytest.mark.parametrize("probability", [-0.1, 1.1, math.nan, True, "0.5", None])
def test_what_is_no_probability_is_refused(probability) -> None:
    with pytest.raises((JournalError, TypeError)):
        Entry(statement("net", 4, 39), "", probability)


# --- the report ----------------------------------------------------------------------------------


def test_the_report_holds_scorecard_doctrine_figure_brier_and_journal(cockpit: Panel) -> None:
    cockpit.click("four_weeks")
    cockpit.belief.value, cockpit.probability.value = "We are early", 90
    cockpit.click("note")
    cockpit.option.value = "kill"
    cockpit.click("week")
    shown = text_of(cockpit)
    doctrine = telling.money(float(fly(BASELINES["gated"], "standard", [7]).net[0]))
    assert doctrine.lstrip("+−") in cockpit.sentence
    for dimension in ("value", "delivery", "people", "foundations", "stewardship"):
        assert f"<th scope='row'>{dimension}</th>" in shown
    assert "Your Brier score is 0.81 over 1 answer: worse than always saying 50 %" in shown
    assert "We are early" in shown
    assert re.search(r'<img alt="Your program was stopped by you[^"]+" src="data:image/png', shown)


def test_an_impatient_flyer_reaches_the_report_without_writing_a_word(cockpit: Panel) -> None:
    clicks = 0
    while cockpit.flight.program.end is None:
        cockpit.click("four_weeks")
        clicks += 1
    assert clicks == 10
    assert "You answered none of the journal" in text_of(cockpit)


@pytest.mark.parametrize("name", scenarios())
def test_every_scenario_is_flown_to_its_report(name: str, tmp_path: Path) -> None:
    made = panel(name, 3, tmp_path)
    made.click("start")
    while made.flight.program.end is None:
        made.click("four_weeks")
        assert made.problem == ""
    assert "with the same luck" in made.sentence


def test_outcome_says_who_was_ahead_and_by_how_much() -> None:
    program = flown("gated")
    assert "exactly the same" in telling.outcome(program, 0.0)
    assert "$100k better" in telling.outcome(program, 100.0)
    assert "$100k worse" in telling.outcome(program, -100.0)


# --- doors ---------------------------------------------------------------------------------------


def test_a_negative_seed_is_said_and_nothing_starts(tmp_path: Path) -> None:
    made = panel("standard", -1, tmp_path)
    made.click("start")
    assert made.problem == "A seed is a whole number from 0; got -1."
    assert made.flight is None and list(tmp_path.iterdir()) == []


def test_a_scenario_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(TpmkitError, match="did you mean 'standard'"):
        panel("standrad", 7, tmp_path)


def test_a_changed_scenario_cannot_be_flown_by_hand(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match="as it ships"):
        panel(load_scenario("standard").replace(budget=100), 7, tmp_path)


def test_without_a_seed_every_panel_has_luck_of_its_own(tmp_path: Path) -> None:
    assert len({panel(folder=tmp_path).seed.value for _ in range(5)}) > 1

"""The screens, driven without a browser: what each shows, hides, stores and says."""

import html
import json
import re
from datetime import UTC, datetime, timedelta

import interviews
import ipywidgets as widgets
import numpy as np
import pytest

from tpmkit.interview.app import Practice
from tpmkit.interview.calibrate import Calibration
from tpmkit.interview.calibration_screen import CalibrationScreen
from tpmkit.interview.history import history
from tpmkit.interview.others import rounds_for
from tpmkit.interview.panel import Seat, convene
from tpmkit.interview.panel_screen import PanelScreen
from tpmkit.interview.screen import Screen, Timer
from tpmkit.interview.solo import Session
from tpmkit.interview.solo_screen import SoloScreen
from tpmkit.interview.store import Store

ATTACK = '<img src=x onerror="alert(1)"> & more'
ANSWER = "I would commit to week 26 in writing. Priya owns the labels and decides on 12 May."
START = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return interviews.bank_of(
        tmp_path_factory.mktemp("bank"),
        *(interviews.question(f"I{n:02d}") for n in range(1, 13)),
        writing=[interviews.exercise()],
        calibration=[interviews.scored(n, 1 + n % 4) for n in range(1, 5)],
    )


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "mine")


@pytest.fixture
def practice(store, bank):
    return Practice(store, bank, np.random.default_rng(1))


@pytest.fixture
def solo(store, bank):
    """A solo session at its first question."""
    session = Session.begin(store, bank, "L2", 25, np.random.default_rng(1))
    screen = SoloScreen(session, lambda: None)
    press(screen, "Show the question")
    return screen


def every(widget, kind=widgets.Widget):
    """The widgets of a kind within a widget, from top to bottom."""
    inside = [found for child in getattr(widget, "children", ()) for found in every(child, kind)]
    return [widget, *inside] if isinstance(widget, kind) else inside


def press(screen, label):
    """Click the one button of that label."""
    (found,) = [b for b in every(screen, widgets.Button) if b.description.startswith(label)]
    found.click()


def labels(screen):
    return [button.description for button in every(screen, widgets.Button)]


def markup(screen):
    """All HTML on the screen, without the style sheet."""
    parts = [w.value for w in every(screen, widgets.HTML) if not w.value.startswith("<style>")]
    return "\n".join(parts)


def text(screen):
    """What a reader sees of the HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup(screen))).split())


def said(screen):
    """The sentence in the live line."""
    assert 'role="status"' in screen.status.value
    return html.unescape(re.sub(r"<[^>]+>", "", screen.status.value))


def typing(screen, words):
    """Type into the one large box."""
    (box,) = every(screen, widgets.Textarea)
    box.value = words


def choose(screen, level):
    """Choose the same level in every criterion on the screen."""
    for radio in every(screen, widgets.RadioButtons):
        radio.value = level


def to_rating(screen):
    """Answer, and pass on every follow-up."""
    typing(screen, ANSWER)
    press(screen, "Hand in the answer")
    while screen.session.state.phase == "probe":
        press(screen, "Pass")


def one_question(screen):
    """From the question to the offer of the next one."""
    to_rating(screen)
    choose(screen, 2)
    press(screen, "These are my ratings")
    press(screen, "Show a model answer")
    typing(screen, "Name the range first.")
    press(screen, "Keep it")
    press(screen, "Yes, tomorrow")


def test_a_newcomer_sees_where_the_data_lie_and_one_thing_to_start(practice, store):
    seen = text(practice)
    assert f"Your answers stay in {store.folder}. Nothing leaves this machine" in seen
    assert "--export" in seen and "--delete" in seen
    primary = [b for b in every(practice.home, widgets.Button) if b.button_style == "primary"]
    assert primary[0].description == "Start"
    assert not store.folder.exists()


def test_a_whole_session_leads_from_the_start_screen_back_to_it(practice, store, bank):
    press(practice, "Start")
    screen = practice.children[0]
    count = len(screen.session.state.plan)
    assert f"{count} questions left" in text(screen) and count > 1
    for _ in range(count):
        press(screen, "Show the question")
        one_question(screen)
    assert screen.session.state.phase == "done"
    assert text(screen).count("Name the range first.") == count
    press(screen, "Back to the start")
    assert f"{count} answers rated so far, 0 due" in text(practice)
    assert not any(label.startswith("Go on") for label in labels(practice))
    assert [one.own for one in history(store, bank)] != []


def test_the_start_screen_offers_what_was_left_and_counts_what_is_due(store, bank):
    past = datetime.now(UTC) - timedelta(days=30)
    session = Session.begin(store, bank, "L2", 25, np.random.default_rng(1), lambda: past)
    screen = SoloScreen(session, lambda: None)
    press(screen, "Show the question")
    one_question(screen)
    practice = Practice(store, bank, np.random.default_rng(1))
    assert "1 answer rated so far, 1 due for another look" in text(practice)
    press(practice, f"Go on: session of {past:%d %B, %H:%M}")
    assert practice.children[0].session.id == session.id


def test_a_session_whose_file_was_renamed_is_still_offered(solo, store, bank):
    path = solo.session.log.path
    path.rename(path.with_name("solo-my first.jsonl"))
    practice = Practice(store, bank, np.random.default_rng(1))
    assert "Go on: solo-my first" in labels(practice)


def test_a_damaged_file_is_said_on_the_start_screen(solo, store, bank):
    with solo.session.log.path.open("ab") as file:
        file.write(b"not an event\n{}\n")
    Practice(store, bank, np.random.default_rng(1))
    assert "damaged line" in text(Practice(Store(store.folder), bank, np.random.default_rng(1)))


def test_before_the_self_rating_nothing_tells_what_would_be_right(solo):
    question = solo.session.question
    secrets = [question.model_answer.text[:60], *question.red_flags]
    secrets += [point.title for point in question.points]
    secrets += [fact.answer for fact in question.clarifying_info]
    anchors = [anchor for c in question.rubric for anchor in c.anchors.values()]

    def hidden(things):
        shown = text(solo) + " ".join(
            label for radio in every(solo, widgets.RadioButtons) for label, _ in radio.options
        )
        return not any(" ".join(thing.split()) in shown for thing in things)

    assert " ".join(question.prompt.split())[:80] in text(solo)
    assert hidden([*secrets, *anchors])
    typing(solo, ANSWER)
    press(solo, "Hand in the answer")
    while solo.session.state.phase == "probe":
        assert solo.session.probe.text in text(solo)
        assert hidden([*secrets, *anchors])
        press(solo, "Pass")
    assert hidden(secrets)
    assert not hidden(anchors[:1])
    assert "possibly covered" not in text(solo)
    choose(solo, 3)
    press(solo, "These are my ratings")
    assert not hidden(secrets[-8:-2])
    assert hidden(secrets[:1])
    press(solo, "Show a model answer")
    assert not hidden(secrets[:1])
    assert not hidden(secrets[1:2])


def test_a_fact_is_given_only_when_it_is_asked_for(solo):
    fact = solo.session.question.clarifying_info[0]
    (ask,) = every(solo, widgets.Text)
    ask.value = fact.ask
    press(solo, "Ask")
    assert fact.answer in text(solo)
    assert solo.session.question.clarifying_info[1].answer not in text(solo)
    assert ask.value == ""
    ask.value = "xylophone"
    ask._handle_custom_msg({"event": "submit"}, [])
    assert "You: xylophone Interviewer: I have nothing on that." in text(solo)


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("Hand in the answer", "The answer is empty; write or paste one, or skip the question."),
        ("Ask", "Ask in a few words what you need to know."),
    ],
)
def test_what_cannot_be_done_is_said_in_the_live_line(solo, label, sentence):
    press(solo, label)
    assert said(solo) == sentence
    assert solo.session.state.phase == "answer"


def test_unrated_criteria_are_named_as_they_stand_on_the_screen(solo):
    to_rating(solo)
    press(solo, "These are my ratings")
    title = solo.session.question.rubric[0].title
    assert title in said(solo) and title in text(solo)
    every(solo, widgets.RadioButtons)[0].value = 2
    assert said(solo) == ""
    assert solo.session.state.phase == "rate"


def test_what_is_typed_is_there_again_when_one_comes_back(solo, store, bank):
    typing(solo, "I would first ask")
    again = SoloScreen(Session.resume(store, bank, solo.session.id), lambda: None)
    (box,) = every(again, widgets.Textarea)
    assert box.value == "I would first ask"
    typing(again, "I would first ask who decides")
    press(again, "Stop here")
    events = [json.loads(line) for line in again.session.log.path.read_text().splitlines()]
    assert [e["text"] for e in events if e["do"] == "draft"][-1].endswith("who decides")


def test_a_session_open_in_two_windows_says_so_and_loses_nothing(solo, store, bank):
    other = SoloScreen(Session.resume(store, bank, solo.session.id), lambda: None)
    press(other, "Skip")
    press(solo, "Skip")
    assert "was continued in another window" in said(solo)


def test_nothing_that_people_write_acts_as_markup(solo, store):
    (ask,) = every(solo, widgets.Text)
    ask.value = ATTACK
    press(solo, "Ask")
    for words in (ATTACK, f"I would {ATTACK} commit to week 26."):
        assert "<img" not in markup(solo)
        if solo.session.state.phase == "answer":
            typing(solo, words)
            press(solo, "Hand in the answer")
    while solo.session.state.phase == "probe":
        typing(solo, ATTACK)
        press(solo, "Reply")
        assert "<img" not in markup(solo)
    choose(solo, 2)
    press(solo, "These are my ratings")
    assert "&lt;img" in markup(solo) and "<img" not in markup(solo)
    press(solo, "Show a model answer")
    typing(solo, ATTACK)
    press(solo, "Keep it")
    press(solo, "No, when it is due")
    press(solo, "End this session")
    assert "&lt;img" in markup(solo) and "<img" not in markup(solo)


def test_a_message_cannot_act_as_markup():
    screen = Screen()
    screen.say(ATTACK)
    assert "<img" not in screen.status.value


def test_a_timer_without_an_event_loop_says_that_it_will_not_ring():
    assert Timer().set(0, lambda: None) is False


def test_sample_answers_are_compared_only_after_every_criterion_is_rated(store, bank):
    left = []
    screen = CalibrationScreen(
        Calibration.open(store, bank), np.random.default_rng(1), lambda: left.append(True)
    )
    evidence = screen.calibration.next().ratings[0].evidence
    reference = "Because the anchor says"
    press(screen, "Compare")
    assert "Rate these first, then compare" in said(screen)
    assert reference not in text(screen)
    for done in range(len(bank.scored)):
        choose(screen, 2)
        press(screen, "Compare")
        assert reference in text(screen)
        assert "All criteria" in text(screen)
        if not done:
            assert evidence in text(screen)
        press(screen, "Next answer")
    assert "All answers are rated" in text(screen)
    press(screen, "Back to the start")
    assert left


class Table:
    """People with a folder each, and one they share."""

    def __init__(self, root, bank, kind, raters):
        self.exchange = root / "shared"
        at = START
        self.rounds = rounds_for(bank, kind, "L2", raters, at, np.random.default_rng(1))
        self.item = bank[self.rounds[0][0]]
        convene(self.exchange, bank, kind, "L2", "Anna", self.rounds)
        self.screens = {
            who: PanelScreen(Seat.take(Store(root / who), self.exchange, who, bank), lambda: None)
            for who in ("Anna", *raters, "Olga")
        }

    def __getitem__(self, who):
        return self.screens[who]

    def rate(self, who, level):
        screen = self[who]
        if who == "Anna":
            press(screen, "I have answered")
        else:
            every(screen, widgets.Textarea)[0].value = f"{ATTACK} said {who}"
            press(screen, "Note it")
        choose(screen, level)
        press(screen, "Lock my rating")

    def look(self):
        """Everybody looks twice: whoever looked first had not yet what the others opened."""
        for screen in [*self.screens.values(), *self.screens.values()]:
            press(screen, "Look again")


def test_a_candidate_sees_no_more_than_the_question_until_it_is_answered(tmp_path, bank):
    table = Table(tmp_path, bank, "pair", ["Ben"])
    assert " ".join(table.item.prompt.split())[:60] in text(table["Anna"])
    for secret in (table.item.probes[0].text, table.item.clarifying_info[0].answer):
        assert secret in text(table["Ben"]) and secret in text(table["Olga"])
        assert secret not in text(table["Anna"])
    assert not every(table["Anna"], widgets.RadioButtons)
    press(table["Anna"], "I have answered")
    assert every(table["Anna"], widgets.RadioButtons)


def test_an_interviewer_notes_before_rating(tmp_path, bank):
    table = Table(tmp_path, bank, "pair", ["Ben"])
    assert not every(table["Ben"], widgets.RadioButtons)
    every(table["Ben"], widgets.Textarea)[0].value = ATTACK
    press(table["Ben"], "Note it")
    assert every(table["Ben"], widgets.RadioButtons)
    assert "&lt;img" in markup(table["Ben"]) and "<img" not in markup(table["Ben"])
    assert "Halo" in text(table["Ben"])
    assert not every(table["Olga"], widgets.RadioButtons)


def test_a_pair_rates_apart_and_reads_the_advice_together(tmp_path, bank):
    table = Table(tmp_path, bank, "pair", ["Ben"])
    every(table["Ben"], widgets.Textarea)[0].value = "Range first"
    press(table["Ben"], "Note it")
    boxes = {box.description: box for box in every(table["Ben"], widgets.Text)}
    boxes["Keep"].value, boxes["Change"].value = "The range", ATTACK
    choose(table["Ben"], 3)
    press(table["Ben"], "Lock my ratings")
    assert "Still to come: Anna" in text(table["Ben"])
    strong = table.item.model_answer.annotations[0][0]
    assert "Mean of the criteria" not in text(table["Anna"])
    assert strong not in text(table["Anna"])
    table.rate("Anna", 4)
    table.look()
    for who in ("Anna", "Ben"):
        assert strong in text(table[who])
        assert "This round is closed" in text(table[who])
        assert "Mean of the criteria: 3.0 of 4" in text(table[who])
        assert "keep: The range" in text(table[who])
        assert "<img" not in markup(table[who])


def test_three_raters_talk_only_about_what_differs_by_two(tmp_path, bank):
    table = Table(tmp_path, bank, "panel", ["Ben", "Eva", "Tom"])
    for who, level in (("Ben", 2), ("Eva", 3), ("Tom", 3), ("Anna", 4)):
        if who == "Tom":
            screen = table["Tom"]
            every(screen, widgets.Textarea)[0].value = "noted"
            press(screen, "Note it")
            choose(screen, 3)
            every(screen, widgets.RadioButtons)[0].value = 4
            press(screen, "Lock my ratings")
        else:
            table.rate(who, level)
    table.look()
    assert "to discuss" in text(table["Eva"])
    assert "Record what you agreed" not in labels(table["Eva"])
    chair = table["Ben"]
    assert labels(chair).count("Record what you agreed") == 1
    (level,) = [w for w in every(chair, widgets.Dropdown) if w.description == "Together"]
    (reason,) = [w for w in every(chair, widgets.Text) if w.description == "Because"]
    level.value, reason.value = 3, "She named the week and the chance"
    press(chair, "Record what you agreed")
    table.look()
    for screen in table.screens.values():
        assert "This round is closed" in text(screen)
    assert "Mean of the criteria" in text(table["Anna"])


def test_looking_at_what_others_sent_does_not_take_away_what_is_typed(tmp_path, bank):
    table = Table(tmp_path, bank, "panel", ["Ben", "Eva"])
    table.rate("Ben", 3)
    every(table["Ben"], widgets.Textarea)[0].value = "half a sen"
    before = table["Ben"].children
    table["Ben"]._look_again()
    assert table["Ben"].children == before
    table.rate("Eva", 3)
    table["Ben"]._look_again()
    assert "Still to come: Anna" in text(table["Ben"])
    assert every(table["Ben"], widgets.Textarea)[0].value == "half a sen"


def test_a_meeting_is_set_up_and_joined_from_the_start_screen(practice, tmp_path):
    boxes = {box.description: box for box in every(practice, widgets.Text)}
    press(practice, "Set it up")
    assert "Name at least one interviewer" in markup(practice)
    boxes["Interviewers"].value, boxes["Candidate"].value = "Ben, Eva", "Anna"
    press(practice, "Set it up")
    assert "Give the folder of the meeting" in markup(practice)
    boxes["Meeting folder"].value = str(tmp_path / "meeting")
    press(practice, "Set it up")
    assert "The pair is set up with" in text(practice)
    boxes["Your name"].value = "Anna"
    press(practice, "Take my seat")
    assert "You are Anna, candidate" in text(practice)


def test_the_report_opens_inside_the_practice_and_cannot_break_out(practice):
    press(practice, "Start")
    solo = practice.children[0]
    press(solo, "Show the question")
    to_rating(solo)
    choose(solo, 2)
    press(solo, "These are my ratings")
    press(solo, "Show a model answer")
    typing(solo, f'"></iframe>{ATTACK}')
    press(solo, "Keep it")
    press(solo, "Yes")
    press(solo, "Stop here")
    press(practice, "Your report")
    assert "report.html" in text(practice)
    assert markup(practice).count("</iframe>") == 1
    assert "<img src=x" not in markup(practice)
    press(practice, "Back to the start")
    assert "Interview practice" in text(practice)

"""`tpmkit interview` as people use it: a whole session, one broken off, nothing sent anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

COMMAND = Path(sys.executable).with_name("tpmkit")
ANSWER = (
    "I would not promise the date. Priya owns the labels and decides on 12 May; until then I give "
    "a range, week 20 to week 26, and I say which of the two I would bet on."
)
LEFT = "I would first ask who decides, and then"


class Practice:
    """The command at work on a folder, and every address a browser asked for.

    Parameters
    ----------
    folder : Path
        Where sessions are kept.
    address : str
    """

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.asked: set[str] = set()

    def open(self, page: Page) -> None:
        page.on("request", lambda request: self.asked.add(request.url))
        page.on("websocket", lambda socket: self.asked.add(socket.url))
        page.goto(self.address)
        expect(page.get_by_role("heading", name="Interview practice")).to_be_visible()

    @property
    def hosts(self) -> set[str]:
        urls = map(urlsplit, self.asked)
        return {url.netloc for url in urls if url.scheme not in ("data", "blob", "about")}

    def events(self) -> list[dict]:
        (path,) = self.folder.glob("solo-*.jsonl")
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def practising(folder: Path) -> Iterator[Practice]:
    """`tpmkit interview --folder ... --no-browser`, until the block ends."""
    process = subprocess.Popen(
        [str(COMMAND), "interview", "--folder", str(folder), "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    printed = []
    for line in process.stdout:
        printed.append(line)
        if line.strip().startswith("http://127.0.0.1:"):
            break
    else:
        raise AssertionError(f"no address was printed, only: {''.join(printed)}")
    try:
        yield Practice(folder, line.strip())
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Practice]:
    with practising(tmp_path / "interviews") as practice:
        yield practice


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label).click()


def rate(page: Page, level: int) -> None:
    """Choose a level in every criterion."""
    for criterion in page.locator(".widget-radio-box").all():
        criterion.locator("input").nth(level - 1).check()


def to_rating(page: Page) -> None:
    """Hand in an answer and pass on every follow-up."""
    page.locator("textarea").fill(ANSWER)
    press(page, "Hand in the answer")
    step = page.get_by_role("button", name="Pass").or_(
        page.get_by_role("button", name="These are my ratings")
    )
    expect(step).to_be_visible()
    while page.get_by_role("button", name="Pass").count():
        follow_up = page.locator(".scene").last.inner_text()
        press(page, "Pass")
        page.wait_for_function(
            "was => [...document.querySelectorAll('.scene')].at(-1)?.innerText !== was",
            arg=follow_up,
        )
        expect(step).to_be_visible()


def test_nobody_else_on_the_machine_can_look_in(mine):
    address, _, token = mine.address.partition("?token=")
    for page in ("", "api/kernels"):
        with urllib.request.urlopen(address + page, timeout=60) as reply:
            assert urlsplit(reply.url).path == "/login"
            assert token not in reply.read().decode()


def test_a_stranger_does_a_whole_session_and_nothing_is_sent_anywhere(mine, page, shot):
    page.set_viewport_size({"width": 800, "height": 700})
    mine.open(page)
    expect(page.get_by_text(f"Your answers stay in {mine.folder}")).to_be_visible()
    shot(page, "interview_home")
    page.get_by_label("Time").select_option("15 minutes")
    press(page, "Start")
    expect(page.get_by_role("heading", name="Your session")).to_be_visible()
    while page.get_by_role("button", name="Show the question").count():
        press(page, "Show the question")
        expect(page.get_by_role("timer")).to_be_visible()
        page.get_by_placeholder("Ask the interviewer").fill("What is the deadline?")
        page.keyboard.press("Enter")
        expect(page.get_by_text("You: What is the deadline?")).to_be_visible()
        press(page, "Hand in the answer")
        expect(page.get_by_role("status").last).to_contain_text("The answer is empty")
        shot(page, "interview_answer")
        to_rating(page)
        press(page, "These are my ratings")
        expect(page.get_by_role("status").last).to_be_in_viewport()
        expect(page.get_by_role("status").last).to_contain_text("Rate your answer first on")
        rate(page, 3)
        shot(page, "interview_rate")
        press(page, "These are my ratings")
        expect(page.get_by_text("It is not a grade")).to_be_visible()
        shot(page, "interview_feedback")
        press(page, "Show a model answer")
        expect(page.get_by_role("heading", name="One strong answer")).to_be_in_viewport()
        shot(page, "interview_model")
        page.locator("textarea").fill("Name the range first.")
        press(page, "Keep it")
        press(page, "Yes, tomorrow")
        expect(
            page.get_by_role("heading", name="Next question").or_(
                page.get_by_role("heading", name="Done")
            )
        ).to_be_visible()
    expect(page.get_by_text("Name the range first.").first).to_be_visible()
    press(page, "Back to the start")
    expect(page.get_by_text("rated so far")).to_be_visible()
    press(page, "Your report")
    report = page.frame_locator("iframe[title='Your report']")
    expect(report.get_by_text("not a prediction that anybody will hire you")).to_be_visible()
    shot(page, "interview_report")
    assert mine.events()[-1]["do"] == "redo"
    assert mine.hosts == {urlsplit(mine.address).netloc}


def test_a_browser_closed_in_the_middle_of_an_answer_loses_nothing(mine, browser: Browser):
    first = browser.new_context()
    page = first.new_page()
    mine.open(page)
    press(page, "Start")
    press(page, "Show the question")
    page.locator("textarea").press_sequentially(LEFT)
    page.wait_for_timeout(3000)  # a draft is stored when nobody has typed for a moment
    first.close()
    assert mine.events()[-1] | {"at": ""} == {"do": "draft", "at": "", "text": LEFT}

    second = browser.new_context()
    page = second.new_page()
    mine.open(page)
    press(page, "Go on: session of")
    expect(page.locator("textarea")).to_have_value(LEFT)
    to_rating(page)
    second.close()
    assert mine.hosts == {urlsplit(mine.address).netloc}


def test_a_question_is_answered_with_the_keyboard_alone(mine, page):
    def tab_to(label: str) -> None:
        """Press Tab until the control of that label or placeholder has the focus."""
        for _ in range(30):
            page.keyboard.press("Tab")
            if label in page.evaluate(
                "document.activeElement.innerText || document.activeElement.placeholder || ''"
            ):
                return
        raise AssertionError(f"Tab does not lead to {label!r}")

    def go(label: str, key: str = "Enter") -> None:
        expect(page.get_by_role("button", name=label, exact=True)).to_be_visible()
        tab_to(label)
        page.keyboard.press(key)

    mine.open(page)
    go("Start")
    go("Show the question", "Space")
    expect(page.get_by_role("button", name="Hand in the answer")).to_be_visible()
    tab_to("Ask the interviewer")
    page.keyboard.type("Who decides?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You: Who decides?")).to_be_visible()
    tab_to("Say it out loud")
    page.keyboard.type(ANSWER)
    go("Hand in the answer")
    done = page.get_by_role("button", name="These are my ratings")
    expect(done.or_(page.get_by_placeholder("Your reply"))).to_be_visible()
    while page.get_by_placeholder("Your reply").count():
        expect(page.get_by_placeholder("Your reply")).to_be_focused()
        before = len(mine.events())
        go("Pass")
        while len(mine.events()) == before:
            page.wait_for_timeout(100)
        page.wait_for_timeout(500)
    criteria = page.locator(".widget-radio-box")
    for criterion in range(criteria.count()):
        second = criteria.nth(criterion).locator("input").nth(1)
        while not second.evaluate("radio => radio === document.activeElement"):
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(second).to_be_checked()
    go("These are my ratings")
    expect(page.get_by_text("It is not a grade")).to_be_visible()
    go("Show a model answer")
    expect(page.get_by_placeholder("Next time I will")).to_be_visible()
    tab_to("Next time I will")
    page.keyboard.type("Name the range first.")
    go("Keep it, and go on")
    go("No, when it is due")
    expect(page.get_by_role("heading", name="Next question")).to_be_visible()

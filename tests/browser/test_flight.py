"""A program is flown by hand in JupyterLab: started, flown with the keyboard, left and resumed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

CELL = "from tpmkit.simulator.panel import panel\n\npanel('standard', seed=7)"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cockpit")
    (folder / ".tpmkit").mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "fly.ipynb")
    return folder


@pytest.fixture
def cockpit(serve, workspace: Path, page: Page, run_all) -> Callable[[], Locator]:
    """Run the notebook in a page and return the panel."""
    server = serve(workspace, "--LabApp.expose_app_in_browser=True")

    def enter() -> Locator:
        page.goto(server.notebook("fly.ipynb"))
        cells = run_all(page)
        assert all(output["output_type"] != "error" for output in cells[0]["outputs"])
        found = page.locator(".tpmkit-flight")
        found.locator(".tpmkit-sentence").wait_for()
        return found

    return enter


def press(panel: Locator, label: str) -> None:
    """Press a button with the keyboard."""
    button = panel.get_by_role("button", name=label, exact=True)
    button.focus()
    button.press("Enter")


def contrast(*colours: str) -> float:
    """The contrast of two CSS colours, as WCAG computes it."""
    light = []
    for colour in colours:
        channels = [float(c) / 255 for c in re.findall(r"[\d.]+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        light.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(light) + 0.05) / (min(light) + 0.05)


def flights(workspace: Path) -> list[dict]:
    files = sorted((workspace / "flights").glob("*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def test_four_weeks_are_flown_by_keyboard_told_stored_left_and_resumed(
    cockpit, page: Page, workspace, shot
):
    panel = cockpit()
    sentence = panel.locator("[role=status]")
    shot(page, "flight_start")
    press(panel, "Start")
    expect(sentence).to_contain_text("Week 0 of 40")

    data = panel.get_by_role("slider").first
    data.focus()
    for _ in range(4):
        data.press("ArrowRight")
    expect(panel.get_by_text("33% of the work")).to_be_visible()
    panel.get_by_label("sponsor").select_option(index=2)
    press(panel, "Week")
    expect(sentence).to_contain_text("Week 0: ")
    expect(panel.get_by_role("button", name="Week", exact=True)).to_be_focused()
    for week in range(1, 4):
        page.keyboard.press("Enter")
        expect(sentence).to_contain_text(f"Week {week}: ")
    picture = panel.get_by_role("img")
    expect(picture).to_have_attribute("aria-label", re.compile("After 4 weeks you stand at"))
    shot(page, "flight_week_4")

    expect(panel.get_by_text("how likely is this?")).to_be_visible()
    panel.get_by_label("I believe").fill("Data come first <script>alert(1)</script>")
    press(panel, "Note it")
    expect(panel.get_by_text("how likely is this?")).to_be_hidden()
    press(panel, "Start screen")
    [stored] = flights(workspace)
    assert len(stored["replay"]["actions"]) == 4
    assert stored["replay"]["actions"][3]["comms"] == 2
    assert [entry["probability"] for entry in stored["journal"]] == [0.5]

    panel = cockpit()
    shot(page, "flight_resume")
    press(panel, panel.get_by_role("button", name="seed 7, 4 of 40 weeks").inner_text())
    expect(sentence).to_contain_text("Week 3: ")


def test_the_tab_key_reaches_every_control(cockpit, page: Page):
    panel = cockpit()
    press(panel, "Start")
    expect(panel.get_by_role("button", name="Week", exact=True)).to_be_visible()
    focused = """() => {
        const e = document.activeElement;
        return [e.getAttribute("role"), e.tagName, e.tagName == "BUTTON" ? e.innerText : ""];
    }"""
    reached = []
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(focused))
    roles, tags, labels = zip(*reached, strict=True)
    assert roles.count("slider") == 5, reached
    assert tags.count("SELECT") == 5, reached
    assert {"Week", "Four weeks"} <= set(labels), reached


def test_a_flight_to_the_end_shows_its_report(cockpit, page: Page, shot):
    panel = cockpit()
    press(panel, "Start")
    sentence = panel.locator("[role=status]")
    expect(sentence).to_contain_text("Week 0 of 40")
    carry_on = "go on as planned"
    shadow = "start the shadow run: real traffic, no effect"
    for option in (carry_on, carry_on, carry_on, shadow, "launch"):
        panel.get_by_label("option").select_option(label=option)
        said = sentence.inner_text()
        press(panel, "Four weeks")
        expect(sentence).not_to_have_text(said)
        panel.get_by_label("I believe").fill("The shadow run will show less than offline.")
        press(panel, "Note it")
        expect(panel.get_by_text("how likely is this?")).to_be_hidden()
    shot(page, "flight_mid")
    dark = "() => jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    page.evaluate(dark)
    expect(page.locator("body[data-jp-theme-light=false]")).to_be_attached()
    paper = "getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor"
    for words, ink in ((sentence, "color"), (panel.locator("svg text").first, "fill")):
        colours = words.evaluate(f"e => [getComputedStyle(e).{ink}, {paper}]")
        assert contrast(*colours) > 4.5, colours
    panel.get_by_text("What happened").scroll_into_view_if_needed()
    shot(page, "flight_dark")
    panel.get_by_label("option").select_option(label="stop the program for good")
    press(panel, "Week")
    expect(sentence).to_contain_text("stage gates would have")
    debrief = panel.locator("img")
    expect(debrief).to_have_attribute("alt", re.compile("Your program was stopped by you"))
    assert debrief.evaluate("image => image.naturalWidth") > 1000
    expect(sentence).to_be_in_viewport()
    shot(page, "flight_report")
    page.keyboard.press("Tab")
    expect(panel.get_by_role("button", name="Fly again, same luck")).to_be_focused()
    panel.get_by_text("Everything that happened").click()
    panel.get_by_text("Week 0").scroll_into_view_if_needed()
    shot(page, "flight_report_below")

"""A learner's first hour in a real browser: start, read, play, answer, validate."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.utils import is_solution
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[2]
PRACTICE = "notebooks/03_metrics_practice.ipynb"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to work in; JupyterLab's own model of a notebook is readable from its pages."""
    folder = tmp_path_factory.mktemp("my course")
    settings = folder / ".tpmkit" / "jupyter" / "jupyter_lab_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"LabApp": {"expose_app_in_browser": True}}))
    return folder


@pytest.fixture(scope="module")
def address(workspace: Path) -> Iterator[str]:
    """What `tpmkit start` prints: the address that opens the course."""
    log = workspace / "said.txt"
    with log.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tpmkit.cli", "start", "--workspace", str(workspace)],
            env={k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    while process.poll() is None and "http://" not in log.read_text():
        time.sleep(0.2)
    found = re.search(r"http://127\.0\.0\.1:\d+/\S+", log.read_text())
    assert found, log.read_text()
    yield found[0]
    process.terminate()
    process.wait()


@pytest.fixture
def open_notebook(address: str, page: Page) -> Callable[[str], Page]:
    """Open a notebook of the workspace in a layout of its own."""

    def open_(path: str) -> Page:
        name = re.sub(r"\W", "", path)
        url = re.sub(r"/lab/tree/.*\?", f"/lab/workspaces/{name}/tree/{path}?", address)
        page.goto(url)
        page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
        return page

    return open_


def errors(cells: list[dict]) -> list[str]:
    return [
        output.get("evalue") or output.get("text")
        for cell in cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "error" or output.get("name") == "stderr"
    ]


def test_the_printed_address_opens_the_workspace_on_the_first_notebook(address, page, shot):
    page.goto(address)
    expect(page.locator(".lm-TabBar-tabLabel", has_text="00_start_here.ipynb")).to_be_visible()
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
    files = page.locator(".jp-DirListing-content")
    expect(files.get_by_text("03_metrics_practice.ipynb")).to_be_visible()
    shot(page, "lab_open")


def test_a_learner_meets_no_tool_for_instructors_and_no_question_of_the_machine(open_notebook):
    page = open_notebook("notebooks/00_start_here.ipynb")
    expect(page.get_by_text("| Idle")).to_be_visible()  # by then, all that asks has asked
    menus = page.locator(".lm-MenuBar-itemLabel")
    expect(menus.filter(has_text="File")).to_be_visible()
    assert "Nbgrader" not in menus.all_inner_texts()
    assert page.get_by_text("Create Assignment").count() == 0
    assert page.get_by_text("official Jupyter news").count() == 0


@pytest.mark.parametrize("lesson", ["00_start_here", "03_metrics"])
def test_a_lesson_runs_from_top_to_bottom(open_notebook, run_all, shot, lesson):
    page = open_notebook(f"notebooks/{lesson}.ipynb")
    cells = run_all(page)
    assert errors(cells) == []
    code = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"].strip()]
    assert code and all(cell["execution_count"] for cell in code)
    shot(page, f"lesson_{lesson}")


def test_moving_the_slider_of_the_thresholds_explorer_changes_sentence_and_matrix(
    open_notebook, run_all, shot
):
    page = open_notebook("notebooks/03_metrics.ipynb")
    run_all(page)
    handle = scroll_to_slider(page)
    explorer = page.locator(".widget-vbox", has=page.locator(".tpmkit-sentence")).first
    picture = explorer.locator("img").first
    sentence = explorer.locator(".tpmkit-sentence")
    before = (sentence.inner_text(), picture.get_attribute("src"))
    shot(page, "explorer_before")
    handle.focus()
    for _ in range(5):
        handle.press("ArrowRight")
    expect(sentence).not_to_have_text(before[0])
    expect(picture).not_to_have_attribute("src", before[1])
    shot(page, "explorer_after")


def scroll_to_slider(page: Page):
    """JupyterLab draws a cell when it comes near the window: go down until the slider is there."""
    handle = page.locator(".noUi-handle").first
    notebook = page.locator(".jp-NotebookPanel .jp-WindowedPanel-outer").first
    notebook.hover()
    for _ in range(100):
        if handle.count():
            handle.scroll_into_view_if_needed()
            return handle
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(150)
    raise AssertionError("no slider in the whole notebook")


def validate(page: Page, shot: Callable[[Page, str], Path], name: str) -> str:
    """What nbgrader's Validate button says of the open notebook; a picture is kept."""
    page.get_by_role("button", name="Validate").click()
    dialog = page.locator(".jp-Dialog").last
    expect(dialog).to_contain_text(re.compile("passes all the tests|cells? failed|error", re.I))
    text = dialog.inner_text()
    shot(page, name)
    dialog.get_by_role("button").last.click()
    return text


def test_validate_names_the_cells_that_an_untouched_practice_still_lacks(open_notebook, shot):
    text = validate(open_notebook(PRACTICE), shot, "practice_untouched")
    assert "passes all the tests" not in text


def test_validate_passes_a_practice_whose_exercises_are_right(workspace, open_notebook, shot):
    solved = nbformat.read(ROOT / "solutions" / PRACTICE, as_version=4)
    answers = {c.metadata.nbgrader.grade_id: c.source for c in solved.cells if is_solution(c)}
    mine = nbformat.read(workspace / PRACTICE, as_version=4)
    for cell in mine.cells:
        if is_solution(cell):
            cell.source = answers[cell.metadata.nbgrader.grade_id]
    nbformat.write(mine, workspace / "notebooks" / "answered.ipynb")
    text = validate(open_notebook("notebooks/answered.ipynb"), shot, "practice_validated")
    assert "passes all the tests" in text


@pytest.fixture
def every_cell_drawn(workspace: Path) -> Iterator[None]:
    """JupyterLab draws all cells of a notebook, not only those near the window."""
    settings = workspace / ".tpmkit/jupyter/lab/user-settings/@jupyterlab/notebook-extension"
    settings.mkdir(parents=True, exist_ok=True)
    chosen = settings / "tracker.jupyterlab-settings"
    chosen.write_text(json.dumps({"windowingMode": "none"}))
    yield
    chosen.unlink()


def prose() -> dict[str, str]:
    """All Markdown of the course by the place where it stands."""
    found = {}
    for folder in ("notebooks", "casestudies", "datasets", "solutions"):
        for path in sorted((ROOT / folder).rglob("*.md")):
            found[str(path.relative_to(ROOT))] = path.read_text(encoding="utf-8")
        for path in sorted((ROOT / folder).rglob("*.ipynb")):
            for cell in nbformat.read(path, as_version=4).cells:
                if cell.cell_type == "markdown":
                    found[f"{path.relative_to(ROOT)}, cell {cell.id}"] = cell.source
    return found


SHOWN = """() => [...document.querySelectorAll(".jp-RenderedMarkdown")].map(shown => {
    const words = shown.cloneNode(true);
    words.querySelectorAll("pre, code").forEach(code => code.remove());
    return {
        formulas: shown.querySelectorAll("mjx-container").length,
        backslash: words.textContent.includes(String.raw`\\$`),
    };
})"""


def test_sums_of_money_in_prose_are_no_formulas(workspace, every_cell_drawn, open_notebook, shot):
    places, texts = zip(*prose().items(), strict=True)
    formula = "$x$"  # in the last cell: once it is set, every other cell has had its turn
    cells = [new_markdown_cell(text) for text in (*texts, formula)]
    nbformat.write(new_notebook(cells=cells), workspace / "notebooks" / "prose.ipynb")
    page = open_notebook("notebooks/prose.ipynb")
    expect(page.locator(".jp-RenderedMarkdown")).to_have_count(len(cells))
    page.locator(".jp-RenderedMarkdown").last.locator("mjx-container").wait_for(state="attached")
    *shown, control = page.evaluate(SHOWN)
    shot(page, "prose")
    assert control == {"formulas": 1, "backslash": False}
    for fault in control:  # the course has no formula: the build refuses two bare dollars
        assert [place for place, seen in zip(places, shown, strict=True) if seen[fault]] == []

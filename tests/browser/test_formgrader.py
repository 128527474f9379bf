"""An instructor grades in the browser: formgrader in JupyterLab, on a course root of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from autograde.classroom import ASSIGNMENTS, REPOSITORY, answered, reference, solved
from nbgrader.api import Gradebook
from playwright.sync_api import Page

from tpmkit.authoring.lint import role
from tpmkit.authoring.source import BEGIN_SCHEME

PRACTICE = REPOSITORY.syllabus.notebook("03_metrics_practice")
[MEMO] = PRACTICE.memos
AUTOMATIC = sum(exercise.points for exercise in PRACTICE.exercises)
ADA, ZOE = "ada", "Zoë Müller"
MEMO_TEXT = "Inspect the flagged aircraft first; the price of a miss decides."
SCRIPT = "<script>document.body.dataset.ran = 'yes'</script>"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course root with every source, and two submissions of one practice, one of them damaged."""
    home = tmp_path_factory.mktemp("course")
    root, exchange = home / "grading", home / "exchange"
    exchange.mkdir()
    root.mkdir()
    shutil.copy(REPOSITORY.root / "grading" / "nbgrader_config.py", root)
    (root / "term_config.py").write_text(f"c.Exchange.root = {str(exchange)!r}\n")
    for notebook in ASSIGNMENTS:
        source = root / "source" / notebook.name
        source.mkdir(parents=True)
        shutil.copy(REPOSITORY.solved(notebook), source)
    nbgrader = Path(sys.executable).with_name("nbgrader")
    subprocess.run([nbgrader, "generate_assignment", PRACTICE.name], cwd=root, check=True)
    for learner in (ADA, ZOE):
        nb = answered(PRACTICE, reference(PRACTICE) | {MEMO.id: f"{MEMO_TEXT} {SCRIPT}"})
        if learner == ZOE:
            first = f"test_{PRACTICE.exercises[0].id}"
            nb.cells = [cell for cell in nb.cells if role(cell).get("grade_id") != first]
        folder = root / "submitted" / learner / PRACTICE.name
        folder.mkdir(parents=True)
        nbformat.write(nb, folder / f"{PRACTICE.name}.ipynb")
    return root


@pytest.fixture(scope="module")
def server(serve, course: Path):
    return serve(course, env={"TPMKIT_DATA": str(REPOSITORY.root / "datasets")})


@pytest.fixture
def page(page: Page, server) -> Page:
    """A page whom JupyterLab knows; formgrader itself takes no token."""
    page.goto(server.address("lab"))
    return page


def test_formgrader_opens_in_jupyterlab_and_lists_every_assignment(page: Page, shot) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Nbgrader$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Formgrader$")).click()
    rows = page.frame_locator("iframe").first.get_by_role("row")
    for notebook in ASSIGNMENTS:
        rows.filter(has_text=notebook.name).wait_for()
    shot(page, "formgrader_assignments")


def test_its_autograde_button_repairs_and_judges(server, course, page: Page, shot) -> None:
    page.goto(f"{server.url}/formgrader/manage_submissions/{PRACTICE.name}")
    for learner in (ADA, ZOE):
        row = page.get_by_role("row").filter(has_text=learner)
        row.filter(has_text="needs autograding").locator(".autograde a").click()
        page.locator(".modal.in .modal-title", has_text="Success").wait_for()
        page.locator(".modal.in").get_by_role("button", name="OK").click()
        page.locator(".modal-backdrop").wait_for(state="detached")
        points = f"{AUTOMATIC:g} / {AUTOMATIC + MEMO.points:g}"
        row.filter(has_text=points).filter(has_text="needs manual grading").wait_for()
    shot(page, "formgrader_submissions")
    for learner in (ADA, ZOE):
        graded = course / "autograded" / learner / PRACTICE.name / f"{PRACTICE.name}.ipynb"
        outcome = nbformat.read(graded, 4).metadata.tpmkit.outcome
        assert sum(outcome.points.values()) == AUTOMATIC


def test_a_memo_is_graded_beside_its_prompt_and_mark_scheme(server, course, page, shot) -> None:
    page.goto(f"{server.url}/formgrader/gradebook/{PRACTICE.name}/{PRACTICE.name}")
    page.get_by_role("link", name="Submission #1").click()
    task = next(c for c in solved(PRACTICE).cells if role(c).get("grade_id") == f"{MEMO.id}_task")
    for part in task.source.split(BEGIN_SCHEME):
        sentence = next(line for line in re.findall(r"[A-Z][\w ,]{30,}", part))
        page.locator(".nbgrader_cell", has_text=sentence).wait_for()
    answer = page.locator(".nbgrader_cell", has_text=MEMO_TEXT)
    assert page.locator("body[data-ran]").count() == 0, "a script in a memo ran"
    answer.scroll_into_view_if_needed()
    answer.locator("input.score").fill(f"{0.8 * MEMO.points:g}")
    answer.locator("textarea").fill("Name the figure at which you would change your mind.")
    with page.expect_response(re.compile("/formgrader/api/comment/")):
        answer.locator("textarea").press("Tab")
    shot(page, "formgrader_memo")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        marked = [
            (grade.manual_score, comment.manual_comment)
            for learner in (ADA, ZOE)
            for grade in [book.find_grade(MEMO.id, PRACTICE.name, PRACTICE.name, learner)]
            for comment in [book.find_comment(MEMO.id, PRACTICE.name, PRACTICE.name, learner)]
            if grade.manual_score is not None
        ]
    assert marked == [(0.8 * MEMO.points, "Name the figure at which you would change your mind.")]

"""One term in nbgrader's own commands: release, hand out, collect both ways, grade, return.

One course root serves the whole module. The way over the exchange is walked through the real
command line, the rest through the same applications inside this process.
"""

from __future__ import annotations

import ast
import csv
import html
import io
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from autograde.classroom import (
    ASSIGNMENTS,
    REPOSITORY,
    answered,
    reference,
    solved,
    untouched,
    variants,
)
from jupyter_core.application import NoStart
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp
from nbgrader.utils import get_username

from tpmkit.authoring.lint import role
from tpmkit.authoring.submit import pack

PRACTICE = REPOSITORY.syllabus.notebook("03_metrics_practice")
[MEMO] = PRACTICE.memos
AUTOMATIC = sum(exercise.points for exercise in PRACTICE.exercises)
NBGRADER = Path(sys.executable).with_name("nbgrader")
HALF_RIGHT = next(
    variant
    for variant in variants(PRACTICE)
    if 0 < variant.score < PRACTICE.points_of(variant.exercise)
)
MONDAY = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
MEMO_TEXT = "Inspect the flagged aircraft first; the price of a miss decides."


@dataclass
class Term:
    """A course root, and the folder a learner works in."""

    root: Path
    learner_home: Path

    def command(self, *arguments: str, where: Path | None = None) -> None:
        """One nbgrader command in a process of its own, as a person types it."""
        done = subprocess.run(
            [NBGRADER, *arguments],
            cwd=where or self.root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"nbgrader {' '.join(arguments)}\n{done.stdout}{done.stderr}"

    def inside(self, *arguments: str, where: Path | None = None) -> None:
        """The same application inside this process: it spares the start of Python."""
        app, log, code = NbGraderApp.instance(), io.StringIO(), 0
        with chdir(where or self.root):
            try:
                app.initialize(list(arguments))
                app.init_logging(logging.StreamHandler, [log], color=False, subapps=True)
                app.start()
            except NoStart:
                pass
            except SystemExit as ended:
                code = ended.code
            finally:
                printed = log.getvalue()
                app.reset()
        assert not code, f"nbgrader {' '.join(arguments)}\n{printed}"

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root}/gradebook.db")

    def grades(self, learner: str) -> dict[str, float | None]:
        """Automatic points by grade id."""
        with self.gradebook() as book:
            graded = book.find_submission_notebook(PRACTICE.name, PRACTICE.name, learner)
            cells = {cell.name for cell in graded.notebook.grade_cells}
            return {grade.name: grade.auto_score for grade in graded.grades if grade.name in cells}

    def feedback(self, learner: str) -> str:
        """The text of the learner's feedback page."""
        page = self.root / "feedback" / learner / PRACTICE.name / f"{PRACTICE.name}.html"
        shown = page.read_text(encoding="utf-8")
        assert "<script>alert" not in shown, "a script in a memo would run"
        return html.unescape(re.sub(r"<[^>]+>", "", shown))

    def hand_in(self, learner: str, nb: NotebookNode, when: datetime = MONDAY) -> Path:
        """What a learner's `tpmkit submit` makes, put where the instructor puts uploads."""
        notebook = self.learner_home / f"{PRACTICE.name}.ipynb"
        nbformat.write(nb, notebook)
        uploads = self.root / "downloaded" / PRACTICE.name / "archive"
        return pack(notebook, learner, uploads, when).path


def right(**instead: str) -> NotebookNode:
    """The practice with the course's own answers and a memo, or others in their place."""
    memo = f"{MEMO_TEXT} <script>alert(1)</script>"
    return answered(PRACTICE, reference(PRACTICE) | {MEMO.id: memo} | instead)


def damaged(nb: NotebookNode) -> NotebookNode:
    """One check cell deleted, one doubled, one stripped of its marks, one edited."""
    deleted, doubled, stripped, edited = [
        next(cell for cell in nb.cells if role(cell).get("grade_id") == f"test_{exercise.id}")
        for exercise in PRACTICE.exercises[:4]
    ]
    nb.cells.insert(nb.cells.index(doubled), NotebookNode(doubled | {"id": "a-copy"}))
    del stripped.metadata["nbgrader"]
    edited.source = "check = 100\ncheck"
    nb.cells.remove(deleted)
    return nb


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    """A course root as `tpmkit build` leaves it in a fresh clone, one command further."""
    home = tmp_path_factory.mktemp("term")
    term = Term(home / "grading", home / "learner")
    term.root.mkdir()
    term.learner_home.mkdir()
    exchange = f"c.Exchange.root = {str(home / 'exchange')!r}\n"
    exchange += f"c.Exchange.cache = {str(home / 'cache')!r}\n"
    (term.root / "term_config.py").write_text(exchange)
    (term.learner_home / "nbgrader_config.py").write_text(
        exchange + "c.CourseDirectory.course_id = 'ml-tpm'\n"
    )
    shutil.copy(REPOSITORY.root / "grading" / "nbgrader_config.py", term.root)
    for notebook in ASSIGNMENTS:
        source = term.root / "source" / notebook.name
        if notebook.kind == "case":
            public = REPOSITORY.learner(notebook).parent
            shutil.copytree(public, source, ignore=shutil.ignore_patterns("*.ipynb"))
        source.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY.solved(notebook), source)
    term.command("generate_assignment", PRACTICE.name)
    for notebook in ASSIGNMENTS:
        if notebook != PRACTICE:
            term.inside("generate_assignment", notebook.name)
    return term


@pytest.fixture(scope="module")
def graded(term: Term) -> Term:
    """Five learners' work collected both ways, graded and returned."""
    term.command("release_assignment", PRACTICE.name)
    term.command("fetch_assignment", PRACTICE.name, where=term.learner_home)
    mine = term.learner_home / PRACTICE.name / f"{PRACTICE.name}.ipynb"
    assert mine.read_bytes() == REPOSITORY.learner(PRACTICE).read_bytes()
    nbformat.write(right(), mine)
    term.command("submit", PRACTICE.name, where=term.learner_home)
    term.command("collect", PRACTICE.name)

    term.hand_in("Zoë Müller", right(**{HALF_RIGHT.exercise: HALF_RIGHT.source}))
    term.hand_in("untouched", untouched(PRACTICE))
    term.hand_in("damaged", damaged(right()))
    term.hand_in("late", untouched(PRACTICE))
    term.hand_in("late", right(), MONDAY + timedelta(days=2))
    term.inside("zip_collect", PRACTICE.name)

    term.command("autograde", PRACTICE.name)
    term.command("generate_feedback", PRACTICE.name)
    term.command("release_feedback", PRACTICE.name)
    term.command("export")
    return term


@pytest.fixture
def regraded(graded: Term) -> Iterator[Term]:
    """For tests that change the gradebook: the old one is put back afterwards."""
    kept = graded.root / "kept.db"
    shutil.copy(graded.root / "gradebook.db", kept)
    yield graded
    shutil.move(kept, graded.root / "gradebook.db")


@pytest.mark.parametrize("notebook", ASSIGNMENTS, ids=lambda notebook: notebook.name)
def test_nbgrader_releases_exactly_the_committed_learner_notebook(term, notebook) -> None:
    released = term.root / "release" / notebook.name / f"{notebook.name}.ipynb"
    assert released.read_bytes() == REPOSITORY.learner(notebook).read_bytes()


@pytest.mark.parametrize("notebook", ASSIGNMENTS, ids=lambda notebook: notebook.name)
def test_a_release_holds_what_is_public_and_nothing_else(term, notebook) -> None:
    released = term.root / "release" / notebook.name
    public = REPOSITORY.learner(notebook)
    expected = {public.name}
    if notebook.kind == "case":
        files = (path for path in public.parent.rglob("*") if path.is_file())
        expected |= {str(path.relative_to(public.parent)) for path in files}
    found = {str(p.relative_to(released)) for p in released.rglob("*") if p.is_file()}
    assert found == {path for path in expected if ".ipynb_checkpoints" not in path}


def test_private_files_put_into_the_source_folder_are_not_released(term) -> None:
    source = term.root / "source" / "trial"
    shutil.copytree(term.root / "source" / PRACTICE.name, source)
    (source / f"{PRACTICE.name}.ipynb").rename(source / "trial.ipynb")
    for name in ("debrief.md", "trial.py", "trial.yaml", "rubrics/trial.yaml", "brief.md"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text("text")
    term.inside("generate_assignment", "trial")
    released = term.root / "release" / "trial"
    assert {path.name for path in released.rglob("*")} == {"trial.ipynb", "brief.md"}
    shutil.rmtree(source)
    shutil.rmtree(released)


def test_right_answers_over_the_exchange_earn_every_automatic_point(graded) -> None:
    grades = graded.grades(get_username())
    assert grades.pop(MEMO.id) is None
    assert grades == {f"test_{e.id}": e.points for e in PRACTICE.exercises}


def test_a_half_right_answer_earns_its_part_and_nothing_else_changes(graded) -> None:
    expected = {f"test_{e.id}": e.points for e in PRACTICE.exercises}
    expected |= {f"test_{HALF_RIGHT.exercise}": HALF_RIGHT.score, MEMO.id: None}
    assert graded.grades("Zoë Müller") == expected


def test_an_untouched_notebook_earns_nothing(graded) -> None:
    assert set(graded.grades("untouched").values()) == {0}


def test_damaged_check_cells_are_restored_before_grading(graded) -> None:
    grades = graded.grades("damaged")
    assert {name: grades[name] for name in grades if name != MEMO.id} == {
        f"test_{e.id}": e.points for e in PRACTICE.exercises
    }


def test_of_two_zips_the_newer_counts(graded) -> None:
    assert sum(score or 0 for score in graded.grades("late").values()) == AUTOMATIC


def test_feedback_names_every_check_with_what_it_saw(graded) -> None:
    names = [
        item.context_expr.args[1].value
        for cell in solved(PRACTICE).cells
        if role(cell).get("grade") and cell.cell_type == "code"
        for block in ast.walk(ast.parse(cell.source))
        if isinstance(block, ast.With)
        for item in block.items
    ]
    assert len(names) >= 2 * len(PRACTICE.exercises)
    text = graded.feedback("Zoë Müller")
    assert [name for name in names if name not in text] == []
    points = PRACTICE.points_of(HALF_RIGHT.exercise)
    assert f"{HALF_RIGHT.score:g} of {points:g} points" in text
    assert MEMO_TEXT in text


@pytest.mark.parametrize("learner", ["Zoë Müller", "untouched", "damaged", "late"])
def test_hidden_checks_and_mark_schemes_never_reach_a_learner(graded, learner) -> None:
    page, released = graded.feedback(learner), untouched(PRACTICE)
    handed_in = nbformat.read(
        graded.root / "submitted" / learner / PRACTICE.name / f"{PRACTICE.name}.ipynb", 4
    )
    known = "\n".join(cell.source for cell in [*released.cells, *handed_in.cells])
    secret = [line for line in instructor_lines() if line not in known]
    assert len(secret) > 20
    assert [line for line in secret if line in page] == []
    for text in (page, "\n".join(cell.source for cell in released.cells)):
        assert "HIDDEN TESTS" not in text
        assert "MARK SCHEME" not in text


def instructor_lines() -> Iterator[str]:
    """Telling lines of hidden checks, and sentences of mark schemes, as a page would show them."""
    for cell in solved(PRACTICE).cells:
        for region in re.findall(r"BEGIN HIDDEN TESTS\n(.*?)\n[^\n]*END HIDDEN", cell.source, re.S):
            for block in ast.parse(region).body:
                if isinstance(block, ast.With):
                    lines = region.splitlines()[block.body[0].lineno - 1 : block.end_lineno]
                    yield from (line.strip() for line in lines if len(line.strip()) > 25)
        for scheme in re.findall(r"BEGIN MARK SCHEME ===\n(.*?)=== END", cell.source, re.S):
            for line in scheme.splitlines():
                plain = re.sub(r"^- \d \(\d+%\): ", "", line)
                if len(plain) > 40 and not re.search(r"[*|`<\"']", plain):
                    yield plain


def test_a_written_memo_waits_for_a_person_and_a_blank_one_does_not(graded) -> None:
    with graded.gradebook() as book:
        for learner, waits in (("Zoë Müller", True), ("untouched", False)):
            memo = book.find_grade(MEMO.id, PRACTICE.name, PRACTICE.name, learner)
            assert (bool(memo.needs_manual_grade), memo.max_score) == (waits, MEMO.points)


def test_a_person_s_marks_comments_and_extensions_survive_a_regrade(regraded) -> None:
    name, learner = PRACTICE.name, "Zoë Müller"
    with regraded.gradebook() as book:
        book.update_or_create_assignment(name, duedate=MONDAY.isoformat())
        memo = book.find_grade(MEMO.id, name, name, learner)
        memo.manual_score = 0.8 * MEMO.points
        book.find_comment(MEMO.id, name, name, learner).manual_comment = "Names the price."
        book.find_submission(name, learner).extension = timedelta(days=3)
        book.db.commit()
    regraded.inside("autograde", name, "--force", f"--student={learner}")
    regraded.inside("generate_feedback", name, "--force", f"--student={learner}")
    with regraded.gradebook() as book:
        assert book.find_grade(MEMO.id, name, name, learner).score == 0.8 * MEMO.points
        assert book.find_submission(name, learner).extension == timedelta(days=3)
    assert "Names the price." in regraded.feedback(learner)


def test_a_late_penalty_takes_what_it_says_and_an_extension_lifts_it(regraded) -> None:
    name = PRACTICE.name
    zero = "--LateSubmissionPlugin.penalty_method=zero"

    def score() -> float:
        regraded.inside("autograde", name, "--force", "--student=late", zero)
        with regraded.gradebook() as book:
            late = book.find_submission(name, "late")
            return late.score - late.late_submission_penalty

    with regraded.gradebook() as book:
        book.update_or_create_assignment(name, duedate=(MONDAY + timedelta(days=1)).isoformat())
    assert score() == 0
    with regraded.gradebook() as book:
        book.grant_extension(name, "late", days=2)
    assert score() == AUTOMATIC


def test_the_export_has_a_row_for_every_learner(graded) -> None:
    with open(graded.root / "grades.csv", encoding="utf-8", newline="") as file:
        rows = {
            row["student_id"]: row
            for row in csv.DictReader(file)
            if row["assignment"] == PRACTICE.name
        }
    assert set(rows) == {get_username(), "Zoë Müller", "untouched", "damaged", "late"}
    assert float(rows["late"]["score"]) == AUTOMATIC
    assert {float(row["max_score"]) for row in rows.values()} == {AUTOMATIC + MEMO.points}


def test_feedback_comes_back_over_the_exchange(graded) -> None:
    graded.inside("fetch_feedback", PRACTICE.name, where=graded.learner_home)
    [page] = (graded.learner_home / PRACTICE.name / "feedback").rglob("*.html")
    sent = graded.root / "feedback" / get_username() / PRACTICE.name / page.name
    assert page.read_bytes() == sent.read_bytes()


def test_stock_execution_gives_the_judge_s_points_to_an_honest_submission(regraded) -> None:
    judged = regraded.grades("Zoë Müller")
    steps = ("Execute", "IgnorePattern", "LimitOutput", "SaveAutoGrades", "CheckCellMetadata")
    stock = [f"--Autograde.autograde_preprocessors=nbgrader.preprocessors.{step}" for step in steps]
    regraded.inside("autograde", PRACTICE.name, "--force", "--student=Zoë Müller", *stock)
    assert regraded.grades("Zoë Müller") == judged


def test_a_check_corrected_in_mid_term_regrades_what_was_handed_in(regraded) -> None:
    name, learner = PRACTICE.name, "Zoë Müller"
    source = regraded.root / "source" / name / f"{name}.ipynb"
    kept = source.read_bytes()
    nb = nbformat.read(source, 4)
    exercise = HALF_RIGHT.exercise
    points = PRACTICE.points_of(exercise)
    test = next(cell for cell in nb.cells if role(cell).get("grade_id") == f"test_{exercise}")
    test.source = (
        f"check = Checks({points})\nwith check({points}, 'every answer counts') as see:\n"
        f"    see({exercise})\ncheck"
    )
    nbformat.write(nb, source)
    try:
        regraded.inside("generate_assignment", name, "--force")
        regraded.inside("autograde", name, "--force", f"--student={learner}")
        assert regraded.grades(learner)[f"test_{exercise}"] == points > HALF_RIGHT.score
    finally:
        source.write_bytes(kept)
        regraded.inside("generate_assignment", name, "--force")

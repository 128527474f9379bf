"""tpmkit grade: every submission is recorded, nothing is graded twice, nobody's work is undone."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from autograde import mini
from click.testing import CliRunner
from nbformat import v4
from nbgrader.api import Gradebook
from sqlalchemy import text

from tpmkit import data
from tpmkit.autograde import Limits, SandboxError
from tpmkit.autograde.ledger import Ledger
from tpmkit.autograde.run import GradingError, Settings, Work, grade_class, judge_work
from tpmkit.cli import main


@pytest.fixture(autouse=True)
def course_data(monkeypatch):
    monkeypatch.setenv("TPMKIT_DATA", str(data.folder()))


@pytest.fixture
def course(tmp_path):
    course = mini.MiniCourse(tmp_path / "course")
    course.hand_in("ada", mini.answered())
    course.hand_in("bob", mini.answered(share="def share(a, b): return a / b"))
    course.hand_in("Zoë O'Hara <b>", mini.untouched())
    return course


def grade(course, *learners, **settings):
    settings = {"limits": mini.LIMITS, "feedback": False, **settings}
    rows = grade_class(course.root, mini.NAME, Settings(learners=learners, **settings))
    return {row.learner: row for row in rows}


def gradebook(course):
    """Everything a person could see of the grades."""
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        return {
            (submission.student.id, grade.name): (
                grade.auto_score, grade.manual_score, grade.needs_manual_grade,
            )
            for submission in book.assignment_submissions(mini.NAME)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }  # fmt: skip


def test_a_class_is_graded_into_nbgraders_gradebook_and_feedback(course):
    rows = grade(course, feedback=True)
    assert {who: row.points for who, row in rows.items()} == {
        "ada": 6, "bob": 5, "Zoë O'Hara <b>": 0,
    }  # fmt: skip
    scores = gradebook(course)
    assert scores["bob", "test_share"] == (3, None, False)
    assert scores["ada", "memo"] == (None, None, True)
    assert scores["ada", "memo_task"][2] is False, "a prompt without points needs nobody"
    page = (course.root / "feedback" / "bob" / mini.NAME / "mini.html").read_text()
    assert "one of four is a quarter" in page
    assert "nothing of nothing is 0" in page
    assert "CANARY-HIDDEN" not in page
    kept = course.root / "autograded" / "Zoë O'Hara <b>" / mini.NAME / "mini.ipynb"
    assert json.loads(kept.read_text())["cells"]


def test_what_is_graded_is_left_alone_until_it_or_the_source_changes(course):
    grade(course)
    again = grade(course)
    assert not any(row.graded for row in again.values())
    assert again["bob"].points == 5
    course.hand_in("bob", mini.answered())
    assert {who for who, row in grade(course).items() if row.graded} == {"bob"}
    source = course.root / "source" / mini.NAME / "mini.ipynb"
    source.write_text(source.read_text().replace("share(3, 8)", "share(6, 16)"))
    assert all(row.graded for row in grade(course).values())
    assert {who for who, row in grade(course, "ada", force=True).items()} == {"ada"}


def test_who_was_removed_from_the_gradebook_is_forgotten_and_graded_anew(course):
    grade(course)
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        book.remove_student("bob")
    assert {who for who, row in grade(course).items() if row.graded} == {"bob"}
    assert gradebook(course)["bob", "test_share"] == (3, None, False)
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        book.remove_student("bob")
    grade(course, "ada")
    assert rows_of_the_ledger(course) == 2, "nothing is kept of who was removed"


def test_a_persons_scores_and_comments_survive_every_rerun(course):
    grade(course)
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        memo = book.find_grade("memo", mini.NAME, mini.NAME, "ada")
        memo.manual_score, memo.needs_manual_grade = 4.5, False
        share = book.find_grade("test_share", mini.NAME, mini.NAME, "bob")
        share.manual_score, share.extra_credit, share.needs_manual_grade = 4, 0.5, False
        book.find_comment("memo", mini.NAME, mini.NAME, "ada").manual_comment = "Crisp."
        book.find_submission(mini.NAME, "ada").extension = None
        book.db.commit()
    grade(course, force=True)
    scores = gradebook(course)
    assert scores["ada", "memo"] == (None, 4.5, False)
    assert scores["bob", "test_share"] == (3, 4, False)
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        assert book.find_comment("memo", mini.NAME, mini.NAME, "ada").comment == "Crisp."
        assert book.find_grade("test_share", mini.NAME, mini.NAME, "bob").score == 4.5
    changed = mini.answered(memo="Another memo.")
    course.hand_in("ada", changed)
    grade(course)
    assert gradebook(course)["ada", "memo"] == (None, 4.5, True), "new text needs a new look"


def test_a_late_submission_gets_the_courses_penalty(tmp_path):
    plugin = (
        "from nbgrader.plugins import BasePlugin\n"
        "class OnePoint(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, seconds): return 1.0\n"
        "c.AssignLatePenalties.plugin_class = OnePoint\n"
    )
    course = mini.MiniCourse(tmp_path / "course", plugin)
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        book.update_or_create_assignment(mini.NAME, duedate="2026-10-05 12:00:00 UTC")
    for learner, when in (("late", "2026-10-06"), ("early", "2026-10-01"), ("ahead", "2031-01-01")):
        path = course.hand_in(learner, mini.answered())
        (path.parent / "timestamp.txt").write_text(f"{when} 12:00:00 UTC")
    (course.hand_in("odd", mini.answered()).parent / "timestamp.txt").write_text("yesterday-ish")
    rows = grade(course)
    assert [fault["code"] for fault in rows["odd"].faults] == ["timestamp"]
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        scores = {
            s.student.id: s.score - (s.late_submission_penalty or 0)
            for s in book.assignment_submissions(mini.NAME)
        }
    assert scores == {"late": 5, "early": 6, "ahead": 5, "odd": 6}


def test_nobody_s_files_end_the_run_for_others(course):
    (course.root / "source" / mini.NAME / "in").mkdir()
    (course.root / "source" / mini.NAME / "in" / "x.csv").write_text("x")
    for learner in ("folder", "file", "style", "many"):
        course.hand_in(learner, mini.answered(), "other" if learner == "folder" else mini.NAME)
    place = course.root / "submitted"
    (place / "folder" / mini.NAME / "mini.ipynb").mkdir()
    (place / "folder" / mini.NAME / "mini.ipynb" / "a.txt").write_text("a")
    (place / "file" / mini.NAME / "in").write_text("a file where the course has a folder")
    nested = "from IPython.display import HTML, display\ndisplay(HTML(\"<b style='color:"
    nested += "(" * 20_000 + "'>x</b>\"))\n"
    course.hand_in("style", mini.answered(share=nested + mini.SHARE))
    crowd = mini.answered()
    crowd.cells += [v4.new_code_cell("") for _ in range(2000)]
    course.hand_in("many", crowd)
    rows = grade(course)
    assert {who: row.points for who, row in rows.items()} == {
        "ada": 6, "bob": 5, "Zoë O'Hara <b>": 0, "folder": 6, "file": 6, "style": 6, "many": 0,
    }  # fmt: skip
    assert "2007 cells" in rows["many"].faults[0]["message"]


def test_a_submission_that_the_grader_fails_on_is_tried_again(course, monkeypatch):
    write = Ledger.write

    def full_disk(ledger, student, *args):
        if student == "ada":
            raise ZeroDivisionError("a slip")
        write(ledger, student, *args)

    with monkeypatch.context() as slip:
        slip.setattr(Ledger, "write", full_disk)
        rows = grade(course)
    (fault,) = rows["ada"].faults
    assert fault["message"] == "it could not be graded (ZeroDivisionError: a slip)"
    assert rows["bob"].points == 5
    assert {who: row.points for who, row in grade(course).items() if row.graded} == {"ada": 6}


@pytest.mark.parametrize("code", ["start", "lost", "judge"])
def test_what_failed_through_no_fault_of_its_own_is_graded_again(course, code):
    grade(course)
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        stored = book.db.execute(text("SELECT outcome FROM tpmkit_graded WHERE student = 'ada'"))
        outcome = json.loads(stored.scalar())
        outcome |= {"points": {}, "faults": [{"code": code, "cell": "", "message": "bad luck"}]}
        change = text("UPDATE tpmkit_graded SET outcome = :it WHERE student = 'ada'")
        book.db.execute(change, {"it": json.dumps(outcome)})
        book.db.commit()
    assert {who: row.points for who, row in grade(course).items() if row.graded} == {"ada": 6}


def test_a_released_test_that_the_source_lost_is_named(course):
    source = course.root / "source" / mini.NAME / "mini.ipynb"
    solved = mini.solved()
    solved.cells = [cell for cell in solved.cells if cell.id != "test_share"]
    nbformat.write(solved, source)
    with pytest.raises(GradingError, match="test_share was released but is not in the source"):
        grade(course)


def test_a_missing_step_is_named(course, tmp_path):
    with pytest.raises(GradingError, match="its gradebook knows: mini"):
        grade_class(course.root, "mimi", Settings())
    (course.root / "source" / "other").mkdir()
    with pytest.raises(GradingError, match="nbgrader generate_assignment other"):
        grade_class(course.root, "other", Settings())
    with pytest.raises(GradingError, match="handed in by eve: the id is the folder's name"):
        grade(course, "eve")
    for verb in ("grade", "report"):
        run = CliRunner().invoke(main, [verb, mini.NAME, "--root", str(tmp_path)])
        assert run.exit_code == 1 and "No nbgrader_config.py" in run.output
        assert not (tmp_path / "gradebook.db").exists()
    empty = mini.MiniCourse(tmp_path / "empty")
    with pytest.raises(GradingError, match="zip_collect"):
        grade(empty)


def test_what_the_machine_refuses_is_said_in_a_sentence(course, monkeypatch):
    book = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    with closing(book):
        book.execute("BEGIN EXCLUSIVE")
        with pytest.raises(GradingError, match="close what else has it open"):
            grade(course, "ada")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "autograded")

    monkeypatch.setattr("tpmkit.autograde.run.write_folder", full)
    with pytest.raises(GradingError, match="refused autograded .No space left"):
        grade(course, "ada")
    (course.root / "submitted" / "two\nlines" / mini.NAME).mkdir(parents=True)
    with pytest.raises(GradingError, match=r"Rename 'two\\nlines'"):
        grade(course)


def test_one_learners_unreadable_folder_or_missing_page_is_that_learners(course, monkeypatch):
    scandir, locked = os.scandir, course.root / "submitted" / "bob" / mini.NAME

    def refuse(path):
        if Path(path) == locked:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("tpmkit.autograde.intake.os.scandir", refuse)
    monkeypatch.setattr("tpmkit.autograde.run.Course.feedback", lambda course: None)
    rows = grade(course, "ada", "ada", "bob", feedback=True)
    assert rows["ada"].points == 6 and {f["code"] for f in rows["ada"].faults} == {"feedback"}
    assert rows["bob"].points == 0
    assert [fault["code"] for fault in rows["bob"].faults] == ["files", "no-notebook", "feedback"]
    monkeypatch.setattr("tpmkit.autograde.intake.os.scandir", scandir)
    assert grade(course)["bob"].points == 5


def test_without_bubblewrap_grading_refuses_with_one_sentence(course, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SandboxError, match="needs bubblewrap") as caught:
        grade(course, limits=Limits(cell=7))  # other limits: no grader is up yet
    assert "--unsafe" in str(caught.value)
    assert not [score for score in gradebook(course).values() if score[0] is not None]


def test_unsafe_grading_gives_the_same_points(course):
    rows = grade(course, unsafe=True)
    assert sorted(row.points for row in rows.values()) == [0, 5, 6]


def test_the_limits_of_the_courses_configuration_hold_here_too(tmp_path):
    config = "c.JudgeExecute.cell_seconds = 2\nc.JudgeExecute.unsafe = True\n"
    course = mini.MiniCourse(tmp_path / "course", config)
    course.hand_in("ada", mini.answered(cheapest="while True: pass"))
    row = grade(course, limits=None)["ada"]
    assert row.points == 4
    assert {(f["code"], f["message"]) for f in row.faults} == {("cell-time", "stopped after 2 s")}


def test_the_data_folder_of_the_courses_configuration_is_the_one_in_sight(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "part.txt").write_text("1")
    config = f"c.JudgeExecute.data_folder = {str(tmp_path / 'data')!r}\n"
    course = mini.MiniCourse(tmp_path / "course", config)
    share = "import os\npart = int(open(os.environ['TPMKIT_DATA'] + '/part.txt').read())\n"
    share += "def share(a, b): return part * a / b if b else 0.0"
    course.hand_in("ada", mini.answered(share=share))
    assert grade(course)["ada"].points == 6


def test_more_than_goes_with_a_submission_is_named(course):
    (course.root / "source" / mini.NAME / "table.csv").write_bytes(bytes(13 << 20))
    with pytest.raises(GradingError, match="make 13 MB, and at most 12 MB go with each"):
        grade(course)


def test_one_command_takes_several_assignments_and_some_of_the_learners(course):
    command = ["grade", mini.NAME, mini.NAME, "--learner", "ada", "--learner", "bob"]
    command += ["--no-feedback", "--root", str(course.root)]
    run = CliRunner().invoke(main, command)
    assert run.exit_code == 0, run.output
    first, second = run.output.split("2 graded, 0 unchanged")
    assert "ada" in first and "bob" in first and "Zo" not in run.output
    assert "0 graded, 2 unchanged" in second
    missing = CliRunner().invoke(main, ["grade", "--root", str(course.root)])
    assert missing.exit_code == 2 and "ASSIGNMENT" in missing.output


COMMAND = """
import sys
from pathlib import Path
from tpmkit.autograde import Limits, SandboxError
from tpmkit.autograde.run import Settings, grade_class
grade_class(Path(sys.argv[1]), "mini", Settings(feedback=False),
            progress=lambda row: print(row.learner, row.graded, flush=True))
"""


def run_and_kill(root: Path, after: float) -> bool:
    """Start a run in a process of its own and kill it; whether it had ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(root)],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(after)
        return process.returncode == 0
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return False


def rows_of_the_ledger(course):
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        return book.db.execute(text("SELECT count(*) FROM tpmkit_graded")).scalar()


def kill_and_resume(course, undisturbed, kills):
    """Kill runs at random moments, resume, and compare with an undisturbed run."""
    grade(undisturbed)
    rng = random.Random(7)
    started = time.monotonic()
    grade(course, "ada")
    whole = time.monotonic() - started + 3
    for _ in range(kills):
        run_and_kill(course.root, rng.uniform(0.2 * whole, 1.5 * whole))
        if rows_of_the_ledger(course) == len(gradebook(undisturbed)) // 4:
            # all done: undo some of it, so that there is something left to interrupt
            with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
                book.db.execute(text("DELETE FROM tpmkit_graded WHERE student < 'c'"))
                book.db.commit()
    grade(course)
    assert gradebook(course) == gradebook(undisturbed)
    assert not any(row.graded for row in grade(course).values())


def two_courses(tmp_path, learners):
    courses = [mini.MiniCourse(tmp_path / name) for name in ("killed", "undisturbed")]
    for course in courses:
        for i in range(learners):
            right = i % 3
            share = f"def share(a, b): return a / b if b else {right}"
            course.hand_in(f"{'abcdefgh'[i % 8]}{i}", mini.answered(share=share))
        course.hand_in("ada", mini.answered())
    return courses


def test_a_run_killed_at_any_moment_is_resumed(tmp_path):
    kill_and_resume(*two_courses(tmp_path, 3), kills=2)


@pytest.mark.long
def test_fifty_kills_end_in_the_gradebook_of_an_undisturbed_run(tmp_path):
    kill_and_resume(*two_courses(tmp_path, 11), kills=50)


def test_a_case_brings_its_own_tables_to_whichever_machine_grades_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    share = """
rate = pd.read_csv("tables/rate.csv")["rate"][0]
def share(part, whole): return rate * part / whole if whole else 0.0
"""
    tables = {"tables/rate.csv": b"rate\n1.0\n"}
    work = Work(
        "ada", mini.solved(share=share), mini.answered(share=share), {}, tables, mini.LIMITS, False
    )
    assert judge_work(work).metadata.tpmkit.outcome["points"]["test_share"] == 4

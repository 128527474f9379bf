"""Grade a class: in parallel, in any order, resumable after a crash at any moment."""

from __future__ import annotations

import atexit
import contextlib
import copy
import errno
import fcntl
import hashlib
import html
import json
import shutil
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import AutogradeApp, NbGraderAPI
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import OperationalError

from tpmkit import data
from tpmkit.autograde.contract import test_cells
from tpmkit.autograde.grading import NOT_ITS_OWN, Grader
from tpmkit.autograde.intake import Submission, beside, fingerprint, read_submission
from tpmkit.autograde.isolation import Limits
from tpmkit.autograde.ledger import Done, Ledger, write_folder
from tpmkit.autograde.plugins import SUPPORT_LIMIT, JudgeExecute, support_files
from tpmkit.autograde.repair import ReleasedCell, released_cells
from tpmkit.errors import TpmkitError

__all__ = ["GradingError", "Row", "Settings", "course_root", "grade_class"]


UNLUCKY = NOT_ITS_OWN | {"judge"}  # a run tries these again; the grader itself only the first two
# what feedback is made with where the course does not say otherwise: no hidden tests, no scripts
FEEDBACK = {
    "GenerateFeedback": [
        "nbgrader.preprocessors.GetGrades",
        "tpmkit.autograde.feedback.HideInstructorParts",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ],
    "HTMLExporter": ["tpmkit.autograde.feedback.HarmlessMarkdown"],
}


# what the machine, not the code, can be at fault for
REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}

UNSPEAKABLE = {"Cc", "Cs", "Zl", "Zp"}  # control characters, broken encodings, ends of lines
NOT_THIS_NOTEBOOK = {"unreadable", "no-notebook", "other-assignment"}  # so every cell is missing
NO_PAGE = {
    "code": "feedback",
    "cell": "",
    "message": "nbgrader wrote no page; nbgrader generate_feedback says why",
}


class GradingError(TpmkitError):
    """A class cannot be graded. The message is one sentence with the next step."""


@dataclass(frozen=True)
class Settings:
    """How to grade; what `tpmkit grade` takes from its command line.

    Parameters
    ----------
    learners : tuple of str
        Grade these only; empty means everyone who handed in.
    force : bool
        Grade again what is graded.
    jobs : int
        Submissions at a time on this machine.
    scheduler : str or None
        Address of a Dask scheduler whose workers grade instead.
    unsafe : bool
        Run submissions without the sandbox.
    feedback : bool
        Write nbgrader's feedback for what was graded.
    limits : Limits or None
        What one submission may use; None takes ``c.JudgeExecute`` of the course's configuration.
    """

    learners: tuple[str, ...] = ()
    force: bool = False
    jobs: int = 2
    scheduler: str | None = None
    unsafe: bool = False
    feedback: bool = True
    limits: Limits | None = None


@dataclass(frozen=True)
class Row:
    """How one submission fared in a run."""

    learner: str
    points: float
    highest: float
    graded: bool  # False: it was graded before and nothing changed
    faults: tuple[dict[str, str], ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()  # what was put back in the notebook


@dataclass(frozen=True)
class Work:
    """Everything a worker needs, as plain data: it may run on another machine."""

    learner: str
    solved: NotebookNode
    submitted: NotebookNode
    files: dict[str, bytes]
    support: dict[str, bytes]
    limits: Limits
    unsafe: bool
    data_folder: str = ""  # where the worker finds the course's data; found by itself when empty


def course_root(here: Path) -> Path:
    """The nbgrader course root in or at a folder.

    Raises
    ------
    GradingError
        If there is none.
    """
    for folder in (here, here / "grading"):
        if (folder / "nbgrader_config.py").is_file():
            return folder
    raise GradingError(
        f"No nbgrader_config.py in {here} or in grading/ below it: go to the course, or name its"
        " folder with --root."
    )


def grade_class(
    root: Path,
    assignment: str,
    settings: Settings,
    begun: Callable[[int], None] = lambda total: None,
    progress: Callable[[Row], None] = lambda row: None,
    writing: Callable[[], None] = lambda: None,
) -> list[Row]:
    """Grade the submissions of one assignment.

    Parameters
    ----------
    root : Path
        The nbgrader course root.
    assignment : str
    settings : Settings
    begun : callable
        Called with the number of submissions before the first is graded.
    progress : callable
        Called with each row as it is known.
    writing : callable
        Called when all is graded and nbgrader begins to write feedback pages.

    Returns
    -------
    list of Row
        One row per submission, by learner.

    Raises
    ------
    GradingError, SandboxError, JudgeError
    """
    with plainly():
        return _grade_class(Course(root, assignment), settings, begun, progress, writing)


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """Say in a sentence what the machine refused: a full disk, a busy gradebook, a right.

    Raises
    ------
    GradingError
        In place of the system's or the database's own error.
    """
    try:
        yield
    except OperationalError as error:
        raise GradingError(
            f"The gradebook cannot be used ({error.orig}): close what else has it open and see"
            " that its folder has room and can be written, then run this again. What was graded"
            " is kept."
        ) from error
    except OSError as error:
        if error.errno not in REFUSALS:
            raise
        about = f" {error.filename}" if error.filename else ""
        raise GradingError(
            f"The system refused{about} ({error.strerror}): make room or give yourself the right,"
            " then run this again. What was graded is kept."
        ) from error


def _grade_class(
    course: Course,
    settings: Settings,
    begun: Callable[[int], None],
    progress: Callable[[Row], None],
    writing: Callable[[], None],
) -> list[Row]:
    with course.locked():
        rows: list[Row] = []
        plan = course.plan(settings)
        begun(len(plan))
        todo = []
        for learner, before, hash_ in plan:
            fresh = before and (before.submission, before.source) == (hash_, course.source_hash)
            # what failed through no fault of its own is tried again
            fresh = fresh and not any(f["code"] in UNLUCKY for f in before.outcome["faults"])
            if fresh and not settings.force and course.autograded(learner).is_file():
                rows.append(_row(learner, before.outcome, graded=False))
                progress(rows[-1])
            else:
                todo.append((learner, before, hash_))
        for row in _graded(course, todo, settings):
            rows.append(row)
            progress(row)
        if settings.feedback:
            writing()
            course.feedback()
            rows = [
                row
                if course.page(row.learner).is_file()
                else replace(row, faults=(*row.faults, NO_PAGE))
                for row in rows
            ]
    return sorted(rows, key=lambda row: row.learner)


def _graded(course: Course, todo: list, settings: Settings) -> Iterator[Row]:
    """Grade, write each result as it arrives, and say how it went."""
    if not todo:
        return
    with _executor(settings) as executor:
        waiting: dict[Any, tuple] = {}
        queue = iter(todo)
        while True:
            for learner, before, hash_ in queue:
                try:
                    submission = course.read(learner)
                except Exception as error:
                    yield _row(learner, _not_graded(error), graded=True)
                    continue
                work = course.work(learner, submission, settings)
                future = executor.submit(judge_work, work)
                waiting[future] = (learner, before, hash_, submission)
                if len(waiting) >= 4 * settings.jobs:
                    break
            if not waiting:
                return
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                learner, before, hash_, submission = waiting.pop(future)
                try:
                    outcome = course.finish(learner, future.result(), submission, before, hash_)
                except Exception as error:
                    outcome = _not_graded(error)
                yield _row(learner, outcome, graded=True)


def _not_graded(error: Exception) -> dict[str, Any]:
    """The outcome of a submission that the grader fails on: the others go on, it is tried again.

    What is no submission's doing ends the run.
    """
    if isinstance(error, (TpmkitError, OperationalError)):
        raise error
    if isinstance(error, OSError) and error.errno in REFUSALS:
        raise error
    message = f"it could not be graded ({type(error).__name__}: {error!s:.200})"
    fault = {"code": "grader", "cell": "", "message": message}
    return {"points": {}, "max": {}, "faults": [fault]}


def _row(learner: str, outcome: dict, graded: bool) -> Row:
    return Row(
        learner,
        sum(outcome["points"].values()),
        sum(outcome["max"].values()),
        graded,
        tuple(outcome["faults"]),
        outcome.get("wall", 0.0),
        tuple(outcome.get("notes", ())),
    )


@contextlib.contextmanager
def _executor(settings: Settings) -> Iterator[Executor]:
    if settings.scheduler:
        try:
            from dask.distributed import Client
        except ImportError as error:
            raise GradingError(
                "A Dask scheduler needs the extra 'cluster': pip install 'tpmkit[cluster]'."
            ) from error
        with Client(settings.scheduler, timeout=10) as client:
            yield client.get_executor(pure=False)
        return
    # threads only wait: the work is done by processes forked from one warm parent
    executor = ThreadPoolExecutor(settings.jobs)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


_graders: dict[tuple, Grader] = {}
_folders: dict[str, tempfile.TemporaryDirectory] = {}
_graders_lock = threading.Lock()


def judge_work(work: Work) -> NotebookNode:
    """Judge one submission in this process's grader."""
    grader = shared_grader(work.limits, work.unsafe, work.data_folder)
    return grader.judge(
        work.solved, work.submitted, work.files | work.support, laid_out(work.support)
    )


def laid_out(support: dict[str, bytes]) -> str | None:
    """A folder that holds the solved notebook's own files, made once in this process."""
    if not support:
        return None
    digests = sorted(
        (name, hashlib.sha256(content).hexdigest()) for name, content in support.items()
    )
    key = hashlib.sha256(json.dumps(digests).encode()).hexdigest()
    with _graders_lock:
        if key not in _folders:
            _folders[key] = tempfile.TemporaryDirectory(prefix="tpmkit-support-")
            for name, content in support.items():
                path = Path(_folders[key].name, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return _folders[key].name


def shared_grader(limits: Limits, unsafe: bool, data_folder: str = "") -> Grader:
    """This process's grader for these limits, started when first asked for."""
    folder = data_folder or str(data.folder())
    with _graders_lock:
        key = (folder, limits, unsafe)
        if key not in _graders:
            _graders[key] = Grader(data=folder, limits=limits, unsafe=unsafe)
        return _graders[key]


@atexit.register
def close_graders() -> None:
    """End this process's warm parents and judges."""
    while _graders:
        _graders.popitem()[1].close()


class Course:
    """One assignment of an nbgrader course root: where its files are and how they are kept."""

    def __init__(self, root: Path, assignment: str) -> None:
        self.root, self.assignment = Path(root).resolve(), assignment
        with contextlib.chdir(self.root):
            self.app = AutogradeApp()
            self.app.log_level = 50
            self.app.initialize([])
        self.dir, self.step = self.app.coursedir, JudgeExecute(parent=self.app)
        source = self._path(self.dir.source_directory, ".")
        self.gradebook = Gradebook(self.dir.db_url, self.dir.course_id)
        try:
            notebooks = self.gradebook.find_assignment(assignment).notebooks
        except MissingEntry as error:
            raise GradingError(self._unknown(assignment)) from error
        if len(notebooks) != 1:
            raise GradingError(
                f"{assignment!r} has {len(notebooks)} notebooks; this grader takes assignments of"
                " one."
            )
        self.notebook = notebooks[0].name
        self.released: list[ReleasedCell] = released_cells(notebooks[0])
        path = source / f"{self.notebook}.ipynb"
        if not path.is_file():
            raise GradingError(f"There is no {path.name} in {source}: run tpmkit build first.")
        self.solved = nbformat.read(path, as_version=4)
        known = test_cells(self.solved)
        lost = [
            cell.grade_id
            for cell in self.released
            if cell.cell_type == "code" and cell.grade and not cell.solution
            and cell.grade_id not in known
        ]  # fmt: skip
        if lost:
            # nbgrader gives full marks to a test cell that shows nothing
            raise GradingError(
                f"{', '.join(lost)} was released but is not in the source any more: put it back, or"
                f" release {assignment} anew with nbgrader generate_assignment --force."
            )
        self.support = support_files(source)
        others = [p for p in source.rglob("*") if p.is_file() and p.suffix != ".ipynb"]
        size = sum(p.stat().st_size for p in others)
        if size > SUPPORT_LIMIT:
            raise GradingError(
                f"The files beside {path.name} in {source} make {size >> 20} MB, and at most"
                f" {SUPPORT_LIMIT >> 20} MB go with each submission: move tables to the course's"
                " data."
            )
        parts = [[c.cell_type, c.source, c.metadata.get("tpmkit")] for c in self.solved.cells]
        parts += [[c.grade_id, c.checksum, c.points] for c in self.released]
        parts += [[n, hashlib.sha256(b).hexdigest()] for n, b in sorted(self.support.items())]
        self.source_hash = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        self.ledger = Ledger(
            self.gradebook, assignment, self.notebook, AssignLatePenalties(parent=self.app)
        )

    def _unknown(self, assignment: str) -> str:
        here = Path(self._path(self.dir.source_directory, ".")).parent
        if assignment and (here / assignment).is_dir():
            return (
                f"{assignment!r} is not released yet: run nbgrader generate_assignment"
                f" {assignment} in {self.root.name}/ first."
            )
        known = ", ".join(sorted(known.name for known in self.gradebook.assignments))
        return f"There is no assignment {assignment!r} in this course; its gradebook knows" + (
            f": {known}." if known else " none: run nbgrader generate_assignment first."
        )

    def _path(self, step: str, learner: str) -> Path:
        return Path(self.root, self.dir.format_path(step, learner, self.assignment))

    def submitted(self, learner: str) -> Path:
        return self._path(self.dir.submitted_directory, learner)

    def autograded(self, learner: str) -> Path:
        folder = self._path(self.dir.autograded_directory, learner)
        return folder / f"{self.notebook}.ipynb"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Only one run at a time writes this course's gradebook."""
        with open(self.root / ".tpmkit-grade.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise GradingError(
                    "Another tpmkit grade is at work in this course: wait for it to end."
                ) from error
            try:
                yield
            finally:
                self.gradebook.close()

    def plan(self, settings: Settings) -> list[tuple[str, Done | None, str]]:
        """Who handed in, what is known of them, and the hash of what lies there now."""
        here = Path(self.root, self.dir.submitted_directory)
        everyone = sorted(p.name for p in here.iterdir()) if here.is_dir() else []
        everyone = [n for n in everyone if n[0] != "." and self.submitted(n).is_dir()]
        if odd := [n for n in everyone if any(unicodedata.category(c) in UNSPEAKABLE for c in n)]:
            raise GradingError(
                f"Rename {', '.join(map(ascii, odd))} in {here} first: a learner's id has to be"
                " plain text in one line, or nbgrader cannot keep its grades and feedback."
            )
        unknown = set(settings.learners) - set(everyone)
        if unknown:
            raise GradingError(
                f"Nothing of {self.assignment} was handed in by {', '.join(sorted(unknown))}: the"
                f" id is the folder's name in {here}."
            )
        if not everyone:
            raise GradingError(
                f"No submissions of {self.assignment} in {here}: collect them first (nbgrader"
                " collect or zip_collect)."
            )
        done = self.ledger.done()
        chosen = list(dict.fromkeys(settings.learners)) or everyone
        return [(name, done.get(name), fingerprint(self.submitted(name))) for name in chosen]

    def read(self, learner: str) -> Submission:
        """What a learner handed in, without files that would lie where the course's own do."""
        submission = read_submission(self.submitted(learner), self.notebook, self.released)
        ours = [*self.support, f"{self.notebook}.ipynb", "timestamp.txt"]
        submission.files = beside(submission.files, ours)
        return submission

    def work(self, learner: str, submission: Submission, settings: Settings) -> Work:
        return Work(
            learner,
            self.solved,
            submission.notebook,
            submission.files,
            self.support,
            settings.limits or self.step.limits,
            settings.unsafe or self.step.unsafe,
            self.step.data_folder,
        )

    def finish(
        self,
        learner: str,
        graded: NotebookNode,
        submission: Submission,
        before: Done | None,
        hash_: str,
    ) -> dict[str, Any]:
        """Write one result: folder first, then gradebook and note as one transaction."""
        outcome = dict(graded.metadata.tpmkit.outcome)
        outcome["faults"] = submission.faults + outcome["faults"]
        outcome["notes"] = submission.notes
        timestamp = None
        try:
            timestamp = self.dir.get_existing_timestamp(str(self.submitted(learner)))
        except Exception:  # nbgrader raises several kinds for a time that is none
            outcome["faults"].append(
                {"code": "timestamp", "cell": "", "message": "timestamp.txt holds no time"}
            )
        for fault in outcome["faults"]:
            fault["where"] = _where(graded, fault["cell"])
        _announce(graded, outcome)
        target = self.autograded(learner).parent
        feedback = self._path(self.dir.feedback_directory, learner)
        shutil.rmtree(feedback, ignore_errors=True)
        files = submission.files | self.support
        stamp = self.submitted(learner) / "timestamp.txt"
        if timestamp and not stamp.is_symlink():
            files["timestamp.txt"] = stamp.read_bytes()
        write_folder(target, self.notebook, graded, files)
        done = Done(hash_, self.source_hash, outcome)
        self.ledger.write(learner, graded, done, timestamp, before)
        return outcome

    def page(self, learner: str) -> Path:
        return self._path(self.dir.feedback_directory, learner) / f"{self.notebook}.html"

    def feedback(self) -> None:
        """Have nbgrader write feedback where there is none, or only the beginning of one."""
        folder = self._path(self.dir.feedback_directory, "*")
        for page in self.root.glob(f"{folder.relative_to(self.root)}/{self.notebook}.html"):
            if "</html>" not in page.read_text(errors="replace")[-200:]:
                shutil.rmtree(page.parent)
        config = copy.deepcopy(self.app.config)
        for kind, steps in FEEDBACK.items():
            if "preprocessors" not in config[kind]:
                config[kind].preprocessors = steps
        with contextlib.chdir(self.root):
            NbGraderAPI(config=config).generate_feedback(self.assignment, force=False)


def said(fault: dict[str, str]) -> str:
    """A fault's message with its place, for people."""
    return fault["message"] + (f" (in {fault['where']})" if fault.get("where") else "")


def _where(graded: NotebookNode, cell: str) -> str:
    """What a person finds a cell by: its exercise, or the number before it on the page."""
    if not cell.isdigit():
        return cell
    found = graded.cells[int(cell)]
    if found.metadata.get("nbgrader"):
        return found.metadata.nbgrader.grade_id
    number = found.get("execution_count")
    return f"In [{number}]" if number else f"cell {int(cell) + 1}"


def _announce(graded: NotebookNode, outcome: dict[str, Any]) -> None:
    """Tell the learner at the top what went wrong while grading."""
    if not outcome["faults"] and not outcome["notes"]:
        return
    lines = dict.fromkeys(html.escape(said(fault)) for fault in outcome["faults"])
    if all(fault["code"] not in NOT_THIS_NOTEBOOK for fault in outcome["faults"]):
        lines |= dict.fromkeys(map(html.escape, outcome["notes"]))
    text = "**While this notebook was graded:**\n\n" + "\n".join(f"- {line}" for line in lines)
    graded.cells.insert(0, v4.new_markdown_cell(text))

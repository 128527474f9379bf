"""The one writer to the gradebook: a submission's grades and the note that it is done, at once.

The note lives in a table of its own in nbgrader's database, so that grades and note are one
transaction: after a crash a submission is either done or not begun.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from sqlalchemy import text
from sqlalchemy.exc import SAWarning

from tpmkit.autograde.plugins import settle

__all__ = ["Done", "Ledger"]

TABLE = """
CREATE TABLE IF NOT EXISTS tpmkit_graded (
    assignment VARCHAR(128) NOT NULL, notebook VARCHAR(128) NOT NULL,
    student VARCHAR(128) NOT NULL, submission VARCHAR(64) NOT NULL, source VARCHAR(64) NOT NULL,
    outcome TEXT NOT NULL, PRIMARY KEY (assignment, notebook, student)
)
"""


@dataclass(frozen=True)
class Done:
    """What the ledger knows of a graded submission."""

    submission: str
    source: str
    outcome: dict[str, Any]


class Ledger:
    """Reads and writes one assignment's grades.

    Parameters
    ----------
    gradebook : Gradebook
        An open nbgrader gradebook.
    assignment, notebook : str
        Which assignment, and its notebook.
    penalties : AssignLatePenalties
        nbgrader's preprocessor, configured for the course.
    """

    def __init__(
        self, gradebook: Gradebook, assignment: str, notebook: str, penalties: AssignLatePenalties
    ) -> None:
        self.gradebook, self.assignment, self.notebook = gradebook, assignment, notebook
        self.penalties = penalties
        self.penalties.init_plugin()
        released = gradebook.find_notebook(notebook, assignment)
        cells = [*released.grade_cells, *released.solution_cells, *released.task_cells]
        # a grade's own `name` asks the database once a grade
        self.names = {cell.id: cell.name for cell in cells}
        gradebook.db.execute(text(TABLE))
        gradebook.db.commit()
        self._forget_the_removed()

    def _forget_the_removed(self) -> None:
        """Drop the notes of submissions that were removed from the gradebook itself."""
        submissions = self.gradebook.assignment_submissions(self.assignment)
        gone = set(self.done()) - {submission.student_id for submission in submissions}
        for student in gone:
            self.gradebook.db.execute(
                text(
                    "DELETE FROM tpmkit_graded WHERE assignment = :assignment"
                    " AND student = :student"
                ),
                {"assignment": self.assignment, "student": student},
            )
        if gone:
            self.gradebook.db.commit()

    def done(self) -> dict[str, Done]:
        """Graded submissions by learner."""
        rows = self.gradebook.db.execute(
            text(
                "SELECT student, submission, source, outcome FROM tpmkit_graded"
                " WHERE assignment = :assignment AND notebook = :notebook"
            ),
            {"assignment": self.assignment, "notebook": self.notebook},
        )
        return {row[0]: Done(row[1], row[2], json.loads(row[3])) for row in rows}

    def write(
        self, student: str, graded: NotebookNode, done: Done, timestamp: Any, before: Done | None
    ) -> None:
        """Save grades, comments, late penalty and the note, in one transaction.

        A human's score, comment or extension is never touched; a human's mark "needs no more
        attention" stays as long as the automatic score and the learner's text do.
        """
        book = self.gradebook
        book.update_or_create_student(student)
        kwargs = {"timestamp": timestamp} if timestamp else {}
        with warnings.catch_warnings():
            # nbgrader adds the rows in an order that SQLAlchemy remarks on, three lines a learner
            warnings.simplefilter("ignore", SAWarning)
            book.update_or_create_submission(self.assignment, student, **kwargs)
        row = book.find_submission_notebook(self.notebook, self.assignment, student)
        answers = {
            cell.metadata.nbgrader.grade_id: hashlib.sha256(cell.source.encode()).hexdigest()
            for cell in graded.cells
            if cell.metadata.get("nbgrader") and is_grade(cell) and is_solution(cell)
        }
        earlier = before.outcome.get("answers", {}) if before else {}
        try:
            self._grades(row, graded, answers, earlier)
            self._penalty(row, student)
            book.db.execute(
                text(
                    "INSERT OR REPLACE INTO tpmkit_graded VALUES"
                    " (:assignment, :notebook, :student, :submission, :source, :outcome)"
                ),
                {
                    "assignment": self.assignment,
                    "notebook": self.notebook,
                    "student": student,
                    "submission": done.submission,
                    "source": done.source,
                    "outcome": json.dumps(done.outcome | {"answers": answers}),
                },
            )
            book.db.commit()
        except BaseException:
            book.db.rollback()
            raise

    def _grades(
        self, row: SubmittedNotebook, graded: NotebookNode, answers: dict, earlier: dict
    ) -> None:
        grades = {self.names[grade.cell_id]: grade for grade in row.grades}
        comments = {self.names[comment.cell_id]: comment for comment in row.comments}
        reviewed = {
            name
            for name, grade in grades.items()
            if grade.manual_score is not None and not grade.needs_manual_grade
        }
        automatic = {name: grade.auto_score for name, grade in grades.items()}
        for cell in graded.cells:
            if not cell.metadata.get("nbgrader"):
                continue
            name = cell.metadata.nbgrader.grade_id
            if is_grade(cell):
                grade = grades.get(name) or self._new(Grade, row, name)
                grade.auto_score, _ = determine_grade(cell)
                # as nbgrader: what a person scored, or nobody yet, needs a person
                grade.needs_manual_grade = (
                    grade.manual_score is not None or grade.auto_score is None
                )
                grades[name] = grade
            if is_solution(cell) or is_task(cell):
                comment = comments.get(name) or self._new(Comment, row, name)
                untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
                silent = untouched and not is_task(cell)
                comment.auto_comment = "No response." if silent else None
        settle(graded, grades)
        for name in reviewed:
            same_text = answers.get(name) == earlier.get(name)
            if name in grades and grades[name].auto_score == automatic[name] and same_text:
                grades[name].needs_manual_grade = False

    def _new(self, kind: type, row: SubmittedNotebook, name: str) -> Any:
        """A row for a cell that the assignment gained after this submission was first graded."""
        wanted = next(id_ for id_, known in self.names.items() if known == name)
        made = kind(cell_id=wanted, notebook=row)
        self.gradebook.db.add(made)
        return made

    def _penalty(self, row: SubmittedNotebook, student: str) -> None:
        row.late_submission_penalty = None
        late = row.assignment.total_seconds_late
        if late > 0:
            self.gradebook.db.flush()
            self.gradebook.db.refresh(row)
            plugin = self.penalties.plugin_inst
            penalty = plugin.late_submission_penalty(student, row.score, late)
            if penalty is not None:
                row.late_submission_penalty = min(max(penalty, 0), row.score)


def write_folder(target: Path, name: str, graded: NotebookNode, files: dict[str, bytes]) -> None:
    """Replace an autograded folder as one step; other files than these do not survive in it."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*"):
        shutil.rmtree(left, ignore_errors=True)  # of a run that was killed here
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    fresh.mkdir(parents=True)
    for path, body in files.items():
        (fresh / path).parent.mkdir(parents=True, exist_ok=True)
        (fresh / path).write_bytes(body)
    (fresh / f"{name}.ipynb").write_text(json.dumps(graded))
    for path in fresh.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)

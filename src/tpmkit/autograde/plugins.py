"""The sandbox, the judge and the repair of submissions as plug-ins of stock nbgrader.

``grading/nbgrader_config.py`` puts them into nbgrader's own lists of steps.
"""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Integer, Unicode

from tpmkit import data
from tpmkit.autograde.grading import Grader
from tpmkit.autograde.isolation import Limits
from tpmkit.autograde.repair import released_cells, repair

__all__ = ["JudgeExecute", "RepairSubmission", "SettleGrades"]

Resources = dict[str, Any]
SUPPORT_LIMIT = 12 << 20  # with a submission's files it goes into one message


class RepairSubmission(NbGraderPreprocessor):
    """Restore graded cells that were deleted, copied or stripped (in place of DeduplicateIds)."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            released = released_cells(
                gradebook.find_notebook(about["notebook"], about["assignment"])
            )
        for note in repair(nb, released):
            self.log.warning(note)
        return nb, resources


class JudgeExecute(NbGraderPreprocessor):
    """Run learner cells in the sandbox and test cells outside it (in place of Execute)."""

    unsafe = Bool(False, help="Run submissions without the sandbox.").tag(config=True)
    cell_seconds = Float(30, help="Time limit of one cell.").tag(config=True)
    call_seconds = Float(10, help="Time limit of one call from a test.").tag(config=True)
    total_seconds = Float(180, help="Time limit of one notebook.").tag(config=True)
    memory_mb = Integer(2048, help="Memory limit of one notebook.").tag(config=True)
    data_folder = Unicode(
        "", help="Folder of the course's data, readable by submissions; found when empty."
    ).tag(config=True)

    _graders: dict[tuple, Grader] = {}

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        about = resources["nbgrader"]
        course = self.parent.parent.coursedir
        source = Path(
            course.root,
            course.format_path(course.source_directory, ".", about["assignment"]),
        )
        solved = nbformat.read(source / f"{about['notebook']}.ipynb", as_version=4)
        folder = Path(resources["metadata"]["path"])
        graded = self.grader().judge(solved, nb, support_files(folder), source)
        for fault in graded.metadata.tpmkit.outcome["faults"]:
            self.log.warning("%(code)s in cell %(cell)s: %(message)s", fault)
        return graded, resources

    @property
    def limits(self) -> Limits:
        """What one submission may use, as the course's configuration says."""
        return Limits(
            cell=self.cell_seconds, call=self.call_seconds, total=self.total_seconds,
            memory=self.memory_mb << 20,
        )  # fmt: skip

    def grader(self) -> Grader:
        """The warm parent of this process, started when first needed."""
        folder = self.data_folder or str(data.folder())
        key = (folder, self.limits, self.unsafe)
        if key not in self._graders:
            self._graders[key] = Grader(data=folder, limits=self.limits, unsafe=self.unsafe)
            atexit.register(self._graders[key].close)
        return self._graders[key]


class SettleGrades(NbGraderPreprocessor):
    """Say which rows still need a person: restored memos do, prompts without points do not."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            notebook = gradebook.find_submission_notebook(
                about["notebook"], about["assignment"], about["student"]
            )
            settle(nb, {grade.name: grade for grade in notebook.grades})
            gradebook.db.commit()
        return nb, resources


def settle(nb: NotebookNode, grades: dict[str, Any]) -> None:
    """Set ``needs_manual_grade`` where nbgrader's own rule is wrong for this course."""
    for cell in nb.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        grade = grades.get(nbgrader.get("grade_id"))
        if grade is None:
            continue
        if nbgrader.get("task") and not nbgrader.get("points"):
            grade.needs_manual_grade = False
        if cell.metadata.get("tpmkit", {}).get("restored"):
            grade.needs_manual_grade = True


def support_files(folder: Path) -> dict[str, bytes]:
    """What lies beside a submitted notebook, by relative path; links are not followed."""
    found: dict[str, bytes] = {}
    size = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
            continue
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        size += path.stat().st_size
        if size > SUPPORT_LIMIT or len(found) >= 1000:
            break
        found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found

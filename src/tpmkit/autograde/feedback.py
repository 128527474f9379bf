"""What stays with the instructor when a graded notebook goes back to its learner."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task


class HideInstructorParts(NbGraderPreprocessor):
    """Take hidden checks and mark schemes out of feedback, and tracebacks that quote them.

    The names of hidden checks, what they saw and their hints stay: they are outputs. Only the
    instructor's own cells are touched, so a learner who types one of the markers loses nothing.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        if is_task(cell):
            return ClearMarkScheme(parent=self).preprocess_cell(cell, resources, cell_index)
        if is_grade(cell) and not is_solution(cell):
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
            return ClearHiddenTests(parent=self).preprocess_cell(cell, resources, cell_index)
        return cell, resources

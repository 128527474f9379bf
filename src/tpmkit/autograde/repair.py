"""Put a damaged submission back into the form its assignment was released in.

Learners delete, copy, split and edit graded cells, and strip metadata by opening a notebook in
another program. nbgrader refuses some of these and silently loses points on others. Here the
gradebook's record of the released notebook decides: every graded and locked cell is there once,
with its own text and metadata, and whatever the learner wrote elsewhere stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbformat import NotebookNode, v4
from nbgrader.api import Notebook

__all__ = ["ReleasedCell", "released_cells", "repair"]


@dataclass(frozen=True)
class ReleasedCell:
    """One nbgrader cell as the gradebook recorded it at release."""

    grade_id: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float | None

    @property
    def metadata(self) -> NotebookNode:
        made = NotebookNode(
            schema_version=3, grade_id=self.grade_id, cell_type=self.cell_type,
            checksum=self.checksum, locked=self.locked, grade=self.grade,
            solution=self.solution, task=self.task,
        )  # fmt: skip
        if self.points is not None:
            made.points = self.points
        return made


def released_cells(notebook: Notebook) -> list[ReleasedCell]:
    """The nbgrader cells of a notebook in its released order, from the gradebook."""
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    grades = {cell.name for cell in notebook.grade_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    return [
        ReleasedCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=cell.locked,
            grade=cell.name in grades,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=points.get(cell.name),
        )
        for cell in notebook.source_cells
    ]


def repair(nb: NotebookNode, released: list[ReleasedCell]) -> list[str]:
    """Restore the released cells of a submission, in place.

    Parameters
    ----------
    nb : NotebookNode
        The learner's notebook.
    released : list of ReleasedCell
        What the assignment released, in order.

    Returns
    -------
    list of str
        One sentence per change that a person may want to know about. Text that the learner
        changed in a locked cell is put back without a word.
    """
    notes: list[str] = []
    known = {cell.grade_id: cell for cell in released}
    owner = _claims(nb, known, notes)
    place = -1
    for cell in released:
        if cell.grade_id in owner:
            at = next(i for i, c in enumerate(nb.cells) if c is owner[cell.grade_id])
            nb.cells[at] = _restored(nb.cells[at], cell)
            place = max(place, at)
            continue
        place = place + 1 if place >= 0 else len(nb.cells)
        nb.cells.insert(place, _missing(cell))
        if cell.solution:
            notes.append(f"Answer cell {cell.grade_id!r} was missing: an empty one stands in.")
        else:
            notes.append(f"Cell {cell.grade_id!r} was missing: put back.")
    return notes


def _claims(
    nb: NotebookNode, known: dict[str, ReleasedCell], notes: list[str]
) -> dict[str, NotebookNode]:
    """Which cell is which released one; every other cell loses its nbgrader metadata."""
    owner: dict[str, NotebookNode] = {}
    for cell in reversed(nb.cells):  # as in nbgrader, the last copy counts
        claimed = cell.metadata.pop("nbgrader", None)
        cell.metadata.pop("deletable", None)
        cell.metadata.pop("editable", None)
        cell.metadata.pop("tpmkit", None)
        grade_id = claimed.get("grade_id") if isinstance(claimed, dict) else None
        if not isinstance(grade_id, str):
            continue
        if grade_id in known and grade_id not in owner:
            owner[grade_id] = cell
        else:
            notes.append(f"A copy of {grade_id!r} is kept as an ordinary cell.")
    # another program may strip metadata and keep the cells' ids, which are the grade_ids
    for cell in nb.cells:
        released = known.get(cell.get("id", ""))
        if released and released.grade_id not in owner and released.cell_type == cell.cell_type:
            owner[released.grade_id] = cell
    return owner


def _restored(cell: NotebookNode, released: ReleasedCell) -> NotebookNode:
    if cell.cell_type != released.cell_type:
        make = v4.new_code_cell if released.cell_type == "code" else v4.new_markdown_cell
        cell = make(cell.source, metadata=cell.metadata)
    if released.locked:
        cell.source = released.source
    cell.metadata["nbgrader"] = released.metadata
    return cell


def _missing(released: ReleasedCell) -> NotebookNode:
    make = v4.new_code_cell if released.cell_type == "code" else v4.new_markdown_cell
    # an answer is the learner's to write; what stands in for a lost one must not earn anything
    source = "" if released.solution and released.cell_type == "code" else released.source
    cell = make(source, metadata={"nbgrader": released.metadata})
    if released.solution:
        cell.metadata["tpmkit"] = {"restored": True}
    return cell

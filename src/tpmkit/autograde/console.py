"""What an instructor sees in the terminal while a class is graded, and at the end.

What makes tables of a graded class is elsewhere: pandas would be a third of what a run imports.
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from tpmkit.autograde.run import Row, Settings, grade_class, said

__all__ = ["grade"]

FEW = 3


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} a second" if task.speed else "")


def grade(
    root: Path, assignments: tuple[str, ...], settings: Settings, console: Console | None = None
) -> int:
    """Grade classes with a progress bar; print a table of each; return the exit code.

    Parameters
    ----------
    root : Path
        The nbgrader course root (``grading/``).
    assignments : tuple of str
        One after the other, in the same sandbox.
    settings : Settings
    console : rich.console.Console, optional

    Returns
    -------
    int
        0; a submission with a fault is graded too, and is listed.
    """
    console = console or Console()
    for assignment in assignments:
        _grade(root, assignment, settings, console)
    return 0


def _grade(root: Path, assignment: str, settings: Settings, console: Console) -> None:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(),
        TextColumn("left"), TimeRemainingColumn(), console=console,
    )  # fmt: skip
    with bar:
        task = bar.add_task("starting the sandbox", total=None)
        rows = grade_class(
            root,
            assignment,
            settings,
            begun=lambda total: bar.update(task, total=total, description=assignment),
            progress=lambda row: bar.advance(task),
            writing=lambda: bar.update(task, description="writing feedback pages"),
        )
    console.print(_table(assignment, rows))
    graded = sum(row.graded for row in rows)
    faulty = sum(bool(_to_look_at(row)) for row in rows)
    console.print(
        f"{graded} graded, {len(rows) - graded} unchanged since they were graded"
        + (f", {faulty} with something to look at." if faulty else ".")
    )


def _to_look_at(row: Row) -> str:
    faults = dict.fromkeys(f"{fault['code']}: {said(fault)}" for fault in row.faults)
    lost = dict.fromkeys(note for note in row.notes if "missing" in note)
    if len(lost) > FEW:
        lost = {f"{len(lost)} cells were missing": None}
    return "; ".join([*faults, *(note.rstrip(".") for note in lost)])


def _table(assignment: str, rows: list[Row]) -> Table:
    table = Table(title=f"{assignment}: automatic points")
    table.add_column("learner")
    table.add_column("points", justify="right")
    table.add_column("of", justify="right")
    table.add_column("now")
    table.add_column("to look at", overflow="fold")
    for row in rows:
        table.add_row(
            Text(row.learner),
            f"{row.points:g}",
            f"{row.highest:g}",
            "graded" if row.graded else "unchanged",
            Text(_to_look_at(row)),
        )
    return table

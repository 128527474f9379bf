"""A small assignment and a course root around it, for tests of the grader itself."""

from __future__ import annotations

import copy
import os
import sys
from contextlib import chdir
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, ComputeChecksums

from tpmkit.autograde import Limits

NAME = "mini"
# one set of limits for all tests: one warm parent serves them all
LIMITS = Limits(cell=6, call=3, total=40, memory=768 << 20, scratch=32 << 20, processes=32)
SETUP = """
import math
import warnings
import numpy as np
import pandas as pd
from tpmkit.checks import Checks
prices = pd.DataFrame({"model": ["a", "b", "c"], "cost": [3.0, 1.0, 2.0]})
"""
SHARE = '''
def share(part, whole):
    """Part of the whole, or 0 when the whole is 0."""
    ### BEGIN SOLUTION
    return part / whole if whole else 0.0
    ### END SOLUTION
'''
TEST_SHARE = """
check = Checks(4)
with check(2, "one of four is a quarter", hint="divide") as see:
    assert see(share(1, 4)) == 0.25
### BEGIN HIDDEN TESTS
with check(1, "nothing of nothing is 0") as see:
    assert see(share(0, 0)) == 0
with check(1, "a canary answers 0.375") as see:  # CANARY-HIDDEN
    assert see(share(3, 8)) == 0.375
### END HIDDEN TESTS
check
"""
CHEAPEST = """
cheapest = ...
### BEGIN SOLUTION
cheapest = prices.loc[prices["cost"].idxmin(), "model"]
### END SOLUTION
"""
TEST_CHEAPEST = """
check = Checks(2)
with check(1, "it is one of the models") as see:
    assert see(cheapest) in set(prices["model"])
### BEGIN HIDDEN TESTS
with check(1, "it costs least") as see:
    assert see(cheapest) == "b"
### END HIDDEN TESTS
check
"""


def _cell(kind: str, source: str, grade_id: str, **nbgrader: object) -> NotebookNode:
    make = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
    flags = {"grade": False, "solution": False, "locked": False, "task": False, **nbgrader}
    metadata = {"nbgrader": {"schema_version": 3, "grade_id": grade_id, **flags}}
    return make(source.strip(), metadata=metadata, id=grade_id)


def solved(**replaced: str) -> NotebookNode:
    """The source notebook; a keyword replaces the source of the cell with that grade_id."""
    cells = [
        _cell("code", SETUP, "setup", locked=True),
        _cell("code", SHARE, "share", solution=True),
        _cell("code", TEST_SHARE, "test_share", grade=True, locked=True, points=4),
        _cell("code", CHEAPEST, "cheapest", solution=True),
        _cell("code", TEST_CHEAPEST, "test_cheapest", grade=True, locked=True, points=2),
        _cell("markdown", "Write to the CFO.", "memo_task", task=True, locked=True, points=0),
        _cell("markdown", "A sample memo.", "memo", grade=True, solution=True, points=5),
    ]
    for cell in cells:
        cell.source = replaced.get(cell.metadata.nbgrader.grade_id, cell.source).strip()
    notebook = v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip
    return notebook


def released() -> NotebookNode:
    """What a learner gets."""
    notebook = solved()
    for step in (
        ClearSolutions(code_stub={"python": "pass"}), ClearHiddenTests(), ComputeChecksums(),
    ):  # fmt: skip
        notebook, _ = step.preprocess(notebook, {})
    return notebook


def answered(**answers: str) -> NotebookNode:
    """A submission: the reference answers, except those given here (by grade_id)."""
    notebook = released()
    right = {cell.metadata.nbgrader.grade_id: cell.source for cell in solved().cells}
    for cell in notebook.cells:
        name = cell.metadata.nbgrader.grade_id
        if cell.metadata.nbgrader.solution:
            cell.source = answers.get(name, right[name]).strip()
    return notebook


def untouched() -> NotebookNode:
    """A submission in which nothing was answered."""
    return released()


def printed(graded: NotebookNode) -> str:
    """What the cells of a graded notebook printed."""
    return "".join(
        output.text
        for cell in graded.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    )


def as_ordinary_user(command: list[str]) -> list[str]:
    """A command that runs another one as somebody who is not root."""
    if os.geteuid() != 0:
        return command
    shown = []  # a view of this machine in which that user can reach Python and the tests
    for place in (Path(sys.base_prefix), Path(__file__).parents[2]):
        shown += [arg for p in reversed(place.parents[:-1]) for arg in ("--dir", str(p))]
        shown += ["--ro-bind", str(place), str(place)]
    return [
        "bwrap", "--dev-bind", "/", "/", "--tmpfs", "/tmp", "--chmod", "1777", "/tmp",
        "--perms", "0755", "--tmpfs", "/root", *shown,
        "setpriv", "--reuid=4321", "--regid=4321", "--clear-groups", *command,
    ]  # fmt: skip


class MiniCourse:
    """A course root with the mini assignment released."""

    def __init__(self, root: Path, config: str = "") -> None:
        self.root = root
        source = root / "source" / NAME
        source.mkdir(parents=True)
        nbformat.write(solved(), source / f"{NAME}.ipynb")
        (root / "nbgrader_config.py").write_text(
            "c = get_config()\nc.ClearSolutions.code_stub = {'python': 'pass'}\n" + config
        )
        bin_ = str(Path(sys.executable).parent)
        if not os.environ["PATH"].startswith(bin_):
            os.environ["PATH"] = bin_ + os.pathsep + os.environ["PATH"]
        with chdir(root):
            app = NbGrader()
            app.initialize([])
            made = NbGraderAPI(config=app.config).generate_assignment(NAME)
        assert made["success"], made["log"]

    def hand_in(self, learner: str, notebook: NotebookNode | bytes, name: str = NAME) -> Path:
        """Put a submission where nbgrader collects it."""
        folder = self.root / "submitted" / learner / NAME
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.ipynb"
        if isinstance(notebook, bytes):
            path.write_bytes(notebook)
        else:
            nbformat.write(copy.deepcopy(notebook), path)
        return path

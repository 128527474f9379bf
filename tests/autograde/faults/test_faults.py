"""One class with everything that goes wrong in a term: nobody's trouble is anybody else's."""

from __future__ import annotations

import copy
import html
import json
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from autograde import mini
from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook

from tpmkit import data
from tpmkit.autograde.run import Row, Settings, grade_class


def at(notebook: NotebookNode, grade_id: str) -> int:
    return next(
        i for i, c in enumerate(notebook.cells)
        if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )  # fmt: skip


def share(source: str) -> NotebookNode:
    """Right in everything, with this at the end of the answer cell of `share`."""
    right = "def share(part, whole):\n    return part / whole if whole else 0.0\n"
    return mini.answered(share=right + source)


def changed(how) -> NotebookNode:
    notebook = mini.answered()
    how(notebook)
    return notebook


def without_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata = NotebookNode()


def from_elsewhere(notebook):
    without_metadata(notebook)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"c{number}"


def split(notebook):
    i = at(notebook, "test_share")
    second = copy.deepcopy(notebook.cells[i])
    notebook.cells[i].source, second.source = "check = Checks(4)", "check"
    notebook.cells.insert(i + 1, second)


def another_assignment(notebook):
    for cell in notebook.cells:
        cell.metadata.nbgrader.grade_id = "other_" + cell.metadata.nbgrader.grade_id
        cell.id = "other_" + cell.id


def another_assignment_with_the_same_setup(notebook):
    setup = copy.deepcopy(notebook.cells[at(notebook, "setup")])
    another_assignment(notebook)
    for cell in notebook.cells:
        cell.source = "# another exercise" if cell.cell_type == "code" else cell.source
    notebook.cells[0] = setup


LOOP = "while True: pass"
UNSTOPPABLE = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
BOMB = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
# what is handed in, the points it deserves, and the codes that must be recorded
FAULTS = {
    "endless loop": (share(LOOP), 6, {"cell-time"}),
    "endless loop in a call": (
        mini.answered(share="def share(part, whole):\n    while whole == 8: pass\n"
                      "    return part / whole if whole else 0.0"), 5, {"call-time"}),
    "loop that ignores the interrupt": (share(UNSTOPPABLE), 0, {"time"}),
    "exits in a cell": (share("import os; os._exit(5)"), 0, {"exit"}),
    "exits in a late cell": (
        mini.answered(cheapest="import os\nos._exit(5)"), 4, {"exit"}),
    "exits in a call": (
        mini.answered(share="import os\ndef share(part, whole):\n"
                      "    return part / whole if whole else os._exit(1)"), 2, {"exit"}),
    "out of memory": (
        share("import numpy as np\nkept = [np.ones(5 * 10**7) for _ in range(4)]"), 0, {"memory"}),
    "sys.exit in a function": (
        mini.answered(share="import sys\ndef share(part, whole): sys.exit()"), 2, set()),
    "fork bomb": (share(BOMB), None, {"cell-time", "time", "protocol", "exit"}),
    "disk filler": (share("open('x', 'wb').write(bytes(40 << 20))"), 6, set()),
    "40 MB of output": (share("for _ in range(400): print('x' * 100_000)"), 6, set()),
    "segmentation fault": (share("import ctypes; ctypes.string_at(0)"), 0, {"crashed"}),
    "test deleted": (changed(lambda n: n.cells.pop(at(n, "test_share"))), 6, set()),
    "answer deleted": (changed(lambda n: n.cells.pop(at(n, "share"))), 2, set()),
    "memo deleted": (changed(lambda n: n.cells.pop(at(n, "memo"))), 6, set()),
    "test copied": (
        changed(lambda n: n.cells.append(copy.deepcopy(n.cells[at(n, "test_share")]))), 6, set()),
    "answer copied": (
        changed(lambda n: n.cells.insert(1, copy.deepcopy(n.cells[at(n, "share")]))), 6, set()),
    "test split": (changed(split), 6, set()),
    "test edited": (
        changed(lambda n: n.cells[at(n, "test_share")].update(source="4")), 6, set()),
    "test above its answer": (
        changed(lambda n: n.cells.insert(1, n.cells.pop(at(n, "test_share")))), 2, set()),
    "points edited": (
        changed(lambda n: n.cells[at(n, "test_share")].metadata.nbgrader.update(points=400)),
        6, set()),
    "forged metadata": (
        changed(lambda n: n.cells[at(n, "test_share")].metadata.nbgrader.update(
            solution=True, locked=False, grade="yes", task=[1])), 6, set()),
    "metadata that is no metadata": (
        changed(lambda n: n.cells[at(n, "test_share")].metadata.update(nbgrader="x")), 6, set()),
    "metadata stripped": (changed(without_metadata), 6, set()),
    "metadata and ids stripped": (changed(from_elsewhere), 6, set()),
    "corrupt JSON": (b'{"cells": [', 0, {"unreadable"}),
    "a list": (b"[1,2]", 0, {"unreadable"}),
    "a truncated file": (json.dumps(mini.answered()).encode()[:900], 0, {"unreadable"}),
    "an empty file": (b"", 0, {"unreadable"}),
    "latin-1 bytes": (
        json.dumps(share("note = 'déjà vu'"), ensure_ascii=False).encode("latin-1"), 6, set()),
    "nbformat 3": (
        nbformat.writes(nbformat.convert(mini.answered(), 3), version=3).encode(), 6, set()),
    "cells that are no cells": (
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1, {}]}).encode(),
        0, {"unreadable"}),
    "another assignment": (changed(another_assignment), 6, {"other-assignment"}),
    "another assignment with a like-named cell": (
        changed(another_assignment_with_the_same_setup), 0, {"other-assignment"}),
    "warning on stderr": (
        share("import warnings, sys\nwarnings.warn('old'); print('!', file=sys.stderr)"), 6, set()),
    "a plot that never returns": (
        share("import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()\n" + LOOP), 6,
        {"cell-time"}),
    "widget left open": (
        share("import ipywidgets\n_ = ipywidgets.interact(lambda x: print(x), x=3)"), 6, set()),
    "waits for input": (share("input('your name? ')"), 6, set()),
    "Ünïcødé and spaces 学": (mini.answered(), 6, set()),
    "a kernel of another kind": (
        changed(lambda n: n.metadata.update(kernelspec={"name": "evil", "display_name": "x"})),
        6, set()),
    "lone surrogates in output": (share("print('\\ud800')"), 6, set()),
    "many cells": (changed(lambda n: n.cells.extend([v4.new_code_cell("1")] * 300)), 6, set()),
}  # fmt: skip
HONEST = {
    "honest one": (mini.answered(), 6),
    "honest two": (mini.answered(share="def share(a, b): return a / b"), 5),
    "honest three": (mini.untouched(), 0),
}
FILES = {
    "empty folder": (0, {"no-notebook"}),
    "wrong file name": (6, {"file-name"}),
    "two notebooks": (6, set()),
    "notebook is a link": (0, {"files", "no-notebook"}),
}
QUICK = {
    "answer deleted", "a truncated file",
    "endless loop in a call", "exits in a late cell", "exits in a call", "out of memory",
    "40 MB of output", "test deleted", "test copied", "metadata stripped",
    "metadata that is no metadata", "corrupt JSON", "nbformat 3", "another assignment",
    "another assignment with a like-named cell",
    "warning on stderr", "lone surrogates in output", "Ünïcødé and spaces 学", "forged metadata",
}  # fmt: skip


def class_with(folder: Path, faults: set[str], monkeypatch) -> tuple[mini.MiniCourse, dict]:
    monkeypatch.setenv("TPMKIT_DATA", str(data.folder()))
    course = mini.MiniCourse(folder / "course")
    for name, (notebook, _) in HONEST.items():
        course.hand_in(name, notebook)
    for name in faults:
        course.hand_in(name, FAULTS[name][0])
    answers = course.root / "source" / mini.NAME / "mini.ipynb"
    (course.root / "submitted" / "empty folder" / mini.NAME).mkdir(parents=True)
    course.hand_in("wrong file name", mini.answered(), "mini (1)")
    course.hand_in("two notebooks", mini.answered())
    course.hand_in("two notebooks", mini.untouched(), "scratch")
    path = course.hand_in("notebook is a link", b"")
    path.unlink()
    path.symlink_to(answers)
    settings = Settings(limits=mini.LIMITS, feedback=True)
    rows = grade_class(course.root, mini.NAME, settings)
    return course, {row.learner: row for row in rows}


def hold(course: mini.MiniCourse, rows: dict[str, Row], faults: set[str]) -> None:
    expected = {name: FAULTS[name][1:] for name in faults} | FILES
    for name, (_, points) in HONEST.items():
        assert rows[name].points == points, name
        assert not rows[name].faults, rows[name]
    for name, (points, codes) in expected.items():
        row = rows[name]
        seen = {fault["code"] for fault in row.faults}
        if points is None:
            assert seen & codes, (name, row)
            continue
        assert row.points == points, (name, row)
        assert codes <= seen, (name, row)
        assert codes or not row.faults, (name, row)
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        graded = {s.student.id: s.score for s in book.assignment_submissions(mini.NAME)}
        assert graded == {name: row.points for name, row in rows.items()}
    for name, row in rows.items():
        page = course.root / "feedback" / name / mini.NAME / "mini.html"
        text = page.read_text()
        assert "</html>" in text
        if row.faults:
            assert "While this notebook was graded" in text, name
        if name == "exits in a late cell":
            assert "its process ended itself (exit code 5) (in cheapest)" in text
        if name == "answer deleted":
            assert "Answer cell 'share' was missing" in html.unescape(text)
        if name == "a truncated file":
            assert "was missing" not in text


def test_the_faults_of_a_term_in_one_class(tmp_path, monkeypatch):
    hold(*class_with(tmp_path, QUICK, monkeypatch), QUICK)


@pytest.mark.long
def test_every_fault_in_one_class(tmp_path, monkeypatch):
    hold(*class_with(tmp_path, set(FAULTS), monkeypatch), set(FAULTS))

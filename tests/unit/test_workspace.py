"""A workspace is brought up to date, and nothing a learner wrote is ever lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tpmkit.authoring.workspace import Course, fill
from tpmkit.errors import TpmkitError

LESSON = "notebooks/03_metrics.ipynb"
PRACTICE = "notebooks/03_metrics_practice.ipynb"
TABLE = "datasets/strikes/strikes.csv"


def notebook(*sources: str) -> str:
    cells = [new_code_cell(source, id=f"cell{i}") for i, source in enumerate(sources)]
    return nbformat.writes(new_notebook(cells=cells))


def run_and_save(path: Path) -> None:
    """What JupyterLab leaves behind when a learner runs a notebook without editing it."""
    nb = nbformat.read(path, as_version=4)
    for number, cell in enumerate(nb.cells, 1):
        cell.execution_count = number
        cell.outputs = [new_output("stream", text=f"ran {number}\n")]
        cell.metadata["trusted"] = True
    nb.metadata["language_info"] = {"name": "python"}
    nbformat.write(nb, path)


def publish(root: Path, files: dict[str, str]) -> Course:
    """A checkout of the course that hands out `files`."""
    (root / "solutions").mkdir(parents=True, exist_ok=True)
    (root / "solutions" / "course.yaml").touch()
    for folder in ("notebooks", "casestudies", "datasets"):
        for path in (root / folder).rglob("*"):
            if path.is_file():
                path.unlink()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Course(root, root)


@pytest.fixture
def files() -> dict[str, str]:
    return {
        LESSON: notebook("# Metrics"),
        PRACTICE: notebook("def recall(): ..."),
        TABLE: "id,damage\n1,None\n",
        "casestudies/cs1/inbox/01.md": "Hello",
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "course"


@pytest.fixture
def workspace(root: Path) -> Path:
    return root / "workspace"


def test_a_new_workspace_holds_everything_a_learner_is_given(root, workspace, files):
    changes = fill(publish(root, files), workspace)
    assert changes.first and sorted(changes.added) == sorted(files)
    assert {name: (workspace / name).read_text() for name in files} == files


def test_by_products_of_running_notebooks_are_not_handed_out(root, workspace, files):
    course = publish(root, files)
    stray = root / "notebooks" / ".ipynb_checkpoints" / "x-checkpoint.ipynb"
    stray.parent.mkdir()
    stray.write_text(notebook("answer"))
    fill(course, workspace)
    assert not list(workspace.rglob("*checkpoint*"))


def test_a_second_start_changes_nothing(root, workspace, files):
    course = publish(root, files)
    fill(course, workspace)
    before = {path: path.stat().st_mtime_ns for path in workspace.rglob("*.ipynb")}
    changes = fill(course, workspace)
    assert list(changes.sentences()) == []
    assert {path: path.stat().st_mtime_ns for path in workspace.rglob("*.ipynb")} == before


def test_a_file_the_learner_did_not_change_is_replaced(root, workspace, files):
    fill(publish(root, files), workspace)
    files[LESSON] = notebook("# Metrics, second edition")
    changes = fill(publish(root, files), workspace)
    assert changes.updated == [LESSON] and not changes.beside
    assert (workspace / LESSON).read_text() == files[LESSON]


def test_the_new_version_of_a_changed_notebook_lands_beside_it_and_the_learner_is_told(
    root, workspace, files
):
    fill(publish(root, files), workspace)
    mine = notebook("def recall(): return 1")
    (workspace / PRACTICE).write_text(mine)
    files[PRACTICE] = notebook("def recall(damaged): ...")
    changes = fill(publish(root, files), workspace)
    landed = "notebooks/03_metrics_practice (new).ipynb"
    assert changes.beside == {PRACTICE: landed}
    assert (workspace / PRACTICE).read_text() == mine
    assert (workspace / landed).read_text() == files[PRACTICE]
    told = " ".join(changes.sentences())
    assert PRACTICE in told and landed in told and "untouched" in told


def test_an_earlier_new_version_is_not_overwritten_by_the_next_one(root, workspace, files):
    fill(publish(root, files), workspace)
    (workspace / PRACTICE).write_text(notebook("mine"))
    files[PRACTICE] = second = notebook("second edition")
    fill(publish(root, files), workspace)
    files[PRACTICE] = third = notebook("third edition")
    changes = fill(publish(root, files), workspace)
    assert changes.beside[PRACTICE] == "notebooks/03_metrics_practice (new 2).ipynb"
    assert (workspace / "notebooks/03_metrics_practice (new).ipynb").read_text() == second
    assert (workspace / changes.beside[PRACTICE]).read_text() == third


def test_a_new_version_is_offered_once(root, workspace, files):
    fill(publish(root, files), workspace)
    (workspace / PRACTICE).write_text(notebook("mine"))
    files[PRACTICE] = notebook("second edition")
    course = publish(root, files)
    (workspace / fill(course, workspace).beside[PRACTICE]).unlink()
    assert list(fill(course, workspace).sentences()) == []


def test_a_notebook_that_was_only_run_counts_as_unchanged_and_its_outputs_are_kept(
    root, workspace, files
):
    fill(publish(root, files), workspace)
    run_and_save(workspace / LESSON)
    ran = (workspace / LESSON).read_text()
    fill(publish(root, files), workspace)
    assert (workspace / LESSON).read_text() == ran, "nothing new: the outputs stay where they are"
    files[LESSON] = notebook("# Metrics, second edition")
    changes = fill(publish(root, files), workspace)
    assert changes.updated == [LESSON] and not changes.beside
    assert (workspace / LESSON).read_text() == files[LESSON]
    assert ran in [path.read_text() for path in (workspace / ".tpmkit").rglob("*.ipynb")]


def test_one_more_cell_makes_a_notebook_the_learners(root, workspace, files):
    fill(publish(root, files), workspace)
    nb = nbformat.read(workspace / LESSON, as_version=4)
    nb.cells.append(new_markdown_cell("my notes"))
    nbformat.write(nb, workspace / LESSON)
    files[LESSON] = notebook("# Metrics, second edition")
    assert LESSON in fill(publish(root, files), workspace).beside


def test_a_file_the_learner_deleted_comes_back_fresh_and_the_learner_is_told(
    root, workspace, files
):
    course = publish(root, files)
    fill(course, workspace)
    (workspace / PRACTICE).write_text(notebook("spoilt"))
    (workspace / PRACTICE).unlink()
    changes = fill(course, workspace)
    assert changes.restored == [PRACTICE]
    assert (workspace / PRACTICE).read_text() == files[PRACTICE]
    assert "Brought back" in " ".join(changes.sentences())


def test_a_renamed_notebook_is_left_alone(root, workspace, files):
    course = publish(root, files)
    fill(course, workspace)
    (workspace / PRACTICE).rename(workspace / "notebooks" / "my answers.ipynb")
    fill(course, workspace)
    assert (workspace / "notebooks" / "my answers.ipynb").read_text() == files[PRACTICE]


def test_the_learners_own_file_keeps_a_name_that_the_course_takes_later(root, workspace, files):
    fill(publish(root, files), workspace)
    own = workspace / "notebooks" / "04_decisions.ipynb"
    own.write_text("my plan")
    files["notebooks/04_decisions.ipynb"] = notebook("# Decisions")
    changes = fill(publish(root, files), workspace)
    assert own.read_text() == "my plan"
    landed = changes.beside["notebooks/04_decisions.ipynb"]
    assert (workspace / landed).read_text() == files["notebooks/04_decisions.ipynb"]


def test_what_the_course_no_longer_has_stays_in_the_workspace(root, workspace, files):
    fill(publish(root, files), workspace)
    gone = files.pop(LESSON)
    fill(publish(root, files), workspace)
    assert (workspace / LESSON).read_text() == gone


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"files": 3}', None])
def test_a_lost_or_damaged_record_costs_a_copy_at_most(root, workspace, files, damage):
    fill(publish(root, files), workspace)
    (workspace / PRACTICE).write_text(notebook("mine"))
    record = workspace / ".tpmkit" / "shipped.json"
    record.unlink() if damage is None else record.write_text(damage)
    fill(publish(root, files), workspace)
    assert (workspace / PRACTICE).read_text() == notebook("mine")
    assert (workspace / LESSON).read_text() == files[LESSON]


@pytest.mark.parametrize("place", ["", "notebooks", "solutions/x", "datasets"])
def test_the_course_itself_is_no_workspace(root, files, place):
    with pytest.raises(TpmkitError, match="part of the course itself"):
        fill(publish(root, files), root / place)


def test_a_full_disk_is_one_sentence_and_the_next_start_finishes(
    root, workspace, files, monkeypatch
):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken, pytest.raises(TpmkitError, match="disk .* is full"):
        broken.setattr(os, "fsync", full)
        fill(publish(root, files), workspace)
    fill(publish(root, files), workspace)
    assert {name: (workspace / name).read_text() for name in files} == files


FILL = "import sys; from pathlib import Path; from tpmkit.authoring.workspace import *; r = Path(sys.argv[1]); fill(Course(r, r), r / 'workspace')"  # noqa: E501


def test_two_starts_at_once_leave_one_whole_workspace(root, workspace, files):
    publish(root, files)
    command = [sys.executable, "-c", FILL, str(root)]
    starts = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    assert [start.wait() for start in starts] == [0, 0, 0, 0], [s.stderr.read() for s in starts]
    assert {name: (workspace / name).read_text() for name in files} == files
    assert not list(workspace.rglob("*(new*"))


def test_a_start_killed_anywhere_loses_nothing_and_the_next_one_finishes(root, workspace):
    rng = random.Random(7)
    names = [f"notebooks/{number:02}_lesson.ipynb" for number in range(40)]
    files = {name: notebook("first", name * 50) for name in names}
    fill(publish(root, files), workspace)
    for edition in range(8):
        edited = rng.sample(names, 5)
        mine = {name: notebook(f"mine {edition}", name) for name in edited}
        for name, text in mine.items():
            (workspace / name).write_text(text)
        files = {name: notebook(f"edition {edition}", name * 50) for name in names}
        course = publish(root, files)
        process = subprocess.Popen(
            [sys.executable, "-c", FILL.replace("fill(", "print(flush=True) or fill("), str(root)],
            stdout=subprocess.PIPE,
        )
        process.stdout.readline()
        time.sleep(rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in workspace.glob("notebooks/*.ipynb"):
            json.loads(path.read_text())  # whole, whichever version it is
        fill(course, workspace)
        assert {name: (workspace / name).read_text() for name in edited} == mine
        for name in set(names) - set(edited):
            versions = {
                path.read_text()
                for path in workspace.glob(f"notebooks/{Path(name).stem}*.ipynb")
            }  # fmt: skip
            assert files[name] in versions
        for name in edited:
            beside = workspace.glob(f"notebooks/{Path(name).stem} (new*.ipynb")
            assert files[name] in {path.read_text() for path in beside}
    assert not list(workspace.rglob("*.tpmkit~"))


class Learning(RuleBasedStateMachine):
    """Any order of editing, running, deleting, publishing and starting."""

    names = st.sampled_from([LESSON, PRACTICE, TABLE])
    texts = st.integers(0, 3)

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name) / "course"
        self.workspace = self.root / "workspace"
        self.files = {LESSON: notebook("0"), PRACTICE: notebook("0"), TABLE: "0"}
        self.mine: dict[str, str] = {}  # what the learner wrote and did not take away again
        self.offered: set[tuple[str, str]] = set()
        self.start()

    def teardown(self):
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def text(self, name: str, number: int, who: str) -> str:
        return notebook(f"{who}{number}") if name.endswith(".ipynb") else f"{who}{number}"

    @rule(name=names, number=texts)
    def edit(self, name, number):
        self.mine[name] = self.text(name, number, "mine ")
        (self.workspace / name).write_text(self.mine[name])

    @rule(name=names)
    def delete(self, name):
        (self.workspace / name).unlink(missing_ok=True)
        self.mine.pop(name, None)

    @rule(name=st.sampled_from([LESSON, PRACTICE]))
    def run(self, name):
        if name not in self.mine and (self.workspace / name).exists():
            run_and_save(self.workspace / name)

    @rule(name=names, number=texts)
    def upstream(self, name, number):
        self.files[name] = self.text(name, number, "")

    @precondition(lambda self: self.mine)
    @rule(data=st.data())
    def adopt_the_new_version(self, data):
        """Put the copy that landed beside over one's own, as a learner may."""
        name = data.draw(st.sampled_from(sorted(self.mine)))
        path = self.workspace / name
        for copy in sorted(path.parent.glob(f"{path.stem} (new*")):
            copy.replace(path)
            del self.mine[name]
            return

    @rule()
    def start(self):
        copies = {
            path: path.read_text() for path in self.workspace.rglob("*(new*") if path.is_file()
        }
        changes = fill(publish(self.root, self.files), self.workspace)
        for path, text in copies.items():
            assert path.read_text() == text, "a copy that landed earlier was overwritten"
        for name, text in self.files.items():
            path = self.workspace / name
            if name in self.mine:
                known = (name, text) in self.offered
                assert (name in changes.beside) == (not known and self.mine[name] != text)
            elif name.endswith(".ipynb"):
                assert sources(path.read_text()) == sources(text)
            else:
                assert path.read_text() == text
            self.offered.add((name, text))
        assert not list(fill(publish(self.root, self.files), self.workspace).sentences())

    @invariant()
    def nothing_the_learner_wrote_is_lost(self):
        for name, text in self.mine.items():
            assert (self.workspace / name).read_text() == text


def sources(text: str) -> list[str]:
    return [cell.source for cell in nbformat.reads(text, as_version=4).cells]


TestAnyOrderOfEvents = Learning.TestCase
TestAnyOrderOfEvents.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)

"""What `tpmkit submit` promises: the right notebook, as saved, in a zip that nothing replaces."""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.utils import compute_checksum
from traitlets.config.loader import Config, PyFileConfigLoader

from tpmkit.authoring.submit import FORBIDDEN, find_notebook, find_workspace, pack, valid_learner
from tpmkit.authoring.workspace import STATE
from tpmkit.cli import main
from tpmkit.errors import TpmkitError

GRADING = Path(__file__).parents[2] / "grading"
NOON = datetime(2026, 10, 5, 12, 0, 0, tzinfo=UTC)
MARK = {"unit": "07_trial", "kind": "practice", "version": 1}


def handed_out(**mark) -> nbformat.NotebookNode:
    """A practice with one answer, one check cell and one memo, as released."""
    role = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    answer = {**role, "grade_id": "recall", "solution": True}
    check = {**role, "grade_id": "test_recall", "grade": True, "locked": True, "points": 2}
    memo = {**role, "grade_id": "memo", "grade": True, "solution": True, "points": 10}
    nb = new_notebook(
        cells=[
            new_code_cell("recall = ...", metadata={"nbgrader": answer}),
            new_code_cell("check", metadata={"nbgrader": check}),
            new_markdown_cell("*Write your memo here.*", metadata={"nbgrader": memo}),
        ],
        metadata={"tpmkit": MARK | mark},
    )
    for cell in nb.cells:
        cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    return nb


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / STATE).mkdir()
    nbformat.write(handed_out(), tmp_path / "notebooks" / "07_trial_practice.ipynb")
    return tmp_path


@pytest.fixture
def notebook(workspace: Path) -> Path:
    return workspace / "notebooks" / "07_trial_practice.ipynb"


def collected(name: str) -> dict[str, str] | None:
    """What nbgrader's collector reads from the path of an extracted file."""
    return FileNameCollectorPlugin(config=settings()).collect(name)


@cache
def settings() -> Config:
    return PyFileConfigLoader("nbgrader_config.py", path=str(GRADING)).load_config()


def test_the_notebook_is_packed_byte_for_byte(notebook: Path, tmp_path: Path) -> None:
    packed = pack(notebook, "ada", tmp_path / "out", NOON)
    inside = ZipFile(packed.path)
    assert inside.read("ada/20261005T120000Z/07_trial_practice.ipynb") == notebook.read_bytes()
    assert packed.saved.timestamp() == pytest.approx(notebook.stat().st_mtime)


@pytest.mark.parametrize(
    "uploaded",
    ["{name}", "Lovelace Ada_4711_assignsubmission_file_/{name}", "ada_123_456_{name}"],
)
def test_nbgrader_collects_it_whatever_the_platform_renames_the_zip_to(
    notebook: Path, tmp_path: Path, uploaded: str
) -> None:
    packed = pack(notebook, "Zoë Müller", tmp_path / "out", NOON)
    folder = f"/course/extracted/{uploaded.format(name=packed.path.stem)}"
    read = [collected(f"{folder}/{name}") for name in sorted(ZipFile(packed.path).namelist())]
    assert [(r["student_id"], r["timestamp"]) for r in read] == [
        ("Zoë Müller", "20261005T120000Z")
    ] * 2
    assert [r["file_id"] for r in read] == ["07_trial_practice.ipynb", "submission_secret.txt"]


def test_a_platform_s_own_files_are_not_taken_for_a_submission() -> None:
    assert collected("/course/extracted/ada/onlinetext.txt") is None
    assert collected("/course/extracted/07_trial_practice.ipynb") is None


@pytest.mark.parametrize("learner", ["<script>x", ".hidden", "a[1]", "a*", "a,b", "a%2Fb", "-x"])
def test_an_id_that_was_never_allowed_is_not_collected_from_a_hand_made_zip(learner: str) -> None:
    assert collected(f"/course/extracted/z/{learner}/20261005T120000Z/07_trial.ipynb") is None


def test_the_time_is_told_in_utc(notebook: Path, tmp_path: Path) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-7)))
    assert "20261005T120000Z" in pack(notebook, "ada", tmp_path / "out", there).path.name


def test_a_second_submission_in_the_same_second_replaces_nothing(
    notebook: Path, tmp_path: Path
) -> None:
    zips = [pack(notebook, "ada", tmp_path / "out", NOON).path for _ in range(3)]
    assert sorted(zips) == sorted((tmp_path / "out").iterdir())
    assert all(zipfile.is_zipfile(path) for path in zips)


def test_answers_still_as_handed_out_are_named(notebook: Path, tmp_path: Path) -> None:
    assert pack(notebook, "ada", tmp_path / "out").blank == ("recall", "memo")
    nb = nbformat.read(notebook, 4)
    nb.cells[0].source = "recall = 0.75"
    nbformat.write(nb, notebook)
    packed = pack(notebook, "ada", tmp_path / "out")
    assert (packed.blank, packed.answers) == (("memo",), 2)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40))
@example("Zoe\u0308 Mu\u0308ller")
@example("学习者 7")
@example("ada.lovelace@example.org")
def test_an_id_is_refused_or_makes_one_folder_that_nbgrader_reads_back(text: str) -> None:
    try:
        learner = valid_learner(text)
    except TpmkitError as refusal:
        stripped = unicodedata.normalize("NFC", text).strip()
        assert (
            FORBIDDEN.search(stripped)
            or not stripped
            or stripped[0] in ".-"
            or (stripped[-1] == ".")
        )
        assert "take the id your instructor knows you by" in str(refusal)
    else:
        path = f"/course/extracted/x/{learner}/20261005T120000Z/07_trial_practice.ipynb"
        assert collected(path)["student_id"] == learner
        assert valid_learner(learner) == learner


@pytest.mark.parametrize("learner", ["", "  ", "../ada", "a\\b", "a\nb", "a*", "a[1]", "x" * 81])
def test_an_id_that_is_no_folder_name_is_refused_by_name(learner: str) -> None:
    with pytest.raises(TpmkitError, match=re.escape(repr(learner))):
        valid_learner(learner)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"cells": [', "not readable JSON"),
        (b"", "not readable JSON"),
        ("{'caf\xe9'}".encode("latin-1"), "not readable JSON"),
        (b"[1, 2]", "not a notebook of format 4"),
        (b'{"nbformat": 3, "metadata": {}, "worksheets": []}', "not a notebook of format 4"),
        (b'{"nbformat": 4, "metadata": {}, "cells": [7]}', "not a notebook of format 4"),
        (b'{"nbformat": 4, "metadata": {}, "cells": []}', "lost the marks of its exercises"),
    ],
)
def test_an_unreadable_notebook_is_refused_with_the_next_step(
    notebook: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    notebook.write_bytes(content)
    with pytest.raises(TpmkitError, match=said) as refusal:
        pack(notebook, "ada", tmp_path / "out")
    assert "tpmkit start" in str(refusal.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ({"unit": "08_other"}, "holds 08_other_practice"),
        ({"unit": "cs1_trial", "kind": "case"}, "holds cs1_trial,"),
        ({"kind": "lesson"}, "is a lesson"),
    ],
)
def test_a_notebook_of_another_kind_or_assignment_is_refused(
    notebook: Path, tmp_path: Path, mark: dict[str, str], said: str
) -> None:
    nbformat.write(handed_out(**mark), notebook)
    with pytest.raises(TpmkitError, match=said):
        pack(notebook, "ada", tmp_path / "out")


def test_a_notebook_that_lost_only_the_course_s_mark_is_still_taken(
    notebook: Path, tmp_path: Path
) -> None:
    nb = handed_out()
    del nb.metadata["tpmkit"]
    nbformat.write(nb, notebook)
    assert pack(notebook, "ada", tmp_path / "out").assignment == "07_trial_practice"


def test_a_missing_notebook_is_said_with_the_names_that_exist(workspace: Path) -> None:
    with pytest.raises(TpmkitError, match="only 07_trial_practice"):
        find_notebook(workspace, "07_trial")


def test_a_folder_that_cannot_be_written_is_one_sentence(notebook: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(TpmkitError, match="could not be written"):
        pack(notebook, "ada", tmp_path / "out")


def test_the_workspace_is_found_from_inside_and_from_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "course.yaml").touch()
    (tmp_path / "notebooks").mkdir()  # the repository's own are never handed in
    with pytest.raises(TpmkitError, match="tpmkit start"):
        find_workspace(tmp_path / "notebooks")
    inside = tmp_path / "workspace" / "notebooks"
    inside.mkdir(parents=True)
    (tmp_path / "workspace" / STATE).mkdir()
    assert find_workspace(tmp_path) == find_workspace(inside) == tmp_path / "workspace"


def test_a_new_version_beside_a_changed_notebook_is_handed_in_by_its_path(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(notebook.parent)
    newer = notebook.with_name("07_trial_practice (new).ipynb")
    newer.write_bytes(notebook.read_bytes())
    run = CliRunner().invoke(main, ["submit", str(notebook), "--learner", "ada"])
    assert "newer version, 07_trial_practice (new).ipynb" in run.output
    assert find_notebook(notebook.parent.parent, str(newer)) == newer
    packed = pack(newer, "ada", tmp_path / "out", NOON)
    assert packed.assignment == "07_trial_practice"
    assert "ada/20261005T120000Z/07_trial_practice.ipynb" in ZipFile(packed.path).namelist()


def test_a_case_is_found_in_its_folder(workspace: Path) -> None:
    case = workspace / "casestudies" / "cs1_trial" / "cs1_trial.ipynb"
    case.parent.mkdir(parents=True)
    case.write_text("{}")
    (case.parent / "my notes.ipynb").write_text("{}")
    assert find_notebook(workspace, "cs1_trial") == case
    with pytest.raises(TpmkitError, match="only 07_trial_practice, cs1_trial"):
        find_notebook(workspace, "my notes")


def test_the_command_remembers_who_submits_and_says_what_it_packed(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace)
    run = CliRunner()
    unknown = run.invoke(main, ["submit", "07_trial_practice"])
    assert unknown.exit_code == 1
    assert "tpmkit submit 07_trial_practice --learner ID" in unknown.output
    first = run.invoke(main, ["submit", "07_trial_practice", "--learner", " Zoë Müller "])
    again = run.invoke(main, ["submit", "07_trial_practice"])
    for result in (first, again):
        assert result.exit_code == 0, result.output
        assert "for Zoë Müller" in result.output
        assert "0 of 2 answers are written" in result.output
        assert "Still as handed out: recall, memo" in result.output
    assert len(list((workspace / "submissions").iterdir())) == 2


def test_a_wrong_id_is_not_remembered(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)
    refused = CliRunner().invoke(main, ["submit", "07_trial_practice", "--learner", "a/b"])
    assert (refused.exit_code, "Traceback" in refused.output) == (1, False)
    assert sorted(os.listdir(workspace)) == [STATE, "notebooks"]
    assert not list((workspace / STATE).iterdir())

"""The archive for learners: everything they need, no answer, and one command to begin."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from tpmkit.authoring import build as builder
from tpmkit.authoring.bundle import FOLDER, START, bundle
from tpmkit.authoring.repository import Repository
from tpmkit.authoring.workspace import Course, fill
from tpmkit.errors import TpmkitError

ROOT = Path(__file__).parents[2]
ANSWER = "return x / 2  # the one and only answer"
COURSE = """
competencies: [{id: T1, dimension: technical, title: "Arithmetic"}]
units:
  - slug: 01_first
    kind: module
    title: "First"
    promise: "One thing."
    prerequisites: []
    seed: [A01]
    competencies: [T1]
    outcomes: [{id: O1, text: "Halve a number."}]
    lesson: {minutes: 5, prompts: []}
    practice:
      minutes: 5
      exercises: [{id: half, title: "Half", points: 2, outcome: O1}]
      memos: []
"""
LESSON = "# %%\nprint('one')\n"
PRACTICE = f'''# %% readonly="setup"
from tpmkit.checks import Checks

# %% solution="half"
def half(x):
    """Half of x."""
    ### BEGIN SOLUTION
    {ANSWER}
    ### END SOLUTION

# %% test="half"
check = Checks(2)
with check(1, "half of four") as see:
    assert see(half(4)) == 2
### BEGIN HIDDEN TESTS
with check(1, "half of a secret number") as see:
    assert see(half(123456789.0)) == 61728394.5
### END HIDDEN TESTS
check
'''


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small course with one module, its notebooks built, and the real tpmkit."""
    root = tmp_path_factory.mktemp("built")
    for name in ("pyproject.toml", "requirements.lock", "README.md", "LICENSE", "LICENSE-CONTENT"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(
        ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__")
    )  # fmt: skip
    sources = root / "solutions" / "notebooks"
    sources.mkdir(parents=True)
    (root / "solutions" / "course.yaml").write_text(COURSE)
    (sources / "01_first.py").write_text(LESSON)
    (sources / "01_first_practice.py").write_text(PRACTICE)
    (root / "grading").mkdir()
    shutil.copy(ROOT / "grading" / "nbgrader_config.py", root / "grading")
    (root / "casestudies").mkdir()
    (root / "datasets").mkdir()
    (root / "datasets" / "datapackage.json").write_text('{"resources": []}')
    assert builder.build(Repository(root), ()).problems == []
    return root


@pytest.fixture
def repository(built: Path, tmp_path: Path) -> Repository:
    return Repository(shutil.copytree(built, tmp_path / "checkout"))


def unpack(archive: Path, into: Path) -> Path:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(into)
    return into / FOLDER


def test_an_unpacked_bundle_fills_a_workspace_with_what_a_checkout_would(repository, tmp_path):
    root = unpack(bundle(repository, tmp_path / "dist"), tmp_path)
    fill(Course.find(root), root / "workspace")
    given = Course(repository.root, repository.root).files()
    assert {"notebooks/01_first.ipynb", "notebooks/01_first_practice.ipynb"} < set(given)
    for name, path in given.items():
        assert (root / "workspace" / name).read_bytes() == path.read_bytes()


def test_no_member_holds_an_answer(repository, tmp_path):
    with zipfile.ZipFile(bundle(repository, tmp_path)) as archive:
        names = archive.namelist()
        assert not [name for name in names if "solutions" in name or "grading" in name]
        for name in names:
            body = archive.read(name)
            if name.endswith(".whl"):
                (tmp_path / "wheel.whl").write_bytes(body)
                with zipfile.ZipFile(tmp_path / "wheel.whl") as wheel:
                    body = b"".join(map(wheel.read, wheel.namelist()))
            assert ANSWER.encode() not in body, name
            assert b"61728394.5" not in body, name


def test_an_answer_in_a_learner_notebook_stops_the_bundle_and_is_named(repository, tmp_path):
    path = repository.root / "notebooks" / "01_first_practice.ipynb"
    nb = nbformat.read(path, as_version=4)
    cell = next(cell for cell in nb.cells if "def half" in cell.source)
    cell.source += f"\n    ### BEGIN SOLUTION\n    {ANSWER}\n"
    nbformat.write(nb, path)
    with pytest.raises(TpmkitError, match=cell.id):
        bundle(repository, tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


def test_a_notebook_that_is_not_what_its_source_gives_stops_the_bundle(repository, tmp_path):
    source = repository.root / "solutions" / "notebooks" / "01_first.py"
    source.write_text(LESSON + "print('two')\n")
    with pytest.raises(TpmkitError, match=r"01_first\.ipynb is not what 01_first\.py gives"):
        bundle(repository, tmp_path / "dist")


def test_the_same_checkout_gives_the_same_bytes(repository, tmp_path):
    first, second = bundle(repository, tmp_path / "a"), bundle(repository, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


def test_a_truncated_file_is_noticed_before_the_workspace_is_filled(repository, tmp_path):
    root = unpack(bundle(repository, tmp_path / "dist"), tmp_path)
    damaged = root / "material" / "notebooks" / "01_first.ipynb"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    with pytest.raises(TpmkitError, match=r"01_first\.ipynb is missing or damaged"):
        fill(Course.find(root), root / "workspace")


def test_unpacking_a_newer_bundle_over_an_older_one_keeps_what_the_learner_changed(
    repository, tmp_path
):
    root = unpack(bundle(repository, tmp_path / "dist"), tmp_path)
    fill(Course.find(root), root / "workspace")
    mine = root / "workspace" / "notebooks" / "01_first_practice.ipynb"
    text = mine.read_text().replace("pass", "return x * 0.5")
    mine.write_text(text)
    source = repository.root / "solutions" / "notebooks" / "01_first_practice.py"
    source.write_text(source.read_text().replace("Half of x.", "The half of x."))
    builder.build(repository, ())
    unpack(bundle(repository, tmp_path / "dist"), tmp_path)
    changes = fill(Course.find(root), root / "workspace")
    assert list(changes.beside) == ["notebooks/01_first_practice.ipynb"]
    assert mine.read_text() == text


def test_the_wheel_in_the_bundle_is_the_one_its_start_script_installs(repository, tmp_path):
    root = unpack(bundle(repository, tmp_path / "dist"), tmp_path)
    wheel = root / json.loads((root / "bundle.json").read_text())["wheel"]
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    assert {"tpmkit/cli.py", "tpmkit/lab/jupyter_server_config.json"} < set(names)
    started = subprocess.run([sys.executable, root / START, "help"], capture_output=True, text=True)
    assert started.returncode == 0 and "start" in started.stdout
    wheel.unlink()
    started = subprocess.run(
        [sys.executable, root / START, "install"], capture_output=True, text=True
    )
    assert started.returncode == 1
    assert wheel.name in started.stderr and "Traceback" not in started.stderr


def test_the_command_line_says_where_the_bundle_lies(repository):
    with contextlib.chdir(repository.root):
        said = subprocess.run(
            [sys.executable, "-m", "tpmkit.cli", "bundle"], capture_output=True, text=True
        )
    assert said.returncode == 0, said.stderr
    (archive,) = (repository.root / "dist").glob("*.zip")
    assert str(archive) in said.stdout

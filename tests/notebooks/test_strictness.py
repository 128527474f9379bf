"""nbval only protects a notebook if a changed output fails: proven on a real lesson."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tpmkit.authoring.lint import is_test
from tpmkit.authoring.repository import Repository

REPOSITORY = Repository(Path(__file__).parents[2])


def nbval(path: Path, mode: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", mode]
    return subprocess.run(
        [*command, "--nbval-current-env", path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a real lesson cut down to its first printed output."""
    monkeypatch.setenv("TPMKIT_DATA", str(REPOSITORY.root / "datasets"))
    nb = nbformat.read(REPOSITORY.root / "notebooks" / "03_metrics.ipynb", as_version=4)
    last = next(
        i
        for i, cell in enumerate(nb.cells)
        if any(o.get("name") == "stdout" for o in cell.get("outputs", []))
    )
    nb.cells = nb.cells[: last + 1]
    path = tmp_path / "lesson.ipynb"
    nbformat.write(nb, path)
    return path


def test_a_lesson_as_committed_passes_strictly(lesson):
    assert nbval(lesson, "--nbval").returncode == 0


def test_one_altered_output_fails_and_is_shown(lesson):
    nb = nbformat.read(lesson, as_version=4)
    output = next(o for o in nb.cells[-1].outputs if o.get("name") == "stdout")
    output.text = "altered " + output.text
    nbformat.write(nb, lesson)
    result = nbval(lesson, "--nbval")
    assert result.returncode == 1
    assert "altered" in result.stdout


def test_an_output_without_execution_count_would_pass_anything(lesson):
    """Why the contract demands execution counts: strict nbval compares nothing without them."""
    nb = nbformat.read(lesson, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = []
    nbformat.write(nb, lesson)
    assert nbval(lesson, "--nbval").returncode == 0


@pytest.mark.parametrize(
    "notebook",
    [notebook for notebook in REPOSITORY.syllabus.notebooks() if notebook.is_assignment],
    ids=lambda notebook: notebook.name,
)
def test_an_untouched_learner_notebook_runs_through_and_scores_nothing(notebook, tmp_path):
    from tpmkit.authoring.execute import execute

    nb = nbformat.read(REPOSITORY.learner(notebook), as_version=4)
    execute(nb, notebook.name, REPOSITORY.learner(notebook).parent, REPOSITORY.root / "datasets")
    scores = [
        output.data["text/plain"]
        for cell in nb.cells
        if is_test(cell)
        for output in cell.outputs
        if output.output_type == "execute_result"
    ]
    assert scores == ["0"] * len(notebook.exercises)

"""Whole submissions with one misconception throughout earn what the case's outline says."""

from __future__ import annotations

from pathlib import Path

import jupytext
import pytest
from autograde.classroom import REPOSITORY, answered, reference, solved

from tpmkit.autograde import Grader

BANDS = {
    ("cs3_launch_date", "deterministic"): (15, 25),
    ("cs3_launch_date", "independent"): (30, 40),
}


def answers_of(name: str, band: str) -> dict[str, str]:
    """The variants written for this misconception; the reference answers everything else."""
    path = Path(__file__).parent / "variants" / f"{name}.py"
    cells = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent").cells
    return {
        cell.metadata["exercise"]: cell.source
        for cell in cells
        if cell.metadata.get("band") == band
    }


@pytest.mark.parametrize(("name", "band"), BANDS, ids=lambda part: part)
def test_a_misconception_held_throughout_earns_its_band(name, band):
    notebook = REPOSITORY.syllabus.notebook(name)
    public = REPOSITORY.learner(notebook).parent
    files = {
        path.relative_to(public).as_posix(): path.read_bytes()
        for path in public.rglob("*")
        if path.is_file() and path.suffix != ".ipynb"
    }
    wrong = answers_of(name, band)
    assert len(wrong) >= 3
    with Grader(data=REPOSITORY.root / "datasets") as grader:
        graded = grader.judge(
            solved(notebook),
            answered(notebook, reference(notebook) | wrong),
            files=files,
            folder=public,
        )
    earned = graded.metadata.tpmkit.outcome.points
    low, high = BANDS[name, band]
    assert low <= sum(earned.values()) <= high, earned

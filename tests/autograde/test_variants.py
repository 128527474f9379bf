"""Exercises earn what they deserve: untouched 0, reference full, mutants exact, right ones full."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from autograde.classroom import (
    ASSIGNMENTS,
    REPOSITORY,
    answered,
    reference,
    rounds,
    solved,
    submission,
    untouched,
)

from tpmkit.authoring.syllabus import Notebook
from tpmkit.autograde import Grader

EACH = pytest.mark.parametrize("notebook", ASSIGNMENTS, ids=lambda notebook: notebook.name)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(data=REPOSITORY.root / "datasets") as grader:
        yield grader


def points(grader: Grader, notebook: Notebook, nb) -> tuple[dict[str, float], dict]:
    """Points by exercise, and the judge's whole outcome."""
    public = REPOSITORY.learner(notebook).parent
    files = {
        path.relative_to(public).as_posix(): path.read_bytes()
        for path in public.rglob("*")
        if notebook.kind == "case" and path.is_file() and path.suffix != ".ipynb"
    }
    graded = grader.judge(solved(notebook), nb, files=files, folder=public)
    outcome = graded.metadata.tpmkit.outcome
    earned = {item.id: outcome.points[f"test_{item.id}"] for item in notebook.exercises}
    return earned, outcome


@EACH
def test_untouched_scores_nothing(grader, notebook):
    earned, outcome = points(grader, notebook, untouched(notebook))
    assert set(earned.values()) == {0}
    assert outcome.faults == []


@EACH
def test_the_reference_scores_everything(grader, notebook, record_property):
    earned, outcome = points(grader, notebook, answered(notebook, reference(notebook)))
    assert earned == {item.id: item.points for item in notebook.exercises}
    record_property("count_checks", sum(len(rows) for rows in outcome.checks.values()))


@EACH
def test_no_cell_needs_the_learners_own_process(grader, notebook):
    _, outcome = points(grader, notebook, untouched(notebook))
    assert outcome.in_sandbox == []


@pytest.mark.parametrize(
    ("notebook", "dealt"),
    [(notebook, dealt) for notebook in ASSIGNMENTS for dealt in rounds(notebook)],
    ids=[
        f"{notebook.name}-{n}" for notebook in ASSIGNMENTS for n, _ in enumerate(rounds(notebook))
    ],
)
def test_each_variant_scores_exactly_what_it_deserves(grader, notebook, dealt, record_property):
    earned, outcome = points(grader, notebook, submission(notebook, dealt))
    expected = {item.id: item.points for item in notebook.exercises}
    expected |= {name: variant.score for name, variant in dealt.items()}
    wrong = {
        f"{name} ({dealt[name].kind}: {dealt[name].name})": {
            "earned": earned[name],
            "deserved": expected[name],
            "checks": [
                f"{'ok' if row['passed'] else '--'} {row['name']} [{row['seen']}] {row['note']}"
                for row in outcome.checks[f"test_{name}"]
            ],
        }
        for name in dealt
        if earned[name] != pytest.approx(expected[name])
    }
    assert wrong == {}
    assert earned == pytest.approx(expected)
    for kind in ("mutant", "equivalent"):
        record_property(f"count_{kind}s", sum(v.kind == kind for v in dealt.values()))
    record_property("count_checks", sum(len(rows) for rows in outcome.checks.values()))

"""Submissions made from the committed notebooks: untouched, reference, and one variant of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from tpmkit.authoring.lint import is_solution, role
from tpmkit.authoring.repository import Repository
from tpmkit.authoring.syllabus import Notebook

REPOSITORY = Repository(Path(__file__).parents[2])
ASSIGNMENTS = [notebook for notebook in REPOSITORY.syllabus.notebooks() if notebook.is_assignment]


@dataclass(frozen=True)
class Variant:
    """Another answer to one exercise, and what it must score."""

    exercise: str
    kind: str
    name: str
    source: str
    score: float


def variants(notebook: Notebook) -> list[Variant]:
    """The mutants and equivalents written for an assignment (a contract asks for enough)."""
    path = Path(__file__).parent / "variants" / f"{notebook.name}.py"
    found = []
    if not path.is_file():
        return found
    for cell in jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent").cells:
        exercise = cell.metadata.get("exercise")
        if exercise is None:
            continue
        kind = "mutant" if "mutant" in cell.metadata else "equivalent"
        score = cell.metadata["score"] if kind == "mutant" else notebook.points_of(exercise)
        found.append(Variant(exercise, kind, cell.metadata[kind], cell.source, float(score)))
    return found


def solved(notebook: Notebook) -> NotebookNode:
    """The assignment with its answers, as the instructor keeps it."""
    return nbformat.read(REPOSITORY.solved(notebook), as_version=4)


def untouched(notebook: Notebook) -> NotebookNode:
    """The assignment as the learner gets it."""
    return nbformat.read(REPOSITORY.learner(notebook), as_version=4)


def answered(notebook: Notebook, answers: dict[str, str]) -> NotebookNode:
    """The learner's notebook with these sources in its answer cells."""
    nb = untouched(notebook)
    for cell in nb.cells:
        if role(cell).get("solution") and role(cell)["grade_id"] in answers:
            cell.source = answers[role(cell)["grade_id"]]
    return nb


def reference(notebook: Notebook) -> dict[str, str]:
    """The instructor's answer to every exercise."""
    return {
        role(cell)["grade_id"]: cell.source for cell in solved(notebook).cells if is_solution(cell)
    }


def rounds(notebook: Notebook) -> list[dict[str, Variant]]:
    """Variants dealt out: each round holds at most one of each exercise, and all are used once."""
    waiting: dict[str, list[Variant]] = {}
    for variant in variants(notebook):
        waiting.setdefault(variant.exercise, []).append(variant)
    dealt = []
    while any(waiting.values()):
        dealt.append({name: stack.pop(0) for name, stack in waiting.items() if stack})
    return dealt


def submission(notebook: Notebook, dealt: dict[str, Variant]) -> NotebookNode:
    """The reference with one round of variants in place of its own answers."""
    sources = {name: variant.source for name, variant in dealt.items()}
    return answered(notebook, reference(notebook) | sources)

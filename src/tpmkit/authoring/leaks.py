"""Proof that nothing with an answer leaves `solutions/`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tpmkit.authoring.lint import HIDDEN, SOLUTION, is_solution, role
from tpmkit.authoring.source import BEGIN_SCHEME, END_SCHEME
from tpmkit.dollars import plain_dollars

MARKERS = (
    "BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS",
    "BEGIN MARK SCHEME", "END MARK SCHEME",
)  # fmt: skip
TELLING = 25
TEXT_SUFFIXES = {".md", ".txt", ".py", ".yaml", ".yml", ".csv", ".html"}


@dataclass(frozen=True)
class Leak:
    """An answer found where learners can read it."""

    file: str
    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: {self.what}"


def secrets(solved: Iterable[NotebookNode], private: Iterable[str]) -> set[str]:
    """The lines that learners must not see, white space folded.

    Parameters
    ----------
    solved : iterable of NotebookNode
        Notebooks as their sources have them. Secret are the solution regions, hidden checks,
        mark schemes and sample memos of assignments; a line that a lesson shows is no secret.
    private : iterable of str
        Texts that stay with the instructor: debriefs, marker notes, private role goals.

    Returns
    -------
    set of str
        Lines of at least 25 characters that do not also stand in what learners are given.
    """
    hidden: set[str] = set()
    shown: set[str] = set()
    for nb in solved:
        for cell in nb.cells:
            parts = list(_secret_parts(cell))
            hidden |= {line for part in parts for line in _telling(part)}
            rest = cell.source
            for part in parts:
                rest = rest.replace(part, "")
            shown |= set(_telling(rest))
    hidden |= {line for text in private for line in _telling(text)}
    return hidden - shown


def scan_notebook(nb: NotebookNode, file: str, secret: set[str]) -> Iterator[Leak]:
    """Leaks in one notebook: markers, secret lines, and outputs of an assignment."""
    graded = any(role(cell) for cell in nb.cells)
    for cell in nb.cells:
        place = f"cell {cell.id}"
        yield from _scan_text(cell.source, file, place, secret)
        outputs = json.dumps(cell.get("outputs", []))
        if graded and cell.get("outputs"):
            yield Leak(file, place, "an assignment is handed out with outputs")
        yield from _scan_text(outputs, file, f"{place} (output)", set())


def scan_folder(folder: Path, secret: set[str]) -> list[Leak]:
    """Leaks in every notebook and text file below a folder."""
    leaks: list[Leak] = []
    for path in sorted(folder.rglob("*")):
        if ".ipynb_checkpoints" in path.parts or not path.is_file():
            continue
        file = path.relative_to(folder.parent).as_posix()
        if path.suffix == ".ipynb":
            leaks += scan_notebook(nbformat.read(path, as_version=4), file, secret)
        elif path.suffix in TEXT_SUFFIXES:
            leaks += _scan_text(path.read_text(encoding="utf-8"), file, "text", secret)
    return leaks


def _scan_text(text: str, file: str, place: str, secret: set[str]) -> Iterator[Leak]:
    for marker in MARKERS:
        if marker in text:
            yield Leak(file, place, f"holds the marker {marker!r}")
    for line in text.splitlines():
        if _fold(line) in secret:
            yield Leak(file, place, f"holds a line of the answers: {_fold(line)[:60]!r}")


def _secret_parts(cell: NotebookNode) -> Iterator[str]:
    if is_solution(cell):
        yield from (match[0] for match in SOLUTION.finditer(cell.source))
    elif role(cell).get("solution"):
        yield cell.source
    elif BEGIN_SCHEME in cell.source:
        begin, end = cell.source.index(BEGIN_SCHEME), cell.source.index(END_SCHEME)
        yield cell.source[begin:end]
    yield from (match[0] for match in HIDDEN.finditer(cell.source))


def _telling(text: str) -> Iterator[str]:
    for line in text.splitlines():
        folded = _fold(line)
        if len(folded) >= TELLING and not set(folded) <= set("|-: "):
            yield folded


def _fold(line: str) -> str:
    return re.sub(r"\s+", " ", plain_dollars(line)).strip()

"""Read what a learner handed in, whatever state it is in. Nothing here runs any of it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from nbformat import NotebookNode, reader, v4
from nbformat.corpus.words import generate_corpus_id as random_cell_id

from tpmkit.autograde.repair import ReleasedCell, repair

__all__ = ["Submission", "fingerprint", "read_submission"]

FILES, BYTES, CELLS = 500, 20 << 20, 2000  # of one submission
EXPECTED = {"timestamp.txt", "submission_secret.txt", "user_info.json"}


@dataclass
class Submission:
    """One learner's work, ready to be judged.

    ``notebook`` is always there: where nothing could be read it holds the released cells with
    empty answers, and ``readable`` is false.
    """

    notebook: NotebookNode
    readable: bool = True
    faults: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


def fingerprint(folder: Path) -> str:
    """A hash of everything that was handed in, contents and names."""
    digest = hashlib.sha256()
    for name, content in _files(folder)[0].items():
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def read_submission(folder: Path, name: str, released: list[ReleasedCell]) -> Submission:
    """Read a submission and put its graded cells back into their released form.

    Parameters
    ----------
    folder : Path
        The learner's submitted folder.
    name : str
        The notebook's name without suffix.
    released : list of ReleasedCell
        The nbgrader cells as released.
    """
    files, complaint = _files(folder)
    faults = [_fault("files", complaint)] if complaint else []
    notebooks = {path: body for path, body in files.items() if path.endswith(".ipynb")}
    chosen, notebook = _choose(notebooks, name, {cell.grade_id for cell in released}, faults)
    support = {p: b for p, b in files.items() if p not in notebooks and p not in EXPECTED}
    if notebook is None:
        empty = v4.new_notebook()
        repair(empty, released)
        return Submission(empty, False, faults, [], support)
    if chosen != f"{name}.ipynb":
        faults.append(_fault("file-name", f"graded {chosen!r}, the file is to be {name}.ipynb"))
    return Submission(notebook, True, faults, repair(notebook, released), support)


def beside(files: dict[str, bytes], ours: Iterable[str]) -> dict[str, bytes]:
    """Those files that lie neither where one of ours does, nor above or below one."""
    taken = {PurePosixPath(path) for path in ours}
    folders = {folder for path in taken for folder in path.parents}
    return {
        path: body
        for path, body in files.items()
        if (place := PurePosixPath(path)) not in taken | folders and taken.isdisjoint(place.parents)
    }


def _choose(
    notebooks: dict[str, bytes], name: str, known: set[str], faults: list[dict[str, str]]
) -> tuple[str, NotebookNode | None]:
    """The notebook that is meant: by its name, otherwise the one with most of the known cells."""
    if not notebooks:
        faults.append(_fault("no-notebook", f"no notebook {name}.ipynb was handed in"))
        return "", None
    best, best_score, complaints = ("", None), -1, []
    strangers = []
    for path, body in notebooks.items():
        try:
            notebook = _parse(body)
        except ValueError as error:
            complaints.append(_fault("unreadable", f"{path!r} cannot be read: {error}"))
            continue
        claimed = {_grade_id(cell) for cell in notebook.cells} - {None}
        score = len(known & claimed)
        # assignments have some names in common: most of its cells say whose it is
        if score < len(claimed - known):
            strangers.append(path)
        score += len(known & {cell.get("id") for cell in notebook.cells})
        if path == f"{name}.ipynb":
            score += 10_000
        if score > best_score:
            best, best_score = (path, notebook), score
    if best[1] is None:
        faults.extend(complaints)
    elif best[0] in strangers:
        text = f"{best[0]!r} is a notebook of another assignment"
        faults.append(_fault("other-assignment", text))
    return best


def _parse(body: bytes) -> NotebookNode:
    """A valid current notebook from bytes, or ValueError with what is wrong."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    try:
        is_object = isinstance(json.loads(text), dict)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON ({str(error)[:80]})") from error
    if not is_object:
        raise ValueError("it is not a notebook")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            notebook = nbformat.convert(reader.reads(text), 4)
            if len(notebook.cells) > CELLS:
                raise ValueError(f"{len(notebook.cells)} cells, at most {CELLS} are graded")
            made = v4.new_notebook()
            made.cells = [_cell(cell) for cell in notebook.cells]
            # ids are needed and must differ; a copied cell brings its original's id with it
            seen: set[str] = set()
            for cell in made.cells:
                if cell.id in seen:
                    cell.id = random_cell_id()
                seen.add(cell.id)
            nbformat.validate(made)
        except Exception as error:
            raise ValueError(
                f"it is not a notebook ({type(error).__name__}: {str(error)[:80]})"
            ) from error
    made.metadata.update(kernelspec={"name": "python3", "display_name": "Python 3"})
    return made


def _cell(cell: Any) -> NotebookNode:
    """A clean cell of the same type, text and metadata."""
    source = cell["source"]
    source = source if isinstance(source, str) else "".join(map(str, source))
    source = source.encode("utf-8", "replace").decode()
    kind = cell["cell_type"] if cell["cell_type"] in ("code", "markdown") else "raw"
    id_ = cell.get("id")
    id_ = id_ if isinstance(id_, str) and 0 < len(id_) <= 64 else random_cell_id()
    # nbformat's own constructors would validate each cell; the caller validates all at once
    made = NotebookNode(id=id_, cell_type=kind, metadata=NotebookNode(), source=source)
    if kind == "code":
        made.update(execution_count=None, outputs=[])
    nbgrader = cell.get("metadata", {}).get("nbgrader")
    if isinstance(nbgrader, dict):
        made.metadata["nbgrader"] = nbgrader
    return made


def _grade_id(cell: NotebookNode) -> str | None:
    found = cell.metadata.get("nbgrader", {}).get("grade_id")
    return found if isinstance(found, str) else None


def _files(folder: Path) -> tuple[dict[str, bytes], str]:
    """Regular files below a folder by relative path, and what was left out."""
    found: dict[str, bytes] = {}
    size, complaint = 0, ""
    stack = [(folder, 0)]
    while stack:
        here, depth = stack.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda e: e.name)
        except OSError as error:
            complaint = _unread("its folder" if here == folder else here.name, error)
            continue
        for entry in entries:
            name = Path(entry.path).relative_to(folder).as_posix()
            if entry.name.startswith(".") or entry.name == "__pycache__":
                continue
            try:
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode) and depth < 8:
                    stack.append((Path(entry.path), depth + 1))
                elif not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                    complaint = f"{name!r:.120} is a link or not a plain file: left out"
                elif len(found) >= FILES or size + status.st_size > BYTES:
                    much = f"more than {FILES} files or {BYTES >> 20} MB"
                    return found, f"{much}: the rest is left out"
                else:
                    found[name] = Path(entry.path).read_bytes()
                    size += status.st_size
            except OSError as error:
                complaint = _unread(name, error)
    return found, complaint


def _unread(name: str, error: OSError) -> str:
    return f"{name!r:.120} cannot be read ({error.strerror}): left out"


def _fault(code: str, message: str) -> dict[str, str]:
    return {"code": code, "cell": "", "message": message}

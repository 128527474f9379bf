"""Fill a learner's workspace, and bring it what is new without touching what the learner changed.

One rule decides: a file is the learner's as soon as its content is nothing the course ever
shipped at that place. Such a file is never written to; what is new lands beside it under a new
name. Everything else is the course's and is brought up to date; a file that is gone is brought
back, so deleting a notebook is how to get a fresh one. For a notebook, content means its cells:
running them or saving the notebook again does not make it the learner's.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from tpmkit.bootstrap import alone
from tpmkit.errors import TpmkitError

FOLDERS = ("notebooks", "casestudies", "datasets")
BUNDLE = "bundle.json"
MATERIAL = "material"
OWN = (*FOLDERS, MATERIAL, "solutions", "grading", "src", "tests")
STATE = ".tpmkit"
DRAFT = ".tpmkit~"
HISTORY = f"{STATE}/shipped.json"
KEPT = f"{STATE}/kept"


@dataclass(frozen=True)
class Course:
    """Where workspaces are filled from: a checkout of the course, or an unpacked bundle.

    Parameters
    ----------
    root : Path
        The folder that holds README.md; a workspace lies in it unless another place is asked for.
    material : Path
        The folder that holds notebooks/, casestudies/ and datasets/.
    """

    root: Path
    material: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """The course around `start`, else the one that installed this package.

        Raises
        ------
        TpmkitError
            If there is none.
        """
        start = (start or Path.cwd()).resolve()
        named = os.environ.get("TPMKIT_COURSE")  # by bootstrap.py: the course it belongs to
        around = [start, *start.parents, Path(__file__).parents[3]]
        for root in [Path(named)] if named else around:
            if (root / BUNDLE).is_file():
                return cls(root, root / MATERIAL)
            if (root / "solutions" / "course.yaml").is_file():
                return cls(root, root)
        raise TpmkitError(
            f"No course in {start} or above it. Change into the folder that you unpacked or "
            "cloned (it holds README.md), then try again."
        )

    @property
    def workspace(self) -> Path:
        """Where its workspace lies unless another place is asked for."""
        return self.root / "workspace"

    def files(self) -> dict[str, Path]:
        """Everything a learner is given, by its path in the workspace.

        Raises
        ------
        TpmkitError
            If a bundle lacks a file it should hold, or holds a different one.
        """
        if (self.root / BUNDLE).is_file():
            listed = json.loads((self.root / BUNDLE).read_text(encoding="utf-8"))["files"]
            for name, expected in listed.items():
                path = self.material / name
                if not path.is_file() or _sha256(path.read_bytes()) != expected:
                    raise TpmkitError(
                        f"{path} is missing or damaged. Unpack the archive again over this "
                        "folder (your workspace is not part of it), then try again."
                    )
            return {name: self.material / name for name in listed}
        return {
            path.relative_to(self.material).as_posix(): path
            for folder in FOLDERS
            for path in sorted((self.material / folder).rglob("*"))
            if path.is_file() and not _is_by_product(path.relative_to(self.material))
        }


@dataclass
class Changes:
    """What filling a workspace did. Paths are relative to the workspace.

    Attributes
    ----------
    first : bool
        Whether the workspace was new.
    added, updated, restored : list of str
        Files that are new; that replaced an older version the learner had not changed; that the
        learner had removed.
    beside : dict of str to str
        For each file the learner changed, where its new version landed.
    """

    first: bool = False
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)

    def sentences(self) -> Iterator[str]:
        """What a learner should know of it."""
        if self.first:
            yield f"Your workspace is filled: {len(self.added)} files."
        elif self.added:
            yield f"New in your workspace: {_some(self.added)}."
        if self.updated:
            yield f"Brought up to date (you had not changed them): {_some(self.updated)}."
        if self.restored:
            yield f"Brought back, fresh, because they were gone: {_some(self.restored)}."
        for name, landed in self.beside.items():
            yield (
                f"There is a new version of {name}, which you changed. Yours is untouched; the "
                f"new one is {landed}"
            )


def fill(course: Course, workspace: Path) -> Changes:
    """Bring a workspace up to date; nothing a learner wrote is lost, also when interrupted.

    Parameters
    ----------
    course : Course
        Where the files come from.
    workspace : Path
        A new folder, an existing workspace, or any other folder of the learner's.

    Returns
    -------
    Changes
        What happened, to be told to the learner.

    Raises
    ------
    TpmkitError
        If the folder is the course itself, cannot be written to, or the disk is full.
    """
    workspace = workspace.resolve()
    root = course.root.resolve()
    if workspace == root or any(workspace.is_relative_to(root / name) for name in OWN):
        raise TpmkitError(
            f"{workspace} is part of the course itself. Choose another folder for the workspace, "
            f"for example {course.workspace}"
        )
    shipped = course.files()
    wait = "Another start is filling this workspace; waiting for it."
    try:
        with alone(str(workspace / STATE / "lock"), wait):
            return _fill(shipped, workspace)
    except OSError as error:
        raise TpmkitError(_refusal(error, workspace)) from None


def _fill(shipped: dict[str, Path], workspace: Path) -> Changes:
    for folder in FOLDERS:
        for draft in (workspace / folder).rglob(f".*{DRAFT}"):  # of a start that was killed
            draft.unlink()
    history = _read_history(workspace)
    changes = Changes(first=not history)
    try:
        for name, source in shipped.items():
            _bring(name, source.read_bytes(), workspace, history.setdefault(name, []), changes)
    finally:
        content = {"tpmkit": version("tpmkit"), "files": {k: v for k, v in history.items() if v}}
        _replace(workspace / HISTORY, json.dumps(content, indent=1).encode())
    return changes


def _bring(name: str, new: bytes, workspace: Path, past: list[list[str]], changes: Changes) -> None:
    """Bring one file up to date. `past` holds (bytes, cells) hashes of what was shipped there."""
    path = workspace / name
    latest = [_sha256(new), _cells(name, new)]
    if not path.exists() and not path.is_symlink():
        _create(path, new)
        (changes.restored if past else changes.added).append(name)
    elif path.is_file() and _is_pristine(name, found := path.read_bytes(), [*past, latest]):
        if _cells(name, found) != latest[1] or (past and past[-1] != latest):
            if _sha256(found) not in {raw for raw, _ in past} | {latest[0]}:
                _keep(name, found, workspace)
            if _sha256(found) != latest[0]:
                _replace(path, new)
                changes.updated.append(name)
    elif not any(raw == latest[0] or cells == latest[1] for raw, cells in past):
        landed = _land_beside(path, new)
        changes.beside[name] = landed.relative_to(workspace).as_posix()
    if not past or past[-1] != latest:
        past.append(latest)


def _is_pristine(name: str, content: bytes, versions: list[list[str]]) -> bool:
    cells = _cells(name, content)
    return any(cells == shipped for _, shipped in versions)


def _land_beside(path: Path, new: bytes) -> Path:
    """Write `new` under the first free name beside `path`; a copy already there is enough."""
    number = 1
    while True:
        suffix = " (new)" if number == 1 else f" (new {number})"
        landed = path.with_name(f"{path.stem}{suffix}{path.suffix}")
        if landed.is_file() and landed.read_bytes() == new:
            return landed
        with contextlib.suppress(FileExistsError):
            _create(landed, new)
            return landed
        number += 1


def _create(path: Path, content: bytes) -> None:
    """Write a new file, whole or not at all; FileExistsError when the name is taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with path.open("xb") as file:
            file.write(content)
    finally:
        draft.unlink()


def _replace(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    os.replace(_draft(path, content), path)


def _draft(path: Path, content: bytes) -> Path:
    """The content on disk, beside its destination, under a name nobody else uses."""
    draft = path.with_name(f".{path.name}{DRAFT}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _keep(name: str, content: bytes, workspace: Path) -> None:
    """Put away the outputs of a notebook that the learner ran but did not change."""
    path = PurePosixPath(name)
    kept = workspace / KEPT / path.with_name(f"{path.stem} {_sha256(content)[:8]}{path.suffix}")
    with contextlib.suppress(FileExistsError):
        _create(kept, content)


def _read_history(workspace: Path) -> dict[str, list[list[str]]]:
    """The versions shipped so far, oldest first; none when the record is lost or damaged."""
    try:
        files = json.loads((workspace / HISTORY).read_text(encoding="utf-8"))["files"]
        return {
            str(name): [[str(raw), str(cells)] for raw, cells in past]
            for name, past in files.items()
        }
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _cells(name: str, content: bytes) -> str:
    """Hash of what a learner can write in a file: of a notebook, the text of its cells."""
    if name.endswith(".ipynb"):
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            cells = [
                [cell["cell_type"], "".join(cell["source"]), cell.get("attachments") or {}]
                for cell in json.loads(content)["cells"]
            ]
            return _sha256(json.dumps(cells, sort_keys=True).encode())
    return _sha256(content)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_by_product(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _some(names: list[str]) -> str:
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + rest


def _refusal(error: OSError, workspace: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk of {workspace} is full, so the workspace is not complete yet; nothing of "
            "yours was changed. Free some space, then start again."
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"{error.filename or workspace} cannot be written to. Give the workspace a folder of "
            "your own: tpmkit start --workspace FOLDER"
        )
    return f"The workspace {workspace} could not be filled ({error}). Put that right, start again."

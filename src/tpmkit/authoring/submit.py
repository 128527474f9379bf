"""Pack a learner's notebook as a zip that nbgrader's ``zip_collect`` takes."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_grade, is_solution

from tpmkit.authoring.syllabus import PRACTICE
from tpmkit.authoring.workspace import STATE, Course
from tpmkit.errors import TpmkitError

LEARNER_FILE = f"{STATE}/learner"
SUBMISSIONS = "submissions"
# What a file system, nbgrader's file patterns, formgrader's addresses or the CSV export reads.
FORBIDDEN = re.compile(r'[<>:"/\\|?*\[\]+,#%\x00-\x1f\x7f]')
LEARNER_LIMIT = 80


@dataclass(frozen=True)
class Submission:
    """What was packed, and where it lies.

    Attributes
    ----------
    path : Path
        The zip. Inside: ``<learner>/<time>/<assignment>.ipynb``, which survives the renaming
        that learning platforms do to uploaded files.
    saved : datetime
        When the notebook was last saved; edits made after that are not in the zip.
    blank : tuple of str
        Answers that are still exactly as handed out.
    answers : int
        How many answers the notebook asks for.
    """

    path: Path
    assignment: str
    learner: str
    saved: datetime
    blank: tuple[str, ...]
    answers: int


def pack(notebook: Path, learner: str, into: Path, now: datetime | None = None) -> Submission:
    """Pack one notebook for grading; no existing file is replaced.

    Parameters
    ----------
    notebook : Path
        The learner's notebook, as saved. It goes into the zip byte for byte.
    learner : str
        The id the instructor knows the learner by; letters of any script and spaces are fine.
    into : Path
        The folder for the zip; made when missing.
    now : datetime, optional
        The time of submission, with its time zone; default is this moment.

    Raises
    ------
    TpmkitError
        If the id cannot be used, or the notebook is missing, unreadable or not an assignment.
    """
    learner = valid_learner(learner)
    now = (now or datetime.now(UTC)).astimezone(UTC)
    content, saved = _read(notebook)
    nb = _parse(notebook, content)
    assignment = _assignment_of(notebook, nb)
    answers = [cell for cell in nb.cells if is_solution(cell)]
    blank = tuple(
        cell.metadata.nbgrader.grade_id
        for cell in answers
        if cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    )
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    folder = f"{learner}/{stamp}"
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{folder}/{assignment}.ipynb", content)
        # nbgrader's release_feedback names the feedback after this, as its own `submit` does.
        packed.writestr(f"{folder}/submission_secret.txt", secrets.token_hex(64))
    path = _write_new(into, f"{assignment}--{learner}--{stamp}", archive.getvalue())
    return Submission(path, assignment, learner, saved, blank, len(answers))


def valid_learner(learner: str) -> str:
    """The id in the one form that file systems agree on.

    Raises
    ------
    TpmkitError
        If the id is empty or too long, starts or ends with a dot, or holds a character that
        cannot be part of a folder's name everywhere.
    """
    clean = unicodedata.normalize("NFC", learner).strip()
    problem = ""
    if not clean:
        problem = "it is empty"
    elif len(clean) > LEARNER_LIMIT:
        problem = f"it has {len(clean)} characters and {LEARNER_LIMIT} is the most"
    elif clean[0] in ".-" or clean[-1] == ".":
        problem = "it begins with a dot or a hyphen, or ends with a dot"
    elif found := FORBIDDEN.search(clean):
        problem = f"it holds {found[0]!r}"
    if problem:
        raise TpmkitError(
            f"The learner id {learner!r} cannot be used because {problem}; take the id your "
            "instructor knows you by: letters of any script, digits, spaces, @ . - and _."
        )
    return clean


def remembered_learner(workspace: Path) -> str | None:
    """The learner id of the last submission from this workspace, if there was one."""
    path = workspace / LEARNER_FILE
    return path.read_text(encoding="utf-8").strip() or None if path.is_file() else None


def remember_learner(workspace: Path, learner: str) -> None:
    """Keep the learner id for the next submission from this workspace."""
    path = workspace / LEARNER_FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{valid_learner(learner)}\n", encoding="utf-8")


def find_workspace(start: Path) -> Path:
    """The workspace that holds `start`, else the one of the course around `start`.

    Raises
    ------
    TpmkitError
        If there is none.
    """
    for folder in (start, *start.parents):
        if (folder / STATE).is_dir():
            return folder
    workspace = Course.find(start).workspace
    if not workspace.is_dir():
        raise TpmkitError(
            f"{start} is not inside a course workspace; change into yours, or run `tpmkit start` "
            "to make one."
        )
    return workspace


def find_notebook(workspace: Path, name: str) -> Path:
    """The notebook of an assignment: by the assignment's name, or by the path of a file.

    Raises
    ------
    TpmkitError
        Listing the assignments that are there, when this one is not.
    """
    if name.endswith(".ipynb") and Path(name).is_file():
        return Path(name)
    stem = name.removesuffix(".ipynb")
    practices = workspace.glob(f"notebooks/*{PRACTICE}.ipynb")
    cases = workspace.glob("casestudies/*/*.ipynb")
    there = {path.stem: path for path in practices}
    there |= {path.stem: path for path in cases if path.stem == path.parent.name}
    if stem not in there:
        listed = ", ".join(sorted(there)) or "no assignment at all"
        raise TpmkitError(
            f"There is no assignment {stem!r} in {workspace}, only {listed}. "
            "Give one of these names, or run `tpmkit start` to bring back what is missing."
        )
    return there[stem]


def _read(notebook: Path) -> tuple[bytes, datetime]:
    try:
        saved = datetime.fromtimestamp(notebook.stat().st_mtime).astimezone()
        return notebook.read_bytes(), saved
    except OSError as error:
        raise TpmkitError(
            f"{notebook} cannot be read ({error.strerror}); check the name, or run "
            "`tpmkit start` to bring back a notebook that is missing."
        ) from error


def _parse(notebook: Path, content: bytes) -> NotebookNode:
    remedy = (
        "Open it in JupyterLab, save it and submit again; if it does not open, rename it, run "
        "`tpmkit start` for a fresh copy and copy your answers over."
    )
    try:
        raw = json.loads(content)
    except ValueError as error:
        raise TpmkitError(f"{notebook.name} is not readable JSON ({error}). {remedy}") from error
    if not _is_notebook(raw):
        raise TpmkitError(f"{notebook.name} is not a notebook of format 4. {remedy}")
    return nbformat.v4.reads_json(json.dumps(raw))


def _is_notebook(raw: Any) -> bool:
    return (
        isinstance(raw, dict)
        and raw.get("nbformat") == 4
        and isinstance(raw.get("metadata"), dict)
        and isinstance(raw.get("cells"), list)
        and all(
            isinstance(cell, dict)
            and isinstance(cell.get("metadata"), dict)
            and isinstance(cell.get("source"), (str, list))
            for cell in raw["cells"]
        )
    )


def _assignment_of(notebook: Path, nb: NotebookNode) -> str:
    mark = nb.metadata.get("tpmkit", {})
    unit, kind = mark.get("unit"), mark.get("kind")
    if kind == "lesson":
        raise TpmkitError(
            f"{notebook.name} is a lesson, and a lesson is not handed in; submit "
            f"{unit}{PRACTICE} instead."
        )
    if unit is None and not any(map(is_grade, nb.cells)):
        raise TpmkitError(
            f"{notebook.name} has lost the marks of its exercises (another program may have "
            "rewritten it). Rename it, run `tpmkit start` for a fresh copy, copy your answers "
            "over and submit that."
        )
    if unit is None:
        return notebook.stem
    assignment = f"{unit}{PRACTICE}" if kind == "practice" else unit
    # A new version lands beside a changed notebook as "<name> (new).ipynb".
    if notebook.stem != assignment and not notebook.stem.startswith(f"{assignment} ("):
        raise TpmkitError(
            f"{notebook.name} holds {assignment}, so it would be graded as the wrong assignment; "
            f"rename it to {assignment}.ipynb and submit {assignment}."
        )
    return assignment


def _write_new(folder: Path, stem: str, content: bytes) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for again in range(1, 1000):
            path = folder / (f"{stem}.zip" if again == 1 else f"{stem}-{again}.zip")
            try:
                with path.open("xb") as file:
                    file.write(content)
                return path
            except FileExistsError:
                continue
    except OSError as error:
        raise TpmkitError(
            f"The zip could not be written to {folder} ({error.strerror}); free some space or "
            "give another folder with --into."
        ) from error
    raise TpmkitError(f"{folder} already holds a thousand zips of this second; wait a second.")

"""The archive an instructor hands out: the course without its answers, installed by one command."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from tpmkit.authoring import build as builder
from tpmkit.authoring.repository import Repository
from tpmkit.authoring.workspace import BUNDLE, MATERIAL, Course
from tpmkit.errors import TpmkitError

FOLDER = "ml-tpm-course"  # without a version: unpacking a newer archive over it is the upgrade
LICENSES = ("LICENSE", "LICENSE-CONTENT")
LOCK = "requirements.lock"
START = "start.py"
INSTRUCTIONS = "START_HERE.txt"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same content gives the same bytes

TEXT = f"""Start
  You need Python 3.11, 3.12 or 3.13, and for the first start a network and 1.3 GB of disk.
  In this folder:        python3 {START}
  On Windows:            py {START}
  The course opens in your browser; if it does not, open the address that is printed.
  Later starts take seconds and need no network.

Your work
  It lies in workspace/, which nothing here ever overwrites. Delete a notebook there and start
  again to get a fresh copy. Hand in:   python3 {START} submit 03_metrics_practice

A newer version of the course
  Unpack it over this folder and start. What you changed stays as it is; its new version lands
  beside it, and you are told.

Something does not work
  python3 {START} doctor

Remove everything
  Keep what you want of workspace/, then delete this folder.
"""


def bundle(
    repository: Repository, into: Path, tick: Callable[[str], object] = lambda name: None
) -> Path:
    """Write the archive; the same checkout always gives the same bytes.

    Parameters
    ----------
    repository : Repository
        A checkout whose notebooks are what its sources give.
    into : Path
        The folder for the archive; made when missing.
    tick : callable
        Told of each notebook as it is checked.

    Returns
    -------
    Path
        The archive. An older one of the same version is replaced.

    Raises
    ------
    TpmkitError
        If a notebook is not up to date, or an answer stands where learners can read it.
    """
    report = builder.check(repository, (), True, tick)
    if report.problems:
        raise TpmkitError(
            "Nothing was bundled:\n  "
            + "\n  ".join(report.problems)
            + "\nPut these right (tpmkit build rewrites notebooks), then bundle again."
        )
    members = content(repository)
    into.mkdir(parents=True, exist_ok=True)
    path = into / f"{FOLDER}-{version('tpmkit')}.zip"
    draft = path.with_suffix(".part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = (0o755 if name == START else 0o644) << 16
            archive.writestr(entry, members[name])
    draft.replace(path)
    return path


def content(repository: Repository) -> dict[str, bytes]:
    """Everything in the archive, by its name below the top folder."""
    files = {
        name: path.read_bytes()
        for name, path in Course(repository.root, repository.root).files().items()
    }
    wheel, built = _wheel(repository.root)
    listed = {
        "tpmkit": version("tpmkit"),
        "wheel": wheel,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    return {
        INSTRUCTIONS: TEXT.encode(),
        START: (repository.root / "src" / "tpmkit" / "bootstrap.py").read_bytes(),
        BUNDLE: json.dumps(listed, indent=1).encode(),
        wheel: built,
        LOCK: (repository.root / LOCK).read_bytes(),
        **{name: (repository.root / name).read_bytes() for name in LICENSES},
        **{f"{MATERIAL}/{name}": data for name, data in files.items()},
    }


def _wheel(root: Path) -> tuple[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
            cwd=root,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            last = (made.stderr or made.stdout).strip().splitlines()[-1:]
            raise TpmkitError(f"tpmkit does not build: {' '.join(last)}. Mend it, bundle again.")
        (path,) = Path(folder).glob("*.whl")
        return path.name, path.read_bytes()

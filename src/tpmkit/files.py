"""A user's own files: where they lie, and how to write one so that nothing is ever half there."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["own_folder", "sync_folder", "write_atomically"]

WORKSPACE_MARK = ".tpmkit"


def own_folder(name: str, start: Path | None = None) -> Path:
    """The folder `name` in the workspace around `start` (or in it), else ``~/tpmkit-name``."""
    start = start or Path.cwd()
    for folder in (start / "workspace", start, *start.parents):
        if (folder / WORKSPACE_MARK).is_dir():
            return folder / name
    return Path.home() / f"tpmkit-{name}"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that at any moment either the old or the new content is there, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

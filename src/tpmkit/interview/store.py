"""Sessions on disk: one file of JSON lines each, in a folder of the user, and nowhere else.

An event is acknowledged only when it is on the disk, so a process may be killed at any moment.
"""

from __future__ import annotations

import errno
import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tpmkit.files import own_folder, sync_folder, write_atomically
from tpmkit.interview.errors import InterviewError

__all__ = ["Log", "Store", "now"]

SESSION, TORN = ".jsonl", ".torn"
KINDS = ("solo", "pair", "panel", "loop", "calibration")
# What delete may remove: a folder that someone chose can hold other things, too.
OURS = re.compile(
    rf"(?:{'|'.join(KINDS)})-[\w.@ -]+\.(?:jsonl|torn)"
    r"|report\.html|reviews\.ics|about-these-files\.txt|interviews-\d{8}T\d{6}\.(?:zip|part)"
    r"|\.[\w.@ -]+\.part"
)
ABOUT = """Your interview practice: your answers, notes and ratings, one file a session.

Nothing here was sent anywhere. `tpmkit interview --export` packs everything into one zip,
`tpmkit interview --delete` removes everything. The files are plain text: one event a line.
"""

Event = dict[str, Any]


def now() -> datetime:
    """This moment in the user's own time zone: "tomorrow" means the user's tomorrow."""
    return datetime.now().astimezone()


@dataclass
class Log:
    """The events of one session, and the only way to add one.

    Attributes
    ----------
    path : pathlib.Path
    events : list of dict
        Read-only for everybody else.
    size : int
        How long the file is as far as this log knows.
    """

    path: Path
    events: list[Event]
    size: int

    @property
    def id(self) -> str:
        return self.path.stem

    def append(self, event: Event) -> None:
        """Add an event; when this returns, the event is on the disk.

        Raises
        ------
        InterviewError
            If the file was continued elsewhere in the meantime, or cannot be written.
        """
        line = encode(event)
        try:
            if self.path.stat().st_size != self.size:
                raise InterviewError(
                    f"Session {self.id} was continued in another window; close this one, or open "
                    "the session again here."
                )
            with self.path.open("ab", buffering=0) as file:
                try:
                    if file.write(line) < len(line):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(self.size)
                    raise
        except OSError as error:
            raise InterviewError(
                f"Session {self.id} cannot be saved to {self.path.parent} ({error.strerror}); "
                "your last entry is not stored. Free some space or fix the folder, then repeat it."
            ) from error
        self.size += len(line)
        self.events.append(event)


class Store:
    """All sessions of one user.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Default: `tpmkit.files.own_folder`. Made with the first session.

    Attributes
    ----------
    notices : list of str
        What was found damaged and what was done about it, one sentence each.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or own_folder("interviews")).absolute()
        self.notices: list[str] = []

    def create(self, kind: str, first: Event, name: str = "") -> Log:
        """A new session that begins with the event `first`.

        Parameters
        ----------
        kind : {"solo", "pair", "panel", "loop", "calibration"}
        first : dict
            Its ``at`` gives the file its name.
        name : str, optional
            Stands in the file's name instead of the time.
        """
        stamp = name or f"{datetime.fromisoformat(first['at']):%Y%m%dT%H%M%S}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / "about-these-files.txt").exists():
                write_atomically(self.folder / "about-these-files.txt", ABOUT.encode())
            for again in range(1, 1000):
                suffix = f"-{again}" if again > 1 else ""
                path = self.folder / f"{kind}-{stamp}{suffix}{SESSION}"
                try:
                    path.open("xb").close()
                except FileExistsError:
                    continue
                sync_folder(self.folder)
                log = Log(path, [], 0)
                log.append(first)
                return log
        except OSError as error:
            raise InterviewError(
                f"No session can be saved in {self.folder} ({error.strerror}); choose another "
                "folder with --folder."
            ) from error
        raise InterviewError(f"{self.folder} holds a thousand sessions of this second; wait one.")

    def ids(self) -> list[str]:
        """All sessions, oldest first within a kind."""
        return sorted(path.stem for path in self.folder.glob(f"*{SESSION}") if _ours(path))

    def open(self, id: str) -> Log:
        """A session to continue. A torn last line is set aside and said in `notices`.

        Raises
        ------
        InterviewError
            If there is no such session, or a line before its end cannot be read.
        """
        path = self.folder / f"{id}{SESSION}"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InterviewError(
                f"There is no session {id!r} in {self.folder} ({error.strerror}); start a new one."
            ) from None
        events, good = decode(content)
        if b"\n" in content[good:].rstrip(b"\n"):
            raise InterviewError(
                f"{path} cannot be continued: line {len(events) + 1} was changed or damaged. "
                "Its first lines still count in your report; start a new session."
            )
        if torn := content[good:]:
            aside = path.with_name(f"{id}-{good}{TORN}")
            write_atomically(aside, torn)
            os.truncate(path, good)
            self.notices.append(
                f"The last entry of session {id} was cut off when the program stopped; its "
                f"{len(torn)} bytes are kept in {aside.name}, everything before is there."
            )
        return Log(path, events, good)

    def read(self, without: tuple[str, ...] = ()) -> Iterator[tuple[str, list[Event]]]:
        """Every session with its events, for reading only.

        Parameters
        ----------
        without : tuple of str, optional
            Leave out events that ``do`` one of these, which saves parsing them.
        """
        for id in self.ids():
            content = (self.folder / f"{id}{SESSION}").read_bytes()
            events, good = decode(content, without)
            if b"\n" in content[good:].rstrip(b"\n"):
                self.notices.append(
                    f"Session {id} has a damaged line; only what stands before it is used."
                )
            yield id, events

    def files(self) -> list[Path]:
        """Every file that is the user's practice."""
        return sorted(path for path in self.folder.glob("*") if path.is_file() and _ours(path))

    def export(self, into: Path | None = None, at: datetime | None = None) -> Path:
        """Pack everything into one zip.

        Parameters
        ----------
        into : pathlib.Path, optional
            The folder for the zip; default: the store's own.
        """
        chosen = [path for path in self.files() if path.suffix != ".zip"]
        if not chosen:
            raise InterviewError(f"There is nothing to export: {self.folder} holds no session yet.")
        path = (into or self.folder) / f"interviews-{at or now():%Y%m%dT%H%M%S}.zip"
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
                for file in chosen:
                    packed.write(file, file.name)
            os.replace(part, path)
        except OSError as error:
            raise InterviewError(
                f"The zip could not be written to {path.parent} ({error.strerror}); give another "
                "folder."
            ) from error
        finally:
            part.unlink(missing_ok=True)
        return path

    def delete(self, confirmed: bool) -> list[Path]:
        """Remove every file of the user's practice, earlier exports in the folder included.

        Returns
        -------
        list of pathlib.Path
            What still stands in the folder because it was not made here.

        Raises
        ------
        InterviewError
            Unless `confirmed`; says what would go.
        """
        chosen = self.files()
        if not confirmed:
            raise InterviewError(
                f"This would remove {len(self.ids())} sessions ({len(chosen)} files) from "
                f"{self.folder} for good; confirm it, or export them first."
            )
        for path in chosen:
            path.unlink()
        left = sorted(self.folder.glob("*"))
        if not left and self.folder.is_dir():
            self.folder.rmdir()
        return left


def encode(event: Event) -> bytes:
    """One event as one line; what it does stands first, so that a reader can skip lines."""
    line = json.dumps({"do": event["do"], **event}, ensure_ascii=False, separators=(",", ":"))
    return f"{line}\n".encode()


def decode(content: bytes, without: tuple[str, ...] = ()) -> tuple[list[Event], int]:
    """The events of whole, readable lines from the start, and where those lines end."""
    whole = content.rfind(b"\n") + 1
    skipped = tuple(f'{{"do":"{name}",'.encode() for name in without)
    lines = content[:whole].split(b"\n")[:-1]
    kept = [line for line in lines if not line.startswith(skipped)] if skipped else lines
    try:
        events = json.loads(b"[" + b",".join(kept) + b"]")
        if len(events) == len(kept) and all(map(_is_event, events)):
            return events, whole
    except ValueError:
        pass
    return _decode_one_by_one(content[:whole], skipped)


def _decode_one_by_one(content: bytes, skipped: tuple[bytes, ...]) -> tuple[list[Event], int]:
    """As `decode` for a file with a damaged line: what stands before it."""
    events: list[Event] = []
    end = 0
    for line in content.splitlines(keepends=True):
        if not (skipped and line.startswith(skipped)):
            try:
                event = json.loads(line)
            except ValueError:
                break
            if not _is_event(event):
                break
            events.append(event)
        end += len(line)
    return events, end


def _is_event(value: Any) -> bool:
    return type(value) is dict and "do" in value


def _ours(path: Path) -> bool:
    return OURS.fullmatch(path.name) is not None

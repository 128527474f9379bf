"""Flights by hand on disk: one small file each, so that a flight can be left and resumed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from tpmkit.errors import TpmkitError
from tpmkit.files import own_folder, write_atomically
from tpmkit.simulator.journal import Entry, JournalError, Statement, ask
from tpmkit.simulator.program import Program
from tpmkit.simulator.replay import Replay
from tpmkit.simulator.scenario import Scenario, load_scenario

__all__ = ["HandFlight", "Logbook", "LogbookError"]

SCHEMA_VERSION = 1
FIELDS = {"schema_version", "started", "undone", "journal", "replay"}
ONCE = {"option": "continue", "hire": 0}
STOPPING = ("incident", "launch_refused", "shadow_refused", "pivot_refused")


class LogbookError(TpmkitError):
    """A flight that cannot be stored, read or continued."""


class HandFlight:
    """A program flown by hand, with its journal and all that was seen.

    Parameters
    ----------
    scenario : Scenario or str
    seed : int
    actions : iterable of mapping, optional
        Weeks that were flown before.
    entries : iterable of Entry, optional
    undone : int, optional
        How often a week was taken back.
    started : str, optional
        Date and time, ISO 8601.

    Attributes
    ----------
    program : Program
    seen : list of dict
        What was observed, from week 0.
    """

    def __init__(
        self,
        scenario: Scenario | str,
        seed: int,
        actions: Iterable[Mapping[str, Any]] = (),
        entries: Iterable[Entry] = (),
        undone: int = 0,
        started: str | None = None,
    ) -> None:
        self.entries = list(entries)
        self.undone = undone
        self.started = started or datetime.now().astimezone().isoformat(timespec="seconds")
        self._begin(scenario, seed, actions)

    def _begin(
        self, scenario: Scenario | str, seed: int, actions: Iterable[Mapping[str, Any]]
    ) -> None:
        self.program = Program(scenario, seed)
        self.seen = [self.program.obs]
        for action in actions:
            self.seen.append(self.program.step(action)[0])

    def fly(self, action: Mapping[str, Any], weeks: int = 1) -> int:
        """Fly some weeks with the same decisions.

        Hiring and the option are decided for the first week only. It stops early where a flyer
        wants to think again: at the end, at an incident, when something was refused.

        Returns
        -------
        int
            The first of the weeks.
        """
        first = self.program.week
        for _ in range(weeks):
            observed, _, ended, _, _ = self.program.step(action)
            self.seen.append(observed)
            if ended or any(name in STOPPING for name in observed["events"]):
                break
            action = {**action, **ONCE}
        return first

    def undo(self) -> None:
        """Take the last week back, with what was noted after it."""
        actions = self.program.actions[:-1]
        if not self.program.actions:
            raise LogbookError("There is no week to undo yet; fly one first.")
        self._begin(self.program.scenario, self.program.seed, actions)
        self.entries = [e for e in self.entries if e.statement.week <= self.program.week]
        self.undone += 1

    @property
    def question(self) -> Statement | None:
        """What the journal asks now."""
        return ask(self.program, self.entries)

    def note(self, belief: str, probability: float) -> None:
        """Answer the journal's question."""
        if self.question is None:
            raise LogbookError("The journal asks nothing now; it asks every four weeks.")
        self.entries.append(Entry(self.question, " ".join(belief.split()), probability))

    def to_json(self) -> str:
        """As text; `from_json` brings it back."""
        content = {
            "schema_version": SCHEMA_VERSION,
            "started": self.started,
            "undone": self.undone,
            "journal": [asdict(entry) for entry in self.entries],
            "replay": json.loads(self.program.replay().to_json()),
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> HandFlight:
        """A flight from `to_json`; the run is flown again and must come out the same."""
        content, replay, entries = _read(text)
        replay.fly(trace=False)
        return cls(
            replay.scenario,
            replay.seed,
            replay.actions,
            entries,
            content["undone"],
            content["started"],
        )


def _read(text: str) -> tuple[dict[str, Any], Replay, list[Entry]]:
    """The parts of a stored flight, checked but not flown."""
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or set(content) != FIELDS:
            raise LogbookError("it is not a stored flight")
        if content["schema_version"] != SCHEMA_VERSION:
            raise LogbookError(f"it has schema_version {content['schema_version']!r}")
        datetime.fromisoformat(content["started"])
        if not isinstance(content["undone"], int):
            raise LogbookError(f"undone is {content['undone']!r}")
        entries = [
            Entry(**{**entry, "statement": Statement(**entry["statement"])})
            for entry in content["journal"]
        ]
        replay = Replay.read(content["replay"])
        load_scenario(replay.scenario)
        return content, replay, entries
    except (ValueError, TypeError, KeyError) as error:
        if isinstance(error, TpmkitError) and not isinstance(error, JournalError):
            raise
        raise LogbookError(f"its content is not what was stored: {error}") from None


class Logbook:
    """The stored flights of one folder.

    Parameters
    ----------
    folder : pathlib.Path or str, optional
        Default: `tpmkit.files.own_folder`. Made with the first flight.

    Attributes
    ----------
    notices : list of str
        What was found and could not be used, and what was done about it, one sentence each.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = (own_folder("flights") if folder is None else Path(folder)).absolute()
        self.notices: list[str] = []
        self._known: dict[Path, str] = {}

    def save(self, flight: HandFlight, path: Path | None = None) -> Path:
        """Store a flight; when this returns, it is on the disk.

        Parameters
        ----------
        flight : HandFlight
        path : pathlib.Path, optional
            Where it was stored before; without, it gets a new file.

        Raises
        ------
        LogbookError
            If it was continued elsewhere in the meantime, or cannot be written.
        """
        text = flight.to_json()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = path or self._new_path(flight)
            if path.exists() and path.read_text(encoding="utf-8") != self._known.get(path):
                raise LogbookError(
                    f"The flight {path.stem} was continued in another window: what you do here is "
                    "no longer stored. Go to the start screen and resume it there."
                )
            write_atomically(path, text.encode())
        except OSError as error:
            raise LogbookError(
                f"The flight cannot be stored in {self.folder} ({error.strerror}); you can fly on, "
                "but not leave and resume it."
            ) from None
        self._known[path] = text
        return path

    def _new_path(self, flight: HandFlight) -> Path:
        when = datetime.fromisoformat(flight.started)
        stem = f"{flight.program.scenario.name}-seed{flight.program.seed}-{when:%Y%m%dT%H%M%S}"
        path, number = self.folder / f"{stem}.json", 1
        while path.exists():
            number += 1
            path = self.folder / f"{stem}-{number}.json"
        return path

    def open(self, path: Path) -> HandFlight:
        """A stored flight, to go on with.

        Raises
        ------
        LogbookError
            If it cannot be read, or comes out differently; a damaged file is set aside.
        """
        try:
            text = path.read_text(encoding="utf-8")
            flight = HandFlight.from_json(text)
        except OSError as error:
            raise LogbookError(
                f"The flight {path.stem} cannot be read ({error.strerror}); start a new one."
            ) from None
        except (TpmkitError, UnicodeDecodeError) as error:
            raise LogbookError(self._set_aside(path, error)) from None
        self._known[path] = text
        return flight

    def stored(self) -> list[tuple[Path, Replay]]:
        """The flights that can be resumed, the last one flown first.

        Files that cannot be read are set aside, runs of another version are left alone; `notices`
        says so.
        """
        found = []
        for path in self.folder.glob("*.json"):
            try:
                _, replay, _ = _read(path.read_text(encoding="utf-8"))
                current = load_scenario(replay.scenario).version
            except OSError:
                continue
            except (TpmkitError, UnicodeDecodeError) as error:
                self.notices.append(self._set_aside(path, error))
                continue
            if replay.scenario_version != current:
                self.notices.append(
                    f"The flight {path.stem} was flown in another version of the scenario and "
                    "cannot be resumed; its file stays where it is."
                )
                continue
            found.append((path.stat().st_mtime_ns, path, replay))
        return [(path, replay) for _, path, replay in sorted(found, key=lambda f: -f[0])]

    def _set_aside(self, path: Path, why: Exception) -> str:
        aside, number = path.with_name(f"{path.name}.damaged"), 1
        while aside.exists():
            number += 1
            aside = path.with_name(f"{path.name}.damaged{number}")
        path.rename(aside)
        reason = "it is not text" if isinstance(why, UnicodeDecodeError) else str(why).rstrip(".")
        return f"The flight {path.stem} is damaged ({reason}); it is kept as {aside.name}."

"""Pair, panel and loop without a server: people share a folder, or send each other one file.

Every person sits at a `Seat`. Notes and ratings lie in that person's own folder. A rater who is
done seals the ratings: only a fingerprint of them goes to the others. When everybody's fingerprint
is there, the ratings follow and are held against it, so nobody can adapt to the others.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tpmkit.files import write_atomically
from tpmkit.interview.bank import LEVELS, Bank, Question, WritingExercise
from tpmkit.interview.errors import InterviewError
from tpmkit.interview.ratings import Flag, RoundResult, check_rating, combine, differing
from tpmkit.interview.store import Event, Log, Store, now

__all__ = ["Panel", "PanelRound", "Seat", "Status", "convene", "receive"]

FORMAT = 1
DEFINITION = "panel.json"
NAME = re.compile(r"[^\W_](?:[\w .']|-(?!-)){0,39}")
FILE = re.compile(r"panel\.json|r\d+--[\w .'-]+\.(?:sealed|opened|excused|agreed|document)\.json")
LOOP_ROUNDS = 5
ROLES = ("interviewer", "candidate", "observer")


@dataclass(frozen=True)
class PanelRound:
    """One question or writing exercise and who rates it."""

    id: str
    item: str
    version: int
    raters: tuple[str, ...]


@dataclass(frozen=True)
class Panel:
    """Who meets whom over what; the same for everybody.

    Attributes
    ----------
    kind : {"pair", "panel", "loop"}
    chair : str
        The interviewer who records consensus.
    """

    id: str
    kind: str
    level: str
    candidate: str
    chair: str
    created: str
    rounds: tuple[PanelRound, ...]

    def round(self, id: str) -> PanelRound:
        """The round with this id (``"r1"``, ``"r2"`` ...)."""
        for found in self.rounds:
            if found.id == id:
                return found
        known = ", ".join(r.id for r in self.rounds)
        raise InterviewError(f"There is no round {id!r}; this {self.kind} has {known}.")

    def role(self, who: str) -> str:
        if who == self.candidate:
            return "candidate"
        return "interviewer" if any(who in r.raters for r in self.rounds) else "observer"


@dataclass(frozen=True)
class Status:
    """Where a round stands, for one seat.

    Attributes
    ----------
    phase : {"notes", "rating", "sealed", "revealed", "closed"}
        ``revealed``: all ratings are open and some are disputed; ``closed``: none is, any more.
    legal : tuple of str
        What this seat may do.
    waiting_for : tuple of str
        Who has not sealed yet, or has not opened since everybody sealed.
    ratings : dict of str to dict of str to int
        By interviewer and criterion; empty before the reveal.
    own : dict of str to int
        The candidate's self-rating; empty before the reveal.
    advice : dict of str to (str, str)
        What each rater would keep and change; empty before the reveal.
    disputed : tuple of str
        Criteria that differ by two levels or more and have no consensus yet.
    result : RoundResult or None
        From the reveal on.
    """

    phase: str
    legal: tuple[str, ...]
    waiting_for: tuple[str, ...]
    ratings: dict[str, dict[str, int]]
    own: dict[str, int]
    advice: dict[str, tuple[str, str]]
    disputed: tuple[str, ...]
    result: RoundResult | None


def convene(
    exchange: Path,
    bank: Bank,
    kind: str,
    level: str,
    candidate: str,
    rounds: Sequence[tuple[str, Sequence[str]]],
    chair: str | None = None,
    clock: Callable[[], datetime] = now,
) -> Panel:
    """Set up a pair, a panel or a loop in a folder that all share, or in one's own.

    Parameters
    ----------
    exchange : pathlib.Path
        A folder for this panel alone.
    kind : {"pair", "panel", "loop"}
        A pair has one interviewer a round, a panel two or more; a loop has five questions of
        different categories and a writing exercise.
    rounds : sequence of (str, sequence of str)
        For each round the id of a question or writing exercise and the names of its interviewers.
    chair : str, optional
        Default: the first interviewer.

    Raises
    ------
    InterviewError
        If the folder holds a panel already, or names or rounds do not make a panel of this kind.
    """
    names = [candidate, *(name for _, raters in rounds for name in raters)]
    for name in names:
        if not NAME.fullmatch(name):
            raise InterviewError(
                f"{name!r} cannot stand in a file's name; use at most 40 letters, digits, spaces, "
                "dots and single hyphens."
            )
    if level not in LEVELS:
        raise InterviewError(f"There is no level {level!r}; choose of {', '.join(LEVELS)}.")
    if not rounds or not all(raters for _, raters in rounds):
        raise InterviewError("A panel needs a round, and every round an interviewer.")
    if candidate in names[1:]:
        raise InterviewError(f"{candidate} cannot be candidate and interviewer at once.")
    problem = _wrong_kind(kind, bank, rounds)
    if problem:
        raise InterviewError(problem)
    chair = chair or rounds[0][1][0]
    if chair not in names[1:]:
        raise InterviewError(f"The chair {chair!r} is no interviewer of this {kind}.")
    at = clock()
    content = {
        "format": FORMAT,
        "id": f"{at:%Y%m%dT%H%M%S}",
        "kind": kind,
        "level": level,
        "candidate": candidate,
        "chair": chair,
        "created": at.isoformat(),
        "rounds": [
            {
                "id": f"r{n}",
                "item": item,
                "version": bank[item].version,
                "raters": list(dict.fromkeys(raters)),
            }
            for n, (item, raters) in enumerate(rounds, 1)
        ],
    }
    if (exchange / DEFINITION).exists():
        raise InterviewError(f"{exchange} holds a panel already; use a new folder for this one.")
    _publish(exchange, DEFINITION, content)
    return _panel(content)


def _wrong_kind(kind: str, bank: Bank, rounds: Sequence[tuple[str, Sequence[str]]]) -> str:
    raters = [len(set(names)) for _, names in rounds]
    items = [bank[item] for item, _ in rounds]
    if kind == "pair":
        return "" if set(raters) == {1} else "A pair has one interviewer a round."
    if kind == "panel":
        return "" if min(raters) > 1 else "A panel has at least two interviewers a round."
    if kind != "loop":
        return f"There is no {kind!r}; choose pair, panel or loop."
    categories = {item.category for item in items if isinstance(item, Question)}
    exercises = [item for item in items if isinstance(item, WritingExercise)]
    if len(categories) == LOOP_ROUNDS == len(items) - 1 and len(exercises) == 1:
        return ""
    return "A loop has five questions of five categories and one writing exercise."


class Seat:
    """One person's place: candidate, interviewer, or observer (anybody else).

    Parameters
    ----------
    log : Log
        This person's own; use `take`.
    panel : Panel
    who : str
    exchange : pathlib.Path
    bank : Bank
    clock : callable
    """

    def __init__(
        self,
        log: Log,
        panel: Panel,
        who: str,
        exchange: Path,
        bank: Bank,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.log, self.panel, self.who, self.exchange = log, panel, who, exchange
        self.bank, self.clock = bank, clock

    @classmethod
    def take(
        cls,
        store: Store,
        exchange: Path,
        who: str,
        bank: Bank,
        clock: Callable[[], datetime] = now,
    ) -> Seat:
        """Sit down, for the first time or again; nothing noted or rated before is lost.

        Raises
        ------
        InterviewError
            If the folder holds no panel, or the bank has another version of one of its questions.
        """
        panel = _panel(_read(exchange / DEFINITION))
        if not NAME.fullmatch(who):
            raise InterviewError(f"{who!r} cannot be a name here; use letters, digits and spaces.")
        for round in panel.rounds:
            if bank[round.item].version != round.version:
                raise InterviewError(
                    f"This {panel.kind} uses version {round.version} of {round.item}, your tpmkit "
                    f"has {bank[round.item].version}; install the same version of tpmkit."
                )
        name = f"{panel.id}-{who}".replace("'", "_")
        id = f"{panel.kind}-{name}"
        if id in store.ids():
            log = store.open(id)
        else:
            first = {"do": "join", "at": clock().isoformat(), "format": FORMAT, "panel": panel.id}
            log = store.create(panel.kind, first | {"who": who}, name)
        seat = cls(log, panel, who, exchange, bank, clock)
        for round in panel.rounds:
            seat.status(round.id)
        return seat

    @property
    def role(self) -> str:
        """``"interviewer"``, ``"candidate"`` or ``"observer"``."""
        return self.panel.role(self.who)

    def item(self, round: str) -> Question | WritingExercise:
        """What the round is about. A candidate's screen shows setup, prompt and time only."""
        return self.bank[self.panel.round(round).item]

    def notes(self, round: str) -> list[str]:
        """One's own notes, in order; they are never shared."""
        return [event["text"] for event in self._events("note", round)]

    def ratings(self, round: str) -> dict[str, int]:
        """One's own ratings so far."""
        return {event["criterion"]: event["level"] for event in self._events("rate", round)}

    def flags(self, round: str) -> list[Flag]:
        """The red flags one saw so far."""
        seen: dict[Flag, bool] = {}
        for event in self._events("flag", round):
            seen[Flag(event["flag"], event["criterion"])] = event["seen"]
        return [flag for flag, there in seen.items() if there]

    def document(self, round: str) -> str | None:
        """What the candidate handed in in writing, if anything."""
        path = self.exchange / f"{round}--{self.panel.candidate}.document.json"
        return _read(path)["text"] if path.exists() else None

    # --- actions ----------------------------------------------------------------------------------

    def note(self, round: str, text: str) -> None:
        """Write down what was said. Interviewers note before they rate."""
        self._allow("note", round)
        if not text.strip():
            raise InterviewError("The note is empty; write down a few words that were said.")
        self._do("note", round, text=text)

    def hand_in(self, round: str, text: str) -> None:
        """Give the interviewers a written answer; it cannot be changed afterwards."""
        self._allow("hand_in", round)
        if not text.strip():
            raise InterviewError("There is no text to hand in.")
        self._do("hand_in", round, text=text)
        self.status(round)

    def rate(self, round: str, criterion: str, level: int) -> None:
        """Rate one criterion on its anchors; may be changed until `seal`."""
        self._allow("rate", round)
        check_rating(self.item(round), criterion, level)
        self._do("rate", round, criterion=criterion, level=level)

    def flag(self, round: str, flag: int, criterion: str, seen: bool = True) -> None:
        """Say that a red flag of the question was (or, after all, was not) seen.

        Seen by two interviewers on the same criterion, it holds that criterion at 2 at most.
        """
        self._allow("flag", round)
        item = self.item(round)
        check_rating(item, criterion, 1)
        if flag not in range(len(item.red_flags)):
            raise InterviewError(f"{item.id} has no red flag {flag}, only {len(item.red_flags)}.")
        self._do("flag", round, flag=flag, criterion=criterion, seen=seen)

    def advise(self, round: str, keep: str, change: str) -> None:
        """One thing to keep and one to change; the candidate reads it after the reveal."""
        self._allow("advise", round)
        self._do("advise", round, keep=keep.strip(), change=change.strip())

    def seal(self, round: str) -> Status:
        """Lock one's ratings; the others learn only that they are in."""
        self._allow("seal", round)
        rated = self.ratings(round)
        missing = [c.title for c in self.item(round).rubric if c.id not in rated]
        if missing:
            raise InterviewError(f"Rate these before you lock your ratings: {'; '.join(missing)}.")
        self._do("seal", round, nonce=secrets.token_hex(16))
        return self.status(round)

    def excuse(self, round: str, who: str, reason: str) -> Status:
        """As the chair, go on without somebody who has not sealed and will not."""
        self._allow("excuse", round)
        if who not in self.status(round).waiting_for or self._there(round, who, "sealed"):
            raise InterviewError(f"{who} is not somebody this round waits for.")
        if who in self.panel.round(round).raters and len(self._raters(round)) == 1:
            raise InterviewError(f"{who} is the only interviewer left; nobody else rates {round}.")
        self._do("excuse", round, who=who, reason=_reason(reason))
        return self.status(round)

    def agree(self, round: str, criterion: str, level: int, reason: str) -> Status:
        """As the chair, record what the interviewers agreed on a disputed criterion."""
        self._allow("agree", round)
        check_rating(self.item(round), criterion, level)
        disputed = self.status(round).disputed
        if criterion not in disputed:
            raise InterviewError(
                f"{criterion!r} is not disputed; consensus is for ratings that differ by two or "
                f"more: {', '.join(disputed) or 'none'}."
            )
        self._do("agree", round, criterion=criterion, level=level, reason=_reason(reason))
        return self.status(round)

    # --- where a round stands ---------------------------------------------------------------------

    def status(self, round: str) -> Status:
        """Look at what the others sent, send what is due, and say where the round stands.

        Screens call this every few seconds.

        Raises
        ------
        InterviewError
            If a file of another person is damaged, or ratings are not the ones that were sealed.
        """
        self._send(round)
        parties = self._parties(round)
        sealed = [who for who in parties if self._there(round, who, "sealed")]
        opened = [who for who in parties if self._there(round, who, "opened")]
        mine = bool(self._events("seal", round))
        if len(opened) < len(parties):
            waiting = [
                who for who in parties if who not in (sealed, opened)[len(sealed) == len(parties)]
            ]
            phase = "sealed" if mine else "rating" if self._may_rate(round) else "notes"
            return Status(phase, self._legal(phase, round), tuple(waiting), {}, {}, {}, (), None)
        contents = {who: self._opened(round, who) for who in parties}
        raters = [who for who in parties if who != self.panel.candidate]
        ratings = {who: contents[who]["ratings"] for who in raters}
        flags = {who: [Flag(*pair) for pair in contents[who]["flags"]] for who in raters}
        consensus = {c: a["level"] for c in differing(ratings) if (a := self._agreed(round, c))}
        result = combine(ratings, flags, consensus)
        phase = "revealed" if result.disputed else "closed"
        own = contents.get(self.panel.candidate, {}).get("ratings", {})
        if phase == "closed" and self.role == "candidate":
            self._keep(round, own, result)
        advice = {who: (contents[who]["keep"], contents[who]["change"]) for who in raters}
        legal = self._legal(phase, round)
        return Status(phase, legal, (), ratings, own, advice, result.disputed, result)

    def reasons(self, round: str) -> dict[str, str]:
        """Why the interviewers agreed as they did, by criterion."""
        criteria = [criterion.id for criterion in self.item(round).rubric]
        return {c: found["reason"] for c in criteria if (found := self._agreed(round, c))}

    def outbox(self, into: Path) -> Path:
        """One file with everything this person has for the others; send it to them.

        They take it in with `receive`. Send it again whenever `status` changed.
        """
        own = f"--{self.who}."
        names = [path.name for path in self.exchange.glob("*.json") if own in path.name]
        if self.who == self.panel.chair:
            names += [p.name for p in self.exchange.glob("*.json") if _by_chair(p.name)]
        content = {
            "format": FORMAT,
            "panel": self.panel.id,
            "files": {name: _read(self.exchange / name) for name in sorted({*names})},
        }
        path = into / f"{self.panel.kind}-{self.panel.id}-from-{self.who}.json"
        write_atomically(path, _bytes(content))
        return path

    def _send(self, round: str) -> None:
        """Publish what this seat's own events call for and the folder does not hold yet."""
        for event in self._events("hand_in", round):
            self._publish(round, self.who, "document", {"text": event["text"]})
        for event in self._events("excuse", round):
            self._publish(round, event["who"], "excused", {"reason": event["reason"]})
        for event in self._events("agree", round):
            content = {"level": event["level"], "reason": event["reason"]}
            self._publish(round, event["criterion"], "agreed", content)
        for event in self._events("seal", round):
            content = self._content(round, event["nonce"])
            self._publish(round, self.who, "sealed", {"sha256": _fingerprint(content)})
            parties = self._parties(round)
            if all(self._there(round, who, "sealed") for who in parties):
                self._publish(round, self.who, "opened", content)

    def _content(self, round: str, nonce: str) -> dict[str, Any]:
        advice = (self._events("advise", round) or [{"keep": "", "change": ""}])[-1]
        return {
            "panel": self.panel.id,
            "round": round,
            "by": self.who,
            "ratings": dict(sorted(self.ratings(round).items())),
            "flags": [[flag.flag, flag.criterion] for flag in self.flags(round)],
            "keep": advice["keep"],
            "change": advice["change"],
            "nonce": nonce,
        }

    def _opened(self, round: str, who: str) -> dict[str, Any]:
        """Somebody's ratings, held against what was sealed."""
        content = _read(self._path(round, who, "opened"))
        sealed = _read(self._path(round, who, "sealed"))
        right = {"panel": self.panel.id, "round": round, "by": who}
        if _fingerprint(content) != sealed.get("sha256") or content | right != content:
            raise InterviewError(
                f"The ratings of {who} for {round} are not those that {who} sealed; ask {who} to "
                "open the seat again and send the file once more."
            )
        for criterion in self.item(round).rubric:
            check_rating(self.item(round), criterion.id, content["ratings"].get(criterion.id))
        return content

    def _agreed(self, round: str, criterion: str) -> dict[str, Any] | None:
        path = self._path(round, criterion, "agreed")
        return _read(path) if path.exists() else None

    def _keep(self, round: str, own: Mapping[str, int], result: RoundResult) -> None:
        """Write a closed round into the candidate's own history, once."""
        kept = {"own": dict(own), "peers": dict(result.levels)}
        last = (self._events("result", round) or [{}])[-1]
        if own and any(last.get(key) != value for key, value in kept.items()):
            item = self.panel.round(round).item
            self._do("result", round, question=item, level=self.panel.level, **kept)

    def _raters(self, round: str) -> list[str]:
        raters = self.panel.round(round).raters
        return [who for who in raters if not self._there(round, who, "excused")]

    def _parties(self, round: str) -> list[str]:
        """Everybody whose ratings must be in."""
        candidate = self.panel.candidate
        there = [] if self._there(round, candidate, "excused") else [candidate]
        return [*self._raters(round), *there]

    def _may_rate(self, round: str) -> bool:
        return self.role == "candidate" or bool(self._events("note", round))

    def _legal(self, phase: str, round: str) -> tuple[str, ...]:
        chairs = self.who == self.panel.chair
        if phase in ("notes", "rating"):
            rates = self.who in self._parties(round)
            legal = ["note"]
            if rates and self.role == "candidate" and not self._events("hand_in", round):
                legal.append("hand_in")
            if rates and phase == "rating":
                legal += ["rate", "seal"] if self.role == "candidate" else [
                    "rate", "flag", "advise", "seal",
                ]  # fmt: skip
            return (*legal, *(["excuse"] if chairs else []))
        if phase == "sealed":
            return ("note", "excuse") if chairs else ("note",)
        return ("note", "agree") if phase == "revealed" and chairs else ("note",)

    def _allow(self, do: str, round: str) -> None:
        status = self.status(round)
        if do in status.legal:
            return
        why = {
            "notes": "note what was said before you rate",
            "rating": f"that is not for the {self.role}",
            "sealed": "your ratings are locked until everybody's are in",
            "revealed": f"the ratings are open; {self.panel.chair} records what you agree on",
            "closed": "the round is closed",
        }[status.phase]
        raise InterviewError(
            f"{do!r} is not possible in {round} now: {why}. Possible: {', '.join(status.legal)}."
        )

    def _events(self, do: str, round: str) -> list[Event]:
        return [e for e in self.log.events if e["do"] == do and e.get("round") == round]

    def _do(self, do: str, round: str, **more: Any) -> None:
        at = self.clock().isoformat(timespec="milliseconds")
        self.log.append({"do": do, "at": at, "round": round, **more})

    def _path(self, round: str, about: str, kind: str) -> Path:
        return self.exchange / f"{round}--{about}.{kind}.json"

    def _there(self, round: str, about: str, kind: str) -> bool:
        return self._path(round, about, kind).exists()

    def _publish(self, round: str, about: str, kind: str, content: dict[str, Any]) -> None:
        if not self._there(round, about, kind):
            _publish(self.exchange, self._path(round, about, kind).name, content)


def receive(exchange: Path, file: Path) -> list[str]:
    """Take in a file that somebody sent (see `Seat.outbox`).

    Returns
    -------
    list of str
        What is new.

    Raises
    ------
    InterviewError
        If the file is not such a file, or contradicts what is there already.
    """
    content = _read(file)
    files = content.get("files")
    if not isinstance(files, dict) or not all(
        FILE.fullmatch(name) and isinstance(value, dict) for name, value in files.items()
    ):
        raise InterviewError(f"{file.name} is not a file from another seat; ask for a new one.")
    panel = files.get(DEFINITION) or (
        _read(exchange / DEFINITION) if (exchange / DEFINITION).exists() else {}
    )
    if panel.get("id") != content.get("panel"):
        raise InterviewError(
            f"{file.name} belongs to another panel than {exchange}; take the chair's file first, "
            "into a folder of its own."
        )
    new = []
    for name, value in files.items():
        path = exchange / name
        if not path.exists():
            _publish(exchange, name, value)
            new.append(name)
        elif _read(path) != value:
            raise InterviewError(
                f"{name} in {file.name} differs from the one you have; what was sealed or opened "
                "cannot be changed. Ask the sender which one counts."
            )
    return new


def _by_chair(name: str) -> bool:
    return name == DEFINITION or name.endswith((".excused.json", ".agreed.json"))


def _panel(content: dict[str, Any]) -> Panel:
    try:
        if content["format"] != FORMAT:
            raise InterviewError(
                f"This panel was set up in format {content['format']!r}, this tpmkit reads "
                f"{FORMAT}; install the same version as the chair."
            )
        rounds = tuple(
            PanelRound(r["id"], r["item"], r["version"], tuple(r["raters"]))
            for r in content["rounds"]
        )
        fields = ("id", "kind", "level", "candidate", "chair", "created")
        return Panel(*(str(content[name]) for name in fields), rounds)
    except (KeyError, TypeError) as error:
        raise InterviewError(
            f"{DEFINITION} is damaged ({error} is missing or wrong); ask the chair for it again."
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InterviewError(
            f"There is no {path.name} in {path.parent}; give the panel's folder, or take in the "
            "chair's file first."
        ) from None
    except (OSError, ValueError) as error:
        raise InterviewError(
            f"{path.name} cannot be read ({error}); wait a moment if the folder is being "
            "synchronised, else ask for the file again."
        ) from None
    if not isinstance(content, dict):
        raise InterviewError(f"{path.name} is not a file of a panel; ask for it again.")
    return content


def _publish(exchange: Path, name: str, content: dict[str, Any]) -> None:
    try:
        write_atomically(exchange / name, _bytes(content))
    except OSError as error:
        raise InterviewError(
            f"{name} could not be written to {exchange} ({error.strerror}); make the folder "
            "writable. Your own entries are stored; open the seat again to send them."
        ) from error


def _reason(reason: str) -> str:
    if len(reason.split()) < 3:
        raise InterviewError("Give the reason in a few words: what was said that decides it?")
    return reason.strip()


def _fingerprint(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_bytes(content)).hexdigest()


def _bytes(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode()

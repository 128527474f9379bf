"""How long stored interview sessions take to load, against parsing the same bytes as JSON alone.

    python tests/bench/interview.py [--sessions 1000] [--repeat 5]

Writes sessions like real ones (three questions, thirty drafts of growing answers, probes, ratings)
into a temporary folder. Times are process times, medians of interleaved repeats. Nothing here
asserts a time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from tpmkit.interview.bank import Bank, load_bank
from tpmkit.interview.history import history
from tpmkit.interview.ratings import estimates
from tpmkit.interview.report import report
from tpmkit.interview.schedule import choose
from tpmkit.interview.solo import unfinished
from tpmkit.interview.state import FORMAT, fold
from tpmkit.interview.store import Event, Store, encode, now

QUESTIONS, DRAFTS, WORDS = 3, 10, 250
VERDICTS = "possibly covered"


def events(bank: Bank, at: datetime, rng: np.random.Generator) -> list[Event]:
    """One session from beginning to end."""
    plan = rng.choice(list(bank.questions), QUESTIONS, replace=False).tolist()
    found: list[Event] = [
        {"do": "begin", "format": FORMAT, "level": "L2", "minutes": 40, "plan": plan}
    ]
    for id in plan:
        question = bank.questions[id]
        said = question.model_answer.text.split()[:WORDS]
        found.append({"do": "next", "question": id, "version": question.version})
        found.append({"do": "ask", "words": question.clarifying_info[0].ask, "fact": 0})
        for n in range(1, DRAFTS + 1):
            found.append({"do": "draft", "text": " ".join(said[: len(said) * n // DRAFTS])})
        first, second = question.probes[0].id, question.probes[1].id
        found += [
            {"do": "answer", "text": " ".join(said), "probe": first},
            {"do": "reply", "text": " ".join(said[:40]), "probe": second},
            {"do": "reply", "text": " ".join(said[40:80]), "probe": None},
        ]
        for criterion in question.rubric:
            level = int(rng.integers(1, 5))
            found.append({"do": "rate", "criterion": criterion.id, "level": level})
        coverage = {point.id: VERDICTS for point in question.points}
        found += [
            {"do": "reveal", "coverage": coverage},
            {"do": "model"},
            {"do": "change", "text": "Say the number before the reason."},
            {"do": "redo", "wanted": bool(rng.integers(2))},
        ]
    return [
        {**event, "at": (at + timedelta(seconds=20 * n)).isoformat(timespec="milliseconds")}
        for n, event in enumerate(found)
    ]


def write(folder: Path, bank: Bank, sessions: int) -> None:
    rng = np.random.default_rng(7)
    start = now() - timedelta(days=sessions)
    for n in range(sessions):
        at = start + timedelta(days=n)
        content = b"".join(map(encode, events(bank, at, rng)))
        (folder / f"solo-{at:%Y%m%dT%H%M%S}.jsonl").write_bytes(content)


def plain(folder: Path) -> None:
    """The floor: read the files and parse every line as JSON."""
    for path in folder.glob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            json.loads(line)


def medians(runs: dict[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeat):
        for name, run in runs.items():
            before = time.process_time()
            run()
            seconds[name].append(time.process_time() - before)
    return {name: statistics.median(found) for name, found in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    bank = load_bank()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, bank, options.sessions)
        size = sum(path.stat().st_size for path in folder.iterdir())
        store = Store(folder)
        practised = history(store, bank)
        at, rng = now(), np.random.default_rng(0)
        page = report(practised, bank, at)
        found = medians(
            {
                "the same bytes as plain JSON": lambda: plain(folder),
                "history of all sessions": lambda: history(store, bank),
                "sessions that can be resumed": lambda: unfinished(store),
                "all sessions folded to their states": lambda: [fold(e) for _, e in store.read()],
                "questions of the next session": lambda: choose(bank, practised, "L2", 40, at, rng),
                "competency estimates": lambda: estimates(practised),
                "the report's page with its figures": lambda: page.html(bank),
                "the question bank, validated": load_bank,
            },
            options.repeat,
        )
        floor = found["the same bytes as plain JSON"]
        print(
            f"{options.sessions:,} sessions, {len(practised):,} questions, {size / 1e6:.1f} MB\n\n"
            "| what | seconds | times plain JSON |\n|---|---|---|"
        )
        for what, seconds in found.items():
            print(f"| {what} | {seconds:.3f} | {seconds / floor:.2f} |")


if __name__ == "__main__":
    main()

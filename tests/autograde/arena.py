"""Attacks on the grader: one class of attackers and one honest learner, graded by stock or by us.

``python tests/autograde/arena.py`` runs every attack both ways and writes the table of
docs/grading-security.md.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
import nbformat

sys.path.insert(0, str(Path(__file__).parents[1]))

from autograde import mini  # noqa: E402
from nbformat import v4  # noqa: E402
from nbgrader.api import Gradebook  # noqa: E402

from tpmkit import data  # noqa: E402
from tpmkit.autograde.run import Settings, grade_class  # noqa: E402

PORT = 47113
STOCK_SECONDS = 900
KINDS = ("points", "reading", "leaving", "stopping")
PAGE = Path(__file__).parents[2] / "docs" / "grading-security.md"


@dataclass(frozen=True)
class Attack:
    """One attack: code for the answer cell of `share`, and how its success shows."""

    kind: str
    number: int
    name: str
    source: str
    marks: dict = field(hash=False)

    @property
    def learner(self) -> str:
        before = "0-" if self.kind == "stopping" else ""  # graded before the honest learner
        return f"{before}{self.kind}{self.number:02}"


def attacks(*kinds: str) -> list[Attack]:
    """The attacks of some kinds, in the order of their files."""
    found = []
    for kind in kinds or KINDS:
        text = (Path(__file__).parent / "attacks" / f"{kind}.py").read_text()
        cells = [
            cell
            for cell in jupytext.reads(text, fmt="py:percent").cells
            if "attack" in cell.metadata
        ]
        for number, cell in enumerate(cells):
            found.append(Attack(kind, number, cell.metadata["attack"], cell.source, cell.metadata))
    return found


class Arena:
    """A course with attackers, things worth stealing, and one honest learner."""

    def __init__(self, folder: Path, attackers: list[Attack]) -> None:
        self.folder, self.attackers = folder, attackers
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        (self.home / "secret.txt").write_text("CANARY-HOME")
        self.course = mini.MiniCourse(folder / "course", "c.Execute.timeout = 8\n")
        honest = mini.answered()
        honest.cells.append(v4.new_code_cell("'CANARY-OTHER'"))
        self.course.hand_in("honest", honest)
        answers = folder / "course" / "source" / mini.NAME / "mini.ipynb"
        for attack in attackers:
            path = self.course.hand_in(attack.learner, mini.answered(share=attack.source))
            if "link" in attack.marks:
                (path.parent / attack.marks["link"]).symlink_to(answers)
            if "hardlink" in attack.marks:
                os.link(answers, path.parent / attack.marks["hardlink"])
        with self._book() as book:
            book.update_or_create_student("honest", first_name="CANARY-BOOK")
        self.left: dict[str, bool] = {}

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CANARY": "CANARY-ENV", "REAL_HOME": str(self.home), "TPMKIT_DATA": str(data.folder()),
        }  # fmt: skip

    def grade_here(self) -> None:
        """Grade with tpmkit grade."""
        with _environment(self.environment), _server():
            settings = Settings(limits=mini.LIMITS, feedback=False)
            grade_class(self.course.root, mini.NAME, settings)
            self.left = leftovers(self)

    def grade_stock(self) -> None:
        """Grade with stock nbgrader, in a box of its own: some attacks do work."""
        report = self.folder / "report.json"
        keep = [arg for path in (self.folder,) for arg in ("--bind", str(path), str(path))]
        subprocess.run(
            ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
             *keep, "--unshare-pid", "--unshare-net", "--die-with-parent", "--",
             sys.executable, __file__, "stock", str(self.folder), *self._kinds()],
            env=os.environ | self.environment | {"HOME": str(self.home)},
            timeout=STOCK_SECONDS, check=False, capture_output=True,
        )  # fmt: skip
        self.left = json.loads(report.read_text()) if report.exists() else {}

    def works(self, attack: Attack) -> bool:
        """Whether the attack got what it was after."""
        if attack.kind == "points":
            return bool(self.score(attack.learner))
        if attack.kind == "reading":
            return any(
                "LOOT:" in text and attack.marks["canary"] in text
                for text in self.printed(attack.learner)
            )
        if attack.kind == "leaving":
            return self.left.get(attack.learner, False)
        return self.score("honest") is None

    def score(self, learner: str) -> float | None:
        """Automatic points of the exercise that is attacked."""
        with self._book() as book:
            try:
                grade = book.find_grade("test_share", mini.NAME, mini.NAME, learner)
            except ValueError:
                return None
            return grade.auto_score

    def printed(self, learner: str) -> list[str]:
        """What the learner's cells printed, from the graded notebook."""
        path = self.course.root / "autograded" / learner / mini.NAME / "mini.ipynb"
        if not path.exists():
            return []
        return [
            output.text
            for cell in nbformat.read(path, as_version=4).cells
            for output in cell.get("outputs", [])
            if output.output_type == "stream"
        ]

    def _kinds(self) -> list[str]:
        return [attack.learner for attack in self.attackers]

    @contextmanager
    def _book(self) -> Iterator[Gradebook]:
        with closing(Gradebook(f"sqlite:///{self.course.root}/gradebook.db")) as book:
            yield book


def leftovers(arena: Arena) -> dict[str, bool]:
    """Which attackers left something behind, as seen from where the grader runs."""
    lines = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                lines.append((entry / "cmdline").read_bytes().decode(errors="replace"))
            except OSError:
                continue
    with arena._book() as book:
        changed = any(student.last_name == "graduated" for student in book.students)
    places = {"home": arena.home, "course": arena.course.root, "tmp": Path("/tmp")}
    found = {}
    for attack in arena.attackers:
        place, _, name = attack.marks.get("leaves", "").partition(":")
        if place == "grade":
            found[attack.learner] = changed
        elif place == "process":
            found[attack.learner] = any(f"sleep\0{name}" in line for line in lines)
        elif place:
            found[attack.learner] = (places[place] / name).exists()
    return found


@contextmanager
def _environment(names: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(names)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _server() -> Iterator[None]:
    """Something on loopback that tells a secret to whoever connects."""
    with socket.create_server(("127.0.0.1", PORT), reuse_port=True) as listening:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"CANARY-NET")

        threading.Thread(target=answer, daemon=True).start()
        yield
        listening.shutdown(socket.SHUT_RDWR)


def _stock_inside(folder: Path, learners: list[str]) -> None:
    """In the box: run stock nbgrader, then report what was left behind."""
    arena = Arena.__new__(Arena)
    arena.folder, arena.home = folder, folder / "home"
    arena.attackers = [attack for attack in attacks() if attack.learner in learners]
    arena.course = mini.MiniCourse.__new__(mini.MiniCourse)
    arena.course.root = folder / "course"
    with _server():
        nbgrader = Path(sys.executable).with_name("nbgrader")
        subprocess.run(
            [nbgrader, "autograde", mini.NAME], cwd=arena.course.root, timeout=STOCK_SECONDS
        )
    (folder / "report.json").write_text(json.dumps(leftovers(arena)))


def arenas(folder: Path) -> list[Arena]:
    """One arena for the attackers who let others be graded, one for each who does not."""
    together = [Arena(folder / "class", attacks("points", "reading", "leaving"))]
    return together + [Arena(folder / a.learner, [a]) for a in attacks("stopping")]


def table() -> str:
    """Every attack, run against stock nbgrader and here, as a Markdown table."""
    lines = ["| attack | stock nbgrader | tpmkit grade |", "|---|---|---|"]
    results: dict[str, list[str]] = {}
    for grade, words in (("grade_stock", ("works", "-")), ("grade_here", ("WORKS", "nothing"))):
        folder = Path(tempfile.mkdtemp(prefix="arena-"))
        for arena in arenas(folder):
            getattr(arena, grade)()
            for attack in arena.attackers:
                works = arena.works(attack)
                results.setdefault(attack.learner, []).append(words[0] if works else words[1])
        shutil.rmtree(folder)
    for attack in attacks():
        stock, here = results[attack.learner]
        lines.append(f"| {attack.kind}: {attack.name} | {stock} | {here} |")
    return "\n".join(lines)


def main() -> None:
    if sys.argv[1:2] == ["stock"]:
        _stock_inside(Path(sys.argv[2]), sys.argv[3:])
        return
    text = PAGE.read_text()
    head, rest = text.split("<!-- attacks -->\n")
    _, tail = rest.split("<!-- end of attacks -->")
    PAGE.write_text(f"{head}<!-- attacks -->\n{table()}\n<!-- end of attacks -->{tail}")


if __name__ == "__main__":
    main()

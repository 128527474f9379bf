"""What grading costs here and with stock nbgrader, on the same submissions, in one run.

python tests/bench/grading.py            48 submissions, half practice, half case study
python tests/bench/grading.py --quick    12 submissions

Here one command grades both assignments; nbgrader takes one a command. Processor time is counted
by a control group around each run, so that every process counts; this needs root. Both sides first
grade one submission of each assignment that is not counted, so that Python's compiled bytecode is
in place for both. They take turns, and so does the plain process, because a machine's speed drifts.
The last two lines are for machines.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tpmkit import data
from tpmkit.authoring.repository import Repository
from tpmkit.autograde.contract import is_solution

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PRACTICE, CASE = "03_metrics_practice", "cs1_inspection_queue"
CGROUP = Path("/sys/fs/cgroup")
STOCK = """
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput", "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec", "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata"]
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.Execute", "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor", "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades", "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata"]
"""


@dataclass(frozen=True)
class Cost:
    """Wall and processor seconds of one run."""

    wall: float
    processor: float


class Meter:
    """Counts the processor time of a command and of everything it starts."""

    def __init__(self) -> None:
        self.unified = (CGROUP / "cgroup.controllers").exists()
        parent = CGROUP if self.unified else CGROUP / "cpuacct"
        self.group = parent / f"tpmkit-bench-{os.getpid()}"
        try:
            self.group.mkdir()
        except OSError as error:
            sys.exit(f"Counting processor time needs a control group, and so root ({error}).")

    def run(self, command: list, where: Path) -> Cost:
        """Run a command to its end; its output is shown only if it fails."""
        before, started = self._seconds(), time.perf_counter()
        done = subprocess.run(
            ["sh", "-c", 'echo $$ > "$0"; exec "$@"', self.group / "cgroup.procs",
             *map(str, command)],
            cwd=where, capture_output=True, text=True,
            env=os.environ | {
                "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
                "TPMKIT_DATA": str(data.folder()),
                "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
            },
        )  # fmt: skip
        wall = time.perf_counter() - started
        if done.returncode:
            sys.exit(f"{command} failed:\n{done.stdout}{done.stderr}")
        for _ in range(100):
            if not (self.group / "cgroup.procs").read_text():
                break
            time.sleep(0.1)
        return Cost(wall, self._seconds() - before)

    def _seconds(self) -> float:
        if self.unified:
            text = (self.group / "cpu.stat").read_text().split()
            return int(text[text.index("usage_usec") + 1]) / 1e6
        return int((self.group / "cpuacct.usage").read_text()) / 1e9

    def close(self) -> None:
        self.group.rmdir()


def course(folder: Path, config: str, classes: dict[str, int]) -> Path:
    """A course root with some submissions of each assignment: right and wrong answers mixed."""
    repository = Repository(ROOT)
    folder.mkdir()
    shutil.copy(ROOT / "grading" / "nbgrader_config.py", folder)
    (folder / "term_config.py").write_text("c = get_config()\n" + config)
    for name, number in classes.items():
        notebook = repository.syllabus.notebook(name)
        source = folder / "source" / name
        source.mkdir(parents=True)
        shutil.copy(repository.solved(notebook), source / f"{name}.ipynb")
        subprocess.run(
            [BIN / "nbgrader", "generate_assignment", name], cwd=folder, check=True,
            capture_output=True,
            env=os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        )  # fmt: skip
        solved = nbformat.read(repository.solved(notebook), as_version=4)
        learner = nbformat.read(folder / "release" / name / f"{name}.ipynb", as_version=4)
        right = {c.id: c.source for c in solved.cells if is_solution(c)}
        for i in range(number):
            made = copy.deepcopy(learner)
            for j, cell in enumerate(c for c in made.cells if is_solution(c)):
                if (i + j) % 5:  # every fifth answer is left open
                    cell.source = right[cell.id]
            place = folder / "submitted" / f"{name}-{i:03}" / name
            place.mkdir(parents=True)
            nbformat.write(made, place / f"{name}.ipynb")
    return folder


def learners_share(root: Path) -> float:
    """Processor seconds a submission took in the sandbox, from the ledger of a graded class."""
    with closing(sqlite3.connect(root / "gradebook.db")) as book:
        rows = book.execute("SELECT outcome FROM tpmkit_graded").fetchall()
    return sum(json.loads(row[0])["usage"]["cpu"] for row in rows) / len(rows)


def own_cells(step: Path, names: list[str]) -> float:
    """Processor seconds of all cells in a plain process that is already warm.

    The notebooks of ``submitted`` hold the visible tests, those of ``autograded`` all of them.
    """
    script = """
import os, sys, nbformat, resource
from tpmkit.autograde import zygote
from tpmkit.autograde.runner import CellRunner
runner = CellRunner()
for module in zygote.WARM: __import__(module)
runner.use_figures()
total = 0.0
for path in sys.argv[1:]:
    cells = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    pid = os.fork()
    if pid == 0:
        for source in cells: runner.run(source)
        os._exit(0)
    usage = os.wait4(pid, 0)[2]
    total += usage.ru_utime + usage.ru_stime
print(total)
"""
    paths = [p for name in names for p in sorted(step.glob(f"*/{name}/{name}.ipynb"))]
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, paths)], capture_output=True, text=True,
        check=True,
        env=os.environ | {"TPMKIT_DATA": str(data.folder()), "OMP_NUM_THREADS": "1",
                          "OPENBLAS_NUM_THREADS": "1", "IPYTHONDIR": str(step.parent / "ipython"),
                          "NBGRADER_EXECUTION": "autograde"},
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="12 submissions, no growth figure")
    options = parser.parse_args()
    number = 6 if options.quick else 24
    folder, meter = Path(tempfile.mkdtemp(prefix="bench-")), Meter()
    tpmkit, nbgrader = BIN / "tpmkit", BIN / "nbgrader"
    classes = {PRACTICE: number, CASE: number}
    one = course(folder / "one", "", {PRACTICE: 1, CASE: 1})
    grade = [tpmkit, "grade", *classes]
    for name in classes:
        meter.run([nbgrader, "autograde", name], course(folder / name, STOCK, {name: 1}))
    meter.run([*grade, "--no-feedback"], one)
    stock = course(folder / "stock", STOCK, classes)
    here = course(folder / "here", "", classes)
    practice = course(folder / "practice", "", {PRACTICE: number})

    costs, owns = {}, []
    costs[PRACTICE] = meter.run([nbgrader, "autograde", PRACTICE], stock)
    all_here = meter.run([*grade, "--no-feedback"], here).processor / (2 * number)
    owns.append(own_cells(here / "submitted", list(classes)))
    tests = own_cells(here / "autograded", list(classes))
    costs[CASE] = meter.run([nbgrader, "autograde", CASE], stock)
    ours = meter.run([tpmkit, "grade", PRACTICE, "--no-feedback"], practice).wall / number
    owns.append(own_cells(here / "submitted", list(classes)))
    all_stock = sum(cost.processor for cost in costs.values()) / (2 * number)
    single = costs[PRACTICE].wall / number
    own = sum(owns) / len(owns) / (2 * number)
    tests = tests / (2 * number) - own
    print(f"{2 * number} submissions, half {PRACTICE}, half {CASE}; {os.cpu_count()} cores")
    print(f"their own cells in a warm plain process: {own:.3f} processor s a submission;"
          f" the hidden tests {tests:.3f} more\n")  # fmt: skip
    print(f"{'':14}{'processor s':>13}{'beyond own':>13}{'wall s practice':>18}")
    for who, processor, wall in (
        ("stock", all_stock, single), ("tpmkit grade", all_here, ours),
    ):  # fmt: skip
        print(f"{who:14}{processor:13.3f}{processor - own:13.3f}{wall:18.3f}")

    start = meter.run([*grade, "--no-feedback", "--force"], one).processor
    again = meter.run([*grade, "--no-feedback"], here).processor
    feedback = meter.run(grade, here).processor
    learners = learners_share(here)
    more = (2 * number * all_here - start) / (2 * number - 2)
    print("\ntpmkit grade by stage, processor s:")
    print(f"  {start - 2 * more:.2f} a command: imports, sandbox, judges;"
          f" {again:.2f} of it when there is nothing to do")  # fmt: skip
    print(f"  {learners:.3f} a submission in the sandbox, where the learner's cells run")
    print(f"  {more - learners:.3f} a submission outside it: judge, gradebook, files")
    print(f"  {(feedback - again) / (2 * number):.3f} a submission for nbgrader's feedback")

    halves = [f"{PRACTICE}-{i:03}" for i in range(number)]
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(
                meter.run,
                [nbgrader, "autograde", PRACTICE, "--force",
                 f"--CourseDirectory.student_id_exclude={','.join(halves[i::2])}"], stock,
            )
            for i in range(2)
        ]  # fmt: skip
        for future in both:
            future.result()
    two = (time.perf_counter() - started) / number
    print(f"\nthroughput of the practice, s a submission: stock {single:.3f}, two stock processes"
          f" {two:.3f}, tpmkit grade {ours:.3f}")  # fmt: skip
    if not options.quick:
        few, many = (
            meter.run(
                [tpmkit, "grade", PRACTICE, "--no-feedback"],
                course(folder / f"n{n}", "", {PRACTICE: n}),
            )
            for n in (10, 200)
        )
        print("growth: processor s a submission with 10 submissions"
              f" {few.processor / 10:.3f}, with 200 {many.processor / 200:.3f};"
              f" marginal {(many.processor - few.processor) / 190:.3f}")  # fmt: skip
    meter.close()
    shutil.rmtree(folder)
    print(f"better than two stock processes {two / ours:.1f} times")
    without = (all_stock - own - tests) / (all_here - own - tests)
    print(f"overhead without the hidden tests themselves {without:.1f} times below stock")
    print(f"overhead_ratio {(all_stock - own) / (all_here - own):.1f}")
    print(f"throughput_ratio {single / ours:.1f}")


if __name__ == "__main__":
    main()

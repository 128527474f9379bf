"""Everything CI runs, stage by stage, with a summary of what was executed.

python tests/run.py            about 12 minutes on two cores
python tests/run.py --all      with the long suites and the benchmarks
python tests/run.py unit lax   only these stages
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tpmkit.authoring.repository import Repository

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
PARALLEL = ["-n", "2", "--dist", "loadfile"]
# Two processes run side by side: with two threads each, small matrices wait for each other, and
# cross-validations that need 5 s of processor time took over three minutes on a busy machine.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
BUDGET_SECONDS = {"lesson": 20, "practice": 30, "case": 60}
BENCHES = (
    "explorers.py", "feedback.py", "grading.py", "interview.py", "planning.py", "simulator.py",
)  # fmt: skip


def notebooks(repository: Repository) -> dict[str, list[str]]:
    """Paths to execute: outputs compared for lessons and solutions, not for learner versions."""
    strict, lax = [], []
    for notebook in repository.syllabus.notebooks():
        if notebook.is_assignment:
            strict.append(str(repository.solved(notebook)))
            lax.append(str(repository.learner(notebook)))
        else:
            strict.append(str(repository.learner(notebook)))
    return {"strict": strict, "lax": lax}


def stages(everything: bool) -> dict[str, list[str]]:
    """The command of each stage, in order."""
    paths = notebooks(Repository(ROOT))
    pytest = [PYTHON, "-m", "pytest", "-q", "--durations=3"]
    chosen = [] if everything else ["-m", "not long"]
    nbval = [*pytest, *PARALLEL, "--nbval-current-env", "--nbval-cell-timeout=120"]
    commands = {
        "style": [PYTHON, "-m", "ruff", "check", "."],
        "build": [PYTHON, "-m", "tpmkit.cli", "build", "--check"],
        "unit": [*pytest, *PARALLEL, *chosen, "tests/unit", "tests/contracts", "tests/interview"],
        "strict": [*nbval, "--nbval", *paths["strict"]],
        "lax": [*nbval, "--nbval-lax", *paths["lax"]],
        "notebooks": [*pytest, *chosen, "tests/notebooks"],
        "autograde": [*pytest, *PARALLEL, *chosen, "tests/autograde"],
        "alone": [*pytest, *chosen, "tests/alone"],
        "browser": [*pytest, *chosen, "tests/browser"],
    }
    if everything:
        commands |= {f"bench {name}": [PYTHON, f"tests/bench/{name}"] for name in BENCHES}
    return commands


def run(name: str, command: list[str], folder: Path) -> tuple[int, float, Path]:
    """Run one stage; return its exit code, wall time in seconds, and where its results lie."""
    results = folder / f"{name}.xml"
    if "pytest" in command:
        command = [*command, f"--junitxml={results}"]
    print(f"\n=== {name}", flush=True)
    start = time.monotonic()
    environment = os.environ | ONE_THREAD
    environment.pop("TPMKIT_COURSE", None)  # make test names this course; the tests make their own
    code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment).returncode
    return code, time.monotonic() - start, results


def tally(results: Path, name: str, counts: Counter, seconds: dict[str, float]) -> None:
    """Add one stage's tests, notebooks, cells and recorded figures to the sums."""
    if not results.is_file():
        return
    for case in ET.parse(results).iter("testcase"):
        outcome = next(
            (tag for tag in ("failure", "error", "skipped") if case.find(tag) is not None), ""
        )
        counts[{"": "passed", "skipped": "skipped"}.get(outcome, "failed")] += 1
        if name in ("strict", "lax"):
            counts["cells"] += 1
            seconds[f"{case.get('classname', '').split('.')[-2]} ({name})"] += float(
                case.get("time", 0)
            )
        for entry in case.iter("property"):
            if entry.get("name", "").startswith("count_"):
                counts[entry.get("name").removeprefix("count_")] += int(entry.get("value"))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("stages", nargs="*", help="default: all of them")
    parser.add_argument("--all", action="store_true", help="with the long suites and benchmarks")
    arguments = parser.parse_args()
    commands = stages(arguments.all)
    unknown = [name for name in arguments.stages if name not in commands]
    if unknown:
        parser.error(f"no stage is called {unknown[0]!r}; there are: {', '.join(commands)}")

    counts: Counter = Counter()
    seconds: dict[str, float] = defaultdict(float)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.stages or commands:
            code, took, results = run(name, commands[name], Path(folder))
            tally(results, name, counts, seconds)
            rows.append((name, code, took))

    console = Console(width=100)
    table = Table("stage", "result", "seconds", title="What ran")
    for name, code, took in rows:
        table.add_row(name, "ok" if code == 0 else f"FAILED (exit {code})", f"{took:.0f}")
    table.add_row("in all", "", f"{sum(took for _, _, took in rows):.0f}")
    console.print(table)
    if seconds:
        kinds = {notebook.name: notebook.kind for notebook in Repository(ROOT).syllabus.notebooks()}
        budget = Table("notebook", "seconds", "budget", title="Time per notebook")
        for label, took in sorted(seconds.items()):
            budget.add_row(label, f"{took:.1f}", str(BUDGET_SECONDS[kinds[label.split(" ")[0]]]))
        console.print(budget)
    counts["notebooks"] = len(seconds)
    executed = ("notebooks", "cells", "checks", "mutants", "equivalents", "browser_steps")
    print("Executed: " + ", ".join(f"{counts[key]} {key.replace('_', ' ')}" for key in executed))
    failed_stages = sum(code != 0 for _, code, _ in rows)
    print(
        f"{counts['passed']} passed, {max(counts['failed'], failed_stages)} failed, "
        f"{counts['skipped']} skipped"
    )
    return 1 if failed_stages else 0


if __name__ == "__main__":
    sys.exit(main())

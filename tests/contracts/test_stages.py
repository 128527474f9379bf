"""Every test and every benchmark runs in some stage of `make test-all`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import run

ROOT = Path(__file__).parents[2]
NO_BENCH = {"tune_expert.py"}  # finds constants and writes them; it measures nothing


def test_every_test_file_belongs_to_exactly_one_stage():
    commands = run.stages(everything=True).values()
    folders = [word for command in commands for word in command if word.startswith("tests/")]
    stages = Counter(path for folder in folders for path in (ROOT / folder).rglob("test_*.py"))
    assert stages == Counter((ROOT / "tests").rglob("test_*.py"))


def test_every_benchmark_is_a_stage():
    benches = {path.name for path in (ROOT / "tests" / "bench").glob("*.py")} - NO_BENCH
    assert sorted(benches) == sorted(run.BENCHES)
    assert {f"bench {name}" for name in benches} < set(run.stages(everything=True))

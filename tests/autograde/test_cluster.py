"""A Dask scheduler with two workers grades the same class to the same gradebook."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from autograde import mini
from nbgrader.api import Gradebook

from tpmkit import data
from tpmkit.autograde.run import Settings, grade_class

LEARNERS = 12


def _start(program: str, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """A scheduler and two workers on loopback: the address and the workers."""
    note = folder / "scheduler.json"
    started = [_start("dask_scheduler", "--host", "127.0.0.1", "--port", "0",
                      "--scheduler-file", str(note))]  # fmt: skip
    try:
        while not note.exists():
            assert started[0].poll() is None, "the scheduler needs the extra 'cluster'"
            time.sleep(0.1)
        address = json.loads(note.read_text())["address"]
        started += [
            _start("dask_worker", address, "--nthreads", "1", "--no-nanny",
                   "--local-directory", str(folder / f"worker{n}")) for n in range(2)
        ]  # fmt: skip
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


def class_of(folder: Path) -> mini.MiniCourse:
    course = mini.MiniCourse(folder)
    for i in range(LEARNERS):
        share = f"def share(a, b): return a / b if b else {i % 3}"
        course.hand_in(f"learner{i:02}", mini.answered(share=share))
    return course


def scores(course: mini.MiniCourse) -> dict:
    with closing(Gradebook(f"sqlite:///{course.root}/gradebook.db")) as book:
        return {
            (submission.student.id, grade.name): (grade.auto_score, grade.needs_manual_grade)
            for submission in book.assignment_submissions(mini.NAME)
            for grade in submission.notebooks[0].grades
        }


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TPMKIT_DATA", str(data.folder()))
    course = class_of(tmp_path / "home")
    grade_class(course.root, mini.NAME, Settings(limits=mini.LIMITS, feedback=False))
    return scores(course)


@pytest.mark.long
def test_two_workers_grade_to_the_same_gradebook_and_a_killed_one_costs_only_time(
    tmp_path, at_home
):
    course = class_of(tmp_path / "away")
    with cluster(tmp_path) as (address, workers):
        settings = Settings(scheduler=address, limits=mini.LIMITS, feedback=False)
        killed = threading.Event()

        def progress(row):
            if not killed.is_set():
                killed.set()
                os.kill(workers[0].pid, 9)

        rows = grade_class(course.root, mini.NAME, settings, progress=progress)
    assert killed.is_set()
    assert len(rows) == LEARNERS
    assert scores(course) == at_home

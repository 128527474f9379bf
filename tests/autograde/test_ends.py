"""Nothing outlives what it was started for, and a part that is lost costs no points."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from autograde import mini

from tpmkit import data
from tpmkit.autograde import Grader, SandboxError, sandbox

BUSY = """
import subprocess, time
subprocess.Popen(["sh", "-c", "sleep 501 & setsid sleep 502 & exec sleep 503"])
def share(part, whole):
    time.sleep(300)
"""
RUN = """
import os, sys
sys.path.insert(0, sys.argv[1])
from autograde import mini
from tpmkit import data
from tpmkit.autograde import Grader, Limits
with Grader(data=data.folder(), limits=Limits(call=300, total=400)) as grader:
    grader.judge(mini.solved(), mini.answered(share=os.environ["ANSWER"]))
"""


class Family:
    """The processes below this one that were not there before."""

    def __init__(self) -> None:
        self.before = set(psutil.Process().children(recursive=True))

    def all(self) -> list[psutil.Process]:
        return [p for p in psutil.Process().children(recursive=True) if p not in self.before]

    def running(self, what: str) -> list[psutil.Process]:
        """Those whose own command this is, parents before children."""
        found = []
        for process in self.all():
            try:
                command = process.cmdline()
            except psutil.Error:
                continue
            if "bwrap" not in map(os.path.basename, command) and what in " ".join(command):
                found.append(process)
        return sorted(found, key=lambda p: p.create_time())

    def warm_parent(self) -> list[psutil.Process]:
        """The one that waits for it, and itself."""
        return self.running("zygote import main")[:2]

    def freeze(self) -> None:
        """Stop the warm parent, so that it neither reads nor ends by itself."""
        for process in self.warm_parent():
            process.send_signal(signal.SIGSTOP)


def soon(found: Callable[[], object]) -> object:
    """What `found` finds, as soon as it finds something."""
    for _ in range(600):
        if something := found():
            return something
        time.sleep(0.1)
    raise AssertionError("not seen in a minute")


def left(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that are still there after a while."""
    return psutil.wait_procs(processes, timeout=20)[1]


@pytest.fixture(params=["root", "ordinary user"])
def family(request) -> Iterator[Family]:
    """A process that grades an answer which takes five minutes."""
    family = Family()
    command = [sys.executable, "-c", RUN, str(Path(__file__).parents[1])]
    started = subprocess.Popen(
        command if request.param == "root" else mini.as_ordinary_user(command),
        env=os.environ | {"TPMKIT_DATA": str(data.folder()), "HOME": "/tmp", "ANSWER": BUSY},
    )
    soon(lambda: len(family.running("sleep 50")) == 3)
    yield family
    for process in family.all():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    started.wait()


@pytest.mark.parametrize("frozen", [False, True])
def test_everything_ends_with_the_process_that_grades(family, frozen):
    grading = family.running("grader.judge")[0]
    below = grading.children(recursive=True)
    assert set(family.running("sleep 50") + family.running("judge import main")) < set(below)
    if frozen:
        family.freeze()
    grading.kill()
    assert not left(below)


def test_a_killed_grader_leaves_no_folder_behind(tmp_path):
    family = Family()
    command = [sys.executable, "-c", RUN, str(Path(__file__).parents[1])]
    names = {"TPMKIT_DATA": str(data.folder()), "TMPDIR": str(tmp_path), "ANSWER": BUSY}
    with subprocess.Popen(command, env=os.environ | names) as started:
        soon(lambda: len(family.running("sleep 50")) == 3)
        assert list(tmp_path.iterdir())
        started.kill()
    soon(lambda: not list(tmp_path.iterdir()))


@pytest.mark.parametrize("which", [0, 1])
def test_everything_in_the_sandbox_ends_with_the_warm_parent(family, which):
    above = family.warm_parent()[0]
    all_of_it = [above, *above.children(recursive=True)]
    assert set(family.running("sleep 50")) < set(all_of_it)
    family.warm_parent()[which].kill()
    assert not left(all_of_it)


def test_every_judge_ends_with_the_process_they_are_forked_from(family):
    judges = family.running("judge import main")
    assert len(judges) == 3  # the one that imports, the assignment's, the submission's
    judges[0].kill()
    assert not left(judges)


@pytest.mark.parametrize("frozen", [False, True])
def test_closing_a_grader_ends_what_runs_in_it(frozen):
    family = Family()
    with ThreadPoolExecutor(1) as pool:
        grader = Grader(data=data.folder(), limits=mini.LIMITS)
        judged = pool.submit(grader.judge, mini.solved(), mini.answered(share=BUSY))
        soon(lambda: len(family.running("sleep 50")) == 3)
        if frozen:
            family.freeze()
        below = family.all()
        grader.close()
        judged.exception(60)
    assert not left(below)


def test_a_lost_warm_parent_costs_a_second_try_and_no_points():
    slow = "import time\ntime.sleep(2)\n" + mini.SHARE
    family = Family()
    with Grader(data=data.folder(), limits=mini.LIMITS) as grader, ThreadPoolExecutor(2) as pool:
        both = [pool.submit(grader.judge, mini.solved(), mini.answered(share=slow)) for _ in "ab"]
        soon(lambda: len(family.running("zygote import main")) == 4)
        time.sleep(0.5)
        family.warm_parent()[1].kill()
        outcomes = [job.result().metadata.tpmkit.outcome for job in both]
        outcomes += [grader.judge(mini.solved(), mini.answered()).metadata.tpmkit.outcome]
    for outcome in outcomes:
        assert (sum(outcome["points"].values()), outcome["faults"]) == (6, [])


def test_a_warm_parent_that_never_comes_up_leaves_nothing_behind(monkeypatch):
    family = Family()
    monkeypatch.setattr(sandbox, "program", lambda *what: ["sleep", "504"])
    monkeypatch.setattr(sandbox, "WARM_SECONDS", 1)
    with Grader(data=data.folder(), limits=mini.LIMITS) as grader:
        soon(lambda: family.running("sleep 504"))
        below = family.all()
        with pytest.raises(SandboxError, match="does not start"):
            grader.judge(mini.solved(), mini.answered())
    assert not left(below)

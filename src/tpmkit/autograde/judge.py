"""The judge: knows the answers, runs the test cells, and never holds a learner's object.

A process of its own on the trusted side, one per assignment, forked from one that keeps what the
assignments import. It runs the solved notebook once and remembers the names as they were at each
test cell. Each submission is served by a fork, which walks through the notebook in order: learner
cells run in the sandbox, test cells here, with the learner's names bound to decoded values and
stand-ins.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import tempfile
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from tpmkit.autograde.contract import TestCell, code_tree
from tpmkit.autograde.isolation import end_with_parent, lower_limit
from tpmkit.autograde.remote import Session, SessionOver
from tpmkit.autograde.runner import CellRunner
from tpmkit.autograde.wire import Channel, ChannelClosed
from tpmkit.checks import Checks

MEMORY = 4 << 30  # a hostile answer must not use up the instructor's machine
REFERENCE_SECONDS = 600
KEPT = {"matplotlib", "numpy", "pandas", "scipy", "sklearn", "tpmkit"}  # from one to the next
DATA = (pd.DataFrame, pd.Series, np.ndarray, np.random.Generator, list, dict, set)


class Reference:
    """The solved notebook, run once: names and scores at each test cell."""

    def __init__(self, cells: list[dict], runner: CellRunner) -> None:
        self.runner = runner
        self.tests: dict[str, TestCell] = {}
        self.names: dict[str, dict[str, Any]] = {}
        self.problems: list[str] = []
        for cell in cells:
            if cell["test"]:
                test = TestCell(**cell["test"])
                self.tests[test.grade_id] = test
                self.names[test.grade_id] = _snapshot(runner.names)
                before = dict(runner.names)
                ran = runner.run_test(test.source)
                runner.names.clear()  # what one test binds is not there for the next
                runner.names.update(before)
            else:
                ran = runner.run(cell["source"])
                if pyplot := sys.modules.get("matplotlib.pyplot"):
                    pyplot.close("all")
            if not ran["ok"]:
                said = next(o["evalue"] for o in ran["outputs"] if o["output_type"] == "error")
                self.problems.append(f"cell {cell['number']} raises {ran['error']}: {said}")


def _snapshot(names: dict[str, Any]) -> dict[str, Any]:
    """A copy that later cells cannot change: data is copied, everything else shared."""
    seen: dict[int, Any] = {}
    made = {}
    for name, value in names.items():
        if isinstance(value, DATA) and not name.startswith("_") and name not in ("In", "Out"):
            # what holds something that cannot be copied is shared, as everything else is
            with contextlib.suppress(Exception):
                value = copy.deepcopy(value, seen)
        made[name] = value
    return made


class Trial:
    """One submission before the judge."""

    def __init__(self, reference: Reference, session: Session) -> None:
        self.reference, self.session = reference, session
        self.limits = session.limits

    def cell(self, cell: dict) -> dict:
        """Run or judge one cell: ``{"run": source}`` or ``{"test": grade_id}``."""
        self.session.place = str(cell.get("test", cell.get("at")))
        try:
            if "run" in cell:
                return self._run(cell["run"])
            test = self.reference.tests[cell["test"]]
            if self.session.over:
                raise self.session.over
            return self._in_sandbox(test) if test.in_sandbox else self._judge(test)
        except SessionOver as error:
            return {"outputs": [_error("NotRun", str(error))], "not_run": error.code}

    def _run(self, source: str) -> dict:
        if self.session.over:
            return {"outputs": [], "not_run": self.session.over.code}
        reply = self.session.request({"do": "run", "source": source}, self.limits["cell"])
        outputs = reply.get("outputs")
        if reply["late"]:
            message = f"stopped after {self.limits['cell']:g} s"
            self.session.fault("cell-time", message)
            outputs = [*(outputs or []), _error("CellTimeout", message)]
        return {"outputs": outputs, "count": reply.get("count"), "seconds": reply.get("seconds")}

    def _in_sandbox(self, test: TestCell) -> dict:
        ran = self._run(test.source)
        return {**ran, "in_sandbox": True}

    def _judge(self, test: TestCell) -> dict:
        names = self.reference.runner.names
        found = self.session.fetch(list(test.takes))
        names.clear()
        names.update(self.reference.names[test.grade_id])
        for name in test.takes:
            names.pop(name, None)
        names.update(found)
        faults = len(self.session.faults)
        ran = self.reference.runner.run_test(test.source)
        outputs = [o for o in ran["outputs"] if o.get("name") != "stderr"]
        last = self.reference.runner.last
        made = {"outputs": outputs, "seconds": ran["seconds"]}
        if isinstance(last, Checks):
            made["checks"] = [asdict(row) for row in last.rows]
            made["score"] = repr(last)
        if len(self.session.faults) > faults:
            made["fault"] = self.session.faults[-1]["code"]
        return made


def _error(name: str, message: str) -> dict:
    return {
        "output_type": "error",
        "ename": name,
        "evalue": message,
        "traceback": [f"{name}: {message}"],
    }


def try_submission(
    reference: Reference, work: socket.socket, channel: socket.socket, guard: socket.socket
) -> None:
    """Judge one submission; every cell's result is sent as soon as it is known."""
    desk = Channel(work)
    request = desk.receive()
    limits = request["limits"]
    # should a test cell itself never end, the grader hears the line go dead
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(limits["total"]) + 30)
    lower_limit(resource.RLIMIT_AS, MEMORY)
    session = Session(channel, guard, limits)
    # a failed start is recorded as a fault, and every cell below says why it did not run
    with contextlib.suppress(SessionOver):
        session.start(request["files"])
    trial = Trial(reference, session)
    for cell in request["cells"]:
        desk.send({"at": cell["at"], **trial.cell(cell)})
    session.finish()
    desk.send({"end": True, "faults": session.faults, "usage": session.usage})


def serve(control: socket.socket, desk: Channel, cells: list[dict], runner: CellRunner) -> None:
    """Be the judge of one assignment until nobody asks any more. Never returns."""
    # a solved notebook that never ends: the grader hears the line go dead
    signal.alarm(REFERENCE_SECONDS)
    reference = Reference(cells, runner)
    signal.alarm(0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    desk.send({"problems": reference.problems})
    desk.close()
    gc.freeze()  # otherwise each fork's collector copies every page it looks at
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not message:
            os._exit(0)
        ends = [socket.socket(fileno=d) for d in descriptors]
        if os.fork() == 0:
            end_with_parent()
            control.close()
            try:
                try_submission(reference, *ends)
            except ChannelClosed:
                pass
            finally:
                os._exit(0)
        for end in ends:
            end.close()


def keep_imports(cells: list[dict]) -> None:
    """Import what a solved notebook will, so that the next assignment's judge has it too."""
    for cell in cells:
        for node in ast.walk(code_tree(cell["source"])):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in names:
                if name.split(".")[0] in KEPT:
                    with contextlib.suppress(Exception):  # its cell will say so
                        importlib.import_module(name)


def main() -> None:
    """Fork a judge for each assignment sent to the socket whose number is the only argument."""
    door = socket.socket(fileno=int(sys.argv[1]))
    profile = tempfile.TemporaryDirectory(prefix="tpmkit-judge-")
    os.environ["IPYTHONDIR"] = profile.name
    runner = CellRunner("agg")  # nobody looks at the solved notebook's pictures
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(door, 1 << 16, 2)
        if not message:
            profile.cleanup()
            os._exit(0)
        control, line = (socket.socket(fileno=d) for d in descriptors)
        desk = Channel(line)
        cells = desk.receive()
        keep_imports(cells)
        gc.freeze()
        if os.fork() == 0:
            try:
                end_with_parent()
                door.close()
                gc.enable()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                if folder := json.loads(message)["folder"]:
                    os.chdir(folder)
                serve(control, desk, cells, runner)
            finally:
                os._exit(1)
        control.close()
        desk.close()

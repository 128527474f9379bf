"""Judge whole notebooks: the one function that everything else calls."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict, v4

from tpmkit.autograde.contract import JudgeError, is_test, test_cells
from tpmkit.autograde.isolation import Limits
from tpmkit.autograde.outputs import clean_outputs
from tpmkit.autograde.sandbox import Sandbox
from tpmkit.autograde.wire import (
    Channel,
    ChannelClosed,
    ChannelTimeout,
    ProtocolError,
    program,
)

__all__ = ["Grader", "JudgeError", "judge_notebook"]

NOT_ITS_OWN = {"start", "lost"}  # faults of the machine or the warm parent: worth another try
TRIES = 3
CLEANING = 5  # seconds a process has to remove its own folder
OUTPUT = 32 << 20  # characters of all outputs of a notebook
CUT = "[the notebook shows more than is kept]\n"


class Grader:
    """What is worth keeping between submissions: the warm parent and a judge per assignment.

    May be used from several threads: each submission is worked on by processes of its own.

    Parameters
    ----------
    data : path, optional
        Folder with the course's data sets, readable by submissions.
    limits : Limits, optional
        What one submission may use.
    unsafe : bool, default False
        Grade without a sandbox.

    Examples
    --------
    >>> with Grader(data="datasets") as grader:  # doctest: +SKIP
    ...     graded = grader.judge(solved, submitted)
    ...     graded.metadata.tpmkit.outcome["points"]
    {'test_recall': 4.0}
    """

    def __init__(
        self, data: str | Path | None = None, limits: Limits | None = None, unsafe: bool = False
    ) -> None:
        self.data, self.limits = data, limits or Limits()
        self.sandbox = Sandbox(data=data, limits=self.limits, unsafe=unsafe)
        self._bench = _Bench(data)
        self._judges: dict[str, _Judge] = {}
        self._lock = threading.Lock()

    def judge(
        self,
        solved: NotebookNode,
        submitted: NotebookNode,
        files: dict[str, bytes] | None = None,
        folder: str | Path | None = None,
    ) -> NotebookNode:
        """Return the submitted notebook with its outputs and points.

        Parameters
        ----------
        solved : NotebookNode
            The source: reference answers, full tests, nbgrader metadata.
        submitted : NotebookNode
            The learner's notebook after nbgrader restored the locked cells. Not changed.
        files : dict, optional
            Content by relative path: what else lies in the learner's working folder.
        folder : path, optional
            The working folder of the solved notebook.

        Returns
        -------
        NotebookNode
            Test cells hold what nbgrader reads points from. ``metadata.tpmkit.outcome`` says how
            it went: ``points`` and ``max`` by grade_id, ``checks`` by grade_id, ``faults`` (each
            with ``code``, ``cell``, ``message``), ``in_sandbox`` (tests that ran there), ``usage``.

        Raises
        ------
        JudgeError
            If the solved notebook itself does not run.
        """
        judge = self._judge_of(solved, folder)
        started = time.perf_counter()
        graded = NotebookNode(submitted)
        graded.cells = [NotebookNode(cell) for cell in submitted.cells]
        graded.metadata = NotebookNode(submitted.metadata)
        tests = judge.tests
        plan = []
        for at, cell in enumerate(graded.cells):
            if cell.cell_type != "code":
                continue
            cell.outputs, cell.execution_count = [], None
            if is_test(cell):
                grade_id = cell.metadata.nbgrader.get("grade_id")
                if grade_id in tests:
                    cell.source = tests[grade_id].source
                    plan.append({"at": at, "test": grade_id})
                else:  # an empty test cell would earn full marks
                    cell.outputs = [_error("NotRun", "this test is not in the solved notebook")]
            else:
                plan.append({"at": at, "run": cell.source})
        for _ in range(TRIES):
            results, end = self._run(judge, plan, files or {})
            if not any(fault["code"] in NOT_ITS_OWN for fault in end["faults"]):
                break
        outcome = _Outcome(end)
        for number, step in enumerate(plan, 1):
            result = results.get(step["at"])
            if result is None:
                failed = _error("NotRun", "it was not reached: " + outcome.why)
                result = {"outputs": [failed], "not_run": "judge"}
            cell = graded.cells[step["at"]]
            cell.outputs = result["outputs"]
            cell.execution_count = number if "not_run" not in result else None
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
            if "test" in step:
                outcome.add(tests[step["test"]], cell, result)
        outcome.wall = round(time.perf_counter() - started, 3)
        graded.metadata["tpmkit"] = from_dict({"outcome": outcome.as_dict()})
        return graded

    def close(self) -> None:
        """End the warm parent and the judges."""
        self.sandbox.close()
        self._bench.close()
        for judge in self._judges.values():
            judge.control.close()
        self._judges.clear()

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _judge_of(self, solved: NotebookNode, folder: str | Path | None) -> _Judge:
        cells = [[c.cell_type, c.source, c.metadata] for c in solved.cells]
        key = hashlib.sha256(json.dumps([cells, str(folder)]).encode()).hexdigest()
        with self._lock:
            judge = self._judges.get(key)
            if judge is None or not judge.alive:
                if not self._bench.alive:
                    self._bench.close()
                    self._bench = _Bench(self.data)
                judge = self._judges[key] = _Judge(solved, folder, self._bench)
        return judge

    def _run(self, judge: _Judge, plan: list[dict], files: dict[str, bytes]) -> tuple[dict, dict]:
        """Have the plan carried out; return results by cell and how it ended."""
        work, theirs = socket.socketpair()
        with work:
            channel, guard = self.sandbox.child()
            with theirs, channel, guard:
                judge.hand_over([theirs, channel, guard])
            desk = Channel(work)
            results: dict[int, dict] = {}
            tests = {step["at"] for step in plan if "test" in step}
            left = OUTPUT
            encoded = {name: base64.b64encode(content).decode() for name, content in files.items()}
            wish = {"cells": plan, "files": encoded, "limits": self.limits.as_dict()}
            try:
                desk.send(wish)
                while True:
                    said = desk.receive(self.limits.total + 60)
                    if "end" in said:
                        return results, said
                    said["outputs"] = clean_outputs(said["outputs"])
                    left -= sum(len(str(output)) for output in said["outputs"])
                    if left < 0 and said["at"] not in tests:
                        said["outputs"] = [v4.new_output("stream", text=CUT)]
                    results[said["at"]] = said
            except (ChannelClosed, ChannelTimeout, ProtocolError) as error:
                fault = {
                    "code": "judge",
                    "cell": "",
                    "message": f"judging was cut short ({type(error).__name__})",
                }
                return results, {"faults": [fault], "usage": {}}


def judge_notebook(
    solved: NotebookNode,
    submitted: NotebookNode,
    *,
    grader: Grader | None = None,
    files: dict[str, bytes] | None = None,
    **options: Any,
) -> NotebookNode:
    """Judge one notebook; see `Grader.judge`.

    Parameters
    ----------
    solved, submitted : NotebookNode
    grader : Grader, optional
        Give one when there is more than one submission: starting it takes seconds.
    files : dict, optional
        Content by relative path: what else lies in the learner's working folder.
    **options
        For `Grader`, when none is given.
    """
    if grader is not None:
        return grader.judge(solved, submitted, files)
    with Grader(**options) as grader:
        return grader.judge(solved, submitted, files)


class _Bench:
    """The process that judges are forked from, and the socket to it."""

    def __init__(self, data: str | Path | None) -> None:
        self.door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "NBGRADER_EXECUTION": "autograde",
        }
        if data is not None:
            environment["TPMKIT_DATA"] = str(Path(data).resolve())
        with theirs:
            self.process = subprocess.Popen(
                program("judge", theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """End it and every judge forked from it."""
        self.door.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(CLEANING)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class _Judge:
    """A judge and the socket to it."""

    def __init__(self, solved: NotebookNode, folder: str | Path | None, bench: _Bench) -> None:
        self.tests = test_cells(solved)
        self.control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours, theirs = socket.socketpair()
        desk = Channel(ours)
        cells = []
        for number, cell in enumerate(solved.cells):
            if cell.cell_type == "code":
                test = self.tests[cell.metadata.nbgrader.grade_id] if is_test(cell) else None
                test = asdict(test) if test else None
                cells.append({"number": number, "source": cell.source, "test": test})
        note = json.dumps({"folder": str(Path(folder).resolve()) if folder else None})
        try:
            with control, theirs:
                socket.send_fds(bench.door, [note.encode()], [control.fileno(), theirs.fileno()])
            desk.send(cells)
            problems = desk.receive()["problems"]
        except (OSError, ChannelClosed, ProtocolError) as error:
            problems = [f"the judge did not start ({type(error).__name__})"]
        desk.close()
        if problems:
            self.control.close()
            raise JudgeError("The solved notebook cannot be used to grade: " + "; ".join(problems))

    @property
    def alive(self) -> bool:
        return not select.select([self.control], [], [], 0)[0]  # it never writes: only an end shows

    def hand_over(self, ends: list[socket.socket]) -> None:
        socket.send_fds(self.control, [b"{}"], [end.fileno() for end in ends])


def _error(name: str, message: str) -> NotebookNode:
    return v4.new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])


class _Outcome:
    """The machine-readable record of one judged notebook."""

    def __init__(self, end: dict) -> None:
        self.faults, self.usage = list(end["faults"]), end["usage"]
        self.points: dict[str, float] = {}
        self.highest: dict[str, float] = {}
        self.checks: dict[str, list[dict]] = {}
        self.in_sandbox: list[str] = []
        self.seconds: dict[str, float] = {}
        self.wall = 0.0

    @property
    def why(self) -> str:
        return self.faults[-1]["message"] if self.faults else "judging was cut short"

    def add(self, test: Any, cell: NotebookNode, result: dict) -> None:
        from nbgrader.utils import determine_grade

        # a warning costs no points: nbgrader would score any stderr as zero
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        if "score" in result:  # nbgrader reads everything but a number as full marks
            shown = [o for o in cell.outputs if o.output_type == "execute_result"]
            if [o.data.get("text/plain") for o in shown] != [result["score"]]:
                others = [o for o in cell.outputs if o.output_type != "execute_result"]
                sheet = v4.new_output("execute_result", {"text/plain": result["score"]})
                cell.outputs = [*others, sheet]
        try:
            points, _ = determine_grade(cell)
        except ValueError as error:
            cell.outputs = []
            self.faults.append(
                {
                    "code": "points",
                    "cell": test.grade_id,
                    "message": f"its points are void: {error}",
                }
            )
            points = 0.0
        self.points[test.grade_id] = float(points)
        self.highest[test.grade_id] = test.points
        if "checks" in result:
            self.checks[test.grade_id] = result["checks"]
        if result.get("in_sandbox"):
            self.in_sandbox.append(test.grade_id)
        seconds = result.get("seconds")
        self.seconds[test.grade_id] = seconds if isinstance(seconds, (int, float)) else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "points": self.points,
            "max": self.highest,
            "checks": self.checks,
            "faults": self.faults,
            "in_sandbox": self.in_sandbox,
            "seconds": self.seconds,
            "usage": self.usage,
            "wall": self.wall,
        }

"""The warm parent: imports the scientific stack once, then forks a confined child per submission.

Runs inside bubblewrap (`tpmkit.autograde.sandbox` starts it). It never reads anything that a
learner wrote: requests come from the trusted side and hold limits only.

Per submission two processes are made: a *guard*, which watches memory and passes signals on, and
the child, process 1 of its own namespaces, in which the learner's cells run. When the child ends,
everything it started ends with it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

from tpmkit.autograde import isolation
from tpmkit.autograde.child import serve
from tpmkit.autograde.runner import CellRunner
from tpmkit.autograde.wire import Channel

WARM = (
    "scipy.stats", "sklearn.linear_model", "sklearn.model_selection", "sklearn.metrics",
    "sklearn.ensemble", "sklearn.preprocessing", "sklearn.pipeline", "sklearn.compose",
    "sklearn.calibration", "matplotlib.pyplot", "ipywidgets", "tpmkit.data", "tpmkit.checks",
    "concurrent.futures.thread", "unittest.mock",
)  # fmt: skip
UNSAFE = os.environ.get("TPMKIT_UNSAFE", "")
PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Serve fork requests on the socket whose number is the only argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    isolation.hide_from_children()
    _use_font_cache()
    runner = CellRunner()
    for module in WARM:
        try:
            __import__(module)
        except ImportError:
            continue
    runner.use_figures()
    # the first traceback is slow: have it behind us, and no cell counted for it
    runner.shell.run_cell("1 / 0", store_history=False)
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    control.send(b"ready")
    while True:
        message, (*descriptors,), _, _ = socket.recv_fds(control, 1 << 16, 2)
        if not message:
            os._exit(0)
        # no more processes to be had: the sockets close, and the judge records it
        with contextlib.suppress(BlockingIOError):
            if os.fork() == 0:
                control.close()
                _guard(json.loads(message), *descriptors, runner)
        for descriptor in descriptors:
            os.close(descriptor)


def _guard(limits: dict, channel: int, status: int, runner: CellRunner) -> None:
    """Fork the child, then watch over it until it ends or is ended. Never returns."""
    judge = socket.socket(fileno=status)
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if not UNSAFE:
            isolation.leave_namespaces()
        child = os.fork()
        if child == 0:
            judge.close()
            _child(limits, channel, runner)
        os.close(channel)
        watch(child, judge, limits["memory"])
    except BaseException as error:
        judge.send(json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode())
    os._exit(0)


def _child(limits: dict, channel: int, runner: CellRunner) -> None:
    """Confine this process and serve the judge. Never returns."""
    end = Channel(socket.socket(fileno=channel))
    try:
        os.setsid()
        if UNSAFE:
            os.chdir(tempfile.mkdtemp(dir=UNSAFE))
        else:
            isolation.mount_scratch(int(limits["scratch"]))
            os.environ["HOME"] = "/tmp/home"
            isolation.confine(limits)
        end.send({"ready": True})
        serve(end, runner)
    except BaseException as error:
        try:
            end.send({"ready": False, "why": f"{type(error).__name__}: {error}"})
        finally:
            os._exit(70)


def watch(child: int, status: socket.socket, memory: int) -> None:
    """Pass on the judge's signals, end the child over its memory, report how it ended."""
    ended = os.pidfd_open(child)
    report = {"peak": 0}
    while True:
        ready, _, _ = select.select([ended, status], [], [], 0.1)
        if ended in ready:
            break
        if status in ready:
            wish = status.recv(1)
            os.kill(child, signal.SIGINT if wish == b"i" else signal.SIGKILL)
            if wish != b"i":
                break
        used = _memory(child, memory)
        report["peak"] = max(report["peak"], used)
        if used > memory:
            report["over"] = "memory"
            os.kill(child, signal.SIGKILL)
            break
    _, code, usage = os.wait4(child, 0)
    report["code"] = os.waitstatus_to_exitcode(code)
    report["cpu"] = round(usage.ru_utime + usage.ru_stime, 4)
    with contextlib.suppress(OSError):
        status.send(json.dumps(report).encode())


def _memory(root: int, limit: int) -> int:
    """Bytes used by a process and all its descendants; shared pages counted in proportion."""
    family = _descendants(root)
    resident = sum(_resident(pid) for pid in family)
    if resident <= limit:
        return resident
    # resident counts what is still shared with the warm parent once a process: look closer
    return sum(_proportional(pid) for pid in family)


def _descendants(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_bytes()
            except OSError:
                continue
            parent = int(stat[stat.rindex(b")") + 2 :].split()[1])
            parents.setdefault(parent, []).append(int(entry))
    family = [root]
    for pid in family:
        family.extend(parents.get(pid, []))
    return family


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * PAGE
    except OSError:
        return 0


def _proportional(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return _resident(pid)
    return sum(int(line.split()[1]) << 10 for line in text.splitlines() if line[:4] == "Pss:")


def _use_font_cache() -> None:
    """Copy matplotlib's list of fonts, so that no start has to build it."""
    cache = os.environ.get("TPMKIT_FONT_CACHE", "")
    if os.path.isdir(cache):
        shutil.copytree(cache, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)

"""The warm parent: imports the scientific stack once, then forks a confined child per submission.

Runs inside bubblewrap (`tpmkit.autograde.sandbox` starts it). It never reads anything that a
learner wrote: requests come from the trusted side and hold limits only.

The child is process 1 of its own namespaces, so that when it ends everything it started ends with
it. The warm parent watches its children's memory, passes the judge's signals on and reports how
each ended.
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
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tpmkit.autograde import isolation

if TYPE_CHECKING:
    from tpmkit.autograde.runner import CellRunner

WARM = (
    "tpmkit.autograde.child", "tpmkit.data", "tpmkit.checks", "scipy.stats",
    "sklearn.linear_model", "sklearn.model_selection", "sklearn.metrics", "sklearn.ensemble",
    "sklearn.preprocessing", "sklearn.pipeline", "sklearn.compose", "sklearn.calibration",
    "matplotlib.pyplot", "ipywidgets", "concurrent.futures.thread", "unittest.mock",
)  # fmt: skip
UNSAFE = os.environ.get("TPMKIT_UNSAFE", "")
PAGE = os.sysconf("SC_PAGE_SIZE")
STACK = 8 << 20  # what a process's first thread has by default
LOOK = 0.1  # seconds between looks at the memory


def main() -> None:
    """Serve fork requests on the socket whose number is the only argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    if not UNSAFE:
        # before anything is imported that starts a thread: only a lone thread may do this
        isolation.enter_user_namespace()
    isolation.hide_from_children()
    runner = _warm()
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.stack_size(STACK)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    control.send(b"ready")
    wards: list[Ward] = []
    look_at = 0.0
    while True:
        ends = [control, *(end for ward in wards for end in ward.ends)]
        ready, _, _ = select.select(ends, [], [], LOOK if wards else None)
        for ward in wards:
            ward.attend(ready)
        if time.monotonic() >= look_at:
            families = _children()
            for ward in wards:
                ward.weigh(families)
            look_at = time.monotonic() + LOOK
        wards = [ward for ward in wards if ward.ends]
        if control in ready:
            message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 2)
            if not message:
                os._exit(0)
            channel, status = (socket.socket(fileno=descriptor) for descriptor in descriptors)
            wards += _start(json.loads(message), channel, status, runner, [control, *wards])
            channel.close()


def _warm() -> CellRunner:
    """Import what lessons import, and do once what is slow only the first time."""
    from tpmkit.autograde.runner import CellRunner

    _use_font_cache()
    runner = CellRunner()
    for module in WARM:
        with contextlib.suppress(ImportError):
            __import__(module)
    runner.use_figures()
    # the first traceback is slow: have it behind us, and no cell counted for it
    runner.shell.run_cell("1 / 0", store_history=False)
    return runner


class Ward:
    """A child that runs: what it may use, how to end it, how it ended.

    Parameters
    ----------
    pid : int
    status : socket.socket
        The judge's wishes come from it (``b"i"``: interrupt, anything else and its end: kill),
        one report goes to it.
    memory : int
        Bytes for the child and all its descendants.
    """

    def __init__(self, pid: int, status: socket.socket, memory: int) -> None:
        self.pid, self.status, self.memory = pid, status, memory
        self.ended = os.pidfd_open(pid)
        self.ends: list[Any] = [self.ended, status]  # to listen to; none when it is over
        self.report: dict[str, Any] = {"peak": 0}

    def attend(self, ready: list) -> None:
        """Note that it ended, or carry out a wish."""
        if self.ended in ready:
            _, code, usage = os.wait4(self.pid, 0)
            self.report["code"] = os.waitstatus_to_exitcode(code)
            self.report["cpu"] = round(usage.ru_utime + usage.ru_stime, 4)
            with contextlib.suppress(OSError):
                self.status.send(json.dumps(self.report).encode())
            self.close()
        elif self.status in ready:
            wish = b""
            with contextlib.suppress(OSError):
                wish = self.status.recv(1)
            if wish == b"i":
                os.kill(self.pid, signal.SIGINT)
            else:
                self.kill()

    def weigh(self, families: dict[int, list[int]]) -> None:
        """End it if it and its descendants use more memory than they may."""
        if not self.ends:
            return
        family = [self.pid]
        for pid in family:
            family += families.get(pid, [])
        used = sum(map(_resident, family))
        if used > self.memory:
            # that counts what is still shared with this process once a process: look closer
            used = sum(map(_proportional, family))
        self.report["peak"] = max(self.report["peak"], used)
        if used > self.memory:
            self.report["over"] = "memory"
            self.kill()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.ends = [self.ended]

    def close(self) -> None:
        os.close(self.ended)
        self.status.close()
        self.ends = []


def _start(
    limits: dict, channel: socket.socket, status: socket.socket, runner: CellRunner,
    others: Iterable[socket.socket | Ward],
) -> list[Ward]:  # fmt: skip
    """Fork a child and return its ward, or tell the judge why there is none."""

    def child() -> None:
        for end in [*others, status]:
            end.close()
        _child(limits, channel, runner)

    try:
        return [Ward(_fork_apart(child), status, limits["memory"])]
    except OSError as error:
        with contextlib.suppress(OSError):
            status.send(json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode())
        status.close()
        return []


def _fork_apart(child: Callable[[], None]) -> int:
    """Fork a process that is the first of new namespaces; return its id.

    A task can have its children born into a new process namespace only once. Each fork is therefore
    made by a thread of its own, which in the child is the main thread.
    """
    made: list[int | OSError] = []

    def fork() -> None:
        try:
            if not UNSAFE:
                isolation.leave_namespaces()
            pid = os.fork()
        except OSError as error:
            made.append(error)
            return
        if pid == 0:
            child()
        made.append(pid)

    thread = threading.Thread(target=fork, name="MainThread")
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    return made[0]


def _child(limits: dict, channel: socket.socket, runner: CellRunner) -> None:
    """Confine this process and serve the judge. Never returns."""
    from tpmkit.autograde.child import serve
    from tpmkit.autograde.wire import Channel

    end = Channel(channel)
    try:
        os.setsid()
        if UNSAFE:
            os.chdir(tempfile.mkdtemp(dir=UNSAFE))
        else:
            isolation.mount_scratch(int(limits["scratch"]))
            isolation.enter_user_namespace()
            os.environ["HOME"] = "/tmp/home"
            isolation.confine(limits)
        end.send({"ready": True})
        serve(end, runner)
    except BaseException as error:
        try:
            end.send({"ready": False, "why": f"{type(error).__name__}: {error}"})
        finally:
            os._exit(70)


def _children() -> dict[int, list[int]]:
    """The processes in sight by the parent they have."""
    found: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_bytes()
            except OSError:
                continue
            parent = int(stat[stat.rindex(b")") + 2 :].split()[1])
            found.setdefault(parent, []).append(int(entry))
    return found


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

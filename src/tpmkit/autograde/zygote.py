"""The warm parent: imports the scientific stack once, then forks a confined child per submission.

Runs inside bubblewrap (`tpmkit.autograde.sandbox` starts it). It never reads anything that a
learner wrote: requests come from the trusted side and hold limits only.

The child is process 1 of its own namespaces, so that when it ends everything it started ends with
it. A thread of the warm parent, its *guard*, weighs it, passes the judge's signals on and reports
how it ended.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

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
LOOK = 0.1  # seconds between looks at the memory
SOCKET = 212_992  # bytes that wait in a socket at most: the kernel's default, which no child raises


def main() -> None:
    """Serve fork requests on the socket whose number is the only argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    home = None
    if UNSAFE:
        isolation.end_with_parent()
    else:
        # before anything is imported that starts a thread: only a lone thread may do this
        isolation.enter_user_namespace()
        home = isolation.enter_process_namespace()
    isolation.hide_from_children()
    runner = _warm()
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    control.send(b"ready")
    processors = sorted(os.sched_getaffinity(0))
    guards: dict[threading.Thread, int] = {}
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 2)
        if not message:
            os._exit(0)
        limits, (channel, status) = json.loads(message), descriptors
        guards = {thread: at for thread, at in guards.items() if thread.is_alive()}
        taken = list(guards.values())
        fewest = min(map(taken.count, processors))
        # by chance among equals: another grader on this machine does not know of these
        processor = random.choice([p for p in processors if taken.count(p) == fewest])
        child = None
        try:
            child = os.fork() if home is None else isolation.fork_apart(home)
            if child == 0:
                _child(limits, channel, runner, processor)
            thread = threading.Thread(target=_guard, args=(child, status, limits["memory"]))
            thread.start()
            guards[thread] = processor
        except (OSError, RuntimeError) as error:  # no process or no thread to be had
            if child is not None:
                os.kill(child, signal.SIGKILL)
            _tell(status, {"failed": f"{type(error).__name__}: {error}"})
        os.close(channel)


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


def _guard(child: int, status: int, memory: int) -> None:
    """Watch over a child until it ends or is ended, and tell the judge how.

    Descriptors stay numbers here: a socket object that another child inherits could close a number
    that is something else there.
    """
    try:
        report = _watch(child, status, memory)
    except OSError as error:
        report = {"failed": f"{type(error).__name__}: {error}"}
        os.kill(child, signal.SIGKILL)
    _tell(status, report)


def _tell(status: int, report: dict) -> None:
    """Say how a child ended, as the last word."""
    with contextlib.suppress(OSError):
        os.write(status, json.dumps(report).encode())
    os.close(status)


def _watch(child: int, status: int, memory: int) -> dict:
    """Pass on the judge's signals and end the child over its memory; return how it ended."""
    ended = os.pidfd_open(child)
    report = {"peak": 0}
    ends = [ended, status]
    while ended not in (ready := select.select(ends, [], [], LOOK)[0]):
        if status in ready:
            if _read(status) == b"i":
                os.kill(child, signal.SIGINT)
                # from here on the signal is there: it cannot come in the middle of another request
                with contextlib.suppress(OSError):
                    os.write(status, b"i")
                continue
            os.kill(child, signal.SIGKILL)
            ends = [ended]
        used = _memory(child, memory)
        report["peak"] = max(report["peak"], used)
        if used > memory and ends != [ended]:
            report["over"] = "memory"
            os.kill(child, signal.SIGKILL)
            ends = [ended]
    os.close(ended)
    if UNSAFE:  # no namespace ends what it started
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    _, code, usage = os.wait4(child, 0)
    report["code"] = os.waitstatus_to_exitcode(code)
    report["cpu"] = round(usage.ru_utime + usage.ru_stime, 4)
    return report


def _read(status: int) -> bytes:
    try:
        return os.read(status, 1)
    except OSError:
        return b""


def _child(limits: dict, channel: int, runner: CellRunner, processor: int) -> None:
    """Confine this process and serve the judge. Never returns."""
    from tpmkit.autograde.child import serve
    from tpmkit.autograde.wire import Channel

    isolation.close_others(channel)
    end = Channel(socket.socket(fileno=channel))
    try:
        os.setsid()
        if UNSAFE:
            isolation.end_with_parent()
            os.chdir(tempfile.mkdtemp(dir=UNSAFE))
        else:
            # a crowd of processes is a crowd on its own processor, not on its neighbour's
            os.sched_setaffinity(0, {processor})
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


def _memory(child: int, limit: int) -> int:
    """Bytes used by a process and all its descendants; shared pages counted in proportion."""
    families = _children()
    family = [child]
    for pid in family:
        family += families.get(pid, [])
    sockets = 0 if UNSAFE else SOCKET * _sockets(child)
    resident = sockets + sum(map(_resident, family))
    if resident <= limit:
        return resident
    # resident counts what is still shared with the warm parent once a process: look closer
    return sockets + sum(map(_proportional, family))


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


def _weighed(pid: int, *kinds: bytes) -> int:
    """The sum of what a process's status tells of these kinds of memory.

    The first thread of a process may end while others go on. Then it shows nothing, and any of the
    others shows everything.
    """
    try:
        text = Path(f"/proc/{pid}/status").read_bytes()
        if b"VmRSS:" not in text:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError):  # it ended meanwhile; another may not have
                    text = Path(f"/proc/{thread}/status").read_bytes()
                if b"VmRSS:" in text:
                    break
        found = (line.split() for line in text.splitlines() if line.startswith(b"Vm"))
        return sum(int(words[1]) << 10 for words in found if words[0] in kinds)
    except OSError:
        return 0


def _resident(pid: int) -> int:
    return _weighed(pid, b"VmRSS:", b"VmSwap:", b"VmPTE:")


def _sockets(pid: int) -> int:
    """Sockets in a process's network namespace, which is its own."""
    try:
        lines = Path(f"/proc/{pid}/net/protocols").read_text().splitlines()
        return sum(int(line.split()[2]) for line in lines[1:])
    except OSError:
        return 0


def _proportional(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        text = ""
    pss = [int(line.split()[1]) << 10 for line in text.splitlines() if line[:4] == "Pss:"]
    if not pss:
        return _resident(pid)
    # what is swapped out, and the tables of pages, which are no pages of the process
    return pss[0] + _weighed(pid, b"VmSwap:", b"VmPTE:")


def _use_font_cache() -> None:
    """Copy matplotlib's list of fonts, so that no start has to build it."""
    cache = os.environ.get("TPMKIT_FONT_CACHE", "")
    if os.path.isdir(cache):
        shutil.copytree(cache, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)

"""Submissions that are graded at the same time cost each other nothing.

Alone on the machine: other tests beside these would be neighbours too.
"""

from __future__ import annotations

import ast
import json
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from autograde import mini

from tpmkit import data
from tpmkit.autograde import Grader
from tpmkit.autograde.remote import Session, SessionOver
from tpmkit.autograde.wire import Channel

CROWD = """
import os, time
for _ in range(25):
    if os.fork() == 0:
        os.setsid()
        while True: pass
time.sleep(5)
"""
WORK = """
import time
time.sleep(1.5)
start = time.perf_counter()
while time.process_time() < 0.5: pass
print(time.perf_counter() - start)
"""


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(data=data.folder(), limits=mini.LIMITS) as grader:
        yield grader


def together(grader: Grader, *answers: str) -> list[dict]:
    """Outcomes of submissions graded side by side, with what each printed."""
    with ThreadPoolExecutor(len(answers)) as pool:
        notebooks = [mini.answered(share=answer + mini.SHARE) for answer in answers]
        graded = list(pool.map(lambda notebook: grader.judge(mini.solved(), notebook), notebooks))
    return [nb.metadata.tpmkit.outcome | {"printed": mini.printed(nb)} for nb in graded]


def points(outcome: dict) -> tuple[float, list[str]]:
    return sum(outcome["points"].values()), [fault["code"] for fault in outcome["faults"]]


def test_each_has_a_processor_that_the_other_cannot_use(grader):
    look = "import os, time\nprint(os.sched_getaffinity(0))\ntime.sleep(1)\n"
    one, other = (ast.literal_eval(o["printed"]) for o in together(grader, look, look))
    assert len(one) == len(other) == 1
    assert len(one | other) == min(2, len(os.sched_getaffinity(0)))


def test_a_crowd_of_busy_processes_takes_nobody_elses_time(grader):
    (alone,) = together(grader, WORK)
    _, beside = together(grader, CROWD, WORK)
    assert points(beside) == (6, [])
    assert float(beside["printed"]) < 5 * float(alone["printed"])


def test_each_has_terminals_of_its_own(grader):
    look = (
        "import os, pty, time\nends = pty.openpty()\ntime.sleep(1)\nprint(os.listdir('/dev/pts'))\n"
    )
    for outcome in together(grader, look, look):
        assert sorted(ast.literal_eval(outcome["printed"])) == ["0", "ptmx"]
        assert points(outcome) == (6, [])


def test_memory_that_processes_share_counts_once(grader):
    workers = """
import os, time
import numpy as np
table = np.ones(20_000_000)
for _ in range(10):
    if os.fork() == 0:
        table.sum(); time.sleep(2); os._exit(0)
time.sleep(2)
"""
    (outcome,) = together(grader, workers)
    assert points(outcome) == (6, [])
    assert outcome["usage"]["peak"] < mini.LIMITS.memory


HIDING = {
    "in a thread that outlives the first": """
import ctypes, mmap, os, threading, time
if os.fork() == 0:
    def hold():
        time.sleep(0.3)
        kept = mmap.mmap(-1, 1000 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        for at in range(0, len(kept), 4096): kept[at] = 1
        time.sleep(30)
    threading.Thread(target=hold).start()
    ctypes.CDLL(None).syscall(60, 0)
time.sleep(5)
""",
    "in tables of pages": """
import ctypes, os, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
for _ in range(4):
    if os.fork() == 0:
        for n in range(1, 30_000):
            at = libc.mmap((1 << 40) + (n << 30), 4096, 1, 0x100022, -1, 0)
            if at and at != 2**64 - 1: ctypes.c_char.from_address(at).value
        time.sleep(30)
time.sleep(5)
""",
}


@pytest.mark.parametrize("place", HIDING)
def test_memory_cannot_be_hidden(grader, place):
    (outcome,) = together(grader, HIDING[place])
    assert points(outcome) == (0, ["memory"])


def test_what_the_kernel_counts_by_user_is_limited_by_submission(grader):
    hoard = """
import ctypes, os, time
libc = ctypes.CDLL(None)
def many(action):
    made = []
    try:
        while len(made) < 200: made.append(action())
    except OSError: pass
    for end in made if action is watch else sum(made, ()): os.close(end)
    return len(made)
def watch():
    if (found := libc.inotify_init()) < 0: raise OSError
    return found
print((many(os.openpty), many(watch)))
time.sleep(1)
"""
    for outcome in together(grader, hoard, hoard):
        assert ast.literal_eval(outcome["printed"]) == (32, 16)


def test_what_waits_in_sockets_counts_as_memory(grader):
    hoard = """
import os, socket, time
for _ in range(25):
    if os.fork() == 0:
        kept = [socket.socketpair() for _ in range(100)]
        for pair in kept:
            for end in pair:
                end.setblocking(False)
                try:
                    while True: end.send(bytes(50_000))
                except BlockingIOError: pass
        time.sleep(30)
time.sleep(5)
"""
    (outcome,) = together(grader, hoard)
    assert points(outcome) == (0, ["memory"])


def test_an_interrupt_has_arrived_before_the_next_request_is_sent():
    channel, child = socket.socketpair()
    guard, watcher = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    session = Session(channel, guard, mini.LIMITS.as_dict())
    log = []

    def serve():
        end = Channel(child)
        first = end.receive()
        assert watcher.recv(10) == b"i"
        end.send({"id": first["id"], "value": 1})  # ready just as it is to be interrupted
        time.sleep(0.3)
        log.append("interrupted")
        watcher.send(b"i")
        second = end.receive()
        log.append("asked again")
        end.send({"id": second["id"], "value": 2})
        watcher.send(json.dumps({"peak": 7, "code": -9}).encode())

    thread = threading.Thread(target=serve)
    thread.start()
    assert session.request({"do": "call"}, 0.1)["late"]
    assert session.request({"do": "call"}, 10) == {"id": 2, "value": 2, "late": False}
    session.finish()
    thread.join()
    assert log == ["interrupted", "asked again"]
    assert session.usage["peak"] == 7
    child.close()
    watcher.close()


def test_how_a_child_ended_is_heard_also_when_the_last_wish_was_not():
    channel, child = socket.socketpair()
    guard, watcher = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    session = Session(channel, guard, mini.LIMITS.as_dict())

    def end() -> None:
        select.select([watcher], [], [], 10)
        watcher.send(json.dumps({"peak": 7, "code": 5}).encode())
        watcher.close()

    thread = threading.Thread(target=end)
    thread.start()
    child.close()
    with pytest.raises(SessionOver, match=r"ended itself \(exit code 5\)"):
        session.request({"do": "call"}, 10)
    thread.join()
    assert [fault["code"] for fault in session.faults] == ["exit"]
    channel.close()
    guard.close()

"""What a submission finds when it looks for a way out, as root and as an ordinary user."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from autograde import mini

from tpmkit import data
from tpmkit.autograde import Grader, SandboxError, sandbox, wire

LOOK = r"""
import ctypes, glob, mmap, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
zero = os.open("/dev/zero", os.O_RDWR)
def tried(action):
    try: return repr(action())
    except BaseException as error: return type(error).__name__
def call(number, *args):
    return (libc.syscall(number, *args) < 0) and os.strerror(ctypes.get_errno())
seen = {
    "user": os.getuid(),
    "processes": sorted(int(p) for p in os.listdir("/proc") if p.isdigit()),
    "capabilities": [l.split()[1] for l in open("/proc/self/status") if l.startswith("Cap")],
    "namespace": call(272, 0x10000000), "mount": call(165, b"none", b"/tmp", b"tmpfs", 0, None),
    "ptrace": call(101, 0, 0, 0, 0), "memfd": call(319, b"x", 0), "keys": call(250, 0, -3, 0),
    "system": tried(lambda: open("/usr/x", "w")),
    "packages": tried(lambda: open(sys.prefix + "/x", "w")),
    "data": tried(lambda: open(os.environ["TPMKIT_DATA"] + "/x", "w")),
    "root": tried(lambda: open("/x", "w")), "devices": tried(lambda: open("/dev/x", "w")),
    "network": tried(lambda: socket.create_connection(("192.0.2.1", 80), 1)),
    "names": tried(lambda: socket.getaddrinfo("example.org", 80)),
    "kinds of socket": [tried(lambda: socket.socket(k, 1)) for k in (16, 17, 38, 40)],
    "larger buffers": [tried(lambda: socket.socketpair()[0].setsockopt(1, k, 1 << 20))
                       for k in (7, 8)],
    "shared memory": [tried(lambda: mmap.mmap(-1, 4096)), tried(lambda: mmap.mmap(zero, 4096)),
                      tried(lambda: mmap.mmap(-1, 1 << 21, 0x40022))],
    "gifts to a pipe": call(278, 1, 0, 0, 0), "requests": call(206, 1, 0),
    "processors": (len(os.sched_getaffinity(0)), tried(lambda: os.sched_setaffinity(0, {0, 1}))),
    "scheduling": tried(lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))),
    "terminals": os.listdir("/dev/pts"),
    "descriptors": sorted(os.path.basename(os.readlink(f))[:6]
                          for f in glob.glob("/proc/self/fd/*")
                          if os.path.islink(f) and not f.endswith(f"/{zero}")),
    "course": [d for d in ("/home", "/etc/shadow", "/var", "/mnt", "/opt") if os.path.exists(d)],
    "home": os.listdir(os.environ["HOME"]), "work": os.listdir("."),
}
def share(a, b): raise ValueError(repr(seen))
"""
EXPECTED = {
    "user": 1000, "processes": [1], "capabilities": ["0000000000000000"] * 5,
    "namespace": "Operation not permitted", "mount": "Operation not permitted",
    "ptrace": "Operation not permitted", "memfd": "Operation not permitted",
    "keys": "Operation not permitted", "system": "OSError", "packages": "OSError",
    "data": "OSError", "root": "OSError", "devices": "OSError", "network": "OSError",
    "names": "gaierror", "kinds of socket": ["PermissionError"] * 4,
    "larger buffers": ["PermissionError"] * 2,
    "shared memory": ["PermissionError", "OSError", "PermissionError"],
    "gifts to a pipe": "Operation not permitted", "requests": "Operation not permitted",
    "processors": (1, "PermissionError"), "scheduling": "PermissionError", "terminals": ["ptmx"],
    "descriptors": ["null", "null", "null", "socket"], "course": [], "home": [], "work": [],
}  # fmt: skip


def looked(outcome) -> dict:
    """What LOOK saw: printed by the answer cell, because a check shows only a beginning."""
    return ast.literal_eval(outcome)


def test_a_submission_finds_itself_alone_and_powerless(quick_grader):
    graded = quick_grader.judge(mini.solved(), mini.answered(share=LOOK + "print(repr(seen))"))
    assert looked(mini.printed(graded)) == EXPECTED


ORDINARY = """
import sys
sys.path.insert(0, sys.argv[1])
from autograde import mini, test_walls
from tpmkit import data
from tpmkit.autograde import Grader
with Grader(data=data.folder(), limits=mini.LIMITS) as grader:
    graded = grader.judge(mini.solved(), mini.answered(share=test_walls.LOOK + "print(repr(seen))"))
print(mini.printed(graded), end="")
"""


def test_the_walls_stand_for_an_ordinary_user_too(tmp_path):
    command = mini.as_ordinary_user(
        [sys.executable, "-c", ORDINARY, str(Path(__file__).parents[1])]
    )
    environment = os.environ | {
        "HOME": "/tmp", "TPMKIT_DATA": str(data.folder()), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/")
    assert done.returncode == 0, done.stderr
    assert looked(done.stdout) == EXPECTED


BELOW_TMP = """
import os
from pathlib import Path
data = Path(os.environ["TPMKIT_DATA"])
def tried(action):
    try: return action()
    except OSError as error: return type(error).__name__
seen = {
    "data": (data / "table.csv").read_text(),
    "write": tried(lambda: (data / "table.csv").write_text("x")),
    "beside": sorted(path.name for path in data.parent.iterdir()),
    "tmp": sorted(path.name for path in Path("/tmp").iterdir()),
    "own": tried(lambda: Path("/tmp/own").write_text("mine")),
}
def share(a, b): return a / b if b else 0.0
print(repr(seen))
"""


def test_data_below_tmp_is_seen_and_nothing_else_there():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        course_data = Path(folder, "data")
        course_data.mkdir(mode=0o755)
        (course_data / "table.csv").write_text("a,b")
        Path(folder, "secret.txt").write_text("secret")
        with Grader(data=course_data, limits=mini.LIMITS) as grader:
            graded = grader.judge(mini.solved(), mini.answered(share=BELOW_TMP))
        assert (course_data / "table.csv").read_text() == "a,b"
    assert sum(graded.metadata.tpmkit.outcome["points"].values()) == 6
    # the environment and this checkout may lie below /tmp as well
    shown = [course_data, Path(sys.prefix), Path(sandbox.__file__)]
    below = {path.parts[2] for path in shown if path.is_relative_to("/tmp")}
    assert looked(mini.printed(graded)) == {
        "data": "a,b", "write": "OSError", "beside": ["data"],
        "tmp": sorted({".shm", "home", "work", *below}), "own": 4,
    }  # fmt: skip


@pytest.mark.parametrize("unsafe", [False, True])
def test_elsewhere_than_on_linux_one_sentence_says_so(monkeypatch, unsafe):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxError, match="Grading needs Linux: "):
        Grader(data=data.folder(), unsafe=unsafe)


LOWERED = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from autograde import mini
from tpmkit import data
from tpmkit.autograde import Grader
for what, value in (("CPU", 60), ("NOFILE", 200), ("FSIZE", 8 << 20)):
    resource.setrlimit(getattr(resource, "RLIMIT_" + what), (value, value))
with Grader(data=data.folder(), limits=mini.LIMITS) as grader:
    print(grader.judge(mini.solved(), mini.answered()).metadata.tpmkit.outcome["points"])
"""


def test_where_less_may_be_used_than_a_submission_may_less_is_the_limit():
    command = [sys.executable, "-c", LOWERED, str(Path(__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == {"test_share": 4, "test_cheapest": 2}


def test_unsafe_grading_leaves_no_folder_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Grader(data=data.folder(), limits=mini.LIMITS, unsafe=True) as grader:
        grader.judge(mini.solved(), mini.answered(share="open('left', 'w')\n" + mini.SHARE))
    assert list(tmp_path.iterdir()) == []


SLOW = ("sh", "-c", 'sleep 2; exec "$@"', "sh")


def test_a_sandbox_that_starts_late_is_waited_for(monkeypatch):
    monkeypatch.setattr(sandbox, "program", lambda *what: [*SLOW, *wire.program(*what)])
    with Grader(data=data.folder(), limits=mini.LIMITS) as grader:
        outcome = grader.judge(mini.solved(), mini.answered()).metadata.tpmkit.outcome
    assert (sum(outcome["points"].values()), outcome["faults"]) == (6, [])


def test_a_sandbox_that_never_starts_is_reported_and_the_next_try_may_succeed(monkeypatch):
    with monkeypatch.context() as hung:
        hung.setattr(sandbox, "program", lambda *what: ["sleep", "600"])
        hung.setattr(sandbox, "WARM_SECONDS", 0.5)
        grader = Grader(data=data.folder(), limits=mini.LIMITS)
        with pytest.raises(SandboxError, match=r"does not start \(not ready after 0.5 s\)"):
            grader.judge(mini.solved(), mini.answered())
    with grader:
        outcome = grader.judge(mini.solved(), mini.answered()).metadata.tpmkit.outcome
    assert (sum(outcome["points"].values()), outcome["faults"]) == (6, [])


FORGE = """
import glob, json, os, struct, threading, time
(channel,) = [int(f.rsplit("/", 1)[1]) for f in glob.glob("/proc/self/fd/*")
              if os.path.islink(f) and os.readlink(f).startswith("socket")]
def say(body, length=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    os.write(channel, struct.pack("!I", len(body) if length is None else length) + body)
def share(part, whole):
    FORGERY
    return 0.5
"""
FORGERIES = {
    "an answer ahead of the question": 'say({"id": 99, "value": 0.25})',
    "two answers to one question": 'for n in range(1, 60): say({"id": n, "value": 0.375})',
    "an answer that is no message": 'say(b"[[[")',
    "an object that repeats a key": 'say(b\'{"id": 6, "id": 7, "value": 1}\')',
    "a message without end": "say(b'', 2**31)",
    "nesting without end": 'say(b"[" * 200_000 + b"]" * 200_000)',
    "a number of a million digits": 'say(b"1" * 1_000_000)',
    "silence": "os.close(channel)",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_message_ends_the_submission_and_earns_nothing(quick_grader, name):
    answer = FORGE.replace("FORGERY", FORGERIES[name])
    graded = quick_grader.judge(mini.solved(), mini.answered(share=answer))
    outcome = graded.metadata.tpmkit.outcome
    assert outcome["points"]["test_share"] == 0
    assert {fault["code"] for fault in outcome["faults"]} & {"protocol", "time", "exit", "killed"}
    fine = quick_grader.judge(mini.solved(), mini.answered()).metadata.tpmkit.outcome
    assert sum(fine["points"].values()) == 6


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        ("def share(a, b):\n    import itertools\n    return itertools.count()", "count"),
        ("def share(a, b): return (i for i in iter(int, 1))", "iterator"),
        ("def share(a, b):\n    x = []\n    x.append(x)\n    return x", "nested deeper"),
        ("def share(a, b): return bytes(60 << 20)", "limit"),
        (
            "class P:\n    def __reduce__(self): return (print, ())\ndef share(a, b): return P()",
            "P",
        ),
        ("class C:\n    __class__ = float\ndef share(a, b): return C()", ""),
        ("def share(a, b): return 10 ** 100_000", ""),
        ("share = property(lambda self: 0.25)", ""),
    ],
)
def test_an_answer_that_is_no_plain_value_earns_nothing_and_says_why(quick_grader, answer, seen):
    graded = quick_grader.judge(mini.solved(), mini.answered(share=answer))
    outcome = graded.metadata.tpmkit.outcome
    assert outcome["points"] == {"test_share": 0, "test_cheapest": 2}
    assert seen in outcome["checks"]["test_share"][0]["seen"]

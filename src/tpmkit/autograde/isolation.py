"""The thin inner wall: what a forked child does to itself before it runs a learner's code.

bubblewrap stands around the warm parent and keeps host, answers and network out of reach. Here
one submission is kept from the next: its own user, pid, mount, network and IPC namespaces, its
own scratch file system with a size limit, no capabilities, resource limits and a system-call
filter. Linux only.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import platform
import resource
import signal
import socket
import struct
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = [
    "Limits", "close_others", "confine", "end_with_parent", "enter_process_namespace",
    "enter_user_namespace", "fork_apart", "hide_from_children", "lower_limit", "mount_scratch",
]  # fmt: skip

libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC = 2, 4, 8, 4096, 16384
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
MAP_HUGETLB = 0x40000
SHARED_AND_NAMELESS = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS
LAST_CAPABILITY = 40

WORK = "/tmp/work"

# System calls that no notebook needs: memory outside every limit, tracing, new namespaces, other
# processors or priorities, and the parts of the kernel where escapes are usually found. And those
# that are refused for some arguments (see `_filter_system_calls`). Numbers by machine.
DENIED = {
    "x86_64": (
        0xC000003E,
        {
            "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "unshare": 272,
            "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
            "shmget": 29, "msgget": 68, "semget": 64, "memfd_create": 319, "memfd_secret": 447,
            "keyctl": 250, "add_key": 248, "request_key": 249, "bpf": 321, "perf_event_open": 298,
            "userfaultfd": 323, "io_uring_setup": 425, "kcmp": 312, "kexec_load": 246,
            "open_by_handle_at": 304, "mount_setattr": 442, "fsopen": 430, "open_tree": 428,
            "vmsplice": 278, "io_setup": 206, "sched_setaffinity": 203, "sched_setattr": 314,
            "sched_setscheduler": 144, "sched_setparam": 142,
        },
        {"mmap": 9, "socket": 41, "socketpair": 53, "setsockopt": 54},
    ),
    "aarch64": (
        0xC00000B7,
        {
            "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "unshare": 97,
            "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51,
            "shmget": 194, "msgget": 186, "semget": 190, "memfd_create": 279, "memfd_secret": 447,
            "keyctl": 219, "add_key": 217, "request_key": 218, "bpf": 280, "perf_event_open": 241,
            "userfaultfd": 282, "io_uring_setup": 425, "kcmp": 272, "kexec_load": 104,
            "open_by_handle_at": 265, "mount_setattr": 442, "fsopen": 430, "open_tree": 428,
            "vmsplice": 75, "io_setup": 0, "sched_setaffinity": 122, "sched_setattr": 274,
            "sched_setscheduler": 119, "sched_setparam": 118,
        },
        {"mmap": 222, "socket": 198, "socketpair": 199, "setsockopt": 208},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Parameters
    ----------
    cell : float
        Seconds for one learner cell.
    call : float
        Seconds for one call that a test makes into learner code.
    total : float
        Seconds for the whole submission.
    memory : int
        Bytes of memory, over all processes of the submission.
    scratch : int
        Bytes of files in /tmp, home and the working folder together.
    processes : int
        Processes and threads.
    """

    cell: float = 30
    call: float = 10
    total: float = 180
    memory: int = 2 << 30
    scratch: int = 128 << 20
    processes: int = 64

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def close_others(*kept: int) -> None:
    """Close every descriptor but these and the standard three."""
    for number in map(int, os.listdir("/proc/self/fd")):
        if number > 2 and number not in kept:
            with contextlib.suppress(OSError):  # the one that listed them
                os.close(number)


def hide_from_children() -> None:
    """Make this process unreadable and untraceable for others of the same user."""
    _prctl(PR_SET_DUMPABLE, 0)


def enter_user_namespace() -> None:
    """Enter a user namespace of one's own, with every capability in it and none outside.

    Afterwards others of the same user may read this process: see `hide_from_children`.
    """
    uid, gid = os.getuid(), os.getgid()
    _check(libc.unshare(CLONE_NEWUSER))
    _prctl(PR_SET_DUMPABLE, 1)  # otherwise these files belong to root
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def enter_process_namespace() -> int:
    """Go on as process 1 of a process namespace of one's own, in a fork.

    The process that called this waits for the fork and ends with it, and the fork with it. Returns
    a descriptor of the namespace, for `fork_apart`.
    """
    _check(libc.unshare(CLONE_NEWPID | CLONE_NEWNS))
    end_with_parent()
    child = os.fork()
    if child:
        close_others()  # whoever talks to the fork hears when it ends
        _, code = os.waitpid(child, 0)
        os._exit(abs(os.waitstatus_to_exitcode(code)))
    end_with_parent()
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV)
    return os.open("/proc/self/ns/pid", os.O_RDONLY)


def fork_apart(home: int) -> int:
    """Fork a process that is the first of new namespaces; return its id, and in it 0.

    As long as a thread's forks are born into another process namespace it can start no thread and
    enter no third one, so it goes back `home`. (It could instead be a thread that is used once, but
    in Python 3.13 no signal arrives in what another thread than the main one has forked.)
    """
    _check(libc.unshare(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS))
    child = None
    try:
        child = os.fork()
        return child
    finally:
        if child != 0:
            _check(libc.setns(home, CLONE_NEWPID))


def mount_scratch(size: int) -> None:
    """Give this process its own /proc and one scratch file system of `size` bytes.

    What the sandbox shows below /tmp (a course or an environment that lies there) stays in sight.
    """
    _check(libc.unshare(CLONE_NEWNS))
    below = [path for path in os.environ.pop("TPMKIT_BELOW_TMP", "").split(os.pathsep) if path]
    kept = {path: os.open(path, os.O_PATH) for path in below}
    flags = MS_NOSUID | MS_NODEV
    _prctl(PR_SET_DUMPABLE, 1)
    _mount("proc", "/proc", "proc", flags)
    _mount("tmpfs", "/tmp", "tmpfs", flags, f"size={size},mode=755,nr_inodes=20000")
    for path, handle in kept.items():
        os.makedirs(path)
        _mount(f"/proc/self/fd/{handle}", path, None, MS_BIND | MS_REC)
        os.close(handle)
    for folder in (WORK, "/tmp/home", "/tmp/.shm"):
        os.mkdir(folder)
    # joblib needs /dev/shm; there it would be outside the size limit
    _mount("/tmp/.shm", "/dev/shm", None, MS_BIND)
    # terminals of its own: those of the warm parent would be seen by every child
    _mount(
        "devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,max=32"
    )
    os.chdir(WORK)


def confine(limits: dict) -> None:
    """Give up every privilege and set the resource limits. There is no way back."""
    # no namespaces within: the number left to create is nil
    for kind in ("user", "pid", "mnt", "net"):
        Path(f"/proc/sys/user/max_{kind}_namespaces").write_text("0")
    # what the kernel otherwise counts over everybody of the same user id
    for kind in ("inotify_instances", "fanotify_groups"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"/proc/sys/user/max_{kind}").write_text("16")
    for what, value in (
        (resource.RLIMIT_AS, max(4 << 30, 2 * limits["memory"])),
        (resource.RLIMIT_FSIZE, limits["scratch"]),
        (resource.RLIMIT_CPU, int(limits["total"]) + 30),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 1),  # 0 would still start a program that collects cores
        (resource.RLIMIT_SIGPENDING, 256),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        lower_limit(what, value)
    for capability in range(LAST_CAPABILITY + 1):
        _prctl(PR_CAPBSET_DROP, capability)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    header, empty = struct.pack("Ii", 0x20080522, 0), bytes(24)
    _check(libc.capset(header, empty))
    _filter_system_calls()


def lower_limit(what: int, value: float) -> None:
    """Set a resource limit, or leave it where whoever started this set it lower."""
    _, hard = resource.getrlimit(what)
    value = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
    resource.setrlimit(what, (value, value))


def end_with_parent() -> None:
    """Have this process killed when the thread that made it ends.

    Forgotten when a process gains capabilities, as it does in a user namespace of its own.
    """
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _filter_system_calls() -> None:
    if platform.machine() not in DENIED:
        return
    lines = _filter(*DENIED[platform.machine()])
    program = b"".join(struct.pack("HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(program)
    header = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(buffer))
    _check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0))


def _filter(
    audit_arch: int, denied: dict[str, int], some: dict[str, int]
) -> list[tuple[int, int, int, int]]:
    """The filter for the kernel's packet machine: operation, skip if true, if false, operand."""
    number, machine, arguments = 0, 4, (16, 24, 32, 40)  # places in what the kernel hands over
    load, equal, at_least, any_bit, keep_bits, answer = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
    allow = (answer, 0, 0, 0x7FFF0000)
    refuse = (answer, 0, 0, 0x00050001)  # with EPERM
    kill = (answer, 0, 0, 0x80000000)
    lines = [(load, 0, 0, machine), (equal, 1, 0, audit_arch), kill, (load, 0, 0, number)]

    def rule(call: int, *answers: tuple[int, int, int, int]) -> None:
        lines.extend([(equal, 0, len(answers), call), *answers])

    # numbers above this one are another calling convention (x32) on the same machine
    lines += [(at_least, 0, 1, 0x40000000), refuse]
    for call in denied.values():
        rule(call, refuse)
    # shared memory without a name stays when the pages of the process that made it are gone
    rule(
        some["mmap"],
        (load, 0, 0, arguments[3]), (any_bit, 3, 0, MAP_HUGETLB),
        (keep_bits, 0, 0, SHARED_AND_NAMELESS), (equal, 1, 0, SHARED_AND_NAMELESS), allow, refuse,
    )  # fmt: skip
    # other kinds reach around the network namespace (vsock) or deep into the kernel (netlink)
    for call in (some["socket"], some["socketpair"]):
        rule(
            call,
            (load, 0, 0, arguments[0]), (equal, 3, 0, socket.AF_UNIX),
            (equal, 2, 0, socket.AF_INET), (equal, 1, 0, socket.AF_INET6), refuse, allow,
        )  # fmt: skip
    # what waits in a socket is memory that is in no process: not more of it than by default
    rule(
        some["setsockopt"],
        (load, 0, 0, arguments[1]), (equal, 0, 3, socket.SOL_SOCKET), (load, 0, 0, arguments[2]),
        (equal, 2, 0, socket.SO_SNDBUF), (equal, 1, 0, socket.SO_RCVBUF), allow, refuse,
    )  # fmt: skip
    return [*lines, allow]


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    _check(
        libc.mount(
            source.encode(), target.encode(), kind.encode() if kind else None,
            flags, data.encode() or None,
        )
    )  # fmt: skip


def _prctl(option: int, value: int) -> None:
    _check(libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0))


def _check(returned: int) -> None:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

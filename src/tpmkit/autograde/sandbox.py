"""Start the warm parent inside bubblewrap and ask it for children. Trusted side, Linux only."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tpmkit
from tpmkit.autograde.isolation import Limits
from tpmkit.autograde.wire import pass_descriptors, program
from tpmkit.errors import TpmkitError

__all__ = ["Sandbox", "SandboxError"]

NOBODY = 61_184  # a user id of its own, so that limits hold and files of nobody are not ours
WARM_SECONDS = 300  # a busy machine: minutes pass, and nothing is wrong


class SandboxError(TpmkitError):
    """Submissions cannot be run safely here. The message is one sentence with the next step."""


class Sandbox:
    """A warm parent behind bubblewrap that forks one confined child per submission.

    It imports while the judge does; whether it came up shows when the first child is asked for.

    Parameters
    ----------
    data : path, optional
        A folder that every submission may read (the course's data sets).
    limits : Limits, optional
        What one submission may use.
    unsafe : bool, default False
        Run without bubblewrap where it cannot be had: submissions then run with your rights.

    Raises
    ------
    SandboxError
        If bubblewrap or the kernel cannot give the sandbox, and `unsafe` is not asked for.
    """

    def __init__(
        self, data: str | Path | None = None, limits: Limits | None = None, unsafe: bool = False
    ) -> None:
        self.data = Path(data).resolve() if data is not None else None
        self.limits = limits or Limits()
        self.unsafe = unsafe
        self._process: subprocess.Popen | None = None
        self._scratch: str | None = None
        # bubblewrap ends with the thread that starts it: one that lives as long as this process
        self._starter = ThreadPoolExecutor(1, "sandbox")
        self._lock = threading.Lock()
        self._ready = False
        self._start()

    def _start(self) -> None:
        if not sys.platform.startswith("linux"):
            raise SandboxError("Grading needs Linux: run tpmkit grade on a Linux machine.")
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = program("zygote", theirs.fileno())
        self._ready = False
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115
        with theirs:
            self._process = self._starter.submit(
                subprocess.Popen,
                self._unconfined(command) if self.unsafe else self._confined(command),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                start_new_session=True,
            ).result()

    def _await(self) -> None:
        """Wait until the warm parent has imported what it needs."""
        self.control.settimeout(WARM_SECONDS)
        said, why = b"", "no message"
        try:
            said = self.control.recv(100)
        except TimeoutError:
            why = f"not ready after {WARM_SECONDS:g} s"
        except ConnectionError:
            pass
        if said != b"ready":
            self._complaints.seek(0)
            lines = self._complaints.read().decode(errors="replace").strip().splitlines()
            self.close()
            raise SandboxError(
                f"The sandbox does not start ({lines[-1] if lines else why}): see"
                " docs/grading-security.md, or grade with --unsafe, which runs submissions"
                " with your own rights."
            )
        self._complaints.close()
        self.control.settimeout(None)
        self._ready = True

    def child(self) -> tuple[socket.socket, socket.socket]:
        """Fork a child; return the trusted ends of its channel and of its guard's socket."""
        ours, theirs = socket.socketpair()
        guard, theirs_guard = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with self._lock, theirs, theirs_guard:
            if self._process is None or (self._ready and self._process.poll() is not None):
                self._start()
            if not self._ready:
                self._await()
            try:
                pass_descriptors(self.control, self.limits.as_dict(), [theirs, theirs_guard])
            except OSError:
                self.close()
                self._start()
                self._await()
                pass_descriptors(self.control, self.limits.as_dict(), [theirs, theirs_guard])
        return ours, guard

    def close(self) -> None:
        """End the warm parent and every child it still has."""
        self.control.close()
        self._complaints.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _environment(self) -> dict[str, str]:
        made = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": "/tmp",
            "LANG": "C.UTF-8",
            "TMPDIR": "/tmp",
            "IPYTHONDIR": "/tmp/ipython",
            "MPLCONFIGDIR": "/tmp/matplotlib",
            "TPMKIT_FONT_CACHE": str(_matplotlib_cache()),
            "NBGRADER_EXECUTION": "autograde",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if self.data is not None:
            made["TPMKIT_DATA"] = str(self.data)
        return made

    def _confined(self, command: list[str]) -> list[str]:
        bwrap = shutil.which("bwrap")
        if bwrap is None:
            raise SandboxError(
                "Sandboxed grading needs bubblewrap (for instance: apt-get install bubblewrap):"
                " install it, or grade with --unsafe, which runs submissions with your own rights."
            )
        environment = self._environment()
        folders = [Path(p) for p in ("/usr", sys.prefix, sys.base_prefix)]
        folders += [Path(tpmkit.__file__).parent]
        folders += [self.data] if self.data is not None else []
        files = [Path(p) for p in ("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime")]
        files += [Path(environment["TPMKIT_FONT_CACHE"])]
        # course.yaml and answers live beside the package, never in a folder named here
        # /tmp first: a course or an environment may lie below it
        system = ["--size", str(256 << 20), "--tmpfs", "/tmp"]
        for path in dict.fromkeys(folders + [f for f in files if f.exists()]):
            for parent in reversed(path.parents[:-1]):
                system += ["--dir", str(parent)]
            system += ["--ro-bind", str(path), str(path)]
        for link in ("bin", "lib", "lib64", "sbin"):
            if Path("/", link).is_symlink():
                system += ["--symlink", os.readlink(f"/{link}"), f"/{link}"]
            elif Path("/", link).exists():
                system += ["--ro-bind", f"/{link}", f"/{link}"]
        inner = [
            bwrap, "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000",
            # when the warm parent ends, its whole process namespace does
            "--die-with-parent", "--as-pid-1",
            "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox",
            *system, "--proc", "/proc", "--dev", "/dev",
            # shared memory without a name can be made of it
            "--dev-bind", "/dev/null", "/dev/zero", "--remount-ro", "/dev",
            # joblib looks for it once, when the warm parent imports it; children get their own
            "--perms", "1777", "--size", str(16 << 20), "--tmpfs", "/dev/shm",
            "--remount-ro", "/", "--chdir", "/tmp", "--clearenv",
        ]  # fmt: skip
        environment["TPMKIT_BELOW_TMP"] = os.pathsep.join(
            str(path) for path in dict.fromkeys(folders) if path.is_relative_to("/tmp")
        )
        for name, value in environment.items():
            inner += ["--setenv", name, value]
        if os.geteuid() != 0:
            return [*inner, *command]
        # root would keep root's file rights and escape the limit on processes: become nobody
        # first, in a file system where everything the sandbox needs can be reached by anyone. The
        # process namespace is there because a death among root's processes is no reason to end
        # for those of nobody: as process 1 of it, one of root's takes them along
        return [
            bwrap, "--unshare-pid", "--die-with-parent", *system, "--bind", "/proc", "/proc",
            "--dev-bind", "/dev", "/dev",
            "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
            *inner, *command,
        ]  # fmt: skip

    def _unconfined(self, command: list[str]) -> list[str]:
        self._scratch = scratch = tempfile.mkdtemp(prefix="tpmkit-unsafe-")
        environment = self._environment() | {
            "HOME": scratch,
            "TMPDIR": scratch,
            "IPYTHONDIR": f"{scratch}/ipython",
            "MPLCONFIGDIR": f"{scratch}/matplotlib",
            "TPMKIT_UNSAFE": scratch,
        }
        return ["env", "-i", *(f"{k}={v}" for k, v in environment.items()), *command]


def _matplotlib_cache() -> Path:
    """Where matplotlib keeps its list of fonts; importing it to ask takes longer than a look."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("MPLCONFIGDIR") or Path(base, "matplotlib"))

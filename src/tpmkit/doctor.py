"""What works on this machine, and the remedy for what does not."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tpmkit import data
from tpmkit.authoring.workspace import BUNDLE, Course
from tpmkit.bootstrap import SUPPORTED, version_of
from tpmkit.errors import TpmkitError

LEARNER, INSTRUCTOR, AUTHOR = "learner", "instructor", "author"
MEMORY_NEEDED = 1e9
DISK_NEEDED = 0.3e9
KERNEL_SECONDS = 60


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    who : str
        Who needs it: a learner, an instructor (to grade) or an author (to run the tests).
    name, seen : str
        What was looked at, and what was found.
    remedy : str
        What to do about it; empty when it works.
    """

    who: str
    name: str
    seen: str
    remedy: str = ""


def examine(course: Course, workspace: Path) -> Iterator[Finding]:
    """Look at everything the course rests on, one finding at a time."""
    yield python()
    yield from packages(course)
    yield kernel(course)
    yield from tables(workspace if workspace.is_dir() else course.material)
    yield place(workspace)
    yield memory()
    yield sandbox()
    yield chromium()


def doctor(workspace: Path | None = None, say: Callable[[str], object] = print) -> int:
    """Examine this machine and say what was found.

    Parameters
    ----------
    workspace : Path, optional
        The learner's folder; default: ``workspace/`` in the course.
    say : callable
        Takes each line.

    Returns
    -------
    int
        1 when something that a learner needs does not work, else 0.
    """
    course = Course.find()
    broken = 0
    for finding in examine(course, workspace or course.workspace):
        needed = "" if finding.who == LEARNER else f" (only for {finding.who}s)"
        say(f"{'problem' if finding.remedy else 'ok':8} {finding.name}{needed}: {finding.seen}")
        if finding.remedy:
            say(f"{'':8} -> {finding.remedy}")
        broken += bool(finding.remedy) and finding.who == LEARNER
    if broken:
        say(f"\n{broken} of these keep a learner from working: follow the arrows.")
        return 1
    say("\nEverything a learner needs works.")
    return 0


def python() -> Finding:
    seen = f"{sys.version.split()[0]} at {sys.executable}"
    supported = ", ".join(map(version_of, SUPPORTED))
    right = sys.version_info[:2] in SUPPORTED
    return Finding(LEARNER, "Python", seen, "" if right else f"Install one of Python {supported}.")


def packages(course: Course) -> Iterator[Finding]:
    """Installed versions against requirements.lock; a learner needs only what tpmkit builds on."""
    lock = course.root / "requirements.lock"
    if not lock.is_file():
        yield Finding(LEARNER, "packages", f"{lock} is missing", f"Restore {lock.name}.")
        return
    needed = _needed_by("tpmkit")
    for who in (LEARNER, AUTHOR):
        wrong, count = [], 0
        for name, locked in locked_versions(lock.read_text(encoding="utf-8")).items():
            if (name in needed) == (who == LEARNER):
                count += 1
                found = _installed(name)
                if found != locked:
                    wrong.append(f"{name} {found or 'missing'} instead of {locked}")
        name = "packages" if who == LEARNER else "packages for tests and builds"
        if wrong:
            yield Finding(who, name, "; ".join(sorted(wrong)), _install_anew(course))
        else:
            yield Finding(who, name, f"{count} as in requirements.lock")


def locked_versions(lock: str) -> dict[str, str]:
    """Package -> version of a lock file, as far as it applies to this machine."""
    entries = lock.replace("\\\n", " ").splitlines()
    requirements = [
        Requirement(entry.split(" --hash=")[0]) for entry in entries if entry and entry[0] != "#"
    ]
    return {
        canonicalize_name(wanted.name): str(wanted.specifier).removeprefix("==")
        for wanted in requirements
        if wanted.marker is None or wanted.marker.evaluate()
    }


def kernel(course: Course) -> Finding:
    """Whether notebooks can compute here: a kernel starts and adds 1 and 1."""
    from jupyter_client.manager import start_new_kernel

    try:
        manager, client = start_new_kernel(
            kernel_name="python3", startup_timeout=KERNEL_SECONDS, stderr=subprocess.DEVNULL
        )
    except Exception as error:  # whatever keeps it from starting is what we came to see
        seen = f"does not start ({type(error).__name__}: {str(error).splitlines()[0][:200]})"
        return Finding(LEARNER, "kernel", seen, _install_anew(course))
    try:
        answers: list[str] = []

        def listen(message: dict) -> None:
            if message["msg_type"] == "execute_result":
                answers.append(message["content"]["data"]["text/plain"])

        client.execute_interactive(
            "1 + 1", timeout=KERNEL_SECONDS, output_hook=listen, allow_stdin=False
        )
    except TimeoutError:
        answers = []
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if answers != ["2"]:
        seen = f"1 + 1 gave {answers[0] if answers else 'no answer'}"
        return Finding(LEARNER, "kernel", seen, _install_anew(course))
    return Finding(LEARNER, "kernel", "starts, and 1 + 1 is 2")


def tables(folder: Path) -> Iterator[Finding]:
    """Whether the data is what the course was written with; `folder` holds datasets/."""
    with contextlib.chdir(folder):
        try:
            names = data.names()
        except TpmkitError as error:
            yield Finding(
                LEARNER, "data", str(error), "Run `tpmkit start`: it fills the workspace."
            )
            return
        for name in names:
            try:
                rows = len(data.load(name))
            except TpmkitError as error:
                seen, _, remedy = str(error).rpartition(" Restore it: ")
                yield Finding(LEARNER, f"data {name}", seen or str(error), f"Restore it: {remedy}")
            else:
                yield Finding(LEARNER, f"data {name}", f"{rows:,} rows, intact")


def place(workspace: Path) -> Finding:
    """Whether the workspace can be written to and the disk has room."""
    folder = next(path for path in (workspace, *workspace.parents) if path.is_dir())
    if not os.access(folder, os.W_OK):
        remedy = "Choose a folder of your own: tpmkit start --workspace FOLDER"
        return Finding(LEARNER, "workspace", f"{folder} cannot be written to", remedy)
    free = shutil.disk_usage(folder).free
    seen = f"{workspace}, {free / 1e9:.1f} GB free"
    remedy = "" if free >= DISK_NEEDED else f"Free some space: {DISK_NEEDED / 1e9:.1f} GB at least."
    return Finding(LEARNER, "workspace", seen, remedy)


def memory() -> Finding:
    import psutil

    free = psutil.virtual_memory().available
    remedy = "" if free >= MEMORY_NEEDED else "Close some programs; notebooks need about 1 GB."
    return Finding(LEARNER, "memory", f"{free / 1e9:.1f} GB available", remedy)


def sandbox() -> Finding:
    """Whether submissions can be graded in isolation: the real sandbox is started."""
    name = "sandboxed grading"
    if not sys.platform.startswith("linux"):
        remedy = "Grade on Linux (a virtual machine or WSL 2); learning works here."
        return Finding(INSTRUCTOR, name, f"needs Linux, and this is {sys.platform}", remedy)
    if shutil.which("bwrap") is None:
        remedy = "Debian and Ubuntu: sudo apt install bubblewrap"
        return Finding(INSTRUCTOR, name, "bubblewrap is not installed", remedy)
    from tpmkit.autograde.sandbox import Sandbox, SandboxError

    try:
        with Sandbox():
            return Finding(INSTRUCTOR, name, "bubblewrap starts the sandbox")
    except SandboxError as error:
        return Finding(INSTRUCTOR, name, "does not start", str(error))


def chromium() -> Finding:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    remedy = "" if found else "Debian and Ubuntu: sudo apt install chromium"
    return Finding(AUTHOR, "Chromium for the browser tests", found or "not on the PATH", remedy)


def _needed_by(name: str) -> set[str]:
    """The packages that `name` builds on, extras left out."""
    needed: set[str] = set()
    waiting = [name]
    while waiting:
        try:
            wanted = metadata.requires(waiting.pop()) or []
        except metadata.PackageNotFoundError:
            continue
        for text in wanted:
            requirement = Requirement(text)
            dependency = canonicalize_name(requirement.name)
            if dependency not in needed and (
                requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            ):
                needed.add(dependency)
                waiting.append(dependency)
    return needed


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _install_anew(course: Course) -> str:
    if Path(sys.prefix) != course.root / ".venv":
        return f"Run: pip install --require-hashes -r {course.root / 'requirements.lock'}"
    bundled = (course.root / BUNDLE).is_file()
    run = "python3 start.py" if bundled else "python3 src/tpmkit/bootstrap.py"
    return f"In {course.root} run: {run} clean, then {run} start (your workspace stays)."

"""Open the course: fill the workspace, then JupyterLab on the first notebook."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tpmkit.authoring.workspace import STATE, Course, fill
from tpmkit.errors import TpmkitError
from tpmkit.loopback import HOST, free_port, has_browser, is_free, is_up, show, stop, write_private

FIRST_PORT = 8888
FIRST_NOTEBOOK = "notebooks/00_start_here.ipynb"
SETTINGS = Path(__file__).with_name("lab")  # the course's own, for nbgrader and for no network


def start(
    workspace: Path | None = None,
    port: int | None = None,
    browser: bool = True,
    fill_only: bool = False,
    say: Callable[[str], object] = print,
) -> int:
    """Fill the workspace and serve it on loopback until it is stopped.

    Parameters
    ----------
    workspace : Path, optional
        Any folder; default: ``workspace/`` in the course.
    port : int, optional
        The port to listen on; default: the first free one from 8888 on.
    browser : bool
        Whether to open a browser, where there is one.
    fill_only : bool
        Whether to stop after filling the workspace.
    say : callable
        Takes each sentence for the learner.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    TpmkitError
        If the workspace cannot be filled, the port is taken, or JupyterLab does not start.
    """
    course = Course.find()
    workspace = (workspace or course.workspace).resolve()
    changes = fill(course, workspace)
    for sentence in changes.sentences():
        say(sentence)
    if fill_only:
        say(f"The workspace is {workspace}")
        return 0
    browser = browser and has_browser()
    note = workspace / STATE / "server.json"
    if port is None and (address := running(note)):
        say(f"The course is already open at\n\n    {address}\n")
        if browser:
            show(address, workspace / STATE)
        return 0
    return serve(workspace, port, browser, note, say)


def serve(
    workspace: Path, port: int | None, browser: bool, note: Path, say: Callable[[str], object]
) -> int:
    """Run JupyterLab until it is stopped; its address is said once it answers."""
    token = secrets.token_hex(24)
    log = workspace / STATE / "jupyterlab.log"
    process = None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    say("Starting JupyterLab ...")
    try:
        chosen = free_port(port, say, FIRST_PORT)
        process = launch(workspace, chosen, token, log)
        while not answers(chosen, token, process):
            if port or is_free(chosen):
                raise TpmkitError(_why_not(log))
            chosen = free_port(None, say, chosen + 1)  # somebody else was quicker
            process = launch(workspace, chosen, token, log)
        page = f"lab/tree/{FIRST_NOTEBOOK}" if (workspace / FIRST_NOTEBOOK).is_file() else "lab"
        address = f"http://{HOST}:{chosen}/{page}?token={token}"
        write_private(note, json.dumps({"address": address, "port": chosen, "token": token}))
        say(f"The course is open. Your work lies in {workspace}")
        say(f"If no browser shows it, open this address:\n\n    {address}\n")
        say("Stop with Ctrl-C here; the next start brings you back to where you were.")
        if browser:
            show(address, workspace / STATE)
        return process.wait()
    except KeyboardInterrupt:
        say("Stopped; what you saved is in the workspace.")
        return 0
    finally:
        if process:
            stop(process)
            note.unlink(missing_ok=True)


def launch(workspace: Path, port: int, token: str, log: Path) -> subprocess.Popen:
    """JupyterLab on loopback, with the course's settings and none of the machine's."""
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "JUPYTER_TOKEN": token,  # not an argument: those are visible to everyone on the machine
        "JUPYTER_CONFIG_PATH": str(SETTINGS),
        "JUPYTER_CONFIG_DIR": str(workspace / STATE / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with log.open("w") as file:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "-y",
                f"--ServerApp.ip={HOST}",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={workspace}",
                *root,
            ],
            cwd=workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def answers(port: int, token: str, process: subprocess.Popen) -> bool:
    """Whether the server came up; False when it ended instead."""
    while process.poll() is None:
        if is_up(port, token):
            return True
        time.sleep(0.1)
    return False


def running(note: Path) -> str | None:
    """The address of the server that already serves a workspace, if one does."""
    try:
        seen = json.loads(note.read_text(encoding="utf-8"))
        return seen["address"] if is_up(seen["port"], seen["token"]) else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _why_not(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    last = lines[-1].strip() if lines else "nothing was printed"
    return (
        f"JupyterLab did not start: {last}\n"
        f"Run `tpmkit doctor` to see what is missing; all it printed is in {log}"
    )

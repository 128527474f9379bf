"""The interview practice in a browser window of its own, served by Voila on loopback."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import v4

from tpmkit.errors import TpmkitError
from tpmkit.interview.store import Store
from tpmkit.loopback import HOST, free_port, has_browser, is_free, show, stop

__all__ = ["serve"]

FIRST_PORT = 8866
# The browser itself refuses whatever is not on this machine.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws: data:; "
    "frame-ancestors 'self'"
)


def serve(
    store: Store,
    port: int | None = None,
    browser: bool = True,
    say: Callable[[str], object] = print,
) -> int:
    """Serve the practice until it is stopped.

    Parameters
    ----------
    store : Store
        Where sessions are kept.
    port : int, optional
        Default: the first free one from 8866 on.
    browser : bool
        Whether to open a browser, where there is one.
    say : callable
        Takes each sentence for the user.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    TpmkitError
        If the port is taken or Voila does not start.
    """
    chosen = free_port(port, say, FIRST_PORT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="tpmkit-interview-") as scratch:
        page = Path(scratch, "Interview practice.ipynb")
        line = f"from tpmkit.interview.app import practice\npractice({str(store.folder)!r})"
        nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(line)]), page)
        log = Path(scratch, "voila.log")
        token = secrets.token_hex(24)
        process = launch(page, chosen, token, log)
        try:
            while is_free(chosen):
                if process.poll() is not None:
                    raise TpmkitError(why_not(log))
                time.sleep(0.1)
            address = f"http://{HOST}:{chosen}/?token={token}"
            say(f"The practice is open. Your sessions stay in {store.folder}")
            say(f"If no browser shows it, open this address:\n\n    {address}\n")
            say("Stop with Ctrl-C here; the next start goes on where you were.")
            if browser and has_browser():
                show(address, Path(scratch))
            return process.wait()
        except KeyboardInterrupt:
            say(f"Stopped; every answer is in {store.folder}")
            return 0
        finally:
            stop(process)


def launch(page: Path, port: int, token: str, log: Path) -> subprocess.Popen:
    """Voila with the package's own template, which asks no other host for anything."""
    paths = [str(Path(__file__).parent), os.environ.get("JUPYTER_PATH", "")]
    environment = {
        **os.environ,
        "JUPYTER_PATH": os.pathsep.join(filter(None, paths)),
        "JUPYTER_TOKEN": token,
    }
    settings = {"headers": {"Content-Security-Policy": POLICY}}
    with log.open("w") as file:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "voila",
                str(page),
                "--no-browser",
                "--token",  # it stands in the environment: arguments are visible to everyone here
                "--template=tpmkit",
                f"--Voila.ip={HOST}",
                f"--Voila.port={port}",
                "--Voila.port_retries=0",
                f"--Voila.tornado_settings={settings!r}",
            ],
            cwd=page.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def why_not(log: Path) -> str:
    """One sentence from what Voila printed."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    last = lines[-1].strip() if lines else "nothing was printed"
    return f"The practice did not start: {last}. Run `tpmkit doctor` to see what is missing."

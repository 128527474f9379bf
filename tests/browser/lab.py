"""A real JupyterLab and a real Chromium, for tests and benchmarks."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PATIENCE = float(os.environ.get("TPMKIT_BROWSER_PATIENCE", "120"))  # seconds, for a machine at work


@dataclass(frozen=True)
class Server:
    """A JupyterLab under test.

    Parameters
    ----------
    root : Path
        The folder it serves.
    url : str
        Its address, without a trailing slash.
    token : str
        What lets a browser in.
    log : Path
        What it printed.
    """

    root: Path
    url: str
    token: str
    log: Path

    def address(self, path: str = "lab") -> str:
        """The address of a page of this server, with the token that opens it."""
        return f"{self.url}/{path}{'&' if '?' in path else '?'}token={self.token}"

    def notebook(self, path: str) -> str:
        """The address at which JupyterLab opens the notebook `path`, in a layout of its own."""
        return self.address(f"lab/workspaces/{secrets.token_hex(4)}/tree/{path}")


@contextmanager
def jupyterlab(
    root: Path, home: Path, *arguments: str, env: dict[str, str] | None = None
) -> Iterator[Server]:
    """A JupyterLab on the folder `root`, on a free loopback port, until the block ends.

    Its settings live in the empty folder `home`, so that neither the tester's own nor another
    test's reach it.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(root, f"http://127.0.0.1:{port}", secrets.token_hex(16), home / "lab.log")
    with server.log.open("w") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--expose-app-in-browser",
                "--allow-root",
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                *arguments,
            ],
            cwd=root,
            env={
                **os.environ,
                "JUPYTER_CONFIG_DIR": str(home / "config"),
                "JUPYTER_DATA_DIR": str(home / "data"),
                "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
                "JUPYTER_TOKEN": server.token,
                **(env or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_up(server, process)
        yield server
    finally:
        _stop(process)


def _wait_until_up(server: Server, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(server.address("api/status"), timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(
        f"JupyterLab did not answer at {server.url}; it printed:\n{server.log.read_text()}"
    )


def _stop(process: subprocess.Popen) -> None:
    """End a server and the kernels it started (they share its process group)."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """One headless Chromium, the system's own, found by name, until the block ends."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        raise AssertionError("no Chromium on the PATH: install it (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


# JupyterLab draws only what is near the window, so its own model is asked, not the page.
PANEL = """(async () => {
    for (;;) {
        const panel = globalThis.jupyterapp?.shell.currentWidget;
        if (panel?.content?.model?.cells && panel.sessionContext) {
            await panel.context.ready;
            return panel;
        }
        await new Promise(again => setTimeout(again, 100));
    }
})()"""
RUN_ALL = f"""async () => {{
    const panel = await {PANEL};
    await panel.sessionContext.ready;
    await Promise.race([
        jupyterapp.commands.execute("notebook:run-all-cells"),
        new Promise((_, no) => setTimeout(() => no("still running"), {PATIENCE * 1000})),
    ]);
    return panel.model.toJSON().cells;
}}"""

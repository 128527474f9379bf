"""A real JupyterLab and a real Chromium for the tests of this folder.

``serve(folder)`` starts JupyterLab on a free loopback port; ``page`` is a fresh browser page;
``shot(page, name)`` keeps a picture in ``tests/browser/screenshots/`` (git-ignored). A failing
test leaves a picture of what the browser showed.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

SCREENSHOTS = Path(__file__).parent / "screenshots"
PATIENCE = float(os.environ.get("TPMKIT_BROWSER_PATIENCE", "120"))  # seconds, for a machine at work
expect.set_options(timeout=PATIENCE * 1000)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(server: Server, process: subprocess.Popen) -> None:
    """Wait until the server answers; fail with its log when it ends or stays silent."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(server.address("api/status"), timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not answer at {server.url}; it printed:\n{server.log.read_text()}")


def stop(process: subprocess.Popen) -> None:
    """End a server and the kernels it started (they share its process group)."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start JupyterLab on a folder: ``serve(root, *arguments, env={...}) -> Server``.

    Its settings live in an empty folder, so that neither the tester's own nor another test's
    reach it.
    """
    running: list[subprocess.Popen] = []

    def start(root: Path, *arguments: str, env: dict[str, str] | None = None) -> Server:
        home = tmp_path_factory.mktemp("jupyter")
        port = free_port()
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
        running.append(process)
        wait_until_up(server, process)
        return server

    yield start
    for process in running:
        stop(process)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium: the system's own, found by name."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        pytest.fail("no Chromium on the PATH: install it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with an empty history, as a newcomer's; a picture is kept when the test fails."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    yield page
    if request.node.stash.get(FAILED, False):
        _picture(page, "failed_" + re.sub(r"\W+", "_", request.node.name))
    context.close()


@pytest.fixture(scope="session")
def shot() -> Callable[[Page, str], Path]:
    """Keep a picture of a page: ``shot(page, "lab_open")``."""
    return _picture


@pytest.fixture(scope="session")
def run_all() -> Callable[[Page], list[dict]]:
    """Run every cell of the notebook in front, as the menu does; its cells afterwards."""
    return lambda page: page.evaluate(RUN_ALL)


@pytest.fixture(scope="session")
def cells() -> Callable[[Page], list[dict]]:
    """The cells of the notebook in front, outputs included: also those scrolled out of sight."""
    return lambda page: page.evaluate(f"{PANEL}.then(panel => panel.model.toJSON().cells)")


# JupyterLab draws only what is near the window, so its own model is asked, not the page.
PANEL = """(async () => {
    await jupyterapp.restored;
    for (;;) {
        const panel = jupyterapp.shell.currentWidget;
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


def _picture(page: Page, name: str) -> Path:
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    return path

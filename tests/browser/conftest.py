"""Fixtures of the browser tests: a real JupyterLab, a real Chromium, pictures of what was seen.

``serve(folder)`` starts JupyterLab on a free loopback port; ``page`` is a fresh browser page;
``shot(page, name)`` keeps a picture in ``tests/browser/screenshots/`` (git-ignored). A failing
test leaves a picture of what the browser showed.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Keyboard, Locator, Page, expect

sys.path.insert(0, str(Path(__file__).parent))
import lab  # noqa: E402

SCREENSHOTS = Path(__file__).parent / "screenshots"
STEPS = {
    Page: ("goto", "reload", "evaluate"),
    Locator: ("click", "dblclick", "fill", "focus", "press", "check", "select_option"),
    Keyboard: ("press", "type", "insert_text"),
}
FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=lab.PATIENCE * 1000)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., lab.Server]]:
    """Start JupyterLab on a folder: ``serve(root, *arguments, env={...}) -> Server``."""
    with ExitStack() as servers:
        yield lambda root, *arguments, env=None: servers.enter_context(
            lab.jupyterlab(root, tmp_path_factory.mktemp("jupyter"), *arguments, env=env)
        )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium: the system's own."""
    with lab.chromium() as chromium:
        yield chromium


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(autouse=True)
def steps(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> Iterator[None]:
    """Count what the browser is told to do, for the summary of the whole run."""
    done: list[str] = []

    def counted(action: Callable) -> Callable:
        @functools.wraps(action)
        def step(*args, **kwargs):
            done.append(action.__name__)
            return action(*args, **kwargs)

        return step

    for kind, names in STEPS.items():
        for name in names:
            monkeypatch.setattr(kind, name, counted(getattr(kind, name)))
    yield
    record_property("count_browser_steps", len(done))


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with an empty history, as a newcomer's; a picture is kept when the test fails."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(lab.PATIENCE * 1000)
    page = context.new_page()
    yield page
    if request.node.stash.get(FAILED, False):
        _picture(page, "failed_" + re.sub(r"\W+", "_", request.node.name))
    context.close()


@pytest.fixture(scope="session")
def run_all() -> Callable[[Page], list[dict]]:
    """Run every cell of the notebook in front, as the menu does; its cells afterwards."""
    return lambda page: page.evaluate(lab.RUN_ALL)


@pytest.fixture(scope="session")
def shot() -> Callable[[Page, str], Path]:
    """Keep a picture of a page: ``shot(page, "lab_open")``."""
    return _picture


def _picture(page: Page, name: str) -> Path:
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    return path

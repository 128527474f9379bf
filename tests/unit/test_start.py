"""`tpmkit start`: the port, the address, and an end that does not hang."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tpmkit import loopback, start
from tpmkit.errors import TpmkitError


@pytest.fixture
def taken():
    """A port that another program listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def tpmkit(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "tpmkit.cli", "start", *arguments],
        env={k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def address(process: subprocess.Popen) -> str:
    """The address that a start prints once the course is open."""
    said = ""
    for line in process.stdout:
        said += line
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise AssertionError(f"no address in what it said:\n{said}")


def test_a_taken_port_gives_way_to_the_next_one_and_the_learner_is_told(taken, monkeypatch):
    monkeypatch.setattr(start, "FIRST_PORT", taken)
    told: list[str] = []
    port = loopback.free_port(None, told.append, first=taken)
    assert taken < port < taken + loopback.PORTS
    assert told == [f"Port {taken} is taken; using {port}."]


def test_an_asked_for_port_that_is_taken_is_one_sentence(taken, tmp_path):
    process = tpmkit("--workspace", str(tmp_path / "w"), "--port", str(taken))
    said = process.communicate()[0]
    assert process.returncode == 1
    assert f"Port {taken} is taken" in said and "leave out --port" in said
    assert "Traceback" not in said


def test_the_course_is_served_on_loopback_with_a_token_and_a_second_start_finds_it(tmp_path):
    workspace = tmp_path / "my course"
    first = tpmkit("--workspace", str(workspace))
    try:
        opened = address(first)
        assert re.match(r"http://127\.0\.0\.1:\d+/lab/tree/notebooks/00_start_here\.ipynb", opened)
        with urllib.request.urlopen(opened) as page:
            assert "JupyterLab" in page.read().decode()
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(re.sub(r"/lab/.*", "/api/contents", opened))
        command = Path(f"/proc/{first.pid}/task/{first.pid}/children")
        if command.exists():  # Linux shows the arguments of a program to everyone on the machine
            for child in command.read_text().split():
                seen = Path(f"/proc/{child}/cmdline").read_text()
                assert opened.split("token=")[1] not in seen
        second = tpmkit("--workspace", str(workspace))
        assert address(second) == opened
        assert second.wait() == 0
    finally:
        first.send_signal(signal.SIGINT)
        said = first.communicate()[0]
    assert first.returncode == 0 and "Stopped" in said and "Traceback" not in said
    assert start.running(workspace / start.STATE / "server.json") is None


def test_a_note_of_a_server_that_is_gone_is_ignored(tmp_path):
    note = tmp_path / "server.json"
    for text in ("", "{}", json.dumps({"address": "http://x", "port": 9, "token": "t"})):
        note.write_text(text)
        assert start.running(note) is None


def test_a_server_that_does_not_stop_when_asked_is_made_to(monkeypatch):
    monkeypatch.setattr(loopback, "PATIENCE_SECONDS", 0.2)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-uc", deaf], stdout=subprocess.PIPE)
    process.stdout.readline()
    loopback.stop(process)
    assert process.returncode == -signal.SIGKILL


def test_a_jupyterlab_that_does_not_start_says_its_last_line_and_where_the_rest_is(
    tmp_path, monkeypatch
):
    def broken(workspace, port, token, log):
        log.write_text("Traceback ...\nModuleNotFoundError: No module named 'jupyterlab'\n")
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])

    monkeypatch.setattr(start, "launch", broken)
    monkeypatch.setattr(start.signal, "signal", lambda *handler: None)  # pytest's stay as they are
    with pytest.raises(TpmkitError, match="No module named 'jupyterlab'.*\n.*doctor.*jupyterlab"):
        start.start(tmp_path / "w", browser=False, say=lambda sentence: None)


def test_without_a_display_no_browser_is_tried(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not loopback.has_browser()


def test_the_page_that_opens_the_browser_is_readable_by_its_owner_only(tmp_path, monkeypatch):
    opened: list[str] = []
    monkeypatch.delenv("WSL_DISTRO_NAME", raising=False)
    monkeypatch.setattr(loopback.webbrowser, "open", opened.append)
    loopback.show("http://127.0.0.1:1/lab?token=secret&x=1", tmp_path)
    (page,) = opened
    assert "secret" not in page
    assert (tmp_path / "open.html").stat().st_mode & 0o077 == 0

"""Servers of one user on the loopback address: a free port, a private token, a browser."""

from __future__ import annotations

import html
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path

from tpmkit.errors import TpmkitError

HOST = "127.0.0.1"
PORTS = 100
PATIENCE_SECONDS = 10


def free_port(wanted: int | None, say: Callable[[str], object], first: int) -> int:
    """The port to listen on: the wanted one, else the first free one from `first` on.

    Raises
    ------
    TpmkitError
        If the wanted port is taken, or every port tried is.
    """
    if wanted:
        if is_free(wanted):
            return wanted
        raise TpmkitError(
            f"Port {wanted} is taken by another program, or not yours to use. Name another, or "
            "leave out --port to have a free one chosen."
        )
    for port in range(first, first + PORTS):
        if is_free(port):
            if port != first:
                say(f"Port {first} is taken; using {port}.")
            return port
    raise TpmkitError(
        f"All ports from {first} to {first + PORTS - 1} are taken. Name a free one with --port."
    )


def is_free(port: int) -> bool:
    """Whether a server can listen on this loopback port."""
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            return False
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere this option lets two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_up(port: int, token: str) -> bool:
    """Whether a server that takes this token answers on this port."""
    request = urllib.request.Request(
        f"http://{HOST}:{port}/api/status", headers={"Authorization": f"token {token}"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=5) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def stop(process: subprocess.Popen) -> None:
    """End a server; its kernels end with it.

    It is asked first, then made to: it waits forever for a kernel that was just starting.
    """
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def has_browser() -> bool:
    """Whether a browser can show a window here (a text browser would take the terminal)."""
    windows = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in windows):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def show(address: str, state: Path) -> None:
    """Open the browser; the token stays out of the list of processes where that is possible."""
    if os.environ.get("WSL_DISTRO_NAME"):  # a browser of Windows does not see the file
        webbrowser.open(address)
        return
    page = state / "open.html"
    target = html.escape(address)
    write_private(page, f'<meta http-equiv="refresh" content="0; url={target}">')
    webbrowser.open(page.as_uri())


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)

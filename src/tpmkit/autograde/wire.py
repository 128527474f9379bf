"""Framed JSON over a socket, with a size limit and a deadline on every message."""

from __future__ import annotations

import json
import math
import os
import socket
import struct
import sys
import time
from typing import Any

__all__ = [
    "Channel", "ChannelClosed", "ChannelTimeout", "ProtocolError", "pass_descriptors", "program",
]  # fmt: skip

HEADER = struct.Struct("!I")
LARGEST = 48 << 20
RECEIVED = 1 << 16  # at a time; much more, and malloc asks the system for every piece


class ProtocolError(Exception):
    """The other side sent something that is not a message of the protocol."""


class ChannelClosed(Exception):
    """The other side is gone."""


class ChannelTimeout(Exception):
    """No whole message within the time allowed."""


class Channel:
    """One end of a stream socket that carries JSON messages.

    Parameters
    ----------
    sock : socket.socket
        A connected stream socket.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._pending = bytearray()

    def send(self, message: Any, seconds: float = math.inf) -> None:
        """Send one message, or raise `ChannelClosed` or `ChannelTimeout`."""
        body = _encoder.encode(message).encode()
        if len(body) > LARGEST:
            raise ProtocolError(
                f"a message of {len(body) >> 20} MB is over the {LARGEST >> 20} MB limit"
            )
        self.sock.settimeout(_timeout(time.monotonic() + seconds))
        try:
            self.sock.sendall(HEADER.pack(len(body)) + body)
        except TimeoutError as error:
            raise ChannelTimeout from error
        except OSError as error:
            raise ChannelClosed from error

    def receive(self, seconds: float = math.inf) -> Any:
        """Return the next message.

        A deadline that passes in the middle of a message loses nothing: the next call goes on.
        """
        deadline = time.monotonic() + seconds
        self._fill(HEADER.size, deadline)
        (length,) = HEADER.unpack_from(self._pending)
        if length > LARGEST:
            raise ProtocolError(
                f"a message of {length >> 20} MB is over the {LARGEST >> 20} MB limit"
            )
        self._fill(HEADER.size + length, deadline)
        body = bytes(self._pending[HEADER.size : HEADER.size + length])
        del self._pending[: HEADER.size + length]
        try:
            return _decoder.decode(body.decode())
        except (ValueError, RecursionError) as error:
            raise ProtocolError(f"not a JSON message: {error}") from error

    def close(self) -> None:
        self.sock.close()

    def _fill(self, size: int, deadline: float) -> None:
        while len(self._pending) < size:
            self.sock.settimeout(_timeout(deadline))
            try:
                chunk = self.sock.recv(RECEIVED)
            except TimeoutError as error:
                raise ChannelTimeout from error
            except OSError as error:
                raise ChannelClosed from error
            if not chunk:
                raise ChannelClosed
            self._pending += chunk
            if len(self._pending) < size and time.monotonic() > deadline:
                raise ChannelTimeout  # it comes in drops


def program(module: str, descriptor: int) -> list[str]:
    """The command that runs ``main`` of a module here, with a descriptor as its only argument.

    Python's collector is off until the module turns it on: what imports make is never garbage,
    and looking it through again and again takes a quarter of their time.
    """
    start = f"import gc; gc.disable(); from tpmkit.autograde.{module} import main; main()"
    return [os.path.abspath(sys.executable), "-c", start, str(descriptor)]


def pass_descriptors(control: socket.socket, message: dict, ends: list[socket.socket]) -> None:
    """Hand open sockets to the process behind `control`, with a short message."""
    socket.send_fds(control, [json.dumps(message).encode()], [end.fileno() for end in ends])


def _timeout(deadline: float) -> float | None:
    if math.isinf(deadline):
        return None
    return max(deadline - time.monotonic(), 1e-3)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ProtocolError("an object repeats a key")
    return made


_encoder = json.JSONEncoder(separators=(",", ":"))
_decoder = json.JSONDecoder(object_pairs_hook=_without_duplicates)

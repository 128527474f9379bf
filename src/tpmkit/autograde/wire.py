"""Framed JSON over a socket, with a size limit and a deadline on every message."""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from typing import Any

__all__ = ["Channel", "ChannelClosed", "ChannelTimeout", "ProtocolError", "pass_descriptors"]

HEADER = struct.Struct("!I")
LARGEST = 48 << 20


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
        body = json.dumps(message, separators=(",", ":")).encode()
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
            return json.loads(body, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
            raise ProtocolError(f"not a JSON message: {error}") from error

    def close(self) -> None:
        self.sock.close()

    def _fill(self, size: int, deadline: float) -> None:
        while len(self._pending) < size:
            self.sock.settimeout(_timeout(deadline))
            try:
                chunk = self.sock.recv(1 << 18)
            except TimeoutError as error:
                raise ChannelTimeout from error
            except OSError as error:
                raise ChannelClosed from error
            if not chunk:
                raise ChannelClosed
            self._pending += chunk


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

"""The judge's view of one submission: requests with deadlines, stand-ins for learner objects."""

from __future__ import annotations

import builtins
import contextlib
import json
import socket
import time
from collections.abc import Sequence
from typing import Any

from tpmkit.autograde.codec import CodecError, decode, encode, library_name
from tpmkit.autograde.wire import Channel, ChannelClosed, ChannelTimeout, ProtocolError
from tpmkit.calls import Called

__all__ = ["RemoteFunction", "RemoteObject", "Session", "SessionOver"]

GRACE = 2.0  # seconds an interrupted child has to come back
START = 60.0
# what a test asks of data: an object of the learner would judge itself, and see what is expected
VERDICTS = {"equals", "compare", "isin", "eq", "ne", "lt", "le", "gt", "ge", "isdisjoint",
            "issubset", "issuperset"}  # fmt: skip
REPORT = 30.0  # seconds until what watches a child says how it ended: a crowded machine takes some


class SessionOver(Exception):
    """The learner's process is gone; ``code`` says why for machines, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Session:
    """Talks to one child in the sandbox and ends it when it breaks a limit or the protocol.

    Parameters
    ----------
    channel : socket.socket
        Stream socket to the child.
    guard : socket.socket
        Socket, of a kind that keeps messages apart, to what watches the child. It takes wishes:
        ``b"i"``, which it repeats once the child has been interrupted, and ``b"k"``, kill. It
        reports how the child ended.
    limits : dict
        Seconds for a ``call`` and in ``total``, as in `Limits`.
    """

    def __init__(self, channel: socket.socket, guard: socket.socket, limits: dict) -> None:
        self.channel, self.guard, self.limits = Channel(channel), guard, limits
        self.ends_at = time.monotonic() + limits["total"]
        self.faults: list[dict[str, str]] = []
        self.usage: dict[str, Any] = {}
        self.over: SessionOver | None = None
        self.place = ""  # grade_id or number of the cell being worked on, for fault records
        self._count = 0

    def start(self, files: dict[str, str]) -> None:
        """Wait for the child and hand it the submission's files (base64 by path)."""
        try:
            hello = self.channel.receive(START)
        except (ChannelClosed, ChannelTimeout, ProtocolError):
            hello = self._report()
        if hello != {"ready": True}:
            self._end("start", f"the sandbox could not be set up: {hello!r:.200}")
        reply = self.request({"do": "files", "files": files}, START)
        if "raised" in reply:
            self._end("files", f"its files could not be laid out: {reply.get('message')!s:.200}")

    def request(self, message: dict, seconds: float) -> dict:
        """Send a request and return the reply; ``late`` is true in it if it had to be interrupted.

        Raises
        ------
        SessionOver
            If the child is gone, now or since an earlier request.
        """
        if self.over:
            raise self.over
        self._count += 1
        allowed = min(seconds, self.ends_at - time.monotonic())
        try:
            self.channel.send({"id": self._count, **message}, max(allowed, 0.01))
            reply, late = self._reply(allowed)
        except (ChannelClosed, BrokenPipeError):
            self._gone()
        except ChannelTimeout:
            self._end("time", f"no answer within {seconds:g} s, nor after an interrupt")
        except ProtocolError as error:
            self._end("protocol", f"the notebook's process broke the protocol: {error}")
        if not isinstance(reply, dict) or reply.get("id") != self._count:
            self._end("protocol", "the notebook's process answered out of turn")
        if time.monotonic() >= self.ends_at:
            self._end("total-time", f"the notebook took longer than {self.limits['total']:g} s")
        return {**reply, "late": late}

    def fetch(self, names: list[str]) -> dict[str, Any]:
        """Values of the learner's names; a name that is not there is left out."""
        values = self.request({"do": "get", "names": names}, self.limits["call"]).get("values")
        if not isinstance(values, dict):
            self._end("protocol", "the notebook's process sent no values")
        found = {}
        for name in names:
            if name in values:
                try:
                    found[name] = decode(values[name], self._stand_in)
                except CodecError as error:
                    found[name] = Unreadable(name, str(error))
        return found

    def call(self, handle: int, method: str | None, args: tuple, kwargs: dict) -> Any:
        """Call a learner's object, or a method of it."""
        return self._ask(handle, method, encode((args, kwargs), _opaque))

    def attribute(self, handle: int, name: str) -> Any:
        """Read an attribute of a learner's object."""
        return self._ask(handle, name, None)

    def finish(self) -> None:
        """End the child and note what it used."""
        with contextlib.suppress(OSError):
            self.guard.send(b"k")
        self.usage = self.usage or self._report()
        self.channel.close()

    def fault(self, code: str, message: str) -> None:
        """Record what went wrong at the present cell."""
        self.faults.append({"code": code, "cell": self.place, "message": message})

    def many(self, handle: int, rows: Sequence[tuple]) -> list[Called]:
        """Call a learner's function once for each row of arguments, in one request."""
        request = {
            "do": "many",
            "handle": handle,
            "rows": [encode(tuple(row), _opaque) for row in rows],
        }
        answers = self._timely(request).get("rows")
        if not isinstance(answers, list) or len(answers) != len(rows):
            self._end("protocol", "the notebook's process answered another question")
        return [self._called(row, answer) for row, answer in zip(rows, answers, strict=True)]

    def _ask(self, handle: int, method: str | None, arguments: Any) -> Any:
        request = {"do": "call", "handle": handle, "method": method, "arguments": arguments}
        reply = self._timely(request)
        if "value" in reply:
            return self._decoded(reply["value"])
        raise _exception(reply)

    def _timely(self, request: dict) -> dict:
        seconds = self.limits["call"]
        try:
            reply = self.request(request, seconds)
        except SessionOver as error:
            raise RuntimeError(str(error)) from None
        if reply["late"]:
            self.fault("call-time", f"a call did not return within {seconds:g} s")
            raise TimeoutError(f"it did not return within {seconds:g} s")
        return reply

    def _decoded(self, value: Any) -> Any:
        try:
            return decode(value, self._stand_in)
        except CodecError as error:
            raise TypeError(f"its answer is not plain data: {error}") from None

    def _called(self, row: tuple, answer: Any) -> Called:
        if not isinstance(answer, dict) or not ({"value", "args"} <= set(answer)):
            return Called(None, row, _exception(answer if isinstance(answer, dict) else {}))
        try:
            args = self._decoded(answer["args"])
            if not isinstance(args, tuple) or len(args) != len(row):
                raise TypeError("its arguments came back as something else")
            return Called(self._decoded(answer["value"]), args)
        except TypeError as error:
            return Called(None, row, error)

    def _reply(self, seconds: float) -> tuple[Any, bool]:
        try:
            return self.channel.receive(max(seconds, 0.01)), False
        except ChannelTimeout:
            self._interrupt()
            return self.channel.receive(GRACE), True

    def _stand_in(self, tag: str, content: Any) -> Any:
        if tag == "$no":
            raise CodecError(f"{content!s:.200}")
        if tag != "$h":
            raise CodecError(f"unknown tag {tag!r:.40}")
        number, kind, can_be_called = content
        if type(number) is not int or not isinstance(kind, str):
            raise CodecError("a malformed handle")
        return (RemoteFunction if can_be_called is True else RemoteObject)(self, number, kind[:100])

    def _interrupt(self) -> None:
        """Interrupt the child; afterwards the signal is with it and cannot hit a later request."""
        with contextlib.suppress(OSError):
            self.guard.send(b"i")
            said = self._hear()
            if said != b"i":  # it has ended
                self.usage = json.loads(said or b"{}")

    def _report(self) -> dict[str, Any]:
        """How the child ended; nothing if what watched it is gone."""
        try:
            while (said := self._hear()) == b"i":
                continue
            return json.loads(said or b"{}")
        except TimeoutError:
            return {"code": None}
        except (OSError, ValueError):
            return {}

    def _hear(self) -> bytes:
        self.guard.settimeout(REPORT)
        try:
            return self.guard.recv(4096)
        except ConnectionResetError:  # it ended with a wish unread; what it said comes after this
            return self.guard.recv(4096)

    def _gone(self) -> None:
        with contextlib.suppress(OSError):
            self.guard.send(b"k")  # it may have hung up and live
        self.usage = self.usage or self._report()
        if not self.usage:
            self._end("lost", "the sandbox around it ended")
        code = self.usage.get("code")
        if self.usage.get("over") == "memory":
            self._end(
                "memory", f"it used more than {int(self.limits['memory']) >> 20} MB of memory"
            )
        if "failed" in self.usage:
            self._end("start", "the sandbox could not be set up: " + str(self.usage["failed"]))
        if code == -9:
            self._end("killed", "its process was killed, or did not answer any more")
        if isinstance(code, int) and code < 0:
            self._end("crashed", f"its process crashed (signal {-code})")
        self._end("exit", f"its process ended itself (exit code {code})")

    def _end(self, code: str, message: str) -> None:
        self.over = SessionOver(code, message)
        self.fault(code, message)
        with contextlib.suppress(OSError):
            self.guard.send(b"k")
        raise self.over


class RemoteObject:
    """Stands for an object that lives in the sandbox; its methods run there."""

    def __init__(self, session: Session, handle: int, kind: str) -> None:
        self._tpmkit_session, self._tpmkit_handle, self._tpmkit_kind = session, handle, kind

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in VERDICTS:
            raise TypeError(f"{self!r} is not plain data: it cannot say what it equals")
        return self._tpmkit_session.attribute(self._tpmkit_handle, name)

    def __getitem__(self, key: Any) -> Any:
        return self._tpmkit_session.call(self._tpmkit_handle, "__getitem__", (key,), {})

    def __len__(self) -> int:
        return int(self._tpmkit_session.call(self._tpmkit_handle, "__len__", (), {}))

    def __bool__(self) -> bool:
        return True

    __iter__ = None

    def __repr__(self) -> str:
        return f"<{self._tpmkit_kind} in the learner's notebook>"


class RemoteFunction(RemoteObject):
    """A learner's function, class or other callable."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._tpmkit_session.call(self._tpmkit_handle, None, args, kwargs)

    def _tpmkit_many(self, rows: Sequence[tuple]) -> list[Called]:
        return self._tpmkit_session.many(self._tpmkit_handle, rows)


class Unreadable:
    """A learner's value that cannot be read; using it in any way says why."""

    def __init__(self, name: str, why: str) -> None:
        self._name, self._why = name, why

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError(f"{self._name} is not plain data: {self._why}")

    __getattr__ = __getitem__ = __len__ = __call__ = __iter__ = __bool__ = __float__ = _refuse
    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = __hash__ = _refuse

    def __repr__(self) -> str:
        return f"<{self._name}: {self._why[:80]}>"


def _opaque(value: Any) -> dict:
    if isinstance(value, RemoteObject):
        return {"$h": value._tpmkit_handle}
    name = library_name(value)
    if name is None:
        raise CodecError(f"a test may pass plain data, not {type(value).__name__}")
    return {"$lib": name}


def _exception(reply: dict) -> Exception | SystemExit:
    kind = getattr(builtins, str(reply.get("raised")), None)
    message = f"{reply.get('message', '')!s:.500}"
    if not (isinstance(kind, type) and issubclass(kind, (Exception, SystemExit))):
        kind = RuntimeError
    try:
        return kind(message)
    except TypeError:  # UnicodeDecodeError and others need more than a message
        return ValueError(message) if issubclass(kind, ValueError) else RuntimeError(message)

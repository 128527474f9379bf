"""The learner's side of the wall: runs cells and answers calls, for one submission."""

from __future__ import annotations

import base64
import builtins
import os
import random
import signal
from pathlib import Path
from typing import Any

import numpy as np

from tpmkit.autograde.codec import CodecError, decode, encode, library_function
from tpmkit.autograde.runner import CellRunner
from tpmkit.autograde.wire import Channel, ChannelClosed

__all__ = ["serve"]

HANDLES = 100_000


class Server:
    """Answers the judge's requests with this process's namespace."""

    def __init__(self, runner: CellRunner) -> None:
        self.runner = runner
        self.handles: list[Any] = []
        self.busy = False

    def interrupt(self, *_: Any) -> None:
        if self.busy:
            raise KeyboardInterrupt

    def answer(self, request: dict) -> dict:
        return getattr(self, "do_" + request["do"])(request)

    def do_files(self, request: dict) -> dict:
        for name, content in request["files"].items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(content))
        return {}

    def do_run(self, request: dict) -> dict:
        return self.runner.run(request["source"])

    def do_get(self, request: dict) -> dict:
        found = {}
        for name in request["names"]:
            if name in self.runner.names:
                try:
                    found[name] = encode(self.runner.names[name], self.opaque)
                except CodecError as error:
                    found[name] = {"$no": str(error)}
        return {"values": found}

    def do_call(self, request: dict) -> dict:
        try:
            target = self.handles[request["handle"]]
            if request["method"] is not None:
                target = getattr(target, request["method"])
            if request["arguments"] is not None:
                args, kwargs = decode(request["arguments"], self.resolve)
                target = target(*args, **kwargs)
            return {"value": encode(target, self.opaque)}
        except BaseException as error:
            return _raised(error)

    def do_many(self, request: dict) -> dict:
        target = self.handles[request["handle"]]
        return {"rows": [self.row(target, row) for row in request["rows"]]}

    def row(self, target: Any, row: Any) -> dict:
        try:
            args = decode(row, self.resolve)
            value = encode(target(*args), self.opaque)
            return {"value": value, "args": encode(args, self.opaque)}
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return _raised(error)

    def opaque(self, value: Any) -> dict:
        if len(self.handles) >= HANDLES:
            raise CodecError("too many objects without a plain form")
        self.handles.append(value)
        return {"$h": [len(self.handles) - 1, type(value).__name__[:100], callable(value)]}

    def resolve(self, tag: str, content: Any) -> Any:
        if tag == "$lib":
            return library_function(content)
        return self.handles[content]


def serve(channel: Channel, runner: CellRunner) -> None:
    """Answer requests until the judge hangs up."""
    server = Server(runner)
    signal.signal(signal.SIGINT, server.interrupt)
    # a forked process inherits the parent's random state: without this all learners share it
    random.seed()
    np.random.seed(None)
    while True:
        try:
            request = channel.receive()
        except ChannelClosed:
            os._exit(0)
        server.busy = True
        try:
            reply = server.answer(request)
        except KeyboardInterrupt:
            reply = {"raised": "KeyboardInterrupt", "message": "interrupted"}
        finally:
            server.busy = False
        try:
            channel.send({"id": request["id"], **reply})
        except ChannelClosed:
            os._exit(0)
        except Exception as error:
            failed = {"raised": "ValueError", "message": str(error)[:500]}
            channel.send({"id": request["id"], **failed})


def _raised(error: BaseException) -> dict:
    kinds = [k.__name__ for k in type(error).__mro__ if getattr(builtins, k.__name__, 0) is k]
    return {"raised": kinds[0] if kinds else "RuntimeError", "message": _message(error)}


def _message(error: BaseException) -> str:
    try:
        return str(error)[:500]
    except BaseException:
        return "(its message cannot be shown)"

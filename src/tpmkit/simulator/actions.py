"""What a program can be told each week, checked at the door."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tpmkit.simulator.errors import ActionError

__all__ = ["OPTIONS", "PACES", "WORKSTREAMS", "Decisions", "parse_action"]

WORKSTREAMS = ("data", "model", "platform", "governance", "debt")
OPTIONS = ("continue", "pivot", "shadow", "launch", "rollback", "kill")
PACES = ("normal", "crunch")
KEYS = ("alloc", "hire", "pace", "comms", "mitigate", "option")
EQUAL = (1.0,) * len(WORKSTREAMS)


@dataclass(frozen=True)
class Decisions:
    """One week's decisions of many episodes, an array each.

    Attributes
    ----------
    alloc : numpy.ndarray
        Shape (5, n): weights from 0 by workstream; the engine makes them shares.
    hire : numpy.ndarray
        -1, 0 or 1.
    crunch : numpy.ndarray
        Whether the week is a long one.
    comms : numpy.ndarray
        0, 1 or 2.
    mitigate : numpy.ndarray
        Index of the risk that is mitigated, -1 for none.
    option : numpy.ndarray
        Index into `OPTIONS`.
    """

    alloc: np.ndarray
    hire: np.ndarray
    crunch: np.ndarray
    comms: np.ndarray
    mitigate: np.ndarray
    option: np.ndarray

    @classmethod
    def gather(cls, parsed: Sequence[tuple]) -> Decisions:
        """Put actions that `parse_action` has checked side by side."""
        alloc, hire, crunch, comms, mitigate, option = zip(*parsed, strict=True)
        return cls(
            np.ascontiguousarray(np.array(alloc, dtype=float).T),
            np.array(hire, dtype=np.int64),
            np.array(crunch, dtype=bool),
            np.array(comms, dtype=np.int64),
            np.array(mitigate, dtype=np.int64),
            np.array(option, dtype=np.int64),
        )

    @classmethod
    def from_arrays(cls, action: Mapping[str, Any], risks: Sequence[str], size: int) -> Decisions:
        """Check an action whose values are arrays over the episodes, or one value for all."""
        _only_known_keys(action)
        alloc = action.get("alloc", EQUAL)
        if isinstance(alloc, Mapping):
            for name in alloc:
                _choice("workstream", name, WORKSTREAMS)
            alloc = [np.broadcast_to(alloc.get(name, 0.0), size) for name in WORKSTREAMS]
            alloc = np.stack(alloc, axis=-1)
        try:
            alloc = np.array(
                np.broadcast_to(np.asarray(alloc, dtype=float), (size, 5)).T, order="C"
            )
        except (TypeError, ValueError):
            raise ActionError(
                f"alloc must be numbers of shape (5,) or ({size}, 5); got {_shown(alloc)}."
            ) from None
        if not (np.isfinite(alloc).all() and (alloc >= 0).all() and (alloc > 0).any(axis=0).all()):
            raise ActionError("Each weight of alloc must be a number from 0, and one above 0.")
        whole = {
            name: _whole_numbers(name, action.get(name, default), allowed, size)
            for name, default, allowed in (("hire", 0, (-1, 0, 1)), ("comms", 1, (0, 1, 2)))
        }
        names = {
            name: _indices(name, action.get(name, default), allowed, size)
            for name, default, allowed in (
                ("pace", "normal", PACES),
                ("option", "continue", OPTIONS),
                ("mitigate", "", ("", *risks)),
            )
        }
        return cls(
            alloc,
            whole["hire"],
            names["pace"] == 1,
            whole["comms"],
            names["mitigate"] - 1,
            names["option"],
        )

    def action(self, risks: Sequence[str], episode: int) -> dict[str, Any]:
        """One episode's decisions as the action that `parse_action` reads."""
        mitigated = int(self.mitigate[episode])
        return {
            "alloc": dict(zip(WORKSTREAMS, self.alloc[:, episode].tolist(), strict=True)),
            "hire": int(self.hire[episode]),
            "pace": PACES[int(self.crunch[episode])],
            "comms": int(self.comms[episode]),
            "mitigate": None if mitigated < 0 else risks[mitigated],
            "option": OPTIONS[int(self.option[episode])],
        }


def parse_action(action: Any, risks: Sequence[str]) -> tuple:
    """Check an action and put its values in order.

    Parameters
    ----------
    action : mapping
        Any of ``alloc`` (workstream -> weight from 0, or five weights), ``hire`` (-1, 0, 1),
        ``pace`` ("normal", "crunch"), ``comms`` (0, 1, 2), ``mitigate`` (a risk or None) and
        ``option``. What is missing has its default.
    risks : sequence of str

    Raises
    ------
    ActionError
        With what was seen and what was expected.
    """
    _only_known_keys(action)
    mitigate = action.get("mitigate")
    return (
        _weights(action.get("alloc", EQUAL)),
        _whole("hire", action.get("hire", 0), (-1, 0, 1)),
        _choice("pace", action.get("pace", "normal"), PACES),
        _whole("comms", action.get("comms", 1), (0, 1, 2)),
        -1 if mitigate is None else _choice("mitigate", mitigate, risks),
        _choice("option", action.get("option", "continue"), OPTIONS),
    )


def _only_known_keys(action: Any) -> None:
    if not isinstance(action, Mapping):
        raise ActionError(
            f"An action is a dict such as {{'option': 'shadow'}}; got {_shown(action)}."
        )
    for key in action:
        if key not in KEYS:
            _choice("key", key, KEYS)


def _weights(alloc: Any) -> tuple[float, ...]:
    if isinstance(alloc, Mapping):
        for name in alloc:
            if name not in WORKSTREAMS:
                _choice("workstream", name, WORKSTREAMS)
        values = [alloc.get(name, 0.0) for name in WORKSTREAMS]
    elif isinstance(alloc, list | tuple) or (isinstance(alloc, np.ndarray) and alloc.ndim == 1):
        values = list(alloc)
    else:
        values = []
    if len(values) != len(WORKSTREAMS):
        raise ActionError(
            f"alloc must be weights for {', '.join(WORKSTREAMS)}, a dict or five numbers; "
            f"got {_shown(alloc)}."
        )
    weights = tuple(map(_weight, values))
    if not any(weights):
        raise ActionError("One weight of alloc must be above 0; got five zeros.")
    return weights


def _weight(value: Any) -> float:
    try:
        weight = float(value) if _is_real(value) else math.nan
    except OverflowError:
        weight = math.inf
    if not 0 <= weight < math.inf:
        raise ActionError(f"Each weight of alloc must be a number from 0; got {_shown(value)}.")
    return weight


def _is_real(value: Any) -> bool:
    return type(value) in (float, int) or (
        isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    )


def _whole(name: str, value: Any, allowed: tuple[int, ...]) -> int:
    if not (_is_real(value) and value in allowed):
        raise ActionError(f"{name} must be {_listed(allowed)}; got {_shown(value)}.")
    return int(value)


def _choice(name: str, value: Any, allowed: Sequence[str]) -> int:
    if isinstance(value, str) and value in allowed:
        return allowed.index(value)
    near = difflib.get_close_matches(value, allowed, 1) if isinstance(value, str) else ()
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ActionError(f"{name} must be one of {', '.join(allowed)}; got {_shown(value)}.{hint}")


def _whole_numbers(name: str, value: Any, allowed: tuple[int, ...], size: int) -> np.ndarray:
    try:
        values = np.broadcast_to(np.asarray(value), size)
    except ValueError:
        values = np.empty(0)
    if values.dtype.kind not in "iuf" or values.size != size or not np.isin(values, allowed).all():
        raise ActionError(f"Each {name} must be {_listed(allowed)}; got {_shown(value)}.")
    return values.astype(np.int64)


def _indices(name: str, value: Any, allowed: Sequence[str], size: int) -> np.ndarray:
    if name == "mitigate" and value is None:
        value = ""
    try:
        values = np.broadcast_to(np.asarray(value), size)
    except ValueError:
        values = np.empty(0)
    found = np.full(size, -1)
    if values.dtype.kind == "U" and values.size == size:
        for index, choice in enumerate(allowed):
            found[values == choice] = index
    if (found < 0).any():
        raise ActionError(
            f"Each {name} must be one of {', '.join(filter(None, allowed))}; got {_shown(value)}."
        )
    return found


def _listed(allowed: tuple[int, ...]) -> str:
    return f"{', '.join(map(str, allowed[:-1]))} or {allowed[-1]}"


def _shown(value: Any) -> str:
    try:
        shown = repr(value)
    except Exception:
        shown = f"a {type(value).__name__}"
    return shown if len(shown) <= 80 else f"{shown[:77]}..."

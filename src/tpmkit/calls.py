"""Many calls of one function in one go, wherever the function lives."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Called", "many"]


@dataclass(frozen=True)
class Called:
    """How one call went.

    Attributes
    ----------
    value : object
        What it returned; None if it raised.
    args : tuple
        The arguments as the call left them; those given if it raised.
    error : Exception or None
        What it raised.
    """

    value: Any
    args: tuple
    error: Exception | None = None


def many(function: Callable, rows: Sequence[tuple]) -> list[Called]:
    """Call a function once for each row of arguments.

    A learner's function that lives in the sandbox is asked in one journey, which costs a
    hundredth of as many single calls. The function works on copies: what it does to its arguments
    is in the answer and nowhere else.

    Parameters
    ----------
    function : callable
    rows : sequence of tuple
        Positional arguments of each call; plain data.

    Returns
    -------
    list of Called
        In the order of the rows. A call that raises spoils no other.

    Raises
    ------
    TimeoutError
        If a function in the sandbox takes longer for all rows than one call may.
    """
    journey = getattr(function, "_tpmkit_many", None)
    return journey(rows) if journey else [_call(function, row) for row in rows]


def _call(function: Callable, row: tuple) -> Called:
    args = copy.deepcopy(row)
    try:
        return Called(function(*args), args)
    except (Exception, SystemExit) as error:
        return Called(None, row, error)

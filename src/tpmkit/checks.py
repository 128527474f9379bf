"""Named, pointed checks for test cells: what was claimed, what was seen, what it earned."""

from __future__ import annotations

import contextlib
import html
import io
import math
import numbers
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Checks"]

SEEN_LIMIT = 200
NOTE_LIMIT = 400
LEFT = "style='text-align:left'"


class NotYet(Exception):
    """The learner has not written this answer: a stub returned None, or a value is still `...`."""


@dataclass(frozen=True)
class Row:
    """One check as it went."""

    passed: bool
    points: float
    name: str
    seen: str
    note: str


class Checks:
    """The score sheet of one test cell.

    A test cell creates one, opens one ``with check(points, name)`` block per claim, and ends
    with the sheet itself: its ``repr`` is the plain number nbgrader reads as partial credit, its
    HTML the table that people read. A failing check costs its own points and nothing else.

    Parameters
    ----------
    points : float
        The points of the whole cell, hidden checks included.

    Raises
    ------
    ValueError
        If `points` is not a positive finite number.

    Examples
    --------
    >>> check = Checks(2)
    >>> with check(1, "half of the damage is found") as see:
    ...     assert see(1 / 2) == 0.5
    >>> with check(1, "nothing flagged gives nothing found", hint="look at the divisor") as see:
    ...     assert see(1.0) == 0.0
    >>> check
    1
    """

    def __init__(self, points: float) -> None:
        self.points = _positive(points, "a test cell")
        self.rows: list[Row] = []

    @contextlib.contextmanager
    def __call__(self, points: float, name: str, hint: str = "") -> Iterator[Callable[[Any], Any]]:
        """Run one check; yield ``see``, which notes a value for the table and returns it.

        Parameters
        ----------
        points : float
            What the check is worth.
        name : str
            The claim, in words a learner understands. Shown in feedback, also for hidden checks.
        hint : str, optional
            Where to look when the check fails. An ``assert`` with its own message replaces it.
        """
        _positive(points, f"check {name!r}")
        seen: list[str] = []

        def see(value: Any) -> Any:
            if value is Ellipsis:
                raise NotYet("not yet")
            if value is None:
                raise NotYet(
                    "not yet: nothing came back; a function answers by return, not by print"
                )
            seen.append(_short(value))
            return value

        note, passed, stderr = "", False, io.StringIO()
        try:
            with warnings.catch_warnings(), contextlib.redirect_stderr(stderr):
                yield see
            passed = True
        except NotYet as error:
            note = str(error)
        except NameError as error:
            seen.append(str(error))
            note = "its answer cell has not run, or stopped at an error: look above"
        except AssertionError as error:
            note = str(error) or hint
        except (Exception, SystemExit) as error:
            seen.append(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
            note = hint
        self.rows.append(Row(passed, points, name, ", ".join(seen)[:SEEN_LIMIT], note[:NOTE_LIMIT]))

    @property
    def score(self) -> int | float:
        """Points earned so far, from 0 to `points`; an int when whole."""
        earned = round(math.fsum(row.points for row in self.rows if row.passed), 6)
        return int(earned) if earned == int(earned) else earned

    def __repr__(self) -> str:
        # nbgrader's validator compares with the cell's points, but a learner's copy holds only the
        # visible checks: there, and only there, all of them passing counts as the whole cell.
        validating = os.environ.get("NBGRADER_EXECUTION") == "validate"
        if validating and self.rows and all(row.passed for row in self.rows):
            return f"{self.points:g}"
        return str(self.score)

    def _repr_html_(self) -> str:
        body = "".join(
            "<tr>"
            f"<td>{'✓' if row.passed else '✗'}</td>"
            f"<td>{row.points if row.passed else 0:g} of {row.points:g}</td>"
            f"<td {LEFT}>{html.escape(row.name)}</td>"
            f"<td {LEFT}>{html.escape(row.seen)}</td>"
            f"<td {LEFT}>{html.escape(row.note)}</td>"
            "</tr>"
            for row in self.rows
        )
        shown = math.fsum(row.points for row in self.rows)
        rest = self.points - shown
        caption = f"{self.score:g} of {shown:g} points" + (
            f"; {rest:g} more are decided when your work is graded" if rest > 1e-9 else ""
        )
        return (
            f"<table><caption {LEFT}>{caption}</caption><thead><tr><th></th><th>points</th>"
            f"<th {LEFT}>check</th><th {LEFT}>seen</th><th {LEFT}>where to look</th></tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )


def _positive(points: float, owner: str) -> float:
    if not isinstance(points, numbers.Real) or not math.isfinite(points) or points <= 0:
        raise ValueError(f"{owner}: points must be a positive finite number, not {points!r}")
    return points


def _short(value: Any) -> str:
    """A value as one short line."""
    if isinstance(value, pd.DataFrame):
        return f"a table of {value.shape[0]} rows × {value.shape[1]} columns"
    if isinstance(value, (np.ndarray, pd.Series)) and value.size > 8:
        return f"{type(value).__name__} of {value.size} values"
    if isinstance(value, pd.Series):
        value = value.to_dict()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, numbers.Real):
        return f"{value:.6g}"
    if isinstance(value, dict):
        more = ", …" if len(value) > 12 else ""
        text = (
            "{" + ", ".join(f"{k!r}: {_short(v)}" for k, v in list(value.items())[:12]) + more + "}"
        )
    elif isinstance(value, (list, tuple)):
        text = "[" + ", ".join(map(_short, value[:8])) + (", …" if len(value) > 8 else "") + "]"
    else:
        text = repr(value)
    return text if len(text) <= SEEN_LIMIT else text[: SEEN_LIMIT - 1] + "…"

"""Pivot and kill criteria: agreed beforehand, and then read off the history."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tpmkit.planning.errors import PlanError, refuse

__all__ = ["Condition", "Criterion", "evaluate_criteria", "read_criteria"]

OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
CONDITION = re.compile(r"(?P<metric>[^<>=]*[^<>=\s])\s*(?P<op><=|>=|<|>)\s*(?P<threshold>[^<>=]+)")
PARTS = {
    "metric": "what is measured",
    "op": "a comparison (<, <=, > or >=)",
    "threshold": "a number to compare with",
    "by_week": "a date (by_week)",
    "action": "what is done then (action)",
}


@dataclass(frozen=True)
class Condition:
    """A metric compared with a number, for example ``recall < 0.8``.

    Parameters
    ----------
    metric : str
    op : {"<", "<=", ">", ">="}
    threshold : float
    """

    metric: str
    op: str
    threshold: float

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read ``"recall < 0.8"`` or ``"error_rate > 5%"``."""
        match = CONDITION.fullmatch(text.strip())
        if match is None:
            raise PlanError(
                f"{text!r} is not observable; write a condition such as 'recall < 0.8'."
            )
        number = match["threshold"].strip()
        try:
            scale = 0.01 if number.endswith("%") else 1.0
            threshold = float(number.removesuffix("%").replace("_", "")) * scale
        except ValueError:
            raise PlanError(f"In {text!r}, {number!r} is no number.") from None
        return cls(match["metric"], match["op"], threshold)

    def holds(self, value: float) -> bool:
        """Whether it is true of a measured value."""
        return bool(OPERATORS[self.op](value, self.threshold))

    def __str__(self) -> str:
        return f"{self.metric} {self.op} {self.threshold:g}"


@dataclass(frozen=True)
class Criterion:
    """If a condition still holds at a date, an action follows that was agreed beforehand.

    Parameters
    ----------
    metric, op, threshold
        The condition under which the program does not go on as it is: ``"recall", "<", 0.8``.
    by_week : int
        The week in which it is judged.
    action : str
        What is done if it still holds: pivot, kill, rollback ...
    grace : int, optional
        Weeks after `by_week` in which it may still be cured.
    """

    metric: str
    op: str
    threshold: float
    by_week: int
    action: str
    grace: int = 0

    def __post_init__(self) -> None:
        refuse("This criterion is too vague to act on", _vague(vars(self)))

    @property
    def condition(self) -> Condition:
        return Condition(self.metric, self.op, float(self.threshold))

    def __str__(self) -> str:
        grace = f" (grace {self.grace:g})" if self.grace else ""
        return f"{self.condition} in week {self.by_week:g}{grace}: {self.action}"


def read_criteria(rows: Iterable[Mapping[str, Any]] | pd.DataFrame) -> tuple[Criterion, ...]:
    """Criteria from dictionaries or a table; a vague one is refused and the missing part named.

    Parameters
    ----------
    rows : iterable of dict, or pandas.DataFrame
        With metric, op, threshold, by_week, action and, optionally, grace.

    Raises
    ------
    PlanError
        Naming each criterion that lacks a part, and the part.
    """
    if isinstance(rows, pd.DataFrame):
        rows = rows.to_dict("records")
    rows = [{key: row.get(key) for key in (*PARTS, "grace")} for row in rows]
    refuse(
        "These criteria are too vague to act on",
        (f"criterion {n}: {part}" for n, row in enumerate(rows, start=1) for part in _vague(row)),
    )
    return tuple(
        Criterion(
            str(row["metric"]),
            row["op"],
            float(row["threshold"]),
            int(row["by_week"]),
            str(row["action"]),
            0 if _empty(row["grace"]) else int(row["grace"]),
        )
        for row in rows
    )


def evaluate_criteria(history: pd.DataFrame, criteria: Iterable[Criterion]) -> pd.DataFrame:
    """What the criteria said, week by week.

    Parameters
    ----------
    history : pandas.DataFrame
        A column ``week`` and one for each metric; a metric that was not measured is missing.
    criteria : iterable of Criterion

    Returns
    -------
    pandas.DataFrame
        Columns week, criterion, state, action (empty unless triggered). The states: ``not due``
        before `by_week`; ``no data`` if it is due and was not measured; ``warning`` if it holds
        and grace is left; ``triggered`` if it holds when grace has ended, and ever after;
        ``cleared`` once it was due and did not hold, and ever after. Grace that ends without data
        triggers at the first week with data that still holds.
    """
    if "week" not in history:
        raise PlanError(f"The history needs a column 'week'; it has {', '.join(history)}.")
    history = history.sort_values("week", kind="stable")
    if (twice := history["week"][history["week"].duplicated()]).size:
        raise PlanError(f"Week {twice.iloc[0]} is in the history twice.")
    rows = []
    for criterion in criteria:
        if criterion.metric not in history:
            raise PlanError(
                f"The history has no {criterion.metric!r}; it has {', '.join(history.columns[1:])}."
            )
        state = "not due"
        for week, value in zip(history["week"], history[criterion.metric], strict=True):
            if week >= criterion.by_week and state not in ("cleared", "triggered"):
                if pd.isna(value):
                    state = "no data"
                elif not criterion.condition.holds(value):
                    state = "cleared"
                else:
                    late = week >= criterion.by_week + criterion.grace
                    state = "triggered" if late else "warning"
            rows.append(
                (week, str(criterion), state, criterion.action if state == "triggered" else "")
            )
    table = pd.DataFrame(rows, columns=["week", "criterion", "state", "action"])
    return table.sort_values("week", kind="stable", ignore_index=True)


def _vague(parts: Mapping[str, Any]) -> list[str]:
    """What is missing or unusable in a criterion."""
    found = [f"it lacks {what}" for part, what in PARTS.items() if _empty(parts[part])]
    if not _empty(parts["op"]) and parts["op"] not in OPERATORS:
        found.append(f"{parts['op']!r} is no comparison; use {', '.join(OPERATORS)}")
    for part in ("threshold", "by_week", "grace"):
        if _empty(parts[part]):
            continue
        try:
            number = float(parts[part])
        except (TypeError, ValueError):
            found.append(f"{part} is {parts[part]!r}, not a number")
            continue
        if part != "threshold" and (number < 0 or number != int(number)):
            found.append(f"{part} is {number:g}, not a number of weeks")
    return found


def _empty(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))

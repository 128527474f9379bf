"""The critical path method: earliest and latest dates, float, and every critical path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tpmkit.planning.errors import PlanError
from tpmkit.planning.network import Dependency, Plan

__all__ = ["CriticalPath", "critical_path"]

TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class CriticalPath:
    """The answer of `critical_path`.

    Attributes
    ----------
    finish : float
        Working days until the last activity is finished.
    table : pandas.DataFrame
        A row for each activity, in the order of the plan: duration, earliest_start,
        earliest_finish, latest_start, latest_finish, total_float, free_float, critical.
    """

    plan: Plan
    finish: float
    table: pd.DataFrame

    @property
    def critical(self) -> tuple[str, ...]:
        """Ids of the critical activities, predecessors first."""
        critical = self.table["critical"]
        return tuple(id for id in self.plan.order if critical[id])

    def paths(self, limit: int = 1000) -> list[tuple[str, ...]]:
        """Every critical path, each from its first to its last activity.

        Raises
        ------
        PlanError
            If there are more than `limit`.
        """
        found = []
        for path in self._walk():
            if len(found) == limit:
                raise PlanError(
                    f"There are more than {limit} critical paths; ask with a higher limit."
                )
            found.append(path)
        return sorted(found)

    def _walk(self) -> Iterator[tuple[str, ...]]:
        t = self.table.to_dict("index")
        follows = {
            id: sorted(
                {
                    other
                    for other, dependency in self.plan.successors[id]
                    if t[other]["critical"]
                    and abs(_earliest(dependency, t[id], t[other]) - t[other]["earliest_start"])
                    <= TOLERANCE
                }
            )
            for id in self.critical
        }
        followed = {other for others in follows.values() for other in others}
        stack = [(id,) for id in self.critical if id not in followed]
        while stack:
            path = stack.pop()
            others = follows[path[-1]]
            if not others:
                yield path
            stack += [(*path, other) for other in others]

    def _repr_html_(self) -> str:
        return self.table.round(2)._repr_html_()

    def __repr__(self) -> str:
        return f"{self.table.round(2).to_string()}\nfinish: {self.finish:g} working days"


def critical_path(plan: Plan, durations: Any = "point") -> CriticalPath:
    """Earliest and latest dates of each activity, and which of them cannot slip.

    Parameters
    ----------
    plan : Plan
    durations : {"point", "mean"}, float or mapping, optional
        What number of days to take from each estimate; see `Plan.durations`.

    Returns
    -------
    CriticalPath

    Examples
    --------
    >>> plan = Plan([Activity("a", 3), Activity("b", 5), Activity("c", 2, "a; b")])
    >>> path = critical_path(plan)
    >>> path.finish, path.paths()
    (7.0, [('b', 'c')])
    """
    days = plan.durations(durations)
    t: dict[str, dict[str, Any]] = {}
    for id in plan.order:
        activity, row = plan[id], {"duration": days[id]}
        bounds = [_earliest(d, t[d.predecessor], row) for d in activity.predecessors]
        row["earliest_start"] = max([float(activity.not_before), *bounds])
        row["earliest_finish"] = row["earliest_start"] + days[id]
        t[id] = row
    finish = max(row["earliest_finish"] for row in t.values())
    for id in reversed(plan.order):
        row, slack = t[id], []
        row["latest_finish"] = finish
        for other, dependency in plan.successors[id]:
            later = t[other]
            # How far this one may slip before the other one slips beyond its latest start.
            room = later["latest_start"] - _earliest(dependency, row, later)
            row["latest_finish"] = min(row["latest_finish"], row["earliest_finish"] + room)
            slack.append(later["earliest_start"] - _earliest(dependency, row, later))
        row["latest_start"] = row["latest_finish"] - days[id]
        row["total_float"] = row["latest_finish"] - row["earliest_finish"]
        row["free_float"] = min([row["total_float"], *slack])
        row["critical"] = row["total_float"] <= TOLERANCE
    columns = [
        "duration",
        "earliest_start",
        "earliest_finish",
        "latest_start",
        "latest_finish",
        "total_float",
        "free_float",
        "critical",
    ]
    table = pd.DataFrame([t[id] for id in plan.ids], index=pd.Index(plan.ids, name="id"))
    return CriticalPath(plan, finish, table[columns])


def _earliest(dependency: Dependency, before: dict[str, Any], after: dict[str, Any]) -> float:
    """The start that a dependency allows, given when the predecessor runs."""
    event = before["earliest_start"] if dependency.kind[0] == "S" else before["earliest_finish"]
    return event + dependency.lag - (after["duration"] if dependency.kind[1] == "F" else 0.0)

"""Schedules when people and machines are limited."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from tpmkit.planning.cpm import critical_path
from tpmkit.planning.errors import PlanError, refuse
from tpmkit.planning.network import Activity, Dependency, Plan

__all__ = ["RULES", "Schedule", "level", "optimal_schedule"]

TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Schedule:
    """A schedule that never needs more than there is.

    Attributes
    ----------
    table : pandas.DataFrame
        By id, in the order of the plan: start, finish, and delay against the critical path
        method, which knows no limits.
    finish : float
        Working days until all is done.
    rule : str
        How it was found.
    """

    plan: Plan
    capacity: dict[str, float]
    table: pd.DataFrame
    rule: str

    @property
    def finish(self) -> float:
        return float(self.table["finish"].max())

    def usage(self) -> pd.DataFrame:
        """Units of each resource in use, from each moment at which that changes."""
        moments = np.unique(self.table[["start", "finish"]].to_numpy())
        frame = pd.DataFrame(0.0, index=pd.Index(moments, name="day"), columns=list(self.capacity))
        for id, row in self.table.iterrows():
            busy = (moments >= row["start"] - TOLERANCE) & (moments < row["finish"] - TOLERANCE)
            for name, units in self.plan[id].resources.items():
                frame.loc[busy, name] += units
        return frame

    def as_plan(self) -> Plan:
        """The plan with this schedule's handovers as dependencies, ready to be simulated.

        Whoever gets a resource waits for the activity that hands it over, so no run of a Monte
        Carlo needs more than there is, however long things take. (Where a lead lets work start
        before what it waits for, a handover can close a circle; that is refused.)
        """
        place = {id: number for number, id in enumerate(self.plan.order)}
        queue = sorted(self.plan.ids, key=lambda id: (self._start(id), place[id]))
        added: dict[str, list[Dependency]] = {id: [] for id in self.plan.ids}
        for name, units in self.capacity.items():
            holders: list[list[Any]] = [[None, units]]
            for id in queue:
                wanted = self.plan[id].resources.get(name, 0.0)
                needed = wanted
                holders.sort(key=lambda holder: self._handover(holder[0], id))
                for holder in holders:
                    owner, held = holder
                    if needed <= TOLERANCE:
                        break
                    taken = min(held, needed)
                    holder[1] -= taken
                    needed -= taken
                    if owner is not None:
                        added[id].append(Dependency(owner))
                if wanted:
                    holders.append([id, wanted])
                holders = [holder for holder in holders if holder[1] > TOLERANCE]
        return dataclasses.replace(
            self.plan,
            activities=tuple(
                dataclasses.replace(a, predecessors=(*a.predecessors, *added[a.id]))
                for a in self.plan.activities
            ),
        )

    def _handover(self, owner: str | None, id: str) -> tuple[bool, float]:
        """Which units an activity takes first: those that became free last, idle ones stay.

        Units in use come last; only an activity that takes no time in this schedule needs them.
        """
        ready = 0.0 if owner is None else self._finish(owner)
        free = owner is None or ready <= self._start(id) + TOLERANCE
        return not free, -ready if free else ready

    def _start(self, id: str) -> float:
        return float(self.table.at[id, "start"])

    def _finish(self, id: str) -> float:
        return float(self.table.at[id, "finish"])

    def _repr_html_(self) -> str:
        return self.table.round(2)._repr_html_()

    def __repr__(self) -> str:
        return (
            f"{self.table.round(2).to_string()}\nfinish: {self.finish:g} working days ({self.rule})"
        )


# What goes first among activities whose predecessors are placed: smaller is sooner.
RULES: dict[str, Callable[[Activity, pd.Series, Plan], float]] = {
    "latest_finish": lambda a, row, plan: row["latest_finish"],
    "latest_start": lambda a, row, plan: row["latest_start"],
    "total_float": lambda a, row, plan: row["total_float"],
    "shortest": lambda a, row, plan: row["duration"],
    "longest": lambda a, row, plan: -row["duration"],
    "most_successors": lambda a, row, plan: -len(_all_successors(plan, a.id)),
    "most_work": lambda a, row, plan: -row["duration"] * sum(a.resources.values()),
}


def level(
    plan: Plan,
    capacity: Mapping[str, float],
    *,
    durations: Any = "point",
    rule: str = "best",
) -> Schedule:
    """Place each activity as early as dependencies and resources allow, the most urgent first.

    A serial schedule-generation scheme: activities are placed one by one, in the order of a
    priority rule, and never moved again.

    Parameters
    ----------
    plan : Plan
    capacity : mapping
        Units there are of each resource, for example ``{"ml_engineer": 2, "gpu": 1}``.
    durations : optional
        As for `critical_path`.
    rule : str, optional
        A name in `RULES`, or "best" to try all and keep the earliest finish.

    Returns
    -------
    Schedule

    Raises
    ------
    PlanError
        If an activity needs more than there is in all.
    """
    capacity = _capacity(plan, capacity)
    if rule != "best" and rule not in RULES:
        raise PlanError(f"There is no rule {rule!r}. There are: best, {', '.join(RULES)}.")
    unlimited = critical_path(plan, durations).table
    found = [
        _schedule(plan, capacity, unlimited, _place(plan, capacity, unlimited, name), name)
        for name in (RULES if rule == "best" else [rule])
    ]
    return min(found, key=lambda schedule: schedule.finish)


def optimal_schedule(
    plan: Plan, capacity: Mapping[str, float], *, durations: Any = "point"
) -> Schedule:
    """The shortest schedule there is, for small plans in whole days.

    Solves the time-indexed integer program; a yardstick for `level`, not a replacement: the effort
    explodes beyond some 20 activities or 100 days.

    Parameters
    ----------
    plan, capacity, durations
        As for `level`; durations, lags and earliest starts must be whole days.

    Returns
    -------
    Schedule
    """
    capacity = _capacity(plan, capacity)
    unlimited = critical_path(plan, durations).table
    days = unlimited["duration"]
    numbers = {f"{id} takes {days[id]:g}": days[id] for id in plan.ids}
    for a in plan.activities:
        numbers[f"{a.id} starts not before {a.not_before:g}"] = a.not_before
        numbers |= {f"{a.id} waits for {d}": d.lag for d in a.predecessors}
    refuse(
        "The exact schedule needs whole days; pass durations={id: days, ...}",
        (what for what, number in numbers.items() if number != int(number)),
    )
    horizon = int(level(plan, capacity, durations=durations).finish)
    first = {id: int(unlimited.at[id, "earliest_start"]) for id in plan.ids}
    # One yes-or-no variable for each activity and each day it may start on.
    slots = [(id, t) for id in plan.ids for t in range(first[id], horizon - int(days[id]) + 1)]
    columns = {slot: column for column, slot in enumerate(slots)}
    options = {id: [t for t in range(horizon + 1) if (id, t) in columns] for id in plan.ids}
    rows: list[tuple[dict[int, float], float, float]] = []
    for id in plan.ids:
        rows.append(({columns[id, t]: 1.0 for t in options[id]}, 1.0, 1.0))
        for d in plan[id].predecessors:
            gap = d.lag
            gap += days[d.predecessor] if d.kind[0] == "F" else 0
            gap -= days[id] if d.kind[1] == "F" else 0
            row = {columns[id, t]: float(t) for t in options[id]}
            row |= {columns[d.predecessor, t]: -float(t) for t in options[d.predecessor]}
            rows.append((row, gap, np.inf))
    for name, units in capacity.items():
        for day in range(horizon):
            busy = {
                columns[id, t]: plan[id].resources[name]
                for id in plan.ids
                if name in plan[id].resources
                for t in options[id]
                if t <= day < t + days[id]
            }
            if busy:
                rows.append((busy, -np.inf, units))
    # The last column is the finish of the whole plan.
    for id in plan.ids:
        row = {columns[id, t]: -float(t + days[id]) for t in options[id]}
        rows.append((row | {len(slots): 1.0}, 0.0, np.inf))
    matrix = sparse.lil_array((len(rows), len(slots) + 1))
    for number, (row, _, _) in enumerate(rows):
        for column, value in row.items():
            matrix[number, column] = value
    result = optimize.milp(
        c=[0.0] * len(slots) + [1.0],
        constraints=optimize.LinearConstraint(
            matrix.tocsr(), [low for _, low, _ in rows], [high for _, _, high in rows]
        ),
        integrality=[1] * len(slots) + [0],
        bounds=optimize.Bounds(0, [1] * len(slots) + [horizon]),
    )
    starts = {slots[c][0]: float(slots[c][1]) for c in np.flatnonzero(result.x[:-1] > 0.5)}
    return _schedule(plan, capacity, unlimited, starts, "optimal")


def _capacity(plan: Plan, capacity: Mapping[str, float]) -> dict[str, float]:
    units = {name: float(number) for name, number in capacity.items()}
    refuse(
        "This work can never be done with these resources",
        (
            f"activity {a.id!r} needs {wanted:g} of {name!r}, and there are {units.get(name, 0):g}"
            for a in plan.activities
            for name, wanted in a.resources.items()
            if wanted > units.get(name, 0.0)
        ),
    )
    return units


def _place(
    plan: Plan, capacity: dict[str, float], unlimited: pd.DataFrame, rule: str
) -> dict[str, float]:
    """Starts by the serial scheme."""
    rows = unlimited.to_dict("index")
    urgency = {id: (RULES[rule](plan[id], rows[id], plan), id) for id in plan.ids}
    waiting = {id: {d.predecessor for d in plan[id].predecessors} for id in plan.ids}
    starts: dict[str, float] = {}
    finishes: dict[str, float] = {}
    while waiting:
        id = min((id for id, before in waiting.items() if not before), key=urgency.__getitem__)
        activity, duration = plan[id], rows[id]["duration"]
        start = float(activity.not_before)
        for d in activity.predecessors:
            event = (starts if d.kind[0] == "S" else finishes)[d.predecessor]
            start = max(start, event + d.lag - (duration if d.kind[1] == "F" else 0.0))
        # A start is either as soon as dependencies allow or when somebody else finishes.
        for moment in sorted({start, *(f for f in finishes.values() if f > start)}):
            if _fits(plan, capacity, starts, finishes, activity, moment, moment + duration):
                break
        starts[id], finishes[id] = moment, moment + duration
        del waiting[id]
        for before in waiting.values():
            before.discard(id)
    return starts


def _fits(
    plan: Plan,
    capacity: dict[str, float],
    starts: dict[str, float],
    finishes: dict[str, float],
    activity: Activity,
    start: float,
    finish: float,
) -> bool:
    for name, wanted in activity.resources.items():
        busy = [
            (starts[id], finishes[id], plan[id].resources[name])
            for id in starts
            if name in plan[id].resources
            and starts[id] < finish - TOLERANCE
            and finishes[id] > start + TOLERANCE
        ]
        # Use only rises when somebody starts: those are the moments to look at.
        for moment in {start, *(s for s, _, _ in busy if s > start)}:
            used = sum(u for s, f, u in busy if s <= moment + TOLERANCE and f > moment + TOLERANCE)
            if used + wanted > capacity[name] + TOLERANCE:
                return False
    return True


def _schedule(
    plan: Plan,
    capacity: dict[str, float],
    unlimited: pd.DataFrame,
    starts: dict[str, float],
    rule: str,
) -> Schedule:
    start = pd.Series(starts, dtype=float)[list(plan.ids)].rename_axis("id")
    table = pd.DataFrame({"start": start, "finish": start + unlimited["duration"]})
    table["delay"] = table["start"] - unlimited["earliest_start"]
    return Schedule(plan, capacity, table, rule)


def _all_successors(plan: Plan, id: str) -> set[str]:
    found: set[str] = set()
    stack = [id]
    while stack:
        others = {other for other, _ in plan.successors[stack.pop()]} - found
        found |= others
        stack += others
    return found

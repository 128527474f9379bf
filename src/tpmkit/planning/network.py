"""A plan as a network: what must be done, how long it may take, and what waits for what."""

from __future__ import annotations

import dataclasses
import graphlib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from tpmkit.planning.errors import PlanError, refuse
from tpmkit.planning.estimates import Empirical, Fixed, as_estimate
from tpmkit.planning.levels import as_level

__all__ = ["Activity", "Dependency", "Plan"]

KINDS = ("FS", "SS", "FF", "SF")
DEPENDENCY = re.compile(
    r"(?P<id>\S.*?)(?:\s+(?=FS|SS|FF|SF|[+-])(?P<kind>FS|SS|FF|SF)?\s*(?P<lag>[+-]\s*\d+(?:\.\d+)?)?)?"
)
RESOURCE = re.compile(r"(?P<name>[^:]*\S)\s*(?::\s*(?P<units>\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Dependency:
    """One activity waits for another.

    Parameters
    ----------
    predecessor : str
        Id of the activity that is waited for.
    kind : {"FS", "SS", "FF", "SF"}, optional
        From the predecessor's finish or start to the successor's start or finish.
    lag : float, optional
        Working days to wait; negative for a lead.

    Notes
    -----
    With FF and SF a longer activity can start earlier, and so can what waits for its *start*: only
    among FS and SS is it certain that more work never means an earlier finish.
    """

    predecessor: str
    kind: str = "FS"
    lag: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise PlanError(f"A dependency is one of {', '.join(KINDS)}; got {self.kind!r}.")
        if not math.isfinite(self.lag):
            raise PlanError(f"The lag after {self.predecessor!r} must be a number; got {self.lag}.")

    @classmethod
    def parse(cls, text: str) -> Dependency:
        """Read ``"A"``, ``"A +2"`` or ``"A SS-1.5"``; a space stands before kind and lag."""
        match = DEPENDENCY.fullmatch(text.strip())
        if match is None:
            raise PlanError(f"{text!r} is not a dependency; write 'A', 'A +2' or 'A SS+2'.")
        lag = (match["lag"] or "0").replace(" ", "")
        return cls(match["id"], match["kind"] or "FS", float(lag))

    def __str__(self) -> str:
        lag = f"{self.lag:+.12g}" if self.lag else ""
        kind = "" if self.kind == "FS" else self.kind
        return f"{self.predecessor} {kind}{lag}".strip()


@dataclass(frozen=True)
class Activity:
    """A piece of work.

    Parameters
    ----------
    id : str
        Short and unique.
    duration : float, tuple or Estimate
        Working days; see `as_estimate`.
    predecessors : str or sequence of str or Dependency, optional
        What it waits for, for example ``"data; gpu FS+2; legal SS"``.
    name : str, optional
        What people call it; the id if not given.
    resources : str or mapping, optional
        Units it occupies while it runs, for example ``"ml_engineer:2; gpu"``.
    cost_per_day, fixed_cost : float, optional
        Money for each working day of its duration, and once.
    not_before : float, optional
        Earliest start, in working days from the start of the program.
    """

    id: str
    duration: Any
    predecessors: Any = ()
    name: str = ""
    resources: Any = field(default=(), hash=False)
    cost_per_day: float = 0.0
    fixed_cost: float = 0.0
    not_before: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip() or re.search("[;,]", self.id):
            raise PlanError(f"An activity's id is a text without ';' and ','; got {self.id!r}.")
        for name in ("cost_per_day", "fixed_cost", "not_before"):
            number = getattr(self, name)
            if not (math.isfinite(number) and number >= 0):
                raise PlanError(f"Activity {self.id!r}: {name} is {number}; it must be 0 or more.")
        freeze = object.__setattr__
        freeze(self, "duration", as_estimate(self.duration))
        freeze(self, "predecessors", _dependencies(self.predecessors))
        freeze(self, "resources", _resources(self.resources))
        freeze(self, "name", self.name or self.id)


@dataclass(frozen=True)
class Plan:
    """Activities and what they wait for.

    Parameters
    ----------
    activities : sequence of Activity
    overhead_per_day : float, optional
        Money the program costs for every working day until it finishes, whoever works.

    Raises
    ------
    PlanError
        If ids are given twice, predecessors are unknown or activities wait for each other in a
        circle.

    Examples
    --------
    >>> plan = Plan([Activity("data", (5, 8, 20)), Activity("model", (10, 15, 40), "data")])
    >>> plan.ids
    ('data', 'model')
    """

    activities: tuple[Activity, ...]
    overhead_per_day: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "activities", tuple(self.activities))
        refuse("This plan cannot be used", problems(self.activities))

    def __len__(self) -> int:
        return len(self.activities)

    def __getitem__(self, activity: str) -> Activity:
        if activity not in self._by_id:
            raise PlanError(f"There is no activity {activity!r}. There are: {', '.join(self.ids)}.")
        return self._by_id[activity]

    @cached_property
    def _by_id(self) -> dict[str, Activity]:
        return {activity.id: activity for activity in self.activities}

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids, in the order of the plan."""
        return tuple(activity.id for activity in self.activities)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Ids so that predecessors come first; the same however the plan is sorted."""
        sorter = _sorter(self.activities)
        sorter.prepare()
        order: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            order += ready
            sorter.done(*ready)
        return tuple(order)

    @cached_property
    def successors(self) -> Mapping[str, tuple[tuple[str, Dependency], ...]]:
        """For each id, who waits for it and how."""
        waiting: dict[str, list[tuple[str, Dependency]]] = {id: [] for id in self.order}
        for id in self.order:
            for dependency in self[id].predecessors:
                waiting[dependency.predecessor].append((id, dependency))
        return {id: tuple(pairs) for id, pairs in waiting.items()}

    def durations(self, by: Any = "point") -> dict[str, float]:
        """One number of days for each activity.

        Parameters
        ----------
        by : {"point", "mean"}, float or mapping, optional
            The single figures of the estimates, their means, a P-level (80) of each, or a mapping
            from id to days.
        """
        if isinstance(by, (Mapping, pd.Series)):
            if missing := [id for id in self.ids if id not in by]:
                raise PlanError(f"No duration given for {', '.join(missing)}.")
            return {id: Fixed(float(by[id])).value for id in self.ids}
        if by == "point":
            return {activity.id: activity.duration.point for activity in self.activities}
        if by == "mean":
            return {activity.id: activity.duration.mean for activity in self.activities}
        if isinstance(by, str):
            raise PlanError(f"Durations are 'point', 'mean', a P-level or a mapping; got {by!r}.")
        level = as_level(by)
        return {activity.id: float(activity.duration.ppf(level)) for activity in self.activities}

    def replace(self, activity: str, **changes: Any) -> Plan:
        """The same plan with one activity changed, for example ``replace("model", duration=9)``."""
        changed = dataclasses.replace(self[activity], **changes)
        activities = [changed if a.id == activity else a for a in self.activities]
        return dataclasses.replace(self, activities=tuple(activities))

    def with_reference_class(self, ratios: Iterable[float]) -> Plan:
        """The same plan by the outside view: each point estimate times what happened before.

        Parameters
        ----------
        ratios : iterable of float
            Actual divided by estimated duration of comparable, finished work.
        """
        ratios = tuple(map(float, ratios))
        return dataclasses.replace(
            self,
            activities=tuple(
                dataclasses.replace(
                    activity,
                    duration=Empirical(tuple(activity.duration.point * r for r in ratios)),
                )
                if activity.duration.point > 0
                else activity
                for activity in self.activities
            ),
        )


def problems(
    activities: Iterable[Activity],
    where: Callable[[int, str], str] = lambda place, id: f"activity {id!r}",
) -> list[str]:
    """What makes a list of activities no plan, each named by `where` (place in the list, id)."""
    activities = list(activities)
    if not activities:
        return ["there is no activity in it"]
    found: list[str] = []
    first: dict[str, int] = {}
    for place, activity in enumerate(activities):
        if activity.id in first:
            twin = where(first[activity.id], activity.id)
            found.append(f"{where(place, activity.id)} has the same id as {twin}")
        first.setdefault(activity.id, place)
    for place, activity in enumerate(activities):
        for dependency in activity.predecessors:
            if dependency.predecessor not in first:
                found.append(
                    f"{where(place, activity.id)} waits for {dependency.predecessor!r}, "
                    "which is not in the plan"
                )
    if not found:
        try:
            _sorter(activities).prepare()
        except graphlib.CycleError as error:
            circle = error.args[1]
            # Say it from the alphabetically first, so that the sentence does not depend on sorting.
            turn = circle.index(min(circle))
            circle = circle[turn:-1] + circle[:turn] + [circle[turn]]
            rows = ", ".join(where(first[id], id) for id in circle[:-1])
            found.append(f"a circle: {' -> '.join(circle)} ({rows})")
    return found


def _sorter(activities: Iterable[Activity]) -> graphlib.TopologicalSorter:
    return graphlib.TopologicalSorter(
        {a.id: [dependency.predecessor for dependency in a.predecessors] for a in activities}
    )


def _dependencies(value: Any) -> tuple[Dependency, ...]:
    if isinstance(value, str):
        value = [part for part in re.split("[;,]", value) if part.strip()]
    elif isinstance(value, Dependency):
        value = [value]
    found = [part if isinstance(part, Dependency) else Dependency.parse(part) for part in value]
    return tuple(sorted(set(found), key=lambda d: (d.predecessor, d.kind, d.lag)))


def _resources(value: Any) -> dict[str, float]:
    if isinstance(value, str):
        found: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in re.split("[;,]", value))):
            match = RESOURCE.fullmatch(part)
            if match is None:
                raise PlanError(f"{part!r} is not a resource; write 'gpu' or 'ml_engineer:2'.")
            found[match["name"]] = found.get(match["name"], 0) + float(match["units"] or 1)
        value = found
    units = {name: float(number) for name, number in dict(value).items()}
    for name, number in units.items():
        if not (math.isfinite(number) and number > 0):
            raise PlanError(f"Resource {name!r} needs {number} units; it must be above 0.")
    return dict(sorted(units.items()))

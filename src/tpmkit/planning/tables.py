"""Plans as plain tables: CSV in, CSV out, and the export of an issue tracker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tpmkit.planning.cells import read_cells
from tpmkit.planning.errors import PlanError, refuse
from tpmkit.planning.estimates import Empirical, Estimate, Fixed, Lognormal, Pert, Triangular
from tpmkit.planning.network import Activity, Dependency, Plan, problems

__all__ = ["COLUMNS", "plan_table", "read_plan", "read_tracker", "write_plan"]

COLUMNS = {
    "id": "Short and unique; the only column that every table needs, beside a duration.",
    "name": "What people call it.",
    "predecessors": "Ids, separated by ';', with kind and lag after a space: 'data; gpu FS+2'.",
    "distribution": "fixed, triangular, pert, lognormal or empirical; else told from the numbers.",
    "duration": "Working days, if known.",
    "low": "Three-point estimate: smallest ...",
    "mode": "... most likely ...",
    "high": "... and largest number of days (pert, or triangular).",
    "p10": "Range: one chance in ten to be shorter ...",
    "p90": "... and one in ten to be longer (lognormal).",
    "values": "Observed durations, separated by ';' (empirical).",
    "resources": "Units occupied, as 'ml_engineer:2; gpu'.",
    "cost_per_day": "Money for each day of duration.",
    "fixed_cost": "Money, once.",
    "not_before": "Earliest start, in working days from the start of the program.",
}
DISTRIBUTIONS = {
    "fixed": (Fixed, ("duration",)),
    "pert": (Pert, ("low", "mode", "high")),
    "triangular": (Triangular, ("low", "mode", "high")),
    "lognormal": (Lognormal, ("p10", "p90")),
    "empirical": (Empirical, ("values",)),
}
AMOUNTS = ("cost_per_day", "fixed_cost", "not_before")
UNITS = {"days": 1.0, "hours": 1 / 8, "minutes": 1 / 480, "seconds": 1 / 28_800, "weeks": 5.0}


def read_plan(source: str | Path | pd.DataFrame, *, overhead_per_day: float = 0.0) -> Plan:
    """A plan from a CSV file or a table.

    Parameters
    ----------
    source : path or pandas.DataFrame
        With columns of `COLUMNS`; other columns are refused, so that no misspelt estimate is lost.
    overhead_per_day : float, optional
        As for `Plan`.

    Raises
    ------
    PlanError
        Naming the rows, as a spreadsheet counts them (the header is row 1).
    """
    table = source if isinstance(source, pd.DataFrame) else read_cells(source)
    if unknown := [str(name) for name in table if name not in COLUMNS]:
        raise PlanError(
            f"The plan has columns that are not known: {', '.join(unknown)}. "
            f"Known are {', '.join(COLUMNS)}."
        )
    return _plan(table, overhead_per_day)


def read_tracker(
    source: str | Path | pd.DataFrame,
    columns: Mapping[str, str],
    *,
    unit: str = "days",
    outside: str = "error",
    overhead_per_day: float = 0.0,
) -> Plan:
    """A plan from the export of an issue tracker, its columns mapped by name.

    Parameters
    ----------
    source : path or pandas.DataFrame
        A CSV export. A header that occurs several times (one column for each link, as Jira writes
        them) is read as one list.
    columns : mapping
        From a name in `COLUMNS` to the header in the export, for example
        ``{"id": "Key", "duration": "Estimate", "predecessors": "Inward issue link (Blocks)"}``.
    unit : {"days", "hours", "minutes", "seconds", "weeks"}, optional
        What durations are exported in; 8 hours and 5 days make a working day and week.
    outside : {"error", "ignore"}, optional
        What to do about predecessors that are not in the export (closed, or another project's).
    overhead_per_day : float, optional
        As for `Plan`.

    Examples
    --------
    >>> export = pd.DataFrame({"Issue key": ["AI-1", "AI-2"], "Estimate": [16, 40],
    ...                        "Blocked by": ["", "AI-1"]})
    >>> plan = read_tracker(export, {"id": "Issue key", "duration": "Estimate",
    ...                              "predecessors": "Blocked by"}, unit="hours")
    >>> [str(a.duration) for a in plan.activities]
    ['Fixed(value=2.0)', 'Fixed(value=5.0)']
    """
    if unit not in UNITS or outside not in ("error", "ignore"):
        raise PlanError(
            f"unit is one of {', '.join(UNITS)} and outside 'error' or 'ignore'; "
            f"got {unit!r} and {outside!r}."
        )
    if unknown := sorted(set(columns) - set(COLUMNS)):
        raise PlanError(f"Map from {', '.join(COLUMNS)}; not from {', '.join(unknown)}.")
    export = source if isinstance(source, pd.DataFrame) else read_cells(source)
    headers = [str(name).strip() for name in export.columns]
    table = pd.DataFrame(index=export.index)
    for name, header in columns.items():
        # pandas numbers repeated headers: "Blocks", "Blocks.1", ...
        same = [h == header or bool(re.fullmatch(re.escape(header) + r"\.\d+", h)) for h in headers]
        if not any(same):
            raise PlanError(f"The export has no column {header!r}. It has: {', '.join(headers)}.")
        cells = export.loc[:, same]
        table[name] = (
            cells.iloc[:, 0]
            if cells.shape[1] == 1
            else cells.apply(lambda row: "; ".join(_text(v) for v in row if _text(v)), axis=1)
        )
    if outside == "ignore" and "predecessors" in table:
        inside = set(table["id"].map(_text))
        table["predecessors"] = table["predecessors"].map(
            lambda cell: "; ".join(
                part
                for part in filter(None, (p.strip() for p in re.split("[;,]", _text(cell))))
                if Dependency.parse(part).predecessor in inside
            )
        )
    return _plan(table, overhead_per_day, UNITS[unit])


def plan_table(plan: Plan) -> pd.DataFrame:
    """A plan as a table that `read_plan` reads back, without the columns that are empty."""
    rows = []
    for a in plan.activities:
        kind = next((k for k, (type_, _) in DISTRIBUTIONS.items() if type(a.duration) is type_), "")
        if not kind or getattr(a.duration, "weight", 4) != 4:
            raise PlanError(f"Activity {a.id!r}: a table cannot hold {a.duration!r}.")
        row: dict[str, Any] = {"id": a.id, "name": a.name, "distribution": kind}
        row["predecessors"] = "; ".join(map(str, a.predecessors))
        if kind == "fixed":
            row["duration"] = a.duration.value
        elif kind == "empirical":
            row["values"] = "; ".join(map(repr, a.duration.values))
        else:
            row |= {name: getattr(a.duration, name) for name in DISTRIBUTIONS[kind][1]}
        row["resources"] = "; ".join(f"{name}:{units:.12g}" for name, units in a.resources.items())
        row |= {name: getattr(a, name) for name in AMOUNTS}
        rows.append(row)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    empty = {name: (table[name].isna() | table[name].isin([""])).all() for name in COLUMNS}
    empty |= {name: (table[name] == 0).all() for name in AMOUNTS}
    kept = [name for name in COLUMNS if not empty[name]]
    return table[kept]


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan as CSV."""
    plan_table(plan).to_csv(path, index=False)


def _plan(table: pd.DataFrame, overhead_per_day: float, unit: float = 1.0) -> Plan:
    if "id" not in table:
        raise PlanError("The plan has no column 'id'.")
    rows = table.to_dict("records")
    # Rows without anything in them (spreadsheets leave them) are no activities.
    numbered = [(n, row) for n, row in enumerate(rows, start=2) if any(map(_text, row.values()))]
    found: list[str] = []
    activities: list[Activity] = []
    for number, row in numbered:
        try:
            activities.append(_activity({k: _text(v) for k, v in row.items()}, unit))
        except PlanError as error:
            found.append(f"row {number} ({_text(row['id'])!r}): {error}")
    # A row that cannot be read would make its followers look wrong too: first things first.
    refuse("These rows of the plan cannot be used", found)

    def where(place: int, id: str) -> str:
        return f"row {numbered[place][0]} ({id!r})"

    refuse("This plan cannot be used", problems(activities, where))
    return Plan(tuple(activities), overhead_per_day)


def _activity(cells: dict[str, str], unit: float) -> Activity:
    if not cells["id"]:
        raise PlanError("it has no id")
    amounts = {name: _number(cells, name) for name in AMOUNTS if cells.get(name)}
    return Activity(
        id=cells["id"],
        duration=_duration(cells, unit),
        predecessors=cells.get("predecessors", ""),
        name=cells.get("name", ""),
        resources=cells.get("resources", ""),
        **amounts,
    )


def _duration(cells: dict[str, str], unit: float) -> Estimate:
    kind = cells.get("distribution", "").lower()
    if kind and kind not in DISTRIBUTIONS:
        raise PlanError(f"{kind!r} is no distribution; choose {', '.join(DISTRIBUTIONS)}")
    if not kind:
        fits = [
            name
            for name, (_, needed) in DISTRIBUTIONS.items()
            if name != "triangular" and all(cells.get(column) for column in needed)
        ]
        given = [c for _, needed in DISTRIBUTIONS.values() for c in needed if cells.get(c)]
        if len(fits) != 1:
            listed = f"it has {', '.join(dict.fromkeys(given))}" if given else "it has none"
            raise PlanError(
                f"it needs one estimate: duration, low/mode/high, p10/p90 or values; {listed}"
            )
        kind = fits[0]
        if stray := sorted(set(given) - set(DISTRIBUTIONS[kind][1])):
            raise PlanError(f"it has a {kind} estimate and also {', '.join(stray)}; keep one")
    type_, needed = DISTRIBUTIONS[kind]
    if missing := [column for column in needed if not cells.get(column)]:
        raise PlanError(f"a {kind} estimate also needs {', '.join(missing)}")
    if kind == "empirical":
        parts = [part for part in re.split(r"[;\s]+", cells["values"]) if part]
        return Empirical(tuple(_number({"values": part}, "values") * unit for part in parts))
    numbers = [_number(cells, column) * unit for column in needed]
    if any(number < 0 for number in numbers):
        low = min(numbers)
        raise PlanError(f"{needed[numbers.index(low)]} is {low:g}; days cannot be negative")
    for (name, number), (other, next_) in zip(
        zip(needed, numbers, strict=True), list(zip(needed, numbers, strict=True))[1:], strict=False
    ):
        if number > next_:
            raise PlanError(f"{name} {number:g} is above {other} {next_:g}")
    return type_(*numbers)


def _number(cells: Mapping[str, str], column: str) -> float:
    try:
        return float(cells[column])
    except ValueError:
        raise PlanError(f"{column} is {cells[column]!r}, not a number (write 2.5)") from None


def _text(value: Any) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    # pandas turns a column of whole numbers with a gap into floats; an id 7 stays "7".
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value).strip()

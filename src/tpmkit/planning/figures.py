"""Figures that a steering committee understands: each title states what the figure says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from tpmkit.planning.calendars import Calendar
from tpmkit.planning.cpm import CriticalPath, critical_path
from tpmkit.planning.errors import PlanError
from tpmkit.planning.montecarlo import Simulation
from tpmkit.planning.resources import Schedule
from tpmkit.planning.risks import loss_exceedance

__all__ = [
    "gantt_figure",
    "loss_exceedance_figure",
    "s_curve_figure",
    "schedule_figure",
    "tornado_figure",
]

# Dark enough on white, light enough on black, and far apart in grey.
INK, CALM, LOUD = "#7f7f7f", "#6baed6", "#d95f02"
ROW = 0.3
BAR = {"height": 0.6, "edgecolor": "white", "linewidth": 0}
CALM_BAR = {**BAR, "color": CALM}
LOUD_BAR = {**BAR, "color": LOUD, "hatch": "///"}


def gantt_figure(simulation: Simulation, ax: Axes | None = None) -> Axes:
    """Bars from median start to median finish, whiskers from P10 to P90 of the finish.

    Activities that are critical in at least half of the runs are hatched and stand out.

    Parameters
    ----------
    simulation : Simulation
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    table = simulation.activities().sort_values(["start_p50", "finish_p50"], kind="stable")
    ax = ax or _axes(len(table))
    rows = np.arange(len(table))
    often = (table["criticality"] >= 0.5).to_numpy()
    for chosen, style, label in (
        (~often, CALM_BAR, "rarely critical"),
        (often, LOUD_BAR, "critical in half of the runs or more"),
    ):
        part = table[chosen]
        ax.barh(
            rows[chosen],
            part["finish_p50"] - part["start_p50"],
            left=part["start_p50"],
            label=label,
            **style,
        )
    middle = table["finish_p50"]
    ax.errorbar(
        middle,
        rows,
        xerr=[middle - table["finish_p10"], table["finish_p90"] - middle],
        fmt="none",
        ecolor="black",
        elinewidth=1.2,
        capsize=3,
        label="finish, P10 to P90",
    )
    _milestones(ax, middle, table["finish_p50"] - table["start_p50"])
    _named_rows(ax, [simulation.plan[id].name for id in table.index])
    ax.legend(loc="upper right", fontsize="small")
    early, late = (_when(simulation.calendar, simulation.p(p)) for p in (10, 90))
    ax.set_title(f"Four of five runs finish between {early} and {late}", loc="left")
    _working_days(ax, simulation.calendar)
    return ax


def schedule_figure(
    schedule: CriticalPath | Schedule, calendar: Calendar | None = None, ax: Axes | None = None
) -> Axes:
    """A bar for each activity of a plan whose durations are certain, with what it may slip.

    Critical activities are hatched and stand out; lines after the others are their total float.

    Parameters
    ----------
    schedule : CriticalPath or Schedule
        From `critical_path`; or from `level` or `optimal_schedule`, where whoever hands over a
        scarce person or machine counts as a predecessor.
    calendar : Calendar, optional
        For dates instead of working days.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    if isinstance(schedule, Schedule):
        placed = schedule.table
        days = (placed["finish"] - placed["start"]).to_dict()
        table = critical_path(schedule.as_plan(), days).table.join(placed)
    else:
        table = schedule.table.assign(
            start=schedule.table["earliest_start"], finish=schedule.table["earliest_finish"]
        )
    table = table.sort_values(["start", "finish"], kind="stable")
    ax = ax or _axes(len(table))
    rows = np.arange(len(table))
    critical = table["critical"].to_numpy()
    for chosen, style, label in (
        (~critical, CALM_BAR, "may slip, at most to the end of its line"),
        (critical, LOUD_BAR, "critical: a day late is a day later for all"),
    ):
        part = table[chosen]
        width = part["finish"] - part["start"]
        ax.barh(rows[chosen], width, left=part["start"], label=label, **style)
    ax.hlines(
        rows[~critical],
        table["finish"][~critical],
        table["latest_finish"][~critical],
        color="black",
        linewidth=1.2,
    )
    _milestones(ax, table["finish"], table["finish"] - table["start"])
    _named_rows(ax, [schedule.plan[id].name for id in table.index])
    ax.legend(loc="upper right", fontsize="small")
    finished = _when(calendar, schedule.finish)
    ax.set_title(
        f"Finished {finished}; {critical.sum()} of {len(table)} activities cannot slip", loc="left"
    )
    _working_days(ax, calendar)
    return ax


def s_curve_figure(
    simulation: Simulation,
    promised: float | str | date | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The chance to be finished by each date, with P50, P80, P95 and the promised date.

    Parameters
    ----------
    simulation : Simulation
    promised : float, str or datetime.date, optional
        What was promised: working days, or a date if the simulation has a calendar.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = ax or _axes(12)
    shown = np.linspace(0.1, 99.9, 500)
    days = np.quantile(simulation.finish, shown / 100)
    ax.plot(days, shown / 100, color=CALM, linewidth=2.5)
    for p in (50, 80, 95):
        at = simulation.p(p)
        when = f"{simulation.date(p):%d %b %Y}" if simulation.calendar else f"day {at:.0f}"
        ax.plot([days[0], at, at], [p / 100, p / 100, 0], color=INK, linewidth=0.8, linestyle=":")
        ax.annotate(
            f"P{p}  {when} ",
            (at, p / 100),
            textcoords="offset points",
            xytext=(-4, 3),
            ha="right",
            bbox={"facecolor": ax.get_facecolor(), "edgecolor": "none", "pad": 1},
        )
    title = f"Four in five chances: {_when(simulation.calendar, simulation.p80)}"
    if promised is not None:
        dated = isinstance(promised, (str, date, np.datetime64))
        at = simulation.calendar.days_until(promised) if dated and simulation.calendar else promised
        chance = simulation.p_on_time(promised)
        ax.axvline(at, color=LOUD, linewidth=2)
        ax.plot([at], [chance], marker="o", color=LOUD)
        ax.annotate(
            f" promised: {chance:.0%}",
            (at, chance),
            textcoords="offset points",
            xytext=(6, -14 if chance > 0.1 else 8),
            color=LOUD,
            weight="bold",
        )
        when, safe = (_when(simulation.calendar, days) for days in (at, simulation.p80))
        title = f"{when} holds in {chance:.0%} of the runs; P80 is {safe}"
    ax.set_title(title[0].upper() + title[1:], loc="left")
    ax.set_ylabel("chance to be finished")
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.set_ylim(0, 1.02)
    ax.grid(alpha=0.3)
    _working_days(ax, simulation.calendar)
    return ax


def tornado_figure(table: pd.DataFrame, top: int = 10, ax: Axes | None = None) -> Axes:
    """What moves the result most, largest swing on top.

    Parameters
    ----------
    table : pandas.DataFrame
        From `tornado`.
    top : int, optional
        How many rows to show.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    shown = table.head(top)
    if shown.empty:
        raise PlanError("The tornado has no rows: nothing in this plan is uncertain.")
    ax = ax or _axes(len(shown))
    rows = np.arange(len(shown))
    centre = table.attrs["base"]
    for end, style, label in (
        ("low", CALM_BAR, "activity at its P10, risk does not happen"),
        ("high", LOUD_BAR, "activity at its P90, risk happens"),
    ):
        ax.barh(rows, shown[end] - centre, left=centre, label=label, **style)
    ax.axvline(centre, color=INK, linewidth=1)
    _named_rows(ax, [f"{id} (risk)" if k == "risk" else id for id, k in shown["kind"].items()])
    ax.legend(loc="lower right", fontsize="small")
    first = shown.iloc[0]
    what, level = table.attrs["of"], f"P{table.attrs['p']:g}"
    unit = "working days" if what == "finish" else "in cost"
    ax.set_title(
        f"{shown.index[0]} moves the {level} most: {first['swing']:,.0f} {unit}", loc="left"
    )
    ax.set_xlabel(f"{level} of the {what}" + (" (working days)" if what == "finish" else ""))
    return ax


def loss_exceedance_figure(
    losses: Mapping[str, Any], tolerance: float | None = None, ax: Axes | None = None
) -> Axes:
    """How likely it is to lose more than a sum: before and after responses, say.

    Parameters
    ----------
    losses : mapping
        From a label to simulated losses, for example ``{"before": ..., "after": ...}``.
    tolerance : float, optional
        A loss that the program can bear, drawn as a line.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = ax or _axes(12)
    low, top = np.quantile(np.concatenate([*losses.values()]), [0.005, 0.995])
    at = np.linspace(min(low, 0.0), max(top, tolerance or 0.0), 301)
    styles = [(LOUD, "-"), (CALM, "--"), (INK, "-."), ("black", ":")]
    for (label, sample), (colour, line) in zip(losses.items(), styles, strict=False):
        curve = loss_exceedance(sample, at)
        ax.plot(
            curve["loss"],
            curve["probability"],
            color=colour,
            linestyle=line,
            linewidth=2.2,
            label=label,
        )
    names = list(losses)
    if tolerance is not None:
        ax.axvline(tolerance, color=INK, linewidth=1, label=f"can be borne: {tolerance:,.0f}")
        chances = [
            float(loss_exceedance(sample, tolerance)["probability"].iloc[0])
            for sample in losses.values()
        ]
        said = ", ".join(f"{c:.0%} {name}" for c, name in zip(chances, names, strict=True))
        ax.set_title(f"Chance to lose more than {tolerance:,.0f}: {said}", loc="left")
    else:
        said = ", ".join(f"{np.quantile(s, 0.8):,.0f} {name}" for name, s in losses.items())
        ax.set_title(f"P80 of the loss: {said}", loc="left")
    ax.set_xlabel("loss")
    ax.set_ylabel("chance to lose more")
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.set_ylim(0, 1.02)
    ax.grid(alpha=0.3)
    ax.legend()
    return ax


def _axes(rows: int) -> Axes:
    _, ax = plt.subplots(figsize=(8, 1.4 + ROW * rows), layout="constrained")
    return ax


def _named_rows(ax: Axes, names: list[str]) -> None:
    """One row a name, the first on top."""
    ax.set_yticks(np.arange(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)


def _milestones(ax: Axes, finish: pd.Series, duration: pd.Series) -> None:
    """A diamond for what takes no time."""
    rows = np.flatnonzero(duration < 1e-9)
    if rows.size:
        ax.plot(finish.iloc[rows], rows, "D", color="black", label="milestone")


def _when(calendar: Calendar | None, days: float) -> str:
    return f"day {days:.0f}" if calendar is None else f"{calendar.date_of(days):%d %b %Y}"


def _working_days(ax: Axes, calendar: Calendar | None) -> None:
    """Working days below; where there is a calendar, dates."""
    ax.set_xlabel("working days from the start")
    if calendar is not None:
        ax.xaxis.set_major_formatter(
            FuncFormatter(lambda day, _: f"{calendar.date_of(max(day, 0)):%d %b}")
        )
        ax.set_xlabel(f"date (plan starts {calendar.start:%d %b %Y})")

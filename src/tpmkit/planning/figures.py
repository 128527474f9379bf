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

from tpmkit.planning.errors import PlanError
from tpmkit.planning.montecarlo import Simulation
from tpmkit.planning.risks import loss_exceedance

__all__ = ["gantt_figure", "loss_exceedance_figure", "s_curve_figure", "tornado_figure"]

# Dark enough on white, light enough on black, and far apart in grey.
INK, CALM, LOUD = "#7f7f7f", "#6baed6", "#d95f02"
ROW = 0.3


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
    for chosen, colour, hatch, label in (
        (~often, CALM, "", "rarely critical"),
        (often, LOUD, "///", "critical in half of the runs or more"),
    ):
        part = table[chosen]
        ax.barh(
            rows[chosen],
            part["finish_p50"] - part["start_p50"],
            left=part["start_p50"],
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0,
            height=0.6,
            label=label,
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
    point = (table["finish_p50"] - table["start_p50"] < 1e-9).to_numpy()
    ax.plot(
        middle[point], rows[point], "D", color="black", label="milestone" if point.any() else ""
    )
    names = [simulation.plan[id].name for id in table.index]
    ax.set_yticks(rows, names)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)
    ax.legend(loc="upper right", fontsize="small")
    early, late = (_when(simulation, simulation.p(p)) for p in (10, 90))
    ax.set_title(f"Four of five runs finish between {early} and {late}", loc="left")
    _working_days(ax, simulation)
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
    title = f"Four in five chances: {_when(simulation, simulation.p80)}"
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
        title = f"{_when(simulation, at)} holds in {chance:.0%} of the runs; P80 is " + _when(
            simulation, simulation.p80
        )
    ax.set_title(title[0].upper() + title[1:], loc="left")
    ax.set_ylabel("chance to be finished")
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.set_ylim(0, 1.02)
    ax.grid(alpha=0.3)
    _working_days(ax, simulation)
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
    for end, colour, hatch, label in (
        ("low", CALM, "", "activity at its P10, risk does not happen"),
        ("high", LOUD, "///", "activity at its P90, risk happens"),
    ):
        ax.barh(
            rows,
            shown[end] - centre,
            left=centre,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0,
            height=0.6,
            label=label,
        )
    ax.axvline(centre, color=INK, linewidth=1)
    ax.set_yticks(rows, [f"{id} (risk)" if k == "risk" else id for id, k in shown["kind"].items()])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)
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
    top = max(float(np.quantile(sample, 0.995)) for sample in losses.values())
    at = np.linspace(0, max(top, tolerance or 0.0), 301)
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
        ax.axvline(tolerance, color=INK, linewidth=1)
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


def _when(simulation: Simulation, days: float) -> str:
    if simulation.calendar is None:
        return f"day {days:.0f}"
    return f"{simulation.calendar.date_of(days):%d %b %Y}"


def _working_days(ax: Axes, simulation: Simulation) -> None:
    """Working days below; where there is a calendar, dates."""
    ax.set_xlabel("working days from the start")
    if simulation.calendar is not None:
        ax.xaxis.set_major_formatter(
            FuncFormatter(lambda day, _: f"{simulation.calendar.date_of(max(day, 0)):%d %b}")
        )
        ax.set_xlabel(f"date (plan starts {simulation.calendar.start:%d %b %Y})")

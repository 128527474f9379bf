"""What a run looked like, in one figure whose title says what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tpmkit.simulator.flights import Flight, fly
from tpmkit.simulator.policies import gated
from tpmkit.simulator.program import Program
from tpmkit.simulator.scores import ghosts, scorecard

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["debrief_figure", "headline"]

# Dark enough on white, light enough on black, and far apart in grey.
INK, CALM, LOUD = "#7f7f7f", "#6baed6", "#d95f02"
DECIDED = ("pivot", "shadow", "launch", "rollback")
SHOWN = 14


def headline(program: Program, doctrine: Flight) -> str:
    """What a run came to, in one sentence; `doctrine` is `gated` under the same luck."""
    s = program.fleet.outcomes().iloc[0]
    launched = (
        f"Launched in week {s['launch_week']:.0f}" if s["launch_week"] >= 0 else "Never launched"
    )
    end = {
        None: f"at week {program.week}",
        "finished": "finished",
        "killed": f"killed after week {program.week}",
        "cancelled by the sponsor": f"cancelled after week {program.week}",
        "out of money": f"out of money after week {program.week}",
    }[program.end]
    difference = program.net - float(doctrine.net[0])
    where = "ahead of" if difference >= 0 else "behind"
    return (
        f"{launched}, {end} at {money(program.net)}:\n"
        f"{money(abs(difference)).removeprefix('+')} {where} stage gates under the same luck"
    )


def money(k: float) -> str:
    """Thousands of dollars for reading: +$1.2M, -$340k."""
    sign = "−" if k < 0 else "+"
    return f"{sign}${abs(k) / 1000:.1f}M" if abs(k) >= 1000 else f"{sign}${abs(k):.0f}k"


def debrief_figure(program: Program) -> Figure:
    """A run against fifty runs of stage gates, against stage gates under the same luck, and scored.

    Parameters
    ----------
    program : Program

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib.pyplot as plt  # a third of what importing the simulator would take

    doctrine = fly(gated, program.scenario, [program.seed])
    figure = plt.figure(figsize=(11, 7.5), layout="constrained")
    axes = figure.subplot_mosaic(
        [["curve", "events"], ["card", "why"]], height_ratios=(1.7, 1), width_ratios=(1.9, 1)
    )
    figure.suptitle(headline(program, doctrine), fontsize=14, x=0.01, ha="left")
    events = _telling_events(program)
    _curve(axes["curve"], program, doctrine, events)
    _list(axes["events"], program, events)
    _card(axes["card"], program, doctrine)
    _why(axes["why"], program, doctrine)
    return figure


def _curve(ax: Axes, program: Program, doctrine: Flight, events: dict[int, list[str]]) -> None:
    curves = ghosts(program.scenario)
    _ = ax.plot(curves, color=INK, alpha=0.22, linewidth=0.8, zorder=1)
    ax.plot([], [], color=INK, alpha=0.6, linewidth=0.8, label="stage gates, 50 other lives")
    ax.plot(
        doctrine.curve[:, 0],
        color=CALM,
        linewidth=2.2,
        linestyle="--",
        zorder=3,
        label="stage gates, same luck",
    )
    ax.plot(program.curve, color=LOUD, linewidth=2.8, zorder=4, label="this run")
    ax.axhline(0, color=INK, linewidth=0.8, zorder=2)
    for number, week in enumerate(events, 1):
        net = program.curve[week]
        ax.plot(
            week,
            net,
            "o",
            color="white",
            markeredgecolor=LOUD,
            markersize=13,
            markeredgewidth=2,
            zorder=5,
        )
        ax.text(
            week,
            net,
            str(number),
            ha="center",
            va="center_baseline",
            fontsize=8,
            color="black",
            zorder=6,
        )
    shown = [*np.quantile(curves, (0.02, 0.98)), *program.curve, *doctrine.curve[:, 0]]
    room = max(shown) - min(shown)
    ax.set_ylim(min(shown) - 0.08 * room, max(shown) + 0.08 * room)
    ax.set_xlim(-0.8, program.scenario.weeks + 0.5)
    ax.set_xlabel("week (the last adds what a live product is still worth)")
    ax.set_ylabel("value less losses and spending")
    ax.yaxis.set_major_formatter(lambda k, _: money(k) if k else "0")
    ax.legend(loc="upper left", frameon=False)
    ax.spines[["top", "right"]].set_visible(False)


def _telling_events(program: Program) -> dict[int, list[str]]:
    """By week: decisions first, then incidents, then what else struck, as many as can be read."""
    struck = {risk.name for risk in program.scenario.risks}
    rank = {**dict.fromkeys(DECIDED, 0), "incident": 1, **dict.fromkeys(struck, 2)}
    events = [event for event in program.events() if event["event"] in rank]
    weeks: dict[int, list[str]] = {}
    for event in sorted(events, key=lambda event: (rank[event["event"]], event["week"]))[:SHOWN]:
        weeks.setdefault(event["week"], []).append(event["event"])
    return dict(sorted(weeks.items()))


def _list(ax: Axes, program: Program, events: dict[int, list[str]]) -> None:
    titles = {risk.name: risk.title for risk in program.scenario.risks}
    ax.set_axis_off()
    ax.set_title("What happened", fontsize=11, loc="left")
    line = 0
    for number, (week, names) in enumerate(events.items(), 1):
        for name in names:
            line += 1
            ax.text(
                0,
                1 - line / (SHOWN + 1),
                f"{number:>2}  week {week:>2}  {titles.get(name, name)}",
                transform=ax.transAxes,
                fontsize=10,
                fontweight="bold" if name in DECIDED else "normal",
                va="bottom",
            )


def _card(ax: Axes, program: Program, doctrine: Flight) -> None:
    own, other = scorecard(program)["score"][::-1], scorecard(doctrine)["score"][::-1]
    rows = np.arange(len(own))
    ax.barh(rows, own, height=0.55, color=LOUD, hatch="///", edgecolor="white", linewidth=0)
    ax.plot(other, rows, "D", color=CALM, markersize=8, markeredgecolor="black", linestyle="none")
    for row, score in zip(rows, own, strict=True):
        ax.text(score + 2, row, f"{score:.0f}", va="center", fontsize=9)
    ax.set_yticks(rows, own.index)
    ax.set_xlim(0, 112)
    ax.set_xlabel("score, 0 to 100 (diamond: stage gates, same luck)")
    weakest = own.idxmin()
    ax.set_title(f"Scorecard: weakest on {weakest}", fontsize=11, loc="left")
    ax.spines[["top", "right"]].set_visible(False)


def _why(ax: Axes, program: Program, doctrine: Flight) -> None:
    """The difference in net, taken apart: it is the sum of the three bars."""
    own, other = (run.fleet.outcomes().iloc[0] for run in (program, doctrine))
    parts = {
        "value\nearned": own["value"] - other["value"],
        "losses in\nincidents": other["loss"] - own["loss"],
        "money\nspent": other["spent"] - own["spent"],
    }
    places = np.arange(len(parts))
    values = np.array(list(parts.values()))
    ax.bar(places, values, width=0.6, color=np.where(values < 0, LOUD, CALM))
    spread = max(np.ptp(np.append(values, 0.0)), 1.0)
    for place, value in zip(places, values, strict=True):
        up = value >= 0
        ax.text(
            place,
            value + (0.03 if up else -0.03) * spread,
            money(value) if value else "0",
            ha="center",
            va="bottom" if up else "top",
            fontsize=9,
        )
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.set_ylim(min(values.min(), 0) - 0.15 * spread, max(values.max(), 0) + 0.15 * spread)
    ax.set_xticks(places, list(parts))
    ax.set_yticks([])
    ax.set_xlabel("up: better than stage gates")
    gap = list(parts)[int(np.abs(values).argmax())].replace("\n", " ")
    ax.set_title(f"The gap is mostly: {gap}" if values.any() else "No gap", fontsize=11, loc="left")
    ax.spines[["top", "right", "left"]].set_visible(False)

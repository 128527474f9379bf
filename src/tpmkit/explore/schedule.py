"""What a longer or shorter activity does to the critical path and to the finish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ipywidgets as widgets

from tpmkit.explore.canvas import Canvas, Explorer
from tpmkit.planning import Calendar, Plan, critical_path

__all__ = ["moved", "schedule", "sentence"]

CRITICAL, CALM, FLOAT, CHOSEN = "#d95f02", "#9ecae1", "#5b6876", "#b8c4d0"
INK, QUIET = "#1d2733", "#5b6876"
WIDTH, ROW, TOP, BOTTOM, LEFT, RIGHT = 920, 19, 62, 48, 235, 25


def moved(plan: Plan, durations: Mapping[str, float], activity: str, days: float) -> dict:
    """What changes when one activity takes `days` and everything else stays.

    Parameters
    ----------
    plan : Plan
    durations : mapping
        Days of each activity now.
    activity : str
    days : float
        What the activity takes instead.

    Returns
    -------
    dict
        `finish` (of the plan), `delay` (against now), `float` (left to the activity) and
        `critical` (ids, predecessors first).
    """
    now = critical_path(plan, durations)
    then = critical_path(plan, {**durations, activity: days})
    return {
        "finish": then.finish,
        "delay": then.finish - now.finish,
        "float": float(then.table.at[activity, "total_float"]),
        "critical": then.critical,
    }


def sentence(
    plan: Plan,
    durations: Mapping[str, float],
    activity: str,
    promised: float | None = None,
    calendar: Calendar | None = None,
) -> str:
    """What an activity's duration means for the plan, to read aloud.

    Parameters
    ----------
    plan : Plan
        With the durations as planned.
    durations : mapping
        Days of each activity now.
    activity : str
        The one that is looked at.
    promised : float, optional
        Working days until the promised date.
    calendar : Calendar, optional
        To say dates beside working days.
    """

    def when(days: float) -> str:
        return f"day {days:g}" + (f" ({calendar.date_of(days):%d %b %Y})" if calendar else "")

    planned = plan.durations()
    before, after = critical_path(plan), critical_path(plan, durations)
    changed = durations[activity] - planned[activity]
    takes = f"{plan[activity].name} takes {_days(durations[activity])}"
    if changed:
        takes += f", {abs(changed):g} {'more' if changed > 0 else 'fewer'} than planned,"
    room = float(after.table.at[activity, "total_float"])
    place = "is critical" if room <= 1e-9 else f"has {_days(room)} of float"
    others = sum(durations[id] != planned[id] for id in plan.ids if id != activity)
    also = f". With {others} other change{'s' if others > 1 else ''}," if others else ":"
    shift = after.finish - before.finish
    if shift:
        result = f"the plan finishes on {when(after.finish)}, {_days(abs(shift))} "
        result += "later than planned" if shift > 0 else "earlier than planned"
    else:
        result = f"the plan still finishes on {when(after.finish)}"
    text = f"{takes} and {place}{also} {result}"
    if promised is not None:
        left = promised - after.finish
        text += (
            f", {_days(left)} before the promised date"
            if left > 0
            else f", {_days(-left)} after the promised date"
            if left < 0
            else ", on the promised date"
        )
    return f"{text[0].upper()}{text[1:]}. Critical: {', '.join(after.critical)}."


def _days(number: float) -> str:
    return f"{number:g} day" + ("" if number == 1 else "s")


def schedule(
    plan: Plan,
    activity: str | None = None,
    promised: float | str | date | None = None,
    calendar: Calendar | None = None,
) -> ScheduleExplorer:
    """Explore a plan: choose an activity, change how long it takes, watch the critical path.

    Parameters
    ----------
    plan : Plan
    activity : str, optional
        Which one to choose first; else the first of the plan.
    promised : float, str or datetime.date, optional
        The promised finish, in working days or, with a calendar, as a date.
    calendar : Calendar, optional
        To say dates beside working days.

    Returns
    -------
    ScheduleExplorer
        A widget. Its ``activity`` and ``duration`` are the controls, ``durations`` what every
        activity takes now, ``sentence`` what it says, ``picture()`` a static copy.
    """
    if isinstance(promised, (str, date)):
        if calendar is None:
            raise ValueError(
                f"the promised date {promised} needs a calendar; pass calendar=Calendar(start)"
            )
        promised = calendar.days_until(promised)
    return ScheduleExplorer(plan, activity or plan.ids[0], promised, calendar)


class ScheduleExplorer(Explorer):
    """A plan as bars with their float, one duration of which moves.

    Made by `schedule`.

    Attributes
    ----------
    activity : ipywidgets.Dropdown
    duration : ipywidgets.IntSlider
    restore : ipywidgets.Button
        Puts every duration back as planned.
    durations : dict of str to float
    """

    def __init__(
        self, plan: Plan, activity: str, promised: float | None, calendar: Calendar | None
    ) -> None:
        first = plan[activity].id
        self.plan, self.promised, self.calendar = plan, promised, calendar
        self.durations = plan.durations()
        wide = widgets.Layout(width="100%", max_width="640px")
        naming = {"description_width": "90px"}
        self.activity = widgets.Dropdown(
            options=[(_label(plan, id), id) for id in plan.ids],
            value=first,
            description="activity",
            layout=wide,
            style=naming,
        )
        self.duration = widgets.IntSlider(
            min=0,
            max=self._longest(first),
            value=round(self.durations[first]),
            description="takes, days",
            layout=wide,
            style=naming,
        )
        self.restore = widgets.Button(description="all as planned")
        planned = critical_path(plan)
        self.rows = list(planned.table.sort_values(["earliest_start", "latest_finish"]).index)
        super().__init__(
            Canvas(
                WIDTH,
                TOP + BOTTOM + ROW * len(plan),
                "Plan as bars in working days: critical activities hatched, the float of the "
                "others as a line behind each bar, the finish and the promised date marked",
            ),
            [self.activity, self.duration, self.restore],
        )
        with self.canvas.style():
            self._draw(planned.finish)
        self.canvas.redraw()
        self._move()
        self.activity.observe(lambda change: self._choose(change["new"]), "value")
        self.duration.observe(lambda change: self._change(change["new"]), "value")
        self.restore.on_click(lambda _: self._restore())

    def _longest(self, activity: str) -> int:
        planned = self.plan.durations()[activity]
        return round(2 * planned + 20)

    def _draw(self, finish: float) -> None:
        rows, height = len(self.rows), self.canvas.figure.get_size_inches()[1] * 100
        self._axes = axes = self.canvas.figure.add_axes(
            (
                LEFT / WIDTH,
                BOTTOM / height,
                (WIDTH - LEFT - RIGHT) / WIDTH,
                (height - TOP - BOTTOM) / height,
            )
        )
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(QUIET)
        axes.tick_params(colors=QUIET, labelsize=9, length=3)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.set(ylim=(rows - 0.4, -0.6), xlim=(0, 1.15 * max(finish, self.promised or 0, 1)))
        axes.set_yticks(range(rows), [_label(self.plan, id) for id in self.rows])
        axes.set_xlabel("working days from the start", color=QUIET, fontsize=9)
        axes.grid(axis="x", color="#d5dae0", linewidth=0.6)
        axes.set_axisbelow(True)
        moving, above = self.canvas.moving, axes.get_xaxis_transform()
        style = {"fontsize": 9, "color": INK, "va": "bottom", "linespacing": 1.05}
        if self.promised is not None:
            axes.axvline(self.promised, color=INK, linewidth=1.2, linestyle=(0, (2, 3)))
            says = f"promised: day {self.promised:g}"
            axes.text(self.promised, 1.045, says, transform=above, ha="center", **style)
        self._finish = moving(axes.axvline(finish, color=CRITICAL, linewidth=1.8))
        self._says = moving(axes.text(finish, 1.005, "", transform=above, **style, ha="right"))
        self._band = moving(axes.axhspan(-0.5, 0.5, color=CHOSEN, alpha=0.5, zorder=0.2))
        self._bars, self._floats, self._diamonds = [], [], []
        for row, bar in enumerate(axes.barh(range(rows), 1, height=0.62, edgecolor=INK)):
            bar.set_linewidth(0.5)
            self._bars.append(moving(bar))
            (line,) = axes.plot([0, 0], [row, row], color=FLOAT, linewidth=1.6, zorder=1.5)
            self._floats.append(moving(line))
            (diamond,) = axes.plot([0], [row], "D", color=INK, markersize=5, zorder=3)
            self._diamonds.append(moving(diamond))
        kinds = [
            axes.barh([-9], 1, color=CRITICAL, hatch="////", edgecolor=INK, label="critical"),
            axes.barh([-9], 1, color=CALM, edgecolor=INK, label="has float"),
            axes.plot([-9, -9], [-9, -9], color=FLOAT, linewidth=1.6, label="its float")[0],
        ]
        axes.legend(
            handles=kinds,
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncols=3,
            frameon=False,
            fontsize=9,
            labelcolor=INK,
        )

    def _choose(self, activity: str) -> None:
        """Another activity is looked at: the slider shows its days."""
        days = round(self.durations[activity])
        with self.duration.hold_trait_notifications():
            self.duration.max = max(self._longest(activity), days)
            self.duration.value = days
        self._move()

    def _change(self, days: int) -> None:
        if days != round(self.durations[self.activity.value]):  # the slider only followed a choice
            self.durations[self.activity.value] = float(days)
            self._move()

    def _restore(self) -> None:
        self.durations = self.plan.durations()
        self._choose(self.activity.value)

    def _move(self) -> None:
        """Draw and say the plan with the durations as they are now."""
        path = critical_path(self.plan, self.durations)
        table = path.table.loc[self.rows].to_dict("records")
        for row, bar, line, diamond in zip(
            table, self._bars, self._floats, self._diamonds, strict=True
        ):
            bar.set(x=row["earliest_start"], width=row["duration"])
            bar.set_facecolor(CRITICAL if row["critical"] else CALM)
            bar.set_hatch("////" if row["critical"] else None)
            line.set_xdata([row["earliest_finish"], row["latest_finish"]])
            diamond.set_xdata([row["earliest_start"]])
            diamond.set_visible(row["duration"] == 0)
        self._band.set_y(self.rows.index(self.activity.value) - 0.5)
        self._finish.set_xdata([path.finish, path.finish])
        self._says.set_x(path.finish)
        self._says.set_text(f"finish: day {path.finish:g} ")
        if path.finish > self._axes.get_xlim()[1]:
            with self.canvas.style():
                self._axes.set_xlim(0, 1.15 * path.finish)
            self.canvas.redraw()
        else:
            self.canvas.step()
        self.sentence = sentence(
            self.plan, self.durations, self.activity.value, self.promised, self.calendar
        )


def _label(plan: Plan, id: str) -> str:
    name = plan[id].name
    return id if name == id else f"{id}  {name}"

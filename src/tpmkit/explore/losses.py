"""What responses to risks do to the chance of losing more than a program can bear."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import ipywidgets as widgets
import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, PercentFormatter

from tpmkit.explore.canvas import Canvas, Explorer
from tpmkit.planning import Register, contingency, loss_exceedance, simulate_losses

__all__ = ["Comparison", "compare", "losses", "sentence"]

AFTER, BEFORE, TOLERATED = "#005a87", "#8895a3", "#d95f02"
INK, QUIET = "#1d2733", "#5b6876"
WIDTH, HEIGHT = 920, 400


@dataclass(frozen=True)
class Comparison:
    """What a program loses with and without some of its responses, run by run.

    Attributes
    ----------
    before, after : numpy.ndarray
        Loss of each run; `after` includes what the responses cost. The same place is the same
        luck.
    responses : tuple of str
        Ids of the risks whose response is carried out.
    cost : float
        What these responses cost.
    """

    before: np.ndarray
    after: np.ndarray
    responses: tuple[str, ...]
    cost: float

    @property
    def saved(self) -> float:
        """Fall of the mean loss that the responses bring, their cost not yet paid."""
        return float(np.mean(self.before - self.after)) + self.cost

    def chances(self, tolerance: float) -> tuple[float, float]:
        """Chance to lose more than `tolerance`, before and after."""
        return tuple(
            float(loss_exceedance(sample, tolerance)["probability"].iloc[0])
            for sample in (self.before, self.after)
        )

    def reserves(self, level: float) -> tuple[float, float]:
        """Reserve that suffices in `level` percent of the runs, before and after."""
        return contingency(self.before, level), contingency(self.after, level)


def compare(
    register: Register,
    responses: Collection[str] = (),
    *,
    rng: np.random.Generator,
    runs: int = 10_000,
    cost_of_delay: float = 0.0,
) -> Comparison:
    """Losses before and after some responses, under common random numbers.

    Parameters
    ----------
    register : Register
    responses : collection of str, optional
        Ids of the risks whose response is carried out.
    rng : numpy.random.Generator
    runs, cost_of_delay
        As for `tpmkit.planning.simulate_losses`.

    Returns
    -------
    Comparison
    """
    seed = rng.integers(2**63)
    before, after = (
        simulate_losses(
            register.events(chosen),
            rng=np.random.default_rng(seed),
            runs=runs,
            cost_of_delay=cost_of_delay,
        )
        for chosen in ((), responses)
    )
    cost = register.cost_of(responses)
    return Comparison(before, after + cost, tuple(responses), cost)


def sentence(found: Comparison, tolerance: float, level: float = 80, unit: str = "") -> str:
    """What the responses buy, to read aloud."""
    (more, then_more), (reserve, then) = found.chances(tolerance), found.reserves(level)
    money, count = partial(_money, unit), len(found.responses)
    without = (
        f"Without responses the program loses more than {money(tolerance)} in {more:.0%} of the "
        f"runs, and the P{level:g} reserve is {money(reserve)}."
    )
    if not count:
        return without
    return (
        f"{without} {count} response{'s save' if count > 1 else ' saves'} {money(found.saved)} "
        f"on average for {money(found.cost)}: with that paid, it loses more than "
        f"{money(tolerance)} in {then_more:.0%} of the runs, and the P{level:g} reserve is "
        f"{money(then)}."
    )


def losses(
    register: Register,
    tolerance: float,
    *,
    rng: np.random.Generator,
    responses: Collection[str] = (),
    level: float = 80,
    cost_of_delay: float = 0.0,
    runs: int = 10_000,
    unit: str = "",
) -> LossExplorer:
    """Explore what responses do to the losses of a program.

    Parameters
    ----------
    register : Register
    tolerance : float
        The loss that the program can bear: where to start.
    rng : numpy.random.Generator
        Every choice of responses meets the same luck.
    responses : collection of str, optional
        Ids of the risks whose response is carried out at first.
    level : float, optional
        The P-level of the reserve: where to start.
    cost_of_delay : float, optional
        Money for each day of delay.
    runs : int, optional
    unit : str, optional
        Written before sums of money, for example "$".

    Returns
    -------
    LossExplorer
        A widget. ``responses`` holds a checkbox by risk id, ``tolerance`` and ``level`` are its
        sliders, ``comparison`` is the current `Comparison`, ``sentence`` what it says,
        ``picture()`` a static copy.
    """
    return LossExplorer(
        register, tolerance, int(rng.integers(2**63)), responses, level, cost_of_delay, runs, unit
    )


class LossExplorer(Explorer):
    """Loss exceedance before and after responses, with the loss that can be borne.

    Made by `losses`.

    Attributes
    ----------
    responses : dict of ipywidgets.Checkbox
    tolerance, level : ipywidgets.IntSlider
    comparison : Comparison
    """

    def __init__(
        self,
        register: Register,
        tolerance: float,
        seed: int,
        responses: Collection[str],
        level: float,
        cost_of_delay: float,
        runs: int,
        unit: str,
    ) -> None:
        self.register, self.unit = register, unit
        self._seed, self._runs, self._cost_of_delay = seed, runs, cost_of_delay
        table = register.table
        offered = table[(table["status"] != "closed") & table["residual_probability"].notna()]
        if offered.empty:
            raise ValueError("no open risk of this register has a response to switch on")
        if unknown := sorted(set(responses) - set(offered.index)):
            raise ValueError(f"responses are among {', '.join(offered.index)}, not {unknown[0]!r}")
        if not 50 <= level <= 95:
            raise ValueError(f"level must be from 50 to 95 percent, not {level!r}")
        nothing, everything = (self._simulate(chosen) for chosen in ((), tuple(offered.index)))
        ends = np.quantile(np.concatenate([nothing.before, everything.after]), [0, 0.995])
        self._low, self._high = min(0.0, ends[0]), float(ends[1])
        if not 0 <= tolerance <= self._high:
            raise ValueError(
                f"tolerance must be from 0 to {self._high:,.0f}, where losses lie, "
                f"not {tolerance!r}"
            )
        self.responses = {
            id: widgets.Checkbox(
                value=id in responses,
                description=self._offer(id, row),
                indent=False,
                layout=widgets.Layout(width="auto"),
            )
            for id, row in offered.iterrows()
        }
        wide = widgets.Layout(width="100%", max_width="640px")
        naming = {"description_width": "170px"}
        step = 10 ** max(0, int(np.log10(self._high)) - 2)
        self.tolerance = widgets.IntSlider(
            value=round(tolerance),
            min=0,
            max=round(self._high),
            step=step,
            readout_format=",d",
            description=f"loss we can bear{', ' * bool(unit)}{unit}",
            layout=wide,
            style=naming,
        )
        self.level = widgets.IntSlider(
            value=round(level),
            min=50,
            max=95,
            step=5,
            description="reserve for, % of runs",
            layout=wide,
            style=naming,
        )
        super().__init__(
            Canvas(
                WIDTH,
                HEIGHT,
                "Chance to lose more than each sum, before and after responses, with the loss "
                "that can be borne and the reserve",
            ),
            [
                widgets.GridBox(
                    list(self.responses.values()),
                    layout=widgets.Layout(
                        grid_template_columns="repeat(auto-fit, minmax(340px, 1fr))",
                        max_width=f"{WIDTH}px",
                    ),
                ),
                self.tolerance,
                self.level,
            ],
        )
        with self.canvas.style():
            self._draw(nothing.before)
        self.canvas.redraw()
        self._choose()
        for box in self.responses.values():
            box.observe(lambda _: self._choose(), "value")
        for slider in (self.tolerance, self.level):
            slider.observe(lambda _: self._move(), "value")

    def _offer(self, id: str, row: pd.Series) -> str:
        return f"{id}: {row['action']} ({_money(self.unit, row['cost_of_response'])})"

    def _simulate(self, responses: Collection[str]) -> Comparison:
        return compare(
            self.register,
            responses,
            rng=np.random.default_rng(self._seed),
            runs=self._runs,
            cost_of_delay=self._cost_of_delay,
        )

    def _draw(self, before: np.ndarray) -> None:
        self._axes = axes = self.canvas.figure.add_axes((0.075, 0.13, 0.9, 0.76))
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(QUIET)
        axes.tick_params(colors=QUIET, labelsize=9, length=3)
        axes.set(xlim=(self._low, self._high), ylim=(0, 1.03))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda loss, _: f"{self.unit}{loss:,.0f}"))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel("loss, responses included", color=QUIET, fontsize=9)
        axes.set_ylabel("chance to lose more", color=QUIET, fontsize=9)
        axes.grid(color="#d5dae0", linewidth=0.6)
        axes.set_axisbelow(True)
        self._at = np.linspace(self._low, self._high, 401)
        axes.plot(
            self._at,
            loss_exceedance(before, self._at)["probability"],
            color=BEFORE,
            linewidth=2,
            linestyle=(0, (5, 2)),
            label="without responses",
        )
        moving = self.canvas.moving
        (curve,) = axes.plot([], [], color=AFTER, linewidth=2.6, label="with those chosen")
        self._curve = moving(curve)
        self._line = moving(axes.axvline(self._low, color=TOLERATED, linewidth=1.8))
        self._dots = [
            moving(axes.plot([], [], "o", color=c, markersize=8)[0]) for c in (BEFORE, AFTER)
        ]
        style = {"fontsize": 10, "color": INK, "weight": "bold", "va": "bottom"}
        self._says = moving(axes.text(0, 0, "", **style))
        (guide,) = axes.plot([], [], color=AFTER, linewidth=1, linestyle=(0, (2, 3)))
        self._guide = moving(guide)
        self._reserve = moving(axes.text(0, 0, "", fontsize=9, color=INK, va="bottom"))
        self._title = moving(
            axes.text(0, 1.05, "", transform=axes.transAxes, fontsize=11, weight="bold", color=INK)
        )
        axes.legend(loc="upper right", frameon=False, fontsize=9, labelcolor=INK)

    def _choose(self) -> None:
        """Simulate the responses that are switched on."""
        self.comparison = self._simulate([id for id, box in self.responses.items() if box.value])
        self._curve.set_data(
            self._at, loss_exceedance(self.comparison.after, self._at)["probability"]
        )
        self._move()

    def _move(self) -> None:
        """Draw and say what the sliders ask for."""
        found, tolerance, level = self.comparison, self.tolerance.value, self.level.value
        chances, reserve = found.chances(tolerance), found.reserves(level)[1]
        chosen, money = len(found.responses), partial(_money, self.unit)
        self._line.set_xdata([tolerance, tolerance])
        width = self._high - self._low
        left = tolerance > self._low + 0.8 * width
        for dot, chance in zip(self._dots, chances, strict=True):
            dot.set_data([tolerance], [chance])
        self._says.set_position(
            (tolerance + (-0.01 if left else 0.01) * width, max(chances) + 0.015)
        )
        self._says.set_ha("right" if left else "left")
        self._says.set_text(" → ".join(f"{chance:.0%}" for chance in chances[: 1 + bool(chosen)]))
        over = 1 - level / 100
        self._guide.set_data([self._low, reserve, reserve], [over, over, 0])
        self._reserve.set_position((self._low + 0.01 * width, over + 0.005))
        self._reserve.set_text(f"P{level} reserve: {money(reserve)}")
        self._title.set_text(
            f"{chosen} of {len(self.responses)} responses for {money(found.cost)} "
            f"save {money(found.saved)} on average"
            if chosen
            else f"Without responses: {money(found.before.mean())} lost on average"
        )
        self.canvas.step()
        self.sentence = sentence(found, tolerance, level, self.unit)


def _money(unit: str, value: float) -> str:
    """Three digits: a simulation knows no more."""
    return f"{unit}{float(f'{value:.3g}'):,.0f}"

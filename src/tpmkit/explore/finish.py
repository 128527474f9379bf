"""What parallel tracks do to a date that each of them would keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np
from scipy import special

from tpmkit.explore.canvas import Canvas, Explorer
from tpmkit.planning import Estimate, as_estimate

__all__ = ["Merge", "finish", "merge", "sentence"]

ALL, ONE, PROMISE = "#005a87", "#8895a3", "#d95f02"
INK, QUIET = "#1d2733", "#5b6876"
WIDTH, HEIGHT = 920, 400
LEVELS = np.concatenate([[0.0], special.ndtr(np.linspace(-6, 6, 601)), [1.0]])
NODES = np.linspace(-8, 8, 401)
WEIGHTS = np.exp(-(NODES**2) / 2)
MOST = 10


@dataclass(frozen=True)
class Merge:
    """When the last of several equal tracks is done.

    Attributes
    ----------
    days : numpy.ndarray
        Rising times.
    one, all : numpy.ndarray
        Chance that one track, and that all of them, are done by each of those times.
    tracks : int
    correlation : float
    """

    days: np.ndarray
    one: np.ndarray
    all: np.ndarray
    tracks: int
    correlation: float

    @property
    def mean(self) -> float:
        """Mean time until all are done."""
        return float(np.sum((self.days[1:] + self.days[:-1]) / 2 * np.diff(self.all)))

    def p(self, level: float) -> float:
        """The time by which all are done with a chance of `level` percent."""
        return float(np.interp(level / 100, self.all, self.days))

    def chance(self, when: float) -> tuple[float, float]:
        """Chance that one track, and that all of them, are done by `when`."""
        return (
            float(np.interp(when, self.days, self.one)),
            float(np.interp(when, self.days, self.all)),
        )


def merge(track: Any, tracks: int, correlation: float = 0.0) -> Merge:
    """The distribution of the latest of several equal tracks; integrated, nothing is drawn.

    Parameters
    ----------
    track : Estimate, (p10, p90) or (low, mode, high)
        Duration of each track, see `tpmkit.planning.as_estimate`.
    tracks : int
        How many run in parallel, 1 or more.
    correlation : float, optional
        From 0 to 1: all tracks share one common factor and correlate pairwise that much (as
        normal scores), as in `tpmkit.planning.simulate`.

    Returns
    -------
    Merge

    Examples
    --------
    >>> round(merge((2, 4, 12), 1).mean, 2), round(merge((2, 4, 12), 5).mean, 2)
    (5.0, 7.17)
    """
    if int(tracks) != tracks or tracks < 1:
        raise ValueError(f"tracks must be a whole number of at least 1, not {tracks!r}")
    if not 0 <= correlation <= 1:
        raise ValueError(f"correlation must be from 0 to 1, not {correlation!r}")
    estimate: Estimate = as_estimate(track)
    if correlation == 1:
        together = LEVELS
    else:
        # Given the common factor, the tracks are independent: average over the factor.
        with np.errstate(invalid="ignore"):
            scores = special.ndtri(LEVELS)[:, None] - np.sqrt(correlation) * NODES
        given = special.ndtr(scores / np.sqrt(1 - correlation)) ** tracks
        together = np.maximum.accumulate(given @ WEIGHTS / WEIGHTS.sum())
    days = estimate.ppf(np.clip(LEVELS, 1e-9, 1 - 1e-9))
    return Merge(days, LEVELS, together, int(tracks), float(correlation))


def sentence(found: Merge, promised: float, unit: str = "days") -> str:
    """What a promised date means for one track and for all of them, to read aloud."""
    one, together = found.chance(promised)
    if found.tracks == 1:
        return (
            f"A single track is done by {promised:.1f} {unit} in {one:.0%} of cases; "
            f"on average it takes {found.mean:.2f}, and its P80 is {found.p(80):.1f}."
        )
    related = f" that correlate {found.correlation:.1f}" if found.correlation else ""
    return (
        f"Of {found.tracks} parallel tracks{related}, each is done by {promised:.1f} {unit} in "
        f"{one:.0%} of cases, all of them in {together:.0%}; the last is done after "
        f"{found.mean:.2f} on average, and to be 80% sure, promise {found.p(80):.1f}."
    )


def finish(
    track: Any = (2, 4, 12),
    promised: float | None = None,
    *,
    tracks: int = 2,
    correlation: float = 0.0,
    unit: str = "days",
) -> FinishExplorer:
    """Explore what parallel tracks do to a promised date.

    Parameters
    ----------
    track : Estimate, (p10, p90) or (low, mode, high)
        Duration of each track.
    promised : float, optional
        Where to start; a track's own P80 if not given.
    tracks : int, optional
        From 1 to 10.
    correlation : float, optional
        From 0 to 1.
    unit : str, optional
        What durations are counted in.

    Returns
    -------
    FinishExplorer
        A widget. ``promised``, ``tracks`` and ``correlation`` are its sliders, ``merge`` the
        current `Merge`, ``sentence`` what it says, ``picture()`` a static copy.
    """
    estimate = as_estimate(track)
    return FinishExplorer(
        estimate,
        float(estimate.ppf(0.8)) if promised is None else promised,
        tracks,
        correlation,
        unit,
    )


class FinishExplorer(Explorer):
    """S-curves of one track and of all, with a promised date.

    Made by `finish`.

    Attributes
    ----------
    promised, correlation : ipywidgets.FloatSlider
    tracks : ipywidgets.IntSlider
    merge : Merge
    """

    def __init__(
        self, estimate: Estimate, promised: float, tracks: int, correlation: float, unit: str
    ) -> None:
        if estimate.sd == 0:
            raise ValueError(f"{estimate!r} never varies: there is nothing to explore")
        if not 1 <= tracks <= MOST:
            raise ValueError(f"tracks must be from 1 to {MOST}, not {tracks!r}")
        self.estimate, self.unit = estimate, unit
        low, high = (float(estimate.ppf(p)) for p in (0.001, 0.999))
        if not low <= promised <= high:
            raise ValueError(
                f"promised must lie from {low:.1f} to {high:.1f}, where a track may end, "
                f"not at {promised!r}"
            )
        wide = widgets.Layout(width="100%", max_width="640px")
        naming = {"description_width": "150px"}
        self.promised = widgets.FloatSlider(
            value=round(promised, 1),
            min=round(low, 1),
            max=round(high, 1),
            step=0.1,
            readout_format=".1f",
            description=f"promised, {unit}",
            layout=wide,
            style=naming,
        )
        self.tracks = widgets.IntSlider(
            value=tracks,
            min=1,
            max=MOST,
            description="parallel tracks",
            layout=wide,
            style=naming,
        )
        self.correlation = widgets.FloatSlider(
            value=correlation,
            min=0,
            max=1,
            step=0.1,
            readout_format=".1f",
            description="their correlation",
            layout=wide,
            style=naming,
        )
        super().__init__(
            Canvas(
                WIDTH,
                HEIGHT,
                "Chance to be done by each date, for one track and for all parallel tracks, with "
                "the promised date and the P80",
            ),
            [self.promised, self.tracks, self.correlation],
        )
        with self.canvas.style():
            self._draw(low, high)
        self.canvas.redraw()
        self._move()
        for slider in (self.promised, self.tracks, self.correlation):
            slider.observe(lambda _: self._move(), "value")

    def _draw(self, low: float, high: float) -> None:
        self._axes = axes = self.canvas.figure.add_axes((0.075, 0.13, 0.9, 0.76))
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(QUIET)
        axes.tick_params(colors=QUIET, labelsize=9, length=3)
        axes.set(xlim=(low, high), ylim=(0, 1.03))
        axes.set_yticks(np.arange(0, 1.1, 0.2), [f"{p:.0%}" for p in np.arange(0, 1.1, 0.2)])
        axes.set_xlabel(self.unit, color=QUIET, fontsize=9)
        axes.set_ylabel("chance to be done", color=QUIET, fontsize=9)
        axes.grid(color="#d5dae0", linewidth=0.6)
        axes.set_axisbelow(True)
        single = merge(self.estimate, 1)
        axes.plot(
            single.days,
            single.all,
            color=ONE,
            linewidth=2,
            linestyle=(0, (5, 2)),
            label="one track",
        )
        moving = self.canvas.moving
        (curve,) = axes.plot([], [], color=ALL, linewidth=2.6, label="all tracks")
        self._curve = moving(curve)
        style = {"fontsize": 10, "color": INK, "weight": "bold"}
        self._line = moving(axes.axvline(low, color=PROMISE, linewidth=1.8))
        self._dots = [moving(axes.plot([], [], "o", color=c, markersize=8)[0]) for c in (ONE, ALL)]
        self._says = [moving(axes.text(low, 0, "", va="top", **style)) for _ in range(2)]
        (guide,) = axes.plot([], [], color=ALL, linewidth=1, linestyle=(0, (2, 3)))
        self._guide = moving(guide)
        self._p80 = moving(axes.text(low, 0.8, "", va="bottom", ha="right", fontsize=9, color=INK))
        self._title = moving(
            axes.text(0, 1.05, "", transform=axes.transAxes, fontsize=11, weight="bold", color=INK)
        )
        axes.legend(loc="lower right", frameon=False, fontsize=9, labelcolor=INK)

    def _move(self) -> None:
        """Draw and say what the sliders ask for."""
        at = self.promised.value
        self.merge = merge(self.estimate, self.tracks.value, self.correlation.value)
        one, together = self.merge.chance(at)
        self._curve.set_data(self.merge.days, self.merge.all)
        self._line.set_xdata([at, at])
        low, high = self._axes.get_xlim()
        left = at > low + 0.72 * (high - low)
        names = ("each", "all") if self.tracks.value > 1 else ("one track", "")
        for dot, text, chance, name in zip(
            self._dots, self._says, (one, together), names, strict=True
        ):
            dot.set_data([at], [chance])
            text.set_text(f"{name}: {chance:.0%}" if name else "")
            text.set_position((at + (-0.012 if left else 0.012) * (high - low), chance - 0.015))
            text.set_ha("right" if left else "left")
        safe = self.merge.p(80)
        self._guide.set_data([low, safe, safe], [0.8, 0.8, 0])
        self._p80.set_position((min(safe, high) - 0.008 * (high - low), 0.805))
        self._p80.set_text(f"P80 of all: {safe:.1f}")
        self._title.set_text(
            f"{self.tracks.value} track{'s' * (self.tracks.value > 1)}: each takes "
            f"{self.estimate.mean:.2f} {self.unit} on average, the last is done after "
            f"{self.merge.mean:.2f}"
        )
        self.canvas.step()
        self.sentence = sentence(self.merge, at, self.unit)

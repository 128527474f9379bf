"""What moves when a threshold moves: confusion matrix, ROC, precision-recall and cost together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox, TransformedBbox
from numpy.typing import ArrayLike
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from tpmkit.explore.canvas import Canvas, Explorer

__all__ = ["OperatingPoint", "cheapest", "cost_curve", "operating_point", "thresholds"]

# Told apart by lightness alone (35, 55, 77, 90 of 100), so grey prints and colour-blind eyes cope.
FOUND, MISSED, ALARM, LEFT = "#005a87", "#d9534a", "#f0b849", "#dde3ea"
INK, QUIET = "#1d2733", "#5b6876"
WIDTH, HEIGHT, BINS = 920, 585, 50


@dataclass(frozen=True)
class OperatingPoint:
    """What a threshold does to a set of scored cases.

    Attributes
    ----------
    threshold : float
        Cases that score at least this are flagged.
    tp, fp, fn, tn : int
        Found, false alarms, missed, rightly left alone.
    cost : float
        ``fn * cost_miss + fp * cost_alarm``.
    """

    threshold: float
    tp: int
    fp: int
    fn: int
    tn: int
    cost: float

    @property
    def flagged(self) -> int:
        """How many cases were flagged."""
        return self.tp + self.fp

    @property
    def recall(self) -> float:
        """Share of the positives that were flagged."""
        return self.tp / (self.tp + self.fn)

    @property
    def precision(self) -> float:
        """Share of the flagged that are positive; nan when nothing was flagged."""
        return self.tp / self.flagged if self.flagged else math.nan

    @property
    def false_alarm_rate(self) -> float:
        """Share of the negatives that were flagged."""
        return self.fp / (self.fp + self.tn)

    @property
    def accuracy(self) -> float:
        """Share of all cases on the right side."""
        return (self.tp + self.tn) / (self.tp + self.fp + self.fn + self.tn)


def operating_point(
    y: ArrayLike,
    scores: ArrayLike,
    threshold: float,
    cost_miss: float = 1.0,
    cost_alarm: float = 1.0,
) -> OperatingPoint:
    """Count what happens when every case that scores at least `threshold` is flagged.

    Parameters
    ----------
    y : array_like of 0 and 1
        1 for a positive. Both must occur.
    scores : array_like of float
        Higher means more likely positive. Finite; probabilities are not required.
    threshold : float
        May be infinite: ``inf`` flags nothing, ``-inf`` everything.
    cost_miss, cost_alarm : float
        What one missed positive and one false alarm cost; not negative.

    Returns
    -------
    OperatingPoint

    Examples
    --------
    >>> operating_point([1, 1, 0], [0.9, 0.2, 0.4], 0.4, cost_miss=10)
    OperatingPoint(threshold=0.4, tp=1, fp=1, fn=1, tn=0, cost=11.0)
    """
    y, scores = _scored(y, scores)
    _costs(cost_miss, cost_alarm)
    if math.isnan(threshold):
        raise ValueError("threshold must be a number, not nan")
    flagged = scores >= threshold
    tp = int(np.sum(flagged & y))
    fp = int(np.sum(flagged & ~y))
    fn = int(np.sum(y)) - tp
    tn = len(y) - tp - fp - fn
    return OperatingPoint(threshold, tp, fp, fn, tn, float(fn * cost_miss + fp * cost_alarm))


def cost_curve(
    y: ArrayLike, scores: ArrayLike, cost_miss: float, cost_alarm: float
) -> tuple[np.ndarray, np.ndarray]:
    """The cost of every threshold that matters.

    Returns
    -------
    thresholds : ndarray
        ``inf`` (nothing flagged), then the distinct scores from high to low.
    costs : ndarray
        What each costs, see `operating_point`.
    """
    y, scores = _scored(y, scores)
    _costs(cost_miss, cost_alarm)
    false_alarm_rate, recall, at = roc_curve(y, scores, drop_intermediate=False)
    missed = np.rint((1 - recall) * y.sum())
    alarms = np.rint(false_alarm_rate * (~y).sum())
    return at, missed * cost_miss + alarms * cost_alarm


def cheapest(
    y: ArrayLike, scores: ArrayLike, cost_miss: float, cost_alarm: float
) -> OperatingPoint:
    """The operating point of lowest cost; of several, the one that flags fewest."""
    at, costs = cost_curve(y, scores, cost_miss, cost_alarm)
    return operating_point(y, scores, float(at[np.argmin(costs)]), cost_miss, cost_alarm)


def thresholds(
    y: ArrayLike,
    scores: ArrayLike,
    threshold: float = 0.5,
    *,
    cost_miss: float = 20.0,
    cost_alarm: float = 1.0,
    cost_unit: str = "",
    actor: str = "inspectors open",
    cases: str = "reports",
    positives: str = "damaged aircraft",
    flagged: str = "opened",
    hit: str = "damaged",
    clear: str = "undamaged",
) -> ThresholdExplorer:
    """Explore what a threshold does to scored cases.

    Parameters
    ----------
    y : array_like of 0 and 1
        1 for a positive. Both must occur.
    scores : array_like of float
        Higher means more likely positive. Finite.
    threshold : float
        Where to start.
    cost_miss, cost_alarm : float
        What one missed positive and one false alarm cost. The second slider changes how many
        false alarms a miss is worth; `cost_alarm` stays.
    cost_unit : str
        ``"$"`` is put in front of a cost; anything else, for example ``"hours"``, behind it.
    actor, cases, positives, flagged, hit, clear : str
        The words of the picture and the sentence: "*inspectors open* 412 of 3,000 *reports* and
        find 201 of 318 *damaged aircraft*"; cases are *opened* or not, *damaged* or *undamaged*.

    Returns
    -------
    ThresholdExplorer
        A widget. Its ``threshold`` and ``ratio`` are the sliders, ``point`` the current
        `OperatingPoint`, ``sentence`` what it says, ``picture()`` a static copy.
    """
    words = Words(cost_unit, actor, cases, positives, flagged, hit, clear)
    return ThresholdExplorer(y, scores, threshold, cost_miss, cost_alarm, words)


@dataclass(frozen=True)
class Words:
    """How the picture and the sentence name things; see `thresholds`."""

    cost_unit: str
    actor: str
    cases: str
    positives: str
    flagged: str
    hit: str
    clear: str

    def cost(self, amount: float) -> str:
        """An amount with its unit: ``$1.2M``, ``340 hours``."""
        number = f"{amount / 1e6:,.1f}M" if amount >= 1e6 else f"{amount:,.0f}"
        return f"${number}" if self.cost_unit == "$" else f"{number} {self.cost_unit}".strip()


def sentence(point: OperatingPoint, best: OperatingPoint, words: Words, decimals: int = 2) -> str:
    """What an operating point does, in one sentence to read aloud."""
    total = point.tp + point.fp + point.fn + point.tn
    precision = f", precision {point.precision:.0%}" if point.flagged else ""
    alarms = "false alarm" if point.fp == 1 else "false alarms"
    at_best = (
        f"the cheapest threshold, {best.threshold:.{decimals}f}, costs"
        if math.isfinite(best.threshold)
        else f"leaving all {words.cases} would be cheapest at"
    )
    return (
        f"At threshold {point.threshold:.{decimals}f} {words.actor} {point.flagged:,} of {total:,} "
        f"{words.cases} and find {point.tp:,} of {point.tp + point.fn:,} {words.positives} "
        f"(recall {point.recall:.0%}{precision}); {point.fn:,} missed and {point.fp:,} {alarms} "
        f"cost {words.cost(point.cost)}, {at_best} {words.cost(best.cost)}."
    )


def _scored(y: ArrayLike, scores: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays, y as bool, or an error that names what was seen."""
    y, scores = np.asarray(y), np.asarray(scores)
    if y.ndim != 1 or scores.ndim != 1 or len(y) != len(scores):
        raise ValueError(
            "y and scores must be two lists of the same length, "
            f"but their shapes are {y.shape} and {scores.shape}"
        )
    if y.dtype != bool and (strange := [v for v in np.unique(y).tolist() if v not in (0, 1)]):
        raise ValueError(f"y must hold 0 and 1 only, but {strange[0]!r} is in it")
    y = y.astype(bool)
    if y.all() or not y.any():
        raise ValueError(f"y must hold both 0 and 1, but its {len(y)} values are all the same")
    if scores.dtype.kind not in "fiub":
        raise ValueError(f"scores must be numbers, but their type is {scores.dtype}")
    if not np.isfinite(scores).all():
        where = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise ValueError(f"scores must be finite, but number {where} is {scores[where]}")
    return y, scores


def _costs(cost_miss: float, cost_alarm: float) -> None:
    for name, cost in (("cost_miss", cost_miss), ("cost_alarm", cost_alarm)):
        if not math.isfinite(cost) or cost < 0:
            raise ValueError(f"{name} must be a finite number of at least 0, not {cost!r}")


class ThresholdPicture(Canvas):
    """The picture of `thresholds`: drawn once, then shown at any operating point."""

    def __init__(
        self, y: np.ndarray, scores: np.ndarray, words: Words, low: float, high: float
    ) -> None:
        super().__init__(
            WIDTH,
            HEIGHT,
            f"Scores of {words.hit} and {words.clear} {words.cases} with the threshold, the "
            "confusion matrix, ROC and precision-recall curve and the cost of every threshold",
        )
        self.y, self.scores, self.words = y, scores, words
        with self.style():
            self._draw_scores(low, high)
            self._draw_matrix()
            self._draw_curves()
            self._draw_cost(low, high)

    # What stands still, drawn once. Places are in pixels from the picture's top left corner. ----

    def _axes(self, left: float, top: float, width: float, height: float) -> Axes:
        axes = self.figure.add_axes(
            (left / WIDTH, 1 - (top + height) / HEIGHT, width / WIDTH, height / HEIGHT)
        )
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(QUIET)
        axes.tick_params(colors=QUIET, labelsize=8.5, length=3)
        return axes

    def _text(self, x: float, y: float, text: str = "", **style: Any) -> Text:
        style = {"fontsize": 9, "color": INK} | style
        return self.figure.text(x / WIDTH, 1 - y / HEIGHT, text, **style)

    def _draw_scores(self, low: float, high: float) -> None:
        words = self.words
        edges = np.linspace(low, high, BINS + 1)
        rows = [
            (52, self.y, words.hit, MISSED, FOUND),
            (164, ~self.y, words.clear, LEFT, ALARM),
        ]
        counts = [np.histogram(self.scores[of_class], edges)[0] for _, of_class, *_ in rows]
        # One scale for both rows, so that equal areas are equally many. Where the easy cases would
        # flatten everything else, their pile is cut.
        tallest = [int(n.max()) for n in counts]
        cut = max(tallest) > 4 * min(tallest)
        top_of_scale = 1.7 * min(tallest) if cut else 1.08 * max(tallest)
        self._text(52, 22, "Scores", fontsize=11, weight="bold")
        self._rows = []
        for (top, of_class, name, left, right), n, most in zip(rows, counts, tallest, strict=True):
            axes = self._axes(52, top, 510, 98)
            axes.set(xlim=(low, high), ylim=(0, top_of_scale))
            axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
            axes.set_ylabel(words.cases, color=QUIET, fontsize=9)
            title = f"{of_class.sum():,} {name}"
            if most > top_of_scale:
                title += f" (bars cut, tallest {most:,})"
                torn = np.linspace(low, high, 4 * BINS + 1)[1::2]
                torn = torn[np.repeat(n > top_of_scale, 2)]
                self.moving(
                    axes.plot(torn, np.full(len(torn), top_of_scale), "wv", markersize=6)[0]
                )
            style = {"ha": "right", "va": "top", "fontsize": 9.5, "color": INK}
            axes.text(0.995, 0.97, title, transform=axes.transAxes, **style)
            axes.stairs(n, edges, fill=True, color=left)
            above = self.moving(axes.stairs(n, edges, fill=True, color=right))
            line = self.moving(axes.axvline(low, color=INK, linewidth=1.6, zorder=5))
            self._rows.append((axes, above, line))
        axes.set_xlabel("score", color=QUIET, fontsize=9)
        top_row = self._rows[0][0]
        top_row.tick_params(labelbottom=False)
        style = {"ha": "center", "va": "bottom", "fontsize": 9, "weight": "bold", "color": INK}
        self._mark = self.moving(
            top_row.text(low, 1.03, "", transform=top_row.get_xaxis_transform(), **style)
        )

    def _draw_matrix(self) -> None:
        words = self.words
        axes = self._axes(630, 52, 200, 210)
        axes.set(xlim=(0, 2), ylim=(0, 2), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        self._counts = {}
        for name, label, x, y, colour, ink in (
            ("fn", "missed", 0, 1, MISSED, "white"),
            ("tp", "found", 1, 1, FOUND, "white"),
            ("tn", "left alone", 0, 0, LEFT, INK),
            ("fp", "false alarms", 1, 0, ALARM, INK),
        ):
            axes.add_patch(Rectangle((x + 0.02, y + 0.02), 0.96, 0.96, color=colour, linewidth=0))
            axes.text(x + 0.5, y + 0.2, label, ha="center", fontsize=9, color=ink)
            style = {"ha": "center", "fontsize": 17, "weight": "bold", "color": ink}
            self._counts[name] = self.moving(axes.text(x + 0.5, y + 0.45, "", **style))
        self._text(680, 44, f"not {words.flagged}", ha="center", color=QUIET)
        self._text(780, 44, words.flagged, ha="center", color=QUIET)
        for y, name in ((105, words.hit), (210, words.clear)):
            self._text(617, y, name, rotation=90, ha="center", va="center", color=QUIET)
        self._rates = {}
        for rate, x, y in (("recall", 840, 102), ("precision", 753, 282), ("accuracy", 840, 282)):
            self._text(x, y, rate, color=QUIET)
            self._rates[rate] = self.moving(self._text(x, y + 18, fontsize=12, weight="bold"))

    def _draw_curves(self) -> None:
        false_alarm_rate, recall, _ = roc_curve(self.y, self.scores)
        roc = self._axes(52, 382, 222, 160)
        roc.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (2, 3)))
        roc.plot(false_alarm_rate, recall, color=FOUND, linewidth=2)
        roc.set(xlim=(0, 1), ylim=(0, 1.03))
        self._label(roc, "false-alarm rate", "recall")
        auc = roc_auc_score(self.y, self.scores)
        self._text(52, 346, f"ROC, area {auc:.3f}", fontsize=11, weight="bold")
        self._roc = self._marker(roc, 52)

        base = self.y.mean()
        precision, recall, _ = precision_recall_curve(self.y, self.scores)
        pr = self._axes(368, 382, 222, 160)
        pr.axhline(base, color=QUIET, linewidth=1, linestyle=(0, (2, 3)))
        style = {"ha": "right", "va": "top", "fontsize": 8.5, "color": QUIET}
        pr.text(0.99, base - 0.015, f"base rate {base:.1%}", **style)
        # The last point, recall 0 at precision 1, is a convention and no threshold.
        pr.plot(recall[:-1], precision[:-1], color=FOUND, linewidth=2)
        pr.set(xlim=(0, 1), ylim=(0, 1.03))
        self._label(pr, "recall", "precision")
        ap = average_precision_score(self.y, self.scores)
        self._text(368, 346, f"Precision-recall, area {ap:.3f}", fontsize=11, weight="bold")
        self._pr = self._marker(pr, 368)

    def _draw_cost(self, low: float, high: float) -> None:
        self._cost_axes = self._axes(684, 382, 222, 160)
        self._cost_axes.set_xlim(low, high)
        unit = "" if self.words.cost_unit == "$" else self.words.cost_unit
        self._label(self._cost_axes, "threshold", unit)
        (self._cost_curve,) = self._cost_axes.step([], [], where="pre", color=FOUND, linewidth=2)
        (self._best,) = self._cost_axes.plot(
            [], [], marker="D", markersize=7, color="white", markeredgecolor=FOUND, linestyle=""
        )
        self._best.set_clip_on(False)
        self._cost_axes.yaxis.set_major_formatter(
            lambda value, _: self.words.cost(value).removesuffix(f" {unit}")
        )
        self._cost_axes.yaxis.set_major_locator(MaxNLocator(4))
        self._price = self._text(684, 346, fontsize=11, weight="bold")
        self._cost = self._marker(self._cost_axes, 684)

    def _label(self, axes: Axes, x: str, y: str) -> None:
        axes.set_xlabel(x, color=QUIET, fontsize=9)
        axes.set_ylabel(y, color=QUIET, fontsize=9)

    def _marker(self, axes: Axes, left: float) -> tuple[Line2D, Line2D, Text]:
        """The operating point on a curve, its guide lines, and the line of text above it."""
        (guide,) = axes.plot([], [], color=INK, linewidth=1, linestyle=(0, (4, 2)), zorder=4)
        (dot,) = axes.plot(
            [], [], "o", color=INK, markersize=9, markeredgecolor="white", zorder=6, clip_on=False
        )
        says = self._text(left, 366, fontsize=9.5)
        return tuple(map(self.moving, (guide, dot, says)))

    # What moves --------------------------------------------------------------------------------

    def price(self, cost_miss: float, cost_alarm: float, best: OperatingPoint) -> None:
        """Show the cost curve and its cheapest point."""
        at, costs = cost_curve(self.y, self.scores, cost_miss, cost_alarm)
        low, high = self._cost_axes.get_xlim()
        self._cost_curve.set_data(np.clip(at, low, high), costs)
        self._best.set_data([min(best.threshold, high)], [best.cost])
        self._cost_axes.set_ylim(0, costs.max() * 1.05)
        worth = cost_miss / cost_alarm
        worth = f"{worth:,.0f}" if worth >= 10 else f"{worth:.3g}"
        self._price.set_text(f"Cost, a miss = {worth} alarm{'s' * (worth != '1')}")

    def show(self, point: OperatingPoint, best: OperatingPoint, threshold: str) -> None:
        """Move everything to an operating point; `threshold` is how it is written."""
        words, at = self.words, point.threshold
        for axes, above, line in self._rows:
            (_, high), (_, top) = axes.get_xlim(), axes.get_ylim()
            above.set_clip_box(TransformedBbox(Bbox.from_extents(at, 0, high, top), axes.transData))
            line.set_xdata([at, at])
        self._mark.set_x(at)
        self._mark.set_text(f"threshold {threshold}")
        for name, text in self._counts.items():
            text.set_text(f"{getattr(point, name):,}")
        for name, text in self._rates.items():
            rate = getattr(point, name)
            text.set_text("–" if math.isnan(rate) else f"{rate:.0%}")
        self._place(
            self._roc,
            point.false_alarm_rate,
            point.recall,
            f"{point.recall:.0%} found, {point.false_alarm_rate:.0%} false alarms",
        )
        self._place(
            self._pr,
            point.recall,
            point.precision,
            f"{point.precision:.0%} of the {words.flagged} are {words.hit}"
            if point.flagged
            else f"nothing {words.flagged}, no precision",
        )
        self._place(
            self._cost,
            at,
            point.cost,
            f"{words.cost(point.cost)} here, {words.cost(best.cost)} at best",
        )

    def _place(self, marker: tuple[Line2D, Line2D, Text], x: float, y: float, says: str) -> None:
        guide, dot, text = marker
        left = guide.axes.get_xlim()[0]
        guide.set_data([left, x, x], [y, y, 0])
        dot.set_data([x], [y])
        text.set_text(says)


class ThresholdExplorer(Explorer):
    """Scores, confusion matrix, ROC, precision-recall and cost, all at one threshold.

    Made by `thresholds`.

    Attributes
    ----------
    threshold : ipywidgets.FloatSlider
    ratio : ipywidgets.IntSlider
        How many false alarms one miss is worth.
    point : OperatingPoint
        What the current threshold does.
    """

    def __init__(
        self,
        y: ArrayLike,
        scores: ArrayLike,
        threshold: float,
        cost_miss: float,
        cost_alarm: float,
        words: Words,
    ) -> None:
        self.y, self.scores = _scored(y, scores)
        _costs(cost_miss, cost_alarm)
        if cost_alarm == 0:
            raise ValueError("cost_alarm must be above 0, so that a miss can be worth N of them")
        self.cost_alarm = cost_alarm
        self.words = words
        low, high, step = _scale(self.scores)
        if not low <= threshold <= high:
            raise ValueError(f"threshold must lie in {low:g} to {high:g}, not at {threshold!r}")
        self.decimals = max(0, -math.floor(math.log10(step)))
        wide = widgets.Layout(width="100%", max_width="900px")
        naming = {"description_width": "250px"}
        self.threshold = widgets.FloatSlider(
            value=threshold,
            min=low,
            max=high,
            step=step,
            description="threshold",
            tooltip=f"{words.cases} that score at least this are {words.flagged}",
            readout_format=f".{self.decimals}f",
            layout=wide,
            style=naming,
        )
        ratio = max(1, round(cost_miss / cost_alarm))
        self.ratio = widgets.IntSlider(
            value=ratio,
            min=1,
            max=max(100, 2 * ratio),
            description="false alarms that one miss is worth",
            tooltip="how many false alarms cost as much as one miss",
            layout=wide,
            style=naming,
        )
        picture = ThresholdPicture(self.y, self.scores, words, low, high)
        super().__init__(picture, [self.threshold, self.ratio])
        self._reprice(cost_miss)
        self.threshold.observe(lambda _: self._move(), "value")
        self.ratio.observe(lambda change: self._reprice(change.new * cost_alarm), "value")

    def _reprice(self, cost_miss: float) -> None:
        """A miss costs something else."""
        self.cost_miss = cost_miss
        self.best = cheapest(self.y, self.scores, cost_miss, self.cost_alarm)
        self.canvas.price(cost_miss, self.cost_alarm, self.best)
        self._move(redraw=True)

    def _move(self, redraw: bool = False) -> None:
        """The threshold is elsewhere."""
        at = self.threshold.value
        self.point = operating_point(self.y, self.scores, at, self.cost_miss, self.cost_alarm)
        self.canvas.show(self.point, self.best, f"{at:.{self.decimals}f}")
        if redraw:
            self.canvas.redraw()
        else:
            self.canvas.step()
        self.sentence = sentence(self.point, self.best, self.words, self.decimals)


def _scale(scores: np.ndarray) -> tuple[float, float, float]:
    """Ends and step of the slider: 0 to 1 for probabilities, else round numbers."""
    low, high = float(scores.min()), float(scores.max())
    if low >= 0 and 0.2 <= high <= 1:
        return 0.0, 1.0, 0.01
    step = 10.0 ** math.floor(math.log10((high - low or 1.0) / 50))
    return math.floor(low / step) * step, (math.floor(high / step) + 1) * step, step

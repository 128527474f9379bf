"""What more data, cleaner labels or another model would buy: learning curves on real digits."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter
from sklearn.base import ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.svm import SVC

from tpmkit.explore.canvas import Canvas, Explorer

__all__ = ["NOISES", "SIZES", "digits_by_form", "learning", "measure", "measured", "moves"]

# The first row of each form: digits were copied from a printed form, so that the labels
# 0 9 5 5 6 5 come once a form, after three rows of 0 to 9 (two forms lack one or two of those).
FORM_STARTS = (0, 130, 256, 386, 516, 646, 776, 906, 1029, 1157, 1287, 1415, 1545, 1667)
MODELS: dict[str, ClassifierMixin] = {
    "logistic regression": LogisticRegression(max_iter=1000),
    "kernel SVM": SVC(gamma=0.25),
}
SIZES = (100, 200, 400, 800, 1600)
NOISES = (0.0, 0.05, 0.10, 0.20, 0.40)
MEASURED = Path(__file__).with_name("learning.csv")

TRAIN, VAL, GAIN = "#b35c00", "#005a87", "#8fbdd3"
INK, QUIET = "#1d2733", "#5b6876"
WIDTH, HEIGHT = 920, 400


def digits_by_form() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """scikit-learn's handwritten digits, with the form that each was written on.

    The table has no column that says who wrote a digit. Its description names 13 people; the
    order of the labels shows 14 forms, so one person may have filled in two.

    Returns
    -------
    X : numpy.ndarray
        Shape (1797, 64): the ink in each of 8 x 8 cells, from 0 to 1.
    y : numpy.ndarray
        The digit that was meant, 0 to 9.
    form : numpy.ndarray
        0 to 13.
    """
    digits = load_digits()
    form = np.searchsorted(FORM_STARTS, np.arange(len(digits.target)), side="right") - 1
    return digits.data / 16, digits.target, form


def measure(
    rng: np.random.Generator,
    models: tuple[str, ...] = tuple(MODELS),
    sizes: tuple[int, ...] = SIZES,
    noises: tuple[float, ...] = NOISES,
    repeats: int = 3,
) -> pd.DataFrame:
    """Train on some digits of some people, partly mislabelled; judge on a person left out.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws which digits are used and which labels are wrong.
    models : tuple of str
        Keys of `MODELS`.
    sizes : tuple of int
        Training digits, drawn over all forms but one.
    noises : tuple of float
        Share of the training labels replaced by another digit.
    repeats : int
        Draws for each form left out.

    Returns
    -------
    pandas.DataFrame
        `model`, `noise`, `size`, `train` (share right on the training rows, as labelled) and
        `val` (share right on the form left out, whose labels are right), means over all draws.
    """
    X, y, form = digits_by_form()
    rows = []
    for known, new in list(LeaveOneGroupOut().split(X, y, form)) * repeats:
        order = rng.permutation(known)
        doubt, shift = rng.random(len(known)), rng.integers(1, 10, len(known))
        for noise in noises:
            labels = np.where(doubt < noise, (y[order] + shift) % 10, y[order])
            for size in sizes:
                shown, said = X[order[:size]], labels[:size]
                for name in models:
                    model = MODELS[name].fit(shown, said)
                    scores = model.score(shown, said), model.score(X[new], y[new])
                    rows.append((name, noise, size, *scores))
    table = pd.DataFrame(rows, columns=["model", "noise", "size", "train", "val"])
    return table.groupby(["model", "noise", "size"], as_index=False, sort=False).mean()


@cache
def measured() -> pd.DataFrame:
    """The result of `measure` that ships with the course, by model, noise and size.

    ``python -m tpmkit.explore.learning`` measures it anew (some minutes).
    """
    return pd.read_csv(MEASURED).set_index(["model", "noise", "size"]).sort_index()


def moves(model: str, size: int, noise: float) -> dict[str, float]:
    """The validation score now, and after each step that was measured.

    Parameters
    ----------
    model : str
        A key of `MODELS`.
    size : int
        One of `SIZES`.
    noise : float
        One of `NOISES`.

    Returns
    -------
    dict of str to float
        ``"now"`` first. There is no step to more digits than the largest size, and none to
        cleaner labels where all are right.

    Raises
    ------
    ValueError
        If that setting was not measured.
    """
    val = measured()["val"]
    if (model, noise, size) not in val.index:
        raise ValueError(
            f"{model!r} with {size!r} digits and {noise!r} of the labels wrong was not measured; "
            f"choose from {list(MODELS)}, {list(SIZES)} and {list(NOISES)}"
        )
    after = {"now": val[model, noise, size]}
    if size < SIZES[-1]:
        after["twice the digits"] = val[model, noise, 2 * size]
    if noise > 0:
        cleaner = NOISES[NOISES.index(noise) - 1]
        says = "half as many wrong labels" if cleaner else "no wrong labels"
        after[says] = val[model, cleaner, size]
    other = next(name for name in MODELS if name != model)
    after[f"{other} instead"] = val[other, noise, size]
    return {step: float(score) for step, score in after.items()}


def sentence(model: str, size: int, noise: float, target: float) -> str:
    """What a setting reaches and what the best next step would reach, to read aloud."""
    after = moves(model, size, noise)
    now = after.pop("now")
    train = measured()["train"][model, noise, size]
    labels = "all labelled right" if noise == 0 else f"{noise:.0%} of them labelled wrong"
    best = max(after, key=after.get)
    verdict = (
        f"at or above the {target:.0%} that is needed"
        if now >= target
        else f"{100 * (target - now):.1f} points short of {target:.0%}"
    )
    steps = ", ".join(f"{step} {score:.1%}" for step, score in after.items())
    if after[best] <= now:
        steps += "; none is better"
    elif len(after) > 1:
        steps += f"; {best} buys most"
    return (
        f"With {size:,} digits, {labels}, {model} reads {now:.1%} of a new person's digits right "
        f"({train:.1%} of its training labels): {verdict}. "
        f"One step on: {steps}."
    )


def learning(
    model: str = "logistic regression", size: int = 1600, noise: float = 0.0, target: float = 0.96
) -> LearningExplorer:
    """Explore a learning curve: how many digits, how many wrong labels, which model.

    Parameters
    ----------
    model, size, noise
        Where to start; see `moves`.
    target : float
        The validation score that is needed, from 0 to 1.

    Returns
    -------
    LearningExplorer
        A widget. Its ``model``, ``size`` and ``noise`` are the controls, ``sentence`` what it
        says, ``picture()`` a static copy.
    """
    return LearningExplorer(model, size, noise, target)


class LearningExplorer(Explorer):
    """A learning curve, and what each next step would reach.

    Made by `learning`.

    Attributes
    ----------
    model : ipywidgets.ToggleButtons
    size, noise : ipywidgets.SelectionSlider
    """

    def __init__(self, model: str, size: int, noise: float, target: float) -> None:
        moves(model, size, noise)
        if not 0 < target < 1:
            raise ValueError(f"target must lie between 0 and 1, not at {target!r}")
        self.target = target
        wide = widgets.Layout(width="100%", max_width="640px")
        naming = {"description_width": "190px"}
        self.size = widgets.SelectionSlider(
            options=[(f"{n:,}", n) for n in SIZES],
            value=size,
            description="labelled digits",
            layout=wide,
            style=naming,
        )
        self.noise = widgets.SelectionSlider(
            options=[(f"{share:.0%}", share) for share in NOISES],
            value=noise,
            description="labels that are wrong",
            layout=wide,
            style=naming,
        )
        self.model = widgets.ToggleButtons(
            options=list(MODELS), value=model, description="model", style=naming
        )
        super().__init__(
            Canvas(
                WIDTH,
                HEIGHT,
                "Learning curve: share of digits read right against the number of labelled "
                "digits, for training rows and for a new person; beside it, the points that each "
                "next step would gain",
            ),
            [self.size, self.noise, self.model],
        )
        with self.canvas.style():
            self._draw_curve()
            self._draw_steps()
        self.canvas.redraw()
        self._move()
        for control in (self.size, self.noise, self.model):
            control.observe(lambda _: self._move(), "value")

    def _axes(self, left: float, width: float, title: str):
        axes = self.canvas.figure.add_axes((left / WIDTH, 55 / HEIGHT, width / WIDTH, 285 / HEIGHT))
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(QUIET)
        axes.tick_params(colors=QUIET, labelsize=9, length=3)
        axes.set_title(title, loc="left", fontsize=11, weight="bold", color=INK, pad=20)
        return axes

    def _draw_curve(self) -> None:
        axes = self._axes(60, 400, "Digits read right")
        axes.set(xscale="log", xlim=(85, 1900), ylim=(0.55, 1.01))
        axes.xaxis.set_major_locator(FixedLocator(SIZES))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(lambda n, _: f"{n:,.0f}")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlabel("labelled digits (each step doubles)", color=QUIET, fontsize=9)
        axes.axhline(self.target, color=INK, linewidth=1, linestyle=(0, (2, 3)))
        style = {"fontsize": 8.5, "color": INK, "va": "bottom"}
        axes.text(88, self.target + 0.003, f"needed: {self.target:.0%}", **style)
        moving = self.canvas.moving
        style = {"linewidth": 2, "markersize": 7}
        (train,) = axes.plot(
            [], [], "o--", color=TRAIN, label="training rows, as labelled", **style
        )
        (val,) = axes.plot([], [], "s-", color=VAL, label="a new person, labels right", **style)
        self._curves = {"train": moving(train), "val": moving(val)}
        axes.legend(loc="lower right", frameon=False, fontsize=9, labelcolor=INK)
        style = {"markersize": 15, "color": "none", "markeredgecolor": INK, "markeredgewidth": 1.6}
        self._here = moving(axes.plot([], [], "o", **style)[0])

    def _draw_steps(self) -> None:
        axes = self._axes(660, 180, "Points gained by one step")
        axes.set(xlim=(-14, 16), ylim=(2.6, -0.6), xticks=[-10, 0, 10], yticks=[])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("percentage points, a new person", color=QUIET, fontsize=9)
        axes.axvline(0, color=QUIET, linewidth=1)
        moving, beside = self.canvas.moving, axes.get_yaxis_transform()
        style = {"va": "center", "fontsize": 9.5, "color": INK}
        self._steps = []
        for row, bar in enumerate(axes.barh(range(3), 0, height=0.5, color=GAIN)):
            name = axes.text(-0.02, row, "", transform=beside, ha="right", **style)
            gain = axes.text(1.04, row, "", transform=beside, ha="left", **style)
            self._steps.append(tuple(map(moving, (bar, name, gain))))
        self._short = moving(axes.axvline(0, color=INK, linewidth=1, linestyle=(0, (2, 3))))
        style = {"ha": "center", "va": "bottom", "fontsize": 8.5, "color": INK}
        above = axes.get_xaxis_transform()
        self._lacks = moving(axes.text(0, 1.005, "needed", transform=above, **style))

    def _move(self) -> None:
        """One of the controls is elsewhere."""
        model, size, noise = self.model.value, self.size.value, self.noise.value
        table = measured().loc[model, noise]
        for name, line in self._curves.items():
            line.set_data(table.index, table[name])
        self._here.set_data([size], [table.at[size, "val"]])
        (_, now), *steps = moves(model, size, noise).items()
        for row, artists in enumerate(self._steps):
            for artist in artists:
                artist.set_visible(row < len(steps))
            if row < len(steps):
                bar, name, gain = artists
                step, score = steps[row]
                bar.set_width(100 * (score - now))
                name.set_text(step)
                gain.set_text(f"{100 * (score - now):+.1f}\nto {score:.1%}")
        lacks = 100 * (self.target - now)
        self._short.set_xdata([lacks, lacks])
        self._lacks.set_x(lacks)
        for artist in (self._short, self._lacks):
            artist.set_visible(0 < lacks < 16)
        self.canvas.step()
        self.sentence = sentence(model, size, noise, self.target)


if __name__ == "__main__":
    measure(np.random.default_rng(2)).round(4).to_csv(MEASURED, index=False)

"""The interview practice as widgets: one core behind the notebook and `tpmkit interview`."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import ipywidgets as widgets
import numpy as np

from tpmkit.interview.bank import LEVELS, Bank, load_bank
from tpmkit.interview.calibrate import Calibration
from tpmkit.interview.calibration_screen import CalibrationScreen
from tpmkit.interview.history import history
from tpmkit.interview.others import Others
from tpmkit.interview.panel import Seat
from tpmkit.interview.panel_screen import PanelScreen
from tpmkit.interview.report_screen import ReportScreen
from tpmkit.interview.schedule import reviews
from tpmkit.interview.screen import Screen, button, form, markup
from tpmkit.interview.solo import Session, unfinished
from tpmkit.interview.solo_screen import SoloScreen
from tpmkit.interview.store import Store, now

__all__ = ["Practice", "practice"]

MINUTES = (15, 25, 40)


class Practice(widgets.VBox):
    """The start screen, and whatever was chosen from it.

    Parameters
    ----------
    store : Store
    bank : Bank
    rng : numpy.random.Generator
        Chooses among questions that are equally due.
    """

    def __init__(self, store: Store, bank: Bank, rng: np.random.Generator) -> None:
        super().__init__()
        self.store, self.bank, self.rng = store, bank, rng
        self.start()

    def start(self) -> None:
        """Show the start screen."""
        self.home = Screen()
        left = unfinished(self.store)
        self.children = [self.home]
        learn = widgets.VBox(
            [
                markup(
                    f"<p>Rate {len(self.bank.scored)} written answers whose ratings are known, and "
                    "see how far you agree. Do it before you rate other people.</p>"
                ),
                form(button("Rate sample answers", self.calibrate)),
            ]
        )
        more = [Others(self.store, self.bank, self.rng, self.sit), learn]
        self.home.show(
            *self._welcome(),
            *self._continue(left),
            *self._new(bool(left)),
            widgets.Accordion(
                more, titles=["Practise with others: pair, panel, loop", "Learn to rate"]
            ),
            markup("<h3>Look back</h3>"),
            form(button("Your report", self.report)),
        )

    def show(self, screen: widgets.Widget) -> None:
        """Show another screen in place of the present one."""
        self.children = [screen]

    def begin(self, level: str, minutes: int) -> None:
        """Start a solo session."""
        self._open(partial(Session.begin, self.store, self.bank, level, minutes, self.rng))

    def resume(self, id: str) -> None:
        """Continue a solo session."""
        self._open(partial(Session.resume, self.store, self.bank, id))

    def sit(self, seat: Seat) -> None:
        """Take part in a pair, a panel or a loop."""
        self.show(PanelScreen(seat, self.start))

    def calibrate(self) -> None:
        """Rate answers whose ratings are known."""
        self.home.attempt(
            lambda: self.show(
                CalibrationScreen(Calibration.open(self.store, self.bank), self.rng, self.start)
            )
        )

    def report(self) -> None:
        """Show the report, and say where its page and calendar lie."""
        self.home.attempt(lambda: self.show(ReportScreen(self.store, self.bank, self.start)))

    def _open(self, make: Callable[[], Session]) -> None:
        self.home.attempt(lambda: self.show(SoloScreen(make(), self.start)))

    def _welcome(self) -> list[widgets.Widget]:
        practised = history(self.store, self.bank)
        due = [review for review in reviews(practised) if review.due <= now()]
        told = "".join(f"<p><b>{html.escape(notice)}</b></p>" for notice in self.store.notices)
        folder = html.escape(str(self.store.folder))
        count = f"{len(practised)} answer{'s' * (len(practised) != 1)} rated so far"
        return [
            markup(
                "<h1>Interview practice</h1><p>Answer a question out loud, rate yourself on what "
                "an interviewer would observe, then compare. One thing to change comes out of "
                f"each.</p><p class='quiet'>Your answers stay in {folder}. Nothing leaves this "
                "machine; <code>tpmkit interview --export</code> packs them, "
                f"<code>--delete</code> removes them.</p>{told}"
                + (f"<p>{count}, {len(due)} due for another look.</p>" if practised else "")
            )
        ]

    def _continue(self, left: list[str]) -> list[widgets.Widget]:
        if not left:
            return []
        buttons = [
            button(f"Go on: {begun(id)}", partial(self.resume, id), primary=id == left[0])
            for id in left[:3]
        ]
        return [markup("<h3>Go on where you stopped</h3>"), form(*buttons)]

    def _new(self, left: bool) -> list[widgets.Widget]:
        level = widgets.Dropdown(
            options=[(f"{name} ({id})", id) for id, name in LEVELS.items()],
            value="L2",
            description="Level",
        )
        minutes = widgets.Dropdown(
            options=[(f"{minutes} minutes", minutes) for minutes in MINUTES],
            value=25,
            description="Time",
        )
        start = button("Start", lambda: self.begin(level.value, minutes.value), not left)
        return [markup("<h3>Practise alone</h3>"), form(level, minutes, start)]


def begun(id: str) -> str:
    """When a solo session was begun, from its id; the id itself where somebody renamed its file."""
    try:
        return f"session of {datetime.strptime(id[5:20], '%Y%m%dT%H%M%S'):%d %B, %H:%M}"
    except ValueError:
        return id


def practice(folder: str | Path | None = None, seed: int | None = None) -> Practice:
    """The interview practice, to be the last line of a cell.

    Parameters
    ----------
    folder : path, optional
        Where sessions are kept; default: `tpmkit.files.own_folder`.
    seed : int, optional
        Makes the choice among equally due questions repeatable.
    """
    store = Store(Path(folder) if folder else None)
    return Practice(store, load_bank(), np.random.default_rng(seed))

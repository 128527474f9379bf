"""The part of the start screen that brings people together: set up, or take a seat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import ipywidgets as widgets
import numpy as np

from tpmkit.interview.bank import LEVELS, Bank
from tpmkit.interview.errors import InterviewError
from tpmkit.interview.panel import Panel, Seat, convene
from tpmkit.interview.schedule import choose, loop_plan
from tpmkit.interview.screen import Screen, button, field, form, markup
from tpmkit.interview.store import Store, now

__all__ = ["Others", "rounds_for"]

KINDS = [
    ("pair: one interviewer a question", "pair"),
    ("panel: all interviewers rate every question", "panel"),
    ("loop: five rounds and a writing exercise", "loop"),
]
MINUTES = {"pair": 25, "panel": 40}


class Others(Screen):
    """Set up a pair, a panel or a loop in a folder, or sit down at one.

    Parameters
    ----------
    store : Store
        Where one's own notes and ratings go.
    bank : Bank
    rng : numpy.random.Generator
        Chooses the questions of a new meeting.
    sit : callable
        Called with the `Seat` that was taken.
    """

    def __init__(
        self, store: Store, bank: Bank, rng: np.random.Generator, sit: Callable[[Seat], None]
    ) -> None:
        super().__init__()
        self.store, self.bank, self.rng, self.sit = store, bank, rng, sit
        self.folder = field("Meeting folder", "A new or shared folder for this meeting alone")
        self.who = field("Your name", width="26em")
        self.kind = widgets.Dropdown(
            options=KINDS,
            description="Kind",
            style={"description_width": "9em"},
            layout={"width": "36em"},
        )
        self.level = widgets.Dropdown(
            options=[(f"{name} ({id})", id) for id, name in LEVELS.items()],
            value="L2",
            description="Level",
        )
        self.candidate = field("Candidate", "One name", "26em")
        self.raters = field("Interviewers", "Names with commas between; the first one leads")
        new = widgets.VBox(
            [
                form(self.kind, self.level),
                self.candidate,
                self.raters,
                form(button("Set it up in this folder", self.set_up)),
            ]
        )
        self.show(
            markup(
                "<p>First one of you sets the meeting up (below) in a folder that all can open, or "
                "in a folder of their own, and sends <code>panel.json</code> from it to the "
                "others, who put it into a new folder. Then everybody takes a seat, each on their "
                "own machine.</p>"
            ),
            self.folder,
            form(self.who, button("Take my seat", self.take, primary=True)),
            widgets.Accordion([new], titles=["Not set up yet? Do it here"]),
        )

    def take(self) -> None:
        """Sit down under the name given."""
        seats: list[Seat] = []

        def sit() -> None:
            seats.append(Seat.take(self.store, self._folder(), self.who.value.strip(), self.bank))

        if self.attempt(sit):
            self.sit(seats[0])

    def set_up(self) -> None:
        """Choose the questions and write the meeting into its folder."""
        raters = [name.strip() for name in self.raters.value.split(",") if name.strip()]
        made: list[Panel] = []

        def meet() -> None:
            kind, level = self.kind.value, self.level.value
            rounds = rounds_for(self.bank, kind, level, raters, now(), self.rng)
            candidate = self.candidate.value.strip()
            made.append(convene(self._folder(), self.bank, kind, level, candidate, rounds))

        if self.attempt(meet):
            count = len(made[0].rounds)
            self.say(
                f"The {made[0].kind} is set up with {count} round{'s' * (count != 1)}. Give your "
                "name above and take your seat; the others do the same with this folder."
            )

    def _folder(self) -> Path:
        if not self.folder.value.strip():
            raise InterviewError("Give the folder of the meeting.")
        return Path(self.folder.value.strip()).expanduser()


def rounds_for(
    bank: Bank,
    kind: str,
    level: str,
    raters: Sequence[str],
    at: datetime,
    rng: np.random.Generator,
) -> list[tuple[str, list[str]]]:
    """Questions and who rates each: all interviewers a panel, in turn a pair or a loop.

    The writing exercise of a loop is rated by all.
    """
    if not raters:
        raise InterviewError("Name at least one interviewer.")
    if kind == "loop":
        items = loop_plan(bank, [], level, at, rng)
    else:
        items = choose(bank, [], level, MINUTES[kind], at, rng)
    in_turn = [[raters[n % len(raters)]] for n in range(len(items))]
    if kind == "panel":
        in_turn = [list(raters)] * len(items)
    elif kind == "loop":
        in_turn[-1] = list(raters)
    return list(zip(items, in_turn, strict=True))

"""The screen on which raters learn what the anchors mean."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial

import ipywidgets as widgets
import numpy as np

from tpmkit.interview.bank import Question, ScoredAnswer
from tpmkit.interview.calibrate import Calibration
from tpmkit.interview.screen import Screen, button, form, markup, prose, rubric
from tpmkit.interview.solo_screen import scene

__all__ = ["CalibrationScreen", "comparison"]


class CalibrationScreen(Screen):
    """Answers to rate, one after the other, each followed by the reference.

    Parameters
    ----------
    calibration : Calibration
    rng : numpy.random.Generator
        For the intervals of the agreement.
    leave : callable
        Called when the user goes back to the start.
    """

    def __init__(
        self, calibration: Calibration, rng: np.random.Generator, leave: Callable[[], None]
    ) -> None:
        super().__init__()
        self.calibration, self.rng, self.leave = calibration, rng, leave
        self.rate_next()

    def rate_next(self) -> None:
        """Show the next answer, or after the last how one agrees."""
        scored = self.calibration.next()
        if scored is None:
            self.show(markup("<h2>All answers are rated</h2>"), *self._agreement(), self._back())
            return
        question = self.calibration.bank[scored.question]
        total, done = len(self.calibration.bank.scored), len(self.calibration.shown)
        self.show(
            markup(
                f"<h2>Rate this answer</h2><p class='quiet'>Answer {done + 1} of {total}. For each "
                "criterion choose the description that fits what was said; the reference comes "
                "after.</p>"
                f"{scene(question)}<h3>The candidate said</h3>{prose(scored.answer)}"
            ),
            *rubric(
                question.rubric,
                self.calibration.ratings(scored.id),
                partial(self.attempt, self.calibration.rate, scored.id),
            ),
            form(
                button("Compare with the reference", partial(self.compare, scored.id), True),
                button("Stop here, go on another time", self.leave),
            ),
        )

    def compare(self, id: str) -> None:
        """Fix the ratings of an answer and show the reference beside them."""
        if not self.attempt(self.calibration.show, id):
            return
        scored = self.calibration.bank.scored[id]
        question = self.calibration.bank[scored.question]
        self.show(
            markup(
                f"<h2>Your ratings and the reference</h2>{prose(scored.answer)}"
                + comparison(question, scored, self.calibration.ratings(id))
            ),
            *self._agreement(),
            form(
                button("Next answer", self.rate_next, primary=True),
                button("Stop here, go on another time", self.leave),
            ),
        )

    def _agreement(self) -> list[widgets.HTML]:
        bank = self.calibration.bank
        titles = {c.id: c.title for question in bank.questions.values() for c in question.rubric}
        lines = "".join(
            f"<li><b>{html.escape(titles.get(name, 'All criteria'))}</b>: "
            f"{html.escape(agreement.advice())}</li>"
            for name, agreement in self.calibration.result(self.rng).items()
        )
        return [markup(f"<h3>How you agree so far</h3><ul>{lines}</ul>")]

    def _back(self) -> widgets.HBox:
        return form(button("Back to the start", self.leave))


def comparison(question: Question, scored: ScoredAnswer, ratings: dict[str, int]) -> str:
    """One's levels and the reference's, with the anchor and the words that decide, as HTML."""
    titles = {criterion.id: criterion.title for criterion in question.rubric}
    rows = "".join(
        f"<tr><td>{html.escape(titles[rating.criterion])}</td><td>{ratings[rating.criterion]}</td>"
        f"<td>{rating.level}</td><td>{html.escape(rating.anchor)}</td>"
        f"<td><i>{html.escape(rating.evidence)}</i></td></tr>"
        for rating in scored.ratings
    )
    return (
        "<table><thead><tr><th>Criterion</th><th>You</th><th>Reference</th><th>Because the anchor "
        f"says</th><th>and the answer has</th></tr></thead><tbody>{rows}</tbody></table>"
    )

"""The screen of a solo session: one view for each phase, each a few lines."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial

import ipywidgets as widgets

from tpmkit.interview.bank import LEVELS, Question, WritingExercise
from tpmkit.interview.feedback import Feedback, Verdict, observations
from tpmkit.interview.screen import Screen, Timer, button, form, markup, prose, rubric, writing
from tpmkit.interview.solo import Session

__all__ = ["SoloScreen", "coverage_table", "marked", "scene"]

KEEP_AFTER = 1.5  # seconds without a key before what was typed is stored
EXPLAIN = {
    Verdict.COVERED: "a sentence of yours says something close; nine times in ten it says this",
    Verdict.MISSING: "nothing close; a point said in quite other words is missed, too",
    Verdict.POLARITY: "a sentence comes near it: read whether it says this, or the opposite",
}


class SoloScreen(Screen):
    """A session as somebody sees it.

    Parameters
    ----------
    session : Session
    leave : callable
        Called when the user goes back to the start.
    """

    def __init__(self, session: Session, leave: Callable[[], None]) -> None:
        super().__init__()
        self.session, self.leave = session, leave
        self.clock = widgets.HTML()
        self.ticking, self.typing = Timer(), Timer()
        self.refresh()

    def refresh(self) -> None:
        """Show the phase the session is in."""
        self.box = None
        self.show(*getattr(self, f"_{self.session.state.phase}")())
        if self.session.state.phase == "probe":
            self.box.focus()

    def act(self, do: Callable, *arguments: object) -> None:
        """Do something and show what comes next; what is typed is stored first."""
        if self.keep() and self.attempt(do, *arguments):
            self.refresh()

    def keep(self) -> bool:
        """Store what is typed in the box at hand; whether that worked."""
        self.typing.stop()
        if self.box is None or "draft" not in self.session.state.legal:
            return True
        return self.attempt(self.session.draft, self.box.value)

    def tick(self) -> None:
        """Show the time spent on the question, once a second."""
        if self.session.state.phase not in ("answer", "probe"):
            return
        minutes, seconds = divmod(int(self.session.seconds), 60)
        self.clock.value = (
            f'<span role="timer">{minutes}:{seconds:02d}</span> of '
            f"{self.session.question.time_min} minutes"
        )
        self.ticking.set(1, self.tick)

    def go(self) -> None:
        """Back to the start; everything is stored."""
        if self.keep():
            self.ticking.stop()
            self.leave()

    def _write(self, placeholder: str, rows: int) -> widgets.Textarea:
        self.box = writing(self.session.state.round.draft, placeholder, rows)
        self.box.observe(self._typed, "value")
        return self.box

    def _typed(self, _: object) -> None:
        if not self.typing.set(KEEP_AFTER, self.keep):
            self.keep()

    def _leave_button(self) -> widgets.Button:
        return button("Stop here, go on another time", self.go)

    def _ready(self) -> list[widgets.Widget]:
        state = self.session.state
        done, left = len(state.rounds), len(state.left)
        minutes = sum(self.session.bank[id].time_min for id in state.left)
        return [
            markup(
                f"<h2>{'Next question' if done else 'Your session'}</h2><p>"
                f"{left} question{'s' * (left != 1)} left, about {minutes} minutes to answer and "
                "as long again to look at the answers. Answer out loud first, as in a real "
                "interview, then type or paste what you said.</p>"
            ),
            form(
                button("Show the question", partial(self.act, self.session.next), primary=True),
                button("End this session", partial(self.act, self.session.finish)),
                self._leave_button(),
            ),
        ]

    def _answer(self) -> list[widgets.Widget]:
        ask = widgets.Text(
            placeholder="Something missing? Ask the interviewer, in a few words",
            layout=widgets.Layout(width="28em"),
        )
        said = self._facts()
        go = button("Ask", partial(self._ask, ask, said))
        # Enter asks, too; observing the value instead would ask on leaving the box.
        ask.on_msg(lambda _, sent, __: sent.get("event") == "submit" and go.click())
        box = self._write("Say it out loud first; then type or paste what you said.", 12)
        self.tick()
        return [
            self._head(),
            markup(scene(self.session.question)),
            said,
            form(ask, go),
            box,
            form(
                button(
                    "Hand in the answer", lambda: self.act(self.session.answer, box.value), True
                ),
                button("Skip this question", partial(self.act, self.session.skip)),
                self._leave_button(),
                self.clock,
            ),
        ]

    def _ask(self, ask: widgets.Text, said: widgets.HTML) -> None:
        if self.attempt(self.session.ask, ask.value):
            ask.value = ""
            said.value = self._facts().value

    def _facts(self) -> widgets.HTML:
        facts = self.session.question.clarifying_info
        lines = [
            f"<p>You: {html.escape(words)}<br><b>Interviewer: "
            + html.escape("I have nothing on that." if fact is None else facts[fact].answer)
            + "</b></p>"
            for words, fact in self.session.state.round.asked
        ]
        return markup(f'<div aria-live="polite">{"".join(lines)}</div>')

    def _probe(self) -> list[widgets.Widget]:
        asked = f"<p>The interviewer asks:</p>{prose(self.session.probe.text)}"
        box = self._write("Your reply", 6)
        self.tick()
        return [
            self._head(),
            self._question(),
            self._own("What you said so far"),
            markup(f'<div class="scene" aria-live="polite">{asked}</div>'),
            box,
            form(
                button("Reply", lambda: self.act(self.session.reply, box.value), primary=True),
                button("Pass", lambda: self.act(self.session.reply, "")),
                self._leave_button(),
                self.clock,
            ),
        ]

    def _rate(self) -> list[widgets.Widget]:
        return [
            self._head(),
            self._question(),
            markup(
                "<p>Before you see anything else: how would an interviewer have rated this? Choose "
                "the description that fits what you <i>said</i>, not what you meant.</p>"
            ),
            self._own("What you said", folded=False),
            *rubric(self.session.question.rubric, self.session.state.round.ratings, self._choose),
            form(
                button(
                    "These are my ratings", partial(self.act, self.session.reveal), primary=True
                ),
                self._leave_button(),
            ),
        ]

    def _choose(self, criterion: str, level: int) -> None:
        if self.attempt(self.session.rate, criterion, level):
            self.say("")

    def _feedback(self) -> list[widgets.Widget]:
        question, found = self.session.question, self.session.feedback
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in observations(question, found))
        return [
            self._head(),
            markup(
                "<h3>What stands in your answer</h3><p class='quiet'>Counted and compared by "
                "rule, to help you read it again. It is not a grade, and it is sometimes wrong."
                f"</p><ul>{lines}</ul>" + coverage_table(question, found)
            ),
            self._own("What you said"),
            form(
                button("Show a model answer", partial(self.act, self.session.model), primary=True),
                self._leave_button(),
            ),
        ]

    def _model(self) -> list[widgets.Widget]:
        box = self._write("Next time I will ...", 3)
        flags = "".join(f"<li>{html.escape(flag)}</li>" for flag in self.session.question.red_flags)
        return [
            self._head(),
            markup(
                "<h3>One strong answer, of several possible</h3>"
                + marked(self.session.question)
                + f"<details><summary>What would worry an interviewer</summary><ul>{flags}</ul>"
                "</details>"
            ),
            self._own("What you said"),
            markup("<b>Now write one thing you will do differently next time</b>"),
            box,
            form(
                button(
                    "Keep it, and go on",
                    lambda: self.act(self.session.change, box.value),
                    primary=True,
                ),
                self._leave_button(),
            ),
        ]

    def _redo(self) -> list[widgets.Widget]:
        return [
            self._head(),
            markup("<p>Shall this question be offered again tomorrow, while it is fresh?</p>"),
            form(
                button("Yes, tomorrow", partial(self.act, self.session.redo, True), primary=True),
                button("No, when it is due", partial(self.act, self.session.redo, False)),
            ),
        ]

    def _done(self) -> list[widgets.Widget]:
        changes = "".join(
            f"<li>{html.escape(round_.change)}</li>"
            for round_ in self.session.state.rounds
            if round_.change
        )
        kept = f"<p>What you will do differently:</p><ul>{changes}</ul>" if changes else ""
        return [
            markup(
                f"<h2>Done</h2>{kept}<p>Your report shows what you practised and what comes due."
                "</p>"
            ),
            form(button("Back to the start", self.leave, primary=True)),
        ]

    def _head(self) -> widgets.HTML:
        state, question = self.session.state, self.session.question
        return markup(
            f"<h2>{html.escape(question.title)}</h2><p class='quiet'>Question "
            f"{len(state.rounds)} of {len(state.plan)} · {question.mode} · level "
            f"{', '.join(LEVELS[level] for level in question.level)} · {question.time_min} "
            "minutes</p>"
        )

    def _question(self) -> widgets.HTML:
        return markup(
            f"<details><summary>The question</summary>{scene(self.session.question)}</details>"
        )

    def _own(self, title: str, folded: bool = True) -> widgets.HTML:
        said = prose(self.session.state.round.said)
        opened = "" if folded else " open"
        return markup(f"<details{opened}><summary>{title}</summary>{said}</details>")


def scene(question: Question | WritingExercise) -> str:
    """The question as the candidate sees it, as HTML."""
    where = html.escape(f"{question.setup['role']}. {question.setup['company']}.")
    return f"<div class='scene'><p><b>{where}</b></p>{prose(question.prompt)}</div>"


def coverage_table(question: Question, found: Feedback) -> str:
    """What the feedback found of each point, as an HTML table with the sentences it rests on."""
    rows = "".join(
        f"<tr><td>{html.escape(point.title)}</td><td><b>{match.verdict}</b></td>"
        f"<td class='quiet'>{html.escape(match.sentence or '')}</td></tr>"
        for point in question.points
        for match in [found.matches[point.id]]
    )
    shown = {match.verdict for match in found.matches.values()}
    legend = "<br>".join(f"<b>{v}</b>: {EXPLAIN[v]}" for v in Verdict if v in shown)
    return (
        "<table><thead><tr><th>A full answer would touch</th><th>In yours</th>"
        f"<th>The sentence it rests on</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<p class='quiet'>{legend}</p>"
    )


def marked(question: Question) -> str:
    """The model answer as HTML, with what its parts show marked and listed below."""
    names = {point.id: point.title for point in question.points}
    names |= {criterion.id: criterion.title for criterion in question.rubric}
    text, at, pieces, notes = question.model_answer.text, 0, [], []
    for start, end, shows in question.model_answer.places():
        if start < at:
            continue
        notes.append(html.escape(names[shows]))
        pieces += [
            html.escape(text[at:start]),
            f"<mark>{html.escape(text[start:end])}</mark><sup>{len(notes)}</sup>",
        ]
        at = end
    pieces.append(html.escape(text[at:]))
    listed = "".join(f"<li>{note}</li>" for note in notes)
    return f"<p>{''.join(pieces)}</p><ol class='quiet'>{listed}</ol>"

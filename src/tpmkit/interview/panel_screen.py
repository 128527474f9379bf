"""The screens of a pair, a panel or a loop: interviewer, candidate and observer."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ipywidgets as widgets

from tpmkit.interview.bank import SCALE, Probe, Question, WritingExercise
from tpmkit.interview.panel import Seat, Status, receive
from tpmkit.interview.ratings import RATING_ERRORS
from tpmkit.interview.screen import (
    Screen,
    Timer,
    button,
    field,
    form,
    markup,
    prose,
    rubric,
    writing,
)
from tpmkit.interview.solo_screen import marked, scene

__all__ = ["PanelScreen", "occasion", "ratings_table", "script"]

LOOK_AGAIN = 4.0  # seconds between looks at what the others sent
PHASES = {
    "notes": "Notes first; the ratings open with your first note.",
    "rating": "Rate on the anchors. Nobody sees your ratings before everybody's are locked.",
    "sealed": "Your ratings are locked.",
    "revealed": "All ratings are open. Talk only about the criteria that differ by two or more.",
    "closed": "This round is closed.",
}
OTHER_ROLES = {
    ("candidate", "rating"): "Answer your interviewer out loud; then rate yourself.",
    ("observer", "notes"): "Listen and take notes; you do not rate.",
}


class PanelScreen(Screen):
    """A seat as its owner sees it.

    Parameters
    ----------
    seat : Seat
    leave : callable
        Called when the user goes back to the start.
    """

    def __init__(self, seat: Seat, leave: Callable[[], None]) -> None:
        super().__init__()
        self.seat, self.leave = seat, leave
        self.round = seat.panel.rounds[0].id
        self.answered: set[str] = set()
        self.typed: dict[tuple[str, str], str] = {}
        self.looking = Timer()
        self.refresh()

    def refresh(self) -> None:
        """Look at what the others sent and show the round."""
        if not self.attempt(self._look):
            return
        self._draw()
        if self.state.phase in ("sealed", "revealed"):
            self.looking.set(LOOK_AGAIN, self._look_again)

    def _look(self) -> None:
        self.state = self.seat.status(self.round)

    def _look_again(self) -> None:
        """Draw anew only what changed, so that nobody is interrupted while typing."""
        before = self.state
        if self.attempt(self._look):
            if self.state != before:
                self._draw()
            if self.state.phase != "closed":
                self.looking.set(LOOK_AGAIN, self._look_again)

    def _draw(self) -> None:
        panel = self.seat.panel
        rounds = [
            button(f"Round {r.id[1:]}", partial(self.go_to, r.id), primary=r.id == self.round)
            for r in panel.rounds
        ]
        waiting = ", ".join(self.state.waiting_for)
        still = f" Still to come: {html.escape(waiting)}." if waiting else ""
        role, phase = self.seat.role, self.state.phase
        todo = OTHER_ROLES.get((role, phase), PHASES[phase])
        self.show(
            markup(
                f"<h2>{panel.kind.capitalize()} with {html.escape(panel.candidate)}</h2><p>You are "
                f"{html.escape(self.seat.who)}, {role}. {todo}"
                f"{still}</p>"
            ),
            form(*rounds),
            *getattr(self, f"_{role}")(self.seat.item(self.round)),
            *self._results(),
            self._post(),
            form(button("Look again", self.refresh), button("Back to the start", self.go)),
        )

    def go(self) -> None:
        """Back to the start; everything that was kept is stored."""
        self.looking.stop()
        self.leave()

    def go_to(self, round: str) -> None:
        """Show another round."""
        self.round = round
        self.refresh()

    def act(self, do: Callable, *arguments: object) -> None:
        """Do something in this round and show what comes of it."""
        if self.attempt(do, self.round, *arguments):
            self.refresh()

    def _keep(self, box: widgets.Text | widgets.Textarea, name: str) -> None:
        """Let what is typed into a box outlive the next look at the others."""
        at = (self.round, name)
        box.value = self.typed.get(at, "")
        box.observe(lambda change: self.typed.update({at: change["new"]}), "value")

    def _text(self, name: str) -> str:
        return self.typed.get((self.round, name), "")

    def _interviewer(self, item: Question | WritingExercise) -> list[widgets.Widget]:
        errors = "".join(f"<li><b>{k}</b>: {html.escape(v)}</li>" for k, v in RATING_ERRORS.items())
        return [
            markup(script(item)),
            *self._document(),
            *self._notes(),
            *([] if "rate" not in self.state.legal else [
                markup(
                    "<details><summary>Before you rate: where ratings go wrong</summary><ul>"
                    f"{errors}</ul></details>"
                ),
                *rubric(item.rubric, self.seat.ratings(self.round), self._rate),
                *self._flags(item),
                *self._advice(),
                form(button("Lock my ratings", self._lock, primary=True)),
            ]),
        ]  # fmt: skip

    def _observer(self, item: Question | WritingExercise) -> list[widgets.Widget]:
        return [markup(script(item)), *self._document(), *self._notes()]

    def _candidate(self, item: Question | WritingExercise) -> list[widgets.Widget]:
        shown: list[widgets.Widget] = [markup(scene(item))]
        if isinstance(item, WritingExercise):
            shown.append(markup(f"<h3>Material</h3>{prose(item.material)}"))
        if "hand_in" in self.state.legal:
            long = isinstance(item, WritingExercise)
            box = writing("", "Only if you answer in writing", 14 if long else 5)
            self._keep(box, "document")
            give = button(
                "Hand in the text", lambda: self.act(self.seat.hand_in, box.value), primary=long
            )
            shown += [box, form(give)]
        if "rate" in self.state.legal and self.round not in self.answered:
            shown.append(form(button("I have answered: rate myself", self._rate_myself)))
        elif "rate" in self.state.legal:
            shown += [
                *rubric(item.rubric, self.seat.ratings(self.round), self._rate),
                form(button("Lock my rating", partial(self.act, self.seat.seal), primary=True)),
            ]
        return shown

    def _rate_myself(self) -> None:
        self.answered.add(self.round)
        self.refresh()

    def _rate(self, criterion: str, level: int) -> None:
        self.attempt(self.seat.rate, self.round, criterion, level)

    def _document(self) -> list[widgets.Widget]:
        text = self.seat.document(self.round)
        if text is None:
            return []
        return [markup(f"<details open><summary>Handed in</summary>{prose(text)}</details>")]

    def _notes(self) -> list[widgets.Widget]:
        lines = "".join(f"<li>{html.escape(note)}</li>" for note in self.seat.notes(self.round))
        box = writing("", "What was said, in the candidate's words", 3)
        self._keep(box, "note")
        keep = button("Note it", self._note, primary=self.state.phase == "notes")
        return [markup(f"<b>Your notes</b> (only you see them)<ul>{lines}</ul>"), box, form(keep)]

    def _note(self) -> None:
        if self.attempt(self.seat.note, self.round, self._text("note")):
            self.typed.pop((self.round, "note"), None)
            self.refresh()

    def _flags(self, item: Question | WritingExercise) -> list[widgets.Widget]:
        seen = {flag.flag: flag.criterion for flag in self.seat.flags(self.round)}
        options = [("not seen", ""), *((f"seen: {c.title}", c.id) for c in item.rubric)]
        rows: list[widgets.Widget] = [
            markup(
                "<b>Red flags</b> (seen by two interviewers on one criterion, it is held at 2 at "
                "most)"
            )
        ]
        for number, text in enumerate(item.red_flags):
            choice = widgets.Dropdown(options=options, value=seen.get(number, ""))
            choice.observe(partial(self._flag, number), "value")
            rows.append(widgets.VBox([markup(html.escape(text)), choice]))
        return rows

    def _flag(self, number: int, change: dict[str, str]) -> None:
        if change["old"]:
            self.attempt(self.seat.flag, self.round, number, change["old"], False)
        if change["new"]:
            self.attempt(self.seat.flag, self.round, number, change["new"], True)

    def _advice(self) -> list[widgets.Widget]:
        keep = field("Keep", "One thing to keep, with the words that showed it")
        change = field("Change", "One thing to change")
        for box, name in ((keep, "keep"), (change, "change")):
            self._keep(box, name)
        return [
            markup("<b>For the candidate, who reads it after the reveal</b>"),
            keep,
            change,
        ]

    def _lock(self) -> None:
        keep, change = self._text("keep"), self._text("change")
        if keep or change:
            self.attempt(self.seat.advise, self.round, keep, change)
        self.act(self.seat.seal)

    def _results(self) -> list[widgets.Widget]:
        state, item = self.state, self.seat.item(self.round)
        if state.result is None:
            return []
        shown: list[widgets.Widget] = [markup(ratings_table(item, state))]
        said = [
            f"<li><b>{html.escape(who)}</b>: keep: {html.escape(keep) or '-'}; "
            f"change: {html.escape(change) or '-'}</li>"
            for who, (keep, change) in state.advice.items()
            if keep or change
        ]
        shown.append(markup(f"<ul>{''.join(said)}</ul>"))
        if state.phase == "closed" and isinstance(item, Question):
            shown.append(
                markup(f"<details><summary>One strong answer</summary>{marked(item)}</details>")
            )
        if "agree" in state.legal:
            shown += [self._consensus(criterion) for criterion in state.disputed]
        return shown

    def _consensus(self, criterion: str) -> widgets.VBox:
        titles = {c.id: c.title for c in self.seat.item(self.round).rubric}
        level = widgets.Dropdown(
            options=SCALE, description="Together", style={"description_width": "9em"}
        )
        reason = field("Because", "What was said that decides it?")
        self._keep(reason, f"reason {criterion}")
        keep = button(
            "Record what you agreed",
            lambda: self.act(self.seat.agree, criterion, level.value, reason.value),
            primary=True,
        )
        return widgets.VBox(
            [markup(f"<b>{html.escape(titles[criterion])}</b>"), level, reason, form(keep)]
        )

    def _post(self) -> widgets.Accordion:
        """Exchange by file, for people who share no folder."""
        path = field("Their file", "The path of the file somebody sent you", "70%")
        post = widgets.VBox(
            [
                markup(
                    "<p>Send your file when your ratings are locked, and again when everybody's "
                    "are; take in each file you get.</p>"
                ),
                form(button("Write my file to send", self._write_file)),
                form(path, button("Take it in", lambda: self._take_in(path.value))),
            ]
        )
        return widgets.Accordion([post], titles=["No shared folder? Send files"])

    def _write_file(self) -> None:
        def write() -> None:
            self.say(f"Send this file to the others: {self.seat.outbox(self.seat.log.path.parent)}")

        self.attempt(write)

    def _take_in(self, path: str) -> None:
        if self.attempt(receive, self.seat.exchange, Path(path.strip()).expanduser()):
            self.refresh()


def script(item: Question | WritingExercise) -> str:
    """What an interviewer works from, as HTML: the scene, the facts, the follow-ups."""
    parts = [scene(item)]
    if isinstance(item, WritingExercise):
        return "".join([*parts, "<h3>Material</h3>", prose(item.material)])
    facts = "".join(
        f"<li>{html.escape(fact.ask)} <b>{html.escape(fact.answer)}</b></li>"
        for fact in item.clarifying_info
    )
    probes = "".join(
        f"<li>{html.escape(probe.text)} <span class='quiet'>"
        f"({html.escape(occasion(probe, item))})</span></li>"
        for probe in item.probes
    )
    parts += [
        f"<details open><summary>Only if asked</summary><ul>{facts}</ul></details>",
        f"<details open><summary>Follow-ups, from what was said</summary><ul>{probes}</ul>"
        "</details>",
    ]
    return "".join(parts)


def occasion(probe: Probe, question: Question) -> str:
    """When an interviewer asks a follow-up, in words."""
    titles = {point.id: point.title for point in question.points}
    missed = [f'nothing was said on "{titles[id]}"' for id in probe.misses]
    conditions = [
        *missed,
        *([f"{probe.covers} points or more were covered"] if probe.covers else []),
        *([f"they mention {', '.join(probe.mentions)}"] if probe.mentions else []),
        *([f"no {probe.lacks} was named"] if probe.lacks else []),
        *([f"at level {', '.join(probe.level)}"] if probe.level else []),
    ]
    return "if " + " and ".join(conditions) if conditions else "always"


def ratings_table(item: Question | WritingExercise, state: Status) -> str:
    """All ratings after the reveal, as an HTML table."""
    raters = list(state.ratings)
    head = "".join(f"<th>{html.escape(who)}</th>" for who in [*raters, "self", "together"])
    rows = []
    for criterion in item.rubric:
        given = [str(state.ratings[who][criterion.id]) for who in raters]
        together = f"{state.result.levels[criterion.id]:.1f}"
        if criterion.id in state.disputed:
            together = "to discuss"
        elif criterion.id in state.result.capped:
            together += ", held by a red flag"
        cells = [*given, str(state.own.get(criterion.id, "-")), together]
        rows.append(
            f"<tr><td>{html.escape(criterion.title)}</td>"
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    score = state.result.score
    mean = "" if score is None else f"<p>Mean of the criteria: {score:.1f} of 4.</p>"
    return (
        f"<table><thead><tr><th>Criterion</th>{head}</tr></thead><tbody>{''.join(rows)}"
        f"</tbody></table>{mean}"
    )

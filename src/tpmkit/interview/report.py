"""What practice shows so far: figures with their n, trend, bias, next actions, a calendar.

Evidence of practice, not a prediction of hiring, and no single figure for a person.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tpmkit.files import write_atomically
from tpmkit.interview.bank import LEVELS, SCALE, Bank
from tpmkit.interview.errors import InterviewError
from tpmkit.interview.history import Practice, history
from tpmkit.interview.ratings import FEWEST, HIREABLE, Estimate, Share, bias, estimates, share
from tpmkit.interview.schedule import Review, calendar, reviews
from tpmkit.interview.store import Store, now

__all__ = ["CAVEAT", "COMPETENCIES", "Action", "Report", "radar", "report", "trend", "write_report"]

CAVEAT = (
    "This is evidence of practice, not a prediction that anybody will hire you. Ratings rest on "
    "few questions and on who rated; read the interval, not only the mean."
)
COMPETENCIES = {
    "T1": "ML literacy and metrics",
    "T2": "Data",
    "T3": "Systems and cost",
    "T4": "MLOps and operations",
    "S1": "Framing and value",
    "S2": "Portfolio",
    "S3": "Risk and uncertainty",
    "S4": "Responsible AI",
    "B1": "Planning and delivery",
    "B2": "Measurement",
    "B3": "Sourcing",
    "B4": "Regulation",
    "I1": "Communication",
    "I2": "Stakeholders and conflict",
    "I3": "Leadership without authority",
    "I4": "Coaching and learning",
}
REPORT, REVIEWS = "report.html", "reviews.ics"
ACTIONS = 3
INK, CALM, LOUD = "#595959", "#2b7bba", "#d95f02"


@dataclass(frozen=True)
class Action:
    """One thing to do next: why, and where in the course to do it.

    Attributes
    ----------
    text : str
    lessons : tuple of str
        Slugs of lessons, the most useful first.
    """

    text: str
    lessons: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """Everything a report shows.

    Attributes
    ----------
    estimates : dict of str to Estimate
        By competency code; those with fewer than three ratings are absent, see `waiting`.
    waiting : dict of str to int
        Competencies with one or two ratings, and how many.
    bias : Estimate or None
        Oneself minus peers; None below three questions that both rated.
    shares : dict of str to Share
        Questions with a score of 3 or more, by level.
    actions : tuple of Action
        At most three.
    due : tuple of Review
    """

    at: datetime
    practised: tuple[Practice, ...]
    estimates: dict[str, Estimate]
    waiting: dict[str, int]
    bias: Estimate | None
    shares: dict[str, Share]
    actions: tuple[Action, ...]
    due: tuple[Review, ...]

    def html(self, bank: Bank, notebooks: Path | None = None) -> str:
        """One page that asks for nothing from anywhere.

        Parameters
        ----------
        bank : Bank
        notebooks : pathlib.Path, optional
            The folder of the lessons, beside the page's own folder: lessons in it become links.
        """
        return _page(self, bank, notebooks)


def report(practised: Sequence[Practice], bank: Bank, at: datetime) -> Report:
    """What `history` says at a moment.

    Raises
    ------
    InterviewError
        If nothing was practised yet.
    """
    if not practised:
        raise InterviewError(
            "There is nothing to report yet: answer and rate one question, then come back."
        )
    counts: dict[str, int] = {}
    for practice in practised:
        for code in practice.competencies:
            counts[code] = counts.get(code, 0) + 1
    found = estimates(practised)
    due = reviews(practised)
    shares = {level: share(practised, level) for level in LEVELS}
    return Report(
        at,
        tuple(practised),
        found,
        {code: n for code, n in sorted(counts.items()) if code not in found},
        bias(practised),
        {level: found for level, found in shares.items() if found},
        tuple(_actions(practised, bank, found, due, at)),
        tuple(due),
    )


def write_report(store: Store, bank: Bank, at: datetime | None = None) -> Path:
    """Write ``report.html`` and ``reviews.ics`` into the store's folder; the page's path."""
    at = at or now()
    found = report(history(store, bank), bank, at)
    path = store.folder / REPORT
    try:
        write_atomically(path, found.html(bank, store.folder.parent / "notebooks").encode())
        write_atomically(store.folder / REVIEWS, calendar(found.due, bank, at).encode())
    except OSError as error:
        raise InterviewError(
            f"The report could not be written to {store.folder} ({error.strerror}); make the "
            "folder writable."
        ) from error
    return path


def _actions(
    practised: Sequence[Practice],
    bank: Bank,
    found: Mapping[str, Estimate],
    due: Sequence[Review],
    at: datetime,
) -> list[Action]:
    """The weakest competency, what is due, the change one promised oneself, then breadth."""
    actions = []
    weakest = sorted(found, key=lambda code: found[code].mean)
    for code in [code for code in weakest if found[code].mean < HIREABLE][: ACTIONS - 1]:
        low = [p for p in practised if code in p.competencies and p.question in bank]
        low.sort(key=lambda practice: practice.score)
        estimate = found[code]
        actions.append(
            Action(
                f"Work on {COMPETENCIES[code].lower()}: {estimate.mean:.1f} over {estimate.n} "
                f"questions, lowest in {low[0].question}.",
                bank[low[0].question].lessons,
            )
        )
    now_due = [review for review in due if review.due <= at and review.question in bank]
    if now_due:
        many = "One question is" if len(now_due) == 1 else f"{len(now_due)} questions are"
        first = bank[now_due[0].question]
        actions.append(Action(f"{many} due, {first.id} first: {first.title}.", first.lessons))
    changes = [p for p in practised if p.change and p.question in bank]
    if changes:
        last = changes[-1]
        actions.append(
            Action(
                f"Answer with the change you promised yourself on {last.question}: {last.change}",
                bank[last.question].lessons,
            )
        )
    met = {practice.question for practice in practised}
    known = {code for practice in practised for code in practice.competencies}
    fresh = [q for q in bank.questions.values() if q.id not in met]
    fresh.sort(key=lambda question: len(set(question.competencies) & known))
    for question in fresh[:ACTIONS]:
        named = " and ".join(COMPETENCIES[code].lower() for code in question.competencies)
        actions.append(
            Action(f"Practise what was not asked yet, {named}: {question.id}.", question.lessons)
        )
    return actions[:ACTIONS]


# --- figures --------------------------------------------------------------------------------------


def radar(found: Mapping[str, Estimate]) -> tuple[Figure, str]:
    """Competencies around a circle with their intervals, and what the figure says in words."""
    codes = [code for code in COMPETENCIES if code in found]
    angles = np.linspace(0, 2 * np.pi, len(codes), endpoint=False)
    means = np.array([found[code].mean for code in codes])
    figure = Figure(figsize=(7, 5.2), layout="constrained")
    ax = figure.add_subplot(projection="polar")
    ax.set_theta_zero_location("N")
    ax.set_theta_direction(-1)
    ax.set_ylim(0.5, SCALE[-1])
    ax.set_yticks(SCALE, [str(level) for level in SCALE], color=INK)
    ax.plot(
        np.linspace(0, 2 * np.pi, 100), [HIREABLE] * 100, color=INK, linewidth=1, linestyle="--"
    )
    if len(codes) > 2:
        ax.fill(angles, means, color=CALM, alpha=0.15)
        ax.plot([*angles, angles[0]], [*means, means[0]], color=CALM, linewidth=1.5)
    for angle, code in zip(angles, codes, strict=True):
        low = found[code].mean < HIREABLE
        colour, mark = (LOUD, "s") if low else (CALM, "o")
        ax.plot([angle] * 2, [found[code].low, found[code].high], color=colour, linewidth=3)
        ax.plot([angle], [found[code].mean], mark, color=colour, markersize=9, zorder=3)
    labels = [f"{_wrapped(COMPETENCIES[code])}\nn = {found[code].n}" for code in codes]
    ax.set_xticks(angles, labels, fontsize=9)
    ax.tick_params(axis="x", pad=9)
    for label, angle in zip(ax.get_xticklabels(), angles, strict=True):
        side = np.sin(angle)
        label.set_ha("center" if abs(side) < 0.2 else "left" if side > 0 else "right")
    below = [COMPETENCIES[code] for code in codes if found[code].mean < HIREABLE]
    title = f"{len(below)} of {len(codes)} competencies are below 3 so far"
    ax.set_title(title, loc="left", pad=24)
    said = "; ".join(
        f"{COMPETENCIES[code]} {e.mean:.1f} (95 % {e.low:.1f} to {e.high:.1f}, n = {e.n})"
        for code, e in ((code, found[code]) for code in codes)
    )
    return figure, f"{title}. {said}."


def trend(practised: Sequence[Practice]) -> tuple[Figure, str]:
    """Scores of questions over time with their running mean, and what it says in words."""
    scores = np.array([practice.score for practice in practised])
    peers = np.array([bool(practice.peers) for practice in practised])
    order = np.arange(1, len(scores) + 1)
    running = np.array([scores[max(0, n - 5) : n].mean() for n in order])
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    ax = figure.add_subplot()
    ax.axhline(HIREABLE, color=INK, linewidth=1, linestyle="--")
    ax.plot(order[~peers], scores[~peers], "o", color=CALM, alpha=0.6, label="rated by yourself")
    if peers.any():
        ax.plot(order[peers], scores[peers], "s", color=LOUD, label="rated by others")
    ax.plot(order, running, color=INK, linewidth=2, label="mean of the last five")
    ax.set_ylim(0.8, 4.2)
    ax.set_yticks(SCALE)
    ax.set_xlabel("question, in the order of practice")
    ax.set_ylabel("score")
    figure.legend(loc="outside lower center", ncols=3, fontsize="small", frameon=False)
    shown = (
        f"last {min(len(scores), 5)} questions average" if len(scores) > 1 else "one question has"
    )
    title = f"The {shown} {running[-1]:.1f}"
    if len(scores) >= 10:
        title += f", the first five {scores[:5].mean():.1f}"
    ax.set_title(title, loc="left")
    first, last = practised[0].at, practised[-1].at
    return figure, (
        f"{title}. {_questions(len(scores))} from {first:%d %B %Y} to {last:%d %B %Y}, "
        f"{peers.sum()} of them rated by others."
    )


def _questions(count: int) -> str:
    return f"{count} question{'s' * (count != 1)}"


def _wrapped(text: str) -> str:
    """A label in two lines, if it has words for two."""
    words = text.split()
    half = (len(words) + 1) // 2
    return "\n".join(filter(None, (" ".join(words[:half]), " ".join(words[half:]))))


def _image(figure: Figure, alt: str) -> str:
    content = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(content, format="png", dpi=160, metadata={"Software": None})
    data = base64.b64encode(content.getvalue()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}">'


# --- the page -------------------------------------------------------------------------------------

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
       color: #1a1a1a; background: #fff; }
img { width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #ddd; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.caveat { border-left: 4px solid #d95f02; padding: .5rem 1rem; background: #fdf3ea; }
"""


def _page(found: Report, bank: Bank, notebooks: Path | None) -> str:
    parts = [
        f"<p>{_questions(len(found.practised))} practised, as of {found.at:%d %B %Y}.</p>",
        f'<p class="caveat">{escape(CAVEAT)}</p>',
        "<h2>Next</h2>",
        _list(
            f"{escape(action.text)} Lessons: {_lessons(action.lessons, notebooks)}."
            for action in found.actions
        ),
        "<h2>Competencies</h2>",
        *_competencies(found),
        "<h2>Trend</h2>",
        _image(*trend(found.practised)),
        "<h2>Yourself and others</h2>",
        f"<p>{escape(bias_sentence(found.bias))}</p>",
        "<h2>Questions with a score of 3 or more</h2>",
        _table(
            ("Level", "Share", "95 % interval"),
            [
                (f"{level} {LEVELS[level]}", f"{s.count} of {s.n}", f"{s.low:.0%} to {s.high:.0%}")
                for level, s in found.shares.items()
            ],
        ),
        "<h2>Reviews</h2>",
        _reviews(found, bank),
    ]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Interview practice</title>\n<style>{STYLE}</style>\n</head>\n<body>",
            "<h1>Interview practice</h1>",
            *parts,
            "</body>\n</html>\n",
        ]
    )


def _lessons(slugs: Sequence[str], notebooks: Path | None) -> str:
    """Lessons that are there as links; if none is, all by name."""
    if notebooks is None:
        return ", ".join(slugs)
    there = [slug for slug in slugs if (notebooks / f"{slug}.ipynb").is_file()]
    links = [f'<a href="../{notebooks.name}/{slug}.ipynb">{slug}</a>' for slug in there]
    return ", ".join(links or slugs)


def _competencies(found: Report) -> list[str]:
    waiting = ", ".join(f"{COMPETENCIES[code]} ({n})" for code, n in found.waiting.items())
    waits = f"<p>Fewer than {FEWEST} ratings, so no estimate yet: {escape(waiting)}.</p>"
    if not found.estimates:
        return [waits]
    rows = [
        (
            COMPETENCIES[code],
            f"{e.mean:.1f}",
            f"{e.low:.1f} to {e.high:.1f}",
            f"{e.n}",
            f"{e.peers}",
        )
        for code in COMPETENCIES
        if (e := found.estimates.get(code))
    ]
    head = ("Competency", "Mean", "95 % interval", "n", "by others")
    return [_image(*radar(found.estimates)), _table(head, rows), *([waits] if waiting else [])]


def bias_sentence(found: Estimate | None) -> str:
    """Self minus peers in words."""
    if found is None:
        return (
            f"Nothing to compare yet: {FEWEST} questions must be rated by you and by others. "
            "Practise in a pair."
        )
    interval = f"95 % {found.low:+.1f} to {found.high:+.1f}, n = {found.n}"
    if found.low <= 0 <= found.high:
        return (
            f"You and others differ by {found.mean:+.1f} levels on average ({interval}): too "
            "little to call it a habit."
        )
    side = "higher" if found.mean > 0 else "lower"
    return f"You rate yourself {abs(found.mean):.1f} levels {side} than others do ({interval})."


def _reviews(found: Report, bank: Bank) -> str:
    soon = found.at + timedelta(days=14)
    rows = [
        (f"{max(review.due, found.at):%a %d %B}", review.question, bank[review.question].title)
        for review in found.due
        if review.question in bank and review.due <= soon
    ]
    if not rows:
        return f"<p>Nothing is due within two weeks; {REVIEWS} has the dates after that.</p>"
    note = f"<p>{REVIEWS}, beside this page, puts all dates into your calendar.</p>"
    return _table(("Due", "Question", "About"), rows) + note


def _list(items: Sequence[str]) -> str:
    return "<ol>" + "".join(f"<li>{item}</li>" for item in items) + "</ol>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    heading = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{heading}</tr></thead><tbody>{body}</tbody></table>"

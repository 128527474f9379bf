"""The report: every figure with its n, no score of a person, no request to anywhere."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import interviews
import numpy as np
import pytest
import yaml

from tpmkit.interview.errors import InterviewError
from tpmkit.interview.history import Practice
from tpmkit.interview.report import (
    CAVEAT,
    COMPETENCIES,
    bias_sentence,
    radar,
    report,
    trend,
    write_report,
)
from tpmkit.interview.solo import Session
from tpmkit.interview.store import Store

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return interviews.bank_of(
        tmp_path_factory.mktemp("bank"),
        *(interviews.question(f"I{n:02d}") for n in range(1, 12)),
        interviews.question("I12", competencies=["B3"], lessons=["12_mlops"]),
    )


def practice(n, score, question="I09-001", codes=("S3", "I1"), peers=None, **more):
    at = AT + timedelta(days=n)
    own = {"date": score, "driver": score}
    return Practice(f"solo-{n}", question, "L2", at, codes, own, peers or {}, **more)


def pages(found, bank):
    """The page's text, its tags, and the addresses in it."""
    tags, text, addresses = [], [], []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append((tag, dict(attrs)))
            addresses.extend(value for name, value in attrs if name in ("src", "href", "srcset"))

        def handle_data(self, data):
            text.append(data)

    Reader().feed(found.html(bank))
    return " ".join(" ".join(text).split()), tags, addresses


def test_nothing_practised_is_nothing_to_report(bank):
    with pytest.raises(InterviewError, match="answer and rate one question"):
        report([], bank, AT)


def test_the_page_asks_for_nothing_from_anywhere(bank):
    rows = [practice(n, 2 + n % 3, peers={"date": 2.0}) for n in range(9)]
    _, tags, addresses = pages(report(rows, bank, AT + timedelta(days=30)), bank)
    assert {address.split(",")[0] for address in addresses} == {"data:image/png;base64"}
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in tags}
    page = report(rows, bank, AT).html(bank)
    assert "url(" not in page and "@import" not in page and "://" not in page


def test_every_estimate_has_its_interval_and_n_and_what_has_too_few_is_named(bank):
    rows = [practice(n, 2) for n in range(4)] + [practice(9, 4, "I12-001", ("B3",))]
    text, tags, _ = pages(report(rows, bank, AT), bank)
    assert "Risk and uncertainty 2.0" in text
    assert "Fewer than 3 ratings, so no estimate yet: Sourcing (1)." in text
    assert "Sourcing 4.0" not in text
    assert CAVEAT in text
    assert "0 of 5" not in text and "1 of 5" in text
    for tag, attributes in tags:
        if tag == "img":
            assert len(attributes["alt"]) > 60
    assert sum(tag == "img" for tag, _ in tags) == 2


def test_a_report_of_one_question_is_a_report(bank):
    text, tags, _ = pages(report([practice(0, 3)], bank, AT), bank)
    assert "Communication (1)" in text and "The one question has 3.0. 1 question from" in str(tags)


def test_there_is_no_score_of_a_person(bank):
    rows = [practice(n, 4) for n in range(9)]
    text, _, _ = pages(report(rows, bank, AT), bank)
    assert not re.search(r"overall|total score|talent|readiness|percentile", text, re.IGNORECASE)


def test_what_people_typed_cannot_become_markup(bank):
    evil = "<script>alert(1)</script>"
    text, tags, _ = pages(report([practice(0, 3, change=evil)], bank, AT), bank)
    assert evil in text and "script" not in {tag for tag, _ in tags}


def test_three_actions_the_weakest_first_then_what_is_due_then_the_promised_change(bank):
    rows = [practice(n, 1, change="Say the range.") for n in range(4)]
    found = report(rows, bank, AT + timedelta(days=60))
    weak, other, due = (action.text for action in found.actions)
    assert weak.startswith("Work on communication: 1.0 over 4 questions, lowest in I09-001")
    assert other.startswith("Work on risk and uncertainty: 1.0")
    assert due == f"One question is due, I09-001 first: {bank['I09-001'].title}."
    assert found.actions[0].lessons == ("09_uncertainty",)

    calm = report([practice(n, 4, change="Say the range.") for n in range(4)], bank, AT)
    first, second, _ = calm.actions
    assert first.text.endswith("promised yourself on I09-001: Say the range.")
    assert second.text.startswith("Practise what was not asked yet, sourcing: I12-001")
    assert second.lessons == ("12_mlops",)


def test_lessons_that_are_there_become_links(bank, tmp_path):
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    found = report([practice(n, 1) for n in range(4)], bank, AT)
    assert "Lessons: 09_uncertainty." in found.html(bank, notebooks)
    (notebooks / "09_uncertainty.ipynb").write_text("{}")
    link = '<a href="../notebooks/09_uncertainty.ipynb">09_uncertainty</a>'
    assert link in found.html(bank, notebooks)


def test_the_bias_is_said_in_words_and_not_called_a_habit_too_early(bank):
    assert "Practise in a pair" in bias_sentence(None)
    rows = [practice(n, 4, peers={"date": 2.0}) for n in range(8)]
    said = bias_sentence(report(rows, bank, AT).bias)
    assert said.startswith("You rate yourself 2.0 levels higher than others do (95 % +1.")
    assert said.endswith("n = 8).")
    mixed = [practice(n, 3, peers={"date": 2.0 + 2 * (n % 2)}) for n in range(4)]
    assert "too little to call it a habit" in bias_sentence(report(mixed, bank, AT).bias)


def test_a_figure_says_in_words_what_it_shows(bank):
    rows = [practice(n, 2, peers={"date": 1.5} if n == 9 else None) for n in range(12)]
    found = report(rows, bank, AT)
    figure, alt = radar(found.estimates)
    assert alt.startswith("2 of 2 competencies are below 3 so far. Risk and uncertainty 1.9")
    assert figure.axes[0].get_title(loc="left") == "2 of 2 competencies are below 3 so far"
    figure, alt = trend(rows)
    assert "1 of them rated by others" in alt
    heights = np.concatenate([line.get_ydata() for line in figure.axes[0].lines[1:3]])
    assert sorted(heights) == sorted(practice.score for practice in rows)


def test_a_session_ends_in_a_page_and_a_calendar_in_the_own_folder(bank, tmp_path):
    store = Store(tmp_path / "mine")
    with pytest.raises(InterviewError, match="nothing to report yet"):
        write_report(store, bank, AT)
    session = Session.begin(store, bank, "L2", 15, np.random.default_rng(0), lambda: AT)
    question = session.next()
    probe = session.answer("I would promise week 26.")
    while probe:
        probe = session.reply("")
    for criterion in question.rubric:
        session.rate(criterion.id, 2)
    session.reveal()
    path = write_report(store, bank, AT)
    assert path == store.folder / "report.html"
    assert question.id in path.read_text(encoding="utf-8")
    days = (store.folder / "reviews.ics").read_text(encoding="utf-8")
    assert days.count("BEGIN:VEVENT") == 1 and question.id in days
    assert {path.name for path in store.files()} >= {"report.html", "reviews.ics"}


def test_the_names_of_competencies_are_those_of_the_syllabus():
    content = yaml.safe_load((ROOT / "solutions" / "course.yaml").read_text(encoding="utf-8"))
    assert {e["id"]: e["title"] for e in content["competencies"]} == COMPETENCIES

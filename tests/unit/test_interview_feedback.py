"""Feedback on an answer: cautious about what was covered, plain about what stands in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tpmkit.interview.bank import load_bank
from tpmkit.interview.feedback import Verdict, feedback, negated, observations

BANK = load_bank()
QUESTIONS = list(BANK.questions.values())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_an_exemplar_covers_its_point_and_a_contradiction_never_does(question):
    for point in question.points:
        for exemplar in point.exemplars:
            found = feedback(question, exemplar).coverage[point.id]
            whole = not set(";:") & set(exemplar)  # else its parts are read one by one
            assert found == Verdict.COVERED or (found == Verdict.POLARITY and not whole), exemplar
        for contradiction in point.contradictions:
            found = feedback(question, contradiction).coverage[point.id]
            assert found != Verdict.COVERED, contradiction


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_an_empty_answer_and_one_about_the_weather_cover_nothing(question):
    weather = "It rained all morning in Lisbon and the tram to the beach was late again."
    for answer in ("", "No.", weather):
        assert set(feedback(question, answer).coverage.values()) <= {
            Verdict.MISSING,
            Verdict.POLARITY,
        }


def test_the_opposite_in_the_same_words_is_to_be_checked_not_covered():
    question = BANK["I09-001"]
    said = "I would not call this ninety percent, because any single one can sink the date."
    opposite = "I would call this ninety percent, because any single one can sink the date."
    assert feedback(question, said).coverage["k1"] == Verdict.COVERED
    assert feedback(question, opposite).coverage["k1"] == Verdict.POLARITY


def test_a_contradiction_beside_a_covering_sentence_asks_to_read_again():
    question = BANK["I09-001"]
    point = question.points[0]
    both = f"{point.exemplars[0]} {point.contradictions[0]}"
    assert feedback(question, both).coverage[point.id] != Verdict.MISSING


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("I would not promise June.", True),
        ("I can't promise June.", True),
        ("I would never ship without a review.", False),
        ("Not only the date moves, the scope does, too.", False),
        ("It ships no later than June.", False),
        ("We ship in June.", False),
    ],
)
def test_negations_are_counted_as_people_mean_them(sentence, expected):
    assert negated(sentence) is expected


def test_numbers_owners_dates_and_hedges_are_found_each_once():
    found = feedback(
        BANK["I09-001"],
        "I think 59 percent, maybe $30k. Priya will call the bank by Friday 12 June; "
        "the data lead owns the rest by week 12. Priya will report, and I think 59 percent.",
    )
    assert found.numbers == ["59 percent", "$30k", "12"]
    assert found.owners == ["Priya", "the data lead"]
    assert found.dates == ["Friday", "12 June", "week 12"]
    assert [hedge.lower() for hedge in found.hedges] == ["i think", "maybe"]


def test_the_parts_of_a_form_are_looked_for_only_where_the_question_asks_for_it():
    star = next(q for q in QUESTIONS if q.slots == "star")
    story = (
        "When I was at a bank, my job was the launch. I asked the two leads for one date. In the "
        "end we shipped in May, at the cost of one feature. Next time I would ask at the start."
    )
    found = feedback(star, story)
    assert found.slots == dict.fromkeys(
        ("situation", "task", "action", "result", "trade-off", "lesson"), True
    )
    plain = next(q for q in QUESTIONS if q.slots is None)
    assert feedback(plain, story).slots == {}


def test_what_is_observed_is_said_in_sentences_and_never_as_a_grade():
    question = BANK["I09-001"]
    lines = observations(question, feedback(question, "I guess six in ten."))
    text = " ".join(lines)
    assert "5 words" in text and "I guess" in text and "Nobody is named" in text
    assert not any(word in text.lower() for word in ("score", "grade", "points", "good", "weak"))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_can_be_read(text):
    found = feedback(BANK["I05-001"], text)
    assert found.words == len(text.split())
    assert set(found.coverage) == {point.id for point in BANK["I05-001"].points}

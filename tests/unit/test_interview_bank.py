"""The question bank: what its files may say, and what the lint finds in them."""

import copy
from pathlib import Path

import interviews
import pytest
import yaml

from tpmkit.interview.bank import Bank, load_bank
from tpmkit.interview.errors import BankError
from tpmkit.interview.lint import Course, Coverage, lint

ROOT = Path(__file__).parents[2]


def course() -> Course:
    content = yaml.safe_load((ROOT / "solutions" / "course.yaml").read_text(encoding="utf-8"))
    units = content["units"]
    return Course(
        lessons={unit["slug"] for unit in units if unit["kind"] in ("lesson", "module")},
        competencies={entry["id"] for entry in content["competencies"]},
        seed_items={item for unit in units for item in unit["seed"]},
    )


def damaged(tmp_path, change, *more) -> list[str]:
    """What the lint says of one question after `change`."""
    entry = copy.deepcopy(interviews.question())
    change(entry)
    return lint(interviews.bank_of(tmp_path, entry, *more))


def refused(tmp_path, change) -> str:
    """What the loader says of a file with one question after `change`."""
    entry = copy.deepcopy(interviews.question())
    change(entry)
    with pytest.raises(BankError) as caught:
        interviews.bank_of(tmp_path, entry)
    return str(caught.value)


# --- the bank of the course ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def bank() -> Bank:
    return load_bank()


def test_the_bank_of_the_course_keeps_every_rule(bank):
    assert lint(bank, Coverage(), course()) == []


# --- the form -----------------------------------------------------------------------------------


def test_a_file_becomes_questions_with_anchors_by_level(tmp_path):
    bank = interviews.bank_of(
        tmp_path,
        interviews.question(),
        writing=[interviews.exercise()],
        calibration=[interviews.scored()],
    )
    question = bank["I09-001"]
    assert question.category == "I09"
    assert list(question.rubric[0].anchors) == [1, 2, 3, 4]
    assert question.probes[3].covers == 3
    assert [probe.conditional for probe in question.probes] == [False, True, True, True]
    assert bank["W-001"].words == 800
    assert bank.scored["C-001"].levels == {"date": 3, "driver": 3, "stakeholder": 3}
    assert question.provenance["last_reviewed"] == "2026-11-21"
    text = question.model_answer.text
    assert [(text[a:b], s) for a, b, s in question.model_answer.places()] == [
        ("one in five ends after week 26", "k1"),
        ("she decides by 12 May", "driver"),
    ]


def test_an_unknown_question_is_said_in_a_sentence(tmp_path):
    with pytest.raises(BankError, match="no question 'I09-099' in this version of the bank"):
        interviews.bank_of(tmp_path, interviews.question())["I09-099"]


def test_an_empty_folder_is_no_bank(tmp_path):
    with pytest.raises(BankError, match="There is no question in"):
        load_bank(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda q: q.pop("mode"), "i09.yaml, I09-001: 'mode' is a required property"),
        (lambda q: q.update(mood="calm"), "'mood' was unexpected"),
        (lambda q: q.update(mode="quiz"), "i09.yaml, I09-001, mode: is 'quiz', expected"),
        (lambda q: q.update(level=["L9"]), "I09-001, level[0]: is 'L9', expected ['L1'"),
        (lambda q: q["rubric"][0]["anchors"].pop(2), "I09-001, rubric[0].anchors: '2' is a req"),
        (lambda q: q.update(prompt="Why?"), "prompt: has 4 characters, expected at least 120"),
        (lambda q: q.update(red_flags=["Lies to Mara"]), "red_flags: has 1 entries, expected at l"),
        (
            lambda q: q["points"][0].update(lexicon=[80]),
            "points[0].lexicon[0]: is 80, expected str",
        ),
        (
            lambda q: q["probes"][1]["when"].update(misses=["K 1"]),
            "I09-001, probes[1].when.misses[0]",
        ),
        (
            lambda q: q["provenance"].update(last_reviewed="soon"),
            "provenance.last_reviewed: 'soon'",
        ),
        (lambda q: q["points"][1].update(id="k1"), "I09-001, points: 'k1' stands twice"),
        (lambda q: q["rubric"][1].update(criterion="date"), "I09-001, rubric: 'date' stands twice"),
        (lambda q: q["probes"][1].update(id="p1"), "I09-001, probes: 'p1' stands twice"),
    ],
)
def test_the_loader_names_file_id_and_field(tmp_path, change, said):
    assert said in refused(tmp_path, change)


def test_an_id_stands_once_in_the_bank_and_in_the_file_of_its_category(tmp_path):
    entry = interviews.question()
    interviews.write(tmp_path, "a", category="I09", title="One", questions=[entry, entry])
    interviews.write(tmp_path, "b", category="I03", title="Two", questions=[entry])
    with pytest.raises(BankError) as caught:
        load_bank(tmp_path)
    assert caught.value.problems == (
        "a.yaml, I09-001, id: stands twice in the bank; give it the next free number",
        "b.yaml, I09-001, id: the file is of category I03",
    )


def test_broken_yaml_and_a_key_written_twice_are_said_with_their_line(tmp_path):
    interviews.write(tmp_path, "a", writing=[])
    (tmp_path / "a.yaml").write_text("writing:\n  - id: [", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("writing: []\nwriting: []\n", encoding="utf-8")
    with pytest.raises(BankError) as caught:
        load_bank(tmp_path)
    first, second = caught.value.problems
    assert first.startswith("a.yaml: is not readable YAML") and ", line " in first
    assert (
        second
        == "b.yaml: is not readable YAML: 'writing' stands twice in one entry, again on line 2"
    )


def test_of_many_problems_the_sentence_shows_the_first(tmp_path):
    entries = [interviews.question(number=n, mode="quiz") for n in range(1, 12)]
    interviews.write(tmp_path, "i09", category="I09", title="One", questions=entries)
    with pytest.raises(BankError) as caught:
        load_bank(tmp_path)
    assert len(caught.value.problems) == 11
    assert str(caught.value).startswith("The question bank has 11 problems:")
    assert str(caught.value).endswith("and 3 more")


# --- the lint -----------------------------------------------------------------------------------


def test_a_question_that_keeps_the_rules_has_no_problem(tmp_path):
    bank = interviews.bank_of(
        tmp_path,
        *(interviews.question(f"I{n:02d}") for n in range(1, 13)),
        writing=[interviews.exercise(n) for n in (1, 2, 3)],
        calibration=[interviews.scored(n, level=n) for n in (1, 2, 3, 4)],
    )
    assert lint(bank, course=course()) == []


def anchor(text, level=3):
    return lambda q: q["rubric"][0]["anchors"].update({level: text})


def model(**changes):
    return lambda q: q["model_answer"].update(changes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (anchor("Names " + "one owner and " * 10), "anchors.3: has 31 words, expected at most 30"),
        (anchor("The date comes with a range and an owner."), "starts with 'The', expected what"),
        (anchor("Numbers are named for each of the options."), "starts with 'Numbers', expected"),
        (anchor("Risks are named with the owner of each."), "starts with 'Risks', expected what"),
        (anchor("Is open about the date and names an owner."), "starts with 'Is', expected what"),
        (anchor("names the owner and the week of the labels."), "expected a capital letter"),
        (anchor("Gives a clear range and an owner for the labels."), "anchors.3: says 'clear'"),
        (anchor("Explains poorly who owns the late labels."), "anchors.3: says 'poorly'"),
        (anchor("As 3, plus a strong view of the labels.", 4), "anchors.4: says 'strong'"),
        (
            anchor("As 3, plus a date for the next look at it.", 4),
            "anchors.4: starts with 'a', exp",
        ),
        (
            lambda q: q["rubric"][0]["anchors"].update(
                {2: f"{q['rubric'][0]['anchors'][3]} Twice"}
            ),
            "rubric.date.anchors: levels 2 and 3 are ",
        ),
        (
            lambda q: q["probes"][1].update(when={"misses": ["k7"]}),
            "probes.p2: can never be asked: there is no point k7, only k1, k2, k3, k4",
        ),
        (
            lambda q: q["probes"][3].update(when={"level": ["L1"]}),
            "probes.p4: can never be asked: the question is not asked at L1, only at L2, L3",
        ),
        (
            lambda q: q["probes"][3].update(when={"covers": 5}),
            "probes.p4: can never be asked: it wants 5 of 4 points covered",
        ),
        (
            lambda q: q["probes"][3].update(when={"covers": 3, "misses": ["k1", "k2"]}),
            "probes.p4: can never be asked: it wants 3 of 4 points covered and misses k1, k2",
        ),
        (
            lambda q: q["probes"][3].update(
                when={"lacks": "number", "mentions": ["40 %", "3 weeks"]}
            ),
            "probes.p4: can never be asked: everything it mentions is a number",
        ),
        (
            lambda q: q["probes"][3].update(when={"lacks": "date", "mentions": ["12 June"]}),
            "probes.p4: can never be asked: everything it mentions is a date",
        ),
        (
            lambda q: [probe.update(when="always") for probe in q["probes"]],
            "probes: all are asked always; at least one must follow what was said",
        ),
        (
            model(text="I would promise nothing. " * 300),
            "model answer take 9.0 minutes, time_min is 8",
        ),
        (lambda q: q.update(time_min=20), "time_min: is 20, expected 4 to 15 at L2/L3"),
        (lambda q: q.update(level=["L4"], time_min=6), "time_min: is 6, expected 8 to 15 at L4"),
        (model(text="I would promise nothing. " * 30), "has 120 words, expected 150 to 350"),
        (model(text="I would promise nothing. " * 90), "has 360 words, expected 150 to 350"),
        (
            model(annotations=[{"span": "she decides by 13 May", "shows": "k1"}] * 2),
            "annotations[0].span: does not stand in the text word for word: 'she decides by 13",
        ),
        (
            model(annotations=[{"span": "she decides by 12 May", "shows": "k9"}] * 2),
            "annotations[1].shows: is 'k9', expected one of date, driver, k1, k2, k3, k4, stakehol",
        ),
        (lambda q: q.update(slots="star"), "slots: is 'star' with mode case"),
        (lambda q: q.update(mode="behavioural"), "slots: is None with mode behavioural"),
        (
            lambda q: q.update(clarifying_info=q["clarifying_info"] * 3),
            "has 6 facts, expected 2 to",
        ),
        (lambda q: q["points"][0].update(lexicon=["date"]), "k1.lexicon: has 1 words or phrases"),
        (
            lambda q: q.update(
                prompt="You lead a program. Tell me about risk in it. " * 4 + "Well?"
            ),
            "prompt: holds no number",
        ),
        (lambda q: q.update(prompt=q["prompt"] + " And then"), "prompt: ends in the middle"),
        (
            lambda q: q["points"][1].update(exemplars=q["points"][0]["exemplars"]),
            "points.k2.exemplars[0]: is 100 % the same as i09.yaml, I09-001, points.k1",
        ),
        (
            lambda q: q["points"][0]["exemplars"].append(
                "The median run ends in week 20, one in five ends after week 26"
            ),
            "points.k1.exemplars[3]: copies a sentence of the model answer",
        ),
    ],
)
def test_the_lint_says_what_breaks_a_rule(tmp_path, change, said):
    problems = damaged(tmp_path, change)
    assert any(said in problem for problem in problems), problems


def test_anchors_may_quote_what_a_candidate_says_and_build_on_the_level_below(tmp_path):
    def change(q):
        q["rubric"][0]["anchors"].update(
            {3: 'Names what "good enough" means in misses a week and who signs it.',
             4: "As 3, and also trades two weeks against one region by price."}
        )  # fmt: skip

    assert damaged(tmp_path, change) == []


def test_questions_that_are_nearly_the_same_are_found_across_files(tmp_path):
    first, second = interviews.question("I09"), interviews.question("I03")
    second["prompt"] = first["prompt"].replace("3 March", "4 March")
    second["rubric"][2]["anchors"][3] = first["rubric"][0]["anchors"][3]
    problems = lint(interviews.bank_of(tmp_path, first, second))
    assert [problem.split(":")[0] for problem in problems] == [
        "i09.yaml, I09-001, prompt",
        "i09.yaml, I09-001, rubric.date.anchors.3",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.update(question="I09-002"), "question: there is no question I09-002"),
        (lambda c: c["ratings"][0].update(criterion="tone"), "I09-001 has no criterion 'tone'"),
        (
            lambda c: c["ratings"][0].update(criterion="tone"),
            "has none for criterion 'date'",
        ),
        (
            lambda c: c["ratings"][0].update(anchor="Gives a date"),
            "ratings.date.anchor: is not",
        ),
        (
            lambda c: c["ratings"][1].update(evidence="Never said"),
            "ratings.driver.evidence: does",
        ),
        (lambda c: c.update(overall=1), "overall: is 1, the ratings' mean is 3.0"),
    ],
)
def test_a_pre_scored_answer_quotes_its_anchors_and_its_evidence(tmp_path, change, said):
    answer = interviews.scored()
    change(answer)
    problems = lint(interviews.bank_of(tmp_path, interviews.question(), calibration=[answer]))
    assert any(said in problem for problem in problems), problems


def test_what_the_course_does_not_have_is_not_referred_to(tmp_path):
    entry = interviews.question(
        lessons=["09_uncertainty", "09_certainty"], competencies=["S3", "B1"], seed_items=["A99"]
    )
    known = Course(lessons={"09_uncertainty"}, competencies={"S3"}, seed_items={"A01"})
    assert lint(interviews.bank_of(tmp_path, entry), course=known) == [
        "i09.yaml, I09-001, lessons: the course has no 09_certainty",
        "i09.yaml, I09-001, competencies: the course has no B1",
        "i09.yaml, I09-001, seed_items: the course has no A99",
    ]


def test_the_counts_that_a_bank_must_reach_are_given(tmp_path):
    bank = interviews.bank_of(tmp_path, interviews.question(), calibration=[interviews.scored()])
    nothing = Coverage(0, 0, 0, 0, 0, 0)
    assert lint(bank, nothing) == []
    problems = lint(bank, Coverage(2, 1, 1, 1, 1, 1))
    assert "the bank has 1 questions of category I09, expected 2" in problems
    assert "the bank has 0 questions of category I12, expected 2" in problems
    assert "the bank has 0 questions of level L4, expected 1" in problems
    assert "the bank has 0 questions of mode roleplay, expected 1" in problems
    assert "the bank has 0 questions of competency T1, expected 1" in problems
    assert "the bank has 0 writing exercises, expected 1" in problems
    assert "the bank has 0 pre-scored answers at level 2, expected 1" in problems
    assert not any("level L2" in problem or "mode case" in problem for problem in problems)

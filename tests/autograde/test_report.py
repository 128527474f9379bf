"""The report's figures, each against a case worked by hand."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from autograde import mini
from hypothesis import given
from sklearn.metrics import cohen_kappa_score

from tpmkit import data
from tpmkit.autograde import report
from tpmkit.autograde.run import GradingError, Settings, grade_class


def test_an_exercise_is_as_hard_as_the_points_it_took_and_as_sharp_as_it_agrees_with_the_rest():
    scores = pd.DataFrame({"test_a": [2, 2, 0, 0], "test_b": [1, 1, 0, 0], "test_c": [3, 3, 3, 3]})
    table = report.items(scores, pd.Series({"test_a": 2, "test_b": 1, "test_c": 3}))
    table = table.set_index("exercise")
    assert table.loc["a", ["mean share", "full marks", "none"]].tolist() == [0.5, 0.5, 0.5]
    assert table.loc["a", "discrimination"] == 1
    assert np.isnan(table.loc["c", "discrimination"]), "what does not vary cannot tell apart"


def test_checks_are_listed_by_how_often_they_failed():
    row = {"passed": False, "name": "ties"}
    outcomes = [{"checks": {"test_a": [row, {"passed": i > 0, "name": "ends"}]}} for i in range(3)]
    assert report.checks(outcomes).to_dict("records") == [
        {"exercise": "a", "check": "ties", "failed": 3, "of": 3},
        {"exercise": "a", "check": "ends", "failed": 1, "of": 3},
    ]


def test_a_copy_with_other_layout_is_found_and_the_common_way_is_not():
    own = (
        "def f(rows):\n    total = 0\n    for r in rows:\n        total += r * {n}\n"
        "    return total - {n} + {n} * 2 - rows[{n}]\n"
    )
    common = "def g(x):\n    return sorted(x)[: len(x) // 2 + 1][0] if len(x) > 3 else None\n"
    texts = {f"learner{n}": {"f": own.format(n=n), "g": common} for n in range(12)}
    copied = "# mine\n" + texts["learner3"]["f"].replace("    ", "        ")
    texts["copycat"] = {"f": copied, "g": common}
    pairs = report.similar(texts)
    assert pairs[["first", "second", "where"]].values.tolist() == [["copycat", "learner3", "f"]]
    assert pairs["share"].tolist() == [1.0]


def test_a_memo_can_be_alike_and_what_was_handed_out_is_not():
    stub = "def f(rows):\n    return [row for row in rows if row > 0 and row < 10] or None\n"
    memo = (
        "Sign the trial: of 400 reports it inspects 60 and misses 3 to 9, and we don't know which"
    )
    texts = {f"learner{n}": {"f": stub, "memo": " ".join(f"w{n}{i}" for i in range(30))}
             for n in range(4)}  # fmt: skip
    assert len(report.similar({who: {"f": stub * 2} for who in "ab"})) == 1
    assert len(report.similar({who: {"f": stub} for who in "ab"}, [stub])) == 0
    texts["learner4"] = {"f": stub, "memo": memo}
    texts["learner5"] = {"f": stub, "memo": memo + "."}
    pairs = report.similar(texts, [stub])
    assert pairs[["first", "second", "where"]].values.tolist() == [
        ["learner4", "learner5", "memo"],
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=2, max_size=30))
def test_agreement_is_cohens_kappa_with_quadratic_weights(levels):
    first, second = zip(*levels, strict=True)
    sheet = pd.DataFrame({"memo": "m", "criterion": "c", "marker_1": first, "marker_2": second})
    row = report.agreement(sheet).iloc[0]
    assert row["exact"] == round(np.mean(np.equal(first, second)), 2)
    if len(set(first) | set(second)) > 1:
        expected = cohen_kappa_score(first, second, labels=[1, 2, 3, 4], weights="quadratic")
        assert row["kappa"] == pytest.approx(expected, abs=0.006)
    else:
        assert np.isnan(row["kappa"])


def test_a_graded_class_becomes_a_page_tables_and_a_blind_sheet(tmp_path, monkeypatch):
    monkeypatch.setenv("TPMKIT_DATA", str(data.folder()))
    course = mini.MiniCourse(tmp_path / "course")
    with pytest.raises(GradingError, match="tpmkit grade first"):
        report.read_class(course.root, mini.NAME)
    course.hand_in("ada", mini.answered(memo="Sign it: 12 aircraft a year."))
    course.hand_in("<i>bob", mini.untouched())
    settings = Settings(limits=mini.LIMITS, feedback=False)
    grade_class(course.root, mini.NAME, settings)
    made = report.read_class(course.root, mini.NAME)
    page = report.write_report(made, mini.NAME, tmp_path / "out").read_text()
    assert "2 learners, mean 50% of the automatic points." in page
    assert "1 answer waits for a person&#x27;s mark." in page
    assert "1 needs a look: below 50%" in page
    assert made.learners[["learner", "help"]].values.tolist() == [["<i>bob", "yes"], ["ada", ""]]
    assert made.memos.drop(columns="mean share").values.tolist() == [["memo", 5.0, 0, 1, 1]]
    assert "<i>bob" not in page
    assert pd.read_csv(tmp_path / "out" / "items.csv")["mean share"].tolist() == [0.5, 0.5]
    rng = np.random.default_rng(1)
    criteria = {"memo": ["correct", "plain"]}
    sheet, key = report.double_marking(course.root, mini.NAME, criteria, rng)
    assert len(sheet) == 4
    assert not sheet.astype(str).apply(lambda c: c.str.contains("ada|bob")).any(axis=None)
    assert set(key["learner"]) == {"ada", "<i>bob"}


SHEET = "blind_id,memo,criterion,marker_1,marker_2,text\nB1,m,c,2,3,x\nB2,m,c,4, 4,x\nB3,m,c,1,,x\n"


def test_a_sheet_is_read_from_any_spreadsheet_and_what_is_wrong_with_it_is_named(tmp_path):
    path = tmp_path / "sheet.csv"
    for text in (SHEET, "\ufeff" + SHEET.replace(",", ";")):
        path.write_text(text, encoding="utf-8")
        assert report.agreement(report.read_sheet(path)).loc[0, ["memos", "exact"]].tolist() == [
            2,
            0.5,
        ]
    for text, complaint in (
        (SHEET.replace("4, 4", "4,5"), "row 3: '5' is not a level"),
        (SHEET.replace("4, 4", "2.5,4"), "row 3: '2.5' is not a level"),
        (SHEET.replace("2,3", ",3").replace("4, 4", "4,"), "no row with both marks"),
        ("exercise,points\nrecall,2\n", "not a double-marking sheet"),
        ("", "not a double-marking sheet"),
        ("\n", "not a double-marking sheet"),
    ):
        path.write_text(text)
        with pytest.raises(GradingError, match=complaint):
            report.read_sheet(path)
    path.write_bytes(b"\xff\x00\x9f")
    with pytest.raises(GradingError, match="not a double-marking sheet"):
        report.read_sheet(path)


def test_a_sheet_with_marks_is_never_drawn_over_and_holds_no_formula(tmp_path, monkeypatch):
    monkeypatch.setenv("TPMKIT_DATA", str(data.folder()))
    course = mini.MiniCourse(tmp_path / "course")
    course.hand_in("ada", mini.answered(memo='=HYPERLINK("http://x")'))
    grade_class(course.root, mini.NAME, Settings(limits=mini.LIMITS, feedback=False))
    (course.root / "rubrics").mkdir()
    (course.root / "rubrics" / "mini.yaml").write_text("memos: {memo: {criteria: [{id: c}]}}")
    report.show_report(course.root, mini.NAME, tmp_path / "out", True, None)
    sheet = tmp_path / "out" / "sheet.csv"
    assert pd.read_csv(sheet)["text"].tolist() == ['\'=HYPERLINK("http://x")']
    sheet.write_text(SHEET)
    with pytest.raises(GradingError, match="may hold marks"):
        report.show_report(course.root, mini.NAME, tmp_path / "out", True, None)
    assert sheet.read_text() == SHEET
    report.show_report(course.root, mini.NAME, tmp_path / "out", False, sheet)

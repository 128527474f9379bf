"""The score sheet: exact points, honest rows, and no way for a stub to earn anything.

PYTEST_DONT_REWRITE: asserts inside checks must fail as they do in a notebook, without a message.
"""

from __future__ import annotations

import doctest
import math
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tpmkit.checks
from tpmkit.checks import Checks


def sheet(*outcomes: tuple[float, bool]) -> Checks:
    check = Checks(sum(points for points, _ in outcomes) or 1)
    for points, passes in outcomes:
        with check(points, "a claim") as see:
            assert see(passes) == True  # noqa: E712
    return check


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.25, 0.5, 1, 2, 3]), st.booleans()), min_size=1))
def test_the_score_is_the_sum_of_what_passed_as_a_plain_number(outcomes):
    check = sheet(*outcomes)
    earned = float(repr(check))
    assert math.isclose(earned, sum(points for points, passes in outcomes if passes), abs_tol=1e-6)
    assert 0 <= earned <= check.points + 1e-6
    assert "np." not in repr(check)


@pytest.mark.parametrize("stub", [None, ...])
def test_a_stub_earns_nothing_even_from_a_property_that_holds_for_nothing(stub):
    def f(x):
        return stub

    check = Checks(1)
    with check(1, "order does not matter") as see:
        assert see(f([1, 2])) == see(f([2, 1]))
    assert repr(check) == "0"
    assert check.rows[0].note.startswith("not yet")
    assert ("return" in check.rows[0].note) == (stub is None)


@pytest.mark.parametrize("fault", [ValueError("no"), KeyError("k"), SystemExit(), RecursionError()])
def test_a_fault_costs_its_own_check_and_no_other(fault):
    check = Checks(2)
    with check(1, "breaks"):
        raise fault
    with check(1, "holds") as see:
        assert see(1) == 1
    assert repr(check) == "1"
    assert type(fault).__name__ in check.rows[0].seen


def test_an_answer_cell_that_did_not_run_is_named_as_such():
    check = Checks(1)
    with check(1, "uses an answer") as see:
        assert see(verdict(3)) == "promise"  # noqa: F821
    assert check.rows[0].seen == "name 'verdict' is not defined"
    assert "has not run" in check.rows[0].note


def test_a_cut_dictionary_says_that_it_is_cut():
    check = Checks(1)
    with check(1, "many") as see:
        see({n: n for n in range(20)})
    assert check.rows[0].seen.endswith("11: 11, …}")


def test_an_interrupt_is_not_swallowed_because_time_limits_need_it():
    with pytest.raises(KeyboardInterrupt), Checks(1)(1, "endless"):
        raise KeyboardInterrupt


@pytest.mark.filterwarnings("ignore:deprecated")
def test_warnings_and_stderr_cost_nothing():
    check = Checks(1)
    with check(1, "right, but noisy") as see:
        warnings.warn("deprecated", stacklevel=1)
        print("trouble", file=sys.stderr)
        assert see(2) == 2
    assert repr(check) == "1"


def test_a_failing_check_says_what_was_seen_and_where_to_look():
    check = Checks(2)
    with check(1, "recall", hint="look below the line") as see:
        assert see(np.float64(0.25)) == 0.5
    with check(1, "precision", hint="unused") as see:
        assert see([1, 2]) == [2, 1], "look at the order"
    assert [(row.seen, row.note) for row in check.rows] == [
        ("0.25", "look below the line"),
        ("[1, 2]", "look at the order"),
    ]


def test_the_table_escapes_what_learners_put_into_it():
    check = Checks(1)
    with check(1, "a <b> claim") as see:
        assert see("<script>alert(1)</script>") == ""
    assert "<script>" not in check._repr_html_()
    assert "a &lt;b&gt; claim" in check._repr_html_()


def test_validating_a_learners_copy_passes_when_all_visible_checks_do(monkeypatch):
    check = Checks(4)
    with check(2, "visible") as see:
        assert see(1) == 1
    assert repr(check) == "2"
    assert "2 more are decided" in check._repr_html_()
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert repr(check) == "4"
    with check(2, "fails") as see:
        assert see(1) == 2
    assert repr(check) == "2"


@pytest.mark.parametrize("points", [0, -1, math.nan, math.inf, "2", None])
def test_points_must_be_positive_numbers(points):
    with pytest.raises(ValueError, match="positive finite number"):
        Checks(points)
    with pytest.raises(ValueError, match="'claim'"), Checks(1)(points, "claim"):
        pass


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (pd.DataFrame({"a": [1, 2]}), "a table of 2 rows × 1 columns"),
        (np.arange(100), "ndarray of 100 values"),
        (pd.Series([0.5], index=["x"]), "{'x': 0.5}"),
        (True, "True"),
        ({"tp": 3, "fp": 1}, "{'tp': 3, 'fp': 1}"),
        (1 / 3, "0.333333"),
    ],
)
def test_seen_values_are_short_and_readable(value, shown):
    check = Checks(1)
    with check(1, "seen") as see:
        see(value)
    assert check.rows[0].seen == shown


def test_a_huge_value_is_cut():
    check = Checks(1)
    with check(1, "seen") as see:
        see("x" * 10_000)
    assert len(check.rows[0].seen) <= 200


def test_the_example_in_the_documentation_runs():
    assert doctest.testmod(tpmkit.checks).failed == 0

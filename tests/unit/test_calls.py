"""Many calls in one go behave as as many single calls."""

from tpmkit.calls import many


def half(number, memory):
    memory["last"] = number
    return number / memory["by"]


def test_each_row_is_a_call_of_its_own():
    first, failed, last = many(half, [(4, {"by": 2}), (1, {"by": 0}), (1, {"by": 4})])
    assert (first.value, last.value) == (2, 0.25)
    assert isinstance(failed.error, ZeroDivisionError) and failed.value is None


def test_arguments_come_back_changed_and_the_givers_stay_as_they_were():
    memory = {"by": 2}
    (called,) = many(half, [(4, memory)])
    assert called.args == (4, {"by": 2, "last": 4})
    assert memory == {"by": 2}

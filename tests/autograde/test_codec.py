"""Plain data crosses the wall unchanged; nothing else gets through it."""

from __future__ import annotations

import base64
import collections
import contextlib
import json
import math

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra import numpy as hnp
from hypothesis.extra import pandas as hpd
from pandas.testing import assert_frame_equal, assert_index_equal, assert_series_equal

from tpmkit.autograde.codec import CodecError, decode, encode, library_function, library_name

NOTHING = {"$ix": [[], None, None]}
COSTLY = {
    "a crowd of tables": [{"$df": [[], NOTHING, NOTHING]}] * 5000,
    "a crowd of dates": [{"$date": "2026-01-01"}] * 200_001,
    "a range without end": {"$r": [0, 10**11, 1]},
    "an index without end": {"$ri": [0, 10**11, 1, None]},
    "a number of a billion digits": {"$dec": "1e999999999"},
    "a generator that reads elsewhere": {
        "$rng": ["MT19937", {"$d": [["bit_generator", "MT19937"], ["state", {"$d": [
            ["key", {"$a": ["<u4", [624], base64.b64encode(bytes(2496)).decode()]}],
            ["pos", 10**9]]}]]}]},
    "a time zone that is a file": {"$ts": [1, "s", "dateutil//etc/hostname"]},
    "a time zone by its path": {"$ts": [1, "s", "/etc/localtime"]},
}  # fmt: skip


def refuse(value):
    raise CodecError(f"opaque {type(value).__name__}")


def refuse_tag(tag, content):
    raise CodecError(f"unknown tag {tag}")


def there_and_back(value):
    return decode(json.loads(json.dumps(encode(value, refuse))), refuse_tag)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.binary(max_size=20) | st.complex_numbers(allow_nan=False) | st.dates()
    | st.fractions() | st.just(...)
)  # fmt: skip
hashables = st.recursive(
    st.integers() | st.text(max_size=5) | st.booleans(),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=5,
)
plain = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.sets(hashables, max_size=3)
        | st.dictionaries(hashables, inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip


@given(plain)
def test_plain_values_come_back_equal_and_of_the_same_type(value):
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


@given(st.floats(allow_nan=False))
def test_every_float_comes_back_bit_for_bit(value):
    back = there_and_back(value)
    assert back == value
    assert math.isnan(there_and_back(math.nan))
    assert math.copysign(1, back) == math.copysign(1, value)


@given(
    hnp.arrays(
        dtype=hnp.integer_dtypes() | hnp.floating_dtypes(sizes=(32, 64)) | hnp.boolean_dtypes()
        | hnp.datetime64_dtypes() | hnp.complex_number_dtypes(sizes=(64, 128)),
        shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)  # fmt: skip
def test_arrays_come_back_with_shape_and_type_and_may_be_written_to(array):
    back = there_and_back(array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    assert back.flags.writeable


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    hpd.data_frames(
        [
            hpd.column("n", dtype=int),
            hpd.column("x", dtype=float),
            hpd.column("flag", dtype=bool),
            hpd.column("word", elements=st.text(max_size=6)),
            hpd.column("when", dtype="datetime64[ns]"),
        ],
        index=hpd.range_indexes(max_size=6),
    )
)
def test_tables_come_back_equal(frame):
    assert_frame_equal(there_and_back(frame), frame)


TABLES = {
    "strings with gaps": pd.Series(["a", None, "c"], dtype="str", name="s"),
    "older strings": pd.Series(["a", None, 3], dtype=object),
    "categories": pd.Series(pd.Categorical(["lo", "hi", "lo", None], ["lo", "hi"], ordered=True)),
    "time zones": pd.Series(pd.date_range("2026-03-28", periods=4, tz="Europe/Zurich")),
    "nullable": pd.Series([1, None, 3], dtype="Int64"),
    "bands": pd.cut(pd.Series([1.0, 5.0, 9.0]), [0, 3, 6, 10]),
    "durations": pd.Series(pd.to_timedelta(["1h", "2D", None])),
    "counted by two": pd.Series([1, 2], index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    "daily": pd.Series([1.0, 2.0, 3.0], index=pd.date_range("2026-01-01", periods=3, freq="D")),
    "named index": pd.Series([1.0], index=pd.Index(["x"], name="model"), name=("a", 1)),
    "empty": pd.Series([], dtype=float),
}


@pytest.mark.parametrize("name", TABLES)
def test_columns_of_every_kind_come_back(name):
    series = TABLES[name]
    assert_series_equal(there_and_back(series), series)
    assert_index_equal(there_and_back(series.index), series.index)


def test_a_table_with_two_columns_of_one_name_comes_back():
    frame = pd.DataFrame([[1, "x"], [2, "y"]], columns=["a", "a"])
    assert_frame_equal(there_and_back(frame), frame)


@pytest.mark.parametrize("bits", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_a_random_generator_goes_on_from_where_it_was(bits):
    rng = np.random.Generator(getattr(np.random, bits)(7))
    rng.random(5)
    assert there_and_back(rng).random(3).tolist() == rng.random(3).tolist()


def test_lazy_results_arrive_as_lists_and_endless_ones_are_refused():
    assert there_and_back(x * 2 for x in range(3)) == [0, 2, 4]
    assert there_and_back({"a": 1}.keys()) == ["a"]
    with pytest.raises(CodecError, match="iterator"):
        encode(iter(map(abs, iter(int, 1))), refuse)


def test_a_subclass_arrives_as_plain_data_without_its_behaviour():
    class Cheat(float):
        def __eq__(self, other):
            return True

    back = there_and_back([Cheat(0.5), np.float64(1.5), np.int64(2), np.bool_(True)])
    assert [type(item) for item in back] == [float, float, int, bool]


def test_a_value_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(CodecError, match="nested deeper"):
        encode(loop, refuse)


@pytest.mark.parametrize("function", [np.mean, math.sqrt, pd.concat, len, np.add])
def test_library_functions_cross_by_name(function):
    assert library_function(library_name(function)) is function


@pytest.mark.parametrize("name", ["os:system", "subprocess:run", "tpmkit.data:load", "os.path:x"])
def test_only_named_libraries_give_functions(name):
    with pytest.raises(CodecError):
        library_function(name)


HOSTILE = [
    {}, {"$a": 1, "$b": 2}, {"$x": 1}, {"$i": "zz"}, {"$i": 5}, {"$d": [[[], 1]]}, {"$d": 4},
    {"$s": [[1]]}, {"$a": ["O", [1], "AAAA"]}, {"$a": ["<f8", [2], "AAAA"]},
    {"$a": ["<f8", [-1], ""]}, {"$a": ["<f8", [2**62, 2**62], ""]},
    {"$a": ["<U999999999", [1], ""]},
    {"$ao": [[5], [1]]}, {"$nt": ["import os", ["a"], [1]]}, {"$nt": ["T", ["__class__"], [1]]},
    {"$df": [[], 3, 4]}, {"$cat": [{"$a": ["<i8", [1], "AAAAAAAAAAk="]}, [1], True]},
    {"$m": ["object", []]}, {"$rng": ["os", {}]}, {"$rng": ["PCG64", {"$d": []}]},
    {"$ts": [1, "fortnight", None]}, {"$ts": [2**70, "ns", None]}, {"$tz": [[1], "No/Where"]},
    {"$dec": "1" * 10 + "x"}, {"$fr": [1, 0]}, {"$b": "%%%"}, {"$r": [1, 2, 0]}, {"$na": "x"},
    {"$str": [[1], True]}, {"$mi": [[], []]}, {"$iv": [1, 2, "sideways"]}, {"$h": [1, "x", True]},
]  # fmt: skip


@pytest.mark.parametrize("message", HOSTILE, ids=lambda m: json.dumps(m)[:40])
def test_a_forged_message_is_refused_with_one_kind_of_error(message):
    with pytest.raises(CodecError):
        decode(message, refuse_tag)


def test_a_message_nested_without_end_is_refused():
    message = 1
    for _ in range(900):
        message = [message]
    with pytest.raises(CodecError):
        decode(message, refuse_tag)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["$a", "$d", "$df", "$sr", "$ix", "$cat", "$t", "$ts", "x"]),
                inner, max_size=2,
            )
        ),
        max_leaves=10,
    )
)  # fmt: skip
def test_no_message_does_anything_but_decode_or_be_refused(message):
    with contextlib.suppress(CodecError):
        decode(message, refuse_tag)


@pytest.mark.parametrize("name", COSTLY)
def test_a_message_that_costs_more_than_a_value_is_refused(name):
    with pytest.raises(CodecError):
        decode(COSTLY[name], refuse_tag)


def test_what_a_lesson_makes_many_of_still_crosses():
    point = collections.namedtuple("Point", "x y")
    for many in (
        [point(i, 2.0) for i in range(50_000)],
        [pd.Timestamp("2026-01-01", tz="America/Argentina/Buenos_Aires")] * 20_000,
        [{"a": (1, 2), "b": {3}}] * 50_000,
        range(0, 10_000_000),
    ):
        assert there_and_back(many) == many

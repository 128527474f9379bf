"""Plain data across the wall: what a test may send to learner code and get back.

Only data crosses, never code and never an object with behaviour of its own. An encoded value is
JSON: scalars and lists as they are, everything else an object with one key that starts with "$".
What has no plain form (an estimator, a class, an open file) crosses as an opaque handle that each
side names in its own way.
"""

from __future__ import annotations

import base64
import collections
import datetime
import decimal
import fractions
import importlib
import math
import re
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["CodecError", "decode", "encode", "library_function", "library_name"]

DEPTH = 40
PLAIN = {type(None), bool, str, float}
JSON_PLAIN = PLAIN | {int}
WORD = -(2**63), 2**63 - 1
LAZY_ITEMS = 100_000
EFFORT = 200_000  # what one message may cost to decode: tables and the like cost more than scalars
LONGEST = 10_000_000  # items of a range, which is short to write and long to walk through
DIGITS = 10_000  # of a decimal number that somebody may turn into an integer
ZONE = re.compile(r"(?!dateutil/)[A-Za-z0-9_+:\-]+(/[A-Za-z0-9_+\-]+){0,2}")  # no path of a file
ARRAY_TYPE = re.compile(r"[<>|=]?[biufcmMSU]\d{1,6}(\[\d{0,4}[A-Za-z]{1,2}\])?")
LIBRARIES = ("builtins", "math", "operator", "statistics", "numpy", "pandas", "scipy", "sklearn")
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
LAZY = (
    types.GeneratorType, map, filter, zip, enumerate, reversed,
    type({}.keys()), type({}.values()), type({}.items()), collections.deque,
)  # fmt: skip


class CodecError(ValueError):
    """A value that cannot cross, or a message that does not decode to one."""


def encode(value: Any, opaque: Callable[[Any], Any]) -> Any:
    """Turn a value into JSON.

    Parameters
    ----------
    value : object
    opaque : callable
        Called with a value that has no plain form; returns its encoded handle, or raises.

    Raises
    ------
    CodecError
        If the value nests deeper than 40 levels.
    """
    return _Encoder(opaque).one(value, 0)


def decode(message: Any, opaque: Callable[[str, Any], Any]) -> Any:
    """Turn JSON made by `encode` back into a value.

    Parameters
    ----------
    message : object
        What `json.loads` returned. It may come from a hostile process.
    opaque : callable
        Called with a handle's tag and content; returns the object that stands for it.

    Raises
    ------
    CodecError
        If the message is not what `encode` makes.
    """
    try:
        return _Decoder(opaque).one(message, 0)
    except CodecError:
        raise
    except (
        ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
        RecursionError, MemoryError, ArithmeticError, NotImplementedError,
    ) as error:  # fmt: skip
        raise CodecError(f"not an encoded value: {type(error).__name__}: {error}") from error


def library_name(value: Any) -> str | None:
    """The qualified name of a public function or class of a scientific library, or None."""
    for module in (getattr(value, "__module__", None), "numpy" if _is_ufunc(value) else None):
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
        if not (isinstance(module, str) and isinstance(name, str)):
            continue
        if module.split(".")[0] in LIBRARIES:
            try:
                if library_function(f"{module}:{name}") is value:
                    return f"{module}:{name}"
            except CodecError:
                continue
    return None


def library_function(name: str) -> Any:
    """The library function that `library_name` named. For the sandboxed side only."""
    module, _, path = str(name).partition(":")
    if module.split(".")[0] not in LIBRARIES:
        raise CodecError(f"{name!r} is not a function of {', '.join(LIBRARIES)}")
    try:
        found = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise CodecError(f"no library function {name!r}") from error
    return found


def _is_ufunc(value: Any) -> bool:
    return isinstance(value, np.ufunc)


class _Encoder:
    def __init__(self, opaque: Callable[[Any], Any]) -> None:
        self.opaque = opaque

    def one(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if value is None or kind in (bool, str, float):
            return value
        if depth > DEPTH:
            raise CodecError(f"a value nested deeper than {DEPTH} levels cannot cross")
        if kind is int:
            return self.integer(value, depth)
        if kind is list:
            return self.many(value, depth)
        if isinstance(value, np.generic):
            return self.scalar(value, depth)
        for types_, method in self.table:
            if isinstance(value, types_):
                return method(self, value, depth + 1)
        return self.opaque(value)

    def many(self, values: Any, depth: int) -> list:
        kinds = set(map(type, values))
        if kinds <= PLAIN or (kinds == {int} and WORD[0] <= min(values) <= max(values) <= WORD[1]):
            return list(values)
        return [self.one(value, depth + 1) for value in values]

    def scalar(self, value: np.generic, depth: int) -> Any:
        if isinstance(value, np.datetime64):
            return self.one(pd.Timestamp(value), depth)
        if isinstance(value, np.timedelta64):
            return self.one(pd.Timedelta(value), depth)
        if isinstance(value, np.floating):
            return float(value)
        if isinstance(value, np.complexfloating):
            return self.one(complex(value), depth)
        if isinstance(value, (np.bool_, np.integer, np.str_, np.bytes_)):
            return self.one(value.item(), depth)
        return self.opaque(value)

    def integer(self, value: int, depth: int) -> Any:
        value = int(value)
        return value if WORD[0] <= value <= WORD[1] else {"$i": hex(value)}

    def mapping(self, value: dict, depth: int) -> Any:
        return {"$d": [[self.one(k, depth), self.one(v, depth)] for k, v in value.items()]}

    def tuple_(self, value: tuple, depth: int) -> Any:
        fields = getattr(value, "_fields", None)
        if type(value) is not tuple and isinstance(fields, tuple):
            return {"$nt": [type(value).__name__, list(fields), self.many(value, depth)]}
        return {"$t": self.many(value, depth)}

    def lazy(self, value: Any, depth: int) -> Any:
        items = []
        for item in value:
            if len(items) == LAZY_ITEMS:
                raise CodecError(f"an iterator of more than {LAZY_ITEMS} items cannot cross")
            items.append(item)
        return self.many(items, depth)

    def array(self, value: np.ndarray, depth: int) -> Any:
        value = np.asarray(value)
        if value.dtype.kind in "biufcmMSU" and value.dtype.itemsize:
            if value.dtype.kind == "f" and value.dtype.itemsize > 8:
                value = value.astype(float)
            raw = np.ascontiguousarray(value).tobytes()
            return {"$a": [value.dtype.str, list(value.shape), base64.b64encode(raw).decode()]}
        if value.dtype.hasobject or value.dtype.kind == "U":
            return {"$ao": [list(value.shape), self.many(value.ravel().tolist(), depth)]}
        return self.opaque(value)

    def vector(self, values: pd.Series | pd.Index, depth: int) -> Any:
        dtype = values.dtype
        if isinstance(dtype, np.dtype):
            return self.array(values.to_numpy(), depth)
        if isinstance(dtype, pd.CategoricalDtype):
            cat = values.cat if isinstance(values, pd.Series) else values
            codes = self.array(np.asarray(cat.codes), depth)
            return {"$cat": [codes, self.vector(cat.categories, depth), bool(cat.ordered)]}
        if isinstance(dtype, pd.DatetimeTZDtype):
            utc = values.dt if isinstance(values, pd.Series) else values
            naive = utc.tz_convert("UTC").to_numpy(dtype=f"M8[{dtype.unit}]")
            return {"$tz": [self.array(naive, depth), str(dtype.tz)]}
        items = [None if item is pd.NA else item for item in values.tolist()]
        if isinstance(dtype, pd.StringDtype):
            # an object column of strings is what an older program would hold: keep which it was
            missing_is_nan = dtype.na_value is not pd.NA
            items = [None if not isinstance(item, str) else item for item in items]
            return {"$str": [items, missing_is_nan]}
        if hasattr(dtype, "numpy_dtype") and dtype.name in NULLABLE:
            return {"$m": [dtype.name, self.many(items, depth)]}
        return {"$ao": [[len(items)], self.many(items, depth)]}

    def index(self, value: pd.Index, depth: int) -> Any:
        if isinstance(value, pd.MultiIndex):
            levels = [self.vector(value.get_level_values(i), depth) for i in range(value.nlevels)]
            return {"$mi": [levels, self.many(value.names, depth)]}
        name = self.one(value.name, depth)
        if isinstance(value, pd.RangeIndex):
            return {"$ri": [value.start, value.stop, value.step, name]}
        freq = value.freqstr if isinstance(value, (pd.DatetimeIndex, pd.TimedeltaIndex)) else None
        return {"$ix": [self.vector(value, depth), name, freq]}

    def series(self, value: pd.Series, depth: int) -> Any:
        name = self.one(value.name, depth)
        return {"$sr": [self.vector(value, depth), self.index(value.index, depth), name]}

    def frame(self, value: pd.DataFrame, depth: int) -> Any:
        columns = [self.vector(value.iloc[:, i], depth) for i in range(value.shape[1])]
        return {"$df": [columns, self.index(value.columns, depth), self.index(value.index, depth)]}

    def timestamp(self, value: pd.Timestamp, depth: int) -> Any:
        zone = None if value.tz is None else str(value.tz)
        # Timestamp.value is nanoseconds whatever the unit, and overflows far from 1970
        naive = value if value.tz is None else value.tz_convert("UTC").tz_localize(None)
        return {"$ts": [int(naive.asm8.astype("i8")), value.unit, zone]}

    def generator(self, value: np.random.Generator, depth: int) -> Any:
        bits = value.bit_generator
        return {"$rng": [type(bits).__name__, self.one(bits.state, depth)]}

    table: tuple[tuple[Any, Callable[..., Any]], ...] = (
        (bool, lambda self, v, d: bool(v)),
        (int, integer),
        (float, lambda self, v, d: float(v)),
        (str, lambda self, v, d: str.__str__(v)),
        (dict, mapping),
        (tuple, tuple_),
        (list, many),
        (frozenset, lambda self, v, d: {"$fs": self.many(v, d)}),
        (set, lambda self, v, d: {"$s": self.many(v, d)}),
        (np.ndarray, array),
        (pd.DataFrame, frame),
        (pd.Series, series),
        (pd.Index, index),
        (type(pd.NaT), lambda self, v, d: {"$na": "NaT"}),
        (type(pd.NA), lambda self, v, d: {"$na": "NA"}),
        (type(Ellipsis), lambda self, v, d: {"$na": "..."}),
        (pd.Timestamp, timestamp),
        (pd.Timedelta, lambda self, v, d: {"$td": [int(v.asm8.astype("i8")), v.unit]}),
        (datetime.datetime, lambda self, v, d: self.one(pd.Timestamp(v), d)),
        (datetime.date, lambda self, v, d: {"$date": v.isoformat()}),
        (datetime.timedelta, lambda self, v, d: self.one(pd.Timedelta(v), d)),
        (pd.Interval, lambda self, v, d: {
            "$iv": [self.one(v.left, d), self.one(v.right, d), v.closed]}),
        (pd.Period, lambda self, v, d: {"$pd": [int(v.ordinal), v.freqstr]}),
        (complex, lambda self, v, d: {"$c": [v.real, v.imag]}),
        (bytes, lambda self, v, d: {"$b": base64.b64encode(v).decode()}),
        (range, lambda self, v, d: {"$r": [self.one(x, d) for x in (v.start, v.stop, v.step)]}),
        (slice, lambda self, v, d: {"$sl": [self.one(x, d) for x in (v.start, v.stop, v.step)]}),
        (decimal.Decimal, lambda self, v, d: {"$dec": str(v)[:1000]}),
        (fractions.Fraction, lambda self, v, d: {
            "$fr": [self.one(v.numerator, d), self.one(v.denominator, d)]}),
        (LAZY, lazy),
        (np.random.Generator, generator),
    )  # fmt: skip


NULLABLE = {
    "boolean", "Float32", "Float64",
    *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)),
}  # fmt: skip


class _Decoder:
    def __init__(self, opaque: Callable[[str, Any], Any]) -> None:
        self.opaque = opaque
        self.left = EFFORT
        self.namedtuples: dict[tuple, type] = {}

    def one(self, message: Any, depth: int) -> Any:
        if message is None or isinstance(message, (bool, int, float, str)):
            return message
        if depth > 3 * DEPTH:
            raise CodecError("nested too deeply")
        if isinstance(message, list):
            if set(map(type, message)) <= JSON_PLAIN:
                return message
            return [self.one(item, depth + 1) for item in message]
        ((tag, content),) = message.items()
        method = self.table.get(tag)
        if method is None:
            return self.opaque(tag, content)
        self.left -= COST.get(tag, 1)
        if self.left < 0:
            raise CodecError("too many parts that are tables, dates or other objects")
        return method(self, content, depth + 1)

    def many(self, content: list, depth: int) -> list:
        if not isinstance(content, list):
            raise CodecError(f"expected a list, not {type(content).__name__}")
        return [self.one(item, depth) for item in content]

    def namedtuple(self, content: Any, depth: int) -> Any:
        name, fields, values = content
        key = (name, tuple(fields))
        if key not in self.namedtuples:
            self.namedtuples[key] = collections.namedtuple(name, fields)
        return self.namedtuples[key](*self.many(values, depth))

    def array(self, content: Any, depth: int) -> np.ndarray:
        dtype, shape, raw = content
        if not ARRAY_TYPE.fullmatch(dtype):
            raise CodecError(f"array type {dtype!r:.40}")
        dtype, shape, raw = np.dtype(dtype), _shape(shape), base64.b64decode(raw, validate=True)
        if len(raw) != dtype.itemsize * math.prod(shape):
            raise CodecError("an array whose size is not that of its data")
        return np.frombuffer(bytearray(raw), dtype=dtype).reshape(shape)

    def objects(self, content: Any, depth: int) -> np.ndarray:
        shape, items = content
        items = self.many(items, depth)
        made = np.empty(len(items), dtype=object)
        made[:] = items
        if len(items) != math.prod(_shape(shape)):
            raise CodecError("an array whose size is not that of its data")
        return made.reshape(_shape(shape))

    def categorical(self, content: Any, depth: int) -> pd.Categorical:
        codes, categories, ordered = content
        return pd.Categorical.from_codes(
            self.one(codes, depth), categories=pd.Index(self.one(categories, depth)),
            ordered=ordered is True,
        )  # fmt: skip

    def zoned(self, content: Any, depth: int) -> Any:
        naive, zone = content
        return (
            pd.DatetimeIndex(self.one(naive, depth))
            .tz_localize("UTC")
            .tz_convert(_zone(zone))
            .array
        )

    def strings(self, content: Any, depth: int) -> Any:
        items, missing_is_nan = content
        if not all(item is None or isinstance(item, str) for item in items):
            raise CodecError("a string column that holds something else")
        missing = math.nan if missing_is_nan else pd.NA
        return pd.array(items, dtype=pd.StringDtype(na_value=missing))

    def masked(self, content: Any, depth: int) -> Any:
        name, items = content
        if name not in NULLABLE:
            raise CodecError(f"column type {name!r:.40}")
        return pd.array(self.many(items, depth), dtype=name)

    def multi_index(self, content: Any, depth: int) -> pd.MultiIndex:
        levels, names = content
        return pd.MultiIndex.from_arrays(self.many(levels, depth), names=self.many(names, depth))

    def range_index(self, content: Any, depth: int) -> pd.RangeIndex:
        start, stop, step, name = content
        _range((start, stop, step))
        return pd.RangeIndex(start, stop, step, name=self.one(name, depth))

    def index(self, content: Any, depth: int) -> pd.Index:
        values, name, freq = content
        made = pd.Index(self.one(values, depth), name=self.one(name, depth))
        if freq is not None and len(made) > 2:
            made.freq = freq
        return made

    def series(self, content: Any, depth: int) -> pd.Series:
        values, index, name = content
        return pd.Series(
            self.one(values, depth), index=self.one(index, depth), name=self.one(name, depth)
        )

    def frame(self, content: Any, depth: int) -> pd.DataFrame:
        columns, names, index = content
        made = pd.DataFrame(
            dict(enumerate(self.many(columns, depth))), index=self.one(index, depth)
        )
        made.columns = self.one(names, depth)
        return made

    def timestamp(self, content: Any, depth: int) -> pd.Timestamp:
        count, unit, zone = content
        made = pd.Timestamp(np.datetime64(int(count), unit))
        return made if zone is None else made.tz_localize("UTC").tz_convert(_zone(zone))

    def timedelta(self, content: Any, depth: int) -> pd.Timedelta:
        count, unit = content
        return pd.Timedelta(np.timedelta64(int(count), unit))

    def generator(self, content: Any, depth: int) -> np.random.Generator:
        name, state = content
        if name not in BIT_GENERATORS:
            raise CodecError(f"bit generator {name!r:.40}")
        bits, state = getattr(np.random, name)(0), self.one(state, depth)
        place = state["state"]["pos"] if name == "MT19937" else state.get("buffer_pos", 0)
        if not 0 <= place <= (624 if name == "MT19937" else 4):
            raise CodecError(f"a random generator at place {place!r:.40}")
        bits.state = state
        return np.random.Generator(bits)

    table: dict[str, Callable[..., Any]] = {
        "$i": lambda self, c, d: int(c[:100_000], 16),
        "$d": lambda self, c, d: {self.one(k, d): self.one(v, d) for k, v in c},
        "$t": lambda self, c, d: tuple(self.many(c, d)),
        "$nt": namedtuple,
        "$s": lambda self, c, d: set(self.many(c, d)),
        "$fs": lambda self, c, d: frozenset(self.many(c, d)),
        "$a": array,
        "$ao": objects,
        "$cat": categorical,
        "$tz": zoned,
        "$str": strings,
        "$m": masked,
        "$mi": multi_index,
        "$ri": range_index,
        "$ix": index,
        "$sr": series,
        "$df": frame,
        "$na": lambda self, c, d: {"NaT": pd.NaT, "NA": pd.NA, "...": ...}[c],
        "$ts": timestamp,
        "$td": timedelta,
        "$date": lambda self, c, d: datetime.date.fromisoformat(c),
        "$iv": lambda self, c, d: pd.Interval(self.one(c[0], d), self.one(c[1], d), closed=c[2]),
        "$pd": lambda self, c, d: pd.Period(ordinal=c[0], freq=c[1]),
        "$c": lambda self, c, d: complex(*c),
        "$b": lambda self, c, d: base64.b64decode(c, validate=True),
        "$r": lambda self, c, d: _range(self.many(c, d)),
        "$sl": lambda self, c, d: slice(*self.many(c, d)),
        "$dec": lambda self, c, d: _decimal(c),
        "$fr": lambda self, c, d: fractions.Fraction(*self.many(c, d)),
        "$rng": generator,
    }


COST = dict.fromkeys(("$t", "$d", "$i", "$s", "$fs"), 0) | dict.fromkeys(
    ("$cat", "$tz", "$str", "$m", "$mi", "$ri", "$ix", "$sr", "$df", "$iv", "$pd", "$rng"), 20
)


def _zone(zone: Any) -> str:
    if not (isinstance(zone, str) and ZONE.fullmatch(zone)):
        raise CodecError(f"time zone {zone!r:.40}")
    return zone


def _range(parts: Any) -> range:
    made = range(*parts)
    if made[LONGEST:]:
        raise CodecError(f"a range of more than {LONGEST} numbers")
    return made


def _decimal(text: Any) -> decimal.Decimal:
    made = decimal.Decimal(text)
    if made.is_finite() and abs(made.adjusted()) > DIGITS:
        raise CodecError(f"a decimal number of more than {DIGITS} digits")
    return made


def _shape(shape: Any) -> tuple[int, ...]:
    if len(shape) > 8 or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
        raise CodecError(f"array shape {shape!r:.80}")
    return tuple(shape)

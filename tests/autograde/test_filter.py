"""What the system-call filter answers, worked out by running its program here for both machines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpmkit.autograde.isolation import DENIED, _filter

ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000
MACHINES = sorted(DENIED)
WORD = (1 << 32) - 1


def answer(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """The filter's answer to a system call, as the kernel's packet machine would find it."""
    kept, lines, at = 0, _filter(*DENIED[machine]), 0
    words = {0: number, 4: DENIED[machine][0] if arch is None else arch}
    words |= {16 + 8 * i: value & WORD for i, value in enumerate(arguments)}
    while True:
        operation, if_true, if_false, operand = lines[at]
        at += 1
        match operation:
            case 0x20:
                kept = words.get(operand, 0)
            case 0x54:
                kept &= operand
            case 0x15:
                at += if_true if kept == operand else if_false
            case 0x35:
                at += if_true if kept >= operand else if_false
            case 0x45:
                at += if_true if kept & operand else if_false
            case 0x06:
                return operand


@pytest.mark.parametrize("machine", MACHINES)
def test_what_no_notebook_needs_is_refused(machine):
    _, denied, _ = DENIED[machine]
    assert {answer(machine, number) for number in denied.values()} == {REFUSE}


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(0, (1 << 30) - 1), arguments=st.lists(st.integers(0, WORD), max_size=6))
def test_everything_else_is_allowed(machine, number, arguments):
    _, denied, some = DENIED[machine]
    if number not in {*denied.values(), *some.values()}:
        assert answer(machine, number, *arguments) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(0, WORD), arch=st.integers(0, WORD))
def test_other_calling_conventions_are_no_way_around(machine, number, arch):
    if arch != DENIED[machine][0]:
        assert answer(machine, number, arch=arch) == KILL
    assert answer(machine, number | 0x40000000) == REFUSE


@pytest.mark.parametrize("machine", MACHINES)
@given(kind=st.integers(0, WORD), rest=st.integers(0, WORD))
def test_only_sockets_of_the_machine_and_the_internet_are_made(machine, kind, rest):
    for call in ("socket", "socketpair"):
        made = answer(machine, DENIED[machine][2][call], kind, rest) == ALLOW
        assert made == (kind in (1, 2, 10))


@pytest.mark.parametrize("machine", MACHINES)
@given(level=st.sampled_from([0, 1, 6]), option=st.integers(0, 100))
def test_buffers_of_sockets_keep_their_size(machine, level, option):
    number = DENIED[machine][2]["setsockopt"]
    refused = answer(machine, number, 3, level, option) == REFUSE
    assert refused == (level == 1 and option in (7, 8))


@pytest.mark.parametrize("machine", MACHINES)
@given(flags=st.integers(0, WORD))
def test_memory_is_mapped_where_it_is_weighed(machine, flags):
    number = DENIED[machine][2]["mmap"]
    refused = answer(machine, number, 0, 4096, 3, flags) == REFUSE
    shared, nameless, huge = flags & 1, flags & 0x20, flags & 0x40000
    assert refused == bool(huge or (shared and nameless))

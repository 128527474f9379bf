from __future__ import annotations

from collections.abc import Iterator

import pytest

from tpmkit import data
from tpmkit.autograde import Grader, Limits


@pytest.fixture(scope="session")
def quick_grader() -> Iterator[Grader]:
    """A grader with short time limits, shared by the tests of one process."""
    limits = Limits(cell=4, call=2, total=30, memory=768 << 20, scratch=32 << 20, processes=32)
    with Grader(data=data.folder(), limits=limits) as grader:
        yield grader

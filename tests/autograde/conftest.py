from __future__ import annotations

import os

import pytest
from autograde import mini

from tpmkit.autograde import Grader
from tpmkit.autograde.run import shared_grader

os.environ["TPMKIT_SALT"] = "of the tests"  # judges inherit it


@pytest.fixture(scope="session")
def quick_grader() -> Grader:
    """A grader with short time limits, shared by the tests of one process."""
    return shared_grader(mini.LIMITS, unsafe=False)

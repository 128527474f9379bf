"""P-levels: percentages that a sample stays within."""

from __future__ import annotations

from typing import Any

import numpy as np

from tpmkit.planning.errors import PlanError

__all__ = ["as_level", "as_runs", "p_level"]


def as_level(p: float) -> float:
    """A P-level in percent (80 for P80) as a probability.

    Raises
    ------
    PlanError
        If `p` is not between 0 and 100, or looks like a fraction.
    """
    if not 0 <= p <= 100 or 0 < p < 1:
        hint = f" (did you mean {100 * p:g}?)" if 0 < p < 1 else ""
        raise PlanError(f"A P-level is a percentage from 1 to 99, for example 80; got {p!r}{hint}.")
    return p / 100


def p_level(values: Any, p: float) -> float:
    """The smallest of `values` that at least `p` percent of them do not exceed."""
    values = np.asarray(values, dtype=float)
    return float(np.quantile(values, as_level(p), method="inverted_cdf"))


def as_runs(runs: int) -> int:
    """The number of runs, if it is one."""
    if int(runs) != runs or runs < 1:
        raise PlanError(f"runs must be a whole number of at least 1, got {runs!r}.")
    return int(runs)

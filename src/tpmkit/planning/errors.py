"""What the planning engine says when a plan, a register or a number cannot be right."""

from __future__ import annotations

from collections.abc import Iterable

from tpmkit.errors import TpmkitError

__all__ = ["PlanError"]

SHOWN = 8


class PlanError(TpmkitError, ValueError):
    """A plan, estimate, register or argument that cannot be used, and why.

    Also a ``ValueError``, so that code which knows nothing of tpmkit can expect it.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython asks for this: a reader of a notebook sees the sentence, not the stack.
        return [f"PlanError: {self}"]


def refuse(what: str, problems: Iterable[str]) -> None:
    """Raise one `PlanError` that lists all `problems`, if there are any."""
    problems = list(problems)
    if not problems:
        return
    lines = [f"  {problem}" for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"  and {len(problems) - SHOWN} more")
    raise PlanError("\n".join([f"{what}:", *lines]))


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


def as_runs(runs: int) -> int:
    """The number of runs, if it is one."""
    if int(runs) != runs or runs < 1:
        raise PlanError(f"runs must be a whole number of at least 1, got {runs!r}.")
    return int(runs)

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


def refuse(what: str, problems: Iterable[str]) -> None:
    """Raise one `PlanError` that lists all `problems`, if there are any."""
    problems = list(problems)
    if not problems:
        return
    lines = [f"  {problem}" for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"  and {len(problems) - SHOWN} more")
    raise PlanError("\n".join([f"{what}:", *lines]))

"""What the interviews say when a bank, a session or a folder cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from tpmkit.errors import TpmkitError

__all__ = ["BankError", "InterviewError"]

SHOWN = 8


class InterviewError(TpmkitError):
    """An action that is not possible now, or a folder that cannot be used; says what is."""


class BankError(TpmkitError):
    """The question bank cannot be used.

    Attributes
    ----------
    problems : tuple of str
        Every problem found, each naming file, id and field.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        lines = [f"The question bank has {len(self.problems)} problems:", *self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"and {len(self.problems) - SHOWN} more")
        super().__init__("\n  ".join(lines) if len(self.problems) > 1 else self.problems[0])

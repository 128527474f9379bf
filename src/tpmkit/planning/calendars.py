"""From working days, in which plans count, to dates, in which people promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from tpmkit.planning.errors import PlanError

__all__ = ["Calendar"]


@dataclass(frozen=True)
class Calendar:
    """The working days of a program.

    Day 0 of a plan is the morning of the first working day. Work of 1 day finishes on that same
    date, work of 5 days in a Monday-to-Friday week on its Friday.

    Parameters
    ----------
    start : str or datetime.date
        First day of the program; a day off moves to the next working day.
    holidays : sequence of str or datetime.date, optional
        Days on which nobody works.
    weekmask : str, optional
        Seven characters from Monday to Sunday, 1 for a working day.

    Examples
    --------
    >>> calendar = Calendar("2026-03-02", holidays=["2026-03-06"])
    >>> calendar.date_of(5)
    datetime.date(2026, 3, 9)
    >>> calendar.days_until("2026-03-09")
    5
    """

    start: Any
    holidays: tuple[Any, ...] = ()
    weekmask: str = "1111100"

    def __post_init__(self) -> None:
        holidays = list(map(_day, self.holidays))
        try:
            days = np.busdaycalendar(self.weekmask, holidays)
        except ValueError as error:
            raise PlanError(
                f"The calendar's weekmask {self.weekmask!r} is no week: {error}."
            ) from None
        first = np.busday_offset(_day(self.start), 0, roll="forward", busdaycal=days)
        object.__setattr__(self, "start", first.item())
        object.__setattr__(self, "holidays", tuple(day.item() for day in days.holidays))

    @property
    def _days(self) -> np.busdaycalendar:
        return np.busdaycalendar(self.weekmask, list(self.holidays))

    def date_of(self, days: Any) -> Any:
        """The date on which work of `days` working days is done.

        Parameters
        ----------
        days : float or array-like
            Working days from the start of the program.

        Returns
        -------
        datetime.date or numpy.ndarray of datetime64[D]
        """
        # A rounding error of a millionth of a day must not cost a day.
        whole = np.ceil(np.asarray(days, dtype=float) - 1e-6).astype(np.int64)
        dates = np.busday_offset(self.start, np.maximum(whole - 1, 0), busdaycal=self._days)
        return dates.item() if dates.ndim == 0 else dates

    def days_until(self, when: str | date) -> int:
        """Working days from the start of the program to the evening of `when`."""
        following = _day(when) + np.timedelta64(1, "D")
        return int(np.busday_count(self.start, following, busdaycal=self._days))


def _day(value: Any) -> np.datetime64:
    try:
        return np.datetime64(value, "D")
    except ValueError:
        raise PlanError(f"{value!r} is not a date; write it as 2026-06-30.") from None

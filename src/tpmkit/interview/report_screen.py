"""The report inside the practice: the page itself, and where it lies."""

from __future__ import annotations

import html
from collections.abc import Callable

from tpmkit.interview.bank import Bank
from tpmkit.interview.report import write_report
from tpmkit.interview.screen import Screen, button, form, markup
from tpmkit.interview.store import Store

__all__ = ["ReportScreen"]


class ReportScreen(Screen):
    """The report of all sessions so far.

    Parameters
    ----------
    store : Store
    bank : Bank
    leave : callable
        Called when the user goes back to the start.

    Raises
    ------
    InterviewError
        If the report cannot be written.
    """

    def __init__(self, store: Store, bank: Bank, leave: Callable[[], None]) -> None:
        super().__init__()
        page = write_report(store, bank)
        content = html.escape(page.read_text(encoding="utf-8"))
        self.show(
            form(button("Back to the start", leave, primary=True)),
            markup(
                f"<p class='quiet'>This page is {html.escape(str(page))}; reviews.ics beside it "
                "brings the days on which questions come due into a calendar.</p>"
                f'<iframe title="Your report" srcdoc="{content}" '
                'style="width:100%;height:80vh;border:1px solid #888"></iframe>'
            ),
        )

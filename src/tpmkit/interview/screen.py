"""What the interview's screens share: text, buttons, and errors that are said instead of raised."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from tpmkit.errors import TpmkitError
from tpmkit.interview.bank import Criterion

__all__ = ["Screen", "Timer", "button", "field", "form", "markup", "prose", "rubric", "writing"]

# The browser holds back keys while the kernel is at work; a click overtakes them.
SETTLE = 0.2
STYLE = """<style>
.tpmkit-interview { max-width: 54em; overflow: visible; }
.widget-box:has(> .tpmkit-interview), .jp-OutputArea:has(.tpmkit-interview),
.jp-OutputArea-child:has(.tpmkit-interview), .jp-OutputArea-output:has(.tpmkit-interview) {
  overflow: visible; }
.tpmkit-interview > * { margin-bottom: 6px; }
.tpmkit-interview .said { position: sticky; bottom: 0; z-index: 1; margin: 0;
  background: var(--jp-layout-color0, #fff); }
.tpmkit-interview, .tpmkit-interview .widget-html-content { font-size: 15px; line-height: 1.5; }
.tpmkit-interview .widget-html-content { overflow-wrap: break-word; }
.tpmkit-interview textarea { font: inherit; }
.tpmkit-interview .scene { border-left: 4px solid #3a6ea5; padding: 2px 0 2px 14px; }
.tpmkit-interview .quiet { opacity: 0.75; }
.tpmkit-interview mark { background: #ffe9a8; color: #222; padding: 0 2px; }
.tpmkit-interview table { border-collapse: collapse; text-align: left; }
.tpmkit-interview th, .tpmkit-interview td {
  padding: 3px 14px 3px 0; vertical-align: top; text-align: left; }
.tpmkit-interview .widget-radio, .tpmkit-interview .widget-radio-box {
  width: 100% !important; max-width: none !important; height: auto !important; }
.tpmkit-interview .widget-radio-box label {
  display: flex; flex-direction: row-reverse; justify-content: flex-end;
  align-items: baseline; height: auto; line-height: 1.4; white-space: normal;
  padding: 4px 0; width: auto !important; font-size: 15px; }
.tpmkit-interview .widget-radio-box input { flex: none; margin: 0 10px 0 2px; }
.tpmkit-interview button { height: auto; padding: 4px 14px; font-size: 15px; }
</style>"""


def markup(source: str) -> widgets.HTML:
    """HTML that this package wrote; what people wrote goes through `prose` first."""
    return widgets.HTML(source)


def prose(text: str) -> str:
    """Plain text as HTML paragraphs; nothing in it can act as markup."""
    paragraphs = [part.strip() for part in text.split("\n") if part.strip()]
    return "".join(f"<p>{html.escape(part)}</p>" for part in paragraphs)


def button(label: str, do: Callable[[], Any], primary: bool = False) -> widgets.Button:
    """A button that calls `do`, as wide as its label."""
    made = widgets.Button(
        description=label,
        button_style="primary" if primary else "",
        layout=widgets.Layout(width="auto"),
    )
    settled = Timer()
    made.on_click(lambda _: settled.set(SETTLE, do) or do())
    return made


def writing(text: str, placeholder: str, rows: int) -> widgets.Textarea:
    """A box to write in."""
    return widgets.Textarea(
        text, placeholder=placeholder, rows=rows, layout=widgets.Layout(width="99%", height="auto")
    )


def field(label: str, placeholder: str = "", width: str = "99%") -> widgets.Text:
    """One line to fill in, under a label that stays while one types."""
    return widgets.Text(
        description=label,
        placeholder=placeholder,
        style={"description_width": "9em"},
        layout=widgets.Layout(width=width),
    )


def form(*children: widgets.Widget) -> widgets.HBox:
    """Controls side by side, on several lines where the window is narrow."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))


def rubric(
    criteria: Sequence[Criterion], ratings: Mapping[str, int], rate: Callable[[str, int], Any]
) -> list[widgets.VBox]:
    """For each criterion its four anchors to choose from; `rate` hears of every choice."""
    return [_anchors(criterion, ratings.get(criterion.id), rate) for criterion in criteria]


def _anchors(criterion: Criterion, level: int | None, rate: Callable[[str, int], Any]) -> Any:
    choice = widgets.RadioButtons(
        options=[(f"{level}  {text}", level) for level, text in criterion.anchors.items()],
        value=level,
    )
    choice.observe(lambda change: rate(criterion.id, change["new"]), "value")
    return widgets.VBox([markup(f"<b>{html.escape(criterion.title)}</b>"), choice])


class Timer:
    """Something to do in a moment; setting it again puts it off."""

    def __init__(self) -> None:
        self._waiting: asyncio.TimerHandle | None = None

    def set(self, seconds: float, do: Callable[[], Any]) -> bool:
        """Call `do` after some seconds; False where no event loop runs that could."""
        self.stop()
        try:
            self._waiting = asyncio.get_running_loop().call_later(seconds, do)
        except RuntimeError:
            return False
        return True

    def stop(self) -> None:
        """Forget it."""
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None


class Screen(widgets.VBox):
    """A column of widgets with one live line that says what could not be done, and why."""

    def __init__(self) -> None:
        self.status = widgets.HTML()
        self.status.add_class("said")
        super().__init__()
        self.add_class("tpmkit-interview")

    def show(self, *children: widgets.Widget) -> None:
        """Replace what is on the screen; the live line stands above the last row, the buttons."""
        self.say("")
        self.children = [markup(STYLE), *children[:-1], self.status, children[-1]]

    def say(self, sentence: str) -> None:
        """Say something at the lower edge, where it is seen and a screen reader announces it."""
        self.status.value = (
            f'<div role="status" aria-live="polite"><b>{html.escape(sentence)}</b></div>'
        )

    def attempt(self, do: Callable[..., Any], *arguments: Any) -> bool:
        """Do something a person asked for; whether it was done. If not, the screen says why."""
        try:
            do(*arguments)
        except TpmkitError as error:
            self.say(str(error))
            return False
        return True

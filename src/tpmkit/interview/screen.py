"""What the interview's screens share: text, buttons, and errors that are said instead of raised."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from tpmkit.errors import TpmkitError

__all__ = ["Screen", "button", "form", "later", "markup", "prose", "writing"]

STYLE = """<style>
.tpmkit-interview { max-width: 54em; }
.tpmkit-interview, .tpmkit-interview .widget-html-content { font-size: 15px; line-height: 1.5; }
.tpmkit-interview .widget-html-content { overflow-wrap: anywhere; }
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
    made.on_click(lambda _: do())
    return made


def writing(text: str, placeholder: str, rows: int) -> widgets.Textarea:
    """A box to write in."""
    return widgets.Textarea(
        text, placeholder=placeholder, rows=rows, layout=widgets.Layout(width="99%", height="auto")
    )


def form(*children: widgets.Widget) -> widgets.HBox:
    """Controls side by side, on several lines where the window is narrow."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))


def later(seconds: float, do: Callable[[], Any]) -> asyncio.TimerHandle | None:
    """Call `do` after some seconds where an event loop runs, as in a kernel; else never."""
    try:
        return asyncio.get_running_loop().call_later(seconds, do)
    except RuntimeError:
        return None


class Screen(widgets.VBox):
    """A column of widgets above one live line that says what could not be done, and why."""

    def __init__(self) -> None:
        self.status = widgets.HTML()
        super().__init__()
        self.add_class("tpmkit-interview")

    def show(self, *children: widgets.Widget) -> None:
        """Replace what is on the screen."""
        self.say("")
        self.children = [markup(STYLE), *children, self.status]

    def say(self, sentence: str) -> None:
        """Say something below the screen, where a screen reader announces it."""
        self.status.value = (
            f'<p role="status" aria-live="polite"><b>{html.escape(sentence)}</b></p>'
        )

    def attempt(self, do: Callable[..., Any], *arguments: Any) -> bool:
        """Do something a person asked for; whether it was done. If not, the screen says why."""
        try:
            do(*arguments)
        except TpmkitError as error:
            self.say(str(error))
            return False
        return True

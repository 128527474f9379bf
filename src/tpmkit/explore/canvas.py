"""A picture in a notebook that moves without being drawn anew."""

from __future__ import annotations

import html
import io
import struct
import zlib
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import ipywidgets as widgets
import numpy as np
import PIL.Image
from IPython.display import Image
from matplotlib import style
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["Canvas", "Explorer", "png"]

# On a dark theme the browser turns the picture over: light becomes dark, hues stay.
STYLE = """<style>
[data-jp-theme-light="false"] .tpmkit-canvas, .vscode-dark .tpmkit-canvas {
  filter: invert(0.93) hue-rotate(180deg); }
.tpmkit-canvas { height: auto !important; }
.tpmkit-sentence { font-size: 1.1em; line-height: 1.45; max-width: 60em; padding: 2px 0 6px; }
</style>"""


class Canvas:
    """A matplotlib figure shown in an `ipywidgets.Image`, of which only some artists move.

    What stands still is drawn once and kept; a step restores it, draws the moving artists on top
    and sends the picture. That is several times faster than a new figure a step.

    Parameters
    ----------
    width, height : int
        Size on the page, in CSS pixels.
    description : str
        What the picture shows: the alt text of its static copies.
    scale : float
        Picture pixels per CSS pixel; 2 is crisp on today's screens.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        Where the artists live. At scale 1 and 100 dots an inch, so 9 inches are 900 pixels.
    """

    def __init__(self, width: int, height: int, description: str, scale: float = 2) -> None:
        self.width = width
        self.description = description
        self.figure = Figure(
            figsize=(width / 100, height / 100), dpi=100 * scale, facecolor="white"
        )
        self.agg = FigureCanvasAgg(self.figure)
        self._moving: list[Artist] = []
        self._still: Any = None

    @cached_property
    def image(self) -> widgets.Image:
        """What a notebook shows."""
        layout = widgets.Layout(width="100%", max_width=f"{self.width}px")
        return widgets.Image(format="png", layout=layout).add_class("tpmkit-canvas")

    def moving(self, artist: Artist) -> Any:
        """Declare that `artist` moves; return it."""
        artist.set_animated(True)
        self._moving.append(artist)
        self._moving.sort(key=Artist.get_zorder)
        return artist

    def style(self) -> AbstractContextManager[None]:
        """To make artists in: the picture does not depend on the notebook's own style."""
        return style.context(["default", {"text.parse_math": False}])

    def redraw(self) -> None:
        """Draw everything, after something that stands still was changed."""
        self.agg.draw()
        self._still = self.agg.copy_from_bbox(self.figure.bbox)
        self.step()

    def step(self) -> None:
        """Draw the moving artists where they are now, and send the picture."""
        self.agg.restore_region(self._still)
        for artist in self._moving:
            artist.draw(self.agg.get_renderer())
        self.image.value = png(np.asarray(self.agg.buffer_rgba()))

    def picture(self) -> Image:
        """The picture as it stands now, for a static output: packed well, as notebooks keep it."""
        packed = io.BytesIO()
        pixels = PIL.Image.fromarray(np.asarray(self.agg.buffer_rgba())).convert("RGB")
        pixels = pixels.quantize(256, PIL.Image.Quantize.FASTOCTREE, dither=PIL.Image.Dither.NONE)
        pixels.save(packed, "png", optimize=True)
        return Image(packed.getvalue(), width=self.width, alt=self.description)


class Explorer(widgets.VBox):
    """Controls above a canvas above one live sentence that says what is seen.

    Attributes
    ----------
    canvas : Canvas
    sentence : str
        What the picture says now; setting it shows it, where a screen reader announces it.
    """

    def __init__(self, canvas: Canvas, controls: list[widgets.Widget]) -> None:
        self.canvas = canvas
        self._live = widgets.HTML()
        super().__init__([widgets.HTML(STYLE), *controls, self._live, canvas.image])

    @property
    def sentence(self) -> str:
        return self._sentence

    @sentence.setter
    def sentence(self, text: str) -> None:
        self._sentence = text
        self._live.value = (
            '<div class="tpmkit-sentence" role="status" aria-live="polite" aria-atomic="true">'
            f"{html.escape(text)}</div>"
        )

    def picture(self) -> Image:
        """The picture as it stands now, for a static output above the explorer."""
        return self.canvas.picture()


def png(pixels: np.ndarray) -> bytes:
    """Encode 8-bit RGBA pixels, shape (height, width, 4), as PNG.

    Rows are stored as differences from the row above (PNG's filter "Up"), which flat pictures
    compress well with the fastest setting: about half the time of a general encoder.
    """
    height, width, _ = pixels.shape
    rows = pixels.reshape(height, width * 4)
    filtered = np.empty((height, 1 + width * 4), np.uint8)
    filtered[:, 0] = 2
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(filtered, 1)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )

"""Stored pictures are held against drawn ones by what they show."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from tpmkit.authoring import pictures
from tpmkit.authoring.pictures import PNG, alike, keep_pictures, stale_pictures


def draw(slope: float = 1.0, width: float = 3.0, line: float = 1.5, title: str = "12 %") -> str:
    """A small picture of one line, as a notebook stores it."""
    figure = Figure(figsize=(width, 2))
    axes = figure.subplots()
    axes.plot([0, 1], [0, slope], linewidth=line)
    axes.set(ylim=(0, 2), title=title)
    file = io.BytesIO()
    figure.savefig(file)
    return base64.b64encode(file.getvalue()).decode()


def encoded_anew(picture: str, levels: int = 0) -> str:
    """The same picture in other bytes, every second pixel up to so many levels darker."""
    image = Image.open(io.BytesIO(base64.b64decode(picture)))
    pixels = np.asarray(image).astype(int)
    pixels[::2, :, :3] -= levels
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype("uint8")).save(file, "png", compress_level=1)
    return base64.b64encode(file.getvalue()).decode()


def notebook(*drawn: str, cell_id: str = "plot") -> NotebookNode:
    outputs = [new_output("display_data", {PNG: png, "text/plain": "<Figure>"}) for png in drawn]
    text = new_code_cell("print(1)", id="text", outputs=[new_output("stream", text="1")])
    return new_notebook(cells=[text, new_code_cell("plot()", id=cell_id, outputs=outputs)])


STORED = draw()
SAME = [STORED, encoded_anew(STORED), draw(line=1.51)]
OTHER = [
    encoded_anew(STORED, levels=1), draw(slope=1.01), draw(width=3.01), draw(title="17 %"),
    "AAAA", "no base64",
]  # fmt: skip


@pytest.mark.parametrize("drawn", SAME)
def test_a_picture_that_shows_the_same_is_not_stale_and_keeps_its_bytes(drawn: str) -> None:
    nb = notebook(drawn)
    assert stale_pictures(notebook(STORED), nb) == []
    keep_pictures(notebook(STORED), nb)
    assert nb == notebook(STORED)


@pytest.mark.parametrize("drawn", OTHER)
def test_a_picture_that_shows_something_else_is_stale_and_replaced(drawn: str) -> None:
    nb = notebook(drawn)
    assert stale_pictures(notebook(STORED), nb) == ["plot"]
    keep_pictures(notebook(STORED), nb)
    assert nb == notebook(drawn)


@pytest.mark.parametrize(
    ("stored", "drawn"),
    [
        (notebook(), notebook(STORED)),
        (notebook(STORED), notebook()),
        (notebook(STORED), notebook(STORED, STORED)),
        (notebook(STORED, draw(slope=2)), notebook(draw(slope=2), STORED)),
    ],
)
def test_a_missing_or_additional_picture_and_another_order_are_stale(
    stored: NotebookNode, drawn: NotebookNode
) -> None:
    assert stale_pictures(stored, drawn) == ["plot"]


def test_pictures_of_another_cell_are_not_taken() -> None:
    nb = notebook(encoded_anew(STORED), cell_id="new")
    assert stale_pictures(notebook(STORED), nb) == ["plot", "new"]
    keep_pictures(notebook(STORED), nb)
    assert nb == notebook(encoded_anew(STORED), cell_id="new")


def test_equal_bytes_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pictures, "_levels")
    assert alike(STORED, STORED)

"""Stored pictures held against freshly drawn ones: by what they show, not by their bytes."""

from __future__ import annotations

import base64
import io

import numpy as np
from nbformat import NotebookNode
from PIL import Image

PNG = "image/png"
TOLERANCE = 0.5  # levels of 255, root mean square: one other digit in a figure makes about 1


def alike(stored: str, drawn: str) -> bool:
    """Whether two pictures, PNG in base64, have one size and show the same."""
    if stored == drawn:
        return True
    try:
        old, new = _levels(stored), _levels(drawn)
    except (OSError, ValueError):  # not a picture
        return False
    return old.shape == new.shape and float(np.sqrt(np.mean((old - new) ** 2))) <= TOLERANCE


def stale_pictures(stored: NotebookNode, drawn: NotebookNode) -> list[str]:
    """The ids of the cells that do not store what they draw now."""
    before, now = _pictures(stored), _pictures(drawn)
    return [
        cell_id
        for cell_id in before | now
        if len(before.get(cell_id, [])) != len(now.get(cell_id, []))
        or not all(
            alike(old[PNG], new[PNG])
            for old, new in zip(before[cell_id], now[cell_id], strict=True)
        )
    ]


def keep_pictures(stored: NotebookNode, drawn: NotebookNode) -> None:
    """Put the stored pictures in the place of drawn ones that show the same."""
    before = _pictures(stored)
    for cell_id, pictures in _pictures(drawn).items():
        for old, new in zip(before.get(cell_id, []), pictures, strict=False):
            if alike(old[PNG], new[PNG]):
                new[PNG] = old[PNG]


def _pictures(nb: NotebookNode) -> dict[str, list[NotebookNode]]:
    """The outputs that hold a picture, in order, of each cell that has any."""
    found: dict[str, list[NotebookNode]] = {}
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if PNG in output.get("data", {}):
                found.setdefault(cell.id, []).append(output.data)
    return found


def _levels(picture: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        return np.asarray(image.convert("RGBA"), dtype=float)

"""How alike two sentences are in meaning: cosine of averaged word vectors, on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wordllama import WordLlama

__all__ = ["similarity"]


@cache
def encoder() -> WordLlama:
    """The encoder, from the weights in its own package; it downloads nothing."""
    import wordllama  # half a second, which the first screen need not wait for

    weights = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=weights, disable_download=True)


def similarity(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """Cosine similarities, shape (len(left), len(right)), from -1 to 1; 1 means the same words."""
    return encoder().embed(list(left), norm=True) @ encoder().embed(list(right), norm=True).T

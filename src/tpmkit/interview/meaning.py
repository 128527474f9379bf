"""How alike two sentences are in meaning: cosine of averaged word vectors, on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import wordllama


@cache
def encoder() -> wordllama.WordLlama:
    """The encoder, from the weights in its own package; it downloads nothing."""
    return wordllama.WordLlama.load(
        cache_dir=Path(wordllama.__file__).parent, disable_download=True
    )


def similarity(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """Cosine similarities, shape (len(left), len(right)), from -1 to 1; 1 means the same words."""
    return encoder().embed(list(left), norm=True) @ encoder().embed(list(right), norm=True).T

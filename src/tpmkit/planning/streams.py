"""Random numbers by name, so that a change in one place leaves every other draw as it was."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["Streams"]


class Streams:
    """A family of independent random streams, one for each name.

    Two programs that share an activity or a risk draw the same numbers for it, run by run, when
    they start from generators in the same state. That is what "common random numbers" means here:
    the difference between two plans is due to the plans. A stream is read from the first run to
    the last, so it does not matter in how large pieces.

    Parameters
    ----------
    rng : numpy.random.Generator
        Gives the key of the family, 128 bits, and nothing more.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng must be a numpy Generator, default_rng(7) say; got {rng!r}")
        self.key = rng.integers(0, 2**32, size=4, dtype=np.uint32)

    def __call__(self, *name: str) -> np.random.Generator:
        digest = hashlib.blake2b("\0".join(name).encode(), digest_size=16).digest()
        words = np.frombuffer(digest, dtype="<u4")
        seed = np.random.SeedSequence([*self.key.tolist(), *words.tolist()])
        return np.random.Generator(np.random.SFC64(seed))

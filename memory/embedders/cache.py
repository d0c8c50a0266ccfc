"""A cache of an embedder's most recent vectors: names and queries repeat, and then cost nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.inputs import check_texts

Vectors = NDArray[np.float32]
CACHED = 4096
"""The number of vectors that a cache holds: 6 MB at 384 dimensions."""


class VectorCache:
    """A cache around `embed`, which returns (n, d) float32, unit rows, for new texts; threads may share it.

    If two threads embed one text at once, both get the vector that was cached first.
    """

    def __init__(self, embed: Callable[[list[str]], Vectors]) -> None:
        self._embed = embed
        self._cached = OrderedDict[str, Vectors]()
        self._lock = threading.Lock()

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) float32, unit rows, for at least one text. Raises InvalidInput if a text is not Unicode."""
        distinct = list(dict.fromkeys(texts))
        with self._lock:
            found = {text: self._cached[text] for text in distinct if text in self._cached}
        if new := [text for text in distinct if text not in found]:
            check_texts(new)
            found.update(zip(new, map(np.copy, self._embed(new)), strict=True))
        with self._lock:
            for text in distinct:
                found[text] = self._cached.setdefault(text, found[text])
                self._cached.move_to_end(text)
            while len(self._cached) > CACHED:
                self._cached.popitem(last=False)
        return np.stack([found[text] for text in texts])

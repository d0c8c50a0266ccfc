"""A cache of an embedder's most recent vectors: names and queries repeat, and then cost nothing."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.inputs import check_texts

Vectors = NDArray[np.float32]
CACHED = 4096
"""The number of vectors that a cache holds by default: 6 MB at 384 dimensions."""


class VectorCache:
    """A cache around `embed`, which returns (n, d) float32, unit rows, for new texts; threads may share it.

    If two threads embed one text at once, both get the vector that was cached first.
    """

    def __init__(self, embed: Callable[[list[str]], Vectors], size: int = CACHED) -> None:
        self._embed, self._size = embed, size
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
            while len(self._cached) > self._size:
                self._cached.popitem(last=False)
        return np.stack([found[text] for text in texts])


class CachingEmbedder(ABC):
    """The base class of embedders that compute vectors: they compute only what the cache lacks."""

    def __init__(self) -> None:
        self._cache = VectorCache(lambda texts: self._compute(texts))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) float32, unit rows. Raises EmbedderError if the vectors cannot be computed."""
        return self._cache.vectors(texts) if texts else np.empty((0, self._dimensions), np.float32)

    @abstractmethod
    def _compute(self, texts: list[str]) -> Vectors:
        """Return (n, d) float32, unit rows, for at least one text."""

    @property
    @abstractmethod
    def _dimensions(self) -> int:
        """The length d of a vector."""

"""An embedder for tests that hashes words and needs no model."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class HashEmbedder:
    """The sum of one random direction a word, seeded by the word: the same vectors on every machine.

    Texts that share words are near each other. It knows nothing else of their meaning.
    """

    def __init__(self, dimensions: int = 64) -> None:
        self.name = f"hash-{dimensions}"
        self._dimensions = dimensions

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimensions) float32, unit rows."""
        if not texts:
            return np.empty((0, self._dimensions), np.float32)
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        words = re.findall(r"\w+", text.casefold()) or [text]
        total = np.sum([self._direction(word) for word in words], axis=0, dtype=np.float64)
        return np.asarray(total / np.linalg.norm(total), np.float32)

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
        return np.random.default_rng(list(seed)).standard_normal(self._dimensions)

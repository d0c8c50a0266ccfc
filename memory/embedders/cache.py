"""The vectors of the texts last asked for: names and queries come again and again, and then cost nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.inputs import check_texts

Vectors = NDArray[np.float32]
CACHED = 4096
"""How many vectors an embedder keeps: 6 MB of 384 dimensions each."""


class VectorCache:
    """Asks `make` for what it does not keep, each text once; threads may share it.

    `make` gives (n, d) float32, unit rows. Of a text that two threads make at once, the vector that was there first
    stays.
    """

    def __init__(self, make: Callable[[list[str]], Vectors]) -> None:
        self._make = make
        self._kept = OrderedDict[str, Vectors]()
        self._lock = threading.Lock()

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, unit rows, of one text or more; raises InvalidInput for what is no Unicode text."""
        distinct = list(dict.fromkeys(texts))
        with self._lock:
            found = {text: self._kept[text] for text in distinct if text in self._kept}
        if new := [text for text in distinct if text not in found]:
            check_texts(new)
            found.update(zip(new, map(np.copy, self._make(new)), strict=True))
        with self._lock:
            for text in distinct:
                found[text] = self._kept.setdefault(text, found[text])
                self._kept.move_to_end(text)
            while len(self._kept) > CACHED:
                self._kept.popitem(last=False)
        return np.stack([found[text] for text in texts])

"""What recall is measured beside: the paper's search as its code does it, and LangGraph's InMemoryStore."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from itertools import count

import numpy as np
from numpy.typing import NDArray

from ariadne.protocols import Embedder
from ariadne.values import Triplet

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Texts to (n, d) float32, unit rows."""
LIMIT = 10
"""How many items LangGraph is asked for: what it gives by default."""
_BLANKS = {ord("0"): " ", ord("1"): "\t"}


# -- the paper's code --------------------------------------------------------------------------------------------------


def search_anew(
    query: str, triplets: Sequence[Triplet], embed: Embed, *, depth: int, width: int, threshold: float
) -> list[Triplet]:
    """Algorithm 1 of the paper as its published code runs it.

    For each vertex that comes off the queue, the query first, all triplets are embedded again, the `width` nearest are
    taken, and the ends of those that reach `threshold` queue up.
    """
    texts = [str(triplet) for triplet in triplets]
    hops, queue = {query: 0}, deque([query])
    found = dict.fromkeys(triplets[:0])
    while queue:
        vertex = queue.popleft()
        if hops[vertex] >= depth:
            continue
        scores = (embed(texts) @ embed([vertex])[0]).astype(np.float64).round(4).tolist()
        for row in sorted(range(len(texts)), key=lambda row: (-scores[row], texts[row]))[:width]:
            if scores[row] < threshold:
                break
            found[triplets[row]] = None
            for end in triplets[row].ends:
                if end not in hops:
                    hops[end] = hops[vertex] + 1
                    queue.append(end)
    return list(found)


class Afresh:
    """An embedder as if it had no cache: each call's texts end in other blanks, which say nothing. Counts the texts."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._calls, self.texts = embedder, count(1), 0

    def __call__(self, texts: Sequence[str]) -> Vectors:
        blanks = f" {next(self._calls):b}".translate(_BLANKS)
        self.texts += len(texts)
        return self._embedder.embed([text + blanks for text in texts])


# -- LangGraph ---------------------------------------------------------------------------------------------------------


class Keeping:
    """An embedder that keeps every vector: what the memory was filled with need not be made again for another store."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._kept = embedder, dict[str, Vectors]()

    @property
    def name(self) -> str:
        return self._embedder.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, unit rows."""
        if new := [text for text in dict.fromkeys(texts) if text not in self._kept]:
            self._kept.update(zip(new, self._embedder.embed(new), strict=True))
        return np.stack([self._kept[text] for text in texts])


class LangGraph:
    """Its InMemoryStore with an embedder; raises ImportError where langgraph is not installed.

    It is given its vectors as rows of numpy, not as lists of numbers: with these it takes five times as long.
    """

    def __init__(self, embedder: Embedder) -> None:
        from langgraph.store.memory import InMemoryStore

        def rows(texts: Sequence[str]) -> list[Vectors]:
            return list(embedder.embed(list(texts)))

        dimensions = embedder.embed(["a text"]).shape[1]
        self._store = InMemoryStore(index={"dims": dimensions, "embed": rows, "fields": ["text"]})
        self._size = 0

    @staticmethod
    def version() -> str | None:
        """Which one is installed; None: none is."""
        try:
            import langgraph.store.memory  # noqa: F401
        except ImportError:
            return None
        return version("langgraph")

    def put(self, texts: Iterable[str]) -> None:
        """Keep texts, an item each."""
        for text in texts:
            self._store.put(("facts",), str(self._size), {"text": text})
            self._size += 1

    def search(self, queries: Iterable[str]) -> list[list[str]]:
        """The nearest texts to each query."""
        found = (self._store.search(("facts",), query=query, limit=LIMIT) for query in queries)
        return [[item.value["text"] for item in items] for items in found]

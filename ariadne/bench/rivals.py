"""The rivals of recall: the search of the paper's code, and LangGraph's InMemoryStore."""

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
"""A function from n texts to vectors: (n, d) float32, unit rows."""
LIMIT = 10
"""Items of a LangGraph search: its default."""
_BLANKS = {ord("0"): " ", ord("1"): "\t"}


# -- the paper's code --------------------------------------------------------------------------------------------------


def search_uncached(
    query: str, triplets: Sequence[Triplet], embed: Embed, *, depth: int, width: int, threshold: float
) -> list[Triplet]:
    """Run Algorithm 1 of the paper as its published code does.

    The queue starts with the query. For each vertex in it, all triplets are embedded again. The `width` nearest ones
    with a score of at least `threshold` are found, and their ends join the queue, up to `depth` hops.
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


class UncachedEmbedder:
    """An embedder without the effect of its cache: each call adds other blanks to its texts. It counts the texts."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._calls, self.texts = embedder, count(1), 0

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of the texts, (n, dimensions) float32."""
        blanks = f" {next(self._calls):b}".translate(_BLANKS)
        self.texts += len(texts)
        return self._embedder.embed([text + blanks for text in texts])


# -- LangGraph ---------------------------------------------------------------------------------------------------------


class LastingEmbedder:
    """An embedder that keeps every vector, so that a second store needs no new ones."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._kept = embedder, dict[str, Vectors]()

    @property
    def name(self) -> str:
        """The embedder's name."""
        return self._embedder.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) float32, unit rows."""
        if new := [text for text in dict.fromkeys(texts) if text not in self._kept]:
            self._kept.update(zip(new, self._embedder.embed(new), strict=True))
        return np.stack([self._kept[text] for text in texts])


class LangGraphStore:
    """LangGraph's InMemoryStore with an embedder; raises ImportError if langgraph is missing.

    Its vectors are numpy rows: with lists of numbers it takes five times as long.
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
        """Return the installed version; None if langgraph is missing."""
        try:
            import langgraph.store.memory  # noqa: F401
        except ImportError:
            return None
        return version("langgraph")

    def put(self, texts: Iterable[str]) -> None:
        """Store texts, one item each."""
        for text in texts:
            self._store.put(("facts",), str(self._size), {"text": text})
            self._size += 1

    def search(self, queries: Iterable[str]) -> list[list[str]]:
        """Return the nearest texts of each query."""
        found = (self._store.search(("facts",), query=query, limit=LIMIT) for query in queries)
        return [[item.value["text"] for item in items] for items in found]

"""Make and store the vectors that a file lacks, of texts that were written without this embedder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from ariadne.errors import InvalidInput
from ariadne.memory.index.dense import embedded_texts
from ariadne.memory.storage.store import Store
from ariadne.memory.storage.vectors import embed_texts
from ariadne.protocols import Embedder

_TOGETHER = 512  # vectors in one transaction


def embed_missing(store: Store, embedder: Embedder | None, progress: Callable[[int, int], None] | None) -> int:
    """Make and store the missing vectors, and return their number; without an embedder do nothing.

    Args:
        store: The space.
        embedder: Makes the vectors.
        progress: Called with the numbers of vectors that are made so far, and in all.
    """
    if embedder is None:
        return 0
    with store.read() as view:
        texts, episodes = view.vectors.texts_without(embedder.name), view.vectors.episodes_without(embedder.name)
    done, total = 0, len(texts) + len(episodes)
    for start in range(0, len(texts), _TOGETHER):
        made = embed_texts(embedder, texts[start : start + _TOGETHER])
        with store.write() as tx:
            tx.vectors.add(embedder.name, made)
        done += len(made)
        if progress:
            progress(done, total)
    for start in range(0, len(episodes), _TOGETHER):
        done += _embed_episodes(store, embedder, episodes[start : start + _TOGETHER])
        if progress:
            progress(done, total)
    return total


def reembed(store: Store, embedder: Embedder | None, progress: Callable[[int, int], None] | None) -> int:
    """Make and store the missing vectors, delete those of other embedders, and return the number of made ones.

    Raises:
        InvalidInput: There is no embedder.
    """
    if embedder is None:
        raise InvalidInput("this memory has no embedder: open it with one, which makes the vectors")
    made = embed_missing(store, embedder, progress)
    with store.write() as tx:
        tx.vectors.delete_others(embedder.name)
    return made


def _embed_episodes(store: Store, embedder: Embedder, numbers: Sequence[int]) -> int:
    with store.read() as view:
        texts = embedded_texts(view, numbers)
    made = embed_texts(embedder, chain.from_iterable(texts.values()))
    with store.write() as tx:
        for number, parts in texts.items():
            tx.vectors.add_episode(embedder.name, number, [made[part] for part in parts])
    return len(numbers)

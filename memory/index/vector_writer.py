"""What is embedded of what is told: facts, their names, and texts; made before a transaction, kept within it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ariadne.errors import InvalidInput
from ariadne.memory.index.dense import beginning, own_texts, vectors_of
from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.storage.store import Store, Transaction
from ariadne.protocols import Embedder
from ariadne.values import Triplet

_TOGETHER = 512  # vectors made and written at a time


@dataclass(frozen=True)
class Prepared:
    """Vectors as the file keeps them: of facts and names by their text, of episodes by the text that was embedded."""

    texts: dict[str, bytes] = field(default_factory=dict)
    episodes: dict[str, bytes] = field(default_factory=dict)


class VectorWriter:
    """Makes and keeps vectors by one embedder; by None, none."""

    def __init__(self, store: Store, embedder: Embedder | None) -> None:
        self._store, self._embedder = store, embedder

    def prepare(self, told: Iterable[tuple[str, Sequence[Triplet], bool]]) -> Prepared:
        """The vectors that texts need and the store lacks, so that a hop embeds nothing; with each text come its new
        triplets, and whether it states any, new or known."""
        if self._embedder is None:
            return Prepared()
        several = list(told)
        with self._store.read() as view:
            keys = [triplet_key(view.resolve_triplet(triplet)) for _, triplets, _ in several for triplet in triplets]
            texts = [text for one, relation, other in keys for text in (f"{one} {relation} {other}", one, other)]
            kept = view.vectors.of_texts(self._embedder.name, dict.fromkeys(texts))
        new = [text for text in dict.fromkeys(texts) if text not in kept]
        own = [beginning(text, states=states) for text, _, states in several]
        made = vectors_of(self._embedder, [*new, *own])
        return Prepared({text: made[text] for text in new}, {text: made[text] for text in own})

    def keep(self, tx: Transaction, prepared: Prepared) -> None:
        """Write the vectors of facts and names."""
        if self._embedder is not None:
            tx.vectors.add(self._embedder.name, prepared.texts)

    def keep_episode(self, tx: Transaction, prepared: Prepared, number: int, text: str, *, states: bool) -> None:
        """Write the vector of an episode."""
        if self._embedder is not None:
            data = prepared.episodes[beginning(text, states=states)]
            tx.vectors.add_episode(self._embedder.name, number, data)

    def make_missing(self, progress: Callable[[int, int], None] | None) -> int:
        """Make and keep the vectors that the file lacks, some hundreds at a time, and give how many there were."""
        if self._embedder is None:
            return 0
        embedder = self._embedder
        with self._store.read() as view:
            texts, episodes = view.vectors.texts_without(embedder.name), view.vectors.episodes_without(embedder.name)
        done, most = 0, len(texts) + len(episodes)
        for start in range(0, len(texts), _TOGETHER):
            made = vectors_of(embedder, texts[start : start + _TOGETHER])
            with self._store.write() as tx:
                tx.vectors.add(embedder.name, made)
            done += len(made)
            if progress:
                progress(done, most)
        for start in range(0, len(episodes), _TOGETHER):
            done += self._make_of(embedder, episodes[start : start + _TOGETHER])
            if progress:
                progress(done, most)
        return most

    def make_all(self, progress: Callable[[int, int], None] | None) -> int:
        """The same, and delete what other embedders made."""
        if self._embedder is None:
            raise InvalidInput("this memory has no embedder to make vectors by: open it with one")
        made = self.make_missing(progress)
        with self._store.write() as tx:
            tx.vectors.delete_others(self._embedder.name)
        return made

    def _make_of(self, embedder: Embedder, numbers: Sequence[int]) -> int:
        with self._store.read() as view:
            told = own_texts(view, numbers)
        made = vectors_of(embedder, list(told.values()))
        with self._store.write() as tx:
            for number, text in told.items():
                tx.vectors.add_episode(embedder.name, number, made[text])
        return len(numbers)

"""The vectors in the file, as int8 rows: packing, embedding, and all SQL that reads or writes them.

Each vector has the name of its embedder. All spaces share the vectors of facts and names, which are found by text. An
episode has a vector of its own, or one for each of its passages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.storage.text.passages import IndexedText, parts_of
from ariadne.protocols import Embedder
from ariadne.values import Triplet

if TYPE_CHECKING:
    from ariadne.memory.storage.store import Transaction, View

_TOGETHER = 1000  # texts in one statement
_TEXT_OF_FACT = "s.identity || ' ' || f.predicate || ' ' || o.identity"
_WITH_ENDS = "JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id"
_TEXTS = f"""
WITH fact_text (text) AS (
    SELECT {_TEXT_OF_FACT} FROM fact f {_WITH_ENDS} {{of_space}}
    UNION SELECT n.identity FROM name n WHERE n.id IN
        (SELECT subject_id FROM fact f {{of_space}} UNION SELECT object_id FROM fact f {{of_space}})
)"""
"""The texts that have vectors: of facts, and of the names in them."""


_HAS_FACT = """
SELECT 1 FROM name s CROSS JOIN name o ON o.space = s.space AND o.identity = ?3
CROSS JOIN fact f ON f.subject_id = s.id AND f.predicate = ?2 AND f.object_id = o.id WHERE s.identity = ?1 LIMIT 1"""

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]
MAX_INT8 = 127
OBSERVED = 300
"""How many characters of what an agent observed are embedded; the facts in it have vectors of their own."""


def packed(vectors: Floats) -> Bytes:
    """Return (n, d) float32 rows as (n, d) int8 rows of the same directions; the largest number becomes 127 or -127."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), np.float32(1e-12))
    rows: Bytes = np.rint(vectors * (MAX_INT8 / largest)).astype(np.int8)
    return rows


def unpacked(rows: Bytes) -> Floats:
    """Return (n, d) int8 rows as (n, d) float32, unit rows; a row of zeros remains zero."""
    floats = rows.astype(np.float32)
    unit: Floats = floats / np.maximum(np.sqrt((floats * floats).sum(axis=1, keepdims=True)), np.float32(1e-12))
    return unit


def embed_texts(embedder: Embedder, texts: Iterable[str]) -> dict[str, bytes]:
    """Return the vectors of texts, each once, as the file keeps them: (d,) int8, as bytes."""
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return {}
    rows = packed(np.asarray(embedder.embed(distinct), np.float32))
    return {text: row.tobytes() for text, row in zip(distinct, rows, strict=True)}


def embedded_parts(episode: IndexedText) -> list[str]:
    """Return the embedded parts of an episode: its passages, or all of its text, or the beginning of an observation."""
    return parts_of(replace(episode, text=episode.text[:OBSERVED]) if episode.observed else episode)


@dataclass(frozen=True)
class NewVectors:
    """Vectors for a transaction to add: of facts and names by text, and of the parts of each of several episodes."""

    embedder: str
    texts: dict[str, bytes]
    episodes: list[list[bytes]]


class VectorReader:
    """The vectors of a file and of one space, as one view sees them; data is (d,) int8, as bytes."""

    def __init__(self, view: View) -> None:
        self._view = view

    def missing(self, embedder: str, triplets: Iterable[Triplet]) -> list[str]:
        """Return the texts of triplets and of their names that have no vector in the file, each once."""
        keys = (triplet_key(self._view.resolve_triplet(triplet)) for triplet in triplets)
        texts = list(dict.fromkeys(text for key in keys for text in (" ".join(key), key[0], key[2])))
        kept = set[str]()
        for start in range(0, len(texts), _TOGETHER):
            group = texts[start : start + _TOGETHER]
            sql = f"SELECT text FROM vector WHERE embedder = ? AND text IN ({', '.join('?' * len(group))})"
            kept.update(text for (text,) in self._view.rows(sql, embedder, *group))
        return [text for text in texts if text not in kept]

    def of_names(self, embedder: str, names: Sequence[int]) -> list[tuple[int, str, bytes | None]]:
        """Return id, identity and vector (or None) of the known names among these ids."""
        sql = (
            "SELECT n.id, n.identity, v.data FROM json_each(?) j CROSS JOIN name n ON n.id = j.value"
            " LEFT JOIN vector v ON v.embedder = ? AND v.text = n.identity"
        )
        return self._view.rows(sql, json.dumps(list(names)), embedder)

    def of_facts_after(self, embedder: str, number: int) -> list[tuple[str | None, bytes | None]]:
        """Return (None, vector) or (text, None) for each fact known after an episode, in the order of their ids."""
        sql = (
            f"SELECT iif(v.data IS NULL, {_TEXT_OF_FACT}, NULL), v.data FROM fact f {_WITH_ENDS}"
            f" LEFT JOIN vector v ON v.embedder = ? AND v.text = {_TEXT_OF_FACT}"
            " WHERE f.space = ? AND f.known_from > ? ORDER BY f.id"
        )
        return self._view.rows(sql, embedder, self._view.state.id, number)

    def of_episodes_after(self, embedder: str, number: int) -> list[tuple[int, int, bytes | None]]:
        """Return number, passage and vector of the episodes after a number, in order; None for a missing vector."""
        sql = (
            "SELECT e.number, ifnull(v.passage, 0), v.data FROM episode e LEFT JOIN episode_vector v ON v.embedder = ?"
            " AND v.space = e.space AND v.number = e.number WHERE e.space = ? AND e.number > ?"
            " ORDER BY e.number, v.passage"
        )
        return self._view.rows(sql, embedder, self._view.state.id, number)

    def texts_without(self, embedder: str) -> list[str]:
        """Return the texts of this space's facts and of their names that have no vector in the file."""
        texts = _TEXTS.format(of_space="WHERE f.space = ?1")
        missing = "NOT EXISTS (SELECT 1 FROM vector WHERE embedder = ?2 AND text = t.text)"
        rows = self._view.rows(f"{texts} SELECT text FROM fact_text t WHERE {missing}", self._view.state.id, embedder)
        return [text for (text,) in rows]

    def episodes_without(self, embedder: str) -> list[int]:
        """Return the numbers of this space's episodes that have no vector in the file."""
        sql = (
            "SELECT number FROM episode e WHERE space = ?1 AND NOT EXISTS (SELECT 1 FROM episode_vector v"
            " WHERE v.embedder = ?2 AND v.space = ?1 AND v.number = e.number) ORDER BY number"
        )
        return [number for (number,) in self._view.rows(sql, self._view.state.id, embedder)]

    def embedders(self) -> list[str]:
        """Return the names of the embedders that have vectors in this file."""
        sql = "SELECT DISTINCT embedder FROM vector UNION SELECT DISTINCT embedder FROM episode_vector"
        return [name for (name,) in self._view.rows(sql)]


class VectorWriter(VectorReader):
    """The vectors of a file and of one space, in a transaction."""

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._transaction = transaction

    def add(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        """Write vectors of facts and names, by text; a text that has a vector keeps it."""
        rows = [(embedder, text, data) for text, data in vectors.items()]
        for start in range(0, len(rows), _TOGETHER):
            group = rows[start : start + _TOGETHER]
            sql = f"INSERT OR IGNORE INTO vector VALUES {', '.join(['(?, ?, ?)'] * len(group))}"
            self._transaction.run(sql, *chain.from_iterable(group))

    def add_episode(self, embedder: str, number: int, vectors: Sequence[bytes]) -> None:
        """Write the vectors of an episode, one for each embedded part of its text."""
        sql = f"INSERT OR IGNORE INTO episode_vector VALUES {', '.join(['(?, ?, ?, ?, ?)'] * len(vectors))}"
        rows = ((self._view.state.id, number, embedder, part, data) for part, data in enumerate(vectors))
        self._transaction.run(sql, *chain.from_iterable(rows))

    def delete_unused(self, facts: Iterable[tuple[str, str, str]], names: Iterable[str]) -> None:
        """Delete the vectors of facts and names, given by their identities, that no space has now."""
        if not self._view.rows("SELECT 1 FROM vector LIMIT 1"):
            return
        unused = [" ".join(key) for key in facts if not self._view.rows(_HAS_FACT, *key)]
        unused += [name for name in names if not self._view.rows("SELECT 1 FROM name WHERE identity = ? LIMIT 1", name)]
        for start in range(0, len(unused), _TOGETHER):
            group = unused[start : start + _TOGETHER]
            self._transaction.run(f"DELETE FROM vector WHERE text IN ({', '.join('?' * len(group))})", *group)

    def delete_others(self, embedder: str) -> None:
        """Delete the vectors of all other embedders."""
        for table in ("vector", "episode_vector"):
            self._transaction.run(f"DELETE FROM {table} WHERE embedder <> ?", embedder)

"""The vectors in the file, as int8 rows: how they are packed and embedded, and all SQL about them.

Each has the name of its embedder. Facts and names have vectors by their text, which all spaces share; episodes have
their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.ontology.names import triplet_key
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


Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]
MOST = 127
BEGINNING, WHOLE = 300, 2000
"""Characters of a text that are embedded: of one with facts, which hold the rest, and of one without."""


def packed(vectors: Floats) -> Bytes:
    """Return (n, d) float32 rows as (n, d) int8 rows of the same directions."""
    most = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), np.float32(1e-12))
    rows: Bytes = np.rint(vectors * (MOST / most)).astype(np.int8)
    return rows


def unpacked(rows: Bytes) -> Floats:
    """Return (n, d) int8 rows as (n, d) float32, unit rows; a row of zeros remains zero."""
    floats = rows.astype(np.float32)
    unit: Floats = floats / np.maximum(np.sqrt((floats * floats).sum(axis=1, keepdims=True)), np.float32(1e-12))
    return unit


def embed_texts(embedder: Embedder, texts: Iterable[str]) -> dict[str, bytes]:
    """Return the vectors of texts as the file keeps them."""
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return {}
    rows = packed(np.asarray(embedder.embed(distinct), np.float32))
    return {text: row.tobytes() for text, row in zip(distinct, rows, strict=True)}


def beginning(text: str, *, has_facts: bool) -> str:
    """Return the part of an episode's text that is embedded."""
    return text[: BEGINNING if has_facts else WHOLE]


@dataclass(frozen=True)
class NewVectors:
    """The vectors for a transaction to add: of facts and names by their text, of episodes by the embedded beginning."""

    embedder: str
    texts: dict[str, bytes]
    episodes: dict[str, bytes]


class VectorReader:
    """The vectors of a file and of one space, as one view sees them; data is (d,) int8, as bytes."""

    def __init__(self, view: View) -> None:
        self._view = view

    def missing(self, embedder: str, triplets: Iterable[Triplet]) -> list[str]:
        """Return the texts of triplets and of their names whose vectors are not kept, each once."""
        keys = (triplet_key(self._view.resolve_triplet(triplet)) for triplet in triplets)
        texts = list(dict.fromkeys(text for key in keys for text in (" ".join(key), key[0], key[2])))
        kept = set[str]()
        for start in range(0, len(texts), _TOGETHER):
            group = texts[start : start + _TOGETHER]
            sql = f"SELECT text FROM vector WHERE embedder = ? AND text IN ({', '.join('?' * len(group))})"
            kept.update(text for (text,) in self._view.rows(sql, embedder, *group))
        return [text for text in texts if text not in kept]

    def of_names(self, embedder: str, names: Sequence[int]) -> list[tuple[int, str, bytes | None]]:
        """Id, identity and vector of each of these names that exists."""
        sql = (
            "SELECT n.id, n.identity, v.data FROM json_each(?) j CROSS JOIN name n ON n.id = j.value"
            " LEFT JOIN vector v ON v.embedder = ? AND v.text = n.identity"
        )
        return self._view.rows(sql, json.dumps(list(names)), embedder)

    def of_facts_after(self, embedder: str, number: int) -> list[tuple[str | None, bytes | None]]:
        """For each fact learned after an episode, in their order: its vector, or else its text."""
        sql = (
            f"SELECT iif(v.data IS NULL, {_TEXT_OF_FACT}, NULL), v.data FROM fact f {_WITH_ENDS}"
            f" LEFT JOIN vector v ON v.embedder = ? AND v.text = {_TEXT_OF_FACT}"
            " WHERE f.space = ? AND f.learned_in > ? ORDER BY f.id"
        )
        return self._view.rows(sql, embedder, self._view.state.id, number)

    def of_episodes_after(self, embedder: str, number: int) -> list[tuple[int, bytes | None]]:
        """Number and vector of each episode after one."""
        sql = (
            "SELECT e.number, v.data FROM episode e LEFT JOIN episode_vector v ON v.embedder = ? AND v.space = e.space"
            " AND v.number = e.number WHERE e.space = ? AND e.number > ? ORDER BY e.number"
        )
        return self._view.rows(sql, embedder, self._view.state.id, number)

    def texts_without(self, embedder: str) -> list[str]:
        """The texts of this space's facts, and the names in them, whose vector is not kept."""
        texts = _TEXTS.format(of_space="WHERE f.space = ?1")
        missing = "NOT EXISTS (SELECT 1 FROM vector WHERE embedder = ?2 AND text = t.text)"
        rows = self._view.rows(f"{texts} SELECT text FROM fact_text t WHERE {missing}", self._view.state.id, embedder)
        return [text for (text,) in rows]

    def episodes_without(self, embedder: str) -> list[int]:
        """The numbers of this space's episodes whose vector is not kept."""
        sql = (
            "SELECT number FROM episode e WHERE space = ?1 AND NOT EXISTS (SELECT 1 FROM episode_vector v"
            " WHERE v.embedder = ?2 AND v.space = ?1 AND v.number = e.number) ORDER BY number"
        )
        return [number for (number,) in self._view.rows(sql, self._view.state.id, embedder)]

    def embedders(self) -> list[str]:
        """The names of the embedders that vectors of this file were made by."""
        sql = "SELECT DISTINCT embedder FROM vector UNION SELECT DISTINCT embedder FROM episode_vector"
        return [name for (name,) in self._view.rows(sql)]


class VectorWriter(VectorReader):
    """The vectors of a file and of one space, in a transaction."""

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._transaction = transaction

    def add(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep the vectors of facts and names; those that are kept already stay the same."""
        rows = [(embedder, text, data) for text, data in vectors.items()]
        for start in range(0, len(rows), _TOGETHER):
            group = rows[start : start + _TOGETHER]
            sql = f"INSERT OR IGNORE INTO vector VALUES {', '.join(['(?, ?, ?)'] * len(group))}"
            self._transaction.run(sql, *chain.from_iterable(group))

    def add_episode(self, embedder: str, number: int, data: bytes) -> None:
        sql = "INSERT OR IGNORE INTO episode_vector VALUES (?, ?, ?, ?)"
        self._transaction.run(sql, embedder, self._view.state.id, number, data)

    def delete_idle(self) -> None:
        """Delete the vectors of texts that no fact and no name of any space has."""
        self._transaction.run(
            f"DELETE FROM vector WHERE text NOT IN ({_TEXTS.format(of_space='')} SELECT text FROM fact_text)"
        )

    def delete_others(self, embedder: str) -> None:
        """Delete what other embedders made."""
        for table in ("vector", "episode_vector"):
            self._transaction.run(f"DELETE FROM {table} WHERE embedder <> ?", embedder)

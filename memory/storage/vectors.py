"""The vectors in the file, each with the name of the embedder that made it: of facts and names by their text, which all
spaces share, and of episodes. All SQL about them; decides nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ariadne.memory.storage.store import Transaction, View

_TEXT_OF_FACT = "s.identity || ' ' || f.predicate || ' ' || o.identity"
_WITH_ENDS = "JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id"
_TOLD = f"""
WITH told (text) AS (
    SELECT {_TEXT_OF_FACT} FROM fact f {_WITH_ENDS} {{of_space}}
    UNION SELECT n.identity FROM name n WHERE n.id IN
        (SELECT subject_id FROM fact f {{of_space}} UNION SELECT object_id FROM fact f {{of_space}})
)"""
"""The texts that have vectors: of facts, and of the names in them."""


class VectorReader:
    """The vectors of a file and of one space, as one view sees them; data is (d,) int8, as bytes."""

    def __init__(self, view: View) -> None:
        self._view = view

    def of_texts(self, embedder: str, texts: Iterable[str]) -> dict[str, bytes]:
        """Those that are kept, by text."""
        sql = "SELECT data FROM vector WHERE embedder = ? AND text = ?"
        return {text: rows[0][0] for text in texts if (rows := self._view.rows(sql, embedder, text))}

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
        told = _TOLD.format(of_space="WHERE f.space = ?1")
        missing = "NOT EXISTS (SELECT 1 FROM vector WHERE embedder = ?2 AND text = t.text)"
        rows = self._view.rows(f"{told} SELECT text FROM told t WHERE {missing}", self._view.state.id, embedder)
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
        rows: list[tuple[object, ...]] = [(embedder, text, data) for text, data in vectors.items()]
        self._transaction.run_many("INSERT OR IGNORE INTO vector VALUES (?, ?, ?)", rows)

    def add_episode(self, embedder: str, number: int, data: bytes) -> None:
        sql = "INSERT OR IGNORE INTO episode_vector VALUES (?, ?, ?, ?)"
        self._transaction.run(sql, embedder, self._view.state.id, number, data)

    def delete_idle(self) -> None:
        """Delete the vectors of texts that no fact and no name of any space has."""
        self._transaction.run(
            f"DELETE FROM vector WHERE text NOT IN ({_TOLD.format(of_space='')} SELECT text FROM told)"
        )

    def delete_others(self, embedder: str) -> None:
        """Delete what other embedders made."""
        for table in ("vector", "episode_vector"):
            self._transaction.run(f"DELETE FROM {table} WHERE embedder <> ?", embedder)

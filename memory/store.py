"""A memory's store: one space of one file, with its facts, its episodes and the vectors that all spaces share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from ariadne.memory.database import Database
from ariadne.memory.episodes import Episodes
from ariadne.memory.facts import Facts
from ariadne.memory.space import Space
from ariadne.values import Update


class Store:
    """Where a memory is kept. Every call belongs inside `reading()` or `writing()`."""

    def __init__(self, path: str | Path, space: str = "default", *, timeout: float = 30, create: bool = True) -> None:
        self.db = Database(path, timeout, create=create)
        self.space = Space(self.db, space)
        self.facts = Facts(self.space)
        self.episodes = Episodes(self.space)

    def reading(self) -> AbstractContextManager[None]:
        """One look at the space: what others write meanwhile is not seen."""
        return self.space.reading()

    def writing(self, *, undone: bool = False) -> AbstractContextManager[None]:
        """One transaction, durable when it ends; what is raised inside, or `undone`, leaves the file as it was."""
        return self.space.writing(undone=undone)

    def close(self) -> None:
        self.db.close()

    def update_of(self, number: int) -> Update:
        """What remembering an episode changed, as it was then."""
        changes, (reading, _) = self.episodes.changes_of(number), self.episodes.reading_of(number)
        with self.space.decoding():
            seen = self.facts.by_id((*changes.added, *changes.restated, *changes.retired), number)
            added, restated, retired = (
                tuple(seen[fact] for fact in facts) for facts in (changes.added, changes.restated, changes.retired)
            )
            episode = self.episodes.some([number])[0]
        return Update(episode, reading, added, restated, retired, changes.refused)

    # -- vectors: functions of their text alone --------------------------------------------------------------------

    def vectors(self, embedder: str, texts: Iterable[str]) -> dict[str, bytes]:
        """The vectors kept for texts, little-endian float32; texts without one are left out."""
        sql = "SELECT data FROM vector WHERE embedder = ? AND text = ?"
        return {text: rows[0][0] for text in texts if (rows := self.db.all(sql, embedder, text))}

    def add_vectors(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        rows: list[tuple[object, ...]] = [(embedder, text, data) for text, data in vectors.items()]
        self.db.run_many("INSERT OR IGNORE INTO vector VALUES (?, ?, ?)", rows)

    def texts_without_vector(self, embedder: str) -> list[str]:
        """The texts of this space's facts, and the names in them, whose vector is not kept."""
        sql = (
            "WITH said (subject, relation, object) AS (SELECT s.identity, f.predicate, o.identity FROM fact f"
            " JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id WHERE f.space = ?1),"
            " told (text) AS (SELECT subject || ' ' || relation || ' ' || object FROM said"
            " UNION SELECT subject FROM said UNION SELECT object FROM said)"
            " SELECT text FROM told t WHERE NOT EXISTS (SELECT 1 FROM vector WHERE embedder = ?2 AND text = t.text)"
        )
        return [text for (text,) in self.db.all(sql, self.space.id, embedder)]

    def delete_idle_vectors(self) -> None:
        """Delete the vectors of texts that no fact and no name of any space has."""
        self.db.run(
            "DELETE FROM vector WHERE text NOT IN (SELECT s.identity || ' ' || f.predicate || ' ' || o.identity"
            " FROM fact f JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id"
            " UNION SELECT identity FROM name)"
        )

    # -- the file as a whole ---------------------------------------------------------------------------------------

    def spaces(self) -> list[str]:
        """The names of all spaces of the file that something was ever written to."""
        return [name for (name,) in self.db.all("SELECT name FROM space ORDER BY id")]

"""A memory's store: one space of one file, with its facts, its episodes and their vectors."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from ariadne.memory.storage.database import Database
from ariadne.memory.storage.episodes import Episodes
from ariadne.memory.storage.facts import Facts
from ariadne.memory.storage.space import Space
from ariadne.memory.storage.vectors import KeptVectors
from ariadne.values import Update


class Store:
    """Where a memory is kept. Every call belongs inside `reading()` or `writing()`."""

    def __init__(self, path: str | Path, space: str = "default", *, timeout: float = 30, create: bool = True) -> None:
        self.db = Database(path, timeout, create=create)
        self.space = Space(self.db, space)
        self.facts = Facts(self.space)
        self.episodes = Episodes(self.space)
        self.vectors = KeptVectors(self.space)

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

    # -- the file as a whole ---------------------------------------------------------------------------------------

    def spaces(self) -> list[str]:
        """The names of all spaces of the file that something was ever written to."""
        return [name for (name,) in self.db.all("SELECT name FROM space ORDER BY id")]

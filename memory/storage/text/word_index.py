"""The index of words in the file: which passages have which words; all SQL that writes it.

FTS5 keeps what was deleted until it merges its parts. So it gets the number of each word, not the word itself, and a
word that no text has any more is deleted with the last text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from ariadne.memory.storage.facts import integers
from ariadne.memory.storage.text.passages import IndexedText, parts_of
from ariadne.memory.storage.text.words import terms

if TYPE_CHECKING:
    from ariadne.memory.storage.store import Transaction

_TOGETHER = 1000  # words in one statement; they are bound one by one, since JSON in SQLite ends at a NUL
_HELD = "SELECT id FROM word WHERE id IN ({words}) AND holder IN ({rows})"
_HOLD = """
UPDATE word SET holder = (SELECT rowid FROM episode_words WHERE episode_words MATCH word.id ORDER BY rowid DESC LIMIT 1)
WHERE id IN ({words})"""


class WordWriter:
    """The words of the episodes of a space, in a transaction; it keeps the numbers of the words that it reads."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._known = dict[str, int]()
        """By word: its number."""

    def add(self, episode: IndexedText) -> None:
        """Add the words of an episode."""
        parts, number = _terms_of(episode), episode.number
        ids = self._ids(parts)
        if new := list(dict.fromkeys(term for part in parts for term in part if term not in ids)):
            ids |= (added := self._added(new, self._transaction.row_of_words(number)))
            self._known |= added
        rows = self._rows(number, parts, ids)
        sql = f"INSERT INTO episode_words (rowid, words) VALUES {', '.join(['(?, ?)'] * len(rows))}"
        self._transaction.run(sql, *chain.from_iterable(rows))

    def delete(self, episodes: Iterable[IndexedText]) -> None:
        """Delete the words of episodes, and the words that no other text has."""
        sql = "INSERT INTO episode_words (episode_words, rowid, words) VALUES ('delete', ?, ?)"
        words, rows = set[int](), set[int]()
        for episode in episodes:
            parts = _terms_of(episode)
            ids = self._ids(parts)
            with self._transaction.decoding():
                of_parts = self._rows(episode.number, parts, ids)
            for row in of_parts:
                self._transaction.run(sql, *row)
            words |= {*ids.values()}
            rows |= {row for row, _ in of_parts}
        self._release(words, rows)
        self._known.clear()

    def _release(self, words: Iterable[int], rows: Iterable[int]) -> None:
        """Let other rows hold the words that deleted rows held; delete those that no other row has."""
        held = [word for (word,) in self._transaction.rows(_HELD.format(words=integers(words), rows=integers(rows)))]
        if held:
            self._transaction.run(_HOLD.format(words=integers(held)))
            self._transaction.run(f"DELETE FROM word WHERE id IN ({integers(held)}) AND holder IS NULL")

    def _ids(self, parts: Iterable[Sequence[str]]) -> dict[str, int]:
        """Return the numbers of the known words of some parts of a text, by word."""
        words = dict.fromkeys(chain.from_iterable(parts))
        missing = [word for word in words if word not in self._known]
        for start in range(0, len(missing), _TOGETHER):
            group = missing[start : start + _TOGETHER]
            sql = f"SELECT text, id FROM word WHERE text IN ({', '.join('?' * len(group))})"
            self._known |= dict(self._transaction.rows(sql, *group))
        return {word: self._known[word] for word in words if word in self._known}

    def _added(self, words: Sequence[str], holder: int) -> dict[str, int]:
        """Add new words that a row has, and return their numbers."""
        added = dict[str, int]()
        for start in range(0, len(words), _TOGETHER):
            group = words[start : start + _TOGETHER]
            values = ", ".join([f"({holder}, ?)"] * len(group))
            added |= dict(
                self._transaction.rows(f"INSERT INTO word (holder, text) VALUES {values} RETURNING text, id", *group)
            )
        return added

    def _rows(self, number: int, parts: Sequence[Sequence[str]], ids: dict[str, int]) -> list[tuple[int, str]]:
        """Return what FTS5 holds of an episode: a row and the numbers of the words of each of its passages."""
        return [
            (self._transaction.row_of_words(number, nth), " ".join(str(ids[term]) for term in part))
            for nth, part in enumerate(parts)
        ]


def _terms_of(episode: IndexedText) -> list[list[str]]:
    return [list(terms(part)) for part in parts_of(episode)]

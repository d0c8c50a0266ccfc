"""The episodes of a space in the file, with their changes and mentions: all SQL that reads them."""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from ariadne.errors import InvalidInput
from ariadne.memory.ontology.names import Renaming, folded, identity_of
from ariadne.memory.storage.facts import integers
from ariadne.memory.storage.snapshot import END
from ariadne.memory.storage.text.passages import (
    BITS,
    LAST_PASSAGE,
    PASSAGE_NUMBER,
    SESSION,
    IndexedText,
    spans_from_json,
)
from ariadne.memory.storage.text.words import QueryWord, WordWeights, inverse_frequency, query_words
from ariadne.memory.storage.where import (
    KINDS,
    SOURCE,
    Condition,
    EpisodeFilter,
    Match,
    MixedTypesWarning,
    UnknownFieldWarning,
    as_sql,
    from_json,
    matches,
    mixed_types,
    of_another_type,
    parsed,
    unknown_field,
)
from ariadne.values import Episode, Reading, Replacement, Triplet

if TYPE_CHECKING:
    from ariadne.memory.storage.store import View


_LISTED_KINDS = ", ".join(f"('{kind}')" for kind in KINDS)
_FIELDS = """
WITH RECURSIVE found (name) AS (
    SELECT min(name) FROM metadata WHERE space = ?1
    UNION ALL SELECT (SELECT min(name) FROM metadata WHERE space = ?1 AND name > found.name) FROM found
    WHERE found.name IS NOT NULL
) SELECT name FROM found WHERE name IS NOT NULL"""
_MATCH = (
    "SELECT * FROM (SELECT {place}, rowid - :first FROM episode_words WHERE episode_words MATCH"
    " ifnull((SELECT id FROM word WHERE text = :form{place}), 0) AND rowid BETWEEN :first AND :last LIMIT :most)"
)
"""The passages that have one of several forms of a word: the place of the form, and the row of the passage."""
_FIELD = "FROM metadata m WHERE m.space = e.space AND m.episode = e.number AND m.name"
_GROUP = f"""ifnull(
    (SELECT 'session ' || m.value {_FIELD} = '{SESSION}'),
    (SELECT 'document ' || e.source {_FIELD} = '{PASSAGE_NUMBER}')
)"""
"""What the neighbours of an episode have in common; NULL for an episode without neighbours."""
_FREQUENT = 1000
"""A word in more passages than this, and in more than a quarter of all episodes, shows nothing of a query's subject."""


@cache
def reading_adapter() -> TypeAdapter[Reading]:
    """Return the converter between a reading and its JSON."""
    return TypeAdapter(Reading)


@cache
def pairs_adapter() -> TypeAdapter[tuple[Replacement, ...]]:
    """Return the converter between replacements and their JSON."""
    return TypeAdapter(tuple[Replacement, ...])


@dataclass(frozen=True)
class StoredReading:
    """The reading of an episode, and what decides how it changes the graph.

    The caller declares the replacements in `declared`; the others of the reading are proposals. The triplets end at
    `until` (in clock ticks) if it is given. A `correction` replaces a fact that was never true. A text that replaces
    another has the `place` of the first one with its key.
    """

    reading: Reading
    declared: tuple[Replacement, ...] = ()
    correction: bool = False
    divided: Mapping[str, str] = field(default_factory=dict)
    """By identity of a name in the reading: the name with its kind that it stands for, such as "Victoria (city)"."""

    until: int | None = None
    place: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the reading, as written."""
        return tuple(
            dict.fromkeys([*chain.from_iterable(each.ends for each in self.reading.triplets), *self.reading.names])
        )

    @property
    def all_triplets(self) -> list[Triplet]:
        """The triplets that the reading states, and those that it ends or replaces by others."""
        pairs = (*self.reading.outdated, *self.declared)
        return [*self.reading.triplets, *(each for pair in pairs for each in (pair.old, pair.new) if each is not None)]

    def with_kinds(self) -> StoredReading:
        """Return the reading with the kinds of the names that were divided."""
        if not self.divided:
            return self
        pairs = [each for pair in (*self.reading.outdated, *self.declared) for each in (pair.old, pair.new) if each]
        names = [*self.names, *chain.from_iterable(each.ends for each in pairs)]
        kinds = {name: self.divided[identity] for name in names if (identity := identity_of(name)) in self.divided}
        rename = Renaming(kinds)
        return replace(self, reading=rename.reading(self.reading), declared=rename.pairs(self.declared), divided={})


@dataclass(frozen=True)
class Changes:
    """What an episode changed: ids of facts, and the proposals that were refused."""

    added: tuple[int, ...] = ()
    restated: tuple[int, ...] = ()
    retired: tuple[int, ...] = ()
    refused: tuple[Replacement, ...] = ()

    @property
    def all_facts(self) -> set[int]:
        """The ids of all facts that it changed."""
        return {*self.added, *self.restated, *self.retired}


@dataclass(frozen=True)
class _FoundWord:
    """A word of a query as the passages have it."""

    word: QueryWord
    credit_by_row: dict[int, float]
    """By row of a passage: the best credit of the forms of the word that it has."""
    count: int
    """The number of all episodes."""

    @cached_property
    def _having(self) -> tuple[int, int]:
        """How many episodes have the word itself, and how many have any form of it."""
        exact = {row >> BITS for row, credit in self.credit_by_row.items() if credit == 1}
        return len(exact), len({row >> BITS for row in self.credit_by_row})

    def weights(self, power: int = 1) -> WordWeights:
        """Return the weights of the word; `power` is that of the inverse document frequency."""
        return WordWeights.of(*self._having, lambda number: inverse_frequency(number, self.count) ** power)


class EpisodeReader:
    """The episodes of a space, as one view sees them."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._last_found: tuple[tuple[object, ...], list[_FoundWord]] | None = None

    def number_of(self, key: str) -> int | None:
        """Return the number of the first episode with a key, or None."""
        return next(iter(self.numbers_of(key)), None)

    def numbers_of(self, key: str) -> list[int]:
        """Return the numbers of the episodes with a key, in their order; each replaced the one before it."""
        sql = "SELECT number FROM episode WHERE space = ? AND key = ? ORDER BY number"
        return [number for (number,) in self._view.rows(sql, self._view.state.id, key)]

    def with_keys(self, keys: Iterable[str]) -> set[str]:
        """Return those of these keys that an episode has."""
        return {key for key in keys if self.number_of(key) is not None}

    def has_key_from(self, start: str) -> bool:
        """Return whether an episode has a key that begins with `start`."""
        sql = "SELECT 1 FROM episode WHERE space = ? AND key >= ? AND key < ? LIMIT 1"
        return bool(self._view.rows(sql, self._view.state.id, start, f"{start}\U0010ffff"))

    def some(self, numbers: Iterable[int] | None = None, until: int = END) -> list[Episode]:
        """Return the episodes up to `until` in their order: all, or those with these numbers."""
        sql = "SELECT number, text, at, source, metadata, expires FROM episode WHERE space = ?"
        if numbers is None:
            sql += " AND number <= ?"
        else:  # +: SQLite searches by number, not through all episodes before
            sql += f" AND +number <= ? AND number IN ({integers(numbers)})"
        rows = self._view.rows(f"{sql} ORDER BY number", self._view.state.id, until)
        with self._view.decoding():
            return [self._episode(*row) for row in rows]

    def _episode(
        self, number: int, text: str, at: int, source: str | None, metadata: str, expires: int | None
    ) -> Episode:
        when = self._view.from_clock
        kept = from_json(json.loads(metadata))
        return Episode(number, text, when(at), source, kept, None if expires is None else when(expires))

    def with_passages(self, numbers: Iterable[int]) -> list[IndexedText]:
        """Return the texts of episodes as they are indexed, in their order."""
        sql = "SELECT number, text, passages, source, digest FROM episode WHERE space = ?"
        rows = self._view.rows(f"{sql} AND number IN ({integers(numbers)}) ORDER BY number", self._view.state.id)
        with self._view.decoding():
            return [
                IndexedText(number, text, spans_from_json(spans), source, observed=digest is None)
                for number, text, spans, source, digest in rows
            ]

    def numbers(self, since: int = 1, until: int = END, most: int = -1) -> list[int]:
        """Return the numbers of the first `most` episodes (-1: of all) from `since` to `until`, in their order."""
        sql = "SELECT number FROM episode WHERE space = ? AND number BETWEEN ? AND ? ORDER BY number LIMIT ?"
        return [number for (number,) in self._view.rows(sql, self._view.state.id, since, until, most)]

    def numbers_among(self, numbers: Iterable[int]) -> set[int]:
        """Return those of these numbers that an episode has."""
        sql = f"SELECT number FROM episode WHERE space = ? AND number IN ({integers(numbers)})"
        return {number for (number,) in self._view.rows(sql, self._view.state.id)}

    def ordered(self, numbers: Sequence[int]) -> list[Episode]:
        """Return the episodes of these numbers, in this order."""
        seen = {episode.id: episode for episode in self.some(numbers)}
        with self._view.decoding():
            return [seen[number] for number in numbers]

    def sources(self, numbers: Iterable[int]) -> dict[int, str | None]:
        """Return the sources of episodes, by number; None for an episode without a source."""
        sql = f"SELECT number, source FROM episode WHERE space = ? AND number IN ({integers(numbers)}) ORDER BY number"
        return dict(self._view.rows(sql, self._view.state.id))

    def after(self, number: int) -> list[tuple[int, int, int, int | None, str | None, str | None]]:
        """Return what the index has of the episodes after a number, in their order.

        Each is: number, world time (in clock ticks), place in that order, digest, source, and the session or document
        that it is part of. A text that replaced another has the place of that one.
        """
        columns = f"number, at, ifnull(place, number), digest, source, {_GROUP}"
        sql = f"SELECT {columns} FROM episode e WHERE space = ? AND number > ? ORDER BY number"
        return self._view.rows(sql, self._view.state.id, number)

    def mentions_of(self, name: int, until: int, most: int) -> list[int]:
        """Return the first `most` episodes, up to `until`, that mention a name (id) in their text but in no fact."""
        sql = "SELECT episode FROM mention WHERE name = ? AND episode <= ? ORDER BY episode LIMIT ?"
        return [episode for (episode,) in self._view.rows(sql, name, until, most)]

    def key_of(self, number: int) -> str | None:
        """Return the key of an episode, or None."""
        sql = "SELECT key FROM episode WHERE space = ? AND number = ?"
        key: str | None = self._view.row(sql, self._view.state.id, number)[0]
        return key

    def reading_of(self, number: int) -> StoredReading:
        """Return the reading of an episode, with the kinds of the names that were divided."""
        return self.given_reading_of(number).with_kinds()

    def given_reading_of(self, number: int) -> StoredReading:
        """Return the reading of an episode as it was given, and which names were divided."""
        sql = "SELECT reading, declared, correction, divided, until, place FROM episode WHERE space = ? AND number = ?"
        row = self._view.row(sql, self._view.state.id, number)
        reading, declared, correction, divided, until, place = row
        with self._view.decoding():
            pairs = () if declared == "[]" else pairs_adapter().validate_json(declared)
            kinds = {} if divided is None else json.loads(divided)
            return StoredReading(reading_adapter().validate_json(reading), pairs, bool(correction), kinds, until, place)

    def digest_of(self, number: int) -> int | None:
        """Return the digest of an episode; None for what an agent observed, which is an event of its own."""
        sql = "SELECT digest FROM episode WHERE space = ? AND number = ?"
        digest: int | None = self._view.row(sql, self._view.state.id, number)[0]
        return digest

    def changes_of(self, number: int) -> Changes:
        """Return what an episode changed."""
        changes, refused = self._view.row(
            "SELECT changes, refused FROM episode WHERE space = ? AND number = ?", self._view.state.id, number
        )
        with self._view.decoding():
            added, restated, retired = (tuple(facts) for facts in json.loads(changes))
            return Changes(added, restated, retired, pairs_adapter().validate_json(refused))

    def latest(self, until: int | None = None) -> int | None:
        """Return the latest world time (in clock ticks) of all episodes, or of those up to `until`, or None."""
        sql = "SELECT max(at) FROM episode WHERE space = ?"
        values = [self._view.state.id] if until is None else [self._view.state.id, until]
        at: int | None = self._view.row(sql if until is None else f"{sql} AND number <= ?", *values)[0]
        return at

    def of_source(self, source: str) -> set[int]:
        """Return the numbers of the episodes of a source, in any case and spelling of its letters."""
        space, wanted = self._view.state.id, folded(source)
        sources = self._view.rows("SELECT DISTINCT source FROM episode WHERE space = ? AND source NOT NULL", space)
        matching = [each for (each,) in sources if folded(each) == wanted]
        places = ", ".join("?" * len(matching))
        rows = self._view.rows(f"SELECT number FROM episode WHERE space = ? AND source IN ({places})", space, *matching)
        return {number for (number,) in rows}

    def time_of(self, number: int) -> int:
        """Return the world time of an episode, in clock ticks."""
        sql = "SELECT at FROM episode WHERE space = ? AND number = ?"
        return int(self._view.row(sql, self._view.state.id, number)[0])

    def times_after(self, number: int, most: int) -> list[tuple[int, int]]:
        """Return number and world time (in clock ticks) of the next episodes after a number."""
        sql = "SELECT number, at FROM episode WHERE space = ? AND number > ? ORDER BY number LIMIT ?"
        return self._view.rows(sql, self._view.state.id, number, most)

    def has_later_time(self, at: int, before: int, left_out: Iterable[int]) -> bool:
        """Return whether an episode before a number, other than those left out, is about a time after `at`."""
        condition = f"space = ? AND at > ? AND number < ? AND number NOT IN ({integers(left_out)})"
        return bool(
            self._view.rows(f"SELECT 1 FROM episode WHERE {condition} LIMIT 1", self._view.state.id, at, before)
        )

    def contents(self, since: int, most: int) -> list[tuple[int, str | None, tuple[str, ...], str]]:
        """Return the next `most` episodes from a number: number, source, text and metadata and key, reading as JSON."""
        columns = "number, source, text, metadata, ifnull(key, ''), reading"
        sql = f"SELECT {columns} FROM episode WHERE space = ? AND number >= ? ORDER BY number LIMIT ?"
        rows = self._view.rows(sql, self._view.state.id, since, most)
        return [(number, source, tuple(texts), reading) for number, source, *texts, reading in rows]

    def matching(self, wanted: EpisodeFilter, *, strict: bool = False) -> set[int] | None:
        """Return the numbers of the episodes that pass a filter; None for a filter without conditions.

        Args:
            wanted: The filter.
            strict: Whether a field that no episode has raises InvalidInput; otherwise it warns.
        """
        if wanted.is_empty:
            return None
        condition = parsed(wanted.where or {})
        self._check_fields(condition, strict=strict)
        sql, values = as_sql(condition, self._view.state.id)
        bounds = {
            "at >= ?": None if wanted.since is None else self._view.to_clock(wanted.since, "since"),
            "at < ?": None if wanted.before is None else self._view.to_clock(wanted.before, "before"),
            "expires <= ?": self._view.present() if wanted.expired else None,
        }
        given = {bound: value for bound, value in bounds.items() if value is not None}
        listed = [] if wanted.episodes is None else [f"number IN ({integers(wanted.episodes)})"]
        sql = " AND ".join(["SELECT number FROM episode WHERE space = ?", *listed, *given, sql])
        found = {number for (number,) in self._view.rows(sql, self._view.state.id, *given.values(), *values)}
        return found if wanted.source is None else found & self.of_source(wanted.source)

    def withdrawn(self, until: int, at: int) -> frozenset[int]:
        """Return the numbers of the episodes that have expired, or were replaced by another one with their key.

        Args:
            until: The last episode that can have replaced one.
            at: The world time (in clock ticks) by which they expired.
        """
        sql = "SELECT number FROM episode WHERE space = ?1 AND {}"
        both = f"{sql.format('replaced_in <= ?2')} UNION ALL {sql.format('expires <= ?3')}"
        return frozenset(number for (number,) in self._view.rows(both, self._view.state.id, until, at))

    def _numbers(self, condition: str, *values: object) -> frozenset[int]:
        rows = self._view.rows(
            f"SELECT number FROM episode WHERE space = ? AND {condition}", self._view.state.id, *values
        )
        return frozenset(number for (number,) in rows)

    def replaced_by(self, number: int) -> list[int]:
        """Return the number of the episode that an episode replaced, if it did."""
        return sorted(self._numbers("replaced_in = ?", number))

    def moved(self, until: int) -> dict[int, tuple[int | None, int | None]]:
        """Return place and replacing episode, by number, of the episodes up to `until` that have one of the two."""
        moved = "(place IS NOT NULL OR replaced_in IS NOT NULL)"
        sql = f"SELECT number, place, replaced_in FROM episode WHERE space = ? AND number <= ? AND {moved}"
        rows = self._view.rows(sql, self._view.state.id, until)
        return {number: (place, replaced_in) for number, place, replaced_in in rows}

    def with_refusals(self) -> frozenset[int]:
        """Return the numbers of the episodes with refused proposals."""
        sql = "SELECT number FROM episode INDEXED BY episode_refused WHERE space = ? AND refused <> '[]'"
        return frozenset(number for (number,) in self._view.rows(sql, self._view.state.id))

    def of_sources(self, sources: Iterable[str]) -> frozenset[int]:
        """Return the numbers of the episodes of some sources."""
        listed = list(sources)
        return self._numbers(f"source IN ({', '.join('?' * len(listed))})", *listed)

    def _check_fields(self, condition: Condition, *, strict: bool) -> None:
        """Check that episodes have the fields of a condition, with values of the types that it compares with."""
        for match in matches(condition):
            known = self._kinds_of(match.field)
            if known and match.kinds and not known & {*match.kinds}:
                raise InvalidInput(of_another_type(match, known))
            if match.kinds and len(known) > 1:
                self._check_types(match)
            if known or not self.counted():
                continue
            problem = unknown_field(match.field, self._fields())
            if strict:
                raise InvalidInput(problem)
            warnings.warn(problem, UnknownFieldWarning, stacklevel=2)

    def _kinds_of(self, field: str) -> set[str]:
        """Return the kinds of the values that episodes have in a field; a source is a text."""
        space = self._view.state.id
        kind = "EXISTS (SELECT 1 FROM metadata WHERE space = ? AND name = ? AND kind = column1)"
        rows = self._view.rows(f"SELECT column1 FROM (VALUES {_LISTED_KINDS}) WHERE {kind}", space, field)
        return {kind for (kind,) in rows} | ({"text"} if field == SOURCE else set())

    def _check_types(self, match: Match) -> None:
        """Warn if episodes have values of a field in metadata, but none of the types that it is compared with."""
        compared = ", ".join(f"'{kind}'" for kind in match.kinds)
        having = "FROM metadata WHERE space = ?1 AND name = ?2"
        others = f"episode NOT IN (SELECT episode {having} AND kind IN ({compared}))"
        sql = f"SELECT kind, count(DISTINCT episode) {having} AND (kind IN ({compared}) OR {others}) GROUP BY kind"
        counts = dict(self._view.rows(sql, self._view.state.id, match.field))
        if not counts.keys() <= {*match.kinds}:
            warnings.warn(mixed_types(match, counts), MixedTypesWarning, stacklevel=2)

    def _fields(self) -> list[str]:
        """Return the names of all metadata of the space, and "source"; the index is searched once for each name."""
        return [SOURCE, *(name for (name,) in self._view.rows(_FIELDS, self._view.state.id))]

    def word_scores(self, text: str, until: int = END, most: int | None = None) -> dict[int, float]:
        """Return the weighted share of a text's content words in each passage that has one, by its row (`row_of`).

        Rare words weigh more. A word counts if an episode has it. Similar words count in part.

        Args:
            text: The query.
            until: The last episode to search.
            most: The most passages that a word may be in, and then similar words do not count; None for any number.
        """
        scores, total = defaultdict[int, float](float), 0.0
        for found in self._found(text, until, most):
            weights = found.weights(power=2)
            total += found.word.weight * weights.best
            for row, credit in found.credit_by_row.items():
                scores[row] += found.word.weight * weights.with_credit(credit)
        return {row: score / total if total else 0.0 for row, score in scores.items()}

    def word_weights(self, text: str, until: int = END) -> dict[str, float]:
        """Return BM25's weight of each content word of a text that an episode up to `until` has, by the word's term."""
        return {found.word.text: found.weights().best for found in self._found(text, until, None)}

    def _found(self, text: str, until: int, most: int | None) -> list[_FoundWord]:
        """Return the content words of a text as the passages have them; the last query is kept."""
        wanted = text, until, most, self._view.state
        if self._last_found is None or self._last_found[0] != wanted:
            count = self.counted(until)
            limit = max(_FREQUENT, count // 4) if most is None else most
            found = list[_FoundWord]()
            for word in query_words(text):
                forms = word.credits(self._similar_terms(word) if most is None else ())
                found.append(_FoundWord(word, self._having(forms, until, limit), count))
            self._last_found = wanted, found
        return self._last_found[1]

    def _similar_terms(self, word: QueryWord) -> list[str]:
        """Return the terms of the file that may be similar to a word."""
        sql = "SELECT text FROM word WHERE text BETWEEN ? AND ?"
        found = (self._view.rows(sql, start, f"{start}\U0010ffff") for start in word.beginnings)
        return [term for rows in found for (term,) in rows]

    def _having(self, forms: Mapping[str, float], until: int, most: int) -> dict[int, float]:
        """Return the best credit of each passage that has one of these forms, by its row.

        Args:
            forms: The terms, each with its credit.
            until: The last episode to search.
            most: The most passages that a form may be in; a form in more of them is left out.
        """
        values: dict[str, object] = {f"form{place}": form for place, form in enumerate(forms)}
        values |= {"first": self._view.row_of_words(0), "last": self._view.row_of_words(until, LAST_PASSAGE)}
        sql = " UNION ALL ".join(_MATCH.format(place=place) for place in range(len(forms)))
        rows = defaultdict[int, list[int]](list)
        for place, row in self._view.named_rows(sql, values | {"most": most + 1}):
            rows[place].append(row)
        having = dict[int, float]()
        for place, credit in enumerate(forms.values()):
            if len(rows[place]) <= most:
                having |= {row: max(credit, having.get(row, 0.0)) for row in rows[place]}
        return having

    def mentioning(self, name: int, until: int = END, most: int | None = None) -> dict[int, float]:
        """Return the weight of a name in each episode that mentions it, by episode number.

        All have the same weight: that of a word in as many episodes. The result is empty if there are
        more than `most` episodes.

        Args:
            name: The id of the name, in the facts or the text of an episode.
            until: The last episode to search.
            most: The most episodes; None for any number.
        """
        sql = (
            "SELECT episode FROM mention WHERE name = ?1 AND episode <= ?2 UNION SELECT t.episode FROM"
            " (SELECT id FROM fact WHERE subject_id = ?1 UNION SELECT id FROM fact WHERE object_id = ?1) f"
            " JOIN fact_episode t ON t.fact = f.id WHERE t.episode <= ?2 LIMIT ?3"
        )
        mentioning = self._view.rows(sql, name, until, -1 if most is None else most + 1)
        if most is not None and len(mentioning) > most:
            return {}
        weight = round(inverse_frequency(len(mentioning), self.counted(until)) ** 2, 4)
        return {number: weight for (number,) in mentioning}

    def names_in(self, numbers: Sequence[int]) -> list[tuple[int, int, str]]:
        """Return the names that episodes mention in their text or in a fact, in the order of the given episodes.

        Each is: number of the episode, id of the name, its first written form.
        """
        listed = integers(numbers)
        facts = f"fact_episode t JOIN fact f ON f.id = t.fact WHERE t.space = ?1 AND t.episode IN ({listed})"
        sql = (
            "SELECT m.episode, n.id, n.shown FROM ("
            f"SELECT episode, name FROM mention WHERE space = ?1 AND episode IN ({listed})"
            f" UNION SELECT t.episode, f.subject_id FROM {facts} UNION SELECT t.episode, f.object_id FROM {facts}"
            ") m JOIN name n ON n.id = m.name"
        )
        place = {number: place for place, number in enumerate(numbers)}
        return sorted(self._view.rows(sql, self._view.state.id), key=lambda row: (place[row[0]], row[1]))

    def counted(self, until: int = END) -> int:
        """Return the number of episodes up to `until`."""
        if not self._view.state.rewritten and not self._view.state.deletions:
            return min(self._view.state.last, until)
        sql = "SELECT count(*) FROM episode WHERE space = ? AND number <= ?"
        count: int = self._view.row(sql, self._view.state.id, until)[0]
        return count

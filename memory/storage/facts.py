"""The facts and names of a space in the file: all SQL that reads or writes them."""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from ariadne.memory.ontology.names import base_of, identity_of, is_qualified, meanings, triplet_key
from ariadne.memory.ontology.scripts import spans
from ariadne.memory.ontology.slots import RelationFilter
from ariadne.memory.storage.snapshot import END, KNOWN, NOW, OPEN, UNTIL, Snapshot
from ariadne.values import Fact, Triplet

if TYPE_CHECKING:
    from ariadne.memory.storage.store import Transaction, View

_FACT = f"""
SELECT f.id, f.subject, f.relation, f.object, f.valid_from, {UNTIL}, f.learned_in,
       iif(f.retired_in > :as_of, NULL, f.retired_in),
       (SELECT group_concat(episode) FROM fact_episode WHERE fact = f.id AND episode <= :as_of)
FROM fact f WHERE """
_STORED = """
SELECT f.id, f.subject, f.relation, f.object, f.valid_from, f.valid_to, f.learned_in, f.retired_in,
       (SELECT group_concat(episode) FROM fact_episode WHERE fact = f.id), f.subject_id, f.predicate, f.object_id
FROM fact f WHERE """
_SIDES = """
SELECT j.column1, n.id,
       (SELECT group_concat(id || ',' || object_id || ',' || hex(predicate), ' ') FROM
           (SELECT id, object_id, predicate FROM fact WHERE subject_id = n.id AND retired_in IS NULL LIMIT :most)),
       (SELECT group_concat(id || ',' || subject_id || ',' || hex(predicate), ' ') FROM
           (SELECT id, subject_id, predicate FROM fact WHERE object_id = n.id AND retired_in IS NULL LIMIT :most))
FROM (VALUES {names}) j CROSS JOIN name n ON n.space = :space AND n.identity = j.column1"""
"""The known ones of some names, with at most :most current facts on either side: id, other name, relation in hex."""
_TOUCHING = (
    "f.id IN (SELECT id FROM fact f WHERE f.subject_id IN ({names}) AND {condition}"
    " UNION SELECT id FROM fact f WHERE f.object_id IN ({names}) AND {condition})"
)
_OF_RELATION = "SELECT id FROM fact WHERE {side}_id = ? AND retired_in IS NULL AND predicate = ?"
_HOMONYMS = "SELECT identity, base, id FROM name WHERE space = ?1 AND"
_TOGETHER = 1000  # names in one statement; they are bound one by one, since JSON in SQLite ends at a NUL
_NEAR = 100  # the most facts on either side of a name
BASIS_FACT, BASIS_STATEMENTS = 1, 2
"""The bits of `basis`: what later episodes changed rests on the fact, or on who stated it."""
_FEW = 16
"""The most current facts of a name that a transaction reads all; of other names it reads only the facts it needs."""
_RELATIONS = """
WITH RECURSIVE found (relation) AS (
    SELECT min(predicate) FROM fact WHERE {side}_id = ?1 AND retired_in IS NULL
    UNION ALL SELECT (
        SELECT min(predicate) FROM fact WHERE {side}_id = ?1 AND retired_in IS NULL AND predicate > found.relation
    ) FROM found WHERE found.relation IS NOT NULL
) SELECT relation FROM found WHERE relation IS NOT NULL"""
"""The relations of the current facts on one side of a name; the index is searched once for each relation."""


@dataclass(frozen=True)
class StoredFact:
    """A fact with the columns that only the file has: its id, the ids of its names, and its times in clock ticks."""

    id: int
    fact: Fact
    subject: int
    predicate: str
    object: int
    valid_from: int
    valid_to: int | None = None


@dataclass(frozen=True)
class AddedFact:
    """A fact as it was after the episode that added it; times are in clock ticks.

    `statements` are the times and episodes that state it, if an earlier episode is among them.
    """

    id: int
    triplet: Triplet
    valid_from: int
    valid_to: int | None
    retired_in: int | None
    statements: tuple[tuple[int, int], ...]


class FactReader:
    """The facts and names of a space, as one view sees them."""

    def __init__(self, view: View) -> None:
        self._view = view

    # -- names -----------------------------------------------------------------------------------------------------

    def name_id(self, name: str) -> int | None:
        """Return the id of a name, or of the name that it was merged into; None for an unknown name."""
        resolved = identity_of(self._view.resolve(name))
        rows = self._view.rows("SELECT id FROM name WHERE space = ? AND identity = ?", self._view.state.id, resolved)
        return rows[0][0] if rows else None

    def name_ids(self, identities: Iterable[str]) -> dict[str, int]:
        """Return the ids of the known names among these identities."""
        found, wanted = dict[str, int](), list(identities)
        for start in range(0, len(wanted), _TOGETHER):
            group = wanted[start : start + _TOGETHER]
            sql = f"SELECT identity, id FROM name WHERE space = ? AND identity IN ({', '.join('?' * len(group))})"
            found |= dict(self._view.rows(sql, self._view.state.id, *group))
        return found

    def linked(self, names: Iterable[str], *, in_text: bool = False) -> dict[str, int]:
        """Return the ids of the names that names of a query may stand for, by identity.

        A name stands for itself and for its homonyms: "Victoria" for "Victoria (city)", too. "Victoria (city)" stands
        for itself alone. A name that the space lacks stands for the one with other capitals.

        Args:
            names: The names.
            in_text: Whether they are parts of a text. There "us" is no name, and "china" may be China.
        """
        wanted = {identity_of(self._view.resolve(name)) for name in names}
        bases = {identity if is_qualified(identity) else base_of(identity) for identity in wanted}
        known: dict[str, dict[str, int]] = defaultdict(dict)
        for identity, base, number in self._with_bases(sorted(bases)):
            known[base][identity] = number
        return {
            found: known[base_of(identity)][found]
            for identity in wanted
            for found in meanings(identity, known.get(base_of(identity), {}), in_text=in_text)
        }

    def _with_bases(self, bases: Sequence[str]) -> Iterator[tuple[str, str, int]]:
        """Yield identity, base and id of the names with these identities or bases."""
        for start in range(0, len(bases), _TOGETHER):
            group = bases[start : start + _TOGETHER]
            places = ", ".join(f"?{place}" for place in range(2, len(group) + 2))
            sql = f"{_HOMONYMS} identity IN ({places}) UNION {_HOMONYMS} base IN ({places})"  # OR would use no index
            for identity, base, number in self._view.rows(sql, self._view.state.id, *group):
                yield identity, base or identity, number

    def named_in(self, text: str) -> list[int]:
        """Return the names (ids) that occur in a text as whole words, ascending; all homonyms of each."""
        return sorted(self.linked(spans(unicodedata.normalize("NFC", text)), in_text=True).values())

    def names(self, ids: Iterable[int]) -> dict[int, str]:
        """Return the first written form of names, by id."""
        return dict(self._view.rows(f"SELECT id, shown FROM name WHERE id IN ({integers(ids)})"))

    def identities(self, ids: Iterable[int]) -> dict[int, str]:
        """Return the identities of names, by id."""
        return dict(self._view.rows(f"SELECT id, identity FROM name WHERE id IN ({integers(ids)})"))

    def names_beginning(self, words: Iterable[str]) -> list[int]:
        """Return the names (ids) whose identity begins with one of these words and a blank."""
        sql = "SELECT id FROM name WHERE space = ? AND identity > ? AND identity < ?"
        space = self._view.state.id  # in the order of characters "!" follows the blank
        return [row[0] for word in words for row in self._view.rows(sql, space, f"{word} ", f"{word}!")]

    def shown(self) -> dict[str, str]:
        """Return the first written form of every name, by its identity."""
        return dict(self._view.rows("SELECT identity, shown FROM name WHERE space = ?", self._view.state.id))

    def named_after(self, fact: int) -> list[tuple[int, int, str]]:
        """Return the names of the facts with a higher id, in the order of these facts.

        Each is: id of the fact, id of the name, identity of the name.
        """
        sql = (
            "SELECT f.id, n.id, n.identity FROM fact f JOIN name n ON n.id IN (f.subject_id, f.object_id)"
            " WHERE +f.space = ? AND f.id > ? ORDER BY f.id"  # +: SQLite searches by id, since few facts are new
        )
        return self._view.rows(sql, self._view.state.id, fact)

    # -- current facts ---------------------------------------------------------------------------------------------

    def current(self, triplet: Triplet) -> StoredFact | None:
        """Return the current fact with this content."""
        if (ends := self._ends(triplet)) is None:
            return None
        condition = "f.subject_id = ? AND f.predicate = ? AND f.object_id = ? AND f.retired_in IS NULL"
        return next(iter(self._stored(condition, *ends)), None)

    def witnesses(self, triplet: Triplet) -> set[str]:
        """Return the sources that state a triplet and did not retire it later."""
        if (ends := self._ends(triplet)) is None:
            return set()
        sql = (
            "SELECT e.source, max({number}) FROM fact f{statements} JOIN episode e ON e.space = f.space"
            " AND e.number = {number} WHERE f.subject_id = ? AND +f.object_id = ? AND f.predicate = ?"
            " AND f.known_to IS NULL AND e.source IS NOT NULL GROUP BY e.source"
        )
        subject, relation, thing = ends
        stated = sql.format(number="t.episode", statements=" JOIN fact_episode t ON t.fact = f.id")
        ended = dict(self._view.rows(sql.format(number="f.retired_in", statements=""), subject, thing, relation))
        confirmed = self._view.rows(stated, subject, thing, relation)
        return {source for source, last in confirmed if last >= ended.get(source, 0)}

    def covering(self, triplet: Triplet, at: int) -> StoredFact | None:
        """Return the fact with this content, past or current, that holds at a time (in clock ticks)."""
        if (ends := self._ends(triplet)) is None:
            return None
        condition = (
            "f.subject_id = ? AND f.predicate = ? AND f.object_id = ? AND f.known_to IS NULL AND f.valid_from <= ?4"
            " AND (f.valid_to IS NULL OR f.valid_to > ?4) ORDER BY f.id LIMIT 1"
        )
        return next(iter(self._stored(condition, *ends, at)), None)

    def stored(self, ids: Iterable[int]) -> dict[int, StoredFact]:
        """Return facts by their ids."""
        return {stored.id: stored for stored in self._stored(f"f.id IN ({integers(ids)})")}

    def _stored(self, condition: str, *values: object) -> list[StoredFact]:
        rows = self._view.rows(f"{_STORED}{condition}", *values)
        with self._view.decoding():
            return [self._stored_fact(row) for row in rows]

    def _stored_fact(self, row: tuple[Any, ...]) -> StoredFact:
        return StoredFact(row[0], self._fact(row), row[9], row[10], row[11], row[4], row[5])

    # -- what decides the intervals of a triplet -------------------------------------------------------------------

    def intervals(self, triplet: Triplet) -> list[StoredFact]:
        """Return the facts with this content, past and current, by their beginning."""
        if (ends := self._ends(triplet)) is None:
            return []
        condition = "f.subject_id = ? AND f.predicate = ? AND f.object_id = ? AND f.known_to IS NULL"
        return self._stored(f"{condition} ORDER BY f.valid_from, f.id", *ends)

    def statements(self, facts: Iterable[int]) -> list[tuple[int, int, int]]:
        """Return fact (id), time (in clock ticks) and episode of each statement of these facts."""
        return self._view.rows(f"SELECT fact, at, episode FROM fact_episode WHERE fact IN ({integers(facts)})")

    def endings(self, triplet: Triplet) -> list[tuple[int, int, int]]:
        """Return the ends of a triplet that no fact shows.

        Each is: time (in clock ticks), episode, and 1 if the time is the limit of a period, or else 0.
        """
        sql = (
            "SELECT at, episode, is_limit FROM ending WHERE space = ? AND subject = ? AND predicate = ? AND object = ?"
            " AND known_to IS NULL"
        )
        return self._view.rows(sql, self._view.state.id, *self._resolved_key(triplet))

    def all_endings(self) -> list[tuple[str, str, str, int, int, int]]:
        """Return all ends that no fact shows: subject, predicate and object, and the same as `endings`."""
        columns = "subject, predicate, object, at, episode, is_limit"
        sql = f"SELECT {columns} FROM ending WHERE space = ? AND known_to IS NULL"
        return self._view.rows(sql, self._view.state.id)

    def near(self, things: Iterable[int], objects: Iterable[int], wanted: Callable[[str], bool]) -> list[int]:
        """Return the ids of facts, past and current, about things: by wanted relations, or with some objects.

        Args:
            things: The ids of the things.
            objects: The ids of the objects.
            wanted: Picks relations.
        """
        listed, found = integers(things), list[int]()
        for side in ("subject", "object"):
            relations = self._view.rows(f"SELECT DISTINCT predicate FROM fact WHERE {side}_id IN ({listed})")
            chosen = [relation for (relation,) in relations if wanted(relation)]
            marks = ", ".join("?" * len(chosen))
            sql = f"SELECT id FROM fact WHERE {side}_id IN ({listed}) AND predicate IN ({marks})"
            found += [fact for (fact,) in self._view.rows(sql, *chosen)]
        joining = f"SELECT id FROM fact WHERE object_id IN ({integers(objects)}) AND +subject_id IN ({listed})"
        return sorted({*found, *(fact for (fact,) in self._view.rows(joining))})

    def ids(self) -> list[int]:
        """Return the ids of all facts of the space, past and current."""
        return [fact for (fact,) in self._view.rows("SELECT id FROM fact WHERE space = ?", self._view.state.id)]

    def deciding(self, facts: Iterable[int]) -> set[int]:
        """Return the episodes that state, retire or replace these facts (ids)."""
        listed = integers(facts)
        sql = (
            f"SELECT episode FROM fact_episode WHERE fact IN ({listed}) UNION SELECT retired_in FROM fact WHERE id IN"
            f" ({listed}) UNION SELECT known_to FROM fact WHERE id IN ({listed})"
        )
        return {episode for (episode,) in self._view.rows(sql) if episode is not None}

    def statements_between(
        self, facts: Iterable[int], after: int, before: int | None
    ) -> list[tuple[int, int, int, str | None]]:
        """Return the statements of facts (ids) after a time, in their order in time.

        Each is: fact, time (in clock ticks), episode, source.

        Args:
            facts: The ids of the facts.
            after: The time (in clock ticks) that the statements are later than.
            before: The time that they are earlier than; None for any.
        """
        sql = (
            "SELECT t.fact, t.at, t.episode, e.source FROM fact_episode t JOIN episode e ON e.space = t.space"
            f" AND e.number = t.episode WHERE t.fact IN ({integers(facts)}) AND t.at > ? AND t.at < ?"
            " ORDER BY t.at, t.episode"
        )
        return self._view.rows(sql, after, OPEN if before is None else before)

    def sources_at(self, fact: int, at: int) -> set[str | None]:
        """Return the sources of the episodes that state a fact (id) of a time (in clock ticks)."""
        sql = (
            "SELECT DISTINCT e.source FROM fact_episode t JOIN episode e ON e.space = t.space AND e.number = t.episode"
            " WHERE t.fact = ? AND t.at = ?"
        )
        return {source for (source,) in self._view.rows(sql, fact, at)}

    def _resolved_key(self, triplet: Triplet) -> tuple[str, str, str]:
        return triplet_key(self._view.resolve_triplet(triplet))

    # -- facts of a snapshot ---------------------------------------------------------------------------------------

    def at(self, snapshot: Snapshot = NOW, about: str | None = None) -> dict[int, Fact]:
        """Return the facts of a snapshot by id, in the order learned: all, or those that touch one name."""
        if about is None:
            return self._facts(f"f.space = :space AND {snapshot.condition}", snapshot)
        name = self.name_id(about)
        return {} if name is None else self._touching([name], snapshot.condition, snapshot)

    def linked_to(self, name: str, snapshot: Snapshot = NOW) -> dict[int, Fact]:
        """Return the facts of a snapshot that touch a name or its homonyms, by id; see `linked`."""
        return self._touching(self.linked([name]).values(), snapshot.condition, snapshot)

    def history(self, name: str, until: int) -> dict[int, Fact]:
        """Return every fact about a name or its homonyms that was known after episode `until`, by id."""
        return self._touching(self.linked([name]).values(), KNOWN, Snapshot(until))

    def _touching(self, names: Iterable[int], condition: str, snapshot: Snapshot, **values: object) -> dict[int, Fact]:
        return self._facts(_TOUCHING.format(names=integers(names), condition=condition), snapshot, **values)

    def lasting_after(self, name: str, at: int) -> dict[int, Fact]:
        """Return every fact about a name that held at a time (in clock ticks) or later, by id.

        A fact that was corrected never held.
        """
        known = self.name_id(name)
        lasting = "f.known_to IS NULL AND (f.valid_to IS NULL OR f.valid_to > max(:at, f.valid_from))"
        return {} if known is None else self._touching([known], lasting, NOW, at=at)

    def by_id(self, ids: Iterable[int], until: int) -> dict[int, Fact]:
        """Return facts by their ids, as they were after episode `until`."""
        return self._facts("f.id IN (SELECT value FROM json_each(:ids))", Snapshot(until), ids=json.dumps(list(ids)))

    def by_predicate(self, predicates: Iterable[str], snapshot: Snapshot = NOW) -> dict[int, Fact]:
        """Return the facts of some relations in a snapshot."""
        values = (
            f"f.space = :space AND f.predicate IN (SELECT value FROM json_each(:predicates)) AND {snapshot.condition}"
        )
        return self._facts(values, snapshot, predicates=json.dumps(list(predicates)))

    def around(self, names: Iterable[int], values: Iterable[str]) -> dict[int, Fact]:
        """Return the current facts that touch any of these names (ids), by id; at most the newest 100 on either side.

        Args:
            names: The ids of the names.
            values: Relations whose objects are mere values; a shared value connects no facts.
        """
        sides = " UNION ".join(
            "SELECT id FROM (SELECT f.id, row_number() OVER (PARTITION BY j.value ORDER BY f.id DESC) AS nth FROM"
            f" json_each(:names) j CROSS JOIN fact f ON f.{side}_id = j.value AND f.retired_in IS NULL{besides})"
            " WHERE nth <= :most"
            for side, besides in (
                ("subject", ""),
                ("object", " AND f.predicate NOT IN (SELECT value FROM json_each(:values))"),
            )
        )
        values = {"names": json.dumps(list(names)), "values": json.dumps(list(values)), "most": _NEAR}
        return self._facts(f"f.id IN ({sides})", NOW, **values)

    def _ends(self, triplet: Triplet) -> tuple[int, str, int] | None:
        subject, relation, thing = triplet_key(triplet)
        ids = self.name_id(subject), self.name_id(thing)
        return None if ids[0] is None or ids[1] is None else (ids[0], relation, ids[1])

    def _facts(self, condition: str, snapshot: Snapshot, **values: object) -> dict[int, Fact]:
        valid_at = None if snapshot.valid_at is None else self._view.to_clock(snapshot.valid_at)
        bound = {"space": self._view.state.id, "as_of": snapshot.as_of, "valid_at": valid_at, **values}
        rows = self._view.named_rows(f"{_FACT}{condition} ORDER BY f.id", bound)
        with self._view.decoding():
            facts = {row[0]: self._fact(row) for row in rows}
        if not snapshot.withdrawn:
            return facts
        return {number: fact for number, fact in facts.items() if not snapshot.withdrawn.issuperset(fact.episodes)}

    def _fact(self, row: tuple[Any, ...]) -> Fact:
        _, subject, relation, thing, since, to, learned_in, retired_in, episodes_text = row[:9]
        until = None if to is None else self._view.from_clock(to)
        episodes = tuple(sorted(map(int, episodes_text.split(","))))
        return Fact(subject, relation, thing, self._view.from_clock(since), until, learned_in, retired_in, episodes)

    # -- queries of the index in RAM -------------------------------------------------------------------------------

    def rows_after(self, number: int) -> list[tuple[Any, ...]]:
        """Return the facts that are known after an episode and not before, by id.

        Each is: id, id of the subject, id of the object, valid_from, valid_to, learned_in, retired_in, known_from,
        known_to and relation. The times are in clock ticks; valid_to, retired_in and known_to are OPEN for None.
        """
        sql = (
            "SELECT id, subject_id, object_id, valid_from, ifnull(valid_to, ?1), learned_in, ifnull(retired_in, ?1),"
            " known_from, ifnull(known_to, ?1), predicate FROM fact WHERE space = ?2 AND known_from > ?3 ORDER BY id"
        )
        return self._view.rows(sql, OPEN, self._view.state.id, number)

    def texts_after(self, number: int) -> list[str]:
        """Return the facts of `rows_after` as texts with their names as first written, in the same order."""
        sql = (
            "SELECT s.shown || ' ' || f.relation || ' ' || o.shown FROM fact f"
            " JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id"
            " WHERE f.space = ? AND f.known_from > ? ORDER BY f.id"
        )
        return [text for (text,) in self._view.rows(sql, self._view.state.id, number)]

    def texts(self, ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        """Return, by id: the text that a fact is searched by, and the identities of its subject and object."""
        sql = (
            "SELECT f.id, s.identity || ' ' || f.predicate || ' ' || o.identity, s.identity, o.identity FROM fact f"
            " JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id"
        )
        rows = self._view.rows(f"{sql} WHERE f.id IN ({integers(ids)})")
        return {fact: (text, subject, thing) for fact, text, subject, thing in rows}

    def retired_after(self, number: int) -> list[tuple[int, int, int, int]]:
        """Return the facts that were retired or replaced after an episode.

        Each is: id, valid_to (in clock ticks), retired_in and known_to; OPEN for None.
        """
        columns = "SELECT id, ifnull(valid_to, ?1), ifnull(retired_in, ?1), ifnull(known_to, ?1) FROM fact"
        sql = f"{columns} WHERE space = ?2 AND retired_in > ?3 UNION {columns} WHERE space = ?2 AND known_to > ?3"
        return self._view.rows(f"{sql} ORDER BY id", OPEN, self._view.state.id, number)

    # -- facts and the episodes that state them --------------------------------------------------------------------

    def stated_in(self, numbers: Iterable[int]) -> set[int]:
        """Return the ids of the facts that any of these episodes states."""
        sql = f"SELECT fact FROM fact_episode WHERE space = ? AND episode IN ({integers(numbers)})"
        return {fact for (fact,) in self._view.rows(sql, self._view.state.id)}

    def restated_after(self, number: int) -> list[tuple[int, int]]:
        """Return fact (id) and episode of each statement that `rows_after` or later episodes add to the facts.

        The first statement of each fact is left out.
        """
        statements = "SELECT t.fact, t.episode FROM fact_episode t JOIN fact f ON f.id = t.fact"
        sql = (
            f"{statements} WHERE t.space = ?1 AND t.episode > ?2 AND t.episode <> f.learned_in"
            f" UNION {statements} WHERE f.space = ?1 AND f.known_from > ?2 AND f.known_from > f.learned_in"
            " AND t.episode <> f.learned_in ORDER BY 2, 1"
        )
        return self._view.rows(sql, self._view.state.id, number)

    def stated_only_in(self, numbers: Iterable[int], until: int) -> set[int]:
        """Return the ids of the facts that only these episodes state, among the episodes up to `until`."""
        listed = integers(numbers)
        sql = (
            f"SELECT fact FROM fact_episode t WHERE space = ? AND episode IN ({listed}) AND NOT EXISTS (SELECT 1 FROM"
            f" fact_episode o WHERE o.fact = t.fact AND o.episode <= ? AND o.episode NOT IN ({listed}))"
            " AND (SELECT known_to FROM fact WHERE id = t.fact) IS NULL"
        )
        return {fact for (fact,) in self._view.rows(sql, self._view.state.id, until)}

    def shares(self, facts: Iterable[int], until: int) -> list[tuple[int, int, int]]:
        """Return the episodes up to `until` that state any of these facts (ids), in their order.

        Each is: its number, the count of these facts that it states, the count of all facts that it states.
        """
        sql = (
            "SELECT t.episode, count(*), (SELECT count(*) FROM fact_episode a JOIN fact f ON f.id = a.fact"
            f" WHERE a.space = t.space AND a.episode = t.episode AND {KNOWN}) FROM fact_episode t"
            f" WHERE t.space = :space AND t.fact IN ({integers(facts)}) AND t.episode <= :as_of"
            " GROUP BY t.episode ORDER BY t.episode"
        )
        return self._view.named_rows(sql, {"space": self._view.state.id, "as_of": until})

    def added_by(self, number: int) -> list[AddedFact]:
        """Return the facts that are known from an episode on, as they were after it, by id."""
        sql = (
            f"SELECT id, subject, relation, object, valid_from, {UNTIL}, iif(retired_in <= :as_of, retired_in, NULL),"
            " learned_in FROM fact f WHERE space = :space AND known_from = :as_of ORDER BY id"
        )
        rows = self._view.named_rows(sql, {"as_of": number, "space": self._view.state.id})
        changed = [row[0] for row in rows if row[7] != number]
        statements = defaultdict[int, list[tuple[int, int]]](list)
        for fact, at, episode in sorted(self.statements(changed)) if changed else []:
            if episode <= number:
                statements[fact].append((at, episode))
        return [
            AddedFact(fact, Triplet(subject, relation, thing), since, until, ended_by, tuple(statements[fact]))
            for fact, subject, relation, thing, since, until, ended_by, _ in rows
        ]

    def replaced_by(self, number: int) -> list[int]:
        """Return the facts (ids) in whose place others stand from an episode on."""
        sql = "SELECT id FROM fact WHERE space = ? AND known_to = ? ORDER BY id"
        return [fact for (fact,) in self._view.rows(sql, self._view.state.id, number)]

    def ends_of(self, ids: Iterable[int]) -> dict[int, int]:
        """Return the ends of facts (ids) in clock ticks."""
        return dict(self._view.rows(f"SELECT id, valid_to FROM fact WHERE id IN ({integers(ids)})"))

    def time_of_statements(self, number: int) -> int | None:
        """Return the time (in clock ticks) from which the facts of an episode hold; None if it states none."""
        rows = self._view.rows(
            "SELECT at FROM fact_episode WHERE space = ? AND episode = ? LIMIT 1", self._view.state.id, number
        )
        return rows[0][0] if rows else None

    def endings_by(self, number: int) -> list[tuple[Any, ...]]:
        """Return the ends by an episode that no fact shows: identities and relation, time in clock ticks, is_limit."""
        sql = (
            "SELECT subject, predicate, object, at, is_limit FROM ending WHERE space = ? AND episode = ?"
            " ORDER BY subject, predicate, object, at"
        )
        return self._view.rows(sql, self._view.state.id, number)

    def counted(self, until: int) -> Mapping[str, int]:
        """Return the counts after episode `until`: "current" facts, facts "ever", and "names"."""
        sql = (
            "SELECT sum(ifnull(retired_in > ?2, 1)), count(*) FROM fact WHERE space = ?1 AND known_from <= ?2"
            " AND ifnull(known_to > ?2, 1)"
        )
        current, ever = self._view.row(sql, self._view.state.id, until)
        names_sql = (
            "SELECT subject_id FROM fact WHERE space = ?1 AND known_from <= ?2"
            " UNION SELECT object_id FROM fact WHERE space = ?1 AND known_from <= ?2"
            " UNION SELECT name FROM mention WHERE space = ?1 AND episode <= ?2"
        )
        names = self._view.row(f"SELECT count(*) FROM ({names_sql})", self._view.state.id, until)[0]
        return {"current": current or 0, "ever": ever, "names": names}


class FactWriter(FactReader):
    """The facts and names of a space, in a transaction.

    It keeps the names that it reads and the current facts around them, so that each is read once in a transaction.
    """

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._transaction = transaction
        self.clear()

    def clear(self) -> None:
        """Forget what was read."""
        self._ids = dict[str, int | None]()
        """By identity: the id of a name, None for a name that the space does not have."""
        self._around = dict[int, dict[int, tuple[int, str, int]]]()
        """By id of a name, and id of a current fact: subject, predicate and object of the fact."""
        self._made = dict[int, tuple[Fact, int, int | None]]()
        """By id: the facts that were read, with valid_from and valid_to in ticks; few of those around a name are."""
        self._hubs = set[int]()
        """The ids of names with more than `_FEW` current facts; these facts are not kept."""
        self.next_end: int | None = self._view.state.next_end
        """The first known end of a current fact, in clock ticks; None without one."""
        self.last_ending: int | None = self._view.state.last_ending
        """The latest end that no fact shows, in clock ticks."""
        self._consulted, self._weighed = dict[int, Fact](), set[int]()
        """The facts that were returned, by id, and the ids of those whose statements were returned."""

    # -- what the transaction keeps --------------------------------------------------------------------------------

    def load(self, names: Iterable[str]) -> None:
        """Read the ids of names and the current facts around them, except those that were read before."""
        identities = (identity_of(self._view.resolve(name)) for name in names)
        missing = [identity for identity in dict.fromkeys(identities) if not self._is_loaded(identity)]
        if not missing:
            return
        self._ids |= dict.fromkeys(missing)
        for start in range(0, len(missing), _TOGETHER):
            self._load(missing[start : start + _TOGETHER])

    def _load(self, identities: Sequence[str]) -> None:
        """Read names, and the current facts around those that have few."""
        names = {f"name{place}": identity for place, identity in enumerate(identities)}
        sql = _SIDES.format(names=", ".join(f"(:{place})" for place in names))
        rows = self._view.named_rows(sql, {"space": self._view.state.id, "most": _FEW + 1, **names})
        for identity, name, as_subject, as_object in rows:
            self._ids[identity] = name
            outgoing, incoming = (side.split(" ") if side else [] for side in (as_subject, as_object))
            if len(outgoing) + len(incoming) > _FEW:
                self._hubs.add(name)
                continue
            around = {fact: (name, predicate, other) for fact, other, predicate in map(_parsed, outgoing)}
            around |= {fact: (other, predicate, name) for fact, other, predicate in map(_parsed, incoming)}
            self._around[name] = dict(sorted(around.items()))

    def _loaded(self, name: str) -> int | None:
        """Return the id of a name, loaded with the facts around it."""
        identity = identity_of(self._view.resolve(name))
        if not self._is_loaded(identity):
            self._ids[identity] = None
            self._load([identity])
        return self._ids[identity]

    def _is_loaded(self, identity: str) -> bool:
        if identity not in self._ids:
            return False
        name = self._ids[identity]
        return name is None or name in self._around or name in self._hubs

    def name_id(self, name: str) -> int | None:
        """Return the id of a name, or of the name that it was merged into."""
        identity = identity_of(self._view.resolve(name))
        if identity not in self._ids:
            self._ids[identity] = super().name_id(name)
        return self._ids[identity]

    def current(self, triplet: Triplet) -> StoredFact | None:
        """Return the current fact with this content."""
        subject, thing = self._loaded(triplet.subject), self._loaded(triplet.object)
        if subject is None or thing is None:
            return None
        ends = (subject, triplet_key(triplet)[1], thing)
        for name in (ends[0], ends[2]):
            if (around := self._around.get(name)) is not None:
                fact = next((fact for fact, triplet in around.items() if triplet == ends), None)
                return None if fact is None else self._current(fact, ends)
        return super().current(triplet)

    def _current(self, fact: int, ends: tuple[int, str, int]) -> StoredFact:
        ((value, valid_from, valid_to),) = self._read([fact])
        return StoredFact(fact, value, *ends, valid_from, valid_to)

    def _read(self, facts: Sequence[int]) -> list[tuple[Fact, int, int | None]]:
        """Return facts by their ids, each with valid_from and valid_to in ticks; each fact is read once."""
        if missing := [fact for fact in facts if fact not in self._made]:
            rows = self._view.rows(f"{_STORED}f.id IN ({integers(missing)})")
            with self._view.decoding():
                self._made |= {row[0]: (self._fact(row), row[4], row[5]) for row in rows}
        return [self._made[fact] for fact in facts]

    def about(
        self, name: str, as_subject: RelationFilter | None = None, as_object: RelationFilter | None = None
    ) -> tuple[Fact, ...]:
        """Return the current facts about a name, in the order learned; this is a FactsAround for the reviser.

        Args:
            name: The name; merged names are resolved.
            as_subject: Picks the relations of the facts with the name as subject; None for all facts.
            as_object: Picks the relations of the facts with the name as object; None for all facts.
        """
        if (known := self._loaded(name)) is None:
            return ()
        around = self._around.get(known)
        if around is None:
            facts = self._about_hub(known, name, as_subject, as_object)
            self._consulted |= facts
            return tuple(facts.values())
        wanted = [*around]
        if as_subject is not None and as_object is not None:
            wanted = [
                fact
                for fact, (subject, predicate, thing) in around.items()
                if (subject == known and as_subject(predicate)) or (thing == known and as_object(predicate))
            ]
        facts = {number: fact for number, (fact, *_) in zip(wanted, self._read(wanted), strict=True)}
        self._consulted |= facts
        return tuple(facts.values())

    def _about_hub(
        self, known: int, name: str, as_subject: RelationFilter | None, as_object: RelationFilter | None
    ) -> dict[int, Fact]:
        """Return the wanted facts of a name with many facts, by id, without reading the others."""
        if as_subject is None or as_object is None:
            return self.at(about=name)
        found = list[int]()
        for side, wanted in (("subject", as_subject), ("object", as_object)):
            for (relation,) in self._view.rows(_RELATIONS.format(side=side), known):
                if wanted(relation):
                    found += [fact for (fact,) in self._view.rows(_OF_RELATION.format(side=side), known, relation)]
        return self.by_id(found, END) if found else {}

    def _keep(self, stored: StoredFact) -> StoredFact:
        """Update what the transaction keeps after a fact changed, and return the fact."""
        self._made[stored.id] = (stored.fact, stored.valid_from, stored.valid_to)
        ends = (stored.subject, stored.predicate, stored.object)
        for name in (stored.subject, stored.object):
            if (around := self._around.get(name)) is None:
                continue
            if stored.fact.retired_in is None:
                around[stored.id] = ends
            else:
                around.pop(stored.id, None)
        return stored

    # -- writing ---------------------------------------------------------------------------------------------------

    def add_names(self, names: Iterable[str]) -> list[int]:
        """Return the ids of names in their order; new names are added."""
        resolved = [self._view.resolve(name) for name in names]
        shown = dict[str, str]()
        for name in resolved:
            shown.setdefault(identity_of(name), name)
        unread = [identity for identity in shown if identity not in self._ids]
        self._ids |= dict.fromkeys(unread) | self.name_ids(unread)
        new = [(self._view.state.id, *each, _base(each[0])) for each in shown.items() if self._ids[each[0]] is None]
        for start in range(0, len(new), _TOGETHER):
            group = new[start : start + _TOGETHER]
            sql = f"INSERT INTO name (space, identity, shown, base) VALUES {', '.join(['(?, ?, ?, ?)'] * len(group))}"
            for identity, name_id in self._view.rows(f"{sql} RETURNING identity, id", *chain.from_iterable(group)):
                self._ids[identity], self._around[name_id] = name_id, {}
        return [name_id for name in resolved if (name_id := self._ids[identity_of(name)]) is not None]

    def _name_to_write(self, name: str) -> int:
        """Return the id of a name; a new name is added."""
        known = self._ids.get(identity_of(self._view.resolve(name)))
        return self.add_names([name])[0] if known is None else known

    def add(
        self, triplet: Triplet, at: int, number: int, until: int | None = None, ended_by: int | None = None
    ) -> StoredFact:
        """Add a fact that an episode states first, and return it; `confirm` records the statement.

        Args:
            triplet: The content of the fact.
            at: The time from which it holds, in clock ticks.
            number: The episode.
            until: The time at which it ends, in clock ticks; None for a fact whose end is not known.
            ended_by: The episode that retired it; None while it is current.
        """
        return self._add(triplet, (at, until), (number, number), ended_by, (number,))

    def add_interval(
        self, triplet: Triplet, number: int, times: tuple[int, int | None], ended_by: int | None,
        statements: Sequence[tuple[int, int]],
    ) -> StoredFact:  # fmt: skip
        """Add a fact whose times an episode changes, and return it.

        Args:
            triplet: The content of the fact.
            number: The episode.
            times: The times from which and until which it holds, in clock ticks.
            ended_by: The episode that retired it; None while it is current.
            statements: The times (in clock ticks) and the episodes that state it.
        """
        episodes = tuple(sorted({episode for _, episode in statements}))
        stored = self._add(triplet, times, (episodes[0], number), ended_by, episodes)
        sql = (
            "INSERT INTO fact_episode (fact, episode, space, at) SELECT ?, json_extract(value, '$[1]'), ?,"
            " json_extract(value, '$[0]') FROM json_each(?)"
        )
        self._transaction.run(sql, stored.id, self._view.state.id, json.dumps(list(statements)))
        return stored

    def _add(
        self, triplet: Triplet, times: tuple[int, int | None], known: tuple[int, int], ended_by: int | None,
        episodes: tuple[int, ...],
    ) -> StoredFact:  # fmt: skip
        """Add a row; `known` has the episode that states the fact first, and the one from which on it is known."""
        subject, thing = map(self._name_to_write, triplet.ends)
        predicate, text = triplet_key(triplet)[1], (triplet.subject, triplet.relation, triplet.object)
        sql = (
            "INSERT INTO fact (space, subject_id, predicate, object_id, subject, relation, object, valid_from,"
            " valid_to, learned_in, known_from, retired_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
        )
        values = (self._view.state.id, subject, predicate, thing, *text, *times, *known, ended_by)
        fact: int = self._view.row(sql, *values)[0]
        if times[1] is not None and ended_by is None:
            self.next_end = times[1] if self.next_end is None else min(self.next_end, times[1])
        until = None if times[1] is None else self._view.from_clock(times[1])
        value = Fact(*text, self._view.from_clock(times[0]), until, known[0], ended_by, episodes)
        return self._keep(StoredFact(fact, value, subject, predicate, thing, *times))

    def confirm(self, facts: Sequence[StoredFact], number: int, at: int) -> list[StoredFact]:
        """Record that an episode states facts of a time (in clock ticks), and return them with that episode."""
        if facts:
            sql = "INSERT OR IGNORE INTO fact_episode (fact, episode, space, at) SELECT value, ?, ?, ?"
            ids = json.dumps([stored.id for stored in facts])
            self._transaction.run(f"{sql} FROM json_each(?)", number, self._view.state.id, at, ids)
        return [self._keep(_stated_in(stored, number)) for stored in facts]

    def retire(self, stored: StoredFact, at: int, number: int) -> StoredFact:
        """Close a fact at a time (in clock ticks) for an episode, and return it."""
        if stored.valid_to is not None:  # the end that was known before remains readable
            statements = [(when, episode) for _, when, episode in self.statements([stored.id])]
            self.replace([stored], number)
            return self.add_interval(stored.fact.triplet, number, (stored.valid_from, at), number, statements)
        self._transaction.run("UPDATE fact SET valid_to = ?, retired_in = ? WHERE id = ?", at, number, stored.id)
        fact = replace(stored.fact, valid_to=self._view.from_clock(at), retired_in=number)
        return self._keep(replace(stored, fact=fact, valid_to=at))

    def replace(self, facts: Iterable[StoredFact], number: int) -> None:
        """Record that from an episode on other facts stand in the place of these."""
        for stored in facts:
            sql = "UPDATE fact SET known_to = ?1, retired_in = ifnull(retired_in, ?1) WHERE id = ?2"
            self._transaction.run(sql, number, stored.id)
            self._keep(replace(stored, fact=replace(stored.fact, retired_in=number)))

    def retire_ended(self, at: int, number: int) -> list[StoredFact]:
        """Retire, for an episode, the current facts whose end is known and has passed by a time (in clock ticks)."""
        if self.next_end is None or self.next_end > at:
            return []
        condition = "f.space = ? AND f.retired_in IS NULL AND f.valid_to <= ? ORDER BY f.id"
        passed = self._stored(condition, self._view.state.id, at)
        retired = [self.retire(stored, stored.valid_to, number) for stored in passed if stored.valid_to is not None]
        self.next_end = self._first_end()
        return retired

    def _first_end(self) -> int | None:
        """Return the first known end of a current fact, in clock ticks."""
        sql = "SELECT min(valid_to) FROM fact WHERE space = ? AND retired_in IS NULL AND valid_to IS NOT NULL"
        end: int | None = self._view.row(sql, self._view.state.id)[0]
        return end

    def add_ending(self, triplet: Triplet, at: int, number: int, *, is_limit: bool) -> None:
        """Record an end of a triplet that no fact shows: the limit of a period, or the time of a text that ends it."""
        sql = (
            "INSERT OR IGNORE INTO ending (space, subject, predicate, object, at, episode, is_limit)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        self._transaction.run(sql, self._view.state.id, *self._resolved_key(triplet), at, number, is_limit)
        self.last_ending = at if self.last_ending is None else max(at, self.last_ending)

    def replace_endings(self, episodes: Iterable[int], number: int) -> None:
        """Record that from an episode on the ends that these episodes state no longer count."""
        stated = f"episode IN ({integers(episodes)}) AND known_to IS NULL"
        sql = f"UPDATE ending SET known_to = ? WHERE space = ? AND {stated}"
        self._transaction.run(sql, number, self._view.state.id)

    def endings(self, triplet: Triplet) -> list[tuple[int, int, int]]:
        """Return the ends of a triplet that no fact shows, without a read if the space has none."""
        return [] if self.last_ending is None else super().endings(triplet)

    def has_ending_after(self, triplets: Iterable[Triplet], at: int) -> bool:
        """Return whether an end of one of these triplets is recorded for a later time (in clock ticks)."""
        if self.last_ending is None or self.last_ending <= at:
            return False
        return any(end > at for triplet in triplets for end, *_ in self.endings(triplet))

    # -- what later episodes rest on -------------------------------------------------------------------------------

    def lasting_after(self, name: str, at: int) -> dict[int, Fact]:
        """Return every fact about a name that held at a time (in clock ticks) or later, by id."""
        found = super().lasting_after(name, at)
        self._consulted |= found
        return found

    def witnesses(self, triplet: Triplet) -> set[str]:
        """Return the sources that state a triplet and did not retire it later."""
        if (ends := self._ends(triplet)) is not None:
            condition = "subject_id = ? AND predicate = ? AND object_id = ?"
            self._weighed.update(fact for (fact,) in self._view.rows(f"SELECT id FROM fact WHERE {condition}", *ends))
        return super().witnesses(triplet)

    def sources_at(self, fact: int, at: int) -> set[str | None]:
        """Return the sources of the episodes that state a fact (id) of a time (in clock ticks)."""
        self._weighed.add(fact)
        return super().sources_at(fact, at)

    def intervals(self, triplet: Triplet) -> list[StoredFact]:
        """Return the facts with this content, past and current, by their beginning."""
        found = super().intervals(triplet)
        self._weighed.update(stored.id for stored in found)
        return found

    def covering(self, triplet: Triplet, at: int) -> StoredFact | None:
        """Return the fact with this content, past or current, that holds at a time (in clock ticks)."""
        if (found := super().covering(triplet, at)) is not None:
            self._weighed.add(found.id)
        return found

    def take_consulted(self) -> tuple[dict[int, Fact], set[int]]:
        """Return the facts that were consulted since the last call, by id, and the ids of those that were weighed."""
        taken = self._consulted, self._weighed
        self._consulted, self._weighed = {}, set()
        return taken

    def mark_basis(self, facts: Iterable[int], statements: Iterable[int]) -> None:
        """Record that the changes of an episode rest on facts (ids), and on who stated facts (ids)."""
        for bits, ids in ((BASIS_FACT, list(facts)), (BASIS_FACT | BASIS_STATEMENTS, list(statements))):
            if ids:
                sql = f"UPDATE fact SET basis = basis | ?1 WHERE id IN ({integers(ids)}) AND basis & ?1 <> ?1"
                self._transaction.run(sql, bits)


def _stated_in(stored: StoredFact, number: int) -> StoredFact:
    episodes = stored.fact.episodes
    if number in episodes:
        return stored
    return replace(stored, fact=replace(stored.fact, episodes=tuple(sorted((*episodes, number)))))


def _base(identity: str) -> str | None:
    """Return the column `base` of a name: None for an identity without homonyms."""
    base = base_of(identity)
    return None if base == identity else base


def integers(numbers: Iterable[int]) -> str:
    """Return ids or numbers as a list for SQL, such as "1,2,3"; "0", which is no id, for none.

    For an empty list SQLite would read the whole table.
    """
    return ",".join(str(int(number)) for number in numbers) or "0"


def _parsed(fact: str) -> tuple[int, int, str]:
    """Return id, other name and predicate of a fact as _SIDES writes it."""
    number, other, predicate = fact.split(",")
    return int(number), int(other), bytes.fromhex(predicate).decode()

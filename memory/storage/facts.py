"""Facts and names in the file: all SQL that reads or writes them. Decides nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.reviser import RelationFilter
from ariadne.memory.storage.snapshot import END, NOW, OPEN, Snapshot
from ariadne.values import Fact, Triplet

if TYPE_CHECKING:
    from ariadne.memory.storage.store import Transaction, View

_FACT = """
SELECT f.id, f.subject, f.relation, f.object, f.valid_from, iif(f.retired_in > :until, NULL, f.valid_to), f.learned_in,
       iif(f.retired_in > :until, NULL, f.retired_in),
       (SELECT group_concat(episode) FROM fact_episode WHERE fact = f.id AND episode <= :until)
FROM fact f WHERE """
_TOUCHING = (
    "f.id IN (SELECT id FROM fact f WHERE f.subject_id = :name AND {held}"
    " UNION SELECT id FROM fact f WHERE f.object_id = :name AND {held})"
)
_OF_RELATION = "SELECT id FROM fact WHERE {side}_id = ? AND retired_in IS NULL AND predicate = ?"
_CURRENT = """
SELECT n.id, f.id, f.predicate, 1 FROM name n CROSS JOIN fact f ON f.subject_id = n.id AND f.retired_in IS NULL
WHERE n.space = :space AND n.identity = :name
UNION ALL SELECT n.id, f.id, f.predicate, 0 FROM name n CROSS JOIN fact f ON f.object_id = n.id AND f.retired_in IS NULL
WHERE n.space = :space AND n.identity = :name LIMIT :most"""
_WORDS = re.compile(r"[^\w'\u2019-]+")
_LONGEST = 6  # words of a name that a text is searched for
_NEAR = 100  # facts on either side of a name
_FEW = 16
"""A name with more current facts than these is asked only for those that are wanted."""
_RELATIONS = """
WITH RECURSIVE one (relation) AS (
    SELECT min(predicate) FROM fact WHERE {side}_id = ?1 AND retired_in IS NULL
    UNION ALL SELECT (
        SELECT min(predicate) FROM fact WHERE {side}_id = ?1 AND retired_in IS NULL AND predicate > one.relation
    ) FROM one WHERE one.relation IS NOT NULL
) SELECT relation FROM one WHERE relation IS NOT NULL"""
"""The relations of the current facts on one side of a name: found by leaps, however many facts there are."""


class FactReader:
    """The facts and names of a space, as one view sees them."""

    def __init__(self, view: View) -> None:
        self._view = view

    # -- names -----------------------------------------------------------------------------------------------------

    def name_id(self, name: str) -> int | None:
        """The vertex of a name, or of the name that it was merged into."""
        meant = identity_of(self._view.resolve(name))
        rows = self._view.rows("SELECT id FROM name WHERE space = ? AND identity = ?", self._view.state.id, meant)
        return rows[0][0] if rows else None

    def name_ids(self, identities: Iterable[str]) -> dict[str, int]:
        """The vertices of those of these identities that are known."""
        sql = "SELECT n.identity, n.id FROM json_each(?) j CROSS JOIN name n ON n.space = ? AND n.identity = j.value"
        return dict(self._view.rows(sql, json.dumps(list(identities)), self._view.state.id))

    def named_in(self, text: str) -> list[int]:
        """The names (ids) that a text has, as whole words."""
        words = [word for word in _WORDS.split(text) if word]
        spans = (" ".join(words[i : i + n]) for i in range(len(words)) for n in range(1, _LONGEST + 1))
        return sorted(self.name_ids({identity_of(self._view.resolve(span)) for span in spans}).values())

    def names(self, ids: Iterable[int]) -> dict[int, str]:
        """How these names (ids) were first written."""
        return dict(self._view.rows(f"SELECT id, shown FROM name WHERE id IN ({integers(ids)})"))

    def shown(self) -> dict[str, str]:
        """The first written form of every name, by its identity."""
        return dict(self._view.rows("SELECT identity, shown FROM name WHERE space = ?", self._view.state.id))

    def named_after(self, fact: int) -> list[tuple[int, int, str]]:
        """For the facts with a higher id, in their order: the id, and each end's name as id and identity."""
        sql = (
            "SELECT f.id, n.id, n.identity FROM fact f JOIN name n ON n.id IN (f.subject_id, f.object_id)"
            " WHERE +f.space = ? AND f.id > ? ORDER BY f.id"  # +: by their ids, of which few are new
        )
        return self._view.rows(sql, self._view.state.id, fact)

    # -- what holds ------------------------------------------------------------------------------------------------

    def current(self, triplet: Triplet) -> int | None:
        """The id of the current fact that says this."""
        ends = self._ends(triplet)
        sql = "SELECT id FROM fact WHERE subject_id = ? AND predicate = ? AND object_id = ? AND retired_in IS NULL"
        rows = self._view.rows(sql, *ends) if ends else []
        return rows[0][0] if rows else None

    def witnesses(self, triplet: Triplet) -> set[str]:
        """The sources that said this, and did not end it themselves since."""
        if (ends := self._ends(triplet)) is None:
            return set()
        sql = (
            "SELECT e.source, max({number}) FROM fact f{statements} JOIN episode e ON e.space = f.space"
            " AND e.number = {number} WHERE f.subject_id = ? AND +f.object_id = ? AND f.predicate = ?"
            " AND e.source IS NOT NULL GROUP BY e.source"
        )
        subject, relation, thing = ends
        stated = sql.format(number="t.episode", statements=" JOIN fact_episode t ON t.fact = f.id")
        ended = dict(self._view.rows(sql.format(number="f.retired_in", statements=""), subject, thing, relation))
        said = self._view.rows(stated, subject, thing, relation)
        return {source for source, last in said if last >= ended.get(source, 0)}  # who states it again, ends nothing

    def covering(self, triplet: Triplet, at: int) -> int | None:
        """The id of the fact, past or current, that says that this held at a time."""
        ends = self._ends(triplet)
        sql = (
            "SELECT id FROM fact WHERE subject_id = ? AND predicate = ? AND object_id = ? AND valid_from <= ?4"
            " AND (valid_to IS NULL OR valid_to > ?4) ORDER BY id"
        )
        rows = self._view.rows(sql, *ends, at) if ends else []
        return rows[0][0] if rows else None

    def restated(self, fact: int, at: int) -> tuple[int, int] | None:
        """When a fact was next stated of a later time, and by which episode; None where it was not."""
        sql = (
            "SELECT e.at, e.number FROM fact_episode t JOIN episode e ON e.space = t.space AND e.number = t.episode"
            " WHERE t.fact = ? AND e.at > ? ORDER BY e.at, e.number LIMIT 1"
        )
        rows = self._view.rows(sql, fact, at)
        return rows[0] if rows else None

    def is_current(self, fact: int) -> bool:
        """Whether a fact holds now."""
        return bool(self._view.rows("SELECT 1 FROM fact WHERE id = ? AND retired_in IS NULL", fact))

    def began(self, fact: int) -> int:
        """Since when a fact holds, in the clock's integers."""
        since: int = self._view.row("SELECT valid_from FROM fact WHERE id = ?", fact)[0]
        return since

    def at(self, moment: Snapshot = NOW, about: str | None = None) -> dict[int, Fact]:
        """Facts that hold at a moment, in the order learned, by id: all, or those that touch a name."""
        if about is None:
            return self._facts(f"f.space = :space AND {moment.held}", moment)
        name = self.name_id(about)
        return {} if name is None else self._facts(_TOUCHING.format(held=moment.held), moment, name=name)

    def telling_of(self, name: str, as_subject: RelationFilter, as_object: RelationFilter) -> dict[int, Fact]:
        """Current facts of these relations about a name: fast even where thousands touch it."""
        asked: dict[str, object] = {
            "space": self._view.state.id,
            "name": identity_of(self._view.resolve(name)),
            "most": _FEW + 1,
        }
        near = self._view.named_rows(_CURRENT, asked)
        if len(near) > _FEW:
            return self._telling_of_hub(near[0][0], as_subject, as_object)
        says = as_object, as_subject
        wanted = [fact for _, fact, relation, is_subject in near if says[is_subject](relation)]
        return self.by_id(wanted, END) if wanted else {}

    def _telling_of_hub(self, name: int, as_subject: RelationFilter, as_object: RelationFilter) -> dict[int, Fact]:
        found = list[int]()
        for side, says in (("subject", as_subject), ("object", as_object)):
            for (relation,) in self._view.rows(_RELATIONS.format(side=side), name):
                if says(relation):
                    found += [fact for (fact,) in self._view.rows(_OF_RELATION.format(side=side), name, relation)]
        return self.by_id(found, END) if found else {}

    def history(self, name: str, until: int) -> dict[int, Fact]:
        """Every fact that ever touched a name."""
        known = "f.learned_in <= :until"
        return self._facts(_TOUCHING.format(held=known), Snapshot(until), name=self.name_id(name))

    def after(self, name: str, at: int) -> dict[int, Fact]:
        """Every fact about a name that held at a time or later; what was corrected never did."""
        lasting = "(f.valid_to IS NULL OR f.valid_to > max(:at, f.valid_from))"
        return self._facts(_TOUCHING.format(held=lasting), NOW, name=self.name_id(name), at=at)

    def by_id(self, ids: Iterable[int], until: int) -> dict[int, Fact]:
        """Facts by their ids, as they were after an episode."""
        return self._facts("f.id IN (SELECT value FROM json_each(:ids))", Snapshot(until), ids=json.dumps(list(ids)))

    def by_predicate(self, predicates: Iterable[str], moment: Snapshot = NOW) -> dict[int, Fact]:
        """Facts of these relations that hold at a moment."""
        asked = f"f.space = :space AND f.predicate IN (SELECT value FROM json_each(:predicates)) AND {moment.held}"
        return self._facts(asked, moment, predicates=json.dumps(list(predicates)))

    def around(self, names: Iterable[int], values: Iterable[str]) -> dict[int, Fact]:
        """Current facts that touch any of the names (ids), but as the object of relations whose objects are mere
        values; of a name that very many touch the newest on either side."""
        sides = " UNION ".join(
            "SELECT id FROM (SELECT f.id, row_number() OVER (PARTITION BY j.value ORDER BY f.id DESC) AS nth FROM"
            f" json_each(:names) j CROSS JOIN fact f ON f.{side}_id = j.value AND f.retired_in IS NULL{besides})"
            " WHERE nth <= :most"
            for side, besides in (
                ("subject", ""),
                ("object", " AND f.predicate NOT IN (SELECT value FROM json_each(:values))"),
            )
        )
        asked = {"names": json.dumps(list(names)), "values": json.dumps(list(values)), "most": _NEAR}
        return self._facts(f"f.id IN ({sides})", NOW, **asked)

    def _ends(self, triplet: Triplet) -> tuple[int, str, int] | None:
        subject, relation, thing = triplet_key(triplet)
        ids = self.name_id(subject), self.name_id(thing)
        return None if ids[0] is None or ids[1] is None else (ids[0], relation, ids[1])

    def _facts(self, condition: str, moment: Snapshot, **asked: object) -> dict[int, Fact]:
        valid_at = None if moment.valid_at is None else self._view.to_clock(moment.valid_at)
        bound = {"space": self._view.state.id, "until": moment.until, "valid_at": valid_at, **asked}
        rows = self._view.named_rows(f"{_FACT}{condition} ORDER BY f.id", bound)
        with self._view.decoding():
            return {row[0]: self._fact(row) for row in rows}

    def _fact(self, row: tuple[Any, ...]) -> Fact:
        _, subject, relation, thing, since, to, learned_in, retired_in, told = row
        until = None if to is None else self._view.from_clock(to)
        episodes = tuple(sorted(map(int, told.split(","))))
        return Fact(subject, relation, thing, self._view.from_clock(since), until, learned_in, retired_in, episodes)

    # -- what the index in RAM asks --------------------------------------------------------------------------------

    def rows_after(self, number: int) -> list[tuple[int, int, int, int, int, int, int, str]]:
        """The facts learned after an episode: id, the ids of its ends, valid from and to, taught and retired in (OPEN:
        not yet), relation."""
        sql = (
            "SELECT id, subject_id, object_id, valid_from, ifnull(valid_to, ?), learned_in, ifnull(retired_in, ?),"
            " predicate"
            " FROM fact WHERE space = ? AND learned_in > ? ORDER BY id"
        )
        return self._view.rows(sql, OPEN, OPEN, self._view.state.id, number)

    def texts_after(self, number: int) -> list[str]:
        """The texts of the facts learned after an episode, in the same order."""
        sql = (
            "SELECT s.identity || ' ' || f.predicate || ' ' || o.identity FROM fact f"
            " JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id"
            " WHERE f.space = ? AND f.learned_in > ? ORDER BY f.id"
        )
        return [text for (text,) in self._view.rows(sql, self._view.state.id, number)]

    def texts(self, ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        """By id: the text of a fact as it is searched for, and the identities of its two ends."""
        sql = (
            "SELECT f.id, s.identity || ' ' || f.predicate || ' ' || o.identity, s.identity, o.identity FROM fact f"
            " JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id"
        )
        rows = self._view.rows(f"{sql} WHERE f.id IN ({integers(ids)})")
        return {fact: (text, subject, thing) for fact, text, subject, thing in rows}

    def retired_after(self, number: int) -> list[tuple[int, int, int]]:
        """Id, valid to and retiring episode of the facts retired after an episode."""
        sql = "SELECT id, valid_to, retired_in FROM fact WHERE space = ? AND retired_in > ? ORDER BY id"
        return self._view.rows(sql, self._view.state.id, number)

    # -- facts and the episodes that state them --------------------------------------------------------------------

    def stated_in(self, numbers: Iterable[int]) -> set[int]:
        """Ids of the facts that any of the episodes states."""
        sql = f"SELECT fact FROM fact_episode WHERE space = ? AND episode IN ({integers(numbers)})"
        return {fact for (fact,) in self._view.rows(sql, self._view.state.id)}

    def restated_after(self, number: int) -> list[tuple[int, int]]:
        """Fact and episode, for every statement after an episode but the first one of each fact."""
        sql = (
            "SELECT t.fact, t.episode FROM fact_episode t JOIN fact f ON f.id = t.fact AND f.learned_in <> t.episode"
            " WHERE t.space = ? AND t.episode > ? ORDER BY t.episode, t.fact"
        )
        return self._view.rows(sql, self._view.state.id, number)

    def in_episodes(self, numbers: Iterable[int]) -> set[int]:
        """Those of these episodes that state a fact."""
        sql = f"SELECT DISTINCT episode FROM fact_episode WHERE space = ? AND episode IN ({integers(numbers)})"
        return {number for (number,) in self._view.rows(sql, self._view.state.id)}

    def stated_only_in(self, numbers: Iterable[int], until: int) -> set[int]:
        """Ids of the facts that these episodes state and, up to `until`, no other."""
        few = integers(numbers)
        sql = (
            f"SELECT fact FROM fact_episode t WHERE space = ? AND episode IN ({few}) AND NOT EXISTS (SELECT 1 FROM"
            f" fact_episode o WHERE o.fact = t.fact AND o.episode <= ? AND o.episode NOT IN ({few}))"
        )
        return {fact for (fact,) in self._view.rows(sql, self._view.state.id, until)}

    def retired_by(self, numbers: Iterable[int]) -> set[int]:
        """Ids of the facts that the episodes retired."""
        sql = f"SELECT id FROM fact WHERE space = ? AND retired_in IN ({integers(numbers)})"
        return {fact for (fact,) in self._view.rows(sql, self._view.state.id)}

    def shares(self, facts: Iterable[int], until: int) -> list[tuple[int, int, int]]:
        """For each episode that states any of the facts: its number, how many of them, and of how many in all."""
        sql = (
            "SELECT t.episode, count(*), (SELECT count(*) FROM fact_episode a WHERE a.space = t.space AND"
            f" a.episode = t.episode) FROM fact_episode t WHERE t.space = ? AND t.fact IN ({integers(facts)})"
            " AND t.episode <= ? GROUP BY t.episode ORDER BY t.episode"
        )
        return self._view.rows(sql, self._view.state.id, until)

    def times_of(self, ids: Iterable[int]) -> dict[int, tuple[Any, ...]]:
        """By id: the triplet as written, valid from and to as world times, and the episode that retired it."""
        sql = "SELECT id, subject, relation, object, valid_from, valid_to, retired_in FROM fact WHERE id IN"
        rows = self._view.rows(f"{sql} ({integers(ids)})")
        when = self._view.from_clock
        return {
            fact: ((subject, relation, thing), when(since), None if to is None else when(to), by)
            for fact, subject, relation, thing, since, to, by in rows
        }

    def counted(self, until: int) -> Mapping[str, int]:
        """How many facts hold, how many there ever were, and how many names, as known after an episode."""
        sql = "SELECT sum(ifnull(retired_in > ?2, 1)), count(*) FROM fact WHERE space = ?1 AND learned_in <= ?2"
        current, ever = self._view.row(sql, self._view.state.id, until)
        told = (
            "SELECT subject_id FROM fact WHERE space = ?1 AND learned_in <= ?2"
            " UNION SELECT object_id FROM fact WHERE space = ?1 AND learned_in <= ?2"
            " UNION SELECT name FROM mention WHERE space = ?1 AND episode <= ?2"
        )
        names = self._view.row(f"SELECT count(*) FROM ({told})", self._view.state.id, until)[0]
        return {"current": current or 0, "ever": ever, "names": names}


class FactWriter(FactReader):
    """The facts and names of a space, in a transaction."""

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._transaction = transaction

    def add_name(self, shown: str) -> int:
        """The vertex of a name, made where there is none."""
        if (found := self.name_id(shown)) is not None:
            return found
        sql = "INSERT INTO name (space, identity, shown) VALUES (?, ?, ?) RETURNING id"
        new: int = self._view.row(sql, self._view.state.id, identity_of(shown), shown)[0]
        return new

    def add(self, triplet: Triplet, at: int, number: int, closed: tuple[int, int] | None = None) -> int:
        """A new fact, closed from the start where it was told late: (valid to, the episode that says so)."""
        ids = self.add_name(triplet.subject), triplet_key(triplet)[1], self.add_name(triplet.object)
        told = (triplet.subject, triplet.relation, triplet.object)
        sql = (
            "INSERT INTO fact (space, subject_id, predicate, object_id, subject, relation, object, valid_from,"
            " valid_to, retired_in, learned_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
        )
        fact: int = self._view.row(sql, self._view.state.id, *ids, *told, at, *(closed or (None, None)), number)[0]
        self.state(fact, number)
        return fact

    def state(self, fact: int, number: int) -> None:
        """Tie a fact to an episode that states it."""
        sql = "INSERT OR IGNORE INTO fact_episode (fact, episode, space) VALUES (?, ?, ?)"
        self._transaction.run(sql, fact, number, self._view.state.id)

    def retire(self, fact: int, at: int, number: int) -> None:
        """Close a fact at a world time, as an episode says."""
        self._transaction.run("UPDATE fact SET valid_to = ?, retired_in = ? WHERE id = ?", at, number, fact)

    def rewind(self, number: int) -> None:
        """Make the facts and names of the space what they were before an episode."""
        space = self._view.state.id
        self._transaction.run("DELETE FROM fact_episode WHERE space = ? AND episode >= ?", space, number)
        self._transaction.run("DELETE FROM mention WHERE space = ? AND episode >= ?", space, number)
        self._transaction.run("DELETE FROM fact WHERE space = ? AND learned_in >= ?", space, number)
        reopened = "UPDATE fact SET valid_to = NULL, retired_in = NULL WHERE space = ? AND retired_in >= ?"
        self._transaction.run(reopened, space, number)
        self._transaction.run(
            "DELETE FROM name WHERE space = ?1 AND id NOT IN (SELECT subject_id FROM fact WHERE space = ?1 UNION SELECT"
            " object_id FROM fact WHERE space = ?1 UNION SELECT name FROM mention WHERE space = ?1)",
            space,
        )


def integers(numbers: Iterable[int]) -> str:
    """Integers, and nothing else, as they may stand in SQL."""
    return ",".join(str(int(number)) for number in numbers)

"""Whole rows of the graph, to compare two memories and to give one the rows of the other: all SQL for this."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ariadne.memory.storage.changes.deletion import contents_of
from ariadne.memory.storage.facts import integers
from ariadne.memory.storage.store import Transaction, View

Key = tuple[str, str, str]
"""The content of a fact: the identity of its subject, its relation as compared, and the identity of its object."""
Ending = tuple[str, str, str, int, int, int, int | None]
"""A row of `ending`, without its space."""
_COLUMNS = "valid_from, valid_to, learned_in, retired_in, known_from, known_to, basis"
_ROWS = f"""
SELECT f.id, s.identity, f.predicate, o.identity, f.subject, f.relation, f.object, {_COLUMNS}
FROM fact f JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id WHERE """
_OF_EPISODES = (
    "SELECT fact FROM fact_episode WHERE space = :space AND episode IN ({listed})"
    " UNION SELECT id FROM fact WHERE space = :space AND retired_in IN ({listed})"
    " UNION SELECT id FROM fact WHERE space = :space AND known_from IN ({listed})"
    " UNION SELECT id FROM fact WHERE space = :space AND known_to IN ({listed})"
)


@dataclass(frozen=True)
class FactRow:
    """A fact with all columns but its id, and its statements."""

    key: Key
    texts: Key
    """Subject, relation and object as written."""
    valid: tuple[int, int | None]
    """The times from which and until which it holds, in clock ticks."""
    learned_in: int
    retired_in: int | None
    known: tuple[int, int | None]
    """The episodes from which on it is known with these times, and from which on another stands in its place."""
    basis: int
    statements: frozenset[tuple[int, int]]
    """Time (in clock ticks) and episode of each statement."""


def rows_of(view: View, facts: Iterable[int] | None = None) -> dict[int, FactRow]:
    """Return facts by id, in the order learned: some, or all of the space."""
    condition = "f.space = ?" if facts is None else f"f.space = ? AND f.id IN ({integers(facts)})"
    rows = view.rows(f"{_ROWS}{condition} ORDER BY f.id", view.state.id)
    statements = defaultdict[int, set[tuple[int, int]]](set)
    for fact, at, episode in view.facts.statements(row[0] for row in rows):
        statements[fact].add((at, episode))
    return {row[0]: _fact_row(row, frozenset(statements[row[0]])) for row in rows}


def _fact_row(row: tuple[Any, ...], statements: frozenset[tuple[int, int]]) -> FactRow:
    since, until, learned_in, retired_in, known_from, known_to, basis = row[7:]
    known = known_from, known_to
    return FactRow(row[1:4], row[4:7], (since, until), learned_in, retired_in, known, basis, statements)


def facts_of(view: View, numbers: Iterable[int]) -> set[int]:
    """Return the ids of the facts that episodes state, retire or change."""
    sql = _OF_EPISODES.format(listed=integers(numbers))
    return {fact for (fact,) in view.named_rows(sql, {"space": view.state.id})}


def with_key(view: View, key: Key) -> list[int]:
    """Return the ids of the facts, past and current, with this content."""
    names = view.facts.name_ids((key[0], key[2]))
    sql = "SELECT id FROM fact WHERE subject_id = ? AND predicate = ? AND object_id = ?"
    return [fact for (fact,) in view.rows(sql, names.get(key[0]), key[1], names.get(key[2]))]


def endings_of(view: View, keys: Iterable[Key]) -> set[Ending]:
    """Return the ends that no fact shows, of triplets with this content."""
    columns = "subject, predicate, object, at, episode, is_limit, known_to"
    sql = f"SELECT {columns} FROM ending WHERE space = ? AND subject = ? AND predicate = ? AND object = ?"
    return {row for key in keys for row in view.rows(sql, view.state.id, *key)}


def mentions_of(view: View, numbers: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return the names that episodes mention in no fact, by number: how each is first written, by its identity."""
    sql = (
        "SELECT m.episode, n.identity, n.shown FROM mention m JOIN name n ON n.id = m.name"
        f" WHERE m.space = ? AND m.episode IN ({integers(numbers)})"
    )
    found = defaultdict[int, dict[str, str]](dict)
    for number, identity, shown in view.rows(sql, view.state.id):
        found[number][identity] = shown
    return found


def free_id(view: View, number: int, after: int, before: int | None) -> int | None:
    """Return an id that no fact has, for a fact that is known from an episode on, or None.

    Args:
        view: The view.
        number: The episode.
        after: The id is higher than this one, and than those of the facts that are known before.
        before: The id of the fact behind it that is known from the same episode on, or None.
    """
    sql = "SELECT id FROM fact WHERE space = ? AND known_from {} ? ORDER BY known_from {way}, id {way} LIMIT 1"
    after = max([after, *(fact for (fact,) in view.rows(sql.format("<", way="DESC"), view.state.id, number))])
    behind = [before] if before is not None else []
    behind += [fact for (fact,) in view.rows(sql.format(">", way="ASC"), view.state.id, number)]
    if not behind:
        (last,) = view.row("SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'fact'")
        return max(after, int(last)) + 1
    near = range(after + 1, min(*behind, after + 100))
    used = {fact for (fact,) in view.rows(f"SELECT id FROM fact WHERE id IN ({integers(near)})")}
    return next((fact for fact in near if fact not in used), None)


def write_rows(tx: Transaction, rows: Mapping[int, FactRow], deleted: Collection[int]) -> None:
    """Delete facts (ids), and write facts by their ids."""
    tx.facts.clear()
    changed, before = integers([*rows, *deleted]), contents_of(tx, [*rows, *deleted])
    tx.run(f"DELETE FROM fact_episode WHERE fact IN ({changed})")
    tx.run(f"DELETE FROM fact WHERE id IN ({changed})")
    for fact, row in sorted(rows.items()):
        subject, thing = tx.facts.add_names((row.texts[0], row.texts[2]))
        values = (*row.valid, row.learned_in, row.retired_in, *row.known, row.basis)
        tx.run(
            "INSERT INTO fact (id, space, subject_id, predicate, object_id, subject, relation, object,"
            f" {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            fact, tx.state.id, subject, row.key[1], thing, *row.texts, *values,
        )  # fmt: skip
        tx.run(
            "INSERT INTO fact_episode (fact, episode, space, at) SELECT ?, json_extract(value, '$[1]'), ?,"
            " json_extract(value, '$[0]') FROM json_each(?)",
            fact, tx.state.id, json.dumps(sorted(row.statements)),
        )  # fmt: skip
    tx.vectors.delete_unused(before, ())


def write_endings(tx: Transaction, former: set[Ending], endings: set[Ending]) -> None:
    """Replace ends that no fact shows by others."""
    for *key, _ in former - endings:
        condition = "subject = ? AND predicate = ? AND object = ? AND at = ? AND episode = ? AND is_limit = ?"
        tx.run(f"DELETE FROM ending WHERE space = ? AND {condition}", tx.state.id, *key)
    for row in endings - former:
        tx.run("INSERT INTO ending VALUES (?, ?, ?, ?, ?, ?, ?, ?)", tx.state.id, *row)


def write_mentions(tx: Transaction, number: int, names: Mapping[str, str]) -> None:
    """Replace the names that an episode mentions in no fact; the names are given as `mentions_of` returns them."""
    tx.run("DELETE FROM mention WHERE space = ? AND episode = ?", tx.state.id, number)
    tx.link_mentions(tx.facts.add_names(names.values()), number)

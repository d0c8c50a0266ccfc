"""Deletion from the graph: what rests on episodes, and the facts and names that only they have; all SQL for this."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.storage.facts import BASIS_STATEMENTS, integers
from ariadne.memory.storage.snapshot import END, OPEN
from ariadne.memory.storage.store import Transaction, View
from ariadne.values import Triplet

_RESTS_ON = (
    "SELECT 1 FROM fact WHERE space = :space AND retired_in IN ({listed}) AND id NOT IN ({alone})",
    "SELECT 1 FROM fact WHERE space = :space AND known_to IN ({listed}) AND id NOT IN ({alone})",
    "SELECT 1 FROM ending WHERE space = :space AND episode IN ({listed})",
    "SELECT 1 FROM episode WHERE space = :space AND (place NOT NULL OR replaced_in NOT NULL)"
    " AND (number IN ({listed}) OR replaced_in IN ({listed}) OR (number > :first AND place NOT NULL))",
    "SELECT 1 FROM fact WHERE id IN ({alone}) AND (basis OR known_to NOT NULL OR known_from NOT IN ({listed})"
    " OR (valid_to NOT NULL AND retired_in IS NULL) OR (retired_in > learned_in AND retired_in NOT IN ({listed})))",
    "SELECT 1 FROM fact WHERE id IN ({shared}) AND (basis & :basis OR known_to NOT NULL OR learned_in IN ({listed})"
    " OR known_from IN ({listed}) OR (valid_to NOT NULL AND retired_in IS NULL))",
    "SELECT 1 FROM fact f JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id JOIN ending e"
    " ON e.space = f.space AND e.subject = s.identity AND e.predicate = f.predicate AND e.object = o.identity"
    " WHERE f.id IN ({alone})",
    "SELECT 1 FROM fact f CROSS JOIN fact g ON g.subject_id = f.subject_id AND g.predicate = f.predicate"
    " AND g.object_id = f.object_id AND g.retired_in IS NULL WHERE f.id IN ({alone}) AND g.id NOT IN ({alone})",
    "SELECT 1 FROM fact f CROSS JOIN fact g ON g.subject_id = f.subject_id AND g.predicate = f.predicate"
    " AND g.object_id = f.object_id AND g.retired_in NOT NULL WHERE f.id IN ({alone}) AND g.id NOT IN ({alone})",
)
"""What finds a fact that may change without the episodes `listed`; the facts `alone` are stated in no others."""
_USED = """
SELECT value FROM json_each(:names) WHERE EXISTS (SELECT 1 FROM fact WHERE subject_id = value AND learned_in < :before)
OR EXISTS (SELECT 1 FROM fact WHERE object_id = value AND learned_in < :before)
OR EXISTS (SELECT 1 FROM mention WHERE name = value AND episode < :before)"""
"""Those of some names that a fact or an episode before :before has."""


# -- what rests on episodes --------------------------------------------------------------------------------------------


def is_basis(view: View, numbers: Sequence[int]) -> bool:
    """Return whether the facts that other episodes state may change if these episodes are deleted."""
    listed, alone = integers(numbers), view.facts.stated_only_in(numbers, END)
    shared = integers(view.facts.stated_in(numbers) - alone)
    values = {"space": view.state.id, "basis": BASIS_STATEMENTS, "first": min(numbers)}
    conditions = (each.format(listed=listed, alone=integers(alone), shared=shared) for each in _RESTS_ON)
    return any(view.named_rows(f"{condition} LIMIT 1", values) for condition in conditions)


def retired_by(view: View, numbers: Iterable[int]) -> set[int]:
    """Return the ids of the facts that these episodes retired."""
    sql = f"SELECT id FROM fact WHERE space = ? AND retired_in IN ({integers(numbers)}) AND known_to IS NULL"
    return {fact for (fact,) in view.rows(sql, view.state.id)}


def correcting(view: View, facts: Iterable[int]) -> set[int]:
    """Return the numbers of the corrections that replace or retract any of these facts (ids)."""
    sql = (
        "SELECT f.subject, f.relation, f.object, f.retired_in FROM fact f JOIN episode e ON e.space = f.space"
        f" AND e.number = f.retired_in WHERE f.id IN ({integers(facts)}) AND e.correction"
    )
    resolve = view.resolve_triplet
    return {
        number
        for *triplet, number in view.rows(sql)
        for pair in view.episodes.reading_of(number).reading.outdated
        if triplet_key(resolve(pair.old)) == triplet_key(Triplet(*triplet))
    }


def links_between(view: View, numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs of these episodes: each with the first one that states a fact that it states or retires."""
    listed = integers(numbers)
    stated = (
        "SELECT t.episode, f.learned_in FROM fact_episode t JOIN fact f ON f.id = t.fact"
        f" WHERE t.space = ?1 AND t.episode IN ({listed}) AND f.learned_in IN ({listed})"
    )
    retired = f"SELECT retired_in, learned_in FROM fact WHERE space = ?1 AND retired_in IN ({listed})"
    rows = view.rows(f"{stated} UNION {retired} AND learned_in IN ({listed})", view.state.id)
    return [(one, other) for one, other in rows if one != other]


# -- facts and names ---------------------------------------------------------------------------------------------------


def contents_of(view: View, facts: Iterable[int]) -> list[tuple[str, str, str]]:
    """Return subject (identity), relation and object (identity) of facts (ids)."""
    return view.rows(
        "SELECT s.identity, f.predicate, o.identity FROM fact f JOIN name s ON s.id = f.subject_id"
        f" JOIN name o ON o.id = f.object_id WHERE f.id IN ({integers(facts)})"
    )


def remove(tx: Transaction, numbers: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """Delete the statements and mentions of episodes, and the facts and names that only they have.

    Returns:
        The ids of the deleted facts, of the facts that others state too, and of the names that others have too.
    """
    space, listed = tx.state.id, integers(numbers)
    facts = sorted(tx.facts.stated_only_in(numbers, END))
    restated = sorted(tx.facts.stated_in(numbers).difference(facts))
    names = _ends_of(tx, facts)
    mentioned = f"SELECT name FROM mention WHERE space = ? AND episode IN ({listed})"
    names |= {name for (name,) in tx.rows(mentioned, space)}
    for table in ("fact_episode", "mention"):
        tx.run(f"DELETE FROM {table} WHERE space = ? AND episode IN ({listed})", space)
    delete_facts(tx, facts)
    used = used_names(tx, names)
    delete_names(tx, names - used)
    return facts, restated, sorted(used)


def _ends_of(view: View, facts: Iterable[int]) -> set[int]:
    rows = view.rows(f"SELECT subject_id, object_id FROM fact WHERE id IN ({integers(facts)})")
    return {name for row in rows for name in row}


def delete_facts(tx: Transaction, facts: Sequence[int]) -> None:
    """Delete facts (ids), their statements, and the vectors of their texts that no other fact has."""
    tx.facts.clear()
    texts = contents_of(tx, facts)
    tx.run(f"DELETE FROM fact_episode WHERE fact IN ({integers(facts)})")
    tx.run(f"DELETE FROM fact WHERE id IN ({integers(facts)})")
    tx.vectors.delete_unused(texts, ())


def delete_names(tx: Transaction, names: Iterable[int]) -> None:
    """Delete names (ids) that no fact has, their mentions, and the vectors that no other name has."""
    tx.facts.clear()
    listed = integers(names)
    tx.run(f"DELETE FROM mention WHERE name IN ({listed})")
    deleted = tx.rows(f"DELETE FROM name WHERE id IN ({listed}) RETURNING identity")
    tx.vectors.delete_unused((), [identity for (identity,) in deleted])


def used_names(view: View, names: Iterable[int], before: int = OPEN) -> set[int]:
    """Return those of these names (ids) that an episode before `before` has."""
    values = {"names": json.dumps(sorted(names)), "before": before}
    return {name for (name,) in view.named_rows(_USED, values)}


def first_use(view: View, name: int) -> int:
    """Return the first episode that has a name (id)."""
    columns = (
        ("learned_in", "fact", "subject_id"),
        ("learned_in", "fact", "object_id"),
        ("episode", "mention", "name"),
    )
    found = (view.row(f"SELECT min({number}) FROM {table} WHERE {of} = ?", name) for number, table, of in columns)
    return min(int(number) for (number,) in found if number is not None)


def show_name(tx: Transaction, name: int, shown: str) -> None:
    """Record the first written form of a name (id)."""
    tx.run("UPDATE name SET shown = ?1 WHERE id = ?2 AND shown <> ?1", shown, name)

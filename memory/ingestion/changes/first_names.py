"""The names of a space after a change of the past: which of them are left, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable

from ariadne.memory.ontology.names import identity_of
from ariadne.memory.storage.changes.deletion import delete_names, first_use, show_name, used_names
from ariadne.memory.storage.store import Transaction


def update_names(tx: Transaction, names: Iterable[int]) -> None:
    """Delete those of these names (ids) that no episode has, and show the others as their first episode writes them."""
    every = {*names}
    used = used_names(tx, every)
    delete_names(tx, every - used)
    show_first_written(tx, used)


def show_first_written(tx: Transaction, names: Iterable[int]) -> None:
    """Show names (ids) as the first episode that has them writes them."""
    for name in names:
        show_name(tx, name, _first_written(tx, name, first_use(tx, name)))


def _first_written(tx: Transaction, name: int, number: int) -> str:
    """Return how an episode first writes a name (id)."""
    reading = tx.episodes.reading_of(number).reading
    written = [*(end for triplet in reading.triplets for end in triplet.ends), *reading.names]
    identity = tx.facts.identities([name])[name]
    return next(resolved for resolved in map(tx.resolve, written) if identity_of(resolved) == identity)

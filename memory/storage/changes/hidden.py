"""Hidden spaces: drafts that replace a space once they are complete, and spaces that are deleted in slices.

A long change must not keep other writers waiting. It is made beside the space, in a draft, in many short transactions;
the last one exchanges the two. The old rows are deleted in slices. A draft that a crash left is deleted by the next
write.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ariadne.errors import MemoryBusy
from ariadne.memory.storage.changes.deletion import delete_facts, delete_names
from ariadne.memory.storage.store import Store, Transaction

SLICE, PAUSE = 0.015, 0.025
"""Seconds that a transaction of a long change takes at most, and seconds between two, in which others write."""
STALE = 3.0
"""Seconds without work on a draft after which it counts as abandoned."""
_TOGETHER = 10  # rows that are deleted between two looks at the clock
_OWN = ("id", "name", "rewritten", "deletions", "draft_of", "touched")
"""The columns of a space that its draft does not take over."""
HasTime = Callable[[], bool]


def in_slices(
    store: Store, step: Callable[[Transaction, HasTime], bool], *, create: bool = True, durable: bool = True
) -> None:
    """Call `step` in short transactions until it returns True; it works while the function that it gets returns True.

    It must do at least one piece of the work each time. The log is copied into the file between two transactions, so
    that it does not grow and others need not do it. If `durable` is False, `erase_deleted_text` must follow.
    """
    while True:
        with store.write(create=create, durable=False) as tx:
            if step(tx, _timer()):
                break
        end = time.monotonic() + PAUSE
        store.checkpoint()
        time.sleep(max(0.0, end - time.monotonic()))
    if durable:
        store.make_durable()


def _timer() -> HasTime:
    """Return a function that returns whether a slice still has time."""
    end = time.monotonic() + SLICE
    return lambda: time.monotonic() < end


def check_wait(store: Store, begun: float) -> None:
    """Raise MemoryBusy if a change waits since `begun` for another one of the same space, and that is too long."""
    if time.monotonic() - begun > store.timeout:
        raise MemoryBusy(store.path, store.timeout, "a longer change of this space")


# -- drafts ------------------------------------------------------------------------------------------------------------


def is_drafted(tx: Transaction) -> bool:
    """Return whether another change works on a draft of the space; an abandoned draft is given up."""
    if not tx.state.has_hidden:
        return False
    oldest = time.time() - STALE
    tx.run("UPDATE space SET draft_of = NULL WHERE name IS NULL AND draft_of = ? AND touched < ?", tx.state.id, oldest)
    return bool(tx.rows("SELECT 1 FROM space WHERE name IS NULL AND draft_of = ?", tx.state.id))


def settings(tx: Transaction) -> dict[str, Any]:
    """Return the columns of a space that its draft takes over, by name."""
    columns = [name for (name,) in tx.rows("SELECT name FROM pragma_table_info('space')") if name not in _OWN]
    return dict(zip(columns, tx.row(f"SELECT {', '.join(columns)} FROM space WHERE id = ?", tx.state.id), strict=True))


def begin_draft(tx: Transaction) -> Transaction:
    """Return a new draft of the space, without episodes, as the same transaction."""
    values = {**settings(tx), "last": 0, "rewritten": tx.state.rewritten + 1, "draft_of": tx.state.id}
    values["touched"] = time.time()
    sql = f"INSERT INTO space ({', '.join(values)}) VALUES ({', '.join('?' * len(values))}) RETURNING id"
    draft = tx.hidden(tx.row(sql, *values.values())[0])
    for table in tx.tables.of_settings:
        columns = tx.tables.copied(table)
        tx.run(
            f"INSERT INTO {table} (space, {columns}) SELECT ?, {columns} FROM {table} WHERE space = ?",
            draft.state.id,
            tx.state.id,
        )
    draft.mark_rewritten()
    return draft


def resume_draft(tx: Transaction, space: int) -> Transaction | None:
    """Return a draft of the space, given by its id, as the same transaction; None if it was given up."""
    touch = "UPDATE space SET touched = ? WHERE id = ? AND draft_of = ? RETURNING id"
    return tx.hidden(space) if tx.rows(touch, time.time(), space, tx.state.id) else None


def copy_episode(tx: Transaction, draft: Transaction, number: int) -> None:
    """Copy an episode of the space into a draft, without its facts, names and mentions."""
    for table in tx.tables.of_episodes:
        columns, column = tx.tables.copied(table), tx.tables.episode_column(table)
        tx.run(
            f"INSERT INTO {table} (space, {columns}) SELECT ?, {columns} FROM {table} WHERE space = ? AND {column} = ?",
            draft.state.id, tx.state.id, number,
        )  # fmt: skip
    (episode,) = draft.episodes.with_passages([number])
    draft.words.add(episode)
    draft.advance(number)


def publish(tx: Transaction, draft: Transaction, before: dict[str, Any]) -> None:
    """Let a draft take the place of the space, which becomes one to delete.

    Args:
        tx: The transaction.
        draft: The draft.
        before: The settings of the space when the draft began; later changes of them are taken over.
    """
    changed = {name: value for name, value in settings(tx).items() if value != before[name] or name == "last"}
    assigned = ", ".join(f"{name} = ?" for name in changed)
    tx.run(f"UPDATE space SET {assigned} WHERE id = ?", *changed.values(), draft.state.id)
    discard(tx, tx.state.id)
    tx.run("UPDATE space SET name = ?, draft_of = NULL, touched = NULL WHERE id = ?", tx.space, draft.state.id)


def discard(tx: Transaction, space: int) -> None:
    """Make a space, given by its id, one to delete."""
    tx.run("UPDATE space SET name = NULL, draft_of = NULL, touched = ? WHERE id = ?", time.time(), space)


# -- deleting ----------------------------------------------------------------------------------------------------------


def delete_discarded(store: Store, *, has_deleted: bool = True) -> None:
    """Delete the rows of all spaces that are to be deleted, and all bytes of deleted text.

    Args:
        store: The file.
        has_deleted: Whether text was deleted already, so that there are bytes to delete.
    """
    with store.read() as view:
        has_deleted |= (has_hidden := bool(view.rows("SELECT 1 FROM space WHERE name IS NULL AND draft_of IS NULL")))
    if has_hidden:
        in_slices(store, _delete_discarded, create=False)
    if has_deleted:
        store.erase_deleted_text()


def has_abandoned(tx: Transaction) -> bool:
    """Return whether the file has a draft, or a space to delete, that a crash left."""
    return tx.state.has_hidden and bool(tx.rows(f"SELECT 1 FROM space WHERE name IS NULL AND {_abandoned()}"))


def _abandoned() -> str:
    return f"touched < {time.time() - STALE}"


def delete_abandoned(store: Store) -> None:
    """Delete a slice of the drafts and spaces that a crash left; in the end delete their bytes, too."""
    with store.write(create=False) as tx:
        if not has_abandoned(tx):
            return
        done = _delete_discarded(tx, _timer(), _abandoned())
    if done:
        store.erase_deleted_text()


def _delete_discarded(tx: Transaction, has_time: HasTime, condition: str = "draft_of IS NULL") -> bool:
    """Delete a slice of the hidden spaces that meet a condition; return whether nothing of them is left."""
    for (space,) in tx.rows(f"SELECT id FROM space WHERE name IS NULL AND {condition}"):
        hidden = tx.hidden(space)
        tx.run("UPDATE space SET draft_of = NULL, touched = ? WHERE id = ?", time.time(), space)
        while _delete_some(hidden):
            if not has_time():
                return False
        for table in tx.tables.columns:
            tx.run(f"DELETE FROM {table} WHERE space = ?", space)
        tx.run("DELETE FROM space WHERE id = ?", space)
    return True


def _delete_some(hidden: Transaction) -> bool:
    """Delete some episodes, facts or names of a space; return whether there were any."""
    space, sql = hidden.state.id, "SELECT {} FROM {} WHERE space = ? LIMIT ?"
    if numbers := _first(hidden.rows(sql.format("number", "episode"), space, _TOGETHER)):
        hidden.delete_episodes(numbers)
        return True
    if facts := _first(hidden.rows(sql.format("id", "fact"), space, _TOGETHER)):
        delete_facts(hidden, facts)
        return True
    if names := _first(hidden.rows(sql.format("id", "name"), space, _TOGETHER)):
        delete_names(hidden, names)
        return True
    return False


def _first(rows: Sequence[Any]) -> list[int]:
    return [row[0] for row in rows]

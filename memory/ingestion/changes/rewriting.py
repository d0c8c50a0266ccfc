"""The graph of a space made again in slices, so that no other writer waits for long.

A draft is made beside the space: its episodes are copied and replayed, those that others append meanwhile too. Then the
draft takes the place of the space, and the old rows are deleted. A reader sees the one or the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ariadne.errors import MemoryFileError
from ariadne.memory.ingestion.changes.local import LocalChange
from ariadne.memory.ingestion.updates import replay
from ariadne.memory.ontology.reviser import ReviserOf
from ariadne.memory.storage.changes import hidden
from ariadne.memory.storage.changes.hidden import HasTime
from ariadne.memory.storage.store import Store, Transaction, View

Change = Callable[[Transaction], None]
_TOGETHER = 100  # numbers of episodes that are read at a time


@dataclass
class Rewriting:
    """One change of the past of a space.

    Args:
        store: The space.
        reviser_in: Returns what finds the reviser of a text, for a space.
        change: Changes the settings of the draft, such as its merged names, before its episodes come.
        without: The numbers of the episodes that the draft does not get.
        divided: By number of an episode: which of its names stand for which names with kinds in the draft.
    """

    store: Store
    reviser_in: Callable[[View], ReviserOf]
    change: Change = lambda _: None
    without: frozenset[int] = frozenset()
    divided: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    _draft: int = 0
    _before: dict[str, Any] = field(default_factory=dict)

    def apply(self) -> None:
        """Make the change, and delete what it replaces.

        Raises:
            MemoryFileError: The change cannot be written; or it is made, but the former rows cannot be deleted yet.
        """
        if not self._local.apply():
            self._make(hidden.publish)
        try:
            hidden.delete_discarded(self.store)
        except MemoryFileError as error:
            problem = "the change is made, but the former rows are not deleted yet; the next write continues"
            raise MemoryFileError(f"{self.store.path}: {problem} ({error})") from error

    def preview(self, read: Callable[[View], None]) -> None:
        """Read the space as it would be after the change, and change nothing."""
        if self._local.preview(read):
            return
        self._make(lambda _, draft, __: read(draft))
        with self.store.write() as tx:
            hidden.discard(tx, self._draft)
        hidden.delete_discarded(self.store)

    @property
    def _local(self) -> LocalChange:
        return LocalChange(self.store, self.reviser_in, self.change, self.without, self.divided)

    def _make(self, finish: Callable[[Transaction, Transaction, dict[str, Any]], None]) -> None:
        begun = time.monotonic()

        def step(tx: Transaction, has_time: HasTime) -> bool:
            nonlocal begun
            if (draft := hidden.resume_draft(tx, self._draft) if self._draft else None) is None:
                if hidden.is_drafted(tx):
                    hidden.check_wait(self.store, begun)
                    return False
                draft = self._begin(tx)
            begun = time.monotonic()
            if not self._copy(tx, draft, has_time):
                return False
            _delete_lost_aliases(tx, draft)
            finish(tx, draft, self._before)
            return True

        hidden.in_slices(self.store, step)

    def _begin(self, tx: Transaction) -> Transaction:
        self._before, draft = hidden.settings(tx), hidden.begin_draft(tx)
        self._draft = draft.state.id
        self.change(draft)
        draft.mark_rewritten()
        return draft

    def _copy(self, tx: Transaction, draft: Transaction, has_time: HasTime) -> bool:
        """Copy and replay the next episodes; return whether the draft has all."""
        reviser_of, latest = self.reviser_in(draft), draft.state.latest
        while numbers := tx.episodes.numbers(draft.state.last + 1, most=_TOGETHER):
            for number in numbers:
                if number not in self.without:
                    hidden.copy_episode(tx, draft, number)
                    if self.without:
                        draft.restore_replaced(number, tx.state.id, self.without)
                    if number in self.divided:
                        draft.set_divided(number, self.divided[number])
                    latest = replay(draft, reviser_of, number, latest)
                    if not has_time():
                        return False
            draft.advance(numbers[-1])
        return True


def _delete_lost_aliases(tx: Transaction, draft: Transaction) -> None:
    """Delete the merges of a draft whose target only the space has."""
    for alias, _, _ in draft.alias_rows():
        if draft.facts.name_id(alias) is None and tx.facts.name_id(alias) is not None:
            draft.delete_alias(alias)

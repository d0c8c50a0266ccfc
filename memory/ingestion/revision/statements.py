"""What one episode states, resolved, and what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ariadne.memory.storage.episodes import Changes
from ariadne.memory.storage.facts import StoredFact
from ariadne.values import Episode, Reading, Replacement, Triplet, Update


@dataclass(frozen=True)
class Statement:
    """What one episode states: its resolved triplets, each once, from a world time on, by a source.

    Times are in clock ticks. The triplets end at `until`; if it is no later than `at`, they end without a beginning.
    """

    number: int
    at: int
    until: int | None
    latest: int
    """The latest world time of this episode and of those before it."""
    source: str | None
    triplets: tuple[Triplet, ...]
    outdated: tuple[Replacement, ...]
    declared: frozenset[Replacement]
    """Those of `outdated` that the caller declares; the others are proposals, which the reviser judges."""

    @property
    def is_late(self) -> bool:
        """Whether an earlier episode is about a later time."""
        return self.at < self.latest

    @property
    def begun(self) -> tuple[Triplet, ...]:
        """The triplets that hold from `at` on."""
        return self.triplets if self.until is None or self.until > self.at else ()


@dataclass(frozen=True)
class FactChanges:
    """The facts that a statement changed, as they are after it, and the pairs that were refused."""

    added: Sequence[StoredFact] = ()
    restated: Sequence[StoredFact] = ()
    retired: Sequence[StoredFact] = ()
    refused: Sequence[Replacement] = ()

    @property
    def by_id(self) -> Changes:
        """The same with the ids of the facts."""
        changed = (self.added, self.restated, self.retired)
        added, restated, retired = (tuple(each.id for each in facts) for facts in changed)
        return Changes(added, restated, retired, tuple(self.refused))

    def as_update(self, episode: Episode, reading: Reading) -> Update:
        """Return the same as the caller sees it."""
        added, restated, retired = (
            [each.fact for each in facts] for facts in (self.added, self.restated, self.retired)
        )
        return Update(episode, reading, tuple(added), tuple(restated), tuple(retired), tuple(self.refused))

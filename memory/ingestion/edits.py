"""What rewrites the past, and only where it is asked to: forgetting episodes, and taking two names for one.

The episodes are the truth: after each of these the graph is made anew from those that are left, by the names as they
are now meant. So a merge can be undone, and what was forgotten is as though it had never been told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ariadne.errors import InvalidInput
from ariadne.memory.ingestion.updates import relearn
from ariadne.memory.inputs import check_mapping, check_optional, checked_numbers
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.ontology.reviser import Reviser
from ariadne.memory.storage.snapshot import END
from ariadne.memory.storage.store import Transaction, View
from ariadne.values import Episode, Fact, When


@dataclass(frozen=True)
class Forgotten:
    """What was forgotten (or would be): episodes, facts that only they stated, and what holds again without them."""

    episodes: tuple[Episode, ...] = ()
    facts: tuple[Fact, ...] = ()
    restored: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class EpisodeFilter:
    """Which episodes are to be forgotten: those that all conditions apply to; at least one is given."""

    before: When | None = None
    source: str | None = None
    where: Mapping[str, str] | None = None
    episodes: Iterable[int] | None = None

    def __post_init__(self) -> None:
        check_optional(self.source)
        check_mapping(self.where, "where")
        if self.before is None and self.source is None and not self.where and self.episodes is None:
            raise InvalidInput("forget what? Say before, source, where or episodes")
        if self.where and self.source is not None and self.where.get("source", self.source) != self.source:
            raise InvalidInput(f"no episode comes from {self.source!r} and from {self.where['source']!r}")


def chosen(view: View, wanted: EpisodeFilter) -> list[int]:
    """The numbers of the episodes wanted, ascending."""
    told = {**(wanted.where or {}), **({} if wanted.source is None else {"source": wanted.source})}
    numbers = view.episodes.where(told, None if wanted.before is None else view.to_clock(wanted.before))
    if wanted.episodes is not None:
        numbers.intersection_update(checked_numbers(wanted.episodes, "episodes"))
    return sorted(numbers)


def forget(tx: Transaction, reviser: Reviser, numbers: list[int]) -> Forgotten:
    """Delete episodes, and with them what none but they taught."""
    if not numbers:
        return Forgotten()
    gone = tx.facts.by_id(tx.facts.stated_only_in(numbers, END), END)
    open_again = tx.facts.by_id(tx.facts.retired_by(numbers) - gone.keys(), END)
    episodes = tuple(tx.episodes.some(numbers))
    called = [known for known, _, _ in tx.alias_rows() if tx.facts.name_id(known) is not None]
    tx.episodes.delete(numbers)
    relearn(tx, reviser, numbers[0])
    for known in called:
        if tx.facts.name_id(known) is None:  # nothing is left that was called so
            tx.delete_alias(known)
    tx.vectors.delete_idle()
    now = [tx.facts.current(fact.triplet) for fact in open_again.values()]
    restored = tx.facts.by_id(filter(None, now), END)
    return Forgotten(episodes, tuple(gone.values()), tuple(restored.values()))


def merge(tx: Transaction, reviser: Reviser, name: str, into: str) -> None:
    """Take a name for another from now on and ever since."""
    meant = tx.resolve(into)
    if identity_of(name) == identity_of(meant):
        raise InvalidInput(f"{name!r} and {into!r} are one name already")
    if identity_of(name) in tx.aliases:
        raise InvalidInput(f"{name!r} was merged into {tx.resolve(name)!r}: split it first")
    tx.add_alias(identity_of(name), name, into)
    relearn(tx, reviser)


def split(tx: Transaction, reviser: Reviser, name: str) -> None:
    """Undo a merge."""
    if identity_of(name) not in tx.aliases:
        raise InvalidInput(f"{name!r} was not merged into another name")
    tx.delete_alias(identity_of(name))
    relearn(tx, reviser)


def aliases(view: View, name: str) -> tuple[str, ...]:
    """The other names of what a name means, as they were merged."""
    meant = identity_of(view.resolve(name))
    return tuple(shown for known, shown, _ in view.alias_rows() if identity_of(view.resolve(known)) == meant)

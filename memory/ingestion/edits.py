"""Changes of the past, on request only: episodes are forgotten, two names become one, and one name becomes two.

The episodes are the truth: after each change the graph is made again from those that are left, with the names resolved
as they are now. So a merge can be undone, and a forgotten text leaves no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ariadne.errors import InvalidInput
from ariadne.memory.ingestion.updates import rebuild
from ariadne.memory.inputs import Entity
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.ontology.reviser import ReviserOf
from ariadne.memory.storage.snapshot import END
from ariadne.memory.storage.store import Transaction, View
from ariadne.memory.storage.where import EpisodeFilter
from ariadne.values import Episode, Fact


@dataclass(frozen=True)
class ForgetResult:
    """What was forgotten (or would be): episodes, facts that only they stated, and facts that hold again."""

    episodes: tuple[Episode, ...] = ()
    facts: tuple[Fact, ...] = ()
    restored: tuple[Fact, ...] = ()


def matching(view: View, wanted: EpisodeFilter) -> list[int]:
    """Return the numbers of the episodes to forget, ascending; raise InvalidInput for a filter without conditions."""
    if wanted.is_empty:
        raise InvalidInput("forget which episodes? Give since, before, source, where, episodes or expired")
    return sorted(view.episodes.matching(wanted, strict=True) or ())


def forget(tx: Transaction, reviser_of: ReviserOf, numbers: list[int]) -> ForgetResult:
    """Delete episodes, and all that only they taught."""
    if not numbers:
        return ForgetResult()
    facts = tx.facts.by_id(tx.facts.stated_only_in(numbers, END), END)
    reopened = tx.facts.by_id(tx.facts.retired_by(numbers) - facts.keys(), END)
    episodes = tuple(tx.episodes.some(numbers))
    aliases = [alias for alias, _, _ in tx.alias_rows() if tx.facts.name_id(alias) is not None]
    tx.delete_episodes(numbers)
    rebuild(tx, reviser_of, numbers[0])
    for alias in aliases:
        if tx.facts.name_id(alias) is None:  # its target was forgotten
            tx.delete_alias(alias)
    tx.vectors.delete_unused()
    current = [tx.facts.current(fact.triplet) for fact in reopened.values()]
    restored = tx.facts.by_id((stored.id for stored in current if stored is not None), END)
    return ForgetResult(episodes, tuple(facts.values()), tuple(restored.values()))


def merge(tx: Transaction, reviser_of: ReviserOf, name: str, into: str) -> None:
    """Take a name for another, for all episodes; raises InvalidInput for one name or a name that was merged before."""
    target = tx.resolve(into)
    if identity_of(name) == identity_of(target):
        raise InvalidInput(f"{name!r} and {into!r} are one name already")
    if identity_of(name) in tx.aliases:
        raise InvalidInput(f"{name!r} was merged into {tx.resolve(name)!r}: split it first")
    tx.add_alias(identity_of(name), name, into)
    rebuild(tx, reviser_of)


def split(tx: Transaction, reviser_of: ReviserOf, name: str) -> None:
    """Undo a merge; raises InvalidInput for a name that was not merged."""
    if identity_of(name) not in tx.aliases:
        raise InvalidInput(f"{name!r} was not merged into another name")
    tx.delete_alias(identity_of(name))
    rebuild(tx, reviser_of)


def divide(tx: Transaction, reviser_of: ReviserOf, name: str, numbers: Sequence[int], kind: str | None) -> None:
    """Give a name a kind in some episodes, or with None take it away again.

    Raises:
        InvalidInput: No episode is given, there is no such episode, or one does not have the name.
    """
    if not numbers:
        raise InvalidInput(f"episodes=[] is empty: give the episodes in which {name!r} is a homonym")
    for number in numbers:
        tx.set_divided(number, _divided(tx, name, number, kind))
    rebuild(tx, reviser_of, min(numbers))


def _divided(view: View, name: str, number: int, kind: str | None) -> dict[str, str]:
    """Return the names with kinds of an episode, with another kind for one of its names."""
    if not view.episodes.some([number]):
        raise InvalidInput(f"episodes=...: there is no episode {number}; see episodes({name!r})")
    given, identity = view.episodes.given_reading_of(number), identity_of(name)
    if identity not in map(identity_of, given.names):
        raise InvalidInput(f"episodes=...: episode {number} does not have the name {name!r}; see episodes({name!r})")
    others = {known: target for known, target in given.divided.items() if known != identity}
    return others if kind is None else {**others, identity: Entity(name, kind=kind)}


def aliases(view: View, name: str) -> tuple[str, ...]:
    """Return the names that were merged into what a name resolves to, as they were written."""
    target = identity_of(view.resolve(name))
    return tuple(shown for alias, shown, _ in view.alias_rows() if identity_of(view.resolve(alias)) == target)

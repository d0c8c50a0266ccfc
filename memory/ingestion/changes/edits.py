"""Changes of the past, on request only: episodes are forgotten, two names become one, and one name becomes two.

The episodes are the truth: after each change the graph is as if the episodes that are left had been remembered alone,
with the names resolved as they are now. So a merge can be undone, and a forgotten text leaves no trace.

Most episodes can be deleted with the facts that only they state, since nothing rests on them. Otherwise the graph is
made again; see `rewriting`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ariadne.errors import InvalidInput
from ariadne.memory.ingestion.changes.first_names import show_first_written
from ariadne.memory.ingestion.changes.persons import Person
from ariadne.memory.ingestion.changes.rewriting import Rewriting
from ariadne.memory.inputs import Entity
from ariadne.memory.ontology.names import base_of, folded, identity_of, is_qualified
from ariadne.memory.ontology.reviser import ReviserOf
from ariadne.memory.storage.changes import deletion, hidden
from ariadne.memory.storage.changes.hidden import HasTime
from ariadne.memory.storage.snapshot import END
from ariadne.memory.storage.store import Deletion, State, Store, Transaction, View
from ariadne.memory.storage.where import EpisodeFilter
from ariadne.values import Episode, Fact

ReviserIn = Callable[[View], ReviserOf]
_MOST = 50
"""The most episodes that are deleted in one transaction because they depend on each other."""


@dataclass(frozen=True)
class ForgetResult:
    """What was forgotten (or would be): episodes, facts that only they stated, and facts that hold again."""

    episodes: tuple[Episode, ...] = ()
    facts: tuple[Fact, ...] = ()
    restored: tuple[Fact, ...] = ()


def matching(view: View, wanted: EpisodeFilter, person: Person | None = None) -> list[int]:
    """Return the episodes to forget, ascending, with the corrections of what only they state.

    Raises:
        InvalidInput: No condition is given.
    """
    if wanted.is_empty and person is None:
        raise InvalidInput("forget which episodes? Give since, before, source, where, episodes, expired or person")
    found = view.episodes.matching(wanted, strict=True)
    if person is not None:
        found = person.concerned(view, found)
    return sorted(_with_corrections(view, found or set()))


def _with_corrections(view: View, numbers: set[int]) -> set[int]:
    """Return episodes with those that correct or retract the facts that only these episodes state."""
    found, new = set(numbers), set(numbers)
    while new:
        new = deletion.correcting(view, view.facts.stated_only_in(found, END)) - found
        found |= new
    return found


# -- forget ------------------------------------------------------------------------------------------------------------


def forget(
    store: Store, reviser_in: ReviserIn, wanted: EpisodeFilter, person: Person | None, *, dry_run: bool
) -> ForgetResult:
    """Delete episodes, and all that only they taught; with `dry_run` return what would be deleted."""
    with store.read() as view:
        names = set[str]() if person is None or not person.mentions else person.names(view)
        numbers = matching(view, wanted, person)
        forgotten, reopened = _forgotten(view, numbers)
        is_direct = not numbers or _can_delete(view, numbers)
        chosen = _Chosen(view.state, numbers, _groups(view, numbers) if is_direct else None)
    if is_direct and dry_run:
        return forgotten
    rewriting = Rewriting(store, reviser_in, without=frozenset(numbers))
    restored = list[Fact]()

    def read(view: View) -> None:
        found = (view.facts.current(fact.triplet) for fact in reopened)
        restored.extend(view.facts.by_id([stored.id for stored in found if stored is not None], END).values())

    if dry_run:
        rewriting.preview(read)
    else:
        _delete_all(store, chosen, rewriting)
        if names:
            _delete_merges_of(store, names)
        if reopened:
            with store.read() as view:
                read(view)
    return replace(forgotten, restored=tuple(restored))


def _delete_merges_of(store: Store, names: set[str]) -> None:
    """Delete the merges of a person's names (folded); no episode has them any more."""
    with store.read() as view:
        found = [alias for alias, *forms in view.alias_rows() if names.intersection(map(folded, (alias, *forms)))]
    if found:
        with store.write() as tx:
            for alias in found:
                tx.delete_alias(alias)
            tx.mark_rewritten()
        store.erase_deleted_text()


def _forgotten(view: View, numbers: Sequence[int]) -> tuple[ForgetResult, list[Fact]]:
    """Return what is deleted with episodes, and the other facts that they retired."""
    alone = view.facts.stated_only_in(numbers, END)
    reopened = view.facts.by_id(deletion.retired_by(view, numbers) - alone, END)
    facts = view.facts.by_id(alone, END)
    return ForgetResult(tuple(view.episodes.some(numbers)), tuple(facts.values())), list(reopened.values())


@dataclass(frozen=True)
class _Chosen:
    """Episodes to delete directly, as a view of the space has them."""

    state: State
    """The state of the space."""
    numbers: list[int]
    groups: list[list[int]] | None
    """Those that are deleted together; None if other facts rest on them."""

    def holds(self, tx: Transaction, numbers: Sequence[int]) -> bool:
        """Return whether nothing rests on a group of them by now."""
        return (tx.state, numbers) == (self.state, self.numbers) or _can_delete(tx, numbers)


def _delete_all(store: Store, chosen: _Chosen, rewriting: Rewriting) -> None:
    """Delete episodes: directly, or by a draft of the space if other facts rest on them."""
    if chosen.groups is None or not _delete_directly(store, chosen, chosen.groups):
        rewriting.apply()
    else:
        hidden.delete_discarded(store, has_deleted=bool(chosen.numbers))


def _delete_directly(store: Store, chosen: _Chosen, groups: list[list[int]]) -> bool:
    """Delete episodes on which nothing rests, in slices; return False if something rests on one of them by now."""
    can_delete, begun = True, time.monotonic()

    def step(tx: Transaction, has_time: HasTime) -> bool:
        nonlocal can_delete
        if hidden.is_drafted(tx):
            hidden.check_wait(store, begun)
            return False
        while groups and can_delete:
            present = tx.episodes.numbers_among(groups[-1])
            group = [number for number in groups[-1] if number in present]
            if can_delete := not group or chosen.holds(tx, group):
                _delete_group(tx, group)
                groups.pop()
            if not has_time():
                break
        return not groups or not can_delete

    if groups:
        hidden.in_slices(store, step, durable=False)
    return can_delete


def _groups(view: View, numbers: Sequence[int]) -> list[list[int]] | None:
    """Return the episodes in groups: those that state or retire the same fact are deleted together.

    It returns None if a group is too large for a short transaction.
    """
    group_of = {number: [number] for number in numbers}
    for one, other in deletion.links_between(view, numbers):
        first, second = group_of[one], group_of[other]
        if first is not second:
            first += second
            group_of |= dict.fromkeys(second, first)
    groups = {id(group): sorted(group) for group in group_of.values()}.values()
    return None if any(len(group) > _MOST for group in groups) else list(groups)


def _can_delete(view: View, numbers: Sequence[int]) -> bool:
    """Return whether the facts that other episodes state are the same without these episodes."""
    return not deletion.is_basis(view, numbers) and not _makes_late(view, numbers)


def _makes_late(view: View, numbers: Sequence[int]) -> bool:
    """Return whether another episode may be late only because of these: because it is about an earlier time."""
    left_out = frozenset(numbers)
    return any(_makes_another_late(view, number, left_out) for number in numbers)


def _makes_another_late(view: View, number: int, left_out: frozenset[int]) -> bool:
    at = view.episodes.time_of(number)
    later = (when for other, when in view.episodes.times_after(number, 1 + len(left_out)) if other not in left_out)
    return next(later, at) < at and not view.episodes.has_later_time(at - 1, number, left_out)


def _delete_group(tx: Transaction, numbers: Sequence[int]) -> None:
    """Delete episodes on which nothing rests, with the facts, names and merges that only they have."""
    if not numbers:
        return
    aliases = [alias for alias, _, _ in tx.alias_rows() if tx.facts.name_id(alias) is not None]
    facts, restated, names = deletion.remove(tx, numbers)
    tx.delete_episodes(numbers)
    show_first_written(tx, {*names} - deletion.used_names(tx, names, before=numbers[0]))
    _delete_aliases(tx, aliases)
    tx.log_deletion(Deletion(list(numbers), facts, restated))


def _delete_aliases(tx: Transaction, aliases: Iterable[str]) -> None:
    """Delete the merges whose target is gone, of these merged names (identities)."""
    for alias in aliases:
        if tx.facts.name_id(alias) is None:
            tx.delete_alias(alias)


# -- merge and split ---------------------------------------------------------------------------------------------------


def merge(store: Store, reviser_in: ReviserIn, name: str, into: str) -> None:
    """Take a name for another, for all episodes; raises InvalidInput for one name or a name that was merged before."""

    def change(draft: Transaction) -> None:
        target = draft.resolve(into)
        if identity_of(name) == identity_of(target):
            raise InvalidInput(f"{name!r} and {into!r} are one name already")
        if identity_of(name) in draft.aliases:
            raise InvalidInput(f"{name!r} was merged into {draft.resolve(name)!r}: split it first")
        draft.add_alias(identity_of(name), name, into)

    Rewriting(store, reviser_in, change).apply()


def split(store: Store, reviser_in: ReviserIn, name: str) -> None:
    """Undo a merge; raises InvalidInput for a name that was not merged."""

    def change(draft: Transaction) -> None:
        if identity_of(name) not in draft.aliases:
            raise InvalidInput(f"{name!r} was not merged into another name")
        draft.delete_alias(identity_of(name))

    Rewriting(store, reviser_in, change).apply()


def divide(store: Store, reviser_in: ReviserIn, name: str, numbers: Sequence[int], kind: str | None) -> None:
    """Give a name a kind in some episodes, or with None take it away again.

    Raises:
        InvalidInput: No episode is given, there is no such episode, or one does not have the name.
    """
    if not numbers:
        raise InvalidInput(f"episodes=[] is empty: give the episodes in which {name!r} is a homonym")
    with store.read() as view:
        divided = {number: _divided(view, name, number, kind) for number in numbers}
    Rewriting(store, reviser_in, divided=divided).apply()


def _divided(view: View, name: str, number: int, kind: str | None) -> dict[str, str]:
    """Return the names with kinds of an episode, with another kind for one of its names."""
    if not view.episodes.some([number]):
        raise InvalidInput(f"episodes=...: there is no episode {number}; see episodes({name!r})")
    given, identity = view.episodes.given_reading_of(number), identity_of(name)
    if identity not in map(identity_of, given.names):
        raise InvalidInput(f"episodes=...: episode {number} {_instead_of(name, given.names)}")
    others = {known: target for known, target in given.divided.items() if known != identity}
    return others if kind is None else {**others, identity: Entity(name, kind=kind)}


def _instead_of(name: str, names: Iterable[str]) -> str:
    """Return the message that an episode does not have a name, but maybe the name with a kind that it was given."""
    wanted = base_of(identity_of(name))
    qualified = [known for known in names if is_qualified(identity_of(known))]
    kinds = [known for known in qualified if base_of(identity_of(known)) == wanted]
    if kinds:
        return f"has {name!r} with a kind from its triplets already: {', '.join(map(repr, kinds))}"
    return f"does not have the name {name!r}; see episodes(about={name!r})"


def aliases(view: View, name: str) -> tuple[str, ...]:
    """Return the names that were merged into what a name resolves to, as they were written."""
    target = identity_of(view.resolve(name))
    return tuple(shown for alias, shown, _ in view.alias_rows() if identity_of(view.resolve(alias)) == target)


# -- spaces ------------------------------------------------------------------------------------------------------------


def delete_space(store: Store, name: str) -> int:
    """Delete a space of the file and return the number of its episodes; raises InvalidInput for an unknown one."""
    count = 0

    def step(tx: Transaction, _: HasTime) -> bool:
        nonlocal count
        if (space := tx.space_id(name)) is None:
            raise InvalidInput(f"there is no space {name!r}: {', '.join(map(repr, tx.spaces())) or 'none yet'}")
        count = len(tx.hidden(space).episodes.numbers())
        hidden.discard(tx, space)
        return True

    hidden.in_slices(store, step, create=False)
    hidden.delete_discarded(store)
    return count

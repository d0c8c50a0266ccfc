"""What one reading changes: facts retired, added and restated, in world time; the store does the writing.

The reviser finds what is outdated and judges what others propose. World time decides which of two stands: a text that
speaks of an earlier time than the fact it contradicts does not retire it, but enters closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from ariadne.memory.names import key
from ariadne.memory.revision import About, Reviser
from ariadne.memory.store import Store
from ariadne.values import Fact, Reading, Replacement, Triplet


def learn(store: Store, reviser: Reviser, number: int, reading: Reading) -> None:
    """Bring the graph up to episode `number`, already written, which reads so; call it inside `writing()`."""
    at, latest = store.time_of(number)
    stated = _once(reading.triplets)

    @cache
    def about(name: str) -> Sequence[Fact]:
        return tuple(store.facts(about=name).values())

    outdated, refused = _judged(store, reviser, reading, stated, about)
    retired = list[int]()
    for pair in dict.fromkeys([*reviser.outdated(stated, about), *outdated]):
        fact = store.current(pair.old)
        if fact is not None and store.began(fact) <= at:
            store.retire(fact, at, number)
            retired.append(fact)
        elif fact is not None and pair in outdated:  # it began after the time that the text speaks of
            refused.append(pair)
    added, restated = list[int](), list[int]()
    for triplet in stated:
        closed = _closing(store, reviser, triplet, at, stated) if at < latest else None
        known = store.current(triplet) if closed is None else store.covering(triplet, at)
        if known is None:
            added.append(store.add_fact(triplet, at, number, closed))
        else:
            store.state(known, number)
            restated.append(known)
    store.close_episode(number, (added, restated, retired), tuple(refused))


def _judged(
    store: Store, reviser: Reviser, reading: Reading, stated: Sequence[Triplet], about: About
) -> tuple[list[Replacement], list[Replacement]]:
    """Proposals admitted and refused; what the same breath states, or what does not hold, cannot be outdated."""
    said = {key(triplet) for triplet in stated}
    judged: tuple[list[Replacement], list[Replacement]] = ([], [])
    for pair in dict.fromkeys(reading.outdated):
        holds = key(pair.old) not in said and store.current(pair.old) is not None
        judged[0 if holds and reviser.admits(pair, about, stated) else 1].append(pair)
    return judged


def _closing(
    store: Store, reviser: Reviser, triplet: Triplet, at: int, stated: Sequence[Triplet]
) -> tuple[int, int] | None:
    """When a fact told late had already been replaced, and by which episode; None where it still holds."""

    @cache
    def about(name: str) -> Sequence[Fact]:
        return tuple(store.facts_after(name, at).values())

    ends = {identity: about(identity) for identity in (key(triplet)[0], key(triplet)[2])}
    later = [fact for facts in ends.values() for fact in facts if store.to_clock(fact.valid_from) > at]
    replaced = [
        (store.to_clock(fact.valid_from), fact.learned_in)
        for fact in later
        if key(fact.triplet) != key(triplet) and reviser.admits(Replacement(fact.triplet, triplet), about, stated)
    ]
    return min(replaced, default=None)


def _once(triplets: Iterable[Triplet]) -> tuple[Triplet, ...]:
    """Each triplet once, as it was first written."""
    first = dict[tuple[str, str, str], Triplet]()
    for triplet in triplets:
        first.setdefault(key(triplet), triplet)
    return tuple(first.values())

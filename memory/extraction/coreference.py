"""Which name a thing has that is spoken of by its noun ("a chest") and with how it looks ("the rusty chest").

In some worlds the look is part of the name, in others it only describes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ariadne.memory.extraction.context import INVENTORY, ReadingContext
from ariadne.memory.ontology.names import identity_of, same_name
from ariadne.relations import IS_KNOWN_AS
from ariadne.values import Triplet

_MOST = 100  # things in one room that have two names


def settle_names(described: str, scene: ReadingContext) -> None:
    """Give each thing that a room's description speaks of in two ways one name, in all that was told."""
    looks = [(t.subject, t.object) for t in scene.told.values() if t.relation == IS_KNOWN_AS][:_MOST]
    brought = Counter(identity_of(thing) for things in scene.introduced for thing in things)
    looks = [
        pair for pair in looks if brought[identity_of(pair[0])] < 2
    ]  # else there are two: a bench, and a dusty one
    scene.told = {said: triplet for said, triplet in scene.told.items() if triplet.relation != IS_KNOWN_AS}
    single = any(" " not in name for name in _small_things(scene))
    chosen = [(noun, fuller, _is_name(noun, fuller, described, scene, single=single)) for noun, fuller in looks]
    scene.rename({identity_of(noun if whole else fuller): fuller if whole else noun for noun, fuller, whole in chosen})
    names = {identity_of(name): name for triplet in scene.told.values() for name in _things(triplet, scene.here)}
    if len(names) <= _MOST:
        pairs = ((noun, fuller) for noun, fuller in _pairs(names) if brought[noun] < 2)
        scene.rename({noun: names[fuller] for noun, fuller in pairs if _are_one(noun, fuller, described)})


def _pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each noun with the one fuller name that ends in it."""
    for noun in names:
        fuller = [full for full in names if full.endswith(f" {noun}")]
        if len(fuller) == 1:
            yield noun, fuller[0]


def _are_one(noun: str, fuller: str, described: str) -> bool:
    """Whether a description speaks of one thing by both names, having brought it in by one of them."""
    alone = re.sub(rf"\b{re.escape(fuller)}(?!\w)", "", described, flags=re.IGNORECASE)
    both = alone != described and re.search(rf"\b{re.escape(noun)}(?!\w)", alone, re.IGNORECASE) is not None
    return both and _introduced(noun, described) != _introduced(fuller, described)


def _is_name(noun: str, fuller: str, described: str, scene: ReadingContext, *, single: bool) -> bool:
    """Whether a look is part of a name: by what may be done, by what is known, by how the description goes on; and
    where none of these tells, not where things are called by `single` words, nor where somebody is to cook."""
    for told in (scene.acted_on, scene.was_known, lambda name: _spoken_of(name, described)):
        if told(fuller) or told(noun):
            return told(fuller)
    return not single and not scene.cooking


def _spoken_of(name: str, described: str) -> bool:
    """Whether what is in or on a thing is told of it by this name."""
    holding = rf"\bon the {re.escape(name)}(?!\w)[^.!?]*\byou\b|\bthe {re.escape(name)} contains\b"
    return re.search(holding, described, re.IGNORECASE) is not None


def _small_things(scene: ReadingContext) -> Iterator[str]:
    """What lies in or on other things, or is in hand: such things are called by their whole names."""
    told = (*scene.told.values(), *(fact.triplet for fact in scene.known))
    return (
        t.subject for t in told if t.relation == "is on" or (t.relation == "is in" and same_name(t.object, INVENTORY))
    )


def _things(triplet: Triplet, here: str) -> tuple[str, ...]:
    """The names in a triplet that are things: no rooms, exits or states."""
    if triplet.relation in ("is in", "is on"):
        return tuple(name for name in (triplet.subject, triplet.object) if not same_name(name, here))
    return ()


def _introduced(name: str, described: str) -> bool:
    """Whether a description brings a thing in ("a chest", "an opened chest"), not only speaks of it ("the chest")."""
    brought = rf"\ban? (?:(?:open|opened|closed|locked) )?(?:\w+ looking )?{re.escape(name)}(?!\w)"
    return bool(re.search(brought, described, re.IGNORECASE))

"""Coreference: one name for a thing that a description calls both "a chest" and "the rusty chest".

In some worlds an adjective is part of the name; in others it only describes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ariadne.memory.extraction.context import ReadingContext
from ariadne.memory.ontology.names import identity_of, same_name
from ariadne.relations import INVENTORY, IS_IN, IS_KNOWN_AS, IS_ON, PLACES
from ariadne.values import Triplet

_MAX_THINGS = 100  # of one room that are compared


def unify_names(description: str, context: ReadingContext) -> None:
    """Give each thing that a room's description calls by two names one name, in all triplets of this answer."""
    introduced = Counter(identity_of(thing) for things in context.introduced for thing in things)
    aliases = [t.ends for t in context.stated.values() if t.relation == IS_KNOWN_AS][:_MAX_THINGS]
    aliases = [pair for pair in aliases if introduced[identity_of(pair[0])] < 2]  # a second bench is another thing
    context.stated = {key: triplet for key, triplet in context.stated.items() if triplet.relation != IS_KNOWN_AS}
    has_one_word_names = any(" " not in name for name in _small_things(context))
    names = dict[str, str]()
    for noun, full in aliases:
        if _is_part_of_name(noun, full, description, context, has_one_word_names=has_one_word_names):
            names[identity_of(noun)] = full
        else:
            names[identity_of(full)] = noun
    context.rename(names)
    _unify_pairs(description, context, introduced)


def _unify_pairs(description: str, context: ReadingContext, introduced: Counter[str]) -> None:
    """Rename each noun to the full name of the same thing, if the description uses both."""
    room = context.current_room
    names = {identity_of(name): name for triplet in context.stated.values() for name in _things(triplet, room)}
    if len(names) <= _MAX_THINGS:
        pairs = ((noun, full) for noun, full in _pairs(names) if introduced[noun] < 2)
        context.rename({noun: names[full] for noun, full in pairs if _are_one(noun, full, description)})


def _pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each noun with the full name that ends in it, if there is exactly one."""
    for noun in names:
        full_names = [name for name in names if name.endswith(f" {noun}")]
        if len(full_names) == 1:
            yield noun, full_names[0]


def _are_one(noun: str, full: str, description: str) -> bool:
    """Return whether a description uses both names and introduces only one of them."""
    rest = re.sub(rf"\b{re.escape(full)}(?!\w)", "", description, flags=re.IGNORECASE)
    uses_both = rest != description and re.search(rf"\b{re.escape(noun)}(?!\w)", rest, re.IGNORECASE) is not None
    return uses_both and _is_introduced(noun, description) != _is_introduced(full, description)


def _is_part_of_name(
    noun: str, full: str, description: str, context: ReadingContext, *, has_one_word_names: bool
) -> bool:
    """Return whether an adjective is part of a name.

    The valid actions decide, then the known facts, then the rest of the description. If none does, the adjective is
    part of the name, unless names here have one word or the player is to cook.
    """
    for uses in (context.is_in_valid_actions, context.was_known, lambda name: _names_holder(name, description)):
        if uses(full) or uses(noun):
            return uses(full)
    return not has_one_word_names and not context.is_cooking


def _names_holder(name: str, description: str) -> bool:
    """Return whether a description uses this name to state what is in or on the thing."""
    holding = rf"\bon the {re.escape(name)}(?!\w)[^.!?]*\byou\b|\bthe {re.escape(name)} contains\b"
    return re.search(holding, description, re.IGNORECASE) is not None


def _small_things(context: ReadingContext) -> Iterator[str]:
    """Yield the things on other things or in hand: texts call them by their full names."""
    for triplet in (*context.stated.values(), *(fact.triplet for fact in context.known)):
        in_hand = triplet.relation == IS_IN and same_name(triplet.object, INVENTORY)
        if in_hand or triplet.relation == IS_ON:
            yield triplet.subject


def _things(triplet: Triplet, room: str) -> tuple[str, ...]:
    """Return the names in a triplet that are things, not rooms, exits or states."""
    return tuple(name for name in triplet.ends if not same_name(name, room)) if triplet.relation in PLACES else ()


def _is_introduced(name: str, description: str) -> bool:
    """Return whether a description introduces a thing ("a chest", "an opened chest") and does not only use its name."""
    introducing = rf"\ban? (?:(?:open|opened|closed|locked) )?(?:\w+ looking )?{re.escape(name)}(?!\w)"
    return bool(re.search(introducing, description, re.IGNORECASE))

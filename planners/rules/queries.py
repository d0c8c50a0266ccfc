"""What the rules mind asks of memory: about the place, what was just spoken of, the plan, the goal; and by association
about keys of which it does not know what they open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from ariadne.planners.map import CONNECTION
from ariadne.planners.rules.goal_parsing import (
    APPLIANCES,
    COOKBOOK,
    KNIFE,
    MEAL,
    RECIPE,
    is_about_cooking,
    is_about_tidying,
    placed,
    wanted,
)
from ariadne.planners.rules.subgoals import Intent
from ariadne.values import About, Query, QueryLike, Reading, Situation, Triplet

INVENTORY = "inventory"
PLACES = ("is in", "is on", "is at")
VALUED = ("is", "can be", "cannot be", "has exit", "says", "needs", "is for")


def here(situation: Situation) -> str:
    """The room last announced in what is at hand; "" where none was."""
    return next((observation.room for observation in reversed(situation.observations) if observation.room), "")


Holds = Callable[[str], Sequence[Triplet]]
"""What holds at the end of a transcript: reading and revision in RAM, handed in by who puts the parts together."""


def asks(holds: Holds, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
    """All that holds about what matters now, then what keys without a lock bring to mind."""
    about = [About(name) for name in names(situation, reading, told_first(situation, holds))]
    return (*about, *associations(situation))


def told_first(situation: Situation, holds: Holds) -> Sequence[Triplet]:
    """What goal and hint tell."""
    return holds(_told(situation))


def _told(situation: Situation) -> str:
    return f"{situation.goal}\n{situation.hint}"


def names(situation: Situation, reading: Reading, told: Sequence[Triplet]) -> list[str]:
    """The names to ask about, each once; `told` is what goal and hint tell."""
    read = [triplet for step in situation.recent[-1:] for triplet in step.update.reading.triplets]
    known = [*read, *(fact.triplet for step in situation.recent[-1:] for fact in step.recall.facts)]
    room = here(situation) or next((t.object for t in known if t.relation == "is at"), "")
    planned = [name for intent in _intents(situation) for name in (intent.thing, *intent.others)]
    asked = chain(
        ("player", INVENTORY, room),
        _things(reading),
        planned,
        _holders(planned, known),
        (name for triplet in told for name in (triplet.subject, triplet.object)),
        (triplet.object for triplet in known if triplet.relation in ("unlocks", "requires")),
        (RECIPE, MEAL, COOKBOOK, KNIFE, *APPLIANCES.values()) if is_about_cooking(_told(situation)) else (),
        wanted(situation.goal),
        (place for _, place in placed(situation.goal)),
        _around(room, known),
        _all_places(known) if is_about_tidying(_told(situation)) else (),
        _written_of(situation, known),
    )
    return _most_needed_first({name.casefold(): name for name in asked if name}, known)


def _intents(situation: Situation) -> list[Intent]:
    """What the plan's sub-goals say, where rules can follow them."""
    return [intent for goal in situation.plan.subgoals if (intent := Intent.read(goal.text))]


def _most_needed_first(names: Mapping[str, str], triplets: Sequence[Triplet]) -> list[str]:
    """The recipe, what is in hand, what that requires and keys unlock, things, and at last rooms: a budget cuts at the
    end, and of rooms much is known that the map says too."""
    needed = {triplet.object.casefold() for triplet in triplets if triplet.relation in ("unlocks", "requires")}
    rooms = {triplet.subject.casefold() for triplet in triplets if triplet.relation == "has exit"}
    rooms |= {end.casefold() for triplet in triplets if CONNECTION.fullmatch(triplet.relation) for end in triplet.ends}
    rooms |= _unplaced(triplets)
    kinds = ({RECIPE}, {"player", INVENTORY}, needed, names.keys() - rooms)
    return [names[name] for name in sorted(names, key=lambda name: [name not in kind for kind in kinds])]


def _unplaced(triplets: Sequence[Triplet]) -> set[str]:
    """What holds things and is nowhere itself, as rooms are."""
    placed = [triplet for triplet in triplets if triplet.relation in PLACES]
    return {triplet.object.casefold() for triplet in placed} - {triplet.subject.casefold() for triplet in placed}


def associations(situation: Situation) -> Sequence[QueryLike]:
    """Keys that the plan tries everywhere: what else was said where they were spoken of?"""
    return [Query(key, 2) for intent in _intents(situation) if intent.verb == "search" for key in intent.others]


def _things(reading: Reading) -> Iterator[str]:
    """What was read of, but mere values (open, south): all that is open would come."""
    for triplet in reading.triplets:
        yield from (triplet.subject,) if triplet.relation in VALUED else (triplet.subject, triplet.object)
    spoken = {name for triplet in reading.triplets for name in (triplet.subject, triplet.object)}
    yield from (name for name in reading.names if name not in spoken)


def _written_of(situation: Situation, triplets: Sequence[Triplet]) -> Iterator[str]:
    """The things that association brought to mind and that goal, hint or a note name."""
    texts = [situation.goal, situation.hint, *(t.object for t in triplets if t.relation == "says")]
    placed = (triplet.subject for triplet in triplets if triplet.relation in PLACES)
    return (thing for thing in placed if any(mentions(text, thing) for text in texts))


def mentions(text: str, name: str) -> bool:
    """Whether a text names a thing, as whole words."""
    return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", text.casefold()) is not None


def _holders(things: Sequence[str], triplets: Sequence[Triplet]) -> Iterator[str]:
    """What these things are in or on."""
    names = {thing.casefold() for thing in things}
    return (t.object for t in triplets if t.relation in PLACES and t.subject.casefold() in names)


def _all_places(triplets: Sequence[Triplet]) -> Iterator[str]:
    """Every room and thing that is told to be somewhere."""
    for triplet in triplets:
        if triplet.relation in PLACES or CONNECTION.fullmatch(triplet.relation):
            yield from triplet.ends


def _around(room: str, triplets: Sequence[Triplet]) -> Iterator[str]:
    """The things that are in a room, and in or on those."""
    within = {room.casefold()}
    for _ in range(2):
        placed = [t for t in triplets if t.relation in PLACES and t.object.casefold() in within]
        within |= {triplet.subject.casefold() for triplet in placed}
        yield from (triplet.subject for triplet in placed)

"""What the rules mind asks memory: all current facts about the names that matter now.

The names come from the place, the current reading, the plan and the goal. A key whose lock is unknown is queried by
association.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from ariadne.planners.rules.goal_parsing import (
    APPLIANCES,
    COOKBOOK,
    KNIFE,
    is_about_tidying,
    wanted_places,
    wanted_things,
)
from ariadne.planners.rules.subgoals import ParsedSubGoal
from ariadne.planners.working_memory import FactsInText, announced_room
from ariadne.relations import (
    CAN_BE,
    CANNOT_BE,
    CONNECTIONS,
    HAS_EXIT,
    INVENTORY,
    IS,
    IS_AT,
    IS_FOR,
    MEAL,
    NEEDS,
    PLACES,
    PLAYER,
    RECIPE,
    REQUIRES,
    SAYS,
    UNLOCKS,
    is_about_cooking,
)
from ariadne.text import has_words
from ariadne.values import About, Query, QueryLike, Reading, Situation, Triplet

LOCATIONS = (*PLACES, IS_AT)
"""The relations whose object is where the subject is."""
_WITH_VALUES = (IS, CAN_BE, CANNOT_BE, HAS_EXIT, SAYS, NEEDS, IS_FOR)
"""The relations whose object is a value such as "open" or "south", and not a thing."""


def rules_queries(facts_in_text: FactsInText, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
    """Return the queries of one step: names whose current facts are needed, then associations of keys."""
    names = names_to_query(situation, reading, facts_in_text(_task(situation)))
    return (*map(About, names), *key_associations(situation))


def names_to_query(situation: Situation, reading: Reading, task_facts: Sequence[Triplet]) -> list[str]:
    """Return the names to query, each once, the most needed first; `task_facts` are those in goal and hint."""
    last = situation.recent[-1:]
    read = [triplet for step in last for triplet in step.update.reading.triplets]
    known = [*read, *(fact.triplet for step in last for fact in step.recall.facts)]
    room = announced_room(situation) or next((t.object for t in known if t.relation == IS_AT), "")
    planned = [name for subgoal in _planned(situation) for name in (subgoal.thing, *subgoal.second_things)]
    names = chain(
        (PLAYER, INVENTORY, room),
        _names_read(reading),
        planned,
        _holders(planned, known),
        (name for triplet in task_facts for name in triplet.ends),
        (triplet.object for triplet in known if triplet.relation in (UNLOCKS, REQUIRES)),
        (RECIPE, MEAL, COOKBOOK, KNIFE, *APPLIANCES.values()) if is_about_cooking(_task(situation)) else (),
        wanted_things(situation.goal),
        (place for _, place in wanted_places(situation.goal)),
        _things_around(room, known),
        _all_places(known) if is_about_tidying(_task(situation)) else (),
        _things_named_in_texts(situation, known),
    )
    return _most_needed_first({name.casefold(): name for name in names if name}, known)


def key_associations(situation: Situation) -> Sequence[QueryLike]:
    """Return a query by association for each key that the plan tries everywhere."""
    return [
        Query(key, 2) for subgoal in _planned(situation) if subgoal.verb == "search" for key in subgoal.second_things
    ]


def _task(situation: Situation) -> str:
    return f"{situation.goal}\n{situation.hint}"


def _planned(situation: Situation) -> list[ParsedSubGoal]:
    """Return the sub-goals of the plan that the rules can follow."""
    return [parsed for goal in situation.plan.subgoals if (parsed := ParsedSubGoal.parse(goal.text))]


def _most_needed_first(names: Mapping[str, str], known: Sequence[Triplet]) -> list[str]:
    """Order names: the recipe, the player's hands, ingredients and locks, other things, and rooms last.

    The token budget cuts at the end, and the map has most facts about rooms anyway.
    """
    needed = {triplet.object.casefold() for triplet in known if triplet.relation in (UNLOCKS, REQUIRES)}
    rooms = {triplet.subject.casefold() for triplet in known if triplet.relation == HAS_EXIT}
    rooms |= {end.casefold() for triplet in known if triplet.relation in CONNECTIONS for end in triplet.ends}
    rooms |= _outermost_holders(known)
    groups = ({RECIPE}, {PLAYER, INVENTORY}, needed, names.keys() - rooms)
    return [names[name] for name in sorted(names, key=lambda name: [name not in group for group in groups])]


def _outermost_holders(known: Sequence[Triplet]) -> set[str]:
    """Return the names that hold things but are held by nothing, as rooms are."""
    located = [triplet for triplet in known if triplet.relation in LOCATIONS]
    return {triplet.object.casefold() for triplet in located} - {triplet.subject.casefold() for triplet in located}


def _names_read(reading: Reading) -> Iterator[str]:
    """Yield the names of a reading without mere values: a query for "open" would recall every open thing."""
    for triplet in reading.triplets:
        yield from (triplet.subject,) if triplet.relation in _WITH_VALUES else triplet.ends
    in_triplets = {name for triplet in reading.triplets for name in triplet.ends}
    yield from (name for name in reading.names if name not in in_triplets)


def _things_named_in_texts(situation: Situation, known: Sequence[Triplet]) -> Iterator[str]:
    """Yield the known things that goal, hint or a written text mentions."""
    texts = [situation.goal, situation.hint, *(t.object for t in known if t.relation == SAYS)]
    located = (triplet.subject for triplet in known if triplet.relation in LOCATIONS)
    return (thing for thing in located if any(has_words(text, thing) for text in texts))


def _holders(things: Sequence[str], known: Sequence[Triplet]) -> Iterator[str]:
    """Yield what these things are in, on or at."""
    names = {thing.casefold() for thing in things}
    return (t.object for t in known if t.relation in LOCATIONS and t.subject.casefold() in names)


def _all_places(known: Sequence[Triplet]) -> Iterator[str]:
    """Yield every room, and every thing whose place is known."""
    for triplet in known:
        if triplet.relation in LOCATIONS or triplet.relation in CONNECTIONS:
            yield from triplet.ends


def _things_around(room: str, known: Sequence[Triplet]) -> Iterator[str]:
    """Yield the things in a room, and those in or on them."""
    within = {room.casefold()}
    for _ in range(2):
        located = [t for t in known if t.relation in LOCATIONS and t.object.casefold() in within]
        within |= {triplet.subject.casefold() for triplet in located}
        yield from (triplet.subject for triplet in located)

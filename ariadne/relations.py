"""The relations and fixed names of text worlds: the vocabulary that the reader writes and that map and planner read.

This is the one place for them. A new relation gets a constant here, a pattern in `memory/extraction/tables/`, and,
where it has one object at a time, a line in `memory/ontology/slots.py`. Nothing of ours is imported.
"""

from __future__ import annotations

# Where things are.
IS_IN = "is in"
IS_ON = "is on"
IS_AT = "is at"
"""Where the player is; the object is a room."""
PLACES = (IS_IN, IS_ON)

# Rooms and the ways between them.
DIRECTIONS = ("north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest", "up", "down")
HAS_EXIT = "has exit"
"""A room has an exit; the object is a direction."""
IS_BEHIND = "is behind"
"""An exit is behind a door: "north exit of hall", "is behind", "oak door"."""
CONNECTS_TO = "connects to"
CONNECTIONS = frozenset(f"is {direction} of" for direction in DIRECTIONS)
"""Room to room: "kitchen is north of hall". Revision never retires one."""

# States, locks and uses.
IS = "is"
"""A state: open, closed, locked, raw, fried, ..."""
UNLOCKS = "unlocks"
DOES_NOT_UNLOCK = "does not unlock"
CAN_BE = "can be"
CANNOT_BE = "cannot be"
IS_FOR = "is for"
"""What a tool is for: frying, roasting, grilling."""
SAYS = "says"
"""What is written on a thing."""

# Recipes.
REQUIRES = "requires"
"""A recipe requires an ingredient."""
NEEDS = "needs"
"""An ingredient needs a direction of the recipe: fry, slice, ..."""
IS_MADE_IN = "is made in"

# Fixed names.
PLAYER = "player"
INVENTORY = "inventory"
"""The player's hands."""
RECIPE = "recipe"
MEAL = "meal"


def connection(direction: str) -> str:
    """Return the relation of a room that lies in a direction of another: "north" gives "is north of"."""
    return f"is {direction} of"

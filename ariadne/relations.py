"""The relations and fixed names of text worlds: the vocabulary that the reader writes, and that map and planner read.

To add a relation, follow the list "Add a relation" in `docs/how-reading-works.md`.
"""

from __future__ import annotations

import re

# Places of things.
IS_IN = "is in"
IS_ON = "is on"
IS_AT = "is at"
"""The room that the player is in."""
PLACES = (IS_IN, IS_ON)

# Rooms, and the connections between them.
DIRECTIONS = ("north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest", "up", "down")
HAS_EXIT = "has exit"
"""A room has an exit in a direction."""
IS_BEHIND = "is behind"
"""An exit is behind a door: "north exit of hall", "is behind", "oak door"."""
CONNECTS_TO = "connects to"
"""A room is next to another, in an unknown direction."""
CONNECTIONS = frozenset(f"is {direction} of" for direction in DIRECTIONS)
"""A room lies in a direction of another: "kitchen is north of hall". Revision never retires these."""

# States, locks and uses.
IS = "is"
"""A state: open, closed, locked, raw, fried, ..."""
UNLOCKS = "unlocks"
DOES_NOT_UNLOCK = "does not unlock"
CAN_BE = "can be"
CANNOT_BE = "cannot be"
IS_FOR = "is for"
"""The use of a tool: frying, roasting, grilling."""
SAYS = "says"
"""The text that is written on a thing."""

# Recipes.
REQUIRES = "requires"
"""A recipe requires an ingredient."""
NEEDS = "needs"
"""An ingredient needs a step of the recipe: fry, slice, ..."""
IS_MADE_IN = "is made in"
"""A meal is made in a room."""

# Marks that the reader uses within one text; no fact has them.
IS_KNOWN_AS = "is known as"
"""A thing may have a longer name: "chest", "is known as", "rusty chest"."""
IS_MENTIONED = "is mentioned"
"""A later pronoun may point back to a name."""

# States that several modules test.
OPEN = "open"
CLOSED = "closed"
LOCKED = "locked"
DOOR_STATES = (OPEN, CLOSED, LOCKED)
SHUT_STATES = (CLOSED, LOCKED)
FULL = "full"
NOT_FULL = "not full"
HUNGRY = "hungry"

# Fixed names.
PLAYER = "player"
INVENTORY = "inventory"
"""The hands of the player."""
FLOOR = "floor"
"""The floor of a room that no fact names."""
RECIPE = "recipe"
MEAL = "meal"

_KEY = re.compile(r"\b(?:latch|pass)?key(?:card)?\b", re.IGNORECASE)
_COOKING = re.compile(r"\b(?:recipe|cookbook|cook|cooking|meal)\b", re.IGNORECASE)


def connection(direction: str) -> str:
    """Return the relation of a room that lies in a direction of another: "north" gives "is north of"."""
    return f"is {direction} of"


def is_key(name: str) -> bool:
    """Return whether a name, or a text, contains the word for a key."""
    return _KEY.search(name) is not None


def is_about_cooking(text: str) -> bool:
    """Return whether a goal, with its hint, is to cook."""
    return _COOKING.search(text) is not None

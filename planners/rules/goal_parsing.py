"""What a goal asks for: things to take, things to put somewhere, a meal, or a tidy house. It reads text alone."""

from __future__ import annotations

import re

_WANT = re.compile(
    r"\b(?:find|get hold of|(?:get|lay) your hands on|get|fetch|take|obtain|acquire|retrieve|recover|collect|pick[- ]up"
    r"|lift|grab|steal|seek|bring(?: back)?) (?:the |an? |your )?(?P<thing>[^.,;:!?]+?)"
    r"(?= (?:from|in|inside|on|that|which|within|to|and|with|for|back|hidden)\b|[.,;:!?]|$)",
    re.IGNORECASE,
)
_PUT = re.compile(
    r"\b(?:put|place) (?:the |an? |your )?(?P<thing>[^.,;:!?]+?) (?:in|into|inside|on|onto|upon) (?:the |an? |your )"
    r"(?P<place>[^.,;:!?]+?)(?= (?:found|located|that|which|in|within|inside|of|and|to|for)\b|[.,;:!?]|$)",
    re.IGNORECASE,
)
_VAGUE_START = re.compile(
    r"(?:it|them|you|me|us|him|her|out|what|where|how|one|each|everything|things|(?:your )?hands|ready|rid|trip|around"
    r"|through)\b",
    re.IGNORECASE,
)
_VAGUE_END = re.compile(r"\b(?:notes|things?|instructions|way|(?<!\w )keys)$", re.IGNORECASE)
_TIDYING = re.compile(
    r"\b(?:tidy|tidying|declutter)\b"
    r"|\b(?:clean|cleaning)(?: up)?(?: the| this| your| my)? (?:house|home|flat|apartment|rooms?|place|mess)\b"
    r"|\b(?:out of place|misplaced)\b|\bwhere (?:it|they|each(?: thing)?|things|everything) belongs?\b",
    re.IGNORECASE,
)
_LONGEST_NAME = 6  # words

COOKBOOK, KITCHEN, KNIFE = "cookbook", "kitchen", "knife"
APPLIANCES = {"fry": "stove", "roast": "oven", "grill": "BBQ"}
"""The appliance for each way of cooking, unless the world names another one."""


def is_about_tidying(goal: str) -> bool:
    """Return whether a goal, with its hint, is to put things where they belong."""
    return _TIDYING.search(goal) is not None


def wanted_things(goal: str) -> list[str]:
    """Return the things that a goal asks for, in its order: "Find the treasure" gives the treasure."""
    named = (match["thing"].strip() for match in _WANT.finditer(goal))
    return list(dict.fromkeys(name for name in named if len(name.split()) <= _LONGEST_NAME and not _is_vague(name)))


def wanted_places(goal: str) -> list[tuple[str, str]]:
    """Return each thing that a goal wants put somewhere, with the place.

    "Take the coin and put it into the box" gives the coin and the box.
    """
    found = list[tuple[str, str]]()
    for match in _PUT.finditer(goal):
        before = wanted_things(goal[: match.start()])[-1:] if match["thing"].lower() == "it" else [match["thing"]]
        found += [(thing, match["place"]) for thing in before if not _is_vague(thing)]
    return found


def _is_vague(name: str) -> bool:
    return bool(_VAGUE_START.match(name) or _VAGUE_END.search(name))

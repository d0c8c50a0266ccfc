"""What a goal asks for, in words: the things that it wants taken, or a meal. Knows text alone."""

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
_SPEAKS_OF_COOKING = re.compile(r"\b(?:recipe|cookbook|cook|cooking|meal)\b", re.IGNORECASE)
_SPEAKS_OF_TIDYING = re.compile(
    r"\b(?:tidy|tidying|declutter)\b"
    r"|\b(?:clean|cleaning)(?: up)?(?: the| this| your| my)? (?:house|home|flat|apartment|rooms?|place|mess)\b"
    r"|\b(?:out of place|misplaced)\b|\bwhere (?:it|they|each(?: thing)?|things|everything) belongs?\b",
    re.IGNORECASE,
)

RECIPE, MEAL, COOKBOOK, KITCHEN, KNIFE = "recipe", "meal", "cookbook", "kitchen", "knife"
APPLIANCES = {"fry": "stove", "roast": "oven", "grill": "BBQ"}
"""What each way of cooking is done with, where the world does not say."""


def is_about_cooking(goal: str) -> bool:
    """Whether a goal, with its hint, is to cook."""
    return _SPEAKS_OF_COOKING.search(goal) is not None


def is_about_tidying(goal: str) -> bool:
    """Whether a goal, with its hint, is to put things where they belong."""
    return _SPEAKS_OF_TIDYING.search(goal) is not None


def wanted(goal: str) -> list[str]:
    """The things that a goal wants to have, in the order it names them: "Find the treasure" wants the treasure."""
    named = (match["thing"].strip() for match in _WANT.finditer(goal))
    return list(dict.fromkeys(name for name in named if len(name.split()) <= 6 and not _vague(name)))


def placed(goal: str) -> list[tuple[str, str]]:
    """The things that a goal wants to be put somewhere, each with the place: "take the coin and put it into the box"
    wants the coin in the box."""
    found = list[tuple[str, str]]()
    for match in _PUT.finditer(goal):
        before = wanted(goal[: match.start()])[-1:] if match["thing"].lower() == "it" else [match["thing"]]
        found += [(thing, match["place"]) for thing in before if not _vague(thing)]
    return found


def _vague(name: str) -> bool:
    return bool(_VAGUE_START.match(name) or _VAGUE_END.search(name))

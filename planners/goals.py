"""What a goal asks for, in words: the things that it wants taken. Knows text alone."""

from __future__ import annotations

import re

_WANT = re.compile(
    r"\b(?:find|get|fetch|take|obtain|acquire|retrieve|recover|collect|pick[- ]up|lift|grab|steal|seek|bring(?: back)?)"
    r" (?:the |an? |your )?(?P<thing>[^.,;:!?]+?)"
    r"(?= (?:from|in|inside|on|of the|that|which|within|to|and|with|hidden)\b|[.,;:!?]|$)",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"\b(?:it|them|notes?|keys?|out|way|one|thing|things|what|where|instructions)\b", re.IGNORECASE)


def wanted(goal: str) -> list[str]:
    """The things that a goal wants to have, in the order it names them: "Find the treasure" wants the treasure."""
    named = (match["thing"].strip() for match in _WANT.finditer(goal))
    return list(dict.fromkeys(name for name in named if len(name.split()) <= 6 and not _vague(name)))


def _vague(name: str) -> bool:
    return bool(_NOTHING.fullmatch(name.split()[-1])) and not re.search(r"\w+ \w*key\b", name, re.IGNORECASE)

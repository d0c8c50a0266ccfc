"""When two names are one: "the Apple", "an apple" and "apple" are; "red apple" is another."""

from __future__ import annotations

import re

_ARTICLE = re.compile(r"^(?:the|an?|some|your)\s+(?=\S)")


def identity(name: str) -> str:
    """What a name is known by: no case, no article before it, single spaces. An empty name stays empty."""
    return _ARTICLE.sub("", " ".join(name.casefold().split()))


def same(one: str, other: str) -> bool:
    """Whether two names are one."""
    return identity(one) == identity(other)

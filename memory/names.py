"""When two names are one: "the Apple", "an apple" and "apple" are; "red apple" is another."""

from __future__ import annotations

import re

from ariadne.values import Triplet

_ARTICLE = re.compile(r"^(?:(?:the|an?|some|your)\s+)+(?=\S)")
_MARKS = ' .,;:!?"`'


def identity(name: str) -> str:
    """What a name is known by: no case, no articles before it, single spaces, no quotes around it and no full stop
    behind. A name that is nothing but such stays as it is."""
    plain = " ".join(name.casefold().split())
    return _ARTICLE.sub("", plain.strip(_MARKS) or plain)


def same(one: str, other: str) -> bool:
    """Whether two names are one."""
    return identity(one) == identity(other)


def key(triplet: Triplet) -> tuple[str, str, str]:
    """What a triplet is known by: identities of subject and object, and the relation in lower case."""
    return identity(triplet.subject), triplet.relation.strip().lower(), identity(triplet.object)

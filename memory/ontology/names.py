"""When two names are one: "the Apple", "an apple" and "apple" are; "red apple" is another name."""

from __future__ import annotations

import re
from functools import lru_cache

from ariadne.values import Triplet

_ARTICLE = re.compile(r"^(?:(?:the|an?|some|your)\s+)+(?=\S)")
_MAX_CACHED = 80  # characters of a name whose identity is cached
_MARKS = ' .,;:!?"`'

ROOM = re.compile(
    r"^(?:bar|den|study)$|\b(?:room|bathroom|bedroom|bedchamber|chamber|kitchen|kitchenette|pantry|cellar|basement|attic"
    r"|garage|vault|closet|corridor|hall|hallway|lounge|parlor|parlour|salon|office|studio|workshop|cubicle|laundry|launderette"
    r"|laundromat|washroom|restroom|shower|sauna|canteen|cookery|scullery|cookhouse|library|garden|backyard|driveway"
    r"|street|supermarket|shop|yard|shed|porch|balcony|nook|foyer|lobby|zone)(?: \w{1,2})?$",
    re.IGNORECASE,
)
"""Names that rooms usually have, for texts about rooms that the player has not visited."""


def identity_of(name: str) -> str:
    """Return the form of a name that decides whether two names are one.

    It has no case, no article before it, single spaces, and no marks around it. A name of marks or articles alone is
    kept.
    """
    return _cached_identity(name) if len(name) <= _MAX_CACHED else _identity(name)


def _identity(name: str) -> str:
    plain = " ".join(name.casefold().split())
    return _ARTICLE.sub("", plain.strip(_MARKS) or plain)


_cached_identity = lru_cache(maxsize=1 << 16)(_identity)


def same_name(first: str, second: str) -> bool:
    """Return whether two names are one."""
    return identity_of(first) == identity_of(second)


def triplet_key(triplet: Triplet) -> tuple[str, str, str]:
    """Return what makes two triplets the same: the identities of both names, and the relation in lower case."""
    return identity_of(triplet.subject), triplet.relation.strip().lower(), identity_of(triplet.object)

"""When two names are one: "the Apple", "an apple" and "apple" are; "red apple" is another."""

from __future__ import annotations

import re
from functools import lru_cache

from ariadne.values import Triplet

_ARTICLE = re.compile(r"^(?:(?:the|an?|some|your)\s+)+(?=\S)")
_SHORT = 80  # characters of a name that is asked for again and again
_MARKS = ' .,;:!?"`'

ROOM = re.compile(
    r"^(?:bar|den|study)$|\b(?:room|bathroom|bedroom|bedchamber|chamber|kitchen|kitchenette|pantry|cellar|basement|attic|garage|vault|closet"
    r"|corridor|hall|hallway|lounge|parlor|parlour|salon|office|studio|workshop|cubicle|laundry|launderette"
    r"|laundromat|washroom|restroom|shower|sauna|canteen|cookery|scullery|cookhouse|library|garden|backyard|driveway"
    r"|street|supermarket|shop|yard|shed|porch|balcony|nook|foyer|lobby|zone)(?: \w{1,2})?$",
    re.IGNORECASE,
)
"""Names that are said of rooms; for texts that speak of rooms where nobody has been."""


def identity_of(name: str) -> str:
    """What a name is known by: no case, no articles before it, single spaces, no quotes around it and no full stop
    behind. A name that is nothing but such stays as it is."""
    return _short_identity(name) if len(name) <= _SHORT else _identity(name)


def _identity(name: str) -> str:
    plain = " ".join(name.casefold().split())
    return _ARTICLE.sub("", plain.strip(_MARKS) or plain)


_short_identity = lru_cache(maxsize=1 << 16)(_identity)


def same_name(one: str, other: str) -> bool:
    """Whether two names are one."""
    return identity_of(one) == identity_of(other)


def triplet_key(triplet: Triplet) -> tuple[str, str, str]:
    """What a triplet is known by: identities of subject and object, and the relation in lower case."""
    return identity_of(triplet.subject), triplet.relation.strip().lower(), identity_of(triplet.object)

"""When two names are one: "the Apple", "an apple" and "apple" are; "red apple" is another name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ariadne.values import Triplet

_ARTICLE = re.compile(r"^(?:(?:the|an?|some|your)\s+)+(?=\S)")
_MAX_CACHED = 80  # characters of a name whose identity is cached
_MARKS = ' .,;:!?"`'
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a word begins within an identifier such as "livesIn"."""

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
    plain = folded(name)
    return _ARTICLE.sub("", plain.strip(_MARKS) or plain)


_cached_identity = lru_cache(maxsize=1 << 16)(_identity)


def same_name(first: str, second: str) -> bool:
    """Return whether two names are one."""
    return identity_of(first) == identity_of(second)


def relation_identity(relation: str) -> str:
    """Return the form of a relation that decides whether two relations are one.

    It has no case, blanks for underscores, and single blanks: "LIVES_IN" and "livesIn" are "lives in". A relation of
    underscores alone is kept.
    """
    return _cached_relation(relation) if len(relation) <= _MAX_CACHED else _relation_identity(relation)


def _relation_identity(relation: str) -> str:
    plain = relation.strip()
    if " " not in plain:
        plain = _HUMP.sub(" ", plain)
    return folded(plain.replace("_", " ")) or folded(plain)


_cached_relation = lru_cache(maxsize=1 << 12)(_relation_identity)


def folded(text: str) -> str:
    """Return a text without case, with single blanks, and with one spelling of each accented letter (NFC)."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFD", text).casefold()
    return " ".join(unicodedata.normalize("NFC", plain).split())


def triplet_key(triplet: Triplet) -> tuple[str, str, str]:
    """Return what makes two triplets the same: the identities of both names and of the relation."""
    return identity_of(triplet.subject), relation_identity(triplet.relation), identity_of(triplet.object)

"""When two names are one: "the Apple", "an apple" and "apple" are; "red apple" is another name.

Case makes no other name, except for the words of `capitals.txt`: "Apple" is a company, and "apple" is a fruit. A kind
in parentheses makes another name: "Victoria (city)".
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ariadne.values import Reading, Replacement, Triplet

_MAX_CACHED = 80  # characters of a name whose identity is cached
_MARKS = ' .,;:!?"`\u201c\u201d\u201e\u00ab\u00bb\u3001\u3002\uff0c\uff01\uff1f\uff1a\uff1b\u300c\u300d\u300e\u300f'
"""Marks around a name that are no part of it; also those of Chinese and Japanese."""
_ARTICLE = re.compile(rf"^(?:(?:the|an?|some|your)\s[{re.escape(_MARKS)}]*)+(?=[^{re.escape(_MARKS)}])")
_ABBREVIATION = re.compile(r"(?<!\w)(?:(?:[A-Z]\.){2,}|(?i:mrs?|ms|dr|prof|st)\.(?=\s))")
"""An abbreviation whose points make no other name: "U.S." is "US", and "Dr. Smith" is "Dr Smith"."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a word begins within an identifier such as "livesIn"."""
_QUALIFIED = re.compile(r"(?P<name>[^()]*[^()\s]) \((?:(?:the|an?) )*(?P<kind>[^()]+)\)")
_ONE_SPELLING: dict[int, int | str | None] = {
    0x2018: "'",
    0x2019: "'",
    0x2010: "-",
    0x2011: "-",  # apostrophes and hyphens of word processors
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},  # wide Latin letters and digits in Japanese
    **dict.fromkeys([*range(0x64B, 0x656), 0x670, 0x640, *range(0x5B0, 0x5BE)]),  # vowel points, hamza and tatweel
    **dict.fromkeys([0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF]),  # invisible marks
    0x131: "i",  # the dotless i, whose capital is the one of i
}
"""Characters that make no other name, and what stands for them."""

ROOM = re.compile(
    r"^(?:bar|den|study)$|\b(?:room|bathroom|bedroom|bedchamber|chamber|kitchen|kitchenette|pantry|cellar|basement|attic"
    r"|garage|vault|closet|corridor|hall|hallway|lounge|parlor|parlour|salon|office|studio|workshop|cubicle|laundry|launderette"
    r"|laundromat|washroom|restroom|shower|sauna|canteen|cookery|scullery|cookhouse|library|garden|backyard|driveway"
    r"|street|supermarket|shop|yard|shed|porch|balcony|nook|foyer|lobby|zone)(?: \w{1,2})?$",
    re.IGNORECASE,
)
"""Names that rooms usually have, for texts about rooms that the player has not visited."""


def _words_with_capitals() -> dict[str, frozenset[str]]:
    rows: dict[str, set[str]] = defaultdict(set)
    for line in (Path(__file__).parent / "capitals.txt").read_text(encoding="utf-8").splitlines():
        kind, colon, words = line.partition(": ")
        if colon and not line.startswith("#"):
            rows[kind] |= {word.strip() for word in words.split(";")}
    return {kind: frozenset(words) for kind, words in rows.items()}


_TABLE = _words_with_capitals()
PEOPLE, ACRONYMS = _TABLE["people"], _TABLE["acronyms"]
CAPITALIZED = _TABLE["names"] | PEOPLE | ACRONYMS
"""The words that are another name with capitals, in lower case."""


# -- names -------------------------------------------------------------------------------------------------------------


def identity_of(name: str) -> str:
    """Return the form of a name that decides whether two names are one.

    It has no case, no article before it, single spaces, and no marks around it. A name of marks or articles alone is
    kept. The words of `capitals.txt` keep their capitals: "China" is not "china". An article before such a word marks
    the ordinary one, except before an acronym: "the China" is "china", and "the US" is "US".
    """
    return _cached_identity(name) if len(name) <= _MAX_CACHED else _identity(name)


def _identity(name: str) -> str:
    if "." in name:
        name = _ABBREVIATION.sub(lambda found: found[0].replace(".", ""), name)
    plain = folded(name) or name
    bare = plain.strip(_MARKS) or plain
    word = _ARTICLE.sub("", bare)
    if word in CAPITALIZED:
        return _with_capitals(word, name, has_article=word != bare)
    return word if (found := _QUALIFIED.fullmatch(word)) is None else qualified(found["name"], found["kind"])


def _with_capitals(word: str, name: str, *, has_article: bool) -> str:
    """Return a word of `capitals.txt` with its capitals if the name has them, else in lower case."""
    written = name.split()[-1].strip(_MARKS)
    if word in ACRONYMS:
        return word.upper() if written.isupper() else word
    return word.capitalize() if written[:1].isupper() and not has_article else word


_cached_identity = lru_cache(maxsize=1 << 16)(_identity)


def base_of(identity: str) -> str:
    """Return what an identity has in common with its homonyms: "victoria (city)" gives "victoria", "US" gives "us"."""
    found = _QUALIFIED.fullmatch(identity)
    return identity.lower() if found is None else found["name"]


def is_qualified(identity: str) -> bool:
    """Return whether an identity names its kind, as "victoria (city)" does."""
    return _QUALIFIED.fullmatch(identity) is not None


def meanings(identity: str, known: Iterable[str], *, in_text: bool = False) -> list[str]:
    """Return which of the known homonyms of an identity a query with it is about.

    Args:
        identity: The identity of a name.
        known: The known identities with the same base.
        in_text: Whether the name is part of a text. There "us" is no name, and "china" may be China.
    """
    known = list(known)
    if is_qualified(identity):
        return [each for each in known if each == identity]
    plain = [each for each in known if not is_qualified(each)]
    exact = [each for each in plain if each == identity]
    by_text = exact if identity in ACRONYMS else plain
    by_name = exact or plain
    found = by_text if in_text and identity in CAPITALIZED else by_name
    return [*found, *(each for each in known if is_qualified(each))]


def qualified(name: str, kind: str) -> str:
    """Return a name with its kind, such as "Victoria (city)"."""
    return f"{name} ({kind})"


def same_name(first: str, second: str) -> bool:
    """Return whether two names are one."""
    return identity_of(first) == identity_of(second)


def folded(text: str) -> str:
    """Return a text without case, with single blanks, and with one spelling of each letter and mark."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFD", text).translate(_ONE_SPELLING).casefold().replace("i\u0307", "i")
    return " ".join(unicodedata.normalize("NFC", plain).split())


# -- relations ---------------------------------------------------------------------------------------------------------


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
    return folded(plain.replace("_", " ")) or plain


_cached_relation = lru_cache(maxsize=1 << 12)(_relation_identity)


def triplet_key(triplet: Triplet) -> tuple[str, str, str]:
    """Return what makes two triplets the same: the identities of both names and of the relation."""
    return identity_of(triplet.subject), relation_identity(triplet.relation), identity_of(triplet.object)


# -- other names -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Renaming:
    """Gives names another form, by the form in which they are written."""

    names: Mapping[str, str]

    def name(self, name: str) -> str:
        """Return the new form of a name; a name without one is kept."""
        return self.names.get(name, name)

    def triplet(self, triplet: Triplet) -> Triplet:
        """Return a triplet with its names renamed."""
        return Triplet(self.name(triplet.subject), triplet.relation, self.name(triplet.object))

    def pairs(self, pairs: Iterable[Replacement]) -> tuple[Replacement, ...]:
        """Return replacements with their names renamed."""
        return tuple(
            Replacement(self.triplet(pair.old), None if pair.new is None else self.triplet(pair.new)) for pair in pairs
        )

    def reading(self, reading: Reading) -> Reading:
        """Return a reading with its names renamed."""
        return replace(
            reading,
            triplets=tuple(map(self.triplet, reading.triplets)),
            outdated=self.pairs(reading.outdated),
            names=tuple(dict.fromkeys(map(self.name, reading.names))),
        )

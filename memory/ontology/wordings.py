"""Wordings of a relation: its plain form, whether it denies, and which wordings of a verb are one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ariadne.memory.ontology.names import identity_of, relation_identity
from ariadne.values import Triplet

_FILLERS = frozenset(
    "a an the new now current currently still also already just recently officially presently today usually"
    " my your his her its our their".split()
)
"""Words of a relation that do not change which relation it is."""
_BE = frozenset("is are am be been being".split())
_AUXILIARY = frozenset("do does did has have had".split())
_HAVE = frozenset("has have".split())
_NOT_FORMS = {"cannot": "can not", "can't": "can not", "won't": "will not"}
_NO_LONGER = re.compile(r"\b(?:no|not any) (?:longer|more)\b|\bformerly\b|\bused to\b")
_ANY_MORE = re.compile(r"\bany ?(?:more|longer)\b")
_NEVER = re.compile(r"\b(?:not|never)\b")
_CEASED = re.compile(r"^(?:stopped|stops|quit|quits|ceased|ceases|gave up|finished) (?:to )?(?=\w+ing\b)")
_NOT = re.compile(r"^\s*(?:not|no longer)\s+(?=\S)", re.IGNORECASE)
_NO = re.compile(r"^\s*no\s+(?=\S)", re.IGNORECASE)
_STOPPED = re.compile(r"(?:stopped|stops|quit|quits|ceased|ceases|gave up)")
_PREPOSITIONS = frozenset("in on at inside within by for from of to with".split())
DENYING_WORDS = ("no", "not")
"""The first words of an object that denies: "has | no car"."""
_VOWEL = re.compile(r"[aeiouy]")
_IRREGULAR = {"has": "have", "does": "do", "goes": "go", "is": "be", "are": "be", "am": "be", "being": "be"}


class Polarity(NamedTuple):
    """What a triplet affirms or denies: a stem of its relation, and the identity of its object."""

    stem: str
    object: str
    is_denial: bool
    affirmed: str
    """The plain form of the relation without its denial."""


@lru_cache(maxsize=1 << 14)
def plain_relation(relation: str) -> str:
    """Return a relation without words that do not change it.

    "IS_CEO_OF" and "has been the CEO of" are "ceo of". "HOME_ADDRESS", "has home address" and "home address is" are
    "home address". A relation of one word is kept.
    """
    words = [word for word in _words(relation) if word not in _FILLERS]
    while len(words) > 1 and words[-1] in _BE:
        words.pop()
    if len(words) > 1 and words[0] in _HAVE and words[1] not in _PREPOSITIONS:
        words.pop(0)
    while len(words) > 1 and words[0] in _BE:
        words.pop(0)
    return " ".join(words) or relation_identity(relation)


def _words(relation: str) -> list[str]:
    """Return the words of a relation, with "not" written out."""
    words = relation_identity(relation).replace("\u2019", "'").split()
    return " ".join(
        _NOT_FORMS.get(word, f"{word[:-3]} not" if word.endswith("n't") else word) for word in words
    ).split()


@lru_cache(maxsize=1 << 14)
def polarity_of_relation(relation: str) -> tuple[str, bool]:
    """Return the stem of a relation without its denial, and whether it denies."""
    affirmed, is_denial = _affirmed(relation)
    return _stem_of_relation(affirmed), is_denial


@lru_cache(maxsize=1 << 14)
def polarity_of(triplet: Triplet) -> Polarity:
    """Return what a triplet affirms or denies; "is not | open" and "is | not open" deny "is | open"."""
    affirmed, is_denial = _affirmed(triplet.relation)
    value = identity_of(triplet.object)
    if _STOPPED.fullmatch(affirmed) and (activity := value.partition(" "))[0].endswith("ing"):
        return Polarity(verb_stem(activity[0]), identity_of(activity[2]), True, verb_stem(activity[0]))
    denied = _NOT.match(triplet.object) or (_NO.match(triplet.object) if affirmed in _HAVE else None)
    if not is_denial and denied is not None:
        value, is_denial = identity_of(triplet.object[denied.end() :]), True
    return Polarity(_stem_of_relation(affirmed), value, is_denial, affirmed)


@lru_cache(maxsize=1 << 12)
def can_deny(relation: str) -> bool:
    """Return whether a relation denies something, alone or with an object such as "smoking"."""
    return polarity_of(Triplet("", relation, "smoking")).is_denial


def denials_of(name: str) -> tuple[str, ...]:
    """Return the names by which an object denies another: "not open" and "no car"."""
    return f"not {name}", f"no longer {name}", f"no {name}"


def _affirmed(relation: str) -> tuple[str, bool]:
    """Return the plain relation without its denial, and whether it denies."""
    text = " ".join(_words(relation))
    text, ceased = _CEASED.subn("", text)
    text, ended = _NO_LONGER.subn(" ", text)
    text, denied = _NEVER.subn(" ", text)
    text = _ANY_MORE.sub(" ", text)
    if not (ceased or ended or denied):
        return plain_relation(relation), False
    words = text.split()
    if len(words) > 1 and words[0] in _AUXILIARY and words[1] not in _PREPOSITIONS:
        words.pop(0)
    return plain_relation(" ".join(words) or "is"), True


def _stem_of_relation(relation: str) -> str:
    first, _, rest = relation.partition(" ")
    return f"{verb_stem(first)} {rest}".strip()


@lru_cache(maxsize=1 << 12)
def verb_stem(verb: str) -> str:
    """Return a crude stem: the same for "like", "likes" and "liking", and for "study", "studies" and "studying"."""
    stem = _IRREGULAR.get(verb, verb)
    if stem.endswith("ing") and len(stem) > 5 and _VOWEL.search(stem[:-3]):
        stem = stem[:-3]
        if stem[-1] == stem[-2] and stem[-1] not in "lsz":
            stem = stem[:-1]
    elif stem.endswith("ies") and len(stem) > 4:
        stem = f"{stem[:-3]}y"
    elif stem.endswith(("sses", "shes", "ches", "xes", "zes")):
        stem = stem[:-2]
    elif stem.endswith("s") and len(stem) > 3 and not stem.endswith("ss"):
        stem = stem[:-1]
    return stem.removesuffix("e") if len(stem) > 3 else stem


def third_person(relation: str) -> str:
    """Return a relation with its first verb in the third person: "live in" is "lives in"."""
    first, _, rest = relation.partition(" ")
    if first.endswith(("s", "ed", "ing")) or first in _BE:
        return relation
    ending = "es" if first.endswith(("s", "sh", "ch", "x", "z", "o")) else "s"
    verb = "has" if first == "have" else f"{first[:-1]}ies" if re.search(r"[^aeiou]y$", first) else f"{first}{ending}"
    return f"{verb} {rest}".strip()

"""What memory can be given: each check raises InvalidInput, with what was wrong, before anything is read or written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import chain
from numbers import Real
from operator import index
from typing import Any, Self

from ariadne.errors import InvalidInput
from ariadne.values import About, Query, QueryLike, Reading, Replacement, Triplet, When


def check_texts(texts: Iterable[str]) -> None:
    """Any Unicode is kept verbatim, NUL included, but a lone surrogate is none: no file could hold it."""
    for text in texts:
        if not isinstance(text, str):
            raise InvalidInput(f"memory keeps text, not {type(text).__name__}: {text!r:.80}")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            near = text[max(error.start - 20, 0) : error.end + 20]
            raise InvalidInput(f"not Unicode text: a lone surrogate at character {error.start}, in {near!a}") from error


def check_optional(text: str | None) -> None:
    """A text, or None."""
    check_texts([] if text is None else [text])


def check_mapping(texts: Mapping[str, str] | None, what: str) -> None:
    """A mapping of texts to texts, or None."""
    if texts is None:
        return
    if not isinstance(texts, Mapping):
        raise InvalidInput(f"{what} is a mapping of texts to texts, not {texts!r:.80}")
    check_texts(chain.from_iterable(texts.items()))


def check_number(number: object, what: str) -> None:
    """A whole number from 0 up."""
    if not isinstance(number, int) or number < 0:
        raise InvalidInput(f"{what} is a whole number from 0 up, not {number!r:.80}")


def check_count(count: object, what: str) -> None:
    """The same, or None."""
    if count is not None:
        check_number(count, what)


def check_threshold(threshold: object) -> None:
    """A number, or None."""
    if threshold is not None and (not isinstance(threshold, Real) or threshold != threshold):
        raise InvalidInput(f"a threshold is a number, not {threshold!r:.80}")


def check_triplets(triplets: Iterable[Triplet]) -> None:
    """Triplets of texts."""
    for triplet in several(triplets, "triplets"):
        if not isinstance(triplet, Triplet):
            raise InvalidInput(f"a triplet is told by Triplet(subject, relation, object), not by {triplet!r:.80}")
        check_texts((triplet.subject, triplet.relation, triplet.object))


def check_pairs(pairs: Iterable[Replacement]) -> None:
    """Replacements of triplets."""
    for pair in several(pairs, "what is outdated"):
        if not isinstance(pair, Replacement):
            raise InvalidInput(f"what is outdated is told by Replacement(old, new), not by {pair!r:.80}")
        check_triplets([pair.old, *([] if pair.new is None else [pair.new])])


def check_reading(reading: Reading) -> None:
    """What an extractor made of a text."""
    if not isinstance(reading, Reading):
        raise InvalidInput(f"an extractor gives a Reading, not {reading!r:.80}")
    check_triplets(reading.triplets)
    check_pairs(reading.outdated)
    checked_asks(several(reading.queries, "queries"))
    check_texts([*several(reading.names, "names"), *several(reading.unread, "unread")])
    check_number(reading.read_count, "the number of sentences told")
    check_number(reading.silent_count, "the number of silent sentences")


def checked_asks(query: QueryLike | Sequence[QueryLike]) -> list[QueryLike]:
    """What recall is asked, as a list."""
    asks = [query] if isinstance(query, (str, Query, About)) else several(query, "what recall is asked")
    for ask in asks:
        if not isinstance(ask, (str, Query, About)):
            raise InvalidInput(f"recall is asked by a text, a Query or an About, not by {ask!r:.80}")
        check_texts([ask.name if isinstance(ask, About) else ask.text if isinstance(ask, Query) else ask])
        check_number(ask.depth if isinstance(ask, Query) else 0, "a query's depth")
    return list(asks)


def checked_numbers(numbers: Iterable[int], what: str) -> list[int]:
    """Numbers of episodes, as a list."""
    try:
        return [index(number) for number in several(numbers, what)]
    except TypeError as error:
        raise InvalidInput(f"{what} are told by their numbers: {error}") from error


def check_time(at: object) -> None:
    """A world time, or None."""
    if at is not None and not isinstance(at, int | datetime):
        raise InvalidInput(f"world time is an int or an aware datetime, not {at!r:.80}")
    if isinstance(at, datetime) and at.tzinfo is None:
        raise InvalidInput(f"{at!r} has no time zone: give an aware datetime")


def several(given: Iterable[Any], what: str) -> tuple[Any, ...]:
    """What was given, several times over: a text is one thing, not its letters."""
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise InvalidInput(f"{what} are several: give a list, not {given!r:.80}")
    return tuple(given)


CORRECTION = "correction"
"""The source of the episodes by which somebody knew better."""


@dataclass(frozen=True)
class EpisodeInput:
    """One text to remember and what belongs to it: the arguments of `AriGraph.remember`."""

    text: str
    triplets: tuple[Triplet, ...] | None = None
    outdated: tuple[Replacement, ...] = ()
    at: When | None = None
    source: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None

    @classmethod
    def of(cls, told: str | Mapping[str, Any] | EpisodeInput) -> EpisodeInput:
        """The same from a text alone, or from the arguments of `remember` by name; raises InvalidInput."""
        if isinstance(told, EpisodeInput):
            return cls.made(**vars(told))
        if isinstance(told, str):
            return cls.made(told)
        if not isinstance(told, Mapping) or "text" not in told:
            raise InvalidInput(f"what is to be remembered is a text, or a mapping with one under 'text': {told!r:.80}")
        if unknown := sorted(map(str, told.keys() - {one.name for one in fields(cls)})):
            raise InvalidInput(f"remember takes no {', '.join(unknown)}: {dict(told)!r:.80}")
        return cls.made(**told)

    @classmethod
    def made(
        cls, text: str, triplets: Iterable[Triplet] | None = None, outdated: Iterable[Replacement] | None = None,
        at: When | None = None, source: str | None = None, metadata: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Self:  # fmt: skip
        """Made of what a caller gives; raises InvalidInput for what cannot be kept as it is."""
        given = None if triplets is None else several(triplets, "triplets")
        pairs = () if outdated is None else several(outdated, "what is outdated")
        check_texts([text])
        check_optional(source)
        check_optional(key)
        check_time(at)
        check_mapping(metadata, "metadata")
        check_triplets(given or ())
        check_pairs(pairs)
        return cls(text, given, pairs, at, source, dict(metadata or {}), key)

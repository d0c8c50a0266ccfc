"""What memory is told at a time, as a value: checked before anything is read or written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any, Self

from ariadne.errors import InvalidInput
from ariadne.values import About, Ask, Query, Reading, Replacement, Triplet, When


@dataclass(frozen=True)
class Told:
    """One text to remember and what belongs to it: the arguments of `AriGraph.remember`."""

    text: str
    triplets: tuple[Triplet, ...] | None = None
    outdated: tuple[Replacement, ...] = ()
    at: When | None = None
    source: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None

    @classmethod
    def of(cls, told: str | Mapping[str, Any] | Told) -> Told:
        """The same from a text alone, or from the arguments of `remember` by name; raises InvalidInput."""
        if isinstance(told, Told):
            return told.checked()
        if isinstance(told, str):
            return cls(told).checked()
        if not isinstance(told, Mapping) or "text" not in told:
            raise InvalidInput(f"what is to be remembered is a text, or a mapping with one under 'text': {told!r:.80}")
        if unknown := sorted(map(str, told.keys() - {one.name for one in fields(cls)})):
            raise InvalidInput(f"remember takes no {', '.join(unknown)}: {dict(told)!r:.80}")
        return cls.made(**{name: value for name, value in told.items() if value is not None})

    @classmethod
    def made(
        cls, text: str, triplets: Iterable[Triplet] | None = None, outdated: Iterable[Replacement] | None = None,
        at: When | None = None, source: str | None = None, metadata: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Self:  # fmt: skip
        """Made of what a caller gives; raises InvalidInput for what cannot be kept."""
        given = None if triplets is None else _tuple(triplets, "triplets")
        return cls(text, given, _tuple(outdated or (), "outdated"), at, source, metadata or {}, key).checked()

    def checked(self) -> Self:
        """Itself, if it can be kept as it is; raises InvalidInput where it cannot."""
        if not isinstance(self.metadata, Mapping):
            raise InvalidInput(f"metadata is a mapping of texts to texts, not {self.metadata!r:.80}")
        check_texts([self.text, *(one for one in (self.source, self.key) if one is not None)])
        check_texts(chain.from_iterable(self.metadata.items()))
        check_reading(Reading(self.triplets or (), self.outdated))
        return self


def check_reading(reading: Reading) -> None:
    """Raises InvalidInput where a reading (an extractor's, a caller's) holds what cannot be kept."""
    for pair in reading.outdated:
        if not isinstance(pair, Replacement):
            raise InvalidInput(f"what is outdated is told by Replacement(old, new), not by {pair!r:.80}")
        check_triplets([pair.old, *([] if pair.new is None else [pair.new])])
    check_triplets(reading.triplets)
    asked = [
        ask.name if isinstance(ask, About) else ask.text if isinstance(ask, Query) else ask for ask in reading.queries
    ]
    check_texts([*reading.names, *asked, *reading.unread])


def check_triplets(triplets: Iterable[Triplet]) -> None:
    """Raises InvalidInput for what is no triplet of texts."""
    for triplet in triplets:
        if not isinstance(triplet, Triplet):
            raise InvalidInput(f"a triplet is told by Triplet(subject, relation, object), not by {triplet!r:.80}")
        check_texts((triplet.subject, triplet.relation, triplet.object))


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


def checked_asks(query: Ask | Sequence[Ask]) -> list[Ask]:
    """What recall is asked, as a list; raises InvalidInput for what is no Ask."""
    asks = [query] if isinstance(query, (str, Query, About)) else query
    if isinstance(asks, bytes) or not isinstance(asks, Iterable):
        raise InvalidInput(f"recall is asked by a text, a Query, an About, or several of them, not by {query!r:.80}")
    for ask in (asks := list(asks)):
        check_texts([ask.name if isinstance(ask, About) else ask.text if isinstance(ask, Query) else ask])
    return asks


def check_count(count: object, what: str) -> None:
    """Raises InvalidInput for what is no whole number from 0 up, nor None."""
    if count is not None and (not isinstance(count, int) or count < 0):
        raise InvalidInput(f"{what} is a whole number from 0 up, not {count!r:.80}")


def _tuple(given: Iterable[Any], what: str) -> tuple[Any, ...]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise InvalidInput(f"{what} are several: give a list, not {given!r:.80}")
    return tuple(given)

"""The inputs of a memory and their checks, which raise InvalidInput before anything is read or written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from numbers import Real
from operator import index
from typing import Any, Self

from ariadne.errors import InvalidInput
from ariadne.memory.ontology.names import qualified
from ariadne.memory.times import beginning_of, end_of
from ariadne.values import (
    About,
    Metadata,
    MetadataValue,
    Query,
    QueryLike,
    Reading,
    Replacement,
    Triplet,
    When,
    WhenLike,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_texts(texts: Iterable[str], name: str = "") -> None:
    """Check the texts of an argument: any Unicode is kept verbatim, but no file can hold a lone surrogate."""
    for text in texts:
        if not isinstance(text, str):
            raise InvalidInput(f"{name}{'=' * bool(name)}{text!r:.80} must be a string, not {type(text).__name__}")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            near = text[max(error.start - 20, 0) : error.end + 20]
            raise InvalidInput(f"not Unicode text: a lone surrogate at character {error.start}, in {near!a}") from error


def check_optional(text: str | None, name: str) -> None:
    """Check an argument that is a text or None."""
    check_texts([] if text is None else [text], name)


def checked_metadata(metadata: Metadata | None) -> dict[str, MetadataValue]:
    """Return a copy of metadata; raise InvalidInput for a value that no filter could compare."""
    if metadata is None:
        return {}
    if not isinstance(metadata, Mapping):
        raise InvalidInput(f"metadata={metadata!r:.80} is not a mapping of names to values: give a dict")
    check_texts(metadata, "the name in metadata")
    if "source" in metadata:
        raise InvalidInput(
            f"metadata['source']={metadata['source']!r:.80}: the source is a field of its own; give source=..."
        )
    return {name: _checked_value(value, f"metadata[{name!r:.80}]") for name, value in metadata.items()}


def _checked_value(value: MetadataValue, name: str) -> MetadataValue:
    if not isinstance(value, list | tuple):
        check_scalar(value, name)
        return value
    for each in value:
        check_scalar(each, name)
    return list(value)


def check_scalar(value: object, name: str) -> None:
    """Check one value of metadata, or one that metadata is compared with."""
    if isinstance(value, str):
        check_texts([value], name)
    elif isinstance(value, datetime):
        microseconds(value, name)
    elif isinstance(value, float):
        if not isfinite(value):
            raise InvalidInput(f"{name}={value!r} is no number: give a finite one, or leave it out")
    elif not isinstance(value, int):
        kinds = "a text, a number, True or False, a datetime, or a list of them"
        raise InvalidInput(f"{name}={value!r:.80} is {type(value).__name__}: give {kinds}")
    elif not -(2**63) <= value < 2**63:
        raise InvalidInput(f"{name} is a number with more than 64 bits: give a smaller one, or a text")


def check_number(number: object, name: str) -> None:
    """Check an argument that is a whole number from 0 up."""
    if not isinstance(number, int) or number < 0:
        raise InvalidInput(f"{name}={number!r:.80} is not a whole number from 0 up")


def check_count(count: object, name: str) -> None:
    """Check an argument that is a whole number from 0 up, or None."""
    if count is not None:
        check_number(count, name)


def check_threshold(threshold: object) -> None:
    """Check a threshold: a number or None."""
    if threshold is not None and (not isinstance(threshold, Real) or threshold != threshold):
        raise InvalidInput(f"threshold={threshold!r:.80} is not a number")


def check_triplets(triplets: Iterable[Triplet]) -> None:
    """Check triplets of texts."""
    for triplet in several(triplets, "triplets"):
        if not isinstance(triplet, Triplet):
            raise InvalidInput(f"{triplet!r:.80} is not a triplet: give Triplet(subject, relation, object)")
        check_texts((triplet.subject, triplet.relation, triplet.object))


def check_no_empty_part(triplets: Iterable[Triplet]) -> None:
    """Check that each triplet has a subject, a relation and an object."""
    for triplet in triplets:
        for name in ("subject", "relation", "object"):
            if not getattr(triplet, name).strip():
                raise InvalidInput(f"triplets=[{triplet!r:.80}]: the {name} is empty")


def check_pairs(pairs: Iterable[Replacement]) -> None:
    """Check replacements of triplets."""
    for pair in several(pairs, "outdated"):
        if not isinstance(pair, Replacement):
            raise InvalidInput(f"{pair!r:.80} is not a pair of facts: give Replacement(old, new)")
        check_triplets([pair.old, *([] if pair.new is None else [pair.new])])


def check_reading(reading: Reading) -> Reading:
    """Return what an extractor read, with tuples for its lists."""
    if not isinstance(reading, Reading):
        raise InvalidInput(f"the extractor returned {reading!r:.80}: it must return a Reading")
    triplets, outdated = several(reading.triplets, "triplets"), several(reading.outdated, "outdated")
    check_triplets(triplets)
    check_pairs(outdated)
    queries = tuple(checked_queries(several(reading.queries, "queries")))
    names, unread = several(reading.names, "names"), several(reading.unread, "unread")
    check_texts([*names, *unread])
    check_number(reading.read_count, "read_count")
    check_number(reading.silent_count, "silent_count")
    return replace(reading, triplets=triplets, outdated=outdated, queries=queries, names=names, unread=unread)


def checked_queries(queries: QueryLike | Sequence[QueryLike]) -> list[QueryLike]:
    """Return the queries of a recall as a list."""
    if isinstance(queries, (bytes, Mapping)) or not isinstance(queries, Iterable | Query | About):
        raise InvalidInput(f"query={queries!r:.80}: give a text, About(...), or a list of them")
    listed = [queries] if isinstance(queries, (str, Query, About)) else list(queries)
    for query in listed:
        if not isinstance(query, (str, Query, About)):
            raise InvalidInput(f"query={query!r:.80}: give a text, About(...), or a list of them")
        check_texts([query.name if isinstance(query, About) else query.text if isinstance(query, Query) else query])
        check_number(query.depth if isinstance(query, Query) else 0, "depth")
    return list(listed)


def checked_numbers(numbers: Iterable[int], name: str) -> list[int]:
    """Return an argument that has the numbers of episodes, as a list."""
    try:
        return [index(number) for number in several(numbers, name)]
    except TypeError as error:
        raise InvalidInput(f"{name} must have numbers of episodes: {error}") from error


def check_time(at: object, name: str = "at") -> None:
    """Check a world time or None."""
    if at is not None and (isinstance(at, bool) or not isinstance(at, int | datetime)):
        raise InvalidInput(f"{name}={at!r:.80} is not a world time: give an int or an aware datetime")
    if isinstance(at, datetime):
        check_aware(at, name)


def checked_expires(expires: WhenLike | timedelta | None, at: WhenLike | None = None) -> When | timedelta | None:
    """Return when an episode expires: at the end of a world time, or after a length of time.

    Args:
        expires: The world time, or the length of time.
        at: The world time of the episode, if it is given.

    Raises:
        InvalidInput: It is neither of them, or not after `at`.
    """
    if expires is None or isinstance(expires, timedelta):
        return expires
    try:
        end = end_of(expires, "expires")
    except InvalidInput as error:
        raise InvalidInput(f"{error}; a length of time is a timedelta: timedelta(days=30)") from error
    begin = end if at is None else beginning_of(at, "at")
    if at is not None and isinstance(begin, datetime) == isinstance(end, datetime) and end <= begin:  # type: ignore[operator]
        raise InvalidInput(f"expires={expires!s} is not after at={at!s}: give a later time")
    return end


def check_replace(replaces: object, key: str | None) -> None:
    """Check whether a text replaces the one with its key."""
    if not isinstance(replaces, bool):
        raise InvalidInput(f"replace={replaces!r:.80} is not True or False")
    if replaces and key is None:
        raise InvalidInput("replace=True needs the key of the text to replace: key=...")


def check_lifetime(expires: object) -> None:
    """Check how long the episodes of a space are recalled: a timedelta, a number of steps, or None."""
    if expires is None:
        return
    if isinstance(expires, bool) or not isinstance(expires, int | timedelta):
        raise InvalidInput(f"expires={expires!r:.80} is not a length of time: give a timedelta or a number of steps")
    if (expires.total_seconds() if isinstance(expires, timedelta) else expires) < 0:
        raise InvalidInput(f"expires={expires!r:.80} is in the past: give a length of time, or 0 for no limit")


def check_aware(at: datetime, name: str) -> None:
    """Check that a datetime has a time zone."""
    if at.tzinfo is None:
        raise InvalidInput(f"{name}={at.isoformat()} has no time zone: add tzinfo=UTC")


def microseconds(at: datetime, name: str = "at") -> int:
    """Return the microseconds of a datetime since 1970 in UTC; raise InvalidInput if that has no such time."""
    check_aware(at, name)
    try:
        return (at.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    except OverflowError as error:
        raise InvalidInput(f"{name}={at!r} is outside the years 1 to 9999 in UTC") from error


def checked_period(at: WhenLike | None, until: WhenLike | None) -> tuple[When | None, When | None]:
    """Return the times of a text: the beginning of `at`, and the end of `until`; None for one that is not given.

    Raises:
        InvalidInput: One is no time, they are of two kinds, or `until` is before `at`.
    """
    since = None if at is None else beginning_of(at, "at")
    to = None if until is None else end_of(until, "until")
    if since is None or to is None:
        return since, to
    if isinstance(since, datetime) != isinstance(to, datetime):
        raise InvalidInput(f"at={at!s} and until={until!s} are of two kinds: give two whole numbers or two dates")
    is_period = beginning_of(until, "until") != to  # type: ignore[arg-type]  # it is given
    if to < since or (to == since and is_period):  # type: ignore[operator]  # they are of one kind
        raise InvalidInput(f"until={until!s} is before at={at!s}: exchange them")
    return since, to


def several(values: Iterable[Any], name: str) -> tuple[Any, ...]:
    """Return an argument with several values, as a tuple; raise InvalidInput for a text, which is one value."""
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        example = ": [Triplet(...)]" if name == "triplets" else ""
        raise InvalidInput(f"{name} must be a list{example}, not {values!r:.80}")
    return tuple(values)


class Entity(str):
    """A name with its kind, to distinguish homonyms: `Entity("Victoria", kind="city")` is "Victoria (city)".

    It is a text like any other: give it as the subject or object of a Triplet, or as the name of an About. An Extractor
    may return it, too.
    """

    name: str
    kind: str

    def __new__(cls, name: str, *, kind: str | None = None) -> Self:
        """Return the qualified name.

        Args:
            name: The name, without its kind.
            kind: What distinguishes it from its homonyms, such as "person", "city" or "the nurse".

        Raises:
            InvalidInput: One of them is missing or empty, or has parentheses.
        """
        if kind is None:
            raise InvalidInput(f"Entity({name!r:.80}) has no kind: give kind='city', or the name alone as a text")
        for argument, text in (("name", name), ("kind", kind)):
            check_texts([text], argument)
            if not text.strip() or set("()") & set(text):
                raise InvalidInput(f"{argument}={text!r:.80}: give a text without parentheses that is not empty")
        entity = super().__new__(cls, qualified(name.strip(), kind.strip()))
        entity.name, entity.kind = name.strip(), kind.strip()
        return entity

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str]]:
        """Return the arguments for a copy."""
        return (self.name,), {"kind": self.kind}


CORRECTION = "correction"
"""The source of the episodes that correct or retract a fact."""


@dataclass(frozen=True)
class EpisodeInput:
    """One text to remember: the arguments of `AriGraph.remember`."""

    text: str
    triplets: tuple[Triplet, ...] | None = None
    outdated: tuple[Replacement, ...] = ()
    at: When | None = None
    source: str | None = None
    metadata: Metadata | None = None
    key: str | None = None
    expires: When | timedelta | None = None
    replace: bool = False
    until: When | None = None

    @classmethod
    def from_value(cls, value: str | Mapping[str, Any] | EpisodeInput) -> EpisodeInput:
        """Return a checked input from a text alone, or from the arguments of `remember` by name."""
        if isinstance(value, EpisodeInput):
            return cls.checked(**vars(value))
        if isinstance(value, str):
            return cls.checked(value)
        if not isinstance(value, Mapping) or "text" not in value:
            raise InvalidInput(f"{value!r:.80} is not an episode: give a text, or a mapping with a text under 'text'")
        if unknown := sorted(map(str, value.keys() - {parameter.name for parameter in fields(cls)})):
            raise InvalidInput(f"remember takes no {', '.join(unknown)}: {dict(value)!r:.80}")
        return cls.checked(**value)

    @classmethod
    def checked(
        cls, text: str, triplets: Iterable[Triplet] | None = None, outdated: Iterable[Replacement] | None = None,
        at: WhenLike | None = None, source: str | None = None, metadata: Metadata | None = None,
        key: str | None = None, *, expires: WhenLike | timedelta | None = None, until: WhenLike | None = None,
        replace: bool = False,
    ) -> Self:  # fmt: skip
        """Return an input whose values are checked; raise InvalidInput for one that cannot be kept."""
        given = None if triplets is None else several(triplets, "triplets")
        pairs = () if outdated is None else several(outdated, "outdated")
        check_texts([text], "text")
        check_optional(source, "source")
        check_optional(key, "key")
        times = checked_period(at, until)
        if until is not None and given == ():
            raise InvalidInput(f"until={until!s} needs triplets: give those that end then")
        check_triplets(given or ())
        check_no_empty_part(given or ())
        check_pairs(pairs)
        check_replace(replace, key)
        kept, gone = None if metadata is None else checked_metadata(metadata), checked_expires(expires, at)
        return cls(text, given, pairs, times[0], source, kept, key, expires=gone, replace=replace, until=times[1])

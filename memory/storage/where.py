"""Filters of episodes: `where` expressions, which are parsed into a typed tree and then into SQL, and world times.

A `where` expression maps fields to conditions, and an episode passes if all of them hold:

    {"lang": "en", "price": {"gte": 10, "lt": 20}, "tag": {"in": ["a", "b"]}, "any": [{...}, {...}]}

A field with a list matches if one of its elements does. `not` holds also for an episode without the field.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from ariadne.errors import InvalidInput
from ariadne.memory.inputs import check_optional, check_scalar, check_texts, check_time, checked_metadata, microseconds
from ariadne.values import Metadata, MetadataValue, Scalar, When

SOURCE = "source"
"""The field that is the source of an episode; no metadata has this name."""
ANY = "any"
NOT, IN = "not", "in"
RANGES = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
OPERATORS = (*RANGES, IN, NOT)
_REMEDIES = {
    "eq": "give the value itself",
    "ne": "give not",
    "nin": "give not with a list",
    "contains": "give the value itself, since one element of a list is enough",
    "exists": "no operator finds the episodes that lack a field",
}
"""Operators of other programs, and what to give instead."""
_DATETIME = "datetime"
"""The name that marks a date in JSON: {"datetime": "2026-05-01T09:30:00+00:00"}."""
_DEEPEST = 20
_MOST_VALUES = 10_000
_LISTED = 10  # known fields in a message
KINDS = {"text": "texts", "number": "numbers", "bool": "True and False", "time": "datetimes"}
"""The kinds of values by their names in the file; values of two kinds are never equal."""


class UnknownFieldWarning(UserWarning):
    """A `where` expression names a field that no episode has."""


class MixedTypesWarning(UserWarning):
    """A `where` expression compares a field with values of one type, but other episodes have values of another."""


# -- values ------------------------------------------------------------------------------------------------------------


def comparable(value: Scalar) -> tuple[str, str | int | float]:
    """Return the kind of a value, and the value as SQLite compares it with others of its kind."""
    if isinstance(value, str):
        return "text", value
    if isinstance(value, datetime):
        return "time", microseconds(value)
    return ("bool", int(value)) if isinstance(value, bool) else ("number", value)


def metadata_rows(metadata: Metadata) -> Iterator[tuple[str, str, str | int | float]]:
    """Yield name, kind and comparable value of each value in metadata, one for each element of a list."""
    for name, value in metadata.items():
        for each in _elements(value):
            yield (name, *comparable(each))


def _elements(value: MetadataValue) -> Sequence[Scalar]:
    return value if isinstance(value, list | tuple) else [value]  # type: ignore[list-item]  # a text is one value


def to_json(metadata: Metadata) -> dict[str, Any]:
    """Return metadata as values of JSON; a datetime is marked: {"datetime": "2026-05-01T09:30:00+00:00"}."""

    def marked(value: Scalar) -> object:
        return {_DATETIME: value.isoformat()} if isinstance(value, datetime) else value

    return {
        name: [marked(each) for each in value] if isinstance(value, list | tuple) else marked(value)  # type: ignore[arg-type]
        for name, value in metadata.items()
    }


def from_json(value: Any) -> Any:
    """Return metadata or an expression from values of JSON; raise ValueError for a marked text that is no date."""
    if isinstance(value, list | tuple):
        return [from_json(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() == {_DATETIME} and isinstance(value[_DATETIME], str):
        return datetime.fromisoformat(value[_DATETIME])
    return {name: from_json(each) for name, each in value.items()}


# -- the tree ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """A comparison with any of some values, by an operator of SQL."""

    operator: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class Match:
    """Holds if one value of a field passes all comparisons."""

    field: str
    comparisons: tuple[Comparison, ...]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the values that it compares with."""
        return list(
            dict.fromkeys(comparable(value)[0] for comparison in self.comparisons for value in comparison.values)
        )


@dataclass(frozen=True)
class Not:
    """Holds if a part does not."""

    part: Condition


@dataclass(frozen=True)
class AllOf:
    """Holds if all parts do."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """Holds if one part does."""

    parts: tuple[Condition, ...]


Condition = Match | Not | AllOf | AnyOf


def matches(condition: Condition) -> Iterator[Match]:
    """Yield the comparisons in a condition."""
    if isinstance(condition, Match):
        yield condition
    else:
        for part in (condition.part,) if isinstance(condition, Not) else condition.parts:
            yield from matches(part)


# -- from the expression to the tree -----------------------------------------------------------------------------------


def parsed(where: Mapping[str, Any]) -> AllOf:
    """Return an expression as a tree.

    Raises:
        InvalidInput: An operator is unknown, or a value has a wrong type; the message names its place.
    """
    try:
        unmarked = from_json(where)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"where={where!r:.80} cannot be read: {error}") from error
    condition = _group(unmarked, "where", 0)
    if sum(len(comparison.values) for match in matches(condition) for comparison in match.comparisons) > _MOST_VALUES:
        raise InvalidInput(f"where has more than {_MOST_VALUES:,} values: split it")
    return condition


def _group(group: object, place: str, depth: int) -> AllOf:
    if not isinstance(group, Mapping):
        raise InvalidInput(f"{place}={group!r:.80} is not a mapping of fields to conditions: give a dict")
    if depth > _DEEPEST:
        raise InvalidInput(f"where has more than {_DEEPEST} groups inside each other: simplify it")
    check_texts(group, f"a field in {place}")
    return AllOf(tuple(_entry(name, value, f"{place}[{name!r:.80}]", depth) for name, value in group.items()))


def _entry(name: str, value: Any, place: str, depth: int) -> Condition:
    _check_order(name, value, place)
    if not isinstance(value, list | tuple):
        return _condition(name, value, place, depth)
    if name == ANY:
        groups = tuple(_group(each, f"{place}[{nth}]", depth + 1) for nth, each in enumerate(value))
        if not all(group.parts for group in groups):
            raise InvalidInput(f"{place} has an empty group, which every episode would pass: leave it out")
        return AnyOf(groups)
    if any(isinstance(each, Mapping) for each in value):
        raise InvalidInput(f"{place} has a list of groups: only {ANY!r} takes one")
    raise InvalidInput(f"{place}={value!r:.80} is a list: give {{'in': [...]}} for any of its values")


def _check_order(name: str, value: object, place: str) -> None:
    """Check that no operator stands outside its field; a field may have the name of an operator."""
    operator = name.removeprefix("$")
    if operator not in OPERATORS or not isinstance(value, Mapping) or not value or {*value} & {*OPERATORS}:
        return
    inner = {field: {operator: each} for field, each in value.items()}
    raise InvalidInput(f"{place}: {operator!r} stands inside a field: give {inner!r:.80}")


def _condition(field: str, value: object, place: str, depth: int) -> Condition:
    """Return what an equal value or a mapping of operators states about a field."""
    if not isinstance(value, Mapping):
        return Match(field, (Comparison("=", (_scalar(value, place),)),))
    if not value:
        raise InvalidInput(f"{place} has no operator: give one of {', '.join(OPERATORS)}")
    for operator in value:
        _check_operator(operator, place)
    comparisons = tuple(_comparison(operator, value[operator], place) for operator in value if operator != NOT)
    match = Match(field, comparisons)
    if len(comparisons) > 1 and len(match.kinds) > 1:
        raise InvalidInput(f"{place} compares with values of different types: {dict(value)!r:.80}")
    parts = [match] if comparisons else []
    if NOT in value:
        return AllOf((*parts, Not(_negated(field, value[NOT], f"{place}['not']", depth + 1))))
    return match


def _negated(field: str, value: object, place: str, depth: int) -> Condition:
    if depth > _DEEPEST:
        raise InvalidInput(f"where has more than {_DEEPEST} operators inside each other: simplify it")
    if isinstance(value, list | tuple):
        return Match(field, (_comparison(IN, value, place),))
    return _condition(field, value, place, depth)


def _check_operator(operator: object, place: str) -> None:
    if operator in OPERATORS:
        return
    if not isinstance(operator, str):
        raise InvalidInput(f"{place} has the operator {operator!r:.80}: give one of {', '.join(OPERATORS)}")
    name = operator.lstrip("$").casefold()
    near = [name] if name in OPERATORS else get_close_matches(name, OPERATORS, 1)
    remedy = _REMEDIES.get(name) or (f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(OPERATORS)}")
    raise InvalidInput(f"{place} has the unknown operator {operator!r:.80}: {remedy}")


def _comparison(operator: str, value: object, place: str) -> Comparison:
    if operator != IN:
        bound = _scalar(value, f"{place}[{operator!r}]")
        if isinstance(bound, bool):
            raise InvalidInput(f"{place}[{operator!r}]={bound}: True and False have no order")
        return Comparison(RANGES[operator], (bound,))
    if not isinstance(value, list | tuple | set | frozenset):
        raise InvalidInput(f"{place}['in']={value!r:.80} is not a list of values: give a list")
    return Comparison("IN", tuple(_scalar(each, f"{place}['in']") for each in value))


def _scalar(value: Any, place: str) -> Scalar:
    check_scalar(value, place)
    scalar: Scalar = value
    return scalar


# -- from the tree to SQL ----------------------------------------------------------------------------------------------


def as_sql(condition: Condition, space: int) -> tuple[str, list[object]]:
    """Return the condition for the rows of `episode` of a space, with its values."""
    if isinstance(condition, Match):
        return _match_as_sql(condition, space)
    if isinstance(condition, Not):
        sql, values = as_sql(condition.part, space)
        return f"NOT {sql}", values
    parts = [as_sql(part, space) for part in condition.parts]
    joint = " AND " if isinstance(condition, AllOf) else " OR "
    empty = "1" if isinstance(condition, AllOf) else "0"
    return f"({joint.join(sql for sql, _ in parts) or empty})", [value for _, values in parts for value in values]


def _match_as_sql(match: Match, space: int) -> tuple[str, list[object]]:
    branches, values = list[str](), list[object]()
    for kind in match.kinds:
        if match.field != SOURCE:
            compared, bound = _comparisons_as_sql("value", match.comparisons, kind)
            branches.append(f"SELECT episode FROM metadata WHERE space = ? AND name = ? AND kind = ? AND {compared}")
            values += [space, match.field, kind, *bound]
        elif kind == "text":
            compared, bound = _comparisons_as_sql("source", match.comparisons, kind)
            branches.append(f"SELECT number FROM episode WHERE space = ? AND {compared}")
            values += [space, *bound]
    return f"number IN ({' UNION ALL '.join(branches)})", values


def _comparisons_as_sql(column: str, comparisons: Iterable[Comparison], kind: str) -> tuple[str, list[object]]:
    """Return comparisons of a column with their values of one kind."""
    parts, bound = list[str](), list[object]()
    for comparison in comparisons:
        values = [value for of_kind, value in map(comparable, comparison.values) if of_kind == kind]
        marks = ", ".join("?" * len(values))
        parts.append(f"{column} {comparison.operator} {f'({marks})' if comparison.operator == 'IN' else marks}")
        bound += values
    return " AND ".join(parts), bound


# -- problems ----------------------------------------------------------------------------------------------------------


def of_another_type(match: Match, known: Iterable[str]) -> str:
    """Return the message that a field has no value of the compared types, but values of the known ones."""
    value = next(value for comparison in match.comparisons for value in comparison.values)
    has = " and ".join(KINDS[kind] for kind in KINDS if kind in known)
    return f"where compares {match.field!r:.80} with {value!r:.80}, but its values are {has}: give a value of that type"


def mixed_types(match: Match, counts: Mapping[str, int]) -> str:
    """Return the message that a field has values of types that are not compared.

    Args:
        match: The comparisons.
        counts: The number of episodes that have values of each type.
    """
    has = " and ".join(
        f"{KINDS[kind]} in {counts[kind]} episode{'' if counts[kind] == 1 else 's'}" for kind in KINDS if kind in counts
    )
    compared = " and ".join(KINDS[kind] for kind in KINDS if kind in match.kinds)
    return f"{match.field!r:.80} has {has}, but where compares only {compared}: give one type of value to the field"


def unknown_field(field: str, fields: Sequence[str]) -> str:
    """Return the message that no episode has a field, with the nearest known one."""
    near = get_close_matches(field, [name for name in fields if name != field], 1)
    remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(map(repr, fields[:_LISTED]))}"
    return f"where names the field {field!r:.80}, which no episode of this space has: {remedy}"


# -- the filter --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EpisodeFilter:
    """Conditions for episodes: all given ones apply."""

    where: Mapping[str, Any] | None = None
    """An expression over metadata and "source"."""
    since: When | None = None
    """The earliest world time."""
    before: When | None = None
    """The first world time that is too late."""
    source: str | None = None
    """The source."""
    episodes: Collection[int] | None = None
    """The numbers of the episodes."""
    expired: bool = False
    """Whether only expired episodes pass."""

    def __post_init__(self) -> None:
        check_time(self.since, "since")
        check_time(self.before, "before")
        check_optional(self.source, "source")
        parsed({} if self.where is None else self.where)

    @property
    def is_empty(self) -> bool:
        """Whether no condition is given; an expression without a field is none."""
        given = (self.since, self.before, self.source, self.episodes)
        return not self.where and not self.expired and given == (None,) * len(given)


def where_from_json(text: str) -> dict[str, Any]:
    """Return the expression that a JSON text holds.

    Raises:
        InvalidInput: The text is no JSON object, or an operator or a value in it is wrong.
    """
    where = _object(text, "where")
    parsed(where)
    return where


def metadata_from_json(text: str) -> dict[str, MetadataValue]:
    """Return the metadata that a JSON text holds; raise InvalidInput if it holds none."""
    metadata: Any = _object(text, "metadata")
    return checked_metadata(metadata)


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        value = from_json(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{name}={text!r:.80} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidInput(f'{name}={text!r:.80} is not a JSON object: give one such as {{"price": 10}}')
    return value

"""What memory is told at a time, as a value: checked before anything is read or written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from ariadne.errors import InvalidInput
from ariadne.memory.checks import (
    check_mapping,
    check_optional,
    check_pairs,
    check_texts,
    check_time,
    check_triplets,
    several,
)
from ariadne.values import Replacement, Triplet, When

CORRECTION = "correction"
"""The source of the episodes by which somebody knew better."""


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

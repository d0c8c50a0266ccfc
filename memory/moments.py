"""From where a memory is looked at, and a fact as the index keeps it: times in the clock's integers."""

from __future__ import annotations

from dataclasses import dataclass

from ariadne.values import When

END = 2**62
"""An episode number after all others: what is seen as of END is what is known now."""
OPEN = END + 1
"""Stands for "not yet" in the times and episodes of a FactRow."""

_NOW = "f.retired_in IS NULL"
_THEN = "f.learned_in <= :until AND (f.retired_in IS NULL OR f.retired_in > :until)"
_HELD = (
    "f.learned_in <= :until AND f.valid_from <= :valid_at"
    " AND (f.valid_to IS NULL OR f.retired_in > :until OR f.valid_to > :valid_at)"
)


@dataclass(frozen=True)
class Moment:
    """From where a memory is looked at: after episode `until`, at world time `valid_at` (None: what holds)."""

    until: int = END
    valid_at: When | None = None

    @property
    def held(self) -> str:
        """The SQL condition for facts that hold as seen from here; kept apart so that `now` meets the partial index."""
        if self.valid_at is not None:
            return _HELD
        return _NOW if self.until == END else _THEN


NOW = Moment()
"""What is known and holds now."""


@dataclass(frozen=True)
class FactRow:
    """A fact as the index keeps it in RAM: identities and times, in the clock's integers (OPEN: not yet)."""

    id: int
    subject: str
    predicate: str
    object: str
    valid_from: int
    valid_to: int
    learned_in: int
    retired_in: int

    @property
    def text(self) -> str:
        return f"{self.subject} {self.predicate} {self.object}"

"""From where a memory is looked at: after which episode, and at which world time."""

from __future__ import annotations

from dataclasses import dataclass

from ariadne.values import When

END = 2**62
"""An episode number after all others: what is seen as of END is what is known now."""
OPEN = END + 1
"""Stands for "not yet" in the times and episodes that the index keeps."""

_NOW = "f.retired_in IS NULL"
_THEN = "f.learned_in <= :until AND (f.retired_in IS NULL OR f.retired_in > :until)"
_HELD = (
    "f.learned_in <= :until AND f.valid_from <= :valid_at"
    " AND (f.valid_to IS NULL OR f.retired_in > :until OR f.valid_to > :valid_at)"
)


@dataclass(frozen=True)
class Snapshot:
    """A snapshot of a memory: after episode `until`, at world time `valid_at` (None: the current facts)."""

    until: int = END
    valid_at: When | None = None

    @property
    def held(self) -> str:
        """The SQL condition for facts that hold as seen from here; kept apart so that `now` meets the partial index."""
        if self.valid_at is not None:
            return _HELD
        return _NOW if self.until == END else _THEN


NOW = Snapshot()
"""What is known and holds now."""

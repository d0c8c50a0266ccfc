"""The point in both times that a memory is read at: after which episode, and at which world time."""

from __future__ import annotations

from dataclasses import dataclass

from ariadne.values import When

END = 2**62
"""An episode number after all others: as of END everything is known."""
OPEN = END + 1
"""The end time and the retiring episode of a current fact, in the index in RAM."""

_CURRENT = "f.retired_in IS NULL"
KNOWN = "f.known_from <= :as_of AND (f.known_to IS NULL OR f.known_to > :as_of)"
"""The SQL condition for the facts with the times that the memory has after episode `as_of`."""
UNTIL = "iif(f.retired_in > :as_of AND f.retired_in IS NOT f.known_to, NULL, f.valid_to)"
"""The end of a fact in SQL, as it is known after episode `as_of`; a replaced fact keeps the end that it had."""
_CURRENT_THEN = "f.known_from <= :as_of AND (f.retired_in IS NULL OR f.retired_in > :as_of)"
_VALID_AT = f"{KNOWN} AND f.valid_from <= :valid_at AND ifnull({UNTIL} > :valid_at, 1)"


@dataclass(frozen=True)
class Snapshot:
    """What is known after episode `as_of`; at world time `valid_at` if that is given, else the current facts."""

    as_of: int = END
    valid_at: When | None = None
    withdrawn: frozenset[int] = frozenset()
    """The episodes that have expired or were replaced; a fact that only they state is left out."""

    @property
    def condition(self) -> str:
        """The SQL condition for the facts that hold in this snapshot, with the parameters `as_of` and `valid_at`.

        The condition of the present is a text of its own, so that SQLite uses the partial index of current facts.
        """
        if self.valid_at is not None:
            return _VALID_AT
        return _CURRENT if self.as_of == END else _CURRENT_THEN


NOW = Snapshot()
"""The current facts."""

"""A sub-goal's words taken apart and put together: "unlock Red locker with Key 2"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BETWEEN = {"take": "from", "unlock": "with", "search": "with"}
_WORDS = re.compile(
    r"(?P<verb>take|read|unlock|open|find|explore|search)(?: (?P<thing>.+?))??(?: (?:from|with) (?P<other>.+))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Intent:
    """What a sub-goal means to do: a verb, the thing, and what it is taken from or unlocked with."""

    verb: str
    thing: str = ""
    other: str = ""

    @property
    def text(self) -> str:
        """The words of the sub-goal."""
        other = f"{_BETWEEN[self.verb]} {self.other}" if self.other else ""
        return " ".join(filter(None, (self.verb, self.thing, other)))

    @classmethod
    def read(cls, text: str) -> Intent | None:
        """The intent that words name; None where they name none that rules can follow."""
        found = _WORDS.fullmatch(text.strip().rstrip("."))
        return cls(found["verb"].lower(), found["thing"] or "", found["other"] or "") if found else None


EXPLORE = Intent("explore")
SEARCH = Intent("search", "every room again")

STUCK = "nothing to be done about it yet"
"""The progress of a sub-goal whose place was reached in vain; it stands until something can be done there."""
SEARCHED = "done: "
"""How the progress of a search begins; the rooms follow, each between semicolons."""


def searched(progress: str) -> list[str]:
    """The rooms that a search has been through, as its progress says."""
    return progress.removeprefix(SEARCHED).split("; ") if progress.startswith(SEARCHED) else []

"""A sub-goal's words taken apart and put together ("unlock Red locker with Key 2"), and the notes in its progress."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ariadne.values import Plan

_WORKS = ("chop", "slice", "dice", "fry", "roast", "grill")
_BETWEEN = {
    "take": "from",
    "bring": "to",
    "unlock": "with",
    "search": "with",
    "prepare": "in",
    **dict.fromkeys(_WORKS, "with"),
}
_VERBS = (
    "take",
    "bring",
    "tidy",
    "drop",
    "read",
    "unlock",
    "open",
    "find",
    "explore",
    "search",
    "prepare",
    "eat",
    *_WORKS,
)
_BARRED = re.compile(r"; barred(?: with (?P<keys>.+?))?: (?P<exits>.+)$")
_AND = " and "


@dataclass(frozen=True)
class Intent:
    """What a sub-goal means to do: a verb, the thing, and what it is taken from, brought to, unlocked, cut or cooked
    with."""

    verb: str
    thing: str = ""
    other: str = ""

    @property
    def text(self) -> str:
        """The words of the sub-goal."""
        other = f"{_BETWEEN[self.verb]} {self.other}" if self.other else ""
        return " ".join(filter(None, (self.verb, self.thing, other)))

    @property
    def where(self) -> str:
        """What has to be near: the thing itself, or what it is cooked with, or where it is prepared or brought."""
        return self.other if self.verb in ("fry", "roast", "grill", "prepare", "bring") else self.thing

    @property
    def others(self) -> list[str]:
        """The keys of a search; the one other thing of any other intent."""
        return self.other.split(_AND) if self.other else []

    @classmethod
    def read(cls, text: str) -> Intent | None:
        """The intent that words name; None where they name none that rules can follow."""
        verb, _, rest = text.strip().rstrip(".").partition(" ")
        if (verb := verb.lower()) not in _VERBS:
            return None
        thing, between, other = rest.rpartition(f" {_BETWEEN[verb]} ") if verb in _BETWEEN else (rest, "", "")
        return cls(verb, thing, other) if between or not other else cls(verb, rest)

    @classmethod
    def search(cls, keys: Sequence[str]) -> Intent:
        """A search of every room, with keys of which nobody knows what they open."""
        return cls("search", "every room again", _AND.join(sorted(keys)))


EXPLORE = Intent("explore")
TIDY = Intent("tidy", "up")
"""Nothing to be done by itself: its progress notes where things have been."""


def takes(action: str, thing: str) -> bool:
    """Whether an action of a list takes a thing, from wherever it is."""
    return f"{action} from ".casefold().startswith(f"take {thing} from ".casefold())


STUCK = "nothing to be done about it yet"
"""The progress of a sub-goal whose place was reached in vain; it stands until something can be done there."""
_SEARCHED = "done: "


def noted(plan: Plan, intent: Intent) -> str:
    """The progress that a plan notes of an intent; "" where it is no sub-goal."""
    return next((goal.progress for goal in plan.subgoals if goal.text == intent.text), "")


def searched(progress: str) -> list[str]:
    """The rooms that a search has been through, as its progress says."""
    return progress.removeprefix(_SEARCHED).split("; ") if progress.startswith(_SEARCHED) else []


def search_progress(rooms: Sequence[str]) -> str:
    return _SEARCHED + "; ".join(rooms) if rooms else "not begun"


def barred(progress: str, keys: Sequence[str]) -> list[str]:
    """The exits that could not be taken with these keys in hand, as exploring's progress says; [] with other keys."""
    found = _BARRED.search(progress)
    same = found and (found["keys"] or "") == _AND.join(sorted(keys))
    return found["exits"].split("; ") if found and same else []


def explore_progress(ends: int, exits: Sequence[str], keys: Sequence[str]) -> str:
    """How many exits nobody has taken, and which of them are barred to one with these keys."""
    told = f"{ends} exit{'s' * (ends != 1)} not taken yet" if ends else "every known exit was taken"
    held = f" with {_AND.join(sorted(keys))}" if keys else ""
    return f"{told}; barred{held}: {'; '.join(exits)}" if exits else told

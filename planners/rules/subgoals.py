"""The texts of sub-goals ("unlock Red locker with Key 2") and the notes in their progress: write and parse them.

The planner keeps things between steps only in the plan. So the next step parses these texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ariadne.values import Plan

_PREPARATIONS = ("chop", "slice", "dice", "fry", "roast", "grill")
_PREPOSITIONS = {
    "take": "from",
    "bring": "to",
    "unlock": "with",
    "search": "with",
    "prepare": "in",
    **dict.fromkeys(_PREPARATIONS, "with"),
}
_VERBS = frozenset(
    ("take", "bring", "tidy", "drop", "read", "unlock", "open", "find", "explore", "search", "prepare", "eat")
) | frozenset(_PREPARATIONS)
_BARRED = re.compile(r"; barred(?: with (?P<keys>.+?))?: (?P<exits>.+)$")
_AND = " and "


@dataclass(frozen=True)
class ParsedSubGoal:
    """A sub-goal's text in its parts: a verb, a thing, and a second thing.

    The second thing is where the first is taken from or brought to, or what it is unlocked, cut or cooked with.
    """

    verb: str
    thing: str = ""
    second: str = ""

    @property
    def text(self) -> str:
        """Return the text that `parse` reads."""
        second = f"{_PREPOSITIONS[self.verb]} {self.second}" if self.second else ""
        return " ".join(filter(None, (self.verb, self.thing, second)))

    @property
    def target(self) -> str:
        """Return what must be within reach: the thing, what cooks it, or where it is prepared or brought."""
        return self.second if self.verb in ("fry", "roast", "grill", "prepare", "bring") else self.thing

    @property
    def second_things(self) -> list[str]:
        """Return the keys of a search, or the second thing of any other sub-goal."""
        return self.second.split(_AND) if self.second else []

    @classmethod
    def parse(cls, text: str) -> ParsedSubGoal | None:
        """Parse a sub-goal's text; None if the rules cannot follow it."""
        verb, _, rest = text.strip().rstrip(".").partition(" ")
        if (verb := verb.lower()) not in _VERBS:
            return None
        if verb in _PREPOSITIONS:
            thing, preposition, second = rest.rpartition(f" {_PREPOSITIONS[verb]} ")
            if preposition:
                return cls(verb, thing, second)
        return cls(verb, rest)

    @classmethod
    def search(cls, keys: Sequence[str]) -> ParsedSubGoal:
        """Return the sub-goal to search every room with keys whose locks are unknown."""
        return cls("search", "every room again", _AND.join(sorted(keys)))


EXPLORE = ParsedSubGoal("explore")
TIDY = ParsedSubGoal("tidy", "up")
"""A sub-goal without an action of its own; its progress notes where things have been."""


def takes(action: str, thing: str) -> bool:
    """Return whether a valid action takes a thing from any place."""
    return f"{action} from ".casefold().startswith(f"take {thing} from ".casefold())


STUCK = "nothing to be done about it yet"
"""The progress of a sub-goal whose place was reached without success. It remains until something can be done there."""
_SEARCHED = "done: "


def progress_in(plan: Plan, subgoal: ParsedSubGoal) -> str:
    """Return the progress that a plan notes for a sub-goal; "" if the plan does not contain it."""
    return next((goal.progress for goal in plan.subgoals if goal.text == subgoal.text), "")


def searched_rooms(progress: str) -> list[str]:
    """Return the rooms that a search has finished, from its progress."""
    return progress.removeprefix(_SEARCHED).split("; ") if progress.startswith(_SEARCHED) else []


def search_progress(rooms: Sequence[str]) -> str:
    """Return the progress of a search, which `searched_rooms` reads."""
    return _SEARCHED + "; ".join(rooms) if rooms else "not begun"


def barred_exits(progress: str, keys: Sequence[str]) -> list[str]:
    """Return the exits that are barred with these keys in hand, from the progress of exploring; [] for other keys."""
    found = _BARRED.search(progress)
    same = found and (found["keys"] or "") == _AND.join(sorted(keys))
    return found["exits"].split("; ") if found and same else []


def explore_progress(count: int, barred: Sequence[str], keys: Sequence[str]) -> str:
    """Return the progress of exploring: how many exits are unexplored, and which are barred with these keys."""
    open_exits = f"{count} exit{'s' * (count != 1)} not taken yet" if count else "every known exit was taken"
    held = f" with {_AND.join(sorted(keys))}" if keys else ""
    return f"{open_exits}; barred{held}: {'; '.join(barred)}" if barred else open_exits

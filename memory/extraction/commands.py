"""The parts of a player's command: "unlock box with key" has the target "box" and the tool "key"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ariadne.memory.ontology.patterns import without_article
from ariadne.relations import DIRECTIONS

_GO = re.compile(rf"(?:go |walk |head |move )?({'|'.join(sorted(DIRECTIONS, key=len, reverse=True))})", re.IGNORECASE)
_EXAMINE = re.compile(r"(?:examine|read|look at|x|l at) (?:the )?(?P<thing>.+)", re.IGNORECASE)
_TAKE = re.compile(r"(?:take|get|pick up) (?:the )?(?P<target>.+?)(?: from .+)?", re.IGNORECASE)
_OPEN = re.compile(
    r"(?:open|(?:un)?lock) (?:the )?(?P<target>.+?)(?: (?:with|using) (?:the )?(?P<tool>.+))?", re.IGNORECASE
)
_DOOR = re.compile(r"\b(?:door|gate|gateway|doorway|hatch)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Command:
    """A command, by its parts; "" where it has no such part."""

    text: str = ""
    direction: str = ""
    """The direction of a move."""
    examined: str = ""
    """The thing that the player examines or reads."""
    target: str = ""
    """The thing that the player takes, opens, unlocks or locks."""
    tool: str = ""
    """The key of "unlock box with key"."""
    opened: str = ""
    """The target of a plain "open ...", unless it is a door: a door has other names."""
    taken: str = ""
    """The target of a plain "take ...", unless it is a door."""


def parse_command(text: str) -> Command:
    """Return a command by its parts."""
    move, examine = _GO.fullmatch(text), _EXAMINE.fullmatch(text)
    handled = _OPEN.fullmatch(text) or _TAKE.fullmatch(text)
    target, tool = (handled["target"], handled.groupdict().get("tool") or "") if handled else ("", "")
    is_plain = not tool and text.casefold().endswith(target.casefold()) and not _DOOR.search(target)
    verb = text.partition(" ")[0].lower() if is_plain else ""
    return Command(
        text,
        direction=move[1].lower() if move else "",
        examined=without_article(examine["thing"]) if examine else "",
        target=target,
        tool=tool,
        opened=target if verb == "open" else "",
        taken=target if verb == "take" else "",
    )

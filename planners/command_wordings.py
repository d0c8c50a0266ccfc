"""How else a command may be worded, where a world was seen not to understand the usual words.

Worlds differ in theirs: what is "go west" and "take apple from fridge" to one, is "move west" and "take apple" to
another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ariadne.values import Observation

_WORKS = r"(?:chop|slice|dice)"
_FORMS = [
    (re.compile(usual, re.IGNORECASE), re.compile(other, re.IGNORECASE), told)
    for usual, other, told in (
        (r"go (.+)", r"move (.+)", r"move \1"),
        (r"(take .+?) from .+", r"(?!)", r"\1"),  # "take apple" is understood everywhere
        (rf"({_WORKS} .+?) with .+", rf"{_WORKS} .+", r"\1"),
        (r"(cook .+?) with (.+)", r"cook .+ in .+", r"\1 in \2"),
        (r"(?:put|insert) (.+?) (?:on|into) (.+)", r"put .+ in .+", r"put \1 in \2"),
    )
]
"""A command as it is usually worded; the other words, which speak against these where understood; what it becomes."""
_PUZZLED = re.compile(
    r"\bunknown (?:action|command|verb)\b|\bnot sure what you mean\b|\b(?:don't|do not) understand\b",
    re.IGNORECASE,
)


def worded(command: str, seen: Sequence[Observation]) -> str:
    """A command in the words of this world: those of the last observation's list of valid actions, where it has one,
    else those that were understood last, of those that were `seen` to draw an answer lately."""
    valid = seen[-1].valid_actions if seen else None
    if valid is not None:
        instead = otherwise(command)
        return instead if instead and _lists(valid, instead, command) else command
    for usual, other, told in _FORMS:
        if match := usual.fullmatch(command):
            return match.expand(told) if _calls_for_other(usual, other, seen) else command
    return command


def otherwise(command: str) -> str | None:
    """The other wording of a command; None where there is none."""
    return next((match.expand(told) for usual, _, told in _FORMS if (match := usual.fullmatch(command))), None)


def _lists(valid: Sequence[str], other: str, command: str) -> bool:
    """Whether the other wording is listed in place of a command, or its verb in place of the command's."""
    if other in valid or command in valid:
        return command not in valid
    verbs = {action.partition(" ")[0] for action in valid}
    return other.partition(" ")[0] in verbs and command.partition(" ")[0] not in verbs


def _calls_for_other(usual: re.Pattern[str], other: re.Pattern[str], seen: Sequence[Observation]) -> bool:
    """Whether the usual words were not understood when they were last heard, or the others were."""
    for observation in reversed(seen):
        command, puzzled = " ".join(observation.commands[-1:]), bool(_PUZZLED.search(observation.text))
        if usual.fullmatch(command):
            return puzzled
        if other.fullmatch(command):
            return not puzzled
    return False

"""Alternative wordings of commands, for worlds that do not understand the usual ones.

One world expects "go west" and "take apple from fridge"; another expects "move west" and "take apple".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ariadne.values import Observation

_CUTS = r"(?:chop|slice|dice)"
_WORDINGS = [
    (re.compile(usual, re.IGNORECASE), re.compile(alternative, re.IGNORECASE), template)
    for usual, alternative, template in (
        (r"go (.+)", r"move (.+)", r"move \1"),
        (r"(take .+?) from .+", r"(?!)", r"\1"),  # every world understands "take apple", so it is no evidence
        (rf"({_CUTS} .+?) with .+", rf"{_CUTS} .+", r"\1"),
        (r"(cook .+?) with (.+)", r"cook .+ in .+", r"\1 in \2"),
        (r"(?:put|insert) (.+?) (?:on|into) (.+)", r"put .+ in .+", r"put \1 in \2"),
    )
]
"""The usual wording, the alternative one, and the template that turns the first into the second."""
_NOT_UNDERSTOOD = re.compile(
    r"\bunknown (?:action|command|verb)\b|\bnot sure what you mean\b|\b(?:don't|do not) understand\b",
    re.IGNORECASE,
)


def reword(command: str, observations: Sequence[Observation]) -> str:
    """Return a command in the wording of this world.

    The list of valid actions decides, if the last observation has one. Without a list, the last command of the same
    kind decides: its wording is kept if the world understood it.

    Args:
        command: The command in its usual wording.
        observations: The last observations, the newest last.
    """
    valid = observations[-1].valid_actions if observations else None
    if valid is not None:
        alternative = alternative_wording(command)
        return alternative if alternative and _is_listed_instead(valid, alternative, command) else command
    for usual, alternative_form, template in _WORDINGS:
        if match := usual.fullmatch(command):
            return match.expand(template) if _prefers(alternative_form, usual, observations) else command
    return command


def alternative_wording(command: str) -> str | None:
    """Return the alternative wording of a command; None if it has only one."""
    return next(
        (match.expand(template) for usual, _, template in _WORDINGS if (match := usual.fullmatch(command))), None
    )


def _is_listed_instead(valid: Sequence[str], alternative: str, command: str) -> bool:
    """Return whether the list has the alternative but not the command, or only the verb of the alternative."""
    if alternative in valid or command in valid:
        return command not in valid
    verbs = {action.partition(" ")[0] for action in valid}
    return alternative.partition(" ")[0] in verbs and command.partition(" ")[0] not in verbs


def _prefers(alternative: re.Pattern[str], usual: re.Pattern[str], observations: Sequence[Observation]) -> bool:
    """Return whether the world last failed to understand the usual wording, or last understood the alternative one."""
    for observation in reversed(observations):
        command, failed = " ".join(observation.commands[-1:]), bool(_NOT_UNDERSTOOD.search(observation.text))
        if usual.fullmatch(command):
            return failed
        if alternative.fullmatch(command):
            return not failed
    return False

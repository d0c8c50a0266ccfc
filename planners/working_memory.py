"""What planners read out of working memory: the room last announced, and the texts at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ariadne.values import Situation, Triplet, WorkingMemory

FactsInText = Callable[[str], Sequence[Triplet]]
"""Return the facts that are current at the end of a transcript; the assembly passes it in, and it keeps nothing."""
_ARRIVAL = re.compile(r"\A> .*\n(?=-= |You are in )")
"""The command of a transcript that led into a room."""


def announced_room(situation: Situation) -> str:
    """Return the room that the last observations announce; "" if they announce none."""
    return next((observation.room for observation in reversed(situation.observations) if observation.room), "")


def texts_at_hand(working: WorkingMemory) -> list[str]:
    """Return the recalled episodes, the last steps and the current observation, oldest first.

    The first of the last steps names a room and the command that led there. Without the episode before it, the map
    would connect that room to the wrong one; then the command is left out.
    """
    steps = working.situation.recent
    last = [step.observation.transcript for step in steps]
    recalled = [episode for episode in working.recall.episodes if episode.text not in last]
    if recalled and last and (recalled[-1].source or recalled[-1].id != steps[0].update.episode.id - 1):
        last[0] = _ARRIVAL.sub("", last[0])
    return [*(episode.text for episode in recalled), *last, working.situation.observation.transcript]

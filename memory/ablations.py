"""The AriGraph with a part left out, to measure what that part is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ariadne.memory import budget
from ariadne.memory.graph import AriGraph
from ariadne.values import Ask, Recall, Triplet

EXITS = ("has exit", "is behind")


class WithoutEpisodes(AriGraph):
    """Recalls facts alone."""

    def recall(self, query: Ask | Sequence[Ask], **how: Any) -> Recall:
        """As AriGraph does, but no episode."""
        return super().recall(query, **{**how, "episodes": 0})


class WithoutExploration(AriGraph):
    """Knows of ways that were gone, and not of the exits that its mind could still take elsewhere."""

    def recall(self, query: Ask | Sequence[Ask], **how: Any) -> Recall:
        """As AriGraph does, without exits and the doors in them."""
        recalled = super().recall(query, **how)
        facts = tuple(fact for fact in recalled.facts if fact.relation not in EXITS)
        return replace(recalled, facts=facts, text=budget.text([*facts, *recalled.episodes]), reasons=())

    def places(self) -> tuple[Triplet, ...]:
        """The ways between rooms, without their exits and doors."""
        return tuple(triplet for triplet in super().places() if triplet.relation not in EXITS)

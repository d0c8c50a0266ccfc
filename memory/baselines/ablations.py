"""The AriGraph with a part left out, to measure what that part is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ariadne.memory.graph import AriGraph
from ariadne.memory.retrieval import rendering
from ariadne.values import Episode, Fact, QueryLike, Recall, Triplet

EXITS = ("has exit", "is behind")


class WithoutEpisodes(AriGraph):
    """Recalls facts alone."""

    def recall(self, query: QueryLike | Sequence[QueryLike], **how: Any) -> Recall:
        """As AriGraph does, but no episode."""
        return super().recall(query, **{**how, "episodes": 0})


class WithoutExploration(AriGraph):
    """Knows of ways that were gone, and not of the exits that its mind could still take elsewhere."""

    def recall(self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, **how: Any) -> Recall:
        """As AriGraph does, without exits and where doors are; what tokens these would have taken are for the rest."""
        all_of_it = super().recall(query, **how)
        why = {
            fact: reason
            for fact, reason in zip(all_of_it.facts, all_of_it.reasons, strict=True)
            if fact.relation not in EXITS
        }
        asked = max((nth for nth, reason in enumerate(why.values(), 1) if reason.hop == 0), default=0)
        told = rendering.fit_to_budget([*why][:asked], [*why][asked:], all_of_it.episodes, max_tokens)
        facts = tuple(item for item in told if isinstance(item, Fact))
        return Recall(
            facts=facts,
            episodes=tuple(item for item in told if isinstance(item, Episode)),
            text=rendering.text(told),
            reasons=tuple(reason for fact, reason in why.items() if fact in facts),
        )

    def places(self) -> tuple[Triplet, ...]:
        """The ways between rooms, without their exits and where doors are in them."""
        return tuple(triplet for triplet in super().places() if triplet.relation not in EXITS)

"""The AriGraph with one part left out, to measure what that part is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ariadne.memory.graph import AriGraph
from ariadne.memory.retrieval.budget import fit_to_budget
from ariadne.memory.retrieval.rendering import render_text
from ariadne.relations import HAS_EXIT, IS_BEHIND
from ariadne.values import Episode, Fact, QueryLike, Recall, Triplet

EXITS = (HAS_EXIT, IS_BEHIND)


class WithoutEpisodes(AriGraph):
    """An AriGraph that recalls facts alone."""

    def recall(self, query: QueryLike | Sequence[QueryLike], **arguments: Any) -> Recall:
        """Recall as AriGraph does, but no episode."""
        return super().recall(query, **{**arguments, "episodes": 0})


class WithoutExploration(AriGraph):
    """An AriGraph that recalls the connections taken, but not the exits still to explore."""

    def recall(
        self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, **arguments: Any
    ) -> Recall:
        """Recall as AriGraph does, without exits and what is behind them; the rest takes their share of the budget."""
        whole = super().recall(query, **arguments)
        reasons = {
            fact: reason for fact, reason in zip(whole.facts, whole.reasons, strict=True) if fact.relation not in EXITS
        }
        named = max((nth for nth, reason in enumerate(reasons.values(), 1) if reason.hop == 0), default=0)
        items = fit_to_budget([*reasons][:named], [*reasons][named:], whole.episodes, max_tokens)
        facts = tuple(item for item in items if isinstance(item, Fact))
        return Recall(
            facts=facts,
            episodes=tuple(item for item in items if isinstance(item, Episode)),
            text=render_text(items),
            reasons=tuple(reason for fact, reason in reasons.items() if fact in facts),
        )

    def places(self) -> tuple[Triplet, ...]:
        """Return the connections between rooms, without their exits and what is behind these."""
        return tuple(triplet for triplet in super().places() if triplet.relation not in EXITS)

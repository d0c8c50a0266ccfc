"""What recall can be asked, checked and made whole: what was left open is what suits the strategy and the embedder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Literal, get_args

from ariadne.errors import InvalidInput
from ariadne.memory.index.facts import Scorer
from ariadne.memory.inputs import (
    check_count,
    check_mapping,
    check_number,
    check_texts,
    check_threshold,
    check_time,
    checked_asks,
    checked_numbers,
)
from ariadne.memory.storage.snapshot import END
from ariadne.values import QueryLike, RecallRequest, When

Strategy = Literal["chains", "paper"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
DEPTHS = {"chains": 3, "paper": 2}
"""How many facts a chain has at most, or how many hops the paper's search makes."""
WIDTHS = {"chains": 48, "paper": 6}
"""How many chains go on, or how many triplets are taken for a vertex: the paper's number."""


def asked(
    scorer: Scorer, query: QueryLike | Sequence[QueryLike], *, facts: int | None, episodes: int, max_tokens: int | None,
    depth: int | None, width: int | None, threshold: float | None, valid_at: When | None,
    where: Mapping[str, str] | None, exclude: Sequence[int], trust: Mapping[str, float] | None, strategy: Strategy,
) -> RecallRequest:  # fmt: skip
    """See AriGraph.recall; raises InvalidInput."""
    if strategy not in STRATEGIES:
        raise InvalidInput(f"no strategy {strategy!r:.80}; there are {', '.join(STRATEGIES)}")
    check_number(episodes, "episodes")
    for count, what in ((facts, "facts"), (max_tokens, "max_tokens"), (depth, "depth"), (width, "width")):
        check_count(count, what)
    check_threshold(threshold)
    check_mapping(where, "where")
    check_time(valid_at)
    least = scorer.threshold if strategy == "paper" else scorer.faintest
    return RecallRequest(
        queries=tuple(checked_asks(query)),
        as_of=END,
        valid_at=valid_at,
        depth=DEPTHS[strategy] if depth is None else depth,
        width=WIDTHS[strategy] if width is None else width,
        threshold=least if threshold is None else float(threshold),
        where=None if where is None else dict(where),
        exclude=tuple(checked_numbers(exclude, "exclude")),
        trust=_checked_trust(trust),
        facts=facts,
        episodes=episodes,
        max_tokens=max_tokens,
        strategy=strategy,
    )


def _checked_trust(trust: Mapping[str, float] | None) -> dict[str, float]:
    if trust is not None and not isinstance(trust, Mapping):
        raise InvalidInput(f"trust is a mapping of sources to weights, not {trust!r:.80}")
    weights = dict(trust or {})
    check_texts(weights)
    for source, weight in weights.items():
        if not isinstance(weight, Real) or not 0 <= weight <= 1:
            raise InvalidInput(f"a source is trusted by a weight from 0 to 1, not {weight!r:.80} ({source!r:.80})")
    return weights

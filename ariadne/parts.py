"""The one place that puts parts together, by name: environments, memories, minds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.errors import AriadneError
from ariadne.memory import AriGraph, NoMemory
from ariadne.memory.extraction import RulesExtractor
from ariadne.planners import RulesMind
from ariadne.protocols import Extractor, Memory, Mind
from ariadne.values import Triplet

if TYPE_CHECKING:
    from ariadne.envs import TextWorld

MEMORIES = ("arigraph", "none")
MINDS = ("rules",)
HUMAN = "human"
"""The mind that a person is part of."""
EXTRACTOR = RulesExtractor()
"""What reads, for every memory alike."""


def environment(game: str | Path, *, valid_actions: bool = True) -> TextWorld:
    """The environment that plays a game's file; raises GameError where it is none."""
    from ariadne.envs import TextWorld

    return TextWorld(game, valid_actions=valid_actions)


def memory(
    kind: str = "arigraph", path: str | Path | None = None, extractor: Extractor = EXTRACTOR, until: int | None = None
) -> Memory:
    """A memory by name: kept in a file where it has one and `path` names it, else in RAM.

    A file that knows more than `until` episodes is begun anew: it is to be told of the past, not of what is to come.
    """
    if kind == "none":
        return NoMemory(extractor)
    if kind == "arigraph":
        if path is None:
            return AriGraph(extractor=extractor)
        kept = AriGraph.open(path, extractor=extractor)
        if until is None or kept.stats().episodes <= until:
            return kept
        kept.close()
        for file in Path(path).parent.glob(f"{Path(path).name}*"):
            file.unlink()
        return AriGraph.open(path, extractor=extractor)
    raise AriadneError(f"no memory {kind!r}; there are {', '.join(MEMORIES)}")


Graph = AriGraph


def graph() -> Graph:
    """An AriGraph in RAM that recalls by words, not by vectors: for those who look at its facts."""
    return AriGraph(extractor=EXTRACTOR, embedder=None)


def mind(kind: str = "rules") -> Mind:
    """A mind by name; `HUMAN` asks on standard input what to do."""
    if kind == "rules":
        return RulesMind(holds)
    if kind == HUMAN:
        from ariadne.human import HumanSelector

        return replace(RulesMind(holds), selector=HumanSelector())
    raise AriadneError(f"no mind {kind!r}; there are {', '.join(MINDS)}")


@lru_cache(maxsize=64)
def holds(text: str) -> Sequence[Triplet]:
    """What holds at the end of a transcript: the same reading and revision as memory's, in RAM."""
    with graph() as told:
        told.remember(text)
        return tuple(fact.triplet for fact in told.facts())

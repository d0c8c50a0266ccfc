"""The one place that puts parts together, by name: environments, memories, minds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ariadne.errors import AriadneError
from ariadne.llm.settings import ModelSettings
from ariadne.memory import AriGraph, NoMemory
from ariadne.memory.baselines.ablations import WithoutEpisodes, WithoutExploration
from ariadne.memory.baselines.llm_texts import Reflecting, Writing, WrittenSummary
from ariadne.memory.baselines.texts import History, Rag, Simulacra, Summary, Texts
from ariadne.memory.embedders.registry import HashEmbedder, MiniLM
from ariadne.memory.extraction.llm import InPlay, LLMExtractor
from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.planners import PlanThenAct, RulesMind, RulesPlanner, RulesSelector
from ariadne.planners.llm.minds import LLMPlanner, LLMQueries, LLMSelector, MergedMind, player_and_reading_queries
from ariadne.planners.minds import QueryMaker
from ariadne.planners.rules.tidying import Vectors
from ariadne.protocols import Extractor, Memory, Mind, Model, Planner, Selector
from ariadne.values import QueryLike, Reading, Situation, Triplet

if TYPE_CHECKING:
    from ariadne.envs import TextWorld, TextWorldExpress
    from ariadne.envs.base import GameEnvironment

_GRAPHS: dict[str, type[AriGraph]] = {
    "arigraph": AriGraph,
    "arigraph-no-episodes": WithoutEpisodes,
    "arigraph-no-exploration": WithoutExploration,
}
_TEXTS: dict[str, type[NoMemory]] = {
    "none": NoMemory,
    "history": History,
    "summary": Summary,
    "rag": Rag,
    "simulacra": Simulacra,
}
_WRITTEN: dict[str, type[Writing]] = {"summary": WrittenSummary, "simulacra": Reflecting}
MEMORIES = (*_GRAPHS, *_TEXTS)
LLM = "llm"
MINDS = ("rules", LLM)
HUMAN = "human"
"""The mind that a person is part of."""
EXTRACTOR = RulesExtractor()
"""What reads, for every memory alike."""


class GameSettings(Protocol):
    """What a run's player is told and allowed: a request, or what was asked of a run."""

    @property
    def valid_actions(self) -> bool: ...
    @property
    def objective(self) -> bool: ...
    @property
    def moves(self) -> int | None: ...
    @property
    def restarts(self) -> bool: ...


def environment_of(game: Path, asked: GameSettings) -> GameEnvironment:
    """The environment that plays a game's file as is asked; raises GameError where it is none."""
    return _environment(game)(
        game, valid_actions=asked.valid_actions, moves=asked.moves, objective=asked.objective, restarts=asked.restarts
    )


def environment(game: str | Path, *, valid_actions: bool = True) -> GameEnvironment:
    """The environment that plays a game's file; raises GameError where it is none."""
    return _environment(Path(game))(game, valid_actions=valid_actions)


def _environment(game: Path) -> type[TextWorld | TextWorldExpress]:
    """Whose game a file is, by how its name ends."""
    from ariadne.envs import TextWorld, TextWorldExpress
    from ariadne.envs.express.games import SUFFIX

    return TextWorldExpress if game.suffix == SUFFIX else TextWorld


def memory(
    kind: str = "arigraph", path: str | Path | None = None, extractor: Extractor = EXTRACTOR,
    thinking: ModelSettings | None = None, model: Model | None = None,
) -> Memory:  # fmt: skip
    """A memory by name: kept in a file where it has one and `path` names it, else in RAM. Where a model thinks it
    writes summary and reflections; what lies before it in brief alone is recalled as what lies longer ago is."""
    if keeps := _TEXTS.get(kind):
        writes = _WRITTEN.get(kind) if model is not None else None
        skips = thinking is not None and thinking.skips
        texts = writes(model, extractor, skip=skips) if writes and model else keeps(extractor)
        if isinstance(texts, Texts) and thinking is not None and thinking.is_merged:
            texts.lately = 0
        return texts
    if graph := _GRAPHS.get(kind):
        return graph(extractor=extractor) if path is None else graph.open(path, extractor=extractor)
    raise AriadneError(f"no memory {kind!r}; there are {', '.join(MEMORIES)}")


Graph = AriGraph


def graph() -> Graph:
    """An AriGraph in RAM that recalls by words, not by vectors: for those who look at its facts."""
    return AriGraph(extractor=EXTRACTOR, embedder=None)


def extractor(thinking: ModelSettings | None = None, model: Model | None = None) -> Extractor:
    """Return what reads the texts of a run: rules, or a language model."""
    if thinking is not None and model is not None and thinking.extract == LLM:
        merged = thinking.protocol == "merged"
        return InPlay(LLMExtractor(model, merged=merged, skip=thinking.skips))
    return EXTRACTOR


def llm_mind(thinking: ModelSettings, model: Model) -> Mind:
    """Return a mind whose parts are by a language model or by rules, as the settings choose."""
    free, skip, rules = thinking.free_actions, thinking.skips, RulesMind(facts_in_text, embed)
    if thinking.protocol == "paper":
        make_queries: QueryMaker = LLMQueries(model, skip)
    else:  # the reading by rules proposes no queries
        make_queries = player_and_reading_queries if thinking.extract == LLM else rules.queries
    if thinking.is_merged:
        return MergedMind(model, make_queries, free, skip, facts_in_text)
    if LLM not in (thinking.plan, thinking.act):
        return rules
    planner: Planner = RulesPlanner(facts_in_text, embed)
    selector: Selector = RulesSelector(facts_in_text)
    if thinking.plan == LLM:
        planner = LLMPlanner(model, skip, facts_in_text)
    if thinking.act == LLM:
        selector = LLMSelector(model, free, skip, facts_in_text)
    if thinking.plan != thinking.act:  # each part gets the queries that it would make itself
        make_queries = partial(_joined_queries, (rules.queries, make_queries))
    return PlanThenAct(planner, selector, make_queries)


def _joined_queries(makers: Sequence[QueryMaker], situation: Situation, reading: Reading) -> Sequence[QueryLike]:
    """Return the queries of all makers, each once."""
    return tuple(dict.fromkeys(query for make_queries in makers for query in make_queries(situation, reading)))


def mind(kind: str = "rules") -> Mind:
    """Return a mind by name that needs no model; `HUMAN` reads its commands from standard input."""
    rules = RulesMind(facts_in_text, embed)
    if kind == "rules":
        return rules
    if kind == HUMAN:
        from ariadne.planners.human import HumanSelector

        return PlanThenAct(RulesPlanner(facts_in_text, embed), HumanSelector(), rules.queries)
    raise AriadneError(f"no mind {kind!r}; there are {', '.join(MINDS)}")


def embed(texts: Sequence[str]) -> Vectors:
    """Vectors of texts, (n, dimensions) float32, unit rows: by MiniLM where it is installed, else by their words."""
    return np.stack([_vector(text) for text in texts])


@lru_cache(maxsize=4096)
def _vector(text: str) -> Vectors:
    embedder = MiniLM() if MiniLM.available() else HashEmbedder()
    vector: Vectors = embedder.embed([text])[0]
    return vector


@lru_cache(maxsize=64)
def facts_in_text(text: str) -> Sequence[Triplet]:
    """Return the facts that are current at the end of a transcript, by the reading and revision of memory, in RAM."""
    with graph() as memory:
        memory.remember(text)
        return tuple(fact.triplet for fact in memory.facts())

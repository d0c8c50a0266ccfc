"""The construction of parts by name: environments, memories, extractors and minds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ariadne.errors import AriadneError
from ariadne.llm.settings import ModelSettings
from ariadne.memory import AriGraph, NoMemory
from ariadne.memory.baselines.ablations import WithoutEpisodes, WithoutExploration
from ariadne.memory.baselines.llm_texts import LLMSummary, LLMTexts, ReflectingSimulacra
from ariadne.memory.baselines.texts import History, Rag, Simulacra, Summary, Texts
from ariadne.memory.embedders.hashing import HashEmbedder
from ariadne.memory.embedders.onnx import MiniLM
from ariadne.memory.extraction.llm import GameExtractor, LLMExtractor
from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.planners import PlanThenAct, RulesMind, RulesPlanner, RulesSelector
from ariadne.planners.llm.minds import LLMPlanner, LLMQueries, LLMSelector, MergedMind, player_and_reading_queries
from ariadne.planners.minds import QueryMaker
from ariadne.planners.rules.tidying import Vectors
from ariadne.protocols import Extractor, Memory, Mind, Model, Planner, Selector
from ariadne.values import RECENT_STEPS, QueryLike, Reading, Situation, Triplet

if TYPE_CHECKING:
    from ariadne.envs.base import GameEnvironment

NO_EXPLORATION = "arigraph-no-exploration"
_GRAPHS: dict[str, type[AriGraph]] = {
    "arigraph": AriGraph,
    "arigraph-no-episodes": WithoutEpisodes,
    NO_EXPLORATION: WithoutExploration,
}
_OTHERS: dict[str, Callable[[Extractor], Memory]] = {"none": NoMemory}
"""Other memories, each by what makes it from an extractor: add yours here."""
_TEXTS: dict[str, type[Texts]] = {
    "history": History,
    "summary": Summary,
    "rag": Rag,
    "simulacra": Simulacra,
}
_LLM_TEXTS: dict[str, type[LLMTexts]] = {"summary": LLMSummary, "simulacra": ReflectingSimulacra}
MEMORIES = (*_GRAPHS, *_OTHERS, *_TEXTS)
LLM = "llm"
MINDS = ("rules", LLM)
HUMAN = "human"
"""The mind whose actions a person chooses."""
EXTRACTOR = RulesExtractor()
"""The default extractor of every memory."""


def environment(
    game: str | Path, *, valid_actions: bool = True, moves: int | None = None, objective: bool = True,
    restarts: bool = False,
) -> GameEnvironment:  # fmt: skip
    """Return the environment that plays a game file; the suffix of the file chooses the kind.

    Args:
        game: The file.
        valid_actions: Whether the environment lists the valid actions.
        moves: The limit of commands in the game.
        objective: Whether the first text may state the objective.
        restarts: Whether a lost game begins again.

    Raises:
        GameError: The file is not a game.
    """
    from ariadne.envs import TextWorld, TextWorldExpress
    from ariadne.envs.express.games import SUFFIX

    kind = TextWorldExpress if Path(game).suffix == SUFFIX else TextWorld
    return kind(Path(game), valid_actions=valid_actions, moves=moves, objective=objective, restarts=restarts)


def memory(
    kind: str = "arigraph", path: str | Path | None = None, extractor: Extractor = EXTRACTOR,
    model_settings: ModelSettings | None = None, model: Model | None = None,
) -> Memory:  # fmt: skip
    """Return a memory by name.

    A graph is kept in the file `path`, or in RAM without one; the other memories are always in RAM. With a `model`, the
    summary and the reflections are written by it. A mind that sees its latest steps only in brief gets them as recalls
    too.
    """
    if other := _OTHERS.get(kind):
        return other(extractor)
    if kind in _TEXTS:
        return _text_memory(kind, extractor, model_settings, model)
    if graph := _GRAPHS.get(kind):
        return graph(extractor=extractor, path=":memory:" if path is None else path, ontology="text-world")
    raise AriadneError(f"there is no memory {kind!r}; choose one of {', '.join(MEMORIES)}")


def _text_memory(kind: str, extractor: Extractor, model_settings: ModelSettings | None, model: Model | None) -> Texts:
    in_view = 0 if model_settings is not None and model_settings.is_merged else RECENT_STEPS
    if model is not None and kind in _LLM_TEXTS:
        skips = model_settings is not None and model_settings.skips
        return _LLM_TEXTS[kind](model, extractor, skip=skips, in_view=in_view)
    return _TEXTS[kind](extractor, in_view=in_view)


def graph() -> AriGraph:
    """Return an AriGraph in RAM without vectors, for callers that only need its facts."""
    return AriGraph(extractor=EXTRACTOR, embedder=None, ontology="text-world")


def extractor(model_settings: ModelSettings | None = None, model: Model | None = None) -> Extractor:
    """Return the extractor of a run: the rules, or a language model."""
    if model_settings is not None and model is not None and model_settings.extract == LLM:
        merged = model_settings.protocol == "merged"
        return GameExtractor(LLMExtractor(model, merged=merged, skip=model_settings.skips))
    return EXTRACTOR


def llm_mind(settings: ModelSettings, model: Model) -> Mind:
    """Return a mind whose parts are a language model or the rules, as the settings choose."""
    free, skip, rules = settings.free_actions, settings.skips, RulesMind(facts_in_text, embed)
    if settings.protocol == "paper":
        make_queries: QueryMaker = LLMQueries(model, skip)
    else:  # the reading by rules proposes no queries
        make_queries = player_and_reading_queries if settings.extract == LLM else rules.queries
    if settings.is_merged:
        return MergedMind(model, make_queries, free, skip, facts_in_text)
    if LLM not in (settings.plan, settings.act):
        return rules
    planner: Planner = RulesPlanner(facts_in_text, embed)
    selector: Selector = RulesSelector(facts_in_text)
    if settings.plan == LLM:
        planner = LLMPlanner(model, skip, facts_in_text)
    if settings.act == LLM:
        selector = LLMSelector(model, free, skip, facts_in_text)
    if settings.plan != settings.act:  # each part gets the queries that it would make itself
        make_queries = partial(_joined_queries, (rules.queries, make_queries))
    return PlanThenAct(planner, selector, make_queries)


def _joined_queries(makers: Sequence[QueryMaker], situation: Situation, reading: Reading) -> Sequence[QueryLike]:
    """Return the queries of all makers, each once."""
    return tuple(dict.fromkeys(query for make_queries in makers for query in make_queries(situation, reading)))


def mind(kind: str = "rules") -> Mind:
    """Return a mind that needs no model, by name; `HUMAN` reads its commands from standard input."""
    rules = RulesMind(facts_in_text, embed)
    if kind == "rules":
        return rules
    if kind == HUMAN:
        from ariadne.planners.human import HumanSelector

        return PlanThenAct(RulesPlanner(facts_in_text, embed), HumanSelector(), rules.queries)
    raise AriadneError(f"there is no mind {kind!r}; choose one of {', '.join(MINDS)}")


def embed(texts: Sequence[str]) -> Vectors:
    """Return vectors of texts, (n, d) float32, unit rows: by MiniLM if it is installed, else by hashed words."""
    return np.stack([_vector(text) for text in texts])


@lru_cache(maxsize=4096)
def _vector(text: str) -> Vectors:
    embedder = MiniLM() if MiniLM.available() else HashEmbedder()
    vector: Vectors = embedder.embed([text])[0]
    return vector


@lru_cache(maxsize=64)
def facts_in_text(text: str) -> Sequence[Triplet]:
    """Return the triplets that are current at the end of a transcript, as a graph in RAM reads and revises it."""
    with graph() as memory:
        memory.remember(text)
        return tuple(fact.triplet for fact in memory.facts())

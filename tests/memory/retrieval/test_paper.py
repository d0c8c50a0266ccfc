"""The paper's two searches, against oracles that go through everything one by one."""

from __future__ import annotations

import math
import random
import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ariadne.memory import AriGraph, Fact, HashEmbedder, Query, Triplet
from ariadne.memory.retrieval.episodes import relevance
from ariadne.memory.retrieval.paper import Edge as PaperEdge
from ariadne.memory.retrieval.paper import breadth_first, nearest_rows
from ariadne.memory.storage.vectors import packed
from ariadne.values import When

THINGS = [f"{colour} {thing}" for colour in ("red", "old", "tin") for thing in ("apple", "box", "key", "shelf")]
VERTICES = ["apple", "box", "hall", "key", "red box", "table"]

Near = Callable[[str, str], float]
Edge = tuple[str, str, str]


def searched(query: str, edges: Sequence[Edge], near: Near, depth: int, width: int, least: float) -> dict[Edge, Any]:
    """Semantic search one vertex at a time, out of a queue: each edge with its score and hop, in the order found."""
    found = dict[Edge, tuple[float, int]]()
    queue, queued = deque([(query, 1)]), set[str]()
    while queue:
        probe, hop = queue.popleft()
        if hop > depth:
            continue
        ranked = sorted((-round(near(probe, " ".join(edge)), 4), " ".join(edge), n) for n, edge in enumerate(edges))
        for negative, _, n in ranked[:width]:
            if -negative < least:
                continue
            found.setdefault(edges[n], (-negative, hop))
            for vertex in (edges[n][0], edges[n][2]):
                if vertex not in queued:
                    queued.add(vertex)
                    queue.append((vertex, hop + 1))
    return dict(sorted(found.items(), key=lambda item: (item[1][1], -item[1][0], " ".join(item[0]))))


def by_cosine(query: str, text: str) -> float:
    one, other = packed(HashEmbedder().embed([query, text])).astype(float)
    return math.fsum(one * other) / math.sqrt(math.fsum(one * one) * math.fsum(other * other))


def by_words(edges: Sequence[Edge]) -> Near:
    """The share of the query's words, by how rare they are, that a triplet has."""
    texts = [set(re.findall(r"\w+", " ".join(edge))) for edge in edges]

    def near(query: str, text: str) -> float:
        weights = dict[str, float]()
        for word in re.findall(r"\w+", query):
            if having := sum(word in words for words in texts):
                weights[word] = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        here = set(re.findall(r"\w+", text))
        return sum(weight for word, weight in weights.items() if word in here) / (sum(weights.values()) or 1)

    return near


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Edge], dict[tuple[str, str], float]]:
    """Triplets, and how near each is to each vertex and to the query: few values, so that many are equal."""
    vertex = st.sampled_from(VERTICES)
    edges = draw(st.lists(st.tuples(vertex, st.sampled_from(["is in", "likes"]), vertex), unique=True, max_size=12))
    score = st.sampled_from([-0.5, 0.0, 0.25, 0.5, 0.50001, 1.0])
    return edges, {(probe, " ".join(edge)): draw(score) for probe in ("query", *VERTICES) for edge in edges}


@given(tables(), st.integers(0, 4), st.integers(1, 4), st.sampled_from([-1.0, 0.25, 0.5]))
def test_the_search_finds_what_a_search_vertex_by_vertex_finds(
    table: tuple[list[Edge], dict[tuple[str, str], float]], depth: int, width: int, threshold: float
) -> None:
    edges, near = table

    def scores(probes: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[near[probe, " ".join(edge)] for edge in edges] for probe in probes], np.float32)

    named = [PaperEdge(" ".join(edge), (edge[0], edge[2])) for edge in edges]
    hits = breadth_first("query", scores, named.__getitem__, depth=depth, width=width, threshold=threshold)
    expected = searched("query", edges, lambda probe, text: near[probe, text], depth, width, threshold)
    assert [(edges[hit.row], (hit.score, hit.hop)) for hit in hits] == list(expected.items())


@given(st.lists(st.sampled_from([-math.inf, 0.0, 0.5, 0.50001, 0.9, 1.0]), max_size=30), st.integers(1, 8))
def test_the_nearest_are_the_first_of_all_sorted(scores: list[float], width: int) -> None:
    def text(row: int) -> str:
        return "ab"[row % 2]

    expected = sorted((-round(score, 4), text(row), row) for row, score in enumerate(scores) if round(score, 4) >= 0.5)
    found = nearest_rows(np.array(scores, np.float32), width, 0.5, text)
    assert found == [(row, -negative) for negative, _, row in expected[:width]]


@pytest.mark.parametrize(
    ("found", "stated", "expected"), [(0, 0, 0), (0, 8, 0), (1, 1, 0), (1, 2, 0.5), (2, 2, 1), (3, 8, 1.125), (8, 8, 3)]
)
def test_episodic_relevance_is_that_of_the_paper(found: int, stated: int, expected: float) -> None:
    assert relevance(found, stated) == expected


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_episode_that_states_more_of_the_facts_found_comes_first(found: int, stated: int) -> None:
    assert relevance(found, stated) == round(found * math.log2(max(stated, 1)) / max(stated, 1), 4)
    assert relevance(found, stated) <= relevance(found + 1, stated)


def memory_of(seed: int, embedder: HashEmbedder | None) -> AriGraph:
    """A memory of thirty episodes about a few things that move about."""
    rng, memory = random.Random(seed), AriGraph(embedder=embedder, ontology="text-world")
    for _ in range(30):
        relations = rng.choices(["is in", "is on", "unlocks", "likes", "says"], k=rng.randrange(6))
        memory.remember(
            "x", triplets=[Triplet(rng.choice(THINGS), relation, rng.choice(THINGS)) for relation in relations]
        )
    return memory


def edge(fact: Fact) -> Edge:
    return fact.subject, fact.relation, fact.object


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("embedder", [HashEmbedder(), None], ids=["vectors", "words"])
@pytest.mark.parametrize(("depth", "width", "threshold"), [(1, 6, 0.3), (2, 3, 0.3), (3, 6, 0.5)])
def test_recall_searches_all_current_facts(
    embedder: HashEmbedder | None, seed: int, depth: int, width: int, threshold: float
) -> None:
    memory = memory_of(seed, embedder)
    held = [edge(fact) for fact in memory.facts()]
    recall = memory.recall(
        Query("the key of the red box", depth), facts=999, width=width, threshold=threshold, episodes=5,
        strategy="paper",
    )  # fmt: skip
    near = by_cosine if embedder else by_words(held)
    expected = searched("the key of the red box", held, near, depth, width, threshold)
    assert [edge(fact) for fact in recall.facts] == list(expected)
    assert [fact.score for fact in recall.facts] == pytest.approx([score for score, _ in expected.values()], abs=2e-4)
    assert [(episode.id, episode.score) for episode in recall.episodes] == best_episodes(memory, set(expected))[:5]


def best_episodes(memory: AriGraph, found: set[Edge]) -> list[tuple[int, float]]:
    """All episodes that state something of what was found, by the paper's relevance, newest first among equals."""
    ever = {fact for name in THINGS for fact in memory.history(name)}
    ranked = []
    for episode in memory.episodes():
        stated = [fact for fact in ever if episode.id in fact.episodes]
        known = [fact for fact in stated if fact.retired_in is None and edge(fact) in found]
        if known:
            ranked.append((-round(len(known) / len(stated) * math.log2(len(stated)), 4), -episode.id))
    return [(-number, -score) for score, number in sorted(ranked)]


moments = st.tuples(st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))
stated = st.tuples(st.sampled_from(VERTICES), st.sampled_from(["is in", "is on"]), st.sampled_from(VERTICES))
episodes = st.lists(st.tuples(st.lists(stated, max_size=3), st.none() | st.integers(0, 9)), max_size=7)


@given(episodes, moments)
def test_recall_finds_at_any_snapshot_what_the_graph_holds(
    script: list[tuple[list[Edge], int | None]], moment: tuple[int | None, When | None]
) -> None:
    memory, (as_of, valid_at) = AriGraph(embedder=None, ontology="text-world"), moment
    for triplets, at in script:
        memory.remember("x", triplets=[Triplet(*triplet) for triplet in triplets], at=at)
        everything = memory.recall(Query("x"), facts=999, width=999, threshold=0.0, as_of=as_of, valid_at=valid_at)
        assert set(everything.facts) == set(memory.facts(as_of=as_of, valid_at=valid_at))

"""The speed of recall: the command prints all figures in order, and its rivals do what their names promise."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ariadne.bench.rivals import LangGraphStore, LastingEmbedder, UncachedEmbedder, Vectors, search_uncached
from ariadne.bench.synthetic_world import FACTS_PER_EPISODE, World
from ariadne.memory import AriGraph, HashEmbedder
from ariadne.memory.storage.vectors import packed, unpacked
from ariadne.values import Triplet
from tests.command import ariadne

BENCH = ("bench", "recall", "--embedder", "hash")
WITHOUT = (
    "import sys; sys.modules['langgraph'] = None; from ariadne.bench import recall_speed; recall_speed.PAPER = 20;"
    "from ariadne.cli.main import main; main()"
)
TIMED = ("recall", "recall_default", "remember", "open", "first_recall")


class Counting(HashEmbedder):
    """An embedder that records its texts."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded = list[str]()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return super().embed(texts)


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("bench")
    command = [sys.executable, "-m", "ariadne", *BENCH, "--sizes", "300,200", "--calls", "2", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def in_order(times: dict[str, float], calls: int = 2) -> bool:
    return 0 < times["p50"] <= times["p95"] and times["calls"] == calls


@pytest.mark.sample
def test_each_size_has_all_figures_and_they_are_in_order(report: dict[str, Any]) -> None:
    assert [(one["facts"], one["episodes"]) for one in report["sizes"]] == [(200, 20), (300, 30)]
    for one in report["sizes"]:
        assert [name for name in TIMED if not in_order(one[name])] == []
        assert 0 < one["current"] <= one["facts"]
        assert 20 < one["names"] < one["facts"]
        assert one["fill_seconds"] > 0
        assert one["file_mb"] > 0
    assert (report["embedder"], report["seed"]) == ("hash-64", 1)


@pytest.mark.sample
def test_memory_of_the_process_is_reported_if_the_system_knows_it(report: dict[str, Any]) -> None:
    for one in report["sizes"]:
        assert (one["resident_mb"] is not None) == Path("/proc/self/status").exists()
        assert one["resident_mb"] is None or 0 < one["resident_mb"] < 200


@pytest.mark.sample
def test_the_papers_search_takes_longer_and_finds_the_same(report: dict[str, Any]) -> None:
    paper = report["paper"]
    assert all(in_order(paper[name]) for name in ("search", "recall", "recall_paper"))
    assert paper["search"]["p50"] > paper["recall_paper"]["p50"]
    assert paper["texts_embedded"] > 3 * paper["facts"]
    assert paper["found"] >= paper["found_by_both"] > 0.9 * paper["found"]


@pytest.mark.sample
def test_langgraph_is_measured_if_it_is_installed(report: dict[str, Any]) -> None:
    installed = LangGraphStore.version()
    for one in report["sizes"]:
        assert in_order(one["langgraph"]) if installed else one["langgraph"] is None
    assert report["langgraph"] == (installed or "not installed: pip install 'ariadne-agent[bench]'")


@pytest.mark.sample
def test_without_langgraph_a_line_names_the_install_command(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT, *BENCH, "--sizes", "20", "--calls", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "LangGraph not installed: pip install 'ariadne-agent[bench]'" in done.stdout
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("LangGraph's InMemoryStore"))
    assert line.split()[-1] == "-"


def test_without_an_embedder_no_rival_is_measured(tmp_path: Path) -> None:
    command = ("bench", "recall", "--embedder", "words", "--sizes", "20", "--calls", "1")
    done = ariadne(*command, cwd=tmp_path)
    assert "LangGraph not measured: it searches by vectors" in done.stdout
    assert "the paper's search" not in done.stdout


@pytest.mark.parametrize("sizes", ["9", "100,", "many", "-100"])
def test_wrong_sizes_are_wrong_usage(sizes: str, tmp_path: Path) -> None:
    done = ariadne(*BENCH, "--sizes", sizes, cwd=tmp_path)
    assert done.returncode == 2
    assert "is not a list of numbers of 10 or more" in " ".join(done.stderr.split())


def test_ctrl_c_ends_with_one_line_and_leaves_no_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ariadne", *BENCH]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={"TMPDIR": str(tmp_path)}) as running:
        assert running.stderr is not None
        assert running.stderr.readline().startswith("300 facts")
        assert list(tmp_path.iterdir()) != []
        running.send_signal(signal.SIGINT)
        assert running.stderr.read() == "ariadne: interrupted\n"
    assert running.returncode == 1
    assert list(tmp_path.iterdir()) == []


# -- what stands beside ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.sample) for seed in (1, 2))])
def test_the_papers_search_finds_the_same_triplets_as_our_strategy_paper(seed: int) -> None:
    embedder, world, most = HashEmbedder(), World(seed), 0

    def of_bytes(texts: Sequence[str]) -> Vectors:
        """As the memory keeps vectors, so that rounding decides nothing."""
        return unpacked(packed(embedder.embed(texts)))

    with AriGraph(embedder=embedder, ontology="text-world") as memory:
        memory.remember_many(vars(episode) for episode in world.episodes(80))
        known = [lower(fact.triplet) for fact in memory.facts()]
        for query in (world.query() for _ in range(5)):
            recall = memory.recall(query, depth=2, width=6, facts=80, strategy="paper")
            assert recall.request is not None
            found = search_uncached(query, known, of_bytes, depth=2, width=6, threshold=recall.request.threshold)
            most = max(most, len(found))
            assert {*found} == {lower(fact.triplet) for fact in recall.facts}
    assert most > 12  # it took more than one hop


def lower(triplet: Triplet) -> Triplet:
    return Triplet(triplet.subject.lower(), triplet.relation, triplet.object.lower())


def test_the_papers_search_embeds_all_triplets_for_each_vertex_and_no_cache_helps() -> None:
    embedder = Counting()
    uncached, known = UncachedEmbedder(embedder), [Triplet("ann", "knows", "bo"), Triplet("bo", "knows", "carla")]
    assert search_uncached("ann knows", known, uncached, depth=2, width=1, threshold=0.1) == known
    assert (uncached.texts, len(embedder.embedded)) == (9, 9)  # for the query, ann and bo: both triplets and itself
    assert len({*embedder.embedded}) == 9
    assert np.array_equal(uncached(["ann"]), HashEmbedder().embed(["ann"]))


def test_vectors_are_kept_for_the_second_store() -> None:
    embedder = Counting()
    caching = LastingEmbedder(embedder)
    first = caching.embed(["ann", "bo", "ann"])
    assert np.array_equal(caching.embed(["bo", "carla"])[0], first[1])
    assert (embedder.embedded, caching.name) == (["ann", "bo", "carla"], embedder.name)


def test_langgraph_finds_the_nearest_texts() -> None:
    if LangGraphStore.version() is None:
        pytest.skip("langgraph is not installed")
    store = LangGraphStore(HashEmbedder())
    store.put(f"{name} lives in {town}" for name, town in (("ann", "oslo"), ("bo", "rome"), ("ann", "rome")))
    assert [found[0] for found in store.search(["bo lives in rome", "ann in oslo"])] == [
        "bo lives in rome", "ann lives in oslo",
    ]  # fmt: skip


# -- the world ---------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_episodes_without_repetition() -> None:
    one, other = World(1), World(1)
    first = list(one.episodes(1005))
    begun = list(other.episodes(500))
    questions = [other.query() for _ in range(300)]
    assert [*begun, *other.episodes(505)] == first
    assert len({*questions}) == 300
    data = [triplet for episode in first for triplet in episode.triplets]
    assert len(data) == len({*data}) == 1005
    assert [len(episode.triplets) for episode in first] == [FACTS_PER_EPISODE] * 100 + [5]
    assert all(str(triplet) in episode.text for episode in first for triplet in episode.triplets)
    assert first != list(World(2).episodes(1005))


def test_a_fork_continues_differently() -> None:
    world = World(1)
    begun = list(world.episodes(100))
    fork = list(islice(world.fork(7).episodes(100), 10))
    known = {triplet for episode in begun for triplet in episode.triplets}
    assert known.isdisjoint(triplet for episode in fork for triplet in episode.triplets)
    assert fork != list(world.episodes(100))


def test_some_names_are_hubs_and_names_grow_with_the_facts() -> None:
    world, names = World(1), Counter[str]()
    sizes = list[int]()
    for facts in (1000, 4000):
        names.update(name for episode in world.episodes(facts) for triplet in episode.triplets for name in triplet.ends)
        sizes.append(len(names))
    assert 150 < sizes[0] < sizes[1] / 2
    (_, most), *_ = names.most_common(1)
    assert 30 < most < 1000

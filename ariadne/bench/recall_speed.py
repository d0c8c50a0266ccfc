"""Measures the time of recall, remember and opening by number of facts, beside LangGraph and the paper's code.

All figures include the embedder's time. Each text is new to all caches.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Literal, TypeVar

import numpy as np

from ariadne.bench.cold_start import measure_cold_start
from ariadne.bench.rivals import LangGraphStore, LastingEmbedder, UncachedEmbedder, search_uncached
from ariadne.bench.synthetic_world import FACTS_PER_EPISODE, SyntheticEpisode, World
from ariadne.memory import AriGraph, embedder_named
from ariadne.protocols import Embedder
from ariadne.values import Fact, Recall, Triplet

T = TypeVar("T")
Progress = Callable[[str], None]
SIZES = (1_000, 10_000, 100_000)
CALLS = 100
PAPER_FACTS = 300
"""Facts for the paper's search, which takes seconds a call."""
PAPER_CALLS = 3
DEPTH, WIDTH, EPISODES = 2, 6, 2
"""The paper's hops and triplets a vertex, and the episodes of a recall."""
QUERIES = 3
_WARM_UP = 10  # calls that are not counted
_MAX_SECONDS = 60.0
"""Seconds after which a measurement of slow calls ends, once it has _MIN_CALLS."""
_MIN_CALLS = 5
_REPORT_EVERY = 10.0  # seconds between two progress messages
_RECALLS = 10  # in each new process


@dataclass(frozen=True)
class Times:
    """The median and the 95th percentile of calls, in milliseconds."""

    p50: float
    p95: float
    calls: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        """Return the times of calls, given in seconds."""
        p50, p95 = (round(float(value) * 1000, 3) for value in np.percentile(seconds, [50, 95]))
        return cls(p50, p95, len(seconds))


@dataclass(frozen=True)
class Sized:
    """The figures of a memory of one size: `facts` were added, `current` are valid. None: not measured."""

    facts: int
    current: int
    episodes: int
    names: int
    fill_seconds: float
    file_mb: float
    recall: Times
    recall_default: Times
    remember: Times
    open: Times
    first_recall: Times
    resident_mb: float | None
    langgraph: Times | None


@dataclass(frozen=True)
class PaperReport:
    """The figures of the paper's search and of ours, on the same facts with the same queries."""

    facts: int
    search: Times
    texts_embedded: int
    recall: Times
    recall_paper: Times
    found: int
    found_by_both: int


@dataclass(frozen=True)
class Report:
    """All figures, and how they were measured.

    `langgraph` is its version, or the reason why it is missing. `load` is the machine's load average of the last
    minute, before and after.
    """

    embedder: str
    seed: int
    cpus: int
    load: tuple[float, ...]
    folder: str
    sizes: tuple[Sized, ...]
    paper: PaperReport | None
    langgraph: str


@dataclass(frozen=True)
class Settings:
    """The settings of all measurements."""

    spec: str
    embedder: Embedder | None
    calls: int
    seed: int
    progress: Progress


def measure(
    sizes: Iterable[int] = SIZES, spec: str = "minilm", calls: int = CALLS, seed: int = 1,
    progress: Progress = lambda _: None,
) -> Report:  # fmt: skip
    """Measure a growing memory at each size.

    Args:
        sizes: The numbers of facts.
        spec: The embedder, as `embedder_named` takes it.
        calls: The calls for each figure.
        seed: The seed of the synthetic world.
        progress: A function called with progress messages.

    Raises:
        InvalidInput: The embedder is unknown.
        MissingExtra: The embedder's extra is missing.
    """
    embedder, before = embedder_named(spec), os.getloadavg()[0]
    if embedder is not None:
        embedder.embed(["a text, so that the network is loaded"])
    bench = Settings(spec, embedder, calls, seed, progress)
    with TemporaryDirectory(prefix="ariadne-bench-") as folder:
        paper = None if embedder is None else _measure_paper(bench, embedder)
        found = tuple(_sized(sorted(set(sizes)), Path(folder), bench))
    return Report(
        embedder="words" if embedder is None else embedder.name, seed=seed, cpus=os.cpu_count() or 1,
        load=tuple(round(load, 2) for load in (before, os.getloadavg()[0])), folder=str(Path(folder).parent),
        sizes=found, paper=paper, langgraph=_langgraph_version(embedder),
    )  # fmt: skip


# -- by size -----------------------------------------------------------------------------------------------------------


def _sized(sizes: Sequence[int], folder: Path, bench: Settings) -> Iterator[Sized]:
    """Fill one file and one LangGraph store with a growing world; yield the figures at each size."""
    world, file = World(bench.seed), folder / "memory.db"
    caching = None if bench.embedder is None or LangGraphStore.version() is None else LastingEmbedder(bench.embedder)
    store = None if caching is None else LangGraphStore(caching)
    filled, seconds = 0, 0.0
    for size in sizes:
        more = list(world.episodes(size - filled))
        seconds += _fill(file, more, caching or bench.embedder, filled, bench)
        bench.progress(f"{size:,} facts: recall")
        figures = _measure_memory(file, world, bench)
        bench.progress(f"{size:,} facts: recall {figures.recall.p50:.1f} ms, remember {figures.remember.p50:.1f} ms")
        filled = size
        if store is not None:
            bench.progress(f"{size:,} facts: LangGraph")
            store.put(str(triplet).casefold() for episode in more for triplet in episode.triplets)
            figures = replace(figures, langgraph=_timed(lambda: _queries(world), store.search, bench.calls))
        yield replace(figures, fill_seconds=round(seconds, 1))


def _fill(
    file: Path, episodes: Sequence[SyntheticEpisode], embedder: Embedder | None, filled: int, bench: Settings
) -> float:
    """Add episodes to a memory's file; return the seconds that it takes."""
    began = perf_counter()
    with AriGraph.open(file, embedder=embedder, ontology="text-world") as memory:
        memory.remember_many(vars(episode) for episode in _with_progress(episodes, filled, bench.progress))
    return perf_counter() - began


def _with_progress(episodes: Iterable[SyntheticEpisode], filled: int, progress: Progress) -> Iterator[SyntheticEpisode]:
    """Yield the episodes; report the number of facts now and then."""
    reported = perf_counter()
    for episode in episodes:
        if perf_counter() - reported > _REPORT_EVERY:
            progress(f"{filled:,} facts added")
            reported = perf_counter()
        filled += len(episode.triplets)
        yield episode


def _measure_memory(file: Path, world: World, bench: Settings) -> Sized:
    """Measure a memory's file; `remember` works on a copy."""
    copy = file.with_name("copy.db")
    opened, first, resident = _measure_processes(file, world, bench)
    with AriGraph.open(file, embedder=bench.embedder) as memory:
        stats = memory.stats()
        recall = _timed(lambda: _queries(world), lambda texts: _recall(memory, texts), bench.calls)
        default = _timed(lambda: _queries(world), memory.recall, bench.calls)
        memory.backup(copy)
    return Sized(
        facts=stats.facts_ever, current=stats.facts, episodes=stats.episodes, names=stats.names, fill_seconds=0.0,
        file_mb=round(file.stat().st_size / 2**20, 1), recall=recall, recall_default=default,
        remember=_remember(copy, world, bench), open=opened, first_recall=first, resident_mb=resident, langgraph=None,
    )  # fmt: skip


def _recall(memory: AriGraph, texts: Sequence[str], strategy: Literal["chains", "paper"] = "chains") -> Recall:
    return memory.recall(texts, depth=DEPTH, width=WIDTH, episodes=EPISODES, strategy=strategy)


def _measure_processes(file: Path, world: World, bench: Settings) -> tuple[Times, Times, float | None]:
    """Return times of opening and of the first recall, and the median MB of growth, in new processes."""
    queries = [[_queries(world) for _ in range(_RECALLS)] for _ in range(min(_MIN_CALLS, bench.calls))]
    processes = [measure_cold_start(file, bench.spec, texts) for texts in queries]
    grown = [process.grown for process in processes if process.grown is not None]
    opened = Times.of([process.opened for process in processes])
    first = Times.of([process.recalled for process in processes])
    return opened, first, round(median(grown), 1) if grown else None


def _remember(file: Path, world: World, bench: Settings) -> Times:
    """Measure `remember` with ten new triplets and their text a call; then delete the file."""
    episodes = world.fork(bench.seed + 1).episodes(FACTS_PER_EPISODE * (bench.calls + _WARM_UP))
    with AriGraph.open(file, embedder=bench.embedder) as memory:
        times = _timed(lambda: next(episodes), lambda episode: memory.remember(**vars(episode)), bench.calls)
    file.unlink()
    return times


def _queries(world: World) -> list[str]:
    return [world.query() for _ in range(QUERIES)]


def _timed(prepare: Callable[[], T], call: Callable[[T], object], calls: int, warm_up: int = _WARM_UP) -> Times:
    """Measure calls, without the preparation of each; the first `warm_up` calls are not counted."""
    seconds = list[float]()
    for number in range(-min(warm_up, calls), calls):
        prepared, began = prepare(), perf_counter()
        call(prepared)
        if number >= 0:
            seconds.append(perf_counter() - began)
        if len(seconds) >= _MIN_CALLS and sum(seconds) > _MAX_SECONDS:
            break
    return Times.of(seconds)


# -- rivals ------------------------------------------------------------------------------------------------------------


def _langgraph_version(embedder: Embedder | None) -> str:
    if embedder is None:
        return "not measured: it searches by vectors, and there is no embedder"
    return LangGraphStore.version() or "not installed: pip install 'ariadne-agent[bench]'"


def _measure_paper(bench: Settings, embedder: Embedder) -> PaperReport:
    """Measure the paper's search and ours on a small memory in RAM, and count the triplets that both find.

    Our vectors have one byte a dimension, so that near a tie the results may differ.
    """
    bench.progress(f"{PAPER_FACTS} facts: the paper's search, as its code does it")
    world, uncached = World(bench.seed), UncachedEmbedder(embedder)
    with AriGraph(embedder=embedder, ontology="text-world") as memory:
        memory.remember_many(vars(episode) for episode in world.episodes(PAPER_FACTS))
        triplets = [_plain(fact.triplet) for fact in memory.facts()]
        threshold = _threshold(memory)
        searched = list[tuple[list[str], set[Triplet]]]()

        def search(texts: list[str]) -> None:
            found = (
                search_uncached(text, triplets, uncached, depth=DEPTH, width=WIDTH, threshold=threshold)
                for text in texts
            )
            searched.append((texts, {triplet for triplets_found in found for triplet in triplets_found}))

        times = _timed(lambda: _queries(world), search, min(PAPER_CALLS, bench.calls), warm_up=0)
        recall = _timed(lambda: _queries(world), lambda texts: _recall(memory, texts), bench.calls)
        by_paper = _timed(lambda: _queries(world), lambda texts: _recall(memory, texts, "paper"), bench.calls)
        both = [found & {_plain(fact.triplet) for fact in _by_paper(memory, texts)} for texts, found in searched]
    return PaperReport(
        facts=len(triplets), search=times, texts_embedded=uncached.texts // times.calls, recall=recall,
        recall_paper=by_paper, found=sum(len(found) for _, found in searched), found_by_both=sum(map(len, both)),
    )  # fmt: skip


def _by_paper(memory: AriGraph, texts: Sequence[str]) -> tuple[Fact, ...]:
    return memory.recall(texts, depth=DEPTH, width=WIDTH, facts=PAPER_FACTS, strategy="paper").facts


def _threshold(memory: AriGraph) -> float:
    """Return the lowest score that the paper's search accepts with this memory's embedder."""
    request = memory.recall("anything", strategy="paper").request
    assert request is not None
    return request.threshold


def _plain(triplet: Triplet) -> Triplet:
    """Return a triplet in lower case, as the memory embeds it."""
    return Triplet(*(word.casefold() for word in (triplet.subject, triplet.relation, triplet.object)))

"""How long recall and remember take in a memory of so many facts, what opening it costs, and what others take.

Every figure is measured, with the embedder's work in it; every text that is asked or told is new to all caches.
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

from ariadne.bench.cold_start import look
from ariadne.bench.rivals import Afresh, Keeping, LangGraph, search_anew
from ariadne.bench.synthetic_world import TOGETHER, Tale, World
from ariadne.memory import AriGraph, embedder_named
from ariadne.protocols import Embedder
from ariadne.values import Fact, Recall, Triplet

T = TypeVar("T")
Progress = Callable[[str], None]
SIZES = (1_000, 10_000, 100_000)
CALLS = 100
PAPER = 300
"""How many facts the paper's search is measured on: it takes seconds."""
PAPER_CALLS = 3
DEPTH, WIDTH, EPISODES = 2, 6, 2
"""The paper's hops and triplets a vertex."""
QUERIES = 3
_WARM = 10  # calls before those that count
_ENOUGH = 60.0
"""Seconds after which a measurement of slow calls ends, once it has a few."""
_FEW = 5
_OFTEN = 10.0  # seconds between two words on how the filling goes
_RECALLS = 10  # in each process of its own


@dataclass(frozen=True)
class Times:
    """Of so many calls, the median and the 95th percentile in milliseconds."""

    p50: float
    p95: float
    calls: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        p50, p95 = (round(float(value) * 1000, 3) for value in np.percentile(seconds, [50, 95]))
        return cls(p50, p95, len(seconds))


@dataclass(frozen=True)
class Sized:
    """What was measured on a memory that was told so many facts, of which `current` hold; None: not measured."""

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
class Paper:
    """The paper's search as its code does it, and ours, on the same facts with the same queries."""

    facts: int
    search: Times
    texts_embedded: int
    recall: Times
    recall_paper: Times
    found: int
    found_by_both: int


@dataclass(frozen=True)
class Report:
    """All that was measured, and where; `langgraph` is its version or why it is missing, `load` that of the machine in
    the last minute, before and after."""

    embedder: str
    seed: int
    cpus: int
    load: tuple[float, ...]
    folder: str
    sizes: tuple[Sized, ...]
    paper: Paper | None
    langgraph: str


@dataclass(frozen=True)
class Bench:
    """What all measurements share."""

    spec: str
    embedder: Embedder | None
    calls: int
    seed: int
    progress: Progress


def measure(
    sizes: Iterable[int] = SIZES, spec: str = "minilm", calls: int = CALLS, seed: int = 1,
    progress: Progress = lambda _: None,
) -> Report:  # fmt: skip
    """All figures, for each size in ascending order: one memory grows. Files lie in a temporary folder.

    Raises InvalidInput or MissingExtra for an embedder that cannot be had.
    """
    embedder, before = embedder_named(spec), os.getloadavg()[0]
    if embedder is not None:
        embedder.embed(["a text, so that the network is loaded"])
    bench = Bench(spec, embedder, calls, seed, progress)
    with TemporaryDirectory(prefix="ariadne-bench-") as folder:
        paper = None if embedder is None else _beside_the_paper(bench, embedder)
        found = tuple(_sized(sorted(set(sizes)), Path(folder), bench))
    return Report(
        embedder="words" if embedder is None else embedder.name, seed=seed, cpus=os.cpu_count() or 1,
        load=tuple(round(load, 2) for load in (before, os.getloadavg()[0])), folder=str(Path(folder).parent),
        sizes=found, paper=paper, langgraph=_which_langgraph(embedder),
    )  # fmt: skip


# -- by size -----------------------------------------------------------------------------------------------------------


def _sized(sizes: Sequence[int], folder: Path, bench: Bench) -> Iterator[Sized]:
    """One world is told on and on, into one file and one LangGraph store; at each size both are measured."""
    world, file = World(bench.seed), folder / "memory.db"
    keeping = None if bench.embedder is None or LangGraph.version() is None else Keeping(bench.embedder)
    store = None if keeping is None else LangGraph(keeping)
    told, seconds = 0, 0.0
    for size in sizes:
        more = list(world.tales(size - told))
        seconds += _fill(file, more, keeping or bench.embedder, told, bench)
        bench.progress(f"{size:,} facts: recall")
        one = _of_memory(file, world, bench)
        bench.progress(f"{size:,} facts: recall {one.recall.p50:.1f} ms, remember {one.remember.p50:.1f} ms")
        told = size
        if store is not None:
            bench.progress(f"{size:,} facts: LangGraph")
            store.put(str(triplet).casefold() for tale in more for triplet in tale.triplets)
            one = replace(one, langgraph=_timed(lambda: _questions(world), store.search, bench.calls))
        yield replace(one, fill_seconds=round(seconds, 1))


def _fill(file: Path, tales: Sequence[Tale], embedder: Embedder | None, told: int, bench: Bench) -> float:
    """Tell a memory in a file; how many seconds that took."""
    began = perf_counter()
    with AriGraph.open(file, embedder=embedder) as memory:
        memory.remember_many(vars(tale) for tale in _watched(tales, told, bench.progress))
    return perf_counter() - began


def _watched(tales: Iterable[Tale], told: int, progress: Progress) -> Iterator[Tale]:
    """The same, with a word on how many facts were told now and then."""
    spoke = perf_counter()
    for tale in tales:
        if perf_counter() - spoke > _OFTEN:
            progress(f"{told:,} facts told")
            spoke = perf_counter()
        told += len(tale.triplets)
        yield tale


def _of_memory(file: Path, world: World, bench: Bench) -> Sized:
    """What is measured on the file as it is, and `remember` on a copy of it."""
    copy = file.with_name("copy.db")
    opened, first, resident = _fresh(file, world, bench)
    with AriGraph.open(file, embedder=bench.embedder) as memory:
        held = memory.stats()
        recall = _timed(lambda: _questions(world), lambda asked: _recalled(memory, asked), bench.calls)
        default = _timed(lambda: _questions(world), memory.recall, bench.calls)
        memory.backup(copy)
    return Sized(
        facts=held.facts_ever, current=held.facts, episodes=held.episodes, names=held.names, fill_seconds=0.0,
        file_mb=round(file.stat().st_size / 2**20, 1), recall=recall, recall_default=default,
        remember=_remember(copy, world, bench), open=opened, first_recall=first, resident_mb=resident, langgraph=None,
    )  # fmt: skip


def _recalled(memory: AriGraph, asked: Sequence[str], strategy: Literal["chains", "paper"] = "chains") -> Recall:
    return memory.recall(asked, depth=DEPTH, width=WIDTH, episodes=EPISODES, strategy=strategy)


def _fresh(file: Path, world: World, bench: Bench) -> tuple[Times, Times, float | None]:
    """Opening, the first recall, and MB, each the median of some processes of their own."""
    questions = [[_questions(world) for _ in range(_RECALLS)] for _ in range(min(_FEW, bench.calls))]
    looks = [look(file, bench.spec, asked) for asked in questions]
    grown = [one.grown for one in looks if one.grown is not None]
    opened, first = (Times.of(seconds) for seconds in ([one.opened for one in looks], [one.recalled for one in looks]))
    return opened, first, round(median(grown), 1) if grown else None


def _remember(file: Path, world: World, bench: Bench) -> Times:
    """Ten new triplets with their text at a time, durable; then the file is deleted."""
    tales = world.aside(bench.seed + 1).tales(TOGETHER * (bench.calls + _WARM))
    with AriGraph.open(file, embedder=bench.embedder) as memory:
        times = _timed(lambda: next(tales), lambda tale: memory.remember(**vars(tale)), bench.calls)
    file.unlink()
    return times


def _questions(world: World) -> list[str]:
    return [world.question() for _ in range(QUERIES)]


def _timed(prepare: Callable[[], T], call: Callable[[T], object], calls: int, warm: int = _WARM) -> Times:
    """How long the call takes, without what is prepared for each; a few calls before do not count."""
    seconds = list[float]()
    for number in range(-min(warm, calls), calls):
        prepared, began = prepare(), perf_counter()
        call(prepared)
        if number >= 0:
            seconds.append(perf_counter() - began)
        if len(seconds) >= _FEW and sum(seconds) > _ENOUGH:
            break
    return Times.of(seconds)


# -- beside others -----------------------------------------------------------------------------------------------------


def _which_langgraph(embedder: Embedder | None) -> str:
    if embedder is None:
        return "not measured: it searches by vectors, and there is no embedder"
    return LangGraph.version() or "not installed: pip install 'ariadne-agent[bench]'"


def _beside_the_paper(bench: Bench, embedder: Embedder) -> Paper:
    """The paper's search and ours on a small memory in RAM; how much of what the former found ours by that strategy
    finds too: our vectors are of one byte a dimension, so that near a tie they may differ."""
    bench.progress(f"{PAPER} facts: the paper's search, as its code does it")
    world, afresh = World(bench.seed), Afresh(embedder)
    with AriGraph(embedder=embedder) as memory:
        memory.remember_many(vars(tale) for tale in world.tales(PAPER))
        known = [_plain(fact.triplet) for fact in memory.facts()]
        threshold = _threshold(memory)
        searched = list[tuple[list[str], set[Triplet]]]()

        def search(asked: list[str]) -> None:
            found = (search_anew(one, known, afresh, depth=DEPTH, width=WIDTH, threshold=threshold) for one in asked)
            searched.append((asked, {triplet for each in found for triplet in each}))

        times = _timed(lambda: _questions(world), search, min(PAPER_CALLS, bench.calls), warm=0)
        recall = _timed(lambda: _questions(world), lambda asked: _recalled(memory, asked), bench.calls)
        by_paper = _timed(lambda: _questions(world), lambda asked: _recalled(memory, asked, "paper"), bench.calls)
        both = [found & {_plain(fact.triplet) for fact in _by_paper(memory, asked)} for asked, found in searched]
    return Paper(
        facts=len(known), search=times, texts_embedded=afresh.texts // times.calls, recall=recall,
        recall_paper=by_paper, found=sum(len(found) for _, found in searched), found_by_both=sum(map(len, both)),
    )  # fmt: skip


def _by_paper(memory: AriGraph, asked: Sequence[str]) -> tuple[Fact, ...]:
    return memory.recall(asked, depth=DEPTH, width=WIDTH, facts=PAPER, strategy="paper").facts


def _threshold(memory: AriGraph) -> float:
    """Below which the paper's search leaves out a triplet, for this memory's embedder."""
    asked = memory.recall("anything", strategy="paper").request
    assert asked is not None
    return asked.threshold


def _plain(triplet: Triplet) -> Triplet:
    """As the memory embeds it: in lower case."""
    return Triplet(*(word.casefold() for word in (triplet.subject, triplet.relation, triplet.object)))

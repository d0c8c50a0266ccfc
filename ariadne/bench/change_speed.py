"""Measures the time of forget and merge by number of facts, and how long another writer waits meanwhile.

The other writer is another process. It writes an empty text to another space of the same file, 100 times a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from ariadne.bench.synthetic_world import World
from ariadne.memory import AriGraph, Fact

_PREPARE, _FORGET, _MERGE, _WHOLE, _END = range(5)
"""The stages of the measurement."""
_PAUSE = 0.01  # seconds between two writes of the other writer


@dataclass(frozen=True)
class ChangeReport:
    """Times in milliseconds: of each call, and of each write of the other writer meanwhile."""

    facts: int
    forget: tuple[float, ...]
    waits_of_forget: tuple[float, ...]
    merge: float
    waits_of_merge: tuple[float, ...]
    whole: float | None = None
    """The change of the ontology, for which the whole space is made again; None if it was not measured."""
    waits_of_whole: tuple[float, ...] = ()


class _OtherWriter:
    """Writes to another space in another process, and keeps how long each write takes, by stage of the measurement."""

    def __init__(self, path: Path) -> None:
        context = get_context("spawn")
        self._is_ready, self._stage, self._results = (
            context.Event(),
            context.Value("i", _PREPARE),
            context.SimpleQueue(),
        )
        arguments = path, self._is_ready, self._stage, self._results
        self._process = context.Process(target=_write, args=arguments, daemon=True)
        self._waits = list[tuple[int, float]]()

    def __enter__(self) -> _OtherWriter:
        self._process.start()
        while not self._is_ready.wait(1.0):
            if not self._process.is_alive():
                raise RuntimeError("the other writer failed; its output shows the reason")
        return self

    def __exit__(self, *_: object) -> None:
        self._stage.value = _END
        if self._process.is_alive():
            self._waits = self._results.get()
        self._process.join()

    def begin(self, stage: int) -> None:
        """Begin a stage of the measurement."""
        self._stage.value = stage

    def waits(self, stage: int) -> tuple[float, ...]:
        """Return how long each write of a stage took, in milliseconds."""
        return tuple(wait for number, wait in self._waits if number == stage)


def _write(
    path: Path, is_ready: Event, stage: Synchronized[int], results: SimpleQueue[list[tuple[int, float]]]
) -> None:
    """Write until the last stage."""
    waits = list[tuple[int, float]]()
    with AriGraph.open(path, embedder=None, space="other") as memory:
        while (number := stage.value) != _END:
            waits.append((number, _milliseconds(lambda: memory.remember("x", triplets=[]))))
            is_ready.set()
            sleep(_PAUSE)
    results.put(waits)


def measure(facts: int, calls: int, seed: int, progress: Callable[[str], None], *, whole: bool = False) -> ChangeReport:
    """Fill a file with a synthetic world, forget single episodes, and merge two names.

    Args:
        facts: The number of current facts.
        calls: How many episodes are forgotten, each in a call of its own.
        seed: The seed of the world, and of the choice of the episodes.
        progress: Called with a line about each stage.
        whole: Whether a change of the whole space is measured, too.
    """
    with TemporaryDirectory() as folder, AriGraph.open(path := Path(folder) / "a.db", embedder=None) as memory:
        progress(f"{facts} facts are written")
        memory.remember_many(vars(each) for each in World(seed).episodes(facts))
        numbers = Random(seed).sample([episode.id for episode in memory.episodes()], calls)
        changed = None
        with _OtherWriter(path) as other:
            progress(f"{calls} episodes are forgotten")
            other.begin(_FORGET)
            forget = tuple(_milliseconds(partial(memory.forget, episodes=[number])) for number in numbers)
            other.begin(_PREPARE)
            first, last = _ends(memory.facts())
            progress(f"{last.object} is merged into {first.subject}")
            other.begin(_MERGE)
            merge = _milliseconds(partial(memory.merge, last.object, first.subject))
            if whole:
                progress("the ontology is changed")
                other.begin(_WHOLE)
                changed = _milliseconds(partial(memory.set_ontology, "everyday"))
        waits = (other.waits(_FORGET), other.waits(_MERGE), other.waits(_WHOLE))
        return ChangeReport(facts, forget, waits[0], merge, waits[1], changed, waits[2])


def _ends(facts: Sequence[Fact]) -> tuple[Fact, Fact]:
    """Return the first and the last fact; all others are freed, so that they do not slow the measurement."""
    return facts[0], facts[-1]


def _milliseconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return (perf_counter() - start) * 1000

"""Measures the time of forget and merge by number of facts, and how long another writer waits meanwhile.

The other writer writes an empty text to another space of the same file, 100 times a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from ariadne.bench.synthetic_world import World
from ariadne.memory import AriGraph

_PAUSE = 0.01  # seconds between two writes of the other writer


@dataclass(frozen=True)
class ChangeReport:
    """Times in milliseconds: of each call, and of each write of the other writer meanwhile."""

    facts: int
    forget: tuple[float, ...]
    waits_of_forget: tuple[float, ...]
    merge: float
    waits_of_merge: tuple[float, ...]


class _OtherWriter:
    """Writes to another space in a thread, and keeps how long each write takes."""

    def __init__(self, path: Path) -> None:
        self._path, self._is_done, self.waits = path, threading.Event(), list[float]()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> _OtherWriter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_done.set()
        self._thread.join()

    def _write(self) -> None:
        with AriGraph.open(self._path, embedder=None, space="other") as memory:
            while not self._is_done.is_set():
                self.waits.append(_milliseconds(lambda: memory.remember("x", triplets=[])))
                sleep(_PAUSE)


def measure(facts: int, calls: int, seed: int, progress: Callable[[str], None]) -> ChangeReport:
    """Fill a file with a synthetic world, forget single episodes, and merge two names.

    Args:
        facts: The number of current facts.
        calls: How many episodes are forgotten, each in a call of its own.
        seed: The seed of the world, and of the choice of the episodes.
        progress: Called with a line about each stage.
    """
    with TemporaryDirectory() as folder, AriGraph.open(path := Path(folder) / "a.db", embedder=None) as memory:
        progress(f"{facts} facts are written")
        memory.remember_many(vars(each) for each in World(seed).episodes(facts))
        numbers = Random(seed).sample([episode.id for episode in memory.episodes()], calls)
        progress(f"{calls} episodes are forgotten")
        with _OtherWriter(path) as other:
            forget = tuple(_milliseconds(partial(memory.forget, episodes=[number])) for number in numbers)
        first, last = memory.facts()[0], memory.facts()[-1]
        progress(f"{last.object} is merged into {first.subject}")
        with _OtherWriter(path) as another:
            merge = _milliseconds(partial(memory.merge, last.object, first.subject))
        return ChangeReport(facts, forget, tuple(other.waits), merge, tuple(another.waits))


def _milliseconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return (perf_counter() - start) * 1000

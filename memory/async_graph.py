"""The AriGraph for asyncio: the same methods to await, so that the event loop waits for neither disk nor search.

Two threads do the work: one writes, in the order of the calls; one reads.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from ariadne.memory.graph import AriGraph

P = ParamSpec("P")
R = TypeVar("R")


class _Threads:
    """The two threads of a memory and of its views; none after it is closed."""

    def __init__(self) -> None:
        self.writing: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "ariadne-writes")
        self.reading: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "ariadne-reads")

    def end(self) -> None:
        """End both threads after their last call."""
        for threads in filter(None, (self.writing, self.reading)):
            threads.shutdown(wait=False)
        self.writing = self.reading = None


def _in_writing_thread(
    method: Callable[Concatenate[AriGraph, P], R],
) -> Callable[Concatenate[AsyncAriGraph, P], Awaitable[R]]:
    """Return a method that the writing thread runs; a started write is finished even if its task is cancelled."""

    @wraps(method)
    async def run(self: AsyncAriGraph, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await _in_thread(self._threads.writing, partial(method, self.memory, *args, **kwargs))

    return run


def _in_reading_thread(
    method: Callable[Concatenate[AriGraph, P], R],
) -> Callable[Concatenate[AsyncAriGraph, P], Awaitable[R]]:
    """Return a method that the reading thread runs."""

    @wraps(method)
    async def run(self: AsyncAriGraph, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await _in_thread(self._threads.reading, partial(method, self.memory, *args, **kwargs))

    return run


def _in_new_thread(method: Callable[P, AriGraph]) -> Callable[P, Awaitable[AsyncAriGraph]]:
    """Return a function that opens a memory in a thread of the event loop."""

    @wraps(method)
    async def run(*args: P.args, **kwargs: P.kwargs) -> AsyncAriGraph:
        return AsyncAriGraph(await _in_thread(None, partial(method, *args, **kwargs)))

    return run


class AsyncAriGraph:
    """An AriGraph whose methods are awaited: `await AsyncAriGraph.open(path)` or `AsyncAriGraph(AriGraph())`.

    Any number of tasks can share it. `memory` is the AriGraph itself; the arguments and results are the same.
    """

    def __init__(self, memory: AriGraph) -> None:
        self.memory = memory
        self._threads = _Threads()
        self._is_view = False

    open = staticmethod(_in_new_thread(AriGraph.open))

    def at(self, episode: int) -> AsyncAriGraph:
        """Return a read-only view of this memory as it was after an episode; it uses the same threads."""
        view = copy.copy(self)
        view.memory, view._is_view = self.memory.at(episode), True
        return view

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the file after all started calls; on a view of the past this does nothing."""
        if self._is_view:
            return
        await _in_thread(self._threads.writing, lambda: None)
        await _in_thread(self._threads.reading, self.memory.close)
        self._threads.end()

    @property
    def ontology(self) -> Awaitable[str]:
        """The ontology of the space, to await: the name of a packaged one, or the text of another."""
        return _in_thread(self._threads.reading, lambda: self.memory.ontology)

    remember = _in_writing_thread(AriGraph.remember)
    remember_many = _in_writing_thread(AriGraph.remember_many)
    remember_dialogue = _in_writing_thread(AriGraph.remember_dialogue)
    remember_document = _in_writing_thread(AriGraph.remember_document)
    correct = _in_writing_thread(AriGraph.correct)
    retract = _in_writing_thread(AriGraph.retract)
    forget = _in_writing_thread(AriGraph.forget)
    set_ontology = _in_writing_thread(AriGraph.set_ontology)
    merge = _in_writing_thread(AriGraph.merge)
    split = _in_writing_thread(AriGraph.split)
    divide = _in_writing_thread(AriGraph.divide)
    delete_space = _in_writing_thread(AriGraph.delete_space)
    import_from = _in_writing_thread(AriGraph.import_from)
    embed = _in_writing_thread(AriGraph.embed)
    reembed = _in_writing_thread(AriGraph.reembed)

    recall = _in_reading_thread(AriGraph.recall)
    why_not = _in_reading_thread(AriGraph.why_not)
    facts = _in_reading_thread(AriGraph.facts)
    history = _in_reading_thread(AriGraph.history)
    path = _in_reading_thread(AriGraph.path)
    places = _in_reading_thread(AriGraph.places)
    get = _in_reading_thread(AriGraph.get)
    versions = _in_reading_thread(AriGraph.versions)
    episode = _in_reading_thread(AriGraph.episode)
    episodes = _in_reading_thread(AriGraph.episodes)
    aliases = _in_reading_thread(AriGraph.aliases)
    export_to = _in_reading_thread(AriGraph.export_to)
    to_networkx = _in_reading_thread(AriGraph.to_networkx)
    to_graphml = _in_reading_thread(AriGraph.to_graphml)
    backup = _in_reading_thread(AriGraph.backup)
    check = _in_reading_thread(AriGraph.check)
    stats = _in_reading_thread(AriGraph.stats)
    spaces = _in_reading_thread(AriGraph.spaces)


async def _in_thread(threads: ThreadPoolExecutor | None, work: Callable[[], R]) -> R:
    import asyncio  # not at the top, so that a synchronous program does not pay for it

    return await asyncio.get_running_loop().run_in_executor(threads, work)

"""The AriGraph for asyncio: the same verbs to await; the event loop waits for neither the disk nor the search.

Two threads do the work: one writes, in the order in which the verbs were called; one reads.
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
    """The two threads of a memory and of its views; none once it is closed."""

    def __init__(self) -> None:
        self.writing: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "ariadne-writes")
        self.reading: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "ariadne-reads")

    def end(self) -> None:
        for threads in filter(None, (self.writing, self.reading)):
            threads.shutdown(wait=False)
        self.writing = self.reading = None


def _writes(verb: Callable[Concatenate[AriGraph, P], R]) -> Callable[Concatenate[AsyncAriGraph, P], Awaitable[R]]:
    """The verb, run by the thread that writes. A started write is finished even if it is not awaited any more."""

    @wraps(verb)
    async def run(self: AsyncAriGraph, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await _in_thread(self._threads.writing, partial(verb, self.memory, *args, **kwargs))

    return run


def _reads(verb: Callable[Concatenate[AriGraph, P], R]) -> Callable[Concatenate[AsyncAriGraph, P], Awaitable[R]]:
    """The verb, run by the thread that reads."""

    @wraps(verb)
    async def run(self: AsyncAriGraph, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await _in_thread(self._threads.reading, partial(verb, self.memory, *args, **kwargs))

    return run


def _opens(verb: Callable[P, AriGraph]) -> Callable[P, Awaitable[AsyncAriGraph]]:
    @wraps(verb)
    async def run(*args: P.args, **kwargs: P.kwargs) -> AsyncAriGraph:
        return AsyncAriGraph(await _in_thread(None, partial(verb, *args, **kwargs)))

    return run


class AsyncAriGraph:
    """An AriGraph whose verbs are awaited; `await AsyncAriGraph.open(path)` or `AsyncAriGraph(AriGraph())`.

    Any number of tasks may share one. `memory` is the AriGraph itself.
    """

    def __init__(self, memory: AriGraph) -> None:
        self.memory = memory
        self._threads = _Threads()
        self._is_view = False

    open = staticmethod(_opens(AriGraph.open))

    def at(self, episode: int) -> AsyncAriGraph:
        """This memory as it was after an episode: the same verbs, read-only, by the same threads."""
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
        """Let go of the file, once all that was begun is done; a view leaves it to the memory that it looks at."""
        if self._is_view:
            return
        await _in_thread(self._threads.writing, lambda: None)
        await _in_thread(self._threads.reading, self.memory.close)
        self._threads.end()

    remember = _writes(AriGraph.remember)
    remember_many = _writes(AriGraph.remember_many)
    remember_document = _writes(AriGraph.remember_document)
    correct = _writes(AriGraph.correct)
    retract = _writes(AriGraph.retract)
    forget = _writes(AriGraph.forget)
    merge = _writes(AriGraph.merge)
    split = _writes(AriGraph.split)
    import_from = _writes(AriGraph.import_from)
    embed = _writes(AriGraph.embed)
    reembed = _writes(AriGraph.reembed)

    recall = _reads(AriGraph.recall)
    why_not = _reads(AriGraph.why_not)
    facts = _reads(AriGraph.facts)
    history = _reads(AriGraph.history)
    path = _reads(AriGraph.path)
    places = _reads(AriGraph.places)
    episode = _reads(AriGraph.episode)
    episodes = _reads(AriGraph.episodes)
    aliases = _reads(AriGraph.aliases)
    export_to = _reads(AriGraph.export_to)
    to_networkx = _reads(AriGraph.to_networkx)
    to_graphml = _reads(AriGraph.to_graphml)
    backup = _reads(AriGraph.backup)
    check = _reads(AriGraph.check)
    stats = _reads(AriGraph.stats)
    spaces = _reads(AriGraph.spaces)


async def _in_thread(threads: ThreadPoolExecutor | None, work: Callable[[], R]) -> R:
    import asyncio  # whoever awaits has it; whoever does not shall not pay for it

    return await asyncio.get_running_loop().run_in_executor(threads, work)

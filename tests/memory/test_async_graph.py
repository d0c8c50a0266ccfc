"""The memory for asyncio: the same methods and results, and an event loop that is not blocked."""

from __future__ import annotations

import asyncio
import inspect
import io
import random
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ariadne.errors import MemoryBusy, MemoryFileError
from ariadne.memory import (
    About,
    AriGraph,
    AsyncAriGraph,
    Fact,
    HashEmbedder,
    InvalidInput,
    MiniLM,
    OntologyReviser,
    Replacement,
    Triplet,
)
from ariadne.memory.ontology.reviser import FactsAround
from ariadne.values import Update

TEXT = "-= Kitchen =-\nYou are in a kitchen. You see a closed fridge. There is a red apple {} on the floor."
APPLE = Triplet("apple", "is in", "box")
minilm = pytest.mark.skipif(not MiniLM.available(), reason="the extra [embeddings] is not installed")


def opened(path: Path | None, **more: Any) -> AsyncAriGraph:
    more = {"embedder": HashEmbedder(8), "ontology": "text-world", **more}
    return AsyncAriGraph(AriGraph(**more) if path is None else AriGraph.open(path, **more))


class Slow(OntologyReviser):
    """A reviser that waits at one name, during a write."""

    def __init__(self) -> None:
        super().__init__("text-world")
        self.started, self.done = threading.Event(), threading.Event()

    def outdated(self, stated: Sequence[Triplet], about: FactsAround) -> list[Replacement]:
        if any(triplet.subject == "snail" for triplet in stated):
            self.started.set()
            self.done.wait(30)
        return super().outdated(stated, about)


def slow_write(memory: AsyncAriGraph) -> asyncio.Task[Any]:
    return asyncio.ensure_future(memory.remember("The snail crawls.", triplets=[Triplet("snail", "is in", "box")]))


async def until(event: threading.Event) -> None:
    for _ in range(2000):
        if event.is_set():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


# -- the same methods --------------------------------------------------------------------------------------------------

METHODS = [name for name, method in vars(AriGraph).items() if callable(method) and not name.startswith("_")]
PROPERTIES = ("ontology",)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_of_the_memory_can_be_awaited_with_the_same_arguments(name: str) -> None:
    method, awaited = getattr(AriGraph, name), getattr(AsyncAriGraph, name)
    assert list(inspect.signature(method).parameters.values()) == list(inspect.signature(awaited).parameters.values())
    assert awaited.__doc__
    if name not in ("close", "at"):
        assert awaited.__doc__ == method.__doc__


def test_the_asyncio_memory_has_no_methods_of_its_own() -> None:
    assert {name for name in vars(AsyncAriGraph) if not name.startswith("_")} <= {*METHODS, *PROPERTIES, "open"}


def test_an_asynchronous_memory_is_opened_with_the_arguments_of_the_memory(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "space": "ann",
        "embedder": HashEmbedder(8),
        "timeout": 3,
        "reviser": Slow(),
        "propose": None,
    }

    async def run() -> None:
        with pytest.raises(MemoryFileError, match="there is no such file"):
            await AsyncAriGraph.open(tmp_path / "a.db", create=False)
        async with await AsyncAriGraph.open(tmp_path / "a.db", **given) as memory:
            assert (await memory.remember("x", triplets=[APPLE])).episode.id == 1
            assert (await memory.stats()).spaces == ("ann",)
            assert memory.memory.embedder is given["embedder"]

    asyncio.run(run())
    with AriGraph.open(tmp_path / "a.db", space="ann", embedder=None) as memory:
        assert [str(fact) for fact in memory.facts()] == ["apple is in box"]


def script(folder: Path) -> list[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """Return calls of every method."""

    def call(method: str, *args: Any, **kwargs: Any) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        return method, args, kwargs

    return [
        call("remember", TEXT.format(1)),
        call("remember", "x", triplets=[APPLE], key="one", source="ann", metadata={"day": "monday"}),
        call("remember", "again", key="one"),
        call("remember_many", ["Bob likes tea.", {"text": "y", "triplets": [Triplet("apple", "is in", "hall")]}]),
        call("remember_document", "Ann works for Acme. " * 30, source="report.txt", size=200),
        call("remember_dialogue", [("Ann", "Hello."), ("Bob", "Hi.")], session="morning"),
        call("correct", Triplet("apple", "is in", "hall"), Triplet("apple", "is in", "attic"), "a mistake"),
        call("retract", Triplet("apple", "is in", "attic"), "there is none"),
        call("merge", "red apple 1", "apple"),
        call("aliases", "apple"),
        call("split", "red apple 1"),
        call("divide", "apple", episodes=[2], kind="computer"),
        call("divide", "apple", episodes=[2], kind=None),
        call("embed"),
        call("reembed"),
        call("why_not", Triplet("apple", "is in", "attic"), AriGraph(embedder=None).recall("apple")),
        call("recall", [About("apple"), "where is the apple?"], threshold=0.0, max_tokens=300),
        call("facts"),
        call("facts", "apple", as_of=2),
        call("history", "apple"),
        call("path", "fridge", "red apple 1"),
        call("places"),
        call("spaces"),
        call("episode", 2),
        call("get", "one"),
        call("versions", "one"),
        call("episodes", where={"source": "report.txt"}),
        call("to_graphml", folder / "a.graphml"),
        call("export_to", folder / "a.jsonl"),
        call("backup", folder / "b.db"),
        call("forget", source="report.txt", dry_run=True),
        call("forget", source="report.txt"),
        call("delete_space", "default"),
        call("import_from", ['{"text": "Ann is in the hall."}']),
        call("set_ontology", "open"),
        call("facts"),
        call("check"),
        call("episodes"),
        call("facts"),
    ]


@pytest.mark.parametrize("in_ram", [True, False])
def test_every_method_returns_the_same_as_the_memory(tmp_path: Path, in_ram: bool) -> None:
    folders = tmp_path / "sync", tmp_path / "async"
    for folder in folders:
        folder.mkdir()

    async def run() -> list[Any]:
        async with opened(None if in_ram else folders[1] / "a.db") as memory:
            given = [await getattr(memory, method)(*args, **kwargs) for method, args, kwargs in script(folders[1])]
            edges, facts = sorted((await memory.to_networkx()).edges), (await memory.stats()).facts
            return [*given, edges, facts, await memory.ontology]

    with opened(None if in_ram else folders[0] / "a.db").memory as memory:
        given = [getattr(memory, method)(*args, **kwargs) for method, args, kwargs in script(folders[0])]
        given += [sorted(memory.to_networkx().edges), memory.stats().facts, memory.ontology]
    assert asyncio.run(run()) == given
    assert {method for method, _, _ in script(tmp_path)} >= {*METHODS} - {"open", "close", "at", "to_networkx", "stats"}
    for name in ("a.jsonl", "a.graphml"):
        assert (folders[0] / name).read_text() == (folders[1] / name).read_text()


# -- many tasks, one memory --------------------------------------------------------------------------------------------


@pytest.mark.sample
@pytest.mark.parametrize("in_ram", [True, False])
def test_a_hundred_tasks_that_remember_and_recall_at_once_lose_nothing(tmp_path: Path, in_ram: bool) -> None:
    async def run() -> None:
        async with opened(None if in_ram else tmp_path / "a.db") as memory:

            async def work(task: int) -> list[int]:
                numbers = list[int]()
                for step in range(10):
                    name = f"thing {task} {step}"
                    update = await memory.remember(name, triplets=[Triplet(name, "is in", "box")], key=name)
                    recall = await memory.recall(About(name), episodes=1)
                    assert [str(fact) for fact in recall.facts] == [f"{name} is in box"]
                    numbers.append(update.episode.id)
                return numbers

            numbers = await asyncio.gather(*(work(task) for task in range(100)))
            assert sorted(number for some in numbers for number in some) == list(range(1, 1001))
            assert all(some == sorted(some) for some in numbers)
            assert len(await memory.facts("box")) == 1000
            assert await memory.check() == ()

    asyncio.run(run())


def test_writes_happen_in_the_order_called(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "a.db") as memory:
            for turn in range(3):
                await asyncio.gather(
                    *(memory.remember(f"{number}", triplets=[Triplet("cat", "is in", f"room {number}")])
                      for number in range(20)),
                    memory.remember_many([{"text": "20", "triplets": []}, {"text": "21", "triplets": []}]),
                    memory.correct(Triplet("cat", "is in", "room 19"), Triplet("cat", "is in", "room 20"), "22"),
                    memory.import_from([f'{{"text": "23", "triplets": [], "key": "{turn}"}}']),
                )  # fmt: skip
            texts = [episode.text for episode in await memory.episodes()]
            assert texts == [f"{number}" for number in range(24)] * 3
            assert [str(fact) for fact in await memory.facts("cat")] == ["cat is in room 20"]

    asyncio.run(run())


def test_reads_do_not_wait_for_writes(tmp_path: Path) -> None:
    async def run() -> None:
        reviser = Slow()
        async with opened(tmp_path / "a.db", reviser=reviser) as memory:
            await memory.remember("x", triplets=[APPLE])
            writing = slow_write(memory)
            await until(reviser.started)
            assert [str(fact) for fact in await asyncio.wait_for(memory.facts(), 10)] == ["apple is in box"]
            assert (await asyncio.wait_for(memory.recall("apple"), 10)).facts
            assert await asyncio.wait_for(memory.check(), 10) == ()
            assert not writing.done()
            reviser.done.set()
            assert (await writing).episode.id == 2

    asyncio.run(run())


def test_views_of_the_past_can_be_awaited_too(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "a.db") as memory:
            for number in range(5):
                await memory.remember(f"{number}", triplets=[Triplet("cat", "is in", f"room {number}")])
            views = [memory.at(number) for number in range(1, 6)]
            seen = await asyncio.gather(*(view.facts("cat") for view in views))
            assert [[fact.object for fact in facts] for facts in seen] == [[f"room {number}"] for number in range(5)]
            assert (await views[1].recall("cat", threshold=0.0)).facts == memory.memory.at(2).recall(
                "cat", threshold=0.0
            ).facts
            with pytest.raises(InvalidInput, match="read-only"):
                await views[0].remember("y", triplets=[])
            assert await views[3].at(2).facts() == await memory.facts(as_of=2)

    asyncio.run(run())


def test_a_view_that_is_closed_leaves_the_memory_open(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "a.db") as memory:
            await memory.remember("x", triplets=[APPLE])
            async with memory.at(1) as view:
                assert len(await view.facts()) == 1
            assert len(await memory.facts()) == 1
            assert (await memory.remember("y", triplets=[])).episode.id == 2

    asyncio.run(run())


def test_an_asynchronous_memory_works_in_one_event_loop_after_another(tmp_path: Path) -> None:
    memory = opened(tmp_path / "a.db")

    async def remember() -> int:
        return (await memory.remember("x", triplets=[])).episode.id

    assert [asyncio.run(remember()) for _ in range(3)] == [1, 2, 3]
    asyncio.run(memory.close())


# -- errors -----------------------------------------------------------------------------------------------------------


class Confused:
    """An extractor that always fails."""

    def read(self, text: str, known: Sequence[Fact], situation: object = None) -> Any:
        raise LookupError(text)


def test_an_error_is_raised_where_the_call_is_awaited(tmp_path: Path) -> None:
    async def run() -> None:
        path = tmp_path / "a.db"
        async with opened(path, timeout=0.1, extractor=Confused()) as memory:
            with pytest.raises(LookupError, match="what"):
                await memory.remember("what?")
            with pytest.raises(InvalidInput, match="no episode 7"):
                await memory.episode(7)
            given = await asyncio.gather(
                memory.remember("x", triplets=[APPLE]), memory.remember("what?"), memory.remember("y", triplets=[]),
                return_exceptions=True,
            )  # fmt: skip
            first, failed, last = given
            assert isinstance(failed, LookupError)
            assert isinstance(first, Update)
            assert isinstance(last, Update)
            assert [first.episode.id, last.episode.id] == [1, 2]
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(MemoryBusy, match=r"0\.1 s"):
                await memory.remember("z", triplets=[])
            other.close()
            assert (await memory.remember("z", triplets=[])).episode.id == 3

    asyncio.run(run())


def test_a_cancelled_write_is_complete_if_it_had_started_and_absent_otherwise(tmp_path: Path) -> None:
    async def run() -> None:
        reviser = Slow()
        async with opened(tmp_path / "a.db", reviser=reviser) as memory:
            started = slow_write(memory)
            await until(reviser.started)
            waiting = asyncio.ensure_future(memory.remember("x", triplets=[APPLE]))
            await asyncio.sleep(0.01)
            for task in (started, waiting):
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            reviser.done.set()
            assert (await memory.remember("y", triplets=[])).episode.id == 2
            assert [episode.text for episode in await memory.episodes()] == ["The snail crawls.", "y"]
            assert [str(fact) for fact in await memory.facts()] == ["snail is in box"]

    asyncio.run(run())


@pytest.mark.parametrize("in_ram", [True, False])
def test_tasks_cancelled_at_any_time_leave_each_write_complete_or_absent(tmp_path: Path, in_ram: bool) -> None:
    rng = random.Random(0)

    async def run() -> None:
        async with opened(None if in_ram else tmp_path / "a.db") as memory:

            async def work(number: int) -> None:
                stated = [Triplet(f"thing {number} {part}", "is in", "box") for part in range(5)]
                await memory.remember(f"{number}", triplets=stated)
                await memory.recall(f"thing {number}")

            tasks = [asyncio.ensure_future(work(number)) for number in range(80)]
            for task in rng.sample(tasks, 60):
                await asyncio.sleep(rng.uniform(0, 0.004))
                task.cancel()
            given = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(one is None or isinstance(one, asyncio.CancelledError) for one in given)
            assert any(given)
            there = {episode.text for episode in await memory.episodes()}
            assert {f"{number}" for number, one in enumerate(given) if one is None} <= there
            facts = [fact.subject.split()[1] for fact in await memory.facts("box")]
            assert sorted(facts) == sorted([*there] * 5)
            assert await memory.check() == ()
            assert (await memory.remember("after", triplets=[])).episode.id == len(there) + 1

    asyncio.run(run())


def test_close_waits_for_started_calls(tmp_path: Path) -> None:
    async def run() -> None:
        memory = opened(tmp_path / "a.db")
        tasks: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(memory.remember(f"{number}", triplets=[APPLE])) for number in range(30)
        ]
        tasks += [asyncio.ensure_future(memory.facts()) for _ in range(30)]
        await asyncio.sleep(0)
        await memory.close()
        assert [(await task).episode.id for task in tasks[:30]] == list(range(1, 31))
        assert all([await task is not None for task in tasks[30:]])

    asyncio.run(run())
    with AriGraph.open(tmp_path / "a.db", embedder=None) as memory:
        assert len(memory.episodes()) == 30
        assert memory.check() == ()


def test_a_closed_memory_raises_a_clear_error_and_can_be_closed_again(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path / "a.db") as memory:
            await memory.close()
        await memory.close()
        for use in (memory.facts, lambda: memory.remember("x", triplets=[])):
            with pytest.raises(MemoryFileError, match="closed"):
                await use()

    asyncio.run(run())


# -- the event loop is not blocked -------------------------------------------------------------------------------------


class Gap:
    """The longest time between two turns of the event loop, in seconds."""

    longest = 0.0


@asynccontextmanager
async def watched() -> AsyncIterator[Gap]:
    gap, watching = Gap(), True

    async def watch() -> None:
        while watching:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            gap.longest = max(gap.longest, time.perf_counter() - before - 0.001)

    watcher = asyncio.ensure_future(watch())
    try:
        yield gap
    finally:
        watching = False
        await watcher


def given(memory: AsyncAriGraph, number: int) -> Awaitable[Update]:
    stated = [Triplet(f"thing {number} {part}", "is in", f"box {number % 9}") for part in range(5)]
    return memory.remember(f"note {number}", triplets=stated)


def read(memory: AsyncAriGraph, number: int) -> Awaitable[Update]:
    return memory.remember(TEXT.format(number))


@pytest.mark.parametrize("embedder", [None, pytest.param("default", marks=minilm)], ids=["words", "MiniLM"])
@pytest.mark.parametrize("in_ram", [True, False], ids=["RAM", "file"])
@pytest.mark.parametrize("remember", [given, read], ids=["given", "read by rules"])
def test_the_event_loop_is_not_blocked(
    tmp_path: Path, embedder: Any, in_ram: bool, remember: Callable[[AsyncAriGraph, int], Any]
) -> None:
    """An idle machine needs some milliseconds; the bound leaves room for a slow one."""

    async def run() -> float:
        async with watched() as gap:
            memory = await AsyncAriGraph.open(":memory:" if in_ram else tmp_path / "a.db", embedder=embedder)

            async def work(number: int) -> None:
                await remember(memory, number)
                await memory.recall(f"where is thing {number} 1?", threshold=0.0)

            await asyncio.gather(*(work(number) for number in range(8)))
            await memory.export_to(io.StringIO())
            await memory.forget(episodes=[3])
            await memory.check()
            await memory.close()
        return gap.longest

    assert asyncio.run(run()) < 1


def test_the_event_loop_continues_while_a_write_waits_for_another_process(tmp_path: Path) -> None:
    async def run() -> float:
        async with opened(tmp_path / "a.db") as memory:
            other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            async with watched() as gap:
                writing = asyncio.ensure_future(memory.remember("x", triplets=[APPLE]))
                await asyncio.sleep(0.4)
                assert not writing.done()
            other.execute("ROLLBACK")
            other.close()
            assert (await writing).episode.id == 1
            return gap.longest

    assert asyncio.run(run()) < 1

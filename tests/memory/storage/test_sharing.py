"""Several users of one memory: readers never wait, writers wait in a queue."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ariadne.errors import MemoryBusy, MemoryFileError
from ariadne.memory import About, AriGraph, Fact, HashEmbedder, MiniLM, OntologyReviser, Replacement, Triplet
from ariadne.memory.embedders import cache
from ariadne.memory.ontology.reviser import FactsAround
from ariadne.values import Update
from tests.scale import scaled

PARTS = 5
Holder = Callable[[AriGraph, Path], AbstractContextManager[None]]


def opened(path: Path, **more: Any) -> AriGraph:
    return AriGraph.open(path, **{"embedder": None, "ontology": "text-world", **more})


def remember_number(memory: AriGraph, number: int) -> Update:
    """Remember facts that all have one number, and a new place of the cat, which replaces the one before."""
    stated = [Triplet(f"thing {number} {part}", "is in", "box") for part in range(PARTS)]
    return memory.remember(f"episode {number}", triplets=[*stated, Triplet("cat", "is in", f"room {number}")])


def in_thread(work: Callable[[], Any]) -> Any:
    """Return the result of work in another thread, so that a test that would wait forever fails."""
    threads = ThreadPoolExecutor(1)
    try:
        return threads.submit(work).result(10)
    finally:
        threads.shutdown(wait=False)


@pytest.fixture
def with_fast_thread_switches() -> Iterator[None]:
    """Let threads take turns a thousand times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


# -- holders of the write lock -----------------------------------------------------------------------------------------

HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
db.execute("UPDATE space SET last = last + 7")
print("held", flush=True)
sys.stdin.readline()
db.execute("ROLLBACK")
"""


@contextmanager
def process(_: AriGraph, path: Path) -> Iterator[None]:
    """Hold the lock from another process."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.communicate("\n")


@contextmanager
def connection(_: AriGraph, path: Path) -> Iterator[None]:
    """Hold the lock from another connection of this process, in its own thread."""
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE space SET last = last + 7")
        begun.set()
        done.wait(30)
        db.execute("ROLLBACK")
        db.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join()


class Slow(OntologyReviser):
    """A reviser that waits at one name, during a write."""

    def __init__(self) -> None:
        super().__init__("text-world")
        self.begun, self.done = threading.Event(), threading.Event()

    def outdated(self, stated: Sequence[Triplet], about: FactsAround) -> list[Replacement]:
        if any(triplet.subject == "snail" for triplet in stated):
            self.begun.set()
            self.done.wait(30)
        return super().outdated(stated, about)


@contextmanager
def thread_of_the_same_memory(memory: AriGraph, _: Path) -> Iterator[None]:
    """Hold the lock from another thread that writes to the same memory."""
    reviser = memory._writer._given_reviser
    assert isinstance(reviser, Slow)
    reviser.begun.clear()
    reviser.done.clear()
    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(memory.remember, "The snail crawls.", triplets=[Triplet("snail", "is in", "box")])
        assert reviser.begun.wait(10)
        try:
            yield
        finally:
            reviser.done.set()
            writing.result()


holders = pytest.mark.parametrize("holder", [process, connection, thread_of_the_same_memory])


# -- readers never wait ------------------------------------------------------------------------------------------------

READS: dict[str, Callable[[AriGraph, Path], Any]] = {
    "facts": lambda memory, _: [memory.facts(), memory.facts("box"), memory.facts(as_of=2), memory.facts(valid_at=2)],
    "recall": lambda memory, _: memory.recall([About("box"), "where is the cat?"], threshold=0.0, facts=99),
    "history": lambda memory, _: memory.history("cat"),
    "episodes": lambda memory, _: [memory.episodes(), memory.episodes("cat"), memory.episode(2)],
    "path": lambda memory, _: [memory.path("thing 1 0", "thing 2 0"), memory.places(), memory.aliases("cat")],
    "at": lambda memory, _: [memory.at(2).facts(), memory.at(2).recall("cat", threshold=0.0)],
    "export_to": lambda memory, _: memory.export_to(io.StringIO()),
    "stats": lambda memory, _: memory.stats().episodes,
    "check": lambda memory, _: memory.check(),
    "backup": lambda memory, path: memory.backup(path.with_name(f"{random.getrandbits(64):x}.db")),
    "to_networkx": lambda memory, _: sorted(memory.to_networkx().edges),
}


@holders
@pytest.mark.parametrize("embedder", [None, HashEmbedder()], ids=["words", "vectors"])
def test_readers_never_wait(tmp_path: Path, holder: Holder, embedder: HashEmbedder | None) -> None:
    path = tmp_path / "a.db"
    with opened(path, reviser=Slow(), timeout=0.05, embedder=embedder) as memory:
        for number in (1, 2, 3):
            remember_number(memory, number)
        before = {name: read(memory, path) for name, read in READS.items()}
        with (
            opened(path, timeout=0.05, embedder=embedder) as second,
            holder(memory, path),
            in_thread(lambda: opened(path, timeout=0.05, embedder=embedder, create=False)) as third,
        ):
            for reader in (memory, second, third):
                for name, read in READS.items():
                    assert in_thread(partial(read, reader, path)) == before[name], name
            assert before["check"] == ()


def test_a_long_read_does_not_block_writers(tmp_path: Path) -> None:
    class Target(io.StringIO):
        def write(self, text: str) -> int:
            if not self.tell():
                threads.submit(remember_number, memory, 3).result(10)
            return super().write(text)

    with opened(tmp_path / "a.db", timeout=0.2) as memory, ThreadPoolExecutor(1) as threads:
        for number in (1, 2):
            remember_number(memory, number)
        target = Target()
        assert memory.export_to(target) == 2
        assert len(target.getvalue().splitlines()) == 3
        assert memory.stats().episodes == 3


def test_a_long_read_blocks_neither_forget_nor_other_writers(tmp_path: Path) -> None:
    looking, done = threading.Event(), threading.Event()

    class Target(io.StringIO):
        def write(self, text: str) -> int:
            looking.set()
            done.wait(30)
            return super().write(text)

    path = tmp_path / "a.db"
    with opened(path) as memory, opened(path, timeout=5) as second, ThreadPoolExecutor(3) as threads:
        for number in (1, 2):
            remember_number(memory, number)
        export = threads.submit(memory.export_to, Target())
        assert looking.wait(10)
        try:
            forgetting = threads.submit(memory.forget, episodes=[1])
            time.sleep(0.05)
            writing = threads.submit(second.remember, "x", triplets=[])
            assert [episode.id for episode in forgetting.result(5).episodes] == [1]
            assert writing.result(5).episode.id == 3
        finally:
            done.set()
        assert export.result() == 2
        assert [episode.id for episode in memory.episodes()] == [2, 3]


# -- writers queue -----------------------------------------------------------------------------------------------------

WRITES: dict[str, Callable[[AriGraph], Any]] = {
    "remember": lambda memory: memory.remember("x", triplets=[Triplet("apple", "is in", "box")], key="once"),
    "remember, read by rules": lambda memory: memory.remember("The apple is in the box.", key="once"),
    "remember_many": lambda memory: memory.remember_many([{"text": "x", "triplets": [], "key": "once"}]),
    "correct": lambda memory: memory.correct(Triplet("cat", "is in", "room 2"), Triplet("cat", "is in", "room 9")),
    "forget": lambda memory: memory.forget(episodes=[1]),
    "merge": lambda memory: memory.merge("thing 1 0", "thing 2 0"),
    "import_from": lambda memory: memory.import_from(['{"text": "x", "triplets": [], "key": "once"}']),
}


@holders
@pytest.mark.parametrize("verb", WRITES)
def test_a_writer_that_waits_too_long_raises_memory_busy_and_writes_nothing(
    tmp_path: Path, holder: Holder, verb: str
) -> None:
    path = tmp_path / "a.db"
    with opened(path, reviser=Slow(), timeout=0.3 if verb == "remember" else 0.05) as memory:
        for number in (1, 2):
            remember_number(memory, number)
        before = memory.facts(), memory.episodes(), memory.aliases("thing 2 0")
        with holder(memory, path):
            began = time.monotonic()
            with pytest.raises(MemoryBusy) as busy:
                in_thread(lambda: WRITES[verb](memory))
            assert time.monotonic() - began < 3
            seconds = "0.3 s" if verb == "remember" else "0.05 s"
            for entries in (str(path), seconds, "nothing was written"):
                assert entries in str(busy.value)
            if holder is not connection:  # the message cannot distinguish other connections of this process
                who = "another process" if holder is process else "another thread of this process"
                assert who in str(busy.value)
            assert (memory.facts(), memory.episodes(), memory.aliases("thing 2 0")) == before
        WRITES[verb](memory)
        assert (memory.facts(), memory.episodes(), memory.aliases("thing 2 0")) != before
        assert memory.check() == ()


def test_a_writer_continues_as_soon_as_the_other_has_written(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with opened(path, reviser=Slow(), timeout=20) as memory, ThreadPoolExecutor(2) as threads:
        remember_number(memory, 1)
        for holder in (process, thread_of_the_same_memory):
            with holder(memory, path):
                waiting = threads.submit(memory.remember, "x", triplets=[])
                time.sleep(0.1)
                assert not waiting.done()
            assert waiting.result(10).episode.id == memory.stats().episodes


# -- reads are consistent ----------------------------------------------------------------------------------------------

WRITER = """
import sys
from ariadne.memory import AriGraph, Triplet
with AriGraph.open(sys.argv[1], embedder=None, ontology="text-world") as memory:
    for number in range(1, int(sys.argv[2]) + 1):
        stated = [Triplet(f"thing {number} {part}", "is in", "box") for part in range(5)]
        memory.remember(f"episode {number}", triplets=[*stated, Triplet("cat", "is in", f"room {number}")])
"""


def count_complete(facts: Sequence[Fact]) -> int:
    """Return the number of episodes; each has all of its facts, and the cat is in the place of the last one."""
    parts = Counter(fact.subject.split()[1] for fact in facts if fact.subject.startswith("thing"))
    assert set(parts.values()) <= {PARTS}
    assert [fact.object for fact in facts if fact.subject == "cat"] == ([f"room {len(parts)}"] if parts else [])
    assert all(fact.retired_in is None for fact in facts)
    return len(parts)


def count_states(memory: AriGraph, done: Callable[[], bool]) -> int:
    """Read again and again while others write, and return how many different states were read."""
    seen = set[int]()
    while True:
        last = done()
        seen.add(count_complete(memory.facts()))
        recall = memory.recall([About("box"), About("cat"), "cat room"], threshold=0.0, facts=9999, episodes=3)
        seen.add(count := count_complete(recall.facts))
        assert all(episode.id <= count for episode in recall.episodes)
        (then,) = memory.facts("cat", as_of=count) or [None]
        assert then is None or then.object == f"room {count}"
        target = io.StringIO()
        seen.add(entries := memory.export_to(target))
        lines = [json.loads(line) for line in target.getvalue().splitlines()][1:]
        assert len(lines) == entries
        assert all(len(line["added"]) == PARTS + 1 for line in lines)
        assert all(len(line["retired"]) == (line["episode"] > 1) for line in lines)
        if last:
            return len(seen)


@pytest.mark.usefixtures("with_fast_thread_switches")
@pytest.mark.parametrize("writer", [pytest.param("thread", marks=pytest.mark.sample), "process"])
def test_a_read_is_consistent_while_others_write(tmp_path: Path, writer: str) -> None:
    path, most = tmp_path / "a.db", scaled(25, 40)
    with opened(path) as memory, opened(path) as second, ThreadPoolExecutor(4) as threads:
        if writer == "thread":
            writing: Future[Any] = threads.submit(
                lambda: [remember_number(memory, number) for number in range(1, most + 1)]
            )
        else:
            command = [sys.executable, "-c", WRITER, str(path), str(most)]
            writing = threads.submit(subprocess.run, command, check=True)
        looking = [threads.submit(count_states, reader, writing.done) for reader in (memory, memory, second)]
        assert all(look.result() > 3 for look in looking)
        writing.result()
        assert count_complete(memory.facts()) == count_complete(second.facts()) == most


@pytest.mark.usefixtures("with_fast_thread_switches")
@pytest.mark.parametrize("embedder", [None, HashEmbedder(8)], ids=["words", "vectors"])
def test_recall_returns_no_fact_that_was_retired_meanwhile(tmp_path: Path, embedder: HashEmbedder | None) -> None:
    most = scaled(50, 80)
    with opened(tmp_path / "a.db", embedder=embedder) as memory, ThreadPoolExecutor(4) as threads:
        memory.remember("x", triplets=[Triplet("cat", "is in", "room 0")])

        def move() -> None:
            for number in range(1, most + 1):
                memory.remember("x", triplets=[Triplet("cat", "is in", f"room {number}")])

        def look() -> None:
            while not moving.done():
                last = memory.stats().episodes
                (fact,) = memory.recall("cat room", threshold=0.0, depth=1).facts
                assert fact.retired_in is None
                assert fact.valid_to is None
                assert fact.learned_in >= last
                (then,) = memory.recall("cat room", threshold=0.0, as_of=last).facts
                assert (then.object, then.retired_in) == (f"room {last - 1}", None)

        moving = threads.submit(move)
        for looking in [threads.submit(look) for _ in range(3)]:
            looking.result()
        moving.result()


def test_several_threads_can_read_views_of_the_past_at_once(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as memory, ThreadPoolExecutor(4) as threads:
        for number in range(1, 16):
            remember_number(memory, number)

        def seen(number: int) -> tuple[Any, ...]:
            view = memory.at(number)
            recall = view.recall("where is the cat?", threshold=0.0)
            return view.facts(), view.episodes(), view.history("cat"), recall, recall.text

        numbers = random.Random(0).choices(range(17), k=80)
        alone = {number: seen(number) for number in set(numbers)}
        writing = threads.submit(lambda: [remember_number(memory, number) for number in range(16, 30)])
        assert all(then == alone[number] for number, then in zip(numbers, threads.map(seen, numbers), strict=True)
                   if number < 15)  # fmt: skip
        writing.result()


# -- the past rewritten while others read ------------------------------------------------------------------------------


@pytest.mark.usefixtures("with_fast_thread_switches")
def test_every_reader_sees_a_forget_or_merge_completely_or_not_at_all(tmp_path: Path) -> None:
    def base(memory: AriGraph) -> AriGraph:
        memory.remember("x", triplets=[Triplet("Ann", "likes", "tea"), Triplet("Ann Smith", "is in", "hall")])
        memory.remember("y", triplets=[Triplet("Bob", "knows", "Ann Smith"), Triplet("Bob", "is in", "hall")])
        return memory

    def gossip(memory: AriGraph) -> None:
        memory.remember("z", triplets=[Triplet("Ann", "is in", "jail"), Triplet("Bob", "likes", "gin")], source="liar")

    steps: list[Callable[[AriGraph], Any]] = [
        gossip,
        lambda memory: memory.merge("Ann Smith", "Ann"),
        lambda memory: memory.forget(source="liar"),
        lambda memory: memory.split("Ann Smith"),
    ]

    def seen(memory: AriGraph) -> dict[str, Any]:
        recall = memory.recall([About("Ann"), "where is Bob?"], threshold=0.0, facts=9, episodes=9)
        return {
            "facts": sorted(map(str, memory.facts())),
            "about": sorted(map(str, memory.facts("Ann Smith"))),
            "recall": (sorted(map(str, recall.facts)), sorted(one.text for one in recall.episodes)),
            "episodes": [one.text for one in memory.episodes()],
            "aliases": memory.aliases("Ann"),
        }

    with AriGraph(embedder=None, ontology="text-world") as model:
        possible = [seen(base(model))]
        for step in steps:
            step(model)
            possible.append(seen(model))
        assert possible[0] == possible[-1]

    rounds = scaled(3, 4)
    path = tmp_path / "a.db"
    with opened(path) as memory, opened(path) as second, ThreadPoolExecutor(4) as threads:
        base(memory)

        def rewrite() -> None:
            for _ in range(rounds):
                for step in steps:
                    step(memory)

        def look(reader: AriGraph) -> int:
            count = 0
            while not rewriting.done():
                for name, value in seen(reader).items():
                    assert value in [state[name] for state in possible], name
                count += 1
            return count

        rewriting = threads.submit(rewrite)
        looking = [threads.submit(look, reader) for reader in (memory, memory, second)]
        assert all(look.result() for look in looking)
        rewriting.result()
        assert seen(memory) == seen(second) == possible[0]
        assert memory.check() == ()


# -- imports at once ---------------------------------------------------------------------------------------------------

IMPORT = """
import sys
from ariadne.memory import AriGraph
memory = AriGraph.open(sys.argv[1], embedder=None, ontology="text-world")
print("ready", flush=True)
sys.stdin.readline()
done = memory.import_from(sys.argv[2])
print(done.added, done.known, flush=True)
memory.close()
"""


def imported_at_once(path: Path, lines: Path, processes: int = 2) -> list[tuple[int, int]]:
    """Import the same lines in several processes at once; return how many each added, and how many it knew."""
    command = [sys.executable, "-c", IMPORT, str(path), str(lines)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in started:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    entries = [one.communicate()[0].split() for one in started]
    assert [one.returncode for one in started] == [0] * processes
    return [(int(added), int(known)) for added, known in entries]


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(True, id="keys of their own", marks=pytest.mark.sample),
        pytest.param(False, id="known by their lines"),
    ],
)
def test_processes_that_import_the_same_lines_at_once_add_each_once(tmp_path: Path, keys: bool) -> None:
    count = scaled(200, 500)
    lines = tmp_path / "notes.jsonl"
    entries = [
        {
            "text": f"note {number}",
            "triplets": [[f"thing {number}", "is in", "box"], ["cat", "is in", f"room {number}"]],
        }
        | ({"key": f"note {number}"} if keys else {})
        for number in range(count)
    ]
    lines.write_text("".join(f"{json.dumps(one)}\n" for one in entries))
    counts = imported_at_once(tmp_path / "a.db", lines)
    with opened(tmp_path / "a.db") as memory:
        assert [episode.text for episode in memory.episodes()] == [one["text"] for one in entries]
        assert len(memory.facts("box")) == count
        assert [str(fact) for fact in memory.facts("cat")] == [f"cat is in room {count - 1}"]
        assert memory.check() == ()
    assert [added + known for added, known in counts] == [count, count]
    assert sum(added for added, _ in counts) == count


def exported(target: Path, count: int) -> AriGraph:
    """Export a memory in RAM whose facts are stated again and again, and return it."""
    memory = AriGraph(embedder=None, ontology="text-world")
    for number in range(count):
        stated = [Triplet(f"thing {number // 2}", "is in", "box"), Triplet("cat", "is in", f"room {number % 7}")]
        memory.remember(f"note {number}", triplets=stated)
    memory.export_to(target)
    return memory


def same(memory: AriGraph, original: AriGraph) -> None:
    assert memory.episodes() == original.episodes()
    assert memory.facts() == original.facts()
    assert memory.history("cat") == original.history("cat")
    assert memory.check() == ()


def test_processes_that_import_the_same_export_at_once_make_the_same_memory(tmp_path: Path) -> None:
    count = scaled(300, 600)
    with exported(tmp_path / "export.jsonl", count) as original:
        counts = imported_at_once(tmp_path / "a.db", tmp_path / "export.jsonl")
        with opened(tmp_path / "a.db") as memory:
            same(memory, original)
        assert sum(added for added, _ in counts) == count


def test_an_import_that_another_process_overtakes_makes_the_same_memory(tmp_path: Path) -> None:
    """One import has started when another imports half of the lines; then the first one continues."""

    class Stopped(Exception):  # noqa: N818
        pass

    def first_half() -> Iterator[str]:
        yield from lines[:201]
        raise Stopped

    def overtaken(by: AriGraph) -> Iterator[str]:
        yield lines[0]
        with pytest.raises(Stopped):
            by.import_from(first_half())
        assert by.stats().episodes == 200
        yield from lines[1:]

    path = tmp_path / "a.db"
    with exported(tmp_path / "export.jsonl", 400) as original, opened(path) as memory, opened(path) as second:
        lines = (tmp_path / "export.jsonl").read_text().splitlines()
        done = memory.import_from(overtaken(second))
        same(memory, original)
        assert (done.added, done.known) == (200, 200)


# -- one memory, many threads ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("with_fast_thread_switches")
@pytest.mark.parametrize("embedder", [None, HashEmbedder(8)], ids=["words", "vectors"])
def test_threads_share_a_memory_in_ram(embedder: HashEmbedder | None) -> None:
    with AriGraph(embedder=embedder, ontology="text-world") as memory, ThreadPoolExecutor(8) as threads:

        def work(number: int) -> int:
            update = memory.remember(
                f"note {number}", triplets=[Triplet(f"thing {number}", "is in", "box"), Triplet("box", "is", "open")],
                key=f"{number % 60}",
            )  # fmt: skip
            assert memory.episode(update.episode.id) == update.episode
            recall = memory.recall([About(f"thing {number % 60}"), "what is in the box?"], threshold=0.0)
            assert all(fact.retired_in is None for fact in recall.facts)
            assert memory.at(1).stats().path == ":memory:"
            return update.episode.id

        numbers = list(threads.map(work, range(120)))
        assert sorted(set(numbers)) == list(range(1, 61))
        assert len(memory.facts("box")) == 61
        assert memory.facts("open")[0].episodes == tuple(range(1, 61))
        assert memory.check() == ()


@pytest.mark.usefixtures("with_fast_thread_switches")
@pytest.mark.skipif(not MiniLM.available(), reason="the extra [embeddings] is not installed")
def test_threads_can_share_an_embedder_with_a_small_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CACHED", 3)
    embedder = MiniLM()
    texts = [f"thing {number}" for number in range(12)]
    alone = dict(zip(texts, embedder.embed(texts), strict=True))

    def embed(seed: int) -> None:
        some = random.Random(seed).choices(texts, k=4)
        for text, vector in zip(some, embedder.embed(some), strict=True):
            assert (vector == alone[text]).all()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(embed, range(60)))


# -- a missing file ----------------------------------------------------------------------------------------------------


def test_with_create_false_a_missing_file_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(MemoryFileError, match=r"a\.db: there is no such file"):
        opened(tmp_path / "a.db", create=False)
    assert list(tmp_path.iterdir()) == []
    with opened(tmp_path / "a.db") as memory:
        remember_number(memory, 1)
        with opened(tmp_path / "a.db", create=False) as again:
            assert again.facts() == memory.facts()

"""The file of a memory: what it survives, how it is shared, and which files are refused."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariadne.errors import MemoryFileError
from ariadne.memory import AriGraph, HashEmbedder, InvalidInput, OntologyReviser, Replacement, Triplet
from ariadne.memory.ontology.reviser import FactsAround
from tests.scale import scaled

NAMES = ["apple", "the Apple", "box", "hall"]
triplets = st.builds(Triplet, st.sampled_from(NAMES), st.sampled_from(["is in", "is on", "is"]), st.sampled_from(NAMES))
episodes = st.tuples(st.text(max_size=9), st.lists(triplets, max_size=3), st.none() | st.integers(-9, 9))


def opened(path: Path, **more: Any) -> AriGraph:
    return AriGraph.open(path, **{"embedder": None, "ontology": "text-world", **more})


def everything(memory: AriGraph) -> tuple[Any, ...]:
    """Return the answers to every kind of query."""
    numbers = range(len(memory.episodes()) + 1)
    past = [memory.facts(as_of=number) for number in numbers]
    recall = memory.recall("where is the apple?", threshold=0.0)
    return memory.episodes(), past, [memory.history(name) for name in NAMES], recall, recall.text, memory.places()


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a Python process, which prints a line when it is ready and works after an input line."""
    start = (
        "import sys\nfrom ariadne.memory import AriGraph, Triplet\nprint('ready', flush=True)\nsys.stdin.readline()\n"
    )
    command = [sys.executable, "-c", start + code, *map(str, arguments)]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def ended(children: Sequence[subprocess.Popen[str]]) -> list[int]:
    """Let all processes work at once, and return their exit statuses."""
    for started in children:
        assert started.stdin is not None
        started.stdin.write("\n")
        started.stdin.flush()
    for started in children:
        started.communicate()
    return [started.returncode for started in children]


# -- stored ------------------------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.lists(episodes, max_size=6))
def test_closing_and_reopening_a_file_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, script: list[tuple[str, list[Triplet], int | None]]
) -> None:
    path = tmp_path_factory.mktemp("memory") / "kept.db"
    with AriGraph(embedder=None, ontology="text-world") as in_ram:
        for number, (text, stated, at) in enumerate(script):
            in_ram.remember(text, triplets=stated, at=at)
            with opened(path) as memory:
                assert len(memory.episodes()) == number
                memory.remember(text, triplets=stated, at=at)
        with opened(path) as memory:
            assert everything(memory) == everything(in_ram)


def test_a_file_is_the_same_memory_with_the_same_vectors(tmp_path: Path) -> None:
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder(), ontology="text-world") as memory:
        memory.remember("x", triplets=[Triplet("apple", "is in", "box"), Triplet("box", "is in", "hall")])
        before = memory.recall("where is the apple?", threshold=0.0)
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder(), ontology="text-world") as memory:
        after = memory.recall("where is the apple?", threshold=0.0)
    assert (after, after.text) == (before, before.text)
    assert [fact.score for fact in after.facts] == [fact.score for fact in before.facts]


def test_a_file_can_be_opened_with_another_embedder(tmp_path: Path) -> None:
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder(64), ontology="text-world") as memory:
        memory.remember("x", triplets=[Triplet("apple", "is in", "box")])
    for embedder, warns in ((HashEmbedder(32), pytest.warns(match="has those of 'hash-64'")), (None, nullcontext())):
        with AriGraph.open(tmp_path / "a.db", embedder=embedder, ontology="text-world") as memory, warns:
            assert [str(fact) for fact in memory.recall("apple in box").facts] == ["apple is in box"]


def test_the_spaces_of_a_file_are_independent(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db", space="ann") as ann, opened(tmp_path / "a.db", space="bob") as bob:
        ann.remember("Ann's", triplets=[Triplet("apple", "is in", "box")], key="step 1")
        bob.remember("Bob's", triplets=[Triplet("apple", "is on", "table")], key="step 1")
        assert [str(fact) for fact in ann.facts()] == ["apple is in box"]
        assert [str(fact) for fact in bob.recall("apple").facts] == ["apple is on table"]
        assert [episode.text for episode in bob.episodes()] == ["Bob's"]


# -- refused -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"A shopping list: milk, eggs.\n" * 99, b"\x00" * 4096, b"SQLite format 3\x00 not"]
)
def test_a_file_that_is_not_a_memory_is_refused_and_not_changed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(MemoryFileError, match=r"notes\.txt"):
        opened(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bookmark (url TEXT)")
    db.close()
    content = path.read_bytes()
    with pytest.raises(MemoryFileError, match="another program"):
        opened(path)
    assert path.read_bytes() == content


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    opened(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(MemoryFileError, match=r"a\.db: written by a newer Ariadne \(format 999"):
        opened(path)


def test_a_space_keeps_its_ontology_for_every_user(tmp_path: Path) -> None:
    homes = """name = "homes"\n[[relation]]\nphrases = ["lives in"]"""
    with opened(tmp_path / "a.db", ontology=homes) as memory:
        memory.remember("Hm.", triplets=[], source="diary")
        memory.remember("x", triplets=[Triplet("Ann", "lives in", "Rome")])
        memory.remember("y", triplets=[Triplet("Ann", "lives in", "Oslo")])
    with opened(tmp_path / "a.db", ontology=None) as memory:
        memory.forget(source="diary")
        assert [str(fact) for fact in memory.facts()] == ["Ann lives in Oslo"]
        memory.remember("z", triplets=[Triplet("Ann", "lives in", "York")])
        assert [str(fact) for fact in memory.facts()] == ["Ann lives in York"]
        memory.export_to(tmp_path / "a.jsonl")
    with opened(tmp_path / "b.db", ontology=None) as memory:
        memory.import_from(tmp_path / "a.jsonl")
        memory.remember("z", triplets=[Triplet("Ann", "lives in", "Bari")])
        assert [str(fact) for fact in memory.facts()] == ["Ann lives in Bari"]


def test_a_file_with_an_unknown_format_number_is_damaged(tmp_path: Path) -> None:
    opened(tmp_path / "a.db").close()
    with sqlite3.connect(tmp_path / "a.db") as db:
        db.execute("PRAGMA user_version = -1")
    db.close()
    with pytest.raises(MemoryFileError, match="damaged"):
        opened(tmp_path / "a.db")


def test_a_path_that_cannot_be_a_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "a.db"):
        with pytest.raises(MemoryFileError):
            opened(path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing/a.db", "the folder .*missing does not exist"),
        ("file/a.db", "file is a file, not a folder"),
        ("folder", "this is a folder: name a file"),
    ],
)
def test_an_error_names_the_part_of_a_path_that_is_wrong(path: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(MemoryFileError, match=message):
        opened(tmp_path / path)


def test_an_error_about_a_closed_memory_gives_the_remedy_for_a_file_only(tmp_path: Path) -> None:
    for memory, message in (
        (AriGraph(embedder=None, ontology="text-world"), "is closed$"),
        (opened(tmp_path / "a.db"), "; open it again$"),
    ):
        memory.close()
        with pytest.raises(MemoryFileError, match=message):
            memory.facts()


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_a_wrong_file_name_is_refused(path: str) -> None:
    with pytest.raises(MemoryFileError, match="is not the name of a file"):
        AriGraph.open(path, embedder=None, ontology="text-world")


def kept_file(path: Path) -> bytes:
    with opened(path) as memory:
        for number in range(60):
            memory.remember(f"{number} " * 99, triplets=[Triplet(f"thing {number}", "is in", "box")], key=str(number))
    return path.read_bytes()


def test_a_truncated_file_is_reported_as_damaged(tmp_path: Path) -> None:
    whole = kept_file(tmp_path / "a.db")
    (tmp_path / "b.db").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MemoryFileError, match=r"b\.db: .*damaged"), opened(tmp_path / "b.db") as memory:
        everything(memory)


@pytest.mark.sample
def test_damaged_bytes_raise_a_clear_error_and_nothing_else(tmp_path: Path) -> None:
    whole, rng, refused = kept_file(tmp_path / "a.db"), random.Random(0), 0
    for number in range(scaled(60, 300)):
        damaged = bytearray(whole)
        for _ in range(rng.choice([1, 20, 400])):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path = tmp_path / f"{number}.db"
        path.write_bytes(damaged)
        try:
            with opened(path) as memory:
                everything(memory)
                [memory.remember("x", key=str(key)) for key in range(60)]
                memory.remember("y", triplets=[Triplet("thing 1", "is in", "bag")])
        except MemoryFileError:
            refused += 1
    assert refused > scaled(15, 100)


# -- completely or not at all ------------------------------------------------------------------------------------------


class Unsure(OntologyReviser):
    """A reviser that fails at one name, during a write."""

    def outdated(self, stated: Sequence[Triplet], about: FactsAround) -> list[Replacement]:
        if any(triplet.subject == "ghost" for triplet in stated):
            raise LookupError("who?")
        return super().outdated(stated, about)


def test_a_failed_write_does_not_change_the_file(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db", reviser=Unsure("text-world")) as memory:
        memory.remember("x", triplets=[Triplet("apple", "is in", "box")])
        before = everything(memory)
        with pytest.raises(LookupError):
            memory.remember("y", triplets=[Triplet("apple", "is on", "table"), Triplet("ghost", "is in", "hall")])
        with pytest.raises(InvalidInput):
            memory.remember("z", triplets=[Triplet("apple", "is on", "table")], at=2**80)
        assert everything(memory) == before
        assert memory.remember("w", triplets=[]).episode.id == 2
    with opened(tmp_path / "a.db") as memory:
        assert [episode.text for episode in memory.episodes()] == ["x", "w"]


def test_a_closed_memory_raises_a_clear_error(tmp_path: Path) -> None:
    memory = opened(tmp_path / "a.db")
    memory.close()
    memory.close()
    for use in (memory.facts, lambda: memory.remember("x", triplets=[])):
        with pytest.raises(MemoryFileError, match="closed"):
            use()


FULL_DISK = """
import resource
from ariadne.errors import MemoryFileError
memory = AriGraph.open(sys.argv[1], embedder=None, ontology="text-world")
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    for number in range(1, 2000):
        memory.remember("x" * 5000, triplets=[Triplet(f"thing {number}", "is in", "box")])
        print(number, flush=True)
except MemoryFileError as error:
    print("refused", error, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit to a file's size there")
def test_a_full_disk_loses_no_acknowledged_text(tmp_path: Path) -> None:
    writer = child(FULL_DISK, tmp_path / "a.db")
    *acknowledged, last = writer.communicate("\n")[0].splitlines()
    assert last.startswith("refused")
    assert acknowledged
    with opened(tmp_path / "a.db") as memory:
        assert [str(episode.id) for episode in memory.episodes()] == acknowledged
        assert len(memory.facts()) == len(acknowledged)


# -- shared ------------------------------------------------------------------------------------------------------------

WRITER = """
for number in range(int(sys.argv[3])):
    with AriGraph.open(sys.argv[1], embedder=None, ontology="text-world") as memory:
        stated = [Triplet(f"{sys.argv[2]} {number}", "is in", "box"), Triplet("box", "is", "open")]
        memory.remember(f"{sys.argv[2]} {number}", triplets=stated, key=f"key {number}" if number < 3 else None)
"""


def test_processes_that_create_and_write_a_file_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    writers = [child(WRITER, path, writer, 12) for writer in ("ann", "bob", "cid")]
    assert ended(writers) == [0, 0, 0]
    with opened(path) as memory:
        texts = [episode.text for episode in memory.episodes()]
        assert [episode.id for episode in memory.episodes()] == list(range(1, 3 + 3 * 9 + 1))
        assert len(set(texts)) == len(texts)
        assert {f"{writer} {number}" for writer in ("ann", "bob", "cid") for number in range(3, 12)} < set(texts)
        assert memory.facts("open")[0].episodes == tuple(range(1, 31))


def test_an_open_memory_sees_what_another_process_writes(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as memory:
        memory.remember("x", triplets=[Triplet("ann 0", "is in", "bag")])
        assert [str(fact) for fact in memory.recall("ann 0").facts] == ["ann 0 is in bag"]
        child(WRITER, tmp_path / "a.db", "ann", 1).communicate("\n")
        assert [str(fact) for fact in memory.recall("ann 0").facts] == ["ann 0 is in box", "box is open"]
        assert memory.remember("y", triplets=[]).episode.id == 3


@pytest.mark.sample
def test_several_processes_can_open_a_new_file_at_once(tmp_path: Path) -> None:
    for number in range(scaled(3, 8)):
        writers = [child(WRITER, tmp_path / f"{number}.db", name, 3) for name in "abcd"]
        assert ended(writers) == [0, 0, 0, 0]


def test_threads_share_one_memory(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as memory, ThreadPoolExecutor(4) as threads:

        def remember_number(number: int) -> int:
            update = memory.remember(f"{number}", triplets=[Triplet(f"thing {number}", "is in", "box")])
            assert memory.recall(f"thing {number}", depth=1, width=99).facts
            assert memory.to_networkx().has_edge(f"thing {number}", "box")
            return update.episode.id

        assert sorted(threads.map(remember_number, range(60))) == list(range(1, 61))
        assert (
            len({threads.submit(memory.remember, "x", triplets=[], key="once").result().episode.id for _ in "abc"}) == 1
        )
        assert len(memory.facts("box")) == 60


# -- killed ------------------------------------------------------------------------------------------------------------

KILLED = """
with AriGraph.open(sys.argv[1], embedder=None, ontology="text-world") as memory:
    while True:
        number = len(memory.episodes()) + 1
        stated = [Triplet(f"thing {number} {part}", "is in", "box") for part in range(5)]
        stated.append(Triplet("cat", "is in", f"room {number}"))
        memory.remember(f"episode {number} " * 99, triplets=stated, key=str(number))
        print(number, flush=True)
"""


def killed_after(path: Path, writes: int) -> int:
    """Kill a writer after some writes, and return the last episode that it acknowledged."""
    writer = child(KILLED, path)
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write("\n")
    writer.stdin.flush()
    last = [int(writer.stdout.readline()) for _ in range(writes)][-1]
    writer.send_signal(signal.SIGKILL)
    rest = writer.communicate()[0].splitlines(keepends=True)
    return max([last, *(int(line) for line in rest if line.endswith("\n"))])


def survives(path: Path, kills: Sequence[int]) -> None:
    for writes in kills:
        acknowledged = killed_after(path, writes)
        with opened(path) as memory:
            kept = len(memory.episodes())
            assert acknowledged <= kept <= acknowledged + 1
            assert all(len(memory.remember("again", key=str(number)).added) == 6 for number in range(1, kept + 1))
            assert [fact.object for fact in memory.history("cat")] == [
                f"room {number}" for number in range(1, kept + 1)
            ]
            assert [str(fact) for fact in memory.facts("cat")] == [f"cat is in room {kept}"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_kill_during_a_write_loses_no_acknowledged_text(tmp_path: Path) -> None:
    survives(tmp_path / "a.db", [7, 12])


@pytest.mark.sample
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_many_kills_lose_no_acknowledged_text(tmp_path: Path) -> None:
    rng = random.Random(0)
    survives(tmp_path / "a.db", [rng.randrange(1, 40) for _ in range(scaled(5, 25))])

"""A file survives kills during every kind of write, many writers at once, and full disks."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ariadne.errors import MemoryFileError
from ariadne.memory import AriGraph, HashEmbedder, Triplet
from tests.scale import scaled

pytestmark = [
    pytest.mark.sample,
    pytest.mark.skipif(sys.platform == "win32", reason="neither SIGKILL nor tmpfs there"),
]

BEGIN = """
import sys
from concurrent.futures import ThreadPoolExecutor
from ariadne.memory import AriGraph, Triplet

def episode_input(number):
    stated = [Triplet(f"thing {number} {part}", "is in", "box") for part in range(5)]
    stated.append(Triplet("cat", "is in", f"room {number}"))
    return {"text": f"episode {number} " * 50, "triplets": stated, "key": str(number)}

def done(*what):
    print(*what, flush=True)

path, *arguments = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
"""


def opened(path: Path, **more: Any) -> AriGraph:
    return AriGraph.open(path, **{"embedder": None, "ontology": "text-world", **more})


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a Python process; it starts its work after `go` and prints what it acknowledges."""
    command = [sys.executable, "-c", BEGIN + code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def go(started: subprocess.Popen[str]) -> None:
    assert started.stdin is not None
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    started.stdin.write("\n")
    started.stdin.flush()


# -- killed ------------------------------------------------------------------------------------------------------------

KILLS = scaled(4, 34)
"""How often each kind of write is killed; there are six kinds."""


def acknowledged_before_kill(started: subprocess.Popen[str], seconds: float) -> list[str]:
    """Kill a writer some seconds after its first acknowledgement, and return all that it acknowledged."""
    go(started)
    assert started.stdout is not None
    first = started.stdout.readline()
    assert first, "the writer ended by itself"
    time.sleep(seconds)
    assert started.poll() is None
    started.send_signal(signal.SIGKILL)
    rest = started.stdout.read().splitlines(keepends=True)  # communicate() would lose what readline() has buffered
    started.stdout.close()
    assert started.stdin is not None
    started.stdin.close()
    assert started.wait() == -signal.SIGKILL
    return [first.strip(), *(line.strip() for line in rest if line.endswith("\n"))]


def acknowledged_before_each_kill(code: str, arguments: Sequence[tuple[object, ...]]) -> Iterator[list[str]]:
    """Kill one writer after another at a random time, and yield what each acknowledged."""
    rng = random.Random(code)
    following = child(code, *arguments[0])
    try:
        for number in range(1, len(arguments) + 1):
            writer = following
            following = child(code, *arguments[number % len(arguments)])
            yield acknowledged_before_kill(writer, rng.uniform(0, 0.06))
    finally:
        following.kill()
        following.communicate()


def paths_for_kills(folder: Path, kills_of_each: int) -> list[Path]:
    """Return a path for each kill; each file survives some kills, so that none grows too large."""
    return [folder / f"{number // kills_of_each}.db" for number in range(KILLS)]


def expected_facts(number: int) -> set[str]:
    return {*(f"thing {number} {part} is in box" for part in range(5)), f"cat is in room {number}"}


def check_episodes(memory: AriGraph, numbers: Sequence[int]) -> None:
    """Check that the memory has exactly these episodes, with all of their facts."""
    episodes = memory.episodes()
    assert [episode.text.split()[1] for episode in episodes] == list(map(str, numbers))
    facts: dict[int, set[str]] = {episode.id: set() for episode in episodes}
    for fact in (*memory.facts("box"), *memory.history("cat")):
        for episode in fact.episodes:
            facts[episode].add(str(fact))
    assert list(facts.values()) == [expected_facts(number) for number in numbers]
    for number, last in zip(numbers[-2:], episodes[-2:], strict=True):
        assert memory.remember("again", triplets=[], key=str(number)).episode == last
    assert [str(fact) for fact in memory.facts("cat")] == [f"cat is in room {number}" for number in numbers[-1:]]
    assert [fact.object for fact in memory.history("cat")] == [f"room {number}" for number in numbers]
    assert memory.check() == ()


def test_a_kill_during_remember_loses_nothing_and_leaves_no_partial_episode(tmp_path: Path) -> None:
    code = """
with AriGraph.open(path, embedder=None, ontology="text-world") as memory:
    for number in range(memory.stats().episodes + 1, 10**6):
        memory.remember(**episode_input(number))
        done(number)
"""
    paths = paths_for_kills(tmp_path, 6)
    for path, acknowledged in zip(paths, acknowledged_before_each_kill(code, [(path,) for path in paths]), strict=True):
        with opened(path) as memory:
            kept, last = memory.stats().episodes, int(acknowledged[-1])
            assert last <= kept <= last + 1
            check_episodes(memory, range(1, kept + 1))


def test_a_kill_during_remember_many_keeps_each_batch_completely_or_not_at_all(tmp_path: Path) -> None:
    code = """
with AriGraph.open(path, embedder=None, ontology="text-world") as memory:
    for batch in range(memory.stats().episodes // 10, 10**6):
        memory.remember_many(episode_input(number) for number in range(batch * 10 + 1, batch * 10 + 11))
        done(batch + 1)
"""
    paths = paths_for_kills(tmp_path, 6)
    for path, acknowledged in zip(paths, acknowledged_before_each_kill(code, [(path,) for path in paths]), strict=True):
        with opened(path) as memory:
            kept, last = memory.stats().episodes, int(acknowledged[-1])
            assert kept in (last * 10, last * 10 + 10)
            check_episodes(memory, range(1, kept + 1))


def test_a_kill_during_correct_keeps_each_correction_completely_or_not_at_all(tmp_path: Path) -> None:
    code = """
with AriGraph.open(path, embedder=None, ontology="text-world") as memory:
    memory.remember("The lamp is in room 0.", triplets=[Triplet("lamp", "is in", "room 0")], key="0")
    while True:
        fact, = memory.facts("lamp")
        number = int(fact.object.split()[1]) + 1
        memory.correct(fact, Triplet("lamp", "is in", f"room {number}"), key=str(number))
        done(number)
"""
    paths = paths_for_kills(tmp_path, 6)
    for path, acknowledged in zip(paths, acknowledged_before_each_kill(code, [(path,) for path in paths]), strict=True):
        with opened(path) as memory:
            kept, last = memory.stats().episodes - 1, int(acknowledged[-1])
            assert last <= kept <= last + 1
            assert [str(fact) for fact in memory.facts("lamp")] == [f"lamp is in room {kept}"]
            history = memory.history("lamp")
            assert [fact.object for fact in history] == [f"room {number}" for number in range(kept + 1)]
            assert [fact.learned_in for fact in history] == list(range(1, kept + 2))
            assert [fact.retired_in for fact in history] == [*range(2, kept + 2), None]
            assert [episode.source for episode in memory.episodes()] == [None, *["correction"] * kept]
            assert memory.check() == ()


def test_a_kill_during_forget_deletes_everything_or_nothing(tmp_path: Path) -> None:
    code = """
with AriGraph.open(path, embedder=None, ontology="text-world") as memory:
    memory.remember("The lamp is in room 0.", triplets=[Triplet("lamp", "is in", "room 0")], key="0")
    for number in range(int(arguments[0]), 10**6):
        secret = f"zq{number:06}x"
        stated = [[Triplet(secret, "knows", f"box {part}"), Triplet("lamp", "is in", secret)] for part in range(10)]
        memory.remember_many({"text": f"{secret} again", "triplets": one, "source": secret} for one in stated)
        done("remembered", secret)
        memory.forget(source=secret)
        done("gone", secret)
"""
    paths = paths_for_kills(tmp_path, 6)
    cases = [(path, number * 1000) for number, path in enumerate(paths, 1)]
    for path, acknowledged in zip(paths, acknowledged_before_each_kill(code, cases), strict=True):
        gone = [line.split()[1].encode() for line in acknowledged if line.startswith("gone")]
        for file in path.parent.glob(f"{path.name}*"):
            content = file.read_bytes()
            assert not [secret for secret in gone if secret in content], f"what was forgotten stands in {file.name}"
        with opened(path) as memory:
            last, secret = acknowledged[-1].split()
            following = f"zq{int(secret[2:8]) + 1:06}x"
            left = [episode.source for episode in memory.episodes()[1:]]
            possible = secret if last == "remembered" else following
            assert left in ([], [possible] * 10)
            place = possible if left else "room 0"
            assert [str(fact) for fact in memory.facts("lamp")] == [f"lamp is in {place}"]
            assert len(memory.facts()) == (11 if left else 1)
            assert memory.check() == ()
            assert len(memory.forget(source=possible).episodes) == len(left)
            assert [(str(fact), fact.retired_in) for fact in memory.history("lamp")] == [("lamp is in room 0", None)]
            assert memory.check() == ()


IMPORT = """
with AriGraph.open(path, embedder=None, ontology="text-world") as memory:
    memory.import_from(arguments[0], progress=done)
    sys.stdin.readline()
"""
LINES = 600


def episode_input(number: int) -> dict[str, Any]:
    things = [Triplet(f"thing {number} {part}", "is in", "box") for part in range(5)]
    places = [Triplet("cat", "is in", f"room {number}")]
    return {"text": f"episode {number} " * 50, "triplets": [*things, *places], "key": str(number)}


@pytest.fixture(scope="module")
def original() -> Iterator[AriGraph]:
    with AriGraph(embedder=None, ontology="text-world") as memory:
        memory.remember_many(episode_input(number) for number in range(1, LINES + 1))
        yield memory


@pytest.mark.parametrize("lines_are", ["an export", "lines of one's own"])
def test_a_killed_import_keeps_its_lines_and_continues(tmp_path: Path, original: AriGraph, lines_are: str) -> None:
    lines = tmp_path / "lines.jsonl"
    if lines_are == "an export":
        original.export_to(lines)
    else:
        own = [episode_input(number) for number in range(1, LINES + 1)]
        for line in own:
            line["triplets"] = [[one.subject, one.relation, one.object] for one in line["triplets"]]
        lines.write_text("".join(f"{json.dumps(line)}\n" for line in own))
    paths = paths_for_kills(tmp_path, 1)
    for number, acknowledged in enumerate(acknowledged_before_each_kill(IMPORT, [(path, lines) for path in paths])):
        with opened(paths[number]) as memory:
            kept, last = memory.stats().episodes, int(acknowledged[-1])
            assert kept >= last - 1  # the first line of an export is its header
            assert memory.check() == ()
            if number % 6:
                check_episodes(memory, range(1, kept + 1))
            else:
                done = memory.import_from(lines)
                assert (done.added, done.known) == (LINES - kept, kept)
                assert memory.episodes() == original.episodes()
                assert memory.facts() == original.facts()
                assert memory.history("cat") == original.history("cat")
                assert memory.check() == ()
        paths[number].unlink()


# -- crowds ------------------------------------------------------------------------------------------------------------


def write_in_processes(path: Path, code: str, episodes: int) -> None:
    """Let four processes write a file at once, and check that it has each episode once and is sound."""
    writers = [child(code, path, first, episodes) for first in range(4)]
    for writer in writers:
        go(writer)
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0] * 4
    with opened(path) as memory:
        kept = memory.episodes()
        assert [episode.id for episode in kept] == list(range(1, episodes + 1))
        assert sorted(int(episode.text) for episode in kept) == list(range(episodes))
        things = {fact.subject: fact for fact in memory.facts("box") if fact.subject.startswith("thing")}
        assert len(things) == episodes
        assert all(things[f"thing {episode.text}"].episodes == (episode.id,) for episode in kept)
        assert memory.facts("open")[0].episodes == tuple(range(1, episodes + 1))
        last = [fact for fact in memory.history("cat") if fact.retired_in is None]
        assert [fact.object for fact in last] == [f"room {int(kept[-1].text) % 5}"]
        assert memory.check() == ()


WRITE = """
def write(memory, number):
    stated = [Triplet(f"thing {number}", "is in", "box"), Triplet("box", "is", "open")]
    stated.append(Triplet("cat", "is in", f"room {number % 5}"))
    assert memory.remember(str(number), triplets=stated, key=str(number)).episode.text == str(number)
    assert memory.remember("again", triplets=[], key=str(number)).episode.text == str(number)

first, episodes = map(int, arguments)
"""


def test_four_processes_of_eight_threads_write_ten_thousand_episodes_once_each(tmp_path: Path) -> None:
    code = """
with AriGraph.open(path, embedder=None, ontology="text-world") as memory, ThreadPoolExecutor(8) as threads:
    list(threads.map(lambda number: write(memory, number), range(first, episodes, 4)))
"""
    write_in_processes(tmp_path / "a.db", WRITE + code, scaled(1_000, 10_000))


def test_thirty_two_memories_of_a_file_in_four_processes_lose_nothing(tmp_path: Path) -> None:
    code = """
def work(thread):
    with AriGraph.open(path, embedder=None, ontology="text-world") as memory:
        for number in range(first + 4 * thread, episodes, 32):
            write(memory, number)

with ThreadPoolExecutor(8) as threads:
    list(threads.map(work, range(8)))
"""
    write_in_processes(tmp_path / "a.db", WRITE + code, scaled(400, 2_000))


# -- a full disk -------------------------------------------------------------------------------------------------------

FULL = r"disk is full|[Nn]o space left"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MB, since a merge needs a copy of the space; skips if it cannot be mounted."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leaving: int = 0) -> Path:
    """Fill the disk with a file, but leave some bytes."""
    room = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        file.write(b"\1" * max(room - leaving, 0))
    return ballast


def state(memory: AriGraph) -> tuple[Any, ...]:
    return memory.episodes(), memory.facts(), memory.history("cat"), memory.aliases("thing 2 0")


@pytest.mark.parametrize("embedder", [None, HashEmbedder(64)], ids=["words", "vectors"])
def test_a_memory_survives_a_full_disk_and_continues_when_there_is_room(
    disk: Path, embedder: HashEmbedder | None
) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(b"\1" * 2_000_000)
    (disk / "other").write_bytes(b"\1" * scaled(8_000_000, 0))
    with opened(disk / "a.db", embedder=embedder) as memory:
        for refused in range(3):
            count = memory.stats().episodes
            with pytest.raises(MemoryFileError, match=r"a\.db: the disk is full") as full:  # noqa: PT012
                for number in range(count + 1, 9999):
                    memory.remember(**episode_input(number))
                    count = number
            assert "a.db" in str(full.value)
            assert count > 20 * (not refused)
            check_episodes(memory, range(1, count + 1))
            with pytest.raises(MemoryFileError, match="the disk is full"):
                memory.remember(**episode_input(count + 1))
            assert memory.recall("where is the cat?", threshold=0.0).facts
            ballast.unlink()
            for number in range(count + 1, count + 21):
                memory.remember(**episode_input(number))
            check_episodes(memory, range(1, count + 21))
            with opened(disk / "a.db", embedder=embedder) as reopened:
                check_episodes(reopened, range(1, count + 21))
            fill(disk, leaving=200_000)
        check_episodes(memory, range(1, count + 21))
    with opened(disk / "a.db", embedder=embedder) as reopened:
        check_episodes(reopened, range(1, count + 21))


WRITES: dict[str, Callable[[AriGraph], Any]] = {
    "remember": lambda memory: memory.remember("x" * 500_000, triplets=[]),
    "remember_many": lambda memory: memory.remember_many(episode_input(number) for number in range(500, 900)),
    "import_from": lambda memory: memory.import_from([json.dumps({"text": "x" * 5000, "triplets": []})] * 150),
    "forget": lambda memory: memory.forget(episodes=range(3, 50)),
    "merge": lambda memory: memory.merge("thing 1 0", "thing 2 0"),
}


@pytest.mark.parametrize("verb", WRITES)
@pytest.mark.parametrize("leaving", [0, 100_000])
def test_a_write_that_does_not_fit_on_the_disk_is_not_written_at_all(disk: Path, verb: str, leaving: int) -> None:
    with opened(disk / "a.db") as memory:
        memory.remember_many(episode_input(number) for number in range(1, 301))
    with opened(disk / "a.db") as memory:
        before = state(memory)
        ballast = fill(disk, leaving)
        with pytest.raises(MemoryFileError, match=rf"a\.db: .*({FULL})"):
            WRITES[verb](memory)
        assert state(memory) == before
        assert memory.check() == ()
        ballast.unlink()
        WRITES[verb](memory)
        assert state(memory) != before
        assert memory.check() == ()
        after = state(memory)
    with opened(disk / "a.db") as memory:
        assert state(memory) == after
        assert memory.check() == ()


def test_forget_reports_its_result_on_a_nearly_full_disk(disk: Path) -> None:
    """The last texts are still in the log; to empty it, the file needs room."""
    for leaving in range(0, 1_200_000, 40_000):
        with opened(disk / "a.db") as memory:
            memory.remember_many(episode_input(number) for number in range(1, 101))
            before = memory.episodes()
            ballast = fill(disk, leaving)
            problem = ""
            try:
                memory.forget(episodes=[7])
            except MemoryFileError as error:
                problem = str(error)
            is_made = not problem or "the change is made, but the former rows are not deleted yet" in problem
            assert len(memory.episodes()) == len(before) - is_made, f"{problem}, with {leaving} bytes left"
            assert memory.check() == ()
            ballast.unlink()
        for file in disk.iterdir():
            file.unlink()


@pytest.mark.parametrize("source_is", ["on it", "elsewhere"])
@pytest.mark.parametrize("verb", ["backup", "export_to"])
@pytest.mark.parametrize("leaving", [0, 60_000])
def test_a_full_disk_keeps_no_part_of_a_backup_or_export(
    tmp_path: Path, disk: Path, verb: str, leaving: int, source_is: str
) -> None:
    path = (disk if source_is == "on it" else tmp_path) / "a.db"
    with opened(path) as memory:
        memory.remember_many(episode_input(number) for number in range(1, 301))
        before, ballast = state(memory), fill(disk, leaving)
        there = sorted(disk.iterdir())
        with pytest.raises(MemoryFileError, match=FULL) as full:
            getattr(memory, verb)(disk / "target")
        assert sorted(disk.iterdir()) == there
        assert "target" in str(full.value), "the error names the file that could not be written"
        assert state(memory) == before
        assert memory.check() == ()
        ballast.unlink()
        getattr(memory, verb)(disk / "target")
        assert sorted({*disk.iterdir()} - {*there}) == [disk / "target"]
        if verb == "backup":
            with opened(disk / "target") as copy:
                assert state(copy) == before
        else:
            with AriGraph(embedder=None, ontology="text-world") as copy:
                copy.import_from(disk / "target")
                assert state(copy) == before


def test_a_memory_can_be_created_as_soon_as_the_disk_has_room(disk: Path) -> None:
    ballast = fill(disk)
    with pytest.raises(MemoryFileError, match=rf"a\.db: .*({FULL})"):
        opened(disk / "a.db")
    ballast.unlink()
    with opened(disk / "a.db") as memory:
        memory.remember(**episode_input(1))
        check_episodes(memory, [1])

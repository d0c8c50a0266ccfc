"""Forgetting a person, deleting a space, and long changes that do not stop others."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from ariadne.memory import AriGraph, HashEmbedder, InvalidInput, Triplet
from ariadne.memory.ingestion.changes import local
from ariadne.memory.storage.changes import hidden
from ariadne.memory.storage.database import make_durable
from ariadne.memory.storage.store import View

KILLED = """
import os, sys
from ariadne.memory import AriGraph
from ariadne.memory.ingestion.changes import local
from ariadne.memory.storage.changes import hidden
local.MOST_EPISODES = -1
hidden.SLICE = 0.0
hidden.time.sleep = lambda _: os.kill(os.getpid(), 9)
AriGraph.open(sys.argv[1], embedder=None).merge("thing 1", "thing 2")
"""


def content(path: Path) -> bytes:
    """Return the bytes of a file and its log, in lower case."""
    beside = Path(f"{path}-wal")
    return (path.read_bytes() + (beside.read_bytes() if beside.exists() else b"")).lower()


def test_a_person_is_forgotten_with_handles_and_mentions_but_no_part_of_a_word(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=HashEmbedder()) as memory:
        memory.remember("I like tea.", triplets=[Triplet("Jos\u00e9", "likes", "tea")], source="Jose\u0301")
        memory.remember("JOS\u00c9's boat is red.", triplets=[], source="Bob")
        memory.remember("Write to jose.q@example.org.", triplets=[], source="Bob")
        memory.remember("Joseph and Jos\u00e9-Luis came.", triplets=[], source="Bob")
        memory.remember("Pepe sings.", triplets=[], source="Bob")
        memory.merge("Pepe", "Jos\u00e9")
        wanted = {"person": "jos\u00e9", "handles": ["jose.q@example.org"]}
        planned = memory.forget(**wanted, dry_run=True)  # type: ignore[arg-type]
        assert [each.id for each in planned.episodes] == [1, 2, 3, 5]
        memory.forget(**wanted)  # type: ignore[arg-type]
        assert [each.id for each in memory.episodes()] == [4]
        assert memory.aliases("Jos\u00e9") == ()
        assert memory.check() == ()
    for word in (b"pepe", b"jose.q", b"likes", b"jose\xcc\x81"):
        assert word not in content(path)


def test_a_handle_without_a_person_is_refused() -> None:
    with AriGraph(embedder=None) as memory, pytest.raises(InvalidInput, match="belong to a person"):
        memory.forget(handles=["@ann"])


def test_a_deleted_space_leaves_no_bytes_and_the_other_spaces(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with (
        AriGraph.open(path, embedder=HashEmbedder(), space="secretspace") as one,
        AriGraph.open(path, embedder=HashEmbedder(), space="other") as other,
    ):
        one.remember("xylowort", triplets=[Triplet("vaultkey", "opens", "box")], metadata={"a": "mednote"})
        other.remember("apple", triplets=[Triplet("apple", "is in", "box")])
        assert one.recall("vaultkey").facts
        assert other.delete_space("secretspace") == 1
        assert one.recall("vaultkey").facts == one.facts() == ()
        assert other.spaces() == ("other",)
        assert [str(fact) for fact in other.recall("apple").facts] == ["apple is in box"]
        assert other.check() == ()
        with pytest.raises(InvalidInput, match="no space"):
            other.delete_space("secretspace")
    assert not [word for word in (b"secretspace", b"xylowort", b"vaultkey", b"mednote") if word in content(path)]


def test_a_text_that_others_write_during_a_long_change_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=None) as memory, AriGraph.open(path, embedder=None) as other:
        for number in range(20):
            memory.remember(f"{number}", triplets=[Triplet(f"thing {number}", "is in", "box")])
        with patch.object(hidden, "SLICE", 0.0), patch.object(local, "MOST_EPISODES", -1):
            change = threading.Thread(target=memory.merge, args=("thing 1", "thing 2"))
            change.start()
            written = [other.remember(f"more {number}", triplets=[]).episode.id for number in range(5)]
            change.join()
        assert [each.id for each in memory.episodes()] == list(range(1, 26))
        assert written == [21, 22, 23, 24, 25]
        assert memory.aliases("thing 2") == ("thing 1",)
        assert memory.check() == ()


def test_a_kill_during_a_long_change_leaves_the_space_as_it_was_and_the_next_write_cleans_up(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=None) as memory:
        for number in range(20):
            memory.remember(f"{number}", triplets=[Triplet(f"thing {number}", "is in", "box")])
        before = memory.facts()
        killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
        assert killed.returncode == -9
        with memory._store.read() as view:
            assert view.state.has_hidden
        assert (memory.facts(), memory.check(), memory.spaces()) == (before, (), ("default",))
        with patch.object(hidden, "STALE", 0.0):
            time.sleep(0.01)
            memory.remember("more", triplets=[])
        with memory._store.read() as view:
            assert not view.state.has_hidden
            assert view.row("SELECT count(DISTINCT space) FROM episode") == (1,)
        assert memory.check() == ()


def test_a_deletion_scans_no_table(tmp_path: Path) -> None:
    statements = dict[str, object]()
    execute = View._execute

    def recorded(self: View, sql: str, values: tuple[object, ...]) -> list[Any]:
        statements.setdefault(sql, values)
        return execute(self, sql, values)

    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=HashEmbedder()) as memory:
        for number in range(5):
            thing = Triplet(f"thing {number}", "is in", "box")
            memory.remember(f"word{number}", triplets=[thing], metadata={"n": number}, source=f"s{number}")
        with patch.object(View, "_execute", recorded):
            memory.forget(episodes=[2, 4])
        with memory._store.read() as view:
            plans = {sql: view._execute(f"EXPLAIN QUERY PLAN {sql}", values) for sql, values in statements.items()}  # type: ignore[arg-type]
    scans = [(sql, line) for sql, plan in plans.items() for *_, line in plan if line.startswith("SCAN")]
    small = (
        "json_each",
        "j VIRTUAL",
        "m",
        "p VIRTUAL",
        "sqlite_master",
        "vector",
        "CONSTANT ROW",
        "space",
        "episode_words",
    )
    assert [scan for scan in scans if not scan[1].removeprefix("SCAN ").startswith(small)] == []


def test_a_forgotten_text_is_durable_and_later_writes_are_too(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=None) as memory:
        for number in range(3):
            memory.remember(f"xylowort{number}", triplets=[])
        memory.forget(episodes=[1])
        memory.forget(episodes=[2])  # the log is empty before
        assert Path(f"{path}-wal").stat().st_size == 0
        assert memory._store._writer.execute("PRAGMA synchronous").fetchone() == (2,)
        with sqlite3.connect(path) as other:  # reads while the next text is forgotten, so that the log remains
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM episode").fetchone()
            with patch("ariadne.memory.storage.store.make_durable", wraps=make_durable) as synced:
                memory.forget(episodes=[3])
            assert synced.call_count == 1
            assert b"xylowort2" in content(path)
        other.close()
        memory.remember("more", triplets=[])
        assert b"xylowort2" not in content(path)
        assert memory.check() == ()

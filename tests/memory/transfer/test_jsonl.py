"""Export and import: JSON lines, GraphML and backups."""

from __future__ import annotations

import io
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariadne.errors import MemoryFileError
from ariadne.memory import AriGraph, Fact, HashEmbedder, InvalidInput, Replacement, Triplet
from ariadne.memory.ingestion.writer import ImportResult
from tests.scale import scaled


@pytest.fixture
def memory() -> Iterator[AriGraph]:
    with AriGraph(embedder=None, ontology="text-world") as made:
        yield made


def texts_of(facts: Sequence[Fact]) -> list[str]:
    return [str(fact) for fact in facts]


def lines(*entries: Any) -> list[str]:
    return [json.dumps(one) for one in entries]


def numbered(count: int, first: int = 1) -> list[str]:
    """Return lines as a chat log has them."""
    return lines(
        *(
            {"text": f"text {number}", "triplets": [[f"thing {number % 90}", "is in", f"box {number}"]]}
            for number in range(first, first + count)
        )
    )


def exported(memory: AriGraph) -> str:
    target = io.StringIO()
    memory.export_to(target)
    return target.getvalue()


def reimported(memory: AriGraph, **arguments: Any) -> AriGraph:
    """Return a new memory that imported the export of another one."""
    new = AriGraph(embedder=None, **arguments)
    new.import_from(exported(memory).splitlines(keepends=True))
    return new


def everything(memory: AriGraph) -> dict[str, Any]:
    """Return everything that a memory knows, with all times."""
    numbers = range(max((one.id for one in memory.episodes()), default=0) + 1)
    names = {name for number in numbers for fact in memory.facts(as_of=number) for name in (fact.subject, fact.object)}
    recalled = [memory.recall(one.text[:200], threshold=0.0) for one in memory.episodes()[:5]]
    return {
        "episodes": memory.episodes(),
        "past": [memory.facts(as_of=number) for number in numbers],
        "then": [memory.facts(valid_at=one.at) for one in memory.episodes()],
        "history": {name: (memory.history(name), memory.aliases(name)) for name in names},
        "recall": [(one, one.text) for one in recalled],
        "stats": replace(memory.stats(), path="", bytes=None, spaces=()),
    }


def the_same(one: AriGraph, other: AriGraph) -> None:
    assert everything(other) == everything(one)
    assert exported(other) == exported(one)
    assert other.check() == ()


# -- lines of a user --------------------------------------------------------------------------------------------------


def test_a_line_can_hold_every_argument_of_remember(memory: AriGraph) -> None:
    apple, hall = {"subject": "apple", "relation": "is in", "object": "box"}, ["box", "is in", "hall"]
    done = memory.import_from(
        lines(
            {"text": "x", "triplets": [apple, hall], "at": 3, "source": "ann", "metadata": {"a": "b"}, "key": "k"},
            {"text": "y", "triplets": [], "outdated": [{"old": apple, "new": None}], "at": 4},
            {"text": "-= Kitchen =-\nYou see a closed fridge."},
        )
    )
    assert done == ImportResult(added=3, known=0)
    first = memory.episode(1)
    assert (first.text, first.at, first.source, first.metadata) == ("x", 3, "ann", {"a": "b"})
    assert texts_of(memory.facts(as_of=1)) == ["apple is in box", "box is in hall"]
    assert texts_of(memory.history("apple")) == ["apple is in box"]
    assert memory.facts("apple") == ()
    assert "fridge is closed" in texts_of(memory.facts("fridge"))
    assert memory.remember("again", key="k").episode == first


def test_outdated_triplets_can_be_lists_as_other_triplets_can(memory: AriGraph) -> None:
    memory.import_from(lines({"text": "x", "triplets": [["apple", "is in", "box"]]}))
    memory.import_from(
        lines({"text": "y", "triplets": [], "outdated": [{"old": ["apple", "is in", "box"], "new": None}]})
    )
    assert memory.facts() == ()


def test_the_time_of_a_line_can_be_a_date_of_any_zone(memory: AriGraph) -> None:
    memory.import_from(
        lines(
            {"text": "x", "triplets": [], "at": "2024-05-01T12:00:00.000001+05:30"},
            {"text": "y", "triplets": [], "at": "2024-05-01T06:30:00Z"},
        )
    )
    six = datetime(2024, 5, 1, 6, 30, tzinfo=UTC)
    assert [one.at for one in memory.episodes()] == [six + timedelta(microseconds=1), six]


def test_empty_lines_a_byte_order_mark_and_carriage_returns_are_ignored(memory: AriGraph, tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "x", "triplets": []}\r\n\r\n  \n{"text": "y", "triplets": []}')
    assert memory.import_from(path).added == 2
    assert [one.text for one in memory.episodes()] == ["x", "y"]


def test_two_equal_lines_are_two_episodes(memory: AriGraph) -> None:
    assert memory.import_from(lines(*[{"text": "Hello.", "triplets": []}] * 3)) == ImportResult(3, 0)
    assert memory.import_from(lines(*[{"text": "Hello.", "triplets": []}] * 3)) == ImportResult(0, 3)


BAD = {
    "not JSON": '{"text": "x"',
    "no object": '["x"]',
    "nested too deep": "[" * 200_000,
    "nested too deep in a text": '{"text": ' + "[" * 200_000,
    "no text": '{"triplets": []}',
    "an unknown field": '{"text": "x", "when": 3}',
    "a text that is none": '{"text": 3}',
    "a key that is no text": '{"text": "x", "key": 3}',
    "two parts": '{"text": "x", "triplets": [["a", "b"]]}',
    "four parts": '{"text": "x", "triplets": [["a", "b", "c", "d"]]}',
    "an unknown part": '{"text": "x", "triplets": [{"subject": "a", "relation": "b", "object": "c", "why": "d"}]}',
    "metadata that no filter compares": '{"text": "x", "metadata": {"a": {"b": 3}}}',
    "metadata with a date that is none": '{"text": "x", "metadata": {"a": {"datetime": "May"}}}',
    "a lone surrogate": '{"text": "\\ud800"}',
    "a lone surrogate in a name": '{"text": "x", "triplets": [["a", "\\udfff", "b"]]}',
    "a lone surrogate, raw": '{"text": "\ud800"}',
    "another kind of time": '{"text": "x", "triplets": [], "at": "2024-05-01T12:00:00Z"}',
    "a date without a zone": '{"text": "x", "triplets": [], "at": "2024-05-01T12:00:00"}',
    "a day": '{"text": "x", "triplets": [], "at": "2024-05-01"}',
    "a time that is too great": '{"text": "x", "triplets": [], "at": 123456789012345678901234567890}',
    "a line of an export": '{"episode": 1}',
    "an export inside": '{"ariadne": "memory", "format": 1, "space": "x", "clock": null, "last": 0, "aliases": []}',
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("before", [3, 203])
def test_a_wrong_line_is_refused_by_its_number_and_the_lines_before_it_are_kept(
    memory: AriGraph, what: str, before: int
) -> None:
    with pytest.raises(InvalidInput, match=rf"line {before + 1}\b"):
        memory.import_from([*numbered(before), BAD[what], *numbered(2, 9000)])
    assert [one.text for one in memory.episodes()] == [f"text {number}" for number in range(1, before + 1)]
    assert memory.import_from([*numbered(before), *numbered(2, 9000)]) == ImportResult(added=2, known=before)


@pytest.mark.parametrize("at", ["1.5", "3.0", '"5"', '"1.5"', "1e3", "true"])
def test_a_line_refuses_the_times_that_remember_refuses(memory: AriGraph, at: str) -> None:
    with pytest.raises(InvalidInput, match="line 1"):
        memory.import_from([f'{{"text": "x", "triplets": [], "at": {at}}}'])
    assert memory.episodes() == ()


def test_a_line_that_is_not_utf_8_is_refused_by_its_number_and_the_lines_before_it_are_kept(
    memory: AriGraph, tmp_path: Path
) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_bytes("\n".join(numbered(3)).encode() + b'\n{"text": "caf\xe9"}\n')
    with pytest.raises(InvalidInput, match=r"UTF-8"):
        memory.import_from(path)
    assert len(memory.episodes()) == 3
    with pytest.raises(InvalidInput, match=r"line 4"):
        memory.import_from(path)


def test_a_missing_file_raises_a_clear_error(memory: AriGraph, tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(MemoryFileError, match="cannot be read"):
            memory.import_from(path)


def test_progress_is_the_number_of_imported_lines(memory: AriGraph) -> None:
    seen = list[int]()
    memory.import_from(numbered(450), progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) >= 2


# -- interrupted imports ----------------------------------------------------------------------------------------------


class UnpluggedError(Exception):
    """Stops an import in a test."""


def interrupted_after(count: int, lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:count]
    raise UnpluggedError


@pytest.fixture(scope="module")
def original() -> Iterator[AriGraph]:
    """A memory that imported 450 lines in one call."""
    with AriGraph(embedder=None, ontology="text-world") as memory:
        memory.import_from(numbered(450))
        yield memory


@pytest.mark.sample
@settings(max_examples=5)
@given(cuts=st.lists(st.integers(0, 450), min_size=1, max_size=3), own=st.booleans())
def test_an_interrupted_import_continues_without_duplicates(original: AriGraph, cuts: list[int], own: bool) -> None:
    lines = numbered(450) if own else exported(original).splitlines(keepends=True)
    with AriGraph(embedder=None, ontology="text-world") as cut:
        for count in cuts:
            with suppress(UnpluggedError):
                cut.import_from(interrupted_after(count, lines))
            assert cut.check() == ()
        known = len(cut.episodes())
        assert cut.import_from(lines) == ImportResult(450 - known, known)
        assert cut.import_from(lines) == ImportResult(0, 450)
        assert cut.facts() == original.facts()
        assert [one.text for one in cut.episodes()] == [one.text for one in original.episodes()]
        assert own or exported(cut) == exported(original)


@pytest.mark.sample
def test_an_interrupted_import_continues_in_a_space_that_forgot_episodes(memory: AriGraph) -> None:
    memory.import_from(numbered(450))
    memory.forget(episodes=[1, 2, 205, 206, 450])
    memory.merge("thing 8", "thing 4")
    lines = exported(memory).splitlines(keepends=True)
    for count in (1, 201, 446):
        with AriGraph(embedder=None) as cut:
            with suppress(UnpluggedError):
                cut.import_from(interrupted_after(count, lines))
            cut.import_from(lines)
            assert exported(cut) == exported(memory)
            assert cut.recall("thing 3 in box 7") == memory.recall("thing 3 in box 7")
            assert cut.check() == ()


IMPORTER = """
import sys
from ariadne.memory import AriGraph
with AriGraph.open(sys.argv[1], embedder=None, ontology="text-world") as memory:
    memory.import_from(sys.argv[2], progress=lambda done: print(done, flush=True))
"""


@pytest.mark.sample
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize(("done", "count"), [(400, 1_000), (scaled(2_000, 8_000), scaled(5_000, 20_000))])
def test_a_killed_import_of_many_lines_continues_without_duplicates(tmp_path: Path, done: int, count: int) -> None:
    notes, path = tmp_path / "notes.jsonl", tmp_path / "a.db"
    notes.write_text("\n".join(numbered(count)), encoding="utf-8")
    child = subprocess.Popen([sys.executable, "-c", IMPORTER, path, notes], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    while int(child.stdout.readline()) < done:
        pass
    child.send_signal(signal.SIGKILL)
    child.communicate()
    with (
        AriGraph.open(path, embedder=None, ontology="text-world") as memory,
        AriGraph(embedder=None, ontology="text-world") as original,
    ):
        known = len(memory.episodes())
        assert done - 200 <= known < count
        assert memory.import_from(notes) == ImportResult(count - known, known)
        original.import_from(notes)
        assert exported(memory) == exported(original)
        assert memory.check() == ()


def test_only_the_new_lines_of_a_grown_file_are_imported(memory: AriGraph, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(numbered(5)), encoding="utf-8")
    assert memory.import_from(path) == ImportResult(5, 0)
    path.write_text("\n".join(numbered(5)) + "\n" + "\n".join(numbered(3, 6)) + "\n", encoding="utf-8")
    assert memory.import_from(str(path)) == ImportResult(3, 5)
    assert [one.text for one in memory.episodes()] == [f"text {number}" for number in range(1, 9)]


def test_an_export_has_facts_that_a_correction_moved_to_an_earlier_time(memory: AriGraph) -> None:
    memory.remember("x", triplets=[Triplet("ann", "works for", "bob")], at=1)
    memory.remember("y", triplets=[Triplet("ann", "works for", "cid")], at=5)
    memory.correct(Triplet("ann", "works for", "bob"), Triplet("ann", "works for", "cid"))
    assert [str(fact) for fact in memory.facts("ann", valid_at=3)] == ["ann works for cid"]
    assert memory.check() == ()
    copy = AriGraph(embedder=None)
    lines = io.StringIO()
    memory.export_to(lines)
    copy.import_from(lines.getvalue().splitlines())
    assert copy.history("ann") == memory.history("ann")
    assert copy.check() == ()


def test_all_lines_of_two_files_with_the_same_beginning_are_imported(memory: AriGraph, tmp_path: Path) -> None:
    for name, more in (("ann.jsonl", numbered(2, 10)), ("bob.jsonl", numbered(1, 20))):
        (tmp_path / name).write_text("\n".join([*numbered(3), *more]), encoding="utf-8")
    assert memory.import_from(tmp_path / "ann.jsonl") == ImportResult(5, 0)
    assert memory.import_from(tmp_path / "bob.jsonl") == ImportResult(4, 0)
    assert memory.import_from(tmp_path / "bob.jsonl") == ImportResult(0, 4)
    assert memory.import_from(tmp_path / "ann.jsonl") == ImportResult(0, 5)
    assert memory.import_from([*numbered(3), *numbered(1, 20), *numbered(1, 30)]) == ImportResult(1, 4)
    assert memory.import_from(numbered(3)) == ImportResult(0, 3)  # the first of the known lines
    assert len(memory.episodes()) == 10


def test_a_log_can_be_imported_after_some_of_its_lines_were_forgotten(memory: AriGraph) -> None:
    memory.import_from(numbered(4))
    memory.forget(episodes=[2])
    assert memory.import_from(numbered(4)) == ImportResult(added=1, known=3)


# -- exports -----------------------------------------------------------------------------------------------------------


def sample_memory(clock: Any = int) -> AriGraph:
    """Return a memory with late, corrected, forgotten and merged facts."""
    memory = AriGraph(embedder=None, ontology="text-world")

    def when(at: int) -> Any:
        return at if clock is int else datetime(2024, 5, 1, at, 30, 15, 123456, tzinfo=timezone(timedelta(hours=-9)))

    def remember(text: str, at: int, *stated: str, **more: Any) -> None:
        memory.remember(text, triplets=[Triplet(*one.split("|")) for one in stated], at=when(at), **more)

    remember("one", 3, "apple|is in|box", "Ann|likes|pears", source="Ann", metadata={"mood": "calm"}, key="k 1")
    remember("Two: the Harbour.", 9, "apple|is on|table", "door|is|closed")
    remember("late", 5, "door|is|open", "apple|is in|bag")
    remember("refused", 9, "Ann|likes|pears", outdated=[Replacement(Triplet("no", "such", "fact"), None)])
    remember("forgotten", 9, "Annie|likes|apple")
    remember("six", 9, "Annie|owns|boat")
    memory.correct(Triplet("Ann", "likes", "pears"), Triplet("Ann", "likes", "plums"), at=when(10))
    memory.retract(Triplet("Annie", "owns", "boat"), "A mistake.", at=when(10))
    memory.merge("Annie", "Ann")
    memory.forget(episodes=[5])
    remember("last", 11, "ann|owns|car")
    memory.remember("gone", triplets=[], at=when(12))
    memory.forget(episodes=[10])
    return memory


@pytest.mark.parametrize("clock", [int, datetime])
def test_an_export_is_imported_as_the_same_memory_with_its_gaps(clock: Any) -> None:
    with sample_memory(clock) as memory, reimported(memory) as new:
        the_same(memory, new)
        assert [one.id for one in new.episodes()] == [1, 2, 3, 4, 6, 7, 8, 9]
        assert new.stats().clock == ("int" if clock is int else "datetime")
        at = memory.episode(9).at
        for one in (memory, new):
            update = one.remember("on it goes", triplets=[Triplet("Annie", "owns", "bike")], at=at)
            assert update.episode.id == 11
            assert texts_of(update.added) == ["Ann owns bike"]
            one.split("Annie")
        the_same(memory, new)


def test_a_late_fact_remains_closed(memory: AriGraph) -> None:
    memory.remember("x", triplets=[Triplet("door", "is", "closed")], at=20)
    memory.remember("y", triplets=[Triplet("door", "is", "open")], at=10)
    with reimported(memory) as new:
        (fact, _) = sorted(new.history("door"), key=str, reverse=True)
        assert (str(fact), fact.valid_from, fact.valid_to, fact.learned_in, fact.retired_in) == (
            "door is open", 10, 20, 2, 1
        )  # fmt: skip
        assert texts_of(new.facts()) == ["door is closed"]
        the_same(memory, new)


@pytest.mark.parametrize("clock", [int, datetime])
def test_a_space_whose_episodes_were_all_forgotten_is_exported(memory: AriGraph, clock: Any) -> None:
    memory.remember("x", triplets=[], at=3 if clock is int else datetime(2024, 5, 1, tzinfo=UTC))
    memory.forget(episodes=[1])
    with reimported(memory) as new:
        assert exported(new) == exported(memory)
        assert replace(new.stats(), path="", spaces=()) == replace(memory.stats(), path="", spaces=())


def test_an_empty_space_is_exported_as_an_empty_space(memory: AriGraph) -> None:
    with reimported(memory) as new:
        assert exported(new) == exported(memory)
        assert new.remember("x", triplets=[]).episode.id == 1


def test_an_import_is_the_same_with_another_reviser_and_embedder() -> None:
    with sample_memory() as memory, AriGraph(embedder=HashEmbedder(), reviser=None, space="new") as new:
        new.import_from(exported(memory).splitlines())
        assert new.facts() == memory.facts()
        assert new.recall("where is the apple?", threshold=-1.0).facts


awkward = st.text(max_size=6) | st.sampled_from(
    [
        "a\nb",
        "\u2028",
        "a\u2029b",
        "\0",
        "x\0y",
        "🦜",
        "e\u0301",
        "\u202etxet",
        "\x85",
        "\x1c",
        "\r\n",
        '"',
        "\\",
        "\ufeff",
    ]
)


parts = awkward.filter(str.strip)


@settings(max_examples=40)
@given(st.lists(st.tuples(awkward, parts, parts, parts), max_size=4), st.booleans())
def test_any_text_is_exported_verbatim(texts: list[tuple[str, str, str, str]], to_file: bool) -> None:
    with AriGraph(embedder=None) as memory, AriGraph(embedder=None) as new, tempfile.TemporaryDirectory() as folder:
        for number, (text, one, other, note) in enumerate(texts):
            memory.remember(
                text, triplets=[Triplet(one, other, note)], source=note, metadata={note: one}, key=f"{number}{other}"
            )
        if to_file:
            path = Path(folder) / "export.jsonl"
            assert memory.export_to(path) == len(texts)
            assert new.import_from(path) == ImportResult(len(texts), 0)
        else:
            new.import_from(io.StringIO(exported(memory)))
        the_same(memory, new)


@settings(max_examples=15)
@given(st.lists(st.datetimes(timezones=st.timezones()), min_size=1, max_size=4))
def test_any_date_is_exported_exactly(dates: list[datetime]) -> None:
    with AriGraph(embedder=None) as memory:
        for at in dates:
            try:
                kept = memory.remember("x", triplets=[Triplet("a", "is", "b")], at=at).episode.at
            except InvalidInput:  # in UTC this date is after the year 9999
                assert at.year in (1, 9999)
                continue
            assert kept == at.astimezone(UTC)
        with reimported(memory) as new:
            the_same(memory, new)


def test_an_export_does_not_overwrite_a_file(memory: AriGraph, tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(MemoryFileError, match=r"export\.jsonl"):
        memory.export_to(path)
    assert path.read_text(encoding="utf-8") == "precious"
    with pytest.raises(MemoryFileError):
        memory.export_to(tmp_path / "missing" / "export.jsonl")


def refused(memory: AriGraph, source: str, why: str = "space of its own") -> None:
    """Check that the export is refused and the space is not changed."""
    before = everything(memory), exported(memory)
    with pytest.raises(InvalidInput, match=why):
        memory.import_from(source.splitlines(keepends=True))
    assert (everything(memory), exported(memory)) == before
    assert memory.check() == ()


def one_fact(text: str, *names: str) -> AriGraph:
    memory = AriGraph(embedder=None, ontology="text-world")
    memory.remember(text, triplets=[Triplet(name, "likes", "pears") for name in names])
    return memory


def test_an_export_into_a_space_with_other_episodes_is_refused(memory: AriGraph) -> None:
    memory.remember("other", triplets=[Triplet("dog", "likes", "cat")])
    with sample_memory() as source:
        refused(memory, exported(source))
    with one_fact("x", "ann") as source:
        refused(memory, exported(source))


def test_an_export_whose_first_episodes_the_space_forgot_is_refused(memory: AriGraph) -> None:
    memory.remember("other", triplets=[Triplet("dog", "likes", "cat")])
    with one_fact("x", "ann") as source:
        source.remember("y", triplets=[Triplet("bob", "likes", "pears")])
        source.remember("z", triplets=[Triplet("bob", "likes", "pears")])
        source.forget(episodes=[1])
        refused(memory, exported(source))


def test_an_export_of_the_same_texts_with_other_readings_is_refused() -> None:
    with one_fact("x", "ann") as memory, one_fact("x", "bob") as source:
        source.remember("y", triplets=[Triplet("bob", "likes", "pears")])
        refused(memory, exported(source))


def test_an_export_that_forgot_an_episode_of_the_space_is_refused() -> None:
    with one_fact("x", "ann", "cid") as source:
        source.remember("y", triplets=[Triplet("bob", "likes", "pears")])
        with reimported(source) as memory:
            source.forget(episodes=[1])
            source.remember("z", triplets=[Triplet("bob", "likes", "pears")])
            refused(memory, exported(source))


def test_an_export_with_other_merged_names_is_refused(memory: AriGraph) -> None:
    with one_fact("x", "ann") as source:
        source.merge("ann", "bob")
        memory.merge("dog", "cat")
        refused(memory, exported(source))
        source.split("ann")
        refused(memory, exported(source))
    with one_fact("x", "ann") as memory, reimported(memory) as source:
        source.merge("ann", "bob")
        refused(memory, exported(source))


def test_only_the_new_episodes_of_a_grown_export_are_imported(memory: AriGraph) -> None:
    with one_fact("x", "ann") as source:
        memory.import_from(exported(source).splitlines())
        source.remember("y", triplets=[Triplet("ann", "likes", "pears"), Triplet("bob", "is", "here")])
        assert memory.import_from(exported(source).splitlines()) == ImportResult(1, 1)
        the_same(source, memory)


def test_an_export_from_a_newer_version_is_refused_by_its_format(memory: AriGraph) -> None:
    first = {"ariadne": "memory", "format": 99, "space": "x", "clock": None, "last": 0, "aliases": []}
    with pytest.raises(InvalidInput, match="newer Ariadne"):
        memory.import_from(lines(first))


def test_a_wrong_line_of_an_export_is_refused_by_its_number_and_the_lines_before_it_are_kept(memory: AriGraph) -> None:
    with one_fact("x", "ann") as source:
        for text in ("y", "z"):
            source.remember(text, triplets=[Triplet("ann", "likes", "pears")])
        original = exported(source)
        damaged = [json.loads(line) for line in original.splitlines()]
        damaged[3]["restated"] = [99]
        with pytest.raises(InvalidInput, match=r"line 4\b"):
            memory.import_from(lines(*damaged))
        assert [one.text for one in memory.episodes()] == ["x", "y"]
        memory.import_from(original.splitlines())
        the_same(source, memory)


def changed_at_random(rng: random.Random, original: str) -> list[str]:
    """Return an export with one random change: another value, a missing line or a repeated line."""
    source = [json.loads(line) for line in original.splitlines()]
    where: Any = rng.choice(source)
    while True:
        at = rng.choice(sorted(where) if isinstance(where, dict) else range(len(where)))
        if not isinstance(where[at], dict | list) or not where[at] or rng.random() < 0.2:
            break
        where = where[at]
    where[at] = rng.choice(
        [None, -1, 0, 1, 2, 7, "x", "k 1", "", [], [99], [[1]], {}, True, 2**70, "2024-05-01T12:00Z"]
    )
    if rng.random() < 0.2:
        del source[rng.randrange(1, len(source))]
    if rng.random() < 0.2:
        source.insert(rng.randrange(1, len(source)), rng.choice(source))
    return lines(*source)


def changed_exports_are_refused_or_imported_soundly(seed: int, times: int) -> None:
    rng = random.Random(seed)
    with sample_memory() as memory, sample_memory(datetime) as dated:
        wholes = exported(memory), exported(dated)
    for _ in range(times):
        source = changed_at_random(rng, rng.choice(wholes))
        with AriGraph(embedder=None) as new:
            with suppress(InvalidInput):
                new.import_from(source)
            assert new.check() == (), source
            everything(new)


def test_a_changed_export_is_refused_or_imported_soundly() -> None:
    changed_exports_are_refused_or_imported_soundly(seed=0, times=60)


@pytest.mark.soak
def test_many_changed_exports_are_refused_or_imported_soundly() -> None:
    changed_exports_are_refused_or_imported_soundly(seed=1, times=3000)


# -- GraphML -----------------------------------------------------------------------------------------------------------

_characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
_special = st.sampled_from(["<a>", "&amp;", "a\nb", '"', "'", ",", "]]>", "🦜"])
in_xml = (st.text(_characters, max_size=5) | st.builds("{}\t{}".format, _special, _special) | _special).filter(
    str.strip
)


@settings(max_examples=40)
@given(st.lists(st.builds(Triplet, in_xml, in_xml, in_xml), max_size=6), st.booleans())
def test_networkx_reads_the_graphml_as_the_same_graph(stated: list[Triplet], dated: bool) -> None:
    at = datetime(2024, 5, 1, 12, tzinfo=UTC) if dated else 7
    with AriGraph(embedder=None) as memory, tempfile.TemporaryDirectory() as folder:
        memory.remember("x", triplets=stated, at=at)
        memory.remember("y", triplets=stated[:1], at=at)
        memory.to_graphml(Path(folder) / "graph.xml")
        read = nx.read_graphml(Path(folder) / "graph.xml", force_multigraph=True)
        graph = memory.to_networkx()
    assert set(read.nodes) == set(graph.nodes)
    since = at.isoformat() if isinstance(at, datetime) else at
    wanted = [
        (one, other, source["relation"], since, source["learned_in"], " ".join(map(str, source["episodes"])))
        for one, other, source in graph.edges(data=True)
    ]
    found = [
        (one, other, source["relation"], source["valid_from"], source["learned_in"], source["episodes"])
        for one, other, source in read.edges(data=True)
    ]
    assert sorted(found) == sorted(wanted)


def test_a_graph_with_dates_can_be_written_as_json() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[Triplet("Ann", "lives in", "Rome")], at=datetime(2026, 5, 1, tzinfo=UTC))
        graph = memory.to_networkx()
    (edge,) = json.loads(json.dumps(nx.node_link_data(graph)))["edges"]
    assert (edge["source"], edge["target"]) == ("Ann", "Rome")
    assert (edge["valid_from"], edge["episodes"]) == ("2026-05-01T00:00:00+00:00", [1])


@pytest.mark.parametrize("character", ["\0", "\x1b", "\ufffe", "\x08"])
def test_graphml_names_the_character_that_xml_cannot_hold(memory: AriGraph, tmp_path: Path, character: str) -> None:
    memory.remember("x", triplets=[Triplet("apple", "is in", f"box{character}")])
    with pytest.raises(InvalidInput, match="GraphML cannot hold") as raised:
        memory.to_graphml(tmp_path / "graph.xml")
    assert f"{character!a}" in str(raised.value)
    assert not (tmp_path / "graph.xml").exists()
    with pytest.raises(MemoryFileError):
        AriGraph(embedder=None).to_graphml(tmp_path / "missing" / "graph.xml")


# -- backup ------------------------------------------------------------------------------------------------------------


def test_a_backup_while_others_write_is_complete_and_has_all_acknowledged_texts(tmp_path: Path) -> None:
    stop, acknowledged = threading.Event(), list[int]()
    with AriGraph.open(tmp_path / "a.db", embedder=None) as memory:

        def write() -> None:
            while not stop.is_set():
                number = len(acknowledged) + 1
                stated = [Triplet(f"thing {number}", "is in", "box"), Triplet("cat", "is in", f"room {number}")]
                acknowledged.append(memory.remember(f"text {number} " * 50, triplets=stated).episode.id)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                while len(acknowledged) < 20 * number:
                    pass
                before = len(acknowledged)
                memory.backup(tmp_path / f"{number}.db")
                with AriGraph.open(tmp_path / f"{number}.db", embedder=None) as copy:
                    kept = len(copy.episodes())
                    assert kept >= before
                    assert copy.check() == ()
                    assert copy.facts() == memory.facts(as_of=kept)
        finally:
            stop.set()
            writer.join()
    assert len(acknowledged) >= 80


def test_a_memory_in_ram_is_backed_up_to_a_new_file_only(tmp_path: Path) -> None:
    with sample_memory() as memory:
        memory.backup(tmp_path / "a.db")
        with AriGraph.open(tmp_path / "a.db", embedder=None, create=False) as copy:
            the_same(memory, copy)
        content = (tmp_path / "a.db").read_bytes()
        with pytest.raises(MemoryFileError, match="it exists"):
            memory.backup(tmp_path / "a.db")
        with pytest.raises(MemoryFileError):
            memory.backup(tmp_path / "missing" / "a.db")
    assert (tmp_path / "a.db").read_bytes() == content


def test_after_an_import_a_forgotten_witness_counts_no_longer(memory: AriGraph) -> None:
    for source, place in (("Ann", "box"), ("Bob", "box"), ("Carla", "table")):
        memory.remember("x", triplets=[Triplet("apple", "is in", place)], source=source)
    assert texts_of(memory.facts()) == ["apple is in box", "apple is in table"]
    with reimported(memory) as new:
        for each in (memory, new):
            each.forget(source="Bob")
        assert texts_of(memory.facts()) == texts_of(new.facts()) == ["apple is in table"]
        the_same(memory, new)

"""Hostile input: a memory keeps what it can and refuses the rest with a clear error, without any change."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ariadne.errors import MemoryFileError
from ariadne.memory import (
    About,
    AriGraph,
    EpisodeInput,
    Fact,
    HashEmbedder,
    InvalidInput,
    Query,
    Reading,
    Replacement,
    Triplet,
)
from ariadne.values import Situation
from tests.scale import scaled

APPLE = Triplet("apple", "is in", "box")
NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def memory() -> Iterator[AriGraph]:
    with AriGraph(embedder=None) as made:
        made.remember("The apple is in the box.", triplets=[APPLE], source="ann", metadata={"a": "b"}, key="k")
        yield made


def state(memory: AriGraph) -> tuple[Any, ...]:
    return memory.episodes(), memory.facts(), memory.history("apple"), memory.stats(), memory.recall("apple")


def texts_of(facts: Sequence[Fact]) -> list[str]:
    return [str(fact) for fact in facts]


# -- large -------------------------------------------------------------------------------------------------------------


def test_a_very_large_text_and_name_are_kept(memory: AriGraph) -> None:
    text, name = "It says nothing of note. " * scaled(8_000, 40_000), "n" * scaled(200_000, 1_000_000)
    memory.remember(text, triplets=[Triplet(name, "is in", "box")])
    assert memory.episode(2).text == text
    assert memory.facts(name)[0].subject == name
    found = memory.recall(About("box"), max_tokens=50)
    assert texts_of(found.facts) == ["apple is in box"]
    memory.merge(name, "nobody")
    assert texts_of(memory.facts("nobody")) == ["nobody is in box"]
    memory.forget(episodes=[2])
    assert texts_of(memory.facts()) == ["apple is in box"]
    assert memory.check() == ()


@pytest.mark.parametrize("text", ["a" * 200_000, "a " * 100_000, "(" * 100_000, "A. " * 20_000, "> x\n" * 30_000])
def test_a_large_meaningless_text_is_read_to_its_end(memory: AriGraph, text: str) -> None:
    assert memory.remember(text).episode.text == text
    assert memory.recall(text[:100_000]).episodes is not None


@pytest.mark.sample
def test_ten_thousand_triplets_are_remembered_at_once() -> None:
    triplets = [Triplet(f"thing {number}", "is in", f"box {number % 100}") for number in range(10_000)]
    with AriGraph(embedder=None) as memory:
        assert len(memory.remember("x", triplets=triplets).added) == 10_000
        assert len(memory.remember("y", triplets=triplets).restated) == 10_000
        assert len(memory.facts("box 7")) == 100
        assert len(memory.recall(About("box 7")).facts) == 100
        assert memory.check() == ()


# -- odd ---------------------------------------------------------------------------------------------------------------

ODD = [
    "'; DROP TABLE fact; --",
    '" OR "1"="1',
    "<script>alert(1)</script>",
    "a\nb",
    "a, b; c | d",
    "%s %d {} {0} \\n $1 ?1 :name",
    "a\0b",
    "\0",
    "\u202edlrow\u202c",
    "e\u0301",
    "\u00e9",
    "\ufb01",
    "\u200b",
    "🦜👩‍👩‍👧",
    "\ufeff",
    "\uffff",
    "",
    " ",
    "\t",
    "the",
    "...",
    "NEAR(a b)",
    "text:*",
    "ß",
    "İ",
    "x" * 300,
]

BLANK = [odd for odd in ODD if not odd.strip()]
ODD_NAMES = [odd for odd in ODD if odd.strip()]


@pytest.mark.parametrize("odd", ODD_NAMES)
@pytest.mark.parametrize("embedder", [None, HashEmbedder()])
def test_odd_names_and_texts_are_kept_queried_and_forgotten_as_usual(
    tmp_path: Path, odd: str, embedder: HashEmbedder | None
) -> None:
    triplet = Triplet(odd, f"is {odd}", "here")
    with AriGraph.open(tmp_path / "a.db", embedder=embedder, space=odd) as memory:
        memory.remember("first", triplets=[APPLE])
        update = memory.remember(odd, triplets=[triplet], source=odd, metadata={odd: odd}, key=odd)
        assert memory.facts(odd) == memory.facts("here") == memory.history(odd) == update.added
        assert [fact.triplet for fact in memory.facts(odd)] == [triplet]
        assert memory.facts(odd) == tuple(memory.recall(About(odd)).facts)
        memory.recall(odd)
        memory.recall(Query(odd, 2), threshold=-1.0)
        assert [one.id for one in memory.episodes(about=odd)] == [2]
        assert [one.id for one in memory.episodes(where={"source": odd})] == [2]
        assert [one.id for one in memory.episodes(where={odd: odd})] == [2]
        assert texts_of(memory.recall(About("here"), where={odd: odd}).facts) == [str(triplet)]
        assert texts_of(memory.path(odd, "here")) == [str(triplet)]
        assert memory.remember("again", key=odd) == update
        memory.remember("third", triplets=[], outdated=[Replacement(triplet, None)])
        assert memory.facts("here") == ()
        memory.merge(odd, "there")
        assert memory.aliases("there") == (odd,)
        assert memory.history("there")[0].subject == "there"
        memory.split(odd)
        assert [one.id for one in memory.forget(source=odd).episodes] == [2]
        assert texts_of(memory.facts()) == ["apple is in box"]
        assert memory.check() == ()


@pytest.mark.parametrize("blank", BLANK)
@pytest.mark.parametrize("embedder", [None, HashEmbedder()])
def test_a_blank_text_is_kept_queried_and_forgotten_as_usual(
    tmp_path: Path, blank: str, embedder: HashEmbedder | None
) -> None:
    with AriGraph.open(tmp_path / "a.db", embedder=embedder) as memory:
        memory.remember("first", triplets=[APPLE])
        update = memory.remember(blank, source=blank, metadata={blank: blank}, key=blank)
        assert memory.facts(blank) == memory.history(blank) == update.added == ()
        memory.recall(About(blank))
        memory.recall([blank, Query(blank, 2)], threshold=-1.0)
        assert [episode.id for episode in memory.episodes(where={"source": blank})] == [2]
        assert [episode.id for episode in memory.episodes(where={blank: blank})] == [2]
        assert memory.remember("again", key=blank) == update
        memory.merge(blank, "there")
        assert memory.aliases("there") == (blank,)
        memory.split(blank)
        assert [episode.id for episode in memory.forget(source=blank).episodes] == [2]
        assert memory.check() == ()


@pytest.mark.parametrize("odd", ODD_NAMES)
def test_odd_texts_are_read_without_triplets(memory: AriGraph, odd: str) -> None:
    memory.remember("x", triplets=[Triplet(odd, "is in", "hall")])
    assert memory.remember(f"You see {odd} here. {odd} is in the hall.").episode.id == 3
    assert memory.remember(odd).episode.text == odd
    assert memory.check() == ()


# -- wrong types ------------------------------------------------------------------------------------------------------

JUNK: list[Any] = [5, 1.5, b"apple", ["apple"], object()]

REMEMBERED: dict[str, list[dict[str, Any]]] = {
    "text": [{"text": junk} for junk in (None, *JUNK)],
    "triplets": [
        {"triplets": junk}
        for junk in (
            5, "apple is in box", b"x", [None], ["apple is in box"], [("apple", "is in", "box")], [5],
            [["a", "b", "c"]], {"apple": "box"}, [Triplet("a", None, "b")], [Triplet(5, "b", "c")],   # type: ignore[arg-type]
            [Triplet("a", "b", b"c")], [APPLE, None],  # type: ignore[arg-type]
        )
    ],
    "outdated": [
        {"outdated": junk}
        for junk in (
            5, "x", [(APPLE, None)], [APPLE], [None], [Replacement(None, None)], [Replacement(APPLE, "x")],  # type: ignore[arg-type]
            [Replacement(("apple", "is in", "box"), None)],  # type: ignore[arg-type]
        )
    ],
    "at": [
        {"at": junk}
        for junk in list[Any]((
            1.5, "3", "2024-05-01", b"3", [], datetime(2024, 5, 1), date(2024, 5, 1), NOW, 2**63, -(2**63) - 1, 2**80,
            10**5000,
        ))
    ],
    "source": [{"source": junk} for junk in JUNK],
    "key": [{"key": junk} for junk in JUNK],
    "metadata": [
        {"metadata": junk}
        for junk in (5, "x", ["a"], {"a": 2**63}, {"a": None}, {5: "a"}, {"a": [["b"]]}, {"source": "Ann"})
    ],
}  # fmt: skip


@pytest.mark.parametrize("what", REMEMBERED)
def test_an_episode_with_a_wrong_argument_is_refused_and_nothing_is_kept(memory: AriGraph, what: str) -> None:
    before = state(memory)
    for junk in REMEMBERED[what]:
        given = {"text": "x", "triplets": [], **junk}
        for remember in (
            lambda given=given: memory.remember(**given),
            lambda given=given: memory.remember_many([given]),
            lambda given=given: memory.remember_many([EpisodeInput(**given)]),
        ):
            with pytest.raises(InvalidInput):
                remember()
        assert state(memory) == before, junk
    assert memory.remember("y", triplets=[]).episode.id == 2


def test_a_date_outside_the_years_of_utc_is_refused() -> None:
    with AriGraph(embedder=None) as memory:
        for at in (
            datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
        ):
            with pytest.raises(InvalidInput):
                memory.remember("x", triplets=[], at=at)
        assert memory.episodes() == ()
        assert memory.remember("x", triplets=[], at=3).episode.id == 1


QUERIES: dict[str, Callable[[AriGraph, Any], object]] = {
    "recall": lambda memory, junk: memory.recall(junk),
    "recall several": lambda memory, junk: memory.recall(["apple", junk]),
    "recall About": lambda memory, junk: memory.recall(About(junk)),
    "recall Query": lambda memory, junk: memory.recall(Query(junk)),
    "facts": lambda memory, junk: memory.facts(junk),
    "history": lambda memory, junk: memory.history(junk),
    "path from": lambda memory, junk: memory.path(junk, "box"),
    "path to": lambda memory, junk: memory.path("box", junk),
    "episodes": lambda memory, junk: memory.episodes(junk),
    "aliases": lambda memory, junk: memory.aliases(junk),
    "merge": lambda memory, junk: memory.merge(junk, "box"),
    "merge into": lambda memory, junk: memory.merge("box", junk),
    "split": lambda memory, junk: memory.split(junk),
    "correct": lambda memory, junk: memory.correct(junk, APPLE),
    "correct by": lambda memory, junk: memory.correct(APPLE, junk),
    "correct why": lambda memory, junk: memory.correct(APPLE, Triplet("apple", "is on", "table"), junk),
    "retract": lambda memory, junk: memory.retract(junk, "no"),
    "retract why": lambda memory, junk: memory.retract(APPLE, junk),
    "remember_many one": lambda memory, junk: memory.remember_many([junk]),
    "remember_many text": lambda memory, junk: memory.remember_many([{"text": junk}]),
    "remember_document": lambda memory, junk: memory.remember_document(junk, source="x"),
    "remember_document source": lambda memory, junk: memory.remember_document("x", source=junk),
    "import_from line": lambda memory, junk: memory.import_from([junk]),
    "space": lambda memory, junk: AriGraph(embedder=None, space=junk),
}
"""Calls that take a text, or a value that contains texts."""
MAY_BE_NONE = {"facts", "episodes", "correct why", "remember_document source"}
TAKES_SEVERAL = {"recall"}


@pytest.mark.parametrize("verb", QUERIES)
def test_a_value_that_is_not_a_text_is_refused_in_every_argument(memory: AriGraph, verb: str) -> None:
    before = state(memory)
    for junk in [*JUNK, *([] if verb in MAY_BE_NONE else [None]), "\ud800"]:
        if isinstance(junk, list) and verb in TAKES_SEVERAL:
            continue
        with pytest.raises(InvalidInput):
            QUERIES[verb](memory, junk)
        assert state(memory) == before, junk


def recall_with(limit: str, memory: AriGraph, junk: Any) -> object:
    return memory.recall("apple", **{limit: junk})


COUNTED: dict[str, Callable[[AriGraph, Any], object]] = {
    **{limit: partial(recall_with, limit) for limit in ("facts", "episodes", "max_tokens", "depth", "width", "as_of")},
    "Query depth": lambda memory, junk: memory.recall(Query("apple", junk)),
    "exclude one": lambda memory, junk: memory.recall("apple", exclude=[junk]),
    "facts as_of": lambda memory, junk: memory.facts(as_of=junk),
    "at": lambda memory, junk: memory.at(junk),
    "episode": lambda memory, junk: memory.episode(junk),
    "forget episodes": lambda memory, junk: memory.forget(episodes=[junk]),
    "neighbors": lambda memory, junk: memory.recall("x", neighbors=junk),
    "size": lambda memory, junk: memory.remember_document("x", source="x", size=junk),
}
NONE_FOR_ALL = {"facts", "episodes", "max_tokens", "as_of", "facts as_of", "depth", "width"}
ANY_NUMBER = {"exclude one", "forget episodes"}
"""These calls accept the number of a missing episode."""


@pytest.mark.parametrize("what", COUNTED)
def test_a_value_that_is_not_a_count_is_refused_in_every_argument(memory: AriGraph, what: str) -> None:
    before = state(memory)
    junks: list[Any] = [1.5, "1", "x", [1], b"1", object()]
    if what not in NONE_FOR_ALL:
        junks.append(None)
    if what not in ANY_NUMBER:
        junks += [-1, -5]
    for junk in junks:
        with pytest.raises(InvalidInput):
            COUNTED[what](memory, junk)
        assert state(memory) == before, junk


def test_a_huge_count_is_accepted(memory: AriGraph) -> None:
    huge = 10**30
    found = memory.recall(
        "apple", facts=huge, episodes=huge, max_tokens=huge, depth=huge, width=huge, as_of=huge, exclude=[huge]
    )
    assert texts_of(found.facts) == ["apple is in box"]
    assert memory.facts(as_of=huge) == memory.at(huge).facts() == memory.facts()
    assert memory.forget(episodes=[huge, -huge]).episodes == ()


REFUSED: dict[str, Callable[[AriGraph], object]] = {
    "valid_at text": lambda memory: memory.facts(valid_at="x"),
    "valid_at float": lambda memory: memory.recall("apple", valid_at=1.5),  # type: ignore[arg-type]
    "valid_at date": lambda memory: memory.recall("apple", valid_at=NOW),
    "valid_at huge": lambda memory: memory.facts(valid_at=2**80),
    "recall valid_at huge": lambda memory: memory.recall("apple", valid_at=2**80),
    "before text": lambda memory: memory.forget(before="x"),
    "before date": lambda memory: memory.forget(before=NOW),
    "threshold": lambda memory: memory.recall("apple", threshold="x"),  # type: ignore[arg-type]
    "exclude number": lambda memory: memory.recall("apple", exclude=1),  # type: ignore[arg-type]
    "exclude text": lambda memory: memory.recall("apple", exclude="1"),  # type: ignore[arg-type]
    "exclude None": lambda memory: memory.recall("apple", exclude=None),  # type: ignore[arg-type]
    "where number": lambda memory: memory.recall("apple", where=5),  # type: ignore[arg-type]
    "where list": lambda memory: memory.recall("apple", where=["source"]),  # type: ignore[arg-type]
    "where value": lambda memory: memory.recall("apple", where={"a": 5}),
    "where None value": lambda memory: memory.recall("apple", where={"a": None}),
    "where list value": lambda memory: memory.episodes(where={"a": ["b"]}),
    "where source": lambda memory: memory.episodes(where={"source": 5}),
    "where name": lambda memory: memory.episodes(where={5: "a"}),  # type: ignore[dict-item]
    "forget source": lambda memory: memory.forget(source=5),  # type: ignore[arg-type]
    "forget where": lambda memory: memory.forget(where=5),  # type: ignore[arg-type]
    "forget where list": lambda memory: memory.forget(where=["a"]),  # type: ignore[arg-type]
    "forget where value": lambda memory: memory.forget(where={"a": 5}),
    "forget number": lambda memory: memory.forget(episodes=1),  # type: ignore[arg-type]
    "forget text": lambda memory: memory.forget(episodes="1"),  # type: ignore[arg-type]
    "forget lists": lambda memory: memory.forget(episodes=[[1]]),  # type: ignore[list-item]
    "remember_many number": lambda memory: memory.remember_many(5),  # type: ignore[arg-type]
    "remember_many None": lambda memory: memory.remember_many(None),  # type: ignore[arg-type]
    "remember_many text": lambda memory: memory.remember_many("a text, not several"),
    "remember_many mapping": lambda memory: memory.remember_many({"text": "x"}),
    "remember_many field": lambda memory: memory.remember_many([{"text": "x", "when": 3}]),
    "document metadata": lambda memory: memory.remember_document("x", source="x", metadata=5),  # type: ignore[arg-type]
    "document key": lambda memory: memory.remember_document("x", source="x", key=5),  # type: ignore[arg-type]
    "document at": lambda memory: memory.remember_document("x", source="x", at="monday"),
    "import number": lambda memory: memory.import_from(5),  # type: ignore[arg-type]
    "import None": lambda memory: memory.import_from(None),  # type: ignore[arg-type]
    "import bytes": lambda memory: memory.import_from(b'{"text": "x"}'),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_value_of_a_wrong_type_is_refused_and_changes_nothing(memory: AriGraph, what: str) -> None:
    before = state(memory)
    with pytest.raises(InvalidInput):
        REFUSED[what](memory)
    assert state(memory) == before


@pytest.mark.parametrize("what", ["import_from", "export_to", "to_graphml", "backup"])
def test_an_impossible_path_is_refused(memory: AriGraph, what: str) -> None:
    with pytest.raises((InvalidInput, MemoryFileError)):
        getattr(memory, what)("a\0b")


# -- wrong results of extractors --------------------------------------------------------------------------------------


class Reads:
    """An extractor with the same reading for every text."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Any:
        return self._made


READINGS: dict[str, Any] = {
    "None": None,
    "a text": "x",
    "a list": [APPLE],
    "no triplets": Reading(triplets=None),  # type: ignore[arg-type]
    "a number of triplets": Reading(triplets=5),  # type: ignore[arg-type]
    "numbers": Reading(triplets=(5,)),  # type: ignore[arg-type]
    "tuples": Reading(triplets=(("a", "b", "c"),)),  # type: ignore[arg-type]
    "None in a triplet": Reading(triplets=(Triplet("a", "b", None),)),  # type: ignore[arg-type]
    "no outdated": Reading(outdated=None),  # type: ignore[arg-type]
    "outdated tuples": Reading(outdated=((APPLE, None),)),  # type: ignore[arg-type]
    "no names": Reading(names=None),  # type: ignore[arg-type]
    "names that are none": Reading(names=(5,)),  # type: ignore[arg-type]
    "no queries": Reading(queries=None),  # type: ignore[arg-type]
    "queries that are none": Reading(queries=(5,)),  # type: ignore[arg-type]
    "a query as deep as a text": Reading(queries=(Query("x", "deep"),)),  # type: ignore[arg-type]
    "no unread": Reading(unread=None),  # type: ignore[arg-type]
    "unread numbers": Reading(unread=(5,)),  # type: ignore[arg-type]
    "unread text": Reading(unread="abc"),  # type: ignore[arg-type]
    "told in words": Reading(read_count="many"),  # type: ignore[arg-type]
    "silent None": Reading(silent_count=None),  # type: ignore[arg-type]
    "a surrogate": Reading(names=("\ud800",)),
}


@pytest.mark.parametrize("what", READINGS)
def test_a_wrong_reading_of_an_extractor_is_refused_and_nothing_is_kept(what: str) -> None:
    with AriGraph(embedder=None, extractor=Reads(READINGS[what])) as memory:
        memory.remember("x", triplets=[APPLE])
        before = state(memory)
        with pytest.raises(InvalidInput):
            memory.remember("y")
        assert state(memory) == before
        assert memory.remember("z", triplets=[]).episode.id == 2


PROPOSED: list[Any] = [
    None, 5, "x", [5], [None], [(APPLE, None)], [Replacement(None, None)], [Replacement(APPLE, "x")],  # type: ignore[arg-type]
    [Replacement(Triplet("\ud800", "b", "c"), None)],
]  # fmt: skip


@pytest.mark.parametrize("proposed", PROPOSED, ids=repr)
def test_a_wrong_proposal_of_a_proposer_is_refused_and_nothing_is_kept(proposed: Any) -> None:
    with AriGraph(embedder=None, propose=lambda stated, known: proposed) as memory:
        memory.remember("x", triplets=[])
        before = state(memory)
        with pytest.raises(InvalidInput):
            memory.remember("y", triplets=[APPLE])
        assert state(memory) == before


# -- files -------------------------------------------------------------------------------------------------------------


def made(path: Path, sql: str = "") -> Path:
    """Create the file of a memory, and run an SQL statement in it."""
    with AriGraph.open(path, embedder=None) as memory:
        memory.remember("x", triplets=[APPLE])
    with sqlite3.connect(path) as db:
        db.executescript(sql)
    db.close()
    return path


@pytest.mark.parametrize(
    "added",
    [
        "CREATE TRIGGER sly AFTER INSERT ON episode BEGIN DELETE FROM fact; END",
        "CREATE VIEW sly AS SELECT * FROM fact",
        "CREATE TABLE more (x); CREATE TRIGGER sly AFTER INSERT ON more BEGIN SELECT 1; END",
    ],
)
def test_a_file_with_a_trigger_or_view_is_refused_and_not_changed(tmp_path: Path, added: str) -> None:
    content = made(tmp_path / "a.db", added).read_bytes()
    with pytest.raises(MemoryFileError, match="'sly'"):
        AriGraph.open(tmp_path / "a.db", embedder=None)
    assert (tmp_path / "a.db").read_bytes() == content


def test_a_file_with_the_mark_of_a_memory_but_no_tables_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db", "DROP TABLE fact")
    with pytest.raises(MemoryFileError), AriGraph.open(path, embedder=None) as memory:
        memory.facts()


def test_another_programs_database_is_refused_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE episode (space INTEGER, number INTEGER, text TEXT)")
        db.execute("PRAGMA user_version = 3")
    db.close()
    content = path.read_bytes()
    with pytest.raises(MemoryFileError, match=r"memory\.db: this is an SQLite file of another program"):
        AriGraph.open(path, embedder=None)
    assert path.read_bytes() == content


def test_a_memory_that_was_renamed_is_the_same_memory(tmp_path: Path) -> None:
    made(tmp_path / "a.db").rename(tmp_path / "what it is.txt")
    with AriGraph.open(tmp_path / "what it is.txt", embedder=None, create=False) as memory:
        assert texts_of(memory.facts()) == ["apple is in box"]


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "a.db"):
        with pytest.raises(MemoryFileError):
            AriGraph.open(path, embedder=None)
    with pytest.raises(MemoryFileError, match="no such file"):
        AriGraph.open(tmp_path / "none.db", embedder=None, create=False)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db")
    path.chmod(0)
    with pytest.raises(MemoryFileError, match=r"a\.db"):
        AriGraph.open(path, embedder=None)


def test_names_that_look_like_sql_are_only_names(tmp_path: Path) -> None:
    sly = "x'); DELETE FROM fact; --"
    with AriGraph.open(tmp_path / "a.db", embedder=None, space=sly) as memory:
        memory.remember(sly, triplets=[Triplet(sly, sly, sly), APPLE], source=sly, metadata={sly: sly}, key=sly)
        memory.recall([sly, About(sly)], where={"source": sly, sly: sly}, exclude=[7])
        assert len(memory.facts()) == 2
        assert memory.stats().spaces == (sly,)

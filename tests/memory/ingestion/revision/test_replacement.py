"""A text that replaces the one with its key leaves the memory as if it had been given in the first place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariadne.errors import InvalidInput
from ariadne.memory import About, AriGraph, ImportResult, Replacement, Triplet
from tests.scale import scaled

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def lives(name: str, city: str) -> Triplet:
    return Triplet(name, "lives in", city)


@pytest.fixture
def memory() -> Iterator[AriGraph]:
    with AriGraph(embedder=None, ontology="everyday") as memory:
        yield memory


def say(memory: AriGraph, *triplets: Triplet, **given: Any) -> Any:
    """Remember triplets with a text that states them."""
    return memory.remember(". ".join(map(str, triplets)), triplets=triplets, **given)


def texts(facts: Sequence[object]) -> list[str]:
    return sorted(map(str, facts))


def test_an_edited_message_corrects_what_it_states(memory: AriGraph) -> None:
    say(memory, lives("Ann", "Rome"), Triplet("Ann", "likes", "tea"), at=NOON, key="m1", source="Ann")
    say(memory, lives("Bob", "Rome"), at=NOON + DAY, source="Bob")
    update = say(memory, lives("Ann", "Oslo"), Triplet("Ann", "likes", "tea"), key="m1", replace=True, source="Ann")
    assert texts(memory.facts("Ann")) == ["Ann likes tea", "Ann lives in Oslo"]
    assert {fact.valid_from for fact in memory.facts("Ann")} == {NOON}
    assert (update.episode.id, update.episode.at) == (3, NOON)
    assert texts(memory.facts("Ann", as_of=2)) == ["Ann likes tea", "Ann lives in Rome"]
    assert texts(memory.facts(valid_at=NOON)) == ["Ann likes tea", "Ann lives in Oslo"]
    assert {str(fact): fact.episodes for fact in memory.facts("Ann")} == {
        "Ann likes tea": (3,), "Ann lives in Oslo": (3,)
    }  # fmt: skip
    assert texts(update.added) == ["Ann likes tea", "Ann lives in Oslo"] or texts(update.restated) == ["Ann likes tea"]
    assert "Ann lives in Rome" in texts(update.retired)
    assert "Ann lives in Rome" in texts(memory.history("Ann"))
    assert memory.check() == ()


def test_only_the_newest_text_of_a_key_is_recalled(memory: AriGraph) -> None:
    for city in ("Rome", "Oslo", "Riga"):
        say(memory, lives("Ann", city), key="m1", replace=True, at=NOON)
    recall = memory.recall([About("Ann"), "where does Ann live?"], episodes=9)
    assert texts(recall.facts) == ["Ann lives in Riga"]
    assert [episode.id for episode in recall.episodes] == [3]
    assert memory.get("m1") == memory.episode(3)
    assert [episode.text for episode in memory.versions("m1")] == [
        str(lives("Ann", c)) for c in ("Rome", "Oslo", "Riga")
    ]
    assert memory.episodes() == (memory.episode(3),)
    assert memory.at(2).get("m1") == memory.episode(2)
    assert memory.at(2).episodes() == (memory.episode(2),)
    assert texts(memory.at(1).facts()) == ["Ann lives in Rome"]


def test_what_the_former_text_ended_holds_again(memory: AriGraph) -> None:
    say(memory, lives("Ann", "Paris"), at=NOON)
    say(memory, lives("Ann", "Rome"), at=NOON + 2 * DAY, key="m1")
    assert texts(memory.facts()) == ["Ann lives in Rome"]
    say(memory, lives("Bob", "Rome"), key="m1", replace=True)
    assert texts(memory.facts()) == ["Ann lives in Paris", "Bob lives in Rome"]
    (paris,) = memory.facts("Ann")
    assert (paris.valid_from, paris.episodes) == (NOON, (1,))
    assert texts(memory.facts(as_of=2)) == ["Ann lives in Rome"]


def test_what_later_texts_state_is_kept(memory: AriGraph) -> None:
    say(memory, lives("Ann", "Rome"), at=NOON, key="m1")
    say(memory, lives("Ann", "Bern"), at=NOON + 2 * DAY)
    say(memory, lives("Ann", "Oslo"), key="m1", replace=True)
    assert texts(memory.facts()) == ["Ann lives in Bern"]
    assert texts(memory.facts(valid_at=NOON + DAY)) == ["Ann lives in Oslo"]
    assert texts(memory.facts(valid_at=NOON + DAY, as_of=2)) == ["Ann lives in Rome"]


def test_a_fact_that_another_text_states_too_is_kept(memory: AriGraph) -> None:
    say(memory, lives("Ann", "Rome"), at=NOON, key="m1")
    say(memory, lives("Ann", "Rome"), at=NOON + DAY)
    say(memory, Triplet("Ann", "likes", "tea"), key="m1", replace=True)
    (rome,) = [fact for fact in memory.facts() if fact.relation == "lives in"]
    assert (rome.episodes, rome.valid_from) == ((2,), NOON + DAY)


def test_a_new_time_replaces_the_time(memory: AriGraph) -> None:
    say(memory, lives("Ann", "Rome"), at=NOON, key="m1")
    say(memory, lives("Ann", "Rome"), at=NOON + DAY, key="m1", replace=True)
    assert memory.facts(valid_at=NOON) == ()
    assert memory.facts()[0].valid_from == NOON + DAY


def test_an_edited_message_keeps_its_source_and_metadata_and_is_forgotten_with_its_source(memory: AriGraph) -> None:
    given = {"source": "Ann", "metadata": {"chat": 7}, "expires": NOON + 9999 * DAY}
    say(memory, lives("Ann", "Rome"), at=NOON, key="m1", **given)
    update = say(memory, lives("Ann", "Oslo"), key="m1", replace=True)
    kept = memory.get("m1")
    assert kept is not None
    assert (kept.source, kept.metadata, kept.expires) == tuple(given.values())
    assert update.reading.names == ("Ann", "Oslo")
    assert memory.episodes(where={"source": "Ann", "chat": 7}) == (kept,)
    assert say(memory, lives("Ann", "Oslo"), key="m1", replace=True) == update
    assert len(memory.forget(source="Ann").episodes) == 2
    assert (memory.facts(), memory.episodes()) == ((), ())


def test_an_edited_message_takes_the_source_and_metadata_that_are_given(memory: AriGraph) -> None:
    say(memory, lives("Ann", "Rome"), at=NOON, key="m1", source="Ann", metadata={"chat": 7})
    edited = say(memory, lives("Ann", "Oslo"), key="m1", replace=True, source="Bob", metadata={}).episode
    assert (edited.source, edited.metadata) == ("Bob", {})


def test_the_same_text_again_changes_nothing(memory: AriGraph) -> None:
    say(memory, lives("Ann", "Rome"), at=NOON, key="m1", metadata={"n": 1})
    update = say(memory, lives("Ann", "Oslo"), key="m1", replace=True, metadata={"n": 2})
    assert say(memory, lives("Ann", "Oslo"), key="m1", replace=True, metadata={"n": 2}) == update
    assert len(memory.versions("m1")) == 2
    say(memory, lives("Ann", "Oslo"), key="m1", replace=True, metadata={"n": 3})
    assert len(memory.versions("m1")) == 3


def test_without_replace_a_known_key_returns_the_first_update(memory: AriGraph) -> None:
    first = say(memory, lives("Ann", "Rome"), at=NOON, key="m1")
    say(memory, lives("Ann", "Oslo"), key="m1", replace=True)
    again = say(memory, lives("Ann", "Bern"), at=NOON, key="m1")
    assert again == first
    assert texts(memory.facts()) == ["Ann lives in Oslo"]


def test_an_unknown_key_is_remembered_and_a_missing_one_is_refused(memory: AriGraph) -> None:
    assert say(memory, lives("Ann", "Rome"), at=NOON, key="m1", replace=True).episode.id == 1
    with pytest.raises(InvalidInput, match="replace=True needs the key"):
        say(memory, lives("Ann", "Oslo"), at=NOON, replace=True)
    with pytest.raises(InvalidInput, match="replace='yes'"):
        say(memory, lives("Ann", "Oslo"), at=NOON, key="m1", replace="yes")


def test_forgetting_the_newest_text_brings_back_the_former_one(memory: AriGraph) -> None:
    say(memory, lives("Ann", "Rome"), at=NOON, key="m1")
    say(memory, lives("Ann", "Oslo"), key="m1", replace=True)
    memory.forget(episodes=[2])
    assert texts(memory.facts()) == ["Ann lives in Rome"]
    assert memory.get("m1") == memory.episode(1)
    memory.forget(source=None, where=None, episodes=[1])
    assert memory.get("m1") is None


def test_a_message_is_deleted_with_all_its_versions(memory: AriGraph) -> None:
    for city in ("Rome", "Oslo", "Riga"):
        say(memory, lives("Ann", city), key="m1", replace=True, at=NOON)
    say(memory, lives("Bob", "Rome"), at=NOON)
    memory.forget(episodes=[episode.id for episode in memory.versions("m1")])
    assert (memory.get("m1"), memory.versions("m1")) == (None, ())
    assert (texts(memory.facts()), memory.history("Ann")) == (["Bob lives in Rome"], ())
    assert memory.check() == ()


def test_forgetting_the_former_text_leaves_the_newest_one(memory: AriGraph) -> None:
    say(memory, lives("Ann", "Paris"), at=NOON - DAY)
    say(memory, lives("Ann", "Rome"), at=NOON, key="m1")
    say(memory, lives("Ann", "Oslo"), key="m1", replace=True)
    memory.forget(episodes=[2])
    assert texts(memory.facts()) == ["Ann lives in Oslo"]
    assert texts(memory.facts(valid_at=NOON - DAY)) == ["Ann lives in Paris"]


def test_a_proposal_of_the_former_text_no_longer_counts(memory: AriGraph) -> None:
    say(memory, Triplet("Ann", "knows", "Bob"), at=NOON)
    ended = [Replacement(Triplet("Ann", "knows", "Bob"), None)]
    memory.remember("x", triplets=[], outdated=ended, at=NOON + DAY, key="m1")
    assert memory.facts() == ()
    memory.remember("y", triplets=[], key="m1", replace=True)
    assert texts(memory.facts()) == ["Ann knows Bob"]


def test_replacements_go_through_an_export_and_a_rebuild(memory: AriGraph, tmp_path: Path) -> None:
    say(memory, lives("Ann", "Paris"), at=NOON - DAY)
    say(memory, lives("Ann", "Rome"), Triplet("Rome", "is in", "Italy"), at=NOON, key="m1")
    say(memory, lives("Ann", "Rome"), at=NOON + DAY)
    say(memory, lives("Ann", "Oslo"), Triplet("Zed", "knows", "Ann"), key="m1", replace=True)
    memory.export_to(tmp_path / "lines")
    before = [memory.facts(as_of=n, valid_at=at) for n in range(5) for at in (None, NOON - DAY, NOON, NOON + DAY)]
    with AriGraph(embedder=None) as copy:
        assert copy.import_from(tmp_path / "lines") == ImportResult(4, 0)
        assert copy.import_from(tmp_path / "lines") == ImportResult(0, 4)
        after = [copy.facts(as_of=n, valid_at=at) for n in range(5) for at in (None, NOON - DAY, NOON, NOON + DAY)]
        assert after == before
        assert (copy.get("m1"), copy.versions("m1")) == (memory.get("m1"), memory.versions("m1"))
        assert copy.check() == ()
    memory.merge("Zed", "Zoe")
    memory.split("Zed")
    assert [
        memory.facts(as_of=n, valid_at=at) for n in range(5) for at in (None, NOON - DAY, NOON, NOON + DAY)
    ] == before
    assert memory.check() == ()


def test_a_replacement_states_a_fact_again_after_its_known_end(memory: AriGraph) -> None:
    say(memory, Triplet("Ann", "likes", "tea"), at=0)
    say(memory, Triplet("Ann", "likes", "tea"), at=1, until=3)
    memory.remember("nothing yet", triplets=[], at=2, key="m1")
    update = say(memory, Triplet("Ann", "likes", "tea"), at=5, key="m1", replace=True)
    assert [(fact.valid_from, fact.valid_to) for fact in memory.history("Ann")] == [(0, 3), (5, None)]
    assert [fact.valid_to for fact in update.retired] == [3]
    assert memory.check() == ()


def test_a_line_of_an_import_can_replace_and_expire(memory: AriGraph) -> None:
    lines = [
        '{"text": "a", "triplets": [["Ann", "lives in", "Rome"]], "at": "2026-05-01T12:00Z", "key": "m1"}',
        '{"text": "b", "triplets": [["Ann", "lives in", "Oslo"]], "key": "m1", "replace": true, "expires": "2999-05"}',
    ]
    assert memory.import_from(lines) == ImportResult(2, 0)
    assert memory.import_from(lines) == ImportResult(0, 2)
    assert texts(memory.facts()) == ["Ann lives in Oslo"]
    assert memory.episode(2).expires == datetime(2999, 6, 1, tzinfo=UTC)


def test_another_open_memory_sees_the_replacement(tmp_path: Path) -> None:
    with (
        AriGraph.open(tmp_path / "a.db", embedder=None, ontology="everyday") as memory,
        AriGraph.open(tmp_path / "a.db", embedder=None) as reader,
    ):
        say(memory, lives("Ann", "Paris"), at=NOON - DAY)
        say(memory, lives("Ann", "Rome"), at=NOON, key="m1")
        assert texts(reader.recall(About("Ann")).facts) == ["Ann lives in Rome"]
        say(memory, lives("Bob", "Rome"), key="m1", replace=True)
        for each in (memory, reader):
            assert texts(each.recall([About("Ann"), About("Bob")]).facts) == ["Ann lives in Paris", "Bob lives in Rome"]


# -- the law -----------------------------------------------------------------------------------------------------------

WORLDS: dict[str, list[Triplet]] = {
    "open": [
        Triplet("ann", verb, thing) for verb in ("likes", "does not like", "lives in") for thing in ("tea", "rome")
    ],
    "everyday": [
        *(lives(name, city) for name in ("ann", "bob") for city in ("rome", "oslo", "riga")),
        Triplet("ann", "no longer lives in", "rome"), Triplet("ann", "likes", "rome"),
        Triplet("rome", "is in", "italy"), Triplet("ann", "is married to", "bob"),
        Triplet("bob", "is", "ill"), Triplet("bob", "is not", "ill"), Triplet("ann", "dislikes", "rome"),
        Triplet("ann", "works for", "acme"), Triplet("ann", "left", "acme"), Triplet("ann", "lives in", "italy"),
    ],
    "text-world": [
        Triplet("apple", "is in", "box"), Triplet("apple", "is on", "table"), Triplet("apple", "is in", "inventory"),
        *(Triplet("box", "is in", room) for room in ("kitchen", "attic")),
        Triplet("box", "is", "open"), Triplet("box", "is", "closed"), Triplet("player", "is at", "kitchen"),
    ],
}  # fmt: skip
Texts = list[tuple[list[Triplet], int]]


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, Texts, list[tuple[int, list[Triplet]]]]:
    """Return an ontology, texts with their times, and which texts are replaced by which triplets."""
    ontology = draw(st.sampled_from(sorted(WORLDS)))
    stated = st.lists(st.sampled_from(WORLDS[ontology]), max_size=2, unique=True)
    first = draw(st.lists(st.tuples(stated, st.integers(1, 6)), min_size=1, max_size=6))
    which = st.tuples(st.integers(0, len(first) - 1), stated)
    return ontology, first, draw(st.lists(which, min_size=1, max_size=3))


def state(memory: AriGraph) -> list[object]:
    """Return the current facts with their times, and what held at each time."""
    current = sorted((str(fact).casefold(), fact.valid_from, str(fact.valid_to)) for fact in memory.facts())
    return [current, *(sorted(str(fact).casefold() for fact in memory.facts(valid_at=at)) for at in range(8))]


@settings(max_examples=20, deadline=None)
@given(histories())
def test_a_text_replaced_by_key_equals_the_right_text_from_the_beginning(
    history: tuple[str, Texts, list[tuple[int, list[Triplet]]]],
) -> None:
    check_replacements(history)


@pytest.mark.sample
@settings(max_examples=scaled(100, 1000), deadline=None)
@given(histories())
def test_many_texts_replaced_by_key_equal_the_right_texts_from_the_beginning(
    history: tuple[str, Texts, list[tuple[int, list[Triplet]]]],
) -> None:
    check_replacements(history)


def check_replacements(history: tuple[str, Texts, list[tuple[int, list[Triplet]]]]) -> None:
    """Check that replacements give the state of a memory that had the right texts from the beginning."""
    ontology, given_texts, edits = history
    right = list(given_texts)
    with AriGraph(embedder=None, ontology=ontology) as memory, AriGraph(embedder=None, ontology=ontology) as expected:
        for number, (triplets, at) in enumerate(given_texts):
            memory.remember(f"{number}", triplets=triplets, at=at, key=f"{number}")
        past = [memory.facts(as_of=number) for number in range(len(given_texts) + 1)]
        for nth, (number, triplets) in enumerate(edits):
            memory.remember(f"{number} {nth}", triplets=triplets, key=f"{number}", replace=True)
            right[number] = (triplets, right[number][1])
        for number, (triplets, at) in enumerate(right):
            expected.remember(f"{number}", triplets=triplets, at=at, key=f"{number}")
        assert state(memory) == state(expected)
        assert [memory.facts(as_of=number) for number in range(len(given_texts) + 1)] == past
        assert memory.check() == ()
        before = state(memory)
        memory.merge("someone", "someone else")  # the graph is made again
        assert state(memory) == before

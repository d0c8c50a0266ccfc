"""AriGraph remembers, retires and recalls facts, now and as of any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory import About, AriGraph, Fact, InvalidInput, Query, Reading, Replacement, Triplet, Update
from ariadne.values import Situation


@pytest.fixture
def memory() -> Iterator[AriGraph]:
    with AriGraph(embedder=None, ontology="text-world") as made:
        yield made


def triplet(line: str) -> Triplet:
    return Triplet(*(part.strip() for part in line.split("|")))


def remember(memory: AriGraph, *lines: str, **more: Any) -> Update:
    return memory.remember("; ".join(lines), triplets=[triplet(line) for line in lines], **more)


def texts_of(facts: Sequence[Fact]) -> list[str]:
    return [str(fact) for fact in facts]


# -- remember ----------------------------------------------------------------------------------------------------------


def test_a_text_is_read_without_a_model(memory: AriGraph) -> None:
    memory.remember("-= Kitchen =-\nYou are in a kitchen. You see a fridge. The fridge contains an apple.")
    assert "apple is in fridge" in texts_of(memory.facts(about="apple"))


def test_an_update_lists_what_changed(memory: AriGraph) -> None:
    first = remember(memory, "apple | is in | box", "box | is | open")
    assert (texts_of(first.added), first.restated, first.retired) == (["apple is in box", "box is open"], (), ())
    second = remember(memory, "the apple | is on | table", "box | is | open")
    assert texts_of(second.added) == ["the apple is on table"]
    assert texts_of(second.restated) == ["box is open"]
    assert texts_of(second.retired) == ["apple is in box"]
    assert second.retired[0].retired_in == second.episode.id
    assert second.reading.names == ("the apple", "table", "box", "open")


def test_a_fact_keeps_every_episode_that_stated_it(memory: AriGraph) -> None:
    for _ in range(3):
        remember(memory, "key | unlocks | box")
    (fact,) = memory.facts()
    assert (fact.learned_in, fact.episodes) == (1, (1, 2, 3))


def test_a_fact_that_is_true_again_is_a_new_fact(memory: AriGraph) -> None:
    for state in ("open", "closed", "open"):
        remember(memory, f"door | is | {state}")
    spans = [(str(fact), fact.valid_from, fact.valid_to) for fact in memory.history("door")]
    assert spans == [("door is open", 1, 2), ("door is closed", 2, 3), ("door is open", 3, None)]


def test_a_text_without_facts_is_kept_as_an_episode(memory: AriGraph) -> None:
    update = memory.remember("Hm.", triplets=[], source="diary", metadata={"mood": "calm"})
    assert memory.episodes() == (update.episode,)
    kept = memory.episode(1)
    assert (kept.text, kept.at, kept.source, kept.metadata) == ("Hm.", 1, "diary", {"mood": "calm"})


def test_a_known_key_changes_nothing_and_returns_the_first_update(memory: AriGraph) -> None:
    first = remember(memory, "door | is | open", key="step 1", outdated=[Replacement(triplet("a | is in | b"), None)])
    remember(memory, "door | is | closed", key="step 2")
    assert remember(memory, "door | is | locked", key="step 1") == first
    assert len(memory.episodes()) == 2


def test_a_proposal_that_contradicts_nothing_is_refused_with_the_reason() -> None:
    unknown = Replacement(triplet("pear | is in | box"), None)
    connection = Replacement(triplet("attic | is north of | hall"), None)
    restated = Replacement(triplet("apple | is in | box"), None)
    propose = [unknown, connection, restated]
    memory = AriGraph(embedder=None, ontology="text-world", propose=lambda stated, known: propose)
    memory.remember("x", triplets=[connection.old])
    update = remember(memory, "apple | is in | box")
    assert update.refused == (unknown, connection, restated)
    assert [pair.reason for pair in update.refused] == [
        "it does not hold at that time",
        "the reviser does not admit it",
        "the same text states it",
    ]
    assert update.retired == ()
    memory.close()


def test_the_word_of_the_caller_ends_what_no_rule_would_end(memory: AriGraph) -> None:
    remember(memory, "Lena | loves | ramen", "bridge | is north of | mill")
    hates, closed = triplet("Lena | hates | ramen"), Replacement(triplet("bridge | is north of | mill"), None)
    update = memory.remember(
        "x", triplets=[hates], outdated=[Replacement(triplet("lena | loves | ramen"), hates), closed]
    )
    assert texts_of(update.retired) == ["Lena loves ramen", "bridge is north of mill"]
    assert (update.refused, texts_of(memory.facts())) == ((), ["Lena hates ramen"])


def test_the_word_of_the_caller_is_refused_for_what_does_not_hold_or_is_stated_too(memory: AriGraph) -> None:
    remember(memory, "Lena | loves | ramen")
    restated, unknown = (Replacement(triplet(f"Lena | loves | {food}"), None) for food in ("ramen", "soup"))
    update = remember(memory, "Lena | loves | ramen", outdated=[restated, unknown])
    assert [(str(pair.old), pair.reason) for pair in update.refused] == [
        ("Lena loves ramen", "the same text states it"),
        ("Lena loves soup", "it does not hold at that time"),
    ]
    assert texts_of(memory.facts()) == ["Lena loves ramen"]


@pytest.mark.parametrize("ontology", ["open", "everyday"])
@pytest.mark.parametrize("later", [None, 0])
def test_a_model_does_not_end_what_another_source_states_of_the_same_time(ontology: str, later: int | None) -> None:
    march = "2026-03-01"
    with AriGraph(
        embedder=None,
        ontology=ontology,
        propose=lambda new, known: [Replacement(each.triplet, new[0]) for each in known if each.triplet != new[0]],
    ) as memory:
        if later is not None:  # then the other texts are late
            remember(memory, "Kim | likes | tea", at="2026-05-01")
        remember(memory, "flat | costs | 900 euro", at=march, source="Ann")
        update = remember(memory, "flat | costs | 950 euro", at=march, source="Bob")
        assert ([pair.reason for pair in update.refused], update.retired) == (
            ["another source states it of the same time"],
            (),
        )
        update = remember(memory, "flat | costs | 980 euro", at=march, source="Ann")  # a source corrects itself
        assert texts_of(update.retired) == ["flat costs 900 euro"]
        assert [pair.old.object for pair in update.refused] == ["950 euro"]
        update = remember(memory, "flat | costs | 990 euro", at="2026-04-01", source="Dan")
        assert texts_of(update.retired) == ["flat costs 950 euro", "flat costs 980 euro"]


def test_a_model_does_not_end_what_several_sources_confirm() -> None:
    with AriGraph(
        embedder=None, propose=lambda new, known: [Replacement(each.triplet, new[0]) for each in known]
    ) as memory:
        remember(memory, "flat | costs | 900 euro", source="Ann")
        remember(memory, "flat | costs | 900 euro", source="Bob")
        update = remember(memory, "flat | costs | 950 euro", source="Carla")
        assert [pair.reason for pair in update.refused] == ["several other sources confirm it"]
        assert len(memory.facts()) == 2


def test_the_proposals_of_an_extractor_are_judged_and_those_of_the_caller_beside_them_are_not() -> None:
    north, east = (Replacement(triplet(f"attic | is {way} of | hall"), None) for way in ("north", "east"))
    with AriGraph(embedder=None, ontology="text-world", extractor=Reader(Reading(outdated=(north,)))) as memory:
        memory.remember("x", triplets=[north.old, east.old])
        update = memory.remember("y", outdated=[east])
        assert (texts_of(update.retired), update.refused) == (["attic is east of hall"], (north,))
        memory.forget(episodes=[memory.remember("z", triplets=[]).episode.id])
        memory.merge("hall", "Hall of Mirrors")
        assert texts_of(memory.facts()) == ["attic is north of Hall of Mirrors"]


def test_a_fact_that_the_caller_reports_as_outdated_is_retired(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box")
    update = memory.remember("Eaten.", triplets=[], outdated=[Replacement(triplet("the Apple | is in | box"), None)])
    assert texts_of(update.retired) == ["apple is in box"]
    assert memory.facts() == ()
    assert memory.history("apple") == update.retired


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_a_lone_surrogate_is_refused_in_every_argument_and_nothing_is_kept(memory: AriGraph, text: str) -> None:
    refused: list[dict[str, Any]] = [
        {"text": text},
        {"text": "x", "source": text},
        {"text": "x", "key": text},
        {"text": "x", "metadata": {text: "x"}},
        {"text": "x", "metadata": {"x": text}},
        {"text": "x", "triplets": [Triplet("a", text, "b")]},
        {"text": "x", "triplets": [], "outdated": [Replacement(Triplet("a", "b", text), None)]},
    ]
    for arguments in refused:
        with pytest.raises(InvalidInput, match="surrogate"):
            memory.remember(**arguments)
    assert memory.episodes() == ()


PARTS = st.text(min_size=1).filter(str.strip)


@given(st.text(), PARTS, PARTS, PARTS, st.text())
def test_any_unicode_text_is_kept_verbatim(text: str, subject: str, relation: str, thing: str, note: str) -> None:
    with AriGraph(embedder=None) as memory:
        update = memory.remember(
            text, triplets=[Triplet(subject, relation, thing)], source=note, metadata={note: text}, key=note
        )
        (fact,) = memory.facts(about=subject)
        assert (fact.subject, fact.relation, fact.object) == (subject, relation, thing)
        assert memory.history(thing) == (fact,) == update.added
        kept = memory.episode(1)
        assert (kept.text, kept.source, kept.metadata) == (text, note, {note: text})
        assert memory.remember("again", key=note) == update


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_text_is_an_event_without_facts(text: str) -> None:
    with AriGraph(embedder=None) as memory:
        update = memory.remember(text, at=3, metadata={"step": 3})
        assert (update.episode.text, update.added, memory.facts()) == (text, (), ())
        assert memory.episodes(where={"step": 3}) == (update.episode,)
        assert memory.recall("step", episodes=9).text == ""


@pytest.mark.parametrize("name", ["subject", "relation", "object"])
@pytest.mark.parametrize("empty", ["", " \n"])
def test_a_triplet_with_an_empty_part_is_refused(name: str, empty: str) -> None:
    triplet = replace(Triplet("apple", "is in", "box"), **{name: empty})
    with AriGraph(embedder=None) as memory:
        with pytest.raises(InvalidInput, match=f"the {name} is empty"):
            memory.remember("x", triplets=[Triplet("box", "is", "red"), triplet])
        assert memory.episodes() == ()


def test_an_unusable_extractor_or_space_is_refused_at_construction() -> None:
    with pytest.raises(InvalidInput, match="extractor='foo' has no method read"):
        AriGraph(extractor="foo", embedder=None)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="space='' is empty"):
        AriGraph(space="", embedder=None)


def test_an_error_about_a_type_names_the_argument() -> None:
    with AriGraph(embedder=None) as memory:
        with pytest.raises(InvalidInput, match=r"^source=3 must be a string, not int$"):
            memory.remember("x", source=3)  # type: ignore[arg-type]
        with pytest.raises(InvalidInput, match=r"^triplets must be a list: \[Triplet\(\.\.\.\)\], not 'x'$"):
            memory.remember("x", triplets="x")  # type: ignore[arg-type]
        with pytest.raises(InvalidInput, match=r"^query=None: give a text, About\(\.\.\.\), or a list of them$"):
            memory.recall(None)  # type: ignore[arg-type]


def test_an_error_about_the_kind_of_time_shows_dates_in_iso_form() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    for first, second, message in (
        (1, at, r"at=2026-05-01T00:00:00\+00:00 is a date, but this space uses whole numbers as times; give a number"),
        (at, 1, "at=1 is a whole number, but this space uses dates as times; give a date"),
    ):
        with AriGraph(embedder=None) as memory:
            memory.remember("x", at=first)
            with pytest.raises(InvalidInput, match=message):
                memory.remember("y", at=second)


@pytest.mark.parametrize("at", [True, False])
def test_a_truth_value_is_no_world_time(at: bool) -> None:
    with AriGraph(embedder=None) as memory, pytest.raises(InvalidInput, match="is not a world time"):
        memory.remember("x", at=at)


class Reader:
    """An extractor with the same reading for every text; it records its arguments."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.known: Sequence[Fact] = ()

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading:
        self.known = known
        return self.reading


def test_the_triplets_of_an_extractor_are_kept_and_checked_like_those_of_a_caller() -> None:
    whole = Reading((triplet("a | b | c"),), (), ("a", "c"), (Query("q", 2), About("a"), "q"), ("Hm.",))
    assert AriGraph(embedder=None, extractor=Reader(whole)).remember("x").reading == whole
    for queries in (["\ud800"], [About("\ud800")], [Query("\ud800")]):
        memory = AriGraph(embedder=None, extractor=Reader(Reading(queries=tuple(queries))))
        with pytest.raises(InvalidInput, match="lone surrogate"):
            memory.remember("x")
        assert memory.episodes() == ()


def test_the_extractor_sees_what_is_known_around_the_names_in_the_text() -> None:
    reader = Reader(Reading())
    memory = AriGraph(embedder=None, extractor=reader)
    remember(
        memory, "red key | is in | Old Box", "Old Box | is in | hall", "hall | has exit | north", "pear | is | red"
    )
    memory.remember("You look at the RED KEY, closely.")
    assert texts_of(reader.known) == ["red key is in Old Box", "Old Box is in hall"]


def test_the_extractor_sees_the_newest_facts_of_a_name_with_many() -> None:
    reader = Reader(Reading())
    memory = AriGraph(embedder=None, extractor=reader)
    memory.remember("x", triplets=[Triplet(f"thing {number}", "is in", "box") for number in range(500)])
    remember(memory, "box | is in | hall", "thing 3 | is | red")
    memory.remember("You look into the box.")
    assert {"box is in hall", "thing 499 is in box"} <= {*texts_of(reader.known)}
    assert "thing 3 is in box" not in texts_of(reader.known)
    assert len(reader.known) < 250


# -- time --------------------------------------------------------------------------------------------------------------


def test_two_clocks_separate_what_was_known_from_what_was_true(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box", at=10)
    remember(memory, "apple | is on | table", at=20)
    assert texts_of(memory.facts("apple", valid_at=19)) == ["apple is in box"]
    assert texts_of(memory.facts("apple", valid_at=20)) == ["apple is on table"]
    assert texts_of(memory.facts("apple", as_of=1, valid_at=20)) == ["apple is in box"]
    assert memory.facts("apple", valid_at=9) == ()


def test_a_late_fact_is_inserted_closed_by_its_replacement(memory: AriGraph) -> None:
    remember(memory, "door | is | closed", at=20)
    late = remember(memory, "door | is | open", at=10)
    assert texts_of(memory.facts()) == ["door is closed"]
    (fact,) = late.added
    assert (fact.valid_from, fact.valid_to, fact.learned_in, fact.retired_in) == (10, 20, 2, 1)
    assert texts_of(memory.facts("door", valid_at=12)) == ["door is open"]
    assert memory.facts("door", as_of=1, valid_at=12) == ()


def test_a_late_fact_without_a_replacement_is_current(memory: AriGraph) -> None:
    remember(memory, "door | is | closed", at=20)
    remember(memory, "key | unlocks | door", at=10)
    assert texts_of(memory.facts("key", valid_at=10)) == ["key unlocks door"]
    assert texts_of(memory.facts("key")) == ["key unlocks door"]


def test_world_time_can_be_dates(memory: AriGraph) -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    remember(memory, "door | is | open", at=noon)
    remember(memory, "door | is | closed", at=noon + timedelta(microseconds=1))
    assert memory.history("door")[0].valid_to == noon + timedelta(microseconds=1)
    assert texts_of(memory.facts(valid_at=noon)) == ["door is open"]


def test_one_space_has_one_kind_of_time(memory: AriGraph) -> None:
    remember(memory, "door | is | open", at=3)
    with pytest.raises(InvalidInput, match="this space uses"):
        remember(memory, "door | is | closed", at=datetime(2024, 5, 1, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="this space uses"):
        memory.facts(valid_at=datetime(2024, 5, 1, tzinfo=UTC))
    assert len(memory.episodes()) == 1


@pytest.mark.parametrize("at", ["monday", 1.5, b"1"])
def test_a_wrong_time_is_refused(memory: AriGraph, at: Any) -> None:
    with pytest.raises(InvalidInput, match='give an int, an aware datetime, a date, or an ISO text such as "2026"'):
        remember(memory, "door | is | open", at=at)
    assert memory.episodes() == ()


def test_a_date_without_a_time_zone_is_refused(memory: AriGraph) -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        remember(memory, "door | is | open", at=datetime(2024, 5, 1))
    remember(memory, "door | is | open", at=4)
    assert memory.episode(1).at == 4


def test_a_view_of_the_past_answers_every_query_as_it_was_then(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box", "box | is in | hall")
    remember(memory, "apple | is on | table", "attic | is north of | hall")
    past = memory.at(1)
    assert texts_of(past.facts("apple")) == ["apple is in box"]
    assert past.history("apple") == past.facts("apple")
    assert texts_of(past.path("apple", "hall")) == ["apple is in box", "box is in hall"]
    assert [known.id for known in past.episodes()] == [1]
    assert past.places() == ()
    assert texts_of(past.recall("where is the apple", threshold=0.0).facts) == ["apple is in box", "box is in hall"]
    assert sorted(past.to_networkx().edges()) == [("apple", "box"), ("box", "hall")]
    assert past.at(2).facts() == past.facts()
    with pytest.raises(InvalidInput, match="no episode 2"):
        past.episode(2)


def test_a_view_of_the_past_cannot_be_written_and_leaves_the_memory_open(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box")
    with memory.at(1) as past, pytest.raises(InvalidInput, match="read-only"):
        past.remember("x", triplets=[])
    assert texts_of(memory.facts()) == ["apple is in box"]


def test_the_memory_is_empty_before_its_first_episode(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box")
    assert memory.at(0).facts() == ()
    with pytest.raises(InvalidInput):
        memory.at(-1)


# -- queries -----------------------------------------------------------------------------------------------------------


def test_facts_about_a_name_are_exactly_those_that_have_it(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box", "red apple | is in | bag", "ann | likes | The Apple", "box | is | open")
    assert texts_of(memory.facts(about="an APPLE")) == ["apple is in box", "ann likes The Apple"]
    assert memory.facts(about="pear") == ()


def test_a_path_follows_facts_in_both_directions(memory: AriGraph) -> None:
    remember(
        memory, "apple | is in | box", "shelf | holds | box", "shelf | is in | hall", "garden | is north of | hall"
    )
    way = ["apple is in box", "shelf holds box", "shelf is in hall", "garden is north of hall"]
    assert texts_of(memory.path("the apple", "garden")) == way
    assert texts_of(memory.path("garden", "apple")) == way[::-1]
    assert memory.path("apple", "the Apple") == memory.path("apple", "moon") == memory.path("moon", "sun") == ()


def test_places_returns_the_map_with_doors_and_their_states(memory: AriGraph) -> None:
    remember(memory, "Hall | has exit | east", "apple | is in | Hall", "oak door | is | red")
    remember(memory, "east exit of Hall | is behind | oak door", "oak door | is | closed", "Attic | is up of | Hall")
    assert [str(place) for place in memory.places()] == [
        "Hall has exit east",
        "east exit of Hall is behind oak door",
        "oak door is closed",
        "Attic is up of Hall",
    ]


def test_networkx_gets_the_current_facts(memory: AriGraph) -> None:
    remember(memory, "The Apple | is in | box", "ann | likes | apple", "ann | Sees | apple")
    remember(memory, "apple | is on | table")
    graph = memory.to_networkx()
    assert set(graph.nodes) == {"The Apple", "ann", "table"}
    assert graph.edges["ann", "The Apple", "sees"] == {
        "relation": "Sees",
        "valid_from": 1,
        "learned_in": 1,
        "episodes": (1,),
    }

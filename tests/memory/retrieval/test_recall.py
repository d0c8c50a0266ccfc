"""What recall returns; its text shows exactly that, within the budget."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne import tokens
from ariadne.memory import About, AriGraph, HashEmbedder, InvalidInput, Query, Recall, Triplet, UnknownFieldWarning
from ariadne.memory.index.weights import WEIGHTS

PLACES = ["box", "hall", "red box", "shelf"]
EVERYWHERE = [About(place) for place in PLACES]


@pytest.fixture(scope="module")
def moves() -> Iterator[AriGraph]:
    """Sixty episodes, by two speakers and of two days, about things that move about."""
    rng = random.Random(0)
    with AriGraph(embedder=HashEmbedder(), ontology="text-world") as memory:
        for number in range(1, 61):
            things = [f"thing {rng.randrange(20)}" for _ in range(rng.randrange(4))]
            stated = [Triplet(thing, "is in", rng.choice(PLACES)) for thing in things]
            metadata = {"day": "monday" if number % 3 else "sunday", "number": str(number)}
            memory.remember(f"Line {number}\nof a diary.", triplets=stated, source="ab"[number % 2], metadata=metadata)
        yield memory


def text_of(recall: Recall) -> str:
    lines = ["Facts:", *(f"- {f.subject} {f.relation} {f.object}" for f in recall.facts)] if recall.facts else []
    shown = [f"[{e.id}{f', {e.source}' if e.source else ''}] {e.text}" for e in recall.episodes]
    lines += ["Episodes:", *shown] if recall.episodes else []
    return "\n".join(lines)


queries = st.one_of(
    st.sampled_from(["thing 1 is in the box", "where is thing 5", "", "the hall and the red box"]),
    st.builds(Query, st.sampled_from(["thing 2", "is in box"]), st.integers(0, 3)),
    st.builds(About, st.sampled_from(["thing 3", "The Box", "no one"])),
)


@given(st.lists(queries, max_size=3), st.integers(0, 400), st.none() | st.integers(0, 30), st.integers(0, 9))
def test_the_text_holds_exactly_what_is_returned_within_the_budget(
    moves: AriGraph, queries: list[str | Query | About], budget: int, facts: int | None, episodes: int
) -> None:
    whole = moves.recall(queries, facts=facts, episodes=episodes)
    fitting = moves.recall(queries, facts=facts, episodes=episodes, max_tokens=budget)
    assert tokens.count(fitting.text) <= budget
    assert (whole.text, fitting.text) == (text_of(whole), text_of(fitting))
    assert fitting.facts == tuple(fact for fact in whole.facts if fact in fitting.facts)
    assert fitting.episodes == tuple(episode for episode in whole.episodes if episode in fitting.episodes)
    assert facts is None or len(whole.facts) <= facts
    assert len(whole.episodes) <= episodes
    assert len(set(whole.facts)) == len(whole.facts)
    assert set(whole.facts) <= set(moves.facts())


def test_no_item_that_fits_is_dropped(moves: AriGraph) -> None:
    whole = moves.recall("where is thing 1?")
    size = tokens.count(whole.text)
    assert moves.recall("where is thing 1?", max_tokens=size) == whole
    less = moves.recall("where is thing 1?", max_tokens=size - 1)
    assert len(less.facts) + len(less.episodes) == len(whole.facts) + len(whole.episodes) - 1


def test_a_text_of_many_scripts_keeps_within_its_budget_too() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("Ключ 🗝️ 鍵", triplets=[Triplet("ключ 🗝️", "is in", "ящик"), Triplet("鍵", "is in", "箱")])
        for budget in range(60):
            assert tokens.count(memory.recall(["ключ", "鍵"], max_tokens=budget).text) <= budget


def test_all_facts_about_a_name_are_recalled_without_a_ranking() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[Triplet(f"thing {number}", "is in", "box") for number in range(100)])
        recall = memory.recall(About("The Box"))
        assert recall.facts == memory.facts("box")
        assert {fact.score for fact in recall.facts} == {1.0}
        assert {fact.why for fact in recall.facts} == {'about "The Box"'}
        assert len(memory.recall("thing is in box", width=100).facts) == 40
        assert len(memory.recall(About("box"), facts=7).facts) == 7


def test_all_facts_about_a_name_are_recalled_although_a_query_found_some_first() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[Triplet(f"thing {number}", "is in", "box") for number in range(100)])
        recall = memory.recall([Query("thing is in box"), About("box")], width=100)
        assert set(recall.facts) == set(memory.facts("box"))


def test_queries_are_served_in_order_and_each_fact_comes_once() -> None:
    with AriGraph(embedder=None) as memory:
        stated = [Triplet("apple", "is in", "box"), Triplet("key", "is in", "box"), Triplet("key", "unlocks", "door")]
        memory.remember("x", triplets=stated)
        recall = memory.recall([About("key"), Query("apple"), About("box")])
        assert [str(fact) for fact in recall.facts] == ["key is in box", "key unlocks door", "apple is in box"]


def test_a_fact_carries_the_reason_why_it_was_recalled() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[Triplet("apple", "is in", "box"), Triplet("box", "is on", "shelf")])
        near, far = memory.recall(Query("apple", 2)).facts
        assert near.why == 'query "apple", hop 1'
        assert far.why == 'query "apple", hop 2 through "box" of "apple is in box"'
        (episode,) = memory.recall(Query("apple", 2)).episodes
        assert episode.score == pytest.approx(WEIGHTS.fact, abs=1e-4)
        assert episode.why == "states 2 of the facts found, the nearest 1.00"
        (episode,) = memory.recall(Query("apple", 2), strategy="paper").episodes
        assert (episode.score, episode.why) == (1.0, "states 2 of the facts found, 2 in all")


def test_where_filters_episodes_and_the_facts_that_they_state(moves: AriGraph) -> None:
    number = str(moves.facts()[0].learned_in)
    for where in ({"source": "a"}, {"day": "sunday"}, {"source": "b", "day": "monday"}, {"number": number}):
        wanted = {
            episode.id
            for episode in moves.episodes()
            if all(dict(episode.metadata, source=episode.source)[name] == value for name, value in where.items())
        }
        recall = moves.recall(EVERYWHERE, where=where, episodes=99)
        assert set(recall.facts) == {fact for fact in moves.facts() if wanted & set(fact.episodes)} != set()
        assert {episode.id for episode in recall.episodes} <= wanted


def test_a_request_that_nothing_matches_recalls_nothing(moves: AriGraph) -> None:
    assert moves.recall([About("box"), "thing 1"], where={"source": "no one"}) == Recall()
    with pytest.warns(UnknownFieldWarning, match="planet"):
        assert moves.recall("thing 1", where={"planet": "mars"}) == Recall()


def test_excluded_episodes_are_left_out_with_the_facts_that_only_they_state(moves: AriGraph) -> None:
    excluded = [episode for fact in moves.facts()[::3] for episode in fact.episodes]
    recall = moves.recall(EVERYWHERE, exclude=excluded, episodes=99)
    left = {fact for fact in moves.facts() if set(fact.episodes) - set(excluded)}
    assert set(recall.facts) == left
    assert 0 < len(left) < len(moves.facts())
    assert not {episode.id for episode in recall.episodes} & set(excluded)


def test_filters_apply_to_the_past_too() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[Triplet("apple", "is in", "box")], source="a")
        memory.remember("y", triplets=[Triplet("apple", "is in", "box")], source="b")
        assert memory.at(1).recall("apple", exclude=[1]) == Recall()
        assert memory.at(1).recall("apple", where={"source": "b"}) == Recall()
        assert memory.recall("apple", exclude=[1]).facts == memory.facts()
        assert memory.recall("apple", as_of=1).facts == memory.at(1).facts()


def test_an_empty_memory_recalls_nothing() -> None:
    for embedder in (HashEmbedder(), None):
        with AriGraph(embedder=embedder) as memory:
            assert memory.recall(["apple", About("apple"), Query("apple", 3)]) == Recall()
            assert memory.recall([]) == Recall()


def test_a_request_records_its_defaults_and_an_error_names_its_argument() -> None:
    with AriGraph(embedder=None) as memory:
        chains, paper = memory.recall("apple").request, memory.recall("apple", strategy="paper").request
        assert chains is not None
        assert paper is not None
        assert (chains.depth, chains.width, chains.threshold, chains.trust, chains.as_of) == (3, 48, 0.1, {}, 0)
        assert (paper.depth, paper.width, paper.threshold) == (2, 6, 0.3)
        for wrong, message in (
            ({"strategy": "best"}, "strategy='best' is unknown: give one of chains, paper"),
            ({"trust": {"Ann": 2}}, "trust['Ann']=2 is out of range: give a weight from 0 to 1"),
            ({"trust": ["Ann"]}, "trust=['Ann'] is no mapping"),
            ({"facts": -1}, "facts"),
        ):
            with pytest.raises(InvalidInput, match=re.escape(message)):
                memory.recall("apple", **wrong)


# -- by its own words --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def diary() -> Iterator[AriGraph]:
    """Six episodes, recalled by words; only the third and the last state facts."""
    texts = [
        ("The ferryman hums an old tune.", "ann"), ("Rain fell on the harbour all night.", "bob"),
        ("The harbour bell is in the tower.", "ann"), ("Nobody saw the ferryman after the rain.", "bob"),
        ("Ключ лежит в ящике, naïve as it is.", "ann"), ("A tower of cards.", "ann"),
    ]  # fmt: skip
    with AriGraph(embedder=None) as memory:
        for number, (text, source) in enumerate(texts, 1):
            facts = {3: [Triplet("harbour bell", "is in", "tower")], 6: [Triplet("tower", "is made of", "cards")]}
            memory.remember(text, triplets=facts.get(number, []), source=source, metadata={"night": str(number % 2)})
        yield memory


def numbers(recall: Recall) -> list[int]:
    return [episode.id for episode in recall.episodes]


@pytest.mark.parametrize(
    ("queries", "found"),
    [
        ("Who hums a TUNE?", [1]),
        ("Where is the ferryman?", [4, 1]),
        ("ferryman in the rain", [4, 2, 1]),
        ("КЛЮЧ", [5]),
        ("naive", [5]),
        ('"tune" OR NOT (hums*', [1]),
        ("submarine", []),
    ],
)
def test_an_episode_without_facts_is_recalled_by_its_words(diary: AriGraph, queries: str, found: list[int]) -> None:
    recall = diary.recall(queries, episodes=9, facts=0, threshold=2, depth=1)
    assert numbers(recall) == found
    assert all(str(episode.why).startswith("its text ") and episode.score for episode in recall.episodes)
    assert numbers(diary.recall(Query(queries), episodes=1, threshold=2)) == found[:1]


@pytest.mark.parametrize("queries", ["Where is it?", "what were they all about", "the of and to", "", "?!", "***"])
def test_function_words_recall_nothing(queries: str) -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("Where is it? What were they? The of and to.", triplets=[])
        assert memory.recall(queries) == Recall()


def test_a_query_about_a_name_brings_the_episodes_that_mention_it(diary: AriGraph) -> None:
    recall = diary.recall(About("the Ferryman"), depth=1)
    assert numbers(recall) == [4, 1]
    assert [episode.why for episode in recall.episodes] == ['mentions "the Ferryman"'] * 2
    assert numbers(diary.recall(About("cards"), episodes=9, depth=1)) == [6]
    assert diary.recall(About("submarine")) == Recall()


def test_the_text_names_source_and_date_of_an_episode() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("The printer is broken.", source="Carla", at=datetime(2026, 11, 24, 12, 5, tzinfo=UTC))
        text = "Episodes:\n[1, Carla, 2026-11-24 12:05Z] The printer is broken."
        assert memory.recall("printer").text == text


def test_episodes_are_linked_by_the_names_that_they_mention() -> None:
    with AriGraph(embedder=None) as memory:
        for source, text in [
            ("Ann", "Hi Carla, my sister Tess moved to Berlin."),
            ("Carla", "The printer is broken again."),
            ("Ann", "Tess adores gardening."),
        ]:
            memory.remember(text, source=source)
        recall = memory.recall("what does Ann's sister do?", episodes=3)
        reasons = [(episode.id, episode.why) for episode in recall.episodes]
        her_words = "its text has 19% of the query's words"
        assert reasons == [
            (1, "the query names its source (0.20); its text has 100% of the query's words"),
            (3, f'the query names its source (0.20); {her_words}; mentions "Tess", as episode 1 does (0.12)'),
            (2, 'mentions "Carla", as episode 1 does (0.12)'),
        ]
        alone = memory.recall("what does Ann's sister do?", episodes=3, depth=1).episodes
        assert [episode.why for episode in alone][1:] == [f"the query names its source (0.20); {her_words}"]


def test_the_episodes_of_several_queries_come_in_turn(diary: AriGraph) -> None:
    recall = diary.recall(["tower bell", "ferryman"], episodes=4, depth=1)
    assert numbers(recall)[0] == 3
    assert set(numbers(recall)[1::2]) == {1, 4}
    assert set(numbers(recall)) == {1, 3, 4, 6}
    assert numbers(diary.recall(["tower bell", "ferryman"], episodes=2, depth=1)) == numbers(recall)[:2]


def test_filtered_and_later_episodes_are_not_recalled_by_their_words(diary: AriGraph) -> None:
    queries = "the ferryman and the rain"
    assert set(numbers(diary.recall(queries, depth=1, episodes=9))) == {1, 2, 4}
    assert set(numbers(diary.recall(queries, depth=1, episodes=9, exclude=[4]))) == {1, 2}
    assert set(numbers(diary.recall(queries, depth=1, episodes=9, as_of=3))) == {1, 2}
    assert set(numbers(diary.at(1).recall(queries, depth=1, episodes=9))) == {1}
    assert set(numbers(diary.recall(queries, depth=1, episodes=9, where={"source": "bob"}))) == {2, 4}
    assert set(numbers(diary.recall(queries, depth=1, episodes=9, where={"night": "1"}))) == {1}
    assert numbers(diary.recall(queries, episodes=0)) == []


def test_the_newest_of_equally_near_episodes_comes_first() -> None:
    with AriGraph(embedder=None) as memory:
        for _ in range(3):
            memory.remember("The ferryman hums.", triplets=[], source=f"{_}")
        assert numbers(memory.recall("ferryman", episodes=2)) == [3, 2]


# -- a question in plain words, without an embedder --------------------------------------------------------------------


@pytest.mark.parametrize("queries", ["where does Maya live?", "who is Maya?", "what do you know about Maya please"])
def test_unknown_words_do_not_hide_the_facts_about_a_name(queries: str) -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("a", triplets=[Triplet("Maya", "lives in", "Lisbon"), Triplet("Tom", "works for", "Nordwind")])
        assert [str(fact) for fact in memory.recall(queries, depth=1).facts] == ["Maya lives in Lisbon"]
        assert memory.recall("where is the submarine?").facts == ()


def test_plurals_match_and_short_forms_are_no_words() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("We have two cats.")
        memory.remember("It's raining.")
        assert numbers(memory.recall("is there a cat?", depth=1)) == [1]
        assert numbers(memory.recall("what's up with Tom's garden?", depth=1)) == []


def test_a_day_is_no_place_and_retires_none() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[Triplet("meeting", "is in", "room 4")])
        memory.remember("The meeting is in room 5 tomorrow.")
        assert [str(fact) for fact in memory.facts("meeting")] == ["meeting is in room 4"]

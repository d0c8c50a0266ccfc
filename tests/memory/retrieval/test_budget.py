"""Long texts in a recall: the best passage comes within the budget, with its place, and something always does."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne import tokens
from ariadne.memory import About, AriGraph, HashEmbedder, Recall, Triplet
from ariadne.memory.retrieval.budget import LEAST_WORDS, Fits, Passages, excerpt, fit_to_budget
from ariadne.memory.retrieval.rendering import render_text
from ariadne.memory.storage.text.passages import PASSAGE
from ariadne.memory.storage.text.sentences import sentences_of, words_of
from ariadne.values import Episode, Observation, Plan, Situation

CHATTER = "We talked about the weather. "
NEEDLE = "My allergist warned me never to take penicillin, because I was very ill after it."
LONG = CHATTER * 170 + NEEDLE + " " + CHATTER * 170
QUESTION = "may I take penicillin?"
EMBEDDERS = [None, HashEmbedder(1024)]
LEAST = 70
"""Tokens for the line of a long text: its place, and a few words."""
SMALL = 30
"""Tokens for a few words alone."""


@pytest.fixture(params=EMBEDDERS, ids=["words", "embedder"])
def memory(request: pytest.FixtureRequest) -> Iterator[AriGraph]:
    with AriGraph(embedder=request.param) as made:
        yield made


def within(memory: AriGraph, most: int, query: str | About = QUESTION, **more: object) -> Recall:
    recall = memory.recall(query, max_tokens=most, **more)  # type: ignore[arg-type]
    assert tokens.count(recall.text) <= most
    return recall


# -- what a user gains -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [LEAST, 100, 200, 500, 2000])
def test_a_sentence_deep_inside_a_long_message_is_recalled_within_the_budget(memory: AriGraph, most: int) -> None:
    memory.remember(LONG, source="Ann")
    memory.remember(CHATTER * 200, source="Bob")
    recall = within(memory, most, episodes=1)
    (episode,) = recall.episodes
    ((start, end),) = episode.passages
    assert episode.text == LONG
    assert "penicillin" in LONG[start:end]
    assert f"[1, Ann, characters {start:,} to {end:,} of {len(LONG):,}]" in recall.text
    assert episode.excerpt in recall.text
    assert len(episode.excerpt) <= PASSAGE + 2


def test_a_long_message_is_whole_where_the_budget_holds_it(memory: AriGraph) -> None:
    memory.remember(LONG)
    whole = memory.recall(QUESTION)
    assert whole.episodes[0].passages == ()
    assert within(memory, tokens.count(whole.text)) == whole
    assert within(memory, tokens.count(whole.text)).text == whole.text
    assert within(memory, tokens.count(whole.text) - 1).episodes[0].passages != ()


def test_several_passages_of_one_text_are_shown_in_its_order(memory: AriGraph) -> None:
    other = "The doctor gave me doxycycline instead of penicillin last year."
    text = CHATTER * 100 + other + " " + CHATTER * 100 + NEEDLE + " " + CHATTER * 100
    memory.remember(text)
    episode = within(memory, 1200, "penicillin doctor allergist warned").episodes[0]
    assert len(episode.passages) > 1
    assert other in episode.excerpt
    assert NEEDLE in episode.excerpt
    assert episode.excerpt.index(other) < episode.excerpt.index(NEEDLE)
    assert " … " in episode.excerpt


def test_a_passage_is_cut_at_sentences_if_it_is_too_long(memory: AriGraph) -> None:
    memory.remember(LONG)
    shown = within(memory, 100).episodes[0].excerpt
    assert NEEDLE in shown
    assert "…" not in shown
    assert shown.endswith(".")


def test_a_sentence_is_cut_at_words_if_it_is_too_long(memory: AriGraph) -> None:
    sentence = " ".join(f"word{number}" for number in range(300)) + " penicillin " + "and so on " * 300
    memory.remember(sentence)
    shown = within(memory, 90).episodes[0].excerpt
    assert "penicillin" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert {*shown.strip("…").split()} <= {*sentence.split()}


def test_a_word_without_blanks_is_cut_inside(memory: AriGraph) -> None:
    memory.remember("penicillin " + "x" * 5000)
    assert within(memory, LEAST).episodes


def test_a_short_message_is_cut_rather_than_left_out(memory: AriGraph) -> None:
    memory.remember(CHATTER * 10 + NEEDLE + " " + CHATTER * 10, source="Ann")
    recall = within(memory, LEAST)
    assert "penicillin" in recall.text
    assert recall.text.startswith("Episodes:\n[1, Ann, characters ")


def test_a_text_that_states_facts_comes_by_the_passage_about_the_queried_name(memory: AriGraph) -> None:
    stated = [Triplet("allergist", "warns of", "penicillin")]
    memory.remember(LONG, triplets=stated, at=datetime(2026, 5, 1, tzinfo=UTC))
    for query, strategy in ((About("allergist"), "chains"), (About("allergist"), "paper"), (QUESTION, "chains")):
        recall = within(memory, 160, query, strategy=strategy)
        assert "allergist warns of penicillin (since 2026-05-01)" in recall.text
        assert NEEDLE in recall.text


@pytest.mark.sample
def test_a_fact_deep_inside_is_found_among_many_long_texts(memory: AriGraph) -> None:
    rng = random.Random(0)
    words = ["".join(rng.choices("abdeiklmnoprstuv", k=6)) for _ in range(400)]
    for number in range(30):
        sentences = [" ".join(rng.sample(words, 8)) + "." for _ in range(100)]
        sentences.insert(60, f"The code of locker {number} is {9000 + number}.")
        memory.remember(" ".join(sentences), source=f"letter {number}")
    found = [f"{9000 + number}" in within(memory, 500, f"code of locker {number}").text for number in range(30)]
    assert sum(found) == 30


def test_what_an_agent_observed_comes_whole_or_not_at_all(memory: AriGraph) -> None:
    memory.remember("The printer hums.", triplets=[Triplet("printer", "is", "loud")])
    memory.remember(LONG, triplets=[], situation=Situation("", "", Observation(LONG), (), Plan()))
    recall = within(memory, 500, "take penicillin or the printer?")
    assert [episode.id for episode in recall.episodes] == [1]
    assert recall.facts


@pytest.mark.parametrize("source", [None, "https://example.org/letters/from/my/allergist.html"])
@pytest.mark.parametrize("most", [SMALL - 5, SMALL, 40, 50, 60])
def test_a_small_budget_shows_useful_words_rather_than_the_place(
    memory: AriGraph, most: int, source: str | None
) -> None:
    memory.remember(LONG, source=source, at=datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    recall = within(memory, most)
    shown = recall.episodes[0].excerpt
    assert "penicillin" in shown
    assert len(shown.split()) >= 5
    assert recall.episodes[0].omitted[:1] == ("place",)


def test_a_short_message_with_an_abbreviation_is_not_cut_after_it(memory: AriGraph) -> None:
    text = "My allergist Dr. Novak warned me never to take penicillin."
    memory.remember(text, source="Ann", at=datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    for most in range(20, 60):
        shown = within(memory, most).text
        assert not shown or "penicillin" in shown
        assert text in shown or most < 45


def test_a_cut_behind_an_ordinal_number_is_marked(memory: AriGraph) -> None:
    memory.remember("Der Zug Nr. 12 fährt am 3. Mai um 14 Uhr vom Gleis 5 nach Hamburg. " + "Es regnet. " * 20)
    shown = [within(memory, most, "Zug Nr. 12").text for most in range(20, 60)]
    assert any(text.endswith("3.…") for text in shown)
    assert not any(text.endswith("3.") for text in shown)


def test_a_goal_of_a_game_comes_whole_or_not_at_all() -> None:
    with AriGraph(embedder=None, ontology="text-world") as memory:
        memory.remember("Take the treasure. The key in Room C fits the locker.", source="goal")
        facts = [Triplet("key", "fits", f"locker {number}") for number in range(9)]
        memory.remember("The keys fit.", triplets=facts)
        most = tokens.count(memory.recall(About("key"), episodes=0).text)
        recalls = [within(memory, each, About("key")) for each in range(most, most + 60, 3)]
        assert {episode.excerpt == episode.text for recall in recalls for episode in recall.episodes} == {True}


# -- laws --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=EMBEDDERS, ids=["words", "embedder"])
def letters(request: pytest.FixtureRequest) -> Iterator[AriGraph]:
    """Short and long texts of several scripts, some with facts."""
    with AriGraph(embedder=request.param) as made:
        for text, facts in (
            (LONG, []), ("The harbour bell rings.", [Triplet("harbour bell", "is in", "tower")]),
            ("Ключ лежит в ящике. " * 120 + "Колокол в башне.", [Triplet("ключ", "is in", "ящик")]),
            ("鍵は箱の中にある。" * 200 + "鐘は塔の上。", []), ("harbour " * 500, []), ("a\n\nb tower\n" * 300, []),
            ("x" * 4000 + " harbour", []), (" \n" * 900 + "harbour", []),
        ):  # fmt: skip
            made.remember(text, triplets=facts, source="Ann")
        yield made


@given(
    st.lists(st.sampled_from(["penicillin", "harbour bell", "колокол", "鐘", "tower", ""]), max_size=3),
    st.integers(0, 150) | st.integers(0, 3000), st.integers(0, 9),
)  # fmt: skip
def test_a_recall_of_long_texts_never_exceeds_its_budget(
    letters: AriGraph, queries: list[str], most: int, episodes: int
) -> None:
    whole = letters.recall([*queries, About("tower")], episodes=episodes)
    recall = letters.recall([*queries, About("tower")], episodes=episodes, max_tokens=most)
    assert tokens.count(recall.text) <= most
    assert recall.text == render_text([*recall.facts, *recall.episodes])
    assert {episode.id for episode in recall.episodes} <= {episode.id for episode in whole.episodes}
    assert recall.text or most < SMALL + 20
    for episode in recall.episodes:
        assert list(episode.passages) == sorted(episode.passages)
        assert all(0 <= start < end <= len(episode.text) for start, end in episode.passages)


@given(st.text("aB .!?\n。", max_size=400), st.integers(0, 120), st.randoms(use_true_random=False))
def test_an_excerpt_fits_and_is_whole_sentences_or_some_words_of_one(
    text: str, most: int, random: random.Random
) -> None:
    def fitting(room: int) -> Fits:
        return lambda span: span[1] - span[0] <= room

    def rank(texts: object) -> list[int]:
        places = list(range(len(texts)))  # type: ignore[arg-type]
        random.shuffle(places)
        return places

    rooms = [most - 20, most - 10, most - 5, most]
    found = excerpt(text, (0, len(text)), [fitting(room) for room in rooms], rank)
    sentences = sentences_of(text, (0, len(text)))
    if found is None:
        assert not sentences or any(end - start > most - 10 for start, end in sentences)
        return
    shape, (start, end) = found
    assert end - start <= rooms[shape]
    edges = {edge for sentence in sentences for edge in sentence}
    assert {start, end} <= edges or len(words_of(text, (start, end))) >= LEAST_WORDS


@given(st.text(max_size=300))
def test_sentences_hold_all_of_a_text_but_the_blanks_between_them(text: str) -> None:
    spans = sentences_of(text, (0, len(text)))
    assert re.sub(r"\s", "", "".join(text[start:end] for start, end in spans)) == re.sub(r"\s", "", text)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)


def test_the_passages_of_a_text_do_not_take_the_place_of_other_items() -> None:
    long = Episode(1, LONG, 1, None, {})
    ranked = Passages({1: [(0, 900), (930, 1800), (1830, 2700)]})
    short = Episode(2, "Hi.", 2, None, {})
    kept = fit_to_budget([], [], [long, short], 800, ranked)
    assert [item.id for item in kept if isinstance(item, Episode)] == [1, 2]
    assert isinstance(kept[0], Episode)
    assert kept[0].passages == ((0, 900), (930, 1800))


def test_a_few_words_of_a_sentence_take_no_room_beside_facts(memory: AriGraph) -> None:
    facts = [Triplet("printer", "is on", f"floor {number}") for number in range(9)]
    memory.remember(CHATTER + "The printer that nobody likes hums " + "very " * 100 + "loudly.", triplets=facts)
    with_facts = memory.recall(About("printer"), episodes=0)
    least = tokens.count(with_facts.text)
    recalls = [within(memory, least + more, About("printer")) for more in range(0, 100, 5)]
    assert all(recall.facts == with_facts.facts for recall in recalls)
    shown = [episode.excerpt for recall in recalls for episode in recall.episodes]
    assert shown
    assert all(len(excerpt) > 90 or excerpt == CHATTER.strip() for excerpt in shown)

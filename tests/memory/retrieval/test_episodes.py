"""The order of episodes: its source, its neighbours, and where its names lead."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ariadne.errors import InvalidInput
from ariadne.memory import AriGraph, Weights
from ariadne.memory.retrieval.episodes import is_proper
from ariadne.memory.retrieval.sources import SPEAKER

SMALL_TALK = ["Hello!", "How was your day?", "It was good.", "What is new?", "Not much."]


def chat(*turns: tuple[str, str], session: str = "evening") -> AriGraph:
    """Return a memory of some small talk of Ann and Ben, and of these turns."""
    memory = AriGraph(embedder=None)
    assert len(SMALL_TALK) >= SPEAKER
    for text in SMALL_TALK:
        memory.remember_dialogue([("Ann", text), ("Ben", text)], session="before")
    memory.remember_dialogue(turns, session=session)
    return memory


def test_the_speaker_in_the_question_comes_first() -> None:
    memory = chat(("Ben", "I went to the lake by bus, Ann!"), ("Ann", "I went to the lake by bicycle."))
    best = memory.recall("How did Ann go to the lake?", episodes=1).episodes[0]
    assert best.source == "Ann"
    assert "the query names its source" in str(best.why)
    assert memory.recall("How did ben's trip to the lake go?", episodes=1).episodes[0].source == "Ben"


def test_a_speaker_is_known_by_the_first_name() -> None:
    memory = AriGraph(embedder=None)
    for text in (*SMALL_TALK, "I went to the lake by bicycle."):
        memory.remember(text, source="Ann Lee")
    memory.remember("I went to the lake by bus, Ann!", source="Ben Ray")
    assert memory.recall("How did Ann go to the lake?", episodes=1).episodes[0].source == "Ann Lee"
    memory.remember("I fly.", source="Ann Sand")
    assert "names its source" not in str(memory.recall("How did Ann go to the lake?", episodes=1).episodes[0].why)


def test_a_source_called_me_is_not_named_by_every_question() -> None:
    memory = chat()
    memory.remember("The lake is cold.", source="Me")
    assert "names its source" not in str(memory.recall("tell me about the lake", episodes=1).episodes[0].why)


def test_a_text_is_found_by_the_title_that_is_its_source() -> None:
    memory = AriGraph(embedder=None)
    memory.remember("It opens at nine and closes at six.", source="Opening hours of the library")
    memory.remember("It opens with a key.", source="The old chest")
    assert memory.recall("opening hours library", episodes=1).episodes[0].text.startswith("It opens at nine")


def test_a_name_of_one_text_remains_in_the_query() -> None:
    memory = AriGraph(embedder=None)
    memory.remember("A game for two.", source="Demon Dice")
    memory.remember("Demon Dice was designed by Lester.", source="Notes")
    found = memory.recall("Who designed Demon Dice?", episodes=2).episodes
    assert {episode.source for episode in found} == {"Demon Dice", "Notes"}


def test_an_answer_without_a_word_of_the_question_comes_by_its_neighbours() -> None:
    memory = chat(("Ben", "Do you still play the violin?"), ("Ann", "Yep, each Sunday!"))
    found = memory.recall("Does Ann play the violin?", episodes=2).episodes
    answer = next(episode for episode in found if "Sunday" in episode.text)
    assert "its neighbours match" in str(answer.why)


def test_turns_of_other_sessions_are_no_neighbours() -> None:
    memory = chat(("Ben", "Do you still play the violin?"))
    memory.remember_dialogue([("Ann", "Yep, each Sunday!")], session="another")
    found = memory.recall("Does Ben play the violin?", episodes=20).episodes
    assert all("neighbours" not in str(episode.why) for episode in found)
    assert not any("Sunday" in episode.text for episode in found)


def test_a_recall_brings_the_turns_around_an_answer() -> None:
    memory = chat(("Ben", "Which instrument?"), ("Ann", "The violin of my aunt."), ("Ben", "Lovely."), ("Ann", "Bye."))
    found = memory.recall("violin", episodes=1, neighbors=1).episodes
    assert [episode.text for episode in found] == ["The violin of my aunt.", "Which instrument?", "Lovely."]
    assert found[1].why == f"is next to episode {found[0].id}"
    with pytest.raises(InvalidInput, match="neighbors=3 is too many"):
        memory.recall("violin", neighbors=3)


def test_the_passages_of_a_document_are_neighbours() -> None:
    memory = AriGraph(embedder=None)
    memory.remember_document("The oven is hot.\n\nTurn it off at noon.\n\nThen clean it.", source="manual", size=25)
    found = memory.recall("noon", episodes=1, neighbors=2).episodes
    assert {episode.text for episode in found} == {"The oven is hot.", "Turn it off at noon.", "Then clean it."}


def test_a_forgotten_neighbour_adds_nothing() -> None:
    memory = chat(("Ben", "Do you still play the violin?"), ("Ann", "Yep, each Sunday!"))
    memory.forget(source="Ben")
    assert not memory.recall("violin", episodes=5).episodes


def test_a_rare_name_leads_to_another_text() -> None:
    memory = AriGraph(embedder=None)
    memory.remember("The lamp was designed by Wilma Krause.", source="Lamps")
    memory.remember("In 1950 Wilma Krause moved to Bergen.", source="People")
    for number in range(5):
        memory.remember(f"Shelf {number} holds books.", source="Shelves")
    found = memory.recall("Where did the designer of the lamp live?", episodes=2).episodes
    assert [episode.source for episode in found] == ["Lamps", "People"]
    assert str(found[1].why).startswith('mentions "Wilma Krause", as episode 1 does')


@pytest.mark.parametrize(
    ("name", "text", "proper"),
    [
        ("Bergen", "She moved to Bergen.", True),
        ("Wilma Krause", "Wilma Krause moved.", True),
        ("Thanks", "Thanks a lot! Thanks.", False),
        ("view", "What a view.", False),
    ],
)
def test_a_word_at_the_beginning_of_a_sentence_is_no_proper_name(name: str, text: str, *, proper: bool) -> None:
    assert is_proper(name, text) is proper


def test_a_budget_is_filled_with_what_matters() -> None:
    memory = AriGraph(embedder=None)
    for number in range(40):
        memory.remember(f"Trip {number}: Ann saw a heron at the lake.", source="diary")
        memory.remember(f"Note {number}: the price of eggs.", source="market")
    assert len(memory.recall("heron at the lake").episodes) == 2
    found = memory.recall("heron at the lake", max_tokens=300)
    assert len(found.episodes) > 8
    assert all("heron" in episode.text for episode in found.episodes)


def test_the_papers_search_finds_texts_without_facts() -> None:
    memory = AriGraph(embedder=None)
    memory.remember("Ann saw a heron at the lake.")
    memory.remember("The price of eggs.")
    found = memory.recall("heron", strategy="paper", episodes=1).episodes
    assert [episode.id for episode in found] == [1]


def test_a_turn_has_a_speaker_and_a_text() -> None:
    memory = AriGraph(embedder=None)
    updates = memory.remember_dialogue([("Ann", "Hi."), ("Ben", "Hello.")], session="s", key="chat 1")
    assert memory.remember_dialogue([("Ann", "Hi."), ("Ben", "Hello.")], session="s", key="chat 1") == updates
    assert [update.episode.metadata for update in updates] == [{"session": "s"}, {"session": "s"}]
    with pytest.raises(InvalidInput, match="is no turn: give a speaker, a text"):
        memory.remember_dialogue([("Ann",)], session="s")  # type: ignore[list-item]


def test_an_edited_turn_keeps_its_place_among_its_neighbours() -> None:
    memory = AriGraph(embedder=None)
    turns = [("Ben", "Did you see the northern lights?"), ("Ann", "Yes."), ("Ben", "I envy you."), ("Ann", "Deal.")]
    memory.remember_dialogue(turns, session="s", key="c")
    memory.remember("Yes, three times!", key="c turn 2", replace=True)
    found = memory.recall("northern lights", episodes=1, neighbors=1).episodes
    assert [episode.text for episode in found] == ["Did you see the northern lights?", "Yes, three times!"]


def test_turns_that_are_left_out_do_not_stand_between_neighbours() -> None:
    memory = AriGraph(embedder=None)
    memory.remember_dialogue([("Ben", "Which lamp?"), ("Eve", "Buy now!"), ("Ann", "The red one.")], session="s")
    found = memory.recall("lamp", episodes=1, neighbors=1, trust={"Eve": 0}).episodes
    assert [episode.text for episode in found] == ["Which lamp?", "The red one."]


def test_a_repeated_turn_is_shown_where_it_stands_in_its_conversation() -> None:
    memory = AriGraph(embedder=None)
    for month, topic in ((5, "the whales"), (6, "the geysers"), (7, "the soup")):
        at = datetime(2026, month, 2, tzinfo=UTC)
        memory.remember_dialogue([("Carla", f"Did you like {topic}?"), ("Ann", "Yes!")], session=topic, at=at)
    found = memory.recall("whales geysers", episodes=2, neighbors=1).episodes
    assert sorted(episode.id for episode in found) == [1, 2, 3, 4]


def test_trusted_episodes_come_although_many_others_are_nearer() -> None:
    memory = AriGraph(embedder=None)
    for number in range(200):
        memory.remember(f"The safe code is {number}.", source="Mallory")
    memory.remember("The code of the safe changes daily.", source="Ann")
    best = memory.recall("safe code is", episodes=1, trust={"Mallory": 0.01}).episodes[0]
    assert best.source == "Ann"


@pytest.mark.parametrize(
    ("source", "query"),
    [("José", "What did Jose like?"), ("@ann", "What did @ann like?"), ("प्रिया", "प्रिया को क्या पसंद है?")],
)
def test_a_source_is_named_in_any_script_and_without_accents(source: str, query: str) -> None:
    memory = AriGraph(embedder=None)
    for text in SMALL_TALK:
        memory.remember(text, source=source)
    assert "the query names its source" in str(memory.recall(query, episodes=1).episodes[0].why)


def test_a_common_word_is_no_speaker() -> None:
    memory = AriGraph(embedder=None)
    for text in SMALL_TALK:
        memory.remember(text, source="user")
    memory.remember("Press + to add a user.", source="assistant")
    assert memory.recall("How do I add a user?", episodes=1).episodes[0].source == "assistant"


def test_each_long_text_comes_by_its_passage_within_a_budget() -> None:
    memory = AriGraph(embedder=None)
    for number in range(6):
        chatter = f"We talked about topic {number}. " * 60
        memory.remember(f"{chatter}The pump {number} was checked. {chatter}")
    found = memory.recall("which pump was checked?", max_tokens=3000).episodes
    assert len(found) == 6


def test_a_view_of_the_past_ranks_as_it_did_then() -> None:
    memory = chat(("Ann", "I like tea."), ("Ben", "I like milk."))
    before = memory.recall("What does Ann like?", episodes=3).episodes
    last = max(episode.id for episode in memory.episodes())
    memory.remember_dialogue([("Ann", f"I like cake number {n}.") for n in range(9)], session="evening")
    after = memory.recall("What does Ann like?", episodes=3, as_of=last).episodes
    assert [(each.id, each.score, each.why) for each in after] == [(each.id, each.score, each.why) for each in before]


def test_each_turn_can_have_its_own_time() -> None:
    memory = AriGraph(embedder=None)
    memory.remember_dialogue([("Ann", "Hi.", "2026-05-02"), ("Ben", "Hello.")], session="s", at="2026-05-03")
    assert [episode.at for episode in memory.episodes()] == [datetime(2026, 5, day, tzinfo=UTC) for day in (2, 3)]
    with pytest.raises(InvalidInput, match="session='' is empty"):
        memory.remember_dialogue([("Ann", "Hi.")], session="")


def test_weights_of_ones_own_change_the_order() -> None:
    memory = chat(("Ben", "I went to the lake by bus, Ann!"), ("Ann", "I went to a lake."))
    assert memory.recall("How did Ann go to the lake by bus?", episodes=1).episodes[0].source == "Ben"
    memory.weights = Weights(source=1.0)
    assert memory.recall("How did Ann go to the lake by bus?", episodes=1).episodes[0].source == "Ann"
    with pytest.raises(InvalidInput, match="give 4 weights"):
        Weights(neighbors=(0.1,))
    with pytest.raises(InvalidInput, match="link=nan"):
        Weights(link=float("nan"))

"""Memories of texts: what each recalls first within its budget; what is in view is not recalled."""

from __future__ import annotations

import pytest

from ariadne import tokens
from ariadne.memory import HashEmbedder
from ariadne.memory.baselines.ablations import WithoutEpisodes, WithoutExploration
from ariadne.memory.baselines.texts import Embedded, History, Rag, Simulacra, Summary, Texts
from ariadne.values import RECENT_STEPS, About, Observation, Plan, Recall, Situation, Step, Update

KINDS = (History, Summary, Rag, Simulacra)
OBSERVATIONS = [
    "> go east\n-= Kitchen =-\nYou see a fridge. The fridge is closed.",
    "> open fridge\nYou open the fridge. In it is a red apple.",
    "> go west\n-= Hall =-\nA lamp stands here. There is a note on the floor.",
    "> read note\nThe note says: the brass key opens the cellar.",
    "> go east\n-= Kitchen =-\nYou see a fridge. The fridge is open.",
    *(f"> wait\nNothing happens, for the {n}th time." for n in range(RECENT_STEPS)),
]


def memory_of(kind: type[Texts], texts: list[str] = OBSERVATIONS) -> Texts:
    memory = kind(embedder=HashEmbedder()) if issubclass(kind, Embedded) else kind()
    memory.remember("Eat the apple.", source="goal")
    for text in texts:
        memory.remember(text)
    return memory


def room_for_one() -> int:
    """Return tokens that hold any one of the first texts with its room header, but no two."""
    return max(tokens.count(f"Episodes:\n[5] -= Kitchen =-\n{text}\n") for text in OBSERVATIONS[:-RECENT_STEPS])


@pytest.mark.parametrize("kind", KINDS)
def test_a_recall_fits_the_budget_comes_oldest_first_and_leaves_out_what_is_in_view(kind: type[Texts]) -> None:
    memory = memory_of(kind)
    whole = memory.recall([About("apple"), "key"])
    numbers = [one.id for one in whole.episodes]
    assert numbers == sorted(numbers)
    assert {*numbers} <= {2, 3, 4, 5, 6}
    assert "Eat the apple" not in whole.text
    for most in (0, 20, 40, 80):
        cut = memory.recall([About("apple"), "key"], max_tokens=most)
        assert tokens.count(cut.text) <= most
        assert all(one.text in cut.text for one in cut.episodes)
    assert 5 not in [one.id for one in memory.recall("key", exclude=[5]).episodes]


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_fits_is_recalled(kind: type[Texts]) -> None:
    memory = memory_of(kind)
    whole = memory.recall([About("apple"), "key"])
    assert memory.recall([About("apple"), "key"], max_tokens=tokens.count(whole.text)) == whole


def test_a_history_drops_the_oldest_first() -> None:
    memory = memory_of(History)
    numbers = [one.id for one in memory.recall("key", max_tokens=60).episodes]
    assert numbers == list(range(7 - len(numbers), 7))
    assert 0 < len(numbers) < 5
    assert len(memory.recall("key").episodes) == 5


def test_rag_recalls_the_text_nearest_to_the_query() -> None:
    memory = memory_of(Rag)
    room = room_for_one()
    assert [one.id for one in memory.recall(["brass key", "cellar"], max_tokens=room).episodes] == [5]
    assert [one.id for one in memory.recall(["red apple"], max_tokens=room).episodes] == [3]


def test_rag_searches_for_the_newest_text_too_where_names_are_queried() -> None:
    room = room_for_one()
    for text, nearest in (("You see a fridge.", 2), ("A red apple.", 3), ("The note says: brass key.", 5)):
        memory = memory_of(Rag, [*OBSERVATIONS, text])
        assert [one.id for one in memory.recall([About("fridge")], max_tokens=room).episodes] == [nearest]


def test_a_summary_has_each_sentence_once_where_it_stood_last() -> None:
    text = memory_of(Summary).recall("fridge").text
    assert text.count("You see a fridge.") == 1
    assert "The fridge is open." in text
    assert "The fridge is closed." not in text  # as the room was described before
    assert "the brass key opens the cellar" in text


def test_simulacra_recall_by_importance_relevance_and_recency() -> None:
    memory = memory_of(Simulacra)
    room = tokens.count(f"Episodes:\n[4] {OBSERVATIONS[2]}\n")
    before = [one.id for one in memory.recall([], max_tokens=room).episodes]
    thought = next(one for one in memory.recall([]).episodes if one.id not in before)
    seen = Observation("Nothing happens.")
    empty = Update(thought, memory.remember("x").reading)
    step = Step(1, seen, empty, (), Recall(episodes=(thought,)), Plan(), None)  # type: ignore[arg-type]
    for _ in range(3):
        memory.remember("Nothing happens.", situation=Situation("", "", seen, (step,), Plan()))
    whole = [one.id for one in memory.recall([], max_tokens=10_000).episodes]
    assert thought.id in whole
    assert memory.at(9).recall([]).episodes == memory_of(Simulacra, OBSERVATIONS[:8]).recall([]).episodes


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_of_the_past_recalls_as_the_memory_did_then(kind: type[Texts]) -> None:
    then = memory_of(kind).at(8)
    assert then.recall("apple") == memory_of(kind, OBSERVATIONS[:7]).recall("apple")


def test_an_ablation_recalls_all_but_its_part() -> None:
    text = "> go east\n-= Hall =-\nYou see a lamp. There is an exit to the east. There is an open door leading west."
    with WithoutEpisodes(embedder=None) as memory:
        memory.remember(text)
        recalled = memory.recall(["Hall", About("lamp")])
        assert recalled.facts
        assert recalled.episodes == ()
    with WithoutExploration(embedder=None) as memory:
        memory.remember(text)
        recalled = memory.recall([About("Hall")])
        assert {fact.relation for fact in recalled.facts}.isdisjoint(("has exit", "is behind"))
        assert {triplet.relation for triplet in memory.places()}.isdisjoint(("has exit", "is behind"))
        assert "lamp is in Hall" in recalled.text
        assert any(fact.relation == "has exit" for fact in memory.facts())
        assert memory.recall([About("Hall")], max_tokens=tokens.count(recalled.text)).text == recalled.text


def test_a_text_without_its_predecessor_carries_the_header_of_its_room() -> None:
    memory = memory_of(Rag)
    whole = memory.recall("key")
    assert [one.text for one in whole.episodes] == OBSERVATIONS[:5]  # each text names the room where the next begins
    without = memory.recall("key", exclude=[4])
    assert [one.text for one in without.episodes] == [
        *OBSERVATIONS[:2],
        f"-= Hall =-\n{OBSERVATIONS[3]}",
        OBSERVATIONS[4],
    ]
    assert "[5] -= Hall =-\n> read note" in without.text


def test_a_summary_that_leaves_out_part_of_a_walk_puts_no_room_beside_another() -> None:
    walk = "> go north\n-= A =-\nA hall.\n> go east\n-= B =-\nA den."
    walks = ["> go up\n-= A =-\nA hall.", "> go east\n-= B =-\nA den.", "> go west\n-= A =-\nA hall."]
    memory = memory_of(
        Summary, ["> look\n-= S =-\nStart.", walk, "> go south\n-= C =-\nA cellar.", *walks, *OBSERVATIONS[5:]]
    )
    assert "-= B =-\n> go south\n-= C =-" in memory.recall("cellar").text


def test_a_summary_keeps_the_commands_into_a_room_and_its_last_description() -> None:
    walks = [
        "> go east\n-= Den =-\nA den, with a bed.",
        "> go west\n-= Hall =-\nA hall.",
        "> go north\n-= Attic =-\nDust.",
    ]
    memory = memory_of(
        Summary, [walks[1], walks[0], walks[1], walks[2], "> go down\n-= Hall =-\nA swept hall.", *OBSERVATIONS[5:]]
    )
    assert [one.text for one in memory.recall("hall").episodes] == [
        f"-= Hall =-\n{walks[0]}", "> go west\n-= Hall =-", walks[2], "> go down\n-= Hall =-\nA swept hall."
    ]  # fmt: skip

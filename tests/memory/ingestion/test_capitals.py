"""The capitals of names in a reading."""

from __future__ import annotations

import pytest

from ariadne.memory import AriGraph, Triplet


def kept(text: str, *triplets: tuple[str, str, str]) -> list[str]:
    """Return the names in the facts of a text, in their order."""
    with AriGraph(embedder=None) as memory:
        memory.remember(text, triplets=[Triplet(*each) for each in triplets])
        return [name for fact in memory.facts() for name in fact.triplet.ends]


@pytest.mark.parametrize(
    ("text", "triplet", "expected"),
    [
        # The reading keeps the case of other names, so it is believed.
        ("Turkey is in Asia.", ("Turkey", "is in", "Asia"), ["Turkey", "Asia"]),
        ("The turkey is in the oven.", ("turkey", "is in", "oven"), ["turkey", "oven"]),
        ("Ann speaks polish.", ("Ann", "speaks", "Polish"), ["Ann", "Polish"]),
        # The reading changes the case of other names, so the text decides.
        ("Mark lives in Graz.", ("mark", "LIVES_IN", "GRAZ"), ["Mark", "GRAZ"]),
        ("She works for Apple in Cork.", ("she", "works for", "apple"), ["she", "Apple"]),
        ("We put some turkey and rice in the oven.", ("Turkey", "Is In", "Oven"), ["turkey", "Oven"]),
        ("Give it to IT at Acme.", ("it", "is part of", "acme"), ["it", "acme"]),
        # An article marks the ordinary word, also where the reading is believed.
        ("The target is 5 percent for Ann.", ("Target", "is for", "Ann"), ["target", "Ann"]),
        # A text without capitals is no evidence, but a person needs no article.
        ("mark moved to graz", ("mark", "moved to", "graz"), ["Mark", "graz"]),
        ("the mark is on the wall", ("mark", "is on", "wall"), ["mark", "wall"]),
        ("THE CHINA IS IN THE BOX", ("CHINA", "IS IN", "BOX"), ["china", "BOX"]),
        # A text that does not have the names is no evidence.
        ("1", ("US", "is in", "NATO"), ["US", "NATO"]),
    ],
)
def test_a_name_has_the_capitals_of_its_text(text: str, triplet: tuple[str, str, str], expected: list[str]) -> None:
    assert kept(text, triplet) == expected


def test_capitals_make_no_other_name_in_a_game() -> None:
    assert kept("> look\nApple on table.", ("Apple", "is on", "table")) == ["apple", "table"]
    with AriGraph(embedder=None, ontology="text-world") as memory:
        memory.remember("An apple.", triplets=[Triplet("apple", "is in", "box")])
        memory.remember("Apple!", triplets=[Triplet("Apple", "is on", "table")])
        assert list(map(str, memory.facts("apple"))) == ["apple is on table"]


def test_a_company_and_a_fruit_are_two_names() -> None:
    with AriGraph(embedder=None, ontology="everyday") as memory:
        memory.remember("Apple is in Cupertino.", triplets=[Triplet("Apple", "is in", "Cupertino")])
        memory.remember("The apple is in the bowl.", triplets=[Triplet("the apple", "is in", "the bowl")])
        assert list(map(str, memory.facts("Apple"))) == ["Apple is in Cupertino"]
        assert list(map(str, memory.facts("an apple"))) == ["the apple is in the bowl"]
        recall = memory.recall("Who founded Apple?", facts=1)
        assert list(map(str, recall.facts)) == ["Apple is in Cupertino"]


def test_a_query_finds_a_name_that_is_known_with_other_capitals_alone() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("China is in Asia.", triplets=[Triplet("China", "is in", "Asia")])
        assert memory.facts("china") == memory.facts("China") != ()
        assert memory.path("china", "asia") == memory.facts()
        assert memory.episodes("china")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_the_order_of_the_texts_decides_nothing(order: tuple[int, ...]) -> None:
    stated = [("China", "is in", "Asia"), ("the china", "is in", "the sideboard"), ("China", "borders", "Nepal")]
    with AriGraph(embedder=None, ontology="everyday") as memory:
        for place in order:
            memory.remember("noted", triplets=[Triplet(*stated[place])])
        assert sorted(map(str, memory.facts("China"))) == ["China borders Nepal", "China is in Asia"]
        assert list(map(str, memory.facts("the china"))) == ["the china is in the sideboard"]

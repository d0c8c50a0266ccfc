"""The slots of text worlds: which relations state a place or a state, and what a user may add."""

from __future__ import annotations

import pytest

from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.ontology.ontology import packaged, parse
from ariadne.memory.ontology.slots import Slots, SlotValue
from ariadne.values import Triplet

SLOTS = Slots(packaged("text-world"))


def triplet(line: str) -> Triplet:
    return Triplet(*(part.strip() for part in line.split("|")))


def place(line: str) -> tuple[str, str] | None:
    """Return the thing and the place that a triplet states."""
    found = SLOTS.places(triplet(line))
    return (found[0].thing, found[0].value) if found else None


@pytest.mark.parametrize(
    "relation",
    [
        "is in", "is on", "are on", "is at", "in", "lies in", "sits on", "hangs on", "rests upon", "is inside",
        "is within", "is now in", "is now located in", "is currently placed on", "is still lying on", "are kept in",
        "is stored inside", "is on top of", "IS IN", " is in ",
    ],
)  # fmt: skip
def test_many_relations_state_the_place_of_their_subject(relation: str) -> None:
    assert place(f"knife | {relation} | table") == ("knife", "table")


@pytest.mark.parametrize(
    "relation",
    ["contains", "holds", "carries", "is holding", "containing", "has on it", "has on top", "has items in it",
     "has item", "has inside"],
)  # fmt: skip
def test_many_relations_state_the_place_of_their_object(relation: str) -> None:
    assert place(f"table | {relation} | knife") == ("knife", "table")


@pytest.mark.parametrize(
    "relation", ["is near", "is behind", "is made in", "is into", "unlocks", "says", "is inn", "is held"]
)
def test_other_relations_state_no_place(relation: str) -> None:
    assert place(f"knife | {relation} | table") is None


@pytest.mark.parametrize(
    "line",
    [
        "knife | is in | inventory", "knife | is in | player's inventory", "knife | is in | your hands",
        "knife | is carried by | player", "knife | is now held by | you", "I | have | the knife",
        "player | has | knife", "player | is carrying | knife", "inventory | contains | a knife",
        "player | has in inventory | knife", "player | has in hand | knife",
    ],
)  # fmt: skip
def test_the_hands_have_many_names(line: str) -> None:
    assert place(line) == ("knife", "inventory")


def test_the_ground_has_two_names() -> None:
    assert place("knife | is on | floor") == place("knife | lies on | the ground") == ("knife", "floor")


def test_the_relation_has_states_a_weak_place() -> None:
    assert SLOTS.places(triplet("chest | has | lid")) == [SlotValue("lid", "place", "chest", weak=True, nested=True)]


@pytest.mark.parametrize(
    ("line", "states"),
    [
        ("door | is | open", {"open"}),
        ("door | is | opened", {"open"}),
        ("doors | are | shut", {"closed"}),
        ("door | is now | locked", {"locked"}),
        ("door | is locked | none", {"locked"}),
        ("door | is currently open | true", {"open"}),
        ("potato | is | fried", {"fried"}),
        ("stove | is | on", {"on"}),
        ("door | is | red", set()),
        ("door | is locked with | iron key", set()),
        ("door | is locked | iron key", set()),
        ("door | was | open", set()),
    ],
)
def test_a_state_may_be_stated_in_several_forms(line: str, states: set[str]) -> None:
    assert {found.value for found in SLOTS.values(triplet(line))} == states


@pytest.mark.parametrize(
    ("name", "states", "bare"),
    [
        ("diced raw Red potato", ["diced", "raw"], "Red potato"),
        ("Raw", [], "Raw"),
        ("Red raw potato", [], "Red raw potato"),
        ("raw diced", ["raw"], "diced"),
    ],
)
def test_food_states_are_split_from_the_name_behind_them(name: str, states: list[str], bare: str) -> None:
    assert SLOTS.split_food_states(name) == (states, bare)


def test_states_before_a_name_are_not_part_of_it() -> None:
    bare = {"the open chest": "chest", "diced raw potato": "potato", "raw": "raw", "openable chest": "openable chest"}
    assert {name: SLOTS.without_states(name) for name in bare} == bare


@pytest.mark.parametrize(
    ("line", "used_up"),
    [
        ("apple | is | eaten", "apple"),
        ("apple | was eaten by | player", "apple"),
        ("apple | was eaten | by player", "apple"),
        ("apples | have been | consumed", "apples"),
        ("player | ate | the apple", "apple"),
        ("You | drank | milk", "milk"),
        ("apple | is | tasty", None),
        ("player | eats at | home", None),
    ],
)
def test_a_thing_may_be_used_up_in_several_forms(line: str, used_up: str | None) -> None:
    assert SLOTS.used_up(triplet(line)) == used_up


def test_a_full_stop_is_not_part_of_a_name() -> None:
    assert triplet_key(Triplet("Knife.", "is in", "the drawer.")) == ("knife", "is in", "drawer")


def test_a_user_may_extend_an_ontology() -> None:
    mine = """
name = "mine"
extends = ["text-world"]
states = [["glad", "sad"]]
[[relation]]
slot = "place"
phrases = ["dwells in"]
[[relation]]
slot = "place"
of = "object"
phrases = ["is home to"]
"""
    slots = Slots(parse(mine))
    home = [SlotValue("cat", "place", "barn", nested=True)]
    assert slots.places(triplet("cat | dwells in | barn")) == home
    assert slots.places(triplet("barn | is home to | cat")) == home
    assert slots.places(triplet("cat | is in | your hands")) == [SlotValue("cat", "place", "inventory", nested=True)]
    assert slots.values(triplet("cat | is | sad")) == (SlotValue("cat", "glad sad", "sad"),)


def test_the_open_ontology_has_no_slots() -> None:
    slots = Slots(packaged("open"))
    assert slots.values(triplet("apple | is in | box")) == slots.values(triplet("box | is | open")) == ()
    assert (slots.used_up(triplet("apple | is | eaten")), slots.without_states("raw apple")) == (None, "raw apple")


@pytest.mark.parametrize("name", ["text-world", "everyday", "open"])
@pytest.mark.parametrize(
    "line",
    [
        "apple | is in | box", "box | contains | apple", "chest | has | lid", "Ann | drops | key", "door | is | open",
        "door | is now open | none", "door | is not | open", "Ann | left | Rome", "Ann | works for | Acme",
        "Ann | WORKS_FOR | Acme", "Ann | no longer works for | Acme", "Ann | doesn't live in | Rome",
        "Ann | is married to | Lars", "Ann | is not married to | Lars", "Ann | speaks | Tamil", "Ann | owns | Rex",
        "Ann | stopped | smoking", "phone | costs | $ 20", "Ann | favourite colour is | red",
    ],
)  # fmt: skip
def test_the_relation_of_a_triplet_names_all_slots_that_the_triplet_fills_denies_or_ends(name: str, line: str) -> None:
    slots, stated = Slots(packaged(name)), triplet(line)
    states = {" ".join(sorted(group)) for group in packaged(name).extended().states}
    subject, relation, value = triplet_key(stated)
    of_subject, of_object = slots.kinds_of_relation(relation)
    kinds = {value: of_object, subject: of_subject}
    for each in (*slots.values(stated), *slots.denied_values(stated)):
        assert each.many or ("is" if each.kind in states else each.kind) in kinds[each.thing]
    assert {end.kind for end in slots.ends(stated)} <= of_subject

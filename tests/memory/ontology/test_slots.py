"""The table of slots: which ways of saying it tell a place or a state, and what a user may add."""

from __future__ import annotations

import pytest

from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.ontology.slots import TABLE, Filled, Slots
from ariadne.values import Triplet

SLOTS = Slots()


def triplet(line: str) -> Triplet:
    return Triplet(*(part.strip() for part in line.split("|")))


def place(line: str) -> tuple[str, str] | None:
    """The thing and the place that a triplet tells of."""
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
def test_a_place_may_be_said_of_the_thing_in_many_ways(relation: str) -> None:
    assert place(f"knife | {relation} | table") == ("knife", "table")


@pytest.mark.parametrize(
    "relation",
    ["contains", "holds", "carries", "is holding", "containing", "has on it", "has on top", "has items in it",
     "has item", "has inside"],
)  # fmt: skip
def test_a_place_may_be_said_of_the_holder_in_many_ways(relation: str) -> None:
    assert place(f"table | {relation} | knife") == ("knife", "table")


@pytest.mark.parametrize(
    "relation", ["is near", "is behind", "is made in", "is into", "unlocks", "says", "is inn", "is held"]
)
def test_what_only_sounds_like_a_place_is_none(relation: str) -> None:
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


def test_to_have_tells_a_place_that_only_yields() -> None:
    assert SLOTS.places(triplet("chest | has | lid")) == [Filled("lid", "place", "chest", weak=True)]


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
def test_a_state_may_be_said_in_several_ways(line: str, states: set[str]) -> None:
    assert {filled.value for filled in SLOTS.fills(triplet(line))} == states


@pytest.mark.parametrize(
    ("name", "looks", "bare"),
    [
        ("diced raw Red potato", ["diced", "raw"], "Red potato"),
        ("Raw", [], "Raw"),
        ("Red raw potato", [], "Red raw potato"),
        ("raw diced", ["raw"], "diced"),
    ],
)
def test_looks_are_told_apart_from_the_name_that_they_stand_before(name: str, looks: list[str], bare: str) -> None:
    assert SLOTS.looks_of(name) == (looks, bare)


def test_states_before_a_name_are_no_part_of_what_it_is_known_by() -> None:
    bare = {"the open chest": "chest", "diced raw potato": "potato", "raw": "raw", "openable chest": "openable chest"}
    assert {name: SLOTS.bare(name) for name in bare} == bare


@pytest.mark.parametrize(
    ("line", "gone"),
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
def test_what_is_no_more_is_told_in_several_ways(line: str, gone: str | None) -> None:
    assert SLOTS.gone(triplet(line)) == gone


def test_a_name_is_the_same_with_a_full_stop_behind_it() -> None:
    assert triplet_key(Triplet("Knife.", "is in", "the drawer.")) == ("knife", "is in", "drawer")


def test_a_user_may_add_to_each_kind_of_line() -> None:
    added = ("place of subject: dwells in", "place of object: is home to", "hands: backpack", "states: glad; sad")
    slots = Slots("\n".join([TABLE, *added, "looks: ripe; unripe"]))
    assert slots.places(triplet("cat | dwells in | barn")) == [Filled("cat", "place", "barn")]
    assert slots.places(triplet("barn | is home to | cat")) == [Filled("cat", "place", "barn")]
    assert slots.places(triplet("cat | is in | backpack")) == [Filled("cat", "place", "inventory")]
    assert slots.fills(triplet("cat | is | sad")) == (Filled("cat", "glad sad", "sad"),)
    assert slots.looks_of("ripe pear") == (["ripe"], "pear")


def test_a_table_without_lines_finds_nothing() -> None:
    slots = Slots("")
    assert slots.fills(triplet("apple | is in | box")) == slots.fills(triplet("box | is | open")) == ()
    assert (slots.gone(triplet("apple | is | eaten")), slots.bare("raw apple")) == (None, "raw apple")


@pytest.mark.parametrize("line", ["one thing: works for", "works for", "states glad; sad", "state: glad; sad"])
def test_a_line_that_cannot_be_read_is_named_with_the_heads_there_are(line: str) -> None:
    with pytest.raises(ValueError, match=r"a line begins with one of .*one object, .*states, and a colon") as told:
        Slots(f"{TABLE}{line}")
    assert repr(line) in str(told.value)

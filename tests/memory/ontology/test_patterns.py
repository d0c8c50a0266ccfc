"""The small language that sentences are taught in."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ariadne.memory.extraction.tables.instructions import INSTRUCTED, SILENT_INSTRUCTIONS
from ariadne.memory.extraction.tables.notes import TOLD
from ariadne.memory.extraction.tables.phrasings import ANSWERED, DESCRIBED, LOOKS, RECIPE, SURVEYED
from ariadne.memory.extraction.tables.silence import SILENT
from ariadne.memory.ontology.patterns import names_in, table, without_article

FRAGMENTS = {"head": "[Luckily, ]", "see": "(see|make out)", "tail": "[, so there's that]", "look": "(look|{see})"}


def read(line: str, sentence: str, scene: Mapping[str, str] | None = None) -> list[str] | None:
    (pattern,) = table(line, FRAGMENTS)
    told = pattern.read(sentence, {"here": "Hall"} if scene is None else scene)
    return None if told is None else [str(triplet) for triplet in told]


def test_a_line_tells_its_triplets_of_the_whole_sentence_only() -> None:
    line = "You drop the <thing> => <thing> | is in | <here>"
    assert read(line, "You drop the red sock.") == ["red sock is in Hall"]
    assert read(line, "you DROP the red sock, so there's that!") == ["red sock is in Hall"]
    assert read(line, "Luckily, you drop the red sock.") == ["red sock is in Hall"]
    assert read(line, "You drop the red sock. It lands.") is None
    assert read(line, "Did you drop the red sock?") is None


def test_words_in_brackets_may_be_missing_and_alternatives_are_either() -> None:
    line = "You (take|get) the <thing>[ from the ground] => <thing> | is in | inventory"
    for sentence in ("You take the key", "You get the key from the ground", "You take key."):
        assert read(line, sentence) == ["key is in inventory"]
    assert read(line, "You steal the key") is None


def test_fragments_may_use_fragments() -> None:
    line = "You {look} a <thing> => <thing> | is in | <here>"
    assert read(line, "You make out an oak chest.") == ["oak chest is in Hall"]
    assert read(line, "You look some salt") == ["salt is in Hall"]
    assert read(line, "You see oak chest") is None


def test_several_things_are_told_one_by_one() -> None:
    line = "You see <things> on the <holder> => <things> | is on | <holder>; <holder> | is in | <here>"
    told = read(line, "You see a key, some salt and an old note 3 on the bed.")
    assert told == ["key is on bed", "salt is on bed", "old note 3 is on bed", "bed is in Hall"]


def test_directions_and_states_are_read_as_words_of_their_own() -> None:
    line = "Exits lie to the <directions> => <here> | has exit | <directions>"
    assert read(line, "Exits lie to the North, southeast and up.") == [
        "Hall has exit north",
        "Hall has exit southeast",
        "Hall has exit up",
    ]
    assert read(line, "Exits lie to the moon") is None
    assert read("The <thing> is <state> => <thing> | is | <state>", "The box is Opened") == ["box is open"]


def test_how_a_thing_looks_joins_its_name_unless_it_looks_ordinary() -> None:
    line = "You see a <looks> looking <thing> => <thing> | is in | <here>"
    assert read(line, "You see a rusty looking safe.") == ["rusty safe is in Hall", "safe is known as rusty safe"]
    assert read(line, "You see a normal looking safe.") == ["safe is in Hall"]


def test_a_pronoun_points_back_to_what_the_scene_last_spoke_of() -> None:
    line = "The <key> unlocks the <lock> => <key> | unlocks | <lock>"
    scene = {"it as lock": "Red locker", "last key": "Key 2"}
    assert read(line, "This key unlocks it.", scene) == ["Key 2 unlocks Red locker"]
    assert read(line, "Key 1 unlocks the box", scene) == ["Key 1 unlocks box"]


def test_a_sentence_about_nothing_in_the_scene_is_not_understood() -> None:
    assert read("It is <state> => <it> | is | <state>", "It is open.", {}) is None
    assert read("It is <state> => <it> | is | <state>", "It is open.", {"it": "box"}) == ["box is open"]


@pytest.mark.parametrize(
    "clause",
    ["it", "one of the boxes", "what you want", "that which is here", "one two three four five six seven eight"],
)
def test_what_cannot_be_a_name_is_told_of_nobody(clause: str) -> None:
    assert read("You take the <thing> => <thing> | is in | inventory", f"You take {clause}") is None


def test_a_line_without_triplets_says_nothing_of_the_world() -> None:
    assert read("You hear <any> in the distance", "You hear a dog in the distance.") == []


def test_comments_and_empty_lines_are_no_patterns() -> None:
    assert len(table("# Keys\n\n  You wait \n", FRAGMENTS)) == 1


def test_a_line_with_half_a_triplet_is_named() -> None:
    with pytest.raises(ValueError, match=r"three parts: '<thing> \| is'"):
        table("The <thing> shines => <thing> | is", FRAGMENTS)


def test_a_sentence_that_is_none_of_the_language_is_named_where_it_is_first_tried() -> None:
    with pytest.raises(ValueError, match=r"cannot be read: .*The \(<thing> shines"):
        read("The (<thing> shines", "The lamp shines")


def test_each_sentence_of_our_tables_is_one_of_the_language() -> None:
    ours = (INSTRUCTED, SILENT_INSTRUCTIONS, TOLD, DESCRIBED, SURVEYED, LOOKS, ANSWERED, SILENT, *RECIPE.values())
    assert all(pattern.regex.pattern for patterns in ours for pattern in patterns)


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("a key", ["key"]),
        ("a key, a note and some salt", ["key", "note", "salt"]),
        ("some salt and pepper", ["salt and pepper"]),
        ("a key, a bed and breakfast and an apple", ["key", "bed and breakfast", "apple"]),
        ("keys, notes and salt", ["keys", "notes", "salt"]),
        ("a lamp (providing light) and a key", ["lamp", "key"]),
    ],
)
def test_a_list_is_read_as_its_names(listed: str, names: list[str]) -> None:
    assert names_in(listed) == names


def test_an_article_is_no_part_of_a_name() -> None:
    named = {"the Key": "Key", "An apple": "apple", "theatre": "theatre", "a": "a"}
    assert {name: without_article(name) for name in named} == named

"""The pattern language of the sentence tables."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ariadne.memory.ontology.patterns import parse_table, parse_tables, split_names, without_article
from ariadne.values import Triplet

FRAGMENTS = {"head": "[Luckily, ]", "see": "(see|make out)", "tail": "[, so there's that]", "look": "(look|{see})"}


def read(line: str, sentence: str, context: Mapping[str, str] | None = None) -> list[str] | None:
    (pattern,) = parse_table(line, FRAGMENTS)
    triplets = pattern.read(sentence, {"here": "Hall"} if context is None else context)
    return None if triplets is None else [str(triplet) for triplet in triplets]


def test_a_pattern_matches_whole_sentences_only() -> None:
    line = "You drop the <thing> => <thing> | is in | <here>"
    assert read(line, "You drop the red sock.") == ["red sock is in Hall"]
    assert read(line, "you DROP the red sock, so there's that!") == ["red sock is in Hall"]
    assert read(line, "Luckily, you drop the red sock.") == ["red sock is in Hall"]
    assert read(line, "You drop the red sock. It lands.") is None
    assert read(line, "Did you drop the red sock?") is None


def test_brackets_are_optional_and_parentheses_are_a_choice() -> None:
    line = "You (take|get) the <thing>[ from the ground] => <thing> | is in | inventory"
    for sentence in ("You take the key", "You get the key from the ground", "You take key."):
        assert read(line, sentence) == ["key is in inventory"]
    assert read(line, "You steal the key") is None


def test_fragments_may_use_fragments() -> None:
    line = "You {look} a <thing> => <thing> | is in | <here>"
    assert read(line, "You make out an oak chest.") == ["oak chest is in Hall"]
    assert read(line, "You look some salt") == ["salt is in Hall"]
    assert read(line, "You see oak chest") is None


def test_a_list_of_things_gives_a_triplet_for_each() -> None:
    line = "You see <things> on the <holder> => <things> | is on | <holder>; <holder> | is in | <here>"
    triplets = read(line, "You see a key, some salt and an old note 3 on the bed.")
    assert triplets == ["key is on bed", "salt is on bed", "old note 3 is on bed", "bed is in Hall"]


def test_directions_and_states_match_only_their_own_words() -> None:
    line = "Exits lie to the <directions> => <here> | has exit | <directions>"
    assert read(line, "Exits lie to the North, southeast and up.") == [
        "Hall has exit north",
        "Hall has exit southeast",
        "Hall has exit up",
    ]
    assert read(line, "Exits lie to the moon") is None
    assert read("The <thing> is <state> => <thing> | is | <state>", "The box is Opened") == ["box is open"]


def test_an_appearance_joins_the_name_unless_it_is_ordinary() -> None:
    line = "You see a <appearance> looking <thing> => <thing> | is in | <here>"
    assert read(line, "You see a rusty looking safe.") == ["rusty safe is in Hall", "safe is known as rusty safe"]
    assert read(line, "You see a normal looking safe.") == ["safe is in Hall"]


def test_the_context_resolves_a_pronoun() -> None:
    line = "The <key> unlocks the <lock> => <key> | unlocks | <lock>"
    context = {"it as lock": "Red locker", "last key": "Key 2"}
    assert read(line, "This key unlocks it.", context) == ["Key 2 unlocks Red locker"]
    assert read(line, "Key 1 unlocks the box", context) == ["Key 1 unlocks box"]


def test_a_sentence_is_not_read_if_the_context_lacks_a_name() -> None:
    assert read("It is <state> => <it> | is | <state>", "It is open.", {}) is None
    assert read("It is <state> => <it> | is | <state>", "It is open.", {"it": "box"}) == ["box is open"]


@pytest.mark.parametrize(
    "clause",
    ["it", "one of the boxes", "what you want", "that which is here", "one two three four five six seven eight"],
)
def test_pronouns_and_clauses_are_not_names(clause: str) -> None:
    assert read("You take the <thing> => <thing> | is in | inventory", f"You take {clause}") is None


def test_a_line_without_triplets_reads_a_silent_sentence() -> None:
    assert read("You hear <any> in the distance", "You hear a dog in the distance.") == []


def test_comments_and_empty_lines_are_not_patterns() -> None:
    assert len(parse_table("# Keys\n\n  You wait \n", FRAGMENTS)) == 1


def test_the_error_for_an_incomplete_triplet_names_the_line() -> None:
    with pytest.raises(ValueError, match=r"three parts: '<thing> \| is'"):
        parse_table("The <thing> shines => <thing> | is", FRAGMENTS)


def test_the_error_for_an_unreadable_sentence_comes_at_the_first_try() -> None:
    with pytest.raises(ValueError, match=r"The \(<thing> shines.* cannot be read"):
        read("The (<thing> shines", "The lamp shines")


def test_a_table_may_define_its_own_fragments() -> None:
    lines = "{head} = [Then ]\n{take} = (take|get)\nyou {take} the <thing> => <thing> | is in | inventory"
    assert parse_table(lines, FRAGMENTS).read("Then you get the key.", {}) == [Triplet("key", "is in", "inventory")]
    assert parse_table(lines, FRAGMENTS).read("Luckily, you get the key.", {}) is None


def test_the_error_for_an_unknown_fragment_shows_how_to_define_it() -> None:
    with pytest.raises(ValueError, match=r"no fragment 'take' for .*: define it with \{take\} = "):
        parse_table("You {take} the <thing> => <thing> | is in | inventory")


def test_a_text_may_hold_several_tables_in_sections() -> None:
    tables = parse_tables("{go} = (go|walk)\n== moves ==\nyou {go} <direction> =>\n== waits ==\nyou wait\nyou sleep")
    assert {name: len(table) for name, table in tables.items()} == {"moves": 1, "waits": 2}
    assert tables["moves"].read("You walk north.", {}) == []


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
def test_a_list_is_split_into_names(listed: str, names: list[str]) -> None:
    assert split_names(listed) == names


def test_an_article_is_not_part_of_a_name() -> None:
    named = {"the Key": "Key", "An apple": "apple", "theatre": "theatre", "a": "a"}
    assert {name: without_article(name) for name in named} == named

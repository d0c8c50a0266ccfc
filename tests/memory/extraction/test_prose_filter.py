"""What the reader believes of a text that is no game."""

from __future__ import annotations

import pytest

from ariadne.memory.extraction.prose_filter import is_believable, is_statement
from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.values import Triplet


def triplet(line: str) -> Triplet:
    return Triplet(*line.split(" | "))


@pytest.mark.parametrize("sentence", ["The key is in the box.", "After that the door is open.", "The lamp is on it."])
def test_a_plain_sentence_is_a_statement(sentence: str) -> None:
    assert is_statement(sentence)


@pytest.mark.parametrize(
    "sentence", ["Is the key in the box?", "If the key is lost, call me.", "We took the bus.", "Your keys are here."]
)
def test_questions_conditions_and_opinions_are_no_statements(sentence: str) -> None:
    assert not is_statement(sentence)


@pytest.mark.parametrize(
    ("line", "sentence", "expected"),
    [
        ("key | is in | box", "The key is in the box.", True),
        ("key | is in | Room B", "The key is in Room B.", True),
        ("key | is in | kitchen", "The key is in kitchen.", True),
        ("future | is in | hands", "The future is in hands.", False),
        ("answer | is in | my past", "The answer is in my past.", False),
        ("key | unlocks | box", "The key opens the box.", True),
        ("code | unlocks | box", "The code opens the box.", False),
        ("player | is | hungry", "You are hungry.", True),
        ("player | is | hungry", "Today you are hungry.", False),
        ("door | is | open", "The door is open.", True),
    ],
)
def test_only_triplets_about_plain_names_are_believed(line: str, sentence: str, expected: bool) -> None:
    assert is_believable(triplet(line), sentence) is expected


def test_prose_gives_names_but_no_false_triplets() -> None:
    reading = RulesExtractor().read("Carla took the bus. The future is in your hands.")
    assert reading.triplets == ()
    assert {"Carla", "bus"} <= {*reading.names}

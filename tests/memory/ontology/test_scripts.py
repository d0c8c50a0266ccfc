"""The words of a text in any script."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory.ontology.names import identity_of
from ariadne.memory.ontology.scripts import parts, spans, tokens


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Where does Ann's brother live?", "Ann"),
        ("Is C++ older than C?", "C++"),
        ("Did Jean-Paul call?", "Jean-Paul"),
        ("\u738b\u82b3\u4f4f\u5728\u54ea\u91cc\uff1f", "\u738b\u82b3"),  # Chinese: Wang Fang lives where?
        ("\u30de\u30ea\u30a2\u306f\u3069\u3053\uff1f", "\u30de\u30ea\u30a2"),  # Japanese: Maria, where?
        ("\uc11c\uc6b8\uc5d0 \uc0b0\ub2e4", "\uc11c\uc6b8"),  # Korean: lives in Seoul
        (
            "\u0926\u093f\u0932\u094d\u0932\u0940 \u092e\u0947\u0902",
            "\u0926\u093f\u0932\u094d\u0932\u0940",
        ),  # Hindi: in Delhi
        (
            "\u0e01\u0e23\u0e38\u0e07\u0e40\u0e17\u0e1e\u0e2d\u0e22\u0e39\u0e48\u0e44\u0e2b\u0e19",
            "\u0e01\u0e23\u0e38\u0e07\u0e40\u0e17\u0e1e",
        ),  # Thai: Bangkok is where
    ],
)
def test_a_name_is_found_in_a_text_of_its_script(text: str, name: str) -> None:
    assert identity_of(name) in set(map(identity_of, spans(text)))


def test_a_part_of_a_compound_is_no_name() -> None:
    assert "Jean" not in spans("Did Jean-Paul call?")
    assert "Jean" in parts("Did Jean-Paul call?")


def test_one_character_of_a_script_without_blanks_is_a_name_if_it_stands_alone() -> None:
    assert "\u738b" in spans("\u738b Fang")
    assert "\u738b" not in spans("\u56fd\u738b")


@given(st.text())
def test_tokens_are_the_text_at_their_places(text: str) -> None:
    found = tokens(text)
    assert all(text[token.start : token.end] == token.text for token in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))

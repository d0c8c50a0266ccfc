"""When two names are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory.ontology.names import identity_of, same_name, triplet_key
from ariadne.values import Triplet


@pytest.mark.parametrize(
    "name", ["apple", "Apple", "the apple", "an apple", "  The   APPLE ", "some apple", "your apple"]
)
def test_case_spaces_and_articles_do_not_matter(name: str) -> None:
    assert same_name(name, "apple")


@pytest.mark.parametrize("name", ["red apple", "apples", "apple the", "theapple", ""])
def test_different_words_are_different_names(name: str) -> None:
    assert not same_name(name, "apple")


@pytest.mark.parametrize("name", ["the", "a", "some", "your"])
def test_a_name_may_consist_of_an_article(name: str) -> None:
    assert identity_of(name) == name


def test_other_scripts_are_compared_without_case() -> None:
    assert same_name("STRASSE", "straße")
    assert same_name("ΧΑΟΣ", "χαος")


@given(st.text())
def test_an_identity_is_its_own_identity(name: str) -> None:
    assert identity_of(identity_of(name)) == identity_of(name)


def test_a_relation_is_compared_without_case_and_keeps_its_articles() -> None:
    assert triplet_key(Triplet("The Key", " Is In ", "a Box")) == ("key", "is in", "box")
    assert triplet_key(Triplet("key", "is the key of", "box"))[1] == "is the key of"

"""When two names are one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory.ontology.names import (
    _TABLE,
    CAPITALIZED,
    base_of,
    identity_of,
    relation_identity,
    same_name,
    triplet_key,
)
from ariadne.values import Triplet


@pytest.mark.parametrize("name", ["lamp", "Lamp", "the lamp", "a lamp", "  The   LAMP ", "some lamp", "your lamp"])
def test_case_spaces_and_articles_do_not_matter(name: str) -> None:
    assert same_name(name, "lamp")


@pytest.mark.parametrize(
    ("name", "word"),
    [("Apple", "an apple"), ("US", "us"), ("IT", "it"), ("China", "the china"), ("Polish", "polish"), ("WHO", "who")],
)
def test_a_name_is_not_the_ordinary_word_that_is_written_like_it(name: str, word: str) -> None:
    assert not same_name(name, word)


@pytest.mark.parametrize("article", ["The", "the", "an"])
def test_an_article_marks_the_ordinary_word(article: str) -> None:
    assert same_name(f"{article} Apple", "apple")
    assert same_name("the US", "US")


@pytest.mark.parametrize(("one", "other"), [("jana", "Jana"), ("BRNO", "Brno"), ("Kitchen", "kitchen"), ("Us", "us")])
def test_sloppy_capitals_make_no_other_name(one: str, other: str) -> None:
    assert same_name(one, other)


def test_no_word_is_in_two_lists_of_capitals() -> None:
    lists = list(_TABLE.values())
    assert sum(map(len, lists)) == len(set().union(*lists))
    assert all(word.isalpha() and word.islower() for word in CAPITALIZED)


@pytest.mark.parametrize("name", ["Victoria (nurse)", "victoria (the nurse)", "Victoria (a Nurse)"])
def test_a_kind_in_parentheses_makes_another_name(name: str) -> None:
    assert same_name(name, "Victoria (nurse)")
    assert not same_name(name, "Victoria")
    assert not same_name(name, "Victoria (city)")
    assert base_of(identity_of(name)) == identity_of("Victoria")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u738b\u82b3\u3002", "\u738b\u82b3"),
        ("Ann\u2019s house", "Ann's house"),
        ("\u0130zmir", "izmir"),
        ("IZMIR", "\u0130zmir"),
        ("\uff2e\uff34\uff34", "NTT"),  # wide letters
        ("\u0623\u062d\u0645\u062f", "\u0627\u062d\u0645\u062f"),  # Ahmed with and without hamza
        ("\u05d3\u05bc\u05b8\u05d5\u05b4\u05d3", "\u05d3\u05d5\u05d3"),  # David with and without points
        ("Ann\u200b", "Ann"),
    ],
)
def test_marks_and_letters_of_other_languages_make_no_other_name(one: str, other: str) -> None:
    assert same_name(one, other)


@pytest.mark.parametrize("name", ["red apple", "apples", "apple the", "theapple", ""])
def test_different_words_are_different_names(name: str) -> None:
    assert not same_name(name, "apple")


@pytest.mark.parametrize("name", ["the", "a", "some", "your"])
def test_a_name_may_consist_of_an_article(name: str) -> None:
    assert identity_of(name) == name


def test_other_scripts_are_compared_without_case() -> None:
    assert same_name("STRASSE", "straße")
    assert same_name("ΧΑΟΣ", "χαος")


def test_points_of_an_abbreviation_make_no_other_name() -> None:
    assert same_name("U.S.", "US")
    assert same_name("the U.K.", "uk")
    assert same_name("Dr. Smith", "dr Smith")
    assert not same_name("U.S.", "us")
    assert not same_name("node.js", "nodejs")


@given(st.text() | st.text("aA (the).\u200b\uff2e"))
def test_an_identity_is_its_own_identity(name: str) -> None:
    assert identity_of(identity_of(name)) == identity_of(name)


@pytest.mark.parametrize("composed", ["Zoë", "Æsop's café", "Ångström", "Ελένη", "がく", "각"])
def test_two_spellings_of_an_accented_letter_are_one_name(composed: str) -> None:
    assert same_name(unicodedata.normalize("NFD", composed), unicodedata.normalize("NFC", composed))


@given(st.text())
def test_every_name_is_one_in_both_spellings_of_its_letters(name: str) -> None:
    assert same_name(unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name))


@pytest.mark.parametrize(
    "relation", ["lives in", "LIVES_IN", "Lives in", " lives  in ", "livesIn", "LivesIn", "lives__in"]
)
def test_case_underscores_and_humps_make_no_other_relation(relation: str) -> None:
    assert relation_identity(relation) == "lives in"


@pytest.mark.parametrize("relation", ["livesin", "lived in", "lives-in", "lives on", "_"])
def test_other_words_are_another_relation(relation: str) -> None:
    assert relation_identity(relation) != "lives in"
    assert relation_identity(relation)


@given(st.text())
def test_the_identity_of_a_relation_is_its_own_identity(relation: str) -> None:
    assert relation_identity(relation_identity(relation)) == relation_identity(relation)


def test_a_relation_is_compared_without_case_and_keeps_its_articles() -> None:
    assert triplet_key(Triplet("The Key", " Is In ", "a Box")) == ("key", "is in", "box")
    assert triplet_key(Triplet("key", "is the key of", "box"))[1] == "is the key of"

"""A document in passages."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.errors import InvalidInput
from ariadne.memory.ingestion.documents import Passage, passages

TEXTS = st.text() | st.text(alphabet='ab .!?"\n\t#。\ud800', max_size=300)
SIZES = st.integers(1, 60)


def texts(document: str, size: int) -> list[str]:
    return [passage.text for passage in passages(document, size)]


def test_small_paragraphs_are_kept_together() -> None:
    assert texts("One.\n\nTwo.\n\nThree is long.", 12) == ["One.\n\nTwo.", "Three is", "long."]


def test_a_paragraph_that_just_fits_is_not_cut() -> None:
    assert texts("It is red.\n\nIt is big.", 10) == ["It is red.", "It is big."]
    assert texts("It is red.  It is big.  ", 10) == ["It is red.", "It is big."]


def test_a_long_paragraph_is_cut_after_a_sentence() -> None:
    assert texts('She left. "Why?" he asked. Nobody knew.', 20) == ['She left. "Why?"', "he asked.", "Nobody knew."]
    assert texts("他走了。她来了。", 5) == ["他走了。", "她来了。"]


def test_a_long_sentence_is_cut_between_words_and_a_long_word_within() -> None:
    assert texts("the quick brown fox", 10) == ["the quick", "brown fox"]
    assert texts("abcdefgh", 3) == ["abc", "def", "gh"]


def test_a_short_document_is_one_passage_and_a_blank_one_is_none() -> None:
    assert passages("  Hello.\n") == [Passage("Hello.", 2, 8)]
    assert passages(" \n\n\t") == passages("") == []


def test_a_passage_names_the_heading_above_it() -> None:
    document = "Hello.\n\n# Care\n\nWater it.\n\n## Light\n\nGive it sun."
    assert [passage.heading for passage in passages(document, 12)] == [None, "Care", "Care", "Light", "Light"]
    assert [passage.heading for passage in passages("#hashtag\n\nSome text", 12)] == [None, None]


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_below_one_is_refused(size: int) -> None:
    with pytest.raises(InvalidInput, match="at least 1 character"):
        passages("Hello.", size)


@given(TEXTS, SIZES)
def test_a_passage_is_verbatim_short_enough_and_has_no_blank_ends(document: str, size: int) -> None:
    for passage in passages(document, size):
        assert passage.text == document[passage.start : passage.end] == passage.text.strip()
        assert 0 < len(passage.text) <= size


@given(TEXTS, SIZES)
def test_passages_hold_the_whole_document_once(document: str, size: int) -> None:
    end = 0
    for passage in passages(document, size):
        assert passage.start >= end
        assert not document[end : passage.start].strip()
        end = passage.end
    assert not document[end:].strip()


@given(TEXTS, SIZES)
def test_a_word_that_fits_is_never_cut(document: str, size: int) -> None:
    for word in (word for word in document.split() if "。" not in word and len(word) <= size):
        assert any(word in passage.text for passage in passages(document, size))


@pytest.mark.parametrize("size", [100, 10**6])
@pytest.mark.parametrize("unit", ["A word. ", "a", "a\n\n", "# a\n", "a" + " " * 50])
def test_a_long_document_is_cut_quickly(unit: str, size: int) -> None:
    begun = time.perf_counter()
    passages(unit * (300_000 // len(unit)), size)
    assert time.perf_counter() - begun < 2

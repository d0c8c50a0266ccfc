"""Scores of answers: case, articles and punctuation do not count, and the best of several right answers does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.bench.evidence.answer_scores import exact_match, is_refusal, token_f1

ANSWERS = st.lists(st.sampled_from("the plum trees 7 May, 2023 été".split()), max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("answer", "expected", "exact", "f1"),
    [
        ("The Lake Ome.", ["lake ome"], 1, 1),
        ("in Lake Ome", ["Lake Ome"], 0, 0.8),
        ("7 May 2023", ["7 May, 2023"], 1, 1),
        ("Ome", ["Lake Ome", "Ome"], 1, 1),
        ("plum plum", ["plum tree"], 0, 0.5),
        ("goat", ["plum"], 0, 0),
        ("", ["plum"], 0, 0),
        ("ÉTÉ", ["été"], 1, 1),
        ("plum", [], 0, 0),
        ("the", ["a"], 1, 1),
    ],
)
def test_an_answer_is_scored_by_its_words(answer: str, expected: list[str], exact: float, f1: float) -> None:
    assert exact_match(answer, expected) == exact
    assert token_f1(answer, expected) == pytest.approx(f1)


@given(ANSWERS, ANSWERS)
def test_f1_is_symmetric_and_an_exact_match_has_all_of_it(one: str, other: str) -> None:
    assert token_f1(one, [other]) == pytest.approx(token_f1(other, [one]))
    assert 0 <= exact_match(one, [other]) <= token_f1(one, [other]) <= 1


@given(ANSWERS, st.lists(ANSWERS, min_size=1, max_size=4))
def test_more_right_answers_never_lower_a_score(answer: str, expected: list[str]) -> None:
    assert token_f1(answer, expected) == max(token_f1(answer, [each]) for each in expected)
    assert exact_match(answer, expected) >= exact_match(answer, expected[:1])


def test_a_refusal_is_recognized_in_a_sentence() -> None:
    assert is_refusal("Not mentioned.")
    assert is_refusal("There is no information available about that")
    assert not is_refusal("mentioned in May")

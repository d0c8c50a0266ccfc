"""Texts: names are found as whole words."""

from __future__ import annotations

import pytest

from ariadne.text import has_words


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Take the Old KEY.", "old key", True),
        ("the key's shape", "key", True),
        ("a monkey", "key", False),
        ("keys", "key", False),
        ("the key (small)", "key (small)", True),
        ("Die STRASSE", "straße", True),
    ],
)
def test_a_name_is_found_as_whole_words_in_any_case(text: str, name: str, *, expected: bool) -> None:
    assert has_words(text, name) is expected

"""Scores of short answers: exact match and token F1, as they are usual for SQuAD."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

NOT_MENTIONED = "not mentioned"
"""The answer to a question that nothing in a memory answers."""
_REFUSALS = (NOT_MENTIONED, "no information")
_ARTICLES = ("a", "an", "the")
_IGNORED = ("P", "S")
"""The Unicode categories that do not count: punctuation and symbols."""


def is_refusal(answer: str) -> bool:
    """Return whether an answer states that nothing answers the question."""
    text = " ".join(_tokens(answer))
    return any(refusal in text for refusal in _REFUSALS)


def exact_match(answer: str, expected: Sequence[str]) -> float:
    """Return 1 if an answer equals an expected one but for case, articles and punctuation, else 0."""
    return float(any(_tokens(answer) == _tokens(each) for each in expected))


def token_f1(answer: str, expected: Sequence[str]) -> float:
    """Return the best harmonic mean of precision and recall of an answer's tokens, over the expected answers."""
    return max((_f1(_tokens(answer), _tokens(each)) for each in expected), default=0.0)


def _f1(given: Sequence[str], expected: Sequence[str]) -> float:
    if not given or not expected:
        return float(given == expected)
    common = (Counter(given) & Counter(expected)).total()
    return 2 * common / (len(given) + len(expected))


def _tokens(text: str) -> list[str]:
    """Return the words of a text that count, in lower case."""
    kept = "".join(char for char in text.casefold() if unicodedata.category(char)[0] not in _IGNORED)
    return [word for word in kept.split() if word not in _ARTICLES]

"""The words of a question that say what it is about."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")
_SHORT_FORM = re.compile(r"['\u2019](?:s|t|d|m|ll|re|ve)\b", re.IGNORECASE)
_FUNCTION_WORDS = frozenset(
    "a an and any are as at be been but by can could did do does for from had has have he her hers him his how i if in"
    " into is it its me my no not of on or our she so some than that the their them then there these they this those to"
    " us was we were what when where which who whom whose why will with would you your".split()
)
"""Words that say nothing of what a question is about."""


def telling_words(text: str) -> list[str]:
    """The words of a text, each once and as written, but for those that say nothing of what it is about."""
    words = {word.casefold(): word for word in reversed(_WORD.findall(_SHORT_FORM.sub("", text)))}
    return [word for folded, word in reversed(words.items()) if folded not in _FUNCTION_WORDS]


def stem(word: str) -> str:
    """A word without the ending of an English plural, or of a verb after "she": a small rule, for words that meet."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word

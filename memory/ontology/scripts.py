"""The words of a text in any script: also of scripts without blanks, and of those with combining marks."""

from __future__ import annotations

import re
from typing import NamedTuple

UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x1980, 0x1AAF), (0x1B00, 0x1B7F),
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3040, 0x318F), (0x31A0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xA000, 0xA48F), (0xA960, 0xA9FF), (0xAA60, 0xAA7F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip
"""The first and last code points of scripts without blanks between words, and of Hangul, which appends particles."""
JOINED = "".join(f"{chr(first)}-{chr(last)}" for first, last in (*UNSPACED, (0x0F00, 0x0FFF), (0xFF66, 0xFF9F)))
"""The same, with Tibetan and narrow kana, for a class of characters in a pattern."""
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u0dff\u200c\u200d\u3099\u309a"
)
"""Combining marks, which a regular expression does not count as parts of words, and the letters that carry them."""
_LETTER = rf"(?:(?![{JOINED}])[\w{_MARKS}])"
_SIGNS = (
    r"[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84\u102b-\u103e\u17b4-\u17d3"
    r"\u3099\u309a]"
)
"""Vowels and tones that are written on the character before them."""
_TOKEN = re.compile(
    rf"(?P<joined>[{JOINED}]{_SIGNS}*)|{_LETTER}+(?:[-'\u2019](?!s\b){_LETTER}+)*|(?:'|\u2019)s\b|[^\w\s]"
)
_PART = re.compile(rf"[{JOINED}]{_SIGNS}*|{_LETTER}+|[^\w\s]")
_IS_JOINED = re.compile(rf"[{JOINED}]")
MAX_NAME = 12
"""The most tokens of a name that is searched for in a text."""
_MAX_WORDS = 8
"""The same for a name in a script with blanks."""


class Token(NamedTuple):
    """A word or a mark of a text, and where it is."""

    text: str
    start: int
    end: int
    joined: bool
    """Whether it is a character of a script in which no blank parts two words."""


def tokens(text: str) -> list[Token]:
    """Return the words and marks of a text; each character of a script without blanks is a token of its own."""
    found = _TOKEN.finditer(text)
    return [Token(each[0], each.start(), each.end(), each.lastgroup == "joined") for each in found]


def parts(text: str) -> list[str]:
    """Return the words and marks of a text; unlike a token, a part is never a compound such as "Jean-Paul"."""
    return _PART.findall(text)


def spans(text: str) -> set[str]:
    """Return the parts of a text that may be names: some tokens in a row, as written.

    One character of a script without blanks is a part only if it stands alone.
    """
    found, every = set[str](), tokens(text)
    for first, token in enumerate(every):
        for last in range(first, min(first + (MAX_NAME if token.joined else _MAX_WORDS), len(every))):
            if first < last or not token.joined or stands_alone(every, first):
                found.add(text[token.start : every[last].end])
    return found


def stands_alone(every: list[Token], place: int) -> bool:
    """Return whether no other character of a script without blanks touches this one."""
    token = every[place]
    before = place > 0 and every[place - 1].joined and every[place - 1].end == token.start
    behind = place + 1 < len(every) and every[place + 1].joined and every[place + 1].start == token.end
    return not (before or behind)


def edged(name: str) -> str:
    """Return the regular expression of a name as whole words; in a script without blanks any part may be a name."""
    left = "" if _IS_JOINED.match(name[:1]) else r"(?<!\w)"
    right = "" if _IS_JOINED.match(name[-1:]) else r"(?!\w)"
    return f"{left}{re.escape(name)}{right}"

"""The sentences and words of a text in any script, as spans: the places where a text is cut."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from itertools import pairwise

from ariadne.memory.ontology.scripts import tokens
from ariadne.values import Span

_STOPS, _CLOSING = r".!?…\u0589\u061f\u06d4\u0964\u0965\u104b\u1362", r"\"'”»\u2019)\]"
_MARK = re.compile(rf"[{_STOPS}][{_CLOSING}]*(?=\s|$)|[\u3002\uff01\uff1f\uff61][\u300d\u300f\uff09]*")
"""The marks that may end a sentence: those of most scripts before a blank only, Chinese and Japanese ones anywhere."""
_MARK_OR_LINE = re.compile(rf"{_MARK.pattern}|\n")
_NOT_BLANK = re.compile(r"\S")
_NEXT = re.compile(r"\s+[^\w\s]{0,3}(\w?)")
"""The first letter or digit after a mark, behind opening quotes and brackets."""
_LAST_WORD = 24
"""A word before a full stop is read up to this length."""
_VOWELS = frozenset("aeiouyæøœıаеёиоуыэюяєіїαεηιουω")  # noqa: RUF001
_SHORT = 6
"""A full stop after a word of at most this length and before a number ends no sentence: "approx. 12"."""
_COUNTS = 2
"""A number of at most this many digits before a full stop is an ordinal or a place in a list: "3. Mai"."""
_ABBREVIATIONS = frozenset(
    "prof capt rev hon sen gov supt dept univ assoc approx incl resp corp tel ave mme mlle sra srta sig dott "
    "avda ing abb evtl inkl проф акад ул им пл тел".split()
)
"""Abbreviations with vowels that stand before a capital or a small letter, and are no words of their languages."""
_LAST_MARK = 4
"""A full stop with the quotes and brackets after it has at most about this many characters."""
_GOES_ON = ",;:-、，；：\u060c\u061b"  # noqa: RUF001
"""Marks after which a sentence goes on."""
_LONG = 30
"""A word of more characters is cut inside."""


def sentence_ends(text: str, start: int = 0, end: int | None = None) -> list[int]:
    """Return where the sentences in a piece of a text end, ascending; the last one need not end there.

    A full stop ends no sentence before a small letter, or after an abbreviation, an initial or an ordinal number.
    A text that begins with a small letter may begin its sentences so.
    """
    found = _MARK.finditer(text, start, len(text) if end is None else end)
    begins_small = _begins_small(text)
    return [each.end() for each in found if _is_end(text, each, begins_small=begins_small)]


def sentences_of(text: str, span: Span) -> list[Span]:
    """Return the sentences and lines in a piece of a text, as spans without the blanks around them."""
    start, end = span
    begins_small = _begins_small(text)
    marks = _MARK_OR_LINE.finditer(text, start, end)
    cuts = [each.end() for each in marks if _is_end(text, each, begins_small=begins_small)]
    pieces = zip([start, *cuts], [*cuts, end], strict=True)
    found = (_NOT_BLANK.search(text, first, last) for first, last in pieces)
    return [
        (begin.start(), begin.start() + len(text[begin.start() : begin.endpos].rstrip())) for begin in found if begin
    ]


def words_of(text: str, span: Span) -> list[Span]:
    """Return the words in a piece of a text, as spans that hold the marks beside them, but no blanks.

    In a script without blanks each character is a word of its own. A very long word is several words.
    """
    start, end = span
    cuts = sorted({each.start for each in tokens(text[start:end]) if each.joined})
    found = list[Span]()
    for piece in re.finditer(r"\S+", text[start:end]):
        inside = cuts[bisect_right(cuts, piece.start()) : bisect_left(cuts, piece.end())]
        edges = [piece.start(), *inside, piece.end()]
        for first, last in pairwise(edges):
            found += [(start + each, start + min(each + _LONG, last)) for each in range(first, last, _LONG)]
    return found


def is_in_sentence(text: str, place: int) -> bool:
    """Return whether a sentence goes on at a place of a text, as far as the text beside it shows."""
    before = text[:place].rstrip(" \t")
    if not before or not text[place:].strip():
        return False
    marks = _MARK.finditer(text, max(0, len(before) - _LAST_MARK), len(before))
    mark = next((each for each in marks if each.end() == len(before)), None)
    if mark is not None:
        return not _is_end(text, mark, begins_small=_begins_small(text))
    return before[-1].isalnum() or before[-1] in _GOES_ON


def _begins_small(text: str) -> bool:
    """Return whether the first letter of a text is a small one."""
    return next((each.islower() for each in text if each.isalpha()), False)


def _is_end(text: str, mark: re.Match[str], *, begins_small: bool) -> bool:
    """Return whether a mark ends a sentence, by what stands before and after it."""
    if text[mark.start()] not in ".…":
        return True
    after = _NEXT.match(text, mark.end())
    letter = after[1] if after else ""
    if letter.islower() and not begins_small:
        return False
    before = text[max(0, mark.start() - _LAST_WORD) : mark.start()]
    word = "" if not before or before[-1].isspace() else before.split()[-1].lstrip("\"'“„«([{-*¿¡")
    return mark.end() - mark.start() > 1 or not letter or not _is_shortened(word, before_digit=letter.isdigit())


def _is_shortened(word: str, *, before_digit: bool) -> bool:
    """Return whether a word with a full stop after it is an abbreviation, an initial or an ordinal number."""
    if word.isdigit():
        return len(word) <= _COUNTS
    if not word or word.endswith("."):  # the end of "..."
        return False
    if before_digit and len(word) <= _SHORT:
        return True
    last = word.rpartition(".")[2]
    if len(last) == 1 and last.isalpha() and last.lower() != last.upper():
        return True
    return word.lower() in _ABBREVIATIONS or _lacks_vowels(word)


def _lacks_vowels(word: str) -> bool:
    """Return whether a word of letters with two cases has no vowel, as "Dr" and "Nr"; capitals alone are a name."""
    if not word.isalpha() or word.isupper() or word.lower() == word.upper():
        return False
    return not _VOWELS.intersection(unicodedata.normalize("NFD", word.lower()))

"""The words of a text in any script, as the terms that facts and episodes are indexed and searched by.

A script without blanks (Chinese, Japanese, Thai) gives pairs of neighbouring characters. A written form of several
parts (`user_id`, `node.js`, `555-0121`) gives its parts, and the whole without separators. Case, accents and the ending
of an English plural make no difference. Words of one beginning are similar, so an inflected word finds its base form.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Self
from unicodedata import category, combining, digit, normalize

from ariadne.memory.ontology.scripts import UNSPACED

_ALPHABETS = ((0x0E00, 0x1AAF), (0x1B00, 0x1B7F), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0xA960, 0xAA7F))
"""The scripts without blanks whose characters are no words by themselves: without Han, Yi and Hangul."""
_MARKED = (range(0x300, 0x1E00), range(0x20D0, 0x2E00), range(0xA600, 0xAC00), range(0xFE20, 0xFE30))
"""The code points that combining marks are among; they belong to a word, but Python's `\\w` leaves them out."""


def _as_class(codes: Iterable[int]) -> str:
    """Return ascending code points as ranges for a class of characters in a pattern."""
    ranges = list[list[int]]()
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


_INSIDE = "\u00ad\u200c-\u200f\u2060"  # soft hyphens, joiners and marks of direction
_MARKS = _as_class(code for codes in _MARKED for code in codes if category(chr(code)).startswith("M")) + _INSIDE
_WORD = rf"\w[\w{_MARKS}]*"
_EMOJI = "[\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
_SHADES = "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]"  # the form and the colour of the emoji before
_WRITTEN = re.compile(
    rf"""(?:(?<![\w.@])[.@](?=[^\W\d_]))?                                    # .NET, @ann
         {_WORD}(?:(?:[.'\u2019\u2010\u2011&@-]|(?<=\d)[,:/](?=\d)){_WORD})*
         (?:\+\+|[+#](?!\w))?                                                # C++, C#
       | [\U0001f1e6-\U0001f1ff]{{2}}
       | {_EMOJI}{_SHADES}*(?:\u200d{_EMOJI}{_SHADES}*)*""",
    re.VERBOSE,
)
"""A word, a written form of several words, an emoji, or a run of text without blanks."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_SHORT_FORM = re.compile(r"(?:n['\u2019]t|['\u2019](?:s|d|m|ll|re|ve))$", re.IGNORECASE)
_AMOUNT = re.compile(r"\d+[.,]\d+|\d{1,3}([.,'\u2019])\d{3}(?:\1\d{3})*(?:[.,]\d+)?")
_THOUSANDS = re.compile(r"(\d{1,3})(([.,'\u2019])\d{3}(?:\3\d{3})*)([.,]\d+)?")
_THIN_BLANK = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_SEPARATORS = re.compile(r"[_'\u2019\u2010\u2011&-]|(?<!^)\.")
_ARTICLE = re.compile(r"^[وف]?(?:[بك]?ال|لل)(?=\w{3})")
_CLITICS = frozenset("وفبلكسيتناוהבלכמש")
"""Letters before a word of Arabic or Hebrew: an article, a preposition, "and", or the person of a verb."""
_LETTERS = str.maketrans(
    dict(zip("ىةۃکیێېٱँךםןףץıøłđæœðþ", [*"يههكيييا", "ं", *"כמנפצ", *"iold", "ae", "oe", "d", "th"], strict=True))
    | dict.fromkeys("ـ\u00ad\u200b\u200c\u200d\u200e\u200f\u2060")
)
"""Letters that are written one for the other, and signs that are no letters."""
_UMLAUTS = str.maketrans(dict(zip("äöüåøÄÖÜÅØ", ["ae", "oe", "ue", "aa", "oe"] * 2, strict=True)))
_FUNCTION_WORDS = frozenset(
    "a an and any are as at be been but by ca can could did do does doe for from had has have he her hers him his how i"
    " if in into is it its me my no not of on or our she so some than that the their them then there these they this"
    " those to us was we were what when where which who whom whose why will with would you your".split()
)
"""English words that do not show what a query is about."""

_PUNCTUATION = ',;:!?()[]{}"*<>\u201c\u201d\u2026'
_LONGEST = 64  # characters of a term; a longer word is data
_DATA = re.compile(rf"([A-Za-z0-9]{{{_LONGEST}}})[A-Za-z0-9]+")
_CACHED = 40  # characters of a chunk whose terms are kept
_SIMILAR = 0.55
"""The least share of the longer of two similar words that both begin with."""
LEAST_COMMON = 3
"""The fewest characters that two similar words both begin with."""
_MOST_FORMS = 12
"""The most forms of a word that are searched for."""
_AFTER_CLITIC = 0.8
"""The credit for a word that is the same behind a clitic."""
_SYLLABLE_WEIGHT = 0.3
"""The weight of a single character beside the pairs of characters that it is in."""


class _Term(NamedTuple):
    """A term of a text, with other terms that it is found by, and its weight in a query."""

    text: str
    variants: tuple[tuple[str, float], ...] = ()
    weight: float = 1.0
    is_plain: bool = False
    """Whether it is one word of letters only."""


@dataclass(frozen=True)
class QueryWord:
    """A word of a query, with what matches it."""

    forms: tuple[tuple[str, float], ...]
    """Terms that are the word, each with the credit of a text that has it."""
    weight: float
    inflects: bool
    """Whether similar terms match the word too."""

    @property
    def text(self) -> str:
        """The word itself."""
        return self.forms[0][0]

    @property
    def beginnings(self) -> list[str]:
        """The beginnings of all terms that are similar to the word."""
        if not self.inflects:
            return []
        return [
            form[: max(LEAST_COMMON, math.ceil(_SIMILAR * len(form)))]
            for form, _ in self.forms
            if len(form) >= LEAST_COMMON
        ]

    def credits(self, known: Iterable[str]) -> dict[str, float]:
        """Return its terms, and those of the known terms that are similar to it, each with its credit."""
        found = dict(self.forms)
        similar = {term: self._credit(term) for term in known if term not in found}
        ranked = sorted((-credit, term) for term, credit in similar.items() if credit)
        return found | {term: -credit for credit, term in ranked[: _MOST_FORMS - len(found)]}

    def _credit(self, term: str) -> float:
        return max(credit * math.sqrt(similarity(form, term)) for form, credit in self.forms)


def similarity(word: str, other: str) -> float:
    """Return the share of the longer word that two words both begin with; 0 for words that are not similar."""
    pairs = enumerate(zip(word, other, strict=False))
    same = next((place for place, (one, another) in pairs if one != another), min(len(word), len(other)))
    share = same / max(len(word), len(other), 1)
    return share if same >= LEAST_COMMON and share >= _SIMILAR else 0.0


def inverse_frequency(having: int, count: int) -> float:
    """Return BM25's inverse document frequency of a term that `having` of `count` texts have."""
    return math.log(1 + (count - having + 0.5) / (having + 0.5))


@dataclass(frozen=True)
class WordWeights:
    """What a word of a query adds to the score of a text."""

    best: float
    """For a text that has the word, or the most similar form where no text has the word."""
    similar: float
    """For a text that has a similar form, times the credit of this form."""

    @classmethod
    def of(cls, exact: int, having: int, frequency: Callable[[int], float]) -> Self:
        """Return the weights of a word that `exact` texts have, and `having` texts in this or a similar form.

        Args:
            exact: How many texts have the word itself.
            having: How many texts have any form of it.
            frequency: Returns the inverse document frequency of a term, given how many texts have it.
        """
        similar = frequency(having) if having else 0.0
        return cls(frequency(exact) if exact else similar, similar)

    def with_credit(self, credit: float) -> float:
        """Return the weight of a form with a credit."""
        return self.best if credit == 1 else credit * self.similar


def terms(text: str) -> list[str]:
    """Return the terms that a text is indexed by, in its order, with repetitions."""
    return [
        form for chunk in _chunks(text) for form in (_cached_forms(chunk) if len(chunk) <= _CACHED else _forms(chunk))
    ]


def query_words(text: str, *, all_words: bool = False) -> list[QueryWord]:
    """Return the words of a query, each once.

    Args:
        text: The query.
        all_words: Includes English function words, which otherwise do not count.
    """
    found = dict[str, QueryWord]()
    shouted = text.isupper()
    for chunk in _chunks(text):
        is_name = not shouted and chunk.isupper() and len(chunk) > 1  # the US, an IT department
        for term in _terms_in(chunk):
            if all_words or is_name or term.text not in _FUNCTION_WORDS:
                forms = ((term.text, 1.0), *term.variants)
                found.setdefault(term.text, QueryWord(forms, term.weight, term.is_plain))
    return list(found.values())


def _chunks(text: str) -> list[str]:
    """Return the parts of a text between blanks; the terms of each are kept, since most words come again."""
    return (text if text.isascii() else _THIN_BLANK.sub(",", text)).split()


def _terms_in(chunk: str) -> tuple[_Term, ...]:
    return _cached_terms(chunk) if len(chunk) <= _CACHED else _read(chunk)


def _forms(chunk: str) -> tuple[str, ...]:
    """Return the terms that a part of a text without blanks is indexed by."""
    if word := _simple_word(chunk):
        return (_stem(word),)
    forms = list[str]()
    for term in _read(chunk):
        forms += (term.text, *(variant for variant, _ in term.variants)) if term.variants else (term.text,)
    return tuple(forms)


def _read(chunk: str) -> tuple[_Term, ...]:
    """Return the terms of a part of a text without blanks."""
    if word := _simple_word(chunk):
        return (_Term(_stem(word), is_plain=True),)
    written = chunk if chunk.isascii() else normalize("NFKC", chunk)
    return tuple(term for form in _WRITTEN.findall(written) for term in _read_form(form))


def _simple_word(chunk: str) -> str:
    """Return a word of small letters of ASCII, perhaps with a capital, in lower case; "" for any other chunk."""
    word = chunk.lstrip(_PUNCTUATION).rstrip(f"{_PUNCTUATION}.")
    is_simple = word.isascii() and word.isalpha() and (len(word) == 1 or word[1:].islower())
    return word.lower() if is_simple else ""


_cached_terms = lru_cache(maxsize=1 << 15)(_read)
_cached_forms = lru_cache(maxsize=1 << 15)(_forms)


def _read_form(form: str) -> list[_Term]:
    """Return the terms of a written form: of several parts the whole first."""
    form = _DATA.sub(r"\1", _SHORT_FORM.sub("", form))
    runs = list(_runs(form))
    if not runs:
        return _emoji(form)
    if _AMOUNT.fullmatch(form):
        return [_Term(_amount(form))]
    found = [term for kinds, run in runs if _counts(run, form) for term in _terms_of_run(kinds, run)]
    if runs[0][1] == form or any(kinds[0] in _UNSPACED_KINDS for kinds, _ in runs):
        return found
    return [_Term(_whole(form)[:_LONGEST]), *found]


def _counts(run: str, form: str) -> bool:
    """Return whether a part of a written form is searched for by itself: all but single letters of ASCII."""
    return len(run) > 1 or run == form or not run.isascii() or run.isdigit()


class _Kinds(dict[int, str]):
    """By code point, the kind of a character: d digit, s syllable, k kana, l letter, m mark, and - for all others.

    Syllables and kana are the scripts without blanks; k also stands for the letters of Thai and its neighbours.
    """

    def __missing__(self, code: int) -> str:
        self[code] = kind = self._of(code)
        return kind

    @staticmethod
    def _of(code: int) -> str:
        letter = chr(code)
        if letter.isdecimal():
            return "d"
        if category(letter) in ("Mn", "Mc", "Me", "Cf"):
            return "m"
        if not letter.isalnum():
            return "-"
        if not _is_in(UNSPACED, code):
            return "l"
        return "k" if _is_in(_ALPHABETS, code) else "s"


def _is_in(ranges: Iterable[tuple[int, int]], code: int) -> bool:
    return any(first <= code <= last for first, last in ranges)


_kinds = _Kinds()
_CLUSTER, _UNSPACED_KINDS = re.compile("[sk]m*"), ("s", "k")
_RUNS = re.compile(r"d+|[sk][skm]*|l[lm]*")  # in the kinds of a form; marks belong to what is before them


def _runs(form: str) -> Iterator[tuple[str, str]]:
    """Yield the runs of digits, of letters, or of characters without blanks, each with its kinds."""
    kinds = form.translate(_kinds)
    for found in _RUNS.finditer(kinds):
        run = form[found.start() : found.end()]
        if run.isascii() and not run.isdigit():
            yield from (("l", part) for part in _CAMEL.split(run))
        else:
            yield found[0], run


def _terms_of_run(kinds: str, run: str) -> Iterable[_Term]:
    """Return the terms of digits, of letters, or of a run without blanks."""
    if kinds[0] == "d":
        return [_Term(_digits(run)[:_LONGEST])]
    if kinds[0] in _UNSPACED_KINDS:
        return _pairs(kinds, run)
    stem = _stem(fold(run)[:_LONGEST])
    return [_Term(stem, tuple(_variants(run, stem)), is_plain=True)]


def _pairs(kinds: str, run: str) -> Iterable[_Term]:
    """Return the pairs of neighbouring characters of a run without blanks, and the characters that can be words."""
    if "m" not in kinds:
        clusters: Sequence[str] = run
    else:
        clusters = [fold(run[found.start() : found.end()]) for found in _CLUSTER.finditer(kinds)]
        kinds = kinds.replace("m", "")
    if len(clusters) == 1:
        return [_Term(clusters[0])]
    syllables = [
        _Term(cluster, (), _SYLLABLE_WEIGHT) for cluster, kind in zip(clusters, kinds, strict=True) if kind == "s"
    ]
    return [*syllables, *(_Term(first + second) for first, second in pairwise(clusters))]


def _variants(run: str, stem: str) -> Iterator[tuple[str, float]]:
    """Yield other terms of a word with their credits: "mueller" of Müller, and an Arabic word without its clitic."""
    if stem[:1] in _CLITICS and len(stem) > LEAST_COMMON:
        yield stem[1:], _AFTER_CLITIC
    if (spelled := run.translate(_UMLAUTS)) != run:
        yield _stem(fold(spelled)[:_LONGEST]), 1.0


def _stem(word: str) -> str:
    """Return a word without the ending of an English plural or of a verb after "she", or an Arabic article."""
    if not word.isascii():
        return _ARTICLE.sub("", word)
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def fold(text: str) -> str:
    """Return a text without case, accents and vowel points, for comparison.

    The vowels of Indic and Thai scripts and the voicing of kana are kept. They are letters, although Unicode counts
    them as marks.
    """
    if text.isascii():
        return text.lower()
    letters = normalize("NFKD", text.translate(_LETTERS).casefold())
    kept = "".join(letter for letter in letters if not _is_accent(letter))
    return normalize("NFC", kept).translate(_LETTERS)


@lru_cache(maxsize=1 << 12)
def _is_accent(letter: str) -> bool:
    kind = combining(letter)
    return kind in (1, 7) or 10 <= kind <= 36 or kind >= 200  # overlays, nuktas, vowel points, marks above and below


def _digits(number: str) -> str:
    """Return digits as those of ASCII; a part such as 05 without its zero."""
    plain = number if number.isascii() else "".join(str(digit(each, 0)) for each in number)
    return plain.lstrip("0") or "0" if len(plain) == 2 else plain


def _whole(form: str) -> str:
    """Return a written form of several parts as one term, without the separators that people leave out."""
    folded = fold(form)
    if "@" in form[1:]:
        return folded
    return re.sub(r"[-/'\u2019]", "", folded) if folded[0].isdigit() else _SEPARATORS.sub("", folded)


def _amount(number: str) -> str:
    """Return an amount as one term: 1,000 is 1000, and 3,14 is 3.14."""
    if found := _THOUSANDS.fullmatch(number):
        whole, groups, separator, fraction = found.groups()
        number = whole + groups.replace(separator, "") + (fraction or "")
    return number.replace(",", ".")


def _emoji(chunk: str) -> list[_Term]:
    """Return the terms of an emoji: as it is, without its colours, and the emoji that it is joined from."""
    plain = re.sub(_SHADES, "", chunk)
    forms = (re.sub("[\ufe0e\ufe0f]", "", chunk), plain, *(plain.split("\u200d") if "\u200d" in plain else ()))
    return [_Term(form[:_LONGEST]) for form in dict.fromkeys(forms) if form.strip("_")]

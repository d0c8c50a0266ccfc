"""A small language for sentences: a table of patterns, each with the triplets that it tells.

A line of a table reads `sentence => subject | relation | object; ...`. In the sentence, `[x]` may be missing, `(a|b)`
is either, `{name}` is a fragment that the table defines, and `<name>` a slot. The fragments `head` and `tail` may stand
around every sentence. Slots are:

    <thing>, or any other name    a noun phrase; "the <thing>" is one with or without an article, "a <thing>" has one
    <things>, <doors>             several: "a key, a note and some salt"; <listed> begin with an article
    <direction>, <directions>     north, south, ...
    <state>                       open, closed, locked
    <look>, <work>                fried, sliced, ...; fry, slice, ...
    <kind>s, <ones>               several of one kind: "two chests, one old and one new"; <glued>things: "two oldthings"
    <looks>                       how a thing looks: joins <thing>, unless it only looks ordinary, and tells besides
                                  "chest is known as rusty chest" (it may be no part of the name)
    <any>                         whatever stands there; told to nobody

The triplets name slots again, and what the scene knows: <here> (the room), <it> (the thing last spoken of), <target>,
<tool>, <opened> and <taken> (what the command named). Where a slot holds but a pronoun, the scene's `it as key`, `it as
lock`, `it as thing`, `which` or `last key` ("this key") stands in for it; "the lock of the <lock>" is the lock itself.
A line without `=>` says nothing of the world. This file knows no sentence of any game; those stand in phrasings.py.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product

from ariadne.values import Triplet

DIRECTIONS = ("north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest", "up", "down")
_DIRECTION = rf"(?:{'|'.join(sorted(DIRECTIONS, key=len, reverse=True))})"
_NAME = r"[^\s.,;:!?\"][^.,;:!?\"]*?"
_SLOTS = {
    "direction": _DIRECTION,
    "directions": rf"{_DIRECTION}(?:(?:,| and|, and) {_DIRECTION})*",
    "state": "(?:open(?:ed)?|closed|locked)",
    "look": "(?:raw|cooked|fried|roasted|grilled|burned|burnt|uncut|chopped|sliced|diced)",
    "work": "(?:fry|roast|grill|chop|slice|dice)",
    "things": r"(?:an? |some |the )?[^.:!?\"]+?",
    "listed": r"(?:an? |some |the )[^.:!?\"]+?",
    "doors": r"(?:an? |some |the )?[^.:!?\"]+?",
    "looks": r"[\w'-]+(?: [\w'-]+){0,2}?",
    "kind": r"[\w'-]+(?: [\w'-]+)*?",
    "ones": r"one [^,]+?(?:,? (?:and )?one [^,]+?)*",
    "glued": r"[\w'-]+(?: [\w'-]+)*?",
    "any": r".+?",
}
_LISTS = frozenset({"things", "listed", "doors", "directions"})
_ARTICLE = re.compile(r"^(?:an?|the|some|your)\s+(?=\S)", re.IGNORECASE)
_ORDINARY = frozenset({"ordinary", "normal", "typical", "standard", "usual"})
_NOBODY = re.compile(
    r"(?:one|each|every|all|any|some|none|both|another) of\b"
    r"|(?:every|each|all|any|no|another|this|that|these|those|with|by|to|from|and|or)\b"
    r"|(?:it|they|them|you|i|he|she|we|one|there|here|what|which|who|nothing|something|anything|everything|thing)$",
    re.IGNORECASE,
)
_THIS_KEY = re.compile(r"(?:(?:this|that) )?key", re.IGNORECASE)
ALSO = "is known as"
_IT = re.compile(r"it|this|that|which", re.IGNORECASE)
_ARTICLES = frozenset({"the", "a"})
_MARKS = ".,;:!?'\"()"
_LONG = 7  # words: no name has more
_NO_NAME = re.compile(
    r"\b(?:which|where|what|who|whoever|when|how|if|because|that|is|are|was|were|will|can(?! ?$)|you|they|there|here"
    r"|it|them|me|him|her|this|these|those|nothing"
    r"|in|on|at|from|with|by|into|onto|inside|within|under|near|beside|using)\b",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"(?<=\S) [A-Z]\w*$")


@dataclass(frozen=True)
class Pattern:
    """One line of a table, to match whole sentences. Most are never tried: each is compiled when it first is."""

    sentence: str
    """In the language above, with what its fragments stand for."""
    templates: tuple[Triplet, ...]
    word: str
    """A word that every sentence of this kind has; "" where there is none."""

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Raises ValueError where the sentence is none of the language."""
        try:
            return re.compile(rf"{_regex(self.sentence)}[.!?:]*", re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"cannot be read: {self.sentence!r} ({error})") from error

    def read(self, sentence: str, scene: Mapping[str, str]) -> list[Triplet] | None:
        """The triplets that the sentence tells in this scene; None where the pattern does not match it."""
        match = self.regex.fullmatch(sentence)
        if match is None:
            return None
        slots = {name: _values(name, text) for name, text in match.groupdict().items() if text is not None}
        looks, also = slots.pop("looks", [""])[0], list[Triplet]()
        if looks and looks.lower() not in _ORDINARY:
            slots |= {"noun": slots["thing"], "thing": [f"{looks} {thing}" for thing in slots["thing"]]}
            also = [Triplet("<noun>", ALSO, "<thing>")]
        slots = {name: [_meant(name, value, scene) for value in values] for name, values in slots.items()}
        if any(name not in _SLOTS and not (_IT.fullmatch(v) or _is_name(v)) for name, vs in slots.items() for v in vs):
            return None
        slots |= {name: [text] for name, text in scene.items() if name not in slots}
        found = [triplet for template in (*self.templates, *also) for triplet in _fill(template, slots)]
        return None if self.templates and not found else found


class Table(tuple[Pattern, ...]):
    """Patterns in their order. Reads a sentence by the first that matches; only those are tried whose word it has."""

    def __init__(self, patterns: Iterable[Pattern] = ()) -> None:  # noqa: ARG002 - the tuple has them
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for row, pattern in enumerate(self):
            self._by_word[pattern.word].append(row)

    def read(self, sentence: str, scene: Mapping[str, str]) -> list[Triplet] | None:
        """The triplets that the sentence tells in this scene; None where no pattern matches it."""
        words = {"", *_words(sentence)}
        for row in sorted(row for word in words for row in self._by_word.get(word, ())):
            if (told := self[row].read(sentence, scene)) is not None:
                return told
        return None


def table(lines: str, fragments: Mapping[str, str]) -> Table:
    """The patterns of a table in the language above; raises ValueError where triplets or fragments of a line cannot be
    read."""
    rows = (line.strip() for line in lines.splitlines())
    return Table(_pattern(row, fragments) for row in rows if row and not row.startswith("#"))


def phrase(words: str) -> str:
    """The regular expression of a phrase in which `[x]` may be missing and `(a|b)` is either."""
    return _regex(words)


def names_in(listed: str) -> list[str]:
    """The names in "a key, a note and some salt"; an "and" inside a name stays where an article shows the borders."""
    listed = re.sub(r"\s*\([^)]*\)", "", listed).strip()
    parts = re.split(r",? and (?=(?:an?|some|the|your) )|, (?=(?:an?|some|the|your) )", listed)
    if len(parts) == 1 and not _ARTICLE.match(listed):
        parts = re.split(r",? and |, ", listed)
    return [without_article(part) for part in parts if part.strip()]


def without_article(name: str) -> str:
    return _ARTICLE.sub("", name.strip()).strip()


def _pattern(row: str, fragments: Mapping[str, str]) -> Pattern:
    sentence, _, told = row.partition("=>")
    templates = []
    for part in filter(None, (piece.strip() for piece in told.split(";"))):
        fields = [field.strip() for field in part.split("|")]
        if len(fields) != 3:
            raise ValueError(f"a triplet needs three parts: {part!r} in {row!r}")
        templates.append(Triplet(*fields))
    sentence = sentence.strip()
    whole = _expanded(f"{{head}}{sentence}{{tail}}", fragments)
    return Pattern(whole, tuple(templates), _certain_word(_expanded(sentence, fragments)))


def _certain_word(sentence: str) -> str:
    """The longest word that stands in a sentence whatever is chosen or left out."""
    while sentence != (less := re.sub(r"\[[^\[\]()]*\]|\([^\[\]()]*\)|<\w+>", "\0", sentence)):
        sentence = less
    certain = (word for word in sentence.split() if "\0" not in word and word.casefold() not in _ARTICLES)
    return max(chain(*map(_words, certain)), key=len, default="")


def _words(sentence: str) -> list[str]:
    return [word.strip(_MARKS) for word in sentence.casefold().split()]


def _expanded(sentence: str, fragments: Mapping[str, str]) -> str:
    if unknown := [name for name in re.findall(r"\{(\w+)\}", sentence) if name not in fragments]:
        raise ValueError(f"no fragment {unknown[0]!r}: {sentence!r}")
    for _ in range(3):  # fragments may use fragments
        sentence = re.sub(r"\{(\w+)\}", lambda m: fragments[m[1]], sentence)
    return sentence


def _regex(sentence: str) -> str:
    sentence = re.sub(r"\bthe (?=<(?!any|state|look|direction))", "", sentence, flags=re.IGNORECASE)
    sentence = re.sub(r"\b([Aa]) (?=<)", r"(\1|\1n|some) ", sentence)
    out = []
    for token in re.findall(r"<\w+>|[\[\]()|]|[^<\[\]()|]+", sentence):
        if token.startswith("<"):
            out.append(_slot(token[1:-1]))
        else:
            out.append({"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|"}.get(token) or re.escape(token))
    return "".join(out)


def _slot(name: str) -> str:
    if name == "any":
        return _SLOTS["any"]
    if name in _SLOTS:
        return f"(?P<{name}>{_SLOTS[name]})"
    before = "(?:the (?:lock|keyhole|padlock) (?:of|on|to) )?" if name == "lock" else ""
    state = "(?:(?:locked|closed) )?" if name == "lock" else ""
    return rf"{before}(?:(?:only|just|nothing but|none but) )?(?:(?:an?|the|some|your) )?{state}(?P<{name}>{_NAME})"


def _values(name: str, text: str) -> list[str]:
    if name == "directions":
        return re.findall(_DIRECTION, text.lower())
    if name in _LISTS:
        return names_in(text)
    if name == "ones":
        return re.findall(r"\bone (.+?)(?=,| and one |$)", text)
    if name == "state":
        return ["open" if text.lower() == "opened" else text.lower()]
    return [text.lower() if name in ("direction", "look", "work") else without_article(text)]


def _meant(slot: str, value: str, scene: Mapping[str, str]) -> str:
    """The name that a pronoun in a slot points back to, as far as the scene knows."""
    if slot == "key" and _THIS_KEY.fullmatch(value):
        return scene.get("last key", value)
    if value.lower() == "which":
        return scene.get("which", value)
    return scene.get(f"it as {slot}", value) if _IT.fullmatch(value) else value


def _fill(template: Triplet, slots: Mapping[str, list[str]]) -> Iterator[Triplet]:
    wanted = re.findall(r"<([\w ]+)>", str(template))
    for values in product(*(slots.get(name, []) for name in wanted)):
        chosen = dict(zip(wanted, values, strict=True))
        if all(_is_name(value) for value in values):
            yield Triplet(*(_insert(part, chosen) for part in (template.subject, template.relation, template.object)))


def _is_name(text: str) -> bool:
    """Whether this can be the name of a thing: no pronoun, no clause, nothing with its place. A last word with a
    capital is a part of it ("Room At")."""
    return not _NOBODY.match(text) and not _NO_NAME.search(_CAPITAL.sub("", text)) and len(text.split()) <= _LONG


def _insert(part: str, chosen: Mapping[str, str]) -> str:
    return re.sub(r"<([\w ]+)>", lambda m: chosen[m[1]], part)

"""A small language for sentences: a table holds patterns, and each pattern names the triplets that its sentence states.

A line of a table reads `sentence => subject | relation | object; subject | relation | object`. In a sentence, `[x]` is
optional, `(a|b)` is a choice, `{name}` is a fragment, and `<name>` is a placeholder. A line without triplets is a
sentence without facts about the world. A line `{name} = text` defines a fragment. The fragments `head` and `tail` may
stand around every sentence. A line `== name ==` begins a section, and `#` begins a comment.

Placeholders:

    <thing>, or any other name    a noun phrase; "the <thing>" has an article or none, "a <thing>" has one
    <things>, <doors>             a list: "a key, a note and some salt"; the list of <listed> begins with an article
    <direction>, <directions>     north, south, ...
    <state>                       open, closed, locked
    <food_state>, <preparation>   fried, sliced, ...; fry, slice, ...
    <kind>s, <ones>               several of one kind: "two chests, one old and one new"
    <glued>things                 an adjective that is written together with "things": "two oldthings"
    <appearance>                  an adjective of <thing>; it joins the name, unless it is "ordinary" or the like. The
                                  pattern then also states "chest | is known as | rusty chest"
    <any>                         any text; no triplet uses it

A triplet uses the placeholders of its sentence, and names that the reading context supplies: <here> (the room), <it>
(the last thing mentioned), and <target>, <tool>, <opened> and <taken> (from the command). If a placeholder holds only a
pronoun, the context resolves it by `it as key`, `it as lock`, `it as thing`, `which` or `last key` ("this key"). "The
lock of the <lock>" is the lock itself.

This module knows no sentence of any game. Those are in `memory/extraction/tables/`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product

from ariadne.relations import DIRECTIONS, IS_KNOWN_AS
from ariadne.values import Triplet

_DIRECTION = rf"(?:{'|'.join(sorted(DIRECTIONS, key=len, reverse=True))})"
_NAME = r"[^\s.,;:!?\"][^.,;:!?\"]*?"
_PLACEHOLDERS = {
    "direction": _DIRECTION,
    "directions": rf"{_DIRECTION}(?:(?:,| and|, and) {_DIRECTION})*",
    "state": "(?:open(?:ed)?|closed|locked)",
    "food_state": "(?:raw|cooked|fried|roasted|grilled|burned|burnt|uncut|chopped|sliced|diced)",
    "preparation": "(?:fry|roast|grill|chop|slice|dice)",
    "things": r"(?:an? |some |the )?[^.:!?\"]+?",
    "listed": r"(?:an? |some |the )[^.:!?\"]+?",
    "doors": r"(?:an? |some |the )?[^.:!?\"]+?",
    "appearance": r"[\w'-]+(?: [\w'-]+){0,2}?",
    "kind": r"[\w'-]+(?: [\w'-]+)*?",
    "ones": r"one [^,]+?(?:,? (?:and )?one [^,]+?)*",
    "glued": r"[\w'-]+(?: [\w'-]+)*?",
    "any": r".+?",
}
_LISTS = frozenset({"things", "listed", "doors", "directions"})
_ARTICLE = re.compile(r"^(?:an?|the|some|your)\s+(?=\S)", re.IGNORECASE)
_ORDINARY = frozenset({"ordinary", "normal", "typical", "standard", "usual"})
_NOT_A_NAME = re.compile(
    r"(?:one|each|every|all|any|some|none|both|another) of\b"
    r"|(?:every|each|all|any|no|another|this|that|these|those|with|by|to|from|and|or)\b"
    r"|(?:it|they|them|you|i|he|she|we|one|there|here|what|which|who|nothing|something|anything|everything|thing)$",
    re.IGNORECASE,
)
_THIS_KEY = re.compile(r"(?:(?:this|that) )?key", re.IGNORECASE)
_PRONOUN = re.compile(r"it|this|that|which", re.IGNORECASE)
_ARTICLES = frozenset({"the", "a"})
_MARKS = ".,;:!?'\"()"
_MOST_WORDS = 7  # of a name
_CLAUSE_WORD = re.compile(
    r"\b(?:which|where|what|who|whoever|when|how|if|because|that|is|are|was|were|will|can(?! ?$)|you|they|there|here"
    r"|it|them|me|him|her|this|these|those|nothing"
    r"|in|on|at|from|with|by|into|onto|inside|within|under|near|beside|using)\b",
    re.IGNORECASE,
)
_LAST_CAPITALIZED = re.compile(r"(?<=\S) [A-Z]\w*$")
_FRAGMENT = re.compile(r"\{(\w+)\} =\s*(.*)")
_SECTION = re.compile(r"== (\w+) ==")


@dataclass(frozen=True)
class Pattern:
    """One line of a table. It matches whole sentences; its regular expression is compiled at the first try."""

    sentence: str
    """The sentence in the language of this module, with its fragments expanded."""
    templates: tuple[Triplet, ...]
    required_word: str
    """A word that every matching sentence contains; "" if there is none."""

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The regular expression of the sentence; raises ValueError if the sentence is not in the language."""
        try:
            return re.compile(rf"{_regex(self.sentence)}[.!?:]*", re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"the pattern {self.sentence!r} cannot be read: {error}") from error

    def read(self, sentence: str, context: Mapping[str, str]) -> list[Triplet] | None:
        """Return the triplets that a sentence states; None if the pattern does not match it.

        Args:
            sentence: One whole sentence.
            context: The names that the reading context supplies, by placeholder: "here", "it", "it as key", ...
        """
        match = self.regex.fullmatch(sentence)
        if match is None:
            return None
        placeholders = {name: _values(name, text) for name, text in match.groupdict().items() if text is not None}
        appearance, aliases = placeholders.pop("appearance", [""])[0], list[Triplet]()
        if appearance and appearance.lower() not in _ORDINARY:
            placeholders |= {
                "noun": placeholders["thing"],
                "thing": [f"{appearance} {thing}" for thing in placeholders["thing"]],
            }
            aliases = [Triplet("<noun>", IS_KNOWN_AS, "<thing>")]
        placeholders = {
            name: [_resolved(name, value, context) for value in values] for name, values in placeholders.items()
        }
        if not all(
            _PRONOUN.fullmatch(v) or _is_name(v)
            for name, vs in placeholders.items()
            if name not in _PLACEHOLDERS
            for v in vs
        ):
            return None
        placeholders |= {name: [text] for name, text in context.items() if name not in placeholders}
        triplets = [triplet for template in (*self.templates, *aliases) for triplet in _fill(template, placeholders)]
        return None if self.templates and not triplets else triplets


class Table(tuple[Pattern, ...]):
    """Patterns in their order: the first match reads a sentence. A pattern is tried only if its word occurs."""

    def __init__(self, patterns: Iterable[Pattern] = ()) -> None:  # noqa: ARG002 - the tuple holds them
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for row, pattern in enumerate(self):
            self._by_word[pattern.required_word].append(row)

    def read(self, sentence: str, context: Mapping[str, str]) -> list[Triplet] | None:
        """Return the triplets that a sentence states; None if no pattern matches it. See `Pattern.read`."""
        words = {"", *_words(sentence)}
        for row in sorted(row for word in words for row in self._by_word.get(word, ())):
            if (triplets := self[row].read(sentence, context)) is not None:
                return triplets
        return None


def parse_table(text: str, fragments: Mapping[str, str] | None = None) -> Table:
    """Return the patterns of a text as one table, its sections one after another. See `parse_tables`."""
    return Table(chain.from_iterable(parse_tables(text, fragments).values()))


def parse_tables(text: str, fragments: Mapping[str, str] | None = None) -> dict[str, Table]:
    """Return the tables of a text by section; the table "" stands above the first section.

    Args:
        text: Lines in the language of this module.
        fragments: Fragments besides those of the text. A fragment of the text replaces one of the same name.

    Raises:
        ValueError: A triplet has no three parts, or a fragment is not defined.
    """
    known = {"head": "", "tail": "", **(fragments or {}), **parse_fragments(text)}
    rows, section = defaultdict[str, list[str]](list), ""
    for line in _lines(text):
        if header := _SECTION.fullmatch(line):
            section = header[1]
        elif not _FRAGMENT.fullmatch(line):
            rows[section].append(line)
    return {name: Table(_pattern(row, known) for row in lines) for name, lines in rows.items()}


def parse_fragments(text: str) -> dict[str, str]:
    """Return the fragments that a text defines in lines `{name} = text`."""
    return {found[1]: found[2] for line in _lines(text) if (found := _FRAGMENT.fullmatch(line))}


def phrase_regex(words: str) -> str:
    """Return the regular expression of a phrase in which `[x]` is optional and `(a|b)` is a choice."""
    return _regex(words)


def split_names(listed: str) -> list[str]:
    """Return the names in "a key, a note and some salt"; if articles show the borders, "and" may be part of a name."""
    listed = re.sub(r"\s*\([^)]*\)", "", listed).strip()
    parts = re.split(r",? and (?=(?:an?|some|the|your) )|, (?=(?:an?|some|the|your) )", listed)
    if len(parts) == 1 and not _ARTICLE.match(listed):
        parts = re.split(r",? and |, ", listed)
    return [without_article(part) for part in parts if part.strip()]


def without_article(name: str) -> str:
    """Return a name without the article before it."""
    return _ARTICLE.sub("", name.strip()).strip()


def _lines(text: str) -> Iterator[str]:
    lines = (line.strip() for line in text.splitlines())
    return (line for line in lines if line and not line.startswith("#"))


def _pattern(row: str, fragments: Mapping[str, str]) -> Pattern:
    sentence, _, stated = row.partition("=>")
    templates = []
    for part in filter(None, (piece.strip() for piece in stated.split(";"))):
        fields = [field.strip() for field in part.split("|")]
        if len(fields) != 3:
            raise ValueError(f"a triplet needs three parts: {part!r} in {row!r}")
        templates.append(Triplet(*fields))
    sentence = sentence.strip()
    whole = _expanded(f"{{head}}{sentence}{{tail}}", fragments)
    return Pattern(whole, tuple(templates), _required_word(_expanded(sentence, fragments)))


def _required_word(sentence: str) -> str:
    """Return the longest word that every form of a sentence contains; "" if there is none."""
    while sentence != (shorter := re.sub(r"\[[^\[\]()]*\]|\([^\[\]()]*\)|<\w+>", "\0", sentence)):
        sentence = shorter
    required = (word for word in sentence.split() if "\0" not in word and word.casefold() not in _ARTICLES)
    return max(chain(*map(_words, required)), key=len, default="")


def _words(sentence: str) -> list[str]:
    return [word.strip(_MARKS) for word in sentence.casefold().split()]


def _expanded(sentence: str, fragments: Mapping[str, str]) -> str:
    """Replace the fragments of a sentence, and the fragments in those, three levels deep."""
    for _ in range(3):
        if unknown := [name for name in re.findall(r"\{(\w+)\}", sentence) if name not in fragments]:
            raise ValueError(f"no fragment {unknown[0]!r} for {sentence!r}: define it with {{{unknown[0]}}} = ...")
        sentence = re.sub(r"\{(\w+)\}", lambda m: fragments[m[1]], sentence)
    return sentence


def _regex(sentence: str) -> str:
    sentence = re.sub(r"\bthe (?=<(?!any|state|food_state|appearance|direction))", "", sentence, flags=re.IGNORECASE)
    sentence = re.sub(r"\b([Aa]) (?=<)", r"(\1|\1n|some) ", sentence)
    out = []
    for token in re.findall(r"<\w+>|[\[\]()|]|[^<\[\]()|]+", sentence):
        if token.startswith("<"):
            out.append(_placeholder(token[1:-1]))
        else:
            out.append({"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|"}.get(token) or re.escape(token))
    return "".join(out)


def _placeholder(name: str) -> str:
    if name == "any":
        return _PLACEHOLDERS["any"]
    if name in _PLACEHOLDERS:
        return f"(?P<{name}>{_PLACEHOLDERS[name]})"
    before = "(?:the (?:lock|keyhole|padlock) (?:of|on|to) )?" if name == "lock" else ""
    state = "(?:(?:locked|closed) )?" if name == "lock" else ""
    return rf"{before}(?:(?:only|just|nothing but|none but) )?(?:(?:an?|the|some|your) )?{state}(?P<{name}>{_NAME})"


def _values(name: str, text: str) -> list[str]:
    """Return the values that a placeholder takes from its text: several for a list."""
    if name == "directions":
        return re.findall(_DIRECTION, text.lower())
    if name in _LISTS:
        return split_names(text)
    if name == "ones":
        return re.findall(r"\bone (.+?)(?=,| and one |$)", text)
    if name == "state":
        return ["open" if text.lower() == "opened" else text.lower()]
    return [text.lower() if name in ("direction", "food_state", "preparation") else without_article(text)]


def _resolved(placeholder: str, value: str, context: Mapping[str, str]) -> str:
    """Return the name that a pronoun in a placeholder points back to, if the context supplies it; else the value."""
    if placeholder == "key" and _THIS_KEY.fullmatch(value):
        return context.get("last key", value)
    if value.lower() == "which":
        return context.get("which", value)
    return context.get(f"it as {placeholder}", value) if _PRONOUN.fullmatch(value) else value


def _fill(template: Triplet, placeholders: Mapping[str, list[str]]) -> Iterator[Triplet]:
    """Yield the template's triplets, one for each combination of the values of its placeholders."""
    names = re.findall(r"<([\w ]+)>", str(template))
    for values in product(*(placeholders.get(name, []) for name in names)):
        chosen = dict(zip(names, values, strict=True))
        if all(_is_name(value) for value in values):
            yield Triplet(*(_insert(part, chosen) for part in (template.subject, template.relation, template.object)))


def _is_name(text: str) -> bool:
    """Return whether a text can be a name: no pronoun, no clause, no place behind it.

    A capitalized last word is part of the name ("Room At").
    """
    clause = _CLAUSE_WORD.search(_LAST_CAPITALIZED.sub("", text))
    return not _NOT_A_NAME.match(text) and not clause and len(text.split()) <= _MOST_WORDS


def _insert(part: str, chosen: Mapping[str, str]) -> str:
    return re.sub(r"<([\w ]+)>", lambda m: chosen[m[1]], part)

"""Every sentence of TextWorld's grammars about rooms and things is read: each is expanded at random, many times."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.values import Reading
from tests.scale import scaled

pytest.importorskip("textworld")

import numpy as np
from textworld.challenges.tw_cooking import cooking
from textworld.generator.data import KnowledgeBase
from textworld.generator.text_grammar import Grammar, GrammarOptions

EXTRACTOR = RulesExtractor()
CONDITIONAL = re.compile(r"\[if ([^\]]*)\]((?:(?!\[if |\[end if\]).)*)\[end if\]", re.DOTALL)
ELSE = re.compile(r"\[(?:else if ([^\]]*)|otherwise)\]")
LISTS = ("a rusty key", "a rusty key and some water", "a type F keycard, a loaf of bread and an old key")

EXPECTED = {
    "#dec#": "player is at Hall", "#room_desc_(c)#": " is in Hall", "#room_desc_(s)#": " is in Hall",
    "#room_desc_(d)#": " is behind rusty door", "#room_desc_(dir)#": "Hall has exit",
    "#room_desc_exits#": "Hall has exit", "#room_exit_desc#": "Hall has exit",
    "#room_desc_doors_closed#": "player is at Hall", "#room_desc_doors_open#": "player is at Hall",
}  # fmt: skip
OF_ROOMS = (
    ("#dec#", "spooky bedroom"), ("#dec#", "bedroom"), ("#room_desc_(c)#", "rusty chest"), ("#room_desc_(c)#", "chest"),
    ("#room_desc_(s)#", "rusty table"), ("#room_desc_(s)#", "table"), ("#room_desc_(d)#", "rusty door"),
    ("#room_desc_(dir)#", "hall"), ("#room_desc_exits#", "hall"), ("#room_exit_desc#", "hall"),
    ("#room_desc_doors_closed#", "rusty door"), ("#room_desc_doors_open#", "rusty door"),
)  # fmt: skip
OF_THINGS = (
    ("#(c)_desc# #openable_desc#", "rusty chest"), ("#(d)_desc# #openable_desc#", "rusty door"),
    ("#(s)_desc#", "rusty table"), ("#(o)_desc#", "rusty ball"), ("#(f)_desc#", "rusty apple"),
    ("#(k)_desc#", "rusty key"),
)  # fmt: skip
ACTIONS = (
    "take", "take/c", "take/s", "insert", "put", "drop", "eat", "open", "close", "unlock", "lock", "go/north",
    "go/east/d", "ig_unlock_open", "ig_unlock_open_take", "ig_take_unlock", "ig_open_insert",
    "ig_insert_close", "ig_close_lock",
)  # fmt: skip
CALLED = {
    "o": "broccoli",
    "f": "pear",
    "k": "latchkey",
    "c": "safe",
    "s": "rack",
    "d": "gateway",
    "r": "attic",
    "dir": "east",
}


@cache
def knowledge() -> KnowledgeBase:
    """Return TextWorld's knowledge with that of tw_cooking."""
    return KnowledgeBase.load(logic_path=cooking.KB_LOGIC_PATH, grammar_path=cooking.KB_GRAMMAR_PATH)


def grammar(theme: str, seed: int) -> Any:
    options = GrammarOptions(theme="house" if theme == "cooking" else theme)
    return Grammar(options, np.random.RandomState(seed), knowledge() if theme == "cooking" else None)


def decided(text: str, chance: random.Random) -> str:
    """Decide Inform 7's conditions and lists: one state throughout, and full or empty."""
    state, full = chance.choice(["open", "closed", "locked"]), chance.random() < 0.6

    def holds(condition: str) -> bool:
        parts = condition.split(" and ")
        return all(full if "something" in one else not full if "nothing" in one else state in one for one in parts)

    def chosen(conditional: re.Match[str]) -> str:
        first, *rest = ELSE.split(conditional[2])
        branches = [(conditional[1], first), *zip(rest[::2], rest[1::2], strict=True)]
        return next((text for condition, text in branches if condition is None or holds(condition)), "")

    if "[if" in text and "[end if]" not in text:
        text += "[end if]"
    while text != (text := CONDITIONAL.sub(chosen, text)):
        pass
    text = re.sub(r"\[a list of things (?:in|on) [^\]]*\]", lambda _: chance.choice(LISTS), text)
    text = re.sub(r"\[is-are a list of things [^\]]*\]", "is a rusty key", text)
    return re.sub(r"\[([\w' ]+)\|([\w' ]+)\]", lambda one: chance.choice(one.groups()), text)


def named(text: str, names: Mapping[str, str]) -> str:
    """Return the text with names in its placeholders: "(name)", "(s|c)"."""

    def name(placeholder: re.Match[str]) -> str:
        return next((names[key] for key in placeholder[1].split("|") if key in names), placeholder[0])

    return re.sub(r"\(([^()\s]+)\)", name, text)


def sentences(expanded: str, called: str, grammar: Any, chance: random.Random) -> str:
    """Return the game's text about a thing or a room of this name."""
    adjective, _, noun = called.rpartition(" ")
    names = {
        "name": called, "name-definite": f"the {called}", "name-indefinite": f"a {called}", "name-n": noun,
        "name-n-definite": f"the {noun}", "name-n-indefinite": f"a {noun}",
        "name-adj": adjective or grammar.expand("#ordinary_adj#"), "dir": chance.choice(["north", "east"]),
        "^": chance.choice(["two", "several"]), "val": "doors", "obj": "x",
    }  # fmt: skip
    text = decided(named(expanded, names).replace("[noun]", called), chance).strip()
    assert not re.search(r"[\[\]#]|\((?!s\))", text), text
    return text[:1].upper() + text[1:]


def readings(
    theme: str, seeds: int, symbols: tuple[tuple[str, str], ...], template: str
) -> Iterator[tuple[str, str, Reading]]:
    """Yield each symbol, one expansion of it and its reading, for each seed."""
    for seed in range(seeds):
        chance, expanding = random.Random(seed), grammar(theme, seed)
        for symbol, called in symbols:
            if all(map(expanding.has_tag, symbol.split())):
                text = sentences(expanding.expand(symbol), called, expanding, chance)
                yield symbol, text, EXTRACTOR.read(template.format(called=called, text=text))


@pytest.mark.sample
@pytest.mark.parametrize(("theme", "seeds"), [("house", 100), ("basic", 20), ("cooking", 100)])
def test_every_description_of_a_room_is_read(theme: str, seeds: int) -> None:
    found = list(readings(theme, seeds, OF_ROOMS, "> go north\n-= Hall =-\n{text}"))
    assert len(found) >= 11 * seeds
    for symbol, text, reading in found:
        assert reading.unread == (), text
        assert any(EXPECTED[symbol] in str(triplet) for triplet in reading.triplets), text


@pytest.mark.sample
@pytest.mark.parametrize(("theme", "seeds"), [("house", 100), ("basic", 20), ("cooking", 100)])
def test_every_description_of_an_examined_thing_is_read(theme: str, seeds: int) -> None:
    found = list(readings(theme, seeds, OF_THINGS, "> examine {called}\n{text}"))
    assert len(found) == 6 * seeds
    for _, text, reading in found:
        assert reading.unread == (), text


def test_every_objective_is_read() -> None:
    for seed in range(scaled(30, 100)):
        expanding, chance = grammar("house", seed), random.Random(seed)
        first, second = chance.sample(ACTIONS, 2)
        parts = ("prologue", first, "action_separator", second, "epilogue")
        text = named(" ".join(expanding.expand(f"#{part}#").strip() for part in parts), CALLED)
        reading = EXTRACTOR.read(f"{text}\n\n-= Hall =-\nYou see a chest.")
        assert reading.unread == (), text

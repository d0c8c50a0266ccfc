"""An ontology: a file in TOML that declares which facts exclude each other. Revision rests on it alone."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from ariadne.errors import InvalidInput
from ariadne.memory.ontology.kinds import BUILT_IN, Phrases

PACKAGED = ("open", "everyday", "text-world")
"""The ontologies of this package."""
OPEN, EVERYDAY, TEXT_WORLD = PACKAGED
PLACE = "place"
"""The slot that holds where a thing is."""


def _checked_phrases(words: tuple[str, ...]) -> tuple[str, ...]:
    Phrases(words)
    return words


Wordings = Annotated[tuple[str, ...], AfterValidator(_checked_phrases)]
"""Wordings, in which `[x]` is optional, `(a|b)` is a choice, `*` is any words, and `#` is a number."""


class _Table(BaseModel):
    """A table of the file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RelationRule(_Table):
    """What the facts of some relations exclude and end; of several rules for a triplet, the first fills its slot."""

    phrases: Wordings = Field(min_length=1)
    """The relations, in the wordings that a triplet may have."""
    slot: str = ""
    """What the value fills; relations with one slot are wordings of each other. "" makes each relation a slot."""
    of: Literal["subject", "object", "both"] = "subject"
    """Whose slot it is; "object" is the inverse direction ("box contains apple"), "both" a symmetric relation."""
    values: Literal["one", "many"] = "one"
    """Whether a new value ends the one before."""
    subjects: tuple[str, ...] = ()
    """The rule is only for subjects of these kinds."""
    kinds: tuple[str, ...] = ()
    """The rule is only for objects of these kinds."""
    not_kinds: tuple[str, ...] = ()
    """The rule is not for objects of these kinds."""
    apart: tuple[str, ...] = ()
    """Values of these kinds do not exclude values of another kind: a country does not exclude a city."""
    nested: bool = False
    """A value does not exclude another that holds it: the kitchen does not exclude the table that is in it."""
    weak: bool = False
    """Others end it, and it ends none."""
    value: str = ""
    """The value, if it is not the object: who drops a thing puts it on the floor."""
    ends: tuple[str, ...] = ()
    """The slots whose facts end if they have the same two names: "left" ends "works for"."""
    ends_all: tuple[str, ...] = ()
    """The slots whose facts about the subject end, with any value."""

    @property
    def fills_slot(self) -> bool:
        """Whether its facts fill a slot; other rules only end the facts of slots."""
        return bool(self.slot) or not (self.ends or self.ends_all)


class Physics(_Table):
    """The laws of a world of things: moved holders take their content along, and meals use up their parts."""

    hands: tuple[str, ...] = ()
    """Names of the place of things that the player carries."""
    ground: tuple[str, ...] = ()
    """Names of the floor of a room that no fact names."""
    food_states: tuple[tuple[str, ...], ...] = ()
    """States that exclude each other and may stand before a name: "raw potato" is potato."""
    made: tuple[str, ...] = ()
    made_by: tuple[str, ...] = ()
    made_of: Wordings = ()
    part_of: Wordings = ()
    """A made thing uses up its parts: those in hand that its recipe requires."""
    uses_up_subject: Wordings = ()
    uses_up_object: Wordings = ()


class Ontology(_Table):
    """Declares relations with one value at a time, what ends them, and the kinds of their values."""

    name: str = Field(min_length=1)
    extends: tuple[str, ...] = ()
    """Packaged ontologies whose rules are tried behind its own."""
    closed: bool = False
    """Whether a model may propose to end only what this ontology declares; else it may propose any end."""
    kinds: Mapping[str, Wordings] = {}
    """Kinds of names, and the names of each; the first kind that matches is used."""
    states: tuple[tuple[str, ...], ...] = ()
    """States that exclude each other, as objects of "is"."""
    synonyms: Mapping[str, str] = {}
    """Other names of states."""
    permanent: Wordings = ()
    """Relations whose facts never end, unless a caller ends them."""
    relation: tuple[RelationRule, ...] = ()
    physics: Physics | None = None

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        bases = [packaged(name) for name in self.extends]
        known = {*BUILT_IN, *self.kinds, *(kind for base in bases for kind in base.kinds)}
        slots = {PLACE, *(rule.slot for each in (self.relation, *(base.relation for base in bases)) for rule in each)}
        for rule in self.relation:
            if unknown := {*rule.kinds, *rule.not_kinds, *rule.apart} - known:
                raise ValueError(
                    f"{rule.phrases[0]!r}: unknown kind {', '.join(sorted(unknown))}; declare it in [kinds]"
                )
            if unknown := {*rule.ends, *rule.ends_all} - slots:
                raise ValueError(f"{rule.phrases[0]!r}: no rule has the slot {', '.join(sorted(unknown))}")
        return self

    def extended(self) -> Ontology:
        """Return this ontology with the tables of those that it extends behind its own."""
        every = [self, *(packaged(name).extended() for name in self.extends)]
        kinds = {kind: words for each in reversed(every) for kind, words in each.kinds.items()}
        return self.model_copy(
            update={
                "extends": (),
                "kinds": {**{kind: kinds[kind] for kind in self.kinds}, **kinds},
                "states": tuple(group for each in every for group in each.states),
                "synonyms": {name: state for each in reversed(every) for name, state in each.synonyms.items()},
                "permanent": tuple(words for each in every for words in each.permanent),
                "relation": tuple(rule for each in every for rule in each.relation),
                "physics": next((each.physics for each in every if each.physics is not None), None),
            }
        )


def parse(text: str) -> Ontology:
    """Return the ontology of a text in TOML.

    Raises:
        InvalidInput: The text is not TOML, or a key or a value is wrong; the message names the place.
    """
    try:
        return Ontology.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"the ontology is not TOML: {error}") from error
    except ValidationError as error:
        raise InvalidInput(f"the ontology is wrong: {'; '.join(map(_problem, error.errors()))}") from error


_REMEDIES = {
    "extra_forbidden": "unknown key",
    "string_type": "give a text in quotes",
    "bool_type": "give true or false",
    "bool_parsing": "give true or false",
    "tuple_type": "give a list of texts",
    "mapping_type": "give a table",
    "dict_type": "give a table",
    "model_type": "give a table",
    "too_short": "give at least one",
    "string_too_short": "give a text that is not empty",
}
"""What is wrong with a value, by the type of pydantic's error."""
_REMEDIES_IN = {
    "relation": "give tables: [[relation]]",
    "states": "give a list of lists of texts",
    "food_states": "give a list of lists of texts",
}
"""The same for a key whose value is no list."""


def _problem(error: ErrorDetails) -> str:
    path, kind = ".".join(map(str, error["loc"])), error["type"]
    message = error["msg"].removeprefix("Value error, ")
    if kind == "literal_error":
        message = f"give {error['ctx']['expected']}"
    elif kind in _REMEDIES:
        named = _REMEDIES_IN.get(str(error["loc"][-1])) if kind == "tuple_type" else None
        message = named or _REMEDIES[kind]
    return f"{path}: {message}" if path else message


@cache
def packaged(name: str) -> Ontology:
    """Return an ontology of this package by its name; raises InvalidInput for an unknown name."""
    return parse(packaged_text(name))


def packaged_text(name: str) -> str:
    """Return the file of an ontology of this package; raises InvalidInput for an unknown name."""
    if name not in PACKAGED:
        raise InvalidInput(f"ontology={name!r:.80} is unknown: give one of {', '.join(PACKAGED)}, or a file in TOML")
    return (Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8")


def checked_text(given: str | Path) -> str:
    """Return what a space keeps of an ontology: the name of a packaged one, else its whole text.

    Args:
        given: A packaged name, the name of a file, or the text of a file.

    Raises:
        InvalidInput: It is none of these, or it cannot be read.
    """
    if not isinstance(given, str | Path):
        raise InvalidInput(f"ontology={given!r:.80} is no ontology: give a name, or a file in TOML")
    if isinstance(given, str) and given in PACKAGED:
        return given
    if isinstance(given, str) and "\n" in given:
        parse(given)
        return given
    if isinstance(given, str) and not Path(given).is_file():
        if given.endswith(".toml") or "/" in given or os.sep in given:
            raise InvalidInput(f"ontology={given!r:.200}: there is no such file")
        packaged_text(given)  # raises the error for an unknown name
    try:
        text = Path(given).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"ontology={str(given)!r}: the file cannot be read: {error}") from error
    parse(text)
    return text


def from_text(kept: str) -> Ontology:
    """Return the ontology that a space keeps."""
    return packaged(kept) if kept in PACKAGED else parse(kept)

"""The default extractor: it reads a transcript by sentence tables, with no model, and invents nothing.

It reads command by command, in order; a later answer changes what an earlier one stated. It keeps nothing between
texts: the room of the player and the things around come with `known`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ariadne.memory.extraction.commands import parse_command
from ariadne.memory.extraction.context import ReadingContext, in_hand
from ariadne.memory.extraction.coreference import unify_names
from ariadne.memory.extraction.noun_phrases import find_names
from ariadne.memory.extraction.prose_filter import is_believable, is_statement
from ariadne.memory.extraction.sentence_tables import sentence_tables
from ariadne.memory.ontology.names import identity_of, same_name, triplet_key
from ariadne.memory.ontology.ontology import TEXT_WORLD
from ariadne.memory.ontology.patterns import Table, split_names
from ariadne.memory.ontology.reviser import reviser_for
from ariadne.relations import (
    CLOSED,
    FULL,
    INVENTORY,
    IS,
    IS_AT,
    IS_IN,
    IS_KNOWN_AS,
    IS_MENTIONED,
    LOCKED,
    NOT_FULL,
    OPEN,
    PLAYER,
    SAYS,
    UNLOCKS,
    connection,
    is_key,
)
from ariadne.values import ROOM_HEADER, Fact, Reading, Replacement, Situation, Triplet

_COMMAND = re.compile(r"^> (.*)$", re.MULTILINE)
_INVENTORY = re.compile(
    r"^You are carrying(?: nothing|: (?P<things>.+))\b.*$"
    r"|^Inventory(?: \([^)\n]*\))?:[ \t]*(?P<lines>(?:\n[ \t]+\S.*)+)",
    re.MULTILINE,
)
_EMPTY_INVENTORY = "Your inventory is currently empty."
_SENTENCE = re.compile(r"(?<=[.!?])[\"']?\s+(?![a-z])|;\s+|\n+")
_CLAUSE = re.compile(
    r",? (?=which\b)|,? (?:and|but) (?=(?:it|use|try|open|unlock|take|turn|put)\b)|, (?:and|but|so) |, (?=where\b)|: ",
    re.IGNORECASE,
)
_SHUTTING = re.compile(r"You (?:unlock|close) ", re.IGNORECASE)
_GROUP_OF_DOORS = re.compile(r"There are \w+ (?:open|closed) doors|Looks like \w+, ", re.IGNORECASE)
_TAKING = re.compile(r"\b(?:take|get|fetch|recover|retrieve|steal|pick up) ", re.IGNORECASE)
_LOCKING = re.compile(r"\b(?:un)?lock|\bopen|\bfits?\b", re.IGNORECASE)
_LABEL = re.compile(r"[^\s.,:;!?\"]+(?: [^\s.,:;!?\"]+){0,7}")
_LETTER = re.compile(r"\w")
_RECIPE_SECTION = re.compile(r"(ingredients|directions):?", re.IGNORECASE)
_EMPTY_TABLE = Table()
_MAX_CHARACTERS, _MAX_LIST_CHARACTERS = 500, 8000  # of a sentence that may still match a pattern
_ITEM_CHARACTERS = 60  # a list has a comma at least this often


class RulesExtractor:
    """Reads text worlds by sentence tables; the same text and known facts give the same Reading."""

    def __init__(self) -> None:
        self._reviser = reviser_for(TEXT_WORLD)

    def read(self, text: str, known: Sequence[Fact] = (), situation: Situation | None = None) -> Reading:
        """Return the triplets that a text states, what it makes outdated beyond them, and its unread sentences."""
        context, names = ReadingContext.start(known, situation), list[str]()
        for command, answer in _split_transcript(text):
            context.begin_answer(parse_command(command))
            self._read_answer(answer, context)
            outdated = self._reviser.outdated(list(context.stated.values()), context.about)
            context.finish_answer({triplet_key(pair.old) for pair in outdated})
            names += find_names(answer) if context.is_prose else ()
        triplets = tuple(context.stated_before.values())
        names = list(dict.fromkeys([*(name for triplet in triplets for name in triplet.ends), *names]))
        return Reading(
            triplets, tuple(context.outdated), tuple(names), (), tuple(context.unread),
            read_count=context.read_count, silent_count=context.silent_count,
        )  # fmt: skip

    def _read_answer(self, answer: str, context: ReadingContext) -> None:
        """Read the answer to the command of the context: text, then the room, then the inventory."""
        inventory = _INVENTORY.search(answer)
        answer = _INVENTORY.sub("", answer)
        header = ROOM_HEADER.search(answer)
        context.is_prose = not (context.command.text or header or inventory)
        self._read_text(answer[: header.start()] if header else answer, context, has_room=header is not None)
        if header:
            self._enter(header[1] or header[2], context)
            description = answer[header.end() :]
            self._read_sentences(description, sentence_tables().of_rooms, (sentence_tables().notes_and_goals,), context)
            unify_names(description, context)
        marks = (IS_KNOWN_AS, IS_MENTIONED)
        context.stated = {key: triplet for key, triplet in context.stated.items() if triplet.relation not in marks}
        if inventory:
            lines = (line.strip() for line in (inventory["lines"] or "").splitlines())
            listed = ", ".join(filter(None, lines)).removesuffix(_EMPTY_INVENTORY)
            self._read_inventory(inventory["things"] or listed, context)

    def _read_text(self, text: str, context: ReadingContext, *, has_room: bool) -> None:
        """Read what stands before the room; what is written on an examined thing is kept word for word."""
        command, tables = context.command, sentence_tables()
        may_be_written = has_room or command.examined or not command.text
        written_tables = (tables.notes_and_goals, tables.instructions) if may_be_written else ()
        is_written = self._read_sentences(text, tables.of_answers, written_tables, context, command.examined)
        if command.examined and is_written:
            context.add([Triplet(command.examined, SAYS, " ".join(_split_sentences(text)))])

    def _read_sentences(
        self, text: str, seen: Table, written: Sequence[Table], context: ReadingContext, examined: str = ""
    ) -> bool:
        """Read each sentence by the table of what is `seen`, else by those of what is `written`.

        Returns:
            Whether a sentence is not about the `examined` thing, and so is written on it.
        """
        context.recipe_section = ""
        is_written = False
        for sentence in _split_sentences(text):
            is_written |= self._read_sentence(sentence, seen, written, context, examined)
        return is_written

    def _read_sentence(
        self, sentence: str, seen: Table, written: Sequence[Table], context: ReadingContext, examined: str
    ) -> bool:
        section = _RECIPE_SECTION.fullmatch(sentence)
        if section and not context.is_prose:
            context.recipe_section = section[1].lower()
            context.silent_count += 1
            return False
        is_written = True
        recipe = sentence_tables().recipes.get(context.recipe_section, _EMPTY_TABLE)
        if (triplets := _match(sentence, recipe, context)) is not None:
            context.add(triplets)
        elif triplets := _match(sentence, seen, context):
            context.add(self._as_seen(triplets, sentence, context))
            is_written = bool(examined) and not any(_is_part(examined, triplet.subject) for triplet in triplets)
        elif (triplets := _match_written(sentence, written, context)) is not None:
            context.add(triplets)
        elif (unread := _read_clauses(sentence, written, context)) is None:
            return _count_unmatched(sentence, examined, context)
        elif unread:  # a sentence that is read in part counts as unread
            context.unread.append(" ... ".join(unread))
            return True
        context.read_count += 1
        return is_written

    def _as_seen(self, triplets: Sequence[Triplet], sentence: str, context: ReadingContext) -> list[Triplet]:
        """Return the triplets of a game's sentence, corrected by what is known, with full names."""
        is_group = _GROUP_OF_DOORS.match(sentence) is not None
        is_shutting = _SHUTTING.match(sentence) is not None
        true = [t for t in triplets if _is_news(t, context, is_group=is_group, is_shutting=is_shutting)]
        named = [_with_full_names(triplet, sentence, context) for triplet in true]
        listed = [t for t in named if _introduces(t.subject, sentence)]
        named = [t for t in named if t not in listed] + self._split_food_states(listed, context)
        if things := [t.subject for t in named if t.relation == IS_IN and same_name(t.object, context.current_room)]:
            context.introduced.append(things)
        return named

    def _split_food_states(self, listed: Sequence[Triplet], context: ReadingContext) -> list[Triplet]:
        """Return the triplets with the food states before a name as states of the thing: "a diced raw potato"."""
        found = list[Triplet]()
        for triplet in listed:
            states, name = self._reviser.slots.split_food_states(triplet.subject)
            if not states or _is_whole_name(triplet.subject, name, states, context):
                states, name = [], triplet.subject
            found.append(Triplet(name, triplet.relation, triplet.object))
            found += [Triplet(name, IS, state) for state in states]
        return found

    def _enter(self, room: str, context: ReadingContext) -> None:
        direction = context.command.direction
        if direction and context.current_room and not same_name(context.current_room, room):
            context.add([Triplet(room, connection(direction), context.current_room)])
        context.current_room = room
        context.introduced.clear()
        context.add([Triplet(PLAYER, IS_AT, room)])

    def _read_inventory(self, listed: str, context: ReadingContext) -> None:
        """Add the things in hand; known ones that the inventory no longer lists are outdated."""
        things = [Triplet(thing, IS_IN, INVENTORY) for thing in split_names(listed)]
        triplets = self._split_food_states(things, context)
        context.add(triplets, moves_pronouns=False)
        held = {identity_of(triplet.subject) for triplet in triplets}
        lost = [triplet for triplet in in_hand(context.known) if identity_of(triplet.subject) not in held]
        context.outdated += [Replacement(triplet, None) for triplet in lost]


def _split_transcript(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a transcript with its answer; the text before the first command has the command ""."""
    pieces = _COMMAND.split(text)
    if pieces[0].strip():
        yield "", pieces[0]
    yield from zip((command.strip() for command in pieces[1::2]), pieces[2::2], strict=True)


def _split_sentences(text: str) -> list[str]:
    """Return the sentences of a text without the remarks of the parser ("(with the old key)")."""
    parts = (part.strip(" \t\r\"'") for part in _SENTENCE.split(text))
    return [part for part in parts if _LETTER.search(part) and not (part.startswith("(") and part.endswith(")"))]


def _match(sentence: str, table: Table, context: ReadingContext) -> list[Triplet] | None:
    """Return the triplets of a sentence by one table; None if no pattern matches it."""
    return _believable(_read_by(table, sentence, context.references()), sentence, context)


def _match_written(sentence: str, tables: Sequence[Table], context: ReadingContext) -> list[Triplet] | None:
    """Return the same by several tables, with pronouns.

    "The key" of an instruction is a key of that name, not the last one mentioned. A thing that is to be taken later may
    be elsewhere by then. So its place is left out if this answer has stated another.
    """
    references = context.references_with_pronouns()
    for table in tables:
        is_instruction = table is sentence_tables().instructions
        names = {key: name for key, name in references.items() if not is_instruction or key != "last key"}
        triplets = _believable(_read_by(table, sentence, names), sentence, context)
        if triplets is not None:
            is_later = is_instruction or _TAKING.search(sentence)
            return [triplet for triplet in triplets if not (is_later and context.has_other_place(triplet))]
    return None


def _believable(triplets: list[Triplet] | None, sentence: str, context: ReadingContext) -> list[Triplet] | None:
    """Return the triplets without false keys ("put the fish in the safe"), and in prose only plain statements."""
    if not triplets:
        return triplets
    triplets = [t for t in triplets if t.relation != UNLOCKS or is_key(t.subject) or _LOCKING.search(sentence)]
    if context.is_prose:
        triplets = [t for t in triplets if is_statement(sentence) and is_believable(t, sentence)]
    return triplets or None


def _read_by(table: Table, sentence: str, references: Mapping[str, str]) -> list[Triplet] | None:
    return None if _is_too_long(sentence) else table.read(sentence, references)


def _is_too_long(sentence: str) -> bool:
    """Return whether matching would take too long. A list of things may be long; other sentences of games are short."""
    is_list = sentence.count(", ") * _ITEM_CHARACTERS > len(sentence)
    return len(sentence) > (_MAX_LIST_CHARACTERS if is_list else _MAX_CHARACTERS)


def _read_clauses(sentence: str, tables: Sequence[Table], context: ReadingContext) -> list[str] | None:
    """Add the triplets of single clauses of a sentence that does not match as a whole.

    Returns:
        The clauses left unread; None if no clause matches.
    """
    clauses = [] if context.is_prose and not is_statement(sentence) else _CLAUSE.split(sentence)
    unmatched = list[str]()
    for clause in clauses:
        if (triplets := _match_written(clause, tables, context)) is not None:
            context.add(triplets)
        else:
            unmatched.append(clause)
            context.pronouns_are_clear &= _is_silent(clause, sentence_tables().silent, context)
    if len(unmatched) == len(clauses):
        return None
    return [clause for clause in unmatched if not _is_silent(clause, sentence_tables().silent, context)]


def _is_silent(sentence: str, table: Table, context: ReadingContext) -> bool:
    return _match(sentence, table, context) is not None


def _count_unmatched(sentence: str, examined: str, context: ReadingContext) -> bool:
    """Count a sentence without triplets as silent, read or unread.

    Returns:
        Whether it may be written on a thing: an instruction or an unread sentence describes nothing in view. A mere
        label ("small racing car") is the text of the examined thing.
    """
    if _is_silent(sentence, sentence_tables().silent_sentences, context):
        context.silent_count += 1
        return False
    context.pronouns_are_clear = False
    if _is_silent(sentence, sentence_tables().silent_instructions, context):
        context.silent_count += 1
    elif examined and _LABEL.fullmatch(sentence):
        context.read_count += 1
    else:
        context.unread.append(sentence)
    return True


def _is_news(triplet: Triplet, context: ReadingContext, *, is_group: bool, is_shutting: bool) -> bool:
    """Return whether a described state is true, not only how a thing looks or once was.

    A description calls a locked thing closed, and gives a group of doors their first states. Hands that are not full
    are news only if they were.
    """
    thing, value = triplet.subject, triplet.object
    if value == CLOSED and not is_shutting and context.had_state(thing, LOCKED):
        return False
    if is_group and any(context.had_state(thing, state) for state in (OPEN, CLOSED, LOCKED)):
        return False
    return value != NOT_FULL or context.had_state(thing, FULL)


def _with_full_names(triplet: Triplet, sentence: str, context: ReadingContext) -> Triplet:
    """Return a triplet with the full names of things that the description introduced before this sentence."""
    subject, value = (name if _introduces(name, sentence) else context.full_name(name) for name in triplet.ends)
    return Triplet(subject, triplet.relation, value)


def _is_whole_name(name: str, bare: str, states: Sequence[str], context: ReadingContext) -> bool:
    """Return whether the food states before a name are part of it ("raw meat").

    The recipe decides, then the valid actions, then the known facts. If none does, one state is part of the name,
    unless the player is to cook.
    """
    for uses in (context.is_required, context.is_in_valid_actions, context.is_known):
        if uses(name) or uses(bare):
            return uses(name)
    return len(states) == 1 and not context.is_cooking


def _introduces(name: str, sentence: str) -> bool:
    """Return whether a sentence introduces a thing ("a raw potato"): it may then add food states to the name."""
    return re.search(rf"\b(?:an?|some) {re.escape(name)}(?!\w)", sentence, re.IGNORECASE) is not None


def _is_part(examined: str, name: str) -> bool:
    """Return whether a name is that of the examined thing, of its noun, or ends in it."""
    first, second = f" {identity_of(examined)}", f" {identity_of(name)}"
    return first.endswith(second) or second.endswith(first)

"""Reading by rules: what a transcript tells of the world, by the tables of phrasings.py; no model, nothing invented.

A transcript is read command by command, in order; what a later one changes is what remains. The reader keeps nothing
between texts: where the player stands and what lies around comes with `known`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ariadne.memory.instructions import INSTRUCTED, SILENT_INSTRUCTIONS
from ariadne.memory.names import identity, key, same
from ariadne.memory.patterns import DIRECTIONS, Pattern, names_in, without_article
from ariadne.memory.phrasings import ANSWERED, DESCRIBED, ROOM, SILENT, TOLD
from ariadne.memory.revision import StructuralReviser
from ariadne.values import Fact, Reading, Replacement, Situation, Triplet

PLAYER, INVENTORY = "player", "inventory"
_COMMAND = re.compile(r"^> (.*)$", re.MULTILINE)
_HEADER = re.compile(r"^-= (.+?) =-[ \t]*$", re.MULTILINE)
_CARRYING = re.compile(r"^You are carrying:? (?P<things>.+?)\.?\s*$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?])[\"']?\s+(?![a-z])|;\s+|\n+")
_CLAUSE = re.compile(
    r",? (?=which\b)|,? (?:and|but) (?=(?:it|use|try|open|unlock|take|turn|put)\b)|, (?:and|but|so) |, (?=where\b)|: ",
    re.IGNORECASE,
)
_GO = re.compile(rf"(?:go |walk |head )?({'|'.join(sorted(DIRECTIONS, key=len, reverse=True))})", re.IGNORECASE)
_LOOK_AT = re.compile(r"(?:examine|read|look at|x|l at) (?:the )?(?P<thing>.+)", re.IGNORECASE)
_SHUTTING = re.compile(r"You (?:unlock|close) ", re.IGNORECASE)
_TAKE = re.compile(r"(?:take|get|pick up) (?:the )?(?P<target>.+?)(?: from .+)?", re.IGNORECASE)
_OPEN = re.compile(
    r"(?:open|(?:un)?lock) (?:the )?(?P<target>.+?)(?: (?:with|using) (?:the )?(?P<tool>.+))?", re.IGNORECASE
)
_KEY = re.compile(r"\b(?:latch|pass)?key(?:card)?\b")
_EAT = re.compile(r"You (?:eat|drink) the (?P<thing>[^.]+)\.", re.IGNORECASE)
_ALSO = "is known as"  # how phrasings.py says that a noun has a fuller name
_SPOKEN = "is spoken of"  # how it says that a pronoun may point to a name; neither leaves this file
_SILENT = (*SILENT, *SILENT_INSTRUCTIONS)
_LONGEST = 500  # characters of a sentence that may still match a pattern

_Told = dict[tuple[str, str, str], Triplet]
"""Triplets by what makes them the same: subject and object as identities, the relation between."""


@dataclass
class _Scene:
    """Where the reading stands: the room, what pronouns point to, what the command named, and all told so far."""

    known: Sequence[Fact]
    here: str = ""
    it: str = ""
    last_key: str = ""
    lock: str = ""
    thing: str = ""
    clear: bool = True  # whether "it" points to what was read, not into a sentence that was not
    target: str = ""
    tool: str | None = None
    told: _Told = field(default_factory=dict)
    gone: list[Replacement] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def sight(self) -> dict[str, str]:
        """What an answer of the game may name besides what it says."""
        words = {"here": self.here, "it": self.it, "target": self.target, "tool": self.tool or ""}
        return {name: word for name, word in words.items() if word}

    def pointers(self) -> dict[str, str]:
        """What the pronouns of a text may point back to, with all that is in sight."""
        words = {"last key": self.last_key}
        if self.clear:
            words |= {
                "it as key": self.last_key,
                "it as lock": self.lock,
                "it as thing": self.thing,
                "which": self.lock,
            }
        return self.sight() | {name: word for name, word in words.items() if word}

    def is_locked(self, thing: str) -> bool:
        """Whether it was locked, as last heard."""
        return any(key(f.triplet) == (identity(thing), "is", "locked") for f in self.known)

    def tell(self, triplets: Sequence[Triplet]) -> None:
        self.clear = True
        for triplet in triplets:
            self.told[key(triplet)] = triplet
            subject, relation, value = triplet.subject, triplet.relation, triplet.object
            inside = relation in ("is in", "is on") and not self._is_room(value)
            self.it = value if inside or relation == "is behind" else subject
            self.thing = value if relation == "unlocks" else subject
            self.lock = value if inside or relation in ("unlocks", "is behind") else subject
            if _KEY.search(identity(subject)):
                self.last_key = subject

    def _is_room(self, name: str) -> bool:
        seen = any(fact.relation in ("is at", "has exit") and same(name, _place(fact)) for fact in self.known)
        return seen or same(name, self.here) or bool(ROOM.search(name))

    def rename(self, old: str, new: str) -> None:
        """Call a thing (an identity) by another name in all that was told."""
        told, self.told = list(self.told.values()), {}
        for triplet in told:
            subject, value = (new if same(name, old) else name for name in (triplet.subject, triplet.object))
            self.tell([Triplet(subject, triplet.relation, value)])


class RulesExtractor:
    """Reads text worlds by pattern tables; the same text and knowledge give the same Reading."""

    name = "rules"

    def __init__(self) -> None:
        self._slots = StructuralReviser()

    def read(self, text: str, known: Sequence[Fact] = (), situation: Situation | None = None) -> Reading:
        """The triplets that `text` tells, what it makes outdated beyond them, and the sentences left unread."""
        scene = _Scene(known, here=_player_room(known), last_key=_newest_key(known) or _last_key(situation))
        for command, answer in _segments(text):
            before = dict(scene.told)
            scene.told.clear()
            self._read_answer(command, answer, scene)
            scene.told = self._merged(before, scene.told)
        triplets = tuple(scene.told.values())
        names = dict.fromkeys(name for triplet in triplets for name in (triplet.subject, triplet.object))
        return Reading(triplets, tuple(scene.gone), tuple(names), (), tuple(scene.unread))

    def _read_answer(self, command: str, answer: str, scene: _Scene) -> None:
        carried = _CARRYING.search(answer)
        answer = _CARRYING.sub("", answer)
        header = _HEADER.search(answer)
        spoken, described = (answer[: header.start()], answer[header.end() :]) if header else (answer, "")
        looked_at, handled = _LOOK_AT.fullmatch(command), _OPEN.fullmatch(command) or _TAKE.fullmatch(command)
        scene.target, scene.tool = (handled["target"], handled.groupdict().get("tool")) if handled else ("", None)
        if looked_at:
            scene.it = without_article(looked_at["thing"])
        told = (TOLD, INSTRUCTED) if header or looked_at or not command else ()
        thing = without_article(looked_at["thing"]) if looked_at else ""
        written = self._read_sentences(spoken, (*ANSWERED, *DESCRIBED), told, scene, thing)
        if looked_at and written:
            scene.tell([Triplet(thing, "says", " ".join(_sentences(spoken)))])
        if header:
            self._enter(header[1], command, scene)
            self._read_sentences(described, DESCRIBED, (TOLD,), scene)
            _complete_names(described, scene)
        scene.told = {name: triplet for name, triplet in scene.told.items() if triplet.relation not in (_ALSO, _SPOKEN)}
        if eaten := _EAT.search(spoken):
            scene.gone += _placed(eaten["thing"], scene.known)
        if carried:
            self._carry(names_in(carried["things"]) if carried["things"] != "nothing" else [], scene)

    def _read_sentences(
        self, text: str, seen: Sequence[Pattern], told: Sequence[Sequence[Pattern]], scene: _Scene, looked_at: str = ""
    ) -> bool:
        """Read what is `seen`, else `told`; True where something was said that does not describe what is before us."""
        written = False
        for sentence in _sentences(text):
            if (triplets := _match(sentence, seen, scene)) is not None:
                shutting = _SHUTTING.match(sentence)
                scene.tell([t for t in triplets if shutting or t.object != "closed" or not scene.is_locked(t.subject)])
                written |= bool(looked_at) and not any(_is_part(looked_at, t.subject) for t in triplets)
            elif (triplets := _match_told(sentence, told, scene)) is not None:
                scene.tell(triplets)
                written = True
            elif _clauses_tell(sentence, told, scene):
                written = True
            elif _match(sentence, SILENT, scene) is None:
                written = True  # an instruction too: nothing describes itself so
                if _match(sentence, SILENT_INSTRUCTIONS, scene) is None:
                    scene.unread.append(sentence)
                scene.clear = False
        return written

    def _enter(self, room: str, command: str, scene: _Scene) -> None:
        moved = _GO.fullmatch(command)
        if moved and scene.here and not same(scene.here, room):
            scene.tell([Triplet(room, f"is {moved[1].lower()} of", scene.here)])
        scene.here = room
        scene.tell([Triplet(PLAYER, "is at", room)])

    def _carry(self, things: list[str], scene: _Scene) -> None:
        scene.tell([Triplet(thing, "is in", INVENTORY) for thing in things])
        carried = {identity(thing) for thing in things}
        held = [fact.triplet for fact in scene.known if fact.relation == "is in" and same(fact.object, INVENTORY)]
        scene.gone += [Replacement(lost, None) for lost in held if identity(lost.subject) not in carried]

    def _merged(self, before: _Told, after: _Told) -> _Told:
        """What both tell, less what the later answer changed."""
        stated = list(after.values())
        conflict = self._slots.conflict
        changed = {said for said, old in before.items() if any(conflict(old, new, _nothing, stated) for new in stated)}
        return {said: triplet for said, triplet in before.items() if said not in changed} | after


def _nothing(_: str) -> Sequence[Fact]:
    return ()


def _complete_names(described: str, scene: _Scene) -> None:
    """A thing may be introduced by its noun and spoken of in full ("a chest ... the rusty chest"), or the other way
    round: where only one of two such names was introduced, both are the fuller one."""
    names = {identity(name): name for triplet in scene.told.values() for name in _things(triplet, scene.here)}
    for noun in names:
        fuller = [full for full in names if full.endswith(f" {noun}")]
        if len(fuller) == 1 and _introduced(noun, described) != _introduced(fuller[0], described):
            scene.rename(noun, names[fuller[0]])


def _things(triplet: Triplet, here: str) -> tuple[str, ...]:
    """The names in a triplet that are things: no rooms, exits or states."""
    if triplet.relation in ("is in", "is on", _ALSO):
        return tuple(name for name in (triplet.subject, triplet.object) if not same(name, here))
    return ()


def _introduced(name: str, described: str) -> bool:
    """Whether a description brings a thing in ("a chest", "an opened chest"), not only speaks of it ("the chest")."""
    brought = rf"\ban? (?:(?:open|opened|closed|locked) )?(?:\w+ looking )?{re.escape(name)}(?!\w)"
    return bool(re.search(brought, described, re.IGNORECASE))


def _segments(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a transcript with its answer; text before the first command has none."""
    pieces = _COMMAND.split(text)
    if pieces[0].strip():
        yield "", pieces[0]
    yield from zip((command.strip() for command in pieces[1::2]), pieces[2::2], strict=True)


def _sentences(text: str) -> list[str]:
    """The sentences of a text, but for the parser's own remarks ("(with the old key)")."""
    parts = (part.strip(" \t\r\"'") for part in _SENTENCE.split(text))
    return [part for part in parts if part and not (part.startswith("(") and part.endswith(")"))]


def _match(sentence: str, patterns: Sequence[Pattern], scene: _Scene) -> list[Triplet] | None:
    return _read_by(patterns, sentence, scene.sight())


def _match_told(sentence: str, tables: Sequence[Sequence[Pattern]], scene: _Scene) -> list[Triplet] | None:
    """As `_match`, with pronouns; but "the key" of an instruction is a key of that name, not the last one spoken of."""
    words = scene.pointers()
    for table in tables:
        known = {name: word for name, word in words.items() if table is not INSTRUCTED or name != "last key"}
        if (told := _read_by(table, sentence, known)) is not None:
            return told
    return None


def _read_by(patterns: Sequence[Pattern], sentence: str, words: Mapping[str, str]) -> list[Triplet] | None:
    if len(sentence) > _LONGEST:
        return None
    return next((told for pattern in patterns if (told := pattern.read(sentence, words)) is not None), None)


def _clauses_tell(sentence: str, tables: Sequence[Sequence[Pattern]], scene: _Scene) -> bool:
    """Tell what single clauses say of a sentence that as a whole cannot be read; False where none says anything."""
    clauses = _CLAUSE.split(sentence)
    unread = list[str]()
    for clause in clauses:
        if (triplets := _match_told(clause, tables, scene)) is not None:
            scene.tell(triplets)
        else:
            unread.append(clause)
            scene.clear &= _match(clause, _SILENT, scene) is not None
    if len(unread) == len(clauses):
        return False
    scene.unread += [clause for clause in unread if _match(clause, _SILENT, scene) is None]
    return True


def _is_part(looked_at: str, name: str) -> bool:
    """Whether a name is of the thing looked at, of its noun, or stands with it."""
    one, other = f" {identity(looked_at)}", f" {identity(name)}"
    return one.endswith(other) or other.endswith(one)


def _place(fact: Fact) -> str:
    return fact.object if fact.relation == "is at" else fact.subject


def _player_room(known: Sequence[Fact]) -> str:
    return next((fact.object for fact in known if fact.relation == "is at" and same(fact.subject, PLAYER)), "")


def _newest_key(known: Sequence[Fact]) -> str:
    """The key that memory heard of last: what a note means by "this key"."""
    keys = [fact for fact in known if fact.relation in ("is in", "is on") and _KEY.search(identity(fact.subject))]
    return max(keys, key=lambda fact: fact.learned_in).subject if keys else ""


def _last_key(situation: Situation | None) -> str:
    """The key last spoken of in the steps before, where memory knows of none."""
    steps = reversed(situation.last) if situation else ()
    seen = (triplet.subject for step in steps for triplet in reversed(step.update.reading.triplets))
    return next((name for name in seen if _KEY.search(identity(name))), "")


def _placed(thing: str, known: Sequence[Fact]) -> list[Replacement]:
    """What is known of where a thing is, as outdated by nothing: it is gone."""
    there = (fact.triplet for fact in known if same(fact.subject, thing) and fact.relation in ("is in", "is on"))
    return [Replacement(old, None) for old in there]

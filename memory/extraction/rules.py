"""Reading by rules: what a transcript tells of the world, by the tables of phrasings.py; no model, nothing invented.

A transcript is read command by command, in order; what a later one changes is what remains. The reader keeps nothing
between texts: where the player stands and what lies around comes with `known`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ariadne.memory.extraction.context import INVENTORY, PLAYER, ReadingContext
from ariadne.memory.extraction.coreference import settle_names
from ariadne.memory.extraction.noun_phrases import named_in
from ariadne.memory.extraction.prose_filter import is_believable, is_key, is_statement
from ariadne.memory.extraction.sentence_tables import sentence_tables
from ariadne.memory.ontology.names import identity_of, same_name, triplet_key
from ariadne.memory.ontology.patterns import Table, split_names, without_article
from ariadne.memory.ontology.reviser import StructuralReviser
from ariadne.memory.ontology.slots import Slots
from ariadne.relations import DIRECTIONS, IS_KNOWN_AS, IS_MENTIONED
from ariadne.values import ROOM_HEADER, Fact, Reading, Replacement, Situation, Triplet

_COMMAND = re.compile(r"^> (.*)$", re.MULTILINE)
_CARRYING = re.compile(
    r"^You are carrying(?: nothing|: (?P<things>.+))\b.*$"
    r"|^Inventory(?: \([^)\n]*\))?:[ \t]*(?P<lines>(?:\n[ \t]+\S.*)+)",
    re.MULTILINE,
)
_EMPTY = "Your inventory is currently empty."
_SENTENCE = re.compile(r"(?<=[.!?])[\"']?\s+(?![a-z])|;\s+|\n+")
_CLAUSE = re.compile(
    r",? (?=which\b)|,? (?:and|but) (?=(?:it|use|try|open|unlock|take|turn|put)\b)|, (?:and|but|so) |, (?=where\b)|: ",
    re.IGNORECASE,
)
_GO = re.compile(rf"(?:go |walk |head |move )?({'|'.join(sorted(DIRECTIONS, key=len, reverse=True))})", re.IGNORECASE)
_LOOK_AT = re.compile(r"(?:examine|read|look at|x|l at) (?:the )?(?P<thing>.+)", re.IGNORECASE)
_SHUTTING = re.compile(r"You (?:unlock|close) ", re.IGNORECASE)
_TAKE = re.compile(r"(?:take|get|pick up) (?:the )?(?P<target>.+?)(?: from .+)?", re.IGNORECASE)
_OPEN = re.compile(
    r"(?:open|(?:un)?lock) (?:the )?(?P<target>.+?)(?: (?:with|using) (?:the )?(?P<tool>.+))?", re.IGNORECASE
)
_DOORS = re.compile(r"There are \w+ (?:open|closed) doors|Looks like \w+, ", re.IGNORECASE)
_DOOR = re.compile(r"\b(?:door|gate|gateway|doorway|hatch)\b", re.IGNORECASE)
_TAKING = re.compile(r"\b(?:take|get|fetch|recover|retrieve|steal|pick up) ", re.IGNORECASE)
_LOCKING = re.compile(r"\b(?:un)?lock|\bopen|\bfits?\b", re.IGNORECASE)
_LABEL = re.compile(r"[^\s.,:;!?\"]+(?: [^\s.,:;!?\"]+){0,7}")
_LETTER = re.compile(r"\w")
_SECTION = re.compile(r"(ingredients|directions):?", re.IGNORECASE)
_NONE = Table()
_LONGEST, _LONGEST_LIST = 500, 8000  # characters of a sentence that may still match a pattern
_ITEM = 60  # characters: in a list a comma comes that often


class RulesExtractor:
    """Reads text worlds by pattern tables; the same text and knowledge give the same Reading."""

    name = "rules"

    def __init__(self) -> None:
        self._slots, self._reviser = Slots(), StructuralReviser()

    def read(self, text: str, known: Sequence[Fact] = (), situation: Situation | None = None) -> Reading:
        """The triplets that `text` tells, what it makes outdated beyond them, and the sentences left unread."""
        scene = ReadingContext.after(known, situation)
        spoken = list[str]()
        for command, answer in _segments(text):
            scene.begin()
            self._read_answer(command, answer, scene)
            self._merge(scene)
            spoken += named_in(answer) if scene.free else ()
        triplets = tuple(scene.before.values())
        names = dict.fromkeys([*(name for triplet in triplets for name in (triplet.subject, triplet.object)), *spoken])
        return Reading(triplets, tuple(scene.gone), tuple(names), (), tuple(scene.unread), scene.read, scene.silent)

    def _read_answer(self, command: str, answer: str, scene: ReadingContext) -> None:
        carried = _CARRYING.search(answer)
        answer = _CARRYING.sub("", answer)
        header = ROOM_HEADER.search(answer)
        spoken, described = (answer[: header.start()], answer[header.end() :]) if header else (answer, "")
        looked_at, handled = _LOOK_AT.fullmatch(command), _OPEN.fullmatch(command) or _TAKE.fullmatch(command)
        scene.target, scene.tool = (handled["target"], handled.groupdict().get("tool") or "") if handled else ("", "")
        bare = not scene.tool and command.casefold().endswith(scene.target.casefold())
        verb = command.partition(" ")[0].lower() if bare and not _DOOR.search(scene.target) else ""
        scene.opened, scene.taken = (scene.target if verb == one else "" for one in ("open", "take"))
        if looked_at:
            scene.it = without_article(looked_at["thing"])
        told = (
            (sentence_tables().notes_and_goals, sentence_tables().instructions)
            if header or looked_at or not command
            else ()
        )
        scene.free = not (command or header or carried)
        thing = without_article(looked_at["thing"]) if looked_at else ""
        written = self._read_sentences(spoken, sentence_tables().of_answers, told, scene, thing)
        if looked_at and written:
            scene.tell([Triplet(thing, "says", " ".join(_sentences(spoken)))])
        if header:
            self._enter(header[1] or header[2], command, scene)
            self._read_sentences(described, sentence_tables().of_rooms, (sentence_tables().notes_and_goals,), scene)
            settle_names(described, scene)
        scene.told = {
            name: triplet for name, triplet in scene.told.items() if triplet.relation not in (IS_KNOWN_AS, IS_MENTIONED)
        }
        if carried:
            listed = ", ".join(line.strip() for line in (carried["lines"] or "").splitlines() if line.strip())
            self._carry(carried["things"] or listed.removesuffix(_EMPTY), scene)

    def _read_sentences(
        self, text: str, seen: Table, told: Sequence[Table], scene: ReadingContext, looked_at: str = ""
    ) -> bool:
        """Read what is `seen`, else `told`; True where something was said that does not describe what is before us."""
        written, scene.section = False, ""
        for sentence in _sentences(text):
            if (section := _SECTION.fullmatch(sentence)) and not scene.free:
                scene.section = section[1].lower()
                scene.silent += 1
                continue
            if (triplets := _match(sentence, sentence_tables().recipes.get(scene.section, _NONE), scene)) is not None:
                scene.tell(triplets)
                written = True
            elif triplets := _match(sentence, seen, scene):
                scene.tell(self._as_seen(triplets, sentence, scene))
                written |= bool(looked_at) and not any(_is_part(looked_at, t.subject) for t in triplets)
            elif (triplets := _match_told(sentence, told, scene)) is not None:
                scene.tell(triplets)
                written = True
            elif (left := _clauses_tell(sentence, told, scene)) is not None:
                written = True
                if left:  # told in part: it counts among the unread
                    scene.unread.append(" ... ".join(left))
                    continue
            else:
                written |= _is_written(sentence, looked_at, scene)
                continue
            scene.read += 1
        return written

    def _as_seen(self, triplets: Sequence[Triplet], sentence: str, scene: ReadingContext) -> list[Triplet]:
        """What a sentence of the game tells: a locked thing may be described as closed, several doors as they once
        stood, food by its looks; and that hands are not full is told where they were."""
        shutting = _SHUTTING.match(sentence)
        seen = [t for t in triplets if shutting or t.object != "closed" or not scene.was(t.subject, "locked")]
        if _DOORS.match(sentence):
            seen = [t for t in seen if not any(scene.was(t.subject, state) for state in ("open", "closed", "locked"))]
        seen = [t for t in seen if t.object != "not full" or scene.was(t.subject, "full")]
        seen = [_as_meant(triplet, sentence, scene) for triplet in seen]
        listed = [t for t in seen if _is_listed(t.subject, sentence)]
        seen = [t for t in seen if t not in listed] + self._by_looks(listed, scene)
        if here := [t.subject for t in seen if t.relation == "is in" and same_name(t.object, scene.here)]:
            scene.introduced.append(here)
        return seen

    def _by_looks(self, listed: Sequence[Triplet], scene: ReadingContext) -> list[Triplet]:
        """The same with the looks before a name ("a diced raw potato") told of the thing, but where all is its name."""
        found = list[Triplet]()
        for triplet in listed:
            looks, name = self._slots.split_food_states(triplet.subject)
            if not looks or _is_whole_name(triplet.subject, name, looks, scene):
                looks, name = [], triplet.subject
            found.append(Triplet(name, triplet.relation, triplet.object))
            found += [Triplet(name, "is", look) for look in looks]
        return found

    def _enter(self, room: str, command: str, scene: ReadingContext) -> None:
        moved = _GO.fullmatch(command)
        if moved and scene.here and not same_name(scene.here, room):
            scene.tell([Triplet(room, f"is {moved[1].lower()} of", scene.here)])
        scene.here = room
        scene.introduced.clear()
        scene.tell([Triplet(PLAYER, "is at", room)])

    def _carry(self, listed: str, scene: ReadingContext) -> None:
        things = split_names(listed)
        told = self._by_looks([Triplet(thing, "is in", INVENTORY) for thing in things], scene)
        scene.tell(told, spoken=False)
        carried = {identity_of(triplet.subject) for triplet in told}
        held = [fact.triplet for fact in scene.known if fact.relation == "is in" and same_name(fact.object, INVENTORY)]
        scene.gone += [Replacement(lost, None) for lost in held if identity_of(lost.subject) not in carried]

    def _merge(self, scene: ReadingContext) -> None:
        """Add what this answer told to what was told before, less what it changed."""
        outdated = self._reviser.outdated(list(scene.told.values()), scene.about)
        scene.settle({triplet_key(pair.old) for pair in outdated})


def _is_written(sentence: str, looked_at: str, scene: ReadingContext) -> bool:
    """Count a sentence that tells nothing: as silent, or as unread. An instruction describes nothing before us, nor
    does what is unread: such words are written. A mere label on a thing ("small racing car") is what it says."""
    if _match(sentence, sentence_tables().silent_sentences, scene) is not None:
        scene.silent += 1
        return False
    scene.clear = False
    if _match(sentence, sentence_tables().silent_instructions, scene) is not None:
        scene.silent += 1
    elif looked_at and _LABEL.fullmatch(sentence):
        scene.read += 1
    else:
        scene.unread.append(sentence)
    return True


def _as_meant(triplet: Triplet, sentence: str, scene: ReadingContext) -> Triplet:
    """The triplet with the whole names of what a description spoke of before; what it brings in here has its own."""
    subject, value = (
        name if _is_listed(name, sentence) else scene.meant(name) for name in (triplet.subject, triplet.object)
    )
    return Triplet(subject, triplet.relation, value)


def _is_whole_name(name: str, bare: str, looks: Sequence[str], scene: ReadingContext) -> bool:
    """Whether the looks before a name are part of it ("raw meat"): by what a recipe calls it, by what may be done, by
    what is known of it with or without them; else where there is one and nobody is to cook."""
    for told in (scene.is_required, scene.acted_on, scene.is_known):
        if told(name) or told(bare):
            return told(name)
    return len(looks) == 1 and not scene.cooking


def _is_listed(name: str, sentence: str) -> bool:
    """Whether a sentence brings it in ("a raw potato"): then it may be called by more than its name."""
    return re.search(rf"\b(?:an?|some) {re.escape(name)}(?!\w)", sentence, re.IGNORECASE) is not None


def _segments(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a transcript with its answer; text before the first command has none."""
    pieces = _COMMAND.split(text)
    if pieces[0].strip():
        yield "", pieces[0]
    yield from zip((command.strip() for command in pieces[1::2]), pieces[2::2], strict=True)


def _sentences(text: str) -> list[str]:
    """The sentences of a text, but for the parser's own remarks ("(with the old key)")."""
    parts = (part.strip(" \t\r\"'") for part in _SENTENCE.split(text))
    return [part for part in parts if _LETTER.search(part) and not (part.startswith("(") and part.endswith(")"))]


def _match(sentence: str, patterns: Table, scene: ReadingContext) -> list[Triplet] | None:
    return _believed(_read_by(patterns, sentence, scene.sight()), sentence, scene)


def _match_told(sentence: str, tables: Sequence[Table], scene: ReadingContext) -> list[Triplet] | None:
    """As `_match`, with pronouns; but "the key" of an instruction is a key of that name, not the last one spoken of."""
    words = scene.pointers()
    for table in tables:
        known = {
            name: word
            for name, word in words.items()
            if table is not sentence_tables().instructions or name != "last key"
        }
        if (told := _believed(_read_by(table, sentence, known), sentence, scene)) is not None:
            bidden = table is sentence_tables().instructions or _TAKING.search(
                sentence
            )  # it will lie there only by then
            return [t for t in told if not (bidden and scene.is_placed_elsewhere(t))]
    return None


def _believed(told: list[Triplet] | None, sentence: str, scene: ReadingContext) -> list[Triplet] | None:
    """What a sentence tells, less keys that are none ("put the fish in the safe"), and less what should not be believed
    of a text that is no game."""
    if not told:
        return told
    told = [t for t in told if t.relation != "unlocks" or is_key(t.subject) or _LOCKING.search(sentence)]
    return [t for t in told if not scene.free or (is_statement(sentence) and is_believable(t, sentence))] or None


def _read_by(patterns: Table, sentence: str, words: Mapping[str, str]) -> list[Triplet] | None:
    return None if _is_too_long(sentence) else patterns.read(sentence, words)


def _is_too_long(sentence: str) -> bool:
    """Whether matching it would take too long: a list of things may go on, what else is so long no game says."""
    return len(sentence) > (_LONGEST_LIST if sentence.count(", ") * _ITEM > len(sentence) else _LONGEST)


def _clauses_tell(sentence: str, tables: Sequence[Table], scene: ReadingContext) -> list[str] | None:
    """Tell what single clauses say of a sentence that as a whole cannot be read: the clauses left unread; None where
    none says anything."""
    clauses = [] if scene.free and not is_statement(sentence) else _CLAUSE.split(sentence)
    unread = list[str]()
    for clause in clauses:
        if (triplets := _match_told(clause, tables, scene)) is not None:
            scene.tell(triplets)
        else:
            unread.append(clause)
            scene.clear &= _match(clause, sentence_tables().silent, scene) is not None
    if len(unread) == len(clauses):
        return None
    return [clause for clause in unread if _match(clause, sentence_tables().silent, scene) is None]


def _is_part(looked_at: str, name: str) -> bool:
    """Whether a name is of the thing looked at, of its noun, or stands with it."""
    one, other = f" {identity_of(looked_at)}", f" {identity_of(name)}"
    return one.endswith(other) or other.endswith(one)

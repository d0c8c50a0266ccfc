"""How true a graph is: recorded actions are made again in the real game, and after each observation all that the graph
says of places is held against what is so. It shares no code with memory: neither can hide the other's mistakes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal, get_args

from ariadne import assembly
from ariadne.envs.text_world.ground_truth import GameState, RevealedGame, Truth, plain_name
from ariadne.relations import INVENTORY
from ariadne.runs.trajectories import Turn
from ariadne.values import Triplet

Kind = Literal["record", "rules", "given"]
"""Whose graph is judged: the one in the record; one read by rules from what the game says; or one that is given the
recorded triplets, and revises them."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_PLACED = re.compile(
    r"(?:(?:is|are|lies) )?(?:(?:now|currently) )?(?:(?:located|placed|found) )?(?:in|on|at|inside|carried by|held by)"
)
_HOLDING = re.compile(r"contains|holds|has|has item|has on it|carries|(?:is )?carrying")
_CONNECTED = re.compile(r"(?:is )?(?:to the )?(north|south|east|west) of")
_LOOKS = re.compile(
    r"^(?:(?:raw|uncooked|cooked|fried|grilled|roasted|burned|uncut|diced|sliced|chopped|open|closed|locked) )+"
)
_HANDS = frozenset({"player", "you", "i", INVENTORY, "player's inventory", "your inventory", "player inventory"})
_GROUND = frozenset({"floor", "ground"})
_MOVE = re.compile(r"go (north|south|east|west)")

Claim = tuple[str, str]
"""A thing and where it is said to be."""


@dataclass(frozen=True)
class Claims:
    """What a graph says: places of the known portable things (the same said both ways round is one), connections of
    rooms, and how many more triplets speak of such things."""

    places: frozenset[Claim]
    exits: frozenset[tuple[str, str, str]]
    others: int

    @classmethod
    def of(cls, graph: Iterable[Sequence[str]], portable: set[str]) -> Claims:
        places, exits, others = set[Claim](), set[tuple[str, str, str]](), 0
        for said in graph:
            subject, value = (_called(name, portable) for name in (said[0], said[2]))
            relation = said[1].lower().strip()
            if way := _CONNECTED.fullmatch(relation):
                exits.add((_close(subject), way[1], _close(value)))
            elif subject in portable and _PLACED.fullmatch(relation):
                places.add((subject, value))
            elif value in portable and _HOLDING.fullmatch(relation):
                places.add((value, subject))
            elif subject in portable or value in portable:
                others += 1
        return cls(frozenset(places), frozenset(exits), others)


@dataclass
class Report:
    """Counts over all turns."""

    count: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    """The sentences that reading by rules could make nothing of, and how often."""

    def share(self, part: str, whole: str) -> float | None:
        """A share, to four decimals; None where there was nothing to count."""
        return round(self.count[part] / self.count[whole], 4) if self.count[whole] else None

    def as_dict(self) -> dict[str, float | None]:
        """What was measured, by name; MEANING says what each is."""
        return {
            "turns": self.count["turns"],
            "precision": self.share("true", "claimed"),
            "direct": self.share("direct", "claimed"),
            "recall": self.share("located", "seen"),
            "exits_true": self.share("exits true", "exits"),
            "exits_walked_and_known": self.share("walked and known", "walked"),
            "places_left": self.count["left"],
            "retired_wrongly": self.count["retired wrongly"],
            "claims_not_judged": self.share("others", "claims"),
            "sentences": self.count["sentences"],
            "sentences_told": self.share("told", "sentences"),
            "sentences_silent": self.share("silent", "sentences"),
            "sentences_unread": self.share("unread", "sentences"),
        }


MEANING = {
    "turns": "observations after which the graph was looked at",
    "precision": "of the places that it gives for portable things, the share true: of the thing or what holds it",
    "direct": "the same, of the nearest holder alone",
    "recall": "of the portable things perceived so far, the share that it places truly and nowhere falsely",
    "exits_true": "of its connections of rooms, the share true",
    "exits_walked_and_known": "of the connections walked, the share that it has",
    "places_left": "places that it gave and no longer gives, as things are moved",
    "retired_wrongly": "of these, how many are still true",
    "claims_not_judged": "of all that it says of portable things, the share that tells no place",
    "sentences": "sentences read by rules",
    "sentences_told": "the share of them that gave triplets",
    "sentences_silent": "the share known to say nothing of the world",
    "sentences_unread": "the share that reading could make nothing of",
}


def measure(game: Path, turns: Iterable[Turn], kind: Kind = "rules", report: Report | None = None) -> Report:
    """Play the turns again, attempt by attempt, and count; adds to `report` where one is given."""
    report = report or Report()
    for _, attempt in groupby(turns, key=lambda turn: turn.attempt):
        with RevealedGame(game) as world, assembly.graph() as memory:
            _measure_attempt(world, attempt, kind, memory, report)
    return report


def _measure_attempt(
    world: RevealedGame, turns: Iterable[Turn], kind: Kind, memory: assembly.Graph, report: Report
) -> None:
    shown = [world.reset()]
    truth = shown[0].truth
    perceived, ever, walked, before = set[str](), set[str](), set[tuple[str, str, str]](), frozenset[Claim]()
    for turn in turns:
        ever |= truth.portable
        said = " ".join([*(f"{one.text} {one.inventory}" for one in shown), turn.observation]).lower()
        perceived |= {thing for thing in truth.portable if truth.in_view(thing) and _is_named(thing, said)}
        graph = _believed(kind, memory, turn, shown, report)
        if graph is not None:
            claims = Claims.of(graph, ever)
            _count_places(claims, truth, perceived & set(truth.holder), report.count)
            _count_exits(claims, truth, walked, report.count)
            left = before - claims.places
            report.count["left"] += len(left)
            report.count["retired wrongly"] += sum(_is_so(truth, claim) for claim in left)
            before = claims.places
        shown = []
        for command in turn.moves(truth):
            if not world.over:
                shown.append(world.step(command))
                came, truth = truth.here, shown[-1].truth
                if (move := _MOVE.fullmatch(command)) and truth.here != came:
                    walked.add((_close(truth.here), move[1], _close(came)))


def _believed(
    kind: Kind, memory: assembly.Graph, turn: Turn, shown: Sequence[GameState], report: Report
) -> list[Sequence[str]] | None:
    """The graph after a turn's observation; None where the record has none."""
    if kind == "record":
        return None if turn.graph is None else [said for said in turn.graph if len(said) == 3]
    if kind == "given":
        given = [Triplet(*said) for said in turn.triplets if len(said) == 3]
        memory.remember(f"{turn.observation}\n{turn.inventory}", triplets=given)
    else:
        for one in shown:
            reading = memory.remember(one.transcript).reading
            found = {"told": reading.read_count, "silent": reading.silent_count, "unread": len(reading.unread)}
            report.count.update(found | {"sentences": sum(found.values())})
            report.unread.update(reading.unread)
    return [(fact.subject, fact.relation, fact.object) for fact in memory.facts()]


def _count_places(claims: Claims, truth: Truth, seen: set[str], count: Counter[str]) -> None:
    right = {claim for claim in claims.places if _is_so(truth, claim)}
    wrong = {thing for thing, _ in claims.places - right}
    count.update(
        {
            "turns": 1,
            "claimed": len(claims.places),
            "true": len(right),
            "direct": sum(_is_so(truth, claim, direct=True) for claim in claims.places),
            "seen": len(seen),
            "located": len(seen & {thing for thing, _ in right} - wrong),
            "others": claims.others,
            "claims": claims.others + len(claims.places),
        }
    )


def _count_exits(claims: Claims, truth: Truth, walked: set[tuple[str, str, str]], count: Counter[str]) -> None:
    real = {(_close(one), direction, _close(other)) for one, direction, other in truth.connections}
    count.update(
        {
            "exits": len(claims.exits),
            "exits true": len(claims.exits & real),
            "walked": len(walked),
            "walked and known": len(walked & claims.exits),
        }
    )


def _is_so(truth: Truth, claim: Claim, *, direct: bool = False) -> bool:
    """Whether a thing is in, on or at a place, itself or with what holds it; `direct`: itself."""
    thing, place = claim
    holders = truth.holders(thing)[: 1 if direct else None]
    if place in _GROUND:
        return any(holder in truth.rooms for holder in holders[:1])
    return _close(INVENTORY if place in _HANDS else place) in map(_close, holders)


def _called(name: str, portable: set[str]) -> str:
    """The plain name; without the looks before it, where with them it is no thing's name."""
    name = plain_name(name)
    return name if name in portable else _LOOKS.sub("", name)


def _is_named(thing: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(thing)}(?!\w)", text) is not None


def _close(name: str) -> str:
    """Written as one word: rooms are called "living room" and "livingroom"."""
    return name.replace(" ", "")

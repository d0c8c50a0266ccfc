"""Measures how true a graph is, against a real game's hidden state.

Recorded actions are repeated in the game. After each observation, the graph's places and connections are compared with
the true ones. This module shares no code with memory, so that neither hides the other's mistakes.
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
from ariadne.memory import AriGraph
from ariadne.relations import INVENTORY
from ariadne.runs.trajectories import Turn
from ariadne.values import Triplet

Kind = Literal["record", "rules", "given"]
"""The graph to judge: the recorded one, one read by rules, or one made from the recorded triplets."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_PLACED = re.compile(
    r"(?:(?:is|are|lies) )?(?:(?:now|currently) )?(?:(?:located|placed|found) )?(?:in|on|at|inside|carried by|held by)"
)
_HOLDING = re.compile(r"contains|holds|has|has item|has on it|carries|(?:is )?carrying")
_CONNECTED = re.compile(r"(?:is )?(?:to the )?(north|south|east|west) of")
_STATES = re.compile(
    r"^(?:(?:raw|uncooked|cooked|fried|grilled|roasted|burned|uncut|diced|sliced|chopped|open|closed|locked) )+"
)
_HANDS = frozenset({"player", "you", "i", INVENTORY, "player's inventory", "your inventory", "player inventory"})
_GROUND = frozenset({"floor", "ground"})
_MOVE = re.compile(r"go (north|south|east|west)")

Claim = tuple[str, str]
"""A thing and its place."""


@dataclass(frozen=True)
class Claims:
    """The claims of a graph: places of portable things and connections of rooms.

    `others` counts the further triplets about portable things. A fact and its inverse are one claim.
    """

    places: frozenset[Claim]
    exits: frozenset[tuple[str, str, str]]
    others: int

    @classmethod
    def of(cls, graph: Iterable[Sequence[str]], portable: set[str]) -> Claims:
        """Return the claims in a graph's triplets about these portable things."""
        places, exits, others = set[Claim](), set[tuple[str, str, str]](), 0
        for triplet in graph:
            subject, value = (_thing(name, portable) for name in (triplet[0], triplet[2]))
            relation = triplet[1].lower().strip()
            if match := _CONNECTED.fullmatch(relation):
                exits.add((_joined(subject), match[1], _joined(value)))
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
    """The sentences that the rules could not read, with their counts."""

    def share(self, part: str, whole: str) -> float | None:
        """Return a share, to four decimals; None if there is nothing to count."""
        return round(self.count[part] / self.count[whole], 4) if self.count[whole] else None

    def as_dict(self) -> dict[str, float | None]:
        """Return the figures by name; MEANING explains them."""
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
            "sentences_read": self.share("read", "sentences"),
            "sentences_silent": self.share("silent", "sentences"),
            "sentences_unread": self.share("unread", "sentences"),
        }


MEANING = {
    "turns": "observations after which the graph is judged",
    "precision": "share of its places of portable things that are true, of the thing or of its holder",
    "direct": "the same, for the nearest holder only",
    "recall": "share of the portable things seen so far with a true place and no false one",
    "exits_true": "share of its connections of rooms that are true",
    "exits_walked_and_known": "share of the walked connections that it has",
    "places_left": "places that it has given up, as things move",
    "retired_wrongly": "places among them that are still true",
    "claims_not_judged": "share of its claims about portable things that name no place",
    "sentences": "sentences read by rules",
    "sentences_read": "share of them that gave triplets",
    "sentences_silent": "share known to state nothing about the world",
    "sentences_unread": "share that the rules could not read",
}


def measure(game: Path, turns: Iterable[Turn], kind: Kind = "rules", report: Report | None = None) -> Report:
    """Repeat the turns in the game, attempt by attempt, and count; add to `report` if one is given."""
    report = report or Report()
    for _, attempt in groupby(turns, key=lambda turn: turn.attempt):
        with RevealedGame(game) as world, assembly.graph() as memory:
            _measure_attempt(world, attempt, kind, memory, report)
    return report


def _measure_attempt(world: RevealedGame, turns: Iterable[Turn], kind: Kind, memory: AriGraph, report: Report) -> None:
    states = [world.reset()]
    truth = states[0].truth
    perceived, portable, walked, before = set[str](), set[str](), set[tuple[str, str, str]](), frozenset[Claim]()
    for turn in turns:
        portable |= truth.portable
        text = " ".join([*(f"{state.text} {state.inventory}" for state in states), turn.observation]).lower()
        perceived |= {thing for thing in truth.portable if truth.in_view(thing) and _is_named(thing, text)}
        graph = _graph(kind, memory, turn, states, report)
        if graph is not None:
            claims = Claims.of(graph, portable)
            _count_places(claims, truth, perceived & set(truth.holder), report.count)
            _count_exits(claims, truth, walked, report.count)
            left = before - claims.places
            report.count["left"] += len(left)
            report.count["retired wrongly"] += sum(_is_true(truth, claim) for claim in left)
            before = claims.places
        states = []
        for command in turn.moves(truth):
            if not world.over:
                states.append(world.step(command))
                origin, truth = truth.here, states[-1].truth
                if (move := _MOVE.fullmatch(command)) and truth.here != origin:
                    walked.add((_joined(truth.here), move[1], _joined(origin)))


def _graph(
    kind: Kind, memory: AriGraph, turn: Turn, states: Sequence[GameState], report: Report
) -> list[Sequence[str]] | None:
    """Return the graph after a turn's observation; None if the record has none."""
    if kind == "record":
        return None if turn.graph is None else [triplet for triplet in turn.graph if len(triplet) == 3]
    if kind == "given":
        given = [Triplet(*triplet) for triplet in turn.triplets if len(triplet) == 3]
        memory.remember(f"{turn.observation}\n{turn.inventory}", triplets=given)
    else:
        for state in states:
            reading = memory.remember(state.transcript).reading
            counts = {"read": reading.read_count, "silent": reading.silent_count, "unread": len(reading.unread)}
            report.count.update(counts | {"sentences": sum(counts.values())})
            report.unread.update(reading.unread)
    return [(fact.subject, fact.relation, fact.object) for fact in memory.facts()]


def _count_places(claims: Claims, truth: Truth, seen: set[str], count: Counter[str]) -> None:
    right = {claim for claim in claims.places if _is_true(truth, claim)}
    wrong = {thing for thing, _ in claims.places - right}
    count.update(
        {
            "turns": 1,
            "claimed": len(claims.places),
            "true": len(right),
            "direct": sum(_is_true(truth, claim, direct=True) for claim in claims.places),
            "seen": len(seen),
            "located": len(seen & {thing for thing, _ in right} - wrong),
            "others": claims.others,
            "claims": claims.others + len(claims.places),
        }
    )


def _count_exits(claims: Claims, truth: Truth, walked: set[tuple[str, str, str]], count: Counter[str]) -> None:
    real = {(_joined(there), direction, _joined(origin)) for there, direction, origin in truth.connections}
    count.update(
        {
            "exits": len(claims.exits),
            "exits true": len(claims.exits & real),
            "walked": len(walked),
            "walked and known": len(walked & claims.exits),
        }
    )


def _is_true(truth: Truth, claim: Claim, *, direct: bool = False) -> bool:
    """Return whether a thing is at a place, directly or within its holders; `direct` allows only the nearest holder."""
    thing, place = claim
    holders = truth.holders(thing)[: 1 if direct else None]
    if place in _GROUND:
        return any(holder in truth.rooms for holder in holders[:1])
    return _joined(INVENTORY if place in _HANDS else place) in map(_joined, holders)


def _thing(name: str, portable: set[str]) -> str:
    """Return the plain name, without states before it unless they are part of a thing's name."""
    name = plain_name(name)
    return name if name in portable else _STATES.sub("", name)


def _is_named(thing: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(thing)}(?!\w)", text) is not None


def _joined(name: str) -> str:
    """Return a name as one word: a room may be "living room" and "livingroom"."""
    return name.replace(" ", "")

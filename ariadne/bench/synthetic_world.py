"""A made world to measure on: people, towns, firms and things, told in episodes of ten facts. It knows of no memory."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from math import prod
from random import Random

from ariadne.values import Triplet

TOGETHER = 10
"""How many facts an episode tells."""
_STRIDE = 7919
"""A prime that divides no number of combinations below: names follow each other in no order that one sees."""

_FIRST = "Ann Bo Carla Dan Ebba Filip Gro Hugo Ida Jan Karin Lars Mona Nils Olga Per Rita Sven Tess Ulf Vera Will Ylva"
_SHORES = "Nor Sund Vest Alder Birk Falk Gran Hav Kirk Lang Mark Nes Oster Rand Skog Stor Tun Ulv Vik Wind"
_WAYS = "berg by dal gren holm kvist lund man rud strand stad vang"
_LOOKS = "big blue broken cracked dusty faded folding green heavy hollow narrow old red round small striped tall white"
_STUFFS = "brass cedar clay copper cotton glass iron leather linen oak paper pine silver steel stone tin wool"
_THINGS = "bell bench boat box bucket chair clock cup drum fan frame jug kettle ladder lamp map rug saw stool tray vase"
_TRADES = "Bakers Brewing Canning Clocks Ferries Glass Ironworks Paper Press Railways Shipping Textiles Timber Tools"
_SIDES = "Lower Upper Inner Outer Great Little Northern Southern"
_WAYS_OF_WORK = "night master travelling ship's village royal junior retired"
_WORK = "baker carpenter clerk cook doctor driver fisher gardener glazier mason miller nurse painter teacher weaver"
_TASTES = "baked cold fried pickled roast smoked sour spiced stewed sweet"
_FOODS = "apples beans beets carrots cod eels herring lamb leeks mussels onions plums pork rye salmon turnips"
_HOUSES = "bakery church harbour hospital hotel library mill museum school station theatre warehouse"

_NAMES = {
    "person": ("{} {}{}", _FIRST, _SHORES, _WAYS),
    "thing": ("{} {} {}", _LOOKS, _STUFFS, _THINGS),
    "town": ("{}{}", _SHORES, _WAYS),
    "firm": ("{}{} {}", _SHORES, _WAYS, _TRADES),
    "building": ("{}{} {}", _SHORES, _WAYS, _HOUSES),
    "region": ("{} {}land", _SIDES, _SHORES),
    "job": ("{} {}", _WAYS_OF_WORK, _WORK),
    "dish": ("{} {}", _TASTES, _FOODS),
}
_FRESH = {
    "person": 0.15, "thing": 0.4, "town": 0.05, "firm": 0.1,
    "building": 0.1, "region": 0.01, "job": 0.02, "dish": 0.03,
}  # fmt: skip
"""How often one who is spoken of is new. Otherwise it is anyone of those known, or as often one who was spoken of much,
so that hubs arise."""
_FEW = 8
"""So many of a kind are spoken of first."""

_RELATIONS = {
    "person": (
        ("lives in", "town"), ("was born in", "town"), ("works for", "firm"), ("works as", "job"), ("knows", "person"),
        ("is a cousin of", "person"), ("owns", "thing"), ("is looking for", "thing"), ("likes", "dish"),
        ("was last seen at", "building"),
    ),
    "thing": (("is in", "building"), ("was made by", "firm"), ("was given by", "person"), ("was mended by", "person")),
    "town": (("is part of", "region"), ("is twinned with", "town"), ("is known for", "dish")),
    "firm": (("has its seat in", "town"), ("buys from", "firm"), ("was founded by", "person"), ("sells", "thing")),
    "building": (("can be seen from", "building"), ("was built by", "firm"), ("is looked after by", "person")),
}  # fmt: skip
"""What is told of a kind, and of what kind it is told. A thing is in one place at a time: it moves."""

_QUESTIONS = (
    ("Where does {} live, and does anybody there come from {}?", "person", "town"),
    ("What has {} to do with {}?", "person", "person"),
    ("Who mended the {}, and was it {}?", "thing", "person"),
    ("Where is the {} that {} was asking about?", "thing", "person"),
    ("Does {} work for {}?", "person", "firm"),
    ("Which people from {} like {}?", "town", "dish"),
    ("Did {} buy anything that was made in {}?", "firm", "town"),
    ("Who of those who were seen at {} owns a {}?", "building", "thing"),
    ("Where was {} built, and who of {} knows it?", "building", "firm"),
    ("How do I get from {} to {}?", "town", "building"),
)


@dataclass(frozen=True)
class Tale:
    """What one episode says: a text, and the same as triplets."""

    text: str
    triplets: tuple[Triplet, ...]


class World:
    """Goes on telling; the same seed tells the same, whatever is asked meanwhile. No triplet is told twice, and no
    question asked twice."""

    def __init__(self, seed: int) -> None:
        self._chance, self._curious = Random(seed), Random(seed)
        self._named = dict.fromkeys(_NAMES, 0)
        self._spoken: dict[str, list[str]] = {kind: [] for kind in _NAMES}
        self._told, self._asked = set[Triplet](), set[str]()

    def tales(self, facts: int) -> Iterator[Tale]:
        """The next episodes, which tell so many facts in all."""
        for start in range(0, facts, TOGETHER):
            triplets = tuple(self._episode(min(TOGETHER, facts - start)))
            yield Tale(" ".join(f"{triplet}." for triplet in triplets), triplets)

    def aside(self, seed: int) -> World:
        """A world that was so far the same, and goes on in another way."""
        other = deepcopy(self)
        other._chance = Random(seed)
        return other

    def question(self) -> str:
        """About two of those spoken of, new each time."""
        while True:
            form, *kinds = self._curious.choice(_QUESTIONS)
            asked = form.format(*(_name(kind, self._curious.randrange(max(self._named[kind], 1))) for kind in kinds))
            if asked not in self._asked:
                self._asked.add(asked)
                return asked

    def _episode(self, facts: int) -> Iterator[Triplet]:
        """About one person, and about those whom the episode has come upon, in turn."""
        met = [("person", self._who("person"))]
        while facts:
            kind, subject = met[0] if self._chance.random() < 0.5 else self._chance.choice(met)
            relation, other = self._chance.choice(_RELATIONS[kind])
            triplet = Triplet(subject, relation, self._who(other))
            if triplet in self._told or subject == triplet.object:
                continue
            self._told.add(triplet)
            if other in _RELATIONS:
                met.append((other, triplet.object))
            facts -= 1
            yield triplet

    def _who(self, kind: str) -> str:
        spoken, number = self._spoken[kind], self._named[kind]
        if number < _FEW or self._chance.random() < _FRESH[kind]:
            name = _name(kind, number)
            self._named[kind] += 1
        elif self._chance.random() < 0.5:
            name = _name(kind, self._chance.randrange(number))
        else:
            name = self._chance.choice(spoken)
        spoken.append(name)
        return name


def _name(kind: str, number: int) -> str:
    """The name of the one of that number, each another."""
    form, *lists = _NAMES[kind]
    words = [words.split() for words in lists]
    every = prod(map(len, words))
    place, chosen = (number + 1) * _STRIDE % every, list[str]()
    for some in words:
        place, nth = divmod(place, len(some))
        chosen.append(some[nth])
    again = number // every
    return form.format(*chosen) + (f" {again + 1}" if again else "")

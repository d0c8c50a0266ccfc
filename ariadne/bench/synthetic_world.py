"""A synthetic world to measure on: people, towns, firms and things, in episodes of ten facts. It knows no memory."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from math import prod
from random import Random

from ariadne.relations import IS_IN
from ariadne.values import Triplet

FACTS_PER_EPISODE = 10
"""Facts of an episode."""
_STRIDE = 7919
"""A prime that divides no number of combinations below, so that the names have no visible order."""

_FIRST = "Ann Bo Carla Dan Ebba Filip Gro Hugo Ida Jan Karin Lars Mona Nils Olga Per Rita Sven Tess Ulf Vera Will Ylva"
_SHORES = "Nor Sund Vest Alder Birk Falk Gran Hav Kirk Lang Mark Nes Oster Rand Skog Stor Tun Ulv Vik Wind"
_ENDINGS = "berg by dal gren holm kvist lund man rud strand stad vang"
_ADJECTIVES = (
    "big blue broken cracked dusty faded folding green heavy hollow narrow old red round small striped tall white"
)
_MATERIALS = "brass cedar clay copper cotton glass iron leather linen oak paper pine silver steel stone tin wool"
_THINGS = "bell bench boat box bucket chair clock cup drum fan frame jug kettle ladder lamp map rug saw stool tray vase"
_TRADES = "Bakers Brewing Canning Clocks Ferries Glass Ironworks Paper Press Railways Shipping Textiles Timber Tools"
_SIDES = "Lower Upper Inner Outer Great Little Northern Southern"
_RANKS = "night master travelling ship's village royal junior retired"
_JOBS = "baker carpenter clerk cook doctor driver fisher gardener glazier mason miller nurse painter teacher weaver"
_PREPARATIONS = "baked cold fried pickled roast smoked sour spiced stewed sweet"
_FOODS = "apples beans beets carrots cod eels herring lamb leeks mussels onions plums pork rye salmon turnips"
_HOUSES = "bakery church harbour hospital hotel library mill museum school station theatre warehouse"

_NAMES = {
    "person": ("{} {}{}", _FIRST, _SHORES, _ENDINGS),
    "thing": ("{} {} {}", _ADJECTIVES, _MATERIALS, _THINGS),
    "town": ("{}{}", _SHORES, _ENDINGS),
    "firm": ("{}{} {}", _SHORES, _ENDINGS, _TRADES),
    "building": ("{}{} {}", _SHORES, _ENDINGS, _HOUSES),
    "region": ("{} {}land", _SIDES, _SHORES),
    "job": ("{} {}", _RANKS, _JOBS),
    "dish": ("{} {}", _PREPARATIONS, _FOODS),
}
_NEW = {
    "person": 0.15, "thing": 0.4, "town": 0.05, "firm": 0.1,
    "building": 0.1, "region": 0.01, "job": 0.02, "dish": 0.03,
}  # fmt: skip
"""The share of mentions that introduce a new name. Half of the others repeat a known name, and half an earlier mention,
so that hubs arise."""
_FIRST_NAMES = 8
"""The first names of a kind; each is new."""

_RELATIONS = {
    "person": (
        ("lives in", "town"), ("was born in", "town"), ("works for", "firm"), ("works as", "job"), ("knows", "person"),
        ("is a cousin of", "person"), ("owns", "thing"), ("is looking for", "thing"), ("likes", "dish"),
        ("was last seen at", "building"),
    ),
    "thing": ((IS_IN, "building"), ("was made by", "firm"), ("was given by", "person"), ("was mended by", "person")),
    "town": (("is part of", "region"), ("is twinned with", "town"), ("is known for", "dish")),
    "firm": (("has its seat in", "town"), ("buys from", "firm"), ("was founded by", "person"), ("sells", "thing")),
    "building": (("can be seen from", "building"), ("was built by", "firm"), ("is looked after by", "person")),
}  # fmt: skip
"""The relations of a kind, with the kind of their object. A thing is in one place at a time: it moves."""

_QUERIES = (
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
class SyntheticEpisode:
    """One episode: a text, and the same as triplets."""

    text: str
    triplets: tuple[Triplet, ...]


class World:
    """An endless source of episodes and queries, without repetition.

    The same seed gives the same episodes, independent of the queries between them.
    """

    def __init__(self, seed: int) -> None:
        self._random, self._query_random = Random(seed), Random(seed)
        self._named = dict.fromkeys(_NAMES, 0)
        self._mentioned: dict[str, list[str]] = {kind: [] for kind in _NAMES}
        self._triplets, self._queries = set[Triplet](), set[str]()

    def episodes(self, facts: int) -> Iterator[SyntheticEpisode]:
        """Yield the next episodes, with `facts` facts in all."""
        for start in range(0, facts, FACTS_PER_EPISODE):
            triplets = tuple(self._episode(min(FACTS_PER_EPISODE, facts - start)))
            yield SyntheticEpisode(" ".join(f"{triplet}." for triplet in triplets), triplets)

    def fork(self, seed: int) -> World:
        """Return a copy that continues with another seed."""
        other = deepcopy(self)
        other._random = Random(seed)
        return other

    def query(self) -> str:
        """Return a new query about two known names."""
        while True:
            form, *kinds = self._query_random.choice(_QUERIES)
            numbers = [self._query_random.randrange(max(self._named[kind], 1)) for kind in kinds]
            text = form.format(*map(_name, kinds, numbers))
            if text not in self._queries:
                self._queries.add(text)
                return text

    def _episode(self, facts: int) -> Iterator[Triplet]:
        """Yield facts about one person, and about others that the episode mentions."""
        subjects = [("person", self._choose("person"))]
        while facts:
            kind, subject = subjects[0] if self._random.random() < 0.5 else self._random.choice(subjects)
            relation, other = self._random.choice(_RELATIONS[kind])
            triplet = Triplet(subject, relation, self._choose(other))
            if triplet in self._triplets or subject == triplet.object:
                continue
            self._triplets.add(triplet)
            if other in _RELATIONS:
                subjects.append((other, triplet.object))
            facts -= 1
            yield triplet

    def _choose(self, kind: str) -> str:
        mentioned, number = self._mentioned[kind], self._named[kind]
        if number < _FIRST_NAMES or self._random.random() < _NEW[kind]:
            name = _name(kind, number)
            self._named[kind] += 1
        elif self._random.random() < 0.5:
            name = _name(kind, self._random.randrange(number))
        else:
            name = self._random.choice(mentioned)
        mentioned.append(name)
        return name


def _name(kind: str, number: int) -> str:
    """Return the name of a number; each number has another name."""
    form, *lists = _NAMES[kind]
    words = [words.split() for words in lists]
    every = prod(map(len, words))
    place, chosen = (number + 1) * _STRIDE % every, list[str]()
    for some in words:
        place, nth = divmod(place, len(some))
        chosen.append(some[nth])
    again = number // every
    return form.format(*chosen) + (f" {again + 1}" if again else "")

"""The map: known paths, unexplored exits and the doors in them."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from ariadne.planners import Exit, Map
from ariadne.planners.map import OPPOSITE
from ariadne.values import Triplet


def lines(text: str) -> list[Triplet]:
    return [Triplet(*(part.strip() for part in line.split("|"))) for line in text.strip().splitlines()]


HOUSE = lines(
    """
    Hall  | has exit       | east
    Hall  | has exit       | north
    Attic | is north of    | Hall
    Attic | has exit       | south
    Attic | has exit       | west
    east exit of Hall | is behind | oak door
    """
)


def test_the_exit_back_is_known_once_an_exit_was_taken() -> None:
    drawn = Map.of(HOUSE)
    assert drawn.path("Hall", "attic") == ["north"]
    assert drawn.path("Attic", "hall") == ["south"]
    assert drawn.path("Hall", "Hall") == []
    assert drawn.path("Hall", "Cellar") is None


def test_unexplored_exits_come_nearest_first_with_their_doors() -> None:
    ends = list(Map.of(HOUSE).unexplored("Hall"))
    assert ends == [([], Exit("Hall", "east", "oak door")), (["north"], Exit("Attic", "west"))]


def test_an_exit_to_a_new_place_comes_before_one_that_seems_to_lead_back() -> None:
    ring = lines(
        """
        B | is north of | A
        C | is east of  | B
        D | is south of | C
        D | has exit    | north
        D | has exit    | east
        D | has exit    | west
        """
    )
    ends = [end.direction for path, end in Map.of(ring).unexplored("D") if not path]
    assert ends == ["east", "west"]  # west of D lies A


def test_an_exit_without_one_back_is_not_taken_backwards() -> None:
    drawn = Map.of(lines("Pit | is down of | Ledge\nPit | has exit | north"))
    assert drawn.path("Pit", "Ledge") is None


def test_an_exit_without_a_direction_is_left_out() -> None:
    drawn = Map.of([*HOUSE, Triplet("Hall", "has exit", "oak door")])
    assert [end.direction for _, end in drawn.unexplored("Hall")] == ["east", "west"]


def test_an_unknown_room_has_no_paths() -> None:
    assert Map.of([]).paths("Nowhere") == {}
    assert list(Map.of([], here="Here").unexplored("Here")) == []


@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from(sorted(OPPOSITE)), st.integers(0, 8)), max_size=30))
def test_paths_are_as_short_as_those_of_networkx(edges: list[tuple[int, str, int]]) -> None:
    drawn = Map.of([Triplet(f"r{to}", f"is {direction} of", f"r{start}") for start, direction, to in edges], here="r0")
    graph = nx.DiGraph([(room, other) for room, exits in drawn.exits.items() for other in exits.values() if other])
    graph.add_node("r0")
    lengths = nx.single_source_shortest_path_length(graph, "r0")
    assert {room: len(path) for room, path in drawn.paths("r0").items()} == lengths

"""Cleaning: what is drawn is sensible, the game holds it by its names, and putting all back wins it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ariadne import assembly
from ariadne.envs import TextWorld, make_cleaning
from ariadne.envs.makers.cleaning import LOST, OBJECTIVES, SIZE, WHOLE, build, draw_house
from ariadne.envs.makers.household import ROOMS, THINGS
from ariadne.planners.map import Map
from ariadne.planners.rules.goal_parsing import is_about_tidying
from ariadne.runs.session import play_game
from ariadne.runs.settings import RunSettings
from ariadne.values import Triplet

PLACES = {place: room for room, some in ROOMS.items() for place in some}


def test_every_place_has_its_own_things_and_every_thing_has_known_places() -> None:
    assert all(place in PLACES for places in THINGS.values() for place in places)
    assert {places[0] for places in THINGS.values()} == PLACES.keys()
    assert not [name for name in (*ROOMS, *PLACES, *THINGS) if name.startswith(("I", "P"))]
    assert len({*ROOMS, *PLACES, *THINGS}) == len(ROOMS) + len(PLACES) + len(THINGS)


def test_a_third_of_the_things_lie_in_a_wrong_room() -> None:
    for seed in range(1, 200):
        house = draw_house(seed)
        rooms = {place: room for room, some in house.rooms.items() for place in some}
        assert (len(house.rooms), len(house.lies), len(house.lost)) == (SIZE, WHOLE, LOST)
        for thing, place in house.lies.items():
            if thing in house.lost:
                right = {rooms[spot] for spot in house.lost[thing]}
                assert right
                assert rooms.get(place, place) not in right
            else:
                assert place == THINGS[thing][0]
    assert len({tuple(sorted(draw_house(seed).lies)) for seed in range(1, 200)}) == 199


@pytest.mark.sample
def test_each_seed_makes_another_game_and_textworld_keeps_all_names() -> None:
    for seed in (3, 4):
        names = {info.name for info in build(seed).infos.values()}
        house = draw_house(seed)
        assert {*house.rooms, *house.lies, *(place for some in house.rooms.values() for place in some)} <= names


@pytest.mark.sample
def test_a_player_who_puts_everything_back_wins_a_point_for_each_thing() -> None:
    house = draw_house(5)
    with TextWorld(make_cleaning(5)) as game:
        seen, known = game.reset(), list[Triplet]()
        homes = {place: room for room, some in house.rooms.items() for place in some}

        def go(room: str) -> None:
            nonlocal seen
            way = Map.of(known, here).path(here, room)
            assert way is not None
            for direction in way:
                seen = game.step(f"go {direction}")

        here = str(seen.room)
        built = build(5)
        for fact in built.world.facts:
            if fact.name.endswith("_of"):
                ends = [built.infos[one.name].name for one in fact.arguments]
                known.append(Triplet(ends[0], f"is {fact.name.removesuffix('_of')} of", ends[1]))
        for points, (thing, places) in enumerate(house.lost.items(), 1):
            lies = house.lies[thing]
            go(homes.get(lies, lies))
            here = homes.get(lies, lies)
            seen = game.step(f"take {thing}" if lies in house.rooms else f"take {thing} from {lies}")
            go(homes[places[0]])
            here = homes[places[0]]
            verb, where = ("insert", "into") if ROOMS[here][places[0]] == "c" else ("put", "on")
            seen = game.step(f"{verb} {thing} {where} {places[0]}")
            assert seen.score == points
        assert (seen.won, seen.max_score) == (True, LOST)


def test_the_planner_uses_nothing_of_the_makers_table() -> None:
    texts = [
        file.read_text(encoding="utf-8")
        for file in Path(assembly.__file__).parent.joinpath("planners").rglob("*.*")
        if file.suffix in (".py", ".txt", ".md")
    ]
    words = " ".join(texts).casefold()
    assert not [thing for thing in THINGS if re.search(rf"\b{re.escape(thing)}\b", words)]
    assert not [text for text in texts if "household" in text]


def test_the_planner_understands_every_objective() -> None:
    assert all(is_about_tidying(objective) for objective in OBJECTIVES)


@pytest.mark.soak
def test_the_planner_puts_most_things_back(tmp_path: Path) -> None:
    scores = []
    for seed in (7, 8, 9):
        run = play_game(RunSettings(game=make_cleaning(seed), steps=150), folder=tmp_path / str(seed))
        scores.append(run.record.outcome.score if run.record.outcome else 0)
    assert sum(scores) >= 0.8 * 3 * LOST

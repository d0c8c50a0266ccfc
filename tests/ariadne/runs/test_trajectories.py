"""What was done in a game, read back to be done again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ariadne.envs.text_world.ground_truth import RevealedGame, Truth
from ariadne.errors import RunError
from ariadne.runs.record import read_record
from ariadne.runs.session import play_game
from ariadne.runs.settings import RunSettings
from ariadne.runs.trajectories import Turn, random_walk, read_turns

WAYS = frozenset({("den", "east", "hall"), ("attic", "up", "den")})
HALL = Truth("hall", {}, frozenset(), frozenset(), frozenset(), WAYS)


@pytest.mark.parametrize(
    ("action", "moves"),
    [
        ({"action_to_take": "take egg"}, ["take egg"]),
        ({"action_to_take": "go to Den"}, ["go east"]),
        ({"action_to_take": "Go to the moon"}, []),
        ({"action_to_take": "fry egg"}, ["cook egg with stove"]),
        ({"action_to_take": "roast red egg in oven"}, ["cook red egg with oven"]),
        ({"action_to_take": "grill egg with BBQ"}, ["cook egg with BBQ"]),
        ({}, ["look"]),
        (None, ["look"]),
        ("no JSON object", ["look"]),
    ],
)
def test_an_action_in_words_becomes_the_games_commands(
    action: dict[str, object] | str | None, moves: list[str]
) -> None:
    assert Turn(action=action).moves(HALL) == moves


def test_commands_are_repeated_as_they_are() -> None:
    assert Turn(commands=["fry egg", "wait"], action={"action_to_take": "look"}).moves(HALL) == ["fry egg", "wait"]
    assert Turn(commands=[]).moves(HALL) == []


def test_a_file_of_turns_is_read_line_by_line(tmp_path: Path) -> None:
    lines = [{"attempt": 2, "observation": "A hall.", "graph": [["a", "is in", "b"]], "cost": 3}, {"action": "look"}]
    (tmp_path / "run.jsonl").write_text("\n\n".join(map(json.dumps, lines)) + "\n")
    first, second = read_turns(tmp_path / "run.jsonl")
    assert (first.attempt, first.observation, first.graph) == (2, "A hall.", [["a", "is in", "b"]])
    assert (second.attempt, second.graph, second.action) == (1, None, "look")


def test_a_run_is_read_with_the_graph_of_its_updates(hunt: Path, tmp_path: Path) -> None:
    play_game(RunSettings(game=hunt, steps=12), folder=tmp_path / "run")
    turns = read_turns(tmp_path / "run")
    assert len(turns) == 13
    assert all(turn.commands for turn in turns[:-1])
    assert turns[-1].commands == []
    for turn in turns:
        assert len([triplet for triplet in turn.graph or [] if triplet[1] == "is at"]) == 1


@pytest.mark.parametrize("text", ["a diary", '{"attempt": "first"}', "[1, 2]", '{"graph": 5}', "\xff"])
def test_a_file_that_is_not_a_trajectory_raises_an_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text(text, encoding="latin-1")
    with pytest.raises(RunError, match="not a record of a run: line 1"):
        read_turns(tmp_path / "run.jsonl")


def test_a_missing_record_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"none\.jsonl: the record cannot be read \(No such file"):
        read_turns(tmp_path / "none.jsonl")
    with pytest.raises(RunError, match="is not a saved run"):
        read_turns(tmp_path)
    with pytest.raises(RunError, match=r"none: this folder does not exist"):
        read_record(tmp_path / "none")


def test_a_random_walk_is_reproducible_and_has_only_valid_actions(hunt: Path) -> None:
    walk = random_walk(hunt, 15, 7)
    assert (len(walk), walk) == (15, random_walk(hunt, 15, 7))
    assert walk != random_walk(hunt, 15, 8)
    with RevealedGame(hunt) as game:
        shown = game.reset()
        for turn in walk:
            (command,) = turn.commands or []
            assert command in shown.valid_actions
            shown = game.step(command)


def test_a_run_of_another_game_is_refused(hunt: Path, tmp_path: Path) -> None:
    from ariadne.envs import make_treasure_hunt
    from ariadne.runs.session import play_game
    from ariadne.runs.settings import RunSettings

    run = play_game(RunSettings(game=hunt, steps=1), folder=tmp_path / "run")
    assert len(read_turns(run.folder, hunt)) == 2
    with pytest.raises(RunError, match=r"a run of .*, not of"):
        read_turns(run.folder, make_treasure_hunt("easy", 2))

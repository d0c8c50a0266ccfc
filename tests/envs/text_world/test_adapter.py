"""TextWorld's games as environments: what an agent sees, and what remains hidden."""

from __future__ import annotations

import json
import shutil
import string
from dataclasses import fields
from pathlib import Path

import jericho
import pytest
import textworld

from ariadne.envs import TextWorld, check_environment, make_cooking
from ariadne.envs.text_world.adapter import clean, without_banner
from ariadne.errors import GameError
from ariadne.values import Observation


def test_the_game_keeps_the_contract_with_and_without_valid_actions(hunt: Path) -> None:
    for listed in (True, False):
        with TextWorld(hunt, valid_actions=listed) as game:
            check_environment(game, steps=30, seed=3)


def test_the_first_observation_is_the_room_and_the_objective_without_banner_prompt_or_status_line(hunt: Path) -> None:
    with TextWorld(hunt) as game:
        first = game.reset()
        assert game.objective
        assert first.text.startswith(game.objective)
        assert "$$" not in first.text
        assert not first.text.rstrip().endswith(">")
        assert first.room
        assert first.inventory == "You are carrying nothing."
        assert (first.score, first.max_score, first.commands) == (0, 7, ())


def test_valid_actions_can_be_hidden(hunt: Path) -> None:
    with TextWorld(hunt) as shown, TextWorld(hunt, valid_actions=False) as hidden:
        assert "look" in (shown.reset().valid_actions or ())
        assert hidden.reset().valid_actions is None


def test_a_move_names_its_command_and_its_room(hunt: Path) -> None:
    with TextWorld(hunt) as game:
        first = game.reset()
        way = next(action for action in first.valid_actions or () if action.startswith("go "))
        seen = game.step(way)
        assert seen.commands == (way,)
        assert seen.transcript.startswith(f"> {way}\n")
        assert seen.room not in (None, first.room)


def test_the_text_is_what_the_bare_interpreter_prints(hunt: Path, tmp_path: Path) -> None:
    bare = shutil.copy(hunt, tmp_path / "bare.z8")  # without its .json the interpreter knows the story alone
    frotz = jericho.FrotzEnv(str(bare))
    with TextWorld(hunt) as game:
        assert game.reset().text == without_banner(clean(frotz.reset()[0]))
        for command in (
            "look",
            "inventory",
            "go north",
            "go east",
            "go south",
            "go west",
            "open golden locker",
            "dance",
        ):
            assert game.step(command).text == clean(frotz.step(command)[0])
    frotz.close()


def test_no_observation_holds_hidden_state(hunt: Path) -> None:
    hidden = _hidden_names(hunt)
    assert len(hidden) > 5
    with TextWorld(hunt) as game:
        first = game.reset()
        shown = json.dumps([str(getattr(first, field.name)) for field in fields(first)]).replace(game.objective, "")
        assert [name for name in hidden if name in shown] == []


def test_an_observation_holds_plain_values_and_no_reference_to_the_engine(hunt: Path) -> None:
    with TextWorld(hunt) as game:
        seen = game.reset()
        for value in (getattr(seen, field.name) for field in fields(Observation)):
            assert type(value) in (str, tuple, int, bool, type(None))
            assert not isinstance(value, tuple) or all(type(part) is str for part in value)


def test_the_adapter_requests_nothing_hidden_from_the_engine(hunt: Path) -> None:
    with TextWorld(hunt) as game:
        requested = set(game._engine.request_infos.basics)
    assert requested == {
        "feedback", "inventory", "admissible_commands", "score", "max_score", "won", "lost", "objective",
    }  # fmt: skip


@pytest.mark.parametrize(
    "command",
    ["quit", "restart", "save", "undo", "", "   ", "\x00", "\x1b[2J", "look. look", "go west. go east.",
     "look then wait", "look; look", "look.look", "x" * 201, "script on", "superbriefest", "print_state", "PRINT_STATE",
     "print_stuff", "me, print_state", '"print_state', "enable print state option", "tw-trace-actions",
     "tw-extra-infos description", "restrict commands"],
)  # fmt: skip
def test_a_command_that_is_not_one_move_changes_nothing(hunt: Path, command: str) -> None:
    with TextWorld(hunt) as game:
        first = game.reset()
        assert game.step(command).text == "That is no move in this world."
        assert game.step("look").room == first.room


def test_a_hidden_objective_is_removed_from_the_text(hunt: Path) -> None:
    with TextWorld(hunt) as game, TextWorld(hunt, objective=False) as silent:
        shown, hidden = game.reset(), silent.reset()
        assert game.objective
        assert silent.objective == ""
        assert game.objective in " ".join(shown.text.split())
        assert "treasure" not in hidden.text
        assert hidden.text == shown.text[shown.text.index("-= Room") :]
        assert (hidden.room, hidden.valid_actions) == (shown.room, shown.valid_actions)
        assert game.objective in " ".join(game.step("goal").text.split())
        assert silent.step("GOAL").text == silent.step("me, goal").text == "That is no move in this world."


def test_a_lost_game_restarts_if_restarts_is_set() -> None:
    game_file = make_cooking("1", 1)
    for restarts in (False, True):
        with TextWorld(game_file, restarts=restarts, moves=60) as game:
            first = seen = game.reset()
            for _ in range(40):  # all is eaten, until it was an ingredient
                actions = sorted(seen.valid_actions or (), key=lambda action: not action.startswith("eat "))
                seen = game.step(next(one for one in actions if one.startswith(("eat ", "take ", "open "))))
                if seen.terminated or "anew" in seen.text:
                    break
            assert seen.terminated is not restarts
            assert not seen.won
            if restarts:
                assert "The game begins anew." in seen.text
                assert seen.text.endswith(first.text)
                assert (seen.valid_actions, seen.inventory, seen.score) == (first.valid_actions, first.inventory, 0)
                assert game.step("look").room == first.room


def test_after_the_end_a_step_is_refused_until_the_next_reset(tmp_path: Path) -> None:
    with TextWorld(_tiny_game(tmp_path)) as game:
        game.reset()
        won = game.step("take ball")
        assert (won.won, won.terminated, won.truncated, won.score) == (True, True, False, 1)
        with pytest.raises(GameError, match=r"call reset\(\) first"):
            game.step("look")
        assert not game.reset().terminated


def test_a_step_before_the_first_reset_is_refused(hunt: Path) -> None:
    with TextWorld(hunt) as game, pytest.raises(GameError, match=r"call reset\(\) first"):
        game.step("look")


def _hidden_names(hunt: Path) -> list[str]:
    """Names of rooms and things that are elsewhere than where the player begins."""
    described = textworld.Game.load(str(hunt.with_suffix(".json")))
    here = {described.world.player_room.id} | {thing.id for thing in described.world.player_room.content}
    names = [info.name for key, info in described.infos.items() if key not in here and info.name]
    return [name for name in names if len(name) > 1 and name[0] in string.ascii_letters]


def _tiny_game(folder: Path) -> Path:
    maker = textworld.GameMaker()
    room = maker.new_room("Hall")
    maker.set_player(room)
    ball = maker.new("o", "ball")
    room.add(ball)
    event = textworld.generator.game.Event(conditions={maker.new_fact("in", ball, maker.inventory)})
    maker.quests = [textworld.generator.game.Quest(win_events=[event], reward=1)]
    return Path(maker.compile(str(folder / "tiny.z8")))

"""A lost game is played again with a reflection on the earlier trials, by rules or by a model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as HTTPRequest
from werkzeug import Response

from ariadne import assembly
from ariadne.bench import runner
from ariadne.bench.reflections import reflection_on, spent_on_reflection
from ariadne.bench.results import make_rows, rerun_commands
from ariadne.bench.runner import Item, in_processes, make_items, play_all, play_item
from ariadne.envs import make_treasure_hunt
from ariadne.envs.suites.loader import Game, Suite
from ariadne.errors import ModelError, ReplyError
from ariadne.llm.call_log import read_calls
from ariadne.llm.scripted import ScriptedChat
from ariadne.llm.settings import ModelSettings
from ariadne.planners.reflection import LONGEST
from ariadne.runs.record import CALLS, RECORD, STEPS, Run, read_record, read_steps
from ariadne.runs.session import ModelAccess, play_game
from ariadne.runs.settings import RunSettings
from ariadne.runs.verify import verify
from tests.command import ariadne

SHORT = Game(maker="treasure-hunt", level="easy", steps=22)
ACTS = ModelSettings(model="some", extract="rules", plan="rules")


def one(trials: int, memory: str = "arigraph", game: Game = SHORT, **more: Any) -> Item:
    suite = Suite(about="", seeds=1, games=(game,))
    (item,) = make_items(suite, seeds=[1], memories=[memory], contexts=[1500], trials=trials, **more)
    return item


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hunt that is lost once, and won then."""
    folder = tmp_path_factory.mktemp("bench") / one(3).name
    play_item(one(3), folder)
    return folder


def second(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-trial-2")


def test_the_reflection_on_a_lost_trial_wins_the_next_one(tried: Path) -> None:
    assert {run.name for run in tried.parent.iterdir()} == {tried.name, second(tried).name}
    first, then = read_record(tried), read_record(second(tried))
    assert first.outcome
    assert then.outcome
    assert (first.outcome.won, then.outcome.won) == (False, True)
    assert first.settings.reflection == ""
    assert "The Key 2 unlocks the Lavender locker." in then.settings.reflection
    assert first.settings == then.settings.model_copy(update={"reflection": ""})
    for folder in (tried, second(tried)):
        with Run.open(folder) as run:
            assert verify(run) is None


def test_rules_read_a_reflection_back_into_its_facts(tried: Path) -> None:
    sentences = read_record(second(tried)).settings.reflection.split(". ")
    found = {fact.triplet for step in read_steps(tried) for fact in step.update.added}
    read = [assembly.EXTRACTOR.read(f"{result.removesuffix('.')}.", (), None).triplets for result in sentences]
    assert len(sentences) > 20
    assert all(len(result) == 1 and result[0] in found for result in read)


def test_the_best_trial_counts_with_the_effort_of_all(tried: Path) -> None:
    (row,) = make_rows([one(3)], tried.parent)
    steps = [len(read_steps(folder)) - 1 for folder in (tried, second(tried))]
    assert (row.score, row.won, row.played, row.trials, row.lost, row.failed) == (1, 1, 2, 3, (), ())
    assert row.decisions == sum(steps)
    (alone,) = make_rows([one(1)], tried.parent)
    assert (alone.won, alone.played, alone.lost) == (0, 1, (1,))
    assert alone.score == 3 / 7


@pytest.mark.sample
def test_trials_are_saved_and_more_can_be_played_later(tmp_path: Path) -> None:
    never = SHORT.model_copy(update={"steps": 2})
    with in_processes(2) as here:
        for trials in (1, 3):
            item = one(trials, game=never)
            assert play_all([item], tmp_path, executor=here, done=lambda *_: None) == {}
            assert len([*tmp_path.iterdir()]) == trials
        whens = {run.name: (run / RECORD).stat().st_mtime_ns for run in tmp_path.iterdir()}
        assert play_all([item], tmp_path, executor=here, done=lambda *_: None) == {}
    assert {run.name: (run / RECORD).stat().st_mtime_ns for run in tmp_path.iterdir()} == whens
    (row,) = make_rows([item], tmp_path)
    assert (row.played, row.lost) == (3, (1,))
    name = "--game treasure-hunt-easy --memory arigraph --context 1500"
    assert list(rerun_commands("hunts", row)) == [f"ariadne bench hunts {name} --trials 3 --rerun 1"]
    shutil.rmtree(tmp_path / f"{item.name}-trial-3")
    (row,) = make_rows([item], tmp_path)
    assert (row.runs, row.failed) == (0, (1,))


def test_a_stopped_trial_continues_with_its_reflection(tried: Path, tmp_path: Path) -> None:
    shutil.copytree(tried.parent, tmp_path, dirs_exist_ok=True)
    stopped = second(tmp_path / tried.name)
    record = json.loads((stopped / RECORD).read_text())
    (stopped / RECORD).write_text(json.dumps(record | {"state": "running", "outcome": None, "ended": None}))
    lines = (stopped / STEPS).read_bytes().splitlines(keepends=True)
    (stopped / STEPS).write_bytes(b"".join(lines[:7]))
    play_item(one(3), tmp_path / tried.name)
    assert (stopped / STEPS).read_bytes() == (second(tried) / STEPS).read_bytes()


@pytest.mark.sample
@pytest.mark.parametrize("memory", ["none", "summary"])
def test_a_reflection_is_the_same_for_every_memory(memory: str, tmp_path: Path) -> None:
    play_item(one(2, memory), tmp_path / "run")
    assert " is west of the " in read_record(tmp_path / "run-trial-2").settings.reflection


# -- with a language model ---------------------------------------------------------------------------------------------


def lost(folder: Path, model_settings: ModelSettings = ACTS) -> Path:
    chat = ScriptedChat([{"reason": "-", "action": 1}] * 3)
    game = make_treasure_hunt("easy", 1)
    play_game(
        RunSettings(game=game, mind="llm", steps=3, model_settings=model_settings),
        folder=folder,
        access=ModelAccess(chat),
    )
    return folder


def test_a_model_reflects_once_and_its_call_is_saved_with_the_trial(tmp_path: Path) -> None:
    run, script = (
        lost(tmp_path / "run"),
        ScriptedChat([{"reflection": "Go west first.\nTake  Key 1. " + "More. " * 900}]),
    )
    result = reflection_on([run], ModelAccess(script))
    assert result.startswith("Go west first. Take Key 1. More.")
    assert LONGEST - 6 < len(result) <= LONGEST
    request_data = script.requests[0].messages[1]["content"]
    assert "How it ended: no decisions left, with " in request_data
    assert "of 7 points" in request_data
    call = read_calls(run / CALLS)[-1]
    assert (call.step, call.shape) == (4, "Reflection")
    assert reflection_on([run], ModelAccess()) == result
    assert len(read_calls(run / CALLS)) == 4
    with Run.open(run) as opened:
        assert spent_on_reflection(opened).calls == 1
        assert verify(opened) is None


def test_an_unreadable_reflection_stops_or_is_skipped(tmp_path: Path) -> None:
    stops = lost(tmp_path / "stops")
    with pytest.raises(ModelError, match=r"\(Reflection\)"):
        reflection_on([stops], ModelAccess(ScriptedChat([])))
    with pytest.raises(ReplyError):
        reflection_on([stops], ModelAccess(ScriptedChat(["what?", "what?"])))
    skips = lost(tmp_path / "skips", ACTS.model_copy(update={"on_bad_reply": "skip"}))
    assert reflection_on([skips], ModelAccess(ScriptedChat(["what?", "what?"]))) == ""


def test_a_bench_gives_the_model_its_earlier_reflections(
    tmp_path: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("NO_PROXY", "*")
    prompts = list[tuple[str, str]]()

    def answer(request: HTTPRequest) -> Response:
        request_data = request.get_json()
        shape = request_data["response_format"]["json_schema"]["name"]
        prompts.append((shape, request_data["messages"][1]["content"]))
        reply: dict[str, Any] = {"drop": [], "add": [], "explore": False, "reason": "-", "action": 1}
        if shape == "Reflection":
            reply = {"reflection": f"Lesson {sum(name == shape for name, _ in prompts)}."}
        choice = {"index": 0, "message": {"role": "assistant", "content": json.dumps(reply)}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        result = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
        return Response(json.dumps(result), content_type="application/json")

    httpserver.expect_request("/v1/chat/completions", method="POST").respond_with_handler(answer)
    how = ModelSettings(model="m", base_url=httpserver.url_for("/v1"), extract="rules")
    item = one(3, game=SHORT.model_copy(update={"steps": 2}), mind="llm", model_settings=how)
    play_item(item, tmp_path / item.name)
    assert [shape for shape, _ in prompts] == ["Decide", "Decide", "Reflection"] * 2 + ["Decide", "Decide"]
    hints = [line for _, prompt in prompts for line in prompt.splitlines() if line.startswith("Hint: ")]
    assert hints == ["Hint: (none)"] * 3 + ["Hint: Lesson 1."] * 2 + ["Hint: (none)"] + ["Hint: Lesson 2."] * 2
    assert "Lesson 1." in prompts[5][1]  # the notes that the second reflection goes on from
    (row,) = make_rows([item], tmp_path)
    assert (row.played, row.tokens) == (3, 1100 * len(prompts))


# -- from the command line ---------------------------------------------------------------------------------------------


LOST = """
about = "a meal that is lost"
seeds = [1]
count = 1

[[games]]
maker = "cooking"
level = "1"
steps = 20
moves = 3
"""


def test_the_table_has_a_column_for_trials_if_there_are_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.toml").write_text(LOST)
    command = ["bench", "own.toml", "--memory", "none", "--out", "out"]
    monkeypatch.setattr(runner, "_in_a_process", runner.run_item)  # a process a run takes seconds to start
    for more, shown in (([], False), (["--trials", "2"], True)):
        done = ariadne(*command, *more, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert ("trials" in done.stdout.splitlines()[0].split()) is shown
        assert ("trials" in (tmp_path / "out" / "table.md").read_text().splitlines()[0]) is shown
        assert ("--trials 2" in done.stdout) is shown
    assert json.loads((tmp_path / "out" / "table.json").read_text())[0]["played"] == 2

"""Memories for which a model writes: what it is shown, what is recalled, and how a run resumes."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from ariadne import tokens
from ariadne.envs import make_treasure_hunt
from ariadne.errors import ReplyError
from ariadne.llm.chat import ChatModel, Request
from ariadne.llm.scripted import ScriptedChat, ScriptedReply
from ariadne.llm.settings import ModelSettings
from ariadne.memory import HashEmbedder
from ariadne.memory.baselines.llm_texts import ENOUGH, SUMMARY, LLMSummary, LLMTexts, ReflectingSimulacra
from ariadne.memory.baselines.texts import REFLECTION
from ariadne.runs.session import ModelAccess, play_game, resume_game
from ariadne.runs.settings import RunSettings
from ariadne.values import RECENT_STEPS

ROOMS = [f"> go east\n-= Room {n} =-\nYou see a box {n}. The box {n} is closed." for n in range(30)]


def contents(script: ScriptedChat) -> list[str]:
    return [request.messages[1]["content"] for request in script.requests]


def summing(*lines: ScriptedReply, skip: bool = False) -> tuple[LLMSummary, ScriptedChat]:
    script = ScriptedChat(lines)
    memory = LLMSummary(ChatModel(script), skip=skip)
    memory.remember("Find the crown.", source="goal")
    return memory, script


def remember_all(memory: LLMTexts, texts: list[str]) -> None:
    for text in texts:
        memory.remember(text)


def test_a_summary_is_written_from_the_one_before_and_the_texts_out_of_view() -> None:
    memory, script = summing({"summary": "Room 0 has a box."}, {"summary": "Rooms 0 and 1 have boxes."})
    remember_all(memory, ROOMS[:RECENT_STEPS])
    assert memory.recall("box").text == ""
    assert script.requests == []
    remember_all(memory, ROOMS[RECENT_STEPS : RECENT_STEPS + 1])
    first = memory.recall("box", max_tokens=100)
    assert [(one.id, one.source, one.text) for one in first.episodes] == [(2, SUMMARY, "Room 0 has a box.")]
    assert "Room 0 has a box." in first.text
    assert memory.recall("box", max_tokens=100) == first
    remember_all(memory, ROOMS[RECENT_STEPS + 1 : RECENT_STEPS + 3])
    assert memory.recall("box", max_tokens=100).episodes[0].text == "Rooms 0 and 1 have boxes."
    once, again = contents(script)
    assert "Goal: Find the crown." in once
    assert "Words at most: 50" in once
    assert [f"-= Room {n} =-" in once for n in range(3)] == [True, False, False]
    assert "Room 0 has a box." in again
    assert [f"-= Room {n} =-" in again for n in range(4)] == [False, True, True, False]


def test_a_summary_that_is_too_long_keeps_its_first_words_and_is_not_requested_again() -> None:
    memory, script = summing({"summary": "One is first; two is second; three is third; " * 30})
    remember_all(memory, ROOMS[: RECENT_STEPS + 1])
    recalled = memory.recall("box", max_tokens=40)
    assert recalled.episodes[0].text in ("One is first; two is second; three is third; " * 30).strip()
    assert recalled.episodes[0].text.startswith("One is first;")
    assert 30 < tokens.count(recalled.text) <= 40
    assert memory.recall("box", max_tokens=1).episodes == ()
    assert memory.recall("box", max_tokens=40) == recalled
    assert len(script.requests) == 1


def test_an_unreadable_reply_is_raised_or_its_texts_come_with_the_next_request() -> None:
    memory, _ = summing("No.", "No.")
    remember_all(memory, ROOMS[: RECENT_STEPS + 1])
    with pytest.raises(ReplyError):
        memory.recall("box")
    memory, script = summing("No.", "No.", {"summary": "Two rooms."}, skip=True)
    remember_all(memory, ROOMS[: RECENT_STEPS + 1])
    assert memory.recall("box").episodes == ()
    remember_all(memory, ROOMS[RECENT_STEPS + 1 : RECENT_STEPS + 2])
    assert memory.recall("box").episodes[0].text == "Two rooms."
    assert all(f"-= Room {n} =-" in contents(script)[-1] for n in (0, 1))


def test_thoughts_are_written_once_enough_is_new_and_recalled_first() -> None:
    script = ScriptedChat([{"thoughts": ["Boxes are shut.", "East goes on."]}, {"thoughts": ["All boxes are shut."]}])
    memory = ReflectingSimulacra(ChatModel(script))
    memory._embedder = HashEmbedder()
    new = 0
    for text in ROOMS:
        new += len(memory.remember(text).reading.triplets)
        memory.recall("box", max_tokens=200)
    assert len(script.requests) == 2 <= new // ENOUGH
    first, second = contents(script)
    assert "Thoughts so far:\n(none)" in first
    assert "Boxes are shut.\nEast goes on." in second
    recalled = memory.recall("box", max_tokens=200)
    assert [one.text for one in recalled.episodes if one.source == REFLECTION] == ["All boxes are shut."]
    assert any(one.source is None for one in recalled.episodes)
    assert tokens.count(recalled.text) <= 200
    assert [one.source for one in memory.at(3).recall("box").episodes] == []


@pytest.mark.sample
@pytest.mark.parametrize(
    ("memory", "shape"), [("summary", "Summed"), pytest.param("simulacra", "Thoughts", marks=pytest.mark.sample)]
)
def test_a_resumed_run_requests_nothing_twice(memory: str, shape: str, tmp_path: Path) -> None:
    def reply(request: Request) -> ScriptedReply:
        if request.shape == "Summed":
            return {"summary": f"A summary after {len(request.messages[1]['content'])} characters."}
        if request.shape == "Thoughts":
            return {"thoughts": [f"A thought after {len(request.messages[1]['content'])} characters."]}
        actions = re.findall(r"^(\d+) go ", request.messages[1]["content"], re.MULTILINE)
        return {"reason": "-", "action": int(Random(len(script.requests)).choice(actions))}

    script = ScriptedChat([reply] * 200)
    acts = ModelSettings(model="some", extract="rules", plan="rules")
    game = make_treasure_hunt("easy", 1)

    def play(folder: str, *steps: int) -> int:
        script.requests.clear()
        first, *more = steps
        settings = RunSettings(game=game, mind="llm", memory=memory, steps=first, model_settings=acts)
        play_game(settings, folder=tmp_path / folder, access=ModelAccess(script))
        for limit in more:
            resume_game(tmp_path / folder, steps=limit, access=ModelAccess(script))
        return sum(request.shape == shape for request in script.requests)

    assert play("whole", 40) == play("parts", 9, 25, 40) > 0
    whole, parts = ((tmp_path / folder / "steps.jsonl").read_bytes() for folder in ("whole", "parts"))
    assert len(whole.splitlines()) == 41
    assert shape.removesuffix("s")[:4].lower() in whole.decode().lower()
    assert whole == parts

"""Extraction by a language model: its requests, its replies, and the replies that it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from ariadne.errors import ReplyError
from ariadne.llm.chat import ChatModel
from ariadne.llm.json_replies import UNREAD
from ariadne.llm.scripted import ScriptedChat, ScriptedModel, ScriptedReply
from ariadne.memory import AriGraph
from ariadne.memory.extraction.llm import GameExtractor, LLMExtractor, LLMReviser
from ariadne.values import Observation, Plan, Query, Replacement, Situation, SubGoal, Triplet


def situation() -> Situation:
    plan = Plan((SubGoal("find the key", "it opens the box", ""), SubGoal("open the box", "the goal asks for it", "")))
    seen = Observation("-= Den =-\nA box is here.", "You carry nothing.", ("look", "open box", "go east"))
    return Situation("Open the box", "", seen, (), plan)


def test_a_model_reads_things_and_rules_read_rooms_and_both_are_kept() -> None:
    script = ScriptedChat(
        [{"triplets": ["box | is in | Den", "box | is | oak"], "outdated": [], "near": ["box"], "wide": ["key"]}]
    )
    reader = LLMExtractor(ChatModel(script))
    text = "> go west\n-= Den =-\nA box is here. There is an exit to the east."
    reading = reader.read(text, (), situation())
    assert {Triplet("box", "is in", "Den"), Triplet("Den", "has exit", "east")} <= {*reading.triplets}
    assert reading.queries == (Query("key", 2), Query("box", 1))
    assert "box" in reading.names
    assert text in script.requests[0].messages[1]["content"]
    again = reader.read(text, (), situation())
    assert (again, len(script.requests)) == (reading, 1)  # word for word the same
    assert GameExtractor(reader).read("Open the box.", (), None).queries == ()  # a goal is read by rules
    assert len(script.requests) == 1


def test_a_model_reads_any_text_outside_of_games() -> None:
    model = ScriptedModel({"triplets": ["Ann | lives in | Rome"], "outdated": [], "near": [], "wide": []})
    with AriGraph(extractor=LLMExtractor(model), embedder=None) as memory:
        memory.remember("Ann moved to Rome last year.")
        assert [str(fact) for fact in memory.facts()] == ["Ann lives in Rome"]


def test_memory_checks_the_replacements_that_a_reply_proposes() -> None:
    """The second pair is nonsense, and the guard keeps the fact."""
    replies: list[ScriptedReply] = [
        {"triplets": ["key | is in | box", "lamp | is | lit"], "outdated": [], "near": [], "wide": []},
        {"triplets": ["key | is in | inventory"], "outdated": [[1, 1], [2, 1]], "near": [], "wide": []},
    ]
    with AriGraph(extractor=LLMExtractor(ScriptedModel(*replies)), embedder=None) as memory:
        memory.remember("A key is in the box. The lamp is lit.", situation=situation())
        update = memory.remember("> take key\nYou take the key from the box. The lamp shines.", situation=situation())
        assert [fact.triplet for fact in update.retired] == [Triplet("key", "is in", "box")]
        assert [pair.old for pair in update.refused] == [Triplet("lamp", "is", "lit")]
        assert Triplet("lamp", "is", "lit") in [fact.triplet for fact in memory.facts()]


@pytest.mark.parametrize(
    "wrong",
    [
        {"triplets": ["key in box"]}, {"triplets": ["a | b | c | d"]}, {"triplets": [" | is | "]},
        {"outdated": [[9, 1]]}, {"outdated": [[1, 2]]}, {"outdated": [[1]]}, {"outdated": [[0, 1]]}, {"near": [1]},
    ],
)  # fmt: skip
def test_a_number_out_of_range_or_a_bad_triplet_makes_a_reply_unreadable(wrong: dict[str, Any]) -> None:
    good = {"triplets": ["key | is in | hand"], "outdated": [], "near": [], "wide": []}
    with AriGraph(embedder=None) as memory:
        memory.remember("A key.", triplets=[Triplet("key", "is in", "box")])
        known = memory.facts()
    assert LLMExtractor(ScriptedModel(good | wrong, good)).read("The key.", known, situation()).read_count == 1
    with pytest.raises(ReplyError):
        LLMExtractor(ScriptedModel(good | wrong, good | wrong)).read("The key.", known, situation())
    skipped = LLMExtractor(ScriptedModel("no", "no"), skip=True).read("The key.", known, situation())
    assert skipped.unread == ("a reply could not be read (there is no JSON object in it), on: The key.",)


def test_the_papers_reader_makes_two_calls_and_its_reviser_works_alone() -> None:
    script = ScriptedChat([{"triplets": ["key | is in | hand"]}, {"outdated": [[1, 1]]}])
    with AriGraph(embedder=None) as memory:
        memory.remember("A key.", triplets=[Triplet("key", "is in", "box")])
        known = memory.facts()
    reading = LLMExtractor(ChatModel(script), merged=False).read("The key.", known, situation())
    pair = Replacement(Triplet("key", "is in", "box"), Triplet("key", "is in", "hand"))
    assert reading.outdated == (pair,)
    assert [request.shape for request in script.requests] == ["Triplets", "Outdated"]
    reviser = LLMReviser(ScriptedModel({"outdated": [[1, 1]]}))
    with AriGraph(propose=reviser, embedder=None) as memory:
        memory.remember("A key.", triplets=[Triplet("key", "is in", "box")])
        update = memory.remember("Taken.", triplets=[Triplet("key", "is in", "hand")])
        assert [fact.triplet for fact in update.retired] == [pair.old]
    assert reviser([], known) == []


def test_triplets_are_kept_if_only_the_papers_second_reply_is_unreadable() -> None:
    replies: list[ScriptedReply] = [
        {"triplets": ["key | is in | box"]},
        {"triplets": ["key | is in | hand"]},
        "no",
        "no",
    ]
    with AriGraph(extractor=LLMExtractor(ScriptedModel(*replies), merged=False, skip=True), embedder=None) as memory:
        memory.remember("A key is in the box.", situation=situation())
        update = memory.remember("The key of the box is in your hand.", situation=situation())
        assert "key is in hand" in map(str, update.added)
        assert update.reading.unread[0].startswith(UNREAD)

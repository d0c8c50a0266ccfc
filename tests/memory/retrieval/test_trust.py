"""A fact of many sources comes beside one that a single source repeats; sources are weighed or left out."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ariadne.memory import About, AriGraph, HashEmbedder, MiniLM, Query, Recall, Triplet

minilm = pytest.mark.skipif(not MiniLM.available(), reason="the extra [embeddings] is not installed")

Passage = Sequence[Sequence[str]]
"""Triplets."""
LEADS = ["It is known that", "One reads that", "As was stated before:", "The records say:", "I remember that"]


def normalised(text: str) -> str:
    """As SQuAD does: lower case, without punctuation and articles; a blank around each word."""
    plain = "".join(" " if letter in string.punctuation else letter for letter in text.lower())
    return f" {' '.join(word for word in plain.split() if word not in ('a', 'an', 'the'))} "


def stands(answer: str, text: str) -> bool:
    return normalised(answer) in normalised(text)


def planted(passage: Passage, answer: str, false: str) -> Passage:
    """The same with another answer in the answer's place."""
    return [
        [normalised(part).replace(normalised(answer), normalised(false)).strip() for part in triplet]
        if any(stands(answer, part) for part in triplet)
        else triplet
        for triplet in passage
    ]


def line(lead: str, passage: Passage, source: str) -> dict[str, Any]:
    text = ". ".join(" ".join(triplet) for triplet in passage)
    return {"text": f"{lead} {text}", "triplets": [Triplet(*triplet) for triplet in passage], "source": source}


def poisoned(passage: Passage, answer: str, false: Sequence[str], lies: int, seed: int) -> list[dict[str, Any]]:
    """Return a passage of five sources in five wordings, and false ones of another source, in random order."""
    lines = [line(lead, passage, f"source {n}") for n, lead in enumerate(LEADS)]
    for n in range(lies):
        lie = planted(passage, answer, false[n % len(false)])
        assert not any(stands(answer, part) for triplet in lie for part in triplet)
        lines.append(line(LEADS[n % len(LEADS)], lie, "planter"))
    random.Random(seed).shuffle(lines)
    return lines


@minilm
@pytest.mark.parametrize(
    ("questions", "lies", "answers", "least"),
    [
        pytest.param(5, 30, 30, 5, id="few questions", marks=pytest.mark.sample),
        pytest.param(50, 100, 1, 45, id="one false answer", marks=pytest.mark.soak),
        pytest.param(50, 100, 100, 45, id="a hundred false answers", marks=pytest.mark.soak),
    ],
)
def test_a_source_that_plants_a_hundred_passages_does_not_hide_what_five_state(
    questions: int, lies: int, answers: int, least: int, shared: Path
) -> None:
    record = (shared / "published-runs" / "musique.jsonl").read_text(encoding="utf-8").splitlines()
    rows = list(map(json.loads, record))
    chance, embedder, count, found = random.Random(0), MiniLM(), 0, 0
    for row in rows:
        gold = row["gold"]
        stating = [p for p in row["paragraphs"] if any(stands(gold, part) for triplet in p for part in triplet)]
        if not stating or count == questions:
            continue
        count += 1
        others = [other["gold"] for other in rows if not stands(gold, other["gold"])]
        with AriGraph(embedder=embedder) as memory:
            memory.remember_many(poisoned(stating[0], gold, chance.sample(others, answers), lies, seed=count))
            recall = memory.recall([row["question"], *row["crucial_items"]], facts=10, episodes=0)
        found += any(stands(gold, str(fact)) for fact in recall.facts)
    assert count == questions
    assert found >= least


# -- by hand -----------------------------------------------------------------------------------------------------------

LIVES = "where does Ann live?"
OSLO = Triplet("Ann", "lives in", "Oslo")


def memory_of(
    *statements: tuple[str | None, Triplet], embedder: HashEmbedder | None = None, ontology: str = "open"
) -> AriGraph:
    memory = AriGraph(embedder=embedder, ontology=ontology)
    memory.remember_many([{"text": str(triplet), "triplets": [triplet], "source": who} for who, triplet in statements])
    return memory


def stated(recall: Recall) -> list[Triplet]:
    return [fact.triplet for fact in recall.facts]


@pytest.mark.parametrize("by_meaning", [False, True])
def test_a_source_that_names_many_things_leaves_room_for_another_source(by_meaning: bool) -> None:
    """Both may be true: whom Ann likes is no conflict."""
    embedder = HashEmbedder() if by_meaning else None
    lies = [("planter", Triplet("Ann", "likes", f"guest {n}")) for n in range(60)]
    both = {
        "text": "x",
        "triplets": [Triplet("Ann", "likes", "Bob"), Triplet("Ann", "likes", "Carla")],
        "source": "Tess",
    }
    for source, found in (("Tess", True), ("planter", False)):
        memory = memory_of(*lies, embedder=embedder)
        memory.remember_many([{**both, "source": source}])
        objects = {fact.object for fact in memory.recall("Ann likes", facts=3, episodes=0).facts}
        assert bool(objects & {"Bob", "Carla"}) == found


def test_a_fact_stated_a_hundred_times_is_recalled_once_beside_its_rival() -> None:
    homes = 'name = "homes"\n[[relation]]\nphrases = ["lives in"]'
    planted = [(f"planter {n % 2}", Triplet("Ann", "lives in", "Paris")) for n in range(100)]
    memory = memory_of(*planted, ("Tess", OSLO), ontology=homes)
    recall = memory.recall(LIVES, facts=2, episodes=0)
    assert [fact.conflict for fact in recall.facts] == [
        "newest of 2 accounts: Tess, episode 101",
        "one of 2 accounts: planter 1, planter 0, episode 100",
    ]


@pytest.mark.parametrize("wordings", [20, 400])
def test_a_fact_in_hundreds_of_wordings_leaves_room_for_a_farther_one(wordings: int) -> None:
    lies = [("planter", Triplet("Ann", f"lives {n}", "Paris")) for n in range(wordings)]
    memory = memory_of(*lies, ("Tess", Triplet("Ann", "lives now in", "Oslo")), embedder=HashEmbedder())
    recall = memory.recall(Query("Ann lives", 1), facts=4, episodes=0)
    assert "Oslo" in {fact.object for fact in recall.facts}


@pytest.mark.parametrize("embedder", [None, HashEmbedder()], ids=["words", "vectors"])
def test_a_fact_of_a_less_trusted_source_comes_last_although_it_is_nearer(embedder: HashEmbedder | None) -> None:
    lies = [("planter", Triplet(f"guest {n}", "likes tea with", f"host {n}")) for n in range(4)]
    truths = [("Tess", Triplet(f"friend {n}", "likes tea with", f"cook {n}")) for n in range(4)]
    agreed = Triplet("Ann", "likes tea with", "Bob")
    memory = memory_of(*lies, ("planter", agreed), ("Tess", agreed), *truths, embedder=embedder)

    def first(trust: dict[str, float], facts: int = 5) -> set[Triplet]:
        return {
            fact.triplet for fact in memory.recall("which guest likes tea?", facts=facts, trust=trust, episodes=0).facts
        }

    assert first({"planter": 0.05}) == {agreed, *(triplet for _, triplet in truths)}
    assert first({"Tess": 0.05}) == {agreed, *(triplet for _, triplet in lies)}
    assert first({"planter": 0.2}, 9) == first({}, 9) == {fact.triplet for fact in memory.facts()}
    episodes = memory.recall("which guest likes tea?", trust={"planter": 0.01}, episodes=5).episodes
    assert {episode.source for episode in episodes} == {"Tess"}


@pytest.mark.parametrize("embedder", [None, HashEmbedder()], ids=["words", "vectors"])
def test_a_source_of_weight_0_has_no_effect(embedder: HashEmbedder | None) -> None:
    truths = [("Tess", OSLO), ("Lars", Triplet("Oslo", "lies in", "Norway")), ("Tess", Triplet("Ann", "likes", "tea"))]
    lies = [("planter", Triplet("Ann", "lives in", city)) for city in ("Paris", "Rome", "Kiel")]
    lies += [("planter", Triplet("Ann", "likes", "tea")), ("planter", Triplet("tea", "grows in", "Paris"))]
    without, mixed = (
        memory_of(*truths, embedder=embedder),
        memory_of(*truths[:2], *lies, *truths[2:], embedder=embedder),
    )
    queries: list[str | About] = [LIVES, "what grows in Paris?", About("Ann")]
    one, other = without.recall(queries, episodes=9), mixed.recall(queries, trust={"planter": 0}, episodes=9)
    assert stated(other) == stated(one)
    assert [(fact.conflict, fact.score, fact.why) for fact in other.facts] == [
        (fact.conflict, fact.score, fact.why) for fact in one.facts
    ]
    assert [(episode.text, episode.source) for episode in other.episodes] == [
        (episode.text, episode.source) for episode in one.episodes
    ]
    assert {"Paris", "Rome", "Kiel"} <= {name for fact in mixed.recall(queries).facts for name in fact.triplet.ends}
    assert mixed.recall(queries, trust={"planter": 0, "Tess": 0, "Lars": 0}) == Recall()


def test_a_fact_of_a_source_of_weight_0_is_recalled_if_another_source_states_it() -> None:
    memory = memory_of(("planter", OSLO), ("Tess", OSLO))
    recall = memory.recall(LIVES, trust={"planter": 0}, episodes=9)
    assert stated(recall) == [OSLO]
    assert [episode.source for episode in recall.episodes] == ["Tess"]
    assert stated(memory.recall(LIVES, trust={"planter": 0, "Tess": 0})) == []

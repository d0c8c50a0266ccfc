"""Questions in many languages find their facts and texts by words alone, among 300 others.

`languages.json` has, for each language, facts and texts with a question each. It also has templates of other facts and
texts with the same verbs. The second sets, and the last five languages, were written after the search, to check it.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from ariadne.memory import AriGraph, Triplet

LANGUAGES: dict[str, Any] = json.loads(Path(__file__).with_name("languages.json").read_text(encoding="utf-8"))
OTHERS, FOUND, LEAST = 300, 3, 0.8
"""How many other items there are, among how many facts or episodes an answer counts, and the least share of answers."""


def items(language: str) -> list[dict[str, Any]]:
    """Return what a memory is given: the answers and the others, in random order."""
    data, rng = LANGUAGES[language], random.Random(1)

    def filled(template: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda slot: str(rng.choice(data["slots"][slot[1]])), template)

    facts = [fact[:3] for fact in data["facts"]]
    facts += [[filled(part) for part in rng.choice(data["fact_templates"])] for _ in range(OTHERS // 2)]
    texts = [text for text, _ in data["texts"]]
    texts += [filled(rng.choice(data["text_templates"])) for _ in range(OTHERS // 2)]
    found = [{"text": " ".join(fact), "triplets": [Triplet(*fact)]} for fact in facts]
    found += [{"text": text, "triplets": []} for text in texts]
    rng.shuffle(found)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_finds_its_answer_among_300_others(language: str) -> None:
    data, answered = LANGUAGES[language], list[bool]()
    with AriGraph(embedder=None) as memory:
        memory.remember_many(items(language))
        for *fact, question in data["facts"]:
            recalled = memory.recall(question, facts=FOUND).facts
            answered.append(Triplet(*fact) in [each.triplet for each in recalled])
        for text, question in data["texts"]:
            episodes = memory.recall(question, episodes=FOUND).episodes
            answered.append(text in [episode.text for episode in episodes])
    assert sum(answered) / len(answered) >= LEAST


def test_a_word_that_facts_lack_still_shows_what_a_question_is_about() -> None:
    with AriGraph(embedder=None) as memory:
        for number in range(20):
            memory.remember("-", triplets=[Triplet(f"Otto {number}", "hat studiert in", "Kiel")])
        memory.remember("Mama hat am Sonntag Geburtstag.", triplets=[])
        assert memory.recall("Wann hat Mama Geburtstag?", episodes=1).episodes[0].id == 21


def test_chinese_and_japanese_are_found_without_an_embedder() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("我对花生过敏")
        memory.remember("私は京都に住んでいます")
        memory.remember("搬家", triplets=[Triplet("用户", "住在", "上海")])
        assert memory.recall("花生").episodes[0].id == 1
        assert memory.recall("京都").episodes[0].id == 2
        assert [str(fact) for fact in memory.recall("用户住在哪里").facts] == ["用户 住在 上海"]


def test_a_forgotten_text_leaves_no_similar_words() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("Здесь живёт кошка Анны.", triplets=[], source="a")
        memory.remember("Анну видели в парке.", triplets=[], source="b")
        memory.forget(source="a")
        assert [episode.id for episode in memory.recall("кошки Анны", episodes=9).episodes] == [2]

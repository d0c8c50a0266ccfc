"""The baselines: BM25 by its formula, the nearest texts, and the reciprocal ranks of both."""

from __future__ import annotations

from datetime import UTC, datetime
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.bench.evidence.baselines import Baselines
from ariadne.bench.evidence.cases import Text
from ariadne.memory import HashEmbedder

WORDS = st.lists(st.sampled_from("plum tree goat bowl frost".split()), min_size=1, max_size=8).map(" ".join)


def texts(*words: str) -> list[Text]:
    return [Text(str(place), text, "Title") for place, text in enumerate(words)]


def bm25(query: str, documents: list[str]) -> list[float]:
    """Score by the formula, word for word."""
    words = [document.split() for document in documents]
    mean = sum(map(len, words)) / len(words)

    def score(document: list[str]) -> float:
        total = 0.0
        for word in {*query.split()}:
            having = sum(word in other for other in words)
            count = document.count(word)
            rarity = log(1 + (len(words) - having + 0.5) / (having + 0.5))
            total += rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(document) / mean))
        return total

    return [score(document) for document in words]


@given(WORDS, st.lists(WORDS, min_size=1, max_size=8))
def test_bm25_ranks_by_its_formula(query: str, documents: list[str]) -> None:
    ranking = Baselines(texts(*documents), None).rank(query)["bm25"]
    scores = np.array(bm25(query, documents))
    assert scores[[int(key) for key in ranking]] == pytest.approx(np.sort(scores)[::-1])
    assert sorted(ranking) == sorted(map(str, range(len(documents))))


def test_a_turn_is_found_by_its_speaker() -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    turns = [Text("1", "I like plums", "Ruta", at, "1"), Text("2", "I like plums", "Olek", at, "1")]
    assert Baselines(turns, None).rank("Does Olek like plums?")["bm25"] == ["2", "1"]


def test_nearest_texts_and_reciprocal_ranks_need_an_embedder() -> None:
    documents = ["plum tree", "white goat", "blue bowl"]
    assert list(Baselines(texts(*documents), None).rank("goat")) == ["bm25"]
    rankings = Baselines(texts(*documents), HashEmbedder()).rank("white goat")
    assert {name: ranking[0] for name, ranking in rankings.items()} == {"bm25": "1", "nearest": "1", "both": "1"}


def test_reciprocal_ranks_prefer_what_both_place_high() -> None:
    class Fixed(HashEmbedder):
        """Vectors that rank the texts in their order."""

        def embed(self, texts: object) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
            assert isinstance(texts, list)
            rows = {"goat": 1.0, "one": 0.9, "goat two": 0.8, "goat goat three": 0.1}
            return np.array([[rows[text], 0] for text in texts], np.float32)

    rankings = Baselines(texts("one", "goat two", "goat goat three"), Fixed()).rank("goat")
    assert rankings["nearest"] == ["0", "1", "2"]
    assert rankings["bm25"][-1] == "0"
    assert rankings["both"] == sorted(
        "012", key=lambda key: -sum(1 / (61 + rankings[name].index(key)) for name in ("bm25", "nearest"))
    )

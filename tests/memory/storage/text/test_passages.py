"""A document in passages, and the passages that a long text is indexed by."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.errors import InvalidInput
from ariadne.memory import AriGraph, HashEmbedder, Triplet
from ariadne.memory.storage.text.passages import (
    LAST_PASSAGE,
    PASSAGE,
    IndexedText,
    Passage,
    digest_of,
    parts_of,
    passages,
    row_of,
    spans_of,
)
from ariadne.values import Observation, Plan, Situation

TEXTS = st.text() | st.text(alphabet='ab .!?"\n\t#。\ud800', max_size=300)
SIZES = st.integers(1, 60)


def texts(document: str, size: int) -> list[str]:
    return [passage.text for passage in passages(document, size)]


def test_small_paragraphs_are_kept_together() -> None:
    assert texts("One.\n\nTwo.\n\nThree is long.", 12) == ["One.\n\nTwo.", "Three is", "long."]


def test_a_paragraph_that_just_fits_is_not_cut() -> None:
    assert texts("It is red.\n\nIt is big.", 10) == ["It is red.", "It is big."]
    assert texts("It is red.  It is big.  ", 10) == ["It is red.", "It is big."]


def test_a_long_paragraph_is_cut_after_a_sentence() -> None:
    assert texts('She left. "Why?" he asked. Nobody knew.', 20) == ['She left. "Why?"', "he asked.", "Nobody knew."]
    assert texts("他走了。她来了。", 5) == ["他走了。", "她来了。"]


def test_a_long_sentence_is_cut_between_words_and_a_long_word_within() -> None:
    assert texts("the quick brown fox", 10) == ["the quick", "brown fox"]
    assert texts("abcdefgh", 3) == ["abc", "def", "gh"]


def test_a_short_document_is_one_passage_and_a_blank_one_is_none() -> None:
    assert passages("  Hello.\n") == [Passage("Hello.", 2, 8)]
    assert passages(" \n\n\t") == passages("") == []


def test_a_passage_names_the_heading_above_it() -> None:
    document = "Hello.\n\n# Care\n\nWater it.\n\n## Light\n\nGive it sun."
    assert [passage.heading for passage in passages(document, 12)] == [None, "Care", "Care", "Light", "Light"]
    assert [passage.heading for passage in passages("#hashtag\n\nSome text", 12)] == [None, None]


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_below_one_is_refused(size: int) -> None:
    with pytest.raises(InvalidInput, match="at least 1 character"):
        passages("Hello.", size)


@given(TEXTS, SIZES)
def test_a_passage_is_verbatim_short_enough_and_has_no_blank_ends(document: str, size: int) -> None:
    for passage in passages(document, size):
        assert passage.text == document[passage.start : passage.end] == passage.text.strip()
        assert 0 < len(passage.text) <= size


@given(TEXTS, SIZES)
def test_passages_hold_the_whole_document_once(document: str, size: int) -> None:
    end = 0
    for passage in passages(document, size):
        assert passage.start >= end
        assert not document[end : passage.start].strip()
        end = passage.end
    assert not document[end:].strip()


@given(TEXTS, SIZES)
def test_a_word_that_fits_is_never_cut(document: str, size: int) -> None:
    for word in (word for word in document.split() if "。" not in word and len(word) <= size):
        assert any(word in passage.text for passage in passages(document, size))


@pytest.mark.parametrize("size", [100, 10**6])
@pytest.mark.parametrize("unit", ["A word. ", "a", "a\n\n", "# a\n", "a" + " " * 50])
def test_a_long_document_is_cut_quickly(unit: str, size: int) -> None:
    begun = time.process_time()
    passages(unit * (300_000 // len(unit)), size)
    assert time.process_time() - begun < 2


# -- the passages of an episode ----------------------------------------------------------------------------------------

CHATTER = "We talked about the weather. "
LONG = CHATTER * 90 + "My allergist says I must never take penicillin. " + CHATTER * 90


def file_rows(path: Path) -> dict[str, int]:
    with sqlite3.connect(path) as db:
        counts = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    db.close()
    return counts


TABLES = ("episode", "episode_words", "episode_vector")


@given(st.text(max_size=30), st.integers(0, 300), st.text(max_size=30))
def test_a_long_text_is_indexed_by_passages_that_hold_all_of_it(begin: str, times: int, end: str) -> None:
    text = begin + CHATTER * times + end
    spans = spans_of(text)
    assert (len(spans) > 1) == (len(text) > PASSAGE and len(passages(text)) > 1)
    parts = parts_of(IndexedText(1, text, spans, source=None, observed=False))
    shown = "".join(parts)
    assert "".join(shown.split()) == "".join(text.split())
    assert all(len(part) <= PASSAGE for part in parts) or not spans


def test_a_very_long_text_has_longer_passages_instead_of_more() -> None:
    spans = spans_of(CHATTER * 40_000)
    assert LAST_PASSAGE // 2 < len(spans) <= LAST_PASSAGE + 1
    assert row_of(7, len(spans) - 1) < row_of(8)


def test_two_texts_are_one_repeated_text_in_spite_of_blanks_and_accents() -> None:
    assert digest_of("Café is  open.\n", "Ann") == digest_of("Cafe\u0301 is open.", "Ann")
    different = [("Café is open.", "Bob"), ("Café is open.", None), ("Café is Open.", "Ann"), ("", None), ("", "")]
    assert len({digest_of(*each) for each in different}) == len(different)


def test_a_text_that_states_other_facts_repeats_nothing() -> None:
    rome, oslo = Triplet("Ann", "lives in", "Rome"), Triplet("Ann", "lives in", "Oslo")
    assert digest_of("x", None, [rome, oslo]) == digest_of("x", None, [oslo, rome]) != digest_of("x", None, [rome])
    assert digest_of("x", None, []) == digest_of("x", None)


def test_a_short_text_has_one_row_of_words_and_one_vector_and_a_long_one_has_several(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=HashEmbedder()) as memory:
        memory.remember("The printer is broken.", triplets=[])
        assert file_rows(path) == {"episode": 1, "episode_words": 1, "episode_vector": 1}
        memory.remember(LONG, triplets=[])
        several = len(spans_of(LONG))
        assert file_rows(path) == {"episode": 2, "episode_words": 1 + several, "episode_vector": 1 + several}
        memory.forget(episodes=[2])
        assert file_rows(path) == {"episode": 1, "episode_words": 1, "episode_vector": 1}
        assert memory.check() == ()


@pytest.mark.parametrize("embedder", [HashEmbedder(), None])
def test_a_long_text_is_the_same_after_export_import_and_a_backup(
    tmp_path: Path, embedder: HashEmbedder | None
) -> None:
    with AriGraph.open(tmp_path / "a.db", embedder=embedder) as memory:
        memory.remember(LONG, triplets=[], source="Ann")
        memory.remember("It rains.", triplets=[])
        memory.remember(
            "> look\n" + CHATTER * 90, triplets=[], situation=Situation("", "", Observation(""), (), Plan())
        )
        memory.export_to(tmp_path / "a.jsonl")
        memory.backup(tmp_path / "b.db")
        recalled = memory.recall("penicillin")
        assert [episode.id for episode in recalled.episodes][:1] == [1]
    with AriGraph.open(tmp_path / "c.db", embedder=embedder) as memory:
        memory.import_from(tmp_path / "a.jsonl")
        assert memory.recall("penicillin") == recalled
        memory.export_to(tmp_path / "c.jsonl")
    assert (tmp_path / "a.jsonl").read_text() == (tmp_path / "c.jsonl").read_text()
    assert file_rows(tmp_path / "a.db") == file_rows(tmp_path / "b.db") == file_rows(tmp_path / "c.db")
    with AriGraph.open(tmp_path / "b.db", embedder=embedder) as memory:
        assert memory.recall("penicillin") == recalled


def test_the_vectors_of_passages_are_made_later_for_texts_written_without_an_embedder(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=None) as memory:
        memory.remember("It rains.", triplets=[])
        memory.remember(LONG, triplets=[])
    with AriGraph.open(path, embedder=HashEmbedder()) as memory:
        before = memory.recall("must I never take penicillin?", episodes=1)
        assert [episode.id for episode in before.episodes] == [2]
        assert memory.embed() == 2
        assert file_rows(path)["episode_vector"] == 1 + len(spans_of(LONG))
        assert memory.reembed() == 0
    with AriGraph.open(path, embedder=HashEmbedder()) as memory:
        assert memory.recall("must I never take penicillin?", episodes=1) == before


def test_what_an_agent_observes_is_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=HashEmbedder()) as memory:
        memory.remember(LONG, triplets=[], situation=Situation("", "", Observation(LONG), (), Plan()))
    assert file_rows(path) == {"episode": 1, "episode_words": 1, "episode_vector": 1}

"""The memory that keeps nothing."""

from __future__ import annotations

from ariadne.memory import About, NoMemory, Query, Recall

HALL = "-= Hall =-\nYou are in a hall. You see a chest."


def test_no_memory_reads_texts_and_keeps_nothing() -> None:
    memory = NoMemory()
    update = memory.remember(HALL, at=7, source="game")
    assert "chest is in Hall" in map(str, update.reading.triplets)
    assert (update.added, update.restated, update.retired) == ((), (), ())
    assert (update.episode.text, update.episode.at, update.episode.source) == (HALL, 7, "game")
    assert memory.recall(["chest", Query("chest", 2), About("chest")], max_tokens=100) == Recall()
    assert memory.places() == ()


def test_each_text_is_read_as_if_it_were_the_first() -> None:
    memory = NoMemory()
    memory.remember(HALL)
    assert "is in Hall" not in str(memory.remember("> drop sock\nYou drop the sock.").reading.triplets)


def test_episodes_are_numbered_and_a_repeated_key_returns_its_first_update() -> None:
    memory = NoMemory()
    first = memory.remember(HALL, key="step 1")
    assert memory.remember("x", key="step 2").episode.id == 2
    assert memory.remember("y", key="step 1") is first
    assert memory.at(1).remember("z").episode.id == 3
    memory.close()

"""What writing costs: texts that nothing reads share a transaction, and a text costs the same among many names."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.errors import InvalidInput
from ariadne.memory import AriGraph, HashEmbedder, Triplet
from ariadne.memory.embedders.cache import Vectors
from ariadne.values import Reading

SEEN = "> look\n-= Hall =-\nYou are in the hall. You see a chest.\n"
"""A transcript of a game, which the rules read."""


def biography(number: int) -> str:
    """A text that is rich in names."""
    return (
        f"Ann Smith {number} was born in Upper Town {number} and studied at the College of Saint Paul {number}. "
        f"With Bob Miller {number} she wrote The Long Road {number}, which the Green Press {number} printed in 1960."
    )


@contextmanager
def statements(memory: AriGraph) -> Iterator[list[str]]:
    """Collect the statements that a memory writes with, without those that its full-text index runs."""
    seen = list[str]()
    memory._store._writer.set_trace_callback(lambda sql: None if sql.startswith("--") else seen.append(sql))
    yield seen
    memory._store._writer.set_trace_callback(None)


class Counting(HashEmbedder):
    """An embedder that counts its calls and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = list[int]()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(len(texts))
        return super().embed(texts)


def test_texts_without_triplets_share_a_transaction_and_a_call_of_the_embedder(tmp_path: Path) -> None:
    embedder = Counting()
    with AriGraph.open(tmp_path / "a.db", embedder=embedder) as memory:
        with statements(memory) as seen:
            updates = memory.remember_many([biography(number) for number in range(50)])
        assert seen.count("COMMIT") == 1
        assert embedder.calls == [50]
        assert [update.episode.id for update in updates] == list(range(1, 51))
        assert all(f"Ann Smith {number}" in update.reading.names for number, update in enumerate(updates))


def test_texts_with_known_keys_are_neither_embedded_nor_written_again() -> None:
    embedder = Counting()
    with AriGraph(embedder=embedder) as memory:
        first = memory.remember_many([{"text": biography(number), "key": str(number)} for number in range(4)])
        more = [{"text": biography(number), "key": str(number)} for number in range(6)]
        assert memory.remember_many(more)[:4] == first
        assert embedder.calls == [4, 2]
        assert len(memory.episodes()) == 6


@pytest.mark.parametrize("embedder", [None, HashEmbedder()], ids=["words", "vectors"])
def test_a_text_costs_the_same_statements_among_few_names_and_among_many(embedder: HashEmbedder | None) -> None:
    with AriGraph(embedder=embedder) as memory:

        def cost(number: int) -> int:
            with statements(memory) as seen:
                memory.remember(biography(number), source="Lexicon", key=str(number))
            return len(seen)

        few = [cost(number) for number in (0, 1, 2)][-1]
        memory.remember_many([biography(number) for number in range(3, 300)])
        assert cost(300) == few <= 20


def test_an_error_in_a_batch_of_texts_leaves_none_of_it() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("Ann met Bob.", at=1)
        with pytest.raises(InvalidInput):
            memory.remember_many([{"text": "Ann met Carla.", "at": 2}, {"text": "Ann met Dora.", "at": "2026-01-01"}])
        assert [episode.text for episode in memory.episodes()] == ["Ann met Bob."]


class Remembering:
    """An extractor that keeps how many facts each text comes with."""

    def __init__(self) -> None:
        self.known = list[int]()

    def read(self, text: str, known: Sequence[Any], situation: object) -> Reading:
        self.known.append(len(known))
        return Reading((Triplet("Ann", "knows", text),))


def test_an_extractor_sees_the_facts_of_the_texts_before_it_in_a_batch() -> None:
    extractor = Remembering()
    with AriGraph(embedder=None, extractor=extractor) as memory:
        memory.remember_many([f"Ann met Bob {number}." for number in range(4)])
    assert extractor.known == [0, 1, 2, 3]


# -- the law: a batch is the same as its texts one by one --------------------------------------------------------------

TEXTS = st.sampled_from(["Ann lives in Rome.", "Bob Miller met Ann.", SEEN, "It rains.", "Ann has moved to Paris."])
ENTRIES = st.fixed_dictionaries(
    {"text": TEXTS},
    optional={
        "key": st.sampled_from(["a", "b"]),
        "triplets": st.lists(
            st.builds(Triplet, st.sampled_from(["Ann", "Bob"]), st.just("lives in"), st.sampled_from(["Rome", "Oslo"])),
            max_size=2,
        ),
        "replace": st.just(True),
        "source": st.sampled_from(["Lexicon", "Carla"]),
    },
).map(lambda entry: entry if "key" in entry else {name: value for name, value in entry.items() if name != "replace"})


def exported(write: Callable[[AriGraph], None]) -> str:
    with AriGraph(embedder=None, ontology="everyday") as memory:
        write(memory)
        assert memory.check() == ()
        target = io.StringIO()
        memory.export_to(target)
        return target.getvalue()


@given(st.lists(ENTRIES, max_size=8))
def test_a_batch_gives_the_same_memory_as_its_texts_one_by_one(entries: list[dict[str, Any]]) -> None:
    updates = list[Any]()

    def together(memory: AriGraph) -> None:
        updates.extend(memory.remember_many(entries))

    def one_by_one(memory: AriGraph) -> None:
        updates.extend(memory.remember(**entry) for entry in entries)

    assert exported(together) == exported(one_by_one)
    assert updates[: len(entries)] == updates[len(entries) :]

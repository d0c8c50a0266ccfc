"""Changes that concern few episodes: they are made in one short transaction, with the result of a whole replay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariadne.memory import AriGraph, ForgetResult, InvalidInput, Triplet
from ariadne.memory.ingestion.changes import comparison, edits, local
from ariadne.memory.storage.changes import hidden
from ariadne.memory.storage.store import Transaction
from tests.memory.ingestion.changes.test_forget_laws import (
    assert_same,
    ontologies,
    remembered,
    scripts,
    state,
    triplets,
)

NO_DRAFT = patch.object(hidden, "begin_draft", side_effect=AssertionError("a draft was made"))


def forget(memory: AriGraph, numbers: set[int]) -> ForgetResult:
    with patch.object(edits, "_can_delete", return_value=False):
        return memory.forget(episodes=numbers)


def chain(memory: AriGraph, _: set[int]) -> None:
    memory.merge("Bob", "Ann")
    memory.merge("Ann", "Oslo")
    memory.split("Bob")


def divide(memory: AriGraph, _: set[int]) -> None:
    if having := [episode.id for episode in memory.episodes(about="Ann")][:2]:
        memory.divide("Ann", episodes=having, kind="person")


CHANGES: list[Callable[[AriGraph, set[int]], Any]] = [
    forget, chain, divide, lambda memory, _: memory.merge("Rome", "Oslo"), lambda memory, _: memory.merge("Bob", "Ann"),
]  # fmt: skip


def check_local_change(
    script: list[dict[str, Any]], ontology: str, numbers: set[int], change: Callable[[AriGraph, set[int]], Any],
    right: Triplet, *, corrects: bool,
) -> None:  # fmt: skip
    """Check that a change gives the same with and without a draft."""

    def made() -> AriGraph:
        memory = remembered(script, ontology)
        if corrects and (facts := memory.facts()):
            memory.correct(facts[0], right, at=9)
        memory.recall("Ann")
        return memory

    with made() as one, made() as other:
        try:
            result = change(one, numbers)
        except InvalidInput:
            return
        with patch.object(local, "MOST_EPISODES", -1):
            assert change(other, numbers) == result
        assert_same(one, other)


numbered = st.sets(st.integers(1, 7), min_size=1, max_size=3)


@settings(max_examples=25)
@given(scripts, ontologies, numbered, st.sampled_from(CHANGES), triplets, st.booleans())
def test_a_change_of_few_episodes_gives_what_a_replay_of_all_gives(
    script: list[dict[str, Any]], ontology: str, numbers: set[int], change: Callable[[AriGraph, set[int]], Any],
    right: Triplet, corrects: bool,
) -> None:  # fmt: skip
    check_local_change(script, ontology, numbers, change, right, corrects=corrects)


@pytest.mark.soak
@settings(max_examples=3000)
@given(scripts, ontologies, numbered, st.sampled_from(CHANGES), triplets, st.booleans())
def test_many_changes_of_few_episodes_give_what_a_replay_of_all_gives(
    script: list[dict[str, Any]], ontology: str, numbers: set[int], change: Callable[[AriGraph, set[int]], Any],
    right: Triplet, corrects: bool,
) -> None:  # fmt: skip
    check_local_change(script, ontology, numbers, change, right, corrects=corrects)


def filled(path: Path | str = ":memory:") -> AriGraph:
    memory = AriGraph.open(path, embedder=None) if isinstance(path, Path) else AriGraph(embedder=None)
    for number in range(30):
        memory.remember(f"{number}", triplets=[Triplet(f"thing {number}", "is in", f"box {number % 7}")])
    memory.remember("A", triplets=[Triplet("Ann", "likes", "tea"), Triplet("Ann Smith", "owns", "boat")])
    memory.remember("B", triplets=[Triplet("Ann Smith", "likes", "tea"), Triplet("Ann Smith", "likes", "jam")])
    memory.remember("C", triplets=[Triplet("Ann Smith", "does not like", "jam")])
    return memory


def test_a_merge_a_split_and_a_forgotten_denial_make_no_draft() -> None:
    with filled() as memory, NO_DRAFT:
        before = memory.facts()
        memory.merge("Ann Smith", "Ann")
        assert [str(fact) for fact in memory.facts(about="Ann")] == [
            "Ann likes tea",
            "Ann owns boat",
            "Ann does not like jam",
        ]
        assert memory.facts(about="Ann")[0].episodes == (31, 32)
        memory.split("Ann Smith")
        assert memory.facts() == before
        forgotten = memory.forget(episodes=[33])
        assert [str(fact) for fact in forgotten.restored] == ["Ann Smith likes jam"]
        assert memory.check() == ()


def test_a_dry_run_of_such_a_change_writes_nothing() -> None:
    with filled() as memory, NO_DRAFT:
        before = state(memory)
        planned = memory.forget(episodes=[33], dry_run=True)
        assert [str(fact) for fact in planned.restored] == ["Ann Smith likes jam"]
        assert state(memory) == before
        assert memory.forget(episodes=[33]) == planned


def test_a_change_is_planned_again_when_others_write_meanwhile(tmp_path: Path) -> None:
    path, write = tmp_path / "a.db", local.LocalChange._write
    with filled(path) as memory, AriGraph.open(path, embedder=None) as other, NO_DRAFT:
        difference, plans = local._Planning.difference, list[int]()

        def planned(planning: local._Planning) -> comparison.Difference:
            plans.append(len(plans))
            found = difference(planning)
            if len(plans) == 1:
                other.remember("D", triplets=[Triplet("Ann Smith", "owns", "car")])
            return found

        def written(self: local.LocalChange, tx: Transaction, found: comparison.Difference) -> None:
            assert len(plans) == 2
            write(self, tx, found)

        with (
            patch.object(local._Planning, "difference", planned),
            patch.object(local.LocalChange, "_write", written),
        ):
            memory.merge("Ann Smith", "Ann")
        assert "Ann owns car" in [str(fact) for fact in memory.facts()]


def test_nothing_of_a_forgotten_text_remains_in_the_file_after_such_a_change(tmp_path: Path) -> None:
    with filled(path := tmp_path / "a.db") as memory, NO_DRAFT:
        forgotten = memory.remember("xylowort", triplets=[Triplet("Ann Smith", "does not like", "mednote")]).episode.id
        memory.remember("other", triplets=[Triplet("Ann Smith", "likes", "mednote")])
        memory.remember("vaultkey", triplets=[Triplet("Ann Smith", "does not like", "mednote")], source="secretname")
        assert memory.forget(episodes=[forgotten, forgotten + 2]).facts
        log = Path(f"{path}-wal")
        content = path.read_bytes() + log.read_bytes()
        assert [word for word in (b"xylowort", b"vaultkey", b"secretname") if word in content] == []
        assert b"mednote" in content
        memory.forget(episodes=[forgotten + 1])
        assert b"mednote" not in path.read_bytes() + log.read_bytes()
        assert memory.check() == ()


@pytest.mark.parametrize("limit", [(local, "MOST_EPISODES"), (comparison, "MOST_ROWS")])
def test_a_change_of_many_episodes_or_facts_is_made_by_a_draft(limit: tuple[Any, str]) -> None:
    with filled() as memory, filled() as other, patch.object(*limit, 1):
        memory.merge("Ann Smith", "Ann")
        with pytest.raises(AssertionError, match="a draft was made"), NO_DRAFT:
            other.merge("Ann Smith", "Ann")


def test_the_accounts_of_several_sources_remain_when_the_space_is_made_again() -> None:
    with AriGraph(embedder=None, ontology="everyday") as memory:
        memory.remember("a", triplets=[Triplet("Ann", "lives in", "Rome")], source="A", at=5)
        memory.remember("b", triplets=[Triplet("Ann", "lives in", "Oslo")], source="B", at=5)
        memory.remember("c", triplets=[Triplet("tea", "is in", "cup")], at=5)
        with patch.object(local, "MOST_EPISODES", -1):
            memory.merge("tea", "green tea")
        assert [str(fact) for fact in memory.facts(about="Ann")] == ["Ann lives in Rome", "Ann lives in Oslo"]

"""What is kept for a limited time is recalled until then, and can be deleted afterwards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ariadne.errors import InvalidInput
from ariadne.memory import About, AriGraph, AsyncAriGraph, Triplet

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
OFFER = Triplet("lamp", "is on", "sale")


def facts_of(memory: AriGraph, **moment: Any) -> list[str]:
    """Return the facts about the lamp, after a check that all queries agree on them."""
    facts = [str(fact) for fact in memory.facts("lamp", **moment)]
    assert sorted(str(fact) for fact in memory.recall(About("lamp"), **moment).facts) == sorted(facts)
    return facts


def test_an_expired_episode_is_not_recalled_and_neither_are_its_facts() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("The lamp is on sale.", triplets=[OFFER], at=NOW - 3 * DAY, expires=2 * DAY)
        memory.remember("The lamp is blue.", triplets=[Triplet("lamp", "has color", "blue")], at=NOW - DAY)
        assert facts_of(memory) == ["lamp has color blue"]
        recall = memory.recall("lamp on sale", episodes=9)
        assert [episode.id for episode in recall.episodes] == [2]
        assert [episode.id for episode in memory.episodes()] == [2]
        assert memory.path("lamp", "sale") == ()
        assert not memory.to_networkx().has_node("sale")
        assert memory.episode(1).expires == NOW - DAY
        assert "have expired" in memory.why_not(OFFER, recall)


def test_a_recall_about_an_earlier_time_shows_what_had_not_expired_then() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("The lamp is on sale.", triplets=[OFFER], at=NOW - 3 * DAY, expires=2 * DAY)
        assert facts_of(memory) == []
        assert facts_of(memory, valid_at=NOW - 2 * DAY) == ["lamp is on sale"]
        assert facts_of(memory, valid_at=NOW - DAY) == []
        assert len(memory.recall("lamp", valid_at=NOW - 2 * DAY).episodes) == 1


def test_a_fact_is_recalled_while_one_of_its_episodes_lives() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("The lamp is on sale.", triplets=[OFFER], at=NOW - 3 * DAY, expires=2 * DAY)
        memory.remember("The lamp is still on sale.", triplets=[OFFER], at=NOW - 2 * DAY)
        assert facts_of(memory) == ["lamp is on sale"]
        memory.forget(expired=True)
        assert facts_of(memory) == ["lamp is on sale"]
        assert [episode.id for episode in memory.episodes()] == [2]


def test_with_steps_as_times_an_episode_expires_when_later_steps_are_remembered() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("The lamp is on sale.", triplets=[OFFER], at=10, expires=13)
        for step in (11, 12):
            memory.remember("x", triplets=[], at=step)
            assert facts_of(memory) == ["lamp is on sale"]
        memory.remember("x", triplets=[], at=13)
        assert facts_of(memory) == []
        assert [str(fact) for fact in memory.at(3).facts()] == ["lamp is on sale"]
        assert facts_of(memory, as_of=3) == ["lamp is on sale"]


def test_forget_deletes_what_has_expired_and_nothing_else() -> None:
    with AriGraph(embedder=None) as memory:
        for days in (1, 2, 3, 4):
            memory.remember(f"{days}", triplets=[], at=NOW - 5 * DAY, expires=days * 2 * DAY, source=f"{days}")
        assert [episode.text for episode in memory.forget(expired=True, source="1", dry_run=True).episodes] == ["1"]
        assert [episode.text for episode in memory.forget(expired=True).episodes] == ["1", "2"]
        assert memory.forget(expired=True).episodes == ()
        assert [episode.text for episode in memory.episodes()] == ["3", "4"]


def test_a_space_keeps_how_long_its_episodes_live(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with AriGraph.open(file, embedder=None, expires=2 * DAY) as memory:
        assert memory.remember("a", triplets=[], at=NOW).episode.expires == NOW + 2 * DAY
    with AriGraph.open(file, embedder=None) as memory:
        assert memory.remember("b", triplets=[OFFER], at=NOW).episode.expires == NOW + 2 * DAY
        assert memory.remember("c", triplets=[], at=NOW, expires=DAY).episode.expires == NOW + DAY
        assert memory.correct(OFFER, Triplet("lamp", "is on", "shelf")).episode.expires is None
    with AriGraph.open(file, embedder=None, space="other") as memory:
        assert memory.remember("d", triplets=[], at=NOW).episode.expires is None
    with AriGraph.open(file, embedder=None, expires=timedelta(0)) as memory:
        assert memory.remember("e", triplets=[], at=NOW).episode.expires is None
    with AriGraph.open(file, embedder=None) as memory:
        assert memory.remember("f", triplets=[], at=NOW).episode.expires is None
        assert [episode.expires is None for episode in memory.episodes()] == [False, False, False, True, True, True]
        assert memory.check() == ()


def test_a_space_of_steps_keeps_a_number_of_steps() -> None:
    with AriGraph(embedder=None, expires=5) as memory:
        assert [memory.remember("x", triplets=[]).episode.expires for _ in range(3)] == [6, 7, 8]


def test_expiry_goes_through_an_export(tmp_path: Path) -> None:
    with AriGraph(embedder=None, expires=2 * DAY) as memory, AriGraph(embedder=None) as copy:
        memory.remember("a", triplets=[OFFER], at=NOW - 3 * DAY)
        memory.export_to(tmp_path / "lines")
        copy.import_from(tmp_path / "lines")
        assert copy.episodes() == ()
        assert copy.episode(1) == memory.episode(1)
        assert copy.remember("b", triplets=[], at=NOW).episode.expires == NOW + 2 * DAY
        expires = (NOW + DAY).isoformat()
        copy.import_from([f'{{"text": "c", "at": "{NOW.isoformat()}", "expires": "{expires}"}}'])
        assert copy.episodes()[-1].expires == NOW + DAY


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"at": NOW, "expires": NOW}, "is not after at="),
        ({"at": NOW, "expires": -DAY}, "is not after at="),
        ({"at": NOW, "expires": 3}, "expires=3 is a whole number, but this space uses dates"),
        ({"at": 3, "expires": DAY}, "is a timedelta, but this space uses integer times"),
        ({"at": 3, "expires": 3}, "is not after at=3"),
        ({"at": NOW, "expires": NOW.replace(tzinfo=None)}, "expires=.* has no time zone"),
        ({"at": NOW, "expires": "tomorrow"}, "expires='tomorrow' is not a world time"),
        ({"at": NOW, "expires": timedelta.max}, "after the year 9999"),
        ({"at": NOW, "expires": "30d"}, r"'30d' is not a world time.* a length of time is a timedelta"),
        ({"at": "2026-05-01", "expires": "2026-04"}, "expires=2026-04 is not after at=2026-05-01: give a later time"),
    ],
)
def test_a_wrong_expiry_is_refused_and_nothing_is_kept(given: dict[str, Any], problem: str) -> None:
    with AriGraph(embedder=None) as memory:
        with pytest.raises(InvalidInput, match=problem):
            memory.remember("x", triplets=[], **given)
        assert memory.episodes() == ()


@pytest.mark.parametrize("expires", [True, "3", 1.5, -1, -DAY])
def test_a_wrong_default_for_a_space_is_refused(expires: Any) -> None:
    with pytest.raises(InvalidInput, match="expires="):
        AriGraph(embedder=None, expires=expires)


def test_a_default_of_the_other_kind_of_time_is_refused(tmp_path: Path) -> None:
    with AriGraph.open(tmp_path / "a.db", embedder=None) as memory:
        memory.remember("x", triplets=[], at=3)
    with pytest.raises(InvalidInput, match="this space uses integer times"):
        AriGraph.open(tmp_path / "a.db", embedder=None, expires=DAY)


def test_a_text_is_found_by_its_key_until_it_expires() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("a", triplets=[], at=NOW, key="one")
        memory.remember("b", triplets=[], at=NOW - 2 * DAY, key="two", expires=DAY)
        assert memory.get("one") == memory.episode(1)
        assert memory.get("two") is memory.get("three") is None
        assert memory.versions("two") == (memory.episode(2),)
        assert memory.at(1).get("two") is None


def test_an_event_loop_gets_a_text_by_its_key() -> None:
    async def kept() -> None:
        async with await AsyncAriGraph.open(":memory:", embedder=None) as memory:
            await memory.remember("a", triplets=[], key="one")
            assert await memory.versions("one") == (await memory.get("one"),)

    asyncio.run(kept())

"""A text that comes again is one episode of a recall, with its times; facts and episodes show their dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ariadne.memory import About, AriGraph, HashEmbedder, Triplet
from ariadne.values import Observation, Plan, Recall, Repeat, Situation


@pytest.fixture(params=[None, HashEmbedder()], ids=["words", "embedder"])
def memory(request: pytest.FixtureRequest) -> Iterator[AriGraph]:
    with AriGraph(embedder=request.param) as made:
        yield made


def day(number: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 5, number, hour, minute, tzinfo=UTC)


def numbers(recall: Recall) -> list[int]:
    return [episode.id for episode in recall.episodes]


# -- repeats -----------------------------------------------------------------------------------------------------------


def test_a_repeated_text_takes_one_place_and_shows_how_often_it_came(memory: AriGraph) -> None:
    for number in (1, 3, 2):
        memory.remember("The printer is broken.", source="Ann", at=day(number))
    memory.remember("The printer needs paper.", source="Ann", at=day(4))
    recall = memory.recall("the broken printer", episodes=2)
    assert numbers(recall) == [2, 4]
    assert recall.episodes[0].repeats == (Repeat(1, day(1)), Repeat(3, day(2)))
    assert recall.episodes[1].repeats == ()
    assert recall.text == (
        "Episodes:\n[2, Ann, said 3 times, last on 2026-05-03] The printer is broken.\n"
        "[4, Ann, 2026-05-04] The printer needs paper."
    )
    assert [memory.episode(number).text for number in (1, 2, 3)] == ["The printer is broken."] * 3


def test_repeats_in_a_space_of_numbers_show_the_last_one(memory: AriGraph) -> None:
    memory.remember("The bell rings.", at=4)
    memory.remember("The  bell rings.\n", at=17)
    assert memory.recall("bell").text == "Episodes:\n[2, said 2 times, last at 17] The  bell rings.\n"


def test_the_same_text_of_two_sources_is_two_episodes(memory: AriGraph) -> None:
    for source in ("Ann", "Bob", None, "Bob"):
        memory.remember("The printer is broken.", source=source)
    recall = memory.recall("printer", episodes=9)
    assert sorted((episode.source or "", len(episode.repeats)) for episode in recall.episodes) == [
        ("", 0), ("Ann", 0), ("Bob", 1)
    ]  # fmt: skip


def test_only_the_repeats_that_may_be_recalled_count(memory: AriGraph) -> None:
    for number in range(1, 6):
        memory.remember("The printer is broken.", source="Ann", metadata={"room": "ab"[number % 2]})

    def shown(**filters: object) -> list[tuple[int, list[int]]]:
        recall = memory.recall("printer", episodes=9, **filters)  # type: ignore[arg-type]
        return [(episode.id, [each.id for each in episode.repeats]) for episode in recall.episodes]

    assert shown() == [(5, [1, 2, 3, 4])]
    assert shown(exclude=[5, 2]) == [(4, [1, 3])]
    assert shown(as_of=3) == [(3, [1, 2])]
    assert shown(where={"room": "a"}) == [(4, [2])]
    memory.forget(episodes=[1, 5])
    assert shown() == [(4, [2, 3])]


def test_a_text_that_came_hundreds_of_times_does_not_hide_the_others(memory: AriGraph) -> None:
    entries = [{"text": "Good morning, printer!", "triplets": [], "source": "Ann"}] * 300
    memory.remember_many([{"text": "The printer is on the second floor.", "triplets": [], "source": "Bob"}, *entries])
    recall = memory.recall("printer", episodes=2)
    assert sorted(numbers(recall)) == [1, 301]
    assert sorted(len(episode.repeats) for episode in recall.episodes) == [0, 299]


def test_a_repeated_text_is_one_for_a_queried_name_too(memory: AriGraph) -> None:
    for _ in range(3):
        memory.remember("Ann fixed it.", triplets=[Triplet("Ann", "fixed", "printer")], source="Bob")
    for strategy in ("chains", "paper"):
        assert numbers(memory.recall(About("Ann"), episodes=9, strategy=strategy)) == [3]


def test_what_an_agent_observes_twice_is_two_events(memory: AriGraph) -> None:
    for _ in range(2):
        memory.remember("> look\nA bell.", triplets=[], situation=Situation("", "", Observation(""), (), Plan()))
    assert numbers(memory.recall("bell")) == [2, 1]


# -- dates -------------------------------------------------------------------------------------------------------------


def test_facts_show_since_when_they_hold(memory: AriGraph) -> None:
    memory.remember("x", triplets=[Triplet("Lena", "loves", "ramen")], at=day(1))
    memory.remember("y", triplets=[Triplet("Lena", "hates", "ramen")], at=day(2, 9, 30))
    assert set(memory.recall("does Lena like ramen?", episodes=0).text.splitlines()) == {
        "Facts:", "- Lena loves ramen (since 2026-05-01)", "- Lena hates ramen (since 2026-05-02 09:30Z)"
    }  # fmt: skip


def test_a_past_fact_shows_from_when_to_when_it_held() -> None:
    with AriGraph(embedder=None, ontology="everyday") as memory:
        memory.remember("x", triplets=[Triplet("Ann", "lives in", "Rome")], at=day(1))
        memory.remember("y", triplets=[Triplet("Ann", "lives in", "Oslo")], at=day(20))
        recall = memory.recall(About("Rome"), valid_at=day(5), episodes=0)
        assert recall.text == "Facts:\n- Ann lives in Rome (from 2026-05-01 to 2026-05-20)"
        assert memory.recall(About("Ann"), episodes=0).text == "Facts:\n- Ann lives in Oslo (since 2026-05-20)"
        assert memory.recall(About("Ann"), as_of=1, episodes=0).text == "Facts:\n- Ann lives in Rome (since 2026-05-01)"


def test_facts_of_a_space_of_numbers_show_no_time(memory: AriGraph) -> None:
    memory.remember("x", triplets=[Triplet("key", "is in", "box")], at=3)
    assert memory.recall(About("key"), episodes=0).text == "Facts:\n- key is in box"

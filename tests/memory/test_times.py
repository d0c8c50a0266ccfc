"""World times as years, months and days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from ariadne.memory import AriGraph, InvalidInput, Triplet
from ariadne.memory.times import beginning_of, end_of


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # the first parts of a date


@pytest.mark.parametrize(
    ("given", "beginning", "end"),
    [
        ("2026", at(2026, 1, 1), at(2027, 1, 1)),
        ("2026-03", at(2026, 3, 1), at(2026, 4, 1)),
        ("2026-12", at(2026, 12, 1), at(2027, 1, 1)),
        ("2024-02", at(2024, 2, 1), at(2024, 3, 1)),
        ("2026-03-15", at(2026, 3, 15), at(2026, 3, 16)),
        ("2026-03-15T09:30Z", at(2026, 3, 15, 9, 30), at(2026, 3, 15, 9, 30)),
        ("9999", at(9999, 1, 1), datetime.max.replace(tzinfo=UTC)),
        (date(2026, 3, 31), at(2026, 3, 31), at(2026, 4, 1)),
        (at(2026, 3, 15), at(2026, 3, 15), at(2026, 3, 15)),
        (7, 7, 7),
    ],
)
def test_a_partial_date_is_a_period_in_utc(given: Any, beginning: Any, end: Any) -> None:
    assert (beginning_of(given, "at"), end_of(given, "until")) == (beginning, end)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("2026-13", "until='2026-13' is not a world time: give an int, an aware datetime, a date, or an ISO text"),
        ("March", "until='March' is not a world time"),
        ("26-03", "until='26-03' is not a world time"),
        (2.5, "until=2.5 is not a world time"),
        (True, "until=True is not a world time"),
        ("2026-03-15T09:30", "until='2026-03-15T09:30' has no time zone: add Z for UTC"),
        (datetime(2026, 3, 15), "until=2026-03-15T00:00:00 has no time zone: add tzinfo=UTC"),
    ],
)
def test_another_value_is_refused_with_the_remedy(given: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        end_of(given, "until")
    assert str(error.value).startswith(message)


def test_every_argument_with_a_time_takes_a_partial_date() -> None:
    box = Triplet("key", "is in", "box")
    with AriGraph(embedder=None) as memory:
        first = memory.remember("x", triplets=[box], at="2026-03")
        assert first.episode.at == at(2026, 3, 1)
        memory.remember("y", triplets=[], at=date(2026, 5, 2))
        assert memory.facts(valid_at="2026-02") == ()
        assert len(memory.facts(valid_at="2026-03")) == len(memory.facts(valid_at="2026")) + 1 == 1
        assert len(memory.recall("key", valid_at="2026-04").facts) == 1
        assert [episode.id for episode in memory.episodes(since="2026-04", before="2027")] == [2]
        assert [episode.id for episode in memory.forget(before="2026-04", dry_run=True).episodes] == [1]
        memory.remember("z", triplets=[], at=datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=2))))
        assert memory.episode(3).at == at(2026, 5, 31, 22)


def test_a_date_in_a_space_of_whole_numbers_is_refused_by_the_name_of_its_argument() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[], at=1)
        with pytest.raises(InvalidInput, match=r"until=2026-04-01.* is a date, but this space uses whole numbers"):
            memory.remember("y", triplets=[Triplet("a", "b", "c")], until="2026-03")

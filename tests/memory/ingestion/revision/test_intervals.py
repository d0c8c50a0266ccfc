"""The times in which a triplet holds are a function of its events, in any order of arrival."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory.ingestion.revision.intervals import Event, Interval, intervals

times = st.integers(0, 9)
events = st.builds(Event, times, st.booleans(), st.integers(1, 9), st.booleans())


def times_of(found: list[Interval]) -> list[tuple[int, int | None]]:
    return [(each.since, each.until) for each in found]


def test_the_end_of_the_first_of_two_stints_separates_them() -> None:
    stated, ended = Event.statement, Event.end
    found = intervals([ended(9, 2), stated(7, 1), ended(3, 4), stated(1, 3)])
    assert times_of(found) == [(1, 3), (7, 9)]
    assert [each.ended_by for each in found] == [4, 2]
    assert [each.episodes for each in found] == [{3}, {1}]


def test_a_period_that_begins_at_the_limit_of_another_is_not_ended_by_it() -> None:
    for first, second in ((1, 2), (2, 1)):
        limit, stated = Event.end(3, first, is_limit=True), Event.statement(3, second)
        assert times_of(intervals([Event.statement(1, 0), limit, stated])) == [(1, 3), (3, None)]


def test_the_later_of_two_texts_about_one_time_counts() -> None:
    assert times_of(intervals([Event.statement(3, 1), Event.end(3, 2)])) == [(3, 3)]
    assert times_of(intervals([Event.statement(3, 2), Event.end(3, 1)])) == [(3, None)]


@given(st.lists(events, max_size=8), st.randoms(use_true_random=False))
def test_no_order_of_arrival_changes_the_times(listed: list[Event], random: Any) -> None:
    shuffled = random.sample(listed, len(listed))
    assert intervals(shuffled) == intervals(listed)


@given(st.lists(events, max_size=8), times)
def test_a_triplet_holds_after_a_statement_that_no_end_follows(listed: list[Event], at: int) -> None:
    past = sorted(event for event in listed if event.at <= at)
    holds = bool(past) and not past[-1].is_end
    assert any(since <= at and (until is None or at < until) for since, until in times_of(intervals(listed))) == holds

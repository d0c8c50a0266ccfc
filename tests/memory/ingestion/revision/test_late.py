"""Facts and ends are inserted in time order: the memory is the same in any order of arrival."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import permutations
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory import AriGraph, InvalidInput, Replacement, Triplet, Update

PAYMENTS = Triplet("Kim", "assigned to", "Payments")
CITIES = {city: Triplet("Ann", "lives in", city) for city in ("Rome", "Oslo", "York")}


def month(number: int) -> datetime:
    return datetime(2026, number, 1, tzinfo=UTC)


def held(memory: AriGraph, name: str = "Kim") -> set[tuple[str, Any, Any]]:
    """Return the facts about a name that ever held, each with its times."""
    facts = memory.history(name)
    return {(str(fact), fact.valid_from, fact.valid_to) for fact in facts if fact.valid_from != fact.valid_to}


@pytest.fixture
def memory() -> Iterator[AriGraph]:
    with AriGraph(embedder=None, ontology="open") as made:
        yield made


STINTS: list[dict[str, Any]] = [
    {"triplets": [PAYMENTS], "at": month(1)},
    {"triplets": [], "at": month(3), "outdated": [Replacement(PAYMENTS, None)]},
    {"triplets": [PAYMENTS], "at": month(7)},
    {"triplets": [], "at": month(9), "outdated": [Replacement(PAYMENTS, None)]},
]


# -- ends in any order -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["a replacement", "until"])
def test_two_stints_come_out_the_same_in_any_order(by: str) -> None:
    stints = STINTS
    if by == "until":
        ends = {3: "2026-02", 9: month(9)}
        stints = [
            {"triplets": [PAYMENTS], "until": ends[each["at"].month]} if each["at"].month in ends else each
            for each in STINTS
        ]
    for order in permutations(stints):
        with AriGraph(embedder=None) as memory:
            for each in order:
                memory.remember("x", **each)
            text = str(PAYMENTS)
            assert held(memory) == {(text, month(1), month(3)), (text, month(7), month(9))}
            assert [len(memory.facts(valid_at=month(number))) for number in (1, 2, 3, 5, 7, 8, 9)] == [
                1,
                1,
                0,
                0,
                1,
                1,
                0,
            ]
            assert memory.facts() == ()
            assert memory.check() == ()


def test_the_text_that_states_an_end_late_lists_what_it_ended(memory: AriGraph) -> None:
    for each in (STINTS[2], STINTS[3], STINTS[0]):
        memory.remember("x", **each)
    update = memory.remember("That ended in March.", **STINTS[1])
    assert [(str(fact), fact.valid_from, fact.valid_to, fact.retired_in) for fact in update.retired] == [
        (str(PAYMENTS), month(1), month(3), 4)
    ]
    assert update.refused == ()


def test_an_end_is_remembered_until_the_beginning_is_known(memory: AriGraph) -> None:
    update = memory.remember("Kim left in March.", triplets=[PAYMENTS], until="2026-03")
    assert (update.added, update.retired) == ((), ())
    assert memory.facts(valid_at="2026-02") == ()
    (fact,) = memory.remember("Kim came in January.", triplets=[PAYMENTS], at="2026-01").added
    assert (fact.valid_from, fact.valid_to) == (month(1), month(4))
    assert memory.facts() == ()
    assert [episode.id for episode in memory.episodes(about="Kim")] == [1, 2]


def test_an_end_of_an_unknown_fact_is_listed_so_that_a_typing_error_is_noticed(memory: AriGraph) -> None:
    memory.remember("x", triplets=[PAYMENTS], at="2026-01")
    wrong = Triplet("Kim", "is asigned to", "Payments")
    update = memory.remember("x", triplets=[wrong, PAYMENTS], until="2026-02", key="end")
    assert [(pair.old, pair.new, pair.reason) for pair in update.refused] == [
        (wrong, None, "it is not known to hold then; its end is kept until a text states its beginning")
    ]
    assert [fact.triplet for fact in update.retired] == [PAYMENTS]
    assert memory.remember("x", triplets=[wrong, PAYMENTS], until="2026-02", key="end") == update
    assert memory.remember("x", triplets=[PAYMENTS], until="2026-02").refused == ()  # the same end again
    assert len(memory.remember("x", triplets=[PAYMENTS], until="2026-05").refused) == 1  # it ended before
    assert memory.remember("x", triplets=[PAYMENTS], until="2026-01-05").refused == ()  # it ended earlier than stated
    assert memory.check() == ()


def test_a_period_is_stated_in_one_call(memory: AriGraph) -> None:
    update = memory.remember("Kim was here.", triplets=[PAYMENTS], at="2025", until="2026-02-14")
    (fact,) = update.added
    assert (fact.valid_from, fact.valid_to) == (datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 2, 15, tzinfo=UTC))
    assert (update.retired, update.episode.at) == ((), datetime(2025, 1, 1, tzinfo=UTC))


def test_a_fact_with_a_known_end_is_current_until_a_text_is_about_a_later_time(memory: AriGraph) -> None:
    leave = Triplet("Kim", "is on", "leave")
    memory.remember("Kim is on leave until August.", triplets=[leave], at=month(5), until="2026-08")
    assert [fact.valid_to for fact in memory.facts()] == [month(9)]
    memory.remember("Nothing new.", triplets=[], at=month(6))
    assert len(memory.facts(valid_at=month(8))) == 1
    assert memory.facts(valid_at=month(9)) == ()
    update = memory.remember("Nothing new.", triplets=[], at=month(10))
    assert ([fact.valid_to for fact in update.retired], memory.facts()) == ([month(9)], ())
    assert [[fact.valid_to for fact in memory.facts(as_of=number)] for number in (1, 2, 3)] == [[month(9)]] * 2 + [[]]
    assert [len(memory.recall("Kim leave", as_of=number).facts) for number in (1, 2, 3)] == [1, 1, 0]


def test_what_was_known_before_a_late_end_is_still_read(memory: AriGraph) -> None:
    seen = list[Any]()

    def known(*as_of: int) -> list[Any]:
        return [
            [
                memory.facts("Kim", as_of=number),
                *(memory.facts("Kim", as_of=number, valid_at=month(m)) for m in range(1, 11)),
            ]
            for number in as_of
        ]

    for number, each in enumerate((STINTS[2], STINTS[3], STINTS[0], STINTS[1]), 1):
        memory.remember("x", **each)
        seen += known(number)
    assert known(1, 2, 3, 4) == seen
    with AriGraph(embedder=None) as other:
        lines = io.StringIO()
        memory.export_to(lines)
        other.import_from(lines.getvalue().splitlines())
        again = io.StringIO()
        other.export_to(again)
        assert again.getvalue() == lines.getvalue()
        assert other.history("Kim") == memory.history("Kim")
        assert [other.facts("Kim", as_of=number) for number in range(5)] == [
            memory.facts("Kim", as_of=number) for number in range(5)
        ]


def test_an_end_before_the_beginning_is_refused_with_the_remedy(memory: AriGraph) -> None:
    with pytest.raises(InvalidInput, match="until=2025 is before at=2026: exchange them"):
        memory.remember("x", triplets=[PAYMENTS], at="2026", until="2025")
    with pytest.raises(InvalidInput, match="are of two kinds"):
        memory.remember("x", triplets=[PAYMENTS], at=3, until="2025")
    with pytest.raises(InvalidInput, match="until=2025 needs triplets"):
        memory.remember("x", triplets=[], until="2025")
    assert memory.episodes() == ()


# -- the laws ----------------------------------------------------------------------------------------------------------


class Event(NamedTuple):
    """A statement, or the limit of a period: what, when, and whether it ends then."""

    city: str
    at: int
    is_end: bool


def remember(memory: AriGraph, event: Event) -> Update:
    triplets = [CITIES[event.city]]
    if event.is_end:
        return memory.remember("x", triplets=triplets, until=event.at)
    return memory.remember("x", triplets=triplets, at=event.at)


def memory_of(events: Iterable[Event]) -> AriGraph:
    memory = AriGraph(embedder=None, ontology="everyday")
    for each in events:
        remember(memory, each)
    return memory


def expected(events: Sequence[Event]) -> set[tuple[str, Any, Any]]:
    """Return the facts by reading all texts in the order of time; a limit comes before a statement of its time."""
    current, found = dict[str, int](), set[tuple[str, Any, Any]]()
    for city, at, is_end in sorted(events, key=lambda each: (each.at, not each.is_end)):
        ended = {city} & current.keys() if is_end else current.keys() - {city}
        for each in sorted(ended):
            found.add((str(CITIES[each]), current.pop(each), at))
        if not is_end:
            current.setdefault(city, at)
    return {*found, *((str(CITIES[city]), at, None) for city, at in current.items())}


one_triplet = st.lists(st.builds(Event, st.just("Rome"), st.integers(0, 9), st.booleans()), max_size=7, unique=True)
one_slot = st.lists(
    st.builds(Event, st.sampled_from(sorted(CITIES)), st.integers(0, 30), st.booleans()), max_size=7,
    unique_by=lambda event: event.at,
)  # fmt: skip


@given(one_triplet | one_slot)
def test_any_order_of_arrival_gives_the_same_times(events: list[Event]) -> None:
    with memory_of(events) as memory:
        assert held(memory, "Ann") == expected(events)
        assert memory.check() == ()
        assert {city.object for city in memory.facts("Ann")} == {
            text.split()[-1] for text, _, until in expected(events) if until is None
        }


@given(one_slot, st.sets(st.integers(1, 7), max_size=3))
def test_forgotten_texts_leave_the_times_as_if_never_remembered(events: list[Event], gone: set[int]) -> None:
    left = [each for number, each in enumerate(events, 1) if number not in gone]
    with memory_of(events) as memory:
        memory.forget(episodes=[number for number in gone if number <= len(events)])
        assert held(memory, "Ann") == expected(left)


@given(one_slot)
def test_an_export_of_late_texts_is_imported_as_the_same_memory(events: list[Event]) -> None:
    with memory_of(events) as memory, AriGraph(embedder=None) as other:
        lines, again = io.StringIO(), io.StringIO()
        memory.export_to(lines)
        other.import_from(lines.getvalue().splitlines())
        other.export_to(again)
        assert again.getvalue() == lines.getvalue()
        for number in range(len(events) + 1):
            assert other.facts(as_of=number) == memory.facts(as_of=number)


# -- several sources ---------------------------------------------------------------------------------------------------


def state(memory: AriGraph, source: str | None, city: str, at: Any) -> None:
    memory.remember("x", triplets=[CITIES[city]], source=source, at=at)


def cities(memory: AriGraph) -> list[str]:
    return [fact.object for fact in memory.facts("Ann")]


def test_two_sources_about_the_same_time_are_both_kept_and_each_corrects_itself() -> None:
    with AriGraph(embedder=None, ontology="everyday") as memory:
        state(memory, "Bob", "Rome", "2026-03")
        state(memory, "Cid", "Oslo", "2026-03")
        assert cities(memory) == ["Rome", "Oslo"]
        state(memory, "Cid", "York", "2026-03")
        assert cities(memory) == ["Rome", "York"]
        state(memory, None, "Oslo", "2026-03")
        assert cities(memory) == ["Oslo"]


def test_with_dates_a_later_text_counts_however_many_sources_confirmed_the_fact() -> None:
    for order in permutations([("Ann", "Rome", "2024"), ("Ben", "Rome", "2024"), ("Tom", "York", "2026")]):
        with AriGraph(embedder=None, ontology="everyday") as memory:
            for each in order:
                state(memory, *each)
            assert cities(memory) == ["York"]
            assert [fact.object for fact in memory.facts("Ann", valid_at="2025")] == ["Rome"]


def test_with_steps_a_fact_of_two_sources_is_not_ended_by_a_third() -> None:
    with AriGraph(embedder=None, ontology="everyday") as memory:
        for source, city in (("Bob", "Rome"), ("Cid", "Rome"), ("Tom", "York")):
            state(memory, source, city, None)
        assert cities(memory) == ["Rome", "York"]

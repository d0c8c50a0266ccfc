"""Dates in questions and texts: the episodes of that time come first, and nothing is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory import AriGraph
from ariadne.memory.retrieval.dates import intervals

NOW = datetime(2023, 8, 16, 12, tzinfo=UTC)  # a Wednesday


def spans(text: str, at: datetime = NOW) -> list[tuple[str, str]]:
    """Return the first and the last day of each interval in a text."""
    return sorted((f"{start:%F}", f"{end - timedelta(days=1):%F}") for start, end in intervals(text, at))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("on 7 May 2023", "2023-05-07", "2023-05-07"),
        ("May 7th, 2023", "2023-05-07", "2023-05-07"),
        ("8th December, 2023", "2023-12-08", "2023-12-08"),
        ("on 2023-05-07", "2023-05-07", "2023-05-07"),
        ("in 2023-05", "2023-05-01", "2023-05-31"),
        ("in August", "2023-08-01", "2023-08-31"),
        ("in October", "2022-10-01", "2022-10-31"),
        ("in February 2024", "2024-02-01", "2024-02-29"),
        ("Sept 5", "2022-09-05", "2022-09-05"),
        ("during 2021", "2021-01-01", "2021-12-31"),
        ("the winter of 2022", "2022-12-01", "2023-02-28"),
        ("last summer", "2023-06-01", "2023-08-31"),
        ("yesterday", "2023-08-15", "2023-08-15"),
        ("last week", "2023-08-07", "2023-08-13"),
        ("last weekend", "2023-08-12", "2023-08-13"),
        ("last month", "2023-07-01", "2023-07-31"),
        ("this year", "2023-01-01", "2023-12-31"),
        ("last Friday", "2023-08-11", "2023-08-11"),
        ("two weeks ago", "2023-07-30", "2023-08-05"),
        ("3 days ago", "2023-08-13", "2023-08-13"),
        ("between May and June 2022", "2022-05-01", "2022-06-30"),
        ("from 3 May to 5 June", "2023-05-03", "2023-06-05"),
        ("in summer", "2023-06-01", "2023-08-31"),
    ],
)
def test_a_date_stands_for_its_days(text: str, first: str, last: str) -> None:
    assert spans(f"What happened {text}?") == [(first, last)]


@pytest.mark.parametrize(
    "text", ["I may go", "2000 people marched", "31 February 2023", "the 2nd of three", "version 2.0", "in 2000 words"]
)
def test_other_words_are_no_dates(text: str) -> None:
    assert spans(text) == []


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 31)), st.sampled_from(["%d %B %Y", "%B %d, %Y", "%Y-%m-%d"])
)
def test_every_day_is_read_in_every_form(day: datetime, form: str) -> None:
    assert spans(day.strftime(form)) == [(f"{day:%F}", f"{day:%F}")]


@pytest.fixture
def chat() -> AriGraph:
    """Return a chat in which Ann talks about her paintings in three months."""
    memory = AriGraph(embedder=None)
    for month in (5, 6, 7):
        memory.remember("I painted a picture.", source="Ann", at=datetime(2023, month, 10, tzinfo=UTC), key=f"{month}")
    memory.remember(
        "The exhibition of 7 May was crowded.", source="Ann", at=datetime(2023, 7, 12, tzinfo=UTC), key="look back"
    )
    return memory


def test_a_question_about_a_month_brings_the_episodes_of_that_month() -> None:
    memory = AriGraph(embedder=None)
    for month, thing in ((5, "a tree"), (6, "a house"), (7, "a horse")):
        memory.remember(f"I painted {thing}.", source="Ann", at=datetime(2023, month, 10, tzinfo=UTC))
    recall = memory.recall("What did Ann paint in June 2023?", episodes=3)
    assert recall.episodes[0].text == "I painted a house."
    assert "it is about the time of the query" in str(recall.episodes[0].why)
    assert len(recall.episodes) == 3  # the others are not left out


def test_a_text_that_names_the_day_counts_though_it_is_of_another_day(chat: AriGraph) -> None:
    found = chat.recall("Was the exhibition on May 7, 2023 crowded?", episodes=1)
    assert found.episodes[0].text.startswith("The exhibition")
    assert "it is about the time of the query" in str(found.episodes[0].why)


def test_a_space_with_integer_times_has_no_dates() -> None:
    memory = AriGraph(embedder=None)
    memory.remember("The fair of May 2023 was loud.", at=1)
    assert "time of the query" not in str(memory.recall("the fair in May 2023").episodes[0].why)


def test_a_time_before_or_after_a_date_has_an_open_end() -> None:
    first, last = datetime(2023, 6, 1, tzinfo=UTC), datetime(2023, 7, 1, tzinfo=UTC)
    ends = {word: intervals(f"{word} June 2023", NOW)[0] for word in ("before", "until", "by", "after", "since")}
    assert ends["before"].end == first
    assert ends["until"].end == ends["by"].end == last
    assert ends["after"].start == last
    assert ends["since"].start == first


def test_a_question_about_the_time_before_a_month_prefers_that_time() -> None:
    memory = AriGraph(embedder=None)
    for month in range(1, 7):
        memory.remember(f"I went to town {month}.", source="Ann", at=datetime(2023, month, 10, tzinfo=UTC))
    found = memory.recall("Where did Ann go before March 2023?", episodes=2).episodes
    assert {episode.text for episode in found} == {"I went to town 1.", "I went to town 2."}


@pytest.mark.parametrize("year", [1, 999, 9999])
@pytest.mark.parametrize("text", ["today", "this month", "900 years ago", "last year", "in December"])
def test_texts_at_the_ends_of_the_calendar_have_no_dates(year: int, text: str) -> None:
    assert intervals(f"{text} it was so", datetime(year, 12, 31, tzinfo=UTC)) == []


def test_a_reminder_in_the_future_does_not_move_last_week() -> None:
    memory = AriGraph(embedder=None)
    last_week = datetime.now(UTC) - timedelta(days=7)
    memory.remember("We met in the café.", at=last_week)
    memory.remember("We met in the hall.", at=last_week - timedelta(days=200))
    memory.remember("They met the dentist.", at=last_week + timedelta(days=400))
    assert memory.recall("Where had we met last week?", episodes=1).episodes[0].text == "We met in the café."
    then = memory.recall("Where had we met last week?", episodes=1, valid_at=last_week - timedelta(days=193))
    assert then.episodes[0].text == "We met in the hall."

"""Reads LongMemEval (xiaowu0162/LongMemEval): a list of questions, each with a history of its own.

The evidence is the turns with "has_answer", and by session the "answer_session_ids". A question whose id ends with
"_abs" is about something that the history does not state.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import model_validator

from ariadne.bench.evidence.cases import Case, Question, Text
from ariadne.bench.evidence.readers.foreign import Foreign, first_of, has_fields, time_like, validated

NAME = "LongMemEval"
FORM = (
    'a list of {"question_id", "question_type", "question", "answer", "haystack_session_ids", "haystack_dates",'
    ' "haystack_sessions", "answer_session_ids"}'
)
ABSTENTION = "abstention"
_ABSTENTION_ID = "_abs"
_TIME = time_like("2023/05/20 (Sat) 02:21", "%Y/%m/%d (%a) %H:%M", "%Y/%m/%d %H:%M")
HistoryTime = Annotated[datetime, _TIME]


class Turn(Foreign):
    """A turn of a user or an assistant."""

    role: str
    content: str
    has_answer: bool | None = None


class Instance(Foreign):
    """A question with its history."""

    question_id: str
    question_type: str
    question: str
    answer: str
    question_date: Annotated[datetime | None, _TIME] = None
    haystack_session_ids: tuple[str, ...]
    haystack_dates: tuple[HistoryTime, ...]
    haystack_sessions: tuple[tuple[Turn, ...], ...]
    answer_session_ids: tuple[str, ...]

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        lengths = {len(self.haystack_session_ids), len(self.haystack_dates), len(self.haystack_sessions)}
        if len(lengths) > 1:
            raise ValueError("haystack_session_ids, haystack_dates and haystack_sessions have different lengths")
        return self

    def turns(self) -> Iterator[tuple[Text, bool]]:
        """Yield the turns in the order of time, each with whether it is evidence."""
        dated = zip(self.haystack_dates, self.haystack_session_ids, self.haystack_sessions, strict=True)
        for number, (at, session, turns) in enumerate(sorted(dated, key=lambda each: each[0]), 1):
            for place, turn in enumerate(turns, 1):
                yield Text(f"{number}:{place}", turn.content, turn.role, at, session), bool(turn.has_answer)


def recognizes(data: object) -> bool:
    """Return whether data has the form of LongMemEval."""
    return has_fields(first_of(data), "haystack_sessions", "question")


def cases(data: object, path: Path) -> list[Case]:
    """Return one case for each question."""
    return [_case(instance) for instance in validated(data, list[Instance], path, NAME)]


def _case(instance: Instance) -> Case:
    turns = list(instance.turns())
    answerable = not instance.question_id.endswith(_ABSTENTION_ID)
    question = Question(
        text=instance.question,
        category=instance.question_type if answerable else ABSTENTION,
        evidence=tuple(text.key for text, is_evidence in turns if is_evidence),
        sessions=tuple(dict.fromkeys(instance.answer_session_ids)),
        answers=(instance.answer,) if answerable else (),
        answerable=answerable,
        at=instance.question_date,
    )
    return Case(instance.question_id, tuple(text for text, _ in turns), (question,))

"""What LoCoMo and REALTALK share: sessions of turns, and evidence that names turns.

The sessions are fields: "session_1" is a list of turns, and "session_1_date_time" is their time. A turn has a speaker,
a "dia_id" such as "D1:3", and a text. The caption of a shared photo belongs to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AliasChoices, Field, model_validator

from ariadne.bench.evidence.cases import ADVERSARIAL, Question, Text, sessions_of
from ariadne.bench.evidence.readers.foreign import Foreign, time_like

_SESSION = re.compile(r"session_([0-9]+)")
_TURNS = re.compile(r"D:?(?P<session>[0-9]+):(?P<turn>[0-9]+)(?:\s*-\s*(?:D?(?P<session2>[0-9]+):)?(?P<turn2>[0-9]+))?")
"""A turn as evidence names it, or the first and the last turn of a range: "D1:3", "D:1:3", "D1:3-D1:5", "D1:3-5"."""
DialogueTime = Annotated[
    datetime | None, time_like("1:56 pm on 8 May, 2023", "%I:%M %p on %d %B, %Y", "%d.%m.%Y, %H:%M:%S")
]


class Turn(Foreign):
    """One turn; REALTALK calls the text "clean_text", and gives the time of each turn."""

    speaker: str
    dia_id: str
    words: str | None = Field(None, validation_alias=AliasChoices("text", "clean_text"))
    blip_caption: str | None = None
    date_time: DialogueTime = None

    @property
    def text(self) -> str:
        """Return the words with the caption of the photo; "" if there is neither."""
        photo = f"[shares a photo: {self.blip_caption}]" if self.blip_caption else ""
        return " ".join(filter(None, [self.words, photo]))


class Session(Foreign):
    """The turns of a session, and their time if the turns have none."""

    turns: tuple[Turn, ...]
    at: DialogueTime = None

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        if self.at is None and any(turn.date_time is None for turn in self.turns):
            raise ValueError("neither the session nor each of its turns has a date_time")
        return self


class Dialogue(Foreign):
    """A conversation; its numbered fields become `sessions`."""

    sessions: dict[int, Session] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _collect_sessions(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        found = (_SESSION.fullmatch(name) for name in data)
        names = {int(match[1]): match[0] for match in found if match and data[match[0]]}
        sessions = {
            number: {"turns": data[name], "at": data.get(f"{name}_date_time")} for number, name in sorted(names.items())
        }
        return {**data, "sessions": sessions}

    def texts(self) -> Iterator[Text]:
        """Yield the turns that have a text."""
        for number, session in self.sessions.items():
            for turn in session.turns:
                if turn.text.strip():
                    yield Text(turn.dia_id, turn.text, turn.speaker, turn.date_time or session.at, str(number))


class DialogueQuestion(Foreign):
    """A question; an adversarial one has no right answer but that nothing states it."""

    question: str
    answer: str | None = None
    evidence: tuple[str, ...] | str = ()
    category: str = ""

    def about(self, texts: tuple[Text, ...], categories: Mapping[str, str]) -> Question:
        """Return the question with the evidence among these texts; `categories` are names by number."""
        category = categories.get(self.category, self.category or "other")
        answerable = category != ADVERSARIAL
        evidence = evidence_in(self.evidence, texts)
        answers = (self.answer,) if answerable and self.answer else ()
        return Question(self.question, category, evidence, sessions_of(evidence, texts), answers, answerable)


def evidence_in(named: Sequence[str], texts: tuple[Text, ...]) -> tuple[str, ...]:
    """Return the keys of the turns that a question names as evidence; names of other turns are left out.

    An entry can hold several names, with ";" or blanks between them, and ranges.
    """
    places = {
        (int(found["session"]), int(found["turn"])): text.key for text in texts if (found := _TURNS.fullmatch(text.key))
    }
    keys = list[str]()
    for found in _TURNS.finditer(named if isinstance(named, str) else "; ".join(named)):
        first = int(found["session"]), int(found["turn"])
        last = (int(found["session2"] or first[0]), int(found["turn2"])) if found["turn2"] else first
        keys += [key for place, key in places.items() if first <= place <= last]
    return tuple(dict.fromkeys(keys))

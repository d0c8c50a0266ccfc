"""Reads JSON lines: a line is a conversation with "turns", or a corpus with "passages", and its "questions".

A turn has "key", "speaker", "text", "at" and "session". A passage has "key", "title", "text" and maybe "triplets". A
question has "text", "category", "evidence" (keys) and maybe "answer", a text or a list. Questions of the category
"adversarial" have no answer in the texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import AwareDatetime, model_validator

from ariadne.bench.evidence.cases import ADVERSARIAL, Case, Question, Text, sessions_of
from ariadne.bench.evidence.readers.foreign import Foreign, first_of, has_fields, validated
from ariadne.values import Triplet

NAME = "JSON lines"
FORM = (
    'a line {"name", "turns" or "passages", "questions": [{"text", "category", "evidence", "answer"}]} for each memory'
)


class Turn(Foreign):
    """A turn of a conversation."""

    key: str
    speaker: str
    text: str
    at: AwareDatetime
    session: str

    def as_text(self) -> Text:
        """Return the turn as a text."""
        return Text(self.key, self.text, self.speaker, self.at, self.session)


class Passage(Foreign):
    """A passage of a document."""

    key: str
    title: str
    text: str
    triplets: tuple[tuple[str, str, str], ...] = ()

    def as_text(self) -> Text:
        """Return the passage as a text that begins with its title."""
        triplets = tuple(Triplet(*parts) for parts in self.triplets)
        return Text(self.key, f"{self.title}\n{self.text}", self.title, triplets=triplets)


class LineQuestion(Foreign):
    """A question."""

    text: str
    category: str
    evidence: tuple[str, ...]
    answer: tuple[str, ...] | str = ()

    def about(self, texts: tuple[Text, ...]) -> Question:
        """Return the question with the evidence among these texts."""
        known = {text.key for text in texts}
        evidence = tuple(dict.fromkeys(key for key in self.evidence if key in known))
        answers = [self.answer] if isinstance(self.answer, str) else self.answer
        answerable = self.category != ADVERSARIAL
        return Question(
            self.text, self.category, evidence, sessions_of(evidence, texts), answerable=answerable,
            answers=tuple(filter(None, answers)) if answerable else (),
        )  # fmt: skip


class Line(Foreign):
    """One line of the file."""

    name: str
    turns: tuple[Turn, ...] = ()
    passages: tuple[Passage, ...] = ()
    questions: tuple[LineQuestion, ...]

    @model_validator(mode="after")
    def _check_texts(self) -> Self:
        if bool(self.turns) == bool(self.passages):
            raise ValueError("it needs turns or passages, and not both")
        return self


def recognizes(data: object) -> bool:
    """Return whether data, a list of all lines, has this form."""
    return has_fields(first_of(data), "questions") and any(
        has_fields(first_of(data), name) for name in ("turns", "passages")
    )


def cases(data: object, path: Path) -> list[Case]:
    """Return one case for each line."""
    return [_case(line) for line in validated(data, list[Line], path, NAME)]


def _case(line: Line) -> Case:
    texts = tuple(turn.as_text() for turn in line.turns) + tuple(passage.as_text() for passage in line.passages)
    return Case(line.name, texts, tuple(question.about(texts) for question in line.questions))

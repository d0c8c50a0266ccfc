"""What each reader makes of a file: cases, each with the texts of one memory and the questions about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ariadne.values import Triplet

ADVERSARIAL = "adversarial"
"""The category of questions that the texts do not answer."""


@dataclass(frozen=True)
class Text:
    """A turn of a conversation, or a passage of a document.

    `key` is its name in the case, and `source` is the speaker or the title. A turn has a time and a session. A passage
    can have recorded triplets.
    """

    key: str
    text: str
    source: str
    at: datetime | None = None
    session: str | None = None
    triplets: tuple[Triplet, ...] | None = None

    @property
    def with_speaker(self) -> str:
        """Return what a search without fields indexes: a turn begins with its speaker, a passage with its title."""
        return self.text if self.session is None else f"{self.source}: {self.text}"


@dataclass(frozen=True)
class Question:
    """A question with the keys of its evidence, and with the answers that count as right.

    `sessions` are the sessions of the evidence. If it is not `answerable`, the right answer is that nothing states it.
    `at` is the time of the question.
    """

    text: str
    category: str
    evidence: tuple[str, ...]
    sessions: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool = True
    at: datetime | None = None


@dataclass(frozen=True)
class Case:
    """The texts of one memory, and the questions about them; `file` is the path of the file that has the questions."""

    name: str
    texts: tuple[Text, ...]
    questions: tuple[Question, ...]
    file: str = field(default="", compare=False)


def evenly_spaced(cases: Sequence[Case], number: int) -> list[Case]:
    """Return a number of cases from the whole of a list: files are often sorted by the kind of question."""
    return [cases[place * len(cases) // number] for place in range(number)] if number < len(cases) else list(cases)


def sessions_of(keys: Iterable[str], texts: Iterable[Text]) -> tuple[str, ...]:
    """Return the sessions of the texts with these keys, each once."""
    by_key = {text.key: text.session for text in texts}
    return tuple(dict.fromkeys(session for key in keys if (session := by_key.get(key)) is not None))

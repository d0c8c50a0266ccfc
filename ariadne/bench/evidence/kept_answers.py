"""The file of answers: each is on disk before the next question, and a later run takes what it finds there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, computed_field

from ariadne.bench.evidence.answer_scores import NOT_MENTIONED, exact_match, is_refusal, token_f1
from ariadne.errors import InvalidInput
from ariadne.files import append_line
from ariadne.text import first_problem


class KeptAnswer(BaseModel):
    """One line of the file: a question, the answer of a model, and its scores.

    `request` is the SHA-256 of the messages, so that the answer counts for exactly the same excerpt of the memory.
    `correct` is the verdict of `judge`; both are None without one.
    """

    model_config = ConfigDict(frozen=True)

    case: str
    question: str
    category: str
    expected: tuple[str, ...]
    answerable: bool
    model: str
    request: str
    answer: str
    judge: str | None = None
    correct: bool | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def exact(self) -> float:
        """Return 1 if the answer is exactly right, else 0."""
        return exact_match(self.answer, self.expected) if self.answerable else float(is_refusal(self.answer))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def f1(self) -> float:
        """Return the token F1 of the answer; of a question without an answer, whether it is refused."""
        return token_f1(self.answer, self.expected) if self.answerable else self.exact

    @property
    def right_answers(self) -> tuple[str, ...]:
        """Return the right answers for a judge."""
        return self.expected if self.answerable else (NOT_MENTIONED,)


class AnswerFile:
    """The answers in a file by model and request; of two for the same request, the later one counts."""

    def __init__(self, path: Path, file: FileIO, answers: list[KeptAnswer]) -> None:
        self._path, self._file = path, file
        self._answers = {(answer.model, answer.request): answer for answer in answers}

    def find(self, model: str, request: str) -> KeptAnswer | None:
        """Return the answer of a model to a request; None if the file has none."""
        return self._answers.get((model, request))

    def add(self, answer: KeptAnswer) -> None:
        """Append an answer; it is durable when this returns.

        Raises:
            InvalidInput: The file cannot be written.
        """
        try:
            append_line(self._file, answer.model_dump_json().encode())
        except OSError as error:
            raise InvalidInput(f"out={str(self._path)!r} cannot be written: {error.strerror}") from error
        self._answers[answer.model, answer.request] = answer


@contextmanager
def answer_file(path: Path) -> Iterator[AnswerFile]:
    """Open a file of answers, or create it with its folder; an incomplete last line is removed.

    Raises:
        InvalidInput: The file has other lines, or cannot be read or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.exists() else b""
        file = FileIO(path, "ab")
    except OSError as error:
        raise InvalidInput(f"out={str(path)!r} cannot be written: {error.strerror}") from error
    with file:
        whole = content[: content.rfind(b"\n") + 1]
        answers = [_parsed(line, number, path) for number, line in enumerate(whole.splitlines(), 1)]
        file.truncate(len(whole))
        yield AnswerFile(path, file, answers)


def _parsed(line: bytes, number: int, path: Path) -> KeptAnswer:
    try:
        return KeptAnswer.model_validate_json(line)
    except ValidationError as error:
        raise InvalidInput(
            f"out={str(path)!r}: line {number} is not an answer ({first_problem(error)}); name a new file"
        ) from error

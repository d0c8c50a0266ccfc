"""Answers questions from a memory by a language model, and has another model judge the answers."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from ariadne.bench.evidence.cases import Question
from ariadne.bench.evidence.kept_answers import AnswerFile, KeptAnswer
from ariadne.bench.evidence.scores import EPISODES, Mean, mean_of
from ariadne.errors import ModelError, ReplyError
from ariadne.llm.chat import Chat, ChatModel, Completion, Request
from ariadne.llm.prompts import data, load, one_line
from ariadne.memory import AriGraph

_PROMPTS = Path(__file__).parent / "prompts"
MAX_FAILURES = 5
"""Failed questions in a row after which no more are sent: the server is gone, or refuses."""
Message = Mapping[str, str]
R = TypeVar("R", bound=BaseModel)


class Answer(BaseModel):
    """The reply to `answer.txt`."""

    answer: str


class Verdict(BaseModel):
    """The reply to `judge.txt`."""

    correct: bool


@dataclass(frozen=True)
class NamedChat:
    """A model at a server, and the name under which its answers are kept."""

    name: str
    chat: Chat


@dataclass(frozen=True)
class AnswerScores:
    """The scores of answers: exact match, token F1, and the share that the judge calls right, if there is one."""

    questions: int
    exact: Mean
    f1: Mean
    correct: Mean | None


@dataclass(frozen=True)
class AnswerReport:
    """The scores of all answers, of those to answerable questions, and by category.

    `failed` counts the questions without an answer or a verdict. The tokens are those of this run's calls.
    """

    model: str
    judge: str | None
    context: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    scores: Mapping[str, AnswerScores]
    categories: Mapping[str, AnswerScores]


class Answerer:
    """Answers questions from what a memory recalls within a token budget, and keeps the answers.

    Args:
        model: The model that answers.
        judge: The model that judges the answers; None for no judge.
        kept: The file of answers; what it has is not requested again.
        context: The token budget of a recall.
        on_problem: Is called with each error of a model.
    """

    def __init__(
        self, model: NamedChat, judge: NamedChat | None, kept: AnswerFile, context: int,
        on_problem: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._model, self._judge = _Sender(model, on_problem), _Sender(judge, on_problem) if judge else None
        self._kept, self._context = kept, context
        self._answers, self._failed = list[KeptAnswer](), 0

    def answer(self, case: str, question: Question, memory: AriGraph) -> None:
        """Answer a question and judge the answer, unless the file has both; an error of a model is reported."""
        recalled = memory.recall(question.text, episodes=EPISODES, max_tokens=self._context).text
        messages = _answer_messages(question, recalled)
        request = hashlib.sha256(json.dumps(messages).encode()).hexdigest()
        answer = self._kept.find(self._model.name, request) or self._new_answer(case, question, messages, request)
        if answer is not None:
            answer = self._judged(answer)
            self._answers.append(answer)
        self._failed += answer is None or (self._judge is not None and answer.correct is None)

    def _new_answer(
        self, case: str, question: Question, messages: Sequence[Message], request: str
    ) -> KeptAnswer | None:
        reply = self._model.send(messages, Answer, f"{case}: {question.text}")
        if reply is None:
            return None
        answer = KeptAnswer(
            case=case, question=question.text, category=question.category, expected=question.answers,
            answerable=question.answerable, model=self._model.name, request=request, answer=reply.answer,
        )  # fmt: skip
        self._kept.add(answer)
        return answer

    def _judged(self, answer: KeptAnswer) -> KeptAnswer:
        """Return an answer with the verdict of the judge, if there is a judge and it replies."""
        if self._judge is None or answer.judge == self._judge.name:
            return answer
        verdict = self._judge.send(_judge_messages(answer), Verdict, f"{answer.case}: {answer.question}")
        if verdict is None:
            return answer.model_copy(update={"judge": None, "correct": None})
        judged = answer.model_copy(update={"judge": self._judge.name, "correct": verdict.correct})
        self._kept.add(judged)
        return judged

    def report(self) -> AnswerReport:
        """Return the scores of all answers so far."""
        categories = defaultdict[str, list[KeptAnswer]](list)
        for answer in self._answers:
            categories[answer.category].append(answer)
        groups = {"all": self._answers, "answerable": [answer for answer in self._answers if answer.answerable]}
        senders = [self._model, *([self._judge] if self._judge else [])]
        return AnswerReport(
            model=self._model.name, judge=self._judge.name if self._judge else None, context=self._context,
            failed=self._failed,
            prompt_tokens=sum(sender.prompt_tokens for sender in senders),
            completion_tokens=sum(sender.completion_tokens for sender in senders),
            scores={name: _scores(group) for name, group in groups.items() if group},
            categories={name: _scores(group) for name, group in sorted(categories.items())},
        )  # fmt: skip


class _Sender:
    """Sends requests to a model, reports its errors, and counts its tokens; it is the Chat of its own requests."""

    def __init__(self, model: NamedChat, on_problem: Callable[[str], None]) -> None:
        self.name, self._chat, self._on_problem = model.name, model.chat, on_problem
        self._failures = self.prompt_tokens = self.completion_tokens = 0

    def complete(self, request: Request) -> Completion:
        """Return the completion of a request."""
        completion = self._chat.complete(request)
        self.prompt_tokens += completion.prompt_tokens
        self.completion_tokens += completion.completion_tokens
        return completion

    def send(self, messages: Sequence[Message], reply: type[R], about: str) -> R | None:
        """Return the reply to messages; None if the model fails, or has failed too often."""
        if self._failures >= MAX_FAILURES:
            return None
        try:
            received = ChatModel(self).ask(messages, reply)
        except ReplyError as error:
            self._failures = 0
            self._on_problem(f"{about} {error}")
        except ModelError as error:
            self._failures += 1
            self._on_problem(f"{about} {error}")
            if self._failures == MAX_FAILURES:
                self._on_problem(f"{self.name} failed {MAX_FAILURES} times in a row: it gets no more questions")
        else:
            self._failures = 0
            return received
        return None


def _answer_messages(question: Question, recalled: str) -> list[dict[str, str]]:
    at = f" of {question.at:%Y-%m-%d %H:%M}" if question.at else ""
    return load(_PROMPTS / "answer.txt").messages(recalled=data(recalled), question=one_line(question.text), at=at)


def _judge_messages(answer: KeptAnswer) -> list[dict[str, str]]:
    return load(_PROMPTS / "judge.txt").messages(
        question=one_line(answer.question), expected=data("\n".join(map(one_line, answer.right_answers))),
        answer=data(answer.answer),
    )  # fmt: skip


def _scores(answers: Sequence[KeptAnswer]) -> AnswerScores:
    verdicts = [float(answer.correct) for answer in answers if answer.correct is not None]
    return AnswerScores(
        questions=len(answers),
        exact=mean_of([answer.exact for answer in answers]),
        f1=mean_of([answer.f1 for answer in answers]),
        correct=mean_of(verdicts) if verdicts else None,
    )

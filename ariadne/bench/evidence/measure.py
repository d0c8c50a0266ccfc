"""Measures how much of the evidence a memory with default settings recalls, and how long that takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from time import perf_counter
from typing import Literal

from ariadne.bench.evidence.answers import Answerer, AnswerReport
from ariadne.bench.evidence.baselines import Baselines
from ariadne.bench.evidence.cases import Case, Question
from ariadne.bench.evidence.scores import EPISODES, Mean, Scores, mean_of, scores_of, share
from ariadne.errors import InvalidInput
from ariadne.memory import AriGraph
from ariadne.protocols import Embedder

Unit = Literal["text", "session"]
Advance = Callable[[str], None]
"""Is called with the name of the case after each text and each question."""
BUDGETS = (500, 1000, 2000)
"""The token budgets within which evidence is counted."""
MEMORY = "memory"


@dataclass(frozen=True)
class Settings:
    """How to measure: `unit` is what counts as evidence, and `limit` is the most questions of a case."""

    embedder: Embedder | None
    triplets: bool = False
    baselines: bool = False
    unit: Unit = "text"
    limit: int | None = None


@dataclass(frozen=True)
class Category:
    """The scores of the memory in one category of questions."""

    questions: int
    scores: Scores


@dataclass(frozen=True)
class Report:
    """The figures of a run.

    `recall` has the scores by method and `within` the shares within token budgets, both over the answerable questions
    with evidence. `categories` has all categories, also those without an answer. `unlabelled` counts the questions
    without evidence. The times are milliseconds: `remember` a text, the mean over cases, and `recall` a question, the
    median. `answers` has the scores of a model, if there is one.
    """

    embedder: str
    unit: Unit
    cases: int
    texts: int
    questions: int
    unlabelled: int
    recall: Mapping[str, Scores]
    within: Mapping[int, Mean]
    categories: Mapping[str, Category]
    milliseconds: Mapping[str, float]
    answers: AnswerReport | None = None


@dataclass
class _Outcome:
    """What is found for a question; all names are keys of texts, or sessions."""

    question: Question
    evidence: tuple[str, ...]
    rankings: dict[str, list[str]]
    within: dict[int, float]
    seconds: float


@dataclass
class _Times:
    remember: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)


def steps_of(cases: Sequence[Case], limit: int | None) -> int:
    """Return how often `measure` calls `advance`."""
    return sum(len(case.texts) + len(case.questions[:limit]) for case in cases)


def measure(
    cases: Sequence[Case], settings: Settings, advance: Advance = lambda _: None, answerer: Answerer | None = None
) -> Report:
    """Remember the texts of each case in a new memory, and recall each question.

    Args:
        cases: The cases.
        settings: How to measure.
        advance: Is called after each text and each question, for a progress bar.
        answerer: Answers each question from the memory; None for no answers.

    Raises:
        InvalidInput: There is no question with evidence, or no triplets, or a unit that the texts lack.
        EmbedderError: The embedder failed.
    """
    check(cases, settings)
    times = _Times()
    outcomes = [outcome for case in cases for outcome in _outcomes(case, settings, times, advance, answerer)]
    labelled = [outcome for outcome in outcomes if outcome.evidence]
    answerable = [outcome for outcome in labelled if outcome.question.answerable]
    categories = defaultdict[str, list[_Outcome]](list)
    for outcome in labelled:
        categories[outcome.question.category].append(outcome)
    return Report(
        embedder=settings.embedder.name if settings.embedder else "none",
        unit=settings.unit,
        cases=len(cases),
        texts=sum(len(case.texts) for case in cases),
        questions=len(answerable),
        unlabelled=len(outcomes) - len(labelled),
        recall=_by_method(answerable),
        within=_by_budget(answerable),
        categories={
            name: Category(len(group), _by_method(group)[MEMORY]) for name, group in sorted(categories.items())
        },
        milliseconds={
            "remember": round(1000 * mean(times.remember), 2),
            "recall": round(1000 * median(times.recall), 2),
        },
        answers=answerer.report() if answerer else None,
    )


def check(cases: Sequence[Case], settings: Settings) -> None:
    """Raise InvalidInput for what cannot be measured, before anything is."""
    texts = [text for case in cases for text in case.texts]
    if settings.triplets and not any(text.triplets for text in texts):
        raise InvalidInput("triplets= needs a file that gives triplets, such as the OpenIE file of HippoRAG")
    if settings.unit == "session" and any(text.session is None for text in texts):
        raise InvalidInput("unit='session' needs turns: passages have no sessions")
    questions = [question for case in cases for question in case.questions[: settings.limit]]
    if not any(evidence_of(question, settings.unit) and question.answerable for question in questions):
        raise InvalidInput("no question that has an answer has evidence")


def evidence_of(question: Question, unit: Unit) -> tuple[str, ...]:
    """Return the keys of a question's evidence, or its sessions."""
    return question.evidence if unit == "text" else question.sessions


def _outcomes(
    case: Case, settings: Settings, times: _Times, advance: Advance, answerer: Answerer | None
) -> Iterator[_Outcome]:
    """Yield what is found for each question of a case."""
    with AriGraph(embedder=settings.embedder) as memory:
        began = perf_counter()
        keys = remember(case, memory, settings, advance)
        memory.recall("anything", episodes=1)  # what is built at the first recall belongs to the writing
        times.remember.append((perf_counter() - began) / len(case.texts))
        finder = Finder(case, memory, keys, settings)
        for question in case.questions[: settings.limit]:
            outcome = finder.find(question)
            times.recall.append(outcome.seconds)
            if answerer:
                answerer.answer(case.name, question, memory)
            yield outcome
            advance(case.name)


def remember(case: Case, memory: AriGraph, settings: Settings, advance: Advance) -> dict[int, str]:
    """Remember the texts of a case; return the key of each episode."""
    keys = dict[int, str]()
    for text in case.texts:
        update = memory.remember(
            text.text, source=text.source, at=text.at, key=text.key,
            metadata=None if text.session is None else {"session": text.session},
            triplets=text.triplets if settings.triplets else None,
        )  # fmt: skip
        keys[update.episode.id] = text.key
        advance(case.name)
    return keys


class Finder:
    """Recalls the questions of a case, and ranks the texts for them."""

    def __init__(self, case: Case, memory: AriGraph, keys: Mapping[int, str], settings: Settings) -> None:
        self.case, self.memory, self.unit = case, memory, settings.unit
        sessions = {text.key: text.session or "" for text in case.texts}
        self._name = sessions if settings.unit == "session" else {key: key for key in sessions}
        self._keys = keys
        self._baselines = Baselines(case.texts, settings.embedder) if settings.baselines else None

    def find(self, question: Question) -> _Outcome:
        """Return what is found for a question."""
        began = perf_counter()
        rankings = {MEMORY: self.rank(question)}
        seconds = perf_counter() - began
        evidence = evidence_of(question, self.unit)
        if self._baselines:
            for name, ranking in self._baselines.rank(question.text).items():
                rankings[name] = self._named(ranking)
        within = {budget: share(self.rank(question, budget), evidence) for budget in BUDGETS if evidence}
        return _Outcome(question, evidence, rankings, within, seconds)

    def rank(self, question: Question, budget: int | None = None) -> list[str]:
        """Return what the memory recalls within a token budget, best first: keys of texts, or sessions."""
        episodes = self.memory.recall(question.text, episodes=EPISODES, max_tokens=budget).episodes
        return self._named(self._keys[episode.id] for episode in episodes)

    def _named(self, keys: Iterator[str] | Sequence[str]) -> list[str]:
        """Return the units of these texts, each once, best first."""
        return list(dict.fromkeys(self._name[key] for key in keys))[:EPISODES]


def _by_method(outcomes: Sequence[_Outcome]) -> dict[str, Scores]:
    methods = outcomes[0].rankings
    return {name: scores_of([(each.rankings[name], each.evidence) for each in outcomes]) for name in methods}


def _by_budget(outcomes: Sequence[_Outcome]) -> dict[int, Mean]:
    return {budget: mean_of([outcome.within[budget] for outcome in outcomes]) for budget in BUDGETS}

"""Fits the weights of recall to every second labelled question, and measures what that gains on the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from ariadne.bench.evidence.ascent import ascend, most_scores
from ariadne.bench.evidence.cases import Case, Question
from ariadne.bench.evidence.measure import Advance, Finder, Settings, Unit, check, evidence_of, remember
from ariadne.bench.evidence.scores import share
from ariadne.errors import InvalidInput
from ariadne.memory import AriGraph, Weights
from ariadne.memory.embedders.cache import CACHED, VectorCache
from ariadne.memory.index.weights import WEIGHTS
from ariadne.protocols import Embedder

PLACES = (5, 10)
"""The recall of a question is the mean of its shares of the evidence among these numbers of first places."""
ALL = "all files"
_FITTING, _HELD_OUT = 0, 1
_Labelled = Mapping[str, Sequence[tuple[int, Question]]]
"""By file: the questions with an answer and evidence, each with the place of its case. Every second one is held out."""


@dataclass(frozen=True)
class Gain:
    """The recall of a number of questions, by the present weights and by the fitted ones."""

    questions: int
    present: float
    fitted: float


@dataclass(frozen=True)
class Halves:
    """The recall of the questions that weights are fitted to, and of those that are held out."""

    fitting: Gain
    held_out: Gain


@dataclass(frozen=True)
class FitReport:
    """The present weights and the fitted ones, and the recall by both.

    `recall` has the mean of all files, and if there are several, each of them.
    """

    embedder: str
    unit: Unit
    present: Weights
    fitted: Weights
    recall: Mapping[str, Halves]


def most_steps(cases: Sequence[Case], settings: Settings) -> int:
    """Return how often `fit` calls `advance` at most."""
    questions = _labelled(cases, settings).values()
    fitting, held_out = (sum(len(each[half::2]) for each in questions) for half in (_FITTING, _HELD_OUT))
    return sum(len(case.texts) for case in cases) + most_scores(WEIGHTS) * fitting + 2 * held_out


def fit(
    cases: Sequence[Case], settings: Settings, advance: Advance = lambda _: None, present: Weights = WEIGHTS
) -> FitReport:
    """Remember the texts of each case, and search for weights by which more of the evidence is recalled.

    Args:
        cases: The cases of one or more files.
        settings: How to measure.
        advance: Is called after each text and each recall, for a progress bar.
        present: The weights to begin with.

    Raises:
        InvalidInput: A file has fewer than two questions with an answer and evidence, or `measure` raises it.
        EmbedderError: The embedder failed.
    """
    labelled = _labelled(cases, settings)
    keeping = replace(settings, embedder=_keeping(settings.embedder, sum(map(len, labelled.values()))))
    with ExitStack() as stack:
        finders = [_finder(case, keeping, stack, advance) for case in cases]

        @cache
        def recall(weights: Weights, half: int) -> dict[str, float]:
            """Return the recall of one half of the questions, by file."""
            for finder in finders:
                finder.memory.weights = weights
            return {
                file: fmean(_recall(finders[place], question, advance) for place, question in questions[half::2])
                for file, questions in labelled.items()
            }

        def gain(half: int, files: Sequence[str]) -> Gain:
            """Return the mean recall of some files by both weights."""
            means = (fmean(recall(weights, half)[file] for file in files) for weights in (present, fitted))
            return Gain(sum(len(labelled[file][half::2]) for file in files), *(round(mean, 4) for mean in means))

        groups = {ALL: [*labelled]} | ({file: [file] for file in labelled} if len(labelled) > 1 else {})
        fitted = ascend(present, lambda weights: fmean(recall(weights, _FITTING).values()))
        return FitReport(
            embedder=settings.embedder.name if settings.embedder else "none",
            unit=settings.unit,
            present=present,
            fitted=fitted,
            recall={
                name: Halves(*(gain(half, files) for half in (_FITTING, _HELD_OUT))) for name, files in groups.items()
            },
        )


def _labelled(cases: Sequence[Case], settings: Settings) -> _Labelled:
    check(cases, settings)
    labelled = defaultdict[str, list[tuple[int, Question]]](list)
    for place, case in enumerate(cases):
        questions = (each for each in case.questions[: settings.limit] if evidence_of(each, settings.unit))
        labelled[case.file] += [(place, question) for question in questions if question.answerable]
    for file, found in labelled.items():
        if len(found) < 2:
            raise InvalidInput(
                f"{file}: fitting needs at least two questions with an answer and evidence: take more of its questions,"
                " or leave this file out"
            )
    return labelled


def _finder(case: Case, settings: Settings, stack: ExitStack, advance: Advance) -> Finder:
    memory = stack.enter_context(AriGraph(embedder=settings.embedder))
    return Finder(case, memory, remember(case, memory, settings, advance), settings)


def _recall(finder: Finder, question: Question, advance: Advance) -> float:
    ranking, evidence = finder.rank(question), evidence_of(question, finder.unit)
    advance(finder.case.name)
    return fmean(share(ranking[:number], evidence) for number in PLACES)


class _KeepingEmbedder:
    """An embedder that keeps more vectors than its own cache holds."""

    def __init__(self, embedder: Embedder, size: int) -> None:
        self.name, self._embedder, self._cache = embedder.name, embedder, VectorCache(embedder.embed, size)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, d) float32, unit rows."""
        return self._cache.vectors(texts) if texts else self._embedder.embed(texts)


def _keeping(embedder: Embedder | None, questions: int) -> Embedder | None:
    """Return an embedder that keeps the vectors of all questions, each with and without the names of speakers."""
    return None if embedder is None else _KeepingEmbedder(embedder, max(CACHED, 2 * questions))

"""Search by words: the words that a query shares with facts and episodes."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.arrays import Rows
from ariadne.memory.index.episodes import TextScores
from ariadne.memory.index.facts import Scope
from ariadne.memory.index.weights import WEIGHTS, Weights
from ariadne.memory.storage.store import View
from ariadne.memory.storage.text.words import (
    LEAST_COMMON,
    QueryWord,
    WordWeights,
    inverse_frequency,
    query_words,
    terms,
)
from ariadne.memory.storage.vectors import Floats


@dataclass(frozen=True)
class _Matched:
    """A word of a query as the facts have it."""

    terms: tuple[tuple[int, float], ...]
    """The numbers of terms, each with what it adds to the score of a fact; the best last."""
    weight: float
    """The most that the word adds."""


class Lexical:
    """A scorer by words, without an embedder: a fact's score is the share of the query's words that it has."""

    threshold = 0.3
    min_score = 0.1
    least_text = 0.0001

    def __init__(self) -> None:
        self.clear()

    def __len__(self) -> int:
        return self._count

    def clear(self) -> None:
        """Forget all words."""
        self._numbers = dict[str, int]()
        """By term: its number."""
        self._beginning = defaultdict[str, list[str]](list)
        """By the first characters that similar words share: the terms that begin with them."""
        self._rows: list[array[int]] = []
        """By a term's number: the rows of the facts that have it."""
        self._count = 0
        """The number of facts."""
        self._scope: Scope | None = None
        self._matched = dict[str, list[_Matched]]()
        """By text: the words of the queries of the last scope."""

    def add(self, view: View, seen: int) -> None:
        """Read the words of the facts that were learned after episode `seen`."""
        self._scope = None
        for text in view.facts.texts_after(seen):
            for term in dict.fromkeys(terms(text)):
                self._rows[self._number(term)].append(self._count)
            self._count += 1

    def _number(self, term: str) -> int:
        """Return the number of a term; a new term gets the next one."""
        number = self._numbers.setdefault(term, len(self._numbers))
        if number == len(self._rows):
            self._rows.append(array("q"))
            self._beginning[term[:LEAST_COMMON]].append(term)
        return number

    def remove_episodes(self, numbers: Rows) -> None:
        """Do nothing: the words of episodes are in the file."""

    def scores(self, texts: Sequence[str], scope: Scope) -> Floats:
        """Return the scores of n facts for m texts, as (m, n) float32; -inf for facts that are not visible."""
        scores = np.stack([self._score(text, scope) for text in texts])
        scores[:, ~scope.visible] = -np.inf
        return scores

    def _score(self, text: str, scope: Scope) -> Floats:
        """Return each fact's share of the text's known words, weighted by BM25's inverse document frequency."""
        scores, one = np.zeros(len(scope.visible)), np.zeros(len(scope.visible))
        words = self._words_of(text, scope)
        for word in words:
            rows = [self._rows_of(number) for number, _ in word.terms]
            for (_, value), having in zip(word.terms, rows, strict=True):
                one[having] = value
            found = np.concatenate([np.zeros(0, np.int64), *rows])
            scores[found] += one[found]  # a row that occurs twice is counted once
            one[found] = 0.0
        total = sum(word.weight for word in words)
        return (scores / total if total else scores).astype(np.float32)

    def _rows_of(self, number: int) -> Rows:
        """Return the rows of the facts that have a term."""
        return np.array(self._rows[number], np.int64)

    def _words_of(self, text: str, scope: Scope) -> list[_Matched]:
        """Return the words of a text that a visible fact or an episode has, in this or a similar form."""
        if self._scope is not scope:
            self._scope, self._matched = scope, {}
        if text not in self._matched:
            words = query_words(text) or query_words(text, all_words=True)
            of_episodes = scope.view.episodes.word_weights(text, scope.until)
            count = int(scope.visible.sum())
            matched = (self._match(word, scope.visible, count, of_episodes.get(word.text, 0.0)) for word in words)
            self._matched[text] = [word for word in matched if word.weight]
        return self._matched[text]

    def _match(self, word: QueryWord, visible: NDArray[np.bool_], count: int, of_episodes: float) -> _Matched:
        """Return a word of a query as the visible facts (`count`) have it; its weight in episodes if no fact has it."""
        starts = [(start, self._beginning.get(start[:LEAST_COMMON], ())) for start in word.beginnings]
        known = (term for start, terms in starts for term in terms if term.startswith(start))
        having = {
            self._numbers[term]: (credit, rows)
            for term, credit in word.credits(known).items()
            if term in self._numbers and len(rows := self._visible_rows(self._numbers[term], visible))
        }
        if not having:
            return _Matched((), word.weight * of_episodes)
        exact, every = (_count([rows for credit, rows in having.values() if credit >= least]) for least in (1.0, 0.0))
        weights = WordWeights.of(exact, every, lambda number: inverse_frequency(number, count))
        values = sorted((word.weight * weights.with_credit(credit), number) for number, (credit, _) in having.items())
        return _Matched(tuple((number, value) for value, number in values), word.weight * weights.best)

    def _visible_rows(self, number: int, visible: NDArray[np.bool_]) -> Rows:
        rows = self._rows_of(number)
        return rows[visible[rows]]

    def cosines(self, text: str, rows: Rows, others: Rows, scope: Scope) -> Floats:
        """Return the cosines of m facts with n others by the words of the text, as (m, n) float32."""
        vectors = self._vectors(text, np.concatenate([rows, others]), scope)
        return vectors[: len(rows)] @ vectors[len(rows) :].T

    def _vectors(self, text: str, rows: Rows, scope: Scope) -> Floats:
        """Return facts as unit vectors: a dimension for each word of the text, and one for all other words."""
        words = self._words_of(text, scope)
        total = sum(word.weight for word in words) or 1.0
        known, places = np.unique(rows, return_inverse=True)
        vectors = np.zeros((len(known), len(words) + 1))
        for dimension, word in enumerate(words):
            for number, value in word.terms:
                having = self._rows_of(number)
                at = np.minimum(np.searchsorted(having, known), len(having) - 1)
                vectors[having[at] == known, dimension] = value / np.sqrt(word.weight * total)
        vectors[:, -1] = np.sqrt(np.maximum(1 - (vectors**2).sum(axis=1), 0))
        return vectors[places].astype(np.float32)

    def name_cosines(self, view: View, names: Rows, others: Rows) -> None:
        """Return None: names are compared by identity only."""

    def episode_scores(self, view: View, text: str, until: int, weights: Weights = WEIGHTS) -> TextScores:  # noqa: ARG002
        """Return the share of the text's words that each episode up to `until` has; without those that have none."""
        shares = view.episodes.word_scores(text, until)
        rows = sorted(shares)
        words = np.array([shares[row] for row in rows], np.float32)
        return TextScores.of_rows(np.array(rows, np.int64), words, words, words)

    def text_scores(self, query: str, texts: Sequence[str]) -> Floats:
        """Return the share of a query's words in each text."""
        return word_shares(query, texts)


def _count(groups: Sequence[Rows]) -> int:
    """Return the number of rows in any of these groups."""
    return len(groups[0]) if len(groups) == 1 else len({row for group in groups for row in group.tolist()})


def word_shares(query: str, texts: Sequence[str]) -> Floats:
    """Return the share of a query's words in each of a few texts, as (n,) float32; words in few of them weigh more."""
    found = [{*terms(text)} for text in texts]
    known = {term for each in found for term in each}
    shares, total = np.zeros(len(texts)), 0.0
    for word in query_words(query):
        beginnings = tuple(word.beginnings)
        forms = word.credits(term for term in known if term.startswith(beginnings))
        having = np.array([max((forms[term] for term in forms if term in each), default=0.0) for each in found])
        if count := int(np.count_nonzero(having)):
            weight = word.weight * inverse_frequency(count, len(texts))
            shares, total = shares + weight * having, total + weight
    return (shares / total if total else shares).astype(np.float32)

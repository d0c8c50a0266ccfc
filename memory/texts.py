"""Memories that keep no graph but the texts that they were told, to measure what a graph is worth: each recalls as much
of them as a budget holds, by an order of its own.

What lies before a mind anyway (its last steps, goal and hint) is not recalled, so that no room is lost to it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import copy
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ariadne.memory import budget
from ariadne.memory.embedding import HashEmbedder, MiniLM
from ariadne.memory.plain import NoMemory
from ariadne.protocols import Embedder, Extractor
from ariadne.values import ROOM_HEADER, About, Ask, Episode, Query, Recall, Situation, Update, When

LATELY = 5
"""So many steps lie before a mind anyway."""
ASKED = ("goal", "hint")
"""Sources of what lies before it always."""
FUSED = 60
"""How far down a ranking still counts when rankings are joined: a rank counts 1 / (FUSED + rank)."""
FADES = 0.99
"""By how much an episode that was thought of a step longer ago is less recent."""
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
Ranks = NDArray[np.float64]


class Texts(NoMemory, ABC):
    """Keeps the texts; each kind says which of them are worth most."""

    def __init__(self, extractor: Extractor | None = None) -> None:
        super().__init__(extractor)
        self._episodes = list[Episode]()

    def remember(
        self, text: str, *, key: str | None = None, at: When | None = None, source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:  # fmt: skip
        """The episode and its reading, as each text by itself gives it; a `key` met again returns its first Update."""
        update = super().remember(text, key=key, at=at, source=source, situation=situation)
        if update.episode.id > len(self._episodes):
            self._episodes.append(update.episode)
        return update

    def recall(
        self, query: Ask | Sequence[Ask], *, max_tokens: int | None = None, exclude: Sequence[int] = ()
    ) -> Recall:
        """The episodes that are worth most, as many as `max_tokens` hold, the oldest first."""
        asks = [query] if isinstance(query, (str, Query, About)) else list(query)
        told = self._earlier(exclude)
        ranked = self._ranked(list(dict.fromkeys(_words_of(ask) for ask in asks)), told)
        kept = budget.kept((), (), ranked, max_tokens)
        episodes = sorted((one for one in kept if isinstance(one, Episode)), key=lambda one: one.id)
        return Recall(episodes=tuple(episodes), text=budget.text(episodes))

    def _earlier(self, exclude: Sequence[int] = ()) -> list[Episode]:
        """What does not lie before the mind anyway."""
        told = [one for one in self._episodes if one.id not in exclude and one.source not in ASKED]
        return told[:-LATELY]

    def _goal(self) -> str:
        """Goal and hint, where they were told."""
        return " ".join(one.text for one in self._episodes if one.source in ASKED)

    def at(self, episode: int) -> Self:
        """The memory as it was after an episode."""
        then = copy(self)
        then._episodes = self._episodes[:episode]
        return then

    @abstractmethod
    def _ranked(self, asks: Sequence[str], told: Sequence[Episode]) -> Sequence[Episode]:
        """The episodes, the one that is worth most first."""


class History(Texts):
    """All that was told; of what a budget does not hold the oldest goes first."""

    def _ranked(self, asks: Sequence[str], told: Sequence[Episode]) -> Sequence[Episode]:  # noqa: ARG002
        return told[::-1]


class Embedded(Texts, ABC):
    """Texts with their vectors."""

    def __init__(self, extractor: Extractor | None = None, embedder: Embedder | None = None) -> None:
        super().__init__(extractor)
        self._embedder = embedder or (MiniLM() if MiniLM.available() else HashEmbedder())
        self._known = dict[str, NDArray[np.float32]]()

    def _near(self, asks: Sequence[str], told: Sequence[Episode]) -> Ranks:
        """How near each ask is to each episode: (asks, episodes), cosines."""
        texts = [*asks, *(one.text for one in told)]
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, self._embedder.embed(new), strict=True))
        vectors = np.array([self._known[text] for text in texts], np.float64)
        return vectors[: len(asks)] @ vectors[len(asks) :].T


class Rag(Embedded):
    """Texts searched by embedding: for each ask those that are nearest, the rankings joined by reciprocal rank."""

    def _ranked(self, asks: Sequence[str], told: Sequence[Episode]) -> Sequence[Episode]:
        if not (asks and told):
            return told[::-1]
        ranks = np.argsort(np.argsort(-self._near(asks, told), axis=1, kind="stable"), axis=1)
        return [told[place] for place in np.argsort(-_fused(ranks), kind="stable")]


class Simulacra(Embedded):
    """Texts by recency, importance and relevance, each between 0 and 1, whose sum counts, as in Generative Agents.

    Recent is what was told or recalled lately (of which the situation tells, so that a run that is taken up again goes
    on as one that was not stopped); important, without a model that says so, what taught most that was not told before;
    relevant what is near to what is asked. Without a model there is no reflection.
    """

    def __init__(self, extractor: Extractor | None = None, embedder: Embedder | None = None) -> None:
        super().__init__(extractor, embedder)
        self._said = set[str]()
        self._taught = list[int]()
        self._recalled = list[tuple[int, ...]]()

    def remember(
        self, text: str, *, key: str | None = None, at: When | None = None, source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:  # fmt: skip
        """As Texts do; what it says for the first time makes it important."""
        update = super().remember(text, key=key, at=at, source=source, situation=situation)
        if update.episode.id > len(self._taught):
            fresh = {str(triplet) for triplet in update.reading.triplets} - self._said
            self._said |= fresh
            self._taught.append(len(fresh))
            last = situation.last[-1:] if situation else ()
            self._recalled.append(tuple(episode.id for step in last for episode in step.recall.episodes))
        return update

    def _ranked(self, asks: Sequence[str], told: Sequence[Episode]) -> Sequence[Episode]:
        if not told:
            return told
        now = len(self._episodes)
        thought_of = {one: number for number, some in enumerate(self._recalled[:now], 1) for one in some}
        ages = [now - thought_of.get(one.id, one.id) for one in told]
        recent = np.power(FADES, np.array(ages, np.float64))
        important = np.array([self._taught[one.id - 1] for one in told], np.float64)
        relevant = self._near(asks, told).max(axis=0) if asks else np.zeros(len(told))
        worth = _from_0_to_1(recent) + _from_0_to_1(important) + _from_0_to_1(relevant)
        return [told[place] for place in np.argsort(-worth, kind="stable")]


class Summary(Texts):
    """A rolling summary, extracted: of each room what was last said there, and of what was done what came of it, each
    sentence once, where it was said last; of what a budget does not hold, what speaks least of goal and asks, and is
    oldest, goes first."""

    def _ranked(self, asks: Sequence[str], told: Sequence[Episode]) -> Sequence[Episode]:
        last = dict[str, tuple[int, str]]()
        for number, one in enumerate(told):
            head, *sentences = _sentences(one.text)
            for sentence in sentences:
                place = f"{head}\n{sentence}" if _tells_of_a_room(one.text) else sentence
                last[place] = (number, sentence)
        wanted = {word.casefold() for ask in asks for word in _WORD.findall(ask)}
        kept = [[sentence for where, sentence in last.values() if where == number] for number in range(len(told))]
        summed = [
            Episode(one.id, "\n".join([_sentences(one.text)[0], *some]), one.at, one.source, one.metadata)
            for one, some in zip(told, kept, strict=True) if some
        ]  # fmt: skip

        def speaks(one: Episode) -> tuple[int, int]:
            return len(wanted & {word.casefold() for word in _WORD.findall(one.text)}), one.id

        return sorted(summed, key=speaks, reverse=True)


def _sentences(text: str) -> list[str]:
    """The head of a text (the command and the room, if it has them), then its sentences."""
    lines = text.split("\n")
    heads = [line for line in lines if line.startswith(("> ", "-= "))]
    rest = "\n".join(line for line in lines if not line.startswith(("> ", "-= ")))
    return ["\n".join(heads), *(one.strip() for one in _SENTENCE.split(rest) if one.strip())]


def _tells_of_a_room(text: str) -> bool:
    """Whether a text tells of a room."""
    return ROOM_HEADER.search(text) is not None


def _words_of(ask: Ask) -> str:
    return ask if isinstance(ask, str) else ask.name if isinstance(ask, About) else ask.text


def _fused(ranks: NDArray[np.int64]) -> Ranks:
    """Rankings (asks, episodes) joined by reciprocal rank."""
    joined: Ranks = (1.0 / (FUSED + ranks)).sum(axis=0)
    return joined


def _from_0_to_1(values: Ranks) -> Ranks:
    low, high = values.min(), values.max()
    return np.zeros_like(values) if high == low else (values - low) / (high - low)

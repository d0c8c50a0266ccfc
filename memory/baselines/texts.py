"""Memories that keep no graph but the texts that they were told, to measure what a graph is worth: each recalls as much
of them as a budget holds, by an order of its own.

What lies before a mind anyway (its last steps, goal and hint) is not recalled, so that no room is lost to it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.baselines.none import NoMemory
from ariadne.memory.embedders.registry import HashEmbedder, MiniLM
from ariadne.memory.retrieval import rendering
from ariadne.protocols import Embedder, Extractor
from ariadne.values import RECENT_STEPS, About, Episode, Query, QueryLike, Recall, Situation, Update, When, room_of

REFLECTION = "reflection"
"""The source of what is no observation, but thought of some."""
ASKED = ("goal", "hint")
"""Sources of what lies before it always."""
FUSED = 60
"""When rankings are joined a rank counts 1 / (FUSED + rank): the larger, the less the first ranks stand out."""
FADES = 0.99
"""By how much an episode that was thought of a step longer ago is less recent."""
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
Ranks = NDArray[np.float64]


class Texts(NoMemory, ABC):
    """Keeps the texts; each kind says which of them are worth most. The newest, `lately`, are not recalled."""

    lately = RECENT_STEPS

    def __init__(self, extractor: Extractor | None = None) -> None:
        super().__init__(extractor)
        self._episodes = list[Episode]()
        self._rooms = [""]

    def remember(
        self, text: str, *, key: str | None = None, at: When | None = None, source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:  # fmt: skip
        """The episode and its reading, as each text by itself gives it; a `key` met again returns its first Update."""
        update = super().remember(text, key=key, at=at, source=source, situation=situation)
        if update.episode.id > len(self._episodes):
            self._episodes.append(update.episode)
            self._rooms.append(room_of(text) or self._rooms[-1])
        return update

    def recall(
        self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, exclude: Sequence[int] = ()
    ) -> Recall:
        """The episodes that are worth most, as many as `max_tokens` hold, the oldest first. Where what is told
        before one does not end in the room where it began, that room is told, so that it is not read of another."""
        asks = [query] if isinstance(query, (str, Query, About)) else list(query)
        kept, episodes = list[Episode](), list[Episode]()
        for one in self._ranked(asks, self._earlier(exclude)):
            more = self._in_order([*kept, one])
            if max_tokens is None or rendering.cost(more) <= max_tokens:
                kept, episodes = [*kept, one], more
        return Recall(episodes=tuple(episodes), text=rendering.text(episodes))

    def _in_order(self, some: Sequence[Episode]) -> list[Episode]:
        """As they are told."""
        told, room = list[Episode](), ""
        for one in sorted(some, key=lambda one: one.id):
            told.append(one if one.source is None and room == self._before(one) else self._placed(one))
            room = room_of(told[-1].text) or room
        return told

    def _before(self, episode: Episode) -> str:
        """The room in which it began, as far as was told; "" where nobody said."""
        return self._rooms[episode.id - 1]

    def _placed(self, episode: Episode) -> Episode:
        """With the room in which it began."""
        room = self._before(episode) if episode.source is None else ""
        return replace(episode, text=f"{_header(room)}\n{episode.text}") if room else episode

    def _earlier(self, exclude: Sequence[int] = ()) -> list[Episode]:
        """What does not lie before the mind anyway."""
        told = [one for one in self._episodes if one.id not in exclude and one.source not in ASKED]
        return told[: max(len(told) - self.lately, 0)]

    def _goal(self) -> str:
        """Goal and hint, where they were told."""
        return " ".join(one.text for one in self._episodes if one.source in ASKED)

    def at(self, episode: int) -> Self:
        """The memory as it was after an episode."""
        then = copy(self)
        then._episodes, then._rooms = self._episodes[:episode], self._rooms[: episode + 1]
        return then

    @abstractmethod
    def _ranked(self, asks: Sequence[QueryLike], told: Sequence[Episode]) -> Sequence[Episode]:
        """The episodes, the one that is worth most first."""


class History(Texts):
    """All that was told; of what a budget does not hold the oldest goes first."""

    def _ranked(self, asks: Sequence[QueryLike], told: Sequence[Episode]) -> Sequence[Episode]:  # noqa: ARG002
        return told[::-1]


class Embedded(Texts, ABC):
    """Texts with their vectors."""

    def __init__(self, extractor: Extractor | None = None, embedder: Embedder | None = None) -> None:
        super().__init__(extractor)
        self._embedder = embedder or (MiniLM() if MiniLM.available() else HashEmbedder())
        self._known = dict[str, NDArray[np.float32]]()

    def _near(self, questions: Sequence[str], told: Sequence[Episode]) -> Ranks:
        """How near each question is to each episode: (questions, episodes), cosines."""
        texts = [*questions, *(one.text for one in told)]
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, self._embedder.embed(new), strict=True))
        vectors = np.array([self._known[text] for text in texts], np.float64)
        return vectors[: len(questions)] @ vectors[len(questions) :].T


class Rag(Embedded):
    """Texts searched by embedding: for each question those nearest to it, the rankings joined by reciprocal rank. A
    name alone is no question: where there are names all of them are one, what is said now another, the goal a third."""

    def _ranked(self, asks: Sequence[QueryLike], told: Sequence[Episode]) -> Sequence[Episode]:
        if not (asks and told):
            return told[::-1]
        ranks = np.argsort(np.argsort(-self._near(self._questions(asks), told), axis=1, kind="stable"), axis=1)
        return [told[place] for place in np.argsort(-_fused(ranks), kind="stable")]

    def _questions(self, asks: Sequence[QueryLike]) -> list[str]:
        names = ", ".join(ask.name for ask in asks if isinstance(ask, About))
        situation = [names, self._episodes[-1].text, self._goal()] if names else []
        asked = (_words_of(ask) for ask in asks if not isinstance(ask, About))
        return list(dict.fromkeys(filter(None, [*situation, *asked])))


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
            last = situation.recent[-1:] if situation else ()
            recalled = (one for step in last for one in step.recall.episodes if one.source != REFLECTION)
            self._recalled.append(tuple(one.id for one in recalled))
        return update

    def _ranked(self, asks: Sequence[QueryLike], told: Sequence[Episode]) -> Sequence[Episode]:
        if not told:
            return told
        now = len(self._episodes)
        thought_of = {one: number for number, some in enumerate(self._recalled[:now], 1) for one in some}
        ages = [now - thought_of.get(one.id, one.id) for one in told]
        recent = np.power(FADES, np.array(ages, np.float64))
        important = np.array([self._taught[one.id - 1] for one in told], np.float64)
        near = self._near([_words_of(ask) for ask in asks], told) if asks else np.zeros((1, len(told)))
        relevant = near.max(axis=0)
        worth = _from_0_to_1(recent) + _from_0_to_1(important) + _from_0_to_1(relevant)
        return [told[place] for place in np.argsort(-worth, kind="stable")]


class Summary(Texts):
    """A rolling summary, extracted: of each room as it was described last and the ways into it, and of what was done
    what came of it, each sentence once, where it was said last; of what a budget does not hold, what speaks least of
    what is asked, and is oldest, goes first."""

    def _ranked(self, asks: Sequence[QueryLike], told: Sequence[Episode]) -> Sequence[Episode]:
        parts = [part for one in told for part in _parts(one, self._before(one))]
        described = {part.room: part for part in parts if part.room}
        ways = {(part.before, part.head): part for part in parts if part.room}
        said = {(part.before, sentence): part for part in parts if not part.room for sentence in part.sentences}
        summed = list[Episode]()
        for one in told:
            lines, last = list[str](), True
            for part in (part for part in parts if part.of is one):
                kept = part.sentences if described.get(part.room) is part else ()
                if not part.room:
                    kept = tuple(told for told in part.sentences if said[part.before, told] is part)
                goes_on = bool(kept) or bool(part.before and ways.get((part.before, part.head)) is part)
                if goes_on:
                    lines += [*([] if last else [_header(part.before)]), part.head, *kept]
                last = goes_on
            if lines:
                summed.append(replace(one, text="\n".join(lines)))
        wanted = {word.casefold() for ask in asks for word in _WORD.findall(_words_of(ask))}

        def speaks(one: Episode) -> tuple[int, int]:
            return len(wanted & {word.casefold() for word in _WORD.findall(one.text)}), one.id

        return sorted(summed, key=speaks, reverse=True)


@dataclass(frozen=True, eq=False)
class _Part:
    """What came of one command of an episode: the room before it, the command and the room that is described, if one
    is, then the sentences."""

    of: Episode
    before: str
    head: str
    room: str
    sentences: tuple[str, ...]


def _parts(episode: Episode, before: str) -> Iterator[_Part]:
    """The parts of an episode, each begun by a line "> command"."""
    for text in re.split(r"\n(?=> )", episode.text):
        lines = text.split("\n")
        heads = [line for line in lines if line.startswith(("> ", "-= "))]
        rest = "\n".join(line for line in lines if line not in heads)
        sentences = tuple(one.strip() for one in _SENTENCE.split(rest) if one.strip())
        room = room_of(text) or ""
        yield _Part(episode, before, "\n".join(heads), room, sentences)
        before = room or before


def _header(room: str) -> str:
    return f"-= {room} =-"


def _words_of(ask: QueryLike) -> str:
    return ask if isinstance(ask, str) else ask.name if isinstance(ask, About) else ask.text


def _fused(ranks: NDArray[np.int64]) -> Ranks:
    """Rankings (asks, episodes) joined by reciprocal rank."""
    joined: Ranks = (1.0 / (FUSED + ranks)).sum(axis=0)
    return joined


def _from_0_to_1(values: Ranks) -> Ranks:
    low, high = values.min(), values.max()
    return np.zeros_like(values) if high == low else (values - low) / (high - low)

"""Memories that keep texts and no graph, to measure what a graph is worth.

Each recalls as many texts as a token budget holds, in an order of its own. What the mind sees anyway (its last steps,
the goal and the hint) is not recalled, so that it takes no tokens twice.
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
from ariadne.memory.embedders.hashing import HashEmbedder
from ariadne.memory.embedders.onnx import MiniLM
from ariadne.memory.retrieval.rendering import count_tokens, render_text
from ariadne.protocols import Embedder, Extractor
from ariadne.values import RECENT_STEPS, About, Episode, Query, QueryLike, Recall, Situation, Update, When, room_of

REFLECTION = "reflection"
"""The source of an episode that holds thoughts instead of an observation."""
ALWAYS_SEEN = ("goal", "hint")
"""The sources of the episodes that the mind always sees."""
RANK_OFFSET = 60
"""A rank counts 1 / (RANK_OFFSET + rank) where rankings are joined: the larger, the less the first ranks stand out."""
DECAY = 0.99
"""The recency of an episode is this to the power of the steps since it was recalled or remembered."""
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
Ranks = NDArray[np.float64]


class Texts(NoMemory, ABC):
    """A memory that keeps texts; each subclass ranks them."""

    def __init__(self, extractor: Extractor | None = None, *, in_view: int = RECENT_STEPS) -> None:
        """Create an empty memory.

        Args:
            extractor: What reads the texts; the rules by default.
            in_view: How many of the newest episodes the mind sees anyway; they are not recalled.
        """
        super().__init__(extractor)
        self._in_view = in_view
        self._episodes = list[Episode]()
        self._rooms = [""]
        """The room after each number of episodes; "" for an unknown room."""

    def remember(
        self, text: str, *, key: str | None = None, at: When | None = None, source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:  # fmt: skip
        """Keep a text and return its episode and reading; a repeated `key` returns its first Update."""
        update = super().remember(text, key=key, at=at, source=source, situation=situation)
        if update.episode.id > len(self._episodes):
            self._episodes.append(update.episode)
            self._rooms.append(room_of(text) or self._rooms[-1])
        return update

    def recall(
        self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, exclude: Sequence[int] = ()
    ) -> Recall:
        """Return the best episodes, as many as `max_tokens` hold, the oldest first.

        An episode that does not begin in the room where the text before it ends is shown with the header of its room.
        """
        queries = [query] if isinstance(query, (str, Query, About)) else list(query)
        chosen, episodes = list[Episode](), list[Episode]()
        for episode in self._ranked(queries, self._earlier(exclude)):
            more = self._in_order([*chosen, episode])
            if max_tokens is None or count_tokens(more) <= max_tokens:
                chosen, episodes = [*chosen, episode], more
        return Recall(episodes=tuple(episodes), text=render_text(episodes))

    def _in_order(self, episodes: Sequence[Episode]) -> list[Episode]:
        """Return episodes by number, each with the header of its room where that is not clear."""
        ordered, room = list[Episode](), ""
        for episode in sorted(episodes, key=lambda episode: episode.id):
            clear = episode.source is None and room == self._room_before(episode)
            ordered.append(episode if clear else self._with_header(episode))
            room = room_of(ordered[-1].text) or room
        return ordered

    def _room_before(self, episode: Episode) -> str:
        """Return the room in which an episode begins; "" if it is unknown."""
        return self._rooms[episode.id - 1]

    def _with_header(self, episode: Episode) -> Episode:
        """Return an episode whose text begins with its room, if that is known."""
        room = self._room_before(episode) if episode.source is None else ""
        return replace(episode, text=f"{_header(room)}\n{episode.text}") if room else episode

    def _earlier(self, exclude: Sequence[int] = ()) -> list[Episode]:
        """Return the episodes that the mind does not see anyway."""
        earlier = [each for each in self._episodes if each.id not in exclude and each.source not in ALWAYS_SEEN]
        return earlier[: max(len(earlier) - self._in_view, 0)]

    def _goal(self) -> str:
        """Return goal and hint, as far as they are known."""
        return " ".join(episode.text for episode in self._episodes if episode.source in ALWAYS_SEEN)

    def at(self, episode: int) -> Self:
        """Return the memory as it was after an episode."""
        view = copy(self)
        view._episodes, view._rooms = self._episodes[:episode], self._rooms[: episode + 1]
        return view

    @abstractmethod
    def _ranked(self, queries: Sequence[QueryLike], episodes: Sequence[Episode]) -> Sequence[Episode]:
        """Return the episodes, the best first."""


class History(Texts):
    """All texts; the oldest ones are dropped where a budget does not hold all."""

    def _ranked(self, queries: Sequence[QueryLike], episodes: Sequence[Episode]) -> Sequence[Episode]:  # noqa: ARG002
        return episodes[::-1]


class Embedded(Texts, ABC):
    """Texts with their vectors."""

    def __init__(
        self, extractor: Extractor | None = None, embedder: Embedder | None = None, *, in_view: int = RECENT_STEPS
    ) -> None:
        super().__init__(extractor, in_view=in_view)
        self._embedder = embedder or (MiniLM() if MiniLM.available() else HashEmbedder())
        self._vectors = dict[str, NDArray[np.float32]]()

    def _cosines(self, questions: Sequence[str], episodes: Sequence[Episode]) -> Ranks:
        """Return how near each question is to each episode: (questions, episodes)."""
        texts = [*questions, *(episode.text for episode in episodes)]
        if new := [text for text in dict.fromkeys(texts) if text not in self._vectors]:
            self._vectors.update(zip(new, self._embedder.embed(new), strict=True))
        vectors = np.array([self._vectors[text] for text in texts], np.float64)
        return vectors[: len(questions)] @ vectors[len(questions) :].T


class Rag(Embedded):
    """Retrieval-augmented generation: texts by vector search, with the rankings of all questions joined by their ranks.

    A name alone is no question. All queried names are one question; with them the newest text and the goal are two
    more.
    """

    def _ranked(self, queries: Sequence[QueryLike], episodes: Sequence[Episode]) -> Sequence[Episode]:
        if not (queries and episodes):
            return episodes[::-1]
        cosines = self._cosines(self._questions(queries), episodes)
        ranks = np.argsort(np.argsort(-cosines, axis=1, kind="stable"), axis=1)
        return [episodes[place] for place in np.argsort(-_joined(ranks), kind="stable")]

    def _questions(self, queries: Sequence[QueryLike]) -> list[str]:
        names = ", ".join(query.name for query in queries if isinstance(query, About))
        situation = [names, self._episodes[-1].text, self._goal()] if names else []
        texts = (_text_of(query) for query in queries if not isinstance(query, About))
        return list(dict.fromkeys(filter(None, [*situation, *texts])))


class Simulacra(Embedded):
    """Texts by the sum of recency, importance and relevance, each scaled to 0 to 1, as in Generative Agents.

    Recency counts from the last step that remembered or recalled an episode. The situation names what the last step
    recalled, so a resumed run ranks as an uninterrupted one. Importance is the number of new triplets that a text
    states; the paper asks a model. Relevance is the cosine to the nearest query. Without a model nothing reflects.
    """

    def __init__(
        self, extractor: Extractor | None = None, embedder: Embedder | None = None, *, in_view: int = RECENT_STEPS
    ) -> None:
        super().__init__(extractor, embedder, in_view=in_view)
        self._known = set[str]()
        """All triplets so far, as text."""
        self._new_counts = list[int]()
        """For each episode, how many new triplets it states."""
        self._recalled = list[tuple[int, ...]]()
        """For each episode, the episodes that the step before it recalled."""

    def remember(
        self, text: str, *, key: str | None = None, at: When | None = None, source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:  # fmt: skip
        """Keep a text as Texts does, and count its new triplets."""
        update = super().remember(text, key=key, at=at, source=source, situation=situation)
        if update.episode.id > len(self._new_counts):
            new = {str(triplet) for triplet in update.reading.triplets} - self._known
            self._known |= new
            self._new_counts.append(len(new))
            last = situation.recent[-1:] if situation else ()
            recalled = (each for step in last for each in step.recall.episodes if each.source != REFLECTION)
            self._recalled.append(tuple(episode.id for episode in recalled))
        return update

    def _ranked(self, queries: Sequence[QueryLike], episodes: Sequence[Episode]) -> Sequence[Episode]:
        if not episodes:
            return episodes
        now = len(self._episodes)
        last_recalled = {
            episode: number for number, recalled in enumerate(self._recalled[:now], 1) for episode in recalled
        }
        ages = [now - last_recalled.get(episode.id, episode.id) for episode in episodes]
        recency = np.power(DECAY, np.array(ages, np.float64))
        importance = np.array([self._new_counts[episode.id - 1] for episode in episodes], np.float64)
        texts = [_text_of(query) for query in queries]
        cosines = self._cosines(texts, episodes) if queries else np.zeros((1, len(episodes)))
        relevance = cosines.max(axis=0)
        scores = _from_0_to_1(recency) + _from_0_to_1(importance) + _from_0_to_1(relevance)
        return [episodes[place] for place in np.argsort(-scores, kind="stable")]


class Summary(Texts):
    """A rolling summary, extracted without a model.

    It keeps the last description of each room with the commands that led there, and each other sentence once, where it
    stood last. What shares fewest words with the queries, and is oldest, is dropped first.
    """

    def _ranked(self, queries: Sequence[QueryLike], episodes: Sequence[Episode]) -> Sequence[Episode]:
        wanted = {word.casefold() for query in queries for word in _WORD.findall(_text_of(query))}

        def relevance(episode: Episode) -> tuple[int, int]:
            return len(wanted & {word.casefold() for word in _WORD.findall(episode.text)}), episode.id

        return sorted(self._summarized(episodes), key=relevance, reverse=True)

    def _summarized(self, episodes: Sequence[Episode]) -> list[Episode]:
        """Return the episodes as the summary keeps them, without those that it drops."""
        parts = [part for episode in episodes for part in _parts(episode, self._room_before(episode))]
        descriptions = {part.room: part for part in parts if part.room}
        entries = {(part.before, part.head): part for part in parts if part.room}
        sentences = {(part.before, each): part for part in parts if not part.room for each in part.sentences}
        summarized = list[Episode]()
        for episode in episodes:
            lines, continues = list[str](), True
            for part in (part for part in parts if part.episode is episode):
                if part.room:
                    kept = part.sentences if descriptions[part.room] is part else ()
                else:
                    kept = tuple(each for each in part.sentences if sentences[part.before, each] is part)
                is_kept = bool(kept) or bool(part.before and entries.get((part.before, part.head)) is part)
                if is_kept:
                    lines += [*([] if continues else [_header(part.before)]), part.head, *kept]
                continues = is_kept
            if lines:
                summarized.append(replace(episode, text="\n".join(lines)))
        return summarized


@dataclass(frozen=True, eq=False)
class _Part:
    """What one command of an episode led to."""

    episode: Episode
    before: str
    """The room where the command was given."""
    head: str
    """The command, and the header of the room that follows, if one does."""
    room: str
    """The room that is described; "" without one."""
    sentences: tuple[str, ...]


def _parts(episode: Episode, before: str) -> Iterator[_Part]:
    """Yield the parts of an episode; each begins with a line "> command"."""
    for text in re.split(r"\n(?=> )", episode.text):
        lines = text.split("\n")
        heads = [line for line in lines if line.startswith(("> ", "-= "))]
        rest = "\n".join(line for line in lines if line not in heads)
        sentences = tuple(each.strip() for each in _SENTENCE.split(rest) if each.strip())
        room = room_of(text) or ""
        yield _Part(episode, before, "\n".join(heads), room, sentences)
        before = room or before


def _header(room: str) -> str:
    return f"-= {room} =-"


def _text_of(query: QueryLike) -> str:
    return query if isinstance(query, str) else query.name if isinstance(query, About) else query.text


def _joined(ranks: NDArray[np.int64]) -> Ranks:
    """Return (episodes,) the scores of rankings (questions, episodes) joined by reciprocal rank."""
    joined: Ranks = (1.0 / (RANK_OFFSET + ranks)).sum(axis=0)
    return joined


def _from_0_to_1(values: Ranks) -> Ranks:
    """Return values scaled to 0 to 1; all 0 where they are equal."""
    low, high = values.min(), values.max()
    return np.zeros_like(values) if high == low else (values - low) / (high - low)

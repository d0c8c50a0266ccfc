"""Memories of texts in which a language model writes: a rolling summary, or reflections beside what was told.

What it wrote is kept in what is recalled, and nowhere else: a run that is taken up again finds it in its last step and
asks for nothing twice.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, Field

from ariadne import tokens
from ariadne.errors import ReplyError
from ariadne.llm.prompts import data, load, one_line
from ariadne.memory.baselines.texts import REFLECTION, Simulacra, Texts
from ariadne.memory.retrieval import rendering
from ariadne.protocols import Extractor, Model
from ariadne.values import Episode, QueryLike, Recall, Situation, Update, When

SUMMARY = "summary"
"""The source of what was written; its number is that of the last episode that it tells of, as with a REFLECTION."""
ENOUGH = 25
"""After so many new triplets it reflects."""
_WORDS = 400  # of a summary that nobody bounds
_TOKENS_A_WORD = 2  # at most, as they are counted
_SHOWN = 12_000  # characters of what was told since: the newest
_PROMPTS = Path(__file__).parent / "prompts"
R = TypeVar("R", bound=BaseModel)


class Summed(BaseModel):
    """The reply to `summarize.txt`."""

    summary: str = Field(min_length=1)


class Thoughts(BaseModel):
    """The reply to `reflect.txt`."""

    thoughts: list[str] = Field(min_length=1, max_length=5)


class Writing(Texts):
    """Texts of which a model writes, where it has something new to tell: an episode that stands for those up to its
    number. Where a reply cannot be read it raises ReplyError, or with `skip` keeps to what it wrote before; what that
    does not tell of comes with the next."""

    source: str

    def __init__(self, model: Model, extractor: Extractor | None = None, *, skip: bool = False) -> None:
        super().__init__(extractor)
        self._model, self._skip = model, skip
        self._written: Episode | None = None

    def remember(
        self, text: str, *, key: str | None = None, at: When | None = None, source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:  # fmt: skip
        """As the texts themselves; what was written so far is what was recalled last."""
        last = situation.recent[-1:] if situation else ()
        recalled = (one for step in last for one in step.recall.episodes if one.source == self.source)
        self._written = next(recalled, self._written)
        return super().remember(text, key=key, at=at, source=source, situation=situation)

    def at(self, episode: int) -> Self:
        """The memory as it was after an episode, though what was written since is lost."""
        then = super().at(episode)
        then._written = self._written if self._written and self._written.id <= episode else None
        return then

    def _new(self, told: Sequence[Episode]) -> list[Episode]:
        """What was told since it wrote."""
        return [one for one in told if self._written is None or one.id > self._written.id]

    def _write(
        self, prompt: str, reply: type[R], new: Sequence[Episode], text: Callable[[R], str], **more: str
    ) -> None:
        """Have it written anew of what it is by now, and of new episodes."""
        messages = load(_PROMPTS / prompt).messages(
            goal=one_line(self._goal()), written=data(self._written.text if self._written else ""),
            seen=data("\n\n".join(one.text for one in new)[-_SHOWN:]), **more,
        )  # fmt: skip
        try:
            told = text(self._model.ask(messages, reply))
        except ReplyError:
            if not self._skip:
                raise
        else:
            self._written = Episode(new[-1].id, told, new[-1].at, self.source, {})


class WrittenSummary(Writing):
    """A summary that is written anew whenever something leaves what lies before the mind anyway, and is all that is
    recalled."""

    source = SUMMARY

    def recall(
        self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, exclude: Sequence[int] = ()  # noqa: ARG002
    ) -> Recall:  # fmt: skip
        """As many of its words, from the first one on, as `max_tokens` hold."""
        if new := self._new(self._earlier(exclude)):
            words = _WORDS if max_tokens is None else max(max_tokens // _TOKENS_A_WORD, 1)
            self._write("summarize.txt", Summed, new, lambda reply: reply.summary, words=str(words))
        if new and self._written:
            self._written = _within(self._written, max_tokens)
        fits = rendering.fit_to_budget((), (), [self._written] if self._written else [], max_tokens)
        return Recall(episodes=tuple(one for one in fits if isinstance(one, Episode)), text=rendering.text(fits))

    def _ranked(self, asks: Sequence[QueryLike], told: Sequence[Episode]) -> Sequence[Episode]:  # noqa: ARG002
        return told


class Reflecting(Writing, Simulacra):
    """Simulacra that reflects: once enough is new, a model writes at most five thoughts on it and on the thoughts
    before, which are recalled first."""

    source = REFLECTION

    def _ranked(self, asks: Sequence[QueryLike], told: Sequence[Episode]) -> Sequence[Episode]:
        new = self._new(told)
        if sum(self._taught[one.id - 1] for one in new) >= ENOUGH:
            self._write("reflect.txt", Thoughts, new, lambda reply: "\n".join(reply.thoughts))
        ranked = super()._ranked(asks, told)
        return [self._written, *ranked] if self._written else ranked


def _within(episode: Episode, most: int | None) -> Episode:
    """With as many of its words, from the first one on, as so many tokens hold, and with one at least."""
    if most is None:
        return episode

    def with_words(many: int) -> Episode:
        return replace(episode, text=" ".join(words[:many]))

    words = episode.text.split()
    many = bisect(range(1, len(words) + 1), most, key=lambda many: tokens.count(rendering.text([with_words(many)])))
    return with_words(max(many, 1))

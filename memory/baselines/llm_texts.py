"""Memories of texts for which a language model writes: a rolling summary, or reflections beside the texts.

What the model writes is kept in the recalls alone. A resumed run finds it in its last step and asks for nothing twice.
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
from ariadne.memory.retrieval.budget import fit_to_budget
from ariadne.memory.retrieval.rendering import render_text
from ariadne.protocols import Extractor, Model
from ariadne.values import RECENT_STEPS, Episode, QueryLike, Recall, Situation, Update, When

SUMMARY = "summary"
"""The source of a summary. Its number is that of the last episode it covers, as with a REFLECTION."""
ENOUGH = 25
"""After this many new triplets the memory reflects."""
_WORDS = 400
"""The most words of a summary without a token budget."""
_TOKENS_A_WORD = 2
"""An upper bound of the tokens of a word, as they are counted."""
_NEW_CHARACTERS = 12_000
"""How many characters of the new texts the model is shown, the last ones."""
_PROMPTS = Path(__file__).parent / "prompts"
R = TypeVar("R", bound=BaseModel)


class Summed(BaseModel):
    """The reply to `summarize.txt`."""

    summary: str = Field(min_length=1)


class Thoughts(BaseModel):
    """The reply to `reflect.txt`."""

    thoughts: list[str] = Field(min_length=1, max_length=5)


class LLMTexts(Texts):
    """Texts for which a model writes an episode that stands for all episodes up to its number.

    A reply that cannot be read raises ReplyError. With `skip` the memory keeps what was written before, and asks about
    the same episodes again with the next ones.
    """

    source: str

    def __init__(
        self, model: Model, extractor: Extractor | None = None, *, skip: bool = False, in_view: int = RECENT_STEPS
    ) -> None:
        super().__init__(extractor, in_view=in_view)
        self._model, self._skip = model, skip
        self._written: Episode | None = None

    def remember(
        self, text: str, *, key: str | None = None, at: When | None = None, source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:  # fmt: skip
        """Keep a text as Texts does, and take over what the last step recalled of the model's writing."""
        last = situation.recent[-1:] if situation else ()
        recalled = (each for step in last for each in step.recall.episodes if each.source == self.source)
        self._written = next(recalled, self._written)
        return super().remember(text, key=key, at=at, source=source, situation=situation)

    def at(self, episode: int) -> Self:
        """Return the memory as it was after an episode, without what the model wrote later."""
        view = super().at(episode)
        view._written = self._written if self._written and self._written.id <= episode else None
        return view

    def _new(self, episodes: Sequence[Episode]) -> list[Episode]:
        """Return the episodes that the model's writing does not cover."""
        return [each for each in episodes if self._written is None or each.id > self._written.id]

    def _write(
        self, prompt: str, reply: type[R], new: Sequence[Episode], text_of: Callable[[R], str], **values: str
    ) -> None:
        """Have the model rewrite its text from the text so far and new episodes."""
        messages = load(_PROMPTS / prompt).messages(
            goal=one_line(self._goal()), written=data(self._written.text if self._written else ""),
            seen=data("\n\n".join(each.text for each in new)[-_NEW_CHARACTERS:]), **values,
        )  # fmt: skip
        try:
            text = text_of(self._model.ask(messages, reply))
        except ReplyError:
            if not self._skip:
                raise
        else:
            self._written = Episode(new[-1].id, text, new[-1].at, self.source, {})


class LLMSummary(LLMTexts):
    """A summary, and nothing else, is recalled; it is rewritten when an episode leaves the mind's view."""

    source = SUMMARY

    def recall(
        self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, exclude: Sequence[int] = ()  # noqa: ARG002
    ) -> Recall:  # fmt: skip
        """Return the summary, cut to its first words where `max_tokens` does not hold all."""
        if new := self._new(self._earlier(exclude)):
            words = _WORDS if max_tokens is None else max(max_tokens // _TOKENS_A_WORD, 1)
            self._write("summarize.txt", Summed, new, lambda reply: reply.summary, words=str(words))
        if new and self._written:
            self._written = _cut(self._written, max_tokens)
        items = fit_to_budget((), (), [self._written] if self._written else [], max_tokens)
        episodes = tuple(item for item in items if isinstance(item, Episode))
        return Recall(episodes=episodes, text=render_text(items))

    def _ranked(self, queries: Sequence[QueryLike], episodes: Sequence[Episode]) -> Sequence[Episode]:  # noqa: ARG002
        return episodes


class ReflectingSimulacra(LLMTexts, Simulacra):
    """Simulacra with reflections, which are recalled first.

    After ENOUGH new triplets the model writes at most five thoughts from the new episodes and the thoughts so far.
    """

    source = REFLECTION

    def _ranked(self, queries: Sequence[QueryLike], episodes: Sequence[Episode]) -> Sequence[Episode]:
        new = self._new(episodes)
        if sum(self._new_counts[each.id - 1] for each in new) >= ENOUGH:
            self._write("reflect.txt", Thoughts, new, lambda reply: "\n".join(reply.thoughts))
        ranked = super()._ranked(queries, episodes)
        return [self._written, *ranked] if self._written else ranked


def _cut(episode: Episode, max_tokens: int | None) -> Episode:
    """Return an episode with as many of its first words as the tokens hold, and one at least."""
    if max_tokens is None:
        return episode

    def first(count: int) -> Episode:
        return replace(episode, text=" ".join(words[:count]))

    words = episode.text.split()
    counts = range(1, len(words) + 1)
    count = bisect(counts, max_tokens, key=lambda count: tokens.count(render_text([first(count)])))
    return first(max(count, 1))

"""What a token budget holds of a recall: items in the order of what matters, long texts by their passages."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ariadne import tokens
from ariadne.memory.retrieval.rendering import HEADINGS, Item, count_tokens, heading_of, line_of
from ariadne.memory.storage.text.sentences import is_in_sentence, sentences_of, words_of
from ariadne.values import Detail, Episode, Fact, Span

EACH = 10
"""After this many facts an episode matters more than the next fact."""
WINDOWS = 32
"""At most about this many pieces of a sentence are compared, to show the best of one that is too long."""
SCRAP = 100
"""A piece of a sentence with fewer characters is kept only if nothing else is."""
LEAST_WORDS = 5
"""The fewest words of a piece of a sentence, those of the query among them."""
OMITTED: tuple[tuple[Detail, ...], ...] = (), ("place",), ("place", "date"), ("place", "date", "source")
"""What the line of an excerpt may lack, so that the excerpt fits."""
BESIDE = 20, 8, LEAST_WORDS, LEAST_WORDS
"""For each of OMITTED: the fewest words of a cut sentence that stand beside the other details."""

RankTexts = Callable[[Sequence[str]], Sequence[int]]
"""Returns the places of texts, that of the best one first."""
Fits = Callable[[Span], bool]
"""Returns whether a piece of a text fits."""


def _in_order(texts: Sequence[str]) -> Sequence[int]:
    return range(len(texts))


@dataclass(frozen=True)
class Passages:
    """How the texts of a recall are cut."""

    ranked: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    """By number of an episode: the passages of its text to show, best first. Others are shown whole or not at all."""
    rank: RankTexts = _in_order
    """Ranks the sentences of a passage, and the pieces of a sentence."""


WHOLE = Passages()
"""Each episode is one piece."""


def fit_to_budget(
    named: Sequence[Fact], found: Sequence[Fact], episodes: Sequence[Episode], max_tokens: int | None,
    passages: Passages = WHOLE,
) -> list[Item]:  # fmt: skip
    """Return the items whose text keeps within `max_tokens`; all of them for None.

    What matters most comes first: the facts about names, then the facts found, with an episode after every ten. An item
    that is too long for the rest of the budget is skipped, and shorter ones follow. A conflicting fact that is too long
    is tried once more without its sources.

    A long text comes by its best passage. If tokens are left in the end, its next best passages follow, or all of it.
    The first episode is cut to its best sentences, if it does not fit otherwise. Its place, its date and its source are
    left out, in this order, if even a few words do not fit beside them.

    Args:
        named: The facts about the queried names, best first.
        found: The facts that queries found, best first.
        episodes: Best first.
        max_tokens: The token budget of the whole text.
        passages: The passages of the episodes, and how to rank their sentences.
    """
    order = [*named, *_mixed(found, episodes)]
    if max_tokens is None:
        return order
    budget = _Budget(max_tokens, passages)
    for item in order:
        budget.take(item)
    for episode in episodes:
        if not budget.kept and episode.id not in passages.ranked:
            budget.take_excerpt(episode, (0, len(episode.text)))
    budget.use_the_rest()
    return budget.kept


class _Budget:
    """The items kept so far, and their tokens."""

    def __init__(self, most: int, passages: Passages) -> None:
        self._most, self._passages = most, passages
        self._spent = self._ending = 0
        """The tokens of all lines with their ends, and those of the end of the last line, which the text lacks."""
        self._headed = set[str]()
        self.kept = list[Item]()

    def take(self, item: Item) -> None:
        """Keep an item if it fits in one of its shapes."""
        if any(self._add(shape) for shape in self._shapes(item)) or not isinstance(item, Episode):
            return
        ranked = self._passages.ranked.get(item.id)
        if ranked and HEADINGS[1] not in self._headed:
            self.take_excerpt(item, ranked[0])

    def _shapes(self, item: Item) -> list[Item]:
        """Return an item, and for a conflicting fact the one without its sources; of a long text its best passage."""
        if isinstance(item, Fact):
            return [item, *([replace(item, conflict=item.conflict.partition(":")[0])] if item.conflict else [])]
        ranked = self._passages.ranked.get(item.id, ())
        return [_cut(item, (ranked[0],)) if ranked else item]

    def _add(self, item: Item) -> bool:
        """Keep an item if it fits."""
        if not self._fits(item):
            return False
        cost, self._ending = self._cost(item)
        self._spent += cost
        self._headed.add(heading_of(item))
        self.kept.append(item)
        return True

    def _fits(self, item: Item) -> bool:
        cost, ending = self._cost(item)
        return self._spent + cost - ending <= self._most

    def _cost(self, item: Item) -> tuple[int, int]:
        """Return the tokens that an item adds, and those of the end of the text's last line after it."""
        line, heading = line_of(item), heading_of(item)
        cost = tokens.count(f"{line}\n")  # no token crosses the end of a line
        is_last = heading == HEADINGS[1] or HEADINGS[1] not in self._headed
        ending = cost - tokens.count(line) if is_last else self._ending
        return cost + (0 if heading in self._headed else tokens.count(f"{heading}\n")), ending

    # -- long texts ------------------------------------------------------------------------------------------------

    def take_excerpt(self, episode: Episode, passage: Span) -> None:
        """Keep the best sentences of a passage that fit, or a piece of the best one; nothing if no few words fit.

        Beside other items a short piece is left out, and so is nothing but the place of a longer one.
        """
        shapes = [replace(episode, omitted=omitted) for omitted in (OMITTED[:2] if self.kept else OMITTED)]

        def fitting(shape: Episode) -> Fits:
            return lambda span: self._fits(_cut(shape, (span,)))

        fits = [fitting(shape) for shape in shapes]
        if not fits[-1]((passage[0], passage[0] + 1)):  # no room for its number
            return
        if (found := excerpt(episode.text, passage, fits, self._passages.rank)) is not None:
            shape, (start, end) = found
            piece = _cut(shapes[shape], ((start, end),))
            if not self.kept or piece.excerpt == episode.text[start:end] or end - start >= SCRAP:
                self._add(piece)

    def use_the_rest(self) -> None:
        """Show more of the long texts: all of a text if it fits, or else its next best passages that fit."""
        for place, item in enumerate(self.kept):
            if isinstance(item, Episode) and item.passages and not self._replaced(place, _whole(item)):
                self._extend(place, item)

    def _extend(self, place: int, episode: Episode) -> None:
        for passage in self._passages.ranked.get(episode.id, ()):
            shown = [span for span in episode.passages if not (passage[0] <= span[0] and span[1] <= passage[1])]
            longer = _cut(_whole(episode), _joined([*shown, passage], episode.text))
            if self._replaced(place, longer):
                episode = longer

    def _replaced(self, place: int, longer: Episode) -> bool:
        """Show a longer piece of a kept episode, if it fits."""
        changed = [*self.kept[:place], longer, *self.kept[place + 1 :]]
        if count_tokens(changed) > self._most:
            return False
        self.kept = changed
        return True


def _whole(episode: Episode) -> Episode:
    """Return an episode with all of its text and its details."""
    return replace(episode, passages=(), cut=(False, False), omitted=())


def _cut(episode: Episode, spans: tuple[Span, ...]) -> Episode:
    """Return an episode that shows only some spans of its text."""
    text, start, end = episode.text, spans[0][0], spans[-1][1]
    if spans == ((0, len(text)),):
        return replace(episode, passages=())
    return replace(episode, passages=spans, cut=(is_in_sentence(text, start), is_in_sentence(text, end)))


def _joined(spans: Sequence[Span], text: str) -> tuple[Span, ...]:
    """Return spans in order; those with only blanks between them become one."""
    joined = list[Span]()
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


# -- a piece of a passage: functions of texts alone --------------------------------------------------------------------


def excerpt(text: str, passage: Span, shapes: Sequence[Fits], rank: RankTexts) -> tuple[int, Span] | None:
    """Return what to show of a passage, and in which shape: a whole sentence if possible, or else a piece of it.

    A shape returns whether a span fits in a line; each shape has room for more than the one before. The best sentence
    comes with those around it that fit. It is whole in one of the first two shapes. Otherwise a piece of it comes in
    the first shape that has room for enough words (BESIDE). Return None if no shape has.
    """
    sentences = sentences_of(text, passage)
    if not sentences:
        return None
    best = rank([text[start:end] for start, end in sentences])[0] if len(sentences) > 1 else 0
    for place, fits in enumerate(shapes[:2]):
        if fits(sentences[best]):
            return place, _with_neighbours(sentences, (best, best + 1), fits)
    words = words_of(text, sentences[best])
    seed = _best_words(text, words, rank)
    for place, fits in enumerate(shapes):
        found = _longest(words, seed, fits)
        if found is not None and (found[1] - found[0] >= min(BESIDE[place], len(words))):
            return place, _span(words, found)
    return None


def _with_neighbours(sentences: Sequence[Span], chosen: Span, fits: Fits) -> Span:
    """Return the span of chosen sentences with those after and before them that fit."""
    while True:
        first, last = chosen
        for more in ((first, last + 1), (first - 1, last)):
            if more[0] >= 0 and more[1] <= len(sentences) and fits(_span(sentences, more)):
                chosen = more
                break
        else:
            return _span(sentences, chosen)


def _best_words(text: str, words: Sequence[Span], rank: RankTexts) -> Span:
    """Return which LEAST_WORDS words of a sentence are best, as places; all if there are fewer.

    At most about WINDOWS pieces are compared at a time: long ones first, then shorter ones in the best of them.
    """
    first, last = 0, len(words)
    while last - first > LEAST_WORDS:
        step = -(-(last - first - LEAST_WORDS) // WINDOWS)
        size = max(2 * step, LEAST_WORDS)
        starts = [*range(first, last - size, step), last - size]
        windows = [_span(words, (each, each + size)) for each in starts]
        first = starts[rank([text[start:end] for start, end in windows])[0]]
        last = first + size
    return first, last


def _longest(words: Sequence[Span], seed: Span, fits: Fits) -> Span | None:
    """Return the most words around a seed that fit, as places; None if the seed does not fit."""
    least = seed[1] - seed[0]

    def around(more: int) -> Span:
        first = min(max(seed[0] - more // 2, 0), len(words) - least - more)
        return first, first + least + more

    def is_too_long(more: int) -> bool:
        return not fits(_span(words, around(more)))

    if is_too_long(0):
        return None
    more = bisect_right(range(1, len(words) - least + 1), x=False, key=is_too_long)
    return seed if is_too_long(more) else around(more)


def _span(pieces: Sequence[Span], places: Span) -> Span:
    """Return the span from the first to the last of some pieces."""
    return pieces[places[0]][0], pieces[places[1] - 1][1]


def _mixed(facts: Sequence[Fact], episodes: Sequence[Episode]) -> list[Item]:
    mixed, left = list[Item](), list(episodes)
    for place, fact in enumerate(facts, 1):
        mixed.append(fact)
        if place % EACH == 0 and left:
            mixed.append(left.pop(0))
    return [*mixed, *left]

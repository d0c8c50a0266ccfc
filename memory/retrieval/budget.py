"""What a token budget holds of a recall: items in the order of what matters, long texts by their passages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ariadne import tokens
from ariadne.memory.retrieval.rendering import HEADINGS, Item, count_tokens, heading_of, line_of
from ariadne.memory.storage.sentences import sentences_of
from ariadne.values import Episode, Fact, Span

EACH = 10
"""After this many facts an episode matters more than the next fact."""
WINDOWS = 32
"""At most about this many pieces of a sentence are compared, to show the best of one that is too long."""
SCRAP = 100
"""A piece of a sentence with fewer characters is kept only if nothing else is."""
_BLANK = re.compile(r"\s")

RankTexts = Callable[[Sequence[str]], Sequence[int]]
"""Returns the places of texts, that of the best one first."""


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
    The first episode is cut to its best sentences, if it does not fit otherwise.

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
        if not budget.kept:
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
        return [replace(item, passages=(ranked[0],)) if len(ranked) > 1 else item]

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
        """Keep the best sentences of a passage that fit, or a piece of the best one; nothing if no word fits.

        A piece of a few words is kept only if nothing else is.
        """

        def fits(span: Span) -> bool:
            return self._fits(replace(episode, passages=(span,)))

        if not fits((passage[0], passage[0] + 1)):  # no room for its number and its place
            return
        if (span := excerpt(episode.text, passage, fits, self._passages.rank)) is not None:
            piece = replace(episode, passages=(span,))
            is_cut = piece.excerpt != episode.text[span[0] : span[1]]
            if not self.kept or not is_cut or span[1] - span[0] >= SCRAP:
                self._add(piece)

    def use_the_rest(self) -> None:
        """Show more of the long texts: all of a text if it fits, or else its next best passages that fit."""
        for place, item in enumerate(self.kept):
            if isinstance(item, Episode) and item.passages and not self._replaced(place, replace(item, passages=())):
                self._extend(place, item)

    def _extend(self, place: int, episode: Episode) -> None:
        for passage in self._passages.ranked.get(episode.id, ()):
            shown = [span for span in episode.passages if not (passage[0] <= span[0] and span[1] <= passage[1])]
            longer = replace(episode, passages=_joined([*shown, passage], episode.text))
            if self._replaced(place, longer):
                episode = longer

    def _replaced(self, place: int, longer: Episode) -> bool:
        """Show a longer piece of a kept episode, if it fits."""
        changed = [*self.kept[:place], longer, *self.kept[place + 1 :]]
        if count_tokens(changed) > self._most:
            return False
        self.kept = changed
        return True


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


def excerpt(text: str, passage: Span, fits: Callable[[Span], bool], rank: RankTexts) -> Span | None:
    """Return the best sentence of a passage with those around it that fit, or a piece of it; None if no word fits."""
    sentences = sentences_of(text, passage)
    if not sentences:
        return None
    best = rank([text[start:end] for start, end in sentences])[0] if len(sentences) > 1 else 0
    if not fits(sentences[best]):
        return _piece(text, sentences[best], fits, rank)
    first = last = best
    growing = True
    while growing:
        growing = False
        for more in ((first, last + 1), (first - 1, last)):
            if more[0] >= 0 and more[1] < len(sentences) and fits((sentences[more[0]][0], sentences[more[1]][1])):
                (first, last), growing = more, True
                break
    return sentences[first][0], sentences[last][1]


def _piece(text: str, sentence: Span, fits: Callable[[Span], bool], rank: RankTexts) -> Span | None:
    """Return the best piece of a sentence that fits, cut between words where it has blanks; None if no word fits."""
    start, end = sentence
    size = bisect_right(range(1, end - start), x=False, key=lambda length: not fits((start, start + length)))
    if not size:
        return None
    starts = [*range(start, end - size, max(size // 2, (end - start) // WINDOWS, 1)), end - size]
    windows = [_between_words(text, (each, each + size), sentence) for each in starts]
    best = windows[rank([text[one:other] for one, other in windows])[0]]
    return next((span for span in _shorter(text, best) if fits(span)), None)


def _between_words(text: str, window: Span, sentence: Span) -> Span:
    """Return a window that begins and ends between words; one without blanks near its ends is returned as it is."""
    start, end = window
    half = (start + end) // 2
    blanks = [found.start() for found in _BLANK.finditer(text, start, end)]
    if start > sentence[0] and not text[start - 1].isspace():
        start = next((blank + 1 for blank in blanks if blank < half), start)
    if end < sentence[1] and not text[end].isspace():
        end = next((blank for blank in reversed(blanks) if blank > half), end)
    return start, end


def _shorter(text: str, span: Span) -> Iterator[Span]:
    """Yield a span, and ever shorter beginnings of it: a word less each time, or a tenth of a single word."""
    start, end = span
    while start < end:
        yield start, end
        blanks = [found.start() for found in _BLANK.finditer(text, start, end)]
        end = blanks[-1] if blanks else end - max((end - start) // 10, 1)


def _mixed(facts: Sequence[Fact], episodes: Sequence[Episode]) -> list[Item]:
    mixed, left = list[Item](), list(episodes)
    for place, fact in enumerate(facts, 1):
        mixed.append(fact)
        if place % EACH == 0 and left:
            mixed.append(left.pop(0))
    return [*mixed, *left]

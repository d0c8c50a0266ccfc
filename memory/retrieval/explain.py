"""Why a fact was recalled, in a line; `Recall.explain` makes a tree of these reasons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ariadne.memory.retrieval.chains import NONE, Chained
from ariadne.memory.retrieval.context import RecallContext
from ariadne.values import Reason


def why(reason: Reason) -> str:
    """In a line."""
    if reason.hop == 0:
        return f'about "{reason.query}"{"" if reason.after is None else f", beside {reason.after}"}'
    after = "" if reason.after is None else f' of "{reason.after}"'
    through = "" if reason.through is None else f' through "{reason.through}"{after}'
    return f'query "{reason.query}", hop {reason.hop}{through}'


def reasons_of(hits: Sequence[tuple[str, Chained, int]], look: RecallContext) -> list[Reason]:
    """How each fact was found: by which ask, and after which fact of a chain."""
    index, facts = look.index, look.store.facts
    before = {int(each.before[place]) for _, each, place in hits} - {NONE}
    ids = dict(zip(before, index.facts(np.array(list(before), np.int64)), strict=True))
    known = facts.by_id(ids.values(), look.moment.until)
    steps = [(int(each.before[place]), int(each.rows[place])) for _, each, place in hits if each.before[place] != NONE]
    ends = index.ends(np.array(steps, np.int64).ravel()).tolist()
    links = {step: _link(one, other, look) for step, one, other in zip(steps, ends[::2], ends[1::2], strict=True)}
    names = facts.names(set(links.values()))
    reasons = list[Reason]()
    for ask, each, place in hits:
        row, last = int(each.rows[place]), int(each.before[place])
        if last == NONE:
            reasons.append(Reason(ask, 1))
        else:
            reasons.append(Reason(ask, int(each.lengths[place]), names[links[last, row]], known[ids[last]].triplet))
    return reasons


def _link(one: list[int], other: list[int], look: RecallContext) -> int:
    """By which of its names (ids) a fact goes on in another that has these: the same name, or the nearest."""
    if same := sorted({*one} & {*other}):
        return same[0]
    cosines = look.index.scorer.name_cosines(np.array(one, np.int64), np.array(other, np.int64))
    if cosines is None:
        raise AssertionError("without vectors names are near only where they are the same")
    return one[int(cosines.max(axis=1).argmax())]

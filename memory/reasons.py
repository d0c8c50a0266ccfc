"""Why a fact was recalled, in a line; `Recall.explain` makes a tree of these reasons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ariadne.memory.chains import NONE, Chained
from ariadne.memory.look import Look
from ariadne.values import Reason


def why(reason: Reason) -> str:
    """In a line."""
    if reason.hop == 0:
        return f'about "{reason.ask}"{"" if reason.after is None else f", another account of {reason.after}"}'
    after = "" if reason.after is None else f' of "{reason.after}"'
    through = "" if reason.through is None else f' through "{reason.through}"{after}'
    return f'query "{reason.ask}", hop {reason.hop}{through}'


def reasons_of(hits: Sequence[tuple[str, Chained, int]], look: Look) -> list[Reason]:
    """How each fact was found: by which ask, and after which fact of a chain."""
    index, facts = look.index, look.store.facts
    before = {int(each.before[place]) for _, each, place in hits} - {NONE}
    ids = dict(zip(before, index.facts(np.array(list(before), np.int64)), strict=True))
    known = facts.by_id(ids.values(), look.moment.until)
    links = {
        (int(each.before[place]), int(each.rows[place])): _link(each.before[place], each.rows[place], look)
        for _, each, place in hits
        if each.before[place] != NONE
    }
    names = facts.names(set(links.values()))
    reasons = list[Reason]()
    for ask, each, place in hits:
        row, last = int(each.rows[place]), int(each.before[place])
        if last == NONE:
            reasons.append(Reason(ask, 1))
        else:
            reasons.append(Reason(ask, int(each.lengths[place]), names[links[last, row]], known[ids[last]].triplet))
    return reasons


def _link(before: int, row: int, look: Look) -> int:
    """The name (id) by which a fact goes on in another: the same name, or the nearest."""
    one, other = look.index.ends(np.array([before, row]))
    if same := sorted({int(name) for name in one} & {int(name) for name in other}):
        return same[0]
    vectors = look.index.scorer.name_vectors([int(name) for name in (*one, *other)])
    if vectors is None:
        raise AssertionError("without vectors names are near only where they are the same")
    return int(one[(vectors[:2] @ vectors[2:].T).max(axis=1).argmax()])

"""What one query brings to mind: the nearest chains of facts, in the graph as it is held at a moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ariadne.memory.chains import Chained, Mask, Rows, chains
from ariadne.memory.compact import Floats
from ariadne.memory.index import Index

POOL = 256
"""How many facts are looked at, and as many around each length's chains."""
SAME = 0.8
"""The cosine from which two names are taken for one where a chain goes on ("Obama", "Barack Obama")."""

NAMED, FEW = 0.1, 100
"""What a fact gains by a name that the query has, if no more facts than so many have it."""


def associated(
    query: str, scores: Floats, gains: Floats, index: Index, held: Mask, *, depth: int, width: int, most: int
) -> Chained:
    """The chains near a query, to which all facts are as near as `scores` says; `most` facts may be asked for, and what
    gains is looked at the sooner."""
    return chains(
        scores,
        lambda rows, others: index.scorer.cosines(query, rows, others, held),
        index.ends,
        lambda rows: _held_around(rows, index, held),
        lambda heads, rows: _linked(heads, rows, index),
        depth=depth, width=width, pool=POOL, most=2 * most, gains=gains,
    )  # fmt: skip


def gains_of(names: Sequence[int], index: Index, held: Mask) -> Floats:
    """What facts gain by a name that the query has; numbers and rare names mean nothing to vectors."""
    gains = np.zeros(len(index), np.float32)
    asked = np.array(names, np.int64)
    about = index.touching(asked)
    about = about[held[about]]
    ends = index.ends(about)
    rare = asked[[np.count_nonzero((ends == name).any(axis=1)) <= FEW for name in names]] if names else asked
    gains[about[np.isin(ends, rare).any(axis=1)]] = NAMED
    return gains


def _held_around(rows: Rows, index: Index, held: Mask) -> Rows:
    near = index.touching(np.unique(index.ends(rows)))
    return near[held[near]]


def _linked(heads: Rows, rows: Rows, index: Index) -> tuple[Mask, Mask]:
    """(heads, rows): which facts go on where a head ends, and which of these come from another episode.

    They share a name, or nearly, and were not taught together: that two episodes speak of the same thing is what tells
    something new. Of one episode they share a name that it speaks of in these two alone.
    """
    names = np.unique(index.ends(np.concatenate([heads, rows])))
    ends_of_heads, ends = (np.searchsorted(names, index.ends(some)) for some in (heads, rows))
    used = np.unique(ends_of_heads)
    same = used[:, None] == np.arange(len(names))  # (names of heads, names)
    cosines = index.scorer.name_cosines(names[used], names)
    near = same if cosines is None else same | (cosines > SAME)
    place = np.searchsorted(used, ends_of_heads)
    taught = index.learned_in(rows)
    together = index.learned_in(heads)[:, None] == taught
    spoken = taught[:, None] * len(names) + ends  # of which name an episode speaks, as one number
    _, which, counts = np.unique(spoken, return_inverse=True, return_counts=True)
    by_two = (counts <= 2)[which].reshape(-1, 2)
    reached, shared = (table[place].any(axis=1)[:, ends] for table in (near, same))  # (heads, rows, 2)
    elsewhere: Mask = reached.any(axis=2) & ~together
    return elsewhere | (shared & by_two).any(axis=2) & together, elsewhere

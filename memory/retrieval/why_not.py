"""Why a fact is not in a recall: the recall is made again with one limit after another taken away."""

from __future__ import annotations

from dataclasses import replace

from ariadne.errors import InvalidInput
from ariadne.memory.index.facts import Index
from ariadne.memory.inputs import CORRECTION
from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.retrieval.budget import fit_to_budget
from ariadne.memory.retrieval.recall import recall as recall_again
from ariadne.memory.retrieval.request import RecallContext
from ariadne.memory.storage.snapshot import END
from ariadne.memory.storage.store import View
from ariadne.values import Fact, Recall, RecallRequest, Triplet

FAR = 1000
"""The most facts that are searched for the missing one."""

Key = tuple[str, str, str]


def why_not(triplet: Triplet, recall: Recall, view: View, index: Index) -> str:
    """Return in a sentence or two why a fact is not in a recall; the caller holds the index's lock.

    Raises:
        InvalidInput: The recall carries no request, so this memory did not make it.
    """
    request = recall.request if isinstance(recall, Recall) else None
    if request is None:
        raise InvalidInput("recall= has no request: it was not made by this memory; give what its recall() returned")
    wanted = triplet_key(view.resolve_triplet(triplet))
    if rank := _rank(wanted, recall, view):
        return f"It was recalled, as number {rank} of {len(recall.facts)}: {recall.facts[rank - 1].why}."
    index.catch_up(view)
    of_subject = view.facts.history(triplet.subject, END).items()
    history = {number: fact for number, fact in of_subject if _is(fact, wanted, view)}
    if not history:
        return "No episode states this fact."
    context = RecallContext(request, view, index)
    is_valid = index.valid(view, context.snapshot)
    valid = [fact for number, fact in history.items() if is_valid[index.row(number)]]
    if not valid:
        known = (fact for fact in reversed(history.values()) if fact.learned_in <= request.as_of)
        return _not_valid(next(known, next(iter(history.values()))), request, view)
    if not any(context.visible[index.row(number)] for number in history):
        return _filtered(valid[-1], context)
    return _outranked(wanted, context)


def _not_valid(fact: Fact, request: RecallRequest, view: View) -> str:
    """Say why a fact did not hold at the request's snapshot."""
    if fact.learned_in > request.as_of:
        return f"It was not known yet: episode {fact.learned_in} stated it first, the recall ended at {request.as_of}."
    retired = fact.retired_in
    if retired is not None and retired <= request.as_of and view.episodes.sources([retired])[retired] == CORRECTION:
        return f"It was corrected: episode {retired} states that it was never true."
    if request.valid_at is None:
        return f"It no longer holds: episode {fact.retired_in} retired it, at {fact.valid_to}."
    until = "now" if fact.valid_to is None else fact.valid_to
    return f"It did not hold at {request.valid_at}: it holds from {fact.valid_from} to {until}."


def _filtered(fact: Fact, context: RecallContext) -> str:
    """Say by which filter a fact was left out."""
    request = context.request
    sources = {number: context.view.episodes.sources([number])[number] for number in fact.episodes}
    episodes = ", ".join(map(str, fact.episodes))
    if context.matching is not None and not context.matching & sources.keys():
        given = {name: getattr(request, name) for name in ("where", "since", "before")}
        conditions = ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)
        return f"No episode that states it ({episodes}) passes {conditions}."
    if context.snapshot.withdrawn >= sources.keys():
        return f"All episodes that state it ({episodes}) have expired, or another one with their key replaced them."
    distrusted = sorted({source for source in sources.values() if source and request.trust.get(source) == 0})
    by_source = f", or come from {', '.join(distrusted)}, which is not trusted" if distrusted else ""
    return f"All episodes that state it ({episodes}) were excluded{by_source}."


def _outranked(wanted: Key, context: RecallContext) -> str:
    """Say why a fact that could have been recalled was not."""
    request = context.request
    if not context.queries and not context.names:
        return "The request has no query."
    if request.facts == 0:
        return "The request allows no facts: facts=0."
    everything = replace(request, facts=FAR, max_tokens=None)
    wide = recall_again(everything, context.view, context.index)
    if rank := _rank(wanted, wide, context.view):
        return _behind_others(wanted, wide, rank, context)
    far = recall_again(replace(everything, threshold=-1.0), context.view, context.index)
    if rank := _rank(wanted, far, context.view):
        score = far.facts[rank - 1].score
        return f"It does not match the query well enough: score {score}, at least {request.threshold} is needed."
    return _not_found(context)


def _behind_others(wanted: Key, wide: Recall, rank: int, context: RecallContext) -> str:
    """Say whether the budget or the number of facts left it out; `wide` has it at a rank (from 1)."""
    request, fact = context.request, wide.facts[rank - 1]
    which = f"it is number {rank} of {len(wide.facts)} (score {fact.score}{_trusted(fact, context)})"
    unbound = recall_again(replace(request, max_tokens=None), context.view, context.index)
    if request.max_tokens is not None and _rank(wanted, unbound, context.view):
        fits = fit_to_budget([fact], [], [], request.max_tokens)
        how = "was spent on others" if fits else "does not hold its line alone"
        return f"The budget of {request.max_tokens} tokens {how}: {which}."
    return f"Others came before it: {which}."


def _not_found(context: RecallContext) -> str:
    """Say why no search found the fact, at any threshold."""
    request = context.request
    if not context.queries:
        return f"It is not about {', '.join(context.names)}, and the request has no other query."
    if not any(query.depth for query in context.queries):
        return "It was not searched for: the depth is 0."
    if request.strategy == "paper":
        return f"The paper's search did not find it, with width {request.width} and depth {request.depth}."
    return f"No search came near it: it is not among the {FAR} nearest facts, and not linked to the first of these."


def _trusted(fact: Fact, context: RecallContext) -> str:
    """Say how far its most trusted source is trusted, if not fully."""
    sources = context.view.episodes.sources(fact.episodes)
    weight, source = max((context.weight(source), source or "") for source in sources.values())
    return f"; its source {source} has weight {weight:g}" if weight < 1 else ""


def _rank(wanted: Key, recall: Recall, view: View) -> int:
    """Return its number among the facts recalled, from 1; 0 if it is none of them."""
    return next((nth for nth, fact in enumerate(recall.facts, 1) if _is(fact, wanted, view)), 0)


def _is(fact: Fact, wanted: Key, view: View) -> bool:
    return triplet_key(view.resolve_triplet(fact.triplet)) == wanted

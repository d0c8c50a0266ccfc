"""Why a fact is not in a recall: where it fell out on the way. The recall is made again, with one limit after another
taken away."""

from __future__ import annotations

from dataclasses import replace

from ariadne.errors import InvalidInput
from ariadne.memory.index.facts import Index
from ariadne.memory.inputs import CORRECTION
from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.retrieval import rendering
from ariadne.memory.retrieval.context import RecallContext
from ariadne.memory.retrieval.recall import recollect
from ariadne.memory.storage.snapshot import END, Snapshot
from ariadne.memory.storage.store import Store
from ariadne.values import Fact, Recall, RecallRequest, Triplet

FAR = 1000
"""So many facts are looked through."""


def why_not(triplet: Triplet, recall: Recall, store: Store, index: Index) -> str:
    """In a sentence or two; call it inside `reading()`, with the index's lock."""
    asked = recall.request if isinstance(recall, Recall) else None
    if asked is None:
        raise InvalidInput("this recall does not say what it was asked: it was not made by this memory")
    sought = triplet_key(store.space.as_meant(triplet))
    if place := _place(sought, recall, store):
        return f"It was recalled, as number {place} of {len(recall.facts)}: {recall.facts[place - 1].why}."
    index.catch_up()
    ever = [(n, fact) for n, fact in store.facts.history(triplet.subject, END).items() if _says(fact, sought, store)]
    if not ever:
        return f"Nothing of the kind was ever told: {triplet}."
    moment = Snapshot(asked.as_of, asked.valid_at)
    look = RecallContext(asked, moment, store, index)
    holding = index.held(moment)
    held = [fact for number, fact in ever if holding[index.row(number)]]
    if not held:  # the last that was known then, if any was
        known = (fact for _, fact in reversed(ever) if fact.learned_in <= asked.as_of)
        return _not_held(next(known, ever[0][1]), asked, store)
    if not any(look.held[index.row(number)] for number, _ in ever):
        return _left_out(held[-1], look)
    return _outdone(sought, asked, moment, store, index)


def _not_held(fact: Fact, asked: RecallRequest, store: Store) -> str:
    if fact.learned_in > asked.as_of:
        return f"It was not known yet: episode {fact.learned_in} taught it, the recall looked up to {asked.as_of}."
    retired = fact.retired_in
    if retired is not None and retired <= asked.as_of and store.episodes.sources([retired])[retired] == CORRECTION:
        return f"It was taken back: episode {retired} says that it was never so."
    if asked.valid_at is None:
        return f"It no longer holds: episode {fact.retired_in} retired it, at {fact.valid_to}."
    until = "now" if fact.valid_to is None else fact.valid_to
    return f"It did not hold at {asked.valid_at}: it holds from {fact.valid_from} to {until}."


def _left_out(fact: Fact, look: RecallContext) -> str:
    told = {number: look.store.episodes.sources([number])[number] for number in fact.episodes}
    if look.matching is not None and not look.matching & told.keys():
        return f"No episode that states it ({_listed(fact)}) has {dict(look.asked.where or {})}."
    distrusted = sorted({source for source in told.values() if source and look.asked.trust.get(source) == 0})
    by_source = f", or come from {', '.join(distrusted)}, which is not trusted" if distrusted else ""
    return f"All episodes that state it ({_listed(fact)}) were excluded{by_source}."


def _outdone(sought: tuple[str, str, str], asked: RecallRequest, moment: Snapshot, store: Store, index: Index) -> str:
    """It could have come: it was too far, or others came before it."""
    look = RecallContext(asked, moment, store, index)
    if not look.queries and not look.names:
        return "Nothing was asked."
    if asked.facts == 0:
        return "No facts were asked for: facts=0."
    everything = replace(asked, facts=FAR, max_tokens=None)
    wide = recollect(everything, moment, store, index)
    if place := _place(sought, wide, store):
        says = f"score {wide.facts[place - 1].score}{_trusted(wide, place, look)}"
        which = f"it is number {place} of {len(wide.facts)} ({says})"
        unbound = recollect(replace(asked, max_tokens=None), moment, store, index)
        if asked.max_tokens is not None and _place(sought, unbound, store):
            fits = rendering.kept([wide.facts[place - 1]], [], [], asked.max_tokens)
            how = "was spent on others" if fits else "does not hold its line alone"
            return f"The budget of {asked.max_tokens} tokens {how}: {which}."
        return f"Others came before it: {which}."
    far = recollect(replace(everything, threshold=-1.0), moment, store, index)
    if place := _place(sought, far, store):
        score = far.facts[place - 1].score
        return f"It is too far from what was asked: its score is {score}, the least is {asked.threshold}."
    if not look.queries:
        return f"It is not about {', '.join(look.names)}, and nothing else was asked."
    if not any(query.depth for query in look.queries):
        return "It was not searched for: the depth is 0."
    if asked.strategy == "paper":
        return f"The paper's search did not come to it, with width {asked.width} and depth {asked.depth}."
    return f"No search came near it: it is none of the {FAR} nearest facts, and not linked to the first of these."


def _trusted(recall: Recall, place: int, look: RecallContext) -> str:
    """What is to be said of its sources."""
    told = look.store.episodes.sources(recall.facts[place - 1].episodes)
    trusted = max((look.weight(source), source or "") for source in told.values())
    return f"; it is trusted by {trusted[0]:g}, for {trusted[1]}" if trusted[0] < 1 else ""


def _place(sought: tuple[str, str, str], recall: Recall, store: Store) -> int:
    """Its number among the facts recalled, from 1; 0 where it is none of them."""
    places = (nth for nth, fact in enumerate(recall.facts, 1) if _says(fact, sought, store))
    return next(places, 0)


def _says(fact: Fact, sought: tuple[str, str, str], store: Store) -> bool:
    return triplet_key(store.space.as_meant(fact.triplet)) == sought


def _listed(fact: Fact) -> str:
    return ", ".join(map(str, fact.episodes))

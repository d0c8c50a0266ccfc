"""Which facts a statement ends: those that it contradicts, those that the caller declares, and admitted proposals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ariadne.memory.ingestion.revision.statements import Statement
from ariadne.memory.inputs import CORRECTION
from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.ontology.reviser import FactsAround, Reviser
from ariadne.memory.storage.facts import StoredFact
from ariadne.memory.storage.store import Transaction
from ariadne.values import Replacement, Triplet

WITNESSES = 2
"""Where times are integers: a fact confirmed by this many sources is not retired by a new source."""
STATED = "the same text states it"
NOT_HELD = "it does not hold at that time"
NOT_ADMITTED = "the reviser does not admit it"
END_KEPT = "it is not known to hold then; its end is kept until a text states its beginning"
OF_OTHERS = "another source states it of the same time"
OUTVOTED = "several other sources confirm it"
_WORLD = frozenset({None, CORRECTION})
"""A text without a source, or a correction, is about the world itself."""


@dataclass(frozen=True)
class Verdict:
    """What a statement ends: the pairs to carry out, resolved, and the refused ones as they were made.

    `remembered` are the declared ends, resolved, of what is not known to hold: a later text may state its beginning.
    """

    ended: list[Replacement] = field(default_factory=list)
    refused: list[Replacement] = field(default_factory=list)
    remembered: list[Replacement] = field(default_factory=list)


@dataclass(frozen=True)
class Judge:
    """Judges a statement by the facts that hold at its time.

    Args:
        tx: The transaction.
        reviser: The reviser of the episode.
        statement: The statement.
        about: Finds the facts that hold around a name at its time.
        holding: Returns the fact that holds at its time with this content, or None.
    """

    tx: Transaction
    reviser: Reviser
    statement: Statement
    about: FactsAround
    holding: Callable[[Triplet], StoredFact | None]

    def verdict(self) -> Verdict:
        """Return which facts the statement ends."""
        verdict = self._judged_pairs()
        contradicted = self._contradicted(verdict.ended)
        return replace(verdict, ended=list(dict.fromkeys([*contradicted, *verdict.ended])))

    def _judged_pairs(self) -> Verdict:
        """Judge the pairs of the reading.

        A fact that the same text states, or that does not hold, cannot be outdated. Of the others, those that the
        caller declares are carried out. The reviser judges the proposals, and these end no account of other sources.
        """
        stated = {triplet_key(triplet) for triplet in self.statement.triplets}
        verdict = Verdict()
        for pair in dict.fromkeys(self.statement.outdated):
            resolved = Replacement(self.tx.resolve_triplet(pair.old), pair.new and self.tx.resolve_triplet(pair.new))
            is_declared = pair in self.statement.declared
            if triplet_key(resolved.old) in stated:
                verdict.refused.append(replace(pair, reason=STATED))
            elif self.holding(resolved.old) is None:
                verdict.refused.append(replace(pair, reason=NOT_HELD))
                verdict.remembered.extend([resolved] if is_declared else [])
            elif not is_declared and (objection := self._objection(resolved)):
                verdict.refused.append(replace(pair, reason=objection))
            else:
                verdict.ended.append(resolved)
        return verdict

    def _objection(self, proposed: Replacement) -> str | None:
        """Return why a proposal is refused, or None."""
        if not self.reviser.admits(proposed, self.about, self.statement.begun):
            return NOT_ADMITTED
        return self._protection(proposed.old)

    def _contradicted(self, admitted: list[Replacement]) -> list[Replacement]:
        """Return the facts that the statement contradicts, without those that remain as accounts of other sources."""
        stated = self.statement.begun
        found = [pair for pair in self.reviser.outdated(stated, self.about) if pair not in admitted]
        disputed = [pair for pair in found if self._protection(pair.old)]
        conflicting = {pair.new for pair in disputed} - {
            None
        }  # these contradict a fact, but move nothing else with them
        return [
            pair for pair in found if pair not in disputed and (pair.new not in conflicting or self._conflict(pair))
        ]

    def _conflict(self, pair: Replacement) -> bool:
        """Return whether the new triplet of a pair itself ends the old one."""
        return pair.new is None or self.reviser.conflict(pair.old, pair.new, self.about, self.statement.begun)

    def _protection(self, triplet: Triplet) -> str | None:
        """Return why a triplet is an account of other sources that this source does not end, or None."""
        source, at = self.statement.source, self.statement.at
        if source in _WORLD:
            return None
        latest = self.tx.state.latest
        others_have_this_time = latest is not None and at <= latest
        fact = self.holding(triplet) if others_have_this_time else None
        if fact is not None and self.tx.facts.sources_at(fact.id, at) - {source, *_WORLD}:
            return OF_OTHERS
        return OUTVOTED if is_outvoted(self.tx, triplet, source) else None


def is_outvoted(tx: Transaction, triplet: Triplet, source: str | None, *more: str | None) -> bool:
    """Return whether several sources (and `more`) confirm a triplet that a source contradicts.

    With dates the world may have changed since, so the later text counts. Integers are mere steps. A source that
    confirmed the triplet itself can withdraw it.
    """
    if source in _WORLD or tx.state.clock == "datetime":
        return False
    witnesses = tx.facts.witnesses(triplet).union(more) - _WORLD
    return len(witnesses) >= WITNESSES and source not in witnesses

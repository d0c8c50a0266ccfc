"""The values that pass between the parts: frozen, pure, and the same in RAM, on disk and in a test.

They hold no client, no path and no clock; contracts about them stand in their docstrings. Nothing of ours is imported.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

When = int | datetime
"""World time: an int such as a step, or an aware datetime; one kind per space."""

ROOM_HEADER = re.compile(
    r"^(?:-= (\S(?:.*?\S)?) =-[ \t]*$"
    r"|You are in the ([^.\n]+)\.(?=\s+(?:In one part of the room you see |To the \w+ you see |Through an? open )))",
    re.MULTILINE,
)
"""How a room announces itself: `-= Kitchen =-` on a line, or "You are in the kitchen." before what is seen there."""


@dataclass(frozen=True)
class Triplet:
    """Subject, relation, object: plain text, any characters, commas included."""

    subject: str
    relation: str
    object: str

    @property
    def ends(self) -> tuple[str, str]:
        """The two names that it ties."""
        return self.subject, self.object

    def __str__(self) -> str:
        return f"{self.subject} {self.relation} {self.object}"


@dataclass(frozen=True)
class Replacement:
    """A triplet that no longer holds, and the one that took its place (None: nothing did)."""

    old: Triplet
    new: Triplet | None


@dataclass(frozen=True)
class Query:
    """A text to recall by association, `depth` hops wide of its nearest facts (1: no further)."""

    text: str
    depth: int = 1


@dataclass(frozen=True)
class About:
    """Asks for all that holds about a name now, unranked, within the budget."""

    name: str


QueryLike = str | Query | About
RECENT_STEPS = 5
"""So many steps lie before a mind whatever memory recalls."""


def room_of(text: str) -> str | None:
    """The room that a text announces last (`-= Kitchen =-`); None where it announces none."""
    announced = ROOM_HEADER.findall(text)
    return "".join(announced[-1]) if announced else None


@dataclass(frozen=True)
class Observation:
    """What the environment said since the last decision, and what it gives beside the text.

    `commands` are the moves that drew `text`; the answer to each one after the first stands below a line `> command`.
    `inventory` and `valid_actions` are None where the environment does not tell them.
    """

    text: str
    inventory: str | None = None
    valid_actions: tuple[str, ...] | None = None
    score: int = 0
    max_score: int | None = None
    terminated: bool = False
    truncated: bool = False
    won: bool = False
    commands: tuple[str, ...] = ()

    @property
    def transcript(self) -> str:
        """What memory reads: for each command a line `> command`, then the answer; the inventory last."""
        asked = [f"> {self.commands[0]}"] if self.commands else []
        return "\n".join([*asked, self.text, *([self.inventory] if self.inventory else [])])

    @property
    def room(self) -> str | None:
        """The room that the text announces last; None where it announces none."""
        return room_of(self.text)


@dataclass(frozen=True)
class Reading:
    """What an Extractor made of a text; `unread` are the sentences that it could make nothing of.

    Of the others, `read_count` were read, and `silent_count` are known to say nothing of the world.
    """

    triplets: tuple[Triplet, ...] = ()
    outdated: tuple[Replacement, ...] = ()
    names: tuple[str, ...] = ()
    queries: tuple[QueryLike, ...] = ()
    unread: tuple[str, ...] = ()
    read_count: int = 0
    silent_count: int = 0


@dataclass(frozen=True)
class Fact:
    """A triplet as remembered.

    It holds from `valid_from` until `valid_to` (None: still) in world time, was taught first by episode `learned_in`,
    stated by all of `episodes`, and retired by `retired_in`. `score` and `why` say how a recall came upon it;
    `conflict` says, where other facts that hold contradict it, which of how many it is and whose word
    ("newest of 2 accounts: Bob, episode 7").
    """

    subject: str
    relation: str
    object: str
    valid_from: When
    valid_to: When | None
    learned_in: int
    retired_in: int | None
    episodes: tuple[int, ...]
    score: float | None = field(default=None, compare=False)
    why: str | None = field(default=None, compare=False)
    conflict: str | None = field(default=None, compare=False)

    @property
    def triplet(self) -> Triplet:
        return Triplet(self.subject, self.relation, self.object)

    def __str__(self) -> str:
        return f"{self.subject} {self.relation} {self.object}"


@dataclass(frozen=True)
class Episode:
    """One remembered text, numbered 1, 2, ... within its space; the paper's episodic vertex."""

    id: int
    text: str
    at: When
    source: str | None
    metadata: Mapping[str, str]
    score: float | None = field(default=None, compare=False)
    why: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Update:
    """What remembering one text changed; a memory that keeps no facts fills episode and reading alone."""

    episode: Episode
    reading: Reading
    added: tuple[Fact, ...] = ()
    restated: tuple[Fact, ...] = ()
    retired: tuple[Fact, ...] = ()
    refused: tuple[Replacement, ...] = ()


@dataclass(frozen=True)
class RecallRequest:
    """What a recall was asked, and up to which episode it looked; see AriGraph.recall."""

    queries: tuple[QueryLike, ...]
    as_of: int
    valid_at: When | None
    depth: int
    width: int
    threshold: float
    where: Mapping[str, str] | None
    exclude: tuple[int, ...]
    trust: Mapping[str, float]
    facts: int | None
    episodes: int
    max_tokens: int | None
    strategy: str


@dataclass(frozen=True)
class Reason:
    """How recall came upon a fact: which ask, after how many facts (1: at once; 0: asked by name), and through which
    name of which."""

    query: str
    hop: int
    through: str | None = None
    after: Triplet | None = None


@dataclass(frozen=True)
class Recall:
    """What memory returns, best first; `text` is ready for a prompt and holds exactly these facts and episodes.

    `reasons` has one for each fact, in their order, where the memory gives reasons; `request` is the request that it
    answers.
    """

    facts: tuple[Fact, ...] = ()
    episodes: tuple[Episode, ...] = ()
    text: str = ""
    reasons: tuple[Reason, ...] = field(default=(), compare=False, repr=False)
    request: RecallRequest | None = field(default=None, compare=False, repr=False)

    def explain(self) -> str:
        """How each fact and episode came, as a small tree: the asks, below each its facts, and below these what they
        led to."""
        lines = list[str]()
        told = list(zip(self.facts, self.reasons, strict=True)) if self.reasons else []
        for ask in dict.fromkeys(reason.query for _, reason in told):
            lines += [f'"{ask}"', *_tree([(fact, reason) for fact, reason in told if reason.query == ask])]
        shown = [f"  [{one.id}] {one.score}: {one.why}" for one in self.episodes]
        return "\n".join([*lines, *(["Episodes", *shown] if shown else [])])


def _tree(told: Sequence[tuple[Fact, Reason]]) -> list[str]:
    """Facts, each below the one that it follows on; what follows on none that was told stands first."""
    lines, left = list[str](), {fact.triplet: (fact, reason) for fact, reason in told}
    following = defaultdict[Triplet | None, list[Triplet]](list)
    for fact, reason in told:
        following[reason.after].append(fact.triplet)

    def grow(triplet: Triplet, depth: int, *, below: bool) -> None:
        fact, reason = left.pop(triplet)
        via = "" if reason.through is None else f', through "{reason.through}"'
        after = "" if reason.after is None or below else f" of {reason.after}"
        if reason.hop == 0:
            how = "asked by name" if reason.after is None else f"beside {reason.after}"
        elif reason.after in told_at_all and not below:  # two that led to each other
            how = f"{fact.score}, with {reason.after}"
        else:
            how = f"{fact.score}{via}{after}"
        lines.append(f"{'  ' * depth}{fact} ({how})")
        for other in following[triplet]:
            if other in left:
                grow(other, depth + 1, below=True)

    told_at_all = frozenset(left)
    roots = [triplet for triplet, (_, reason) in left.items() if reason.after not in left]
    for triplet in [*roots, *left]:
        if triplet in left:
            grow(triplet, 1, below=False)
    return lines


@dataclass(frozen=True)
class SubGoal:
    """One thing to get done, in words that a person can read, with its reason and how far it has come."""

    text: str
    reason: str
    progress: str


@dataclass(frozen=True)
class Plan:
    """At most ten sub-goals, the next one first."""

    subgoals: tuple[SubGoal, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The chosen action, why, and the commands that carry it out ("go to kitchen" may be several)."""

    action: str
    reason: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Situation:
    """What is known before recall."""

    goal: str
    hint: str
    observation: Observation
    recent: tuple[Step, ...]
    plan: Plan

    @property
    def observations(self) -> list[Observation]:
        """The observations at hand, the newest last."""
        return [*(step.observation for step in self.recent), self.observation]


@dataclass(frozen=True)
class WorkingMemory:
    """All that a mind decides from; `queries` are the mind's own, which `recall` answers."""

    situation: Situation
    reading: Reading
    places: tuple[Triplet, ...]
    recall: Recall
    queries: tuple[QueryLike, ...] = ()


@dataclass(frozen=True)
class Step:
    """One turn of the loop as recorded; the closing step of a run has a decision without commands."""

    number: int
    observation: Observation
    update: Update
    queries: tuple[QueryLike, ...]
    recall: Recall
    plan: Plan
    decision: Decision

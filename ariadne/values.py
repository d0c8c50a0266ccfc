"""The values that the parts exchange: frozen dataclasses that are equal in memory, on disk and in a test.

They hold no client, no path and no clock. This module imports nothing else of the package.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

When = int | datetime
"""World time: an integer such as a step number, or an aware datetime. One space uses one of the two kinds."""
WhenLike = When | date | str
"""World time as a caller gives it: also a date, or an ISO text whose day or month may be missing, such as "2026-03"."""

Span = tuple[int, int]
"""A piece of a text, `text[start:end]`."""
Scalar = str | int | float | bool | datetime
"""One value of metadata; a datetime has a time zone."""
MetadataValue = Scalar | Sequence[Scalar]
"""A value of metadata, or a list of them."""
Metadata = Mapping[str, MetadataValue]
"""The names and values that an episode is filtered by."""

MAX_SUBGOALS = 10
"""How many sub-goals a plan holds at most."""
ROOM_HEADER = re.compile(
    r"^(?:-= (\S(?:.*?\S)?) =-[ \t]*$"
    r"|You are in the ([^.\n]+)\.(?=\s+(?:In one part of the room you see |To the \w+ you see |Through an? open )))",
    re.MULTILINE,
)
"""The header of a room: `-= Kitchen =-` on a line, or "You are in the kitchen." before the list of its contents."""

_TRANSCRIPT = re.compile(
    rf"{ROOM_HEADER.pattern}|^>?[ \t]*-= \S.* =-|\A> [a-z][^\n.!?]*(?:\n(?!>)|\Z)|^You are carrying(?::| nothing\b)",
    re.MULTILINE,
)
"""A quotation in an e-mail begins with a capital letter, or several of its lines begin with ">"."""


@dataclass(frozen=True)
class Triplet:
    """A subject, a relation and an object, each a plain text of any characters, commas included."""

    subject: str
    relation: str
    object: str

    @property
    def ends(self) -> tuple[str, str]:
        """Return the subject and the object."""
        return self.subject, self.object

    def __str__(self) -> str:
        return f"{self.subject} {self.relation} {self.object}"


@dataclass(frozen=True)
class Replacement:
    """An outdated triplet and the triplet that replaces it; `new` is None if nothing replaces it.

    A refused one has the `reason` of the refusal.
    """

    old: Triplet
    new: Triplet | None
    reason: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Query:
    """A text to recall by association, up to `depth` hops from its nearest facts; 1 returns the nearest facts only."""

    text: str
    depth: int = 1


@dataclass(frozen=True)
class About:
    """A request for all current facts about a name, unranked, within the token budget."""

    name: str


QueryLike = str | Query | About
RECENT_STEPS = 5
"""The number of latest steps that a mind always sees, independent of what memory recalls."""


def room_of(text: str) -> str | None:
    """Return the room of the last room header in a text, or None if the text has no room header."""
    headers = ROOM_HEADER.findall(text)
    return "".join(headers[-1]) if headers else None


def is_transcript(text: str) -> bool:
    """Return whether a text is a game's transcript: it has a room header, an inventory, or a command at its start."""
    return _TRANSCRIPT.search(text) is not None


@dataclass(frozen=True)
class Observation:
    """The environment's response to the last decision.

    `commands` are the commands that produced `text`. In a text of several responses, a line `> command` precedes each
    response after the first. `inventory` and `valid_actions` are None if the environment does not provide them.
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
        """Return the text that memory reads: a line `> command` before each response, and the inventory at the end."""
        prompt = [f"> {self.commands[0]}"] if self.commands else []
        return "\n".join([*prompt, self.text, *([self.inventory] if self.inventory else [])])

    @property
    def room(self) -> str | None:
        """Return the room of the last room header in the text, or None if it has no room header."""
        return room_of(self.text)


@dataclass(frozen=True)
class Reading:
    """What an Extractor finds in a text.

    `unread` are the sentences that it cannot interpret. `read_count` sentences yield triplets or names, and
    `silent_count` sentences are known to state nothing about the world.
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
    """A triplet in memory, with its validity and its evidence.

    It is valid from `valid_from` to `valid_to` in world time; `valid_to` is None while it is current. Episode
    `learned_in` states it first, all of `episodes` state it, and episode `retired_in` retires it. `score` and `why`
    explain why a recall returns it. `conflict` names its place among current facts that contradict it, such as
    "newest of 2 accounts: Bob, episode 7".
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
        """Return subject, relation and object."""
        return Triplet(self.subject, self.relation, self.object)

    def __str__(self) -> str:
        return f"{self.subject} {self.relation} {self.object}"


@dataclass(frozen=True)
class Repeat:
    """The number and the world time of an episode that repeats another: it has the same text and the same source."""

    id: int
    at: When


Detail = Literal["place", "date", "source"]
"""What a recalled text shows of an episode beside its number and its text."""


@dataclass(frozen=True)
class Episode:
    """A remembered text, numbered 1, 2, ... within its space; the paper's episodic vertex."""

    id: int
    text: str
    at: When
    source: str | None
    metadata: Mapping[str, Any]
    expires: When | None = None
    """The world time from which on it is not recalled; None for an episode that never expires."""
    score: float | None = field(default=None, compare=False)
    why: str | None = field(default=None, compare=False)
    repeats: tuple[Repeat, ...] = field(default=(), compare=False)
    """In a recall: the other episodes with the same text and source, oldest first."""
    passages: tuple[Span, ...] = field(default=(), compare=False)
    """In a recall: the pieces of the text that fit the token budget; () for all of it."""
    cut: tuple[bool, bool] = field(default=(False, False), compare=False)
    """In a recall: whether a sentence is cut at the beginning and at the end of what is shown."""
    omitted: tuple[Detail, ...] = field(default=(), compare=False)
    """In a recall: the details that the line lacks, because the token budget has no room for them."""

    @property
    def excerpt(self) -> str:
        """Return the text as a recall shows it: all of it, or its passages with "…" where a sentence is cut."""
        if not self.passages:
            return self.text
        shown = " … ".join(self.text[start:end] for start, end in self.passages)
        before, after = ("…" * each for each in self.cut)
        return f"{before}{shown}{after}"


@dataclass(frozen=True)
class Update:
    """The changes that one remembered text makes; a memory without facts fills only `episode` and `reading`."""

    episode: Episode
    reading: Reading
    added: tuple[Fact, ...] = ()
    restated: tuple[Fact, ...] = ()
    retired: tuple[Fact, ...] = ()
    refused: tuple[Replacement, ...] = ()
    """The ends that are not carried out, each with its reason. A declared end may count when its beginning is known."""


@dataclass(frozen=True)
class RecallRequest:
    """The arguments of one recall; `as_of` is the last episode that it sees. AriGraph.recall explains the others."""

    queries: tuple[QueryLike, ...]
    as_of: int
    valid_at: When | None
    depth: int
    width: int
    threshold: float
    where: Mapping[str, Any] | None
    exclude: tuple[int, ...]
    trust: Mapping[str, float]
    facts: int | None
    episodes: int | None
    max_tokens: int | None
    strategy: str
    since: When | None = None
    before: When | None = None
    neighbors: int = 0


@dataclass(frozen=True)
class Reason:
    """The path by which recall reaches a fact.

    `hop` is 1 for a fact that matches the query directly, 0 for a fact requested by name, and more along a chain. On a
    chain, the fact follows fact `after` through their common name `through`.
    """

    query: str
    hop: int
    through: str | None = None
    after: Triplet | None = None


@dataclass(frozen=True)
class Recall:
    """The facts and episodes that memory returns, best first; `text` renders exactly these for a prompt.

    `reasons` has one entry per fact, in the same order, if the memory gives reasons. `request` holds the arguments.
    """

    facts: tuple[Fact, ...] = ()
    episodes: tuple[Episode, ...] = ()
    text: str = ""
    reasons: tuple[Reason, ...] = field(default=(), compare=False, repr=False)
    request: RecallRequest | None = field(default=None, compare=False, repr=False)

    def explain(self) -> str:
        """Return the path to each fact and episode as an indented tree, one tree per query."""
        pairs = list(zip(self.facts, self.reasons, strict=True)) if self.reasons else []
        lines = list[str]()
        for query in dict.fromkeys(reason.query for _, reason in pairs):
            lines += [f'"{query}"', *_tree([(fact, reason) for fact, reason in pairs if reason.query == query])]
        episodes = [f"  [{episode.id}] {episode.score}: {episode.why}" for episode in self.episodes]
        return "\n".join([*lines, *(["Episodes", *episodes] if episodes else [])])


def _tree(pairs: Sequence[tuple[Fact, Reason]]) -> list[str]:
    """Return one line per fact, each below the fact that leads to it; facts without such a fact come first."""
    lines, remaining = list[str](), {fact.triplet: (fact, reason) for fact, reason in pairs}
    every = frozenset(remaining)
    following = defaultdict[Triplet | None, list[Triplet]](list)
    for fact, reason in pairs:
        following[reason.after].append(fact.triplet)

    def grow(triplet: Triplet, depth: int, *, below: bool) -> None:
        fact, reason = remaining.pop(triplet)
        lines.append(f"{'  ' * depth}{fact} ({_path(fact, reason, below=below, in_tree=reason.after in every)})")
        for follower in following[triplet]:
            if follower in remaining:
                grow(follower, depth + 1, below=True)

    roots = [triplet for triplet, (_, reason) in remaining.items() if reason.after not in every]
    for triplet in [*roots, *remaining]:
        if triplet in remaining:
            grow(triplet, 1, below=False)
    return lines


def _path(fact: Fact, reason: Reason, *, below: bool, in_tree: bool) -> str:
    """Return how recall reaches a fact; `below` the line of the fact before it, that fact is not repeated."""
    if reason.hop == 0:
        return "requested by name" if reason.after is None else f"beside {reason.after}"
    if in_tree and not below:  # two facts that lead to each other
        return f"{fact.score}, with {reason.after}"
    through = "" if reason.through is None else f', through "{reason.through}"'
    if reason.through is None and reason.after is None:
        return f"matches the query: {fact.score}"
    after = "" if reason.after is None or below else f" of {reason.after}"
    return f"{fact.score}{through}{after}"


@dataclass(frozen=True)
class SubGoal:
    """One part of a plan in readable words, with its reason and its progress."""

    text: str
    reason: str
    progress: str


@dataclass(frozen=True)
class Plan:
    """At most MAX_SUBGOALS sub-goals, in the order of their execution."""

    subgoals: tuple[SubGoal, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The chosen action, the reason for it, and its commands; "go to kitchen" may need several."""

    action: str
    reason: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Situation:
    """The state of the loop before it recalls: task, newest observation, latest steps and current plan."""

    goal: str
    hint: str
    observation: Observation
    recent: tuple[Step, ...]
    plan: Plan

    @property
    def number(self) -> int:
        """Return the number of the step that this situation begins; the first step is 1."""
        return self.recent[-1].number + 1 if self.recent else 1

    @property
    def observations(self) -> list[Observation]:
        """Return the observations of the latest steps, the newest last."""
        return [*(step.observation for step in self.recent), self.observation]

    def after(self, step: Step, observation: Observation) -> Situation:
        """Return the situation after a step whose action leads to an observation."""
        recent = (*self.recent, step)[-RECENT_STEPS:]
        return replace(self, observation=observation, recent=recent, plan=step.plan)


@dataclass(frozen=True)
class WorkingMemory:
    """Everything that a mind decides from; `recall` answers its own `queries`."""

    situation: Situation
    reading: Reading
    places: tuple[Triplet, ...]
    recall: Recall
    queries: tuple[QueryLike, ...] = ()


@dataclass(frozen=True)
class Step:
    """One recorded turn of the loop; the decision of a run's closing step has no commands."""

    number: int
    observation: Observation
    update: Update
    queries: tuple[QueryLike, ...]
    recall: Recall
    plan: Plan
    decision: Decision

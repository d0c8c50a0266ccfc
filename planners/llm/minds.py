"""A mind that asks a language model: in one call a step; or, as in the paper, in one each for what to look up, the
plan, whether to explore, and the action. Nothing is kept between steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field, field_validator, model_validator

from ariadne.errors import ReplyError
from ariadne.llm.json_replies import UNREAD, Number, asks_of
from ariadne.llm.prompts import data, load, numbered, one_line
from ariadne.planners.command_wordings import worded
from ariadne.planners.map import Map
from ariadne.planners.minds import Questions
from ariadne.planners.rules.beliefs import passages
from ariadne.planners.rules.queries import Holds, here
from ariadne.protocols import Model
from ariadne.values import (
    About,
    Decision,
    Observation,
    Plan,
    QueryLike,
    Reading,
    Situation,
    SubGoal,
    Triplet,
    WorkingMemory,
)

PLAYER = About("player")
"""Asked of memory at each step: where one is stands in no observation after some."""
EXPLORING = "exploring"
"""The progress of a plan's first sub-goal for which new places must be seen."""
_PROMPTS = Path(__file__).parent / "prompts"
_MOST = 10  # sub-goals
_EXITS = 12  # exits not taken yet that are told, the nearest
_LOOK = "look"
_BRIEF = 160  # characters of an answer that is told in brief
_GO_TO = "go to "
_NO_PLAN = Plan((SubGoal("find out what is to be done", "there is no plan", ""),))
R = TypeVar("R", bound=BaseModel)


# -- replies -----------------------------------------------------------------------------------------------------------


class Goal(BaseModel):
    """A sub-goal and why."""

    goal: str = Field(min_length=1)
    why: str

    @property
    def subgoal(self) -> SubGoal:
        return SubGoal(" ".join(self.goal.split()), " ".join(self.why.split()), "")


class Added(Goal):
    """One that is new, with its place in the new plan, from 1."""

    at: Number


class Asks(BaseModel):
    """The reply to `ask.txt`: what to look up by itself, and with what that leads to."""

    near: list[str]
    wide: list[str]


class Planned(BaseModel):
    """The reply to `plan.txt`."""

    plan: list[Goal]


class Explore(BaseModel):
    """The reply to `explore.txt`."""

    explore: bool


class Act(BaseModel):
    """The reply to `act.txt`; read, `action` is the action's text."""

    reason: str
    action: Number | str


class Decide(BaseModel):
    """The reply to `decide.txt`: changes to the plan, and an action."""

    drop: list[Number]
    add: list[Added]
    explore: bool
    reason: str
    action: Number | str

    def changed(self, plan: Plan) -> Plan:
        """The plan with these changes."""
        goals = [goal for number, goal in enumerate(plan.subgoals, 1) if number not in self.drop]
        for added in self.add:
            goals.insert(added.at - 1, added.subgoal)
        return _progress(Plan(tuple(goals[:_MOST])), EXPLORING if self.explore else "")


# -- what can be done --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choices:
    """What can be done now, by its text: what is listed to be chosen by number, and ways to the rooms next door, which
    are listed as directions already; with `free`, any command of one line besides."""

    listed: dict[str, tuple[str, ...]]
    beside: dict[str, tuple[str, ...]]
    exits: tuple[str, ...]
    free: bool

    @classmethod
    def of(cls, working: WorkingMemory, holds: Holds | None = None, *, free: bool = False) -> Choices:
        """Those of a moment; where no list is given any command may be said. `holds` reads the map out of the texts of
        a memory that keeps no facts."""
        valid = working.situation.observation.valid_actions
        texts = holds is not None and not (working.places or working.recall.facts)
        told = holds("\n".join(passages(working))) if holds and texts else working.places
        room = _room(working, told)
        drawn = Map.of(told, room)
        ways = {
            f"{_GO_TO}{name}": tuple(worded(f"go {direction}", working.situation.observations) for direction in way)
            for name, way in sorted(drawn.paths(room).items(), key=lambda item: len(item[1]))
            if way
        }
        far = {text: way for text, way in ways.items() if len(way) > 1 or valid is None}
        exits = tuple(f"{way.direction} of {way.room}" for _, way in drawn.unexplored(room))[:_EXITS]
        return cls({action: (action,) for action in valid or ()} | far, ways, exits, free or valid is None)

    def named(self, said: int | str) -> str:
        """The text of the action that was said, by its number or its words. Raises ValueError for another."""
        texts = list(self.listed)
        if isinstance(said, int) or said.strip().isdigit():
            if not texts:
                raise ValueError(f"there is no action {said}: none is listed, say a command")
            if not 1 <= int(said) <= len(texts):
                raise ValueError(f"there is no action {said}; there are 1 to {len(texts)}")
            return texts[int(said) - 1]
        plain = " ".join(said.split()).casefold()
        if echo := next((text for number, text in enumerate(texts, 1) if plain == f"{number} {text}".casefold()), None):
            return echo
        if found := next((text for text in (*texts, *self.beside) if text.casefold() == plain), None):
            return found
        if self.free and plain and len(said.strip().splitlines()) == 1:
            return " ".join(said.split())
        raise ValueError(f"{said[:60]!r} is no action of the list")

    def checked(self, shape: type[R]) -> type[R]:
        """The reply, of which the action must be one of these: by number or words; by words where none is listed."""
        choices = self

        class Chosen(shape):  # type: ignore[misc, valid-type]
            if not choices.listed:
                action: str

            @field_validator("action")
            @classmethod
            def _named(cls, said: int | str) -> str:
                return choices.named(said)

        Chosen.__name__ = shape.__name__
        return Chosen

    def instead(self, error: ReplyError, *, skip: bool) -> Decision:
        """What is done where a reply cannot be read and is to be skipped: a look, with the reason; else the error."""
        if not skip:
            raise error
        return self.decision(_LOOK, f"{UNREAD} ({error.wrong})")

    def decision(self, action: int | str, reason: str) -> Decision:
        text = str(action)
        return Decision(text, " ".join(reason.split()), (self.beside | self.listed).get(text, (text,)))


# -- minds and their parts ---------------------------------------------------------------------------------------------


def asks_as_read(situation: Situation, reading: Reading) -> Sequence[QueryLike]:  # noqa: ARG001 - the reading has them
    """Where the player is, and what the reading asks."""
    return (PLAYER, *reading.queries)


@dataclass(frozen=True)
class MergedMind:
    """One call a step: the plan's changes, whether to explore, the action. `questions` is what to look up before: what
    the reading asks. With `skip` one looks, and says why, where a reply cannot be read."""

    model: Model
    questions: Questions = asks_as_read
    free_actions: bool = False
    skip: bool = False
    holds: Holds | None = None

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
        return self.questions(situation, reading)

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        """Raises ReplyError where the reply cannot be read, and what the Model raises."""
        plan, choices = working.situation.plan, Choices.of(working, self.holds, free=self.free_actions)
        shape = choices.checked(_with_changes(len(plan.subgoals)))
        messages = load(_PROMPTS / "decide.txt").messages(**_shown(working, plan, choices, brief=True))
        try:
            reply = self.model.ask(messages, shape)
        except ReplyError as error:
            return plan, choices.instead(error, skip=self.skip)
        return reply.changed(plan), choices.decision(reply.action, reply.reason)


@dataclass(frozen=True)
class LLMQuestions:
    """What to look up, in a call of its own."""

    model: Model
    skip: bool = False

    def __call__(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:  # noqa: ARG002
        messages = load(_PROMPTS / "ask.txt").messages(
            goal=one_line(situation.goal), plan=_told(situation.plan), now=data(situation.observation.transcript)
        )
        try:
            told = self.model.ask(messages, Asks)
        except ReplyError:
            if not self.skip:
                raise
            return [PLAYER]
        return [PLAYER, *asks_of(told.near, told.wide)]


@dataclass(frozen=True)
class LLMPlanner:
    """A Planner: the whole plan, in a call of its own, and whether it calls for exploring, in another. With `skip` what
    cannot be read changes nothing, which the progress of the plan's first sub-goal says."""

    model: Model
    skip: bool = False
    holds: Holds | None = None

    def plan(self, working: WorkingMemory) -> Plan:
        values = _shown(working, working.situation.plan, Choices.of(working, self.holds))
        plan = working.situation.plan
        try:
            reply = self.model.ask(load(_PROMPTS / "plan.txt").messages(**values), Planned)
            plan = Plan(tuple(goal.subgoal for goal in reply.plan[:_MOST]))
            asked = load(_PROMPTS / "explore.txt").messages(goal=one_line(working.situation.goal), plan=_told(plan))
            return _progress(plan, EXPLORING if self.model.ask(asked, Explore).explore else "")
        except ReplyError as error:
            if not self.skip:
                raise
            return _progress(plan if plan.subgoals else _NO_PLAN, f"{UNREAD} ({error.wrong})")


@dataclass(frozen=True)
class LLMSelector:
    """A Selector: the action, in a call of its own. It is shown exits that were not taken where the plan explores."""

    model: Model
    free_actions: bool = False
    skip: bool = False
    holds: Holds | None = None

    def act(self, working: WorkingMemory, plan: Plan) -> Decision:
        choices = Choices.of(working, self.holds, free=self.free_actions)
        explores = any(goal.progress == EXPLORING for goal in plan.subgoals[:1])
        shown = choices if explores else replace(choices, exits=())
        messages = load(_PROMPTS / "act.txt").messages(**_shown(working, plan, shown))
        try:
            reply = self.model.ask(messages, choices.checked(Act))
        except ReplyError as error:
            return choices.instead(error, skip=self.skip)
        return choices.decision(reply.action, reply.reason)


def _with_changes(goals: int) -> type[Decide]:
    """The reply, of which the changes must be to a plan of so many sub-goals."""

    class Changes(Decide):
        @model_validator(mode="after")
        def _in_range(self) -> Changes:
            left = goals - len(set(self.drop))
            if any(not 1 <= number <= goals for number in self.drop):
                raise ValueError(f"drop: {self.drop}, of a plan of {goals}")
            for more, added in enumerate(self.add, 1):
                if not 1 <= added.at <= left + more:
                    raise ValueError(f"add: no place {added.at} in a plan of {left + more}")
            return self

    Changes.__name__ = Decide.__name__
    return Changes


# -- what a prompt shows -----------------------------------------------------------------------------------------------


def _room(working: WorkingMemory, told: Sequence[Triplet]) -> str:
    """Where the player is: by what was seen last, or by what memory says, in facts or in what its texts told."""
    known = [*(fact.triplet for fact in working.recall.facts), *told]
    standing = (triplet.object for triplet in known if (triplet.subject, triplet.relation) == ("player", "is at"))
    return here(working.situation) or next(standing, "")


def _shown(working: WorkingMemory, plan: Plan, choices: Choices, *, brief: bool = False) -> dict[str, str]:
    """What prompts show; `brief` of past observations what became of the actions, for what was seen is remembered, and
    of the plan the sub-goals alone."""
    situation = working.situation
    lately = [_brief(step.observation) if brief else step.observation.transcript for step in situation.recent]
    return {
        "goal": one_line(situation.goal),
        "hint": one_line(situation.hint),
        "recall": data(_recalled(working, brief=brief)),
        "lately": data("\n".join(lately)),
        "exits": data(", ".join(choices.exits)),
        "plan": _told(plan, reasons=not brief),
        "now": data(situation.observation.transcript),
        "actions": data(numbered(list(choices.listed)), "any command of the game, in its words"),
    }


def _told(plan: Plan, *, reasons: bool = True) -> str:
    return data(numbered([f"{goal.text} ({goal.reason})" if reasons else goal.text for goal in plan.subgoals]))


def _recalled(working: WorkingMemory, *, brief: bool) -> str:
    """What memory recalls: facts, those of one thing on one line; episodes, without those that the prompt has anyway:
    goal, hint, the last steps (which are shown in `brief` where there are facts of them)."""
    about, last = defaultdict[str, list[str]](list), {step.update.episode.id for step in working.situation.recent}
    shown = last if working.recall.facts or not brief else set[int]()
    for fact in working.recall.facts:
        account = f" ({fact.conflict})" if fact.conflict else ""
        about[fact.subject].append(f"{fact.relation} {fact.object}{account}")
    lines = [one_line(f"{name} {'; '.join(told)}") for name, told in about.items()]
    others = [one for one in working.recall.episodes if one.id not in shown and one.source not in ("goal", "hint")]
    return "\n".join([*lines, *(["Episodes:"] if others else []), *(f"[{one.id}] {one.text}" for one in others)])


def _brief(seen: Observation) -> str:
    """The commands, and where they led, or the first words of the answer."""
    answer = seen.room or next(iter(seen.text.strip().splitlines()), "")
    return f"> {', '.join(seen.commands)}: {answer[:_BRIEF]}" if seen.commands else answer[:_BRIEF]


def _progress(plan: Plan, first: str) -> Plan:
    """The plan, with this as the progress of its first sub-goal, and of the others none."""
    return Plan(tuple(replace(goal, progress="" if number else first) for number, goal in enumerate(plan.subgoals)))

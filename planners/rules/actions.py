"""How a sub-goal is brought one action nearer: go to its place, open what it lies in, do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random

from ariadne.planners.command_wordings import reword
from ariadne.planners.map import OPPOSITE, Exit
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.goal_parsing import is_about_tidying
from ariadne.planners.rules.subgoals import EXPLORE, ParsedSubGoal, barred_exits, progress_in, searched_rooms
from ariadne.relations import CLOSED, IS_AT, LOCKED, OPEN, SHUT_STATES
from ariadne.values import Plan, Situation, Triplet


@dataclass(frozen=True)
class Action:
    """An action as text, and the commands that carry it out."""

    text: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Actions:
    """The actions that are possible now.

    Args:
        beliefs: The state of the world.
        situation: The observation with its valid actions, and the last steps.
        barred: The names of exits in other rooms that were found barred with the keys in hand.
    """

    beliefs: Beliefs
    situation: Situation
    barred: tuple[str, ...] = ()

    @classmethod
    def of(cls, beliefs: Beliefs, situation: Situation, plan: Plan) -> Actions:
        """Take the barred exits from a plan's notes, except those of this room: they are tried again."""
        barred = barred_exits(progress_in(plan, EXPLORE), beliefs.keys_in_hand())
        elsewhere = [name for name in barred if not name.endswith(f" of {beliefs.here}")]
        return cls(beliefs, situation, tuple(elsewhere))

    def toward(self, subgoal: ParsedSubGoal, progress: str = "") -> Action | None:
        """Return the next action toward a sub-goal; None if nothing can be done about it now."""
        match subgoal.verb:
            case "explore" | "find":
                return self.explore()
            case "search":
                return self._search(searched_rooms(progress))
            case "tidy":
                return None
            case "bring":
                return self._bring(subgoal.thing, subgoal.second)
            case "open":
                return self.open(subgoal.thing)
            case "chop" | "slice" | "dice" | "drop" | "eat":
                return self.command(subgoal.text)
            case _:
                return self._in_its_room(subgoal)

    def explore(self) -> Action | None:
        """Return the action that leads through the nearest unexplored exit that is not barred."""
        for path, end in self.beliefs.map.unexplored(self.beliefs.here, self.random()):
            if end.name in self.barred or self._is_locked_for_good(end):
                continue
            action = self._go_to(end.room, path) if path else self._leave(end)
            if action:
                return action
        return None

    def barred_now(self) -> list[str]:
        """Return the names of the exits that were barred before, and of those here that cannot be taken now."""
        ends = [end for path, end in self.beliefs.map.unexplored(self.beliefs.here) if not path]
        return [*self.barred, *(end.name for end in ends if self._leave(end) is None)]

    def open(self, thing: str) -> Action | None:
        """Return the action that opens a container or a door; it is unlocked first if a key in hand may fit."""
        return self._at(thing, *self._opening_commands(thing))

    def openings_here(self) -> Iterator[Action]:
        """Yield the actions that may open things of this room, with every key that may fit."""
        for thing in filter(self.beliefs.was_queried, self.beliefs.things_at(self.beliefs.here)):
            yield from filter(None, map(self.command, self._opening_commands(thing)))

    def takings(self) -> Iterator[Action]:
        """Yield the actions that take things in sight, but none while tidying up: a thing in hand is in no place."""
        if not is_about_tidying(self.beliefs.goal):
            takings = map(self.beliefs.taking, self.beliefs.in_sight())
            possible = (taking for taking in takings if not self.beliefs.cannot_be(taking.thing, "taken"))
            yield from filter(None, (self.command(taking.text, f"take {taking.thing}") for taking in possible))

    def exits(self) -> tuple[list[Action], list[Action], list[Action]]:
        """Return the actions that leave this room: through unexplored exits, through known exits, and back."""
        exits, back = self.beliefs.map.exits.get(self.beliefs.here, {}), self._direction_back()
        listed = self.situation.observation.valid_actions is not None  # without a list a direction may be no exit
        unexplored, known, backward = list[Action](), list[Action](), list[Action]()
        for direction in dict.fromkeys([*sorted(exits), *OPPOSITE]):
            if action := self.command(f"go {direction}"):
                is_new = exits[direction] is None if direction in exits else listed
                (backward if direction == back else unexplored if is_new else known).append(action)
        return unexplored, known, backward

    def command(self, *commands: str) -> Action | None:
        """Return the first command that is valid now and not useless, spelled as in the list of valid actions."""
        valid = self.situation.observation.valid_actions
        commands = tuple(map(self._reword, commands))
        spelled = {action.casefold(): action for action in (commands if valid is None else valid)}
        possible = [spelled[command.casefold()] for command in commands if command.casefold() in spelled]
        found = next((command for command in possible if not self._is_useless(command)), None)
        return Action(found, (found,)) if found else None

    def random(self) -> Random | None:
        """Return the random order for equal choices; None if the last steps brought a new fact or there are none.

        An agent that forgets where it was goes in circles if it always decides by the same rule. The seed is the step
        number, so the same past gives the same choice.
        """
        recent = self.situation.recent
        facts = (fact for step in recent for fact in (*step.update.added, *step.update.retired))
        learns = any(fact.relation != IS_AT for fact in facts)
        return None if learns or not recent else Random(recent[-1].number)

    def goes_in_circles(self, action: Action) -> bool:
        """Return whether the same action was chosen in this room lately, and nothing new was read since."""
        here = self.situation.observation.room
        for step in reversed(self.situation.recent):
            if here and step.observation.room == here and step.decision.commands == action.commands:
                return True
            if step.number in self._informative_steps:
                return False
        return False

    @cached_property
    def _informative_steps(self) -> set[int]:
        """The numbers of the last steps in which something new was read; the first one always counts.

        This compares readings and not facts, because some memories keep no facts.
        """
        known, informative = set[Triplet](), set[int]()
        for step in self.situation.recent:
            read = {*step.update.reading.triplets}
            if step is self.situation.recent[0] or read - known:
                informative.add(step.number)
            known |= read
        return informative

    def _reword(self, command: str) -> str:
        return reword(command, self.situation.observations)

    def _search(self, searched: list[str]) -> Action | None:
        """Open things here, then go to the nearest room that was not searched."""
        paths = self.beliefs.map.paths(self.beliefs.here).items()
        walks = (self._go_to(room, path) for room, path in paths if path and room not in searched)
        return next(filter(None, (*self.openings_here(), *walks)), None)

    def _in_its_room(self, subgoal: ParsedSubGoal) -> Action | None:
        """Return the action toward a sub-goal that is done in a certain room."""
        thing, second = subgoal.thing, subgoal.second
        match subgoal.verb:
            case "take":
                return self._handle(thing, subgoal.text, f"take {thing}")
            case "read":
                return self._handle(thing, f"examine {thing}", f"read {thing}")
            case "unlock":
                return self._at(thing, subgoal.text) if self.beliefs.has(second) else None
            case "prepare":
                return self._at(second, f"prepare {thing}")
            case _:
                return self._at(second, f"cook {thing} with {second}")

    def _opening_commands(self, thing: str) -> list[str]:
        """Return the commands that may open a thing, in the order to try them.

        A thing that looks closed may be locked, so "open" comes before "unlock".
        """
        state, own_keys = self.beliefs.state(thing), self.beliefs.keys_for(thing)
        if state == OPEN or self.beliefs.cannot_be(thing, "opened"):
            return []
        keys = [key for key in own_keys or self.beliefs.untried_keys(thing) if self.beliefs.has(key)]
        opening = [f"open {thing}"] if state == CLOSED or (state is None and not own_keys) else []
        unlocking = [f"unlock {thing} with {key}" for key in keys] if own_keys or state is not None else []
        return opening + unlocking

    def _bring(self, thing: str, place: str) -> Action | None:
        """Take a thing if it is not in hand; else put it on or into a place, which is opened first."""
        if not self.beliefs.has(thing):
            return self.toward(self.beliefs.taking(thing))
        if self.beliefs.is_shut(place):
            return self.open(place)
        return self._at(place, f"put {thing} on {place}", f"insert {thing} into {place}")

    def _handle(self, thing: str, *commands: str) -> Action | None:
        """Give a command about a thing where it lies, and open first what it lies in."""
        holder = self.beliefs.holder(thing)
        if holder and self.beliefs.is_shut(holder):
            return self._handle(holder, *self._opening_commands(holder))
        return self._at(thing, *commands)

    def _at(self, thing: str, *commands: str) -> Action | None:
        """Give one of the commands in the room of a thing, or go to that room."""
        room = self.beliefs.room(thing)
        path = self.beliefs.map.path(self.beliefs.here, room) if room and commands else None
        if path is None:
            return None
        return self._go_to(room or "", path) if path else self.command(*commands)

    def _go_to(self, room: str, path: list[str]) -> Action | None:
        commands = tuple(self._reword(f"go {direction}") for direction in path)
        return None if self._is_useless(commands[0]) else Action(f"go to {room}", commands)

    def _leave(self, end: Exit) -> Action | None:
        """Go through an exit of this room, or open its door."""
        if end.door and self.beliefs.state(end.door) in SHUT_STATES:
            return self.command(*self._opening_commands(end.door))
        return self.command(f"go {end.direction}")

    def _is_locked_for_good(self, end: Exit) -> bool:
        """Return whether an exit has a locked door that no key in hand may fit."""
        return bool(end.door and self.beliefs.state(end.door) == LOCKED and not self._opening_commands(end.door))

    def _direction_back(self) -> str | None:
        """Return the direction to the room before this one, as far as the last steps show it."""
        gone = (step.decision.commands[-1].split()[-1] for step in self.situation.recent if step.decision.commands)
        return next((OPPOSITE[direction] for direction in reversed([*gone]) if direction in OPPOSITE), None)

    def _is_useless(self, command: str) -> bool:
        """Return whether a command was given lately and nothing has changed since."""
        current = self.situation.observation
        if command == "look" or current.commands == (command,):
            return command != "look" and not (command.startswith(("go ", "move ")) and current.room)
        for step in reversed(self.situation.recent):
            if current.room and current.commands != ("look",):
                return False  # the agent entered this room since
            current = step.observation
            if step.number in self._informative_steps:
                return False
            if current.commands == (command,):
                return True
        return False

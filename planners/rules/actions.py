"""How a sub-goal is brought one action nearer: go there, open what it lies in, do it. It keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random

from ariadne.planners.command_wordings import worded
from ariadne.planners.map import BACK, Exit
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.goal_parsing import is_about_tidying
from ariadne.planners.rules.subgoals import EXPLORE, Intent, barred, noted, searched
from ariadne.values import Plan, Situation, Triplet


@dataclass(frozen=True)
class Action:
    """An action in words and the commands that carry it out."""

    text: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Actions:
    """What can be done from here: the world as believed, the situation with its valid actions, exits found barred."""

    world: Beliefs
    situation: Situation
    barred: tuple[str, ...] = ()

    @classmethod
    def of(cls, world: Beliefs, situation: Situation, plan: Plan) -> Actions:
        """The means where `plan` says which exits are barred; those here are tried anew."""
        told = barred(noted(plan, EXPLORE), world.keys_in_hand())
        elsewhere = [exit_ for exit_ in told if not exit_.endswith(f" of {world.here}")]
        return cls(world, situation, tuple(elsewhere))

    def toward(self, intent: Intent, progress: str = "") -> Action | None:
        """The next action toward an intent; None where there is nothing to be done about it now."""
        match intent.verb:
            case "explore" | "find":
                return self.explore()
            case "search":
                return self._search(searched(progress))
            case "take":
                return self._handle(intent.thing, intent.text, f"take {intent.thing}")
            case "bring" if self.world.has(intent.thing):
                return self._put(intent.thing, intent.other)
            case "bring":
                return self.toward(self.world.taking(intent.thing))
            case "tidy":
                return None
            case "read":
                return self._handle(intent.thing, f"examine {intent.thing}", f"read {intent.thing}")
            case "unlock":
                return self._reach(intent.thing, intent.text) if self.world.has(intent.other) else None
            case "chop" | "slice" | "dice" | "drop" | "eat":
                return self.spell(intent.text)
            case "fry" | "roast" | "grill":
                return self._reach(intent.other, f"cook {intent.thing} with {intent.other}")
            case "prepare":
                return self._reach(intent.other, f"prepare {intent.thing}")
            case _:
                return self.unbar(intent.thing)

    def explore(self) -> Action | None:
        """Through the nearest exit that nobody has taken and that is not barred, or on the way to it."""
        for way, end in self.world.map.unexplored(self.world.here, self.chance()):
            if end.name in self.barred or self._is_shut_for_good(end):
                continue
            action = self._go_to(end.room, way) if way else self._leave(end)
            if action:
                return action
        return None

    def now_barred(self) -> list[str]:
        """The exits that cannot be taken: those barred before, and those here through which nothing leads now."""
        ends = [end for way, end in self.world.map.unexplored(self.world.here) if not way]
        return [*self.barred, *(end.name for end in ends if self._leave(end) is None)]

    def unbar(self, thing: str) -> Action | None:
        """Open a container or a door, unlocking it first where a key in hand may fit."""
        return self._reach(thing, *self._opening(thing))

    def trials(self) -> Iterator[Action]:
        """What may still be tried here for luck: to open what may be shut, to unlock it with keys that may fit."""
        for thing in filter(self.world.was_asked, self.world.things_at(self.world.here)):
            yield from filter(None, map(self.spell, self._opening(thing)))

    def takings(self) -> Iterator[Action]:
        """To take what is in sight; nothing where a house is to be tidied up: what is carried is in no place."""
        if not is_about_tidying(self.world.goal):
            takings = map(self.world.taking, self.world.in_sight())
            able = (one for one in takings if not self.world.cannot(one.thing, "taken"))
            yield from filter(None, (self.spell(one.text, f"take {one.thing}") for one in able))

    def walks(self) -> tuple[list[Action], list[Action], list[Action]]:
        """To leave by ways of which the map does not know where they lead; by any other; by the one back."""
        ways, back = self.world.map.ways.get(self.world.here, {}), self._way_back()
        listed = self.situation.observation.valid_actions is not None  # (where not, any direction may be none)
        walks: tuple[list[Action], list[Action], list[Action]] = ([], [], [])
        for direction in dict.fromkeys([*sorted(ways), *BACK]):
            if action := self.spell(f"go {direction}"):
                is_new = ways[direction] is None if direction in ways else listed
                walks[2 if direction == back else 0 if is_new else 1].append(action)
        return walks

    def spell(self, *commands: str) -> Action | None:
        """The first of the commands that may be given now and was not in vain, spelled as the valid actions are."""
        valid = self.situation.observation.valid_actions
        commands = tuple(map(self._worded, commands))
        spelled = {action.casefold(): action for action in commands if valid is None}
        spelled |= {action.casefold(): action for action in valid or ()}
        able = [spelled[command.casefold()] for command in commands if command.casefold() in spelled]
        found = next((command for command in able if not self._in_vain(command)), None)
        return Action(found, (found,)) if found else None

    def _worded(self, command: str) -> str:
        """A command in the words of this world."""
        return worded(command, self.situation.observations)

    def _search(self, done: list[str]) -> Action | None:
        """Try here what is left to try, then go to the nearest room that was not searched."""
        ways = self.world.map.paths(self.world.here).items()
        walks = (self._go_to(room, way) for room, way in ways if way and room not in done)
        return next(filter(None, (*self.trials(), *walks)), None)

    def _opening(self, thing: str) -> list[str]:
        """The commands that may open it, in the order to try them (what is locked may look closed)."""
        state, own = self.world.state(thing), self.world.keys(thing)
        if state == "open" or self.world.cannot(thing, "opened"):
            return []
        keys = [key for key in own or self.world.untried(thing) if self.world.has(key)]
        opened = [f"open {thing}"] if state == "closed" or (state is None and not own) else []
        return opened + ([f"unlock {thing} with {key}" for key in keys] if own or state is not None else [])

    def _put(self, thing: str, place: str) -> Action | None:
        """Put a thing in hand on or into something, opening it first."""
        if self.world.is_shut(place):
            return self._reach(place, *self._opening(place))
        return self._reach(place, f"put {thing} on {place}", f"insert {thing} into {place}")

    def _handle(self, thing: str, *commands: str) -> Action | None:
        """Do something with a thing where it lies, opening first what it lies in."""
        holder = self.world.holder(thing)
        if holder and self.world.is_shut(holder):
            return self._handle(holder, *self._opening(holder))
        return self._reach(thing, *commands)

    def chance(self) -> Random | None:
        """What chooses among equals where nothing was learned lately but where one is: who has forgotten where he was
        and goes by rule goes in circles. None where something was; the same past makes the same choice."""
        last = self.situation.recent
        facts = (fact for step in last for fact in (*step.update.added, *step.update.retired))
        learns = any(fact.relation != "is at" for fact in facts)
        return None if learns or not last else Random(last[-1].number)

    @cached_property
    def _told_anew(self) -> set[int]:
        """The last steps, by number, in which something was read that those before them did not tell; of the first of
        them nobody knows. (What memory makes of it is not asked: one that keeps no facts learns none.)"""
        told, anew = set[Triplet](), set[int]()
        for step in self.situation.recent:
            read = {*step.update.reading.triplets}
            if step is self.situation.recent[0] or read - told:
                anew.add(step.number)
            told |= read
        return anew

    def goes_in_circles(self, action: Action) -> bool:
        """Whether it was chosen here within the last steps, and nothing new was read since."""
        here = self.situation.observation.room
        for step in reversed(self.situation.recent):
            if here and step.observation.room == here and step.decision.commands == action.commands:
                return True
            if step.number in self._told_anew:
                return False
        return False

    def _way_back(self) -> str | None:
        """Where we came from last, as far as is remembered."""
        gone = (step.decision.commands[-1].split()[-1] for step in self.situation.recent if step.decision.commands)
        return next((BACK[direction] for direction in reversed([*gone]) if direction in BACK), None)

    def _reach(self, thing: str, *commands: str) -> Action | None:
        """Give the command where the thing is, or go there."""
        room = self.world.room(thing)
        way = self.world.map.path(self.world.here, room) if room and commands else None
        if way is None:
            return None
        return self._go_to(room or "", way) if way else self.spell(*commands)

    def _go_to(self, room: str, way: list[str]) -> Action | None:
        commands = tuple(self._worded(f"go {direction}") for direction in way)
        return None if self._in_vain(commands[0]) else Action(f"go to {room}", commands)

    def _leave(self, end: Exit) -> Action | None:
        shut = end.door and self.world.state(end.door) in ("closed", "locked")
        return self.spell(*self._opening(end.door)) if end.door and shut else self.spell(f"go {end.direction}")

    def _is_shut_for_good(self, end: Exit) -> bool:
        """Whether a locked door stands in it, and no key in hand may fit."""
        return bool(end.door and self.world.state(end.door) == "locked" and not self._opening(end.door))

    def _in_vain(self, command: str) -> bool:
        """Whether it was given lately and nothing has come of anything since, so that the answer would be the same."""
        now = self.situation.observation
        if command == "look" or now.commands == (command,):
            return command != "look" and not (command.startswith(("go ", "move ")) and now.room)
        for step in reversed(self.situation.recent):
            if now.room and now.commands != ("look",):
                return False  # we came here since
            now = step.observation
            if step.number in self._told_anew:
                return False  # something is new since
            if now.commands == (command,):
                return True
        return False

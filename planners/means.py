"""How a sub-goal is brought one action nearer: go there, open what it lies in, do it. It keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ariadne.planners.intents import EXPLORE, Intent, barred, searched
from ariadne.planners.map import Exit
from ariadne.planners.world import World, is_key
from ariadne.values import Plan, Situation


@dataclass(frozen=True)
class Action:
    """An action in words and the commands that carry it out."""

    text: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Means:
    """What can be done from here: the world as believed, the situation with its valid actions, exits found barred."""

    world: World
    situation: Situation
    barred: tuple[str, ...] = ()

    @classmethod
    def of(cls, world: World, situation: Situation, plan: Plan) -> Means:
        """The means where `plan` says which exits are barred; those here are tried anew."""
        told = next((goal.progress for goal in plan.subgoals if goal.text == EXPLORE.text), "")
        elsewhere = [exit_ for exit_ in barred(told, world.keys_in_hand()) if not exit_.endswith(f" of {world.here}")]
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
            case "read":
                return self._handle(intent.thing, f"examine {intent.thing}", f"read {intent.thing}")
            case "unlock":
                return self._reach(intent.thing, intent.text) if self.world.has(intent.other) else None
            case _:
                return self.unbar(intent.thing)

    def explore(self) -> Action | None:
        """Through the nearest exit that nobody has taken and that is not barred, or on the way to it."""
        for way, end in self.world.map.unexplored(self.world.here):
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
        """Open a container or a door, unlocking it first where its key is in hand (what is locked may look closed)."""
        state = self.world.state(thing)
        keys = [key for key in self.world.keys(thing) if self.world.has(key)]
        if state == "open" or (state != "closed" and self.world.keys(thing) and not keys):
            return None  # it has a key of its own, which is missing, and was never seen without need of it
        opened = [] if state == "locked" or (state is None and keys) else [f"open {thing}"]
        return self._reach(thing, *opened, *(f"unlock {thing} with {key}" for key in keys))

    def trials(self) -> Iterator[Action]:
        """What may still be tried here for luck: to open what may be shut, to unlock it with keys that may fit."""
        for thing in filter(self.world.was_asked, self.world.things_at(self.world.here)):
            if self.world.cannot(thing, "opened"):
                continue
            state = self.world.state(thing)
            commands = [f"open {thing}"] if state in (None, "closed") else []
            if state == "locked":
                commands = [f"unlock {thing} with {key}" for key in self.world.untried(thing)]
            yield from filter(None, map(self.spell, commands))

    def whatever(self) -> Iterator[Action]:
        """What remains when no plan leads on: to take what is in sight, then to walk on and look about."""
        for thing in self.world.in_sight():
            if not self.world.cannot(thing, "taken"):
                yield from filter(None, [self.spell(f"take {thing} from {self.world.holder(thing)}", f"take {thing}")])
        for direction in sorted(self.world.map.ways.get(self.world.here, ())):
            yield from filter(None, [self.spell(f"go {direction}")])

    def spell(self, *commands: str) -> Action | None:
        """The first of the commands that may be given now and was not in vain, spelled as the valid actions are."""
        valid = self.situation.observation.valid_actions
        spelled = {action.casefold(): action for action in commands if valid is None}
        spelled |= {action.casefold(): action for action in valid or ()}
        able = [spelled[command.casefold()] for command in commands if command.casefold() in spelled]
        found = next((command for command in able if not self._in_vain(command)), None)
        return Action(found, (found,)) if found else None

    def _search(self, done: list[str]) -> Action | None:
        """Try here what is left to try, then go to the nearest room that was not searched."""
        here = next(self.trials(), None)
        if here:
            return here
        ways = self.world.map.paths(self.world.here).items()
        return next((self._go_to(room, way) for room, way in ways if way and room not in done), None)

    def _handle(self, thing: str, *commands: str) -> Action | None:
        """Do something with a thing where it lies, opening first what it lies in."""
        holder = self.world.holder(thing)
        if holder and self._shut(holder):
            return self.unbar(holder)
        return self._reach(thing, *commands)

    def _shut(self, holder: str) -> bool:
        state = self.world.state(holder)
        return state in ("closed", "locked") or (state is None and bool(self.world.keys(holder)))

    def _reach(self, thing: str, *commands: str) -> Action | None:
        """Give the command where the thing is, or go there."""
        room = self.world.room(thing)
        way = self.world.map.path(self.world.here, room) if room else None
        if way is None:
            return None
        return self._go_to(room or "", way) if way else self.spell(*commands)

    def _go_to(self, room: str, way: list[str]) -> Action:
        return Action(f"go to {room}", tuple(f"go {direction}" for direction in way))

    def _leave(self, end: Exit) -> Action | None:
        if end.door and self.world.state(end.door) in ("closed", "locked"):
            opened = [f"open {end.door}"] if self.world.state(end.door) == "closed" else []
            return self.spell(*opened, *(f"unlock {end.door} with {key}" for key in self._keys_for(end.door)))
        return self.spell(f"go {end.direction}")

    def _is_shut_for_good(self, end: Exit) -> bool:
        """Whether a locked door stands in it, and no key in hand may fit."""
        return bool(end.door and self.world.state(end.door) == "locked" and not self._keys_for(end.door))

    def _keys_for(self, door: str) -> list[str]:
        """The keys in hand for a door; where it has none of its own, all that may fit."""
        known = self.world.keys(door)
        return [key for key in known or self.world.untried(door) if self.world.has(key) and is_key(key)]

    def _in_vain(self, command: str) -> bool:
        """Whether the command was given lately and nothing came of it, so that it would be answered the same again."""
        if command == "look":
            return False
        now = self.situation.observation
        if command.startswith("go "):
            seen = [*(step.observation for step in self.situation.last[1:]), now]
            return any(one.room is None for one in seen if one.commands == (command,))
        tried = [step for step in self.situation.last[1:] if step.observation.commands == (command,)]
        return now.commands == (command,) or any(not (s.update.added or s.update.retired) for s in tried)

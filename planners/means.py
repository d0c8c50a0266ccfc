"""How a sub-goal is brought one action nearer: go there, open what it lies in, do it. It keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ariadne.planners.intents import Intent, searched
from ariadne.planners.map import Exit
from ariadne.planners.world import World
from ariadne.values import Situation


@dataclass(frozen=True)
class Action:
    """An action in words and the commands that carry it out."""

    text: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Means:
    """What can be done from here: the world as believed, and the situation with its valid actions."""

    world: World
    situation: Situation

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
        """Through the nearest exit that nobody has taken, or on the way to it."""
        for way, end in self.world.map.unexplored(self.world.here):
            action = self._go_to(end.room, way) if way else self._leave(end)
            if action:
                return action
        return None

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
        for thing in self.world.things_at(self.world.here):
            state = self.world.state(thing)
            commands = [f"open {thing}"] if state in (None, "closed") else []
            if state == "locked":
                commands = [f"unlock {thing} with {key}" for key in self.world.untried(thing)]
            for action in map(self.spell, commands):
                if action:
                    yield action

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
            return self._unbar_door(end.door)
        return self.spell(f"go {end.direction}")

    def _unbar_door(self, door: str) -> Action | None:
        keys = [*filter(self.world.has, self.world.keys(door)), *self.world.untried(door)]
        opened = [f"open {door}"] if self.world.state(door) == "closed" else []
        return self.spell(*opened, *(f"unlock {door} with {key}" for key in keys))

    def _in_vain(self, command: str) -> bool:
        """Whether the command was given lately and, given again, would be answered the same: nothing came of it."""
        observations = [*(step.observation for step in self.situation.last[1:]), self.situation.observation]
        given = [seen for seen in observations if seen.commands == (command,)]
        went = command.startswith("go ") and any(seen.room is None for seen in given)
        return went or len(given) > len({seen.text for seen in given})

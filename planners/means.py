"""How an intent is brought one action nearer: go there, open what it lies in, do it. Knows the world, keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ariadne.planners.intents import Intent
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

    def toward(self, intent: Intent) -> Action | None:
        """The next action toward an intent; None where there is nothing to be done about it now."""
        match intent.verb:
            case "explore" | "find":
                return self.explore()
            case "take":
                return self._handle(intent.thing, f"take {intent.thing}", intent.text)
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
        """Open a container or a door, unlocking it first where its key is in hand."""
        state = self.world.state(thing)
        if state is None and self.world.keys(thing):
            state = "locked"  # what has a key of its own and was never seen otherwise
        keys = [key for key in self.world.keys(thing) if self.world.has(key)]
        if state == "locked":
            return self._reach(thing, f"unlock {thing} with {keys[0]}") if keys else None
        return None if state == "open" else self._reach(thing, f"open {thing}")

    def spell(self, *commands: str) -> Action | None:
        """The first of the commands that may be given now, in the spelling of the list of valid actions."""
        valid = self.situation.observation.valid_actions
        if valid is None:
            return Action(commands[-1], (commands[-1],))
        spelled = {action.casefold(): action for action in valid}
        found = next((spelled[c.casefold()] for c in commands if c.casefold() in spelled), None)
        return Action(found, (found,)) if found else None

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
        go = f"go {end.direction}"
        return None if self._failed(go) else self.spell(go)

    def _unbar_door(self, door: str) -> Action | None:
        keys = [key for key in self.world.keys(door) if self.world.has(key)]
        if self.world.state(door) == "closed":
            return self.spell(f"open {door}")
        return self.spell(f"unlock {door} with {keys[0]}") if keys else None

    def _failed(self, command: str) -> bool:
        """Whether the command was given here lately and led nowhere."""
        observations = [*(step.observation for step in self.situation.last[1:]), self.situation.observation]
        tried = [seen for seen in observations if seen.commands == (command,)]
        return any(seen.room is None for seen in tried)

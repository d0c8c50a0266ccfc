"""A person at the keyboard in the selector's place: memory, plan and record are as they are with a mind by rules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click

from ariadne.values import Decision, Plan, WorkingMemory

HELP = "Type a command of the game.   ?plan   ?memory   Ctrl-D: leave, to go on later"
LISTED = f"{HELP}\n?: what can be done, each with a number that does it; the tab key finishes its words"
REASON = "a person chose it"


@dataclass
class HumanSelector:
    """A Selector that shows what is seen and asks for a command; what begins with ? is asked of us, not of the game.

    `ask` gives a line, or raises EOFError where no more come: then KeyboardInterrupt, as for Ctrl-C.
    """

    ask: Callable[[str], str] = input
    tell: Callable[[str], None] = click.echo
    _greeted: bool = False

    def act(self, working: WorkingMemory, plan: Plan) -> Decision:
        seen = working.situation.observation
        actions = seen.valid_actions or ()
        if not self._greeted:
            goal, self._greeted = working.situation.goal, True
            said_by_game = goal in " ".join(seen.text.split())
            self.tell("\n\n".join([*([] if said_by_game else [goal]), _help(actions), ""]))
        self.tell(seen.text)
        _complete(actions)
        while True:
            try:
                said = " ".join(self.ask("> ").split())
            except (EOFError, RuntimeError) as error:  # the second where standard input is closed
                raise KeyboardInterrupt from error
            if not said.isprintable():
                self.tell("that is no text")
                continue
            numbers = {str(number): action for number, action in enumerate(actions, 1)}
            if numbers and said.isdecimal() and said not in numbers:
                self.tell(f"there is no such number; there are 1 to {len(actions)}")
                continue
            said = numbers.get(said, said)
            if said and not said.startswith("?"):
                return Decision(said, REASON, (said,))
            self.tell(_answer(said, working, plan, actions))


def _answer(said: str, working: WorkingMemory, plan: Plan, actions: Sequence[str]) -> str:
    match said.removeprefix("?").strip():
        case "plan":
            return "\n".join(f"- {goal.text}: {goal.reason}" for goal in plan.subgoals) or "no plan"
        case "memory":
            return working.recall.text or "nothing is recalled"
        case "" if said and actions:
            return "\n".join(f"{number:>3}  {action}" for number, action in enumerate(actions, 1))
        case _:
            return _help(actions)


def _help(actions: Sequence[str]) -> str:
    return LISTED if actions else HELP


def _complete(actions: Sequence[str]) -> None:
    """The tab key finishes what can be done, where a person types."""
    if sys.stdin is None or not sys.stdin.isatty():
        return
    import readline

    def finished(typed: str, nth: int) -> str | None:
        return next(iter([one for one in actions if one.startswith(typed)][nth:]), None)

    readline.set_completer(finished)
    readline.set_completer_delims("")
    readline.parse_and_bind("tab: complete")

"""A person at the keyboard as the action selector; memory, plan and record work as they do for the rules mind."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click

from ariadne.values import Decision, Plan, WorkingMemory

HELP = "Type a command of the game.   ?plan   ?memory   Ctrl-D: leave, and resume later"
LISTED = f"{HELP}\n?: list the valid actions; type a number to choose one; the tab key completes an action"
REASON = "a person chose it"


@dataclass
class HumanSelector:
    """A Selector that shows each observation and reads a command from a person.

    An input that starts with ? is answered here and does not reach the game.

    Args:
        read_line: Shows a prompt and returns a line. It raises EOFError when the input ends; `act` then raises
            KeyboardInterrupt, as for Ctrl-C.
        write: Shows a text.
    """

    read_line: Callable[[str], str] = input
    write: Callable[[str], None] = click.echo
    _greeted: bool = False

    def act(self, working: WorkingMemory, plan: Plan) -> Decision:
        """Read inputs until one is a command, and return it. Raises KeyboardInterrupt when the input ends."""
        observation = working.situation.observation
        actions = observation.valid_actions or ()
        if not self._greeted:
            self._greet(working.situation.goal, observation.text, actions)
        self.write(observation.text)
        _complete_with_tab(actions)
        while True:
            typed = self._read()
            command, problem = _chosen(typed, actions)
            if problem:
                self.write(problem)
            elif command and not command.startswith("?"):
                return Decision(command, REASON, (command,))
            else:
                self.write(_answer(command, working, plan, actions))

    def _greet(self, goal: str, text: str, actions: Sequence[str]) -> None:
        """Show the help, and the goal unless the game's first text contains it."""
        self._greeted = True
        in_text = goal in " ".join(text.split())
        self.write("\n\n".join([*([] if in_text else [goal]), _help(actions), ""]))

    def _read(self) -> str:
        try:
            return " ".join(self.read_line("> ").split())
        except (EOFError, RuntimeError) as error:  # RuntimeError: standard input is closed
            raise KeyboardInterrupt from error


def _chosen(typed: str, actions: Sequence[str]) -> tuple[str, str]:
    """Return the command that was typed in words or by number, and the problem with it ("" for none)."""
    if not typed.isprintable():
        return "", "this input has characters that cannot be printed; type a command"
    numbers = {str(number): action for number, action in enumerate(actions, 1)}
    if numbers and typed.isdecimal() and typed not in numbers:
        return "", f"there is no action with this number; type 1 to {len(actions)}"
    return numbers.get(typed, typed), ""


def _answer(typed: str, working: WorkingMemory, plan: Plan, actions: Sequence[str]) -> str:
    match typed.removeprefix("?").strip():
        case "plan":
            return "\n".join(f"- {goal.text}: {goal.reason}" for goal in plan.subgoals) or "no plan"
        case "memory":
            return working.recall.text or "memory recalled nothing"
        case "" if typed and actions:
            return "\n".join(f"{number:>3}  {action}" for number, action in enumerate(actions, 1))
        case _:
            return _help(actions)


def _help(actions: Sequence[str]) -> str:
    return LISTED if actions else HELP


def _complete_with_tab(actions: Sequence[str]) -> None:
    """Let the tab key complete the valid actions, if a person types at a terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        return
    import readline

    def completion(typed: str, nth: int) -> str | None:
        return next(iter([action for action in actions if action.startswith(typed)][nth:]), None)

    readline.set_completer(completion)
    readline.set_completer_delims("")
    readline.parse_and_bind("tab: complete")

"""Views of a run while it is played: a live picture in a terminal, otherwise one line a step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ariadne.llm.call_log import Call, Usage
from ariadne.llm.json_replies import UNREAD
from ariadne.protocols import Memory
from ariadne.runs.record import Outcome, Run, RunRecord
from ariadne.text import lines_shown, shown
from ariadne.values import Fact, Step

_MAX_CHANGES = 8  # facts added and retired in the picture
_OTHER_LINES = 16  # lines of the picture without the facts
_MAX_SUBGOALS = 6
_MAX_TITLE = 80  # characters of the goal above the picture


@runtime_checkable
class KeepsFacts(Protocol):
    """A memory that can list its current facts."""

    def facts(self) -> Sequence[Fact]:
        """Return the current facts."""
        ...


class View(Protocol):
    """A display of a run, step by step."""

    def show(self, record: RunRecord, step: Step) -> None:
        """Show a step of the run."""
        ...

    def wait(self, message: str) -> None:
        """Show a message until the next step."""
        ...

    def close(self) -> None:
        """Stop showing."""
        ...


class LineView:
    """One plain line a step: its number, the score, the room, the action and the reason."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._room = ""

    def show(self, record: RunRecord, step: Step) -> None:
        """Print a step."""
        if step.number == 1:
            self._console.print(_text(f"goal: {record.goal or '(none)'}"), soft_wrap=True)
        self._room = step.observation.room or self._room
        action, reason = step.decision.action or "(end)", step.decision.reason
        line = f"{step.number:>4}  {score(step):>7}  {self._room:<16}  {action:<40}  {reason}"
        for problem in unread_replies(step):
            self._console.print(_text(f"      {problem}"), soft_wrap=True)
        self._console.print(_text(line.rstrip()), soft_wrap=True)

    def wait(self, message: str) -> None:
        """Print nothing: this view prints only steps."""

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


class Picture:
    """A picture of a run at a step: room, score, action, plan, and the last facts added and retired."""

    def __init__(self, changes: int = _MAX_CHANGES) -> None:
        self._changes = deque[Text](maxlen=changes)
        self._room = ""

    def draw(self, record: RunRecord, step: Step, wait: RenderableType | None = None) -> Panel:
        """Add a step and return the picture after it; `wait` stands at its end."""
        self._room = step.observation.room or self._room
        self._changes.extend(_change(problem, "yellow") for problem in unread_replies(step))
        self._changes.extend(_change(f"- {fact}", "red") for fact in step.update.retired)
        self._changes.extend(_change(f"+ {fact}", "green") for fact in step.update.added)
        return self.redraw(record, step, wait)

    def redraw(self, record: RunRecord, step: Step, wait: RenderableType | None = None) -> Panel:
        """Return the picture after the last step added."""
        head = _text(f"step {step.number}   {self._room}   score {score(step)}", "bold")
        parts: list[RenderableType] = [head, _action(step), Text()]
        if step.decision.commands:  # the step that closes a run has no plan
            parts += [_plan(step), Text()]
        parts += [_text("Facts added and retired", "italic"), *self._changes]
        return Panel(Group(*parts, *([wait] if wait is not None else [])), title=_title(record))


class LiveView:
    """The picture of a run, redrawn at each step."""

    def __init__(self, console: Console) -> None:
        self._picture = Picture(max(2, min(_MAX_CHANGES, console.height - _OTHER_LINES)))
        self._last: tuple[RunRecord, Step] | None = None
        self._live = Live(console=console, refresh_per_second=12)
        self._live.start()

    def show(self, record: RunRecord, step: Step) -> None:
        """Draw a step."""
        self._last = record, step
        self._live.update(self._picture.draw(record, step))

    def wait(self, message: str) -> None:
        """Draw a spinner with a message below the last step."""
        spinner = Spinner("dots", _text(message, "dim"))
        self._live.update(self._picture.redraw(*self._last, spinner) if self._last else Panel(spinner))

    def close(self) -> None:
        """Stop drawing; the last picture remains on the screen."""
        self._live.stop()


class SilentView:
    """A view that shows nothing."""

    def show(self, record: RunRecord, step: Step) -> None:
        """Show nothing."""

    def wait(self, message: str) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


@dataclass(frozen=True)
class FinalTextView:
    """A view for a run that a person plays: it prints the game's final text, which no prompt shows."""

    write: Callable[[str], None] = click.echo

    def show(self, record: RunRecord, step: Step) -> None:  # noqa: ARG002
        """Print the text of the step that closes the run."""
        if not step.decision.commands:
            self.write(f"{step.observation.text}\n")

    def wait(self, message: str) -> None:
        """Print nothing: the person sees the prompt."""

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def choose_view(console: Console, *, quiet: bool) -> View:
    """Return the view for a console: silent, live in a terminal, or one line a step."""
    return SilentView() if quiet else LiveView(console) if console.is_terminal else LineView(console)


def step_panel(run: Run, number: int, calls: Sequence[Call] = ()) -> RenderableType:
    """Return everything that a step recorded: observation, facts, recall, plan, action and model calls."""
    step = run.steps[number - 1]
    recall = step.recall
    changes = [_text(problem, "yellow") for problem in unread_replies(step)]
    changes += [_text(f"+ {fact}", "green") for fact in step.update.added]
    changes += [_text(f"- {fact}", "red") for fact in step.update.retired]
    goals = [_text(f"- {goal.text}: {goal.reason} ({goal.progress})", "dim") for goal in step.plan.subgoals]
    parts = [
        _text(f"step {number} of {len(run.steps)}   {run.room(number)}   score {score(step)}", "bold"), _action(step),
        Text(), Text("seen before deciding", "italic"), _text(step.observation.transcript),
        Text(), *changes, *([Text()] if changes else []),
        Text("Plan", "italic"), *goals, Text(),
        _text(f"recalled {len(recall.facts)} facts and {len(recall.episodes)} episodes", "italic"),
        _text(recall.text), *_call_summaries(calls),
    ]  # fmt: skip
    return Panel(Group(*parts), title=_title(run.record))


def unread_replies(step: Step) -> list[str]:
    """Return the notes about a model's unreadable replies: to the step's text, or for its plan."""
    notes = (*step.update.reading.unread, *(goal.progress for goal in step.plan.subgoals[:1]))
    return [" ".join(note.split()) for note in notes if note.startswith(UNREAD)]


def calls_panel(calls: Sequence[Call]) -> RenderableType:
    """Return the full prompts and replies of model calls."""
    parts = list[RenderableType]()
    for call in calls:
        parts.append(_text(f"{_call_summary(call)}, {call.completion.model}", "bold"))
        reply = {"role": "reply", "content": call.completion.text}
        parts += [_text(f"--- {message['role']}\n{message['content']}") for message in (*call.messages, reply)]
    return Group(*parts) if parts else _text("no model was called at this step")


def memory_panel(memory: Memory) -> RenderableType:
    """Return all current facts of a memory."""
    facts = memory.facts() if isinstance(memory, KeepsFacts) else None
    if facts is None:
        return _text("this memory keeps no facts")
    return Panel(Group(*(_text(str(fact)) for fact in facts)), title=f"{len(facts)} current facts")


def _call_summaries(calls: Sequence[Call]) -> list[RenderableType]:
    if not calls:
        return []
    return [Text(), _text("Model calls", "italic"), *(_text(_call_summary(call)) for call in calls)]


def _call_summary(call: Call) -> str:
    """Return a call's purpose, tokens and time."""
    return f"{call.shape}: {Usage.of([call])}, {call.completion.seconds:.1f} s"


def _plan(step: Step) -> Table:
    plan = Table(title="Plan", title_justify="left", expand=True, box=None)
    for column in ("sub-goal", "reason", "progress"):
        plan.add_column(column, no_wrap=True, overflow="ellipsis")
    for goal in step.plan.subgoals[:_MAX_SUBGOALS]:
        plan.add_row(_text(goal.text), _text(goal.reason), _text(goal.progress, "dim"), end_section=False)
    return plan


def _action(step: Step) -> Text:
    """Return the action and its reason."""
    action, reason = map(shown, (step.decision.action or "(end)", step.decision.reason))
    return Text.assemble((f"> {action}", "bold cyan"), f"   {reason}")


def _change(text: str, style: str) -> Text:
    return _text(text, style, no_wrap=True, overflow="ellipsis")


def _text(text: str, style: str = "", **options: Any) -> Text:
    """Return a text of a game, a memory or a model, safe for a terminal."""
    return Text(lines_shown(text), style, **options)


def _title(record: RunRecord) -> Text:
    goal = record.goal if len(record.goal) <= _MAX_TITLE else f"{record.goal[:_MAX_TITLE]}..."
    return _text(f"{record.settings.game.name}: {goal}" if goal else record.settings.game.name)


def score(step: Step) -> str:
    """Return the score, with the maximum if it is known: "3/7"."""
    maximum = step.observation.max_score
    return str(step.observation.score) if maximum is None else f"{step.observation.score}/{maximum}"


def summary(outcome: Outcome, folder: str) -> str:
    """Return the outcome of a run in a few lines."""
    maximum = "" if outcome.max_score is None else f" of {outcome.max_score}"
    ms = outcome.agent_ms_per_decision
    agent = "" if ms is None else f"; {ms:.0f} ms per decision (agent only)"
    decisions = f"{outcome.steps} decision{'s' * (outcome.steps != 1)} ({outcome.commands} commands)"
    result = "won" if outcome.won else "not won"
    usage = Usage(
        outcome.model_calls, outcome.prompt_tokens, outcome.completion_tokens, outcome.cost, outcome.tokens_estimated
    )
    model = f"\nthe model: {usage}" if usage.calls else ""
    points = f"{result}: {outcome.score}{maximum} points in {decisions}, {outcome.seconds:.1f} s{agent}"
    return f"{points}{model}\nsaved in {folder}"

"""What a person sees of a run as it is played: a live picture in a terminal, a line a step elsewhere."""

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

_RECENT = 8  # facts learned and retired that stay in sight
_ABOVE = 16  # lines of the picture without the facts
_TITLE = 80  # characters of the goal above the picture


@runtime_checkable
class KeepsFacts(Protocol):
    """A memory that can say which facts hold."""

    def facts(self) -> Sequence[Fact]: ...


class View(Protocol):
    """Shows a run step by step."""

    def show(self, record: RunRecord, step: Step) -> None: ...
    def waits_for(self, what: str) -> None: ...
    def close(self) -> None: ...


class Lines:
    """One plain line a step: its number, the score, the room, the action and why."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._room = ""

    def show(self, record: RunRecord, step: Step) -> None:
        if step.number == 1:
            self._console.print(_text(f"goal: {record.goal or '(none)'}"), soft_wrap=True)
        self._room = step.observation.room or self._room
        action, reason = step.decision.action or "(end)", step.decision.reason
        told = f"{step.number:>4}  {score(step):>7}  {self._room:<16}  {action:<40}  {reason}"
        for skipped in skipped_at(step):
            self._console.print(_text(f"      {skipped}"), soft_wrap=True)
        self._console.print(_text(told.rstrip()), soft_wrap=True)

    def waits_for(self, what: str) -> None:
        """Says nothing: a line a step."""

    def close(self) -> None:
        """Nothing to put away."""


class Picture:
    """Room, score, plan, the last facts learned and retired, and what is waited for, redrawn at every step."""

    def __init__(self, console: Console) -> None:
        self._facts = deque[Text](maxlen=max(2, min(_RECENT, console.height - _ABOVE)))
        self._room, self._last = "", Group()
        self._title = Text()
        self._live = Live(console=console, refresh_per_second=12)
        self._live.start()

    def show(self, record: RunRecord, step: Step) -> None:
        self._room = step.observation.room or self._room
        self._facts.extend(_text(skipped, "yellow", no_wrap=True, overflow="ellipsis") for skipped in skipped_at(step))
        self._facts.extend(_text(f"- {fact}", "red") for fact in step.update.retired)
        self._facts.extend(_text(f"+ {fact}", "green") for fact in step.update.added)
        self._last, self._title = Group(*self._parts(step)), _title(record)
        self._live.update(Panel(self._last, title=self._title))

    def waits_for(self, what: str) -> None:
        self._live.update(Panel(Group(self._last, Spinner("dots", _text(what, "dim"))), title=self._title))

    def close(self) -> None:
        self._live.stop()

    def _parts(self, step: Step) -> list[RenderableType]:
        head = _text(f"step {step.number}   {self._room}   score {score(step)}", "bold")
        done = _done(step)
        if not step.decision.commands:  # the step that closes a run
            return [head, done, Text(), _text("Facts learned and retired", "italic"), *self._facts]
        plan = Table(title="Plan", title_justify="left", expand=True, box=None)
        for column in ("sub-goal", "reason", "progress"):
            plan.add_column(column, no_wrap=True, overflow="ellipsis")
        for goal in step.plan.subgoals[:6]:
            plan.add_row(_text(goal.text), _text(goal.reason), _text(goal.progress, "dim"), end_section=False)
        return [head, done, Text(), plan, Text(), _text("Facts learned and retired", "italic"), *self._facts]


class Silent:
    """Nothing at all."""

    def show(self, record: RunRecord, step: Step) -> None:
        """Shows nothing."""

    def waits_for(self, what: str) -> None:
        """Says nothing."""

    def close(self) -> None:
        """Nothing to put away."""


@dataclass(frozen=True)
class LastWords:
    """A View of a run that a person plays: what the game said last, which nobody is asked about."""

    tell: Callable[[str], None] = click.echo

    def show(self, record: RunRecord, step: Step) -> None:  # noqa: ARG002
        if not step.decision.commands:
            self.tell(f"{step.observation.text}\n")

    def waits_for(self, what: str) -> None:
        """Says nothing: a person sees the prompt."""

    def close(self) -> None:
        """Nothing to put away."""


def view(console: Console, *, quiet: bool) -> View:
    """What suits where the output goes."""
    return Silent() if quiet else Picture(console) if console.is_terminal else Lines(console)


def step_of(run: Run, number: int, calls: Sequence[Call] = ()) -> RenderableType:
    """All that a step recorded: what was seen, learned and recalled, the plan, what was done and why, what a model was
    asked."""
    step = run.steps[number - 1]
    seen, update, recall = step.observation, step.update, step.recall
    learned = [_text(skipped, "yellow") for skipped in skipped_at(step)]
    learned += [_text(f"+ {fact}", "green") for fact in update.added]
    learned += [_text(f"- {fact}", "red") for fact in update.retired]
    told = f"recalled {len(recall.facts)} facts and {len(recall.episodes)} episodes"
    goals = [_text(f"- {one.text}: {one.reason} ({one.progress})", "dim") for one in step.plan.subgoals]
    done = _done(step)
    parts = [
        _text(f"step {number} of {len(run.steps)}   {run.room(number)}   score {score(step)}", "bold"), done, Text(),
        _text(seen.transcript), Text(), *learned, *([Text()] if learned else []), Text("Plan", "italic"), *goals,
        Text(),
        _text(told, "italic"), _text(recall.text), *_asked_of(calls),
    ]  # fmt: skip
    return Panel(Group(*parts), title=_title(run.record))


def skipped_at(step: Step) -> list[str]:
    """What of a step's text was left unread, or of its plan as it was, for a model's reply could not be read."""
    said = (*step.update.reading.unread, *(goal.progress for goal in step.plan.subgoals[:1]))
    return [" ".join(told.split()) for told in said if told.startswith(UNREAD)]


def said_at(calls: Sequence[Call]) -> RenderableType:
    """What a model was asked, all of it, and what it said."""
    told = list[RenderableType]()
    for call in calls:
        told.append(_text(f"{_told(call)}, {call.completion.model}", "bold"))
        said = {"role": "reply", "content": call.completion.text}
        told += [_text(f"--- {one['role']}\n{one['content']}") for one in (*call.messages, said)]
    return Group(*told) if told else _text("no model was asked anything at this step")


def _asked_of(calls: Sequence[Call]) -> list[RenderableType]:
    return [Text(), _text("Sent to the model", "italic"), *(_text(_told(call)) for call in calls)] if calls else []


def _told(call: Call) -> str:
    """What a call was for, and what it took."""
    return f"{call.shape}: {Usage.of([call])}, {call.completion.seconds:.1f} s"


def held(memory: Memory) -> RenderableType:
    """All that a memory holds."""
    facts = memory.facts() if isinstance(memory, KeepsFacts) else None
    if facts is None:
        return _text("this memory keeps no facts")
    return Panel(Group(*(_text(str(fact)) for fact in facts)), title=f"{len(facts)} facts hold")


def _text(told: str, style: str = "", **how: Any) -> Text:
    """A text of a game, a memory or a model on a terminal."""
    return Text(lines_shown(told), style, **how)


def _done(step: Step) -> Text:
    """What was done, and why."""
    action, reason = map(shown, (step.decision.action or "(end)", step.decision.reason))
    return Text.assemble((f"> {action}", "bold cyan"), f"   {reason}")


def _title(record: RunRecord) -> Text:
    goal = record.goal if len(record.goal) <= _TITLE else f"{record.goal[:_TITLE]}..."
    return _text(f"{record.settings.game.name}: {goal}" if goal else record.settings.game.name)


def score(step: Step) -> str:
    """The score and, where it is known, the most that can be had: "3/7"."""
    most = step.observation.max_score
    return str(step.observation.score) if most is None else f"{step.observation.score}/{most}"


def summary(outcome: Outcome, folder: str) -> str:
    """What came of a run, in a few lines."""
    most = "" if outcome.max_score is None else f" of {outcome.max_score}"
    took = outcome.agent_ms_per_decision
    agent = "" if took is None else f"; the agent took {took:.0f} ms a decision beside the game's own time"
    decisions = f"{outcome.steps} decision{'s' * (outcome.steps != 1)} ({outcome.commands} commands)"
    end = "won" if outcome.won else "not won"
    spent = Usage(
        outcome.model_calls, outcome.prompt_tokens, outcome.completion_tokens, outcome.cost, outcome.tokens_estimated
    )
    asked = f"\nthe model: {spent}" if spent.calls else ""
    told = f"{end}: {outcome.score}{most} points in {decisions}, {outcome.seconds:.1f} s{agent}"
    return f"{told}{asked}\nsaved in {folder}"

"""Saved runs step by step: a table, and a plot of score and graph size."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TextIO

from ariadne.errors import AriadneError, MissingExtra
from ariadne.llm.call_log import Usage
from ariadne.runs.record import Run, facts_after

_UNDATED: dict[str, dict[str, None]] = {".svg": {"Date": None}, ".png": {}, ".pdf": {"CreationDate": None}}
"""The kinds of pictures, with the metadata that keeps the date out of them."""
_ONE_COLUMN = 10  # runs in a legend of one column, each with a colour of its own


@dataclass(frozen=True)
class StepRow:
    """One step in numbers and words; `facts` counts the current facts after it."""

    run: str
    """The folder of the run."""
    game: str
    mind: str
    memory: str
    step: int
    room: str
    score: int
    max_score: int | None
    learned: int
    restated: int
    retired: int
    facts: int
    recalled_facts: int
    recalled_episodes: int
    action: str
    commands: str
    reason: str
    model_calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    """Dollars; None if a price is unknown."""


def rows(run: Run) -> Iterator[StepRow]:
    """Yield a row for each step; raise RunError if a step cannot be read."""
    settings, room = run.record.settings, ""
    for step, facts in facts_after(run.steps):
        usage = Usage.of(run.calls.get(step.number, ()))
        seen, update, recall = step.observation, step.update, step.recall
        room = seen.room or room
        yield StepRow(
            str(run.folder), settings.game.name, settings.mind, settings.memory, step.number, room, seen.score,
            seen.max_score, len(update.added), len(update.restated), len(update.retired), len(facts), len(recall.facts),
            len(recall.episodes), step.decision.action, "; ".join(step.decision.commands), step.decision.reason,
            usage.calls, usage.prompt_tokens, usage.completion_tokens, usage.cost,
        )  # fmt: skip


def write_table(steps: Iterable[StepRow], file: TextIO) -> None:
    """Write steps as CSV, with a header line."""
    table = csv.writer(file)
    table.writerow(field.name for field in fields(StepRow))
    table.writerows(map(astuple, steps))


def plot(runs: Sequence[tuple[str, Sequence[StepRow]]], file: Path) -> None:
    """Plot score and number of facts by step, with a line for each named run; the same runs give the same bytes.

    Args:
        runs: Pairs of name and rows.
        file: The picture; its suffix chooses the kind: .svg, .png or .pdf.

    Raises:
        MissingExtra: The extra [plots] is not installed.
    """
    if (kind := file.suffix.lower()) not in _UNDATED:
        raise AriadneError(f"{file}: the name of a plot must end in one of {', '.join(_UNDATED)}")
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("plotting", "plots") from error
    columns = 2 if len(runs) > _ONE_COLUMN else 1
    figure = Figure(figsize=(8, 6 + 0.2 * -(-len(runs) // columns)), layout="constrained")
    score, graph = figure.subplots(2, 1, sharex=True)
    colours = mpl.colormaps["tab10" if len(runs) <= _ONE_COLUMN else "turbo"].resampled(max(len(runs), _ONE_COLUMN))
    for number, (name, steps_of_run) in enumerate(runs):
        label, colour = f" {name}".replace("$", r"\$"), colours(number)  # matplotlib hides what begins with _
        steps = [row.step for row in steps_of_run]
        score.step(steps, [row.score for row in steps_of_run], where="post", label=label, color=colour, alpha=0.8)
        graph.plot(steps, [row.facts for row in steps_of_run], color=colour, alpha=0.8)
    score.set_ylabel("score")
    graph.set_ylabel("current facts")
    graph.set_xlabel("step")
    for axes in (score, graph):
        axes.grid(alpha=0.3)
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
    handles = score.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=columns, fontsize="small", frameon=False)
    with mpl.rc_context({"svg.hashsalt": "ariadne", "svg.fonttype": "none"}):
        try:
            figure.savefig(file, format=kind[1:], metadata=_UNDATED[kind])
        except (OSError, ValueError) as error:
            raise AriadneError(f"{file}: the plot cannot be written ({error})") from error

"""Saved runs step by step: as a table, and as a plot of how score and graph grew."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TextIO

from ariadne.errors import AriadneError, MissingExtra
from ariadne.llm.call_log import Spent
from ariadne.runs.record import Run, held_after

_UNDATED: dict[str, dict[str, None]] = {".svg": {"Date": None}, ".png": {}, ".pdf": {"CreationDate": None}}
"""Kinds of pictures, with what keeps the day out of them."""
_ONE_COLUMN = 10  # runs in a plot that stand below each other, and have colours of their own


@dataclass(frozen=True)
class Row:
    """A step in numbers and words; of facts, those that held after it, and those that came and went by it."""

    run: str
    """Its folder."""
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
    """Dollars; None where a price is not known."""


def rows(run: Run) -> Iterator[Row]:
    """A row a step. Raises RunError where a step cannot be read."""
    asked, room = run.record.asked, ""
    for step, held in held_after(run.steps):
        spent = Spent.on(run.calls.get(step.number, ()))
        seen, update, recall = step.observation, step.update, step.recall
        room = seen.room or room
        yield Row(
            str(run.folder), Path(asked.game).name, asked.mind, asked.memory, step.number, room, seen.score,
            seen.max_score, len(update.added), len(update.restated), len(update.retired), len(held), len(recall.facts),
            len(recall.episodes), step.decision.action, "; ".join(step.decision.commands), step.decision.reason,
            spent.calls, spent.prompt_tokens, spent.completion_tokens, spent.cost,
        )  # fmt: skip


def write_table(steps: Iterable[Row], file: TextIO) -> None:
    """Steps as CSV, with a line that names the columns."""
    table = csv.writer(file)
    table.writerow(field.name for field in fields(Row))
    table.writerows(map(astuple, steps))


def plot(runs: Sequence[tuple[str, Sequence[Row]]], file: Path) -> None:
    """Score and facts held, step by step, a line for each run by its name; the same runs give the same bytes. The
    file's name says which kind of picture: .svg, .png, .pdf. Raises MissingExtra without the extra [plots]."""
    if (kind := file.suffix.lower()) not in _UNDATED:
        raise AriadneError(f"{file}: no plot can be written to it: its name ends in {', '.join(_UNDATED)}")
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("plots", "plots") from error
    columns = 2 if len(runs) > _ONE_COLUMN else 1
    figure = Figure(figsize=(8, 6 + 0.2 * -(-len(runs) // columns)), layout="constrained")
    score, graph = figure.subplots(2, 1, sharex=True)
    colours = mpl.colormaps["tab10" if len(runs) <= _ONE_COLUMN else "turbo"].resampled(max(len(runs), _ONE_COLUMN))
    for number, (name, told) in enumerate(runs):
        label, colour = f" {name}".replace("$", r"\$"), colours(number)  # matplotlib hides what begins with _
        steps = [row.step for row in told]
        score.step(steps, [row.score for row in told], where="post", label=label, color=colour, alpha=0.8)
        graph.plot(steps, [row.facts for row in told], color=colour, alpha=0.8)
    score.set_ylabel("score")
    graph.set_ylabel("facts that hold")
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
            raise AriadneError(f"{file}: no plot can be written to it ({error})") from error

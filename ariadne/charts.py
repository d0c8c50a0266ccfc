"""Saved runs step by step: as a table, and as a plot of how score and graph grew."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TextIO

from ariadne.errors import AriadneError, MissingExtra
from ariadne.runs import Run, held_after


@dataclass(frozen=True)
class Row:
    """A step in numbers and words; of facts, those that held after it, and those that came and went by it."""

    run: str
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


def rows(run: Run) -> Iterator[Row]:
    """A row a step. Raises RunError where a step cannot be read."""
    asked, room = run.record.asked, ""
    for step, held in held_after(run.steps):
        seen, update, recall = step.observation, step.update, step.recall
        room = seen.room or room
        yield Row(
            run.folder.name, Path(asked.game).name, asked.mind, asked.memory, step.number, room, seen.score,
            seen.max_score, len(update.added), len(update.restated), len(update.retired), len(held), len(recall.facts),
            len(recall.episodes), step.decision.action, "; ".join(step.decision.commands), step.decision.reason,
        )  # fmt: skip


def write_table(runs: Iterable[Run], file: TextIO) -> None:
    """All steps of some runs as CSV, with a line that names the columns."""
    table = csv.writer(file)
    table.writerow(field.name for field in fields(Row))
    for run in runs:
        table.writerows(map(astuple, rows(run)))


def plot(runs: Iterable[Run], file: Path) -> None:
    """Score and facts held, step by step, a line a run; the same runs give the same bytes. The file's name says which
    kind of picture: .svg, .png, .pdf. Raises MissingExtra without the extra [plots]."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("plots", "plots") from error
    figure = Figure(figsize=(8, 7), layout="constrained")
    score, graph = figure.subplots(2, 1, sharex=True)
    for run in runs:
        told = list(rows(run))
        label = run.folder.name.replace("$", r"\$")
        steps = [row.step for row in told]
        score.step(steps, [row.score for row in told], where="post", label=label)
        graph.plot(steps, [row.facts for row in told], label=label)
    score.set_ylabel("score")
    graph.set_ylabel("facts that hold")
    graph.set_xlabel("step")
    for axes in (score, graph):
        axes.grid(alpha=0.3)
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*score.get_legend_handles_labels(), loc="outside lower center", fontsize="small", frameon=False)
    with mpl.rc_context({"svg.hashsalt": "ariadne", "svg.fonttype": "none"}):
        try:
            figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)
        except (OSError, ValueError) as error:
            raise AriadneError(f"{file}: no plot can be written to it ({error})") from error

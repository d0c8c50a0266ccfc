"""Plots of a bench: scores by game, or growth with the number of rooms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.bench.results import ResultRow
from ariadne.errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(rows: Sequence[ResultRow], file: Path) -> None:
    """Plot scores by game, or growth with the rooms if all rows have `rooms`.

    The same rows give the same bytes. Without a finished run, the file is deleted.

    Raises:
        MissingExtra: The extra [bench] is missing.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtra("plots", "bench") from error
    if not (played := [row for row in rows if row.runs]):
        file.unlink(missing_ok=True)
        return
    figure = _growth(played) if all(row.rooms for row in played) else _scores(played)
    with mpl.rc_context({"svg.hashsalt": "ariadne"}):
        figure.savefig(file, metadata={"Date": None})


def _growth(rows: Sequence[ResultRow]) -> Figure:
    """Plot score, milliseconds and tokens a decision against rooms, one line a memory."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 10), layout="constrained")
    parts: list[tuple[str, Callable[[ResultRow], float]]] = [
        ("mean score", lambda row: row.score), ("ms a decision", lambda row: 1000 * row.seconds),
        ("tokens recalled a decision", lambda row: row.recalled),
    ]  # fmt: skip
    if any(row.tokens for row in rows):
        parts.append(("model tokens a decision", lambda row: row.tokens / max(row.decisions, 1)))
    for axes, (name, value) in zip(figure.subplots(len(parts), 1, sharex=True), parts, strict=True):
        for label, line in _series(rows).items():
            line.sort(key=_rooms)
            axes.plot([_rooms(row) for row in line], [value(row) for row in line], marker="o", label=label)
        axes.set_ylabel(name)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("rooms")
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize="small", frameon=False
    )
    return figure


def _series(rows: Sequence[ResultRow]) -> dict[str, list[ResultRow]]:
    """Return the rows of each series; its label is the memory, with mind and context if they differ."""
    names = ["memory", *(name for name in ("mind", "context") if len({getattr(row, name) for row in rows}) > 1)]
    series = defaultdict[str, list[ResultRow]](list)
    for row in rows:
        series[", ".join(f"{getattr(row, name)}{' tokens' * (name == 'context')}" for name in names)].append(row)
    return series


def _rooms(row: ResultRow) -> int:
    return row.rooms or 0


def _scores(rows: Sequence[ResultRow]) -> Figure:
    """Plot mean scores with their intervals by game, one bar for each mind, memory and context."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    games = list(dict.fromkeys(row.game for row in rows))
    kinds = _series(rows)
    figure = Figure(figsize=(max(9.0, 2 + 1.5 * len(games)), 5), layout="constrained")
    axes, colours = figure.subplots(), mpl.colormaps["tab20"].resampled(max(len(kinds), 1))
    for number, (label, bars) in enumerate(kinds.items()):
        places = [games.index(row.game) + (number + 0.5) * 0.8 / len(kinds) - 0.4 for row in bars]
        spread = [
            [max(row.score - low, 0.0), max(high - row.score, 0.0)]
            for row in bars
            for low, high in [row.score_interval or (row.score, row.score)]
        ]
        axes.bar(
            places, [row.score for row in bars], 0.8 / len(kinds), yerr=list(zip(*spread, strict=True)), capsize=2,
            label=label, color=colours(number),
        )  # fmt: skip
    axes.set_xticks(range(len(games)), games, rotation=20, ha="right")
    axes.set_ylim(0, 1.05)
    axes.set_ylabel("mean score, 95 % intervals")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, fontsize="small", frameon=False)
    return figure

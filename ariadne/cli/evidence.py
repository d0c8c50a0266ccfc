"""`ariadne bench evidence`: how much of the labelled evidence a memory recalls."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ariadne.cli.base import CommandWithHeadings, in_columns, json_option, plural, print_result, report_errors
from ariadne.cli.inputs import AS_PATH

if TYPE_CHECKING:
    from ariadne.bench.evidence.cases import Case
    from ariadne.bench.evidence.measure import Advance, Report
    from ariadne.protocols import Embedder

_NO_EMBEDDER = "none"
_COUNTS = click.IntRange(min=1)


@click.command("evidence", cls=CommandWithHeadings)
@click.argument("files", nargs=-1, required=True, type=AS_PATH, metavar="FILE...")
@click.option("--embedder", default="default", show_default=True,
    help="default (MiniLM if it is installed), none, minilm, hash, a sentence-transformers model, or"
    " https://HOST/v1#MODEL.",
)  # fmt: skip
@click.option("--triplets", is_flag=True, help="Remember the recorded triplets of the passages, too.")
@click.option("--baselines", is_flag=True,
    help="Also measure the nearest texts, BM25, and their reciprocal ranks, with the same embedder.",
)  # fmt: skip
@click.option("--by", "unit", type=click.Choice(["text", "session"]), default="text", show_default=True,
    help="What counts as evidence: turns and passages, or the sessions of the turns.",
)  # fmt: skip
@click.option("--cases", "number", type=_COUNTS, metavar="N", help="Only N memories, evenly spaced. [default: all]")
@click.option("--limit", type=_COUNTS, metavar="N", help="Only the first N questions of each memory. [default: all]")
@json_option
@report_errors
def evidence(
    files: tuple[Path, ...], embedder: str, number: int | None, limit: int | None, as_json: bool, **options: Any
) -> None:
    """Measure how much of the labelled evidence a memory recalls.

    FILE is one of LoCoMo, LongMemEval, REALTALK or HippoRAG (questions with their corpus), or has JSON lines; its
    content shows which. Each conversation or corpus is remembered in a memory of its own, with default settings, and
    each question is recalled.
    """
    from ariadne.bench.evidence.cases import evenly_spaced
    from ariadne.bench.evidence.measure import Settings, measure
    from ariadne.bench.evidence.readers.files import read_cases

    cases = read_cases(files)
    cases = cases if number is None else evenly_spaced(cases, number)
    settings = Settings(_embedder(embedder), limit=limit, **options)
    with _bar(cases, limit, quiet=as_json) as advance:
        report = measure(cases, settings, advance)
    print_result(_table(report), report, as_json=as_json)


def _embedder(spec: str) -> Embedder | None:
    from ariadne.memory import embedder_named
    from ariadne.memory.embedders.registry import default_embedder

    if spec == "default":
        return default_embedder()
    return None if spec == _NO_EMBEDDER else embedder_named(spec)


@contextmanager
def _bar(cases: Sequence[Case], limit: int | None, *, quiet: bool) -> Iterator[Advance]:
    """Show a progress bar of texts and questions, if standard error is a terminal; yield what advances it."""
    from ariadne.bench.evidence.measure import steps_of

    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(
        iter(()), steps_of(cases, limit), "texts and questions", file=sys.stderr, item_show_func=str, show_pos=True
    ) as bar:
        yield lambda name: bar.update(1, name)  # type: ignore[arg-type]  # the item is only shown


# -- the table ---------------------------------------------------------------------------------------------------------


def _table(report: Report) -> list[str]:
    """Return the figures: by method, within token budgets, and by category."""
    return [*_about(report), "", *_columns(_by_method(report)), "", *_columns(_by_category(report)), "", *_NOTES]


def _columns(rows: Iterable[list[str]]) -> list[str]:
    """Return rows of any length in columns."""
    rows = list(rows)
    width = max(map(len, rows))
    return in_columns([[*row, *[""] * (width - len(row))] for row in rows])


_NOTES = (
    "Shares with 95 % bootstrap intervals. The first table has the questions that the texts answer; of the categories,",
    "adversarial and abstention have the others. A remembered text is a mean over the memories, a recall a median.",
)


def _about(report: Report) -> Iterator[str]:
    memories = "1 memory" if report.cases == 1 else f"{report.cases:,} memories"
    left_out = f", {report.unlabelled:,} without evidence left out" if report.unlabelled else ""
    yield f"{memories}, {report.texts:,} texts, {plural(report.questions, 'answerable question')}{left_out}"
    times = report.milliseconds
    yield f"embedder {report.embedder}; {times['remember']} ms a remembered text, {times['recall']} ms a recall"


def _by_method(report: Report) -> Iterator[list[str]]:
    yield [f"evidence by {report.unit}", *report.recall]
    for measure in next(iter(report.recall.values())):
        yield [_name_of(measure), *(str(scores[measure]) for scores in report.recall.values())]
    for budget, mean in report.within.items():
        yield [f"share within {budget:,} tokens", str(mean)]


def _name_of(measure: str) -> str:
    """Return a measure in words: "@5" is "share in the first 5"."""
    kind, _, places = measure.partition("@")
    return f"{f'{kind} of it' if kind else 'share'} in the first {places}"


def _by_category(report: Report) -> Iterator[list[str]]:
    yield ["memory, by category", "questions", "share in the first 5", "share in the first 10"]
    for name, category in report.categories.items():
        yield [name, str(category.questions), str(category.scores["@5"]), str(category.scores["@10"])]

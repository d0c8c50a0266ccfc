"""`ariadne bench` with the measurements of truth, of time and of model calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Literal

import click

from ariadne.cli.base import in_columns, json_option, print_result, report_errors
from ariadne.cli.bench.evidence import evidence
from ariadne.cli.bench.suites import SuiteGroup
from ariadne.cli.inputs import AS_PATH, SEED

if TYPE_CHECKING:
    from ariadne.bench.recall_speed import PaperReport, Report, Times


@click.group(cls=SuiteGroup)
def bench() -> None:
    """Measure memories, or play suites of games.

    A suite is played by its name, or from your own FILE.toml. The paper is AriGraph (arXiv 2407.04363).
    """


bench.add_command(evidence)


@bench.command("truth")
@click.argument("game", type=AS_PATH)
@click.argument("record", required=False, type=AS_PATH)
@click.option("--memory", "kind", type=click.Choice(["rules", "given", "record"]), default="rules", show_default=True,
    help="The graph to judge. rules: the graph that the rules read from the texts. given: a graph made from the"
    " recorded triplets. record: the graph as recorded. given and record need a RECORD.",
)  # fmt: skip
@click.option(
    "--moves", type=click.IntRange(min=1), metavar="N", default=200, show_default=True, help="Moves of the random walk."
)
@click.option("--seed", type=SEED, metavar="N", default=1, show_default=True, help="Seed of the random walk.")
@click.option("--unread", is_flag=True, help="List the sentences that the rules could not read.")
@json_option
@report_errors
def truth(
    game: Path, record: Path | None, kind: Literal["rules", "given", "record"], moves: int, seed: int, unread: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Measure how true a graph is.

    The actions of RECORD are repeated in GAME, and the graph's places are compared with the game's true facts. RECORD
    is a run's folder, or a file with one turn a line as JSON. Without RECORD, a random walk is played.
    """
    from ariadne.bench.graph_truth import MEANING, measure
    from ariadne.runs.trajectories import random_walk, read_turns

    if record is None and kind != "rules":
        raise click.UsageError(f"--memory {kind} needs a RECORD")
    turns = read_turns(record, game) if record else random_walk(game, moves, seed)
    report = measure(game, turns, kind)
    if as_json:
        sentences = {"unread": dict(report.unread.most_common())} if unread else {}
        click.echo(json.dumps({"game": str(game), "memory": kind, **report.as_dict(), **sentences}))
        return
    click.echo(f"{game}: {record or f'a random walk of {len(turns)} moves, seed {seed}'}; memory: {kind}")
    for name, value in report.as_dict().items():
        click.echo(f"{name.replace('_', ' '):<24}{'-' if value is None else value:>8}   {MEANING[name]}")
    for sentence, count in report.unread.most_common() if unread else ():
        click.echo(f"{count:>6}  {sentence}")


def _sizes(text: str) -> tuple[int, ...]:
    """Parse numbers of facts: "1000,10000"."""
    sizes = text.split(",")
    if not all(size.strip().isascii() and size.strip().isdigit() and int(size) >= 10 for size in sizes):
        raise click.BadParameter(f"{text!r} is not a list of numbers of 10 or more, such as 1000,10000")
    return tuple(map(int, sizes))


@bench.command("recall")
@click.option(
    "--sizes", type=_sizes, metavar="N,N", default="1000,10000,100000", show_default=True, help="Numbers of facts."
)
@click.option("--embedder", default="minilm", show_default=True,
    help="minilm, hash, words, a sentence-transformers model, or https://HOST/v1#MODEL.",
)  # fmt: skip
@click.option(
    "--calls",
    type=click.IntRange(min=1),
    metavar="N",
    default=100,
    show_default=True,
    help="Number of calls for each figure.",
)
@click.option("--seed", type=SEED, metavar="N", default=1, show_default=True, help="Seed of the synthetic world.")
@json_option
@report_errors
def recall(sizes: tuple[int, ...], embedder: str, calls: int, seed: int, as_json: bool) -> None:
    """Measure the time of recall and remember, by number of facts.

    A memory in a temporary file grows with a synthetic world, ten facts an episode, and is measured at each size. Two
    others are measured beside it: LangGraph's InMemoryStore, if it is installed, and the search of the paper's code.
    All sizes take some minutes.
    """
    from ariadne.bench.recall_speed import measure

    report = measure(sizes, embedder, calls, seed, (lambda _: None) if as_json else _print_progress)
    print_result(_table(report), report, as_json=as_json)


@bench.command("changes")
@click.option(
    "--facts", type=click.IntRange(min=100), metavar="N", default=100_000, show_default=True, help="Number of facts."
)
@click.option(
    "--calls", type=click.IntRange(min=1), metavar="N", default=15, show_default=True, help="Number of forgotten texts."
)
@click.option("--seed", type=SEED, metavar="N", default=1, show_default=True, help="Seed of the synthetic world.")
@click.option("--whole", is_flag=True, help="Measure a change of the whole space, too: minutes with 100,000 facts.")
@json_option
@report_errors
def changes(facts: int, calls: int, seed: int, whole: bool, as_json: bool) -> None:
    """Measure the time of forget and merge, and how long another writer waits.

    The memory is in a temporary file, with ten facts an episode and without an embedder. The other writer writes to
    another space of the same file all the time.
    """
    from ariadne.bench.change_speed import measure

    report = measure(facts, calls, seed, (lambda _: None) if as_json else _print_progress, whole=whole)
    rows = [
        ["milliseconds", "p50", "longest", "calls"],
        ["forget one episode", *_spread(report.forget)],
        ["  a write of another meanwhile", *_spread(report.waits_of_forget)],
        ["merge two names", *_spread([report.merge])],
        ["  a write of another meanwhile", *_spread(report.waits_of_merge)],
    ]
    if report.whole is not None:
        rows.append(["change the ontology", *_spread([report.whole])])
        rows.append(["  a write of another meanwhile", *_spread(report.waits_of_whole)])
    print_result(in_columns(rows), report, as_json=as_json)


def _spread(milliseconds: Sequence[float]) -> tuple[str, str, str]:
    if not milliseconds:  # it was over before the other writer wrote
        return "-", "-", "0"
    return f"{median(milliseconds):.1f}", f"{max(milliseconds):.1f}", str(len(milliseconds))


def _print_progress(message: str) -> None:
    click.echo(message, err=True)


def _table(report: Report) -> list[str]:
    """Return the figures by size, those of the paper's search, and how they were measured."""
    sizes = report.sizes
    rows = [
        ["", *(f"{size.facts:,} facts" for size in sizes)],
        ["recall, 3 queries, depth 2, width 6", *(_times(size.recall) for size in sizes)],
        ["recall, 3 queries, default settings", *(_times(size.recall_default) for size in sizes)],
        ["remember, 10 new triplets and their text", *(_times(size.remember) for size in sizes)],
        ["open the file", *(_times(size.open) for size in sizes)],
        ["first recall after opening", *(_times(size.first_recall) for size in sizes)],
        ["LangGraph's InMemoryStore, 3 searches", *(_times(size.langgraph) for size in sizes)],
        ["RAM after 10 recalls", *(_optional(size.resident_mb, "MB") for size in sizes)],
        ["file size", *(f"{size.file_mb} MB" for size in sizes)],
        ["time to fill", *(f"{size.fill_seconds} s" for size in sizes)],
        ["current facts", *(f"{size.current:,}" for size in sizes)],
        ["names, episodes", *(f"{size.names:,}, {size.episodes:,}" for size in sizes)],
    ]
    load = " to ".join(map(str, report.load))
    return [
        f"embedder {report.embedder}; seed {report.seed}; {report.cpus} CPUs, load {load}",
        f"files in {report.folder}; LangGraph {report.langgraph}",
        *in_columns(rows),
        *_NOTES,
        *_paper_lines(report.paper),
    ]


_NOTES = (
    "Milliseconds, p50 / p95 (number of calls), embedding included; each text is new to all caches.",
    "remember is durable; it runs on a copy of the file, with partly new names. Opening and first recall run in new",
    "processes with the embedder loaded; RAM is their growth. LangGraph holds the same facts in RAM, as texts.",
)


def _paper_lines(paper: PaperReport | None) -> list[str]:
    if paper is None:
        return []
    rows = [
        ["the paper's search, as its code does it", _times(paper.search)],
        ["recall, depth 2, width 6", _times(paper.recall)],
        ['recall, the same, strategy "paper"', _times(paper.recall_paper)],
    ]
    return [
        "",
        f"On {paper.facts} current facts, in RAM, 3 queries:",
        *in_columns(rows),
        f"The paper's code embeds {paper.texts_embedded:,} texts a call. It finds {paper.found} triplets;"
        f' strategy "paper" finds {paper.found_by_both} of them.',
    ]


def _times(times: Times | None) -> str:
    return "-" if times is None else f"{times.p50:.1f} / {times.p95:.1f} ({times.calls})"


def _optional(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value} {unit}".rstrip()


@bench.command("calls")
@click.argument("runs", nargs=-1, required=True, type=AS_PATH, metavar="RUN...")
@click.option("--parts", is_flag=True, help="Also list each kind of call.")
@json_option
@report_errors
def calls(runs: tuple[Path, ...], parts: bool, as_json: bool) -> None:
    """Count model calls and tokens a decision.

    The paper's figures stand beside them. All tokens of the RUNs are counted in the same way: by tiktoken if its ranks
    are on this machine, else by an estimate that errs high.
    """
    from ariadne.bench.llm_calls import PUBLISHED, per_decision
    from ariadne.tokens import is_estimate

    figures = [row for run in runs for row in per_decision(run) if parts or not row.part]
    head = ("run", "protocol", "part", "decisions", "calls", "prompt tokens", "completion tokens", "seconds", "dollars")
    rows = [
        (
            row.name, row.protocol, row.part or "all", str(row.steps or "-"), f"{row.calls:.2f}",
            f"{row.prompt_tokens:.0f}", f"{row.completion_tokens:.0f}", _optional(row.seconds, ""),
            _optional(row.cost, ""),
        )
        for row in (*figures, PUBLISHED)
    ]  # fmt: skip
    counted_by = "an estimate that errs high" if is_estimate() else "tiktoken, o200k"
    note = f"all figures a decision; tokens counted by {counted_by}, the published ones by OpenAI"
    data = {"counted_by": counted_by, "runs": figures, "published": PUBLISHED}
    print_result([*in_columns([head, *rows]), note], data, as_json=as_json)

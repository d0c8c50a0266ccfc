"""`ariadne bench`: measurements, each printed with what it was counted on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ariadne.cli.base import in_columns, json_option, plainly, say
from ariadne.cli.inputs import AS_PATH
from ariadne.cli.suite import WithSuites

if TYPE_CHECKING:
    from ariadne.bench.recall_speed import Paper, Report, Times

_SEED = click.IntRange(0, 2**32 - 1)


@click.group(cls=WithSuites)
def bench() -> None:
    """Measure: what is asked is counted, and printed with what it was counted on.

    A suite of games is played by its name, or from a FILE.toml of one's own.
    """


@bench.command("truth")
@click.argument("game", type=AS_PATH)
@click.argument("record", required=False, type=AS_PATH)
@click.option("--memory", "kind", type=click.Choice(["rules", "given", "record"]), default="rules", show_default=True,
    help="Judge a graph read by rules, one given the recorded triplets, or the one in the record.",
)  # fmt: skip
@click.option("--moves", type=click.IntRange(min=1), default=200, show_default=True, help="Without RECORD: how far.")
@click.option("--seed", type=_SEED, default=1, show_default=True, help="Without RECORD: which way.")
@click.option("--unread", is_flag=True, help="List the sentences that reading could make nothing of.")
@json_option
@plainly
def truth(
    game: Path, record: Path | None, kind: Literal["rules", "given", "record"], moves: int, seed: int, unread: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """How true a graph is: repeat in GAME the actions of RECORD and compare all places with the game's true facts.

    RECORD is a run's folder, or a file of turns as JSON lines; without it a random walk is made.
    """
    from ariadne.bench.graph_truth import MEANING, measure
    from ariadne.runs.trajectories import random_walk, read_turns

    if record is None and kind != "rules":
        raise click.UsageError(f"--memory {kind} judges a RECORD: name one")
    turns = read_turns(record, game) if record else random_walk(game, moves, seed)
    report = measure(game, turns, kind)
    if as_json:
        listed = {"unread": dict(report.unread.most_common())} if unread else {}
        click.echo(json.dumps({"game": str(game), "memory": kind, **report.as_dict(), **listed}))
        return
    click.echo(f"{game}: {record or f'a random walk of {len(turns)} moves, seed {seed}'}; memory: {kind}")
    for name, value in report.as_dict().items():
        click.echo(f"{name.replace('_', ' '):<24}{'-' if value is None else value:>8}   {MEANING[name]}")
    for sentence, count in report.unread.most_common() if unread else ():
        click.echo(f"{count:>6}  {sentence}")


def _sizes(told: str) -> tuple[int, ...]:
    """Numbers of facts: "1000,10000"."""
    sizes = told.split(",")
    if not all(size.strip().isascii() and size.strip().isdigit() and int(size) >= 10 for size in sizes):
        raise click.BadParameter(f"{told!r} is no list of numbers of facts, each 10 or more, such as 1000,10000")
    return tuple(map(int, sizes))


@bench.command("recall")
@click.option(
    "--sizes", type=_sizes, metavar="N,N", default="1000,10000,100000", show_default=True, help="Numbers of facts."
)
@click.option("--embedder", default="minilm", show_default=True,
    help="minilm, hash, words, a sentence-transformers model, or https://HOST/v1#MODEL.",
)  # fmt: skip
@click.option("--calls", type=click.IntRange(min=1), default=100, show_default=True, help="Calls for each figure.")
@click.option("--seed", type=_SEED, default=1, show_default=True, help="Of the world that is told.")
@json_option
@plainly
def recall(sizes: tuple[int, ...], embedder: str, calls: int, seed: int, as_json: bool) -> None:
    """How long recall and remember take, by the number of facts.

    A made world is told to a memory in a temporary file, ten facts an episode; each size is measured as the file grows.
    Beside it stand LangGraph's InMemoryStore, where it is installed, and the paper's search as its code does it. All
    sizes take some minutes.
    """
    from ariadne.bench.recall_speed import measure

    report = measure(sizes, embedder, calls, seed, (lambda _: None) if as_json else _progress)
    say(_table(report), report, as_json=as_json)


def _progress(told: str) -> None:
    click.echo(told, err=True)


def _table(report: Report) -> list[str]:
    """The figures by size, those beside the paper's search, and what they were counted on."""
    sizes = report.sizes
    rows = [
        ["", *(f"{one.facts:,} facts" for one in sizes)],
        ["recall, 3 queries, depth 2, width 6", *(_times(one.recall) for one in sizes)],
        ["recall, 3 queries, default settings", *(_times(one.recall_default) for one in sizes)],
        ["remember, 10 new triplets and their text", *(_times(one.remember) for one in sizes)],
        ["open the file", *(_times(one.open) for one in sizes)],
        ["first recall after it", *(_times(one.first_recall) for one in sizes)],
        ["LangGraph's InMemoryStore, 3 searches", *(_times(one.langgraph) for one in sizes)],
        ["RAM after 10 recalls", *(_or_not(one.resident_mb, "MB") for one in sizes)],
        ["file", *(f"{one.file_mb} MB" for one in sizes)],
        ["told in", *(f"{one.fill_seconds} s" for one in sizes)],
        ["facts that hold", *(f"{one.current:,}" for one in sizes)],
        ["names, episodes", *(f"{one.names:,}, {one.episodes:,}" for one in sizes)],
    ]
    where = (
        f"embedder {report.embedder}; seed {report.seed}; {report.cpus} CPUs, load {' to '.join(map(str, report.load))}"
    )
    return [
        where,
        f"files in {report.folder}; LangGraph {report.langgraph}",
        *in_columns(rows),
        *_NOTES,
        *_beside(report.paper),
    ]


_NOTES = (
    "Milliseconds, p50 / p95 (of how many calls); embedding is in them, and no text was asked or told before.",
    "remember is durable, on a copy of the file, names partly new. Open and first recall: in processes of their own,",
    "the embedder loaded; RAM is what they grew by from there. LangGraph holds the same facts in RAM, as texts.",
)


def _beside(paper: Paper | None) -> list[str]:
    if paper is None:
        return []
    rows = [
        ["the paper's search, as its code does it", _times(paper.search)],
        ["recall, depth 2, width 6", _times(paper.recall)],
        ['recall, the same, strategy "paper"', _times(paper.recall_paper)],
    ]
    return [
        "",
        f"On {paper.facts} facts that hold, in RAM, 3 queries:",
        *in_columns(rows),
        f"The first embeds {paper.texts_embedded:,} texts a call; of {paper.found} triplets that it found,"
        f" {paper.found_by_both} are found by the last.",
    ]


def _times(times: Times | None) -> str:
    return "-" if times is None else f"{times.p50:.1f} / {times.p95:.1f} ({times.calls})"


def _or_not(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value} {unit}".rstrip()


@bench.command("calls")
@click.argument("runs", nargs=-1, required=True, type=AS_PATH, metavar="RUN...")
@click.option("--parts", is_flag=True, help="Each part of the thinking by itself, too.")
@json_option
@plainly
def calls(runs: tuple[Path, ...], parts: bool, as_json: bool) -> None:
    """What a language model was asked a step in some RUNs, and how much it said, beside what the paper published.

    All are counted alike: by tiktoken where its ranks are on this machine, else by an estimate that errs high.
    """
    from ariadne.bench.llm_calls import PUBLISHED, per_step
    from ariadne.tokens import is_estimate

    told = [row for run in runs for row in per_step(run) if parts or not row.part]
    head = ("run", "protocol", "part", "decisions", "calls", "prompt tokens", "completion tokens", "seconds", "dollars")
    rows = [
        (row.name, row.protocol, row.part or "all", str(row.steps or "-"), f"{row.calls:.2f}",
         f"{row.prompt_tokens:.0f}", f"{row.completion_tokens:.0f}", _or_not(row.seconds, ""), _or_not(row.cost, ""))
        for row in (*told, PUBLISHED)
    ]  # fmt: skip
    counted = "an estimate that errs high" if is_estimate() else "tiktoken, o200k"
    lines = [*in_columns([head, *rows]), f"a decision; tokens counted by {counted}; those published by OpenAI"]
    say(lines, {"counted_by": counted, "runs": told, "published": PUBLISHED}, as_json=as_json)

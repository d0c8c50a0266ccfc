"""`ariadne bench evidence`: how much of the labelled evidence a memory recalls, and what a model answers."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ariadne.cli.base import (
    CommandWithHeadings,
    flag,
    given_options,
    in_columns,
    json_option,
    options_under,
    plural,
    print_note,
    print_result,
    report_errors,
)
from ariadne.cli.inputs import AS_PATH
from ariadne.cli.model_options import server_options
from ariadne.text import shown

if TYPE_CHECKING:
    from ariadne.bench.evidence.answers import Answerer, AnswerReport, AnswerScores, NamedChat
    from ariadne.bench.evidence.cases import Case
    from ariadne.bench.evidence.fitting import FitReport, Gain
    from ariadne.bench.evidence.measure import Advance, Report, Settings
    from ariadne.protocols import Embedder

_NO_EMBEDDER = "none"
_COUNTS = click.IntRange(min=1)
_CONTEXT = 2000
_MODEL = "Answers of a language model (with --model)"
_FILE_NAME = re.compile(r"[^\w.-]+")
_measured = options_under("Measurement")
_model = options_under(_MODEL)
_ANSWER_OPTIONS = (
    _model("--model", metavar="NAME", help="Also answer each question by this model, and score the answers."),
    _model("--context", type=_COUNTS, default=_CONTEXT, show_default=True, metavar="TOKENS",
        help="Maximum number of recalled tokens for an answer."),
    _model("--out", type=AS_PATH, metavar="FILE",
        help="File of the answers; a second run takes what it has. [default: runs/evidence-MODEL.jsonl]"),
    _model("--judge", metavar="NAME", help="Also judge each answer by this model."),
    _model("--judge-url", metavar="URL", help="The judge's server. [default: the model's]"),
    *server_options(_MODEL),
)  # fmt: skip
_NEED_MODEL = (
    "context", "out", "judge", "judge_url", "base_url", "temperature", "max_reply", "timeout", "patience",
)  # fmt: skip


def _answer_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_ANSWER_OPTIONS):
        command = option(command)
    return command


@click.command("evidence", cls=CommandWithHeadings)
@click.argument("files", nargs=-1, required=True, type=AS_PATH, metavar="FILE...")
@_measured("--embedder", default="default", show_default=True,
    help="default (MiniLM if it is installed), none, minilm, hash, a sentence-transformers model, or"
    " https://HOST/v1#MODEL.",
)  # fmt: skip
@_measured("--triplets", is_flag=True, help="Remember the recorded triplets of the passages, too.")
@_measured("--baselines", is_flag=True,
    help="Also measure the nearest texts, BM25, and their reciprocal ranks, with the same embedder.",
)  # fmt: skip
@_measured("--fit", is_flag=True,
    help="Search for weights of recall that find more of the evidence on every second question, and show what they"
    " gain on the others. Each question is recalled some hundred times.",
)  # fmt: skip
@_measured("--by", "unit", type=click.Choice(["text", "session"]), default="text", show_default=True,
    help="What counts as evidence: turns and passages, or the sessions of the turns.",
)  # fmt: skip
@_measured("--cases", type=_COUNTS, metavar="N", help="Only N memories of all files, evenly spaced. [default: all]")
@_measured("--limit", type=_COUNTS, metavar="N", help="Only the first N questions of each memory. [default: all]")
@_answer_options
@json_option
@click.pass_context
@report_errors
def evidence(context: click.Context, /, files: tuple[Path, ...], as_json: bool, **options: Any) -> None:
    """Measure how much of the labelled evidence a memory recalls.

    FILE is one of LoCoMo, LongMemEval, REALTALK or HippoRAG (questions with their corpus), or has JSON lines; its
    content shows which. Each conversation or corpus is remembered in a memory of its own, with default settings, and
    each question is recalled. With --model, a language model answers from what is recalled.
    """
    from ariadne.bench.evidence.cases import evenly_spaced
    from ariadne.bench.evidence.measure import Settings
    from ariadne.bench.evidence.readers.files import read_cases

    _check_usage(options, given_options(context))
    cases = read_cases(files)
    cases = cases if options["cases"] is None else evenly_spaced(cases, options["cases"])
    names = ("triplets", "baselines", "unit", "limit")
    settings = Settings(_embedder(options["embedder"]), **{name: options[name] for name in names})
    if options["fit"]:
        _fit(cases, settings, as_json=as_json)
    else:
        _measure(context, cases, settings, options, as_json=as_json)


def _check_usage(options: Mapping[str, Any], given: Sequence[str]) -> None:
    """Refuse options that do not fit together."""
    if not options["model"] and (extra := [name for name in given if name in _NEED_MODEL]):
        raise click.UsageError(f"{flag(extra[0])} needs --model")
    if options["fit"] and (extra := [name for name in ("baselines", "model") if options[name]]):
        raise click.UsageError(f"--fit compares weights only: remove {flag(extra[0])}")


def _measure(
    context: click.Context, cases: Sequence[Case], settings: Settings, options: Mapping[str, Any], *, as_json: bool
) -> None:
    from ariadne.bench.evidence.measure import measure, steps_of

    steps = steps_of(cases, settings.limit)
    with _answerer(options) as answerer, _bar(steps, "texts and questions", quiet=as_json) as advance:
        try:
            report = measure(cases, settings, advance, answerer)
        except KeyboardInterrupt:
            if answerer:
                print_note("the same command continues these answers")
            raise
    print_result(_table(report), report, as_json=as_json)
    if report.answers and report.answers.failed:
        print_note(f"{plural(report.answers.failed, 'question')} failed; the same command continues")
        context.exit(1)


def _fit(cases: Sequence[Case], settings: Settings, *, as_json: bool) -> None:
    from ariadne.bench.evidence.fitting import fit, most_steps

    with _bar(most_steps(cases, settings), "texts and recalls, at most", quiet=as_json) as advance:
        report = fit(cases, settings, advance)
    print_result(_fit_table(report), report, as_json=as_json)


@contextmanager
def _answerer(options: Mapping[str, Any]) -> Iterator[Answerer | None]:
    """Yield what answers by --model; None without it."""
    from ariadne.bench.evidence.answers import Answerer
    from ariadne.bench.evidence.kept_answers import answer_file

    if not (model := options["model"]):
        yield None
        return
    url = options["base_url"] or os.environ.get("OPENAI_BASE_URL") or None
    answering = _chat(model, url, options)
    judge = _chat(options["judge"], options["judge_url"] or url, options) if options["judge"] else None
    with answer_file(options["out"] or Path("runs", f"evidence-{_FILE_NAME.sub('-', model)}.jsonl")) as kept:
        yield Answerer(answering, judge, kept, options["context"], print_note)


def _chat(name: str, url: str | None, options: Mapping[str, Any]) -> NamedChat:
    from ariadne.bench.evidence.answers import NamedChat
    from ariadne.llm.endpoint import Endpoint

    endpoint = Endpoint(
        name, url, temperature=options["temperature"] if options["temperature"] >= 0 else None,
        max_reply=options["max_reply"], seconds=options["timeout"], patience=options["patience"], waiting=print_note,
    )  # fmt: skip
    return NamedChat(name, endpoint)


def _embedder(spec: str) -> Embedder | None:
    from ariadne.memory import embedder_named
    from ariadne.memory.embedders.registry import default_embedder

    if spec == "default":
        return default_embedder()
    return None if spec == _NO_EMBEDDER else embedder_named(spec)


@contextmanager
def _bar(steps: int, label: str, *, quiet: bool) -> Iterator[Advance]:
    """Show a progress bar, if standard error is a terminal; yield what advances it."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(iter(()), steps, label, file=sys.stderr, item_show_func=_shown_name) as bar:
        yield lambda name: bar.update(1, name)  # type: ignore[arg-type]  # the item is only shown


def _shown_name(name: object) -> str:
    return "" if name is None else shown(name)


# -- the tables --------------------------------------------------------------------------------------------------------


def _table(report: Report) -> list[str]:
    """Return the figures: by method, within token budgets, and by category."""
    answers = ["", *_columns(_by_answers(report.answers)), *_about_answers(report.answers)] if report.answers else []
    return [
        *_about(report), "", *_columns(_by_method(report)), "", *_columns(_by_category(report)), *answers, "", *_NOTES,
    ]  # fmt: skip


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


def _by_answers(report: AnswerReport) -> Iterator[list[str]]:
    yield ["answers", "questions", "exact match", "token F1", *(["judged correct"] if report.judge else [])]
    for name, scores in report.scores.items():
        yield _answer_row(f"{name} questions", scores)
    for name, scores in report.categories.items():
        yield _answer_row(name, scores)


def _answer_row(name: str, scores: AnswerScores) -> list[str]:
    correct = [] if scores.correct is None else [str(scores.correct)]
    return [name, str(scores.questions), str(scores.exact), str(scores.f1), *correct]


def _about_answers(report: AnswerReport) -> Iterator[str]:
    judge = f", judged by {report.judge}" if report.judge else ""
    yield f"{report.model} within {report.context:,} recalled tokens{judge}; {plural(report.failed, 'question')} failed"
    yield f"this run: {report.prompt_tokens:,} + {report.completion_tokens:,} tokens of prompts and replies"


def _fit_table(report: FitReport) -> list[str]:
    """Return the weights, and the recall by them, each at present and as fitted."""
    return [*in_columns([*_by_weight(report)]), "", *in_columns([*_by_half(report)]), "", *_about_fit(report)]


def _by_weight(report: FitReport) -> Iterator[list[str]]:
    from ariadne.bench.evidence.ascent import values_of

    fitted = values_of(report.fitted)
    yield ["weight", "present", "fitted"]
    for name, value in values_of(report.present).items():
        yield [name, f"{value:g}", f"{fitted[name]:g}"]


def _by_half(report: FitReport) -> Iterator[list[str]]:
    yield ["recall", "questions", "present", "fitted"]
    for name, halves in report.recall.items():
        yield _gain_row(f"{name}, fitted to", halves.fitting)
        yield _gain_row(f"{name}, held out", halves.held_out)


def _gain_row(name: str, gain: Gain) -> list[str]:
    return [name, str(gain.questions), f"{gain.present:.3f}", f"{gain.fitted:.3f}"]


def _about_fit(report: FitReport) -> Iterator[str]:
    from ariadne.bench.evidence.ascent import MARGIN
    from ariadne.bench.evidence.fitting import ALL

    held_out = report.recall[ALL].held_out
    yield f"evidence by {report.unit}, embedder {report.embedder}; recall is the mean of the first 5 and the first 10"
    if report.fitted == report.present:
        yield f"no other weight that was tried gains more than {MARGIN}"
    elif held_out.fitted <= held_out.present:
        yield "the fitted weights gain nothing on the questions that are held out: keep the present ones"
    else:
        yield f"to use the fitted weights: memory.weights = {report.fitted}"

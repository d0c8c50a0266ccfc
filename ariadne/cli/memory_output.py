"""Output of the memory commands: changes and contents as lines or data, and progress bars."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import click

from ariadne.cli.base import in_columns, plural, to_json
from ariadne.memory import Fact, ForgetResult, Recall, Update
from ariadne.memory.ingestion.revision.verdicts import END_KEPT
from ariadne.values import When

_MAX_TEXT = 100  # characters of an episode in a list
_BAR_STEP = 1 << 14  # bytes between two updates of the bar
_MAX_UNREAD = 3  # unread sentences to print


def update_lines(update: Update) -> list[str]:
    """Return the changes of an update: a summary, then one line a fact or unread sentence."""
    marked = {"added": ("+", update.added), "restated": ("=", update.restated), "retired": ("-", update.retired)}
    counts = [f"{plural(update.added, 'fact')} added"]
    counts += [f"{len(facts)} {change}" for change, (_, facts) in marked.items() if facts and change != "added"]
    kept_ends = [pair for pair in update.refused if pair.reason == END_KEPT]
    refused_count = len(update.refused) - len(kept_ends)
    counts += [f"{refused_count} refused"] if refused_count else []
    counts += [f"{plural(kept_ends, 'end')} kept"] if kept_ends else []
    counts += [f"{plural(update.reading.unread, 'sentence')} unread"] if update.reading.unread else []
    facts = [f"{mark} {fact}" for mark, facts in marked.values() for fact in facts]
    refused = [f"! {pair.old}{f' -> {pair.new}' if pair.new else ''}: {pair.reason}" for pair in update.refused]
    unread = [f"? {' '.join(sentence.split())}" for sentence in update.reading.unread[:_MAX_UNREAD]]
    return [f"episode {update.episode.id}: {', '.join(counts)}", *facts, *refused, *unread]


def update_data(update: Update) -> dict[str, object]:
    """Return the changes of an update as data."""
    changes = to_json(update)
    del changes["reading"]
    return {**changes, "unread": update.reading.unread}


def forgotten_lines(forgotten: ForgetResult) -> list[str]:
    """Return one line for each deleted (-) episode and fact, and for each restored (+) fact."""
    texts = [
        (episode.id, episode.text, "..." if len(episode.text) > _MAX_TEXT else "") for episode in forgotten.episodes
    ]
    episodes = [f"- [{number}] {text[:_MAX_TEXT]}{more}" for number, text, more in texts]
    return [*episodes, *(f"- {fact}" for fact in forgotten.facts), *(f"+ {fact}" for fact in forgotten.restored)]


def forgotten_summary(forgotten: ForgetResult, *, dry_run: bool) -> str:
    """Return how many episodes and facts are deleted, and how many facts are current again."""
    counts = f"{plural(forgotten.episodes, 'episode')} and {plural(forgotten.facts, 'fact')}"
    summary = f"{counts} {'would be deleted' if dry_run else 'deleted'}"
    if not forgotten.restored:
        return summary
    verb = "would be" if dry_run else "is" if len(forgotten.restored) == 1 else "are"
    return f"{summary}; {plural(forgotten.restored, 'fact')} {verb} current again"


def explanation_lines(recall: Recall) -> list[str]:
    """Return the tree that explains each fact and episode of a recall."""
    tree = recall.explain()
    return tree.split("\n") if tree else []


def recall_lines(recall: Recall) -> list[str]:
    """Return the lines of a recall's text."""
    return recall.text.split("\n") if recall.text else []


def history_lines(facts: Sequence[Fact]) -> list[str]:
    """Return a table of facts with their validity and episodes; [] without facts."""
    rows = [
        (str(fact), _time(fact.valid_from), _time(fact.valid_to), _episodes(fact), str(fact.retired_in or "-"))
        for fact in facts
    ]
    return in_columns([("fact", "true from", "until", "stated in episode", "ended in episode"), *rows]) if rows else []


def _episodes(fact: Fact) -> str:
    """Return the numbers of the first episodes that state a fact."""
    return ", ".join([*map(str, fact.episodes[:3]), *(["..."] if len(fact.episodes) > 3 else [])])


def _time(at: When | None) -> str:
    return "-" if at is None else str(at) if isinstance(at, int) else at.isoformat()


@contextmanager
def import_bar(source: BinaryIO, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a progress bar of bytes read, if standard error is a terminal; yield the function that advances it."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    about = os.fstat(source.fileno())
    size = about.st_size if stat.S_ISREG(about.st_mode) else None
    with click.progressbar(iter(()), size, "importing", file=sys.stderr, update_min_steps=_BAR_STEP) as bar:
        yield bar.update


@contextmanager
def embedding_bar(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar of vectors, if standard error is a terminal; yield a function of (done, total)."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with click.progressbar(iter(()), 1, "embedding", file=sys.stderr) as bar:

        def update(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield update

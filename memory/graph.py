"""The AriGraph: facts in time, linked to the episodes that state them; remember, recall, and query the graph."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TextIO

from ariadne.errors import InvalidInput
from ariadne.memory.embedders.registry import default_embedder
from ariadne.memory.index.dense import Dense
from ariadne.memory.index.facts import Index
from ariadne.memory.index.lexical import Lexical
from ariadne.memory.index.vector_writer import embed_missing, reembed
from ariadne.memory.ingestion import edits
from ariadne.memory.ingestion.documents import passage_inputs
from ariadne.memory.ingestion.edits import ForgetResult
from ariadne.memory.ingestion.writer import Writer
from ariadne.memory.inputs import (
    CORRECTION,
    EpisodeInput,
    check_count,
    check_mapping,
    check_number,
    check_optional,
    check_texts,
    check_triplets,
)
from ariadne.memory.ontology.reviser import Proposer, Reviser
from ariadne.memory.retrieval.recall import recall
from ariadne.memory.retrieval.request import Strategy, recall_request
from ariadne.memory.retrieval.why_not import why_not
from ariadne.memory.storage import integrity, paths
from ariadne.memory.storage.integrity import Stats
from ariadne.memory.storage.snapshot import END, Snapshot
from ariadne.memory.storage.store import Store
from ariadne.memory.transfer import networkx_export
from ariadne.protocols import Embedder, Extractor
from ariadne.values import Episode, Fact, QueryLike, Recall, Replacement, Situation, Triplet, Update, When

if TYPE_CHECKING:
    import networkx as nx

    from ariadne.memory.transfer.jsonl import ImportResult

TIMEOUT = 30.0
"""Seconds that a write waits for other writers."""
BATCH = 200
"""The number of texts that remember_many writes in one transaction."""


class AriGraph:
    """A memory of facts and episodes: G = (V_s, E_s, V_e, E_e) in the paper's words (its section 2).

    Semantic vertices are names, and semantic edges are facts. An episode is one remembered text, linked to the facts
    that it states and to the names that it mentions. `AriGraph()` lives in RAM and `AriGraph.open(path)` in a file;
    both behave the same. Only `forget` deletes: an outdated fact is closed and has the number of the episode that
    closed it. Threads can share a memory, and processes can share a file. Writers wait for each other, at most
    `timeout` seconds; readers of a file never wait.
    """

    def __init__(
        self,
        *,
        extractor: Extractor | None = None,
        reviser: Reviser | None = None,
        propose: Proposer | None = None,
        embedder: Embedder | Literal["default"] | None = "default",
        space: str = "default",
        path: str | Path = ":memory:",
        timeout: float = TIMEOUT,
        create: bool = True,
    ) -> None:
        check_texts([space])
        if embedder not in (None, "default") and not callable(getattr(embedder, "embed", None)):
            raise InvalidInput(f"no embedder {embedder!r:.80}: give an Embedder, None or 'default'")
        self._store = Store(path, space, timeout=timeout, create=create)
        self._until = END
        self.embedder = default_embedder() if embedder == "default" else embedder
        scorer = Lexical() if self.embedder is None else Dense(self.embedder)
        self._index = Index(scorer)
        self._writer = Writer(self._store, reviser, self.embedder, extractor, propose)

    @classmethod
    def open(
        cls, path: str | Path, *, extractor: Extractor | None = None, reviser: Reviser | None = None,
        propose: Proposer | None = None, embedder: Embedder | Literal["default"] | None = "default",
        space: str = "default", timeout: float = TIMEOUT, create: bool = True,
    ) -> Self:  # fmt: skip
        """Open the memory in a file, or create it; the spaces of one file are separate.

        Raises:
            MemoryFileError: The file is not a memory, or it is missing and `create` is False.
        """
        return cls(
            extractor=extractor, reviser=reviser, propose=propose, embedder=embedder, space=space, path=path,
            timeout=timeout, create=create,
        )  # fmt: skip

    def __repr__(self) -> str:
        seen = "" if self._until == END else f", as of episode {self._until}"
        return f"<AriGraph {self._store.path}, space {self._store.space!r}{seen}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; on a view of the past this does nothing."""
        if self._until == END:
            self._store.close()

    @property
    def extractor(self) -> Extractor:
        """The extractor of texts without triplets: by rules unless another was given."""
        return self._writer.extractor

    # -- remember --------------------------------------------------------------------------------------------------

    def remember(
        self,
        text: str,
        *,
        triplets: Iterable[Triplet] | None = None,
        outdated: Iterable[Replacement] | None = None,
        at: When | None = None,
        source: str | None = None,
        metadata: Mapping[str, str] | None = None,
        key: str | None = None,
        situation: Situation | None = None,
    ) -> Update:
        """Remember a text as an episode, with the facts that it states and those that it retires; durable on return.

        Args:
            text: What happened or was written; kept verbatim.
            triplets: The facts of the text; nothing is extracted then.
            outdated: Proposals of facts that no longer hold. The reviser judges them, as it judges the proposals of
                the extractor and of the memory's `propose`.
            at: The world time that the text is about; by default the number of the episode.
            source: Who wrote or stated it.
            metadata: Names and values to filter by, in `recall` and `forget`.
            key: A name for this text. A known key changes nothing and returns the first Update.
            situation: What an agent knows before it reads.

        Raises:
            InvalidInput: An argument cannot be kept.
            MemoryBusy: Others write for longer than the timeout.
            MemoryFileError: The file cannot be written; then nothing of it is.
        """
        entry = EpisodeInput.checked(text, triplets, outdated, at, source, metadata, key)
        return self._writable().remember(entry, situation).update

    def remember_many(self, many: Iterable[str | Mapping[str, Any] | EpisodeInput]) -> tuple[Update, ...]:
        """Remember texts in their order, each a string, a mapping of `remember`'s arguments, or an EpisodeInput.

        Texts with triplets are written 200 to a transaction, others one by one. An error leaves the transactions before
        it; texts with keys can be given again.
        """
        if isinstance(many, (str, Mapping)) or not isinstance(many, Iterable):
            raise InvalidInput(f"many={many!r:.80} is one text: give a list of texts")
        writer, rest, updates = self._writable(), iter(many), list[Update]()
        while group := [EpisodeInput.from_value(value) for value in islice(rest, BATCH)]:
            updates += [written.update for written in writer.remember_all(group)]
        return tuple(updates)

    def remember_document(
        self, text: str, *, source: str, at: When | None = None, metadata: Mapping[str, str] | None = None,
        key: str | None = None, size: int = 1000,
    ) -> tuple[Update, ...]:  # fmt: skip
        """Remember a document as passages of at most `size` characters, one episode each, in their order.

        The metadata of each has "passage" (1, 2, ...), "start" and "end": it is `text[start:end]`. With a `key` the
        same document can be given again.
        """
        return self.remember_many(passage_inputs(text, source, at, metadata, key, size))

    def correct(
        self, fact: Fact | Triplet, by: Triplet, why: str | None = None, *, at: When | None = None,
        metadata: Mapping[str, str] | None = None, key: str | None = None,
    ) -> Update:  # fmt: skip
        """Replace a current fact that was never true; this is an episode with the source "correction".

        The reviser does not judge it. The right fact holds since the wrong one began (`valid_at`), and what the memory
        believed before is still known (`as_of`). Raises InvalidInput if the fact does not hold.
        """
        wrong = fact.triplet if isinstance(fact, Fact) else fact
        text = why or f"Not so: {wrong}. But: {by}."
        return self._writable().correct(
            EpisodeInput.checked(text, [by], [Replacement(wrong, by)], at, CORRECTION, metadata, key)
        )

    def retract(
        self, fact: Fact | Triplet, why: str, *, at: When | None = None, metadata: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Update:  # fmt: skip
        """Retract a current fact that was never true, and give the reason; otherwise the same as `correct`."""
        wrong = fact.triplet if isinstance(fact, Fact) else fact
        return self._writable().correct(
            EpisodeInput.checked(why, [], [Replacement(wrong, None)], at, CORRECTION, metadata, key)
        )

    def _writable(self) -> Writer:
        """Return the writer; raises InvalidInput for a view of the past."""
        if self._until != END:
            raise InvalidInput(f"a view of the past is read-only: this one ends with episode {self._until}")
        return self._writer

    # -- changes of the past ---------------------------------------------------------------------------------------

    def forget(
        self, *, before: When | None = None, source: str | None = None, where: Mapping[str, str] | None = None,
        episodes: Iterable[int] | None = None, dry_run: bool = False,
    ) -> ForgetResult:  # fmt: skip
        """Delete the episodes that all conditions match, and all that only they taught: facts, names and vectors.

        The memory is then as if it never had these texts: the facts that they retired hold again, also in `as_of`.

        Args:
            before: Episodes with an earlier world time.
            source: Episodes of this source.
            where: Episodes with this metadata (or "source"), as in `recall`.
            episodes: Episodes with these numbers.
            dry_run: Change nothing, and return what would be forgotten.

        Raises:
            InvalidInput: No condition is given.
        """
        writer = self._writable()
        wanted = edits.EpisodeFilter(before, source, where, episodes)
        with self._store.write(dry_run=dry_run) as tx:
            numbers = edits.matching(tx, wanted)
            result = edits.forget(tx, writer.prepare_reviser(tx), numbers)
        if numbers and not dry_run:
            self._store.erase_deleted_text()
        return result

    def merge(self, name: str, into: str) -> None:
        """Take one name for another ("Ann Smith" into "Ann") in all episodes, old and new; `split` undoes it."""
        check_texts([name, into])
        writer = self._writable()
        with self._store.write() as tx:
            edits.merge(tx, writer.prepare_reviser(tx), name, into)
        self.embed()

    def split(self, name: str) -> None:
        """Undo the merge of a name into another; raises InvalidInput for a name that was not merged."""
        check_texts([name])
        writer = self._writable()
        with self._store.write() as tx:
            edits.split(tx, writer.prepare_reviser(tx), name)
        self.embed()

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the names that were merged into a name, or into its target, as they were written."""
        check_texts([name])
        with self._store.read() as view:
            return edits.aliases(view, name)

    # -- recall ----------------------------------------------------------------------------------------------------

    def recall(
        self,
        query: QueryLike | Sequence[QueryLike],
        *,
        facts: int | None = None,
        episodes: int = 2,
        max_tokens: int | None = None,
        depth: int | None = None,
        width: int | None = None,
        threshold: float | None = None,
        as_of: int | None = None,
        valid_at: When | None = None,
        where: Mapping[str, str] | None = None,
        exclude: Sequence[int] = (),
        trust: Mapping[str, float] | None = None,
        strategy: Strategy = "chains",
    ) -> Recall:
        """What comes to mind, best first, each with its score and why; `explain()` of it shows all reasons.

        About brings all that holds about its name, first. A text is searched for by chains of at most `depth` facts, a
        Query to its own depth; at every length the `width` nearest go on, and what is less near than `threshold` is
        left out. With the strategy "paper" by the paper's two searches, to that many hops, `width` triplets a vertex.
        None is what suits strategy and embedder. `facts` and `episodes` are the most to return; with `facts` None
        association adds at most 40. `max_tokens` bounds the text, which holds exactly what is returned; what matters
        least is dropped first.

        `where` asks for episodes by "source" and metadata, and for facts that such an episode states. `exclude` leaves
        out episodes, and the facts that none but they state. `trust` weighs sources by name, 1 by default; 0 leaves
        one out.
        """
        request = recall_request(
            self._index.scorer, query, facts=facts, episodes=episodes, max_tokens=max_tokens, depth=depth, width=width,
            threshold=threshold, as_of=self._snapshot(as_of).as_of, valid_at=valid_at, where=where, exclude=exclude,
            trust=trust, strategy=strategy,
        )  # fmt: skip
        with self._index.lock, self._store.read() as view:
            return recall(request, view, self._index)

    def why_not(self, fact: Fact | Triplet, recall: Recall) -> str:
        """Why a fact is not in a recall of this memory: what it fell out by, and by how much."""
        triplet = fact.triplet if isinstance(fact, Fact) else fact
        check_triplets([triplet])
        with self._index.lock, self._store.read() as view:
            return why_not(triplet, recall, view, self._index)

    # -- questions to the graph ------------------------------------------------------------------------------------

    def facts(
        self, about: str | None = None, *, as_of: int | None = None, valid_at: When | None = None
    ) -> tuple[Fact, ...]:
        """Return the current facts (about a name), or those known after an episode or valid at a world time."""
        check_optional(about)
        with self._store.read() as view:
            return tuple(view.facts.at(self._snapshot(as_of, valid_at), about).values())

    def history(self, name: str) -> tuple[Fact, ...]:
        """Return every fact ever known about a name, in the order learned, with its times and episodes."""
        check_texts([name])
        with self._store.read() as view:
            return tuple(view.facts.history(name, self._until).values())

    def path(self, one: str, other: str) -> tuple[Fact, ...]:
        """Return the shortest chain of current facts between two names; empty without one, or for a name and itself."""
        check_texts([one, other])
        with self._store.read() as view:
            return paths.shortest(view, self._snapshot(), one, other)

    def places(self) -> tuple[Triplet, ...]:
        """What a map is made of, in the order learned: exits, connections, what is behind an exit and its state."""
        with self._store.read() as view:
            return paths.places(view, self._snapshot())

    def episode(self, number: int) -> Episode:
        """Return the episode with a number; raises InvalidInput without one."""
        check_number(number, "an episode's number")
        with self._store.read() as view:
            found = view.episodes.some([number], self._until)
        if not found:
            raise InvalidInput(f"there is no episode {number}")
        return found[0]

    def episodes(self, about: str | None = None, *, where: Mapping[str, str] | None = None) -> tuple[Episode, ...]:
        """Return episodes, oldest first: all, those that mention a name, or those with a source or metadata."""
        check_optional(about)
        check_mapping(where, "where")
        with self._store.read() as view:
            numbers = None if where is None else view.episodes.where(where)
            if about is not None:
                name = view.facts.name_id(about)
                mentioning = set[int]() if name is None else {*view.episodes.mentioning(name)}
                numbers = mentioning if numbers is None else numbers & mentioning
            return tuple(view.episodes.some(numbers, self._until))

    def at(self, episode: int) -> Self:
        """Return this memory as it was after an episode: the same methods, read-only."""
        check_number(episode, "an episode's number")
        view = copy.copy(self)
        view._until = min(episode, self._until)
        return view

    def _snapshot(self, as_of: int | None = None, valid_at: When | None = None) -> Snapshot:
        check_count(as_of, "as_of")
        return Snapshot(self._until if as_of is None else min(as_of, self._until), valid_at)

    # -- in and out ------------------------------------------------------------------------------------------------

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the current facts as a networkx graph: an edge a fact, its relation as the key."""
        return networkx_export.to_networkx(self._store, self._snapshot())

    def to_graphml(self, path: str | Path) -> None:
        """Write the current facts as GraphML; raises InvalidInput for a name that XML cannot hold."""
        networkx_export.to_graphml(self._store, self._snapshot(), path)

    def export_to(self, target: str | Path | TextIO) -> int:
        """Write all of this space as JSON lines for `import_from`, and return the number of
        episodes. It is one snapshot: later writes are not in it."""
        from ariadne.memory.transfer import jsonl

        self._writable()
        return jsonl.export_to(self._store, target)

    def import_from(
        self, lines: str | Path | Iterable[str], *, progress: Callable[[int], None] | None = None
    ) -> ImportResult:
        """Import JSON lines: an export, or a line for each text with the arguments of `remember`.

        An import that was cut off, or whose file has grown, goes on behind the lines that are there: the same lines
        from the first one on are not added twice, nor is a key. `progress` is called with the number of lines that are
        kept. Raises InvalidInput for a wrong line, with its number; the lines before it are kept.
        """
        from ariadne.memory.transfer import jsonl

        return jsonl.import_from(self._writable(), lines, progress)

    def embed(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Make and keep the vectors that the file lacks, of texts written without this embedder; returns how many.

        Without this, recall makes them again in each process. `progress` is called with how many are done, and of all.
        """
        return embed_missing(self._writable().store, self.embedder, progress)

    def reembed(self, progress: Callable[[int, int], None] | None = None) -> int:
        """As `embed`, and delete what other embedders made; raises InvalidInput where this memory has none."""
        return reembed(self._writable().store, self.embedder, progress)

    def backup(self, target: str | Path) -> None:
        """Copy the whole file, with all its spaces, into a new one, while others read and write."""
        self._writable()
        self._store.backup(target)

    def check(self) -> tuple[str, ...]:
        """Return the damage of the whole file, a line each; nothing for a sound file."""
        with self._store.read() as view:
            return tuple(integrity.problems(view))

    def spaces(self) -> tuple[str, ...]:
        """Return the names of all spaces of the file that were ever written to."""
        with self._store.read() as view:
            return tuple(view.spaces())

    def stats(self) -> Stats:
        """Return the numbers of this space."""
        with self._store.read() as view:
            return integrity.stats(view, self._until)

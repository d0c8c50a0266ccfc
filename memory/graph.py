"""The public memory: AriGraph remembers texts, recalls facts and episodes, and answers queries to its graph."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
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
from ariadne.memory.index.weights import WEIGHTS
from ariadne.memory.ingestion.changes import edits
from ariadne.memory.ingestion.changes.edits import ForgetResult
from ariadne.memory.ingestion.changes.persons import Person
from ariadne.memory.ingestion.documents import Turn, passage_inputs, turn_inputs
from ariadne.memory.ingestion.writer import ImportResult, Writer
from ariadne.memory.inputs import (
    CORRECTION,
    EpisodeInput,
    check_count,
    check_number,
    check_optional,
    check_texts,
    check_triplets,
    checked_numbers,
    several,
)
from ariadne.memory.ontology.reviser import Proposer, Reviser
from ariadne.memory.retrieval.recall import recall
from ariadne.memory.retrieval.request import Strategy, recall_request
from ariadne.memory.retrieval.why_not import why_not
from ariadne.memory.storage import integrity, paths
from ariadne.memory.storage.integrity import Stats
from ariadne.memory.storage.snapshot import END, Snapshot
from ariadne.memory.storage.store import Store, View
from ariadne.memory.storage.where import EpisodeFilter
from ariadne.memory.times import optional_beginning
from ariadne.memory.transfer import networkx_export
from ariadne.protocols import Embedder, Extractor
from ariadne.values import (
    Episode,
    Fact,
    Metadata,
    QueryLike,
    Recall,
    Replacement,
    Situation,
    Triplet,
    Update,
    WhenLike,
)

if TYPE_CHECKING:
    import networkx as nx

TIMEOUT = 30.0
"""Seconds that a write waits for other writers."""
BATCH = 200
"""The number of texts that remember_many writes in one transaction."""


class AriGraph:
    """A memory of facts and episodes: the graph G = (V_s, E_s, V_e, E_e) of the paper (its section 2).

    Semantic vertices are names, and semantic edges are facts. An episode is one remembered text, linked to the facts
    that it states and to the names that it mentions. `AriGraph()` keeps them in RAM and `AriGraph.open(path)` in a
    file; both behave the same.

    Only `forget` deletes. An outdated fact is closed, and it has the number of the episode that closed it. Threads can
    share a memory, and processes can share a file. Writers wait for each other; readers of a file never wait.

    Args:
        extractor: Reads the texts that come without triplets. By default, rules read the transcripts of games; other
            texts give names, and no facts.
        ontology: Declares which facts end which: "open" (the default: only denials), "everyday", "text-world", or a
            file in TOML. The space keeps it. With "text-world" the rules read every text.
        reviser: Finds outdated facts and judges proposals; by default the one of the space's ontology.
        propose: Proposes outdated facts for the triplets of a text, such as a language model does; the reviser judges
            them.
        embedder: Makes the vectors for recall. "default" is MiniLM if it is installed; None searches by words.
        space: One of the independent memories in a file.
        path: The file; ":memory:" keeps the memory in RAM.
        timeout: How long a write waits for other writers, in seconds.
        create: Whether a missing file is created.
        expires: How long an episode is recalled by default: a timedelta, or a number of steps in a space with integer
            times. The space keeps it, for the texts that follow; 0 removes it.

    Raises:
        InvalidInput: An argument is wrong, or the space has another ontology.
        MemoryFileError: The file is not a memory, or it is missing and `create` is False.
    """

    def __init__(
        self,
        *,
        extractor: Extractor | None = None,
        ontology: str | Path | None = None,
        reviser: Reviser | None = None,
        propose: Proposer | None = None,
        embedder: Embedder | Literal["default"] | None = "default",
        space: str = "default",
        path: str | Path = ":memory:",
        timeout: float = TIMEOUT,
        create: bool = True,
        expires: timedelta | int | None = None,
    ) -> None:
        check_texts([space], "space")
        if not space:
            raise InvalidInput("space='' is empty: give a name")
        if extractor is not None and not callable(getattr(extractor, "read", None)):
            raise InvalidInput(f"extractor={extractor!r:.80} has no method read: give an Extractor or None")
        if embedder not in (None, "default") and not callable(getattr(embedder, "embed", None)):
            raise InvalidInput(f"embedder={embedder!r:.80} has no method embed: give an Embedder, None or 'default'")
        self._store = Store(path, space, timeout=timeout, create=create)
        self._until = END
        self.embedder = default_embedder() if embedder == "default" else embedder
        scorer = Lexical() if self.embedder is None else Dense(self.embedder)
        self._index = Index(scorer)
        self._writer = Writer(self._store, reviser, self.embedder, extractor, propose, ontology, expires)
        self.weights = WEIGHTS
        """How recall ranks episodes: replace it to use other weights."""

    @classmethod
    def open(
        cls, path: str | Path, *, extractor: Extractor | None = None, ontology: str | Path | None = None,
        reviser: Reviser | None = None, propose: Proposer | None = None,
        embedder: Embedder | Literal["default"] | None = "default", space: str = "default", timeout: float = TIMEOUT,
        create: bool = True, expires: timedelta | int | None = None,
    ) -> Self:  # fmt: skip
        """Open the memory in a file, or create it; the arguments are those of AriGraph.

        Raises:
            InvalidInput: An argument is wrong, or the space has another ontology.
            MemoryFileError: The file is not a memory, or it is missing and `create` is False.
        """
        return cls(
            extractor=extractor, ontology=ontology, reviser=reviser, propose=propose, embedder=embedder, space=space,
            path=path, timeout=timeout, create=create, expires=expires,
        )  # fmt: skip

    def __repr__(self) -> str:
        past = "" if self._until == END else f", as of episode {self._until}"
        return f"<AriGraph {self._store.path}, space {self._store.space!r}{past}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call, or one on a view of the past, does nothing."""
        if self._until == END:
            self._store.close()

    @property
    def extractor(self) -> Extractor:
        """The extractor that reads texts without triplets."""
        return self._writer.extractor

    # -- remember --------------------------------------------------------------------------------------------------

    def remember(
        self,
        text: str,
        *,
        triplets: Iterable[Triplet] | None = None,
        outdated: Iterable[Replacement] | None = None,
        at: WhenLike | None = None,
        source: str | None = None,
        metadata: Metadata | None = None,
        key: str | None = None,
        replace: bool = False,
        expires: WhenLike | timedelta | None = None,
        until: WhenLike | None = None,
        situation: Situation | None = None,
    ) -> Update:
        """Remember a text as an episode, add the facts that it states, and retire those that it contradicts.

        All of it is durable when the method returns.

        Args:
            text: The text; it is kept verbatim. An empty text is an episode, too: an event without words.
            triplets: The facts of the text. If they are given, the extractor does not read the text.
            outdated: Facts that no longer hold, each with what replaces it. They end unless they do not hold, or unless
                the text states them. The reviser judges only the proposals of the extractor and of `propose`.
            at: The world time that the text is about, from which its facts hold: an int, or a time with a date, one
                kind for the whole space. A date is an aware datetime, a `datetime.date`, or an ISO text whose
                day or month may be missing: "2026-03" begins with March, in UTC. The default is `until` or else the
                number of the episode; a space with dates has no default.
            source: The person, file or tool that the text is from.
            metadata: Names and values to filter by (`where`). A value is a text, a number, True or False, an aware
                datetime, or a list of them.
            key: A unique name for this text. A text with a known key changes nothing and returns the first Update.
            replace: Whether this text replaces the one with its key, as if it had been given in its place. What the
                former text states ends as corrected; `as_of` still shows it. The time, expiry, source and metadata
                of the former text are kept, unless they are given: `metadata={}` removes the metadata. The same text
                again changes nothing.
            expires: When the episode expires: a world time, or a timedelta after `at`. It is not recalled from then on,
                and `forget(expired=True)` deletes it. The default is that of the space.
            until: The world time at which the facts of the text end: "2026-03" ends with March. With `at` they hold
                from then to `until`. Without it the text states their end: what held at that time ends there, also if
                its beginning is stated later. A triplet that is not known to hold then is in `refused`, so that a
                typing error is noticed.
            situation: What an agent knows before it reads: its goal, its last command, the valid commands.

        Returns:
            The episode, its reading, the facts that it added, restated and retired, and the refused ends, each with
            its reason.

        Raises:
            InvalidInput: An argument has a wrong type, or the memory is a view of the past.
            MemoryBusy: Others write for longer than the timeout.
            MemoryFileError: The file cannot be written; nothing of the text is kept then.
        """
        entry = EpisodeInput.checked(
            text, triplets, outdated, at, source, metadata, key, expires=expires, until=until, replace=replace
        )
        return self._writable().remember(entry, situation).update

    def remember_many(self, many: Iterable[str | Mapping[str, Any] | EpisodeInput]) -> tuple[Update, ...]:
        """Remember texts in their order.

        200 texts are written in a transaction. A text that an extractor reads has one of its own. After an error the
        transactions before it are kept; texts with keys can then be given again.

        Args:
            many: The texts: each a string, a mapping with the arguments of `remember`, or an EpisodeInput.

        Returns:
            One Update for each text, in the same order.

        Raises:
            InvalidInput: A text or an argument has a wrong type.
            MemoryBusy: Others write for longer than the timeout.
            MemoryFileError: The file cannot be written.
        """
        if isinstance(many, (str, Mapping)) or not isinstance(many, Iterable):
            raise InvalidInput(f"many={many!r:.80} is one text: give a list of texts")
        writer, remaining, updates = self._writable(), iter(many), list[Update]()
        while group := [EpisodeInput.from_value(value) for value in islice(remaining, BATCH)]:
            updates += [written.update for written in writer.remember_all(group)]
        return tuple(updates)

    def remember_document(
        self, text: str, *, source: str, at: WhenLike | None = None, metadata: Metadata | None = None,
        key: str | None = None, size: int = 1000, expires: WhenLike | timedelta | None = None,
    ) -> tuple[Update, ...]:  # fmt: skip
        """Remember a document as passages, one episode each, in their order.

        The metadata of each episode also has "passage" (1, 2, ...), "start" and "end": its text is `text[start:end]`.

        Args:
            text: The document.
            source: Its name, such as the path of its file.
            at: The world time that it is about.
            metadata: Names and values for each passage.
            key: A unique name for the document; with it the same document can be given again.
            size: The most characters of a passage.
            expires: When the passages expire: a world time, or a timedelta after `at`.

        Returns:
            One Update for each passage.

        Raises:
            InvalidInput: An argument has a wrong type, or the size is 0.
        """
        return self.remember_many(passage_inputs(text, source, at, metadata, key, size, expires))

    def remember_dialogue(
        self, turns: Iterable[Turn], *, session: str, at: WhenLike | None = None,
        metadata: Metadata | None = None, key: str | None = None, expires: WhenLike | timedelta | None = None,
    ) -> tuple[Update, ...]:  # fmt: skip
        """Remember the turns of a conversation, one episode each, in their order.

        The metadata of each episode also has "session". Recall so knows the turns before and after each one.

        Args:
            turns: The speaker and the text of each turn, and perhaps its world time.
            session: The name of the conversation; more turns can follow later under the same name.
            at: The world time of the turns without one.
            metadata: Names and values for each turn.
            key: A unique name for these turns; with it the same ones can be given again.
            expires: When the turns expire: a world time, or a timedelta after `at`.

        Returns:
            One Update for each turn.

        Raises:
            InvalidInput: An argument has a wrong type.
        """
        return self.remember_many(turn_inputs(turns, session, at, metadata, key, expires))

    def correct(
        self, fact: Fact | Triplet, by: Triplet, why: str | None = None, *, at: WhenLike | None = None,
        metadata: Metadata | None = None, key: str | None = None,
    ) -> Update:  # fmt: skip
        """Replace a current fact that was never true, by an episode with the source "correction".

        The reviser does not judge it. The right fact holds from the time at which the wrong one began (`valid_at`).
        What the memory knew before remains readable (`as_of`).

        Args:
            fact: The wrong fact.
            by: The right fact.
            why: The reason, as the text of the episode.
            at: The world time of the episode; by default the latest one of the space.
            metadata: Names and values to filter by.
            key: A unique name for the correction.

        Raises:
            InvalidInput: The wrong fact does not hold.
        """
        wrong = fact.triplet if isinstance(fact, Fact) else fact
        text = why or f"Not so: {wrong}. But: {by}."
        return self._writable().correct(
            EpisodeInput.checked(text, [by], [Replacement(wrong, by)], at, CORRECTION, metadata, key)
        )

    def retract(
        self, fact: Fact | Triplet, why: str, *, at: WhenLike | None = None, metadata: Metadata | None = None,
        key: str | None = None,
    ) -> Update:  # fmt: skip
        """Retract a current fact that was never true, for the reason `why`; otherwise the same as `correct`."""
        wrong = fact.triplet if isinstance(fact, Fact) else fact
        return self._writable().correct(
            EpisodeInput.checked(why, [], [Replacement(wrong, None)], at, CORRECTION, metadata, key)
        )

    @property
    def ontology(self) -> str:
        """The ontology of the space: the name of a packaged one, or the text of another."""
        with self._store.read() as view:
            return self._writer.ontology_of(view)

    def set_ontology(self, ontology: str | Path) -> None:
        """Change the ontology of the space, and revise the facts of all episodes by it.

        Args:
            ontology: "open", "everyday", "text-world", or a file in TOML.

        Raises:
            InvalidInput: The ontology is unknown or wrong; the message names the place.
        """
        self._writable().set_ontology(ontology)

    def _writable(self) -> Writer:
        """Return the writer; raise InvalidInput for a view of the past."""
        if self._until != END:
            raise InvalidInput(
                f"this is the memory as of episode {self._until}, which is read-only: write to the memory itself"
            )
        return self._writer

    # -- changes of the past ---------------------------------------------------------------------------------------

    def forget(
        self, *, since: WhenLike | None = None, before: WhenLike | None = None, source: str | None = None,
        where: Mapping[str, Any] | None = None, episodes: Iterable[int] | None = None, expired: bool = False,
        person: str | None = None, handles: Iterable[str] = (), mentions: bool = True, dry_run: bool = False,
    ) -> ForgetResult:  # fmt: skip
        """Delete the episodes that all given conditions match, with the facts, names and vectors that only they have.

        Afterwards the memory is as if it never had these texts. The facts that they retired hold again, also in
        `as_of`. A correction or retraction of a fact that only they state is deleted, too. If the graph must be made
        again, this happens in slices: other writers do not wait, and readers see the memory before or after the change.

        Args:
            since: Matches episodes with this world time or a later one.
            before: Matches episodes with an earlier world time.
            source: Matches episodes of this source, in any case and spelling of its letters.
            where: Matches episodes whose metadata and source pass this expression, as in `recall`.
            episodes: Matches episodes with these numbers.
            expired: Matches the episodes that have expired.
            person: Matches episodes that come from this person, or that mention the person as a whole word: in the
                text, the source, the metadata, the key or the facts. Names that are merged with it count, too.
            handles: Other forms that stand for the person, such as an e-mail address or "@ann".
            mentions: Whether `person` matches the episodes of others. Such an episode is deleted whole, with all its
                other facts.
            dry_run: Return what would be forgotten, and change nothing.

        Returns:
            The deleted episodes, the deleted facts, and the facts that hold again.

        Raises:
            InvalidInput: No condition is given, one has a wrong type, or no episode has a field of `where`.
            MemoryBusy: Others change the past of this space for longer than the timeout.
        """
        reviser_in = self._reviser_in()
        forms = several(handles, "handles")
        check_texts(forms, "handles")
        check_optional(person, "person")
        if forms and person is None:
            raise InvalidInput("handles=... belong to a person: give person=..., too")
        about = None if person is None else Person(person, forms, mentions)
        numbered = None if episodes is None else checked_numbers(episodes, "episodes")
        wanted = _filter(where, since, before, source, numbered, expired=expired)
        return edits.forget(self._store, reviser_in, wanted, about, dry_run=dry_run)

    def _reviser_in(self) -> edits.ReviserIn:
        """Return what finds the reviser of a text, for changes of the past."""
        writer = self._writable()
        with self._store.read() as view:
            writer.check_ontology(view)
        return writer.reviser_in

    def merge(self, name: str, into: str) -> None:
        """Treat one name as another ("Ann Smith" as "Ann") in all episodes, past and future; `split` undoes it.

        Args:
            name: The name that becomes an alias.
            into: The name that it stands for.

        Raises:
            InvalidInput: The two are one name already, or `name` was merged before.
        """
        check_texts([name, into])
        edits.merge(self._store, self._reviser_in(), name, into)
        self.embed()

    def split(self, name: str) -> None:
        """Undo the merge of a name into another.

        Raises:
            InvalidInput: The name was not merged.
        """
        check_texts([name], "name")
        edits.split(self._store, self._reviser_in(), name)
        self.embed()

    def divide(self, name: str, *, episodes: Iterable[int], kind: str | None) -> None:
        """Distinguish a name from its homonyms in some episodes: there "Victoria" is "Victoria (city)".

        It is the counterpart of `merge`. A new kind replaces the one before, and None undoes the division. Other
        episodes, also future ones, keep the name as it is.

        Args:
            name: The name, as the texts or their facts have it.
            episodes: The numbers of the episodes; `episodes(about=name)` returns all.
            kind: What distinguishes the name there, such as "city"; None takes the kind away.

        Raises:
            InvalidInput: An episode does not have the name, or the kind has parentheses.
        """
        check_texts([name], "name")
        check_optional(kind, "kind")
        numbers = checked_numbers(episodes, "episodes")
        edits.divide(self._store, self._reviser_in(), name, numbers, kind)
        self.embed()

    def delete_space(self, name: str) -> int:
        """Delete a space of the file with all that it has, and return the number of its episodes.

        Args:
            name: The space, also the one of this memory.

        Raises:
            InvalidInput: The file has no such space.
        """
        check_texts([name], "name")
        self._writable()
        return edits.delete_space(self._store, name)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the names that were merged into this name or into its target, as they were written."""
        check_texts([name], "name")
        with self._store.read() as view:
            return edits.aliases(view, name)

    # -- recall ----------------------------------------------------------------------------------------------------

    def recall(
        self,
        query: QueryLike | Sequence[QueryLike],
        *,
        facts: int | None = None,
        episodes: int | None = None,
        max_tokens: int | None = None,
        neighbors: int = 0,
        depth: int | None = None,
        width: int | None = None,
        threshold: float | None = None,
        as_of: int | None = None,
        valid_at: WhenLike | None = None,
        where: Mapping[str, Any] | None = None,
        since: WhenLike | None = None,
        before: WhenLike | None = None,
        exclude: Sequence[int] = (),
        trust: Mapping[str, float] | None = None,
        strategy: Strategy = "chains",
    ) -> Recall:
        """Return the facts and episodes for a query, best first, each with its score and the reason.

        An About adds all current facts about its name, first. A text or Query adds the facts of the best chains: a
        chain is a sequence of facts that share names. Facts that contradict each other come together and are marked.

        Args:
            query: A text, a Query with a depth of its own, an About, or a list of them.
            facts: The most facts to return; None returns all facts of About queries, and 40 others.
            episodes: The most episodes to return; None returns two, or with a budget all texts that fit and matter.
            max_tokens: The token budget of the recall's text; the least important items are dropped first.
            neighbors: How many turns or passages before and after each episode follow it, at most 2: those of the
                same metadata["session"], or the passages of one document.
            depth: The most facts of a chain, or the hops of the paper's search; None is 3, or 2 for the paper's.
            width: The chains that are extended at each length, or the paper's triplets for each vertex; None is 48,
                or 6 for the paper's.
            threshold: The least score of a chain, or of a triplet in the paper's search; None is 0.1, or 0.3 for the
                paper's.
            as_of: The last episode that is known; None for all.
            valid_at: The world time at which the facts hold; None for the current facts.
            where: An expression that the metadata and the source of an episode must pass, such as {"price": {"gte": 10,
                "lt": 20}, "tag": {"in": ["a", "b"]}, "lang": {"not": "de"}, "any": [{...}, {...}]}. A list passes if
                one element does. Facts need such an episode that states them.
            since: The earliest world time of an episode; facts need such an episode that states them.
            before: The world time that an episode must be earlier than; the same for facts.
            exclude: The numbers of episodes to leave out, with the facts that only they state.
            trust: The weights of sources by name, from 0 to 1; by default 1. A source of weight 0 is left out.
            strategy: "chains", or "paper" for the two searches of the paper (its section 2.2).

        Returns:
            The facts and episodes, and their rendered text. `explain()` shows how each was found.

        Raises:
            InvalidInput: An argument has a wrong type or a value out of range. An operator of `where` is unknown, or it
                compares a field with a value of another type.
            MemoryFileError: The file is damaged.
            EmbedderError: The embedder failed.

        Warns:
            UnknownFieldWarning: No episode has a field of `where`.
            MixedTypesWarning: Other episodes have a field of `where` with values of another type only.
        """
        request = recall_request(
            self._index.scorer, query, facts=facts, episodes=episodes, max_tokens=max_tokens, depth=depth, width=width,
            neighbors=neighbors,
            threshold=threshold, as_of=self._seen_until(as_of), where=where,
            valid_at=optional_beginning(valid_at, "valid_at"), since=optional_beginning(since, "since"),
            before=optional_beginning(before, "before"), exclude=exclude, trust=trust, strategy=strategy,
        )  # fmt: skip
        with self._index.lock, self._store.read() as view:
            return recall(request, view, self._index, self.weights)

    def why_not(self, fact: Fact | Triplet, recall: Recall) -> str:
        """Return why a fact is not in a recall of this memory: which step left it out, and by how much.

        Args:
            fact: The fact that was expected.
            recall: What `recall` returned.
        """
        triplet = fact.triplet if isinstance(fact, Fact) else fact
        check_triplets([triplet])
        with self._index.lock, self._store.read() as view:
            return why_not(triplet, recall, view, self._index)

    # -- queries to the graph --------------------------------------------------------------------------------------

    def facts(
        self, about: str | None = None, *, as_of: int | None = None, valid_at: WhenLike | None = None,
        where: Mapping[str, Any] | None = None, since: WhenLike | None = None, before: WhenLike | None = None,
    ) -> tuple[Fact, ...]:  # fmt: skip
        """Return facts in the order learned: the current ones, or those of an earlier time.

        Args:
            about: The name that the facts have as subject or object; None for all facts.
            as_of: The last episode that is known; None for all.
            valid_at: The world time at which the facts hold; None for the current facts.
            where: An expression as in `recall`; an episode that states the fact must pass it.
            since: The earliest world time of an episode that states the fact.
            before: The world time that an episode that states the fact must be earlier than.
        """
        check_optional(about, "about")
        conditions = _filter(where, since, before)
        with self._store.read() as view:
            snapshot = self._snapshot(view, as_of, valid_at)
            facts = (view.facts.at(snapshot) if about is None else view.facts.linked_to(about, snapshot)).values()
            stating = view.episodes.matching(conditions)
            return tuple(fact for fact in facts if stating is None or not stating.isdisjoint(fact.episodes))

    def history(self, name: str) -> tuple[Fact, ...]:
        """Return every fact about a name, past and current, in the order learned."""
        check_texts([name], "name")
        with self._store.read() as view:
            return tuple(view.facts.history(name, self._until).values())

    def path(self, start: str, end: str) -> tuple[Fact, ...]:
        """Return the shortest chain of current facts between two names; empty if there is none, or for one name."""
        check_texts([start, end])
        with self._store.read() as view:
            return paths.shortest(view, self._snapshot(view), start, end)

    def places(self) -> tuple[Triplet, ...]:
        """Return the facts of a map, in the order learned: exits, connections, doors and their states."""
        with self._store.read() as view:
            return paths.places(view, self._snapshot(view))

    def episode(self, number: int) -> Episode:
        """Return the episode with a number.

        Raises:
            InvalidInput: There is no such episode.
        """
        check_number(number, "number")
        with self._store.read() as view:
            found = view.episodes.some([number], self._until)
        if not found:
            raise InvalidInput(f"there is no episode {number}: see episodes() for all")
        return found[0]

    def get(self, key: str) -> Episode | None:
        """Return the newest episode with a key; None if there is none, or if it has expired."""
        check_texts([key], "key")
        with self._store.read() as view:
            withdrawn = self._snapshot(view).withdrawn
            return next((each for each in self._with_key(view, key) if each.id not in withdrawn), None)

    def versions(self, key: str) -> tuple[Episode, ...]:
        """Return all episodes with a key, oldest first: those that were replaced, and the newest one."""
        check_texts([key], "key")
        with self._store.read() as view:
            return tuple(self._with_key(view, key))

    def _with_key(self, view: View, key: str) -> list[Episode]:
        return view.episodes.some(view.episodes.numbers_of(key), self._until)

    def episodes(
        self, about: str | None = None, *, where: Mapping[str, Any] | None = None, since: WhenLike | None = None,
        before: WhenLike | None = None,
    ) -> tuple[Episode, ...]:  # fmt: skip
        """Return episodes, oldest first, without those that have expired or were replaced.

        Args:
            about: A name that the episodes mention; None for any.
            where: An expression over the metadata and the source of the episodes, as in `recall`; None for any.
            since: The earliest world time; None for any.
            before: The world time that the episodes are earlier than; None for any.
        """
        check_optional(about, "about")
        conditions = _filter(where, since, before)
        with self._store.read() as view:
            numbers = view.episodes.matching(conditions)
            if about is not None:
                names = view.facts.linked([about]).values()
                mentioning = {number for name in names for number in view.episodes.mentioning(name)}
                numbers = mentioning if numbers is None else numbers & mentioning
            withdrawn = self._snapshot(view).withdrawn
            return tuple(each for each in view.episodes.some(numbers, self._until) if each.id not in withdrawn)

    def at(self, episode: int) -> Self:
        """Return a read-only view of this memory as it was after an episode; it has the same methods."""
        check_number(episode, "episode")
        view = copy.copy(self)
        view._until = min(episode, self._until)
        return view

    def _seen_until(self, as_of: int | None) -> int:
        check_count(as_of, "as_of")
        return self._until if as_of is None else min(as_of, self._until)

    def _snapshot(self, view: View, as_of: int | None = None, valid_at: WhenLike | None = None) -> Snapshot:
        return view.snapshot(self._seen_until(as_of), optional_beginning(valid_at, "valid_at"))

    # -- in and out ------------------------------------------------------------------------------------------------

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the current facts as a networkx graph, with one edge for each fact and the relation as its key.

        Raises:
            MissingExtra: networkx is not installed.
        """
        with self._store.read() as view:
            return networkx_export.to_networkx(self._store, self._snapshot(view))

    def to_graphml(self, path: str | Path) -> None:
        """Write the current facts into a new file, as GraphML.

        Raises:
            InvalidInput: A name has a character that XML cannot hold.
            MemoryFileError: The file exists, or cannot be written.
            MissingExtra: networkx is not installed.
        """
        with self._store.read() as view:
            networkx_export.to_graphml(self._store, self._snapshot(view), path)

    def export_to(self, target: str | Path | TextIO) -> int:
        """Write this space as JSON lines for `import_from`, and return the number of episodes.

        The export is one snapshot: it does not have what others write meanwhile.

        Args:
            target: A new file, or a text stream that is open for writing.

        Raises:
            MemoryFileError: The file exists, or cannot be written.
        """
        from ariadne.memory.transfer import jsonl

        self._writable()
        return jsonl.export_to(self._store, target)

    def import_from(
        self, lines: str | Path | Iterable[str], *, progress: Callable[[int], None] | None = None
    ) -> ImportResult:
        """Import JSON lines: an export, or a line for each text with the arguments of `remember`.

        An import that was interrupted, or whose file has grown, continues after the known lines. Neither the same first
        lines nor the same keys are added twice.

        Args:
            lines: The name of a file, or the lines.
            progress: Called with the number of lines that are kept so far.

        Returns:
            How many episodes were added, and how many were known.

        Raises:
            InvalidInput: A line is wrong; the message has its number. The lines before it are kept.
            MemoryFileError: The file cannot be read.
        """
        from ariadne.memory.transfer import jsonl

        return jsonl.import_from(self._writable(), lines, progress)

    def embed(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Make and keep the vectors that the file lacks, and return their number.

        A file lacks vectors of this embedder if texts were written without it. Each process makes them again in its
        first recall until they are kept.

        Args:
            progress: Called with the numbers of vectors that are made so far, and in all.
        """
        return embed_missing(self._writable().store, self.embedder, progress)

    def reembed(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Do the same as `embed`, and delete the vectors of other embedders.

        Raises:
            InvalidInput: This memory has no embedder.
        """
        return reembed(self._writable().store, self.embedder, progress)

    def backup(self, target: str | Path) -> None:
        """Copy the file with all its spaces into a new file, while others read and write.

        Raises:
            MemoryFileError: The new file exists, or cannot be written.
        """
        self._writable()
        self._store.backup(target)

    def check(self) -> tuple[str, ...]:
        """Return each damage of the whole file as one line; nothing for a sound file."""
        with self._store.read() as view:
            return tuple(integrity.problems(view))

    def spaces(self) -> tuple[str, ...]:
        """Return the names of all spaces of the file that were ever written to."""
        with self._store.read() as view:
            return tuple(view.spaces())

    def stats(self) -> Stats:
        """Return the statistics of this space."""
        with self._store.read() as view:
            return integrity.stats(view, self._until)


def _filter(
    where: Mapping[str, Any] | None, since: WhenLike | None, before: WhenLike | None, source: str | None = None,
    episodes: Sequence[int] | None = None, *, expired: bool = False,
) -> EpisodeFilter:  # fmt: skip
    """Return a filter from the arguments of a caller; a year, a month or a day counts from its beginning."""
    times = optional_beginning(since, "since"), optional_beginning(before, "before")
    return EpisodeFilter(where, *times, source, episodes, expired)

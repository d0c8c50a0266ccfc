"""Laws that hold after every sequence of remember, correct, forget, merge, split, close and export."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from ariadne.memory import (
    About,
    AriGraph,
    Episode,
    Fact,
    HashEmbedder,
    InvalidInput,
    Query,
    Recall,
    Replacement,
    Triplet,
)
from ariadne.values import QueryLike

NAMES = ["apple", "the Apple", "box", "Table", "kitchen", "hall", "Ann", "Ann Smith"]
TEXTS = [
    "Ann saw the apple.",
    "Ann Smith went to the Pier; the Harbour Lights were out.",
    "Nothing happened.",
    "The apple again, in the hall.",
]
READ = ["-= Kitchen =-\nYou see a closed box.", "The apple is in the box.", "You take the apple from the box."]
"""Texts that come without triplets."""
RELATIONS = ["is in", "is on", "contains", "likes", "is north of"]
TIMES = range(9)
QUERIES = ["where is the apple?", "Ann Smith", "Harbour Lights"]


def with_an_end(one: dict[str, Any]) -> dict[str, Any]:
    """Return an input whose end is not before its time; a text without facts has no end."""
    if one["until"] is None or not one["triplets"]:
        return {**one, "until": None}
    return {**one, "until": max(one["until"], one["at"] or 0)}


name = st.sampled_from(NAMES)
triplets = st.builds(Triplet, name, st.sampled_from(RELATIONS), name) | st.builds(
    Triplet, name, st.just("is"), st.sampled_from(["open", "closed", "red"])
)
sources = st.sampled_from([None, "diary", "Ann"])
inputs = st.fixed_dictionaries(
    {
        "text": st.sampled_from(TEXTS),
        "triplets": st.lists(triplets, max_size=4),
        "outdated": st.lists(st.builds(Replacement, triplets, st.none() | triplets), max_size=2),
        "at": st.none() | st.sampled_from(TIMES),
        "source": sources,
        "metadata": st.sampled_from([{}, {"mood": "calm"}, {"mood": "wild", "day": "one"}]),
        "key": st.sampled_from([None, None, "step 1", "step 2"]),
        "until": st.none() | st.sampled_from(TIMES),
    }
).map(with_an_end)
"""In order or late, with good and bad proposals and with ends; sometimes under a known key."""

Operation = Callable[[AriGraph], Any]


def past(memory: AriGraph, last: int) -> list[Any]:
    """Return the facts that were known after each episode, and those valid at each time."""
    return [
        (memory.facts(as_of=number), [memory.facts(as_of=number, valid_at=at) for at in TIMES[::3]])
        for number in range(last + 1)
    ]


def hits(recall: Recall) -> list[Fact | Episode]:
    return [*recall.facts, *recall.episodes]


def recalled(memory: AriGraph, **limits: Any) -> list[Any]:
    queries: list[QueryLike] = [*QUERIES, About("the Apple")]
    found = [memory.recall(query, threshold=0.0, **limits) for query in queries]
    return [(recall, recall.text, [(hit.score, hit.why) for hit in hits(recall)]) for recall in found]


def everything(memory: AriGraph) -> dict[str, Any]:
    """Return the answers to every kind of query."""
    numbers = [episode.id for episode in memory.episodes()]
    return {
        "episodes": memory.episodes(),
        "past": past(memory, max(numbers, default=0)),
        "now": [memory.facts(valid_at=at) for at in TIMES],
        "history": [memory.history(name) for name in (*NAMES, "open", "closed", "red")],
        "aliases": [memory.aliases(name) for name in NAMES],
        "speaking": [memory.episodes(about=name) for name in NAMES],
        "recall": recalled(memory),
        "stats": replace(memory.stats(), path="", bytes=None),
    }


def exported(memory: AriGraph) -> str:
    lines = io.StringIO()
    memory.export_to(lines)
    return lines.getvalue()


def imported(lines: str, **how: Any) -> AriGraph:
    memory = AriGraph(**how)
    memory.import_from(lines.splitlines(keepends=True))
    return memory


def outcome(operation: Operation, memory: AriGraph) -> Any:
    """Return the result, or the reason of the refusal."""
    try:
        return operation(memory)
    except InvalidInput as error:
        return str(error)


class Lifetimes(RuleBasedStateMachine):
    """The same history in four memories.

    Two are in RAM, one of them without an embedder. One is in a file that is closed after every step. One is a new
    import of its own export after every step.
    """

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "kept.db"
        self._words, self._vectors = (
            AriGraph(embedder=None, ontology="text-world"),
            AriGraph(embedder=HashEmbedder(), ontology="text-world"),
        )
        self._reimported = AriGraph(embedder=None, ontology="text-world")
        self._last = self._run(lambda memory: memory.remember("It begins.", triplets=[])).episode.id

    def teardown(self) -> None:
        for memory in (self._words, self._vectors, self._reimported):
            memory.close()
        self._folder.cleanup()

    def _run(self, operation: Operation) -> Any:
        """Do one operation in every memory, and check that the results are equal."""
        result = outcome(operation, self._words)
        assert outcome(operation, self._vectors) == result
        assert outcome(operation, self._reimported) == result
        with self._opened(None) as memory:
            assert outcome(operation, memory) == result
            assert memory.check() == ()
        lines = exported(self._words)
        assert exported(self._reimported) == lines
        self._reimported.close()
        self._reimported = imported(lines, embedder=None)
        assert exported(self._reimported) == lines
        return result

    @contextmanager
    def _opened(self, embedder: HashEmbedder | None) -> Iterator[AriGraph]:
        with AriGraph.open(self._path, embedder=embedder, ontology="text-world") as memory:
            yield memory

    def _held(self) -> tuple[Fact, ...]:
        return self._words.facts()

    # -- operations ----------------------------------------------------------------------------------------------------

    @rule(inputs=inputs)
    def remember(self, inputs: dict[str, Any]) -> None:
        update = self._run(lambda memory: memory.remember(**inputs))
        if not inputs["key"]:
            assert update.episode.id > self._last
        self._last = max(self._last, update.episode.id)

    @rule(text=st.sampled_from(READ))
    def read(self, text: str) -> None:
        self._last = self._run(lambda memory: memory.remember(text)).episode.id

    @rule(many=st.lists(inputs, max_size=3))
    def remember_many(self, many: list[dict[str, Any]]) -> None:
        updates = self._run(lambda memory: memory.remember_many(many))
        self._last = max([self._last, *(update.episode.id for update in updates)])

    @precondition(lambda self: self._held())
    @rule(which=st.integers(0), by=triplets, at=st.none() | st.sampled_from(TIMES))
    def correct(self, which: int, by: Triplet, at: int | None) -> None:
        fact = self._held()[which % len(self._held())]
        self._last = self._run(lambda memory: memory.correct(fact, by, at=at)).episode.id

    @precondition(lambda self: self._held())
    @rule(which=st.integers(0))
    def retract(self, which: int) -> None:
        fact = self._held()[which % len(self._held())]
        self._last = self._run(lambda memory: memory.retract(fact, "A mistake.")).episode.id

    @rule(fact=triplets, by=triplets)
    def correct_what_may_not_hold(self, fact: Triplet, by: Triplet) -> None:
        result = self._run(lambda memory: memory.correct(fact, by))
        self._last += not isinstance(result, str)

    @precondition(lambda self: self._last)
    @rule(which=st.lists(st.integers(0), min_size=1, max_size=3), dry_run=st.booleans())
    def forget_episodes(self, which: list[int], dry_run: bool) -> None:
        numbers = [1 + one % self._last for one in which]
        self._forget({"episodes": numbers}, dry_run)

    @rule(before=st.sampled_from(TIMES[:4]), dry_run=st.booleans())
    def forget_what_was_before(self, before: int, dry_run: bool) -> None:
        self._forget({"before": before}, dry_run)

    @rule(wanted=st.sampled_from([{"source": "diary"}, {"source": "Ann", "where": {"mood": "calm"}}]))
    def forget_a_source(self, wanted: dict[str, Any]) -> None:
        self._forget(wanted, dry_run=False)

    def _forget(self, wanted: dict[str, Any], dry_run: bool) -> None:
        before = everything(self._words)
        planned = outcome(lambda memory: memory.forget(**wanted, dry_run=True), self._words)
        assert everything(self._words) == before
        forgotten = self._run(lambda memory: memory.forget(**wanted, dry_run=dry_run))
        assert forgotten == planned
        if dry_run or isinstance(forgotten, str) or not forgotten.episodes:
            assert everything(self._words) == before
        else:
            assert not {one.id for one in forgotten.episodes} & {one.id for one in self._words.episodes()}

    @rule(one=name, into=name)
    def merge(self, one: str, into: str) -> None:
        self._run(lambda memory: memory.merge(one, into))

    @rule(one=name, into=name)
    def merge_and_split(self, one: str, into: str) -> None:
        before = everything(self._words)
        if self._run(lambda memory: memory.merge(one, into)) is None:
            self._run(lambda memory: memory.split(one))
        assert everything(self._words) == before

    @rule(one=name)
    def split(self, one: str) -> None:
        self._run(lambda memory: memory.split(one))

    # -- invariants ----------------------------------------------------------------------------------------------------

    @invariant()
    def all_are_the_same_memory(self) -> None:
        by_words, by_vectors = everything(self._words), everything(self._vectors)
        assert everything(self._reimported) == by_words
        for embedder, known in ((None, by_words), (HashEmbedder(), by_vectors)):
            with self._opened(embedder) as memory:
                assert everything(memory) == known
        assert {**by_words, "recall": None} == {**by_vectors, "recall": None}

    @invariant()
    def what_was_carried_away_is_recalled_by_vectors_too(self) -> None:
        with imported(exported(self._vectors), embedder=HashEmbedder()) as memory:
            assert recalled(memory) == recalled(self._vectors)

    @invariant()
    def all_are_sound(self) -> None:
        assert (self._words.check(), self._vectors.check(), self._reimported.check()) == ((), (), ())


def test_random_histories_are_the_same_in_ram_in_a_file_and_after_export() -> None:
    run_state_machine_as_test(Lifetimes, settings=settings(max_examples=3, stateful_step_count=6, deadline=None))


@pytest.mark.soak
def test_many_random_histories_are_the_same_in_ram_in_a_file_and_after_export() -> None:
    run_state_machine_as_test(Lifetimes, settings=settings(max_examples=80, stateful_step_count=16, deadline=None))


# -- the past ----------------------------------------------------------------------------------------------------------

corrections = st.tuples(st.integers(0), st.none() | triplets, st.none() | st.sampled_from(TIMES))
scripts = st.lists(inputs.map(lambda one: {**one, "key": None}) | corrections, max_size=7)
"""Texts and corrections. A correction has: index of the wrong fact, right fact (None to retract), time."""


def play(memory: AriGraph, script: list[Any]) -> None:
    for one in script:
        if isinstance(one, dict):
            memory.remember(**one)
        elif facts := memory.facts():
            which, by, at = one
            wrong = facts[which % len(facts)]
            if by is None:
                memory.retract(wrong, "Not so.", at=at)
            else:
                memory.correct(wrong, by, at=at)
        else:
            memory.remember("Nothing to correct.", triplets=[])


def answers(memory: AriGraph) -> list[Any]:
    """Return the answers to queries about the past."""
    return [
        memory.episodes(),
        memory.facts(),
        [memory.facts(valid_at=at) for at in TIMES],
        [memory.facts(name) for name in NAMES],
        [memory.history(name) for name in NAMES],
        recalled(memory),
        [memory.episodes(about=name) for name in NAMES],
        [memory.path("apple", name) for name in NAMES],
        memory.places(),
    ]


def the_past_is_as_it_was(script: list[Any], embedder: HashEmbedder | None) -> None:
    with AriGraph(embedder=embedder, ontology="text-world") as memory:
        play(memory, script)
        for number in range(len(script) + 1):
            with AriGraph(embedder=embedder, ontology="text-world") as fresh:
                play(fresh, script[:number])
                assert answers(memory.at(number)) == answers(fresh)
                assert memory.facts(as_of=number) == fresh.facts()
                assert recalled(memory, as_of=number) == recalled(fresh)
                assert memory.facts(as_of=number, valid_at=4) == fresh.facts(valid_at=4)


@settings(max_examples=5)
@given(scripts, st.sampled_from([None, HashEmbedder()]))
def test_a_view_of_the_past_equals_a_memory_without_later_episodes(
    script: list[Any], embedder: HashEmbedder | None
) -> None:
    the_past_is_as_it_was(script, embedder)


@pytest.mark.soak
@settings(max_examples=150)
@given(scripts, st.sampled_from([None, HashEmbedder()]))
def test_many_views_of_the_past_equal_a_memory_without_later_episodes(
    script: list[Any], embedder: HashEmbedder | None
) -> None:
    the_past_is_as_it_was(script, embedder)


# -- forgotten ---------------------------------------------------------------------------------------------------------


def with_new_numbers(facts: tuple[Fact, ...], numbers: list[int]) -> list[tuple[Any, ...]]:
    """Return facts by content, times and episodes; the remaining episodes are counted from 1."""
    places = {number: place for place, number in enumerate(numbers)}
    return [
        (
            fact.triplet,
            fact.valid_from,
            fact.valid_to,
            places[fact.learned_in],
            fact.retired_in and places[fact.retired_in],
            [places[number] for number in fact.episodes],
        )
        for fact in facts
    ]


def known(memory: AriGraph) -> list[Any]:
    """Return all facts, past and current, without the numbers of episodes."""
    episodes = memory.episodes()
    numbers = [episode.id for episode in episodes]
    return [
        [(one.text, one.at, one.metadata) for one in episodes],
        with_new_numbers(memory.facts(), numbers),
        [with_new_numbers(memory.facts(as_of=number), numbers) for number in numbers],
        [with_new_numbers(memory.facts(valid_at=at), numbers) for at in TIMES],
        [with_new_numbers(memory.history(name), numbers) for name in NAMES],
        [[numbers.index(one.id) for one in memory.episodes(about=name)] for name in NAMES],
        memory.stats().names,
        [recall_again(memory.recall(query, threshold=0.0), numbers) for query in QUERIES],
    ]


def recall_again(found: Recall, numbers: list[int]) -> tuple[Any, ...]:
    return with_new_numbers(found.facts, numbers), [(numbers.index(one.id), one.score) for one in found.episodes]


def with_and_without(script: list[Any], gone: set[int], merged: list[tuple[str, str]]) -> tuple[AriGraph, AriGraph]:
    """Return a memory that forgot episodes of a script, and one that never had them.

    A correction is forgotten with what it corrects. One that is left may have no wrong fact in the other memory. Then
    it states its own fact there, at its own time.
    """
    forgetful, ignorant = AriGraph(embedder=None, ontology="text-world"), AriGraph(embedder=None, ontology="text-world")
    for one, into in merged:
        merge = methodcaller("merge", one, into)
        assert outcome(merge, forgetful) == outcome(merge, ignorant)
    again = list[Callable[[AriGraph], object]]()
    for one in script:
        again.append(remember_or_correct(forgetful, one))
    forgotten = {each.id: each.source for each in forgetful.forget(episodes=gone).episodes}
    assert {source for number, source in forgotten.items() if number not in gone} <= {"correction"}
    for number, write in enumerate(again, 1):
        if number not in forgotten:
            write(ignorant)
    return forgetful, ignorant


def remember_or_correct(memory: AriGraph, one: Any) -> Callable[[AriGraph], object]:
    """Write one line of a script, and return what writes it again, at the same time, in another memory."""
    held = memory.facts()
    if isinstance(one, dict):
        at = memory.remember(**one).episode.at
        return methodcaller("remember", **{**one, "at": at})
    if not held:
        at = memory.remember("Nothing to correct.", triplets=[]).episode.at
        return methodcaller("remember", "Nothing to correct.", triplets=[], at=at)
    wrong, by = held[one[0] % len(held)].triplet, one[1]
    episode = (memory.retract(wrong, "?") if by is None else memory.correct(wrong, by, "?")).episode
    return lambda other: state_again(other, wrong, by, episode)


def state_again(memory: AriGraph, wrong: Triplet, by: Triplet | None, episode: Episode) -> None:
    try:
        if by is None:
            memory.retract(wrong, episode.text, at=episode.at)
        else:
            memory.correct(wrong, by, episode.text, at=episode.at)
    except InvalidInput:
        memory.remember(episode.text, triplets=[] if by is None else [by], at=episode.at)


late = st.lists(inputs.map(lambda one: {**one, "key": None}), max_size=7)
in_order = st.lists(
    inputs.map(lambda one: {**one, "key": None, "at": None, "until": None})
    | corrections.map(lambda one: (*one[:2], None)),
    max_size=7,
)
merges = st.lists(st.tuples(name, name), max_size=2)


def forgetting_equals_never_remembering(script: list[Any], gone: set[int], merged: list[tuple[str, str]]) -> None:
    forgetful, ignorant = with_and_without(script, gone & set(range(1, len(script) + 1)), merged)
    with forgetful, ignorant:
        for one, into in merged:  # a merge is forgotten with the last text that has one of its names
            if one in ignorant.aliases(into) and one not in forgetful.aliases(into):
                ignorant.split(one)
        assert known(forgetful) == known(ignorant)
        assert forgetful.check() == ()


@settings(max_examples=20)
@given(late | in_order, st.sets(st.integers(1, 7), max_size=4), merges)
def test_a_memory_that_forgot_episodes_equals_one_that_never_had_them(
    script: list[Any], gone: set[int], merged: list[tuple[str, str]]
) -> None:
    forgetting_equals_never_remembering(script, gone, merged)


@pytest.mark.soak
@settings(max_examples=1000)
@given(late | in_order, st.sets(st.integers(1, 7), max_size=4), merges)
def test_many_memories_that_forgot_episodes_equal_ones_that_never_had_them(
    script: list[Any], gone: set[int], merged: list[tuple[str, str]]
) -> None:
    forgetting_equals_never_remembering(script, gone, merged)


# -- recall keeps its limits -------------------------------------------------------------------------------------------

limits = st.fixed_dictionaries(
    {},
    optional={
        "as_of": st.integers(0, 7),
        "valid_at": st.sampled_from(TIMES),
        "where": st.sampled_from([{"source": "diary"}, {"mood": "calm"}, {"source": "Ann", "mood": "wild"}]),
        "exclude": st.lists(st.integers(1, 7), max_size=3),
    },
)
asks = st.lists(
    st.sampled_from([*TEXTS, *QUERIES]) | name.map(About) | st.builds(Query, st.sampled_from(QUERIES), st.just(3)),
    min_size=1,
    max_size=3,
)


@pytest.mark.filterwarnings("ignore::ariadne.memory.storage.where.UnknownFieldWarning")
@settings(max_examples=25)
@given(scripts, scripts, asks, limits, st.sampled_from([None, HashEmbedder()]), st.sets(st.integers(1, 7), max_size=2))
def test_recall_returns_only_what_its_limits_allow(
    script: list[Any], others: list[Any], query: list[Any], limits: dict[str, Any], embedder: HashEmbedder | None,
    gone: set[int],
) -> None:  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with (
            AriGraph.open(path, embedder=embedder, ontology="text-world") as memory,
            AriGraph.open(path, embedder=embedder, ontology="text-world", space="other") as other,
        ):
            play(memory, script)
            play(other, others)
            memory.forget(episodes=gone)
            keeps_within(memory, memory.recall(query, threshold=-1.0, episodes=99, **limits), **limits)


def keeps_within(
    memory: AriGraph, found: Recall, *, as_of: int | None = None, valid_at: int | None = None,
    where: dict[str, str] | None = None, exclude: list[int] | None = None,
) -> None:  # fmt: skip
    until = 99 if as_of is None else as_of
    wanted = {one.id for one in memory.episodes(where=where) if one.id <= until} - set(exclude or [])
    holding = memory.facts(as_of=as_of, valid_at=valid_at)
    assert len(set(found.facts)) == len(found.facts)
    for fact in found.facts:
        assert fact in holding
        assert wanted & set(fact.episodes)
    assert len({one.id for one in found.episodes}) == len(found.episodes)
    for episode in found.episodes:
        assert episode == memory.episode(episode.id)
        assert episode.id in wanted

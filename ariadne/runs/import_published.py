"""Import a published record of another agent as a run.

The commands are repeated in the real game. Readings, queries, recalls, plans and decisions come from the record. To
import another format, write another `steps_of`: it returns a Step for each turn, with what the record contains.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ariadne import assembly
from ariadne.errors import Interrupted, RunError
from ariadne.memory.ontology.names import identity_of
from ariadne.runs.record import RunRecord, checksum
from ariadne.runs.recorder import Recording, fresh_folder
from ariadne.runs.replay import RecordedExtractor
from ariadne.runs.session import Parts, record_play
from ariadne.runs.settings import RunSettings
from ariadne.runs.trajectories import Turn, commands_in, read_turns
from ariadne.values import (
    MAX_SUBGOALS,
    Decision,
    Episode,
    Fact,
    Observation,
    Plan,
    Query,
    QueryLike,
    Reading,
    Recall,
    Replacement,
    Situation,
    Step,
    SubGoal,
    Triplet,
    Update,
    WorkingMemory,
)

MIND = "imported"
"""The mind of an imported run, which cannot be continued."""
_STEP = re.compile(r"step\W*(\d+)", re.IGNORECASE)
_WORD = re.compile(r"\w+")
T = TypeVar("T")


def import_run(
    path: Path, game: Path, attempt: int | None = None, goal: str | None = None, folder: Path | None = None
) -> tuple[Recording, list[int]]:
    """Import one attempt in a file of published turns as a run.

    Args:
        path: The file.
        game: The game of the attempt.
        attempt: The number of the attempt; a file with one attempt needs none.
        goal: The goal of the run; by default the main goal in the record, or the objective of the game.
        folder: The new folder of the run, by default one in runs/.

    Returns:
        The run, and the steps at which the game responds in other words than the record.

    Raises:
        RunError: The file is no such record, or has not this attempt.
    """
    if path.is_dir():
        raise RunError(f"{path}: a folder; name the file of a published record")
    turns = _attempt(path, read_turns(path), attempt)
    steps = list(steps_of(turns, list(commands_in(game, turns))))
    task = f"{path.name}:{turns[0].attempt}"
    settings = RunSettings(game=game, task=task, goal=goal, mind=MIND, steps=len(steps), seed=0)
    differing = list[int]()

    def compare(_: RunRecord, step: Step) -> None:
        if step.number <= len(steps) and _last_words(step.observation) not in _words(
            turns[step.number - 1].observation
        ):
            differing.append(step.number)

    with assembly.environment(game) as environment:
        environment.reset()
        goal = goal or _value(turns[0].plan, "main_goal", environment.objective)
        folder = folder or fresh_folder(f"{path.stem}-{turns[0].attempt}")
        run = Recording.create(folder, settings, goal=goal, game_sha256=checksum(game))
        try:
            parts = Parts(RecordedMind(steps), lambda: _memory(steps, run))
            return record_play(run, environment, parts, compare), differing
        except BaseException as error:  # a part of a record is of no use
            shutil.rmtree(run.folder)
            if isinstance(error, Interrupted):
                raise Interrupted("interrupted; nothing was imported") from error
            raise


def steps_of(turns: Sequence[Turn], commands: Sequence[Sequence[str]]) -> Iterator[Step]:
    """Return the turns as steps with these commands; an episode in a recall gets the number of its step.

    Lines of another form are left out. The reading of a turn has the triplets that the agent read.
    It also has the triplets that appear in its graph or its recall for the first time, such as the exits of a room.
    """
    known = set[Triplet]()
    for number, (turn, moves) in enumerate(zip(turns, commands, strict=False), 1):
        recalled = _triplets(turn.subgraph)
        candidates = [*_triplets(turn.graph or []), *recalled]
        read = tuple(
            dict.fromkeys([*_triplets(turn.triplets), *(triplet for triplet in candidates if triplet not in known)])
        )
        known |= set(read)
        outdated = [replacement for pair in turn.outdated for replacement in _replacements(pair)]
        numbered = [(int(found[1]), text) for text in turn.episodic if (found := _STEP.search(text))]
        episodes = [Episode(step, text, 0, None, {}) for step, text in numbered if 1 <= step < number]
        yield Step(
            number,
            Observation(turn.observation, turn.inventory or None),
            Update(Episode(number, turn.observation, number, None, {}), Reading(read, tuple(outdated))),
            tuple(Query(name, max(round(depth), 1)) for name, depth in turn.crucial_items.items()),
            Recall(
                tuple(Fact(*_parts(triplet), number, None, number, None, ()) for triplet in recalled), tuple(episodes)
            ),
            Plan(tuple(_subgoals(_value(turn.plan, "plan_steps", [])))[:MAX_SUBGOALS]),
            Decision(turn.action_text, turn.reason, tuple(moves)),
        )


@dataclass(frozen=True)
class RecordedMind:
    """A Mind with the queries, plans and decisions of recorded steps."""

    steps: Sequence[Step]

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:  # noqa: ARG002
        """Return the recorded queries."""
        return self.steps[situation.number - 1].queries

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        """Return the recorded plan and decision."""
        step = self.steps[working.situation.number - 1]
        return step.plan, step.decision


@dataclass(frozen=True)
class RecordedRecalls:
    """An AriGraph whose recalls are the recorded ones, as far as it knows their facts and episodes."""

    steps: Sequence[Step]
    memory: Any
    episodes_before: int
    """The number of episodes before the first step: those of goal and hint."""

    def recall(self, _: Sequence[QueryLike], *, exclude: Sequence[int], **__: object) -> Recall:
        """Return the recall of the step in facts and episodes of this memory."""
        recorded = self.steps[exclude[0] - self.episodes_before - 1].recall
        episodes = tuple(self.memory.episode(episode.id + self.episodes_before) for episode in recorded.episodes)
        facts = tuple(dict.fromkeys(known for fact in recorded.facts if (known := self._known(fact.triplet))))
        return Recall(facts, episodes, "\n".join([*map(str, facts), *(f"\n{episode.text}" for episode in episodes)]))

    def _known(self, triplet: Triplet) -> Fact | None:
        """Return the fact of a triplet: the current one if there is one, else the last retired one."""
        same = tuple(map(identity_of, _parts(triplet)))
        facts = [
            fact for fact in self.memory.history(triplet.subject)
            if tuple(map(identity_of, _parts(fact.triplet))) == same
        ]  # fmt: skip
        return next((fact for fact in facts if fact.retired_in is None), facts[-1] if facts else None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.memory, name)


def _memory(steps: Sequence[Step], run: Recording) -> Any:
    """Return the memory of an imported run; its closing step reads nothing."""
    end = replace(steps[-1], number=len(steps) + 1, update=replace(steps[-1].update, reading=Reading()))
    extractor = RecordedExtractor([*steps, end], assembly.EXTRACTOR)
    memory = assembly.memory(run.record.settings.memory, run.memory_path, extractor)
    return RecordedRecalls(steps, memory, run.record.episodes_before_steps)


def _attempt(path: Path, turns: Sequence[Turn], attempt: int | None) -> list[Turn]:
    attempts = sorted({turn.attempt for turn in turns})
    if not attempts:
        raise RunError(f"{path}: the file has no turns")
    chosen = attempts[0] if attempt is None and len(attempts) == 1 else attempt
    if chosen not in attempts:
        problem = "it has several attempts" if chosen is None else f"it has no attempt {chosen}"
        raise RunError(f"{path}: {problem}; name one of: {', '.join(map(str, attempts))}")
    return [turn for turn in turns if turn.attempt == chosen]


def _triplets(lists: Sequence[Sequence[str]]) -> list[Triplet]:
    return [Triplet(*parts) for parts in lists if len(parts) == 3]


def _parts(triplet: Triplet) -> tuple[str, str, str]:
    return triplet.subject, triplet.relation, triplet.object


def _replacements(pair: dict[str, list[str]]) -> Iterator[Replacement]:
    for old in _triplets([pair.get("old", [])]):
        yield Replacement(old, next(iter(_triplets([pair.get("new", [])])), None))


def _value(plan: Any, name: str, default: T) -> T:
    """Return a value of a recorded plan, or the default if it is missing or of another type."""
    value = plan.get(name, default) if isinstance(plan, dict) else default
    return value if isinstance(value, type(default)) else default


def _subgoals(steps: Sequence[dict[str, Any]]) -> Iterator[SubGoal]:
    for step in (step for step in steps if isinstance(step, dict)):
        texts = [str(text) for name, text in step.items() if name.startswith("sub_goal")]
        yield from (SubGoal(text, str(step.get("reason", "")), "") for text in texts)


def _last_words(observation: Observation) -> str:
    """Return the words of the last response; the records have no others."""
    if not observation.commands:
        return _words(observation.text)
    return _words(observation.text.rpartition(f"\n> {observation.commands[-1]}\n")[2])


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text)).casefold()

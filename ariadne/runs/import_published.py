"""A record of another agent's made into a run of ours: its moves are made again in the game, and what it read, asked,
recalled, planned and decided stands there as its record has it.

To import another format write another `steps_of`: a Step a turn, with what the record knows of it. What the game
answers is the game's; what was learned and retired comes from the memory, which is told what the agent read.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ariadne import assembly
from ariadne.errors import Interrupted, RunError
from ariadne.memory.ontology.names import identity_of
from ariadne.runs.record import Asked, checksum
from ariadne.runs.recorder import Recording, fresh_folder
from ariadne.runs.replay import RecordedExtractor, RecordedMind
from ariadne.runs.session import CONTEXT, played
from ariadne.runs.trajectories import Turn, commands_in, recorded
from ariadne.values import (
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
    Step,
    SubGoal,
    Triplet,
    Update,
)

MIND = "imported"
"""Who thinks in such a run; it thinks no further."""
_STEP = re.compile(r"step\W*(\d+)", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_SUBGOALS = 10
T = TypeVar("T")


def import_run(
    path: Path, game: Path, attempt: int | None = None, goal: str | None = None, folder: Path | None = None
) -> tuple[Recording, list[int]]:
    """One attempt of a file of published turns as a run, and the steps at which the game answers in other words than
    the file has.

    Without `goal` it is what the agent took for it, or the game's own. Raises RunError where the file is no such
    record, or has several attempts and none is named.
    """
    if path.is_dir():
        raise RunError(f"{path}: a run already, or no record; what is imported is a file")
    turns = _attempt(path, recorded(path), attempt)
    steps = list(steps_of(turns, list(commands_in(game, turns))))
    end = replace(steps[-1], number=len(steps) + 1, update=replace(steps[-1].update, reading=Reading()))
    with assembly.environment(game) as environment:
        environment.reset()
        asked = Asked(
            game=str(game),
            game_sha256=checksum(game),
            task=f"{path.name}:{turns[0].attempt}",
            goal=goal or _told(turns[0].plan, "main_goal", environment.objective),
            hint="",
            mind=MIND,
            memory="arigraph",
            steps=len(steps),
            context=CONTEXT,
            seed=0,
            valid_actions=True,
        )
        run = Recording.create(folder or fresh_folder(f"{path.stem}-{turns[0].attempt}"), asked)
        other = list[int]()

        def compared(_: Asked, step: Step) -> None:
            if step.number <= len(steps) and _last_words(step.observation) not in _words(
                turns[step.number - 1].observation
            ):
                other.append(step.number)

        try:
            return played(run, environment, RecordedMind(steps), compared, partial(_memory, [*steps, end])), other
        except BaseException as error:  # half of it is no use to anybody
            shutil.rmtree(run.folder)
            if isinstance(error, Interrupted):
                raise Interrupted("interrupted; nothing was imported") from error
            raise


def steps_of(turns: Sequence[Turn], moves: Sequence[Sequence[str]]) -> Iterator[Step]:
    """The turns as steps, each done by its moves; of an episode that was recalled the number of its step is known.

    What is no triplet is left out, and so is what else is not of the shape that these records have. A turn's reading is
    what the agent said that it read, and what else it had in its graph or its recall and was not
    told yet: the ways between rooms, which its own code put there.
    """
    told = set[Triplet]()
    for number, (turn, commands) in enumerate(zip(turns, moves, strict=False), 1):
        recalled = _triplets(turn.subgraph)
        known = [*_triplets(turn.triplets), *(one for one in _triplets(turn.graph or []) if one not in told)]
        read = tuple(dict.fromkeys([*known, *(one for one in recalled if one not in told)]))
        told |= set(read)
        outdated = [pair for told_of in turn.outdated for pair in _pairs(told_of)]
        named = [(int(one[1]), text) for text in turn.episodic if (one := _STEP.search(text))]
        episodes = [Episode(step, text, 0, None, {}) for step, text in named if 1 <= step < number]
        yield Step(
            number,
            Observation(turn.observation, turn.inventory or None),
            Update(Episode(number, turn.observation, number, None, {}), Reading(read, tuple(outdated))),
            tuple(Query(name, max(round(depth), 1)) for name, depth in turn.crucial_items.items()),
            Recall(tuple(Fact(*_parts(one), number, None, number, None, ()) for one in recalled), tuple(episodes)),
            Plan(tuple(_subgoals(_told(turn.plan, "plan_steps", [])))[:_SUBGOALS]),
            Decision(turn.said, turn.reason, tuple(commands)),
        )


@dataclass
class RecalledAsRecorded:
    """An AriGraph that recalls what is recorded, as far as it knows it."""

    steps: Sequence[Step]
    memory: Any
    _recalled: int = 0

    def recall(self, _: Sequence[QueryLike], *, exclude: Sequence[int], **__: object) -> Recall:
        """What the step recalled, in this memory's facts and episodes."""
        self._recalled += 1
        recorded = self.steps[self._recalled - 1].recall
        before_steps = exclude[0] - self._recalled  # episodes of goal and hint
        episodes = tuple(self.memory.episode(one.id + before_steps) for one in recorded.episodes)
        facts = tuple(dict.fromkeys(fact for one in recorded.facts if (fact := self._known(one.triplet))))
        return Recall(facts, episodes, "\n".join([*map(str, facts), *(f"\n{one.text}" for one in episodes)]))

    def _known(self, triplet: Triplet) -> Fact | None:
        meant = tuple(map(identity_of, _parts(triplet)))
        known = self.memory.history(triplet.subject)
        told = [fact for fact in known if tuple(map(identity_of, _parts(fact.triplet))) == meant]
        return next((fact for fact in told if fact.retired_in is None), told[-1] if told else None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.memory, name)


def _memory(steps: Sequence[Step], run: Recording) -> Any:
    own = assembly.memory(run.record.asked.memory, run.memory_path, RecordedExtractor(steps, assembly.EXTRACTOR))
    return RecalledAsRecorded(steps, own)


def _attempt(path: Path, turns: Sequence[Turn], attempt: int | None) -> list[Turn]:
    there = sorted({turn.attempt for turn in turns})
    wanted = there[0] if attempt is None and len(there) == 1 else attempt
    if wanted not in there:
        named = ", ".join(map(str, there)) or "none"
        raise RunError(
            f"{path}: which attempt? There are: {named}"
            if wanted is None
            else f"{path}: no attempt {wanted}; there are: {named}"
        )
    return [turn for turn in turns if turn.attempt == wanted]


def _triplets(told: Sequence[Sequence[str]]) -> list[Triplet]:
    return [Triplet(*one) for one in told if len(one) == 3]


def _parts(triplet: Triplet) -> tuple[str, str, str]:
    return triplet.subject, triplet.relation, triplet.object


def _pairs(told: dict[str, list[str]]) -> Iterator[Replacement]:
    for old in _triplets([told.get("old", [])]):
        yield Replacement(old, next(iter(_triplets([told.get("new", [])])), None))


def _told(plan: Any, name: str, otherwise: T) -> T:
    """What a plan says, where it is of the kind that is looked for."""
    told = plan.get(name, otherwise) if isinstance(plan, dict) else otherwise
    return told if isinstance(told, type(otherwise)) else otherwise


def _subgoals(steps: Sequence[dict[str, Any]]) -> Iterator[SubGoal]:
    for step in (step for step in steps if isinstance(step, dict)):
        named = [str(text) for name, text in step.items() if name.startswith("sub_goal")]
        yield from (SubGoal(text, str(step.get("reason", "")), "") for text in named)


def _last_words(seen: Observation) -> str:
    """Those of the last answer, where a way drew several: the records have no others."""
    return _words(seen.text.rpartition(f"\n> {seen.commands[-1]}\n")[2] if seen.commands else seen.text)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text)).casefold()

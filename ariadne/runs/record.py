"""A run as it was saved, to be read: run.json says what was asked and what came of it, steps.jsonl holds each step.

The format is told in runs/README.md; recording.py writes it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from ariadne.errors import RunError
from ariadne.llm.settings import ModelSettings
from ariadne.values import Step, Triplet

if TYPE_CHECKING:
    from ariadne.llm.call_log import Call
    from ariadne.protocols import Extractor, Memory

FORMAT = 2
STEP = TypeAdapter(Step)
RECORD, STEPS, CALLS, MEMORY = "run.json", "steps.jsonl", "calls.jsonl", "memory.db"
"""The files of a run's folder."""
SIDES = ("", "-wal", "-shm")
"""What SQLite adds to a memory's name for what it keeps beside it."""
ASIDE = "before-resume-"
"""So begin the names of memories that were set aside for new ones."""
HALF = ".part"
"""How the name of a record ends until all of it is written."""
State = Literal["running", "finished", "interrupted", "failed"]
_NEAR = 64  # steps that stay read


class Asked(BaseModel):
    """What was asked of a run."""

    model_config = ConfigDict(frozen=True)

    game: str
    game_sha256: str
    task: str = ""
    goal: str
    hint: str
    mind: str
    memory: str
    steps: int
    context: int
    seed: int
    valid_actions: bool
    moves: int | None = None
    objective: bool = True
    """Whether the game may say what its player is to do."""
    restarts: bool = False
    """Whether a game that is lost begins anew within the run."""
    reflection: str = ""
    """What came of former trials of the game."""
    thinking: ModelSettings | None = None

    @property
    def hints(self) -> str:
        """Hint and reflection, as memory and mind are told them."""
        return "\n".join(filter(None, (self.hint, self.reflection)))


class Outcome(BaseModel):
    """What came of a run; `steps` are decisions, `commands` moves in the game; times in seconds and milliseconds, of
    all sittings that came to an end; the agent's milliseconds are None where it was none of ours that thought. Tokens
    as the model's server counts them, or estimated; `cost` in dollars, None where a price is not known."""

    model_config = ConfigDict(frozen=True)

    score: int = 0
    max_score: int | None = None
    won: bool = False
    steps: int = 0
    commands: int = 0
    seconds: float = 0
    agent_ms_per_decision: float | None = None
    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    tokens_estimated: bool = False
    cost: float | None = 0


class _Form(BaseModel):
    """What all of them say, whatever else."""

    format: int


class RunRecord(BaseModel):
    """run.json; `resumed` says when the run was taken up again. While it is running, `outcome` is that of the sittings
    before."""

    format: int = FORMAT
    state: State = "running"
    error: str | None = None
    asked: Asked
    versions: dict[str, str]
    started: AwareDatetime
    resumed: tuple[AwareDatetime, ...] = ()
    ended: AwareDatetime | None = None
    outcome: Outcome | None = None


class Steps(Sequence[Step]):
    """The steps of a run in their order, each read when it is asked for; raises RunError for a line that is no step,
    and where steps are missing or the last one was cut off."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            *self._lines, self.torn = path.read_bytes().split(b"\n")
        except OSError as error:
            raise RunError(f"{path.parent}: no run's steps can be read from it ({error.strerror})") from error
        self._read = lru_cache(maxsize=_NEAR)(self._step)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, place: int) -> Step: ...
    @overload
    def __getitem__(self, place: slice) -> list[Step]: ...
    def __getitem__(self, place: int | slice) -> Step | list[Step]:
        if isinstance(place, slice):
            return [self._read(nth) for nth in range(len(self))[place]]
        return self._read(range(len(self))[place])

    def __iter__(self) -> Iterator[Step]:
        for place in range(len(self)):
            yield self._read(place)
        self.check_end()

    def size_of(self, some: int) -> int:
        """How many bytes the first lines take."""
        return sum(len(line) + 1 for line in self._lines[:some])

    def check_end(self) -> None:
        """Raises RunError where something stands behind the last whole line."""
        if self.torn:
            raise RunError(
                f"{self._path}: line {len(self) + 1} is torn: step {len(self) + 1} was not written whole; what stands"
                " before it is, and play --resume goes on from there"
            )

    def _step(self, place: int) -> Step:
        try:
            step = STEP.validate_json(self._lines[place])
        except ValidationError as error:
            raise RunError(f"{self._path}: line {place + 1} is no step: {error.errors()[0]['msg']}") from error
        if step.number != place + 1:
            what = f"step {place + 1} is missing" if step.number > place + 1 else "it stands there again"
            raise RunError(f"{self._path}: line {place + 1} is step {step.number}: {what}")
        return step


class Run:
    """A saved run: what was asked, its steps, and its memory as it stood at any of them.

    Close it, or use it in a `with`.
    """

    def __init__(self, folder: Path, record: RunRecord, steps: Steps) -> None:
        self.folder, self.record, self.steps = folder, record, steps

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """The run in a folder; raises RunError where there is none."""
        folder = Path(folder)
        return cls(folder, read_record(folder), Steps(folder / STEPS))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def lacks_its_end(self) -> bool:
        """Whether it says that it is finished, but not by the last of its steps."""
        return self.record.state == "finished" and (not len(self.steps) or bool(self.steps[-1].decision.commands))

    def room(self, number: int) -> str:
        """Where step `number` was: the room announced then, or last before; "" where none was."""
        rooms = (self.steps[at - 1].observation.room for at in range(number, 0, -1))
        return next(filter(None, rooms), "")

    def close(self) -> None:
        """Let go of its memory, and of all views of it."""
        if "_memory" in self.__dict__:
            self._memory.close()

    def memory(self, at: int | None = None) -> Memory:
        """The memory as it stood when step `at` was decided (by default the last one): read-only, its episode in it.

        Raises RunError where there is no such step, or where the memory lacks it.
        """
        number = len(self.steps) if at is None else at
        if not 1 <= number <= len(self.steps):
            raise RunError(f"{self.folder}: there is no step {number}; there are 1 to {len(self.steps)}")
        return self._memory.at(self.steps[number - 1].update.episode.id)

    @cached_property
    def calls(self) -> Mapping[int, Sequence[Call]]:
        """What a language model was asked, and said, by the step that it was asked for; nothing where none was asked.
        Raises RunError where the record of it is damaged."""
        from ariadne.llm.call_log import read_calls

        by_step: dict[int, list[Call]] = {}
        file = self.folder / CALLS
        for call in read_calls(file) if file.exists() else ():
            by_step.setdefault(call.step, []).append(call)
        return by_step

    @cached_property
    def _memory(self) -> Memory:
        """Its own where it kept a file that can be opened (SQLite writes to do that), else told all steps anew."""
        from ariadne import assembly

        file, kind = self.folder / MEMORY, self.record.asked.memory
        if file.exists() and os.access(file, os.W_OK) and os.access(self.folder, os.W_OK):
            return assembly.memory(kind, file)
        memory = assembly.memory(kind, extractor=self.extractor)
        retold(self, memory)
        return memory

    @property
    def extractor(self) -> Extractor:
        """What reads its texts as they were read then, whoever did; goal and hint, which no step holds, by rules."""
        from ariadne import assembly
        from ariadne.runs.replay import RecordedExtractor

        return RecordedExtractor(self.steps, assembly.EXTRACTOR)


def retold(run: Run, memory: Memory) -> list[Step]:
    """The steps of a run as they would have been with another memory, which is told all that its own was: what was
    asked and done is as recorded, what was learned and recalled is that memory's. No model is asked: give the memory
    `run.extractor`, and it reads what was read."""
    from ariadne.loop import play
    from ariadne.runs.replay import Collected, RecordedGame, RecordedMind

    asked, steps, collected = run.record.asked, run.steps[:], Collected()
    decisions = sum(bool(step.decision.commands) for step in steps)
    game = RecordedGame([*steps, steps[-1]])  # what the last decision of an unfinished run brought, nobody knows
    play(
        game, memory, RecordedMind(steps, ways=False), collected, goal=asked.goal, hint=asked.hints, steps=decisions,
        context=asked.context, seed=asked.seed,
    )  # fmt: skip
    return collected.steps[: len(steps)]


def held_after(steps: Iterable[Step]) -> Iterator[tuple[Step, Collection[Triplet]]]:
    """Each step, with the triplets that held after it: what the updates make of each other, in the order learned."""
    held = dict[Triplet, None]()
    for step in steps:
        for fact in step.update.retired:
            held.pop(fact.triplet, None)
        stated = (*step.update.added, *step.update.restated)
        held |= dict.fromkeys(fact.triplet for fact in stated if fact.retired_in is None)
        yield step, held.keys()


def checksum(game: Path) -> str:
    """The SHA-256 of a game's file, by which a run knows it."""
    return hashlib.sha256(game.read_bytes()).hexdigest()


def schema() -> dict[str, Any]:
    """The format as two JSON schemas: of what RECORD holds, and of a line of STEPS."""
    record = RunRecord.model_json_schema(mode="serialization")
    record["properties"]["format"] |= {"const": FORMAT}
    return {RECORD: record, STEPS: STEP.json_schema(mode="serialization")}


def read_record(folder: Path) -> RunRecord:
    """What run.json says; raises RunError where there is no such run, or where it is of another format."""
    path = folder / RECORD
    try:
        told = path.read_bytes()
        form = _Form.model_validate_json(told).format
        if form == FORMAT:
            return RunRecord.model_validate_json(told)
    except OSError as error:
        raise RunError(f"{folder}: no run: its run.json cannot be read ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}: " for part in first["loc"])
        raise RunError(f"{path}: not what a run says: {where}{first['msg']}") from error
    newer = "of a newer Ariadne" if form > FORMAT else "which was never written"
    raise RunError(f"{path}: of format {form}, {newer}; this one reads format {FORMAT}")


def read_steps(folder: Path) -> Steps:
    """The steps of a run as they were written; raises RunError where there is no such run."""
    return Steps(folder / STEPS)

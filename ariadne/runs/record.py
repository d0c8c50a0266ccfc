"""A saved run: run.json has settings and outcome, steps.jsonl each step. docs/file-formats.md describes them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from ariadne import assembly
from ariadne.errors import RunError
from ariadne.runs.replay import RecordedExtractor, rerun_with_memory
from ariadne.runs.settings import RunSettings
from ariadne.text import first_problem
from ariadne.values import Step, Triplet

if TYPE_CHECKING:
    from ariadne.llm.call_log import Call
    from ariadne.protocols import Extractor, Memory

FORMAT = 2
STEP = TypeAdapter(Step)
RECORD, STEPS, CALLS, MEMORY = "run.json", "steps.jsonl", "calls.jsonl", "memory.db"
"""The files of a run's folder."""
SIDES = ("", "-wal", "-shm")
"""The suffixes of a memory file and of the files that SQLite keeps beside it."""
ASIDE = "before-resume-"
"""The prefix of a memory file that a resumed run replaces."""
State = Literal["running", "finished", "interrupted", "failed"]
_CACHED = 64  # steps in memory


class Outcome(BaseModel):
    """The result of a run over all its sessions.

    `steps` counts decisions and `commands` counts commands in the game. `agent_ms_per_decision` is the agent's time
    without the game's, in milliseconds; it is None for imported runs and for human players. The tokens are as the
    model's server counts them, or estimated. `cost` is in dollars, and None if a price is unknown.
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

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


class _Format(BaseModel):
    """The part of run.json that every format has."""

    format: int


class RunRecord(BaseModel):
    """The content of run.json.

    `goal` is the goal of the settings or, without one, the objective of the game. `resumed` has the time of each
    resumption. `error` and `error_type` are text and class of the error that ended a failed run. While the run is
    running, `outcome` covers its earlier sessions.
    """

    format: int = FORMAT
    state: State = "running"
    error: str | None = None
    error_type: str | None = None
    settings: RunSettings
    goal: str
    game_sha256: str
    versions: dict[str, str]
    started: AwareDatetime
    resumed: tuple[AwareDatetime, ...] = ()
    ended: AwareDatetime | None = None
    outcome: Outcome | None = None

    @property
    def episodes_before_steps(self) -> int:
        """Return the number of episodes that a memory has before the first step: those of goal and hint."""
        return sum(map(bool, (self.goal, self.settings.full_hint)))


class Steps(Sequence[Step]):
    """The steps of a run in order, read on access.

    Access raises RunError for a line that is not the next step; iteration raises it for a last line that is cut off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            *self._lines, self.torn = path.read_bytes().split(b"\n")
        except OSError as error:
            raise RunError(
                f"{path.parent}: steps.jsonl cannot be read ({error.strerror}); name a run's folder"
            ) from error
        self._read = lru_cache(maxsize=_CACHED)(self._step)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, place: int) -> Step: ...
    @overload
    def __getitem__(self, place: slice) -> list[Step]: ...
    def __getitem__(self, place: int | slice) -> Step | list[Step]:
        if isinstance(place, slice):
            return [self._read(index) for index in range(len(self))[place]]
        return self._read(range(len(self))[place])

    def __iter__(self) -> Iterator[Step]:
        for place in range(len(self)):
            yield self._read(place)
        self.check_end()

    def size_of(self, count: int) -> int:
        """Return the number of bytes in the first `count` lines."""
        return sum(len(line) + 1 for line in self._lines[:count])

    def check_end(self) -> None:
        """Raise RunError if an incomplete line follows the last complete one."""
        if self.torn:
            raise RunError(
                f"{self._path}: line {len(self) + 1} is incomplete: step {len(self) + 1} was not written completely;"
                " the steps before it are intact, and resuming the run continues after them"
            )

    def _step(self, place: int) -> Step:
        try:
            step = STEP.validate_json(self._lines[place])
        except ValidationError as error:
            raise RunError(f"{self._path}: line {place + 1} is not a step: {first_problem(error)}") from error
        if step.number != place + 1:
            problem = f"step {place + 1} is missing" if step.number > place + 1 else "that step occurs twice"
            raise RunError(f"{self._path}: line {place + 1} is step {step.number}: {problem}")
        return step


class Run:
    """A saved run: its record, its steps, its model calls, and its memory as of any step.

    Close it after use, or use it in a `with` statement.
    """

    def __init__(self, folder: Path, record: RunRecord, steps: Steps) -> None:
        self.folder, self.record, self.steps = folder, record, steps

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Open the run in a folder; raise RunError if it has none."""
        folder = Path(folder)
        return cls(folder, read_record(folder), Steps(folder / STEPS))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def lacks_its_end(self) -> bool:
        """Return whether the state is finished, but the last step is not a closing step."""
        return self.record.state == "finished" and (not len(self.steps) or bool(self.steps[-1].decision.commands))

    def room(self, number: int) -> str:
        """Return the room of step `number`: the room shown then, or the latest one before; "" without any."""
        rooms = (self.steps[at - 1].observation.room for at in range(number, 0, -1))
        return next(filter(None, rooms), "")

    def close(self) -> None:
        """Close its memory and all snapshots of it."""
        if "_memory" in self.__dict__:
            self._memory.close()

    def memory(self, at: int | None = None) -> Memory:
        """Return a read-only snapshot of the memory at the decision of step `at`; by default at the last step.

        Raises RunError if there is no such step.
        """
        number = len(self.steps) if at is None else at
        if not 1 <= number <= len(self.steps):
            raise RunError(f"{self.folder}: there is no step {number}; there are 1 to {len(self.steps)}")
        return self._memory.at(self.steps[number - 1].update.episode.id)

    @cached_property
    def calls(self) -> Mapping[int, Sequence[Call]]:
        """Return the calls to a language model by step; raise RunError if their record is damaged."""
        from ariadne.llm.call_log import read_calls

        by_step: dict[int, list[Call]] = {}
        file = self.folder / CALLS
        for call in read_calls(file) if file.exists() else ():
            by_step.setdefault(call.step, []).append(call)
        return by_step

    @cached_property
    def _memory(self) -> Memory:
        """Return the memory from its file, or rebuilt from the steps.

        SQLite writes to a file that it opens, so a read-only file is rebuilt too.
        """
        file, kind = self.folder / MEMORY, self.record.settings.memory
        if file.exists() and os.access(file, os.W_OK) and os.access(self.folder, os.W_OK):
            return assembly.memory(kind, file)
        memory = assembly.memory(kind, extractor=self.extractor)
        self.rerun_with_memory(memory)
        return memory

    @property
    def extractor(self) -> Extractor:
        """Return an extractor that reads each step as recorded; the rules read the other texts, such as the goal."""
        return RecordedExtractor(self.steps, assembly.EXTRACTOR)

    def rerun_with_memory(self, memory: Memory, recall: Mapping[str, object] | None = None) -> list[Step]:
        """Return the steps as another memory updates and recalls in them; no game and no model is needed.

        Args:
            memory: An empty memory; create it with `extractor` of this run to keep the recorded readings.
            recall: Arguments for its `recall` that replace the settings of the run.
        """
        settings = self.record.settings
        arguments = {"max_tokens": settings.context, **(recall or {})}
        return rerun_with_memory(self.steps[:], memory, arguments, goal=self.record.goal, hint=settings.full_hint)


def facts_after(steps: Iterable[Step]) -> Iterator[tuple[Step, Collection[Triplet]]]:
    """Yield each step with the triplets that are current after it, in the order in which they were learned."""
    current = dict[Triplet, None]()
    for step in steps:
        for fact in step.update.retired:
            current.pop(fact.triplet, None)
        stated = (*step.update.added, *step.update.restated)
        current |= dict.fromkeys(fact.triplet for fact in stated if fact.retired_in is None)
        yield step, current.keys()


def checksum(game: Path) -> str:
    """Return the SHA-256 of a game file, which identifies the game of a run."""
    return hashlib.sha256(game.read_bytes()).hexdigest()


def schema() -> dict[str, Any]:
    """Return two JSON schemas by file name: of run.json, and of a line of steps.jsonl."""
    record = RunRecord.model_json_schema(mode="serialization")
    record["properties"]["format"] |= {"const": FORMAT}
    return {RECORD: record, STEPS: STEP.json_schema(mode="serialization")}


def read_record(folder: Path) -> RunRecord:
    """Return the content of run.json; raise RunError if it is missing, invalid or of another format."""
    path = folder / RECORD
    try:
        content = path.read_bytes()
        version = _Format.model_validate_json(content).format
        if version == FORMAT:
            return RunRecord.model_validate_json(content)
    except (FileNotFoundError, NotADirectoryError) as error:
        if not folder.exists():
            raise RunError(f"{folder}: this folder does not exist") from error
        remedy = "`ariadne runs` lists the saved runs"
        raise RunError(f"{folder} is not a saved run (it has no run.json); {remedy}") from error
    except OSError as error:
        raise RunError(f"{folder}: its run.json cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise RunError(f"{path}: not the record of a run: {first_problem(error)}") from error
    origin = "of a newer version" if version > FORMAT else "of an older version"
    raise RunError(f"{path}: format {version} is {origin}; this version reads format {FORMAT}")


def read_steps(folder: Path) -> Steps:
    """Return the steps of a run; raise RunError if they cannot be read."""
    return Steps(folder / STEPS)

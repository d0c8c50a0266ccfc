"""A suite played with every memory that is asked for: each run kept, and played once; here each in a process of its
own."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ariadne.bench.reflections import reflection_on
from ariadne.envs.suites.loader import Game, Suite
from ariadne.errors import AriadneError, RunError
from ariadne.llm.endpoint import PATIENCE, SECONDS, Endpoint
from ariadne.llm.settings import ModelSettings
from ariadne.runs.archive import delete_run, foreign_files
from ariadne.runs.record import RECORD, read_record
from ariadne.runs.session import NO_MODEL, ModelAccess, play_game, resume_game
from ariadne.runs.settings import DEFAULT_CONTEXT, RunSettings

_TRIAL = "-trial-"
_MOST = 600  # characters of what went wrong


class Item(BaseModel):
    """One run of a bench."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    game: Game
    seed: int
    memory: str = "arigraph"
    mind: str = "rules"
    context: int = DEFAULT_CONTEXT
    model_settings: ModelSettings | None = None
    trials: int = 1
    """So often its game is played at most, until it is won."""
    seconds: float = SECONDS
    patience: float = PATIENCE
    """How long a call to the model may take, and trouble that passes is waited for."""

    @property
    def name(self) -> str:
        """Of its folder, or of its first trial's."""
        return f"{self.game.name}-{self.seed}-{self.mind}-{self.memory}-{self.context}"

    @property
    def kind(self) -> tuple[str, str, str, int]:
        """What it is one seed of."""
        return self.game.name, self.mind, self.memory, self.context


def items(
    suite: Suite, *, seeds: Sequence[int], memories: Sequence[str], contexts: Sequence[int], mind: str = "rules",
    model_settings: ModelSettings | None = None, games: Sequence[str] = (), trials: int = 1, seconds: float = SECONDS,
    patience: float = PATIENCE,
) -> list[Item]:  # fmt: skip
    """Every combination, game by game; of `games` only, where some are named."""
    if unknown := {*games} - {game.name for game in suite.games}:
        named = ", ".join(game.name for game in suite.games)
        raise AriadneError(f"no game {sorted(unknown)[0]!r} in this suite; there are {named}")
    return [
        Item(
            game=game, seed=seed, memory=memory, mind=mind, context=context, model_settings=model_settings,
            trials=trials, seconds=seconds, patience=patience,
        )
        for game in suite.games if not games or game.name in games
        for memory in memories for context in contexts for seed in seeds
    ]  # fmt: skip


def play_item(item: Item, folder: Path) -> None:
    """Play a run in this process, or go on with it; nothing where it is finished. What is not won is played anew, up
    to its trials, with a reflection on those before. Raises as `play_game` and `reflection_on` do."""
    trials = _trials(item, folder)
    for number, trial in enumerate(trials):
        if not _is_finished(trial):
            _play(item, trial, trials[:number])
        if _is_won(trial):
            return


def _play(item: Item, folder: Path, before: Sequence[Path]) -> None:
    """Play a trial, or go on with it, after those before it."""
    game, access = item.game.make(item.seed), _access(item)
    if (folder / RECORD).exists():
        resume_game(folder, game=game, model_settings=item.model_settings, access=access)
        return
    how = item.game
    reflection = reflection_on(before, access, item.model_settings) if before else ""
    settings = RunSettings(
        game=game, mind=item.mind, memory=item.memory, steps=how.steps, context=item.context, seed=item.seed,
        valid_actions=how.valid_actions, moves=how.moves, objective=how.objective, restarts=how.restarts,
        model_settings=item.model_settings, reflection=reflection,
    )  # fmt: skip
    play_game(settings, folder=folder, access=access)


def _trials(item: Item, folder: Path) -> list[Path]:
    """The folders of all trials that there may be."""
    return [folder, *(folder.with_name(f"{folder.name}{_TRIAL}{nth}") for nth in range(2, item.trials + 1))]


def played(item: Item, folder: Path) -> list[Path] | None:
    """The trials, where all that are wanted were played to their end: to the first that was won, or to the last."""
    trials = _trials(item, folder)
    for number, trial in enumerate(trials, 1):
        if not _is_finished(trial):
            return None
        if _is_won(trial):
            return trials[:number]
    return trials


@dataclass(frozen=True)
class Executor:
    """Where runs are played, so many at a time. What `submit` returns says what went wrong with a run, or raises it."""

    submit: Callable[[Item, Path], Future[str | None]]
    workers: int


@contextmanager
def in_processes(workers: int) -> Iterator[Executor]:
    """Each run in a process of its own, on this machine."""
    with ThreadPoolExecutor(workers) as pool:
        yield Executor(lambda item, folder: pool.submit(_in_a_process, item, folder), workers)


def play_all(
    wanted: Iterable[Item], folder: Path, *, executor: Executor, done: Callable[[Item, str | None], None]
) -> dict[str, str]:
    """Play runs, each under `folder`, but those that are finished; what went wrong with which, by its name.

    `done` is told of each, with what went wrong with it, if anything did. Raises what `check` raises, and then plays
    nothing.
    """
    wanted = list(wanted)
    check(wanted, folder)
    wrong, waiting = dict[str, str](), deque[Item]()
    for item in wanted:
        if played(item, folder / item.name):
            done(item, None)
        else:
            waiting.append(item)
    playing = dict[Future[str | None], Item]()
    while waiting or playing:
        while waiting and len(playing) < executor.workers:
            item = waiting.popleft()
            playing[executor.submit(item, folder / item.name)] = item
        for future in wait(playing, return_when=FIRST_COMPLETED).done:
            item, problem = playing.pop(future), _problem(future)
            if problem:
                wrong[item.name] = problem
            done(item, problem)
    return wrong


def check(wanted: Iterable[Item], folder: Path) -> None:
    """Raises AriadneError where one of these runs is there, and was asked for in another way."""
    for item in wanted:
        for trial in _trials(item, folder / item.name):
            if other := _asked_otherwise(item, trial):
                raise AriadneError(f"{trial} is a run with {other}: choose another folder, or play it --again")


def forget(folder: Path) -> None:
    """Delete a game's run, if there is one, and however often it was tried again. Raises RunError where one is being
    played, or cannot be deleted, or where other files would be left in its place."""
    trials = (folder, *folder.parent.glob(f"{glob.escape(folder.name)}{_TRIAL}*"))
    runs = [trial for trial in trials if (trial / RECORD).exists()]
    if others := [file for trial in runs for file in foreign_files(trial)]:
        raise RunError(f"{others[0]}: none of a run's files; put it elsewhere, for this run is to be played anew")
    for trial in runs:
        delete_run(trial)


def _asked_otherwise(item: Item, folder: Path) -> str | None:
    """How a run that lies there was asked for otherwise than it is now, if it was."""
    if not (folder / RECORD).exists():
        return None
    game, settings = item.game, read_record(folder).settings
    pairs = (
        ("steps", settings.steps, game.steps), ("moves", settings.moves, game.moves),
        ("valid actions", settings.valid_actions, game.valid_actions), ("restarts", settings.restarts, game.restarts),
        *((name, was, _how(item.model_settings).get(name)) for name, was in _how(settings.model_settings).items()),
    )  # fmt: skip
    return next((f"{name} {was}, not {now}" for name, was, now in pairs if was != now), None)


def _how(settings: ModelSettings | None) -> dict[str, object]:
    """What may not change within a bench of how a model thinks: all but where it is reached, and what it may cost."""
    if settings is None:
        return {}
    return settings.model_dump(exclude={"limits", "prices", "base_url"})


def _is_finished(folder: Path) -> bool:
    return (folder / RECORD).exists() and read_record(folder).state == "finished"


def _is_won(folder: Path) -> bool:
    outcome = read_record(folder).outcome
    return outcome is not None and outcome.won


def _problem(future: Future[str | None]) -> str | None:
    """What went wrong with a run, in one line, where something did."""
    error = future.exception()
    error = getattr(error, "cause", None) or error  # of what Ray raises: what a run in it has raised
    told = future.result() if error is None else str(error).strip() or type(error).__name__
    return " ".join(told.split())[:_MOST] if told else None


def _in_a_process(item: Item, folder: Path) -> str | None:
    """What a process that plays the run said of what went wrong, where something did."""
    command = [sys.executable, "-m", "ariadne.bench.runner", item.model_dump_json(), str(folder)]
    threads = {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**threads, **os.environ})
    if not done.returncode:
        return None
    return next(reversed(done.stderr.strip().splitlines()), f"the process ended with {done.returncode}")


def _access(item: Item) -> ModelAccess:
    how = item.model_settings
    if how is None:
        return NO_MODEL
    return ModelAccess(
        Endpoint(
            how.model, how.base_url, temperature=how.temperature, max_reply=how.max_reply, seconds=item.seconds,
            patience=item.patience,
        )
    )  # fmt: skip


def tried(item: Item, folder: Path) -> str | None:
    """Play a run in this process; what went wrong with it, if something did that we know of. A bug is raised."""
    try:
        play_item(item, folder)
    except AriadneError as error:
        return " ".join(f"{type(error).__name__}: {error}".split())
    return None


if __name__ == "__main__":
    sys.exit(tried(Item.model_validate_json(sys.argv[1]), Path(sys.argv[2])))

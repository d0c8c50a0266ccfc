"""Plays the runs of a suite: each run in a process of its own, saved, and played only once."""

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
_MAX_PROBLEM = 600  # characters of an error message


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
    """The most times to play the game, until it is won."""
    timeout: float = SECONDS
    """Seconds of one model call, at most."""
    patience: float = PATIENCE
    """Seconds to retry while the model's server is busy or unreachable."""

    @property
    def name(self) -> str:
        """The name of its folder, or of its first trial's."""
        return f"{self.game.name}-{self.seed}-{self.mind}-{self.memory}-{self.context}"

    @property
    def kind(self) -> tuple[str, str, str, int]:
        """Everything except the seed: game, mind, memory and context."""
        return self.game.name, self.mind, self.memory, self.context


def make_items(
    suite: Suite, *, seeds: Sequence[int], memories: Sequence[str], contexts: Sequence[int], mind: str = "rules",
    model_settings: ModelSettings | None = None, games: Sequence[str] = (), trials: int = 1, timeout: float = SECONDS,
    patience: float = PATIENCE,
) -> list[Item]:  # fmt: skip
    """Return a run for each combination of game, memory, context and seed.

    `games` names the games to play; without names, all are played.

    Raises:
        AriadneError: The suite has no game of a name.
    """
    if unknown := {*games} - {game.name for game in suite.games}:
        named = ", ".join(game.name for game in suite.games)
        raise AriadneError(f"no game {sorted(unknown)[0]!r} in this suite; there are {named}")
    return [
        Item(
            game=game, seed=seed, memory=memory, mind=mind, context=context, model_settings=model_settings,
            trials=trials, timeout=timeout, patience=patience,
        )
        for game in suite.games if not games or game.name in games
        for memory in memories for context in contexts for seed in seeds
    ]  # fmt: skip


def play_item(item: Item, folder: Path) -> None:
    """Play a run in this process, or continue it; do nothing if it is finished.

    A lost game is played again, up to its number of trials, with a reflection on the trials before. Raises what
    `play_game` and `reflection_on` raise.
    """
    trials = _trials(item, folder)
    for number, trial in enumerate(trials):
        if not _is_finished(trial):
            _play(item, trial, trials[:number])
        if _is_won(trial):
            return


def _play(item: Item, folder: Path, before: Sequence[Path]) -> None:
    """Play or continue a trial; `before` are the trials before it."""
    game, access = item.game.make(item.seed), _access(item)
    if (folder / RECORD).exists():
        resume_game(folder, game=game, model_settings=item.model_settings, access=access)
        return
    kind = item.game
    reflection = reflection_on(before, access, item.model_settings) if before else ""
    settings = RunSettings(
        game=game, mind=item.mind, memory=item.memory, steps=kind.steps, context=item.context, seed=item.seed,
        valid_actions=kind.valid_actions, moves=kind.moves, objective=kind.objective, restarts=kind.restarts,
        model_settings=item.model_settings, reflection=reflection,
    )  # fmt: skip
    play_game(settings, folder=folder, access=access)


def _trials(item: Item, folder: Path) -> list[Path]:
    """Return the folders of all possible trials."""
    return [folder, *(folder.with_name(f"{folder.name}{_TRIAL}{nth}") for nth in range(2, item.trials + 1))]


def finished_trials(item: Item, folder: Path) -> list[Path] | None:
    """Return the trials up to the first win, or all; None if a trial among them is unfinished."""
    trials = _trials(item, folder)
    for number, trial in enumerate(trials, 1):
        if not _is_finished(trial):
            return None
        if _is_won(trial):
            return trials[:number]
    return trials


@dataclass(frozen=True)
class Executor:
    """A place to play runs, `workers` at a time. The future of `submit` returns the problem of a run, or raises it."""

    submit: Callable[[Item, Path], Future[str | None]]
    workers: int


@contextmanager
def in_processes(workers: int) -> Iterator[Executor]:
    """Yield an executor that plays each run in a process of this machine."""
    with ThreadPoolExecutor(workers) as pool:
        yield Executor(lambda item, folder: pool.submit(_in_a_process, item, folder), workers)


def play_all(
    wanted: Iterable[Item], folder: Path, *, executor: Executor, done: Callable[[Item, str | None], None]
) -> dict[str, str]:
    """Play the unfinished runs and return the problems by name of run.

    A crashed run is reported; the others continue.

    Args:
        wanted: The runs.
        folder: The folder of the runs' folders.
        executor: The place to play them.
        done: A function called after each run, with its problem or None.

    Raises:
        AriadneError: `check_settings` finds a run with other settings; then nothing is played.
    """
    wanted = list(wanted)
    check_settings(wanted, folder)
    problems, waiting = dict[str, str](), deque[Item]()
    for item in wanted:
        if finished_trials(item, folder / item.name):
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
                problems[item.name] = problem
            done(item, problem)
    return problems


def check_settings(wanted: Iterable[Item], folder: Path) -> None:
    """Check that the saved runs have the settings of these.

    Raises:
        AriadneError: A saved run has other settings.
    """
    for item in wanted:
        for trial in _trials(item, folder / item.name):
            if other := _other_setting(item, trial):
                raise AriadneError(f"{trial} is a run with {other}: choose another folder, or play it with --rerun")


def delete_runs(folder: Path) -> None:
    """Delete all trials of a game, if there are any.

    Raises:
        RunError: A trial is being played, cannot be deleted, or has other files in its folder.
    """
    trials = (folder, *folder.parent.glob(f"{glob.escape(folder.name)}{_TRIAL}*"))
    runs = [trial for trial in trials if (trial / RECORD).exists()]
    if others := [file for trial in runs for file in foreign_files(trial)]:
        raise RunError(f"{others[0]}: not a file of a run; move it elsewhere, because this run is played again")
    for trial in runs:
        delete_run(trial)


def _other_setting(item: Item, folder: Path) -> str | None:
    """Return the first setting of a saved run that differs, in words; None if none does."""
    if not (folder / RECORD).exists():
        return None
    game, settings = item.game, read_record(folder).settings
    now = _fixed_settings(item.model_settings)
    pairs = (
        ("steps", settings.steps, game.steps), ("moves", settings.moves, game.moves),
        ("valid actions", settings.valid_actions, game.valid_actions), ("restarts", settings.restarts, game.restarts),
        *((name, was, now.get(name)) for name, was in _fixed_settings(settings.model_settings).items()),
    )  # fmt: skip
    return next((f"{name} {was}, not {wanted}" for name, was, wanted in pairs if was != wanted), None)


def _fixed_settings(settings: ModelSettings | None) -> dict[str, object]:
    """Return the model settings that all runs of a bench must share: all but server, limits and prices."""
    if settings is None:
        return {}
    return settings.model_dump(exclude={"limits", "prices", "base_url"})


def _is_finished(folder: Path) -> bool:
    return (folder / RECORD).exists() and read_record(folder).state == "finished"


def _is_won(folder: Path) -> bool:
    outcome = read_record(folder).outcome
    return outcome is not None and outcome.won


def _problem(future: Future[str | None]) -> str | None:
    """Return a run's problem in one line; None if there is none."""
    error = future.exception()
    error = getattr(error, "cause", None) or error  # Ray wraps the error of a run
    problem = future.result() if error is None else str(error).strip() or type(error).__name__
    return " ".join(problem.split())[:_MAX_PROBLEM] if problem else None


def _in_a_process(item: Item, folder: Path) -> str | None:
    """Play a run in a new process; return its problem, or None."""
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
            how.model, how.base_url, temperature=how.temperature, max_reply=how.max_reply, seconds=item.timeout,
            patience=item.patience,
        )
    )  # fmt: skip


def run_item(item: Item, folder: Path) -> str | None:
    """Play a run in this process; return its problem, or None. A bug is raised."""
    try:
        play_item(item, folder)
    except AriadneError as error:
        return " ".join(f"{type(error).__name__}: {error}".split())
    return None


if __name__ == "__main__":
    sys.exit(run_item(Item.model_validate_json(sys.argv[1]), Path(sys.argv[2])))

"""All errors that this package raises on purpose, in one tree.

    AriadneError
    ├── MissingExtra        a part needs a package of an optional extra
    ├── GameError           a game is missing, unreadable or invalid
    ├── TaskError           a file of tasks, or a task in it, is missing or invalid
    ├── RunError            a run's folder exists, is missing, damaged or cannot be written
    ├── Interrupted         the user interrupted a run; its record is kept
    ├── MemoryFileError     a memory file is damaged, foreign, of a newer version or cannot be written
    │   └── MemoryBusy      another process wrote to the memory file for too long
    ├── ModelError          a language model's endpoint does not respond, or refuses; the message quotes it
    ├── BudgetExceeded      a run reached its limit of calls, tokens or cost; its record is kept
    ├── ReplyError          the reply of a language model has not the requested form
    ├── EmbedderError       an embedding model or endpoint is unavailable, or returns no vectors
    ├── InvalidInput        an argument is invalid
    └── ContractError       a part violates the contract of its protocol

A message names the problem, the input and the remedy. The command line prints it as one line.
"""

from __future__ import annotations

from pathlib import Path

_SHOWN = 80  # characters of a reply in a message


class AriadneError(Exception):
    """The root of the tree. Catch it to catch every error that this package raises on purpose.

    `run_folder` is the folder of the run that the error ended; None outside of a run.
    """

    run_folder: Path | None = None


class MissingExtra(AriadneError, ImportError):
    """A part needs packages that are not installed; the message names the extra."""

    def __init__(self, part: str, extra: str) -> None:
        super().__init__(f"{part} needs the extra [{extra}]: pip install 'ariadne-agent[{extra}]'")
        self.extra = extra


class GameError(AriadneError):
    """A game cannot be found, opened, made or played."""


class TaskError(AriadneError):
    """A file of tasks cannot be read, or does not contain the requested task."""


class RunError(AriadneError):
    """A run's folder cannot be created, written or read."""


class Interrupted(AriadneError):
    """The user interrupted a run; the message names its folder."""


class MemoryFileError(AriadneError):
    """A memory file cannot be opened, read or written."""


class MemoryBusy(MemoryFileError):
    """Another process wrote to the memory file for longer than the timeout. Nothing was written: try again."""

    def __init__(self, path: str, seconds: float, who: str) -> None:
        super().__init__(f"{path}: waited {seconds:g} s for {who} that is writing to it; nothing was written")


class ModelError(AriadneError):
    """A language model is unavailable or refuses. The message quotes the server, but never a key."""


class BudgetExceeded(AriadneError):
    """A run reached its limit of calls, tokens or cost."""


class ReplyError(AriadneError):
    """The reply of a language model has not the requested form; `content` is the whole reply."""

    def __init__(self, problem: str, content: str) -> None:
        super().__init__(f"a reply cannot be read: {problem}; it begins: {content[:_SHOWN]!r}")
        self.problem, self.content = problem, content


class EmbedderError(AriadneError):
    """An embedding model cannot be loaded, or its endpoint returns no vectors; nothing was written."""


class InvalidInput(AriadneError, ValueError):
    """An argument is invalid; nothing was written."""


class ContractError(AriadneError):
    """An environment, a memory or another part violates the contract of its protocol."""

"""Everything that goes wrong on purpose, in one tree.

    AriadneError
    ├── MissingExtra        a part needs a package that one of the extras brings
    ├── GameError           a game is missing, unreadable or not what it should be
    ├── TaskError           a tasks file or the task asked of it cannot be had
    ├── RunError            a run's folder exists, is missing, or cannot be written
    ├── Interrupted         a person stopped a run; what it had is kept
    ├── MemoryFileError     a memory's file is damaged, foreign, from a newer version, or cannot be written
    │   └── MemoryBusy      others were writing to it for too long
    ├── ModelError          a language model's endpoint does not answer, or refuses; what it said stands in the message
    ├── BudgetSpent         a run may not spend more on a model; what it had is kept
    ├── ReplyError          what a language model said cannot be read as what was asked for
    ├── EmbedderError       a model or an endpoint cannot be had, or gave no vectors
    ├── InvalidInput        a memory was given what it cannot keep or look for
    └── ContractError       a part broke the contract that its protocol states

Messages say what was wrong, with which input, and what to do. The command line prints them as one line.
"""

from __future__ import annotations

_SHOWN = 80  # characters of a reply in a message


class AriadneError(Exception):
    """The root of the tree: catch it to catch all that this package raises knowingly."""


class MissingExtra(AriadneError, ImportError):
    """A part needs packages that were not installed; the message names the extra."""

    def __init__(self, part: str, extra: str) -> None:
        super().__init__(f"{part} needs the extra [{extra}]: pip install 'ariadne-agent[{extra}]'")
        self.extra = extra


class GameError(AriadneError):
    """A game cannot be found, opened, made or played."""


class TaskError(AriadneError):
    """A tasks file cannot be read, or does not hold the task that was asked for."""


class RunError(AriadneError):
    """A run's folder cannot be created, written or read."""


class Interrupted(AriadneError):
    """A run was stopped from outside; the message says where it is kept."""


class MemoryFileError(AriadneError):
    """A memory's file cannot be opened as one, read or written."""


class MemoryBusy(MemoryFileError):
    """Others were writing to the memory for longer than one would wait; nothing was written: try again."""

    def __init__(self, path: str, seconds: float, who: str) -> None:
        super().__init__(f"{path}: waited {seconds:g} s for {who} that is writing to it; nothing was written")


class ModelError(AriadneError):
    """A language model cannot be had, or refused; the message has the server's words, and never a key."""


class BudgetSpent(AriadneError):
    """The calls, tokens or dollars that a run may spend are spent."""


class ReplyError(AriadneError):
    """What a language model said cannot be read as the reply that was asked for; `said` is all of it."""

    def __init__(self, wrong: str, said: str) -> None:
        super().__init__(f"a reply cannot be read: {wrong}; it began: {said[:_SHOWN]!r}")
        self.wrong, self.said = wrong, said


class EmbedderError(AriadneError):
    """A model cannot be loaded or prepared, or an endpoint does not answer with vectors; nothing was written."""


class InvalidInput(AriadneError, ValueError):
    """Memory was given what it cannot keep or look for; nothing was written."""


class ContractError(AriadneError):
    """An environment, memory or other part does not keep its protocol's contract."""

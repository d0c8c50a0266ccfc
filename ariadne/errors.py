"""Everything that goes wrong on purpose, in one tree.

    AriadneError
    ├── MissingExtra        a part needs a package that one of the extras brings
    ├── GameError           a game is missing, unreadable or not what it should be
    ├── TaskError           a tasks file or the task asked of it cannot be had
    ├── RunError            a run's folder exists, is missing, or cannot be written
    ├── Interrupted         a person stopped a run; what it had is kept
    ├── MemoryFileError     a memory's file is damaged, foreign or from a newer version
    └── ContractError       a part broke the contract that its protocol states

Messages say what was wrong, with which input, and what to do. The command line prints them as one line.
"""

from __future__ import annotations


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
    """A memory's file cannot be opened as one."""


class ContractError(AriadneError):
    """An environment, memory or other part does not keep its protocol's contract."""

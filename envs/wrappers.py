"""Wrappers of environments. Each one adds one thing to another Environment."""

from __future__ import annotations

import time

from ariadne.protocols import Environment
from ariadne.values import Observation


class Timed:
    """An Environment that measures the time another one takes and counts its commands."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.seconds = 0.0
        self.commands = 0

    def reset(self, seed: int | None = None) -> Observation:
        """Reset the environment and add the time it takes."""
        start = time.perf_counter()
        try:
            return self._environment.reset(seed)
        finally:
            self.seconds += time.perf_counter() - start

    def step(self, command: str) -> Observation:
        """Play a command, add the time it takes and count the command."""
        start = time.perf_counter()
        try:
            return self._environment.step(command)
        finally:
            self.seconds += time.perf_counter() - start
            self.commands += 1

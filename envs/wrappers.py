"""Wrappers of environments: each is an Environment that adds one thing to another."""

from __future__ import annotations

import time

from ariadne.protocols import Environment
from ariadne.values import Observation


class Timed:
    """Counts how long an environment takes to answer, and how many commands it was given."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.seconds = 0.0
        self.commands = 0

    def reset(self, seed: int | None = None) -> Observation:
        start = time.perf_counter()
        try:
            return self._environment.reset(seed)
        finally:
            self.seconds += time.perf_counter() - start

    def step(self, command: str) -> Observation:
        start = time.perf_counter()
        try:
            return self._environment.step(command)
        finally:
            self.seconds += time.perf_counter() - start
            self.commands += 1

"""What all tests share: a cache of made games that outlives a run, and the published data where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_configure(config: pytest.Config) -> None:
    if cache := getattr(config, "cache", None):
        os.environ.setdefault("ARIADNE_CACHE", str(cache.mkdir("ariadne")))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published games and runs; skips where it is absent."""
    if not (SHARED / "games").is_dir():
        pytest.skip("../shared is absent")
    return SHARED


@pytest.fixture(scope="session")
def hunt() -> Path:
    """The easy hunt of seed 1."""
    from ariadne.envs import make_treasure_hunt

    return make_treasure_hunt("easy", 1)

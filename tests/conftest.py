"""What all tests share: a cache of made games that outlives a run, and the published data where it is at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
def every_run_is_true() -> Iterator[None]:
    """Every run that is played in this process is made again in its game once it is closed: all is as recorded."""
    from ariadne.runs.record import Run
    from ariadne.runs.recorder import Recording
    from ariadne.runs.verify import verify

    close = Recording.close

    def closed(run: Recording, state: Any, *told: Any) -> None:
        close(run, state, *told)
        if state == "failed" or not Path(run.record.asked.game).exists():
            return
        with Run.open(run.folder) as saved:
            if len(saved.steps):
                assert verify(saved) is None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recording, "close", closed)
        yield


@pytest.fixture(scope="session")
def hunt() -> Path:
    """The easy hunt of seed 1."""
    from ariadne.envs import make_treasure_hunt

    return make_treasure_hunt("easy", 1)

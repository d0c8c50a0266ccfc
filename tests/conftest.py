"""What all tests share: made games, Hypothesis profiles, and the published data if it is at hand."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from tests.scale import SOAK

SHARED = Path(__file__).resolve().parents[2] / "shared"

settings.register_profile("fast", deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("fast"), max_examples=500)
settings.load_profile("soak" if SOAK else "fast")


def pytest_configure(config: pytest.Config) -> None:
    """Keep made games in pytest's cache folder, and let the tests' programs be interrupted.

    A shell starts background jobs with SIGINT ignored, and their programs inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if cache := getattr(config, "cache", None):
        os.environ.setdefault("ARIADNE_CACHE", str(cache.mkdir("ariadne")))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published games and runs; skips where it is absent."""
    if not (SHARED / "games").is_dir():
        pytest.skip("../shared is absent")
    return SHARED


@pytest.fixture(scope="session")
def made_games() -> None:
    """Make the games that many tests play, at once in two processes; the other test workers wait."""
    from ariadne.envs import make_cooking, make_treasure_hunt

    makers: list[Callable[[], Path]] = [
        partial(make_treasure_hunt, "easy", 1),
        partial(make_treasure_hunt, "easy", 2),
        partial(make_cooking, "1", 1),
    ]
    with FileLock(Path(os.environ["ARIADNE_CACHE"], "made.lock")), ThreadPoolExecutor(2) as threads:
        for made in [threads.submit(make) for make in makers]:
            made.result()


@pytest.fixture(scope="session")
def hunt(made_games: None) -> Path:
    """The easy hunt of seed 1."""
    from ariadne.envs import make_treasure_hunt

    return make_treasure_hunt("easy", 1)

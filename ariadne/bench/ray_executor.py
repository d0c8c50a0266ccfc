"""The runs of a bench spread over a Ray cluster: each a task in a worker of its own. Where that dies, alone or with its
machine, the task is given to another one, which goes on with the run."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ariadne.bench.runner import Executor, Item, tried
from ariadne.errors import AriadneError, MissingExtra

RETRIES = 3
"""So many workers of a run may die before it is given up."""
_SECONDS = 10  # that a machine may take to answer at all
_STORE = 80 * 2**20  # bytes for what tasks hand to each other, which is next to nothing: the least that Ray accepts


@contextmanager
def on_ray(address: str | None = None, workers: int | None = None) -> Iterator[Executor]:
    """The runs as tasks of the cluster at an address, or of one that is started on this machine, and ended with this;
    `workers` at a time, or as many as it has cores.

    Each machine of a cluster needs Ariadne, and the folder of the runs under the same path. Raises MissingExtra without
    the extra [ray], AriadneError where there is no such cluster.
    """
    ray = _begun(address, workers or os.cpu_count() or 1)
    try:
        task = ray.remote(max_calls=1, max_retries=RETRIES)(tried)

        def submit(item: Item, folder: Path) -> Future[str | None]:
            future: Future[str | None] = task.remote(item, folder.resolve()).future()
            return future

        yield Executor(submit, workers or int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()


def _begun(address: str | None, cores: int) -> Any:
    """Ray, connected; it tells nobody of its use, serves no page, and says nothing of its own. One that is started here
    heeds those alone who have this user's token (`~/.ray/auth_token`), which Ray sees to."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("a bench on Ray", "ray") from error
    of_its_own = {} if address else {"num_cpus": cores, "object_store_memory": _STORE, "include_dashboard": False}
    try:
        _knock(address or "")
        ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **of_its_own)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise AriadneError(f"no Ray cluster at {address or 'this machine'}: {error}") from error
    return ray


def _knock(address: str) -> None:
    """Raises OSError where nobody listens at an address: Ray itself would go on asking for minutes."""
    told = urlsplit(address if "//" in address else f"//{address}")
    if told.hostname and told.port:
        socket.create_connection((told.hostname, told.port), timeout=_SECONDS).close()

"""Plays the runs of a bench on a Ray cluster, each as a task in a worker of its own.

If a worker or its machine dies, another worker continues the run.
"""

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

from ariadne.bench.runner import Executor, Item, run_item
from ariadne.errors import AriadneError, MissingExtra

RETRIES = 3
"""The most workers of a run that may die."""
_CONNECT_TIMEOUT = 10  # seconds
_OBJECT_STORE = 80 * 2**20  # bytes: the least that Ray accepts; tasks exchange almost nothing


@contextmanager
def on_ray(address: str | None = None, workers: int | None = None) -> Iterator[Executor]:
    """Yield an executor on a Ray cluster.

    Each machine of the cluster needs Ariadne, and the folder of the runs under the same path.

    Args:
        address: The cluster's address; None starts Ray on this machine until the end.
        workers: The number of parallel runs; None uses all cores.

    Raises:
        MissingExtra: The extra [ray] is missing.
        AriadneError: There is no cluster at the address.
    """
    ray = _connect(address, workers or os.cpu_count() or 1)
    try:
        task = ray.remote(max_calls=1, max_retries=RETRIES)(run_item)

        def submit(item: Item, folder: Path) -> Future[str | None]:
            future: Future[str | None] = task.remote(item, folder.resolve()).future()
            return future

        yield Executor(submit, workers or int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()


def _connect(address: str | None, cores: int) -> Any:
    """Connect to Ray, or start it, without usage statistics, dashboard and log.

    A Ray started here accepts only clients with this user's token (`~/.ray/auth_token`).
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("a bench on Ray", "ray") from error
    local_options = (
        {} if address else {"num_cpus": cores, "object_store_memory": _OBJECT_STORE, "include_dashboard": False}
    )
    try:
        _check_address(address or "")
        ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **local_options)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise AriadneError(f"no Ray cluster at {address or 'this machine'}: {error}") from error
    return ray


def _check_address(address: str) -> None:
    """Raise OSError if no server listens at an address: Ray itself would retry for minutes."""
    url = urlsplit(address if "//" in address else f"//{address}")
    if url.hostname and url.port:
        socket.create_connection((url.hostname, url.port), timeout=_CONNECT_TIMEOUT).close()

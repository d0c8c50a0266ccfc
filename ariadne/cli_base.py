"""What all commands share: how they end, how text is shown to people, and the option that speaks to programs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from ariadne.errors import AriadneError

P = ParamSpec("P")
AS_PATH = click.Path(path_type=Path)
json_option = click.option("--json", "as_json", is_flag=True, help="Print nothing but one JSON object, at the end.")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What moves a terminal's cursor, colours it, breaks or turns round a line, or cannot be printed."""


def shown(text: object, *, keep: str = "") -> str:
    """A text for people: its control characters escaped, all but those to `keep`."""
    return _CONTROL.sub(lambda found: found[0] if found[0] in keep else ascii(found[0])[1:-1], str(text))


def plainly(command: Callable[P, None]) -> Callable[P, None]:
    """What goes wrong on purpose, and Ctrl-C, end a command with one line on standard error and exit status 1; a reader
    of our output that goes away, as `head` does, ends it without a word."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            if sys.stdout is not None:
                sys.stdout.flush()
        except AriadneError as error:
            _fail(error)
        except OSError as error:  # what the parts do not map to an error of ours: our output cannot be written
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries it again when it ends
            _fail("" if isinstance(error, BrokenPipeError) else error)
        except (KeyboardInterrupt, click.Abort):
            _fail("interrupted")

    return run


def _fail(why: object) -> None:
    if told := " ".join(str(why).split()):
        click.echo(f"ariadne: {shown(told)}", err=True)
    sys.exit(1)

"""The command line. It reads arguments, calls the library and prints results.

Exit status 0: done. 1: it failed, and one line on standard error gives the reason. 2: wrong usage.
"""

from __future__ import annotations

import click

from ariadne import __version__
from ariadne.cli.bench.measurements import bench
from ariadne.cli.make import make
from ariadne.cli.memory import memory_commands
from ariadne.cli.play import play
from ariadne.cli.replay import replay
from ariadne.cli.runs import runs


class _CommandsInOrder(click.Group):
    """A group whose --help lists its commands in the order of their use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)


@click.group(cls=_CommandsInOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ariadne")
def main() -> None:
    """Run agents whose memory is a knowledge graph. No model, no server and no network are needed."""


for _command in (play, make, replay, runs, memory_commands, bench):
    main.add_command(_command)

"""The command line. It reads arguments, calls the library and prints results.

Exit status 0: done. 1: it failed, and one line on standard error gives the reason. 2: wrong usage.
"""

from __future__ import annotations

from importlib import import_module

import click

from ariadne import __version__

_COMMANDS = {
    "play": "play:play",
    "make": "make:make",
    "replay": "replay:replay",
    "runs": "runs:runs",
    "memory": "memory:memory_commands",
    "bench": "bench.measurements:bench",
}
"""The commands in the order of their use, each with its module and its name there."""


class _ImportedWhenUsed(click.Group):
    """A group that imports only the command that is used; --help lists the commands in their order."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"ariadne.cli.{module}"), name)
        return command


@click.group(cls=_ImportedWhenUsed, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ariadne")
def main() -> None:
    """Run agents whose memory is a knowledge graph. No model, no server and no network are needed."""

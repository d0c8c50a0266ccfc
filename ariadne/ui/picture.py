"""Draws the live picture of a step as SVG. The same run gives the same bytes, and the file loads nothing."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from ariadne.runs.record import Run
from ariadne.ui.live import Picture

_WIDTH = 110  # characters
_TITLE = "ariadne play"
_ID = "ariadne"
_TEMPLATE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""The frame of the SVG. rich's own one loads a font from a server."""


def svg_of_step(run: Run, number: int) -> str:
    """Return the live picture of a run after a step (from 1) as SVG."""
    picture = Picture()
    console = Console(record=True, width=_WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    for step in run.steps[:number]:
        panel = picture.draw(run.record, step)
    console.print(panel)
    return console.export_svg(title=_TITLE, code_format=_TEMPLATE, unique_id=_ID)

"""The kinds of memory that a run can have."""

from __future__ import annotations

import pytest

from ariadne import assembly

MEMORIES = [
    pytest.param(kind, marks=pytest.mark.sample) if kind.startswith("arigraph-") else kind
    for kind in assembly.MEMORIES
]  # fmt: skip
"""Each kind of memory; the graphs that lack a part are in the sample."""

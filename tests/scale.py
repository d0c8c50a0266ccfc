"""How much a long test does: a share of it in `make test-sample`, all of it in `make test-soak`."""

from __future__ import annotations

import os

SOAK = "ARIADNE_SOAK" in os.environ


def scaled(share: int, whole: int) -> int:
    """Return the share; in a soak the whole."""
    return whole if SOAK else share

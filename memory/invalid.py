"""See told.py."""

from ariadne.errors import InvalidInput

__all__ = ["InvalidInput"]

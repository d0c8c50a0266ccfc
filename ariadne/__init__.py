"""Ariadne: an agent framework whose memory is a knowledge graph."""

__version__ = "0.1.0"

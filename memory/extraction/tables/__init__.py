"""Sentence patterns of text worlds, as data."""

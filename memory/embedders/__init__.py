"""Embedders: from texts to unit vectors."""

"""A mind that asks a language model."""

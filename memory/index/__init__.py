"""Facts and vectors in RAM, ready for search."""

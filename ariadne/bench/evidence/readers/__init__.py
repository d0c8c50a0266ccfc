"""Readers of public benchmarks: one module a format. `files` finds out which one a file has."""

"""Benchmarks: suites of games, recall speed, graph truth."""

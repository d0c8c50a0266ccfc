"""Suites of games for benchmarks."""

"""Runs: play a game, record it, read it, replay it."""

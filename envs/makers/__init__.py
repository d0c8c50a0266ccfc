"""Makers of games."""

"""A mind by rules: planner and action selector."""

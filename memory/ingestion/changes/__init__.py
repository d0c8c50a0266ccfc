"""Changes of the past on request: forget, merge, split and divide."""

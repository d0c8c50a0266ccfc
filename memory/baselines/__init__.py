"""Other memories to compare with: none, plain texts, ablations."""

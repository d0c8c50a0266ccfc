"""`ariadne bench`: measures memories, and plays suites of games."""

"""How a statement changes the times of facts: what it ends, and in which intervals each fact holds."""

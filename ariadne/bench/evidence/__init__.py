"""How much of the labelled evidence a memory recalls, in conversations and in documents, and what a model answers."""

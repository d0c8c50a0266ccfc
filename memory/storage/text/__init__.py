"""How a text is cut for the file and its index: into words, sentences and passages."""

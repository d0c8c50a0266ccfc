"""Changes of the past in the file: deletion, whole rows, and hidden spaces."""

"""TextWorld-Express games."""

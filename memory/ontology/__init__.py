"""What names and relations mean, and which facts exclude each other."""

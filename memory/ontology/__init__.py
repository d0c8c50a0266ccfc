"""Names, slots and revision: when two names are one, and which facts exclude each other."""

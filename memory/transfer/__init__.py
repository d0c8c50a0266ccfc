"""Export and import: JSON lines, networkx, GraphML."""

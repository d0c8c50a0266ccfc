"""How a text becomes an episode and changes the graph."""

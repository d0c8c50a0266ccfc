"""From a query to a recall."""

"""Days, identifiers and money."""

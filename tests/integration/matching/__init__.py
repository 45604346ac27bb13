"""Matching over the city: what new data and new days decide again."""

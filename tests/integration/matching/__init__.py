"""Runs over the city, what new data decides again, and the days that decide."""

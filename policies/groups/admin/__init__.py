"""Stacking groups and their proposals in the admin."""

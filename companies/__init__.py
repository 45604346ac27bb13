"""Firms and people, and the data about them that departments share."""

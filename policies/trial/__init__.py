"""Tries a version on invented facts: for examples, and for the public calculator."""

"""Writes checked rows to their tables, by set."""

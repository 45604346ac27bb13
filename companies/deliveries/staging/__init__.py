"""Reads a file into a staging table, and checks its rows."""

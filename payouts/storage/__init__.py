"""Bytes kept in the database in pieces, written and read as streams."""

"""Storage of file bytes in the database, in pieces, written and read as streams."""

"""The facts that departments share: their tables, their catalogue, and what is checked in a row."""

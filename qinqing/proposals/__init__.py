"""Changes that take two people: one proposes, another decides, and the database carries out what was confirmed."""

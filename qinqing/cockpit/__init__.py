"""The public figures: what was paid, to how many, and where."""

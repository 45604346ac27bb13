"""The life of a version: officers write, review, publish, suspend and close it."""

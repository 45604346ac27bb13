"""Policies as DMN files: exported, imported, refused."""

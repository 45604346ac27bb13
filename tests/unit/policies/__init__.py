"""Phrases, dependencies and files of policies, without matching."""

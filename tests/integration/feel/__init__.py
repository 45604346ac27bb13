"""Statements that the rule language compiles, and the command that runs a rule."""

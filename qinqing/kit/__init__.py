"""Runs the public kit of DMN cases, and hostile rules, against the rule language."""

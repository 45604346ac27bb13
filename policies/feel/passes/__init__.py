"""Passes over checked terms: what is stale or unknown, and what is too large for the engines."""

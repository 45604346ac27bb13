"""Whom a draft would entitle and what it would cost: at once by a sample, then by every firm."""

"""Policies as rules over shared data, and who is entitled under them."""

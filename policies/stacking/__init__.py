"""Stacking: which policies compete for which seats, and what each of them pays then."""

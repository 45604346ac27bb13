"""Stacking: which policies compete for which places, and what each of them pays then."""

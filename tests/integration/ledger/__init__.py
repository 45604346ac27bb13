"""Funds, grants, shares, settlements, and the guards of payouts."""

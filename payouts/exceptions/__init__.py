"""Payouts that do not go on by themselves, and what a clerk does about them."""

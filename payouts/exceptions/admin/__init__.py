"""Payouts, stuck work and third parties in the admin."""

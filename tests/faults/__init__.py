"""Payouts are claimed and paid while parts of the product are killed; a judge counts what went wrong."""

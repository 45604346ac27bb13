"""Funds, their postings and the one way in which payouts move."""

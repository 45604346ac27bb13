"""Funds, grants and shares in the admin."""

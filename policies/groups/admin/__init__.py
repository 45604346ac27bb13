"""Stacking groups in the admin."""

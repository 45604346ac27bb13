"""Deliveries, their files, the quarantine, and the promises about firms and people."""

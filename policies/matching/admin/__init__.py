"""Runs of matching and entitlements in the admin."""

"""Deliveries and the tokens of departments' machines in the admin."""

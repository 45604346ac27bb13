"""Departments' lists: one officer uploads a list, another publishes it, and the firms on it claim."""

"""Batches, their files, layouts and banks in the admin."""

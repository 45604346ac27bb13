"""Batches of files for banks, from their opening to the bank's reply."""

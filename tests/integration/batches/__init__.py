"""Batches of files for banks, from the assembly to the answer."""

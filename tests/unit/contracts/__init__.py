"""Contracts of datasets, read and written without a database."""

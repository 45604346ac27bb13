"""Contracts of datasets and the tables that PostgreSQL builds of them."""

"""Tests of operations and queries on the database, by slice."""

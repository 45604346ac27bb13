"""Tests of single functions, most of them without a database."""

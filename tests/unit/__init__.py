"""Tests of functions alone, most of them without a database."""

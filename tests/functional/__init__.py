"""Tests that ask the site over HTTP, as each kind of person who uses it."""

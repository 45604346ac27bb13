"""Measures memory and time for the largest files: `python -m tests.sizes --lines 600000 --report exports.json`."""

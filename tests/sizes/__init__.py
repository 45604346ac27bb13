"""How much memory and time the largest files take: `python -m tests.sizes --lines 600000 --report exports.json`."""

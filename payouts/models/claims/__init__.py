"""The click and the payouts it opens, with each of their moves."""

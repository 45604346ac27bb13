"""Property tests: random rules, histories and replies, and what has to hold for all of them."""

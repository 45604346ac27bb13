"""Property tests: random rules, histories and replies, and the properties that all of them keep."""

"""Circuit breakers, post-audits, and the proof of the books against the bank's."""

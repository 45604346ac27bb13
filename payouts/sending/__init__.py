"""Instructions to the bank: stored, committed, then sent; a time-out is asked about."""

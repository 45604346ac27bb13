"""`payout_states` writes the page of moves; `reconcile` proves the books against the bank's books."""

"""Models of claims, of the payouts that claims open, and of the moves of payouts."""

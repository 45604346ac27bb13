"""Money that is demanded back: demands, repayments, appeals."""

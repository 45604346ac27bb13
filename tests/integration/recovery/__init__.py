"""Money demanded back, and the blacklist as a fact."""

"""The click: entitlements are locked, checked and become payouts, and their money is reserved."""

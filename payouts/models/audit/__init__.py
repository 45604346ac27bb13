"""Models of checks after payment, of demands to repay, and of the blacklist."""

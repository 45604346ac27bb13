"""Replies of banks, in files and by the interface, and what they mean for a payout."""

"""Replies of banks, in files and over the interface, and what they mean for a payout."""

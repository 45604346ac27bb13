"""Instructions sent to the bank, their leases, and money that comes back."""

"""Instructions that workers send to the bank, their leases, and money that the bank returns."""

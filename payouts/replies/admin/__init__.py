"""Instructions, replies and findings in the admin."""

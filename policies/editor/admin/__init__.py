"""The editor of rules in the admin."""

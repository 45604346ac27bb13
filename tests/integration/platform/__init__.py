"""What all parts rest on: services, roles, plans, logs, guards of the database."""

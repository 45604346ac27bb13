"""What all slices rest on: services, roles, plans, logs, guards of the database."""

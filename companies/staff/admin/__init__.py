"""The accounts of people in the admin: read here, and changed by proposal."""

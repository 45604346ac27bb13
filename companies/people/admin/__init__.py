"""Accounts, memberships, employees and sign-ins in the admin."""

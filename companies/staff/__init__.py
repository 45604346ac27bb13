"""Accounts, roles and lost second factors of officials: one security administrator proposes, another confirms."""

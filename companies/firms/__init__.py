"""Firms, their payee accounts, and third parties that are paid for them."""

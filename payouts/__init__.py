"""Entitlements become money: firms claim them, the platform sends the payouts, banks answer, officers check."""

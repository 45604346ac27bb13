"""Commands of `manage.py` about payouts."""

"""Commands of `manage.py` about policies."""

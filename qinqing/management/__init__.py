"""Commands of `manage.py` about the whole site."""

"""Commands of `manage.py` about deliveries and sealed numbers."""

"""Reminders and the consequences of closing in the admin."""

"""The code that all pages of the admin share."""

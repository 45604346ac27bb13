"""The code that all apps share; it imports none of them."""

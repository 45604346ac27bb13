"""What all apps share; it imports none of them."""

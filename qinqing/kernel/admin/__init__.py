"""What all desks of the admin share."""

"""What a department does: deliveries, tokens, its desk."""

"""Instructions that leave as files: assembled, sealed, approved, released, answered, closed."""

"""What a department does: it delivers files, uses tokens and reads its desk."""

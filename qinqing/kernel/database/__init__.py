"""What all apps need of the database: columns, statements, guards, and SQL in files that migrations install."""

"""A seeded generator of the files that the departments of an invented Hangzhou share."""

"""From the bytes of a file to checked rows of a staging table."""

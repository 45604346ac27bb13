"""SQL in files, and what migrations install of it."""

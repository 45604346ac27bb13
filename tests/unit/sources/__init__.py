"""Small parts of sources."""

"""What banks answer in files: bytes in, rows out, without any effect."""

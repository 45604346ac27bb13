"""Models of banks, of instructions to them, and of their replies."""

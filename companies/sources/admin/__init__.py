"""The pages of sources and of their pulls."""

"""A version from its draft to its end: written, reviewed, published, suspended, closed."""

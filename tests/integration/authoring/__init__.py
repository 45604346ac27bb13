"""The life of a version: written, reviewed, published, suspended, closed."""

"""A version tried on facts made up by hand: examples, and the public calculator."""

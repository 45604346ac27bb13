"""People who sign in, and the firms for which they act."""

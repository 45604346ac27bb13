"""People who sign in, and the firms that they act for."""

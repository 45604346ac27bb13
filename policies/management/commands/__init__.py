"""`policy` exports, checks, imports and evaluates a policy as one file."""

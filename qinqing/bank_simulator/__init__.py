"""A bank for trials, in a process of its own and with books of its own; it knows nothing of the platform."""

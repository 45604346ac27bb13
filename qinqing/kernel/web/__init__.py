"""The code that all pages share: limits, sessions, refusals, and the kind of request."""

"""Sign-in by the city's identity: who comes, for which firms, and what the first sign-in of a firm settles."""

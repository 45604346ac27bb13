"""Sources that the platform pulls."""

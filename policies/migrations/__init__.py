"""Creates the tables of `policies`, and installs their views, functions and guards."""
